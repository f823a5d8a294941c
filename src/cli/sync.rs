//! `passerelle sync`: read sources now.

use super::compose::{self, Composed};
use super::{EXIT_NOT_GREEN, EXIT_OK, Ended, Settings, output};
use crate::acts::freshen::{Freshener, LookedUpSource};
use crate::acts::matching;
use crate::acts::refresh::Refresher;
use crate::acts::sync::{Sync, SyncError, Target};
use crate::connector::Connector;
use crate::domain::act::Author;
use crate::domain::run::{SyncOutcome, SyncRun};
use crate::domain::text::SourceId;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

/// Arguments of `sync`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The sources; all of them when none is named.
    #[arg(value_parser = |text: &str| SourceId::parse(text))]
    ids: Vec<SourceId>,
    /// Read this file, glob or URL instead of the place that the manifest names. For one source.
    #[arg(long, value_name = "PATH|URL", conflicts_with = "accept")]
    from: Option<String>,
    /// Read everything, whatever an earlier read knows already.
    #[arg(long, conflicts_with = "accept")]
    full: bool,
    /// Apply exactly the batch that this run held. For one source.
    #[arg(long, value_name = "RUN")]
    accept: Option<String>,
}

/// Runs the command.
pub async fn run(settings: &Settings, arguments: Arguments) -> Ended {
    if (arguments.from.is_some() || arguments.accept.is_some()) && arguments.ids.len() != 1 {
        return Err("--from and --accept are about one source: name it".into());
    }
    let config = compose::config(settings)?;
    let composed = compose::compose(config, arguments.from.as_deref()).await?;
    let connectors = chosen(&composed, &arguments.ids)?;
    composed.gateway.lag();
    let mut runs = Vec::new();
    for connector in connectors {
        let bar = progress(&format!("reading {}", connector.id()));
        let run = match &arguments.accept {
            Some(held) => act(&composed, "cli").accept(connector, held).await,
            None => read(&composed, connector, (arguments.from.as_deref(), arguments.full)).await,
        };
        bar.finish_and_clear();
        runs.push(run?);
    }
    matching::pass(&composed.gateway, &composed.clock).await?;
    print(settings, &runs)?;
    let are_well = runs.iter().all(|run| run.outcome == SyncOutcome::Succeeded);
    // Asked for all of them, it read none of those whose manifest is wrong.
    let is_all = !arguments.ids.is_empty() || composed.unusable == 0;
    Ok(if are_well && is_all { EXIT_OK } else { EXIT_NOT_GREEN })
}

/// The act of syncing, by `subject`.
pub fn act<'a>(composed: &'a Composed, subject: &str) -> Sync<'a> {
    Sync {
        gateway: &composed.gateway,
        workroom: &composed.workroom,
        net: &composed.net,
        clock: &composed.clock,
        author: Author::system(subject),
    }
}

/// The act of looking records up live, over every source that is not disabled.
pub fn freshener(composed: &Composed) -> Freshener {
    let state = (Arc::clone(&composed.gateway), Arc::clone(&composed.workroom));
    Freshener::new(state, Arc::clone(&composed.net), composed.clock.clone(), places(composed))
}

/// The act of reading a source when somebody asks, over every source that is not disabled.
pub fn refresher(composed: &Composed) -> Refresher {
    let state = (Arc::clone(&composed.gateway), Arc::clone(&composed.workroom));
    Refresher::new(state, Arc::clone(&composed.net), composed.clock.clone(), places(composed))
}

fn places(composed: &Composed) -> BTreeMap<SourceId, LookedUpSource> {
    let base = |id: &SourceId| composed.config.sources.get(id.as_str()).and_then(|source| source.base.clone());
    let place = |connector: &Arc<Connector>| {
        let place = LookedUpSource { connector: Arc::clone(connector), base: base(connector.id()) };
        (connector.id().clone(), place)
    };
    enabled(composed).into_iter().map(place).collect()
}

/// Reads one source at the place of the settings, or at `place`; everything of it where `full` says so.
///
/// # Errors
/// What the ledger or the workroom says; a source that cannot be read is a failed run.
pub async fn read(
    composed: &Composed,
    connector: &Arc<Connector>,
    (place, full): (Option<&str>, bool),
) -> Result<SyncRun, SyncError> {
    let base = composed.config.sources.get(connector.id().as_str()).and_then(|source| source.base.as_deref());
    act(composed, "cli").run(Target { connector, base, place, full }).await
}

/// Every source that is not disabled: reference data first, so that places are known when projects come.
pub fn enabled(composed: &Composed) -> Vec<&Arc<Connector>> {
    let disabled = |id: &SourceId| composed.config.sources.get(id.as_str()).is_some_and(|source| source.disabled);
    let mut all: Vec<&Arc<Connector>> = composed.connectors.values().collect();
    all.retain(|connector| !disabled(connector.id()));
    all.sort_by_key(|connector| connector.has_project());
    all
}

fn chosen<'a>(composed: &'a Composed, ids: &[SourceId]) -> Result<Vec<&'a Arc<Connector>>, String> {
    if ids.is_empty() {
        return Ok(enabled(composed));
    }
    let known = || composed.connectors.keys().map(SourceId::as_str).collect::<Vec<_>>().join(", ");
    ids.iter()
        .map(|id| {
            let found = composed.connectors.get(id);
            found.ok_or_else(|| format!("no connector is called {id}; known: {}", known()))
        })
        .collect()
}

/// A spinner, where somebody watches.
pub fn progress(message: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(message.to_owned());
    if std::io::stderr().is_terminal() {
        bar.enable_steady_tick(Duration::from_millis(120));
    } else {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    bar
}

fn print(settings: &Settings, runs: &[SyncRun]) -> Result<(), serde_json::Error> {
    if settings.json {
        return output::json(&runs);
    }
    let rows: Vec<Vec<String>> = runs
        .iter()
        .map(|run| {
            let counts = run.counts;
            let message = run.message.as_ref().map_or_else(String::new, |message| message.en.clone());
            let held = if run.outcome == SyncOutcome::Held {
                format!(" (let it through: --accept {})", run.id)
            } else {
                String::new()
            };
            let figures = [
                counts.read,
                counts.added,
                counts.changed,
                counts.unchanged,
                counts.skipped,
                counts.rejected,
                counts.gone,
            ];
            let mut row = vec![run.source.to_string(), run.outcome.to_string()];
            row.extend(figures.iter().map(ToString::to_string));
            row.push(message + &held);
            row
        })
        .collect();
    let header =
        ["source", "outcome", "read", "added", "changed", "unchanged", "skipped", "rejected", "gone", "message"];
    output::table(&header, &rows);
    Ok(())
}
