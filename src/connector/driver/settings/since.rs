//! `[driver.since]`: how a source is asked for no more than what changed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a source is asked for no more than what changed since a value of its own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SinceSettings {
    /// What receives the value: a query parameter (http-json), a variable (graphql), a parameter `:name` (sql).
    pub into: String,
    /// The field of the records, as read, that says when each last changed. Its greatest value is where the next
    /// increment begins.
    pub from: String,
    /// How the field is written, and the value sent.
    #[serde(default, rename = "as")]
    pub written: CursorKind,
    /// Asked for again before that value: an ISO 8601 duration, longer than the source takes to show a change.
    pub overlap: String,
    /// Age of the last full read after which the next read is full: an ISO 8601 duration, `max-age` at most.
    pub full_every: String,
}

/// How an instant of change is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CursorKind {
    /// RFC 3339, with its offset; sent in universal time (`2026-11-22T08:00:00Z`).
    #[default]
    Instant,
    /// Date and time without an offset (`2026-11-22T09:00:00`); the overlap is two hours at least, for the hour that
    /// comes twice in autumn.
    Local,
    /// A date; the overlap is a day at least, for what changes later on that day.
    Date,
}

impl CursorKind {
    /// Seconds that the overlap has at least.
    pub const fn overlap_s_min(self) -> u64 {
        match self {
            CursorKind::Instant => 1,
            CursorKind::Local => 2 * 3_600,
            CursorKind::Date => 24 * 3_600,
        }
    }
}
