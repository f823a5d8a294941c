//! Since when lines of plans are what they are: the past of their projects, read from the ledger and made again.

use super::plan::Examined;
use super::{Reader, ViewError};
use crate::check::{self, LineSince};
use crate::domain::Instant;
use crate::domain::act::Decision;
use crate::domain::chain::LedgerVersion;
use crate::domain::clearance::Clearance;
use crate::domain::project::ProjectId;
use crate::domain::record::RecordVersion;
use crate::ledger::Decided;
use crate::portfolio::{Course, Embargoes, KeptSum, Past, ProjectIx};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Projects whose past is read and made at once.
const AT_ONCE: usize = 100;

/// What the ledger holds of the past of one project.
struct Found {
    project: ProjectId,
    decided: Vec<(LedgerVersion, Decision)>,
    records: Vec<RecordVersion>,
}

impl Found {
    fn past(&self) -> Past<'_> {
        Past { project: &self.project, decided: &self.decided, records: &self.records }
    }
}

/// Since when each line of these plans is what it is, in their order. Of a project of which something is kept from the viewer, now or
/// once, of which a record stands today in one that it does not see, and of one that is only assumed, nothing is told: when a hidden sum came or went would be.
///
/// # Errors
/// The ledger cannot be read.
pub(super) async fn since(reader: &Reader, plans: &[Examined]) -> Result<Vec<Vec<LineSince>>, ViewError> {
    let decided = match plans {
        [] => return Ok(Vec::new()),
        [_] => None,
        _ => Some(Decisions::of(reader.ledger().decided(reader.head().version).await?)),
    };
    let mut all = Vec::with_capacity(plans.len());
    for part in plans.chunks(AT_ONCE) {
        let told: Vec<&Examined> = part.iter().filter(|plan| may_be_told(reader, plan.project())).collect();
        let found = found(reader, &told, decided.as_ref()).await?;
        let made = made(reader, &told, &found).await?;
        let mut made = told.iter().map(|plan| plan.project()).zip(made).collect::<HashMap<ProjectIx, Vec<LineSince>>>();
        let none = |plan: &Examined| vec![LineSince::default(); plan.case().plan.lines.len()];
        all.extend(part.iter().map(|plan| made.remove(&plan.project()).unwrap_or_else(|| none(plan))));
    }
    Ok(all)
}

fn may_be_told(reader: &Reader, project: ProjectIx) -> bool {
    let case = reader.portfolio().project(project);
    !reader.portfolio().is_abridged(project)
        && !case.is_told_in_part()
        && !case.is_veiled()
        && reader.actual().is_none()
}

/// Every decision, and which are of which project.
struct Decisions {
    all: Vec<Decided>,
    of: HashMap<ProjectId, Vec<usize>>,
}

impl Decisions {
    fn of(all: Vec<Decided>) -> Self {
        let mut of: HashMap<ProjectId, Vec<usize>> = HashMap::new();
        for (at, one) in all.iter().enumerate() {
            for project in one.decision.projects() {
                of.entry(project.clone()).or_default().push(at);
            }
        }
        Decisions { all, of }
    }

    /// Those about a project and all that they connect it with, the oldest first.
    fn about(&self, project: &ProjectId) -> Vec<(LedgerVersion, Decision)> {
        let (mut reached, mut found) = (BTreeSet::from([project]), BTreeSet::new());
        let mut waiting = vec![project];
        while let Some(one) = waiting.pop() {
            for at in self.of.get(one).into_iter().flatten().filter(|at| found.insert(**at)).collect::<Vec<_>>() {
                let beyond = self.all[*at].decision.projects().into_iter().filter(|other| reached.insert(*other));
                waiting.extend(beyond);
            }
        }
        found.into_iter().map(|at| (self.all[at].version, self.all[at].decision.clone())).collect()
    }
}

