//! Erasures, and the rows that hold sealed fields.

use super::row::{Row, text, version_value};
use super::{Ledger, LedgerError};
use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::domain::erasure::{Erasure, ErasureCause, Sealed};
use futures_util::{Stream, StreamExt as _};
use sea_orm::{QueryResult, StreamTrait as _};

/// A table whose rows may hold sealed fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedIn {
    /// Versions of records.
    Records,
    /// Rejected records.
    Rejections,
}

/// A row whose raw form may hold sealed fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRow {
    /// What they are sealed under.
    pub of: Sealed,
    /// In which table.
    pub held: SealedIn,
    /// The version that appended the row.
    pub version: LedgerVersion,
    /// When it was observed.
    pub at: Instant,
    /// The raw form as JSON.
    pub raw: String,
}

impl Ledger {
    /// The erasures after `after`, oldest first.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn erasures(&self, after: LedgerVersion) -> Result<Vec<Erasure>, LedgerError> {
        let sql = "SELECT x.id, x.version, e.at_us, e.author, e.reason, x.source, x.record, x.cause
                   FROM erasure x JOIN entry e ON e.version = x.version WHERE x.version > $1 ORDER BY x.id";
        let rows = self.rows("reading erasures", sql, [version_value(after)]).await?;
        rows.iter().map(read_erasure).collect()
    }

    /// Does the ledger hold a record, or a rejected one, that fields may be sealed under, and does any version of it hold `mark`
    /// (the beginning of a sealed field)? `None`: it holds no such record.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn holds(&self, of: &Sealed, mark: &str) -> Result<Option<bool>, LedgerError> {
        let doing = "looking for a record";
        let values = || [text(of.source.as_str()), text(&*of.record), text(format!("%{mark}%"))];
        let mut held = None;
        for sql in [
            "SELECT MAX(CASE WHEN raw LIKE $3 THEN 1 ELSE 0 END) FROM record_version WHERE source = $1 AND key = $2",
            "SELECT MAX(CASE WHEN raw LIKE $3 THEN 1 ELSE 0 END) FROM rejection
             WHERE source = $1 AND (key = $2 OR (key IS NULL AND location = $2))",
        ] {
            for row in self.rows(doing, sql, values()).await? {
                // PostgreSQL counts so small a number in four bytes.
                let wide = row.try_get_by_index::<Option<i64>>(0);
                let sealed = wide.or_else(|_| row.try_get_by_index::<Option<i32>>(0).map(|one| one.map(i64::from)));
                let sealed = sealed.map_err(LedgerError::database(doing))?.map(|sealed| sealed > 0);
                held = held.max(sealed);
            }
        }
        Ok(held)
    }

    /// Every row whose raw form holds `mark` (the beginning of a sealed field), records before rejections, oldest first. Read row
    /// by row: a large ledger is never in memory.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn sealed_rows(
        &self,
        mark: &str,
    ) -> Result<impl Stream<Item = Result<SealedRow, LedgerError>> + Send + '_, LedgerError> {
        let records = self.marked(SealedIn::Records, mark).await?;
        let rejections = self.marked(SealedIn::Rejections, mark).await?;
        Ok(records.chain(rejections))
    }

    async fn marked(
        &self,
        held: SealedIn,
        mark: &str,
    ) -> Result<impl Stream<Item = Result<SealedRow, LedgerError>> + Send + '_, LedgerError> {
        let doing = "reading sealed fields";
        let (table, sql) = match held {
            SealedIn::Records => (
                "record_version",
                "SELECT id, version, source, key, observed_at_us, raw FROM record_version WHERE raw LIKE $1 ORDER BY id",
            ),
            SealedIn::Rejections => (
                "rejection",
                "SELECT id, version, source, COALESCE(key, location), at_us, raw FROM rejection WHERE raw LIKE $1 ORDER BY id",
            ),
        };
        let statement = self.statement(sql, [text(format!("%{mark}%"))]);
        let rows = self.db.stream_raw(statement).await.map_err(LedgerError::database(doing))?;
        Ok(rows.map(move |row| read_row((table, held), &row.map_err(LedgerError::database(doing))?)))
    }
}

fn read_row((table, held): (&'static str, SealedIn), row: &QueryResult) -> Result<SealedRow, LedgerError> {
    let row = Row::new(table, row);
    Ok(SealedRow {
        of: Sealed { source: row.parsed(2, "source")?, record: row.get::<String>(3, "key")?.into() },
        held,
        version: LedgerVersion(row.count(1, "version")?),
        at: row.instant(4, "at_us")?,
        raw: row.get(5, "raw")?,
    })
}

fn read_erasure(row: &QueryResult) -> Result<Erasure, LedgerError> {
    let row = Row::new("erasure", row);
    let word: String = row.get(7, "cause")?;
    let cause = ErasureCause::ALL.into_iter().find(|cause| cause.as_str() == word);
    Ok(Erasure {
        of: Sealed { source: row.parsed(5, "source")?, record: row.get::<String>(6, "record")?.into() },
        cause: cause.ok_or_else(|| row.unreadable("cause", format!("« {word} » is no cause")))?,
        version: LedgerVersion(row.count(1, "version")?),
        at: row.instant(2, "at_us")?,
        author: row.json(3, "author")?,
        reason: row.get(4, "reason")?,
    })
}
