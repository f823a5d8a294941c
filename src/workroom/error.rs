//! What can go wrong in the workroom.

use crate::domain::chain::Digest;
use crate::domain::text::RecordKey;
use sea_orm::DbErr;
use std::path::{Path, PathBuf};

/// Why the workroom could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum WorkroomError {
    /// Its database refused or did not answer.
    #[error("workroom: {doing}: {cause}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        #[source]
        cause: DbErr,
    },
    /// A file could not be made, written or read.
    #[error("workroom: {path}: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// A spool file does not hold what was written into it.
    #[error("workroom: spool {path}: {reason}; synchronise the source anew")]
    Spool {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A record is longer than may be staged.
    #[error("workroom: record {rank} of the read is longer than {bytes_max} bytes")]
    TooLong {
        /// Which one, counted as they are staged, from 1.
        rank: u64,
        /// How long it may be, in bytes.
        bytes_max: u32,
    },
    /// What a record says cannot be written down.
    #[error("workroom: the facts of record {0} cannot be written or read as JSON")]
    Unwritable(String),
    /// The batch is no longer what was held.
    #[error(
        "the batch held by run {run} has digest {found} instead of {expected}: nothing was applied, synchronise the source anew"
    )]
    Altered {
        /// The held run.
        run: String,
        /// The digest noted when it was held.
        expected: Digest,
        /// The digest of the file.
        found: Digest,
    },
    /// No batch is held under this name.
    #[error("run {0} holds no batch: it was applied, dropped, or never held")]
    NotHeld(String),
    /// A sealed field could not be opened: altered, or sealed for another record.
    #[error("the sealed field does not belong to record {key} of {source_id}, or was altered")]
    Sealed {
        /// The source.
        source_id: String,
        /// The record.
        key: String,
    },
    /// Another process sealed or erased a record of the same source meanwhile.
    #[error("another process reads {0} at the same time: synchronise it anew")]
    SealedElsewhere(String),
    /// The keys are destroyed, but a copy of them may stand in the log of the database still.
    #[error(
        "the keys are destroyed, but another process reads the workroom: a copy of them may stand in workroom.sqlite-wal until it \
         ends; end it, then give the command again"
    )]
    LogKept,
    /// The machine's source of chance or its cipher failed.
    #[error("workroom: {0} failed")]
    Cipher(&'static str),
}

impl WorkroomError {
    /// For facts that cannot be written or read as JSON.
    pub fn unwritable(key: &RecordKey) -> WorkroomError {
        WorkroomError::Unwritable(key.as_str().to_owned())
    }

    pub(super) fn database(doing: &'static str) -> impl FnOnce(DbErr) -> WorkroomError {
        move |cause| WorkroomError::Database { doing, cause }
    }

    pub(super) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> WorkroomError {
        let path = path.to_owned();
        move |cause| WorkroomError::File { path, cause }
    }

    pub(super) fn spool(path: &Path, reason: impl ToString) -> WorkroomError {
        WorkroomError::Spool { path: path.to_owned(), reason: reason.to_string() }
    }
}
