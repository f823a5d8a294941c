//! Opening the ledger: connection settings of each database, then the migrations.

use super::migration::Migrator;
use super::row::text;
use super::{Ledger, LedgerError};
use crate::database;
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DbBackend, DbErr, RuntimeErr, sqlx};
use sea_orm_migration::MigratorTrait as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Connections kept to the database: one writer, the others read.
const CONNECTIONS_MAX: u32 = 6;
/// The number of the lock under which PostgreSQL lets one process at a time make the tables: "passerem" in ASCII.
const MIGRATION_LOCK: i64 = 0x7061_7373_6572_656d;
/// How long an append waits for the append of another process, in seconds. A first load of a million records
/// takes less.
const BUSY_TIMEOUT_S: u64 = 60;
/// How long a database that does not let itself be connected to is asked once more why, in seconds.
const LAST_TRY_S: u64 = 5;
/// Pages that one SQLite connection keeps in memory, in KiB: the index of record keys of a large load fits.
const PAGE_CACHE_KIB: u32 = 64 * 1024;
/// Rows that wait between SQLite's thread and the reader: with few, both spend their time waking each other.
const ROWS_WAITING_MAX: usize = 1_024;
/// Size of a page of a new SQLite ledger, in bytes: a handful of records, so that the log of an append is written in
/// fewer and longer pieces than with the usual 4,096.
const PAGE_BYTES: u32 = 8_192;
/// Statements that one connection keeps prepared.
const STATEMENTS_KEPT: usize = 64;

impl Ledger {
    /// Opens the ledger at `url` (`sqlite:PATH` or `postgres://...`), makes it if SQLite has none there, and brings its tables
    /// up to date.
    ///
    /// # Errors
    /// An address of another kind, or a database that cannot be opened.
    pub async fn open(url: &str) -> Result<Self, LedgerError> {
        Self::open_with(url, None).await
    }

    /// The same, with the password of the user that the URL of a PostgreSQL database names.
    ///
    /// # Errors
    /// As [`Ledger::open`]; nothing of the URL is repeated, for any part of it may be a password.
    pub async fn open_with(url: &str, password: Option<&str>) -> Result<Self, LedgerError> {
        if url.starts_with("sqlite:") {
            return Self::connect(sqlite_options(url, None)).await;
        }
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            // What the libraries say of a URL that they cannot read repeats it whole.
            let sound = url::Url::parse(url).ok().filter(|url| PgConnectOptions::from_url(url).is_ok());
            let sound = sound.ok_or(LedgerError::Connection)?;
            let mut options = ConnectOptions::new(sound.clone());
            let password = password.map(str::to_owned);
            let complete = move |options: PgConnectOptions| {
                let options = options.statement_cache_capacity(STATEMENTS_KEPT);
                match &password {
                    Some(password) => options.password(password),
                    None => options,
                }
            };
            options.map_sqlx_postgres_opts(complete.clone());
            return match Self::connect(options).await {
                Err(LedgerError::Database { doing, cause: DbErr::Conn(RuntimeErr::SqlxError(cause)) })
                    if matches!(*cause, sqlx::Error::PoolTimedOut) =>
                {
                    let once = PgConnectOptions::from_url(&sound).map(complete);
                    Err(LedgerError::Database {
                        doing,
                        cause: why_not(once.map_err(|_| LedgerError::Connection)?).await,
                    })
                }
                opened => opened,
            };
        }
        // Only the scheme is told: the rest may hold a password.
        Err(LedgerError::Address(url.split(':').next().unwrap_or_default().chars().take(20).collect()))
    }

    /// Opens the ledger in the SQLite file `path`, whatever characters its name holds, and makes it if there is none.
    ///
    /// # Errors
    /// A file that cannot be opened or is no SQLite database.
    pub async fn open_file(path: &Path) -> Result<Self, LedgerError> {
        Self::connect(sqlite_options("sqlite:", Some(path))).await
    }

    async fn connect(mut options: ConnectOptions) -> Result<Self, LedgerError> {
        database::never_in_transaction(&mut options)
            .sqlx_logging(false)
            .acquire_timeout(Duration::from_secs(BUSY_TIMEOUT_S));
        let db = Database::connect(options).await.map_err(LedgerError::database("opening the database"))?;
        let backend = db.get_database_backend();
        let doing = "bringing the tables up to date";
        // Several processes may open a new ledger at once: one makes the tables, the others wait and find them made.
        let turn = if backend == DbBackend::Postgres {
            let turn = database::begin(&db).await.map_err(LedgerError::database(doing))?;
            let lock = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
            turn.execute_unprepared(&lock).await.map_err(LedgerError::database(doing))?;
            Some(turn)
        } else {
            None
        };
        if Migrator::up(&db, None).await.is_err() {
            Migrator::up(&db, None).await.map_err(LedgerError::database(doing))?;
        }
        if let Some(turn) = turn {
            turn.commit().await.map_err(LedgerError::database(doing))?;
        }
        Ok(Ledger { db, backend, writer: Arc::default() })
    }

    /// Closes its connections: of a SQLite file, what stands in its log is written into it where nobody else has it open.
    pub async fn close(self) {
        if let Err(error) = self.db.close().await {
            tracing::warn!(%error, "the ledger was not closed");
        }
    }

    /// Writes a copy of the ledger as it stands into a new file, while it is served: of a SQLite file.
    ///
    /// # Errors
    /// The ledger is in PostgreSQL (`pg_dump` copies it), a file is there already, the disk is full.
    pub async fn copy_to(&self, file: &Path) -> Result<(), LedgerError> {
        if !self.is_sqlite() {
            return Err(LedgerError::Refused("a ledger in PostgreSQL is copied with pg_dump".to_owned()));
        }
        let sql = self.statement("VACUUM INTO $1", [text(file.to_string_lossy())]);
        let done = self.db.execute_raw(sql).await;
        done.map(drop).map_err(LedgerError::database("copying the ledger"))
    }

    /// The kind of database.
    pub(super) fn is_sqlite(&self) -> bool {
        self.backend == DbBackend::Sqlite
    }
}

