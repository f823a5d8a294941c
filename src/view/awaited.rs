//! Lists for people who chase: what is awaited from a body, and projects by what the check says of them.

use super::organisation::Organisation;
use super::plan::Examined;
use super::project::Project;
use super::since::since;
use super::verdict::{Verdict, last_attestation};
use super::{Reader, ViewError};
use crate::check::{self, Agreed, Case};
use crate::domain::Instant;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{CellState, Knowledge, Nature};
use crate::portfolio::{Moment, OrganisationIx, PlaceKey, PlanLine, ProjectIx};

/// What is asked of the check of a project. Empty and `None` do not restrict.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judgement {
    /// What it says of all means.
    pub knowledge: Vec<Knowledge>,
    /// Does the last attestation no longer say what the check says?
    pub attested_but_changed: Option<bool>,
}

impl Judgement {
    /// Asks nothing?
    pub(super) fn is_empty(&self) -> bool {
        self.knowledge.is_empty() && self.attested_but_changed.is_none()
    }

    /// # Errors
    /// The ledger cannot be read.
    pub(super) async fn holds(&self, reader: &Reader, project: ProjectIx) -> Result<bool, ViewError> {
        if self.is_empty() {
            return Ok(true);
        }
        // Of what is only seen as far as it is public, nobody is told how it stands.
        if reader.portfolio().is_abridged(project) {
            return Ok(false);
        }
        let attested = last_attestation(reader, project);
        if self.attested_but_changed.is_some() && attested.is_none() {
            return Ok(false);
        }
        let (now, plan) = verdict_at(reader, project);
        if !self.knowledge.is_empty() && !self.knowledge.contains(&now.knowledge) {
            return Ok(false);
        }
        let (Some(wanted), Some(last)) = (self.attested_but_changed, attested) else { return Ok(true) };
        Ok(wanted != last.holds(reader, (&now, &plan)).await?)
    }
}

fn verdict_at(reader: &Reader, project: ProjectIx) -> (Verdict, Agreed) {
    let examined = Examined::at(reader, project, moment(reader));
    let check = examined.check();
    let plan = examined.plan_version_typed().clone();
    (Verdict { ready: check.ready, knowledge: check.knowledge, plan }, examined.agreed())
}

fn moment(reader: &Reader) -> Moment {
    Moment { now: reader.now(), max_age_s: None }
}

/// One cell of a plan that awaits its funder's word; or, where all means are known, that it acknowledges the plan.
#[derive(Clone)]
pub struct Awaited {
    project: Project,
    funder: OrganisationIx,
    to_acknowledge: bool,
    nature: Option<Nature>,
    state: CellState,
    reported: Option<Cents>,
    since: Option<Instant>,
}

impl Awaited {
    /// What is awaited from a body, the longest awaited first; what nobody knows the beginning of comes last.
    pub(super) async fn from(reader: &Reader, body: OrganisationIx) -> Result<Vec<Awaited>, ViewError> {
        let (mut plans, mut open) = (Vec::new(), Vec::new());
        for (plan, lines) in Awaited::open(reader, body) {
            plans.push(plan);
            open.push(lines);
        }
        let since = since(reader, &plans).await?;
        let mut awaited = Vec::new();
        for ((plan, lines), since) in plans.iter().zip(open).zip(since) {
            awaited.extend(lines.into_iter().map(|(at, to_acknowledge)| {
                let line = &plan.case().plan.lines[at];
                let dated = since[at];
                Awaited {
                    project: Project::new(reader, plan.project()),
                    funder: line.funder,
                    to_acknowledge,
                    nature: line.nature,
                    state: line.state,
                    reported: line.reported,
                    since: if to_acknowledge { dated.to_acknowledge } else { dated.missing },
                }
            }));
        }
        let order = |one: &Awaited| (one.since.is_none(), one.since);
        awaited.sort_by(|one, other| (order(one), one.project.id()).cmp(&(order(other), other.project.id())));
        Ok(awaited)
    }

    /// How many answers are awaited from a body.
    pub(super) fn count(reader: &Reader, body: OrganisationIx) -> usize {
        let open = Awaited::open(reader, body);
        open.inspect(|(plan, _)| reader.note_project(plan.project())).map(|(_, lines)| lines.len()).sum()
    }

    /// The plans of which lines await the body's word; of each the lines, and whether they are to be acknowledged.
    fn open(reader: &Reader, body: OrganisationIx) -> impl Iterator<Item = (Examined, Vec<(usize, bool)>)> {
        let portfolio = reader.portfolio();
        let (book, day) = (reader.rulebook(), reader.now().date_naive());
        let identity = portfolio.identity(body);
        let answered = book.answered_by(identity, day).filter_map(|one| portfolio.organisation_of(one));
        let funders = std::iter::once(body).chain(answered);
        let mut projects: Vec<ProjectIx> =
            funders.flat_map(|funder| portfolio.projects_of(PlaceKey::Organisation(funder)).to_vec()).collect();
        let listed = portfolio.projects().map(|(ix, _)| ix);
        projects.extend(listed.filter(|ix| check::is_listed(portfolio, *ix, book, (body, day))));
        projects.sort_unstable();
        projects.dedup();
        projects.retain(|project| !portfolio.is_abridged(*project));
        projects.into_iter().filter_map(move |project| {
            let plan = Examined::at(reader, project, moment(reader));
            let lines = Awaited::lines(&plan.case(), body);
            (!lines.is_empty()).then_some((plan, lines))
        })
    }

    /// The lines of a plan that await the body's word, and whether that it acknowledges the plan.
    fn lines(case: &Case<'_>, body: OrganisationIx) -> Vec<(usize, bool)> {
        let open = |state| matches!(state, CellState::Silent | CellState::Reported);
        let is_for_it = |funder: OrganisationIx| {
            let answers = |by, funder| case.rulebook.answers_for(by, funder, case.today());
            funder == body || answers(case.identity(body), case.identity(funder))
        };
        // While means are unknown the plan changes, and what was acknowledged lapses: nobody is chased for that yet.
        let is_known = check::knowledge(case) == Knowledge::KnownNotShared;
        let unshared = |line: &PlanLine, is_shared: bool| {
            is_known && !is_shared && line.not_public_until.is_none() && is_for_it(line.funder)
        };
        let lines = case.plan.lines.iter().enumerate().filter_map(|(at, line)| {
            let to_acknowledge = unshared(line, case.is_shared(at));
            (to_acknowledge || line.funder == body && open(line.state)).then_some((at, to_acknowledge))
        });
        lines.collect()
    }

    /// On which project.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Of which nature; `None` where nobody says.
    pub fn nature(&self) -> Option<Nature> {
        self.nature
    }

    /// On whose share: its own, or that of a funder for which it answers.
    pub fn funder(&self) -> Organisation {
        Organisation::new(&self.project.reader, self.funder)
    }

    /// Is all known, and only awaited that it acknowledges the plan?
    pub fn is_to_acknowledge(&self) -> bool {
        self.to_acknowledge
    }

    /// SILENT or REPORTED; where it is to acknowledge, what it is.
    pub fn state(&self) -> CellState {
        self.state
    }

    /// What others say of it.
    pub fn reported(&self) -> Option<Cents> {
        self.reported
    }

    /// Since when its answer is missing; where it is to acknowledge, since when the plan stands as it is with all means known. `None`:
    /// nobody knows, or it is not for this viewer.
    pub fn since(&self) -> Option<Instant> {
        self.since
    }
}
