//! `passerelle ledger`: the log of versions, and the verification of the chain.

use super::output::say;
use super::{EXIT_BROKEN_CHAIN, EXIT_OK, Ended, Settings, compose, output};
use crate::domain::chain::instant_text;
use crate::ledger::{Ledger, PageRequest};
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What to do with the ledger.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The versions, newest first.
    Log {
        /// How many.
        #[arg(long, default_value_t = 20)]
        first: u64,
        /// How many to leave out first.
        #[arg(long, default_value_t = 0)]
        skip: u64,
    },
    /// Write a copy of the ledger as it stands into a new file, also while it is served (SQLite; of PostgreSQL, pg_dump).
    Copy {
        /// The file to write.
        file: PathBuf,
    },
    /// Compute every digest again: finds a changed byte. Exit code 4 when the chain does not hold.
    Verify,
}

/// Runs the command.
pub async fn run(settings: &Settings, command: Command) -> Ended {
    let ledger = compose::existing_ledger(&compose::config(settings)?).await?;
    match command {
        Command::Log { first, skip } => {
            let page = ledger.log(PageRequest { offset: skip, limit: first }).await?;
            if settings.json {
                let entries: Vec<_> = page
                    .items
                    .iter()
                    .map(|entry| {
                        json!({
                            "version": entry.head.version, "at": instant_text(entry.head.at), "kind": entry.kind,
                            "author": entry.author.to_string(), "reason": entry.reason, "records": entry.records,
                            "head": entry.head.head,
                        })
                    })
                    .collect();
                output::json(&json!({ "entries": entries, "total": page.total }))?;
            } else {
                let rows: Vec<Vec<String>> = page
                    .items
                    .iter()
                    .map(|entry| {
                        let (head, author) = (entry.head.head.to_string(), entry.author.to_string());
                        let at = instant_text(entry.head.at);
                        let kind = entry.kind.clone();
                        vec![
                            entry.head.version.to_string(),
                            at,
                            kind,
                            author,
                            entry.records.to_string(),
                            head[..16].to_owned(),
                            entry.reason.clone(),
                        ]
                    })
                    .collect();
                output::table(&["version", "at", "kind", "author", "records", "head", "reason"], &rows);
            }
            Ok(EXIT_OK)
        }
        Command::Copy { file } => copy(&ledger, &file).await,
        Command::Verify => {
            let report = ledger.verify().await?;
            if settings.json {
                output::json(&json!({
                    "sound": report.fault.is_none(), "version": report.head.version, "head": report.head.head,
                    "entries": report.entries, "rows": report.rows,
                    "fault": report.fault.as_ref().map(|fault| json!({ "version": fault.version, "message": fault.message })),
                }))?;
            } else if let Some(fault) = &report.fault {
                say!(
                    "The chain does not hold at version {}.\n{}\n{}",
                    fault.version,
                    fault.message.en,
                    fault.message.fr
                );
            } else {
                say!(
                    "The chain holds: {} versions, {} rows, head {}.\nCompare the head with one kept elsewhere: a ledger cut short at its end is sound in itself.",
                    report.entries,
                    report.rows,
                    report.head.head
                );
            }
            Ok(if report.fault.is_none() { EXIT_OK } else { EXIT_BROKEN_CHAIN })
        }
    }
}

async fn copy(ledger: &Ledger, file: &Path) -> Ended {
    // VACUUM INTO takes an empty file for its own.
    if file.exists() {
        return Err(format!("{}: there is a file already", file.display()).into());
    }
    // SQLite takes a name that begins with `file:` for an address.
    let file = std::path::absolute(file)?;
    super::private::file(&file)?;
    if let Err(error) = ledger.copy_to(&file).await {
        let _ = std::fs::remove_file(&file);
        return Err(error.into());
    }
    say!("{}: compare `passerelle ledger verify` of both", file.display());
    Ok(EXIT_OK)
}
