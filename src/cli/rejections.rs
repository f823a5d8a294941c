//! `passerelle rejections`: what a source's last read could not take, or took with a warning, in a form in which its owner can
//! mend it.

use super::compose::{self, Connectors, Failure};
use super::output::say;
use super::{EXIT_OK, Ended, Settings, output};
use crate::config::Config;
use crate::connector::Connector;
use crate::connector::node::Node;
use crate::domain::Instant;
use crate::domain::facts::Warning;
use crate::domain::message::Message;
use crate::domain::rejection::Rejection;
use crate::domain::text::SourceId;
use crate::ledger::{Ledger, PAGE_ROWS_MAX, PageRequest};
use crate::workroom::{Staged, StagedRejection, Workroom};
use clap::Args;
use indexmap::IndexSet;
use serde_json::json;
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
    /// What the batch that this run holds could not take; nothing of it is applied yet.
    #[arg(long, value_name = "RUN", conflicts_with = "warnings")]
    held: Option<String>,
    /// Show what was taken with a warning instead: normalised, in doubt, left out.
    #[arg(long)]
    warnings: bool,
}

/// What stands between the fields of several warnings.
const FIELDS_SEPARATOR: &str = ", ";

/// One record and what is said of it.
struct Told {
    raw: String,
    location: String,
    key: Option<String>,
    field: Option<String>,
    code: String,
    reason: Message,
    at: Option<Instant>,
}

impl Told {
    /// Names the fields at fault by the columns in which they stand, where the manifest spells them otherwise: what the owner looks for.
    fn name_columns(&mut self, connector: &Connector) {
        let (Some(fields), Ok(record)) = (&self.field, Node::parse_json(&self.raw)) else { return };
        // A name may hold what stands between several.
        let Some(column) = connector.column_of(&record, fields) else {
            let named =
                fields.split(FIELDS_SEPARATOR).map(|field| connector.column_of(&record, field).unwrap_or(field));
            self.field = Some(named.collect::<Vec<_>>().join(FIELDS_SEPARATOR));
            return;
        };
        let named = |text: &str, word: &str| match text.strip_prefix(&format!("{word} {fields}")) {
            Some(rest) => format!("{word} {column}{rest}"),
            None => text.to_owned(),
        };
        self.reason = Message::new(named(&self.reason.fr, "champ"), named(&self.reason.en, "field"));
        self.field = Some(column.to_owned());
    }
}

/// Runs the command.
pub async fn run(settings: &Settings, arguments: Arguments) -> Ended {
    let config = compose::config(settings)?;
    let ledger = compose::existing_ledger(&config).await?;
    let connectors = compose::connectors(&config);
    let connector = connectors.get(&arguments.id).map(AsRef::as_ref);
    must_be_known(&connectors, &ledger, &arguments.id).await?;
    let mut told = match &arguments.held {
        Some(run) => of_batch(&config, &arguments.id, run).await?,
        None if arguments.warnings => warnings(&ledger, &arguments.id).await?,
        None => rejections(&ledger, &arguments.id).await?,
    };
    if let Some(connector) = connector {
        told.iter_mut().for_each(|one| one.name_columns(connector));
    }
    if settings.json {
        let told: Vec<_> = told
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
        print_csv(&told, delimiter(connector))?;
    } else {
        for one in &told {
            let place = if one.location.is_empty() { one.key.as_deref().unwrap_or_default() } else { &one.location };
            say!("{place} [{}] {}", one.code, one.reason.en);
            say!("  {}", one.reason.fr);
            say!("  {}", one.raw);
        }
        say!("{} {}", told.len(), if arguments.warnings { "with warnings" } else { "rejected" });
    }
    Ok(EXIT_OK)
}

/// A name that is misspelt must not read as a source that rejects nothing.
async fn must_be_known(connectors: &Connectors, ledger: &Ledger, source: &SourceId) -> Result<(), Failure> {
    let version = ledger.head().await?.version;
    if connectors.contains_key(source) || ledger.profile(source, version).await?.is_some() {
        return Ok(());
    }
    let known = connectors.keys().map(SourceId::as_str).collect::<Vec<_>>().join(", ");
    Err(format!("no source is called {source}; known: {known}").into())
}

async fn rejections(ledger: &Ledger, source: &SourceId) -> Result<Vec<Told>, Failure> {
    let version = ledger.head().await?.version;
    let mut told = Vec::new();
    loop {
        let page = PageRequest { offset: told.len() as u64, limit: PAGE_ROWS_MAX };
        let found = ledger.rejections(source, version, page).await?;
        if found.items.is_empty() {
            return Ok(told);
        }
        told.extend(found.items.into_iter().map(|one: Rejection| Told {
            raw: one.raw,
            location: one.location,
            key: one.key,
            field: one.field,
            code: one.code,
            reason: one.reason,
            at: Some(one.at),
        }));
    }
}

