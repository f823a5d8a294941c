//! Lists: positions in a portfolio, opened one by one.

use super::{Commitment, Project, Reader};
use crate::domain::project::ProjectId;
use crate::portfolio::{CommitmentIx, ProjectIx};

/// Projects, in the order of their identifiers.
pub struct ProjectList {
    reader: Reader,
    items: Vec<ProjectIx>,
}

impl ProjectList {
    /// A list of one tells of that project, were it only counted: it is noted.
    pub(super) fn new(reader: &Reader, items: Vec<ProjectIx>) -> Self {
        if let [only] = items[..] {
            reader.note_project(only);
        }
        ProjectList { reader: reader.clone(), items }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// None at all?
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The one at a position below the length.
    pub fn at(&self, position: usize) -> Project {
        Project::new(&self.reader, self.items[position])
    }

    /// The position of the project with this identifier.
    pub fn position(&self, id: &str) -> Option<usize> {
        let ix = self.reader.portfolio().project_by_id(&ProjectId::parse(id).ok()?)?;
        self.items.binary_search(&ix).ok()
    }
}

/// Commitments, in the order of their projects.
pub struct CommitmentList {
    reader: Reader,
    items: Vec<CommitmentIx>,
}

impl CommitmentList {
    pub(super) fn new(reader: &Reader, items: Vec<CommitmentIx>) -> Self {
        CommitmentList { reader: reader.clone(), items }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// None at all?
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The one at a position below the length.
    pub fn at(&self, position: usize) -> Commitment {
        Commitment::new(&self.reader, self.items[position])
    }

    /// The position of the commitment with this identifier.
    pub fn position(&self, id: &str) -> Option<usize> {
        // The project may have given way to another since; the commitment keeps its own part of the identifier.
        let (project, own) = id.split_once('-')?;
        let portfolio = self.reader.portfolio();
        let ix = portfolio.commitment_by_id(portfolio.project_by_id(&ProjectId::parse(project).ok()?)?, own)?;
        self.items.binary_search(&ix).ok()
    }
}
