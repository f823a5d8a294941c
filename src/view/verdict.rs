//! A verdict that is no longer what it was: what changed, from whom, since when; and watching for it, by appends and by the
//! time that passes.

use super::check::Check;
use super::organisation::Organisation;
use super::project::Project;
use super::source::Source;
use super::watch::Watch;
use super::{ProjectFilter, Reader, ViewError};
use crate::check::{self, ChangeKind};
use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::domain::governance::{Act, ActId, PlanVersion};
use crate::domain::image::Head;
use crate::domain::message::Message;
use crate::domain::project::ProjectId;
use crate::domain::vocabulary::{Knowledge, Nature};
use crate::portfolio::{ProjectIx, version_of_no_plan};
use futures_util::Stream;
use futures_util::stream::unfold;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// Projects whose verdict one listener may watch.
pub const VERDICTS_WATCHED_MAX: usize = 5_000;

/// One change between two checks of a project.
#[derive(Clone)]
pub struct VerdictReason {
    reader: Reader,
    change: check::Change,
}

impl VerdictReason {
    /// What kind of change.
    pub fn kind(&self) -> ChangeKind {
        self.change.kind
    }

    /// From whom; `None`: from no single funder.
    pub fn funder(&self) -> Option<Organisation> {
        self.change.funder.as_ref().map(|funder| Organisation::of_identity(&self.reader, funder))
    }

    /// Section of the budget, where it is about a line.
    pub fn nature(&self) -> Option<Nature> {
        self.change.nature
    }

    /// The rule, where it is about one.
    pub fn rule(&self) -> Option<&str> {
        self.change.rule.as_ref().map(|rule| rule.as_str())
    }

    /// The source whose word, or whose silence, makes it.
    pub fn source(&self) -> Option<Source> {
        let ix = self.reader.portfolio().source_by_id(self.change.source.as_ref()?.as_str())?;
        Some(Source::new(&self.reader, ix))
    }

    /// Since when.
    pub fn since(&self) -> Instant {
        self.change.since
    }

    /// One sentence.
    pub fn message(&self) -> &Message {
        &self.change.message
    }
}

/// What changed from one check to another. What nothing that is there now tells the instant of (a record that left, a link, another
/// project) is told since the present picture was made.
pub(super) fn reasons(was: &Check, is: &Check) -> Vec<VerdictReason> {
    reasons_since((was, is), is.examined().reader.head().at)
}

/// The same; since `gone` for what nothing that is there now tells the instant of.
fn reasons_since((was, is): (&Check, &Check), gone: Instant) -> Vec<VerdictReason> {
    let (before, after) = (was.examined().case(), is.examined().case());
    let found = check::changes((&before, was.checked()), (&after, is.checked()));
    let reader = &is.examined().reader;
    let dated = |change: check::Change| match change.since <= before.moment.now {
        true => check::Change { since: gone, ..change },
        false => change,
    };
    found.into_iter().map(dated).map(|change| VerdictReason { reader: reader.clone(), change }).collect()
}

/// What changed in the check of a project since its attestation: what left it, or was joined with it, since the ledger says so.
///
/// # Errors
/// The ledger cannot be read.
pub(super) async fn reasons_since_attested(
    project: &Project,
    attested: LedgerVersion,
    (was, is): (&Check, &Check),
) -> Result<Vec<VerdictReason>, ViewError> {
    let changed = match project.history().await? {
        Some(history) => history.last_since(attested).await?,
        None => None,
    };
    Ok(reasons_since((was, is), changed.unwrap_or(is.examined().reader.head().at)))
}

impl Project {
    /// What changed since its last attestation, from whom, since when; empty where the check is what was attested. `None`:
    /// nobody attested it, or not for this viewer.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn since_attestation(&self) -> Result<Option<Vec<VerdictReason>>, ViewError> {
        let (Some(last), Some(now)) = (last_attestation(&self.reader, self.ix()), self.check(None)?) else {
            return Ok(None);
        };
        let then = self.reader.at(last.checked).await?;
        let Some(before) = then.project(last.project.as_str()) else { return Ok(None) };
        let Some(was) = before.check(None)? else { return Ok(None) };
        Ok(Some(reasons_since_attested(self, last.checked.0, (&was, &now)).await?))
    }
}

/// What is told of a check in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// May the Region vote?
    pub ready: bool,
    /// Are all means known and shared?
    pub knowledge: Knowledge,
    /// The version of the plan.
    pub plan: PlanVersion,
}

