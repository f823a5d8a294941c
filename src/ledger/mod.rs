//! The ledger: every version of every record, every run, rejection and decision, appended and never changed.
//!
//! One append is one entry, one transaction, one version, chained by hash to the one before. Reads are made at a
//! version; because nothing is ever changed, two reads at one version agree without a transaction around them.

mod append;
mod bearing;
mod current;
mod delta;
mod entry;
mod erasure;
mod error;
mod guard;
mod history;
mod image;
mod migration;
mod open;
mod raw;
mod row;
mod run;
mod standing;
mod table;
mod unsettled;
mod verify;

pub use append::{NewEntry, NewRecord, NewRow, StateChange};
pub use bearing::Member;
pub use current::Current;
pub use entry::LogEntry;
pub use erasure::{SealedIn, SealedRow};
pub use error::LedgerError;
pub use history::{Appender, Decided, RecordStep};
pub use raw::{RawVersion, VersionSummary};
pub use standing::Standing;
pub use verify::{Fault, VerifyReport};

use sea_orm::{DatabaseConnection, DbBackend};
use std::sync::Arc;

/// The ledger of one gateway, in SQLite or PostgreSQL. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ledger {
    db: DatabaseConnection,
    backend: DbBackend,
    /// Appends of this process wait for each other here; those of other processes wait in the database.
    writer: Arc<tokio::sync::Mutex<()>>,
}

/// Which part of a long list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// How many to leave out first.
    pub offset: u64,
    /// How many to give at most; more than [`PAGE_ROWS_MAX`] gives that many.
    pub limit: u64,
}

/// The most rows that one page holds.
pub const PAGE_ROWS_MAX: u64 = 1_000;

/// A part of a long list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items asked for, in order.
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: u64,
}
