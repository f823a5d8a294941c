//! The spool: one file per run, in which mapped records wait until all is read and decided.

use super::{Workroom, WorkroomError};
use crate::domain::Instant;
use crate::domain::chain::Digest;
use crate::domain::message::Message;
use crate::domain::project::Reference;
use crate::domain::text::RecordKey;
use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;

/// The longest item that is staged, in bytes: a file with a longer one is damaged.
const ITEM_BYTES_MAX: u32 = 64 * 1024 * 1024;
/// What is gathered before it goes to the file, in bytes.
const BUFFER_BYTES: usize = 256 * 1024;

/// One thing that a run read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Staged {
    /// A record that is new or says something new.
    Record(StagedRecord),
    /// A record whose content the ledger holds already: it was seen.
    Unchanged {
        /// Its key.
        key: RecordKey,
        /// Its partition.
        partition: String,
        /// The keyed hash of the content that it has in common with the ledger: what the ledger holds by the time that the batch is
        /// applied may be another one.
        fingerprint: [u8; 16],
    },
    /// A record that could not be taken.
    Rejection(StagedRejection),
    /// A record of an increment that the manifest leaves out: what is known under its key may be so no more.
    LeftOut {
        /// Its key.
        key: RecordKey,
    },
}

/// A mapped record on its way to the ledger; its project is decided later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedRecord {
    /// What is decided with: it comes first in the file.
    pub head: RecordHead,
    /// The digest of `raw`, in bytes: written out in text it would cost more than the rest of the item.
    pub hash: [u8; 32],
    /// What it says: [`crate::domain::facts::Facts`] as JSON.
    pub facts: String,
    /// The raw record as JSON, personal fields sealed.
    pub raw: String,
}

/// The beginning of an item, which is all that a survey needs: it is read without the rest. Its variants and fields
/// are those of [`Staged`], as far as they go.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub enum Head {
    /// Of a record.
    Record(RecordHead),
    /// The whole of an unchanged one.
    Unchanged {
        /// Its key.
        key: RecordKey,
        /// Its partition.
        partition: String,
        /// The keyed hash of the content that it has in common with the ledger: what the ledger holds by the time that the batch is
        /// applied may be another one.
        fingerprint: [u8; 16],
    },
    /// Of a rejection.
    Rejection {
        /// Its key, when it could be read.
        key: Option<String>,
        /// Stable code of the reason.
        code: String,
    },
    /// The whole of one that is left out.
    LeftOut {
        /// Its key.
        key: RecordKey,
    },
}

/// What is decided with about a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordHead {
    /// Its key.
    pub key: RecordKey,
    /// The part of the source that is read as a whole; empty for an undivided source.
    pub partition: String,
    /// Whether the ledger held the key when it was staged.
    pub change: Change,
    /// When this content was observed.
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub observed_at: Instant,
    /// The keyed hash of the content.
    pub fingerprint: [u8; 16],
    /// References shared with other systems, from its facts.
    pub references: Vec<Reference>,
}

/// What a staged record is to the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// A key that the ledger did not hold, or held as closed.
    Added,
    /// A known key with another content.
    Changed,
}

/// A record that could not be taken, on its way to the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedRejection {
    /// Its key, when it could be read.
    pub key: Option<String>,
    /// Stable code of the reason.
    pub code: String,
    /// The raw record as JSON, sealed like any other.
    pub raw: String,
    /// Where it was.
    pub location: String,
    /// The field at fault.
    pub field: Option<String>,
    /// The reason.
    pub reason: Message,
    /// When it was met.
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub at: Instant,
    /// The references of its project, as far as they could be read.
    pub references: Vec<Reference>,
}

/// A spool that is being written. Dropped before [`SpoolWriter::finish`], it removes its file.
#[derive(Debug)]
pub struct SpoolWriter {
    file: BufWriter<File>,
    spool: Spool,
    buffer: Vec<u8>,
}

/// A finished spool. Its file is removed when it is dropped, unless the batch is held.
#[derive(Debug)]
pub struct Spool {
    pub(super) path: PathBuf,
    pub(super) keep: bool,
    items: u64,
    /// How many of them are rejections, where that is known.
    rejections: Option<u64>,
    /// Keeps the lock by which other processes know that the file is not left over.
    _lock: Option<File>,
}

