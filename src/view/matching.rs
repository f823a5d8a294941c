//! What makes records one project, and what might.

use super::project::Project;
use super::{Reader, ViewError};
use crate::domain::act::Score;
use crate::domain::project::ProjectId;
use crate::domain::reading::ShownKind;
use crate::portfolio::ProjectIx;
use crate::portfolio::matching::{Link, Proposal};
use std::sync::Arc;

pub use crate::portfolio::matching::LinkedBy;

/// A project that may be one with another.
#[derive(Clone)]
pub struct Candidate {
    project: Project,
    score: Score,
}

impl Candidate {
    fn new(reader: &Reader, other: ProjectIx, proposal: Proposal) -> Self {
        Candidate { project: Project::new(reader, other), score: proposal.score }
    }

    /// The other project.
    pub fn project(&self) -> Project {
        self.project.clone()
    }

    /// How likely, and why.
    pub fn score(&self) -> &Score {
        &self.score
    }
}

/// Two projects that may be one.
#[derive(Clone)]
pub struct Proposed {
    /// The older one, and the newer one.
    pub projects: [Project; 2],
    /// How likely, and why.
    pub score: Score,
}

impl Proposed {
    /// What it is known by: both identifiers.
    pub fn id(&self) -> String {
        let [older, newer] = &self.projects;
        format!("{} {}", older.id(), newer.id())
    }
}

impl Reader {
    /// Every pair of projects that may be one and of which nobody decided, the likeliest first.
    ///
    /// # Errors
    /// The viewer may not see it.
    pub fn proposals(&self) -> Result<Vec<Proposed>, ViewError> {
        self.may_see_links()?;
        let projects = |pair: [ProjectIx; 2]| pair.map(|ix| Project::new(self, ix));
        let proposed = |one: Proposal| Proposed { projects: projects(one.projects), score: one.score };
        Ok(self.portfolio().proposals().into_iter().map(proposed).collect())
    }

    fn may_see_links(&self) -> Result<(), ViewError> {
        if !self.scope().sees_links() {
            return Err(ViewError::Forbidden(
                "which records may be one project is for the Région: a token of role REGION",
            ));
        }
        self.note(ShownKind::Links);
        Ok(())
    }

    /// The projects that may be one with the project `id`, the likeliest first; `None` where there is no such project.
    ///
    /// # Errors
    /// The viewer may not see it.
    pub fn candidates(&self, id: &str) -> Result<Option<Vec<Candidate>>, ViewError> {
        self.may_see_links()?;
        let asked = ProjectId::parse(id).ok().and_then(|id| self.portfolio().project_by_id(&id));
        let Some(project) = asked else { return Ok(None) };
        let candidate = |proposal: Proposal| {
            let [older, newer] = proposal.projects;
            Candidate::new(self, if older == project { newer } else { older }, proposal)
        };
        Ok(Some(self.portfolio().proposals_of(project).into_iter().map(candidate).collect()))
    }
}

impl Reader {
    /// The projects that are perhaps one with this one, of which nobody decided; `None`: not for this viewer.
    pub(super) fn undecided(&self, project: ProjectIx) -> Option<Arc<[ProjectId]>> {
        let undecided = self.scope().sees_links().then(|| self.portfolio().undecided(project))?;
        if !undecided.is_empty() {
            self.note(ShownKind::Links);
        }
        Some(undecided.into())
    }
}

impl Project {
    /// What made it of several projects, beyond shared references; `None`: not for this viewer.
    pub fn links(&self) -> Option<Vec<Link>> {
        let sees = self.reader.scope().sees_links();
        sees.then(|| {
            self.reader.note(ShownKind::Links);
            self.reader.portfolio().links_of(self.ix())
        })
    }
}
