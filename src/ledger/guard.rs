//! The trigger against `INSERT OR REPLACE` in SQLite, which deletes without firing the trigger against deletion.
//!
//! It runs once a row and costs more than writing it. A long append therefore takes it off the tables of which it writes many rows,
//! inside its own transaction, in which nothing but plain inserts run, and puts it back before its entry: no other connection ever sees
//! these tables without it, and an append that stops half-way leaves it where it was.

use super::table::{RECORD_REFERENCE, RECORD_VERSION, REJECTION, Table, UNREAD_REFERENCE};

/// Tables that hold a row for each record of a source, or more.
static LONG: [&Table; 4] = [&RECORD_VERSION, &RECORD_REFERENCE, &REJECTION, &UNREAD_REFERENCE];

/// The refusal of `table`, numbered by the column `id`.
pub(super) fn no_replace(table: &str, id: &str) -> String {
    format!(
        "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
         WHEN NEW.{id} <= (SELECT MAX({id}) FROM {table}) {}",
        refusal(table)
    )
}

/// What a trigger of `table` does.
pub(super) fn refusal(table: &str) -> String {
    format!("BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: table {table}'); END")
}

/// Takes the trigger off these tables.
pub(super) fn lift() -> String {
    LONG.map(|table| format!("DROP TRIGGER IF EXISTS {}_no_replace;", table.name)).concat()
}

/// Puts it back.
pub(super) fn restore() -> String {
    LONG.map(|table| no_replace(table.name, "id") + ";").concat()
}