impl Workroom {
    /// Begins the spool of a run.
    ///
    /// # Errors
    /// A file that cannot be made.
    pub fn spool(&self, run: &str) -> Result<SpoolWriter, WorkroomError> {
        // The name of a run may hold characters that a file name may not; its digest holds none.
        let name = format!("{}.spool", &Digest::of(run.as_bytes()).to_string()[..32]);
        let path = self.spools.join(name);
        let file = super::open::private_file(&path)?;
        file.set_len(0).map_err(WorkroomError::file(&path))?;
        file.try_lock().map_err(|error| WorkroomError::spool(&path, error))?;
        let lock = file.try_clone().map_err(WorkroomError::file(&path))?;
        let spool = Spool { path, keep: false, items: 0, rejections: Some(0), _lock: Some(lock) };
        let file = BufWriter::with_capacity(BUFFER_BYTES, file);
        Ok(SpoolWriter { file, spool, buffer: Vec::new() })
    }
}

impl SpoolWriter {
    /// Adds one item.
    ///
    /// # Errors
    /// A disk that is full, or an item that is too long.
    pub fn push(&mut self, item: &Staged) -> Result<(), WorkroomError> {
        self.buffer.clear();
        self.buffer.extend([0; 4]);
        let refuse = |error| WorkroomError::spool(&self.spool.path, error);
        self.buffer = postcard::to_extend(item, std::mem::take(&mut self.buffer)).map_err(refuse)?;
        let length = u32::try_from(self.buffer.len() - 4).ok().filter(|length| *length <= ITEM_BYTES_MAX);
        let rank = self.spool.items + 1;
        let length = length.ok_or(WorkroomError::TooLong { rank, bytes_max: ITEM_BYTES_MAX })?;
        self.buffer[..4].copy_from_slice(&length.to_be_bytes());
        self.file.write_all(&self.buffer).map_err(WorkroomError::file(&self.spool.path))?;
        self.spool.items += 1;
        if let (Staged::Rejection(_), Some(rejections)) = (item, &mut self.spool.rejections) {
            *rejections += 1;
        }
        Ok(())
    }

    /// Closes the file.
    ///
    /// # Errors
    /// A disk that is full.
    pub fn finish(mut self) -> Result<Spool, WorkroomError> {
        self.file.flush().map_err(WorkroomError::file(&self.spool.path))?;
        Ok(self.spool)
    }
}