/// What stands in a held batch, if it is byte for byte what was held.
async fn of_batch(config: &Config, source: &SourceId, run: &str) -> Result<Vec<Told>, Failure> {
    let (batch, spool) = Workroom::open(&config.workroom()).await?.accept(run).await?;
    if batch.source != *source {
        return Err(format!("run {run} read {}, not {source}: name its own source", batch.source).into());
    }
    let mut told = Vec::new();
    for item in spool.read()? {
        if let Staged::Rejection(StagedRejection { raw, location, key, field, code, reason, at, .. }) = item? {
            told.push(Told { raw, location, key, field, code, reason, at: Some(at) });
        }
    }
    Ok(told)
}

/// The records of the source that stand with a warning, each with all its warnings.
async fn warnings(ledger: &Ledger, source: &SourceId) -> Result<Vec<Told>, Failure> {
    let version = ledger.head().await?.version;
    let image = ledger.image(version).await?;
    let doubted = image.records.into_iter().filter(|one| one.source == *source && !one.facts.warnings.is_empty());
    let mut told = Vec::new();
    for record in doubted {
        let raw = ledger.raw(source, &record.key, version).await?.map(|version| version.raw).unwrap_or_default();
        let all = |part: fn(&Warning) -> &str| record.facts.warnings.iter().map(part).collect::<Vec<_>>();
        let fields: IndexSet<&str> = all(|one| one.field.as_deref().unwrap_or_default()).into_iter().collect();
        told.push(Told {
            location: String::new(),
            key: Some(record.key.as_str().to_owned()),
            field: Some(fields.into_iter().collect::<Vec<_>>().join(FIELDS_SEPARATOR)),
            code: all(|one| &one.code).join(", "),
            reason: Message::new(all(|one| &one.message.fr).join(" · "), all(|one| &one.message.en).join(" · ")),
            raw,
            at: None,
        });
    }
    Ok(told)
}

/// What separates the columns of the table: what the manifest says that the source is read with; else a semicolon, which a spreadsheet in
/// French opens as columns, and which is found when the table is read again.
fn delimiter(connector: Option<&Connector>) -> u8 {
    connector.and_then(|connector| connector.settings().delimiter()).unwrap_or(b';')
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
fn print_csv(told: &[Told], delimiter: u8) -> Result<(), Failure> {
    // The digits of a number as the source wrote them: what was refused must not come back looking sound.
    let records: Vec<Node> = told.iter().map(|one| Node::parse_json(&one.raw).unwrap_or(Node::Null)).collect();
    let mut columns: IndexSet<&str> = IndexSet::new();
    for record in &records {
        if let Node::Object(entries) = record {
            columns.extend(entries.iter().map(|(name, _)| &**name));
        }
    }
    let mut out = std::io::stdout().lock();
    out.write_all("\u{feff}".as_bytes())?;
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(out);
    writer.write_record(columns.iter().copied().chain(WHY).map(harmless))?;
    for (one, record) in told.iter().zip(&records) {
        let own = columns.iter().map(|column| record.get(column).map(cell).unwrap_or_default());
        // What could not be taken apart has no columns: it stands as it was read.
        let whole = if matches!(record, Node::Object(_)) { String::new() } else { cell(record) };
        let field = one.field.clone().unwrap_or_default();
        let why = [one.location.clone(), field, one.code.clone(), one.reason.fr.clone(), one.reason.en.clone(), whole];
        writer.write_record(own.chain(why).map(|cell| harmless(&cell)))?;
    }
    writer.flush()?;
    Ok(())
}

/// A value as a cell: a text as it is, nothing as nothing, a list or an object as JSON.
fn cell(value: &Node) -> String {
    match value {
        Node::Null => String::new(),
        Node::List(_) | Node::Object(_) => value.to_json(),
        scalar => scalar.scalar().unwrap_or_default().to_owned(),
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
    use super::{cell, harmless};
    use crate::connector::node::Node;

    #[test]
    fn a_number_goes_back_with_the_digits_that_it_came_with() {
        for digits in ["2.19E+3", "123456789012345678901", "2.1590350100017e13", "12.50"] {
            let raw = Node::parse_json(&format!(r#"{{"montant": {digits}, "liste": [{digits}]}}"#)).unwrap();
            assert_eq!(raw.get("montant").map(cell).as_deref(), Some(digits));
            assert_eq!(raw.get("liste").map(cell), Some(format!("[{digits}]")));
        }
    }

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
