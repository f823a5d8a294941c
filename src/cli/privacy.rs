//! `passerelle privacy`: what personal data is held, who is found in it, what is erased.

use super::compose::{self, Composed};
use super::output::say;
use super::{EXIT_NOT_GREEN, EXIT_OK, Ended, Settings, output};
use crate::acts::privacy::{Erased, Held, Report, Search};
use crate::domain::Instant;
use crate::domain::act::Author;
use crate::domain::chain::instant_text;
use crate::domain::erasure::{Erasure, ErasureCause, Sealed};
use crate::domain::text::SourceId;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What to do about personal data.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What is held, source by source, since when and until when, and what was erased. Exit code 3 when something is held longer
    /// than its manifest says.
    Report,
    /// Find the records whose sealed fields speak of somebody. Nothing else is looked into: not what stands in clear.
    Find {
        /// Words that stand in the sealed fields of one record, in any order: a name, an address.
        text: String,
        /// Print these fields too.
        #[arg(long)]
        show: bool,
    },
    /// Erase the personal fields of records, for good, in every version of them, past and to come. A record without a sealed field
    /// is refused; of a list (`--from`), exit code 3 says that some are in clear.
    Erase(EraseArguments),
    /// Erase what was kept for as long as the manifests say. `serve` does so every day.
    Expire,
    /// Every erasure, as CSV (source, record, cause, version, at, reason): what `erase --from` takes.
    Erasures,
}

/// Arguments of `privacy erase`.
#[derive(Debug, Args)]
pub struct EraseArguments {
    /// The source.
    #[arg(required_unless_present = "from", requires = "records", value_parser = |text: &str| SourceId::parse(text))]
    source: Option<SourceId>,
    /// The records, as `privacy find` tells them: keys, or places of rejected records without a key.
    records: Vec<String>,
    /// A CSV file with the columns source and record: what was erased in a state that was since restored from a copy. Records
    /// that the state does not hold are erased when they come.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["source", "records"])]
    from: Option<PathBuf>,
    /// Why, without naming anybody: it stays in the ledger.
    #[arg(long)]
    reason: String,
}

/// Runs the command.
pub async fn run(settings: &Settings, command: Command) -> Ended {
    let config = compose::config(settings)?;
    compose::ledger_must_be_there(&config)?;
    let composed = compose::compose(config, None).await?;
    let privacy = composed.privacy();
    match command {
        Command::Report => report(settings, &privacy.report(&composed.connectors).await?),
        Command::Find { text, show } => find(settings, &privacy.find(&text).await?, show),
        Command::Erase(arguments) => {
            let records = named(&arguments)?;
            let (by, cause) = ((Author::system("cli"), arguments.reason.as_str()), ErasureCause::Request);
            told(
                settings,
                match arguments.from {
                    Some(_) => privacy.erase_anew(by, cause, records).await?,
                    None => privacy.erase(by, cause, records).await?,
                },
            )
        }
        Command::Expire => told(settings, privacy.expire(&composed.connectors).await?),
        Command::Erasures => erasures(&composed).await,
    }
}

fn named(arguments: &EraseArguments) -> Result<Vec<Sealed>, compose::Failure> {
    let Some(path) = &arguments.from else {
        let source = arguments.source.clone().ok_or("name the source, then the records")?;
        let of = |record: &String| Sealed { source: source.clone(), record: record.as_str().into() };
        return Ok(arguments.records.iter().map(of).collect());
    };
    let at = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut reader = csv::Reader::from_path(path).map_err(|error| at(&error))?;
    let header = reader.headers().map_err(|error| at(&error))?.clone();
    let column = |name: &str| {
        let found = header.iter().position(|one| one == name);
        found.ok_or_else(|| at(&format!("no column « {name} »; `privacy erasures` writes such a file")))
    };
    let (source, record) = (column("source")?, column("record")?);
    let mut records = Vec::new();
    for (rank, row) in reader.records().enumerate() {
        let row = row.map_err(|error| at(&error))?;
        let refuse = |error: &dyn std::fmt::Display| format!("{}, record {}: {error}", path.display(), rank + 1);
        let source = SourceId::parse(&row[source]).map_err(|error| refuse(&error))?;
        if row[record].is_empty() {
            return Err(refuse(&"the column record is empty").into());
        }
        records.push(Sealed { source, record: row[record].into() });
    }
    Ok(records)
}

fn told(settings: &Settings, erased: Erased) -> Ended {
    if settings.json {
        output::json(&json!({
            "records": erased.records, "unheld": erased.unheld, "inClear": erased.in_clear, "keys": erased.keys,
            "version": erased.version,
            "repeated": erased.repeated.iter().map(|(of, fields)| json!({
                "source": of.source, "record": of.record, "fields": fields,
            })).collect::<Vec<_>>(),
        }))?;
    } else if erased.records == 0 && erased.keys == 0 && erased.in_clear == 0 {
        say!("Nothing to erase that was not erased before.");
    } else {
        say!(
            "{} records erased, {} keys destroyed; version {} of the ledger says so.\n\
             Copies of the workroom made before hold the keys still: destroy them (docs/privacy.md).",
            erased.records - erased.unheld,
            erased.keys,
            erased.version
        );
        if erased.unheld > 0 {
            say!("{} more are not held here: what their sources give of them is erased as it comes.", erased.unheld);
        }
        if erased.in_clear > 0 {
            say!(
                "{} more hold no sealed field: what they say stands in clear, and nothing of it is erased.",
                erased.in_clear
            );
        }
    }
    if !settings.json {
        for (of, fields) in &erased.repeated {
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            say!(
                "{} {}: what was sealed stands in clear in {} of the same record, and stays: name these fields in `personal` of \
                 the manifest for what comes, and have the source corrected (docs/privacy.md).",
                of.source,
                output::without_controls(&of.record),
                output::without_controls(&fields.join(", "))
            );
        }
    }
    let is_whole = erased.in_clear == 0 && erased.repeated.is_empty();
    Ok(if is_whole { EXIT_OK } else { EXIT_NOT_GREEN })
}

