//! Opening the journal: one SQLite file, its tables, and the triggers that refuse every change.

use super::{Journal, JournalError};
use crate::database;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement, Value};
use std::path::Path;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long a write waits for that of another process, in seconds.
const BUSY_TIMEOUT_S: u64 = 10;
/// Connections kept to the database: one writer, the others read.
const CONNECTIONS_MAX: u32 = 4;
/// Reads that wait to be written: behind these, whoever asks waits.
const WAITING_MAX: usize = 1_024;

/// Instants are microseconds since 1970 in universal time; heads are SHA-256. `shown` finds the entries of a project.
const TABLES: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY NOT NULL, at_us INTEGER NOT NULL, reader TEXT NOT NULL,
     operation TEXT NOT NULL, version INTEGER NOT NULL, kinds TEXT NOT NULL, projects TEXT NOT NULL, head BLOB NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS shown (project TEXT NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (project, entry))
     STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS begin (only INTEGER PRIMARY KEY CHECK (only = 0), entry INTEGER NOT NULL, head BLOB NOT NULL)
     STRICT",
    "CREATE INDEX IF NOT EXISTS entry_at ON entry (at_us)",
];

/// The tables that nothing may be changed in.
const GUARDED: [&str; 2] = ["entry", "shown"];

impl Journal {
    /// Opens the journal in the file `path`, and makes it if there is none.
    ///
    /// # Errors
    /// A file that cannot be opened or is no SQLite database.
    pub async fn open(path: &Path) -> Result<Self, JournalError> {
        let doing = "opening it";
        let db = connect(path).await.map_err(JournalError::database(doing))?;
        let triggers = GUARDED.iter().flat_map(|table| guards(table));
        for sql in TABLES.into_iter().map(str::to_owned).chain(triggers) {
            db.execute_unprepared(&sql).await.map_err(JournalError::database(doing))?;
        }
        let (writer, waiting) = mpsc::channel(WAITING_MAX);
        tokio::spawn(super::write::follow(db.clone(), waiting));
        Ok(Journal { db, writer })
    }

    /// A statement with its values.
    pub(super) fn statement(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
    }
}

pub(super) fn guards(table: &str) -> [String; 2] {
    ["UPDATE", "DELETE"].map(|verb| {
        format!(
            "CREATE TRIGGER IF NOT EXISTS {table}_no_{} BEFORE {verb} ON {table}
             BEGIN SELECT RAISE(ABORT, 'the journal of reads is append-only'); END",
            verb.to_lowercase()
        )
    })
}

/// `synchronous = FULL`: what was answered must not be missing after the power failed. `recursive_triggers` makes
/// `INSERT OR REPLACE` run into the trigger that refuses a deletion.
async fn connect(path: &Path) -> Result<DatabaseConnection, sea_orm::DbErr> {
    let path = path.to_owned();
    let mut options = ConnectOptions::new("sqlite:");
    database::never_in_transaction(&mut options)
        .max_connections(CONNECTIONS_MAX)
        .sqlx_logging(false)
        .acquire_timeout(Duration::from_secs(BUSY_TIMEOUT_S))
        .map_sqlx_sqlite_opts(move |options| {
            options
                .filename(&path)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(BUSY_TIMEOUT_S))
                .pragma("recursive_triggers", "ON")
        });
    Database::connect(options).await
}
