//! `passerelle connector`: connectors, offline.

use super::compose::{self, Failure};
use super::output::say;
use super::{EXIT_NOT_GREEN, EXIT_OK, Ended, Settings, output, outward};
use crate::config::Config;
use crate::connector::check::{Checking, FolderCheck, check_all};
use crate::connector::driver::{Ask, Reading};
use crate::connector::preview::{Preview, Tally, preview};
use crate::connector::remarks::remarks;
use crate::connector::reshape::Runner;
use crate::connector::{Connector, Mapped, scaffold};
use crate::domain::source::Scope;
use crate::domain::text::SourceId;
use crate::net::{Hosts, Net, NetSettings};
use clap::Subcommand;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What to do with connectors.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The connectors of this gateway, whether their golden samples are green, and for whom they speak.
    List,
    /// Try connectors offline: manifest, sample, expected facts and rejections. Exit code 3 when one is not green.
    Check {
        /// The connectors; all of them when none is named.
        ids: Vec<String>,
        /// Write expected.json and rejected.json anew: read them before you commit them.
        #[arg(long)]
        update: bool,
    },
    /// The first records of a source, as read, as mapped and as rejected. Nothing is stored.
    Preview {
        /// The connector.
        #[arg(value_parser = |text: &str| SourceId::parse(text))]
        id: SourceId,
        /// Read this file, glob or URL instead of the place that the manifest names.
        #[arg(long, value_name = "PATH|URL")]
        from: Option<String>,
        /// How many records.
        #[arg(long, default_value_t = 5)]
        first: usize,
    },
    /// Begin a connector: a folder with a manifest to fill in and a sample.
    New {
        /// Its identifier: lower case letters, digits, hyphens.
        id: String,
        /// Folder of its family, below the connectors' directory.
        #[arg(long, default_value = "partenaires")]
        family: String,
        /// Kind of driver: http-json, delimited, sql (a spreadsheet begins as delimited: change its kind once the sample is a workbook).
        #[arg(long, default_value = "delimited")]
        kind: String,
    },
}

/// Runs the command.
pub async fn run(settings: &Settings, command: Command) -> Ended {
    let config = compose::config(settings)?;
    match command {
        Command::List => list(settings, &config).await,
        Command::Check { ids, update } => check(settings, &config, &ids, update).await,
        Command::Preview { id, from, first } => show(settings, &config, (id, from, first)).await,
        Command::New { id, family, kind } => {
            // The first connector makes the directory.
            let root = compose::directory(&config).unwrap_or_else(|| PathBuf::from(compose::CONNECTORS));
            let made = scaffold::new(&root, &family, &id, &kind)?;
            say!("{}", made.display());
            // The answers of the sample that was made up: the folder is green until somebody changes it.
            check(settings, &config, &[id], true).await
        }
    }
}

fn root(config: &Config) -> Result<PathBuf, Failure> {
    compose::directory(config).ok_or_else(|| "no directory of connectors here: name it with --connectors".into())
}

/// What the golden sample of each connector comes to, by identifier: `ok`, or how many problems were found.
async fn golden(config: &Config) -> Result<BTreeMap<String, String>, Failure> {
    let net = Net::new(NetSettings { hosts: Hosts::Only(BTreeSet::new()), ..NetSettings::default() })?;
    let word = |one: FolderCheck| {
        let count = one.problems.len();
        Some((one.id?, if count == 0 { "ok".to_owned() } else { format!("not green: {count}") }))
    };
    Ok(check_all(&root(config)?, &[], &Checking { net: &net, runner: Runner::default(), update: false })
        .await?
        .into_iter()
        .filter_map(word)
        .collect())
}

async fn list(settings: &Settings, config: &Config) -> Ended {
    let connectors = compose::connectors(config);
    let golden = golden(config).await?;
    let green = |one: &Connector| golden.get(one.id().as_str()).cloned().unwrap_or_else(|| "none".to_owned());
    if settings.json {
        let told: Vec<Value> = connectors
            .values()
            .map(|one| {
                json!({
                    "id": one.id(), "family": one.profile.family, "title": one.profile.title,
                    "standing": one.profile.standing, "driver": one.settings().kind(),
                    "speaksFor": one.profile.speaks_for, "everySeconds": one.every_s,
                    "maxAgeSeconds": one.profile.max_age_s, "golden": green(one),
                })
            })
            .collect();
        output::json(&told)?;
        return Ok(EXIT_OK);
    }
    let rows: Vec<Vec<String>> = connectors
        .values()
        .map(|one| {
            let funders: Vec<String> = one.profile.speaks_for.iter().map(|scope| scope.funder.to_string()).collect();
            vec![
                one.id().to_string(),
                one.profile.family.map_or_else(|| "reference".to_owned(), |family| family.to_string()),
                one.settings().kind().to_owned(),
                green(one),
                one.profile.title.clone(),
                funders.join(" "),
            ]
        })
        .collect();
    output::table(&["connector", "family", "driver", "golden", "title", "speaks for"], &rows);
    Ok(EXIT_OK)
}

