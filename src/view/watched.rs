//! Watching for verdicts that are no longer what they were: by appends, by what sources give or no longer give, and by the time that
//! passes.

use super::check::Check;
use super::project::Project;
use super::verdict::{LastAttestation, check_of, last_attestation, reasons, verdict_of};
use super::watch::Watch;
use super::{ProjectFilter, Reader, Verdict, VerdictChange, ViewError};
use crate::check::Agreed;
use crate::domain::Instant;
use crate::domain::message::Message;
use crate::domain::project::ProjectId;
use crate::domain::text::SourceId;
use crate::domain::vocabulary::Knowledge;
use futures_util::Stream;
use futures_util::stream::unfold;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// Projects whose verdict one listener may watch.
pub const VERDICTS_WATCHED_MAX: usize = 5_000;

/// What a listener knows of one project.
struct Known {
    verdict: Verdict,
    agreed: Agreed,
    valid_until: Option<Instant>,
    /// The sources whose word it needs.
    rests_on: BTreeSet<SourceId>,
    /// Was it what was attested last, as this viewer saw it when it was judged? What is kept from it by then may be shown since, and
    /// neither was the other's then.
    as_attested: bool,
}

impl Known {
    /// Holds it against what was attested last, as it is seen now.
    async fn held_against(self, reader: &Reader, attestation: Option<LastAttestation>) -> Known {
        let as_attested = match attestation {
            Some(one) => told(one.holds(reader, (&self.verdict, &self.agreed)).await).unwrap_or_default(),
            None => false,
        };
        Known { as_attested, ..self }
    }
}

struct Watched {
    watch: Watch,
    wakes: Receiver<crate::gateway::Change>,
    filter: Option<ProjectFilter>,
    every: Duration,
    reader: Reader,
    known: BTreeMap<ProjectId, Known>,
    waiting: VecDeque<VerdictChange>,
    /// Was all that is known held against what was attested? It takes the ledger, which is not read before somebody listens.
    is_held_against: bool,
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
            is_held_against: false,
        };
        Ok(unfold(watched, |mut watched| async move { watched.next().await.map(|change| (change, watched)) }))
    }
}

