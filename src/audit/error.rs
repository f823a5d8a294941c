//! What can go wrong with the journal.

use sea_orm::DbErr;
use std::sync::Arc;

/// Why the journal could not do what was asked. Told to each of those whose reads were to be written together.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// Its database refused or did not answer.
    #[error("journal of reads: {doing}: {cause}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        cause: Arc<DbErr>,
    },
    /// An entry holds something that no program of ours wrote.
    #[error("journal of reads: entry {id}, {column}: {reason}; `passerelle audit verify` tells what was changed")]
    Unreadable {
        /// The entry.
        id: i64,
        /// The column.
        column: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The gateway is about to stop.
    #[error("journal of reads: its writer has stopped")]
    Stopped,
}

impl JournalError {
    pub(super) fn database(doing: &'static str) -> impl Fn(DbErr) -> JournalError {
        move |cause| JournalError::Database { doing, cause: Arc::new(cause) }
    }
}
