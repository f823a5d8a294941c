//! Reading the journal: all of it, or what it says of a project.

use super::write::End;
use super::{Journal, JournalError};
use crate::domain::Instant;
use crate::domain::act::Author;
use crate::domain::chain::{Digest, LedgerVersion};
use crate::domain::project::ProjectId;
use crate::domain::reading::{Operation, Reading, Shown, ShownKind};
use sea_orm::{ConnectionTrait as _, QueryResult, TryGetable, Value};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// The most entries that are given at once.
const ENTRIES_MAX: usize = 1_000;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1.
    pub id: u64,
    /// What it says.
    pub reading: Reading,
    /// The head of the chain after it.
    pub head: Digest,
}

/// Entries, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// Those asked for.
    pub entries: Vec<Entry>,
    /// How many there are in all.
    pub total: u64,
}

const COLUMNS: &str = "SELECT id, at_us, reader, operation, version, kinds, projects, head FROM entry";

impl Journal {
    /// The entries before `before` (`None`: from the newest on), `limit` of them at most.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn log(&self, before: Option<u64>, limit: usize) -> Result<Trail, JournalError> {
        let sql = format!("{COLUMNS} WHERE id < $1 ORDER BY id DESC LIMIT $2");
        let entries = self.entries(&sql, vec![number(before.unwrap_or(u64::MAX)), cut(limit)]).await?;
        Ok(Trail { entries, total: self.count("SELECT COUNT(*) FROM entry", Vec::new()).await? })
    }

    /// The entries that speak of one of `projects` (the identifiers that one project has and had), before `before`.
    ///
    /// # Errors
    /// The database does not answer, or holds something unreadable.
    pub async fn of(
        &self,
        projects: &BTreeSet<ProjectId>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Trail, JournalError> {
        let places = |first: usize| {
            (first..first + projects.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
        };
        let named = || projects.iter().map(|project| Value::String(Some(project.as_str().to_owned())));
        let sql = format!(
            "{COLUMNS} WHERE id < $1 AND id IN (SELECT entry FROM shown WHERE project IN ({})) ORDER BY id DESC LIMIT $2",
            places(3)
        );
        let values = [number(before.unwrap_or(u64::MAX)), cut(limit)].into_iter().chain(named()).collect();
        let entries = self.entries(&sql, values).await?;
        let sql = format!("SELECT COUNT(DISTINCT entry) FROM shown WHERE project IN ({})", places(1));
        Ok(Trail { entries, total: self.count(&sql, named().collect()).await? })
    }

    async fn entries(&self, sql: &str, values: Vec<Value>) -> Result<Vec<Entry>, JournalError> {
        let rows = self.db.query_all_raw(Journal::statement(sql, values)).await;
        rows.map_err(JournalError::database("reading entries"))?.iter().map(read).collect()
    }

    pub(super) async fn count(&self, sql: &str, values: Vec<Value>) -> Result<u64, JournalError> {
        let row = self.db.query_one_raw(Journal::statement(sql, values)).await;
        let row = row.map_err(JournalError::database("counting entries"))?;
        row.map_or(Ok(0), |row| Cell(&row).get::<i64>(0, "count").map(|count| u64::try_from(count).unwrap_or(0)))
    }
}

fn number(number: u64) -> Value {
    Value::BigInt(Some(i64::try_from(number).unwrap_or(i64::MAX)))
}

fn cut(limit: usize) -> Value {
    number(limit.min(ENTRIES_MAX) as u64)
}

/// A row, with what is needed to say where it stands when it cannot be read.
pub(super) struct Cell<'a>(pub &'a QueryResult);

impl Cell<'_> {
    pub fn get<T: TryGetable>(&self, index: usize, column: &'static str) -> Result<T, JournalError> {
        self.0.try_get_by_index(index).map_err(|error| self.unreadable(column, error))
    }

    fn json<T: DeserializeOwned>(&self, index: usize, column: &'static str) -> Result<T, JournalError> {
        let text: String = self.get(index, column)?;
        serde_json::from_str(&text).map_err(|error| self.unreadable(column, error))
    }

    fn digest(&self, index: usize) -> Result<Digest, JournalError> {
        let bytes: Vec<u8> = self.get(index, "head")?;
        bytes.try_into().map(Digest).map_err(|_| self.unreadable("head", "not thirty-two bytes"))
    }

    fn unreadable(&self, column: &'static str, reason: impl std::fmt::Display) -> JournalError {
        let id = self.0.try_get_by_index(0).unwrap_or_default();
        JournalError::Unreadable { id, column, reason: reason.to_string() }
    }
}

/// A number and a head.
pub(super) fn end_of(row: &QueryResult) -> Result<End, JournalError> {
    let row = Cell(row);
    Ok(End { id: u64::try_from(row.get::<i64>(0, "id")?).unwrap_or(0), head: row.digest(1)? })
}

fn read(row: &QueryResult) -> Result<Entry, JournalError> {
    let row = Cell(row);
    let at_us: i64 = row.get(1, "at_us")?;
    let (reader, operation): (Author, Operation) = (row.json(2, "reader")?, row.json(3, "operation")?);
    let (kinds, projects): (BTreeSet<ShownKind>, BTreeSet<ProjectId>) =
        (row.json(5, "kinds")?, row.json(6, "projects")?);
    let version = u64::try_from(row.get::<i64>(4, "version")?).unwrap_or(0);
    Ok(Entry {
        id: u64::try_from(row.get::<i64>(0, "id")?).unwrap_or(0),
        reading: Reading {
            at: Instant::from_timestamp_micros(at_us).ok_or_else(|| row.unreadable("at_us", "no instant"))?,
            reader,
            operation,
            version: LedgerVersion(version),
            shown: Shown { projects, kinds },
        },
        head: row.digest(7)?,
    })
}
