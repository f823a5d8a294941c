//! The whole ledger at one version: all that a portfolio is built from.

use super::row::{Row, integer, text, version_value};
use super::run::read_run;
use super::{Ledger, LedgerError, run};
use crate::domain::Instant;
use crate::domain::act::Decision;
use crate::domain::chain::LedgerVersion;
use crate::domain::facts::Facts;
use crate::domain::governance::{ActEntry, ActId};
use crate::domain::image::{LedgerImage, SourceImage};
use crate::domain::project::ProjectId;
use crate::domain::record::RecordVersion;
use crate::domain::source::SourceProfile;
use crate::domain::text::{RecordKey, SourceId};
use futures_util::{StreamExt as _, TryStreamExt as _};
use sea_orm::{QueryResult, StreamTrait as _, Value};
use std::collections::BTreeMap;
use std::pin::pin;

/// Rows that are taken apart at once.
const ROWS_AT_ONCE: usize = 512;
/// Such chunks on their way at once.
const CHUNKS_AT_ONCE: usize = 4;

impl Ledger {
    /// Everything at `version`.
    ///
    /// # Errors
    /// A version that does not exist yet, a database that does not answer or holds something unreadable.
    pub async fn image(&self, version: LedgerVersion) -> Result<LedgerImage, LedgerError> {
        let head = self.head_at(version).await?;
        let latest = "SELECT MAX(id) AS id, MIN(id) AS first_id FROM record_version
                      WHERE id <= $1 GROUP BY source, key ORDER BY 1";
        let newest = newest_id(self, version).await?;
        let records = open_records(self, latest, vec![integer(newest)]).await?;
        let records = records.into_iter().map(|(_, record)| record).collect();
        let sources = source_images(self, version).await?;
        let decisions = decisions(self, version).await?;
        let acts = acts(self, version).await?;
        Ok(LedgerImage { head, records, sources, decisions, acts })
    }

    /// How many sources ever had a record of a project.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn project_sources(&self) -> Result<u64, LedgerError> {
        let sql = "SELECT COUNT(*) FROM (SELECT DISTINCT source FROM record_count) s WHERE EXISTS
                   (SELECT 1 FROM record_version r WHERE r.source = s.source AND r.project IS NOT NULL)";
        self.number("counting sources", sql, []).await
    }

    /// How many records are open at `version`, over all sources.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn record_count(&self, version: LedgerVersion) -> Result<u64, LedgerError> {
        let sql = "SELECT CAST(SUM(records_open) AS BIGINT) FROM record_count WHERE id IN
                   (SELECT MAX(id) FROM record_count WHERE version <= $1 GROUP BY source)";
        self.number("counting records", sql, [version_value(version)]).await
    }
}

/// The number of the newest record version at `version`; 0 when there is none. Rows are numbered in the order of
/// versions, so that everything up to it is everything up to that version.
pub(super) async fn newest_id(ledger: &Ledger, version: LedgerVersion) -> Result<u64, LedgerError> {
    let sql = "SELECT id FROM record_version WHERE version <= $1 ORDER BY version DESC, id DESC LIMIT 1";
    ledger.number("looking for the newest record", sql, [version_value(version)]).await
}

/// The records that are not closed among the row numbers that the query `latest` gives, in the order in which
/// their keys were first appended, each with the number of its first row. Rows are taken apart beside the thread that
/// receives them, some hundreds at a time, and put in order here: a database would carry every row through its sort.
pub(super) async fn open_records(
    ledger: &Ledger,
    latest: &str,
    values: Vec<Value>,
) -> Result<Vec<(u64, RecordVersion)>, LedgerError> {
    let sql = format!(
        "SELECT {} FROM ({latest}) latest JOIN record_version r ON r.id = latest.id WHERE r.state <> 'closed'",
        record_columns("latest.first_id")
    );
    let doing = "reading records";
    let statement = ledger.statement(sql, values);
    let rows = ledger.db.stream_raw(statement).await.map_err(LedgerError::database(doing))?;
    let taken_apart = rows.try_chunks(ROWS_AT_ONCE).map(|chunk| async {
        let rows = chunk.map_err(|refused| LedgerError::database(doing)(refused.1))?;
        let read = tokio::task::spawn_blocking(move || rows.iter().map(read_numbered).collect::<Result<Vec<_>, _>>());
        read.await.expect("reading a row neither panics nor is cancelled")
    });
    let mut records = Vec::new();
    let mut taken_apart = pin!(taken_apart.buffered(CHUNKS_AT_ONCE));
    while let Some(read) = taken_apart.try_next().await? {
        records.extend(read);
    }
    records.sort_unstable_by_key(|(first_id, _)| *first_id);
    Ok(records)
}

