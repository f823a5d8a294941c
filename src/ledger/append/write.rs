//! One append from begin to commit: number the rows, hash them, write them in chunks, chain the entry.

use super::{NewEntry, NewRecord, NewRow, StateChange};
use crate::domain::chain::{Digest, FieldHasher, LedgerVersion, Link};
use crate::domain::image::Head;
use crate::domain::record::RecordState;
use crate::domain::rejection::Rejection;
use crate::domain::run::{SyncOutcome, SyncRun};
use crate::domain::text::{RecordKey, SourceId};
use crate::ledger::entry::head_of;
use crate::ledger::row::{Row, bytes, integer, json_text, micros, optional_text, text, version_value};
use crate::ledger::table::{
    DECISION, PARTITION_READ, RECORD_COUNT, RECORD_REFERENCE, RECORD_VERSION, REJECTION, SOURCE_VERSION, SYNC_RUN,
    TABLES, Table,
};
use crate::ledger::{Ledger, LedgerError};
use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait as _, Value,
};
use std::collections::{BTreeMap, HashSet};

/// Rows of one insert. SQLite takes 32,766 parameters, PostgreSQL 65,535; the widest table has twenty columns.
const CHUNK_ROWS: usize = 256;
/// The number of the lock under which PostgreSQL lets one append in at a time: "passerel" in ASCII.
const POSTGRES_LOCK: i64 = 0x7061_7373_6572_656c;

/// Appends `entry` with `rows`.
pub(super) async fn write(
    ledger: &Ledger,
    entry: NewEntry,
    rows: impl Iterator<Item = Result<NewRow, LedgerError>> + Send,
) -> Result<Head, LedgerError> {
    let _turn = ledger.writer.lock().await;
    let transaction = begin(ledger).await?;
    let head = head_of(&transaction, ledger).await?;
    if head.version != entry.base {
        return Err(LedgerError::Conflict { expected: entry.base, found: head.version });
    }
    let mut writer = Writer::new(ledger, transaction, LedgerVersion(head.version.0 + 1)).await?;
    if let Some(profile) = &entry.profile {
        writer.push(&SOURCE_VERSION, vec![text(profile.id.as_str()), text(json_text(profile))]).await?;
    }
    let mut changes = Vec::new();
    for row in rows {
        match row? {
            NewRow::Record(record) => writer.record(record).await?,
            NewRow::Rejection(rejection) => writer.rejection(rejection).await?,
            NewRow::State(change) => changes.push(change),
        }
        if changes.len() == CHUNK_ROWS {
            writer.state_changes(std::mem::take(&mut changes)).await?;
        }
    }
    writer.state_changes(changes).await?;
    for decision in &entry.decisions {
        writer.push(&DECISION, vec![text(json_text(decision))]).await?;
    }
    if let Some(run) = &entry.run {
        writer.run(run).await?;
    }
    writer.finish(entry, head).await
}

async fn begin(ledger: &Ledger) -> Result<DatabaseTransaction, LedgerError> {
    let doing = "beginning an append";
    let options =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let transaction = ledger.db.begin_with_options(options).await.map_err(LedgerError::database(doing))?;
    if !ledger.is_sqlite() {
        let lock = ledger.statement("SELECT pg_advisory_xact_lock($1)", [integer(POSTGRES_LOCK)]);
        transaction.execute_raw(lock).await.map_err(LedgerError::database(doing))?;
    }
    Ok(transaction)
}

/// The rows of one table that wait to be written, and the digest of all that came before.
struct Pending {
    table: &'static Table,
    values: Vec<Value>,
    rows: usize,
    next_id: i64,
    count: u64,
    hasher: FieldHasher,
    insert_chunk: String,
}

struct Writer<'a> {
    ledger: &'a Ledger,
    transaction: DatabaseTransaction,
    version: LedgerVersion,
    pending: Vec<Pending>,
    /// By how many the open records of a source grew.
    opened: BTreeMap<SourceId, i64>,
    /// Records whose state changed: one that changed and is not written yet would be read in its old state.
    changed: HashSet<(SourceId, RecordKey)>,
}

