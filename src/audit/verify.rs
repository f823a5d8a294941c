//! Verification and the end of what is kept.

use super::read::{Cell, end_of};
use super::write::End;
use super::{Journal, JournalError};
use crate::database;
use crate::domain::Instant;
use crate::domain::chain::Digest;
use crate::domain::reading::head_after;
use futures_util::TryStreamExt as _;
use sea_orm::{ConnectionTrait as _, QueryResult, StreamTrait as _, Value};

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Soundness {
    /// Entries that are held.
    pub entries: u64,
    /// Entries before them, which were kept for long enough and dropped.
    pub dropped: u64,
    /// The head after the last one: compare it with one that was kept elsewhere.
    pub head: Digest,
    /// The first entry that is not what was written, if any; one more than the last where only the index of projects is not.
    pub fault: Option<u64>,
}

impl Journal {
    /// Computes every head anew, and stops at the first fault.
    ///
    /// # Errors
    /// The database does not answer. A fault is no error: it stands in the result.
    pub async fn verify(&self) -> Result<Soundness, JournalError> {
        let doing = "verifying it";
        let begin = self.begin().await?;
        let mut end = End { id: begin.id, head: begin.head };
        let (mut entries, mut projects) = (0, 0);
        let sql = "SELECT id, at_us, reader, operation, version, kinds, projects, head,
                     json_array_length(CASE WHEN json_valid(projects) THEN projects ELSE '[]' END) FROM entry ORDER BY id";
        let mut rows = self.db.stream_raw(Journal::statement(sql, [])).await.map_err(JournalError::database(doing))?;
        while let Some(row) = rows.try_next().await.map_err(JournalError::database(doing))? {
            let head = recomputed(&row, &end)?;
            if end_of_entry(&row) != Some((end.id + 1, head)) {
                return Ok(Soundness { entries, dropped: begin.id, head: end.head, fault: Some(end.id + 1) });
            }
            end = End { id: end.id + 1, head };
            entries += 1;
            projects += Cell(&row).get::<i64>(8, "projects")?;
        }
        drop(rows);
        let sql = "SELECT COUNT(*) FROM shown s JOIN entry e ON e.id = s.entry
                   WHERE EXISTS (SELECT 1 FROM json_each(e.projects) p WHERE p.value = s.project)";
        let found = (self.count(sql, Vec::new()).await?, self.count("SELECT COUNT(*) FROM shown", Vec::new()).await?);
        let expected = u64::try_from(projects).unwrap_or(0);
        let fault = (found != (expected, expected)).then_some(end.id + 1);
        Ok(Soundness { entries, dropped: begin.id, head: end.head, fault })
    }

    /// Drops the entries before `before`: the chain begins after them, and still verifies. Tells how many.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn drop_before(&self, before: Instant) -> Result<u64, JournalError> {
        let doing = "dropping what was kept for long enough";
        let begin = self.begin().await?;
        let transaction = database::begin(&self.db).await.map_err(JournalError::database(doing))?;
        // Up to the last one before: entries are in the order of their numbers, and the first of the rest must follow it.
        let at = Value::BigInt(Some(before.timestamp_micros()));
        let sql = "SELECT id, head FROM entry WHERE id < (SELECT COALESCE(MIN(id), 9223372036854775807) FROM entry WHERE at_us >= $1)
                   ORDER BY id DESC LIMIT 1";
        let last =
            transaction.query_one_raw(Journal::statement(sql, [at])).await.map_err(JournalError::database(doing))?;
        let Some(last) = last.map(|row| end_of(&row)).transpose()? else { return Ok(0) };
        let id = Value::BigInt(Some(i64::try_from(last.id).unwrap_or(i64::MAX)));
        let sql = "INSERT INTO begin (only, entry, head) VALUES (0, $1, $2)
                   ON CONFLICT DO UPDATE SET entry = excluded.entry, head = excluded.head";
        let values = [id.clone(), Value::Bytes(Some(last.head.0.to_vec()))];
        transaction.execute_raw(Journal::statement(sql, values)).await.map_err(JournalError::database(doing))?;
        // The triggers come back with the same transaction: nobody else ever sees the tables without them.
        for (table, column) in [("shown", "entry"), ("entry", "id")] {
            let lift = format!("DROP TRIGGER {table}_no_delete");
            transaction.execute_unprepared(&lift).await.map_err(JournalError::database(doing))?;
            let delete = Journal::statement(&format!("DELETE FROM {table} WHERE {column} <= $1"), [id.clone()]);
            transaction.execute_raw(delete).await.map_err(JournalError::database(doing))?;
            for guard in super::open::guards(table) {
                transaction.execute_unprepared(&guard).await.map_err(JournalError::database(doing))?;
            }
        }
        transaction.commit().await.map_err(JournalError::database(doing))?;
        Ok(last.id - begin.id)
    }

    async fn begin(&self) -> Result<End, JournalError> {
        let row = self.db.query_one_raw(Journal::statement("SELECT entry, head FROM begin", [])).await;
        let row = row.map_err(JournalError::database("reading its beginning"))?;
        row.map_or(Ok(End { id: 0, head: Digest::default() }), |row| end_of(&row))
    }
}

/// The head that the row should have.
fn recomputed(row: &QueryResult, before: &End) -> Result<Digest, JournalError> {
    let row = Cell(row);
    let text = |index, column| row.get::<String>(index, column);
    let (reader, operation) = (text(2, "reader")?, text(3, "operation")?);
    let (kinds, projects) = (text(5, "kinds")?, text(6, "projects")?);
    let version = row.get::<i64>(4, "version")?.to_string();
    let place = (before.id + 1, row.get(1, "at_us")?);
    Ok(head_after(&before.head, place, &[&reader, &operation, &version, &kinds, &projects]))
}

/// The number and the head that it has.
fn end_of_entry(row: &QueryResult) -> Option<(u64, Digest)> {
    let id: i64 = row.try_get_by_index(0).ok()?;
    let head: Vec<u8> = row.try_get_by_index(7).ok()?;
    Some((u64::try_from(id).ok()?, Digest(head.try_into().ok()?)))
}
