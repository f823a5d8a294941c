//! What can go wrong in the ledger.

use crate::domain::chain::LedgerVersion;
use sea_orm::DbErr;

/// Why the ledger could not answer or append.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database refused or did not answer.
    #[error("ledger: {doing}: {cause}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        #[source]
        cause: DbErr,
    },
    /// Somebody else appended since the caller read: read again, decide again, append again.
    #[error("the ledger is at version {found}, the append was decided at version {expected}: decide anew")]
    Conflict {
        /// The version that the caller had read.
        expected: LedgerVersion,
        /// The version found.
        found: LedgerVersion,
    },
    /// The rows to append could not be had; nothing was appended.
    #[error("the rows to append could not be read: {0}")]
    Rows(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A row to append cannot stand in the ledger; nothing was appended.
    #[error("refused: {0}")]
    Refused(String),
    /// A version that does not exist yet.
    #[error("the ledger has no version {asked}; it is at version {head}")]
    NoVersion {
        /// The version asked for.
        asked: LedgerVersion,
        /// The last version.
        head: LedgerVersion,
    },
    /// A stored row cannot be read back: `ledger verify` tells whether it was altered.
    #[error("ledger: table {table}, column {column}, row {row}: {reason}")]
    Unreadable {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's id.
        row: i64,
        /// Why.
        reason: String,
    },
    /// An address that names no database of a kind that is known.
    #[error("ledger address: expected sqlite:PATH or postgres://..., found one beginning with « {0} »")]
    Address(String),
    /// An address of PostgreSQL that is no connection. Nothing of it is told: any part may be a password.
    #[error(
        "ledger address: no connection to PostgreSQL: check host, port and options (sslmode...) of postgres://USER@HOST:PORT/DATABASE"
    )]
    Connection,
}

impl LedgerError {
    /// Wraps a database error with what was being done.
    pub(super) fn database(doing: &'static str) -> impl FnOnce(DbErr) -> LedgerError {
        move |cause| LedgerError::Database { doing, cause }
    }
}
