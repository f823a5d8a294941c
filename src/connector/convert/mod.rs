//! Conversions: the text of a source read as a value of ours, exactly or not at all.
//!
//! A conversion never guesses. It reads, reads with a doubt that is told, or refuses and says why.

pub mod amount;
pub mod date;
pub mod identifier;
pub mod mojibake;
pub mod person;
pub mod place;
pub mod placeholder;
pub mod scalar;

use super::manifest::rule::DecimalMark;
use crate::domain::text::trimmed_of_unseen;
use std::borrow::Cow;

/// What a conversion had to say: a stable code and a sentence in both languages. The value is quoted by the caller,
/// who alone knows whether it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    /// Stable code, kebab-case.
    pub code: &'static str,
    /// In French.
    pub fr: &'static str,
    /// In English.
    pub en: &'static str,
}

/// A value read, with the doubt that remains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read<T> {
    /// The value.
    pub value: T,
    /// What was normalised or doubted, if anything.
    pub doubt: Option<&'static Doubt>,
}

/// The outcome of a conversion: read, or refused with the reason.
pub type Reading<T> = Result<Read<T>, &'static Doubt>;

/// A text to convert, trimmed and not empty.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'a> {
    /// The text.
    pub text: &'a str,
    /// The source wrote it as a number (JSON, spreadsheet, SQL): a point in it is a decimal point.
    pub number: bool,
    /// The decimal separator that the manifest states.
    pub decimal: Option<DecimalMark>,
}

impl<'a> Raw<'a> {
    /// A text of a source, without blanks and signs that are not seen around it, and undressed of a spreadsheet's `="…"`.
    pub fn new(text: &'a str) -> Self {
        Raw { text: undressed(trimmed_of_unseen(text)), number: false, decimal: None }
    }
}

/// A conversion, as a rule holds it.
pub type Convert<T> = fn(Raw<'_>) -> Reading<T>;

/// A value read without doubt.
pub fn sure<T>(value: T) -> Reading<T> {
    Ok(Read { value, doubt: None })
}

/// A value read, with a doubt to tell.
pub fn doubted<T>(value: T, doubt: &'static Doubt) -> Reading<T> {
    Ok(Read { value, doubt: Some(doubt) })
}

/// Spreadsheets export a text that must stay one as `="10004"`; an apostrophe keeps one from being a formula.
fn undressed(text: &str) -> &str {
    if let Some(disarmed) = text.strip_prefix('\'')
        && disarmed.starts_with(['=', '+', '-', '@'])
    {
        return undressed(disarmed);
    }
    text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).map_or(text, str::trim)
}

/// A figure without the apostrophe that keeps it from being one in a spreadsheet: `'1234,56`.
fn bare(text: &str) -> &str {
    let is_figure =
        |rest: &&str| rest.starts_with(|letter: char| letter.is_ascii_digit() || matches!(letter, '(' | '€'));
    text.strip_prefix('\'').filter(is_figure).unwrap_or(text)
}

/// A number as it is written without a power of ten, which is how JSON may hold any (`1.25E7`): its digits are all there. A text in that form
/// lost some in a spreadsheet, and stays as it is, as does a power that no amount has.
fn written_out(raw: Raw<'_>) -> Cow<'_, str> {
    const POWER_MAX: usize = 20;
    let text = bare(raw.text);
    let shifted = || {
        let (mantissa, power) = if raw.number { text.split_once(['e', 'E'])? } else { return None };
        let power: isize = power.parse().ok()?;
        let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
        let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_written = !whole.is_empty() && whole.bytes().chain(decimals.bytes()).all(|byte| byte.is_ascii_digit());
        let places = power.unsigned_abs();
        if !is_written || places > POWER_MAX {
            return None;
        }
        let zeros = "0".repeat(places);
        let (digits, point) = if power < 0 {
            (format!("{zeros}{whole}{decimals}"), whole.len())
        } else {
            (format!("{whole}{decimals}{zeros}"), whole.len() + places)
        };
        let (whole, decimals) = digits.split_at(point);
        let whole = Some(whole.trim_start_matches('0')).filter(|whole| !whole.is_empty()).unwrap_or("0");
        let decimals = decimals.trim_end_matches('0');
        let point = if decimals.is_empty() { "" } else { "." };
        Some(format!("{sign}{whole}{point}{decimals}"))
    };
    shifted().map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Spaces that French figures and identifiers are written with.
fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

/// What a spreadsheet shows in the place of a value that it could not work out, in English and in French.
const CELL_ERRORS: [&str; 24] = [
    "#REF!",
    "#N/A",
    "#DIV/0!",
    "#VALUE!",
    "#VALEUR!",
    "#NAME?",
    "#NOM?",
    "#NULL!",
    "#NUL!",
    "#NUM!",
    "#NOMBRE!",
    "#DATA!",
    "#GETTING_DATA",
    "#ERROR!",
    "#ERREUR!",
    "#SPILL!",
    "#PROPAGATION!",
    "#CALC!",
    "#CALCUL!",
    "#FIELD!",
    "#BLOCKED!",
    "#CONNECT!",
    "#UNKNOWN!",
    "#BUSY!",
];

/// Nobody worked the cell out.
pub const CELL_ERROR: Doubt = Doubt {
    code: "cell-error",
    fr: "le tableur n'a pas pu calculer cette cellule : ce qu'elle devait dire n'est pas connu",
    en: "the spreadsheet could not work this cell out: what it should say is not known",
};

/// Is the text an error that a spreadsheet shows?
pub fn is_cell_error(text: &str) -> bool {
    let numbered = |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    match text.as_bytes().first() {
        Some(b'#') => CELL_ERRORS.contains(&text.trim()),
        Some(b'E') => text.trim().strip_prefix("Err:").is_some_and(numbered),
        _ => false,
    }
}

/// The whole part of `688110.0`: what a spreadsheet makes of a whole number.
fn without_zero_decimals(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => text,
    }
}
