//! Why a view cannot show what is asked.

use crate::audit::JournalError;
use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::domain::message::Message;
use crate::ledger::LedgerError;

/// Why a view cannot show what is asked.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// An instant that has not come.
    #[error("{asked} has not come yet: it is {now}; ask for an instant in the past")]
    Future {
        /// What was asked.
        asked: Instant,
        /// The instant of the reader.
        now: Instant,
    },
    /// An instant before the first version.
    #[error("nothing was known on {asked}: the ledger begins later")]
    BeforeFirst {
        /// What was asked.
        asked: Instant,
    },
    /// A version that does not exist.
    #[error("there is no version {asked}: versions go from 1 to {head}")]
    UnknownVersion {
        /// What was asked.
        asked: LedgerVersion,
        /// The version of the reader.
        head: LedgerVersion,
    },
    /// Fresher than may be asked.
    #[error("`maxAge` is {asked_s} seconds: ask for at least {least_s}")]
    TooFresh {
        /// What was asked.
        asked_s: u64,
        /// The least that may be asked.
        least_s: u64,
    },
    /// What is asked makes no sense.
    #[error("{}", .0.en)]
    BadInput(Message),
    /// Not for this viewer.
    #[error("{0}")]
    Forbidden(&'static str),
    /// No journal of reads is kept by this gateway.
    #[error("this gateway keeps no journal of reads")]
    NoJournal,
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The journal of reads cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}
