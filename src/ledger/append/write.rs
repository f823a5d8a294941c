//! One append from begin to commit: the rows in chunks, then the entry that chains them.

use super::rows::{CHUNK_ROWS, Insert, Rows};
use super::{NewEntry, NewRow, StateChange};
use crate::database;
use crate::domain::chain::{LedgerVersion, Link};
use crate::domain::image::Head;
use crate::domain::record::RecordState;
use crate::ledger::entry::head_of;
use crate::ledger::guard;
use crate::ledger::row::{Row, bytes, integer, json_text, micros, text, version_value};
use crate::ledger::table::{ACT, DECISION, RECORD_COUNT, RECORD_VERSION, SALT, SOURCE_VERSION, TABLES};
use crate::ledger::{Ledger, LedgerError};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, QueryResult, Statement};
use std::pin::Pin;
use std::task::Poll;

/// The number of the lock under which PostgreSQL lets one append in at a time: "passerel" in ASCII.
const POSTGRES_LOCK: i64 = 0x7061_7373_6572_656c;

/// An append of more inserts than this is a long one: see [`guard`].
const LONG_INSERTS: usize = 8;

/// Appends `entry` with `rows`.
pub(super) async fn write(
    ledger: &Ledger,
    entry: NewEntry,
    rows: impl Iterator<Item = Result<NewRow, LedgerError>> + Send,
) -> Result<Head, LedgerError> {
    let _turn = ledger.writer.lock().await;
    let open = Open::begin(ledger).await?;
    let head = head_of(&open.transaction, ledger).await?;
    if head.version != entry.base {
        return Err(LedgerError::Conflict { expected: entry.base, found: head.version });
    }
    let mut written = Rows::new(LedgerVersion(head.version.0 + 1), ledger.is_sqlite(), &open.last_ids().await?);
    if let Some(profile) = &entry.profile {
        written.push(&SOURCE_VERSION, vec![text(profile.id.as_str()), text(json_text(profile))]);
    }
    open.rows(&mut written, rows).await?;
    for decision in &entry.decisions {
        written.push(&DECISION, vec![text(json_text(decision))]);
    }
    for act in &entry.acts {
        written.push(&ACT, vec![text(json_text(act))]);
    }
    if let Some(run) = &entry.run {
        written.run(run);
    }
    open.counts(&mut written).await?;
    written.push(&SALT, vec![bytes(&fresh_salt()?)]);
    open.insert(written.all()).await?;
    open.finish(entry, head, &written).await
}

fn fresh_salt() -> Result<[u8; 32], LedgerError> {
    let mut salt = [0; 32];
    aws_lc_rs::rand::fill(&mut salt)
        .map_err(|_| LedgerError::Refused("the system gives no random bytes".to_owned()))?;
    Ok(salt)
}

/// An append that has begun. Dropped before it is finished, it leaves nothing behind.
struct Open<'a> {
    ledger: &'a Ledger,
    transaction: DatabaseTransaction,
}

/// Inserts that the database works on.
type Writing<'a> = Pin<Box<dyn Future<Output = Result<(), LedgerError>> + Send + 'a>>;

impl<'a> Open<'a> {
    async fn begin(ledger: &'a Ledger) -> Result<Self, LedgerError> {
        let doing = "beginning an append";
        let transaction = database::begin(&ledger.db).await.map_err(LedgerError::database(doing))?;
        if !ledger.is_sqlite() {
            let lock = ledger.statement("SELECT pg_advisory_xact_lock($1)", [integer(POSTGRES_LOCK)]);
            transaction.execute_raw(lock).await.map_err(LedgerError::database(doing))?;
        }
        Ok(Open { ledger, transaction })
    }

    async fn one(&self, doing: &'static str, statement: Statement) -> Result<Option<QueryResult>, LedgerError> {
        self.transaction.query_one_raw(statement).await.map_err(LedgerError::database(doing))
    }

    /// The numbers of the last rows, table by table.
    async fn last_ids(&self) -> Result<Vec<i64>, LedgerError> {
        let doing = "numbering the rows";
        let mut last_ids = Vec::with_capacity(TABLES.len());
        for table in TABLES {
            let statement = self.ledger.statement(format!("SELECT MAX(id) FROM {}", table.name), []);
            let row = self.one(doing, statement).await?;
            let last = row.map(|row| row.try_get_by_index::<Option<i64>>(0)).transpose();
            last_ids.push(last.map_err(LedgerError::database(doing))?.flatten().unwrap_or(0));
        }
        Ok(last_ids)
    }

