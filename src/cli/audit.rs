//! `passerelle audit`: the journal of reads.

use super::output::say;
use super::{EXIT_BROKEN_CHAIN, EXIT_OK, Ended, Settings, compose, output};
use crate::audit::{Entry, Journal, Trail};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::chain::instant_text;
use crate::domain::erasure::Retention;
use crate::domain::project::ProjectId;
use clap::Subcommand;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// How often what is kept for long enough is dropped.
const DROPPED_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// What to do with the journal.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Who read what, the newest first.
    Log {
        /// How many.
        #[arg(long, default_value_t = 20)]
        first: usize,
        /// Before the entry of this number.
        #[arg(long)]
        before: Option<u64>,
        /// Only what speaks of the project of this identifier.
        #[arg(long, value_parser = |text: &str| ProjectId::parse(text))]
        project: Option<ProjectId>,
    },
    /// Compute every head again: finds a changed byte. Exit code 4 when the chain does not hold.
    Verify,
    /// Drop what was kept for as long as the settings say. `serve` does so every day.
    Expire,
}

/// Runs the command.
pub async fn run(settings: &Settings, command: Command) -> Ended {
    let config = compose::config(settings)?;
    let path = config.journal();
    if !path.is_file() {
        return Err(
            format!("no journal at {}: name its directory with --state; `serve` begins one", path.display()).into()
        );
    }
    let journal = Journal::open(&path).await?;
    match command {
        Command::Log { first, before, project } => {
            let trail = match project {
                Some(project) => journal.of(&BTreeSet::from([project]), before, first).await?,
                None => journal.log(before, first).await?,
            };
            log(settings, &trail)
        }
        Command::Verify => verify(settings, &journal).await,
        Command::Expire => {
            let dropped = expire(&config, &journal, &Clock::system()).await?;
            say!("{dropped} entries dropped, kept for {}", config.journal.keep);
            Ok(EXIT_OK)
        }
    }
}

/// How long entries are kept.
///
/// # Errors
/// Settings that say it in another form.
pub fn keep(config: &Config) -> Result<Retention, compose::Failure> {
    Retention::parse(&config.journal.keep).map_err(|error| format!("[journal] keep: {error}").into())
}

/// Drops what was kept for long enough; tells how many.
async fn expire(config: &Config, journal: &Journal, clock: &Clock) -> Result<u64, compose::Failure> {
    match keep(config)?.begins(clock.now()) {
        Some(before) => Ok(journal.drop_before(before).await?),
        None => Ok(0),
    }
}

/// Drops what was kept for long enough, now and every day.
pub async fn follow(config: Config, journal: Journal, clock: Clock) {
    let mut ticks = tokio::time::interval(DROPPED_EVERY);
    loop {
        ticks.tick().await;
        match expire(&config, &journal, &clock).await {
            Ok(0) => {}
            Ok(dropped) => tracing::info!(dropped, "entries of the journal of reads dropped: kept long enough"),
            Err(error) => tracing::error!(%error, "the journal of reads could not be cut"),
        }
    }
}

fn log(settings: &Settings, trail: &Trail) -> Ended {
    if settings.json {
        let entries: Vec<Value> = trail.entries.iter().map(told).collect();
        output::json(&json!({ "entries": entries, "total": trail.total }))?;
        return Ok(EXIT_OK);
    }
    let rows = trail.entries.iter().map(|entry| {
        let reading = &entry.reading;
        let kinds: Vec<_> = reading.shown.kinds.iter().map(|kind| kind.as_str()).collect();
        vec![
            entry.id.to_string(),
            instant_text(reading.at),
            reading.reader.to_string(),
            reading.version.to_string(),
            reading.operation.fields.join(" "),
            reading.shown.projects.len().to_string(),
            kinds.join(" "),
        ]
    });
    output::table(&["entry", "at", "reader", "version", "fields", "projects", "besides"], &rows.collect::<Vec<_>>());
    say!("{} in all", trail.total);
    Ok(EXIT_OK)
}

fn told(entry: &Entry) -> Value {
    let reading = &entry.reading;
    json!({
        "id": entry.id, "at": instant_text(reading.at), "reader": reading.reader, "operation": reading.operation,
        "version": reading.version, "projects": reading.shown.projects, "kinds": reading.shown.kinds, "head": entry.head,
    })
}

async fn verify(settings: &Settings, journal: &Journal) -> Ended {
    let found = journal.verify().await?;
    if settings.json {
        output::json(&json!({
            "sound": found.fault.is_none(), "entries": found.entries, "dropped": found.dropped, "head": found.head,
            "fault": found.fault,
        }))?;
    } else if let Some(entry) = found.fault {
        say!("The chain does not hold at entry {entry}: a byte was changed, or an entry added or taken away.");
    } else {
        say!(
            "The chain holds: {} entries, {} dropped before them, head {}.\nCompare the head with one kept elsewhere: a journal \
             cut short at its end is sound in itself.",
            found.entries,
            found.dropped,
            found.head
        );
    }
    Ok(if found.fault.is_none() { EXIT_OK } else { EXIT_BROKEN_CHAIN })
}
