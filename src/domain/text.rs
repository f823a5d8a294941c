//! Short identifiers of the product's own, and the one way in which French text is normalised for comparison.

use super::{ParseError, text_serde};
use std::fmt;

/// Declares a text newtype: private field, `parse` with a check, `as_str`, `Display`, serde.
macro_rules! text_newtype {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $sound:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Reads the text, which must have the form described on the type.
            ///
            /// # Errors
            /// Any other form.
            pub fn parse(text: &str) -> Result<Self, ParseError> {
                let sound: fn(&str) -> bool = $sound;
                if sound(text) { Ok($name(text.into())) } else { Err(ParseError::new(text, $expected)) }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        text_serde!($name);
    };
}
pub(crate) use text_newtype;

/// Could this character pass one text off for another where it is shown: a control character, or one that turns the direction of
/// writing (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069)?
pub fn is_deceptive(character: char) -> bool {
    let turns =
        matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || character.is_control()
}

/// What a person writes, trimmed: of 1 to `characters_max` characters, none of which could pass it off for another text, and no control
/// character but those that end a line or part columns.
pub fn written(text: &str, characters_max: usize) -> Option<&str> {
    let text = text.trim();
    let is_sound = |one: char| !is_deceptive(one) || matches!(one, '\n' | '\r' | '\t');
    (!text.is_empty() && text.chars().count() <= characters_max && text.chars().all(is_sound)).then_some(text)
}

/// The same in one line: a number, a key. What ends a line in it would pass a part of it off for a line of its own.
pub fn written_line(text: &str, characters_max: usize) -> Option<&str> {
    written(text, characters_max).filter(|text| !text.chars().any(is_deceptive))
}

/// The beginning of what was sent, to be said again in an answer: a character that could pass it off for another text is shown as one
/// that is not known.
pub fn quoted(text: &str) -> String {
    const CHARACTERS_MAX: usize = 40;
    shown(text, CHARACTERS_MAX)
}

/// The same of so many characters.
pub fn shown(text: &str, characters_max: usize) -> String {
    let seen = |one| if is_deceptive(one) { char::REPLACEMENT_CHARACTER } else { one };
    text.chars().take(characters_max).map(seen).collect()
}

