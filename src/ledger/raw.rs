//! Single records: the raw form at a version, and the history of a key.

use super::current::KEYS_ASKED;
use super::row::{Row, integer, text, version_value};
use super::{Ledger, LedgerError};
use crate::domain::Instant;
use crate::domain::chain::{Digest, LedgerVersion};
use crate::domain::facts::Facts;
use crate::domain::record::RecordState;
use crate::domain::text::{RecordKey, SourceId};
use foldhash::{HashMap, HashMapExt as _};
use sea_orm::Value;

/// The raw form of a record at a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawVersion {
    /// The raw record as JSON, personal fields sealed.
    pub raw: String,
    /// Its digest.
    pub hash: Digest,
    /// When this content was observed.
    pub observed_at: Instant,
    /// When the key was first observed.
    pub first_seen: Instant,
    /// The state.
    pub state: RecordState,
}

/// One version in the history of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionSummary {
    /// The ledger version that appended it.
    pub version: LedgerVersion,
    /// When this content was observed.
    pub observed_at: Instant,
    /// The state.
    pub state: RecordState,
    /// The digest of the raw form.
    pub hash: Digest,
}

/// Records of a sample.
const SAMPLE_ROWS: usize = 200;
/// Runs that a sample is taken from: increments and look-ups may bring one record each.
const SAMPLE_RUNS: usize = 50;

impl Ledger {
    /// Some raw records of a source, those that its reads appended last: enough to know the columns that it has now.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn sample(&self, source: &SourceId, version: LedgerVersion) -> Result<Vec<String>, LedgerError> {
        let doing = "reading a sample of records";
        // By version, so that the rows of the source alone are walked, however many others came in between.
        let sql = "SELECT version FROM sync_run WHERE source = $1 AND version <= $2 AND outcome = 'SUCCEEDED'
                     AND records_added + records_changed > 0 ORDER BY version DESC, id DESC LIMIT $3";
        let runs = self.rows(doing, sql, [text(source.as_str()), version_value(version), integer(SAMPLE_RUNS)]).await?;
        let mut sample = Vec::new();
        for run in &runs {
            let at = Row::new("sync_run", run).count(0, "version")?;
            // What was written again since is not what the source has now; of what went bad since, it is the last that was good.
            let sql = "SELECT id, raw FROM record_version r WHERE version = $1 AND source = $2 AND state = 'open'
                         AND NOT EXISTS (SELECT 1 FROM record_version n WHERE n.source = r.source AND n.key = r.key
                                           AND n.id > r.id AND n.version <= $4 AND n.state <> 'bad')
                       ORDER BY version DESC, id DESC LIMIT $3";
            let left = integer(SAMPLE_ROWS - sample.len());
            let values = [integer(at), text(source.as_str()), left, version_value(version)];
            for row in &self.rows(doing, sql, values).await? {
                sample.push(Row::new("record_version", row).get(1, "raw")?);
            }
            if sample.len() == SAMPLE_ROWS {
                break;
            }
        }
        Ok(sample)
    }

    /// The raw form of a record at `version`, of a closed one too. `None` for a key that was not there yet.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn raw(
        &self,
        source: &SourceId,
        key: &RecordKey,
        version: LedgerVersion,
    ) -> Result<Option<RawVersion>, LedgerError> {
        let sql = "SELECT id, raw, hash, observed_at_us, first_seen_us, state FROM record_version
                   WHERE source = $1 AND key = $2 AND version <= $3 ORDER BY id DESC LIMIT 1";
        let values = [text(source.as_str()), text(key.as_str()), version_value(version)];
        let rows = self.rows("reading a raw record", sql, values).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let row = Row::new("record_version", row);
        Ok(Some(RawVersion {
            raw: row.get(1, "raw")?,
            hash: row.digest(2, "hash")?,
            observed_at: row.instant(3, "observed_at_us")?,
            first_seen: row.instant(4, "first_seen_us")?,
            state: row.state(5, "state")?,
        }))
    }

    /// The raw forms of the records of `keys` at `version`, but for those that are closed or were not there yet.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn raws(
        &self,
        source: &SourceId,
        keys: &[RecordKey],
        version: LedgerVersion,
    ) -> Result<HashMap<RecordKey, String>, LedgerError> {
        let mut raws = HashMap::with_capacity(keys.len());
        for chunk in keys.chunks(KEYS_ASKED) {
            let places: Vec<String> = (3..chunk.len() + 3).map(|place| format!("${place}")).collect();
            let sql = format!(
                "SELECT r.id, r.key, r.raw FROM record_version r JOIN (SELECT MAX(id) AS id FROM record_version
                   WHERE source = $1 AND version <= $2 AND key IN ({}) GROUP BY key) latest ON latest.id = r.id
                 WHERE r.state <> 'closed'",
                places.join(", ")
            );
            let asked = chunk.iter().map(|key| text(key.as_str()));
            let values: Vec<Value> = [text(source.as_str()), version_value(version)].into_iter().chain(asked).collect();
            for row in &self.rows("reading raw records", sql, values).await? {
                let row = Row::new("record_version", row);
                raws.insert(row.parsed(1, "key")?, row.get(2, "raw")?);
            }
        }
        Ok(raws)
    }

    /// What these records of `source` say in their last version, gone ones too, at `version`; keys that it never had are left out.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn said(
        &self,
        source: &SourceId,
        keys: &[RecordKey],
        version: LedgerVersion,
    ) -> Result<HashMap<RecordKey, Facts>, LedgerError> {
        let mut said = HashMap::with_capacity(keys.len());
        for chunk in keys.chunks(KEYS_ASKED) {
            let places: Vec<String> = (3..chunk.len() + 3).map(|place| format!("${place}")).collect();
            let sql = format!(
                "SELECT r.id, r.key, r.facts FROM record_version r JOIN (SELECT MAX(id) AS id FROM record_version
                   WHERE source = $1 AND version <= $2 AND key IN ({}) GROUP BY key) latest ON latest.id = r.id",
                places.join(", ")
            );
            let asked = chunk.iter().map(|key| text(key.as_str()));
            let values: Vec<Value> = [text(source.as_str()), version_value(version)].into_iter().chain(asked).collect();
            for row in &self.rows("reading what records say", sql, values).await? {
                let row = Row::new("record_version", row);
                said.insert(row.parsed(1, "key")?, row.json(2, "facts")?);
            }
        }
        Ok(said)
    }

    /// Every version of a record, oldest first.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn history(&self, source: &SourceId, key: &RecordKey) -> Result<Vec<VersionSummary>, LedgerError> {
        let sql = "SELECT id, version, observed_at_us, state, hash FROM record_version
                   WHERE source = $1 AND key = $2 ORDER BY id";
        let rows = self.rows("reading a history", sql, [text(source.as_str()), text(key.as_str())]).await?;
        let read = |row| {
            let row = Row::new("record_version", row);
            Ok(VersionSummary {
                version: LedgerVersion(row.count(1, "version")?),
                observed_at: row.instant(2, "observed_at_us")?,
                state: row.state(3, "state")?,
                hash: row.digest(4, "hash")?,
            })
        };
        rows.iter().map(read).collect()
    }
}
