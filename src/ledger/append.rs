//! The one way into the ledger: an entry with its rows, in one transaction.

mod rows;
mod write;

pub(super) use rows::content_of;

use super::{Ledger, LedgerError};
use crate::domain::Instant;
use crate::domain::act::{Author, Decision};
use crate::domain::chain::{Digest, LedgerVersion};
use crate::domain::erasure::{ErasureCause, Sealed};
use crate::domain::governance::Act;
use crate::domain::image::Head;
use crate::domain::project::{ProjectId, Reference};
use crate::domain::record::RecordState;
use crate::domain::rejection::Rejection;
use crate::domain::run::SyncRun;
use crate::domain::source::SourceProfile;
use crate::domain::text::{RecordKey, SourceId};

/// What an append says besides its rows.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// The version that the caller had read when it decided; another one found is a conflict.
    pub base: LedgerVersion,
    /// The kind of act: `sync`, `source`, `declaration`…
    pub kind: String,
    /// Who acts.
    pub author: Author,
    /// Why, in the author's words; empty when nothing is to be said.
    pub reason: String,
    /// When. Versions never go back in time: an instant before the last entry's becomes that one.
    pub at: Instant,
    /// The profile of the source, when it is new or changed.
    pub profile: Option<SourceProfile>,
    /// The run that is over.
    pub run: Option<SyncRun>,
    /// Decisions about identity.
    pub decisions: Vec<Decision>,
    /// What bodies say.
    pub acts: Vec<Act>,
}

/// One row of an append, in the order in which it shall stand.
#[derive(Debug, Clone)]
pub enum NewRow {
    /// A record that is new or says something new.
    Record(NewRecord),
    /// A record that is gone or went bad: its last good version stands on in another state.
    State(StateChange),
    /// A record that could not be taken, and the references of its project, as far as they could be read.
    Rejection(Rejection, Vec<Reference>),
    /// A record whose personal fields are erased.
    Erasure(Sealed, ErasureCause),
}

/// An open version of a record. What the ledger knew of the key before is told by the caller, who decided with it:
/// no other append can have come between, or the append is a conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// Where it comes from.
    pub source: SourceId,
    /// Its key there.
    pub key: RecordKey,
    /// The part of the source that is read as a whole; empty for an undivided source.
    pub partition: String,
    /// The project: that of the earlier version for a known key, else the one given to it now.
    pub project: Option<ProjectId>,
    /// When this content was observed.
    pub observed_at: Instant,
    /// When the key was first observed: that of the earlier version for a known key.
    pub first_seen: Instant,
    /// The keyed hash that finds it unchanged next time.
    pub fingerprint: [u8; 16],
    /// What it says: [`crate::domain::facts::Facts`] as JSON.
    pub facts: String,
    /// The raw record as JSON, personal fields sealed.
    pub raw: String,
    /// The digest of `raw`: a wrong one is found by a verification.
    pub hash: Digest,
    /// References shared with other systems, from its facts.
    pub references: Vec<Reference>,
    /// The state of the version before, `None` for a new key.
    pub replaces: Option<RecordState>,
}

/// A known record that its source no longer holds, or now gives in a form that is rejected. Facts, raw form,
/// project and fingerprint of the last version are carried on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateChange {
    /// Where it comes from.
    pub source: SourceId,
    /// Its key there.
    pub key: RecordKey,
    /// The new state.
    pub state: RecordState,
    /// When this was observed.
    pub observed_at: Instant,
}

impl Ledger {
    /// Appends one entry and returns the new head. Rows are taken one after the other and written in chunks: a
    /// million of them are never in memory at once. Nothing is appended when an error is returned.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] when the head is no longer `entry.base`; [`LedgerError::Rows`] for the first row
    /// that the iterator could not give; [`LedgerError::Refused`] for a state change of a key that is not there.
    pub async fn append<I, E>(&self, entry: NewEntry, rows: I) -> Result<Head, LedgerError>
    where
        I: IntoIterator<Item = Result<NewRow, E>, IntoIter: Send>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let rows = rows.into_iter().map(|row| row.map_err(|error| LedgerError::Rows(error.into())));
        write::write(self, entry, rows).await
    }
}
