//! The outbox: messages to receivers of webhooks, each written before it is sent, with what was told last. What is told and
//! the message that tells it are one transaction: a crash between them loses nothing and tells nothing twice.

use super::{Workroom, WorkroomError};
use crate::database;
use crate::domain::Instant;
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait as _, DbErr, QueryResult, Value};
use std::collections::BTreeMap;

pub(super) const TABLES: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS webhook_letter (id TEXT PRIMARY KEY NOT NULL, hook TEXT NOT NULL, body TEXT NOT NULL,
     created_at_us INTEGER NOT NULL, state TEXT NOT NULL, failed INTEGER NOT NULL, next_at_us INTEGER NOT NULL,
     error TEXT) STRICT",
    "CREATE INDEX IF NOT EXISTS webhook_letter_due ON webhook_letter (hook, state, next_at_us)",
    "CREATE TABLE IF NOT EXISTS webhook_told (hook TEXT NOT NULL, attestation TEXT NOT NULL, verdict TEXT NOT NULL,
     plan TEXT NOT NULL, as_attested INTEGER NOT NULL, version INTEGER NOT NULL,
     PRIMARY KEY (hook, attestation)) STRICT, WITHOUT ROWID",
];

/// How long it is known that a message was taken. What is told of an attestation does not rest on it.
const TAKEN_KEPT: TimeDelta = TimeDelta::days(90);

/// What was told last of one attestation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The verdict, as one word.
    pub verdict: String,
    /// The version of the plan.
    pub plan: String,
    /// It said what was attested.
    pub as_attested: bool,
    /// The ledger version that was looked at.
    pub version: u64,
}

/// A message that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its identifier, the same at each attempt that says the same.
    pub id: String,
    /// What is sent, byte for byte.
    pub body: String,
    /// Attempts that failed.
    pub failed: u32,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterState {
    /// To be sent, or sent again.
    Pending,
    /// Taken.
    Delivered,
    /// Given up.
    Dead,
}

impl LetterState {
    const fn as_str(self) -> &'static str {
        match self {
            LetterState::Pending => "pending",
            LetterState::Delivered => "delivered",
            LetterState::Dead => "dead",
        }
    }
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Where the message stands now.
    pub state: LetterState,
    /// When it is sent again, where it is.
    pub next_at: Instant,
    /// Why it was not taken.
    pub error: Option<String>,
}

/// The messages of one receiver, counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LetterCounts {
    /// To be sent.
    pub pending: u64,
    /// Taken.
    pub delivered: u64,
    /// Given up.
    pub dead: u64,
    /// Attempts that failed, at all messages.
    pub failed: u64,
    /// Why the last one that waits or was given up was not taken.
    pub last_error: Option<String>,
}

fn text(text: &str) -> Value {
    Value::String(Some(text.to_owned()))
}

fn number(number: impl TryInto<i64>) -> Value {
    Value::BigInt(Some(number.try_into().unwrap_or(i64::MAX)))
}