/// The columns of a record version `r`, and the number that it is ordered by. What a bad version says was observed when the last good
/// one was.
pub(super) fn record_columns(number: &str) -> String {
    format!(
        "r.id, r.version, r.source, r.key, r.partition, r.project, r.state, r.observed_at_us, r.first_seen_us,
         r.hash, r.facts, {number}, CASE WHEN r.state <> 'bad' THEN r.observed_at_us ELSE COALESCE(
           (SELECT g.observed_at_us FROM record_version g WHERE g.source = r.source AND g.key = r.key AND g.id < r.id
              AND g.state = 'open' ORDER BY g.id DESC LIMIT 1), r.observed_at_us) END"
    )
}

pub(super) fn read_numbered(row: &QueryResult) -> Result<(u64, RecordVersion), LedgerError> {
    Ok((Row::new("record_version", row).count(11, "first_id")?, read_record(row)?))
}

fn read_record(row: &QueryResult) -> Result<RecordVersion, LedgerError> {
    let row = Row::new("record_version", row);
    Ok(RecordVersion {
        source: row.parsed(2, "source")?,
        key: row.parsed(3, "key")?,
        partition: row.get::<String>(4, "partition")?.into(),
        project: row.project(5)?,
        version: LedgerVersion(row.count(1, "version")?),
        observed_at: row.instant(7, "observed_at_us")?,
        good_at: row.instant(12, "observed_at_us")?,
        first_seen: row.instant(8, "first_seen_us")?,
        state: row.state(6, "state")?,
        hash: row.digest(9, "hash")?,
        // Where it stood is read of single records alone: a picture of a million of them has no need of it.
        facts: Facts { location: None, ..row.json(10, "facts")? },
    })
}

/// Every decision up to `version`, oldest first.
pub(super) async fn decisions(ledger: &Ledger, version: LedgerVersion) -> Result<Vec<Decision>, LedgerError> {
    let sql = "SELECT id, body FROM decision WHERE version <= $1 ORDER BY id";
    let rows = ledger.rows("reading decisions", sql, [version_value(version)]).await?;
    rows.iter().map(|row| Row::new("decision", row).json(1, "body")).collect()
}

/// Every act of a body up to `version`, oldest first.
pub(super) async fn acts(ledger: &Ledger, version: LedgerVersion) -> Result<Vec<ActEntry>, LedgerError> {
    let sql = "SELECT a.id, a.version, e.at_us, e.author, a.body FROM act a JOIN entry e ON e.version = a.version
               WHERE a.version <= $1 ORDER BY a.id";
    let rows = ledger.rows("reading acts", sql, [version_value(version)]).await?;
    let read = |row: &QueryResult| {
        let row = Row::new("act", row);
        Ok(ActEntry {
            id: ActId(row.count(0, "id")?),
            version: LedgerVersion(row.count(1, "version")?),
            at: row.instant(2, "at_us")?,
            author: row.json(3, "author")?,
            act: row.json(4, "body")?,
        })
    };
    rows.iter().map(read).collect()
}

/// The state of every source at `version`, in the order in which they were first registered.
pub(super) async fn source_images(ledger: &Ledger, version: LedgerVersion) -> Result<Vec<SourceImage>, LedgerError> {
    let sql = "SELECT s.id, s.profile FROM source_version s JOIN (SELECT MAX(id) AS id, MIN(id) AS first_id
                 FROM source_version WHERE version <= $1 GROUP BY source) latest ON latest.id = s.id
               ORDER BY latest.first_id";
    let rows = ledger.rows("reading the sources", sql, [version_value(version)]).await?;
    let mut images = Vec::with_capacity(rows.len());
    for row in &rows {
        let profile = Row::new("source_version", row).json(1, "profile")?;
        images.push(source_image(ledger, profile, version).await?);
    }
    Ok(images)
}

