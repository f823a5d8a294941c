//! Between the words of the domain and the cells of a row.

use super::{Ledger, LedgerError};
use crate::domain::Instant;
use crate::domain::chain::{Digest, LedgerVersion};
use crate::domain::record::RecordState;
use sea_orm::{ConnectionTrait, QueryResult, Statement, TryGetable, Value};

/// An instant as it stands in the tables: microseconds since 1970.
pub(super) fn micros(at: Instant) -> i64 {
    at.timestamp_micros()
}

/// A whole number.
pub(super) fn integer(number: impl TryInto<i64>) -> Value {
    Value::BigInt(Some(number.try_into().unwrap_or(i64::MAX)))
}

/// A version, as a number of the database.
pub(super) fn version_value(version: LedgerVersion) -> Value {
    integer(version.0)
}

/// Text.
pub(super) fn text(text: impl Into<String>) -> Value {
    Value::String(Some(text.into()))
}

/// Text, or nothing.
pub(super) fn optional_text(text: Option<impl Into<String>>) -> Value {
    Value::String(text.map(Into::into))
}

/// Bytes.
pub(super) fn bytes(bytes: &[u8]) -> Value {
    Value::Bytes(Some(bytes.to_vec()))
}

/// One row of a query, with what is needed to say where it stands when it cannot be read.
pub(super) struct Row<'a> {
    table: &'static str,
    row: &'a QueryResult,
}

impl<'a> Row<'a> {
    /// A row whose first column is its number in `table`.
    pub fn new(table: &'static str, row: &'a QueryResult) -> Self {
        Row { table, row }
    }

    /// The column at `index`, called `column` when it cannot be read.
    pub fn get<T: TryGetable>(&self, index: usize, column: &'static str) -> Result<T, LedgerError> {
        self.row.try_get_by_index(index).map_err(|error| self.unreadable(column, error))
    }

    /// A number that is never negative.
    pub fn count(&self, index: usize, column: &'static str) -> Result<u64, LedgerError> {
        let number: i64 = self.get(index, column)?;
        u64::try_from(number).map_err(|error| self.unreadable(column, error))
    }

    /// An instant.
    pub fn instant(&self, index: usize, column: &'static str) -> Result<Instant, LedgerError> {
        let micros: i64 = self.get(index, column)?;
        Instant::from_timestamp_micros(micros).ok_or_else(|| self.unreadable(column, "no instant"))
    }

    /// A digest.
    pub fn digest(&self, index: usize, column: &'static str) -> Result<Digest, LedgerError> {
        let bytes: Vec<u8> = self.get(index, column)?;
        bytes.try_into().map(Digest).map_err(|_| self.unreadable(column, "not thirty-two bytes"))
    }

    /// A text that has one door.
    pub fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &self,
        index: usize,
        column: &'static str,
    ) -> Result<T, LedgerError> {
        let text: String = self.get(index, column)?;
        text.parse().map_err(|error| self.unreadable(column, error))
    }

    /// A value written as JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self, index: usize, column: &'static str) -> Result<T, LedgerError> {
        let text: String = self.get(index, column)?;
        serde_json::from_str(&text).map_err(|error| self.unreadable(column, error))
    }

    /// The state of a record version.
    pub fn state(&self, index: usize, column: &'static str) -> Result<RecordState, LedgerError> {
        let word: String = self.get(index, column)?;
        [RecordState::Open, RecordState::Closed, RecordState::Bad]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| self.unreadable(column, format!("« {word} » is no state")))
    }

    pub(super) fn unreadable(&self, column: &'static str, reason: impl std::fmt::Display) -> LedgerError {
        let row = self.row.try_get_by_index(0).unwrap_or_default();
        LedgerError::Unreadable { table: self.table, column, row, reason: reason.to_string() }
    }
}

/// Writes a value as compact JSON.
pub(super) fn json_text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("the words of the domain have text keys only")
}

impl Ledger {
    /// A statement with its values, for either database: both take `$1`, `$2`…
    pub(super) fn statement(&self, sql: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.backend, sql, values)
    }

    /// Every row that a query gives.
    pub(super) async fn rows(
        &self,
        doing: &'static str,
        sql: impl Into<String>,
        values: impl IntoIterator<Item = Value> + Send,
    ) -> Result<Vec<QueryResult>, LedgerError> {
        let statement = self.statement(sql, values);
        self.db.query_all_raw(statement).await.map_err(LedgerError::database(doing))
    }

    /// The one number that a query gives; nothing counts as zero.
    pub(super) async fn number(
        &self,
        doing: &'static str,
        sql: impl Into<String>,
        values: impl IntoIterator<Item = Value> + Send,
    ) -> Result<u64, LedgerError> {
        match self.rows(doing, sql, values).await?.first() {
            Some(row) => {
                let number: Option<i64> = row.try_get_by_index(0).map_err(LedgerError::database(doing))?;
                Ok(number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0))
            }
            None => Ok(0),
        }
    }
}
