//! Opening the workroom: its tables, its secret, and the leftovers of runs that crashed.

use super::{KeyedHash, Workroom, WorkroomError};
use crate::database;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement, Value};
use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

/// How long a write waits for that of another process, in seconds.
const BUSY_TIMEOUT_S: u64 = if cfg!(test) { 1 } else { 30 };
/// Connections kept to the workroom's database.
const CONNECTIONS_MAX: u32 = 4;

const TABLES: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY NOT NULL, bytes BLOB NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS sealing_key (source TEXT NOT NULL, record BLOB NOT NULL, bytes BLOB,
     destroyed_at_us INTEGER, PRIMARY KEY (source, record)) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS held (run TEXT PRIMARY KEY NOT NULL, source TEXT NOT NULL, digest TEXT NOT NULL,
     file TEXT NOT NULL, created_at_us INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS erased (only INTEGER PRIMARY KEY CHECK (only = 0), version INTEGER NOT NULL) STRICT",
];

impl Workroom {
    /// Opens the workroom in `directory` and makes what is missing there. Spool files that no process is writing
    /// and no held batch needs are removed.
    ///
    /// # Errors
    /// A directory that cannot be written, or a database that cannot be opened.
    pub async fn open(directory: &Path) -> Result<Self, WorkroomError> {
        let spools = directory.join("spool");
        private_directory(&spools)?;
        let database = directory.join("workroom.sqlite");
        if !database.exists() {
            private_file(&database)?;
        }
        let db = connect(&database).await?;
        for sql in TABLES.into_iter().chain(super::outbox::TABLES) {
            db.execute_unprepared(sql).await.map_err(WorkroomError::database("making its tables"))?;
        }
        let keyed = KeyedHash::new(&secret(&db, "keyed-hash").await?);
        let workroom = Workroom { db, spools, keyed };
        workroom.remove_leftovers().await?;
        Ok(workroom)
    }

    async fn remove_leftovers(&self) -> Result<(), WorkroomError> {
        let held: Vec<String> = self.held_files().await?;
        for file in fs::read_dir(&self.spools).map_err(WorkroomError::file(&self.spools))? {
            let path = file.map_err(WorkroomError::file(&self.spools))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if held.iter().any(|one| *one == name) {
                continue;
            }
            // A run of another process holds a lock on its spool as long as it lives.
            let free = File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
            if free {
                fs::remove_file(&path).map_err(WorkroomError::file(&path))?;
            }
        }
        Ok(())
    }

    /// A statement with its values.
    pub(super) fn statement(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
    }
}

/// Sealed fields and spools are nobody else's business: the directory is made for its owner alone.
fn private_directory(path: &Path) -> Result<(), WorkroomError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(WorkroomError::file(path))
}

/// Makes a file that only its owner reads, empty where it is new. SQLite takes an empty one for a new database, and gives its log the
/// same rights.
pub(super) fn private_file(path: &Path) -> Result<File, WorkroomError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(WorkroomError::file(path))
}

/// `secure_delete` overwrites what is deleted: a destroyed key must not stay in a free page of the file.
async fn connect(path: &Path) -> Result<DatabaseConnection, WorkroomError> {
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
                .pragma("secure_delete", "ON")
        });
    Database::connect(options).await.map_err(WorkroomError::database("opening its database"))
}

/// The secret called `name`: thirty-two random bytes, made once. Whoever comes second takes what stands there.
async fn secret(db: &DatabaseConnection, name: &str) -> Result<Vec<u8>, WorkroomError> {
    let doing = "reading its secret";
    let mut fresh = vec![0; 32];
    aws_lc_rs::rand::fill(&mut fresh).map_err(|_| WorkroomError::Cipher("the source of chance"))?;
    let name = Value::String(Some(name.to_owned()));
    let insert = "INSERT INTO secret (name, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    let insert = Workroom::statement(insert, [name.clone(), Value::Bytes(Some(fresh))]);
    db.execute_raw(insert).await.map_err(WorkroomError::database(doing))?;
    let select = Workroom::statement("SELECT bytes FROM secret WHERE name = $1", [name]);
    let row = db.query_one_raw(select).await.map_err(WorkroomError::database(doing))?;
    let row = row.ok_or(WorkroomError::Cipher("keeping a secret"))?;
    row.try_get_by_index(0).map_err(WorkroomError::database(doing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chain::Digest;

    #[tokio::test]
    async fn the_secret_is_made_once_and_differs_from_place_to_place() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut fingerprints = Vec::new();
        for directory in [&here, &here, &there] {
            let workroom = Workroom::open(&directory.path().join("not made yet")).await.unwrap();
            fingerprints.push(workroom.keyed().fingerprint(true, &Digest::default(), &Digest::of(b"{}")));
        }
        assert_eq!(fingerprints[0], fingerprints[1]);
        assert_ne!(fingerprints[0], fingerprints[2]);
    }
}