impl Workroom {
    /// What `hook` was told last, by attestation.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn told(&self, hook: &str) -> Result<BTreeMap<String, Told>, WorkroomError> {
        let doing = "reading what was told";
        let sql = "SELECT attestation, verdict, plan, as_attested, version FROM webhook_told WHERE hook = $1";
        let rows = self.db.query_all_raw(Workroom::statement(sql, [text(hook)])).await;
        let rows = rows.map_err(WorkroomError::database(doing))?;
        let read = |row: &QueryResult| -> Result<(String, Told), DbErr> {
            let (as_attested, version): (i64, i64) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
            let (verdict, plan) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            let told = Told { verdict, plan, as_attested: as_attested != 0, version: version.unsigned_abs() };
            Ok((row.try_get_by_index(0)?, told))
        };
        rows.iter().map(read).collect::<Result<_, _>>().map_err(WorkroomError::database(doing))
    }

    /// Notes what `hook` is told of an attestation, and the message that tells it, where there is one: both or none. The
    /// message is due at once, and has an identifier that no other has, which is given back.
    ///
    /// # Errors
    /// The database does not answer; the system gives no random bytes.
    pub async fn tell(
        &self,
        (hook, attestation): (&str, &str),
        told: &Told,
        letter: Option<(&str, Instant)>,
    ) -> Result<Option<String>, WorkroomError> {
        let doing = "writing a message to a receiver";
        let transaction = database::begin(&self.db).await.map_err(WorkroomError::database(doing))?;
        let values = [
            text(hook),
            text(attestation),
            text(&told.verdict),
            text(&told.plan),
            number(i64::from(told.as_attested)),
            number(told.version),
        ];
        let sql = "INSERT INTO webhook_told (hook, attestation, verdict, plan, as_attested, version)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (hook, attestation) DO UPDATE SET verdict = excluded.verdict,
             plan = excluded.plan, as_attested = excluded.as_attested, version = excluded.version";
        let noted = transaction.execute_raw(Workroom::statement(sql, values)).await;
        noted.map_err(WorkroomError::database(doing))?;
        let id = letter.map(|_| new_id()).transpose()?;
        if let Some(((body, at), id)) = letter.zip(id.as_deref()) {
            let at = number(at.timestamp_micros());
            let values = [text(id), text(hook), text(body), at];
            let sql = "INSERT INTO webhook_letter (id, hook, body, created_at_us, state, failed, next_at_us)
                 VALUES ($1, $2, $3, $4, 'pending', 0, $4)";
            let written = transaction.execute_raw(Workroom::statement(sql, values)).await;
            written.map_err(WorkroomError::database(doing))?;
        }
        transaction.commit().await.map_err(WorkroomError::database(doing))?;
        Ok(id)
    }

    /// The message to `hook` that is due the longest at `now`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn due_letter(&self, hook: &str, now: Instant) -> Result<Option<Letter>, WorkroomError> {
        let doing = "reading messages to receivers";
        let sql = "SELECT id, body, failed FROM webhook_letter WHERE hook = $1 AND state = 'pending'
             AND next_at_us <= $2 ORDER BY next_at_us, created_at_us, rowid LIMIT 1";
        let select = Workroom::statement(sql, [text(hook), number(now.timestamp_micros())]);
        let row = self.db.query_one_raw(select).await.map_err(WorkroomError::database(doing))?;
        let read = |row: QueryResult| -> Result<Letter, DbErr> {
            let failed: i64 = row.try_get_by_index(2)?;
            let failed = u32::try_from(failed).unwrap_or(u32::MAX);
            Ok(Letter { id: row.try_get_by_index(0)?, body: row.try_get_by_index(1)?, failed })
        };
        row.map(read).transpose().map_err(WorkroomError::database(doing))
    }

    /// Writes a message that waits anew, under an identifier of its own: whoever took the one before and could not say so is to read it.
    ///
    /// # Errors
    /// The database does not answer; the system gives no random bytes.
    pub async fn rewrite_letter(&self, letter: Letter, body: String) -> Result<Letter, WorkroomError> {
        let id = new_id()?;
        let sql = "UPDATE webhook_letter SET id = $2, body = $3 WHERE id = $1";
        let done = self.db.execute_raw(Workroom::statement(sql, [text(&letter.id), text(&id), text(&body)])).await;
        done.map_err(WorkroomError::database("writing a message anew"))?;
        Ok(Letter { id, body, ..letter })
    }

    /// Drops a message to `hook` that is not to be sent any more, and what was told of its attestation with it: where the receiver sees it
    /// again, it is told again.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn drop_letter(&self, hook: &str, id: &str, attestation: Option<&str>) -> Result<(), WorkroomError> {
        let doing = "dropping a message";
        let transaction = database::begin(&self.db).await.map_err(WorkroomError::database(doing))?;
        let drop = Workroom::statement("DELETE FROM webhook_letter WHERE id = $1", [text(id)]);
        transaction.execute_raw(drop).await.map_err(WorkroomError::database(doing))?;
        if let Some(attestation) = attestation {
            let sql = "DELETE FROM webhook_told WHERE hook = $1 AND attestation = $2";
            let forget = Workroom::statement(sql, [text(hook), text(attestation)]);
            transaction.execute_raw(forget).await.map_err(WorkroomError::database(doing))?;
        }
        transaction.commit().await.map_err(WorkroomError::database(doing))
    }

    /// Drops the other messages to `hook` that wait and are about the same attestation: they would say what this one says by now.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn drop_others(&self, hook: &str, letter: &Letter, attestation: &str) -> Result<(), WorkroomError> {
        let sql = "DELETE FROM webhook_letter WHERE hook = $1 AND state = 'pending' AND id <> $2
             AND json_extract(body, '$.data.attestation') = $3";
        let done =
            self.db.execute_raw(Workroom::statement(sql, [text(hook), text(&letter.id), text(attestation)])).await;
        done.map(drop).map_err(WorkroomError::database("dropping messages that say the same"))
    }

    /// Notes what an attempt came to. The body of a message that was taken is not kept; that it was taken is known for
    /// `TAKEN_KEPT`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn attempted(&self, id: &str, outcome: &Outcome) -> Result<(), WorkroomError> {
        let values = [
            text(id),
            text(outcome.state.as_str()),
            number(outcome.next_at.timestamp_micros()),
            Value::String(outcome.error.clone()),
        ];
        let sql = "UPDATE webhook_letter SET state = $2, next_at_us = $3, error = $4,
             failed = failed + ($4 IS NOT NULL), body = CASE WHEN $2 = 'delivered' THEN '' ELSE body END WHERE id = $1";
        let doing = "noting an attempt at a message";
        self.db.execute_raw(Workroom::statement(sql, values)).await.map_err(WorkroomError::database(doing))?;
        let Some(before) = outcome.next_at.checked_sub_signed(TAKEN_KEPT) else { return Ok(()) };
        let sql = "DELETE FROM webhook_letter WHERE state = 'delivered' AND next_at_us < $1";
        let forgotten = self.db.execute_raw(Workroom::statement(sql, [number(before.timestamp_micros())])).await;
        forgotten.map(drop).map_err(WorkroomError::database(doing))
    }

    /// Makes every message to `hook` that waits or was given up due at once, as if it had never failed; tells how many.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn retry_letters(&self, hook: &str) -> Result<u64, WorkroomError> {
        let sql = "UPDATE webhook_letter SET state = 'pending', failed = 0, next_at_us = 0
             WHERE hook = $1 AND state IN ('pending', 'dead')";
        let done = self.db.execute_raw(Workroom::statement(sql, [text(hook)])).await;
        Ok(done.map_err(WorkroomError::database("making messages due"))?.rows_affected())
    }

    /// Notes on every message to `hook` that waits why none is sent any more.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn stopped(&self, hook: &str, error: &str) -> Result<(), WorkroomError> {
        let sql = "UPDATE webhook_letter SET error = $2 WHERE hook = $1 AND state = 'pending'";
        let done = self.db.execute_raw(Workroom::statement(sql, [text(hook), text(error)])).await;
        done.map(drop).map_err(WorkroomError::database("noting that messages wait"))
    }

    /// The messages to `hook`, counted.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn letter_counts(&self, hook: &str) -> Result<LetterCounts, WorkroomError> {
        let doing = "counting messages to receivers";
        let sql = "SELECT coalesce(sum(state = 'pending'), 0), coalesce(sum(state = 'delivered'), 0),
             coalesce(sum(state = 'dead'), 0), coalesce(sum(failed), 0),
             (SELECT error FROM webhook_letter WHERE hook = $1 AND state <> 'delivered' AND error IS NOT NULL
              ORDER BY created_at_us DESC, rowid DESC LIMIT 1) FROM webhook_letter WHERE hook = $1";
        let row = self.db.query_one_raw(Workroom::statement(sql, [text(hook)])).await;
        let Some(row) = row.map_err(WorkroomError::database(doing))? else { return Ok(LetterCounts::default()) };
        let count = |at| row.try_get_by_index::<i64>(at).map(i64::unsigned_abs);
        let read = || -> Result<LetterCounts, DbErr> {
            let last_error = row.try_get_by_index(4)?;
            Ok(LetterCounts {
                pending: count(0)?,
                delivered: count(1)?,
                dead: count(2)?,
                failed: count(3)?,
                last_error,
            })
        };
        read().map_err(WorkroomError::database(doing))
    }
}

