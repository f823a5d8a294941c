//! Records: what sources hold, and their raw form from the ledger.

use super::project::Project;
use super::source::Source;
use super::{Reader, ViewError};
use crate::domain::Instant;
use crate::domain::chain::Digest;
use crate::domain::record::RecordState;
use crate::portfolio::RecordEntry;

/// A handle on a record of a project.
#[derive(Clone)]
pub struct Record {
    project: Project,
    at: usize,
}

impl Record {
    pub(super) fn new(project: Project, at: usize) -> Self {
        Record { project, at }
    }

    fn entry(&self) -> &RecordEntry {
        self.project.record_entry(self.at)
    }

    fn reader(&self) -> &Reader {
        &self.project.reader
    }

    /// Its source.
    pub fn source(&self) -> Source {
        Source::new(self.reader(), self.entry().source)
    }

    /// Its key there.
    pub fn key(&self) -> &str {
        self.entry().key.as_str()
    }

    /// SHA-256 of its stored form.
    pub fn hash(&self) -> Digest {
        self.entry().hash
    }

    /// When its key was first read.
    pub fn first_seen(&self) -> Instant {
        self.entry().first_seen
    }

    /// When it was last known to be as it is.
    pub fn read_at(&self) -> Instant {
        self.reader().portfolio().read_at(self.entry())
    }

    /// Does its source now give it in a form that is rejected?
    pub fn is_bad(&self) -> bool {
        self.entry().state == RecordState::Bad
    }

    /// Its raw form as JSON text, as of the version that is read; `None` where the scope may not see it.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn raw(&self) -> Result<Option<String>, ViewError> {
        let reader = self.reader();
        if !reader.scope().sees_raw() {
            return Ok(None);
        }
        let source = &self.source().profile().id.clone();
        let raw = reader.ledger().raw(source, &self.entry().key, reader.head().version).await?;
        Ok(raw.map(|version| version.raw))
    }
}
