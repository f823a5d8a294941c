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

    /// The rejections that stand at `version`, in the order in which they were met: those of the last run that read the source (failed runs
    /// did not), and of the increments and look-ups since. Left out are records that were read well after all; of one that was
    /// rejected again, what was said last.
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
        let standing = self.standing_rejections(source, version, &read).await?;
        let sql = format!(
            "SELECT j.id, j.source, j.run, j.key, j.raw, j.location, j.field, j.code, j.reason_fr, j.reason_en, j.at_us
             FROM {standing} ORDER BY j.id LIMIT $4 OFFSET $5"
        );
        let values = standing_at(source, version, &read).into_iter().chain(page.values()).collect::<Vec<Value>>();
        let rows = self.rows("reading rejections", sql, values).await?;
        let items = rows.iter().map(read_rejection).collect::<Result<_, _>>()?;
        Ok(Page { items, total: self.rejected(source, version).await? })
    }

    /// Of those of the last run that read the source, the ones whose key could not be read.
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

    /// How many rejections stand at `version`.
    pub(super) async fn rejected(&self, source: &SourceId, version: LedgerVersion) -> Result<u64, LedgerError> {
        let Some(read) = self.last_read(source, version).await? else { return Ok(0) };
        let standing = self.standing_rejections(source, version, &read).await?;
        let values = standing_at(source, version, &read);
        self.number("counting rejections", &format!("SELECT COUNT(*) FROM {standing}"), values).await
    }

    /// The rejections `j` that stand after the run `read`, as what a query selects from. Where nothing was read since, they are all of it.
    async fn standing_rejections(
        &self,
        source: &SourceId,
        version: LedgerVersion,
        read: &str,
    ) -> Result<String, LedgerError> {
        let parts = format!(
            "source = $1 AND version <= $2 AND outcome = 'SUCCEEDED' AND (keys <> '[]' OR NOT ({NO_INCREMENT}))
               AND version > (SELECT MIN(version) FROM sync_run WHERE source = $1 AND run = $3)"
        );
        let count = format!("SELECT COUNT(*) FROM sync_run WHERE {parts}");
        let later = self.number("counting what was read since", &count, standing_at(source, version, read)).await?;
        let of_read = "j.source = $1 AND j.version <= $2 AND j.run = $3";
        if later == 0 {
            return Ok(format!("rejection j WHERE {of_read}"));
        }
        let all =
            format!("source = $1 AND version <= $2 AND (run = $3 OR run IN (SELECT run FROM sync_run WHERE {parts}))");
        Ok(format!(
            "(SELECT * FROM rejection WHERE {all}) j
             JOIN (SELECT COALESCE(key, raw) AS latest_key, MAX(version) AS latest_version FROM rejection WHERE {all}
                     GROUP BY COALESCE(key, raw)) l
               ON l.latest_key = COALESCE(j.key, j.raw) AND l.latest_version = j.version
             WHERE NOT EXISTS (SELECT 1 FROM record_version r WHERE r.source = j.source AND r.key = j.key AND r.state = 'open'
                 AND r.version > j.version AND r.version <= $2)"
        ))
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

/// The values of what selects standing rejections.
fn standing_at(source: &SourceId, version: LedgerVersion, read: &str) -> Vec<Value> {
    vec![text(source.as_str()), version_value(version), text(read)]
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
