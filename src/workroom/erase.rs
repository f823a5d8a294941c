//! Erasing: the keys of sealed fields are destroyed, and the log of the database with them.
//!
//! The ledger says what is erased; the workroom carries it out and notes up to which version it has. A workroom that was restored
//! from a copy of before notes an earlier version, so that what was erased meanwhile is erased again before anything is read.

use super::{Workroom, WorkroomError};
use crate::database;
use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::domain::erasure::Sealed;
use crate::domain::text::SourceId;
use sea_orm::{ConnectionTrait as _, Value};

/// The keys of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCount {
    /// The source.
    pub source: SourceId,
    /// Keys that open something.
    pub kept: u64,
    /// Keys that were destroyed.
    pub destroyed: u64,
}

impl Workroom {
    /// The ledger version up to which every erasure was carried out here.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn erased_up_to(&self) -> Result<LedgerVersion, WorkroomError> {
        let doing = "reading what was erased";
        let row = self.db.query_one_raw(Workroom::statement("SELECT version FROM erased", [])).await;
        let Some(row) = row.map_err(WorkroomError::database(doing))? else { return Ok(LedgerVersion(0)) };
        let version: i64 = row.try_get_by_index(0).map_err(WorkroomError::database(doing))?;
        Ok(LedgerVersion(u64::try_from(version).unwrap_or(0)))
    }

    /// Destroys the keys of what the ledger says was erased, up to `version`, with every copy of them in this database: the sealed
    /// fields can never be opened again, and later versions of these records are erased as they come, were it their first. Tells
    /// how many keys it destroyed.
    ///
    /// # Errors
    /// The database does not answer; [`WorkroomError::LogKept`]: then it is to be called again.
    pub async fn erase(&self, erased: &[(Sealed, Instant)], version: LedgerVersion) -> Result<u64, WorkroomError> {
        let doing = "destroying sealing keys";
        let transaction = database::begin(&self.db).await.map_err(WorkroomError::database(doing))?;
        let mut destroyed = 0;
        for (of, at) in erased {
            let record = self.keyed.record(of.source.as_str(), &of.record);
            let values = [
                Value::String(Some(of.source.as_str().to_owned())),
                Value::Bytes(Some(record.to_vec())),
                Value::BigInt(Some(at.timestamp_micros())),
            ];
            let sql = "UPDATE sealing_key SET bytes = NULL, destroyed_at_us = $3
                       WHERE source = $1 AND record = $2 AND bytes IS NOT NULL";
            let done = transaction.execute_raw(Workroom::statement(sql, values.clone())).await;
            destroyed += done.map_err(WorkroomError::database(doing))?.rows_affected();
            // Of what was never sealed here, no key shall ever be made.
            let sql = "INSERT INTO sealing_key (source, record, bytes, destroyed_at_us) VALUES ($1, $2, NULL, $3)
                       ON CONFLICT DO NOTHING";
            let done = transaction.execute_raw(Workroom::statement(sql, values)).await;
            done.map_err(WorkroomError::database(doing))?;
        }
        transaction.commit().await.map_err(WorkroomError::database(doing))?;
        self.empty_log().await?;
        // Noted last: what stops before this is done again.
        let sql = "INSERT INTO erased (only, version) VALUES (0, $1)
                   ON CONFLICT DO UPDATE SET version = MAX(version, excluded.version)";
        let version = Value::BigInt(Some(i64::try_from(version.0).unwrap_or(i64::MAX)));
        let noted = self.db.execute_raw(Workroom::statement(sql, [version])).await;
        noted.map(|_| destroyed).map_err(WorkroomError::database("noting what was erased"))
    }

    /// Writes the log of the database back and empties it: the pages in it may hold keys that are destroyed.
    async fn empty_log(&self) -> Result<(), WorkroomError> {
        let doing = "emptying its log";
        let asked = self.db.query_one_raw(Workroom::statement("PRAGMA wal_checkpoint(TRUNCATE)", [])).await;
        let row = asked.map_err(WorkroomError::database(doing))?.ok_or(WorkroomError::LogKept)?;
        let busy: i64 = row.try_get_by_index(0).map_err(WorkroomError::database(doing))?;
        if busy == 0 { Ok(()) } else { Err(WorkroomError::LogKept) }
    }

    /// Was a field ever sealed under this, or erased: does its key open it still? `None`: neither.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn key_opens(&self, of: &Sealed) -> Result<Option<bool>, WorkroomError> {
        let doing = "looking for a sealing key";
        let record = self.keyed.record(of.source.as_str(), &of.record);
        let values = [Value::String(Some(of.source.as_str().to_owned())), Value::Bytes(Some(record.to_vec()))];
        let sql = "SELECT bytes IS NOT NULL FROM sealing_key WHERE source = $1 AND record = $2";
        let row = self.db.query_one_raw(Workroom::statement(sql, values)).await;
        let opens = |row: sea_orm::QueryResult| row.try_get_by_index::<i64>(0).map(|opens| opens != 0);
        row.and_then(|row| row.map(opens).transpose()).map_err(WorkroomError::database(doing))
    }

    /// How many keys there are, source by source.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn key_counts(&self) -> Result<Vec<KeyCount>, WorkroomError> {
        let doing = "counting sealing keys";
        let sql =
            "SELECT source, COUNT(bytes), COUNT(*) - COUNT(bytes) FROM sealing_key GROUP BY source ORDER BY source";
        let rows = self.db.query_all_raw(Workroom::statement(sql, [])).await.map_err(WorkroomError::database(doing))?;
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        let read = |row: &sea_orm::QueryResult| {
            let source: String = row.try_get_by_index(0)?;
            let source = SourceId::parse(&source).map_err(|error| sea_orm::DbErr::Type(error.to_string()))?;
            let (kept, destroyed) = (count(row.try_get_by_index(1)?), count(row.try_get_by_index(2)?));
            Ok(KeyCount { source, kept, destroyed })
        };
        rows.iter().map(|row| read(row).map_err(WorkroomError::database(doing))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workroom::{ERASED, Sealer};
    use sea_orm::TransactionTrait as _;
    use std::path::Path;

    fn source() -> SourceId {
        SourceId::parse("fonjep").unwrap()
    }

    fn erased(record: &str) -> [(Sealed, Instant); 1] {
        [(Sealed { source: source(), record: record.into() }, Instant::UNIX_EPOCH)]
    }

    async fn sealer_with(workroom: &Workroom, record: &str) -> (Sealer, String) {
        let sealer = workroom.sealer(&source()).await.unwrap();
        let sealed = sealer.seal(record, "Zoé").unwrap();
        sealer.save().await.unwrap();
        (sealer, sealed)
    }

    fn files_hold(directory: &Path, bytes: &[u8]) -> bool {
        let paths =
            std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file());
        paths.into_iter().any(|path| std::fs::read(path).unwrap().windows(bytes.len()).any(|window| window == bytes))
    }

    #[tokio::test]
    async fn a_destroyed_key_erases_past_and_future() {
        let directory = tempfile::tempdir().unwrap();
        let workroom = Workroom::open(directory.path()).await.unwrap();
        let (sealer, sealed) = sealer_with(&workroom, "a").await;
        let (_, other) = sealer_with(&workroom, "b").await;
        let key = sealer.key_of("a").unwrap();
        assert!(files_hold(directory.path(), &key));
        assert_eq!(workroom.erase(&erased("a"), LedgerVersion(3)).await.unwrap(), 1);
        assert_eq!(workroom.erase(&erased("a"), LedgerVersion(2)).await.unwrap(), 0, "erased once");
        assert_eq!(workroom.erased_up_to().await.unwrap(), LedgerVersion(3));

        let later = workroom.sealer(&source()).await.unwrap();
        assert_eq!(later.open("a", &sealed).unwrap(), None);
        assert_eq!(later.seal("a", "Zoé").unwrap(), ERASED);
        assert_eq!(later.open("a", ERASED).unwrap(), None);
        assert_eq!(later.open("b", &other).unwrap().as_deref(), Some("Zoé"));
        assert_eq!(workroom.key_counts().await.unwrap(), [KeyCount { source: source(), kept: 1, destroyed: 1 }]);
        assert!(!files_hold(directory.path(), &key), "the key is still in a file");
    }

    #[tokio::test]
    async fn a_record_that_was_never_sealed_is_erased_as_it_comes() {
        let directory = tempfile::tempdir().unwrap();
        let workroom = Workroom::open(directory.path()).await.unwrap();
        assert_eq!(workroom.erase(&erased("c"), LedgerVersion(1)).await.unwrap(), 0, "there is no key of it");
        assert_eq!(workroom.sealer(&source()).await.unwrap().seal("c", "Zoé").unwrap(), ERASED);
    }

    #[tokio::test]
    async fn a_log_that_somebody_reads_is_told_and_emptied_the_next_time() {
        let directory = tempfile::tempdir().unwrap();
        let workroom = Workroom::open(directory.path()).await.unwrap();
        let (sealer, _) = sealer_with(&workroom, "a").await;
        let key = sealer.key_of("a").unwrap();
        let other = Workroom::open(directory.path()).await.unwrap();
        let reading = other.db.begin().await.unwrap();
        reading.query_all_raw(Workroom::statement("SELECT * FROM sealing_key", [])).await.unwrap();
        assert!(matches!(workroom.erase(&erased("a"), LedgerVersion(1)).await, Err(WorkroomError::LogKept)));
        assert_eq!(workroom.erased_up_to().await.unwrap(), LedgerVersion(0), "not noted as done");
        reading.rollback().await.unwrap();
        assert_eq!(workroom.erase(&erased("a"), LedgerVersion(1)).await.unwrap(), 0);
        assert_eq!(workroom.erased_up_to().await.unwrap(), LedgerVersion(1));
        assert!(!files_hold(directory.path(), &key));
    }
}
