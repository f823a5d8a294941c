//! What the ledger holds about the past of some projects: decisions, record versions, entries, each with its version.

use super::image::{read_numbered, record_columns};
use super::row::{Row, integer, text, version_value};
use super::{Ledger, LedgerError};
use crate::domain::Instant;
use crate::domain::act::{Author, Decision};
use crate::domain::chain::LedgerVersion;
use crate::domain::facts::Facts;
use crate::domain::project::{ProjectId, Reference};
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::text::{RecordKey, SourceId};
use sea_orm::QueryResult;
use std::collections::{BTreeSet, HashMap};

/// Values asked for by one query.
const VALUES_ASKED: usize = 500;

/// A decision, where it stands in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The number of its row.
    pub id: u64,
    /// The version that appended it.
    pub version: LedgerVersion,
    /// The decision.
    pub decision: Decision,
}

/// One version of a record, without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordStep {
    /// The number of its row.
    pub id: u64,
    /// The version that appended it.
    pub version: LedgerVersion,
    /// The source.
    pub source: SourceId,
    /// The key there.
    pub key: RecordKey,
    /// The project that its key was given.
    pub project: Option<ProjectId>,
    /// The state.
    pub state: RecordState,
}

/// Who appended an entry, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appender {
    /// When.
    pub at: Instant,
    /// Kind of the entry: `sync`, `match`, `link`…
    pub kind: String,
    /// Who.
    pub author: Author,
}

