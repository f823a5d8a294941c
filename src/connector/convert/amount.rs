//! Amounts: decimal text read as integer cents by one grammar. What could be read in two ways is refused.

use super::{Doubt, Raw, Reading, doubted, is_space, sure, written_out};
use crate::connector::manifest::rule::DecimalMark;
use crate::domain::money::{AMOUNT_CENTS_MAX, Cents};

/// No amount by the grammar.
pub const UNREADABLE: Doubt = Doubt {
    code: "amount-unreadable",
    fr: "ce n'est pas un montant lisible (attendu : 1234,56 ou 1 234,56 €)",
    en: "this is no readable amount (expected 1234.56 or 1 234,56 €)",
};
/// No whole number of cents.
pub const NO_CENTS: Doubt = Doubt {
    code: "amount-unreadable",
    fr: "ce n'est pas un nombre entier de centimes (attendu : 123456 pour 1 234,56 €)",
    en: "this is no whole number of cents (expected 123456 for 1 234,56 €)",
};
/// Thousands or decimals: both can be meant.
pub const AMBIGUOUS: Doubt = Doubt {
    code: "amount-ambiguous",
    fr: "le séparateur peut être celui des milliers ou des décimales ; le manifeste peut trancher par decimal",
    en: "the separator may be of thousands or of decimals; the manifest can decide with decimal",
};
/// One group of three behind another separator than the decimal one that the manifest states: thousands, or decimals in a file whose
/// separators were exchanged when it was saved in another language.
pub const OTHER_MARK: Doubt = Doubt {
    code: "amount-ambiguous",
    fr: "ce séparateur n'est pas celui des décimales que le manifeste annonce : milliers, ou décimales d'un fichier enregistré dans une autre langue",
    en: "this is not the decimal separator that the manifest states: thousands, or decimals of a file saved in another language",
};
/// Beyond what any public fund commits.
pub const TOO_LARGE: Doubt = Doubt {
    code: "amount-out-of-range",
    fr: "le montant dépasse 100 milliards d'euros",
    en: "the amount is above 100 billion euros",
};
/// Digits were lost by a spreadsheet.
pub const EXPONENT: Doubt = Doubt {
    code: "amount-unreadable",
    fr: "un nombre en notation scientifique a perdu des chiffres",
    en: "a number in scientific notation has lost digits",
};
/// More than two decimals.
pub const ROUNDED: Doubt = Doubt {
    code: "amount-rounded",
    fr: "plus de deux décimales : arrondi au centime",
    en: "more than two decimals: rounded to the cent",
};

/// Three digits behind the one separator: decimals, since the manifest says so; thousands would be written alike.
pub const THREE_DECIMALS: Doubt = Doubt {
    code: "amount-three-decimals",
    fr: "trois chiffres suivent l'unique séparateur : lus comme des décimales, car c'est le séparateur décimal de la source ; des milliers s'écriraient de même",
    en: "three digits follow the only separator: read as decimals, for it is the decimal separator of the source; thousands would be written alike",
};

/// Two digits behind the other mark than the one that the manifest states: no thousands, but a file that was saved in another language, of
/// which what could be read by both marks is refused or told.
pub const OTHER_DECIMALS: Doubt = Doubt {
    code: "amount-other-mark",
    fr: "les décimales suivent un autre séparateur que celui que le manifeste annonce : le fichier a pu être enregistré dans une autre langue",
    en: "the decimals follow another separator than the one that the manifest states: the file may have been saved in another language",
};

/// Reads an amount in euros: spaces, `€` or `EUR` at either end, parentheses or a minus sign, decimal comma or point.
/// Beyond two decimals it is rounded half up, away from zero for a negative amount.
pub fn amount(raw: Raw<'_>) -> Reading<Cents> {
    let decimal = if raw.number { Some(DecimalMark::Point) } else { raw.decimal };
    let text = written_out(raw);
    let (negative, body) = signed(without_currency(&text)).ok_or(&UNREADABLE)?;
    let parts = parts(body, decimal)?;
    let (cents, rounded) = parts.cents().ok_or(&TOO_LARGE)?;
    let value = Cents::new(if negative { -cents } else { cents });
    match rounded {
        true => doubted(value, &ROUNDED),
        false if parts.is_other_mark => doubted(value, &OTHER_DECIMALS),
        false if !raw.number && decimal.is_some() && parts.may_be_thousands() => doubted(value, &THREE_DECIMALS),
        false => sure(value),
    }
}

