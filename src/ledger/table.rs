//! The tables that an entry fills, described once: the same list makes the inserts, the digests and the triggers.

use crate::domain::chain::FieldHasher;
use sea_orm::{DbErr, QueryResult, Value};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole number.
    Integer,
    /// A whole number, or nothing.
    OptionalInteger,
    /// Text.
    Text,
    /// Text, or nothing.
    OptionalText,
    /// Bytes.
    Bytes,
    /// The raw record: covered by its own digest, which stands in the column `hash`.
    Raw,
}

/// A table whose rows belong to entries.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in the order in which they are hashed; the first two are always `id` and `version`.
    pub columns: &'static [(&'static str, Kind)],
}

use Kind::{Bytes, Integer, OptionalInteger, OptionalText, Raw, Text};

/// The profile of a source, each time it changed.
pub(super) static SOURCE_VERSION: Table = Table {
    name: "source_version",
    columns: &[("id", Integer), ("version", Integer), ("source", Text), ("profile", Text)],
};

/// The versions of the records. The raw form comes last, so that a read without it does not touch its pages.
pub(super) static RECORD_VERSION: Table = Table {
    name: "record_version",
    columns: &[
        ("id", Integer),
        ("version", Integer),
        ("source", Text),
        ("key", Text),
        ("partition", Text),
        ("project", OptionalText),
        ("state", Text),
        ("observed_at_us", Integer),
        ("first_seen_us", Integer),
        ("hash", Bytes),
        ("fingerprint", Bytes),
        ("facts", Text),
        ("raw", Raw),
    ],
};

/// Shared references of records, with the project that the record was given.
pub(super) static RECORD_REFERENCE: Table = Table {
    name: "record_reference",
    columns: &[
        ("id", Integer),
        ("version", Integer),
        ("source", Text),
        ("key", Text),
        ("scheme", Text),
        ("value", Text),
        ("project", Text),
    ],
};

/// Rejected records.
pub(super) static REJECTION: Table = Table {
    name: "rejection",
    columns: &[
        ("id", Integer),
        ("version", Integer),
        ("source", Text),
        ("run", Text),
        ("key", OptionalText),
        ("location", Text),
        ("field", OptionalText),
        ("code", Text),
        ("reason_fr", Text),
        ("reason_en", Text),
        ("at_us", Integer),
        ("raw", Text),
    ],
};

/// Decisions about identity.
pub(super) static DECISION: Table =
    Table { name: "decision", columns: &[("id", Integer), ("version", Integer), ("body", Text)] };

/// What bodies say about projects and their plans.
pub(super) static ACT: Table = Table { name: "act", columns: &[("id", Integer), ("version", Integer), ("body", Text)] };

/// Runs, failed and held ones too.
pub(super) static SYNC_RUN: Table = Table {
    name: "sync_run",
    columns: &[
        ("id", Integer),
        ("version", Integer),
        ("run", Text),
        ("source", Text),
        ("started_at_us", Integer),
        ("ended_at_us", OptionalInteger),
        ("outcome", Text),
        ("records_read", Integer),
        ("records_added", Integer),
        ("records_changed", Integer),
        ("records_unchanged", Integer),
        ("records_skipped", Integer),
        ("records_rejected", Integer),
        ("records_gone", Integer),
        ("full_read", Integer),
        ("partitions", Text),
        ("message_fr", OptionalText),
        ("message_en", OptionalText),
        ("batch", OptionalText),
        ("accepts", OptionalText),
        ("keys", Text),
        ("marks", OptionalText),
        ("findings", Text),
    ],
};

/// When a successful read of a whole partition began.
pub(super) static PARTITION_READ: Table = Table {
    name: "partition_read",
    columns: &[
        ("id", Integer),
        ("version", Integer),
        ("source", Text),
        ("partition", Text),
        ("started_at_us", Integer),
    ],
};

/// Open records of a source after an entry that changed their number.
pub(super) static RECORD_COUNT: Table = Table {
    name: "record_count",
    columns: &[("id", Integer), ("version", Integer), ("source", Text), ("records_open", Integer)],
};

/// Records whose personal fields were erased.
pub(super) static ERASURE: Table = Table {
    name: "erasure",
    columns: &[("id", Integer), ("version", Integer), ("source", Text), ("record", Text), ("cause", Text)],
};

/// References of the projects of rejected records.
pub(super) static UNREAD_REFERENCE: Table = Table {
    name: "unread_reference",
    columns: &[
        ("id", Integer),
        ("version", Integer),
        ("source", Text),
        ("run", Text),
        ("key", OptionalText),
        ("scheme", Text),
        ("value", Text),
    ],
};

