//! Held batches: what a run read and nobody let through yet.

use super::spool::Spool;
use super::{Workroom, WorkroomError};
use crate::domain::Instant;
use crate::domain::chain::Digest;
use crate::domain::run::SyncRun;
use crate::domain::text::SourceId;
use sea_orm::{ConnectionTrait as _, QueryResult, Value};
use std::fs;

/// A batch that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBatch {
    /// The held run.
    pub run: String,
    /// Its source.
    pub source: SourceId,
    /// The digest of the batch: a person lets exactly this one through.
    pub digest: Digest,
    /// When it was held.
    pub created_at: Instant,
    file: String,
}

const COLUMNS: &str = "SELECT run, source, digest, file, created_at_us FROM held";

impl Workroom {
    /// Keeps the spool of a held run until it is applied or dropped, and tells its digest.
    ///
    /// # Errors
    /// The file cannot be read or the database does not answer; the spool is then removed.
    pub async fn hold(&self, run: &SyncRun, mut spool: Spool) -> Result<Digest, WorkroomError> {
        let digest = spool.digest()?;
        let file = spool.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = |text: &str| Value::String(Some(text.to_owned()));
        let values = [
            text(&run.id),
            text(run.source.as_str()),
            text(&digest.to_string()),
            text(&file),
            Value::BigInt(Some(run.ended_at.unwrap_or(run.started_at).timestamp_micros())),
        ];
        let sql = "INSERT INTO held (run, source, digest, file, created_at_us) VALUES ($1, $2, $3, $4, $5)";
        let insert = Workroom::statement(sql, values);
        self.db.execute_raw(insert).await.map_err(WorkroomError::database("holding a batch"))?;
        spool.keep = true;
        Ok(digest)
    }

    /// Every held batch, the oldest first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn held(&self) -> Result<Vec<HeldBatch>, WorkroomError> {
        let doing = "reading held batches";
        let select = Workroom::statement(&format!("{COLUMNS} ORDER BY created_at_us, run"), []);
        let rows = self.db.query_all_raw(select).await.map_err(WorkroomError::database(doing))?;
        rows.iter().map(|row| read_held(row).map_err(WorkroomError::database(doing))).collect()
    }

    /// Gives the batch held by `run` back, if its file is still byte for byte what was held. The batch stays held
    /// until [`Workroom::release`].
    ///
    /// # Errors
    /// [`WorkroomError::NotHeld`] for a run that holds none, [`WorkroomError::Altered`] for a file that changed.
    pub async fn accept(&self, run: &str) -> Result<(HeldBatch, Spool), WorkroomError> {
        let found = self.held().await?.into_iter().find(|batch| batch.run == run);
        let batch = found.ok_or_else(|| WorkroomError::NotHeld(run.to_owned()))?;
        let path = self.spools.join(&batch.file);
        // Let through by another one meanwhile.
        if !path.exists() {
            return Err(WorkroomError::NotHeld(run.to_owned()));
        }
        let spool = Spool::reopened(path);
        let digest = spool.digest()?;
        if digest != batch.digest {
            return Err(WorkroomError::Altered { run: run.to_owned(), expected: batch.digest, found: digest });
        }
        Ok((batch, spool))
    }

    /// Forgets the batch held by `run`, once it is applied or when a newer run makes it pointless.
    ///
    /// # Errors
    /// The database does not answer, or the file cannot be removed.
    pub async fn release(&self, run: &str) -> Result<(), WorkroomError> {
        let found = self.held().await?.into_iter().find(|batch| batch.run == run);
        let Some(batch) = found else { return Ok(()) };
        let delete = Workroom::statement("DELETE FROM held WHERE run = $1", [Value::String(Some(run.to_owned()))]);
        self.db.execute_raw(delete).await.map_err(WorkroomError::database("releasing a batch"))?;
        let path = self.spools.join(&batch.file);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(WorkroomError::file(&path)(error)),
            _ => Ok(()),
        }
    }

    /// The spool files that held batches need.
    pub(super) async fn held_files(&self) -> Result<Vec<String>, WorkroomError> {
        Ok(self.held().await?.into_iter().map(|batch| batch.file).collect())
    }
}

