//! The unit that a number format of a workbook shows beside a number (ECMA-376, part 1, 18.8.31).

use std::iter::Peekable;
use std::str::Chars;
use std::sync::Arc;

/// A per cent, as units are called here.
pub(super) const PERCENT: &str = "%";

/// The unit of a text that stands beside a number, where it is none of euros.
pub(super) fn foreign(literal: &str, scaled: bool) -> Option<Arc<str>> {
    const SCALES: [&str; 8] = ["K€", "KEUR", "K EUR", "M€", "MEUR", "MD€", "MILLIER", "MILLION"];
    const CURRENCIES: [&str; 9] = ["$", "£", "¥", "USD", "GBP", "CHF", "JPY", "CAD", "PLN"];
    let literal = literal.trim();
    let upper = literal.to_uppercase();
    let is_scale = SCALES.iter().any(|scale| upper.contains(scale)) || matches!(&*upper, "K" | "M" | "MD");
    let is_currency = CURRENCIES.iter().any(|currency| upper.contains(currency));
    (is_currency || is_scale && !scaled).then(|| literal.into())
}

/// The words behind a number that say no more than that it is one of euros.
const OF_EUROS: [&str; 8] = ["EUR", "EURO", "EUROS", "HT", "TTC", "NET", "HORS", "TAXE"];

/// What a number format writes behind the digits, where it is more than euros: `0" jours"` counts days, `0" 000"` thousands.
fn other_words(behind: &str) -> Option<Arc<str>> {
    if behind.chars().any(char::is_numeric) {
        return Some(behind.trim().into());
    }
    let upper = behind.to_uppercase();
    let mut words = upper.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty());
    words.any(|word| !OF_EUROS.contains(&word)).then(|| behind.trim().into())
}

/// The unit that a number format shows, where it is none of euros: of its first section, which is that of what is above zero, and of the
/// next ones as long as a section holds for some numbers alone (`[=0]"-";0" k€"`) or shows no digit.
pub(super) fn unit_of(format: &str) -> Option<Arc<str>> {
    let format = format.replace("General", "0");
    let mut letters = format.chars().peekable();
    while letters.peek().is_some() {
        let section = section(&mut letters);
        if section.unit.is_some() || section.is_of_all {
            return section.unit;
        }
    }
    None
}

/// A section of a number format.
struct Section {
    unit: Option<Arc<str>>,
    /// Does it show digits, of whatever number?
    is_of_all: bool,
}

/// Reads a section with the `;` that ends it.
fn section(letters: &mut Peekable<Chars<'_>>) -> Section {
    let (mut literal, mut scaled, mut percent, mut is_of_some) = (String::new(), false, false, false);
    let mut digits_at = None;
    while let Some(letter) = letters.next() {
        match letter {
            ';' => break,
            '"' => literal.extend(letters.by_ref().take_while(|letter| *letter != '"')),
            '\\' => literal.extend(letters.next()),
            '_' | '*' => drop(letters.next()),
            '[' => {
                let inside: String = letters.by_ref().take_while(|letter| *letter != ']').collect();
                let symbol = inside.strip_prefix('$').map(|symbol| symbol.split('-').next().unwrap_or_default());
                literal.push_str(symbol.unwrap_or_default());
                is_of_some |= inside.starts_with(['=', '<', '>']);
            }
            '%' => percent = true,
            '0' | '#' | '?' => digits_at = digits_at.or(Some(literal.len())),
            '€' | '$' | '£' | '¥' => literal.push(letter),
            // A comma that no digit follows divides what is shown by a thousand: the cell itself holds the whole.
            ',' => scaled |= !letters.peek().is_some_and(|next| matches!(next, '0' | '#' | '?' | ',')),
            // An exponent.
            'E' | 'e' if letters.peek().is_some_and(|next| matches!(next, '+' | '-')) => {}
            // Some programs write a unit without quotes.
            _ if letter.is_alphabetic() || letter == ' ' => literal.push(letter),
            _ => {}
        }
    }
    // A thousand divided away is shown by its own word: `k€` then says how the whole is shown, not what it is.
    let behind = || other_words(&literal[digits_at?..]).filter(|_| !scaled);
    let unit = if percent { Some(PERCENT.into()) } else { foreign(&literal, scaled).or_else(behind) };
    Section { unit, is_of_all: digits_at.is_some() && !is_of_some }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_that_show_another_unit_than_euros() {
        for (format, unit) in [
            ("0.0\" k€\"", Some("k€")),
            ("#,##0\\ \"KEUR\"", Some("KEUR")),
            ("0.00%", Some("%")),
            ("[$$-409]#,##0.00", Some("$")),
            ("[$USD]\\ #,##0.00;[Red]-0", Some("USD")),
            ("#,##0.00\\ \"€\"", None),
            ("#,##0.00\\ [$€-40C]", None),
            ("#,##0,\" k€\"", None),
            ("General", None),
            ("[=0]\"-\";#,##0.0\" k€\"", Some("k€")),
            ("\"néant\";0\" k€\"", Some("k€")),
            ("[=0]\"-\";#,##0.00\" €\"", None),
            ("[Red]#,##0.00;0\" k€\"", None),
            ("0\" postes\"", Some("postes")),
            ("0 k€", Some("k€")),
            ("#,##0\\ k€", Some("k€")),
            ("General K€", Some("K€")),
            ("0\" 000 €\"", Some("000 €")),
            ("0.00 €", None),
            ("# ##0 EUR", None),
            ("0.00E+00", None),
            ("000\" \"000\" \"000", None),
            ("yyyy\\-mm\\-dd\\ hh:mm:ss", None),
            ("mmm\\ yy", None),
            ("h:mm:ss.0", None),
            ("0.00\" sur 1\"", Some("sur 1")),
            ("\"N° \"0", None),
            ("#,##0.00\" € TTC\"", None),
            ("0.00\" euros HT\"", None),
            ("dd/mm/yyyy", None),
            ("_-* #,##0.00\\ \"€\"_-;\\-* #,##0.00\\ \"k€\"_-", None),
        ] {
            assert_eq!(unit_of(format).as_deref(), unit, "{format}");
        }
    }
}
