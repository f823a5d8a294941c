//! The ledger at one version, as plain data: all that a portfolio is built from.

use super::Instant;
use super::act::Decision;
use super::chain::{Digest, LedgerVersion};
use super::governance::ActEntry;
use super::project::{ProjectId, Reference};
use super::record::RecordVersion;
use super::run::SyncRun;
use super::source::SourceProfile;
use super::text::RecordKey;

/// The head of the ledger at a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The version.
    pub version: LedgerVersion,
    /// When it was appended.
    pub at: Instant,
    /// The head of the hash chain.
    pub head: Digest,
}

/// Everything a portfolio is built from, at one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerImage {
    /// The version.
    pub head: Head,
    /// The latest version of every record, in the order in which keys were first appended; closed ones left out.
    pub records: Vec<RecordVersion>,
    /// The state of every source.
    pub sources: Vec<SourceImage>,
    /// Every decision, oldest first.
    pub decisions: Vec<Decision>,
    /// Every act of a body, oldest first.
    pub acts: Vec<ActEntry>,
}

/// A source at one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceImage {
    /// Its profile.
    pub profile: SourceProfile,
    /// The last run that read the source, whatever its outcome; look-ups of single records are none.
    pub last_run: Option<SyncRun>,
    /// The last of these that succeeded, increments left out: it is what is known of the source as a whole.
    pub last_success: Option<SyncRun>,
    /// For each partition ever read as a whole: when the last successful read of it began.
    pub partitions: Vec<(String, Instant)>,
    /// When single records were last looked up live, since the last full read, in the order of their keys.
    pub looked_up: Vec<(RecordKey, Instant)>,
    /// A batch of it waits for a person: held, and nothing that was read since then, or let through, makes it pointless. A failed run
    /// after it does not.
    pub held: bool,
    /// Open records.
    pub records: u64,
    /// Rejections of the last run that read the source.
    pub rejected: u64,
    /// The references that rejected records bear, in order: what they say of these projects nobody knows.
    pub unread: Vec<Reference>,
}

/// What an append changed: enough to rebuild the touched projects and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerDelta {
    /// The version after.
    pub head: Head,
    /// The projects that what was appended speaks of: of its records, wherever they ever stood, and of its decisions.
    pub touched: Vec<ProjectId>,
    /// These, and all that a decision was ever about together with one of them (identifiers before redirects).
    pub projects: Vec<ProjectId>,
    /// All records, open or bad, of the touched projects and of those that a redirect joins with them. Empty when
    /// `references_changed`.
    pub records: Vec<RecordVersion>,
    /// The state of every source.
    pub sources: Vec<SourceImage>,
    /// Every decision, oldest first.
    pub decisions: Vec<Decision>,
    /// Every act of a body, oldest first.
    pub acts: Vec<ActEntry>,
    /// A reference table changed: everything must be built anew from a whole image.
    pub references_changed: bool,
}
