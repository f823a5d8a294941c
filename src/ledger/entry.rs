//! Entries: the head of the ledger, its earlier heads, its log.

use super::row::{Row, integer, micros, version_value};
use super::{Ledger, LedgerError, PAGE_ROWS_MAX, Page, PageRequest};
use crate::domain::Instant;
use crate::domain::act::Author;
use crate::domain::chain::{Digest, LedgerVersion};
use crate::domain::image::Head;
use sea_orm::{ConnectionTrait, QueryResult, Value};

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// The version that the entry made, when, and the head after it.
    pub head: Head,
    /// Its kind (`sync`, `source`, `declaration`…).
    pub kind: String,
    /// Who appended it.
    pub author: Author,
    /// Why; empty when no reason was given.
    pub reason: String,
    /// The digest of its rows.
    pub content: Digest,
    /// Record versions that it appended.
    pub records: u64,
}

const HEAD_COLUMNS: &str = "SELECT version, at_us, head FROM entry";

impl Ledger {
    /// The last version. Version 0, at the beginning of 1970, for an empty ledger.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn head(&self) -> Result<Head, LedgerError> {
        head_of(&self.db, self).await
    }

    /// The head at `version`.
    ///
    /// # Errors
    /// A version that does not exist yet.
    pub async fn head_at(&self, version: LedgerVersion) -> Result<Head, LedgerError> {
        if version.0 == 0 {
            return Ok(EMPTY);
        }
        let sql = format!("{HEAD_COLUMNS} WHERE version = $1");
        match self.rows("reading an entry", sql, [version_value(version)]).await?.first() {
            Some(row) => read_head(row),
            None => Err(LedgerError::NoVersion { asked: version, head: self.head().await?.version }),
        }
    }

    /// The version that stood at `instant`: that of the last entry not after it. `None` before the first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn version_at(&self, instant: Instant) -> Result<Option<LedgerVersion>, LedgerError> {
        let sql = format!("{HEAD_COLUMNS} WHERE at_us <= $1 ORDER BY version DESC LIMIT 1");
        let rows = self.rows("looking for a version", sql, [integer(micros(instant))]).await?;
        rows.first().map(|row| read_head(row).map(|head| head.version)).transpose()
    }

    /// Entries, newest first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn log(&self, page: PageRequest) -> Result<Page<LogEntry>, LedgerError> {
        let sql = "SELECT e.version, e.at_us, e.head, e.kind, e.author, e.reason, e.content,
                   (SELECT COUNT(*) FROM record_version r WHERE r.version = e.version)
                   FROM entry e ORDER BY e.version DESC LIMIT $1 OFFSET $2";
        let rows = self.rows("reading the log", sql, page.values()).await?;
        let items = rows.iter().map(read_log_entry).collect::<Result<_, _>>()?;
        let total = self.number("counting entries", "SELECT COUNT(*) FROM entry", []).await?;
        Ok(Page { items, total })
    }
}

impl PageRequest {
    /// The values of `LIMIT` and `OFFSET`.
    pub(super) fn values(self) -> [Value; 2] {
        [integer(self.limit.min(PAGE_ROWS_MAX)), integer(self.offset)]
    }
}

/// The ledger before its first entry.
const EMPTY: Head = Head { version: LedgerVersion(0), at: Instant::UNIX_EPOCH, head: Digest([0; 32]) };

/// The head as `connection` sees it: inside a transaction, that of the transaction.
pub(super) async fn head_of(connection: &impl ConnectionTrait, ledger: &Ledger) -> Result<Head, LedgerError> {
    let statement = ledger.statement(format!("{HEAD_COLUMNS} ORDER BY version DESC LIMIT 1"), []);
    let row = connection.query_one_raw(statement).await.map_err(LedgerError::database("reading the head"))?;
    row.map_or(Ok(EMPTY), |row| read_head(&row))
}

fn read_head(row: &QueryResult) -> Result<Head, LedgerError> {
    let row = Row::new("entry", row);
    Ok(Head {
        version: LedgerVersion(row.count(0, "version")?),
        at: row.instant(1, "at_us")?,
        head: row.digest(2, "head")?,
    })
}

fn read_log_entry(result: &QueryResult) -> Result<LogEntry, LedgerError> {
    let row = Row::new("entry", result);
    Ok(LogEntry {
        head: read_head(result)?,
        kind: row.get(3, "kind")?,
        author: row.json(4, "author")?,
        reason: row.get(5, "reason")?,
        content: row.digest(6, "content")?,
        records: row.count(7, "records")?,
    })
}
