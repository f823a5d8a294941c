//! Synchronisation runs: what was read, and what became of it.

use super::Instant;
use super::marks::Marks;
use super::message::Message;
use super::source_finding::SourceFinding;
use super::text::{RecordKey, SourceId};
use super::vocabulary::Language;
use super::{ParseError, text_serde};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SyncOutcome {
    /// Not ended yet; never in the ledger.
    Running,
    /// Applied.
    Succeeded,
    /// Read, but not applied: a person must let it through.
    Held,
    /// Not read.
    Failed,
}

impl SyncOutcome {
    /// The word in the schema and in the ledger.
    pub const fn as_str(self) -> &'static str {
        match self {
            SyncOutcome::Running => "RUNNING",
            SyncOutcome::Succeeded => "SUCCEEDED",
            SyncOutcome::Held => "HELD",
            SyncOutcome::Failed => "FAILED",
        }
    }

    /// What anybody may be told of it: nothing that the source itself said, and no address.
    pub fn in_general(self) -> Option<Message> {
        match self {
            SyncOutcome::Running | SyncOutcome::Succeeded => None,
            SyncOutcome::Held => Some(Message::new(
                "la lecture est retenue : une personne doit la laisser passer",
                "the read is held: a person must let it through",
            )),
            SyncOutcome::Failed => Some(Message::new(
                "la source n'a pas pu être lue : la raison est dite à son responsable",
                "the source could not be read: its owner is told why",
            )),
        }
    }

    /// Reads the word.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        [SyncOutcome::Running, SyncOutcome::Succeeded, SyncOutcome::Held, SyncOutcome::Failed]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or_else(|| ParseError::new(text, "outcome (RUNNING, SUCCEEDED, HELD, FAILED)"))
    }
}

impl fmt::Display for SyncOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
text_serde!(SyncOutcome);

/// Counts of a run: read = added + changed + unchanged + skipped + rejected; gone stands beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Records read.
    pub read: u64,
    /// New keys, and keys that came back.
    pub added: u64,
    /// Known keys with another content.
    pub changed: u64,
    /// Known keys with the same content.
    pub unchanged: u64,
    /// Older than what the ledger holds, or left out by the manifest's own filter.
    pub skipped: u64,
    /// Rejected, kept with their reason.
    pub rejected: u64,
    /// Vanished from a full read of their partition.
    pub gone: u64,
}

impl Counts {
    /// Does every record read stand in exactly one column?
    pub fn balance(&self) -> bool {
        self.read == self.added + self.changed + self.unchanged + self.skipped + self.rejected
    }
}

/// One run of one source, as the ledger keeps it, failed and held ones too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncRun {
    /// Its identifier: the source and the instant of its start.
    pub id: String,
    /// The source.
    pub source: SourceId,
    /// When reading began: nothing read is older than this.
    pub started_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// How it ended.
    pub outcome: SyncOutcome,
    /// What became of the records.
    pub counts: Counts,
    /// A full read (closes what vanished), or a part of one (look-up, increment).
    pub full: bool,
    /// Partitions that were read as a whole.
    pub partitions: Vec<String>,
    /// Why it failed or was held, or what to know.
    pub message: Option<Message>,
    /// Digest of the staged batch, for a held run; a person accepts exactly this one.
    pub batch: Option<String>,
    /// The held run whose batch this run applied.
    pub accepts: Option<String>,
    /// Keys that a live look-up asked for and got an answer about; empty for a read of the source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<RecordKey>,
    /// What it leaves to the next read of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marks: Option<Marks>,
    /// What is to be known of the source as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<SourceFinding>,
}

impl SyncRun {
    /// Did it look single records up, rather than read the source?
    pub fn is_look_up(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Did it ask only for what had changed?
    pub fn is_increment(&self) -> bool {
        self.marks.as_ref().is_some_and(|marks| marks.increment)
    }

    /// The run whose records the source says that it still has: nothing was read again.
    pub fn same_as(&self) -> Option<&str> {
        self.marks.as_ref()?.same_as.as_deref()
    }

    /// The message in `language`, if there is one.
    pub fn message_in(&self, language: Language) -> Option<&str> {
        self.message.as_ref().map(|message| message.text(language))
    }
}