/// Reads a whole number of cents.
pub fn cents(raw: Raw<'_>) -> Reading<Cents> {
    let text = written_out(raw);
    let text = super::without_zero_decimals(&text);
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(&NO_CENTS);
    }
    let cents: i64 = text.parse().map_err(|_| &TOO_LARGE)?;
    if cents.abs() > AMOUNT_CENTS_MAX { Err(&TOO_LARGE) } else { sure(Cents::new(cents)) }
}

fn without_currency(text: &str) -> &str {
    let word = |word: &str| {
        let start = text.len().checked_sub(word.len())?;
        text.get(start..)?.eq_ignore_ascii_case(word).then(|| &text[..start])
    };
    let before = |word: &str| {
        let rest =
            text.get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word)).map(|_| &text[word.len()..])?;
        rest.starts_with(is_space).then(|| rest.trim_start_matches(is_space))
    };
    let after = text.strip_suffix('€').or_else(|| ["EUR", "euros", "euro"].into_iter().find_map(word));
    let leading = || text.strip_prefix('€').map(|rest| rest.trim_start_matches(is_space)).or_else(|| before("EUR"));
    after.map(str::trim_end).or_else(leading).unwrap_or(text)
}

/// Is it negative, and the rest: `-12`, `(12)`.
fn signed(text: &str) -> Option<(bool, &str)> {
    if let Some(inner) = text.strip_prefix('(') {
        return inner.strip_suffix(')').map(|inner| (true, without_currency(inner.trim())));
    }
    match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => Some((true, rest.trim_start())),
        None => Some((false, text)),
    }
}

/// The digits of an amount: whole part with its separators, decimals.
struct Parts<'a> {
    whole: &'a str,
    decimals: &'a str,
    /// Does another mark than the one that is stated stand between them, without blanks that show the thousands?
    is_other_mark: bool,
}

impl Parts<'_> {
    /// Would thousands be written alike: `250.000`?
    fn may_be_thousands(&self) -> bool {
        let is_group = self.decimals.len() == 3 && (1..=3).contains(&self.whole.len());
        is_group && !self.whole.starts_with('0') && self.whole.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// The cents, and whether decimals other than zero were rounded away. `None` beyond the largest amount.
    fn cents(&self) -> Option<(i64, bool)> {
        let digit = |byte: u8| i64::from(byte - b'0');
        let mut cents: i64 = 0;
        for byte in self.whole.bytes().filter(u8::is_ascii_digit) {
            cents = cents.checked_mul(10)?.checked_add(digit(byte))?;
        }
        let decimals = self.decimals.as_bytes();
        for place in 0..2 {
            cents = cents.checked_mul(10)?.checked_add(decimals.get(place).map_or(0, |byte| digit(*byte)))?;
        }
        if decimals.get(2).is_some_and(|byte| *byte >= b'5') {
            cents = cents.checked_add(1)?;
        }
        let rounded = decimals.iter().skip(2).any(|byte| *byte != b'0');
        (cents <= AMOUNT_CENTS_MAX).then_some((cents, rounded))
    }
}