/// A verdict that is no longer what it was.
#[derive(Clone)]
pub struct VerdictChange {
    /// The project.
    pub project: Project,
    /// The verdict before.
    pub before: Verdict,
    /// The verdict now.
    pub after: Verdict,
    /// It was attested, and no longer says what was attested.
    pub attested: bool,
    /// What changed.
    pub reasons: Vec<VerdictReason>,
    /// The version that was checked.
    pub head: Head,
    /// The instant of the check.
    pub at: Instant,
}

/// What a listener knows of one project.
struct Known {
    verdict: Verdict,
    valid_until: Option<Instant>,
}

struct Watched {
    watch: Watch,
    wakes: Receiver<crate::gateway::Change>,
    filter: Option<ProjectFilter>,
    every: Duration,
    reader: Reader,
    known: BTreeMap<ProjectId, Known>,
    waiting: VecDeque<VerdictChange>,
}

impl Watch {
    /// The verdicts that are no longer what they were, of projects that this viewer sees whole and that a filter lets through:
    /// after each append, and every so often for those that grow too old. Ends with the gateway.
    ///
    /// # Errors
    /// More projects than one listener may watch; a viewer who sees no checks.
    pub fn verdicts(
        &self,
        filter: Option<ProjectFilter>,
    ) -> Result<impl Stream<Item = VerdictChange> + Send + use<>, ViewError> {
        let reader = self.seen().clone();
        if !reader.scope().sees_checks() {
            return Err(ViewError::Forbidden(
                "verdicts are for partners, committees, the Région and auditors: a token of such a role is needed",
            ));
        }
        let projects = reader.projects(&filter.clone().unwrap_or_default());
        let whole = (0..projects.len()).map(|at| projects.at(at)).filter(Project::is_whole);
        let ids: Vec<ProjectId> = whole.map(|project| project.id().clone()).collect();
        if ids.len() > VERDICTS_WATCHED_MAX {
            return Err(ViewError::BadInput(Message::new(
                format!(
                    "{} projets à la fois, plus que {VERDICTS_WATCHED_MAX} : nommez un contrat ou un quartier",
                    ids.len()
                ),
                format!(
                    "{} projects at once, more than {VERDICTS_WATCHED_MAX}: name a contract or a quartier",
                    ids.len()
                ),
            )));
        }
        let known = ids.into_iter().filter_map(|id| Some((id.clone(), known(&check_of(&reader, &id)?)))).collect();
        let wakes = self.wakes();
        let watched = Watched {
            watch: self.clone(),
            wakes,
            filter,
            every: self.judged_every(),
            reader,
            known,
            waiting: VecDeque::new(),
        };
        Ok(unfold(watched, |mut watched| async move { watched.next().await.map(|change| (change, watched)) }))
    }
}

impl Watched {
    async fn next(&mut self) -> Option<VerdictChange> {
        loop {
            if let Some(change) = self.waiting.pop_front() {
                return Some(change);
            }
            if let Some(change) = self.watch.change_since_seen() {
                let (reader, touched) = (change.reader().clone(), change.projects(self.filter.as_ref()));
                let ids: Vec<ProjectId> = touched.iter().map(|project| project.id().clone()).collect();
                self.judge(reader, &ids);
                continue;
            }
            let now = self.watch.now();
            // Rules are dated: they begin and end with the day.
            let new_day = now.date_naive() != self.reader.now().date_naive();
            let late = self.known.iter().filter(|(_, one)| new_day || one.valid_until.is_some_and(|end| end < now));
            let late: Vec<ProjectId> = late.map(|(id, _)| id.clone()).collect();
            if !late.is_empty() {
                self.judge(self.watch.seen_now(), &late);
                if !self.waiting.is_empty() {
                    continue;
                }
            }
            tokio::select! {
                woken = self.wakes.recv() => {
                    // What is told does not depend on what was received: one that was missed is no loss.
                    if let Err(RecvError::Closed) = woken {
                        return None;
                    }
                }
                () = tokio::time::sleep(self.every) => {}
            }
        }
    }