fn find(settings: &Settings, search: &Search, show: bool) -> Ended {
    let held = |held: &Held| match held {
        Held::Record => "record",
        Held::Rejection => "rejection",
        Held::Batch => "waiting batch",
    };
    if settings.json {
        let found = search.found.iter().map(|one| {
            let fields: Value = if show { json!(one.fields) } else { json!(one.fields.keys().collect::<Vec<_>>()) };
            json!({
                "source": one.of.source, "record": one.of.record, "held": one.held.iter().map(held).collect::<Vec<_>>(),
                "rows": one.rows, "lastAt": instant_text(one.last_at), "fields": fields,
            })
        });
        let found: Vec<_> = found.collect();
        output::json(&json!({
            "found": found, "opened": search.opened, "erased": search.erased, "unreadable": search.unreadable,
            "sources": search.sources,
        }))?;
        return Ok(EXIT_OK);
    }
    for one in &search.found {
        let fields: Vec<String> = one
            .fields
            .iter()
            .map(|(path, plain)| if show { format!("{path} = {plain}") } else { path.clone() })
            .collect();
        let held: Vec<_> = one.held.iter().map(held).collect();
        say!(
            "{} {} ({}, {} rows, last {})",
            one.of.source,
            one.of.record,
            held.join(", "),
            one.rows,
            instant_text(one.last_at)
        );
        say!("  {}", output::without_controls(&fields.join("; ")));
    }
    say!(
        "{} records; {} sealed fields looked at, {} erased, {} that no key of this workroom opens",
        search.found.len(),
        search.opened,
        search.erased,
        search.unreadable
    );
    let sources: Vec<&str> = search.sources.iter().map(SourceId::as_str).collect();
    say!(
        "Looked into sealed fields alone, {}: what no manifest names as personal stands in clear and is not searched.",
        if sources.is_empty() { "and no source has any".to_owned() } else { format!("of {}", sources.join(", ")) }
    );
    Ok(EXIT_OK)
}

fn report(settings: &Settings, report: &Report) -> Ended {
    let day = |at: Option<Instant>| at.map(|at| at.date_naive().to_string());
    if settings.json {
        let sources = report.sources.iter().map(|one| {
            json!({
                "source": one.source, "fields": one.fields, "keep": one.keep.to_string(), "records": one.records,
                "oldest": day(one.oldest), "nextEnd": day(one.next_end), "due": one.due, "keys": one.keys,
                "batchesHeld": one.batches_held, "erasedOnRequest": one.erased_on_request,
                "erasedByRetention": one.erased_by_retention,
            })
        });
        let sources: Vec<_> = sources.collect();
        let erasures: Vec<_> = report.erasures.iter().map(told_erasure).collect();
        output::json(&json!({ "sources": sources, "erasures": erasures, "carriedOut": report.carried_out }))?;
    } else {
        let header = [
            "source",
            "personal fields",
            "kept for",
            "records",
            "oldest",
            "next end",
            "due",
            "waiting batches",
            "on request",
            "by retention",
        ];
        let rows = report.sources.iter().map(|one| {
            vec![
                one.source.to_string(),
                one.fields.join(", "),
                one.keep.to_string(),
                one.records.to_string(),
                day(one.oldest).unwrap_or_default(),
                day(one.next_end).unwrap_or_default(),
                one.due.to_string(),
                one.batches_held.to_string(),
                one.erased_on_request.to_string(),
                one.erased_by_retention.to_string(),
            ]
        });
        output::table(&header, &rows.collect::<Vec<_>>());
        say!(
            "{} erasures in the ledger{}",
            report.erasures.len(),
            if report.carried_out { "" } else { ", not all carried out here" }
        );
    }
    let late = report.sources.iter().any(|one| one.due > 0) || !report.carried_out;
    Ok(if late { EXIT_NOT_GREEN } else { EXIT_OK })
}

fn told_erasure(one: &Erasure) -> Value {
    json!({
        "source": one.of.source, "record": one.of.record, "cause": one.cause.as_str(), "version": one.version,
        "at": instant_text(one.at), "author": one.author.to_string(), "reason": one.reason,
    })
}

async fn erasures(composed: &Composed) -> Ended {
    let all = composed.gateway.ledger().erasures(crate::domain::chain::LedgerVersion(0)).await?;
    let mut writer = csv::Writer::from_writer(std::io::stdout().lock());
    writer.write_record(["source", "record", "cause", "version", "at", "reason"])?;
    for one in all {
        let (version, at) = (one.version.to_string(), instant_text(one.at));
        writer.write_record([
            one.of.source.as_str(),
            &one.of.record,
            one.cause.as_str(),
            &version,
            &at,
            &one.reason,
        ])?;
    }
    writer.flush()?;
    Ok(EXIT_OK)
}