/// What nobody can guess of an entry: thirty-two random bytes, hashed with its rows and never shown. Without them whoever
/// knows the head, which is public, and the form of an entry could try amounts until one gives that head.
pub(super) static SALT: Table =
    Table { name: "salt", columns: &[("id", Integer), ("version", Integer), ("salt", Bytes)] };

/// The tables of later migrations: they enter the digest of an entry where it has rows in them.
pub(super) static LATER: [&Table; 3] = [&ERASURE, &UNREAD_REFERENCE, &SALT];

/// Every table, in the order in which their digests enter the content digest of an entry.
pub(super) static TABLES: [&Table; 12] = [
    &SOURCE_VERSION,
    &RECORD_VERSION,
    &RECORD_REFERENCE,
    &REJECTION,
    &DECISION,
    &ACT,
    &SYNC_RUN,
    &PARTITION_READ,
    &RECORD_COUNT,
    &ERASURE,
    &UNREAD_REFERENCE,
    &SALT,
];

impl Table {
    /// The names of the columns, separated by commas.
    pub fn column_list(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// An insert of `rows` rows. SQLite finds a numbered parameter by walking through all of them, which would make
    /// a long insert quadratic: there they stand without number. And it keeps a copy of every page that a failing
    /// insert would have to undo by itself, a quarter of its cost: here the transaction is undone as a whole.
    pub fn insert_sql(&self, rows: usize, sqlite: bool) -> String {
        let width = self.columns.len();
        let (verb, rows) = if sqlite {
            ("INSERT OR FAIL", vec![vec!["?"; width].join(", "); rows])
        } else {
            let numbered = |row| (row * width + 1..=(row + 1) * width).map(|number| format!("${number}"));
            ("INSERT", (0..rows).map(|row| numbered(row).collect::<Vec<_>>().join(", ")).collect())
        };
        format!("{verb} INTO {} ({}) VALUES ({})", self.name, self.column_list(), rows.join("), ("))
    }

    /// Adds one row, its values in the order of the columns, to a running digest.
    pub fn hash_row(&self, hasher: &mut FieldHasher, row: &[Value]) {
        for ((_, kind), value) in self.columns.iter().zip(row) {
            if *kind != Raw {
                hash_value(hasher, value);
            }
        }
    }

    /// The place of a column.
    pub fn column(&self, wanted: &str) -> usize {
        self.columns.iter().position(|(name, _)| *name == wanted).expect("a column of the table")
    }

    /// The raw form in a row and the digest that stands beside it, in the table that keeps one.
    pub fn raw_and_hash<'a>(&self, row: &'a [Value]) -> Option<(&'a str, &'a [u8])> {
        let raw = self.columns.iter().position(|(_, kind)| *kind == Raw)?;
        let hash = self.columns.iter().position(|(name, _)| *name == "hash")?;
        match (row.get(raw)?, row.get(hash)?) {
            (Value::String(Some(raw)), Value::Bytes(Some(hash))) => Some((raw, hash)),
            _ => None,
        }
    }

    /// Reads one row back, all columns in order, from a query that selected [`Self::column_list`].
    ///
    /// # Errors
    /// A column that does not hold what it should.
    pub fn read_row(&self, row: &QueryResult) -> Result<Vec<Value>, DbErr> {
        let read = |(index, (_, kind)): (usize, &(&str, Kind))| {
            Ok(match kind {
                Integer | OptionalInteger => Value::BigInt(row.try_get_by_index(index)?),
                Text | OptionalText | Raw => Value::String(row.try_get_by_index(index)?),
                Bytes => Value::Bytes(row.try_get_by_index(index)?),
            })
        };
        self.columns.iter().enumerate().map(read).collect()
    }
}

/// Nothing is told apart from an empty text by a byte in front.
fn hash_value(hasher: &mut FieldHasher, value: &Value) {
    match value {
        Value::BigInt(Some(number)) => hasher.field(&number.to_be_bytes()),
        Value::String(Some(text)) => hasher.field(text.as_bytes()),
        Value::Bytes(Some(bytes)) => hasher.field(bytes),
        _ => hasher.field(NOTHING),
    };
}

/// Stands for an empty column in a digest. No text holds this byte sequence, for it is not UTF-8; no number has
/// its length; digests and fingerprints are never empty nor that short.
const NOTHING: &[u8] = &[0xff, 0x00, 0xff];
