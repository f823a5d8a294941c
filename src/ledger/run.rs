//! Runs and rejections of a source, by page.

use super::row::{Row, integer, micros, text, version_value};
use super::{Ledger, LedgerError, Page, PageRequest};
use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::domain::message::Message;
use crate::domain::project::Reference;
use crate::domain::rejection::Rejection;
use crate::domain::run::{Counts, SyncRun};
use crate::domain::text::SourceId;
use sea_orm::{QueryResult, Value};

/// Rejections without a key that are read at once: of more, some count as never seen.
const KEYLESS_MAX: usize = 10_000;

/// The columns of a run, in the order in which [`read_run`] reads them.
pub(super) const RUN_COLUMNS: &str = "id, run, source, started_at_us, ended_at_us, outcome, records_read,
    records_added, records_changed, records_unchanged, records_skipped, records_rejected, records_gone, full_read,
    partitions, message_fr, message_en, batch, accepts, keys, marks, findings";

impl Ledger {
    /// The runs of a source up to `version`, newest first.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn runs(
        &self,
        source: &SourceId,
        version: LedgerVersion,
        page: PageRequest,
    ) -> Result<Page<SyncRun>, LedgerError> {
        let sql = format!(
            "SELECT {RUN_COLUMNS} FROM sync_run WHERE source = $3 AND version <= $4
             ORDER BY version DESC, id DESC LIMIT $1 OFFSET $2"
        );
        let at = [text(source.as_str()), version_value(version)];
        let values = page.values().into_iter().chain(at.clone()).collect::<Vec<_>>();
        let items = self.rows("reading runs", sql, values).await?.iter().map(read_run).collect::<Result<_, _>>()?;
        let count = "SELECT COUNT(*) FROM sync_run WHERE source = $1 AND version <= $2";
        Ok(Page { items, total: self.number("counting runs", count, at).await? })
    }

    /// The run called `run`, if it stands in the ledger at `version`.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn run(
        &self,
        source: &SourceId,
        run: &str,
        version: LedgerVersion,
    ) -> Result<Option<SyncRun>, LedgerError> {
        let sql = format!("SELECT {RUN_COLUMNS} FROM sync_run WHERE source = $1 AND version <= $2 AND run = $3");
        let values = [text(source.as_str()), version_value(version), text(run)];
        self.rows("reading a run", sql, values).await?.first().map(read_run).transpose()
    }

    /// The runs of a source after an instant and before `version` that were applied, look-ups and increments too, the oldest first.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn runs_between(
        &self,
        source: &SourceId,
        (after, version): (Instant, LedgerVersion),
    ) -> Result<Vec<SyncRun>, LedgerError> {
        let sql = format!(
            "SELECT {RUN_COLUMNS} FROM sync_run WHERE source = $1 AND version < $2 AND started_at_us > $3
               AND outcome = 'SUCCEEDED' ORDER BY id"
        );
        let values = [text(source.as_str()), version_value(version), integer(micros(after))];
        self.rows("reading runs", sql, values).await?.iter().map(read_run).collect()
    }

    /// The rejections of the last run that read the source at `version` (failed runs did not), in the order in which
    /// they were met.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn rejections(
        &self,
        source: &SourceId,
        version: LedgerVersion,
        page: PageRequest,
    ) -> Result<Page<Rejection>, LedgerError> {
        let Some(read) = self.last_read(source, version).await? else {
            return Ok(Page { items: Vec::new(), total: 0 });
        };
        let sql = "SELECT id, source, run, key, raw, location, field, code, reason_fr, reason_en, at_us FROM rejection
             WHERE source = $3 AND run = $4 ORDER BY id LIMIT $1 OFFSET $2";
        let values: Vec<Value> = page.values().into_iter().chain([text(source.as_str()), text(&*read)]).collect();
        let rows = self.rows("reading rejections", sql, values).await?;
        let items = rows.iter().map(read_rejection).collect::<Result<_, _>>()?;
        Ok(Page { items, total: self.rejected_by(source, &read).await? })
    }

    /// Of these, those whose key could not be read.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn keyless(&self, source: &SourceId, version: LedgerVersion) -> Result<Vec<Rejection>, LedgerError> {
        let Some(read) = self.last_read(source, version).await? else { return Ok(Vec::new()) };
        let sql = "SELECT id, source, run, key, raw, location, field, code, reason_fr, reason_en, at_us FROM rejection
             WHERE source = $2 AND run = $3 AND key IS NULL ORDER BY id LIMIT $1";
        let values = [integer(KEYLESS_MAX), text(source.as_str()), text(&*read)];
        self.rows("reading rejections", sql, values).await?.iter().map(read_rejection).collect()
    }

    /// How many rejections the last run that read the source left.
    pub(super) async fn rejected(&self, source: &SourceId, version: LedgerVersion) -> Result<u64, LedgerError> {
        match self.last_read(source, version).await? {
            Some(read) => self.rejected_by(source, &read).await,
            None => Ok(0),
        }
    }

    /// The references that records bear which the last read of the source rejected, or an increment or a look-up since, in order;
    /// those left out that could be read after all.
    pub(super) async fn unread(
        &self,
        source: &SourceId,
        version: LedgerVersion,
    ) -> Result<Vec<Reference>, LedgerError> {
        let Some(read) = self.last_read(source, version).await? else { return Ok(Vec::new()) };
        let sql = "SELECT DISTINCT u.scheme, u.value FROM unread_reference u WHERE u.source = $1 AND u.version <= $2
                     AND u.version >= (SELECT MIN(version) FROM sync_run WHERE source = $1 AND run = $3)
                     AND NOT EXISTS (SELECT 1 FROM record_version r WHERE r.source = u.source AND r.key = u.key
                       AND r.state = 'open' AND r.version > u.version AND r.version <= $2)";
        let values = [text(source.as_str()), version_value(version), text(read)];
        let rows = self.rows("reading what rejected records are about", sql, values).await?;
        let reference = |row: &QueryResult| {
            let row = Row::new("unread_reference", row);
            let (scheme, value): (String, String) = (row.get(0, "scheme")?, row.get(1, "value")?);
            Ok(Reference { scheme: scheme.into(), value: value.into() })
        };
        let mut unread: Vec<Reference> = rows.iter().map(reference).collect::<Result<_, LedgerError>>()?;
        unread.sort();
        Ok(unread)
    }

    async fn rejected_by(&self, source: &SourceId, run: &str) -> Result<u64, LedgerError> {
        let sql = "SELECT COUNT(*) FROM rejection WHERE source = $1 AND run = $2";
        self.number("counting rejections", sql, [text(source.as_str()), text(run)]).await
    }

    /// The last run that read the source and was applied: a failed one read nothing to the end, what a held one rejected waits with
    /// it, a look-up or an increment read only some records, and one that found the source unchanged left what another had read.
    async fn last_read(&self, source: &SourceId, version: LedgerVersion) -> Result<Option<String>, LedgerError> {
        let sql = format!(
            "SELECT {RUN_COLUMNS} FROM sync_run WHERE source = $1 AND version <= $2 AND outcome NOT IN ('FAILED', 'HELD')
               AND keys = '[]' AND {NO_INCREMENT} ORDER BY version DESC, id DESC LIMIT 1"
        );
        let rows = self.rows("looking for the last read", sql, [text(source.as_str()), version_value(version)]).await?;
        let run = rows.first().map(read_run).transpose()?;
        Ok(run.map(|run| run.same_as().map(str::to_owned).unwrap_or(run.id)))
    }
}