/// Is it a sign without any width? Two texts that differ in such alone look the same.
pub fn is_unseen(sign: char) -> bool {
    matches!(
        sign,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// The number of a grant or a dossier in the one spelling by which what two systems say of it meets: without signs that nobody sees, with
/// one blank for several and one hyphen for the forms of it, in capitals where it holds a digit. Other signs within it may tell numbers
/// apart, and stay.
pub fn number_spelled(text: &str) -> String {
    let is_hyphen = |sign: char| matches!(sign, '\u{2010}' | '\u{2011}');
    let seen = text.chars().filter(|sign| !is_unseen(*sign));
    let seen: String = seen.map(|sign| if is_hyphen(sign) { '-' } else { sign }).collect();
    let spelled = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    if spelled.contains(|sign: char| sign.is_ascii_digit()) { spelled.to_uppercase() } else { spelled }
}

text_newtype! {
    /// The identifier of a source: its connector's folder, lower case letters, digits and hyphens (`region-npnru`).
    SourceId, "source id (lower case letters, digits, hyphens)",
    |text| !text.is_empty() && text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

text_newtype! {
    /// The code of a funding scheme, upper case without accents (`FTU`, `PIC`, `POLITIQUE-DE-LA-VILLE`, `DETR`).
    DispositifCode, "dispositif code (upper case letters, digits, hyphens, underscores)",
    |text| !text.is_empty() && text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'+'))
}

text_newtype! {
    /// The code of an action of the dividing lines (`EMP-1`, `SPO-2`).
    ActionCode, "action code (three letters, hyphen, number, for example EMP-1)",
    |text| text.split_once('-').is_some_and(|(field, number)| {
        field.len() == 3 && field.bytes().all(|byte| byte.is_ascii_uppercase())
            && !number.is_empty() && number.len() <= 2 && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

text_newtype! {
    /// The code of a target envelope, as its funder writes it (`ENV-2026-0001`); never empty, without blanks.
    EnvelopeCode, "envelope code (1 to 80 characters without blanks)",
    |text| !text.is_empty() && text.len() <= 80 && !text.chars().any(|one| one.is_whitespace() || one.is_control())
}

text_newtype! {
    /// The key of a record within its source, as the source writes it; never empty.
    RecordKey, "record key (1 to 400 characters, none of them a control character)",
    |text| !text.trim().is_empty() && text.len() <= 400 && !text.chars().any(char::is_control)
}

/// Upper case, no accents, letters and digits only, single spaces: what two spellings of one name share.
/// Œ and Æ become two letters. For comparing, never for showing.
pub fn normalised(text: &str) -> String {
    folded(text, |_| false)
}

/// The same of a word of a closed list: a sign that may change what it says stays, without the blanks around it. `FSE+` is no `FSE`, and
/// `Votée ?` is not what was voted.
pub fn normalised_word(text: &str) -> String {
    folded(text, |sign| !is_punctuation(sign))
}

/// What parts or surrounds words and says nothing.
fn is_punctuation(sign: char) -> bool {
    let is_between = matches!(sign, '-' | '_' | '/' | '\\' | '|' | '&' | '\u{2010}'..='\u{2015}');
    let is_stop = matches!(sign, '.' | ',' | ';' | ':' | '…' | '·' | '•');
    let is_quote = matches!(sign, '\'' | '"' | '`' | '´' | '«' | '»' | '\u{2018}'..='\u{201f}' | '\u{2bc}');
    let is_variant = matches!(sign, '\u{fe0e}' | '\u{fe0f}');
    sign.is_whitespace() || sign.is_control() || is_between || is_stop || is_quote || is_variant
}

/// Without the blanks around it, as [`str::trim`]; at once where no blank stands at either end, as of nearly every cell.
pub fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// The same, without the signs that are not seen around it; a text of nothing else stays.
pub fn trimmed_of_unseen(text: &str) -> &str {
    let trimmed = trimmed(text);
    if trimmed.is_ascii() {
        return trimmed;
    }
    let seen = trimmed.trim_matches(|sign: char| sign.is_whitespace() || is_unseen(sign));
    if seen.is_empty() { trimmed } else { seen }
}

fn folded(text: &str, stays: impl Fn(char) -> bool) -> String {
    use unicode_normalization::UnicodeNormalization;
    // What is ASCII has nothing to decompose.
    if text.is_ascii() { folded_of(text.chars(), text.len(), stays) } else { folded_of(text.nfd(), text.len(), stays) }
}

fn folded_of(letters: impl Iterator<Item = char>, length: usize, stays: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(length);
    let (mut space, mut sign) = (false, true);
    let mut push = |letter: char, out: &mut String| {
        if letter.is_alphanumeric() {
            if space && !sign {
                out.push(' ');
            }
            (space, sign) = (false, false);
            out.extend(letter.to_uppercase());
        } else if stays(letter) {
            (space, sign) = (false, true);
            out.push(letter);
        } else {
            space = true;
        }
    };
    for letter in letters {
        match letter {
            'œ' | 'Œ' => {
                push('O', &mut out);
                push('E', &mut out);
            }
            'æ' | 'Æ' => {
                push('A', &mut out);
                push('E', &mut out);
            }
            '\u{300}'..='\u{36f}' => {}
            unseen if is_unseen(unseen) => {}
            other => push(other, &mut out),
        }
    }
    out
}

/// A column's name without case, accents, blanks, hyphens, underscores, apostrophes and asterisks: what the spellings
/// of one header share. Other signs (`%`, `(`, `€`) may change what a column holds, and stay.
pub fn compact(name: &str) -> String {
    compacted(name).collect()
}

/// Is `name`, made compact, this text? Nothing is allocated: it is asked of every column of a record.
pub fn is_compacted_to(name: &str, compact: &str) -> bool {
    if name.is_ascii() {
        let kept =
            name.bytes().filter(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'-' | b'_' | b'*' | b'\''));
        return kept.map(|byte| byte.to_ascii_lowercase()).eq(compact.bytes());
    }
    compacted(name).eq(compact.chars())
}

fn compacted(name: &str) -> impl Iterator<Item = char> {
    use unicode_normalization::UnicodeNormalization;
    let kept = |letter: &char| {
        !letter.is_whitespace()
            && !is_unseen(*letter)
            && !matches!(letter, '-' | '_' | '*' | '\'' | '’' | '\u{300}'..='\u{36f}' | '\u{2010}'..='\u{2015}')
    };
    name.nfd().filter(kept).flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_meet() {
        assert_eq!(normalised("  CC Cœur d'Ostrevent "), "CC COEUR D OSTREVENT");
        assert_eq!(normalised("Béthune—Bruay, Artois"), "BETHUNE BRUAY ARTOIS");
        assert_eq!(normalised("…"), "");
        assert_eq!(normalised("\u{200e}Ré\u{ad}gion\u{200b} Hauts"), "REGION HAUTS", "what is not seen parts nothing");
        assert_eq!(normalised_word("Vo\u{200b}tée ?\u{200f}"), "VOTEE?");
        assert_eq!(compact("\u{200e}Mon\u{ad}tant"), "montant");
    }

    #[test]
    fn numbers_that_look_the_same_are_the_same() {
        let spellings =
            ["CONV-12", "conv-12", "CONV\u{ad}-12", "\u{feff}CONV-12 ", "CONV\u{2011}12", "C\u{200b}ONV-\u{e0031}12"];
        assert!(spellings.iter().all(|one| number_spelled(one) == "CONV-12"));
        assert_eq!(number_spelled("conv\u{a0}\u{a0}n° 12"), "CONV N° 12");
        assert_ne!(number_spelled("CONV - 12"), "CONV-12", "what is seen tells them apart");
        assert_eq!(number_spelled("Régie de quartier"), "Régie de quartier", "a word is no number");
        assert_eq!(number_spelled("\u{200b} \u{ad}"), "");
    }

    #[test]
    fn a_key_is_one_line_and_what_is_repeated_turns_nothing() {
        assert_eq!(written_line(" AC-2026 n° 4 ", 40), Some("AC-2026 n° 4"));
        for text in ["a\nb", "a\rb", "a\tb", "a\u{202e}b", " ", "abc"] {
            assert_eq!(written_line(text, 2), None, "{text:?}");
        }
        assert_eq!(quoted("p\u{202e}1\n"), "p\u{fffd}1\u{fffd}");
        assert_eq!(quoted(&"é".repeat(80)).chars().count(), 40);
    }

    #[test]
    fn what_is_trimmed_at_once_is_what_the_library_trims() {
        for text in
            ["", " ", "a", " a", "a ", "ab", "a b", "\u{a0}ab\u{a0}", "ab\u{2009}", "été", " été\t", "a\n", "\u{b}ab"]
        {
            assert_eq!(trimmed(text), text.trim(), "{text:?}");
        }
    }

    #[test]
    fn a_sign_may_change_a_word() {
        assert_eq!(normalised_word(" Votée. "), "VOTEE");
        assert_eq!(normalised_word("A - l'étude"), normalised_word("à l’Etude"));
        assert_eq!(normalised_word("FSE +"), normalised_word("fse+"));
        for doubted in ["Votée ?", "(Votée)", "!Votée", "≠ Votée", "~Votée", "Votée*", "✗ Votée", "Votée+"]
        {
            assert_ne!(normalised_word(doubted), "VOTEE", "{doubted}");
        }
    }

    #[test]
    fn spellings_of_one_header_meet_and_other_columns_do_not() {
        for spelling in ["Date de convention*", "datedeConvention", "date_de_convention", "DATE  DE CONVENTION"] {
            assert!(is_compacted_to(spelling, &compact("Date de convention")), "{spelling}");
        }
        assert!(is_compacted_to("nomBénéficiaire", &compact("nom Beneficiaire")));
        for hyphen in ['\u{2010}', '\u{2011}', '\u{2013}'] {
            let spelling = format!("Hauts{hyphen}de{hyphen}France");
            assert!(is_compacted_to(&spelling, &compact("Hauts-de-France")), "{spelling}");
        }
        for other in ["montant (%)", "montant HT", "montant2", "montants", "%montant"] {
            assert!(!is_compacted_to(other, &compact("montant")), "{other}");
        }
    }

    #[test]
    fn codes_have_one_form() {
        assert!(SourceId::parse("region-npnru").is_ok());
        assert!(SourceId::parse("../x").is_err());
        assert!(ActionCode::parse("EMP-1").is_ok());
        assert!(ActionCode::parse("EMPLOI").is_err());
        assert!(RecordKey::parse(" ").is_err());
    }
}
