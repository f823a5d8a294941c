//! `passerelle sources`: each source's last run, age, records and rejections.

use super::output::say;
use super::{EXIT_OK, Ended, Settings, compose, output};
use crate::clock::Clock;
use crate::domain::chain::{LedgerVersion, instant_text};
use crate::domain::image::SourceImage;
use crate::domain::record::RecordState;
use crate::domain::run::SyncRun;
use crate::domain::source::Standing;
use crate::domain::source_finding::SourceFinding;
use crate::domain::text::SourceId;
use crate::ledger::{Ledger, LedgerError};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// Runs the command.
pub async fn run(settings: &Settings) -> Ended {
    let ledger = compose::existing_ledger(&compose::config(settings)?).await?;
    let image = ledger.image(ledger.head().await?.version).await?;
    let sources = image.sources;
    let waiting = waiting(&ledger, &sources, image.head.version).await?;
    let waits = |source: &SourceImage| waiting.get(&source.profile.id).map_or(&[][..], Vec::as_slice);
    let mut doubted: HashMap<&SourceId, usize> = HashMap::new();
    for record in image.records.iter().filter(|one| one.state != RecordState::Closed && !one.facts.warnings.is_empty())
    {
        *doubted.entry(&record.source).or_default() += 1;
    }
    let doubted = |source: &SourceImage| doubted.get(&source.profile.id).copied().unwrap_or_default();
    let now = Clock::system().now();
    let read_s =
        |source: &SourceImage| source.last_success.as_ref().map(|run| (now - run.started_at).num_seconds().max(0));
    // What bodies declare is in the ledger itself: it is never read from anywhere, and never late.
    let is_declared = |source: &SourceImage| source.profile.standing == Standing::Declarations;
    let age_s = |source: &SourceImage| if is_declared(source) { Some(0) } else { read_s(source) };
    if settings.json {
        let told: Vec<_> = sources
            .iter()
            .map(|source| {
                json!({
                    "id": source.profile.id, "family": source.profile.family, "title": source.profile.title,
                    "records": source.records, "rejected": source.rejected, "recordsWithWarnings": doubted(source), "ageSeconds": age_s(source),
                    "findings": findings(source), "lastRun": source.last_run, "lastSuccess": source.last_success,
                    "waiting": waits(source).iter().map(|run| &run.id).collect::<Vec<_>>(),
                })
            })
            .collect();
        output::json(&told)?;
        return Ok(EXIT_OK);
    }
    let rows: Vec<Vec<String>> = sources
        .iter()
        .map(|source| {
            let last = source.last_run.as_ref();
            vec![
                source.profile.id.to_string(),
                source.profile.family.map_or_else(|| "reference".to_owned(), |family| family.to_string()),
                source.records.to_string(),
                source.rejected.to_string(),
                doubted(source).to_string(),
                findings(source).len().to_string(),
                match last {
                    Some(run) => run.outcome.to_string(),
                    None if is_declared(source) => "declared here".to_owned(),
                    None => "never".to_owned(),
                },
                last.map_or_else(String::new, |run| instant_text(run.started_at)),
                age_s(source).map_or_else(|| "never read".to_owned(), spell),
                last.and_then(|run| run.message.as_ref()).map_or_else(String::new, |message| message.en.clone()),
            ]
        })
        .collect();
    output::table(
        &["source", "family", "records", "rejected", "with warnings", "findings", "last run", "at", "age", "message"],
        &rows,
    );
    say_waiting(&waiting);
    let told = sources.iter().flat_map(|source| findings(source).iter().map(|finding| (&source.profile.id, finding)));
    for (source, finding) in told {
        let held = if finding.held { ", holds the run" } else { "" };
        let example = finding.example.as_ref().map_or_else(String::new, |example| format!(" (for example {example})"));
        let since = instant_text(finding.since);
        say!("{source}: {} since {since}{held}: {}{example}", finding.kind, finding.message.en);
    }
    Ok(EXIT_OK)
}

/// The runs that wait for a person, source by source.
async fn waiting<'a>(
    ledger: &Ledger,
    sources: &'a [SourceImage],
    version: LedgerVersion,
) -> Result<BTreeMap<&'a SourceId, Vec<SyncRun>>, LedgerError> {
    let mut waiting = BTreeMap::new();
    for id in sources.iter().filter(|source| source.held).map(|source| &source.profile.id) {
        waiting.insert(id, ledger.unsettled(id, version).await?);
    }
    Ok(waiting)
}

fn say_waiting(waiting: &BTreeMap<&SourceId, Vec<SyncRun>>) {
    for (source, run) in waiting.iter().flat_map(|(source, runs)| runs.iter().map(move |run| (source, run))) {
        let message = run.message.as_ref().map_or("", |message| &message.en);
        let id = &run.id;
        say!("{source}: the run {id} waits for a person, and nothing of it is applied: {message}");
        say!(
            "    look at it: passerelle rejections {source} --held {id}; let it through: passerelle sync {source} --accept {id}"
        );
    }
}

/// An age, in its two greatest units: `12 d 4 h`.
fn spell(age_s: i64) -> String {
    let (days, hours, minutes) = (age_s / 86_400, age_s / 3_600 % 24, age_s / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{age_s} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// What is told of a source.
fn findings(source: &SourceImage) -> &[SourceFinding] {
    source.last_run.as_ref().map_or(&[], |run| &run.findings)
}
