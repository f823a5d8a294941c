//! Records: what sources hold, and their raw form from the ledger.

use super::project::Project;
use super::source::Source;
use super::{Reader, ViewError};
use crate::domain::Instant;
use crate::domain::chain::Digest;
use crate::domain::facts::Warning;
use crate::domain::reading::ShownKind;
use crate::domain::record::RecordState;
use crate::domain::rejection::Location;
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

    /// SHA-256 of its stored form for who sees that form; for others a keyed digest, with which nobody can guess at what stands there;
    /// `None`: not for this viewer.
    pub fn hash(&self) -> Option<Digest> {
        let hash = self.entry().hash;
        self.is_shown().then(|| if self.sees_raw() { hash } else { self.reader().keyed(&hash) })
    }

    /// What was normalised, doubted or left out when it was read; `None`: not for this viewer, for a warning quotes what stands.
    pub fn warnings(&self) -> Option<&[Warning]> {
        self.is_shown().then(|| &*self.entry().warnings)
    }

    /// Does the viewer see all that it says, and does it say it: it is no supposition?
    fn is_shown(&self) -> bool {
        self.project.is_whole() && self.reader().actual().is_none() && !self.project.is_veiled_in(self.at)
    }

    /// Does the viewer own it: is it of a source that speaks for it, or its own declaration?
    fn is_owned(&self) -> bool {
        let source = self.source();
        if !source.is_the_ledger_itself() {
            return source.is_owned();
        }
        let (portfolio, bodies) = (self.reader().portfolio(), self.reader().bodies());
        let own = self.project.funders_in(self.at);
        let mut own = own.into_iter().peekable();
        own.peek().is_some() && own.all(|funder| bodies.contains(portfolio.identity(funder)))
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

    /// Where it stood in its source when it was first read with what it says now, as of the version that is read: resource, line, page,
    /// index; `None` for who sees neither everything nor its source, for a line tells how many came before it, and where it is not known
    /// (a declaration, a record of an earlier build).
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn location(&self) -> Result<Option<Location>, ViewError> {
        let reader = self.reader();
        if !self.is_shown() || !reader.scope().sees_everything() && !self.is_owned() {
            return Ok(None);
        }
        let (source, key) = (&self.source().profile().id.clone(), &self.entry().key);
        let mut said = reader.ledger().said(source, std::slice::from_ref(key), reader.head().version).await?;
        Ok(said.remove(key).and_then(|facts| facts.location).map(|location| *location))
    }

    fn sees_raw(&self) -> bool {
        let own = || self.is_owned() && self.project.is_whole() && !self.project.is_veiled_in(self.at);
        self.reader().scope().sees_raw() || own()
    }

    /// Its raw form as JSON text, as of the version that is read; `None` where the scope may not see it.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn raw(&self) -> Result<Option<String>, ViewError> {
        let reader = self.reader();
        if !self.sees_raw() {
            return Ok(None);
        }
        let source = &self.source().profile().id.clone();
        let raw = reader.ledger().raw(source, &self.entry().key, reader.head().version).await?;
        reader.note(ShownKind::Raw);
        Ok(raw.map(|version| version.raw))
    }
}
