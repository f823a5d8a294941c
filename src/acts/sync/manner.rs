//! How texts are written: a column of dates that becomes day numbers is one of texts before and after, and holds no date any more.

use crate::domain::text::trimmed;

/// Fewer texts than this tell nothing of a column.
const TEXTS_MIN: u64 = 10;
/// Letters of a text that is kept to be shown.
const EXAMPLE_LETTERS: usize = 80;

/// A way in which a text is written, with its words.
struct Manner {
    is: fn(&[u8]) -> bool,
    fr: &'static str,
    en: &'static str,
}

/// The first that fits counts; any text fits the last.
const MANNERS: [Manner; 4] = [
    Manner { is: is_date, fr: "date (texte)", en: "date (text)" },
    Manner { is: is_rounded, fr: "nombre arrondi (texte)", en: "rounded number (text)" },
    Manner { is: is_number, fr: "nombre (texte)", en: "number (text)" },
    Manner { is: |_| true, fr: "mots", en: "words" },
];

/// How the texts of a column are written.
#[derive(Debug, Default)]
pub struct Manners {
    times: [u64; MANNERS.len()],
    examples: [Option<Box<str>>; MANNERS.len()],
}

impl Manners {
    /// Takes one text into account, which is not empty.
    pub fn meet(&mut self, text: &str) {
        let signs = trimmed(text).as_bytes();
        // What begins with a letter is no date and no number.
        let rank = match signs.first() {
            Some(first) if first.is_ascii_alphabetic() => None,
            _ => MANNERS.iter().position(|manner| (manner.is)(signs)),
        };
        let rank = rank.unwrap_or(MANNERS.len() - 1);
        self.times[rank] += 1;
        if self.examples[rank].is_none() {
            self.examples[rank] = Some(text.chars().take(EXAMPLE_LETTERS).collect());
        }
    }

    /// Takes other texts into account.
    pub fn add(&mut self, others: &Manners) {
        for (rank, times) in others.times.iter().enumerate() {
            self.times[rank] += times;
            if self.examples[rank].is_none() {
                self.examples[rank].clone_from(&others.examples[rank]);
            }
        }
    }

    /// The manner of nearly all of them, in French and in English, and whether most of `now` are written in another one: which, with a
    /// text that shows it.
    pub fn left_for<'n>(&self, now: &'n Manners) -> Option<Turned<'n>> {
        let (of, of_now) = (self.count(), now.count());
        let was = (0..MANNERS.len()).find(|rank| self.times[*rank] * 10 >= of * 9)?;
        if of < TEXTS_MIN || of_now < TEXTS_MIN || now.times[was] * 2 >= of_now {
            return None;
        }
        let is = (0..MANNERS.len()).max_by_key(|rank| now.times[*rank])?;
        let words = |rank: usize| (MANNERS[rank].fr, MANNERS[rank].en);
        Some(Turned { was: words(was), is: words(is), example: now.examples[is].as_deref() })
    }

    /// Are most of the texts written otherwise than `was` says, as far as anybody can tell? `None` where `was` is no manner.
    pub fn are_not(&self, was: &str) -> Option<bool> {
        let was = MANNERS.iter().position(|manner| manner.en == was)?;
        Some(self.times[was] * 2 < self.count().max(1))
    }

    fn count(&self) -> u64 {
        self.times.iter().sum()
    }
}

/// How the texts of a column were written, and how they are.
#[derive(Debug, PartialEq, Eq)]
pub struct Turned<'n> {
    /// Before, in French and in English.
    pub was: (&'static str, &'static str),
    /// Now.
    pub is: (&'static str, &'static str),
    /// A text of now.
    pub example: Option<&'n str>,
}

/// `2024-03-01`, `01/03/2024`, whatever follows.
fn is_date(signs: &[u8]) -> bool {
    let Some(signs) = signs.get(..10) else { return false };
    let digits = |places: &[usize]| places.iter().all(|place| signs[*place].is_ascii_digit());
    let marks = |one: usize, other: usize| signs[one] == signs[other] && matches!(signs[one], b'-' | b'/' | b'.');
    digits(&[0, 1, 2, 3, 5, 6, 8, 9]) && marks(4, 7) || digits(&[0, 1, 3, 4, 6, 7, 8, 9]) && marks(2, 5)
}

/// Digits, what groups them, a sign.
fn is_number(signs: &[u8]) -> bool {
    // Blanks that do not break are several bytes.
    let fits = |byte: &u8| byte.is_ascii_digit() || b".,- ()".contains(byte) || b"\xc2\xa0\xe2\x80\xaf".contains(byte);
    signs.iter().all(fits) && signs.iter().any(u8::is_ascii_digit)
}

/// `2,19E+13`: digits are lost.
fn is_rounded(signs: &[u8]) -> bool {
    let Some(at) = signs.iter().position(|byte| matches!(byte, b'e' | b'E')) else { return false };
    let (before, after) = (&signs[..at], &signs[at + 1..]);
    is_number(before) && after.starts_with(b"+") && after.len() > 1 && after[1..].iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manners(texts: &[(&str, usize)]) -> Manners {
        let mut manners = Manners::default();
        texts.iter().for_each(|(text, times)| (0..*times).for_each(|_| manners.meet(text)));
        manners
    }

    fn turned(before: &[(&str, usize)], now: &[(&str, usize)]) -> Option<(&'static str, &'static str)> {
        manners(before).left_for(&manners(now)).map(|turned| (turned.was.1, turned.is.1))
    }

    #[test]
    fn a_column_that_is_written_otherwise_in_most_rows() {
        let days = [("2024-03-01", 18), ("01/03/2024", 10), ("inconnue", 2)];
        assert_eq!(turned(&days, &[("45356", 30)]), Some(("date (text)", "number (text)")));
        assert_eq!(turned(&days, &[("45356", 12), ("2024-03-01", 18)]), None, "most are dates");
        assert_eq!(turned(&days, &[("45356", 9)]), None, "too few to tell");
        assert_eq!(
            turned(&[("21860194600013", 30)], &[("2,19E+13", 30)]),
            Some(("number (text)", "rounded number (text)"))
        );
        assert_eq!(turned(&[("1 037,50", 30)], &[("1037 euros", 30)]), Some(("number (text)", "words")));
        assert_eq!(turned(&[("59", 15), ("Nord", 15)], &[("59", 30)]), None, "it was of no one manner");
    }

    #[test]
    fn what_was_told_holds_until_it_is_written_as_before() {
        let now = manners(&[("45356", 30)]);
        assert_eq!(
            [now.are_not("date (text)"), now.are_not("number (text)"), now.are_not("number")],
            [Some(true), Some(false), None]
        );
    }
}
