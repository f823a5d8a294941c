//! What a sync compares with: the last version of each record of a source, and the projects behind shared references.

use super::image::newest_id;
use super::row::{Row, integer, text, version_value};
use super::{Ledger, LedgerError};
use crate::domain::Instant;
use crate::domain::act::Decision;
use crate::domain::chain::LedgerVersion;
use crate::domain::facts::Facts;
use crate::domain::project::{ProjectId, Reference};
use crate::domain::record::RecordState;
use crate::domain::source::SourceProfile;
use crate::domain::text::{RecordKey, SourceId};
use foldhash::{HashMap, HashMapExt as _};
use sea_orm::{QueryResult, Value};

/// The last version of a record, as far as a sync needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// The keyed hash of the content.
    pub fingerprint: [u8; 16],
    /// When this content was observed.
    pub observed_at: Instant,
    /// When the key was first observed.
    pub first_seen: Instant,
    /// The partition.
    pub partition: Box<str>,
    /// The project.
    pub project: Option<ProjectId>,
    /// The state.
    pub state: RecordState,
}

/// References looked up by one query.
pub(super) const REFERENCES_ASKED: usize = 400;
/// Keys looked up by one query.
pub(super) const KEYS_ASKED: usize = 400;
/// The columns that make a [`Current`].
const CURRENT_COLUMNS: &str =
    "r.id, r.key, r.fingerprint, r.observed_at_us, r.first_seen_us, r.partition, r.project, r.state";

fn read_current(row: &QueryResult) -> Result<(RecordKey, Current), LedgerError> {
    let row = Row::new("record_version", row);
    let found = Current {
        fingerprint: row.fingerprint(2)?,
        observed_at: row.instant(3, "observed_at_us")?,
        first_seen: row.instant(4, "first_seen_us")?,
        partition: row.get::<String>(5, "partition")?.into(),
        project: row.project(6)?,
        state: row.state(7, "state")?,
    };
    Ok((row.parsed(1, "key")?, found))
}

/// References as the rows of a query, and its values: the version, then these.
pub(super) fn asked(references: &[Reference], version: LedgerVersion) -> (String, Vec<Value>) {
    let mut values = vec![version_value(version)];
    let mut pairs = Vec::with_capacity(references.len());
    for reference in references {
        pairs.push(format!("(${}, ${})", values.len() + 1, values.len() + 2));
        values.extend([text(&*reference.value), text(&*reference.scheme)]);
    }
    (pairs.join(", "), values)
}