fn new_id() -> Result<String, WorkroomError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| WorkroomError::Cipher("the source of chance"))?;
    Ok(format!("msg_{}", hex::encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_message_outlives_its_process_and_keeps_its_identifier() {
        let directory = tempfile::tempdir().unwrap();
        let start = Instant::UNIX_EPOCH;
        let told = Told { verdict: "true K".into(), plan: "v".into(), as_attested: false, version: 7 };
        let workroom = Workroom::open(directory.path()).await.unwrap();
        workroom.tell(("h", "a1"), &told, Some(("{}", start))).await.unwrap();
        workroom.tell(("h", "a2"), &told, None).await.unwrap();
        let first = workroom.due_letter("h", start).await.unwrap().unwrap();
        assert_eq!((first.body.as_str(), first.failed), ("{}", 0));
        assert_eq!(workroom.due_letter("other", start).await.unwrap(), None);
        let later = start + chrono::TimeDelta::seconds(5);
        let failure = Outcome { state: LetterState::Pending, next_at: later, error: Some("500".into()) };
        workroom.attempted(&first.id, &failure).await.unwrap();
        drop(workroom);

        let workroom = Workroom::open(directory.path()).await.unwrap();
        assert_eq!(workroom.told("h").await.unwrap()["a2"], told);
        assert_eq!(workroom.due_letter("h", start).await.unwrap(), None);
        let again = workroom.due_letter("h", later).await.unwrap().unwrap();
        assert_eq!((&again.id, again.failed), (&first.id, 1));
        let dead = Outcome { state: LetterState::Dead, ..failure };
        workroom.attempted(&first.id, &dead).await.unwrap();
        assert_eq!(workroom.due_letter("h", later).await.unwrap(), None);
        let counts = workroom.letter_counts("h").await.unwrap();
        assert_eq!((counts.dead, counts.failed, counts.last_error.as_deref()), (1, 2, Some("500")));
        assert_eq!(workroom.retry_letters("h").await.unwrap(), 1);
        let taken = Outcome { state: LetterState::Delivered, next_at: later, error: None };
        assert!(workroom.due_letter("h", start).await.unwrap().is_some());
        workroom.attempted(&first.id, &taken).await.unwrap();
        let counts = workroom.letter_counts("h").await.unwrap();
        assert_eq!((counts.pending, counts.delivered, counts.last_error), (0, 1, None));
        // A message that is taken much later finds it forgotten, and is itself known.
        workroom.tell(("h", "a1"), &told, Some(("{}", later))).await.unwrap();
        let second = workroom.due_letter("h", later).await.unwrap().unwrap();
        let much_later = Outcome { next_at: later + TAKEN_KEPT + TimeDelta::seconds(1), ..taken.clone() };
        workroom.attempted(&second.id, &much_later).await.unwrap();
        assert_eq!(workroom.letter_counts("h").await.unwrap().delivered, 1);
        assert_eq!(workroom.told("h").await.unwrap().len(), 2, "what was told is not forgotten");
        assert_eq!(workroom.retry_letters("h").await.unwrap(), 0);
    }
}