impl<'a> Writer<'a> {
    async fn new(
        ledger: &'a Ledger,
        transaction: DatabaseTransaction,
        version: LedgerVersion,
    ) -> Result<Self, LedgerError> {
        let mut pending = Vec::new();
        for table in TABLES {
            let last = ledger.statement(format!("SELECT MAX(id) FROM {}", table.name), []);
            let doing = LedgerError::database("numbering the rows");
            let row = transaction.query_one_raw(last).await.map_err(doing)?;
            let last: Option<i64> = match row {
                Some(row) => row.try_get_by_index(0).map_err(LedgerError::database("numbering the rows"))?,
                None => None,
            };
            pending.push(Pending {
                table,
                values: Vec::new(),
                rows: 0,
                next_id: last.unwrap_or(0) + 1,
                count: 0,
                hasher: FieldHasher::new(),
                insert_chunk: table.insert_sql(CHUNK_ROWS, ledger.is_sqlite()),
            });
        }
        Ok(Writer { ledger, transaction, version, pending, opened: BTreeMap::new(), changed: HashSet::new() })
    }

    /// Adds one row: its values without `id` and `version`.
    async fn push(&mut self, table: &'static Table, row: Vec<Value>) -> Result<(), LedgerError> {
        let index = TABLES.iter().position(|one| std::ptr::eq(*one, table)).expect("every table is in the list");
        let pending = &mut self.pending[index];
        let start = pending.values.len();
        pending.values.extend([integer(pending.next_id), version_value(self.version)]);
        pending.values.extend(row);
        table.hash_row(&mut pending.hasher, &pending.values[start..]);
        pending.next_id += 1;
        pending.count += 1;
        pending.rows += 1;
        if pending.rows == CHUNK_ROWS { self.flush(index).await } else { Ok(()) }
    }

    async fn flush(&mut self, index: usize) -> Result<(), LedgerError> {
        let pending = &mut self.pending[index];
        if pending.rows == 0 {
            return Ok(());
        }
        let sql = match pending.rows {
            CHUNK_ROWS => pending.insert_chunk.clone(),
            rows => pending.table.insert_sql(rows, self.ledger.is_sqlite()),
        };
        let room = Vec::with_capacity(pending.values.len());
        let values = std::mem::replace(&mut pending.values, room);
        pending.rows = 0;
        let statement = self.ledger.statement(sql, values);
        self.transaction.execute_raw(statement).await.map_err(LedgerError::database("writing rows"))?;
        Ok(())
    }

    async fn record(&mut self, record: NewRecord) -> Result<(), LedgerError> {
        if record.replaces != Some(RecordState::Open) {
            self.count_open(&record.source, 1);
        }
        if let Some(project) = &record.project {
            for reference in &record.references {
                let row = vec![
                    text(record.source.as_str()),
                    text(record.key.as_str()),
                    text(&*reference.scheme),
                    text(&*reference.value),
                    text(project.as_str()),
                ];
                self.push(&RECORD_REFERENCE, row).await?;
            }
        }
        let row = vec![
            text(record.source.as_str()),
            text(record.key.as_str()),
            text(record.partition),
            optional_text(record.project.as_ref().map(|project| project.as_str())),
            text(RecordState::Open.as_str()),
            integer(micros(record.observed_at)),
            integer(micros(record.first_seen)),
            bytes(&Digest::of(record.raw.as_bytes()).0),
            bytes(&record.fingerprint),
            text(record.facts),
            text(record.raw),
        ];
        self.push(&RECORD_VERSION, row).await
    }

    fn count_open(&mut self, source: &SourceId, by: i64) {
        match self.opened.get_mut(source) {
            Some(opened) => *opened += by,
            None => {
                self.opened.insert(source.clone(), by);
            }
        }
    }

    async fn rejection(&mut self, rejection: Rejection) -> Result<(), LedgerError> {
        let row = vec![
            text(rejection.source.as_str()),
            text(rejection.run),
            optional_text(rejection.key),
            text(rejection.location),
            optional_text(rejection.field),
            text(rejection.code),
            text(rejection.reason.fr),
            text(rejection.reason.en),
            integer(micros(rejection.at)),
            text(rejection.raw),
        ];
        self.push(&REJECTION, row).await
    }

    /// Writes what waits first: a key may have been appended by this very entry.
    async fn state_changes(&mut self, changes: Vec<StateChange>) -> Result<(), LedgerError> {
        if changes.is_empty() {
            return Ok(());
        }
        let index = TABLES.iter().position(|one| std::ptr::eq(*one, &RECORD_VERSION)).expect("it is in the list");
        self.flush(index).await?;
        for change in changes {
            if !self.changed.insert((change.source.clone(), change.key.clone())) {
                let (source, key) = (&change.source, &change.key);
                return Err(LedgerError::Refused(format!("the state of record {key} of {source} changes twice")));
            }
            self.state_change(change).await?;
        }
        Ok(())
    }

