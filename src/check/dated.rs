//! What of a rulebook holds from a day on, and before another: a row that holds on no day would be left out of every check in silence, and
//! of two values on one day nobody could say which is meant.

use super::mistake::RulebookError;
use super::rulebook::{Expectation, Proxy, Sheet};
use crate::domain::Date;

/// From the first day on, up to the day before the last.
pub(super) type Days = (Option<Date>, Option<Date>);

/// A sheet and its dated values.
pub(super) fn of_sheet(file: &str, sheet: &Sheet) -> Result<(), RulebookError> {
    holds(file, || format!("rule {}", sheet.code), (sheet.from, sheet.to))?;
    let values = sheet.dated_values();
    for (at, (name, days)) in values.iter().enumerate() {
        holds(file, || format!("value {name} of rule {}", sheet.code), *days)?;
        if values[at + 1..].iter().any(|(other, then)| other == name && meet(*days, *then)) {
            return Err(RulebookError::TwoValues {
                file: file.to_owned(),
                code: sheet.code.clone(),
                name: (*name).into(),
            });
        }
    }
    Ok(())
}

/// Who is expected, in the order of the file.
pub(super) fn of_expected(file: &str, rows: &[Expectation]) -> Result<(), RulebookError> {
    let mut rows = (1..).zip(rows);
    rows.try_for_each(|(number, row)| holds(file, || format!("[[expected]] number {number}"), (row.from, row.to)))
}

/// Who is answered for, in the order of the file.
pub(super) fn of_proxies(file: &str, rows: &[Proxy]) -> Result<(), RulebookError> {
    let mut rows = (1..).zip(rows);
    let entry = |number: u32, row: &Proxy| format!("[[proxy]] number {number} ({})", row.funder);
    rows.try_for_each(|(number, row)| holds(file, || entry(number, row), (row.from, row.to)))
}

/// Is there a day on which it holds?
fn holds(file: &str, entry: impl FnOnce() -> String, (from, to): Days) -> Result<(), RulebookError> {
    match from.zip(to) {
        Some((from, to)) if to <= from => Err(RulebookError::NoDay { file: file.to_owned(), entry: entry(), from, to }),
        _ => Ok(()),
    }
}

/// Is there a day on which both hold?
pub(super) fn meet(one: Days, other: Days) -> bool {
    let begins_before_end = |(from, _): Days, (_, end): Days| from.zip(end).is_none_or(|(from, end)| from < end);
    begins_before_end(one, other) && begins_before_end(other, one)
}
