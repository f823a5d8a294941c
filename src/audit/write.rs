//! The one writer: whatever waits is written in one transaction.

use super::{Journal, JournalError, Waiting};
use crate::database;
use crate::domain::chain::Digest;
use crate::domain::reading::{Reading, head_after};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, Value};
use tokio::sync::mpsc;

/// Reads written by one transaction.
const TOGETHER_MAX: usize = 256;

/// Writes until nobody can ask for it any more.
pub(super) async fn follow(db: DatabaseConnection, mut waiting: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::with_capacity(TOGETHER_MAX);
    while waiting.recv_many(&mut batch, TOGETHER_MAX).await > 0 {
        let (readings, asked): (Vec<Reading>, Vec<_>) = batch.drain(..).unzip();
        let written = write(&db, &readings).await;
        for one in asked {
            // Whoever gave up waiting was not answered.
            let _ = one.send(written.clone());
        }
    }
}

/// Where the chain ends: the number of the last entry, and the head after it.
pub(super) struct End {
    pub id: u64,
    pub head: Digest,
}

async fn write(db: &DatabaseConnection, readings: &[Reading]) -> Result<(), JournalError> {
    let doing = "writing reads";
    let transaction = database::begin(db).await.map_err(JournalError::database(doing))?;
    let mut end = end(&transaction).await?;
    for reading in readings {
        end = append(&transaction, end, reading).await?;
    }
    transaction.commit().await.map_err(JournalError::database(doing))
}

async fn end(transaction: &DatabaseTransaction) -> Result<End, JournalError> {
    let doing = "reading its end";
    // What was dropped left the head from which the chain goes on.
    for sql in ["SELECT id, head FROM entry ORDER BY id DESC LIMIT 1", "SELECT entry, head FROM begin"] {
        let row =
            transaction.query_one_raw(Journal::statement(sql, [])).await.map_err(JournalError::database(doing))?;
        if let Some(row) = row {
            return super::read::end_of(&row);
        }
    }
    Ok(End { id: 0, head: Digest::default() })
}

async fn append(transaction: &DatabaseTransaction, end: End, reading: &Reading) -> Result<End, JournalError> {
    let doing = "writing a read";
    let (id, at_us) = (end.id + 1, reading.at.timestamp_micros());
    let number = Value::BigInt(Some(i64::try_from(id).unwrap_or(i64::MAX)));
    let version = i64::try_from(reading.version.0).unwrap_or(i64::MAX);
    let texts =
        [json(&reading.reader), json(&reading.operation), json(&reading.shown.kinds), json(&reading.shown.projects)];
    let [reader, operation, kinds, projects] = &texts;
    let head = head_after(&end.head, (id, at_us), &[reader, operation, &version.to_string(), kinds, projects]);
    let text = |text: &String| Value::String(Some(text.clone()));
    let values = [
        number.clone(),
        Value::BigInt(Some(at_us)),
        text(reader),
        text(operation),
        Value::BigInt(Some(version)),
        text(kinds),
        text(projects),
        Value::Bytes(Some(head.0.to_vec())),
    ];
    let sql = "INSERT INTO entry (id, at_us, reader, operation, version, kinds, projects, head)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    transaction.execute_raw(Journal::statement(sql, values)).await.map_err(JournalError::database(doing))?;
    for project in &reading.shown.projects {
        let values = [Value::String(Some(project.as_str().to_owned())), number.clone()];
        let insert = Journal::statement("INSERT INTO shown (project, entry) VALUES ($1, $2)", values);
        transaction.execute_raw(insert).await.map_err(JournalError::database(doing))?;
    }
    Ok(End { id, head })
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("the words of the domain have text keys only")
}