/// Leaves the increments out: their marks say so first.
pub(super) const NO_INCREMENT: &str = "COALESCE(marks, '') NOT LIKE '{\"increment\"%'";

/// Reads a run from a row of [`RUN_COLUMNS`].
pub(super) fn read_run(row: &QueryResult) -> Result<SyncRun, LedgerError> {
    let row = Row::new("sync_run", row);
    let message = match (row.get(15, "message_fr")?, row.get(16, "message_en")?) {
        (Some(fr), Some(en)) => Some(Message { fr, en }),
        _ => None,
    };
    let counts = Counts {
        read: row.count(6, "records_read")?,
        added: row.count(7, "records_added")?,
        changed: row.count(8, "records_changed")?,
        unchanged: row.count(9, "records_unchanged")?,
        skipped: row.count(10, "records_skipped")?,
        rejected: row.count(11, "records_rejected")?,
        gone: row.count(12, "records_gone")?,
    };
    let ended: Option<i64> = row.get(4, "ended_at_us")?;
    Ok(SyncRun {
        id: row.get(1, "run")?,
        source: row.parsed(2, "source")?,
        started_at: row.instant(3, "started_at_us")?,
        ended_at: ended.map(|_| row.instant(4, "ended_at_us")).transpose()?,
        outcome: row.parsed(5, "outcome")?,
        counts,
        full: row.count(13, "full_read")? != 0,
        partitions: row.json(14, "partitions")?,
        message,
        batch: row.get(17, "batch")?,
        accepts: row.get(18, "accepts")?,
        keys: row.json(19, "keys")?,
        marks: row.get::<Option<String>>(20, "marks")?.map(|_| row.json(20, "marks")).transpose()?,
        findings: row.json(21, "findings")?,
    })
}

fn read_rejection(row: &QueryResult) -> Result<Rejection, LedgerError> {
    let row = Row::new("rejection", row);
    Ok(Rejection {
        source: row.parsed(1, "source")?,
        run: row.get(2, "run")?,
        key: row.get(3, "key")?,
        raw: row.get(4, "raw")?,
        location: row.get(5, "location")?,
        field: row.get(6, "field")?,
        code: row.get(7, "code")?,
        reason: Message { fr: row.get(8, "reason_fr")?, en: row.get(9, "reason_en")? },
        at: row.instant(10, "at_us")?,
    })
}
