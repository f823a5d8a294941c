//! `passerelle rejections`: what a source's last read could not take, in a form in which its owner can mend it.

use super::output::say;
use super::{EXIT_OK, Ended, Settings, compose, output};
use crate::domain::text::SourceId;
use crate::ledger::{PAGE_ROWS_MAX, PageRequest};
use clap::Args;
use serde_json::json;

/// Arguments of `rejections`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The source.
    #[arg(value_parser = |text: &str| SourceId::parse(text))]
    id: SourceId,
    /// Print as CSV: location, key, field, code, reason in French and English, raw record.
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
        let mut writer = csv::Writer::from_writer(std::io::stdout());
        writer.write_record(["location", "key", "field", "code", "raison", "reason", "raw"])?;
        for one in &rejections {
            let (key, field) = (one.key.as_deref().unwrap_or_default(), one.field.as_deref().unwrap_or_default());
            let cells = [&one.location, key, field, &one.code, &one.reason.fr, &one.reason.en, &one.raw];
            writer.write_record(cells.map(harmless))?;
        }
        writer.flush()?;
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

/// A cell that a spreadsheet will not take for a formula.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}
