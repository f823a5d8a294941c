//! Lists for people who chase: what is awaited from a body, and projects by what the check says of them.

use super::Reader;
use super::plan::Examined;
use super::project::Project;
use super::verdict::last_attestation;
use crate::check;
use crate::domain::Instant;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{CellState, Knowledge, Nature};
use crate::portfolio::{Moment, OrganisationIx, PlaceKey, ProjectIx};

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

    pub(super) fn holds(&self, reader: &Reader, project: ProjectIx) -> bool {
        if self.is_empty() {
            return true;
        }
        // Of what is only seen as far as it is public, nobody is told how it stands.
        if reader.portfolio().is_abridged(project) {
            return false;
        }
        if self.attested_but_changed.is_some() && last_attestation(reader, project).is_none() {
            return false;
        }
        let examined = Examined::at(reader, project, moment(reader));
        let case = examined.case();
        let known = self.knowledge.is_empty() || self.knowledge.contains(&check::knowledge(&case));
        known
            && self.attested_but_changed.is_none_or(|wanted| {
                let now = examined.check();
                let same = last_attestation(reader, project).is_some_and(|last| {
                    (last.verdict.ready, last.verdict.knowledge) == (now.ready, now.knowledge)
                        && examined.is_at(&last.verdict.plan)
                });
                wanted != same
            })
    }
}

fn moment(reader: &Reader) -> Moment {
    Moment { now: reader.now(), max_age_s: None }
}

/// One cell of a plan that awaits its funder's word.
#[derive(Clone)]
pub struct Awaited {
    project: Project,
    nature: Option<Nature>,
    state: CellState,
    reported: Option<Cents>,
    since: Option<Instant>,
}

impl Awaited {
    /// What is awaited from a body, the longest awaited first.
    pub(super) fn from(reader: &Reader, body: OrganisationIx) -> Vec<Awaited> {
        let portfolio = reader.portfolio();
        let (book, day) = (reader.rulebook(), reader.now().date_naive());
        let mut projects = portfolio.projects_of(PlaceKey::Organisation(body)).to_vec();
        let listed = portfolio.projects().map(|(ix, _)| ix);
        projects.extend(listed.filter(|ix| check::is_listed(portfolio, *ix, book, (body, day))));
        projects.sort_unstable();
        projects.dedup();
        projects.retain(|project| !portfolio.is_abridged(*project));
        let mut awaited: Vec<Awaited> = projects.into_iter().flat_map(|ix| Awaited::on(reader, ix, body)).collect();
        awaited.sort_by(|one, other| (one.since, one.project.id()).cmp(&(other.since, other.project.id())));
        awaited
    }

    fn on(reader: &Reader, project: ProjectIx, body: OrganisationIx) -> Vec<Awaited> {
        let examined = Examined::at(reader, project, moment(reader));
        let case = examined.case();
        let facts = case.facts();
        let open = |state| matches!(state, CellState::Silent | CellState::Reported);
        let lines = case.plan.lines.iter().filter(|line| line.funder == body && open(line.state));
        let named_since = |nature: Option<Nature>| {
            let naming = facts.all_statements().iter().filter(|one| one.funder == body && one.nature == nature);
            naming.map(|one| facts.record(one).first_seen).min()
        };
        let born = facts.records.iter().map(|record| record.first_seen).min();
        lines
            .map(|line| Awaited {
                project: Project::new(reader, project),
                nature: line.nature,
                state: line.state,
                reported: line.reported,
                since: named_since(line.nature).or(born),
            })
            .collect()
    }

    /// On which project.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Of which nature; `None` where nobody says.
    pub fn nature(&self) -> Option<Nature> {
        self.nature
    }

    /// SILENT or REPORTED.
    pub fn state(&self) -> CellState {
        self.state
    }

    /// What others say of it.
    pub fn reported(&self) -> Option<Cents> {
        self.reported
    }

    /// Since when: the first record that names it there, else the first of the project.
    pub fn since(&self) -> Option<Instant> {
        self.since
    }
}
