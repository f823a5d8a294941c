//! A rejected record: kept with its raw form, its place and the reason, so that its owner can mend it.

use super::Instant;
use super::message::Message;
use super::text::SourceId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where something was read: resource (file, URL, table), then line, page, record, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// File name, URL without its query's secrets, sheet or table.
    pub resource: Box<str>,
    /// Line of a text file or row of a sheet, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Page of a paged source, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
    /// Index of the record within its page or file, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.resource)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(page) = self.page {
            write!(f, ", page {page}")?;
        }
        if let Some(index) = self.index {
            write!(f, ", index {index}")?;
        }
        Ok(())
    }
}

/// A record that could not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The source.
    pub source: SourceId,
    /// The run that met it.
    pub run: String,
    /// Its key, when it could be read.
    pub key: Option<String>,
    /// The raw record as JSON text, sealed like any other.
    pub raw: String,
    /// Where it was.
    pub location: String,
    /// The field at fault, as the source calls it.
    pub field: Option<String>,
    /// Stable code of the reason, kebab-case.
    pub code: String,
    /// The reason in both languages.
    pub reason: Message,
    /// When it was met.
    pub at: Instant,
}
