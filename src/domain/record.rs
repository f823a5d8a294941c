//! A record: what a source holds about one thing, as the ledger has it.

use super::Instant;
use super::chain::{Digest, LedgerVersion};
use super::facts::Facts;
use super::project::ProjectId;
use super::text::{RecordKey, SourceId};

/// The state of a record version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordState {
    /// Held by its source.
    Open,
    /// Gone from its source: a full read of its partition did not bring it any more.
    Closed,
    /// The source now gives it in a form that is rejected: the last good version stands, stale.
    Bad,
}

impl RecordState {
    /// The word in the ledger.
    pub const fn as_str(self) -> &'static str {
        match self {
            RecordState::Open => "open",
            RecordState::Closed => "closed",
            RecordState::Bad => "bad",
        }
    }
}

/// One version of one record, as the ledger holds it. A closed or bad version carries the facts of the last good one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordVersion {
    /// Where it comes from.
    pub source: SourceId,
    /// Its key there.
    pub key: RecordKey,
    /// The part of the source that is read again as a whole (a year, a file); empty for an undivided source.
    pub partition: Box<str>,
    /// The project given to it when it was first seen (before redirects).
    pub project: Option<ProjectId>,
    /// Ledger version that appended this version of the record.
    pub version: LedgerVersion,
    /// When this version was observed; of a bad one, when the rejected form was.
    pub observed_at: Instant,
    /// When what it says was observed: of a bad version, when the last good one was.
    pub good_at: Instant,
    /// When the key was first observed.
    pub first_seen: Instant,
    /// State.
    pub state: RecordState,
    /// SHA-256 of the stored (sealed) raw form.
    pub hash: Digest,
    /// What it says.
    pub facts: Facts,
}