fn read_held(row: &QueryResult) -> Result<HeldBatch, sea_orm::DbErr> {
    let wrong = |error: crate::domain::ParseError| sea_orm::DbErr::Type(error.to_string());
    let micros: i64 = row.try_get_by_index(4)?;
    Ok(HeldBatch {
        run: row.try_get_by_index(0)?,
        source: SourceId::parse(&row.try_get_by_index::<String>(1)?).map_err(wrong)?,
        digest: Digest::parse(&row.try_get_by_index::<String>(2)?).map_err(wrong)?,
        file: row.try_get_by_index(3)?,
        created_at: Instant::from_timestamp_micros(micros)
            .ok_or_else(|| sea_orm::DbErr::Type(format!("{micros} is no instant")))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::run::{Counts, SyncOutcome};
    use crate::domain::text::RecordKey;
    use crate::workroom::Staged;

    fn run(id: &str) -> SyncRun {
        SyncRun {
            id: id.to_owned(),
            source: SourceId::parse("s").unwrap(),
            started_at: Instant::UNIX_EPOCH,
            ended_at: None,
            outcome: SyncOutcome::Held,
            counts: Counts::default(),
            full: true,
            partitions: Vec::new(),
            message: None,
            batch: None,
            accepts: None,
            keys: Vec::new(),
            marks: None,
            findings: Vec::new(),
        }
    }

    fn staged(key: &str) -> Staged {
        Staged::Unchanged { key: RecordKey::parse(key).unwrap(), partition: String::new(), fingerprint: [0; 16] }
    }

    async fn hold(workroom: &Workroom, id: &str) -> Digest {
        let mut writer = workroom.spool(id).unwrap();
        writer.push(&staged("a")).unwrap();
        workroom.hold(&run(id), writer.finish().unwrap()).await.unwrap()
    }

    fn files(directory: &std::path::Path) -> usize {
        fs::read_dir(directory.join("spool")).unwrap().count()
    }

    #[tokio::test]
    async fn a_held_batch_outlives_the_process_until_it_is_released() {
        let directory = tempfile::tempdir().unwrap();
        let digest = hold(&Workroom::open(directory.path()).await.unwrap(), "s-1").await;

        let workroom = Workroom::open(directory.path()).await.unwrap();
        let held = workroom.held().await.unwrap();
        assert_eq!((held.len(), held[0].run.as_str(), held[0].digest), (1, "s-1", digest));
        let (batch, spool) = workroom.accept("s-1").await.unwrap();
        assert_eq!(batch.source.as_str(), "s");
        let items: Vec<_> = spool.read().unwrap().map(Result::unwrap).collect();
        assert_eq!(items, [staged("a")]);
        drop(spool);
        assert_eq!(files(directory.path()), 1, "looking at a batch does not use it up");
        fs::remove_file(workroom.spools.join(&batch.file)).unwrap();
        let gone = workroom.accept("s-1").await;
        assert!(matches!(gone, Err(WorkroomError::NotHeld(_))), "let through by another one: {gone:?}");
        workroom.release("s-1").await.unwrap();
        assert_eq!(files(directory.path()), 0);
        assert!(matches!(workroom.accept("s-1").await, Err(WorkroomError::NotHeld(_))));
    }

    #[tokio::test]
    async fn a_batch_that_changed_is_not_let_through() {
        let directory = tempfile::tempdir().unwrap();
        let workroom = Workroom::open(directory.path()).await.unwrap();
        hold(&workroom, "s-1").await;
        let path = workroom.spools.join(&workroom.held().await.unwrap()[0].file);
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(matches!(workroom.accept("s-1").await, Err(WorkroomError::Altered { .. })));
    }

    #[tokio::test]
    async fn what_a_crashed_run_left_is_removed_and_what_a_living_one_writes_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let workroom = Workroom::open(directory.path()).await.unwrap();
        fs::write(directory.path().join("spool/crashed.spool"), b"half").unwrap();
        let living = workroom.spool("s-2").unwrap();
        let other = Workroom::open(directory.path()).await.unwrap();
        assert_eq!(files(directory.path()), 1);
        let spool = living.finish().unwrap();
        assert_eq!(spool.read().unwrap().count(), 0);
        drop((spool, other));
        assert_eq!(files(directory.path()), 0, "a spool that nobody holds goes with its run");
    }
}
