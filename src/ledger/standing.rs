//! What stands of a source since it was last read whole: enough to decide how much of it must be asked for again.

use super::row::{integer, text, version_value};
use super::run::{RUN_COLUMNS, read_run};
use super::{Ledger, LedgerError};
use crate::domain::chain::LedgerVersion;
use crate::domain::marks::Marks;
use crate::domain::run::SyncRun;
use crate::domain::text::SourceId;

/// True of a run that left marks to the next read. One of a place that a person named leaves none.
const LEFT: &str = "COALESCE(marks, '{\"elsewhere\"') NOT LIKE '{\"elsewhere\"%'";

/// A source since it was last read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The last full read that succeeded.
    pub last_full: SyncRun,
    /// The marks of the last read that succeeded and left some: this one, or an increment after it.
    pub marks: Option<Marks>,
    /// A look-up or an increment brought something since, or did not find what is known: what the ledger holds is no longer what that read
    /// gave.
    pub is_touched: bool,
    /// A full read failed since, or a run is or was held.
    pub is_troubled: bool,
}

impl Ledger {
    /// The marks of the last read of `source` that was applied and left some, whole or not.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn marks(&self, source: &SourceId, version: LedgerVersion) -> Result<Option<Marks>, LedgerError> {
        let sql = format!(
            "SELECT {RUN_COLUMNS} FROM sync_run WHERE source = $1 AND version <= $2
               AND outcome = 'SUCCEEDED' AND keys = '[]' AND {LEFT} ORDER BY version DESC, id DESC LIMIT 1"
        );
        let at = [text(source.as_str()), version_value(version)];
        let rows = self.rows("reading what a source left", sql, at).await?;
        Ok(rows.first().map(read_run).transpose()?.and_then(|run| run.marks))
    }

    /// What stands of `source` at `version`; `None` where it was never read whole.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn standing(&self, source: &SourceId, version: LedgerVersion) -> Result<Option<Standing>, LedgerError> {
        let doing = "reading how a source stands";
        let sql = format!(
            "SELECT {RUN_COLUMNS} FROM sync_run WHERE source = $1 AND version <= $2 AND outcome = 'SUCCEEDED'
               AND full_read = 1 AND keys = '[]' ORDER BY version DESC, id DESC LIMIT 1"
        );
        let at = [text(source.as_str()), version_value(version)];
        let rows = self.rows(doing, sql, at.clone()).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let last_full = read_run(row)?;
        let since = |since: i64| at.clone().into_iter().chain([integer(since)]);
        let id: i64 = row.try_get_by_index(0).map_err(LedgerError::database(doing))?;
        let sql = format!(
            "SELECT {RUN_COLUMNS} FROM sync_run WHERE source = $1 AND version <= $2 AND id >= $3
               AND outcome = 'SUCCEEDED' AND keys = '[]' AND {LEFT} ORDER BY version DESC, id DESC LIMIT 1"
        );
        let marked = self.rows(doing, sql, since(id)).await?;
        let marks = marked.first().map(read_run).transpose()?.and_then(|run| run.marks);
        let sql = "SELECT COUNT(*) FROM sync_run WHERE source = $1 AND version <= $2 AND id > $3
                     AND outcome = 'SUCCEEDED' AND (records_added + records_changed + records_rejected + records_gone > 0
                       OR EXISTS (SELECT 1 FROM record_version r WHERE r.version = sync_run.version AND r.source = $1 AND r.state = 'bad'))";
        let is_touched = self.number(doing, sql, since(id)).await? > 0;
        let sql = "SELECT COUNT(*) FROM sync_run WHERE source = $1 AND version <= $2 AND id > $3
                     AND (outcome = 'HELD' OR outcome = 'FAILED' AND full_read = 1)";
        let is_troubled = self.number(doing, sql, since(id)).await? > 0;
        Ok(Some(Standing { last_full, marks, is_touched, is_troubled }))
    }
}