impl Ledger {
    /// Every decision up to `version` that joins or parts projects, the oldest first; proposals do neither.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn decided(&self, version: LedgerVersion) -> Result<Vec<Decided>, LedgerError> {
        let sql = "SELECT id, version, body FROM decision WHERE version <= $1 ORDER BY id";
        let rows = self.rows("reading decisions", sql, [version_value(version)]).await?;
        let read = |row: &QueryResult| {
            let row = Row::new("decision", row);
            let (id, version) = (row.count(0, "id")?, LedgerVersion(row.count(1, "version")?));
            Ok(Decided { id, version, decision: row.json(2, "body")? })
        };
        let all = rows.iter().map(read).collect::<Result<Vec<_>, LedgerError>>()?;
        Ok(all.into_iter().filter(|one| one.decision.joins_or_parts()).collect())
    }

    /// The decisions up to `version` that joined or parted `project` and others, directly or through others; the oldest first.
    /// Proposals that nobody took up join nothing: they stand among them only where both projects are reached otherwise.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn decisions_about(
        &self,
        project: &ProjectId,
        version: LedgerVersion,
    ) -> Result<Vec<Decided>, LedgerError> {
        let sql = "SELECT id, version, body FROM decision WHERE version <= $1 ORDER BY id";
        let rows = self.rows("reading decisions", sql, [version_value(version)]).await?;
        let mut unread = Vec::with_capacity(rows.len());
        for row in &rows {
            let row = Row::new("decision", row);
            let body: String = row.get(2, "body")?;
            unread.push((row.count(0, "id")?, LedgerVersion(row.count(1, "version")?), body));
        }
        let mut reached = BTreeSet::from([project.clone()]);
        let mut found: Vec<Decided> = Vec::new();
        loop {
            // A body that does not even hold the text of an identifier need not be read.
            let (near, far): (Vec<_>, Vec<_>) =
                unread.into_iter().partition(|(_, _, body)| reached.iter().any(|id| body.contains(id.as_str())));
            let before = reached.len();
            for (id, version, body) in near {
                let decision: Decision = serde_json::from_str(&body).map_err(|error| LedgerError::Unreadable {
                    table: "decision",
                    column: "body",
                    row: i64::try_from(id).unwrap_or(i64::MAX),
                    reason: error.to_string(),
                })?;
                if decision.joins_or_parts() {
                    reached.extend(decision.projects().map(Clone::clone));
                }
                found.push(Decided { id, version, decision });
            }
            unread = far;
            if reached.len() == before {
                break;
            }
        }
        found.retain(|one| {
            let is_told = matches!(one.decision, Decision::KeptApart { .. });
            is_told || one.decision.projects().iter().all(|id| reached.contains(*id))
        });
        found.sort_by_key(|one| one.id);
        Ok(found)
    }

    /// Every version up to `version` of the records whose key was ever given one of `projects`, the oldest first.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn record_steps(
        &self,
        projects: &[&ProjectId],
        version: LedgerVersion,
    ) -> Result<Vec<RecordStep>, LedgerError> {
        let mut steps: Vec<RecordStep> = Vec::new();
        for chunk in projects.chunks(VALUES_ASKED) {
            let places: Vec<String> = (2..chunk.len() + 2).map(|place| format!("${place}")).collect();
            let sql = format!(
                "SELECT r.id, r.version, r.source, r.key, r.project, r.state FROM record_version r
                 JOIN (SELECT DISTINCT source, key FROM record_version WHERE project IN ({}) AND version <= $1) m
                   ON m.source = r.source AND m.key = r.key
                 WHERE r.version <= $1 ORDER BY r.id",
                places.join(", ")
            );
            let values = [version_value(version)].into_iter().chain(chunk.iter().map(|id| text(id.as_str())));
            for row in &self.rows("reading the versions of records", sql, values.collect::<Vec<_>>()).await? {
                let row = Row::new("record_version", row);
                steps.push(RecordStep {
                    id: row.count(0, "id")?,
                    version: LedgerVersion(row.count(1, "version")?),
                    source: row.parsed(2, "source")?,
                    key: row.parsed(3, "key")?,
                    project: row.project(4)?,
                    state: row.state(5, "state")?,
                });
            }
        }
        steps.sort_by_key(|step| step.id);
        steps.dedup_by_key(|step| step.id);
        Ok(steps)
    }

    /// The same versions with all that they say, closed ones too, each with the number of its row.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn record_versions(
        &self,
        projects: &[&ProjectId],
        version: LedgerVersion,
    ) -> Result<Vec<(u64, RecordVersion)>, LedgerError> {
        let mut found = Vec::new();
        for chunk in projects.chunks(VALUES_ASKED) {
            let places: Vec<String> = (2..chunk.len() + 2).map(|place| format!("${place}")).collect();
            let sql = format!(
                "SELECT {} FROM record_version r
                 JOIN (SELECT DISTINCT source, key FROM record_version WHERE project IN ({}) AND version <= $1) m
                   ON m.source = r.source AND m.key = r.key
                 WHERE r.version <= $1 ORDER BY r.id",
                record_columns("r.id"),
                places.join(", ")
            );
            let values = [version_value(version)].into_iter().chain(chunk.iter().map(|id| text(id.as_str())));
            let rows = self.rows("reading the versions of records", sql, values.collect::<Vec<_>>()).await?;
            found.extend(rows.iter().map(read_numbered).collect::<Result<Vec<_>, _>>()?);
        }
        found.sort_by_key(|(id, _)| *id);
        found.dedup_by_key(|(id, _)| *id);
        Ok(found)
    }

    /// The versions up to `version` in which a source rejected a record that bears one of these references.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn unread_about(
        &self,
        references: &[Reference],
        version: LedgerVersion,
    ) -> Result<BTreeSet<LedgerVersion>, LedgerError> {
        let mut found = BTreeSet::new();
        for chunk in references.chunks(VALUES_ASKED / 2) {
            let is_one = |at: usize| format!("scheme = ${} AND value = ${}", 2 * at + 2, 2 * at + 3);
            let of: Vec<String> = (0..chunk.len()).map(is_one).collect();
            let sql =
                format!("SELECT DISTINCT version FROM unread_reference WHERE version <= $1 AND ({})", of.join(" OR "));
            let values = chunk.iter().flat_map(|one| [text(&*one.scheme), text(&*one.value)]);
            let values: Vec<_> = [version_value(version)].into_iter().chain(values).collect();
            for row in &self.rows("reading what rejected records are about", &sql, values).await? {
                found.insert(LedgerVersion(Row::new("unread_reference", row).count(0, "version")?));
            }
        }
        Ok(found)
    }

    /// The versions up to `version` in which a read of a source was held for a person to look at.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn held_reads(&self, version: LedgerVersion) -> Result<Vec<(SourceId, LedgerVersion)>, LedgerError> {
        let sql = "SELECT source, version FROM sync_run WHERE version <= $1 AND outcome = 'HELD' ORDER BY version";
        let read = |row: &QueryResult| {
            let row = Row::new("sync_run", row);
            Ok((row.parsed(0, "source")?, LedgerVersion(row.count(1, "version")?)))
        };
        self.rows("reading the runs that were held", sql, [version_value(version)]).await?.iter().map(read).collect()
    }

    /// What the record versions with these numbers say.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn facts_of(&self, ids: &[u64]) -> Result<HashMap<u64, Facts>, LedgerError> {
        let mut facts = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(VALUES_ASKED) {
            let places: Vec<String> = (1..=chunk.len()).map(|place| format!("${place}")).collect();
            let sql = format!("SELECT id, facts FROM record_version WHERE id IN ({})", places.join(", "));
            for row in &self
                .rows("reading what records said", sql, chunk.iter().map(|id| integer(*id)).collect::<Vec<_>>())
                .await?
            {
                let row = Row::new("record_version", row);
                facts.insert(row.count(0, "id")?, row.json(1, "facts")?);
            }
        }
        Ok(facts)
    }

    /// Who appended these versions, and when.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn appenders(&self, versions: &[LedgerVersion]) -> Result<HashMap<LedgerVersion, Appender>, LedgerError> {
        let mut found = HashMap::with_capacity(versions.len());
        for chunk in versions.chunks(VALUES_ASKED) {
            let places: Vec<String> = (1..=chunk.len()).map(|place| format!("${place}")).collect();
            let sql =
                format!("SELECT version, at_us, kind, author FROM entry WHERE version IN ({})", places.join(", "));
            for row in &self
                .rows("reading entries", sql, chunk.iter().map(|one| version_value(*one)).collect::<Vec<_>>())
                .await?
            {
                let row = Row::new("entry", row);
                let appender = Appender {
                    at: row.instant(1, "at_us")?,
                    kind: row.get(2, "kind")?,
                    author: row.json(3, "author")?,
                };
                found.insert(LedgerVersion(row.count(0, "version")?), appender);
            }
        }
        Ok(found)
    }
}