impl Watched {
    async fn next(&mut self) -> Option<VerdictChange> {
        if !std::mem::replace(&mut self.is_held_against, true) {
            for (id, one) in std::mem::take(&mut self.known) {
                let project = self.reader.project(id.as_str());
                let attestation = project.and_then(|project| last_attestation(&self.reader, project.ix()));
                let one = one.held_against(&self.reader, attestation).await;
                self.known.insert(id, one);
            }
        }
        loop {
            if let Some(change) = self.waiting.pop_front() {
                return Some(change);
            }
            if let Some(change) = self.watch.change_since_seen() {
                let (reader, touched) = (change.reader().clone(), change.projects(self.filter.as_ref()));
                let mut ids: BTreeSet<ProjectId> = touched.iter().map(|project| project.id().clone()).collect();
                ids.extend(self.read_otherwise(&reader));
                self.judge(reader, &ids).await;
                continue;
            }
            let now = self.watch.now();
            // Rules are dated: they begin and end with the day.
            let new_day = now.date_naive() != self.reader.now().date_naive();
            let late = self.known.iter().filter(|(_, one)| new_day || one.valid_until.is_some_and(|end| end < now));
            let late: BTreeSet<ProjectId> = late.map(|(id, _)| id.clone()).collect();
            if !late.is_empty() {
                self.judge(self.watch.seen_now(), &late).await;
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

    /// The projects whose verdict may turn because a source stands otherwise, though none of its records changed: a read of it is
    /// held, or let through; one that was late was read again.
    fn read_otherwise(&self, reader: &Reader) -> Vec<ProjectId> {
        let (before, now) = (self.reader.portfolio(), reader.portfolio());
        let (mut read, mut turned, mut all) = (BTreeSet::new(), BTreeSet::new(), false);
        for is in now.sources().into_iter().map(|ix| now.source(ix)) {
            let was = before.source_by_id(is.profile.id.as_str()).map(|ix| before.source(ix));
            match was {
                Some(was) if was.profile == is.profile => {
                    if (was.held, &was.unread) != (is.held, &is.unread) {
                        turned.insert(&is.profile.id);
                    } else if was.partitions != is.partitions || was.last_success != is.last_success {
                        read.insert(&is.profile.id);
                    }
                }
                // Whose word it may have now nobody was asked before.
                _ => all = true,
            }
        }
        let is_late = |one: &Known| one.verdict.knowledge == Knowledge::Unverifiable;
        let concerns = |one: &Known, sources: &BTreeSet<&SourceId>| one.rests_on.iter().any(|id| sources.contains(id));
        let again = |one: &Known| all || concerns(one, &turned) || is_late(one) && concerns(one, &read);
        self.known.iter().filter(|(_, one)| again(one)).map(|(id, _)| id.clone()).collect()
    }

    /// Judges these projects again, and tells those whose verdict is another.
    async fn judge(&mut self, reader: Reader, ids: &BTreeSet<ProjectId>) {
        for id in ids {
            let Some(now) = check_of(&reader, id) else {
                if let Some(was) = self.known.remove(id).filter(|_| reader.is_gone(id)) {
                    let gone = self.gone(&reader, id, was).await;
                    self.waiting.extend(gone);
                }
                continue;
            };
            let attestation = last_attestation(&reader, now.project().ix());
            let is = known(&now).held_against(&reader, attestation).await;
            let Some(was) = self.known.get(id) else {
                if self.known.len() < VERDICTS_WATCHED_MAX {
                    self.known.insert(id.clone(), is);
                }
                continue;
            };
            let attested = was.as_attested && !is.as_attested;
            let turned = (was.verdict.ready, was.verdict.knowledge) != (is.verdict.ready, is.verdict.knowledge);
            if turned || attested {
                let before = check_of(&self.reader, id);
                let reasons = match &before {
                    Some(before) => told(reasons(before, &now).await).unwrap_or_default(),
                    None => Vec::new(),
                };
                self.waiting.push_back(VerdictChange {
                    project: now.project().clone(),
                    before: was.verdict.clone(),
                    after: is.verdict.clone(),
                    attested,
                    reasons,
                    head: reader.head(),
                    at: reader.now(),
                });
            }
            self.known.insert(id.clone(), is);
        }
        self.reader = reader;
    }

    /// That a project is gone: of which the ledger holds no record any more. As it was seen last.
    async fn gone(&self, reader: &Reader, id: &ProjectId, before: Known) -> Option<VerdictChange> {
        let project = self.reader.project(id.as_str())?;
        Some(VerdictChange {
            project,
            attested: before.as_attested,
            before: before.verdict,
            after: reader.verdict_of_nothing(),
            reasons: told(reader.reason_gone(id).await).into_iter().collect(),
            head: reader.head(),
            at: reader.now(),
        })
    }
}

/// What changed, where the ledger could be read: that the verdict turned is told all the same.
fn told<T>(found: Result<T, ViewError>) -> Option<T> {
    found.inspect_err(|error| tracing::error!(%error, "what turned a verdict could not be read")).ok()
}

fn known(check: &Check) -> Known {
    // At its very end a reading is still in time; what grew too old already does so no more.
    let valid_until = check.valid_until().filter(|end| *end >= check.checked_at());
    let case = check.examined().case();
    let readings = case.portfolio.readings_behind(case.project, &case.plan).into_iter().map(|(source, _)| source);
    let sources = readings.chain(case.plan.lines.iter().flat_map(|line| line.late.iter().copied()));
    let rests_on = sources.map(|source| case.portfolio.source(source).profile.id.clone()).collect();
    let agreed = check.examined().agreed();
    Known { verdict: verdict_of(check), agreed, valid_until, rests_on, as_attested: false }
}
