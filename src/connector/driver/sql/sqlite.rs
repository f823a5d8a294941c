//! SQLite: the file is opened to read only, twice said, and read once it is found whole. Values keep the kind that the row holds.

use super::super::emitter::{Flow, decimal};
use super::super::error::ReadError;
use super::select::parameter_replaced;
use super::{BadCell, BadKind, Query, Rows};
use crate::connector::node::Node;
use futures_util::TryStreamExt;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow, SqliteValueRef};
use sea_orm::sqlx::{self, AssertSqlSafe, Column, ConnectOptions, Connection, Decode, Row, TypeInfo, ValueRef};
use std::path::Path;
use std::time::Instant;

/// Steps of the engine between two looks at the clock.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

/// Reads the rows of `query`.
pub(super) async fn read(path: &Path, query: &Query<'_>, rows: &mut Rows) -> Result<(), ReadError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .create_if_missing(false)
        .pragma("query_only", "ON")
        .disable_statement_logging();
    let mut connection = options.connect().await.map_err(|error| rows.failed(&error))?;
    // A query that never gives a row is stopped inside the engine, whose thread would else outlive the read.
    let deadline = rows.emitter.deadline();
    let mut engine = connection.lock_handle().await.map_err(|error| rows.failed(&error))?;
    engine.set_progress_handler(STEPS_BETWEEN_LOOKS, move || Instant::now() < deadline);
    drop(engine);
    if query.keyed.is_none() {
        whole(path, &mut connection, rows).await?;
    }
    // The text is one SELECT of the manifest, and the connection cannot write.
    let text = match &query.since {
        None => query.text.to_owned(),
        Some(since) => parameter_replaced(query.text, since.name, "?1"),
    };
    let before = usize::from(query.since.is_some());
    let text = query.keyed.map_or(text.clone(), |keyed| keyed.around(&text, before, |at| format!("?{at}")));
    let mut select = sqlx::query(AssertSqlSafe(text)).persistent(false);
    if let Some(since) = &query.since {
        select = select.bind(since.value.map(str::to_owned));
    }
    for key in query.keyed.iter().flat_map(|keyed| keyed.keys) {
        select = select.bind(key.as_str().to_owned());
    }
    let mut found = select.fetch(&mut connection);
    loop {
        let row = match found.try_next().await {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(error) => {
                rows.emitter.check_time()?;
                return Err(rows.failed(&error));
            }
        };
        rows.name_columns(row.columns().iter().map(Column::name));
        if rows.push(values(&row)).await? == Flow::Full {
            break;
        }
    }
    drop(found);
    connection.close().await.map_err(|error| rows.failed(&error))
}

/// Refuses a file that was cut or damaged: the engine reads what is missing of a page as zeros, and an amount with it.
async fn whole(path: &Path, connection: &mut SqliteConnection, rows: &mut Rows) -> Result<(), ReadError> {
    let asked = sqlx::query_scalar("SELECT page_size FROM pragma_page_size").fetch_one(&mut *connection).await;
    let page_bytes: i64 = asked.map_err(|error| rows.failed(&error))?;
    let is_cut = std::fs::metadata(path)
        .is_ok_and(|file| u64::try_from(page_bytes).is_ok_and(|page| page > 0 && file.len() % page != 0));
    let found: Result<String, _> = if is_cut {
        Ok("its last page is cut".to_owned())
    } else {
        sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(connection).await
    };
    match found {
        Ok(found) if found == "ok" => Ok(()),
        Ok(found) => Err(rows.damaged(&found)),
        Err(error) => {
            rows.emitter.check_time()?;
            Err(rows.failed(&error))
        }
    }
}

fn values(row: &SqliteRow) -> Vec<Result<Node, BadCell>> {
    let value = |(column, declared): (usize, &sqlx::sqlite::SqliteColumn)| {
        let raw = row.try_get_raw(column).expect("a row has the values of its columns");
        let bad = |kind| {
            let raw = row.try_get_raw(column).expect("a row has the values of its columns");
            BadCell::of(kind, <&[u8] as Decode<sqlx::Sqlite>>::decode(raw).unwrap_or_default())
        };
        node(raw, declared.type_info().name()).map_err(bad)
    };
    row.columns().iter().enumerate().map(value).collect()
}

fn node(raw: SqliteValueRef<'_>, declared: &str) -> Result<Node, BadKind> {
    if raw.is_null() {
        return Ok(Node::Null);
    }
    let kind = raw.type_info().name().to_owned();
    match kind.as_str() {
        "TEXT" => match <&str as Decode<sqlx::Sqlite>>::decode(raw) {
            Ok(text) => Ok(Node::text(text)),
            Err(_) => Err(BadKind::NoText),
        },
        "REAL" => match <f64 as Decode<sqlx::Sqlite>>::decode(raw) {
            // What is no number (`inf`) stays a text.
            Ok(number) => {
                Ok(decimal(number).map_or_else(|| Node::text(number.to_string()), |digits| Node::Number(digits.into())))
            }
            Err(_) => Err(BadKind::NoText),
        },
        "INTEGER" => match <i64 as Decode<sqlx::Sqlite>>::decode(raw) {
            Ok(number @ (0 | 1)) if declared == "BOOLEAN" => Ok(Node::Bool(number == 1)),
            Ok(number) => Ok(Node::Number(number.to_string().into())),
            Err(_) => Err(BadKind::NoText),
        },
        _ => Err(BadKind::Binary),
    }
}
