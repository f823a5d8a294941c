//! Notes of what readers show: who was shown what that is not public can be told afterwards.

use super::{CommitmentFilter, Reader, ViewError};
use crate::audit::Trail;
use crate::domain::project::ProjectId;
use crate::domain::reading::{Shown, ShownKind};
use crate::portfolio::{CommitmentIx, ProjectIx};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the readers of one request have shown. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Notes(Arc<Mutex<Shown>>);

impl Notes {
    /// Nothing yet.
    pub fn new() -> Self {
        Notes::default()
    }

    /// What was shown since it was last taken.
    pub fn take(&self) -> Shown {
        std::mem::take(&mut self.shown())
    }

    /// A note lost by a thread that panicked was of an answer that nobody got.
    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    /// Notes that a project is shown, where more of it is than what is public.
    pub(super) fn note_project(&self, project: ProjectIx) {
        let Some(notes) = self.notes() else { return };
        let case = self.portfolio().project(project);
        if case.abridged {
            return;
        }
        let mut shown = notes.shown();
        if !shown.projects.contains(&case.id) {
            shown.projects.insert(case.id.clone());
        }
    }

    /// Notes the project that a list or a sum of commitments is asked of, or rests on alone: its figures tell that one project's.
    pub(super) fn note_filter(&self, filter: &CommitmentFilter) {
        if self.notes().is_none() {
            return;
        }
        let named = filter.project.as_deref().and_then(|id| ProjectId::parse(id).ok());
        if let Some(project) = named.and_then(|id| self.portfolio().project_by_id(&id)) {
            self.note_project(project);
        }
        let found = self.portfolio().commitments_where(filter);
        let mut projects = found.into_iter().map(|ix| self.portfolio().commitment(ix).0);
        if let Some(first) = projects.next()
            && projects.all(|other| other == first)
        {
            self.note_project(first);
        }
    }

    /// Notes that the project of a commitment is shown.
    pub(super) fn note_commitment(&self, commitment: CommitmentIx) {
        if self.notes().is_some() {
            self.note_project(self.portfolio().commitment(commitment).0);
        }
    }

    /// Notes that something else is shown that is for few.
    pub(super) fn note(&self, kind: ShownKind) {
        if let Some(notes) = self.notes() {
            notes.shown().kinds.insert(kind);
        }
    }

    /// Who was shown a project beyond what is public of it, under all identifiers that it has or had: `limit` entries of the journal
    /// before the one numbered `before`, the newest first.
    ///
    /// # Errors
    /// Not for this viewer; no identifier; no journal is kept here, or it cannot be read.
    pub async fn audit_trail(&self, project: &str, before: Option<u64>, limit: usize) -> Result<Trail, ViewError> {
        if !self.scope().sees_journal() {
            return Err(ViewError::Forbidden("who read what is for auditors: a token of role AUDITOR"));
        }
        let unknown = || {
            ViewError::BadInput(crate::domain::message::Message::new(
                "ce n'est pas un identifiant de projet",
                "this is no identifier of a project: take one that `projects` gives",
            ))
        };
        let asked = ProjectId::parse(project).map_err(|_| unknown())?;
        self.note(ShownKind::Journal);
        let mut names: BTreeSet<ProjectId> = self.portfolio().names_of(&asked);
        names.insert(asked);
        let journal = self.journal().ok_or(ViewError::NoJournal)?;
        Ok(journal.of(&names, before, limit).await?)
    }
}
