//! How plans stood since a meeting: read from the ledger, before it is decided whether its minutes may speak of them as they stand now.

use super::refusal::Refusal;
use super::registrar::Registrar;
use crate::check::{Stood, stood_otherwise};
use crate::domain::act::Decision;
use crate::domain::chain::LedgerVersion;
use crate::domain::message::french_day;
use crate::domain::organisation::OrganisationId;
use crate::domain::project::ProjectId;
use crate::domain::record::RecordVersion;
use crate::domain::run::SyncRun;
use crate::domain::source::Standing;
use crate::domain::text::SourceId;
use crate::domain::{Date, Instant};
use crate::ledger::{Appender, Ledger, LedgerError};
use crate::portfolio::{Course, Past, Portfolio};
use chrono::{Days, TimeDelta};
use std::collections::{BTreeMap, BTreeSet};

/// What the ledger holds of the past of one project.
struct Found {
    project: ProjectId,
    decided: Vec<(LedgerVersion, Decision)>,
    records: Vec<RecordVersion>,
}

impl Found {
    /// The funders that keep a sum from others on a day, or kept one that they dropped before its day.
    fn keepers(&self, today: Date) -> BTreeSet<OrganisationId> {
        let said = self.records.iter().flat_map(|record| &record.facts.statements);
        let kept = said.filter(|one| one.not_public_until.is_some_and(|until| until > today));
        kept.map(|one| one.funder.clone()).collect()
    }
}

impl Registrar {
    /// Refuses plans of which the ledger knows that they were other ones still after a meeting: it was not this version that was before it.
    ///
    /// # Errors
    /// One of them was another one, or the ledger cannot be read.
    pub(super) async fn stood(
        &self,
        portfolio: &Portfolio,
        projects: &[ProjectId],
        held_on: Date,
    ) -> Result<(), Refusal> {
        let ledger = self.gateway.ledger();
        let all = ledger.decided(portfolio.head().version).await?;
        let end = end_of(held_on);
        let known = ledger.version_at(end - TimeDelta::microseconds(1)).await?;
        for project in projects {
            let decided = about(project, all.iter().map(|one| (one.version, &one.decision)));
            let found = found(ledger, portfolio, (project, decided)).await?;
            if found.records.iter().all(|record| Some(record.version) <= known) {
                continue;
            }
            let past = Past { project, decided: &found.decided, records: &found.records };
            let (picture, courses) = portfolio.courses(&[past]);
            // Of a sum that was granted to several, what it was rests on other projects too: nobody knows.
            let Some(Some(course)) = courses.into_iter().next() else { continue };
            let course = steps(ledger, (&found, &course), (portfolio, end)).await?;
            let keepers = found.keepers(self.today());
            if let Some(other) = stood_otherwise(&picture, &course, (held_on, &keepers)) {
                let funder = other.funder.as_ref().map(|funder| {
                    let body = portfolio.organisation_of(funder);
                    body.map_or(funder.to_string(), |body| portfolio.organisation(body).name.to_owned())
                });
                return Err(refused(&found.project, funder, (held_on, other.said_on, other.changed_on)));
            }
        }
        Ok(())
    }
}

/// The decisions about a project and all that they connect it with, the oldest first.
fn about<'a>(
    project: &ProjectId,
    all: impl Iterator<Item = (LedgerVersion, &'a Decision)>,
) -> Vec<(LedgerVersion, Decision)> {
    let all: Vec<(LedgerVersion, &Decision)> = all.collect();
    let mut reached = BTreeSet::from([project]);
    loop {
        let known = reached.len();
        let near = all.iter().filter(|(_, one)| one.projects().iter().any(|id| reached.contains(id)));
        let near: Vec<&ProjectId> = near.flat_map(|(_, one)| one.projects()).collect();
        reached.extend(near);
        if reached.len() == known {
            break;
        }
    }
    let of = all.iter().filter(|(_, one)| one.projects().iter().any(|id| reached.contains(id)));
    of.map(|(version, one)| (*version, (*one).clone())).collect()
}

