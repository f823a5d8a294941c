//! PostgreSQL: a read-only transaction and a cursor. The server itself refuses anything but one SELECT, and gives every
//! value as text: a numeric keeps its digits.

use super::super::emitter::{Flow, decimal};
use super::super::error::ReadError;
use super::select::parameter_replaced;
use super::{BadCell, BadKind, Query, Rows};
use crate::connector::driver::settings::CursorKind;
use crate::connector::node::Node;
use crate::domain::message::Message;
use crate::net::Net;
use futures_util::TryStreamExt;
use sea_orm::sqlx::postgres::{PgRow, PgValueRef};
use sea_orm::sqlx::{self, AssertSqlSafe, Column, ConnectOptions, Connection, PgConnection, Row, TypeInfo, ValueRef};
use std::time::{Duration, Instant};
use url::Url;

/// Time to open a connection.
const CONNECT_TIMEOUT_MS: u64 = 10_000;
/// Rows fetched at a time.
const FETCH: &str = "FETCH FORWARD 1000 FROM passerelle";

/// Reads the rows of `query`.
pub(super) async fn read((net, url): (&Net, &Url), query: &Query<'_>, rows: &mut Rows) -> Result<(), ReadError> {
    let connecting = tokio::time::timeout(Duration::from_millis(CONNECT_TIMEOUT_MS), connected(net, url, rows));
    let unreachable = || {
        let fr = "la base n'a pas répondu à temps : vérifiez url, et que le serveur est en service";
        ReadError::form(
            &rows.resource,
            fr,
            "the database did not answer in time: check url, and whether the server is up",
        )
    };
    let mut connection: PgConnection = connecting.await.map_err(|_| unreachable())??;
    open_cursor(&mut connection, query, rows.emitter.deadline()).await.map_err(|error| rows.failed(&error))?;
    let mut flow = Flow::On;
    loop {
        let before = rows.emitter.read();
        let mut found = sqlx::raw_sql(FETCH).fetch(&mut connection);
        while let Some(row) = found.try_next().await.map_err(|error| rows.failed(&error))? {
            if rows.names.is_empty() {
                rows.end.notes.extend(row.columns().iter().filter_map(rounded));
            }
            rows.name_columns(row.columns().iter().map(Column::name));
            flow = rows.push(values(&row)).await?;
            if flow == Flow::Full {
                break;
            }
        }
        drop(found);
        if flow == Flow::Full || rows.emitter.read() == before {
            break;
        }
    }
    connection.close().await.map_err(|error| rows.failed(&error))
}

/// A column of seven digits has rounded what is above 99 999.99 before anybody reads it.
fn rounded(column: &sqlx::postgres::PgColumn) -> Option<Message> {
    let name = column.name();
    (column.type_info().name() == "FLOAT4").then(|| {
        Message::new(
            format!(
                "la colonne « {name} » est de type real, qui garde sept chiffres : un montant au-delà de 99 999,99 y est déjà arrondi ; \
                 demandez-la en numeric à son propriétaire"
            ),
            format!(
                "column « {name} » is of type real, which keeps seven digits: an amount above 99,999.99 is rounded in it already; \
                 ask its owner for numeric"
            ),
        )
    })
}

/// A connection by the first address that gives one.
async fn connected(net: &Net, url: &Url, rows: &Rows) -> Result<PgConnection, ReadError> {
    let mut failed = None;
    for options in net.postgres(url).await? {
        match options.application_name("passerelle").disable_statement_logging().connect().await {
            Ok(connection) => return Ok(connection),
            Err(error) => failed = Some(rows.failed(&error)),
        }
    }
    // A host that may be reached has an address.
    Err(failed.unwrap_or(ReadError::Stopped))
}