/// Why no connection comes about: a pool tries again until its time is over, and tells only that it is.
async fn why_not(options: PgConnectOptions) -> DbErr {
    let waited = format!("no connection within {BUSY_TIMEOUT_S} s: check the address, and whether the database is up");
    let cause = match tokio::time::timeout(Duration::from_secs(LAST_TRY_S), options.connect()).await {
        Ok(Err(error)) => format!("{waited} ({error})"),
        Ok(Ok(_)) | Err(_) => waited,
    };
    DbErr::Custom(cause)
}

/// WAL lets readers go on during an append. `synchronous = FULL` costs one flush of the disk per append and is kept
/// because a version that somebody has relied upon must not vanish with the power. `recursive_triggers` makes
/// `INSERT OR REPLACE` run into the triggers that refuse a deletion.
fn sqlite_options(url: &str, path: Option<&Path>) -> ConnectOptions {
    let path = path.map(Path::to_owned);
    let mut options = ConnectOptions::new(url);
    let in_memory = path.is_none() && (url.contains(":memory:") || url.contains("mode=memory"));
    options.max_connections(if in_memory { 1 } else { CONNECTIONS_MAX });
    options.map_sqlx_sqlite_opts(move |options| {
        let options = match &path {
            Some(path) => options.filename(path),
            None => options,
        };
        options
            .create_if_missing(true)
            .page_size(PAGE_BYTES)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(BUSY_TIMEOUT_S))
            .foreign_keys(true)
            .statement_cache_capacity(STATEMENTS_KEPT)
            .row_buffer_size(ROWS_WAITING_MAX)
            .pragma("recursive_triggers", "ON")
            .pragma("cache_size", format!("-{PAGE_CACHE_KIB}"))
    });
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_database_that_refuses_is_told_to_refuse() {
        // A port that was free a moment ago: nobody listens there.
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let options = PgConnectOptions::new().host("127.0.0.1").port(port);
        let told = why_not(options).await.to_string();
        assert!(told.contains("refused") && told.contains("whether the database is up"), "{told}");
    }
}