/// The first instant after a day.
fn end_of(day: Date) -> Instant {
    let next = day.checked_add_days(Days::new(1)).and_then(|next| next.and_hms_opt(0, 0, 0));
    next.map_or(Instant::MAX_UTC, |end| end.and_utc())
}

async fn found(
    ledger: &Ledger,
    portfolio: &Portfolio,
    (project, decided): (&ProjectId, Vec<(LedgerVersion, Decision)>),
) -> Result<Found, LedgerError> {
    let ids: BTreeSet<&ProjectId> =
        decided.iter().flat_map(|(_, decision)| decision.projects()).chain([project]).collect();
    let records = ledger.record_versions(&ids.into_iter().collect::<Vec<_>>(), portfolio.head().version).await?;
    let records = records.into_iter().map(|(_, record)| record).collect();
    Ok(Found { project: project.clone(), decided, records })
}

async fn steps(
    ledger: &Ledger,
    (found, course): (&Found, &Course),
    (portfolio, end): (&Portfolio, Instant),
) -> Result<Vec<Stood>, LedgerError> {
    let appenders = ledger.appenders(&course.versions().collect::<Vec<_>>()).await?;
    let mut steps = Vec::with_capacity(course.steps.len());
    for (version, project) in &course.steps {
        let Some(Appender { at, .. }) = appenders.get(version) else { continue };
        let said_before = match *at >= end {
            true => said_before(ledger, (found, portfolio), (end, *version, *at)).await?,
            false => None,
        };
        steps.push(Stood { from: *at, version: *version, project: *project, said_before });
    }
    Ok(steps)
}

/// When the sources whose records a version changed still said what they had said before, the last time after an instant. What is
/// declared is said until it is said otherwise; what people decide about records changes no source's word.
async fn said_before(
    ledger: &Ledger,
    (found, portfolio): (&Found, &Portfolio),
    (after, version, at): (Instant, LedgerVersion, Instant),
) -> Result<Option<Instant>, LedgerError> {
    let mut changed: BTreeMap<&SourceId, Vec<&RecordVersion>> = BTreeMap::new();
    for record in found.records.iter().filter(|record| record.version == version) {
        changed.entry(&record.source).or_default().push(record);
    }
    let mut last = None;
    for (source, records) in changed {
        let profile = portfolio.source_by_id(source.as_str()).map(|ix| &portfolio.source(ix).profile);
        let said = if profile.is_some_and(|profile| profile.standing == Standing::Declarations) {
            Some(at)
        } else {
            let runs = ledger.runs_between(source, (after, version)).await?;
            runs.iter().filter(|run| records.iter().any(|record| has_read(run, record))).map(|run| run.started_at).max()
        };
        last = last.max(said);
    }
    Ok(last)
}

/// Did a run read what this record says now?
fn has_read(run: &SyncRun, record: &RecordVersion) -> bool {
    if run.is_look_up() {
        return run.keys.contains(&record.key);
    }
    run.partitions.is_empty() || run.partitions.iter().any(|partition| **partition == *record.partition)
}

fn refused(project: &ProjectId, funder: Option<String>, (held_on, said_on, changed_on): (Date, Date, Date)) -> Refusal {
    let (fr, en) = match funder {
        Some(name) => (format!("une somme de {name}"), format!("a sum of {name}")),
        None => ("le coût total".to_owned(), "the total cost".to_owned()),
    };
    Refusal::conflict(
        format!(
            "le plan du projet {project} n'a pas pu être examiné tel quel le {} : le {}, on y lisait encore autre chose ({fr}), qui n'a \
             changé que le {}. Ceux que ce plan concerne en accusent lecture (acknowledgePlan), ou une réunion plus récente l'examine",
            french_day(held_on),
            french_day(said_on),
            french_day(changed_on)
        ),
        format!(
            "the plan of project {project} cannot have been before a meeting of {held_on} as it stands: on {said_on} it still said \
             something else ({en}), which changed on {changed_on} only. Those whom the plan concerns acknowledge it \
             (acknowledgePlan), or a later meeting looks at it"
        ),
    )
}