impl Ledger {
    /// The last version of every key that `source` ever had, closed ones too, at `version`.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn current(
        &self,
        source: &SourceId,
        version: LedgerVersion,
    ) -> Result<HashMap<RecordKey, Current>, LedgerError> {
        let newest = newest_id(self, version).await?;
        let sql = format!(
            "SELECT {CURRENT_COLUMNS} FROM record_version r JOIN (SELECT MAX(id) AS id FROM record_version
                     WHERE source = $1 AND id <= $2 GROUP BY key) latest ON latest.id = r.id"
        );
        let doing = "reading the records of a source";
        let rows = self.rows(doing, sql, [text(source.as_str()), integer(newest)]).await?;
        let mut current = HashMap::with_capacity(rows.len());
        for row in &rows {
            let (key, found) = read_current(row)?;
            current.insert(key, found);
        }
        Ok(current)
    }

    /// The last version of these keys of `source`, closed ones too, at `version`; keys that it never had are left out.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn current_of(
        &self,
        source: &SourceId,
        keys: &[RecordKey],
        version: LedgerVersion,
    ) -> Result<HashMap<RecordKey, Current>, LedgerError> {
        let newest = newest_id(self, version).await?;
        let mut current = HashMap::with_capacity(keys.len());
        for chunk in keys.chunks(KEYS_ASKED) {
            let places: Vec<String> = (3..chunk.len() + 3).map(|place| format!("${place}")).collect();
            let sql = format!(
                "SELECT {CURRENT_COLUMNS} FROM record_version r JOIN (SELECT MAX(id) AS id FROM record_version
                   WHERE source = $1 AND id <= $2 AND key IN ({}) GROUP BY key) latest ON latest.id = r.id",
                places.join(", ")
            );
            let asked = chunk.iter().map(|key| text(key.as_str()));
            let values: Vec<Value> = [text(source.as_str()), integer(newest)].into_iter().chain(asked).collect();
            for row in &self.rows("reading records of a source", sql, values).await? {
                let (key, found) = read_current(row)?;
                current.insert(key, found);
            }
        }
        Ok(current)
    }

    /// For each of `references` that a record ever carried: of each source, how many of its records did.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn carriers(
        &self,
        references: &[Reference],
        version: LedgerVersion,
    ) -> Result<HashMap<Reference, Vec<(SourceId, u64)>>, LedgerError> {
        let mut found: HashMap<Reference, Vec<(SourceId, u64)>> = HashMap::new();
        for chunk in references.chunks(REFERENCES_ASKED) {
            let (pairs, values) = asked(chunk, version);
            let sql = format!(
                "SELECT r.scheme, r.value, r.source, COUNT(DISTINCT r.key) FROM record_reference r
                 WHERE r.version <= $1 AND (r.value, r.scheme) IN (VALUES {pairs}) GROUP BY r.scheme, r.value, r.source"
            );
            for row in &self.rows("counting records by reference", sql, values).await? {
                let row = Row::new("record_reference", row);
                let (scheme, value): (String, String) = (row.get(0, "scheme")?, row.get(1, "value")?);
                let reference = Reference { scheme: scheme.into(), value: value.into() };
                found.entry(reference).or_default().push((row.parsed(2, "source")?, row.count(3, "key")?));
            }
        }
        Ok(found)
    }

    /// What each record that ever carried one of `references` says in its last version.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn said_by_carriers(
        &self,
        references: &[Reference],
        version: LedgerVersion,
    ) -> Result<Vec<(SourceId, RecordKey, Facts)>, LedgerError> {
        let mut said = Vec::new();
        for chunk in references.chunks(REFERENCES_ASKED) {
            let (pairs, values) = asked(chunk, version);
            let sql = format!(
                "SELECT v.source, v.key, v.facts FROM record_version v JOIN (
                   SELECT MAX(w.id) AS id FROM record_version w JOIN (
                     SELECT DISTINCT r.source, r.key FROM record_reference r
                     WHERE r.version <= $1 AND (r.value, r.scheme) IN (VALUES {pairs})) c
                   ON w.source = c.source AND w.key = c.key WHERE w.version <= $1 GROUP BY w.source, w.key) latest
                 ON latest.id = v.id ORDER BY v.id"
            );
            for row in &self.rows("reading what records of a reference say", sql, values).await? {
                let row = Row::new("record_version", row);
                said.push((row.parsed(0, "source")?, row.parsed(1, "key")?, row.json(2, "facts")?));
            }
        }
        Ok(said)
    }

    /// Every decision up to `version`, the oldest first.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn decisions(&self, version: LedgerVersion) -> Result<Vec<Decision>, LedgerError> {
        super::image::decisions(self, version).await
    }

    /// The profile of a source at `version`, if it was ever registered.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn profile(
        &self,
        source: &SourceId,
        version: LedgerVersion,
    ) -> Result<Option<SourceProfile>, LedgerError> {
        let sql = "SELECT id, profile FROM source_version WHERE source = $1 AND version <= $2
                   ORDER BY version DESC, id DESC LIMIT 1";
        let values = [text(source.as_str()), version_value(version)];
        let rows = self.rows("reading the profile of a source", sql, values).await?;
        rows.first().map(|row| Row::new("source_version", row).json(1, "profile")).transpose()
    }
}