async fn found(reader: &Reader, plans: &[&Examined], decided: Option<&Decisions>) -> Result<Vec<Found>, ViewError> {
    let (ledger, version) = (reader.ledger(), reader.head().version);
    let mut found = Vec::with_capacity(plans.len());
    for plan in plans {
        let project = reader.portfolio().project(plan.project()).id.clone();
        let decided = match decided {
            Some(all) => all.about(&project),
            None => {
                let about = ledger.decisions_about(&project, version).await?;
                let joining = about.into_iter().filter(|one| one.decision.joins_or_parts());
                joining.map(|one| (one.version, one.decision)).collect()
            }
        };
        found.push(Found { project, decided, records: Vec::new() });
    }
    // Whose record is whose: an identifier may be of the past of several of these projects.
    let mut of: BTreeMap<&ProjectId, BTreeSet<usize>> = BTreeMap::new();
    for (at, one) in found.iter().enumerate() {
        for id in one.decided.iter().flat_map(|(_, decision)| decision.projects()).chain([&one.project]) {
            of.entry(id).or_default().insert(at);
        }
    }
    let versions = ledger.record_versions(&of.keys().copied().collect::<Vec<_>>(), version).await?;
    let mut records: Vec<Vec<RecordVersion>> = vec![Vec::new(); found.len()];
    for (_, record) in versions {
        let owners = record.project.as_ref().and_then(|id| of.get(id));
        for at in owners.into_iter().flatten() {
            records[*at].push(record.clone());
        }
    }
    for (one, records) in found.iter_mut().zip(records) {
        one.records = records;
    }
    Ok(found)
}

async fn made(reader: &Reader, plans: &[&Examined], found: &[Found]) -> Result<Vec<Vec<LineSince>>, ViewError> {
    let pasts: Vec<Past<'_>> = found.iter().map(Found::past).collect();
    let (picture, courses) = reader.portfolio().courses(&pasts);
    let versions: BTreeSet<LedgerVersion> = courses.iter().flatten().flat_map(Course::versions).collect();
    let appenders = reader.ledger().appenders(&versions.into_iter().collect::<Vec<_>>()).await?;
    let (today, day) = reader.today();
    let sees_everything = matches!(reader.clearance(), Clearance::Everything);
    let embargoes = (!sees_everything).then(|| Embargoes::of(&today, day));
    let records = found.iter().flat_map(|one| &one.records).map(|record| (&record.source, &record.key));
    // What a record said before it stood in another project, which the viewer does not see, is not for it any more.
    let closed = today.closed_among(records, reader.clearance());
    let has_left = |one: &Found| one.records.iter().any(|record| closed.contains(&(&record.source, &record.key)));
    let is_kept = |one: &Found| has_left(one) || embargoes.as_ref().is_some_and(|kept| keeps(reader, one, kept));
    let each = plans.iter().zip(found).zip(courses).map(|((plan, found), course)| {
        let case = plan.case();
        let none = vec![LineSince::default(); case.plan.lines.len()];
        let Some(course) = course.filter(|_| !is_kept(found)) else { return none };
        let dated = |(version, project): &(LedgerVersion, Option<ProjectIx>)| {
            appenders.get(version).map(|appender| (appender.at, *project))
        };
        let Some(steps) = course.steps.iter().map(dated).collect::<Option<Vec<(Instant, _)>>>() else { return none };
        check::since(&case, check::Course { picture: &picture, steps: &steps, is_cut: course.is_cut })
    });
    Ok(each.collect())
}

/// Did a record of the project ever say something that its funder keeps from the viewer by now?
fn keeps(reader: &Reader, found: &Found, embargoes: &Embargoes<'_>) -> bool {
    found.records.iter().any(|record| {
        let said = &record.facts.statements;
        said.iter()
            .map(|one| KeptSum::among(one, said))
            .any(|sum| !reader.sees_what_is_kept(sum.funder()) && embargoes.hold((&record.source, &record.key), &sum))
    })
}
