//! Which records bear which references. A record bears, of each numbering, what its last version that gave a number of it gave: one that is
//! gone, went bad or gives none bears on what it bore; another number ends it.

use super::current::{KEYS_ASKED, REFERENCES_ASKED, asked};
use super::row::{Row, text, version_value};
use super::{Ledger, LedgerError};
use crate::domain::chain::LedgerVersion;
use crate::domain::project::{ProjectId, Reference};
use crate::domain::text::{RecordKey, SourceId};
use sea_orm::Value;

/// Projects asked for by one query.
const PROJECTS_ASKED: usize = 400;
/// No later version of the record gave a number of this numbering.
const BORNE: &str = "NOT EXISTS (SELECT 1 FROM record_reference l WHERE l.source = r.source AND l.key = r.key
                     AND l.scheme = r.scheme AND l.version > r.version AND l.version <= $1)";

/// A record of a project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// The version that first gave its key a project; of one that bears a reference, the one that gave it that.
    pub since: LedgerVersion,
    /// Its age in this ledger: the lower, the older; of one that bears a reference, that of its project.
    pub born: u64,
    /// Its source.
    pub source: SourceId,
    /// Its key there.
    pub key: RecordKey,
    /// The project that its key was given.
    pub project: ProjectId,
}

impl Ledger {
    /// The records that bear one of `references`, each with the reference and the age of the project that its key was given; the oldest
    /// rows first.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn bearers(
        &self,
        references: &[Reference],
        version: LedgerVersion,
    ) -> Result<Vec<(Reference, Member)>, LedgerError> {
        let mut found = Vec::new();
        for chunk in references.chunks(REFERENCES_ASKED) {
            let (pairs, values) = asked(chunk, version);
            let sql = format!(
                "SELECT r.id, r.scheme, r.value, r.project,
                   (SELECT MIN(v.id) FROM record_version v WHERE v.project = r.project), r.source, r.key, r.version
                 FROM record_reference r
                 WHERE r.version <= $1 AND (r.value, r.scheme) IN (VALUES {pairs}) AND {BORNE} ORDER BY r.id"
            );
            for row in &self.rows("looking references up", sql, values).await? {
                let row = Row::new("record_reference", row);
                let (scheme, value): (String, String) = (row.get(1, "scheme")?, row.get(2, "value")?);
                let member = Member {
                    since: LedgerVersion(row.count(7, "version")?),
                    born: row.count(4, "id")?,
                    source: row.parsed(5, "source")?,
                    key: row.parsed(6, "key")?,
                    project: row.parsed(3, "project")?,
                };
                found.push((Reference { scheme: scheme.into(), value: value.into() }, member));
            }
        }
        Ok(found)
    }

    /// What each of these records bears, a row for each reference, in the order of rows.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn borne_by(
        &self,
        records: &[(SourceId, RecordKey)],
        version: LedgerVersion,
    ) -> Result<Vec<((SourceId, RecordKey), Reference)>, LedgerError> {
        let mut found = Vec::new();
        for chunk in records.chunks(KEYS_ASKED) {
            let mut values: Vec<Value> = vec![version_value(version)];
            let mut pairs = Vec::with_capacity(chunk.len());
            for (source, key) in chunk {
                pairs.push(format!("(${}, ${})", values.len() + 1, values.len() + 2));
                values.extend([text(source.as_str()), text(key.as_str())]);
            }
            let sql = format!(
                "SELECT r.source, r.key, r.scheme, r.value FROM record_reference r
                 WHERE r.version <= $1 AND (r.source, r.key) IN (VALUES {}) AND {BORNE} ORDER BY r.id",
                pairs.join(", ")
            );
            for row in &self.rows("reading what records bear", sql, values).await? {
                let row = Row::new("record_reference", row);
                let (scheme, value): (String, String) = (row.get(2, "scheme")?, row.get(3, "value")?);
                let reference = Reference { scheme: scheme.into(), value: value.into() };
                found.push(((row.parsed(0, "source")?, row.parsed(1, "key")?), reference));
            }
        }
        Ok(found)
    }

    /// How many records of a source ever bore a reference.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn bearing(&self, source: &SourceId, version: LedgerVersion) -> Result<u64, LedgerError> {
        let sql = "SELECT COUNT(DISTINCT key) FROM record_reference WHERE source = $1 AND version <= $2";
        let values = [text(source.as_str()), version_value(version)];
        self.number("counting records with references", sql, values).await
    }

    /// The age of each of `projects` of which there ever was a record: the lower, the older.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn ages(
        &self,
        projects: &[ProjectId],
        version: LedgerVersion,
    ) -> Result<Vec<(ProjectId, u64)>, LedgerError> {
        let mut found = Vec::new();
        for chunk in projects.chunks(PROJECTS_ASKED) {
            let places: Vec<String> = (2..chunk.len() + 2).map(|place| format!("${place}")).collect();
            let sql = format!(
                "SELECT r.project, MIN(r.id) FROM record_version r
                 WHERE r.version <= $1 AND r.project IN ({}) GROUP BY r.project",
                places.join(", ")
            );
            let values = [version_value(version)].into_iter().chain(chunk.iter().map(|id| text(id.as_str())));
            for row in &self.rows("reading the ages of projects", sql, values.collect::<Vec<_>>()).await? {
                let row = Row::new("record_version", row);
                found.push((row.parsed(0, "project")?, row.count(1, "id")?));
            }
        }
        Ok(found)
    }

    /// The records whose key was ever given one of `projects`, gone ones too, the oldest first.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn members(&self, projects: &[ProjectId], version: LedgerVersion) -> Result<Vec<Member>, LedgerError> {
        let mut found = Vec::new();
        for chunk in projects.chunks(PROJECTS_ASKED) {
            let places: Vec<String> = (2..chunk.len() + 2).map(|place| format!("${place}")).collect();
            let sql = format!(
                "SELECT MIN(r.id), r.source, r.key, r.project, MIN(r.version) FROM record_version r
                 WHERE r.version <= $1 AND r.project IN ({}) GROUP BY r.source, r.key, r.project",
                places.join(", ")
            );
            let values = [version_value(version)].into_iter().chain(chunk.iter().map(|id| text(id.as_str())));
            for row in &self.rows("reading the records of projects", sql, values.collect::<Vec<_>>()).await? {
                let row = Row::new("record_version", row);
                found.push(Member {
                    since: LedgerVersion(row.count(4, "version")?),
                    born: row.count(0, "id")?,
                    source: row.parsed(1, "source")?,
                    key: row.parsed(2, "key")?,
                    project: row.parsed(3, "project")?,
                });
            }
        }
        found.sort();
        Ok(found)
    }
}
