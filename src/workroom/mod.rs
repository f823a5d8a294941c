//! The workroom: what may change or be destroyed, beside the ledger and never part of its chain.
//!
//! A spool file per run, batches held back for a person, the keys of sealed fields, the secret of keyed hashes, messages to
//! receivers of webhooks.
//! It is one SQLite file and one folder of spool files in the state directory; losing it loses no fact.

mod erase;
mod error;
mod held;
mod keyed;
mod open;
mod outbox;
mod seal;
mod spool;

pub use erase::KeyCount;
pub use error::WorkroomError;
pub use held::HeldBatch;
pub use keyed::KeyedHash;
pub use outbox::{Letter, LetterCounts, LetterState, Outcome, Told};
pub use seal::{ERASED, SEALED, Sealer};
pub use spool::{Change, Head, RecordHead, Spool, SpoolReader, SpoolWriter, Staged, StagedRecord, StagedRejection};

use sea_orm::DatabaseConnection;
use std::path::PathBuf;

/// The workroom of one gateway. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Workroom {
    db: DatabaseConnection,
    /// The folder of spool files.
    spools: PathBuf,
    keyed: KeyedHash,
}

impl Workroom {
    /// The keyed hashes: fingerprints and pseudonyms.
    pub fn keyed(&self) -> &KeyedHash {
        &self.keyed
    }
}