fn parts(body: &str, stated: Option<DecimalMark>) -> Result<Parts<'_>, &'static Doubt> {
    let mut marks = Marks::default();
    for (at, letter) in body.char_indices() {
        match letter {
            '0'..='9' => {}
            '.' => marks.point(at),
            ',' => marks.comma(at),
            space if is_space(space) => marks.spaces = true,
            'e' | 'E' if is_exponent(body, at) => return Err(&EXPONENT),
            _ => return Err(&UNREADABLE),
        }
    }
    let at = decimal_mark(body, &marks, stated)?;
    let (whole, decimals) = at.map_or((body, ""), |at| (&body[..at], &body[at + 1..]));
    let plain = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if (plain(whole) || grouped(whole)) && (at.is_none() || plain(decimals)) {
        let other = stated.map(|stated| if stated == DecimalMark::Point { ',' } else { '.' });
        let is_other_mark = !marks.spaces && at.zip(other).is_some_and(|(at, other)| body[at..].starts_with(other));
        Ok(Parts { whole, decimals, is_other_mark })
    } else {
        Err(&UNREADABLE)
    }
}

/// Is the letter at this place that of a power of ten: digits before it, digits after it, perhaps a sign between?
fn is_exponent(body: &str, at: usize) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    at > 0 && digits(body[at + 1..].strip_prefix(['+', '-']).unwrap_or(&body[at + 1..]))
}

/// What separators stand in a text: how often, and the last of each.
#[derive(Default)]
struct Marks {
    points: usize,
    point_last: usize,
    commas: usize,
    comma_last: usize,
    spaces: bool,
}

impl Marks {
    fn point(&mut self, at: usize) {
        (self.points, self.point_last) = (self.points + 1, at);
    }

    fn comma(&mut self, at: usize) {
        (self.commas, self.comma_last) = (self.commas + 1, at);
    }
}

/// Where the decimal mark stands, if there is one.
fn decimal_mark(body: &str, marks: &Marks, stated: Option<DecimalMark>) -> Result<Option<usize>, &'static Doubt> {
    let (count, last, mark) = match (marks.points, marks.commas) {
        (0, 0) => return Ok(None),
        (points, commas) if points > 0 && commas > 0 => {
            let (count, last, mark) = if marks.point_last > marks.comma_last {
                (points, marks.point_last, DecimalMark::Point)
            } else {
                (commas, marks.comma_last, DecimalMark::Comma)
            };
            let sound = count == 1 && !marks.spaces && stated.is_none_or(|stated| stated == mark);
            return if sound { Ok(Some(last)) } else { Err(&UNREADABLE) };
        }
        (points, 0) => (points, marks.point_last, DecimalMark::Point),
        (_, commas) => (commas, marks.comma_last, DecimalMark::Comma),
    };
    match stated {
        Some(stated) if stated == mark => return if count == 1 { Ok(Some(last)) } else { Err(&UNREADABLE) },
        _ if count > 1 => return Ok(None),
        _ => {}
    }
    // Behind thousands that are parted by blanks, what is no group of three is decimals, whatever the mark: `25 000,50`.
    let decimals = body.len() - last - 1;
    if marks.spaces && !matches!(decimals, 0 | 3) {
        return Ok(Some(last));
    }
    let whole = &body[..last];
    let looks_like_thousands =
        body.len() - last == 4 && (1..=3).contains(&whole.len()) && !whole.starts_with('0') && !marks.spaces;
    match stated {
        // Two digits are no thousands, and whoever writes `1288574,28` parts none: in a list that may, `950,50` stays refused, for its
        // thousands would read as decimals.
        Some(_) if decimals == 2 && !marks.spaces && is_long(whole) => Ok(Some(last)),
        // Only several groups, or decimals behind them, would tell.
        Some(_) => Err(if looks_like_thousands { &OTHER_MARK } else { &UNREADABLE }),
        None if looks_like_thousands => Err(&AMBIGUOUS),
        None => Ok(Some(last)),
    }
}

/// Are there thousands, and does nothing part them?
fn is_long(whole: &str) -> bool {
    let digits = whole.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    digits.len() > 3 && digits.bytes().all(|letter| letter.is_ascii_digit())
}

