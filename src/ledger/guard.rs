//! The trigger against `INSERT OR REPLACE` in SQLite, which deletes without firing the trigger against deletion.
//!
//! It runs once a row and costs more than writing it. A long append therefore takes it off inside its own transaction,
//! in which nothing but plain inserts run, and puts it back before its entry: no other connection ever sees the
//! table without it, and an append that stops half-way leaves it where it was.

use super::table::RECORD_VERSION;

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

/// Takes the trigger off the table of record versions.
pub(super) fn lift() -> String {
    format!("DROP TRIGGER IF EXISTS {}_no_replace", RECORD_VERSION.name)
}

/// Puts it back.
pub(super) fn restore() -> String {
    no_replace(RECORD_VERSION.name, "id")
}
