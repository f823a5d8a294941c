//! Gathers records into batches and hands them on, within the limits of the manifest. The channel is bounded: a slow
//! taker slows the reader down, and nothing piles up.

use super::error::ReadError;
use super::settings::Limits;
use super::{BATCH_RECORDS_MAX, Batch, BrokenRecord, RAW_CHARACTERS_MAX, RawRecord, ReadEnd};
use crate::domain::message::Message;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// Bytes of source text after which a batch goes, however few its records.
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What became of a record handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// Taken; go on.
    On,
    /// Not taken: the limit of records is reached, and the read is cut short.
    Full,
}

/// One thing read.
pub(super) enum Item {
    /// A record.
    Record(RawRecord),
    /// What could not be read as one.
    Broken(BrokenRecord),
}

/// Gathers and hands on.
pub(super) struct Emitter {
    out: Sender<Batch>,
    batch: Batch,
    batch_bytes: usize,
    read: u64,
    is_full: bool,
    limits: Limits,
    deadline: Instant,
}

impl Emitter {
    pub(super) fn new(out: &Sender<Batch>, limits: Limits) -> Self {
        let deadline = Instant::now() + Duration::from_secs(limits.seconds_max);
        Emitter { out: out.clone(), batch: Batch::default(), batch_bytes: 0, read: 0, is_full: false, limits, deadline }
    }

    /// Records handed in so far, broken ones included.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// Was a record refused because there were too many?
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// When the whole read must be over.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Takes one item that weighs `bytes` in its source; from a thread that may block.
    pub(super) fn blocking_push(&mut self, item: Item, bytes: usize) -> Result<Flow, ReadError> {
        match self.gather(item, bytes)? {
            (flow, Some(batch)) => self.out.blocking_send(batch).map_err(|_| ReadError::Stopped).map(|()| flow),
            (flow, None) => Ok(flow),
        }
    }

    /// Takes one item that weighs `bytes` in its source.
    pub(super) async fn push(&mut self, item: Item, bytes: usize) -> Result<Flow, ReadError> {
        match self.gather(item, bytes)? {
            (flow, Some(batch)) => self.out.send(batch).await.map_err(|_| ReadError::Stopped).map(|()| flow),
            (flow, None) => Ok(flow),
        }
    }

    /// Hands on what is left; from a thread that may block.
    pub(super) fn blocking_flush(&mut self) -> Result<(), ReadError> {
        match self.take() {
            Some(batch) => self.out.blocking_send(batch).map_err(|_| ReadError::Stopped),
            None => Ok(()),
        }
    }

    /// Hands on what is left.
    pub(super) async fn flush(&mut self) -> Result<(), ReadError> {
        match self.take() {
            Some(batch) => self.out.send(batch).await.map_err(|_| ReadError::Stopped),
            None => Ok(()),
        }
    }

    /// Why a read that met [`Flow::Full`] is cut short.
    pub(super) fn full_note(&self) -> Message {
        let most = self.limits.rows_max;
        Message::new(
            format!("lecture arrêtée à {most} enregistrements : relevez rows-max dans le manifeste si c'est attendu"),
            format!("reading stopped at {most} records: raise rows-max in the manifest if that is expected"),
        )
    }

    fn gather(&mut self, item: Item, bytes: usize) -> Result<(Flow, Option<Batch>), ReadError> {
        if self.read >= self.limits.rows_max {
            self.is_full = true;
            return Ok((Flow::Full, None));
        }
        self.read += 1;
        self.batch_bytes += bytes;
        match item {
            Item::Record(record) => self.batch.records.push(record),
            Item::Broken(broken) => self.batch.broken.push(broken),
        }
        let gathered = self.batch.records.len() + self.batch.broken.len();
        if gathered < BATCH_RECORDS_MAX && self.batch_bytes < BATCH_BYTES_MAX {
            return Ok((Flow::On, None));
        }
        self.check_time()?;
        Ok((Flow::On, self.take()))
    }

    /// Fails once the whole read has taken too long.
    pub(super) fn check_time(&self) -> Result<(), ReadError> {
        if Instant::now() < self.deadline {
            return Ok(());
        }
        Err(ReadError::TooLong { seconds_max: self.limits.seconds_max })
    }

    fn take(&mut self) -> Option<Batch> {
        self.batch_bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        (batch != Batch::default()).then_some(batch)
    }
}

/// The text of a broken record, cut at the stated length.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(RAW_CHARACTERS_MAX).collect()
}

/// What a reader on its own thread brought back. A library that panics on a malformed file ends the read, not the
/// gateway.
pub(super) fn joined(
    outcome: Result<Result<ReadEnd, ReadError>, tokio::task::JoinError>,
    resource: &str,
) -> Result<ReadEnd, ReadError> {
    outcome.unwrap_or_else(|_| {
        let fr = "le lecteur a échoué sur ce fichier, sans doute abîmé : enregistrez-le à nouveau";
        let en = "the reader failed on this file, probably damaged: save it again";
        Err(ReadError::form(resource, fr, en))
    })
}

/// A floating-point number of a foreign system as the shortest decimal text that reads back as it, without exponent;
/// `None` when it is no number.
pub(super) fn decimal(number: f64) -> Option<String> {
    // Negative zero is zero.
    number.is_finite().then(|| (number + 0.0).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_without_exponent() {
        let text = |number| decimal(number).expect("a number");
        assert_eq!([text(2.0), text(0.1), text(-0.0), text(1e21)], ["2", "0.1", "0", "1000000000000000000000"]);
        assert_eq!(text(1e-7), "0.0000001");
        assert_eq!(decimal(f64::NAN), None);
    }
}
