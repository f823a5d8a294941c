//! The rows of one append as they are numbered, hashed and gathered into inserts. No I/O here.

use super::NewRecord;
use crate::domain::chain::{Digest, FieldHasher, LedgerVersion};
use crate::domain::erasure::{ErasureCause, Sealed};
use crate::domain::project::Reference;
use crate::domain::record::RecordState;
use crate::domain::rejection::Rejection;
use crate::domain::run::{SyncOutcome, SyncRun};
use crate::domain::text::{RecordKey, SourceId};
use crate::ledger::row::json_text;
use crate::ledger::row::{bytes, integer, micros, optional_text, text, version_value};
use crate::ledger::table::{
    ERASURE, LATER, PARTITION_READ, RECORD_REFERENCE, RECORD_VERSION, REJECTION, SYNC_RUN, TABLES, Table,
    UNREAD_REFERENCE,
};
use foldhash::HashSet;
use sea_orm::Value;
use std::collections::BTreeMap;

/// Rows of one insert. SQLite takes 32,766 parameters, PostgreSQL 65,535; the widest table has twenty-four columns.
pub(super) const CHUNK_ROWS: usize = 512;

/// An insert with its values.
pub(super) type Insert = (String, Vec<Value>);

/// The rows of one append.
pub(super) struct Rows {
    version: LedgerVersion,
    sqlite: bool,
    pending: Vec<Pending>,
    ready: Vec<Insert>,
    /// By how many the open records of a source grew.
    opened: BTreeMap<SourceId, i64>,
    /// Records whose state changed: one that changed and is not written yet would be read in its old state.
    changed: HashSet<(SourceId, RecordKey)>,
}

/// The rows of one table that wait to be written, and the digest of all that came before.
struct Pending {
    table: &'static Table,
    values: Vec<Value>,
    rows: usize,
    next_id: i64,
    count: u64,
    hasher: FieldHasher,
}

impl Rows {
    /// No rows yet. `last_ids` are the numbers of the last rows, table by table.
    pub fn new(version: LedgerVersion, sqlite: bool, last_ids: &[i64]) -> Self {
        let pending = |(table, last): (&&'static Table, &i64)| Pending {
            table,
            values: Vec::new(),
            rows: 0,
            next_id: last + 1,
            count: 0,
            hasher: FieldHasher::new(),
        };
        Rows {
            version,
            sqlite,
            pending: TABLES.iter().zip(last_ids).map(pending).collect(),
            ready: Vec::new(),
            opened: BTreeMap::new(),
            changed: HashSet::default(),
        }
    }

    /// Adds one row: its values without `id` and `version`.
    pub fn push(&mut self, table: &'static Table, row: Vec<Value>) {
        let pending = self.pending.iter_mut().find(|pending| std::ptr::eq(pending.table, table));
        let pending = pending.expect("every table is in the list");
        let start = pending.values.len();
        if start == 0 {
            pending.values.reserve_exact(CHUNK_ROWS * table.columns.len());
        }
        pending.values.extend([integer(pending.next_id), version_value(self.version)]);
        pending.values.extend(row);
        table.hash_row(&mut pending.hasher, &pending.values[start..]);
        pending.next_id += 1;
        pending.count += 1;
        pending.rows += 1;
        if pending.rows == CHUNK_ROWS {
            self.ready.extend(pending.insert(self.sqlite));
        }
    }

    /// The inserts that are full.
    pub fn full(&mut self) -> Vec<Insert> {
        std::mem::take(&mut self.ready)
    }

    /// All inserts, full or not.
    pub fn all(&mut self) -> Vec<Insert> {
        let mut all = self.full();
        all.extend(self.pending.iter_mut().filter_map(|pending| pending.insert(self.sqlite)));
        all
    }

    /// The digest of all rows.
    pub fn content(&self) -> Digest {
        let mut content = FieldHasher::new();
        for pending in &self.pending {
            content_of(&mut content, pending.table, (pending.count, pending.hasher.clone().finish()));
        }
        content.finish()
    }

    /// Adds an open version of a record with its references.
    pub fn record(&mut self, record: NewRecord) {
        debug_assert_eq!(record.hash, Digest::of(record.raw.as_bytes()), "the digest of {}", record.key);
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
                self.push(&RECORD_REFERENCE, row);
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
            bytes(&record.hash.0),
            bytes(&record.fingerprint),
            text(record.facts),
            text(record.raw),
        ];
        self.push(&RECORD_VERSION, row);
    }

    /// Adds a rejection with the references of its project.
    pub fn rejection(&mut self, rejection: Rejection, references: Vec<Reference>) {
        for reference in references {
            let (source, run) = (text(rejection.source.as_str()), text(&*rejection.run));
            let key = optional_text(rejection.key.as_deref());
            self.push(&UNREAD_REFERENCE, vec![source, run, key, text(&*reference.scheme), text(&*reference.value)]);
        }
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
        self.push(&REJECTION, row);
    }

    /// Adds an erasure.
    pub fn erasure(&mut self, of: &Sealed, cause: ErasureCause) {
        self.push(&ERASURE, vec![text(of.source.as_str()), text(&*of.record), text(cause.as_str())]);
    }

    /// Adds a run, with the partitions that it read when it succeeded.
    pub fn run(&mut self, run: &SyncRun) {
        let source = run.source.as_str();
        if run.outcome == SyncOutcome::Succeeded {
            for partition in &run.partitions {
                let row = vec![text(source), text(partition), integer(micros(run.started_at))];
                self.push(&PARTITION_READ, row);
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
            text(json_text(&run.keys)),
            optional_text(run.marks.as_ref().map(json_text)),
            text(json_text(&run.findings)),
        ];
        self.push(&SYNC_RUN, row);
    }

    /// Notes that `source` has `by` more open records.
    pub fn count_open(&mut self, source: &SourceId, by: i64) {
        match self.opened.get_mut(source) {
            Some(opened) => *opened += by,
            None => {
                self.opened.insert(source.clone(), by);
            }
        }
    }

    /// The sources whose open records became more or fewer, and by how many.
    pub fn opened(&mut self) -> Vec<(SourceId, i64)> {
        std::mem::take(&mut self.opened).into_iter().filter(|(_, by)| *by != 0).collect()
    }

    /// Notes that the state of a record changes; false when this append changed it before.
    pub fn changes_once(&mut self, source: &SourceId, key: &RecordKey) -> bool {
        self.changed.insert((source.clone(), key.clone()))
    }
}

impl Pending {
    fn insert(&mut self, sqlite: bool) -> Option<Insert> {
        let rows = std::mem::take(&mut self.rows);
        (rows > 0).then(|| (self.table.insert_sql(rows, sqlite), std::mem::take(&mut self.values)))
    }
}

/// Adds the rows of one table to the content digest of their entry. A table of a later migration enters it where it has
/// rows: the digests of before stand.
pub(in crate::ledger) fn content_of(content: &mut FieldHasher, table: &Table, (rows, digest): (u64, Digest)) {
    if rows == 0 && LATER.iter().any(|later| std::ptr::eq(table, *later)) {
        return;
    }
    content.field(table.name.as_bytes()).field(&rows.to_be_bytes()).field(&digest.0);
}