/// Groups of thousands by one kind of separator: one to three digits, then exactly three each time.
fn grouped(whole: &str) -> bool {
    let Some(separator) = whole.chars().find(|letter| !letter.is_ascii_digit()) else { return false };
    let same = |letter: char| if is_space(separator) { is_space(letter) } else { letter == separator };
    let mut groups = whole.split(same);
    // No thousands begin with a zero: what does is a decimal part, or was cut.
    let first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()) && !group.starts_with('0'));
    first && whole.chars().all(|letter| letter.is_ascii_digit() || same(letter)) && groups.all(|group| group.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<(i64, Option<&'static str>), &'static str> {
        amount(Raw::new(text)).map(|read| (read.value.get(), read.doubt.map(|doubt| doubt.code))).map_err(|d| d.code)
    }

    #[test]
    fn what_sources_write() {
        for (text, cents) in [
            ("1 234 567,89 €", 123_456_789),
            ("1\u{202f}234\u{a0}567,89\u{a0}EUR", 123_456_789),
            ("100000,1", 10_000_010),
            ("26 112 €", 2_611_200),
            ("30000 euros", 3_000_000),
            ("30 000 Euros", 3_000_000),
            ("475 000€", 47_500_000),
            ("€ 1 234,5", 123_450),
            ("EUR 25\u{a0}000", 2_500_000),
            ("€-5", -500),
            ("1,234,567.89", 123_456_789),
            ("1.234.567,89", 123_456_789),
            ("1,234,567", 123_456_700),
            ("1234.5", 123_450),
            ("0.123000", 12),
            ("(12,50 €)", -1250),
            ("-12.5", -1250),
            ("\u{2212}1 000", -100_000),
            ("0", 0),
            ("47800.20", 4_780_020),
            ("=\"15\"", 1500),
            ("\u{200b}1 234,50\u{200e}", 123_450),
            ("100000000000", 10_000_000_000_000),
        ] {
            assert_eq!(read(text).map(|(cents, _)| cents), Ok(cents), "{text}");
        }
    }

    #[test]
    fn a_number_is_read_by_its_power_of_ten_and_a_text_is_not() {
        let number = |text: &str| {
            let read = amount(Raw { number: true, ..Raw::new(text) });
            read.map(|read| (read.value.get(), read.doubt.map(|doubt| doubt.code))).map_err(|doubt| doubt.code)
        };
        for (text, cents) in [
            ("1.25E7", 1_250_000_000),
            ("1.2345678E7", 1_234_567_800),
            ("1.234567891E7", 1_234_567_891),
            ("1e3", 100_000),
            ("-2.5e+3", -250_000),
            ("0.0E0", 0),
            ("5.0E-1", 50),
        ] {
            assert_eq!(number(text), Ok((cents, None)), "{text}");
            assert_eq!(read(text), Err("amount-unreadable"), "{text}");
        }
        assert_eq!(number("1.234567E3"), Ok((123_457, Some("amount-rounded"))));
        assert_eq!(number("1e12"), Err("amount-out-of-range"));
        for text in ["1e21", "1e999999999999999999999", "1e", "e5", "1.5.2E7"] {
            assert_eq!(number(text), Err("amount-unreadable"), "{text}");
        }
        let whole = |text: &str| cents(Raw { number: true, ..Raw::new(text) }).map(|read| read.value.get());
        assert_eq!((whole("1.25E7"), whole("1.5E0")), (Ok(12_500_000), Err(&NO_CENTS)));
    }

    #[test]
    fn what_is_refused_and_why() {
        for (text, code) in [
            ("1,234", "amount-ambiguous"),
            ("1.234", "amount-ambiguous"),
            ("2.19E+13", "amount-unreadable"),
            ("environ 5000", "amount-unreadable"),
            ("12 34", "amount-unreadable"),
            ("1 2345", "amount-unreadable"),
            ("1,23,456.00", "amount-unreadable"),
            ("1.2.3", "amount-unreadable"),
            ("12,", "amount-unreadable"),
            (",5", "amount-unreadable"),
            ("--5", "amount-unreadable"),
            ("+5", "amount-unreadable"),
            ("5 €€", "amount-unreadable"),
            ("€ 5 €", "amount-unreadable"),
            ("EUR25", "amount-unreadable"),
            ("12.5 k€", "amount-unreadable"),
            ("99 $", "amount-unreadable"),
            ("45 %", "amount-unreadable"),
            ("€", "amount-unreadable"),
            ("1 234.567,8", "amount-unreadable"),
            ("100000000000.01", "amount-out-of-range"),
            ("99999999999999999999999", "amount-out-of-range"),
            ("١٢", "amount-unreadable"),
        ] {
            assert_eq!(read(text), Err(code), "{text}");
        }
    }

    #[test]
    fn decimals_beyond_the_cent_are_rounded_half_up_and_told() {
        assert_eq!(read("42166.9105"), Ok((4_216_691, Some("amount-rounded"))));
        assert_eq!(read("0.005"), Ok((1, Some("amount-rounded"))));
        assert_eq!(read("-0.005"), Ok((-1, Some("amount-rounded"))));
        assert_eq!(read("1234.567"), Ok((123_457, Some("amount-rounded"))), "four digits are no group of thousands");
        assert_eq!(read("7.1000"), Ok((710, None)), "zeros lose nothing");
    }

    #[test]
    fn the_manifest_or_the_type_decides_what_is_ambiguous() {
        let with = |text, decimal| amount(Raw { decimal, ..Raw::new(text) }).map(|read| read.value.get());
        assert_eq!(with("1.234", Some(DecimalMark::Point)), Ok(123));
        assert_eq!(with("1,234", Some(DecimalMark::Comma)), Ok(123));
        for (text, mark) in
            [("12.5", DecimalMark::Comma), ("950,5", DecimalMark::Point), ("42166,9105", DecimalMark::Point)]
        {
            assert_eq!(
                with(text, Some(mark)),
                Err(&UNREADABLE),
                "{text}: the separators of the file may have been exchanged"
            );
        }
        // Saved in another language, `683.332` becomes `683,332`: a thousand times as much by the mark that is stated.
        assert_eq!(with("683,332", Some(DecimalMark::Point)), Err(&OTHER_MARK));
        assert_eq!(with("1.234", Some(DecimalMark::Comma)), Err(&OTHER_MARK));
        assert_eq!(with("-683,332 €", Some(DecimalMark::Point)), Err(&OTHER_MARK));
        let doubt = |text, number| {
            let raw = Raw { number, decimal: Some(DecimalMark::Point), ..Raw::new(text) };
            amount(raw).map(|read| (read.value.get(), read.doubt.map(|doubt| doubt.code)))
        };
        assert_eq!(doubt("250.000", false), Ok((25_000, Some("amount-three-decimals"))), "thousands are written alike");
        assert_eq!(doubt("250.000", true), Ok((25_000, None)), "a number of JSON is certain");
        assert_eq!(doubt("1250.000", false), Ok((125_000, None)));
        assert_eq!(with("1,683,332", Some(DecimalMark::Point)), Ok(168_333_200));
        assert_eq!(with("1.683,33", Some(DecimalMark::Comma)), Ok(168_333));
        assert_eq!(amount(Raw { number: true, ..Raw::new("1.234") }).map(|read| read.value.get()), Ok(123));
    }

    #[test]
    fn blanks_between_thousands_leave_one_reading_whatever_the_manifest_states() {
        let with =
            |text: &str, mark| amount(Raw { decimal: Some(mark), ..Raw::new(text) }).map(|read| read.value.get());
        for (text, cents) in [
            ("25 000,50", 2_500_050),
            ("1 250 000,50 €", 125_000_050),
            ("-1\u{202f}250,5", -125_050),
            ("(25\u{a0}000,50)", -2_500_050),
        ] {
            assert_eq!(with(text, DecimalMark::Point), Ok(cents), "{text}");
            assert_eq!(with(&text.replace(',', "."), DecimalMark::Comma), Ok(cents), "{text}");
        }
        assert_eq!(with("42 166,9105 €", DecimalMark::Point), Ok(4_216_691), "four digits are no thousands");
        for text in ["1,234", "12,345", "1 234,567", "25 00,50", "25 000,", "25000, 50", "25 000 ,50", "0 123,50"] {
            assert!(with(text, DecimalMark::Point).is_err(), "{text}");
        }
    }

    #[test]
    fn two_digits_behind_the_other_mark_are_decimals_and_told() {
        let with = |text: &'static str, mark| {
            let read = amount(Raw { decimal: Some(mark), ..Raw::new(text) });
            read.map(|read| (read.value.get(), read.doubt.map(|doubt| doubt.code))).map_err(|doubt| doubt.code)
        };
        for (text, cents) in [("1288574,28", 128_857_428), ("-1234,50 €", -123_450)] {
            assert_eq!(with(text, DecimalMark::Point), Ok((cents, Some("amount-other-mark"))), "{text}");
        }
        assert_eq!(with("1288574.28", DecimalMark::Comma), Ok((128_857_428, Some("amount-other-mark"))));
        assert_eq!(with("1288574.28", DecimalMark::Point), Ok((128_857_428, None)));
        assert_eq!(with("12,345", DecimalMark::Point), Err("amount-ambiguous"));
        assert!(with("12, 5", DecimalMark::Point).is_err() && with("1.234,56", DecimalMark::Point).is_err());
    }

    #[test]
    fn the_apostrophe_of_a_spreadsheet_is_no_part_of_an_amount() {
        for (text, cents) in [("'1234,56", 123_456), ("'1 234,56 €", 123_456), ("'-5", -500), ("'(12)", -1_200)] {
            assert_eq!(read(text), Ok((cents, None)), "{text}");
        }
        for text in ["''5", "'", "' 5", "5'", "1'234", "'1,234"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert_eq!(cents(Raw::new("'125000")).map(|read| read.value.get()), Ok(125_000));
    }

    #[test]
    fn cents_are_whole() {
        assert_eq!(cents(Raw::new("125000")).map(|read| read.value.get()), Ok(125_000));
        assert_eq!(cents(Raw::new("-7.0")).map(|read| read.value.get()), Ok(-7));
        assert!(cents(Raw::new("12.5")).is_err());
    }

    #[test]
    fn no_group_of_thousands_begins_with_a_zero() {
        let with = |text: &'static str, mark| amount(Raw { decimal: Some(mark), ..Raw::new(text) });
        for text in ["0.123", "0.500", "012.345.678"] {
            assert!(with(text, DecimalMark::Comma).is_err(), "{text}");
        }
        assert!(with("0,123", DecimalMark::Point).is_err());
        for text in ["0 123", "000 123", "12 E", "30000 k", "1e", "e5"] {
            assert_eq!(read(text), Err("amount-unreadable"), "{text}");
        }
        assert_eq!(amount(Raw::new("12 E")).expect_err("no amount").en, UNREADABLE.en);
        assert_eq!(amount(Raw::new("2,19E+13")).expect_err("digits lost").en, EXPONENT.en);
    }

    proptest! {
        #[test]
        fn french_and_english_writing_agree(cents in -AMOUNT_CENTS_MAX..=AMOUNT_CENTS_MAX) {
            let plain = Cents::new(cents).to_string();
            let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
            let (euros, decimals) = digits.split_once('.').unwrap();
            let group = |separator: &str| {
                let groups: Vec<&str> = euros.as_bytes().rchunks(3).rev().map(|g| std::str::from_utf8(g).unwrap()).collect();
                groups.join(separator)
            };
            for written in [
                plain.clone(),
                format!("{sign}{} {decimals}", group("\u{202f}")).replace(' ', ","),
                format!("{sign}{},{decimals} €", group(" ")),
                format!("{sign}{}.{decimals}", group(",")),
                format!("{sign}{},{decimals}", group(".")),
            ] {
                prop_assert_eq!(read(&written), Ok((cents, None)), "{}", written);
            }
        }
        #[test]
        fn any_text_never_panics(text in "\\PC{0,20}", figures in "[0-9 .,€()eE-]{0,20}") {
            let _ = (read(&text), read(&figures));
        }
    }
}