    async fn state_change(&mut self, change: StateChange) -> Result<(), LedgerError> {
        let sql = format!(
            "SELECT {} FROM record_version WHERE source = $1 AND key = $2 ORDER BY id DESC LIMIT 1",
            RECORD_VERSION.column_list()
        );
        let statement = self.ledger.statement(sql, [text(change.source.as_str()), text(change.key.as_str())]);
        let doing = "reading the last version of a record";
        let found = self.transaction.query_one_raw(statement).await.map_err(LedgerError::database(doing))?;
        let Some(found) = found else {
            let (source, key) = (&change.source, &change.key);
            return Err(LedgerError::Refused(format!("{source} has no record {key} that could change its state")));
        };
        let before = Row::new(RECORD_VERSION.name, &found).state(6, "state")?;
        let open = |state: RecordState| i64::from(state == RecordState::Open);
        self.count_open(&change.source, open(change.state) - open(before));
        let mut row = RECORD_VERSION.read_row(&found).map_err(LedgerError::database(doing))?;
        row[6] = text(change.state.as_str());
        row[7] = integer(micros(change.observed_at));
        self.push(&RECORD_VERSION, row.split_off(2)).await
    }

    async fn run(&mut self, run: &SyncRun) -> Result<(), LedgerError> {
        let source = run.source.as_str();
        if run.outcome == SyncOutcome::Succeeded {
            for partition in &run.partitions {
                let row = vec![text(source), text(partition), integer(micros(run.started_at))];
                self.push(&PARTITION_READ, row).await?;
            }
        }
        let counts = &run.counts;
        let row = vec![
            text(&run.id),
            text(source),
            integer(micros(run.started_at)),
            Value::BigInt(run.ended_at.map(micros)),
            text(run.outcome.as_str()),
            integer(counts.read),
            integer(counts.added),
            integer(counts.changed),
            integer(counts.unchanged),
            integer(counts.skipped),
            integer(counts.rejected),
            integer(counts.gone),
            integer(run.full),
            text(json_text(&run.partitions)),
            optional_text(run.message.as_ref().map(|message| message.fr.as_str())),
            optional_text(run.message.as_ref().map(|message| message.en.as_str())),
            optional_text(run.batch.as_deref()),
            optional_text(run.accepts.as_deref()),
        ];
        self.push(&SYNC_RUN, row).await
    }

    async fn counts(&mut self) -> Result<(), LedgerError> {
        for (source, by) in std::mem::take(&mut self.opened) {
            if by == 0 {
                continue;
            }
            let sql = "SELECT records_open FROM record_count WHERE source = $1 ORDER BY version DESC LIMIT 1";
            let statement = self.ledger.statement(sql, [text(source.as_str())]);
            let doing = "counting the records of a source";
            let row = self.transaction.query_one_raw(statement).await.map_err(LedgerError::database(doing))?;
            let before: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0)).map_err(LedgerError::database(doing))?;
            self.push(&RECORD_COUNT, vec![text(source.as_str()), integer(before + by)]).await?;
        }
        Ok(())
    }

    async fn finish(mut self, entry: NewEntry, before: Head) -> Result<Head, LedgerError> {
        self.counts().await?;
        for index in 0..self.pending.len() {
            self.flush(index).await?;
        }
        let mut content = FieldHasher::new();
        for pending in &self.pending {
            content_of(&mut content, pending.table, (pending.count, pending.hasher.clone().finish()));
        }
        let (content, author) = (content.finish(), json_text(&entry.author));
        let at = entry.at.max(before.at);
        let at = chrono::SubsecRound::trunc_subsecs(at, 6);
        let link = Link {
            previous: before.head,
            version: self.version,
            at,
            kind: &entry.kind,
            author: &author,
            reason: &entry.reason,
            content,
        };
        let head = Head { version: self.version, at, head: link.head() };
        let values = [
            version_value(self.version),
            integer(micros(at)),
            text(&entry.kind),
            text(&author),
            text(&entry.reason),
            bytes(&content.0),
            bytes(&before.head.0),
            bytes(&head.head.0),
        ];
        let sql = "INSERT INTO entry (version, at_us, kind, author, reason, content, previous, head)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let statement = self.ledger.statement(sql, values);
        self.transaction.execute_raw(statement).await.map_err(LedgerError::database("writing the entry"))?;
        self.transaction.commit().await.map_err(LedgerError::database("committing the append"))?;
        Ok(head)
    }
}

/// Adds the rows of one table to the content digest of their entry.
pub(in crate::ledger) fn content_of(content: &mut FieldHasher, table: &Table, (rows, digest): (u64, Digest)) {
    content.field(table.name.as_bytes()).field(&rows.to_be_bytes()).field(&digest.0);
}