    /// Judges these projects again, and tells those whose verdict is another.
    fn judge(&mut self, reader: Reader, ids: &[ProjectId]) {
        for id in ids {
            let Some(now) = check_of(&reader, id) else {
                let was = self.known.remove(id).filter(|_| reader.is_gone(id));
                self.waiting.extend(was.and_then(|was| self.gone(&reader, id, was.verdict)));
                continue;
            };
            let is = known(&now);
            let Some(was) = self.known.get(id) else {
                if self.known.len() < VERDICTS_WATCHED_MAX {
                    self.known.insert(id.clone(), is);
                }
                continue;
            };
            let attested = last_attestation(&reader, now.project().ix());
            let attested = attested.is_some_and(|one| one.verdict == was.verdict && one.verdict != is.verdict);
            let turned = (was.verdict.ready, was.verdict.knowledge) != (is.verdict.ready, is.verdict.knowledge);
            if turned || attested {
                let before = check_of(&self.reader, id);
                self.waiting.push_back(VerdictChange {
                    project: now.project().clone(),
                    before: was.verdict.clone(),
                    after: is.verdict.clone(),
                    attested,
                    reasons: before.map(|before| reasons(&before, &now)).unwrap_or_default(),
                    head: reader.head(),
                    at: reader.now(),
                });
            }
            self.known.insert(id.clone(), is);
        }
        self.reader = reader;
    }
}

impl Watched {
    /// That a project is gone: of which the ledger holds no record any more. As it was seen last.
    fn gone(&self, reader: &Reader, id: &ProjectId, before: Verdict) -> Option<VerdictChange> {
        let project = self.reader.project(id.as_str())?;
        let attested = last_attestation(&self.reader, project.ix()).is_some_and(|one| one.verdict == before);
        Some(VerdictChange {
            project,
            before,
            after: reader.verdict_of_nothing(),
            attested,
            reasons: vec![reader.reason_gone()],
            head: reader.head(),
            at: reader.now(),
        })
    }
}

impl Reader {
    /// Has nobody any record of this project any more, whoever asks? Not where it gave way to another one.
    pub(super) fn is_gone(&self, id: &ProjectId) -> bool {
        self.today().0.project_by_id(id).is_none()
    }

    /// What is known of the means of a project of which no record is left: nothing.
    pub(super) fn verdict_of_nothing(&self) -> Verdict {
        Verdict { ready: false, knowledge: Knowledge::Incomplete, plan: version_of_no_plan(self.plan_key()) }
    }

    /// Why the verdict of such a project is another.
    pub(super) fn reason_gone(&self) -> VerdictReason {
        let message = Message::new(
            "Plus aucune source ne tient de fiche de ce projet : on ne sait plus rien de ses moyens.",
            "No source holds a record of this project any more: nothing is known of its means.",
        );
        let change = check::Change {
            kind: ChangeKind::ProjectGone,
            funder: None,
            nature: None,
            rule: None,
            source: None,
            since: self.head().at,
            message,
        };
        VerdictReason { reader: self.clone(), change }
    }
}

pub(super) fn check_of(reader: &Reader, id: &ProjectId) -> Option<Check> {
    let project = reader.project(id.as_str())?;
    project.check(None).ok().flatten()
}

pub(super) fn verdict_of(check: &Check) -> Verdict {
    let plan = check.examined().plan_version_typed().clone();
    Verdict { ready: check.is_ready(), knowledge: check.knowledge(), plan }
}

fn known(check: &Check) -> Known {
    // At its very end a reading is still in time; what grew too old already does so no more.
    let valid_until = check.valid_until().filter(|end| *end >= check.checked_at());
    Known { verdict: verdict_of(check), valid_until }
}

/// What was attested last of a project.
pub(super) struct LastAttestation {
    /// The act.
    pub(super) act: ActId,
    /// The project that it was made about, which may have given way to another since.
    pub(super) project: ProjectId,
    /// What it says.
    pub(super) verdict: Verdict,
    /// The version and the instant of the check.
    pub(super) checked: (LedgerVersion, Instant),
}

/// The last attestation of a project; `None`: nobody attested it, or not for this viewer.
pub(super) fn last_attestation(reader: &Reader, project: ProjectIx) -> Option<LastAttestation> {
    reader.portfolio().acts_about(project).rev().find_map(|entry| match &entry.act {
        Act::Attested { project, ready, knowledge, plan, checked, checked_at, .. } => Some(LastAttestation {
            act: entry.id,
            project: project.clone(),
            verdict: Verdict { ready: *ready, knowledge: *knowledge, plan: plan.clone() },
            checked: (*checked, *checked_at),
        }),
        _ => None,
    })
}