impl Spool {
    /// The digest of its file, read through anew: only a batch that is held needs one.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn digest(&self) -> Result<Digest, WorkroomError> {
        let refuse = || WorkroomError::file(&self.path);
        let mut file = File::open(&self.path).map_err(refuse())?;
        let mut hasher = Context::new(&SHA256);
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let length = file.read(&mut buffer).map_err(refuse())?;
            if length == 0 {
                let digest = hasher.finish();
                return Ok(Digest(digest.as_ref().try_into().expect("a SHA-256 digest has thirty-two bytes")));
            }
            hasher.update(&buffer[..length]);
        }
    }

    /// How many items it holds; 0 for one that was reopened.
    pub fn items(&self) -> u64 {
        self.items
    }

    /// Whether a rejection may be among them: there is no need to go through a spool to look for some that are not.
    pub fn may_reject(&self) -> bool {
        self.rejections != Some(0)
    }

    /// Reads it from the beginning, item by item.
    ///
    /// # Errors
    /// A file that cannot be opened.
    pub fn read(&self) -> Result<SpoolReader, WorkroomError> {
        let file = File::open(&self.path).map_err(WorkroomError::file(&self.path))?;
        Ok(SpoolReader {
            file: BufReader::with_capacity(BUFFER_BYTES, file),
            path: self.path.clone(),
            buffer: Vec::new(),
            over: false,
        })
    }

    /// Reads the beginning of each item only.
    ///
    /// # Errors
    /// A file that cannot be opened.
    pub fn heads(&self) -> Result<impl Iterator<Item = Result<Head, WorkroomError>>, WorkroomError> {
        let mut items = self.read()?;
        Ok(std::iter::from_fn(move || items.advance(|item| postcard::take_from_bytes(item).map(|(head, _)| head))))
    }

    /// A held spool, found again: its file is kept.
    pub(super) fn reopened(path: PathBuf) -> Self {
        Spool { path, keep: true, items: 0, rejections: None, _lock: None }
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if !self.keep {
            // A file that stays is removed when the workroom is next opened.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Reads a spool item by item.
#[derive(Debug)]
pub struct SpoolReader {
    file: BufReader<File>,
    path: PathBuf,
    buffer: Vec<u8>,
    over: bool,
}

impl SpoolReader {
    /// The length of the next item; `None` at the end.
    fn length(&mut self) -> Result<Option<usize>, WorkroomError> {
        let mut length = [0; 4];
        match self.file.read(&mut length[..1]).map_err(WorkroomError::file(&self.path))? {
            0 => return Ok(None),
            _ => self.file.read_exact(&mut length[1..]).map_err(WorkroomError::file(&self.path))?,
        }
        let length = u32::from_be_bytes(length);
        if length > ITEM_BYTES_MAX {
            return Err(WorkroomError::spool(&self.path, "an item is too long"));
        }
        Ok(Some(length as usize))
    }

    /// An item of this length, read where it stands if it is in memory as a whole.
    fn item<T>(&mut self, length: usize, read: impl Fn(&[u8]) -> postcard::Result<T>) -> Result<T, WorkroomError> {
        if let Some(item) = self.file.buffer().get(..length) {
            let item = read(item);
            self.file.consume(length);
            return item.map_err(|error| WorkroomError::spool(&self.path, error));
        }
        self.buffer.resize(length, 0);
        self.file.read_exact(&mut self.buffer).map_err(WorkroomError::file(&self.path))?;
        read(&self.buffer).map_err(|error| WorkroomError::spool(&self.path, error))
    }

    /// The next item as `read` takes it. After an error there is nothing more.
    fn advance<T>(&mut self, read: impl Fn(&[u8]) -> postcard::Result<T>) -> Option<Result<T, WorkroomError>> {
        if self.over {
            return None;
        }
        let next = match self.length() {
            Ok(Some(length)) => Some(self.item(length, read)),
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        };
        self.over = !matches!(next, Some(Ok(_)));
        next
    }
}

impl Iterator for SpoolReader {
    type Item = Result<Staged, WorkroomError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance(|item| postcard::from_bytes(item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items() -> Vec<Staged> {
        let head = RecordHead {
            key: RecordKey::parse("a").unwrap(),
            partition: "2026".to_owned(),
            change: Change::Changed,
            observed_at: Instant::from_timestamp_micros(1_790_000_000_000_001).unwrap(),
            fingerprint: [3; 16],
            references: vec![Reference { scheme: "dauphin".into(), value: "77".into() }],
        };
        let record = StagedRecord {
            head,
            hash: Digest::of(b"{}").0,
            facts: r#"{"project":{"title":"é"}}"#.to_owned(),
            raw: "{}".to_owned(),
        };
        let rejection = StagedRejection {
            key: None,
            raw: "{}".to_owned(),
            location: "f.csv, line 3".to_owned(),
            field: Some("montant".to_owned()),
            code: "amount-unreadable".to_owned(),
            reason: Message::new("non", "no"),
            at: Instant::from_timestamp_micros(-1).unwrap(),
            references: vec![Reference { scheme: "dauphin".into(), value: "78".into() }],
        };
        let key = RecordKey::parse("b").unwrap();
        let unchanged = Staged::Unchanged { key, partition: String::new(), fingerprint: [4; 16] };
        let left_out = Staged::LeftOut { key: RecordKey::parse("c").unwrap() };
        vec![Staged::Record(record), unchanged, Staged::Rejection(rejection), left_out]
    }

    async fn written(workroom: &Workroom) -> Spool {
        let mut writer = workroom.spool("a run / of: some\\source").unwrap();
        for item in items() {
            writer.push(&item).unwrap();
        }
        writer.finish().unwrap()
    }

    #[tokio::test]
    async fn what_is_staged_is_read_back_as_often_as_needed() {
        let directory = tempfile::tempdir().unwrap();
        let workroom = Workroom::open(directory.path()).await.unwrap();
        let spool = written(&workroom).await;
        assert!(spool.items() == 4 && spool.may_reject());
        assert_eq!(spool.digest().unwrap(), Digest::of(&fs::read(&spool.path).unwrap()));
        for _ in 0..2 {
            assert_eq!(spool.read().unwrap().map(Result::unwrap).collect::<Vec<_>>(), items());
        }
        let heads: Vec<_> = spool.heads().unwrap().map(Result::unwrap).collect();
        let head = |item: Staged| match item {
            Staged::Record(record) => Head::Record(record.head),
            Staged::Unchanged { key, partition, fingerprint } => Head::Unchanged { key, partition, fingerprint },
            Staged::Rejection(rejection) => Head::Rejection { key: rejection.key, code: rejection.code },
            Staged::LeftOut { key } => Head::LeftOut { key },
        };
        assert_eq!(heads, items().into_iter().map(head).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_damaged_file_is_an_error_and_the_end() {
        let directory = tempfile::tempdir().unwrap();
        let workroom = Workroom::open(directory.path()).await.unwrap();
        let spool = written(&workroom).await;
        let whole = fs::read(&spool.path).unwrap();
        for cut in 1..whole.len() {
            fs::write(&spool.path, &whole[..cut]).unwrap();
            let read: Vec<_> = spool.read().unwrap().collect();
            let sound = read.iter().take_while(|item| item.is_ok()).count();
            assert!(sound < 4 && read.len() - sound <= 1, "cut at {cut}: {read:?}");
        }
        fs::write(&spool.path, [0xff; 40]).unwrap();
        assert!(matches!(spool.read().unwrap().next(), Some(Err(WorkroomError::Spool { .. }))));
    }
}