async fn source_image(
    ledger: &Ledger,
    profile: SourceProfile,
    version: LedgerVersion,
) -> Result<SourceImage, LedgerError> {
    let at = || [text(profile.id.as_str()), version_value(version)];
    let last = |condition: &str| {
        let columns = run::RUN_COLUMNS;
        format!(
            "SELECT {columns} FROM sync_run WHERE source = $1 AND version <= $2 {condition}
             ORDER BY version DESC, id DESC LIMIT 1"
        )
    };
    let doing = "reading the runs of a source";
    let last_run = ledger.rows(doing, last("AND keys = '[]'"), at()).await?;
    let succeeded = format!("AND keys = '[]' AND outcome = 'SUCCEEDED' AND {}", run::NO_INCREMENT);
    let last_success = ledger.rows(doing, last(&succeeded), at()).await?;
    let sql = "SELECT MAX(id), partition, MAX(started_at_us) FROM partition_read
               WHERE source = $1 AND version <= $2 GROUP BY partition ORDER BY partition";
    let read = |row: &QueryResult| {
        let row = Row::new("partition_read", row);
        Ok((row.get(1, "partition")?, row.instant(2, "started_at_us")?))
    };
    let partitions = ledger.rows(doing, sql, at()).await?.iter().map(read).collect::<Result<_, LedgerError>>()?;
    let held = !ledger.unsettled(&profile.id, version).await?.is_empty();
    let sql = "SELECT records_open FROM record_count WHERE source = $1 AND version <= $2
               ORDER BY version DESC, id DESC LIMIT 1";
    let records = ledger.number("counting the records of a source", sql, at()).await?;
    let rejected = ledger.rejected(&profile.id, version).await?;
    Ok(SourceImage {
        last_run: last_run.first().map(read_run).transpose()?,
        last_success: last_success.first().map(read_run).transpose()?,
        partitions,
        looked_up: looked_up(ledger, &profile.id, version).await?,
        held,
        records,
        rejected,
        unread: ledger.unread(&profile.id, version).await?,
        profile,
    })
}

impl Row<'_> {
    /// The project of a record, if it has one.
    pub(super) fn project(&self, index: usize) -> Result<Option<ProjectId>, LedgerError> {
        match self.get::<Option<String>>(index, "project")? {
            Some(_) => self.parsed(index, "project").map(Some),
            None => Ok(None),
        }
    }

    /// A keyed hash.
    pub(super) fn fingerprint(&self, index: usize) -> Result<[u8; 16], LedgerError> {
        let bytes: Vec<u8> = self.get(index, "fingerprint")?;
        bytes.try_into().map_err(|_| self.unreadable("fingerprint", "not sixteen bytes"))
    }
}

/// When single records were last looked up, since the source was last read whole: what is older tells nothing new.
async fn looked_up(
    ledger: &Ledger,
    source: &SourceId,
    version: LedgerVersion,
) -> Result<Vec<(RecordKey, Instant)>, LedgerError> {
    let sql = "SELECT id, keys, started_at_us FROM sync_run
               WHERE source = $1 AND version <= $2 AND outcome = 'SUCCEEDED' AND keys <> '[]' AND version >
                 (SELECT COALESCE(MAX(version), 0) FROM sync_run WHERE source = $1 AND version <= $2
                    AND outcome = 'SUCCEEDED' AND full_read = 1)
               ORDER BY id";
    let rows = ledger.rows("reading look-ups", sql, [text(source.as_str()), version_value(version)]).await?;
    let mut latest = BTreeMap::new();
    for row in &rows {
        let row = Row::new("sync_run", row);
        let (keys, at): (Vec<RecordKey>, _) = (row.json(1, "keys")?, row.instant(2, "started_at_us")?);
        latest.extend(keys.into_iter().map(|key| (key, at)));
    }
    Ok(latest.into_iter().collect())
}