async fn open_cursor(connection: &mut PgConnection, query: &Query<'_>, deadline: Instant) -> Result<(), sqlx::Error> {
    // At least one millisecond: zero means no limit.
    let left_ms = deadline.saturating_duration_since(Instant::now()).as_millis().clamp(1, i32::MAX as u128);
    let session = format!(
        "SET statement_timeout = {left_ms}; SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC'; \
         SET default_transaction_read_only = on; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    );
    sqlx::raw_sql(AssertSqlSafe(session)).execute(&mut *connection).await?;
    // Prepared, so that a second statement is refused; a cursor is only had on a SELECT.
    let (text, value) = match &query.since {
        None => (query.text.to_owned(), None),
        Some(since) => (parameter_replaced(query.text, since.name, typed(since.kind)), Some(since.value)),
    };
    let before = usize::from(query.since.is_some());
    let text = query.keyed.map_or(text.clone(), |keyed| keyed.around(&text, before, |at| format!("${at}")));
    let mut cursor =
        sqlx::query(AssertSqlSafe(format!("DECLARE passerelle NO SCROLL CURSOR FOR {text}"))).persistent(false);
    if let Some(value) = value {
        cursor = cursor.bind(value.map(str::to_owned));
    }
    for key in query.keyed.iter().flat_map(|keyed| keyed.keys) {
        cursor = cursor.bind(key.as_str().to_owned());
    }
    cursor.execute(connection).await.map(|_| ())
}

/// The parameter as what it is: a text would not be compared with an instant.
const fn typed(kind: CursorKind) -> &'static str {
    match kind {
        CursorKind::Instant => "CAST($1 AS TIMESTAMPTZ)",
        CursorKind::Local => "CAST($1 AS TIMESTAMP)",
        CursorKind::Date => "CAST($1 AS DATE)",
    }
}

fn values(row: &PgRow) -> Vec<Result<Node, BadCell>> {
    let value = |(column, declared): (usize, &sqlx::postgres::PgColumn)| {
        let raw = row.try_get_raw(column).expect("a row has the values of its columns");
        node(raw, declared.type_info().name())
    };
    row.columns().iter().enumerate().map(value).collect()
}

fn node(raw: PgValueRef<'_>, declared: &str) -> Result<Node, BadCell> {
    if raw.is_null() {
        return Ok(Node::Null);
    }
    let bytes = raw.as_bytes().unwrap_or_default();
    let Ok(text) = std::str::from_utf8(bytes) else { return Err(BadCell::of(BadKind::NoText, bytes)) };
    Ok(match declared {
        "BOOL" => Node::Bool(text == "t"),
        "INT2" | "INT4" | "INT8" | "OID" | "NUMERIC" | "FLOAT4" | "FLOAT8" => number(text),
        "TIMESTAMP" => Node::text(text.replacen(' ', "T", 1)),
        "TIMESTAMPTZ" => Node::text(instant(text)),
        "JSON" | "JSONB" => Node::parse_json(text).unwrap_or_else(|_| Node::text(text)),
        // The server writes them in hexadecimal already.
        "BYTEA" => return Err(BadCell::written(BadKind::Binary, text)),
        _ => Node::text(text),
    })
}

/// Digits as they are; an exponent is written out; what is no number (`NaN`, `Infinity`) stays a text.
fn number(text: &str) -> Node {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if unsigned.starts_with(|first: char| first.is_ascii_digit()) {
        let plain = if text.contains('e') { text.parse().ok().and_then(decimal) } else { Some(text.to_owned()) };
        return plain.map_or_else(|| Node::text(text), |digits| Node::Number(digits.into()));
    }
    Node::text(text)
}

/// An instant in universal time, as RFC 3339 writes it.
fn instant(text: &str) -> String {
    match text.strip_suffix("+00") {
        Some(local) => format!("{}Z", local.replacen(' ', "T", 1)),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept_and_exponents_written_out() {
        let number = |text| number(text);
        assert_eq!(number("12.50"), Node::Number("12.50".into()));
        assert_eq!(number("-1e+20"), Node::Number("-100000000000000000000".into()));
        assert_eq!(number("NaN"), Node::text("NaN"));
        assert_eq!(instant("2026-11-22 10:00:00.5+00"), "2026-11-22T10:00:00.5Z");
    }
}