async fn check(settings: &Settings, config: &Config, ids: &[String], update: bool) -> Ended {
    let net = Net::new(NetSettings { hosts: Hosts::Only(BTreeSet::new()), ..NetSettings::default() })?;
    let checks = check_all(&root(config)?, ids, &Checking { net: &net, runner: Runner::default(), update }).await?;
    if checks.is_empty() {
        return Err("no connector is called so here".into());
    }
    let green = checks.iter().all(|one| one.problems.is_empty());
    if settings.json {
        output::json(&checks.iter().map(told).collect::<Vec<_>>())?;
    } else {
        for one in &checks {
            let verdict = if one.problems.is_empty() { "ok" } else { "NOT GREEN" };
            let name = one.id.clone().unwrap_or_else(|| one.folder.display().to_string());
            say!(
                "{verdict:<10} {name}: {} accepted, {} rejected, {} left out",
                one.accepted,
                one.rejected,
                one.skipped
            );
            one.tallies.iter().for_each(|tally| say!("  sums: {}", tally_line(tally)));
            one.problems.iter().for_each(|problem| say!("  {problem}"));
            one.remarks.iter().for_each(|remark| say!("  look: {remark}"));
        }
    }
    Ok(if green { EXIT_OK } else { EXIT_NOT_GREEN })
}

fn told(one: &FolderCheck) -> Value {
    json!({
        "folder": one.folder, "id": one.id, "green": one.problems.is_empty(), "accepted": one.accepted,
        "rejected": one.rejected, "skipped": one.skipped, "problems": one.problems, "remarks": one.remarks,
        "updated": one.updated, "sums": tallies_json(&one.tallies),
    })
}

/// `12 ATTRIBUE SUBVENTION: 1250000.00 EUR, 2 without an amount`.
fn tally_line(tally: &Tally) -> String {
    let stage = tally.stage.map_or_else(|| "no stage".to_owned(), |stage| stage.to_string());
    let unknown = if tally.unknown == 0 { String::new() } else { format!(", {} without an amount", tally.unknown) };
    format!("{} {stage} {}: {} EUR{unknown}", tally.count, tally.form, tally.total)
}

fn tallies_json(tallies: &[Tally]) -> Value {
    let one = |tally: &Tally| {
        json!({
            "stage": tally.stage, "form": tally.form, "count": tally.count, "total": tally.total.to_string(),
            "withoutAmount": tally.unknown,
        })
    };
    tallies.iter().map(one).collect()
}

async fn show(settings: &Settings, config: &Config, (id, from, first): (SourceId, Option<String>, usize)) -> Ended {
    let connectors = compose::connectors(config);
    let connector = connectors.get(&id).ok_or_else(|| format!("no connector is called {id}"))?;
    let net = outward::net(config, &connectors, from.as_deref())?.of(id.as_str())?;
    let base = config.sources.get(id.as_str()).and_then(|source| source.base.as_deref());
    let reading = Reading { net: &net, base, place: from.as_deref(), ask: Ask::default() };
    let seen = preview(connector, &reading, first).await.map_err(|error| error.en)?;
    if settings.json {
        output::json(&as_json(&seen, &connector.profile.speaks_for))?;
        return Ok(EXIT_OK);
    }
    for one in &seen.records {
        say!("{}\n  read     {}", one.location, one.read);
        match &one.mapped {
            Mapped::Accepted { key, partition, facts } => {
                let facts = serde_json::to_string_pretty(facts)?.replace('\n', "\n           ");
                say!(
                    "  key      {key}{}\n  mapped   {facts}",
                    if partition.is_empty() { String::new() } else { format!(" in {partition}") }
                );
            }
            Mapped::Rejected { field, code, reason, .. } => {
                let field = field.as_deref().map_or_else(String::new, |field| format!(" ({field})"));
                say!("  rejected {code}{field}: {}\n           {}", reason.en, reason.fr);
            }
            Mapped::Skipped { reason, .. } => say!("  left out {}", reason.en),
        }
    }
    for one in &seen.broken {
        say!(
            "{}\n  read     {}\n  rejected {}: {}\n           {}",
            one.location,
            one.raw,
            one.code,
            one.reason.en,
            one.reason.fr
        );
    }
    for note in &seen.notes {
        say!("note: {}", note.en);
    }
    seen.tallies().iter().for_each(|tally| say!("sums: {}", tally_line(tally)));
    remarks(&seen, &connector.profile.speaks_for).iter().for_each(|remark| say!("look: {remark}"));
    Ok(EXIT_OK)
}

fn as_json(seen: &Preview, speaks_for: &[Scope]) -> Value {
    let records: Vec<Value> = seen
        .records
        .iter()
        .map(|one| {
            let mapped = match &one.mapped {
                Mapped::Accepted { key, partition, facts } => {
                    json!({ "accepted": { "key": key, "partition": partition, "facts": facts } })
                }
                Mapped::Rejected { key, field, code, reason, .. } => {
                    json!({ "rejected": { "key": key, "field": field, "code": code, "reason": reason } })
                }
                Mapped::Skipped { reason, .. } => json!({ "skipped": { "reason": reason } }),
            };
            json!({ "location": one.location.to_string(), "read": one.read, "mapped": mapped })
        })
        .collect();
    let broken: Vec<Value> = seen
        .broken
        .iter()
        .map(|one| json!({ "location": one.location.to_string(), "raw": one.raw, "code": one.code, "reason": one.reason }))
        .collect();

    json!({
        "records": records, "broken": broken, "notes": seen.notes, "sums": tallies_json(&seen.tallies()),
        "remarks": remarks(seen, speaks_for),
    })
}
