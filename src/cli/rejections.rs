//! `passerelle rejections`: what a source's last read could not take, in a form in which its owner can mend it.

use super::output::say;
use super::{EXIT_OK, Ended, Settings, compose, output};
use crate::domain::rejection::Rejection;
use crate::domain::text::SourceId;
use crate::ledger::{PAGE_ROWS_MAX, PageRequest};
use clap::Args;
use indexmap::IndexSet;
use serde_json::{Value, json};
use std::io::Write as _;

/// Arguments of `rejections`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The source.
    #[arg(value_parser = |text: &str| SourceId::parse(text))]
    id: SourceId,
    /// Print as CSV to mend and give back: the source's own columns, then location, field, code and reason.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

/// Runs the command.
pub async fn run(settings: &Settings, arguments: Arguments) -> Ended {
    let ledger = compose::existing_ledger(&compose::config(settings)?).await?;
    let version = ledger.head().await?.version;
    let mut rejections = Vec::new();
    loop {
        let page = PageRequest { offset: rejections.len() as u64, limit: PAGE_ROWS_MAX };
        let found = ledger.rejections(&arguments.id, version, page).await?;
        let done = found.items.is_empty();
        rejections.extend(found.items);
        if done {
            break;
        }
    }
    if settings.json {
        let told: Vec<_> = rejections
            .iter()
            .map(|one| {
                json!({
                    "location": one.location, "key": one.key, "field": one.field, "code": one.code,
                    "reason": one.reason, "raw": one.raw, "at": one.at,
                })
            })
            .collect();
        output::json(&told)?;
    } else if arguments.csv {
        print_csv(&rejections)?;
    } else {
        for one in &rejections {
            say!("{} [{}] {}", one.location, one.code, one.reason.en);
            say!("  {}", one.reason.fr);
            say!("  {}", one.raw);
        }
        say!("{} rejected", rejections.len());
    }
    Ok(EXIT_OK)
}

/// The columns that tell why, after those of the source: no source has columns of such names.
const WHY: [&str; 6] = [
    "rejet : emplacement",
    "rejet : champ",
    "rejet : code",
    "rejet : raison",
    "rejection: reason",
    "rejet : ligne brute",
];

/// A table that the source's owner mends and gives back: the source's own columns, then where and why. UTF-8 with a
/// byte order mark, so that a spreadsheet reads the accents.
fn print_csv(rejections: &[Rejection]) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let records: Vec<Value> = rejections.iter().map(|one| serde_json::from_str(&one.raw).unwrap_or_default()).collect();
    let mut columns: IndexSet<&str> = IndexSet::new();
    for record in records.iter().filter_map(Value::as_object) {
        columns.extend(record.keys().map(String::as_str));
    }
    let mut out = std::io::stdout().lock();
    out.write_all("\u{feff}".as_bytes())?;
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(columns.iter().copied().chain(WHY).map(harmless))?;
    for (one, record) in rejections.iter().zip(&records) {
        let own = columns.iter().map(|column| record.get(*column).map(cell).unwrap_or_default());
        // What could not be taken apart has no columns: it stands as it was read.
        let whole = if record.is_object() { String::new() } else { cell(record) };
        let field = one.field.clone().unwrap_or_default();
        let why = [one.location.clone(), field, one.code.clone(), one.reason.fr.clone(), one.reason.en.clone(), whole];
        writer.write_record(own.chain(why).map(|cell| harmless(&cell)))?;
    }
    writer.flush()?;
    Ok(())
}

/// A value as a cell: a text as it is, nothing as nothing, a list or an object as JSON.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A cell that a spreadsheet will not take for a formula. A signed amount is none, and stays; the apostrophe before
/// anything else is taken away when the cell is read again.
pub(super) fn harmless(cell: &str) -> String {
    let figure = |rest: &str| {
        rest.contains(|letter: char| letter.is_ascii_digit())
            && rest.chars().all(|letter| {
                letter.is_ascii_digit() || matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '.' | ',' | '€')
            })
    };
    let risky =
        cell.starts_with(['=', '@', '\t', '\r']) || cell.strip_prefix(['+', '-']).is_some_and(|rest| !figure(rest));
    if risky { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn formulas_are_disarmed_and_amounts_are_not_changed() {
        for risky in ["=1+1", "@x", "+cmd|' /C calc'!A0", "-2+3", "-", "\tx"] {
            assert_eq!(harmless(risky), format!("'{risky}"));
        }
        for plain in ["-12,5", "- 1 234,56 €", "+33", "12", "CONV -1", ""] {
            assert_eq!(harmless(plain), plain);
        }
    }
}