    /// Takes and hashes the next rows while the database writes the ones before.
    async fn rows(
        &self,
        written: &mut Rows,
        rows: impl Iterator<Item = Result<NewRow, LedgerError>> + Send,
    ) -> Result<(), LedgerError> {
        let mut changes = Vec::new();
        let mut writing: Option<Writing<'_>> = None;
        let (mut inserts, mut lifted) = (0, false);
        for row in rows {
            match row? {
                NewRow::Record(record) => written.record(record),
                NewRow::Rejection(rejection, references) => written.rejection(rejection, references),
                NewRow::State(change) => changes.push(change),
                NewRow::Erasure(of, cause) => written.erasure(&of, cause),
            }
            let full = written.full();
            if !full.is_empty() || changes.len() == CHUNK_ROWS {
                if let Some(before) = writing.take() {
                    before.await?;
                }
                inserts += full.len();
                if inserts >= LONG_INSERTS && !lifted && self.ledger.is_sqlite() {
                    self.run(guard::lift()).await?;
                    lifted = true;
                }
                writing = started(Box::pin(self.insert(full))).await?;
            }
            if changes.len() == CHUNK_ROWS {
                if let Some(before) = writing.take() {
                    before.await?;
                }
                self.state_changes(written, std::mem::take(&mut changes)).await?;
            }
        }
        if let Some(before) = writing {
            before.await?;
        }
        if lifted {
            self.run(guard::restore()).await?;
        }
        self.state_changes(written, changes).await
    }

    async fn run(&self, sql: String) -> Result<(), LedgerError> {
        let done = self.transaction.execute_unprepared(&sql).await;
        done.map(drop).map_err(LedgerError::database("preparing a long append"))
    }

    async fn insert(&self, inserts: Vec<Insert>) -> Result<(), LedgerError> {
        for (sql, values) in inserts {
            let statement = self.ledger.statement(sql, values);
            self.transaction.execute_raw(statement).await.map_err(LedgerError::database("writing rows"))?;
        }
        Ok(())
    }

    /// Writes what waits first: a key may have been appended by this very entry.
    async fn state_changes(&self, written: &mut Rows, changes: Vec<StateChange>) -> Result<(), LedgerError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.insert(written.all()).await?;
        for change in changes {
            self.state_change(written, change).await?;
        }
        Ok(())
    }

    async fn state_change(&self, written: &mut Rows, change: StateChange) -> Result<(), LedgerError> {
        let (source, key) = (&change.source, &change.key);
        if !written.changes_once(source, key) {
            return Err(LedgerError::Refused(format!("the state of record {key} of {source} changes twice")));
        }
        let sql = format!(
            "SELECT {} FROM record_version WHERE source = $1 AND key = $2 ORDER BY id DESC LIMIT 1",
            RECORD_VERSION.column_list()
        );
        let statement = self.ledger.statement(sql, [text(source.as_str()), text(key.as_str())]);
        let doing = "reading the last version of a record";
        let Some(found) = self.one(doing, statement).await? else {
            return Err(LedgerError::Refused(format!("{source} has no record {key} that could change its state")));
        };
        let before = Row::new(RECORD_VERSION.name, &found).state(RECORD_VERSION.column("state"), "state")?;
        let open = |state: RecordState| i64::from(state == RecordState::Open);
        written.count_open(source, open(change.state) - open(before));
        let mut row = RECORD_VERSION.read_row(&found).map_err(LedgerError::database(doing))?;
        row[RECORD_VERSION.column("state")] = text(change.state.as_str());
        row[RECORD_VERSION.column("observed_at_us")] = integer(micros(change.observed_at));
        written.push(&RECORD_VERSION, row.split_off(2));
        Ok(())
    }

    async fn counts(&self, written: &mut Rows) -> Result<(), LedgerError> {
        let doing = "counting the records of a source";
        for (source, by) in written.opened() {
            let sql = "SELECT records_open FROM record_count WHERE source = $1 ORDER BY version DESC LIMIT 1";
            let row = self.one(doing, self.ledger.statement(sql, [text(source.as_str())])).await?;
            let before: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0)).map_err(LedgerError::database(doing))?;
            written.push(&RECORD_COUNT, vec![text(source.as_str()), integer(before + by)]);
        }
        Ok(())
    }

    async fn finish(self, entry: NewEntry, before: Head, written: &Rows) -> Result<Head, LedgerError> {
        let (content, author) = (written.content(), json_text(&entry.author));
        let version = LedgerVersion(before.version.0 + 1);
        let at = chrono::SubsecRound::trunc_subsecs(entry.at.max(before.at), 6);
        let link = Link {
            previous: before.head,
            version,
            at,
            kind: &entry.kind,
            author: &author,
            reason: &entry.reason,
            content,
        };
        let head = Head { version, at, head: link.head() };
        let values = [
            version_value(version),
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

/// Lets the database begin, and comes back at once: `None` when it is already done.
async fn started(mut writing: Writing<'_>) -> Result<Option<Writing<'_>>, LedgerError> {
    match futures_util::poll!(writing.as_mut()) {
        Poll::Ready(done) => done.map(|()| None),
        Poll::Pending => Ok(Some(writing)),
    }
}
