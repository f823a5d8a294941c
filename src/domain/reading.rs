//! A read: who was shown what that is not public. Of what was asked and of whom it spoke, never of the answer.

use super::Instant;
use super::act::Author;
use super::chain::{Digest, FieldHasher, LedgerVersion};
use super::project::ProjectId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One read, as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// When it was answered.
    pub at: Instant,
    /// Who read.
    pub reader: Author,
    /// What was asked.
    pub operation: Operation,
    /// The newest version that was read.
    pub version: LedgerVersion,
    /// Of what it spoke.
    pub shown: Shown,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// The name that the asker gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The fields at its root.
    pub fields: Vec<String>,
    /// The digest of its text, without variables: one that was kept elsewhere can be recognised.
    pub document: Digest,
}

/// Of what an answer spoke.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// The projects that were seen beyond what is public of them.
    pub projects: BTreeSet<ProjectId>,
    /// What else is for few.
    pub kinds: BTreeSet<ShownKind>,
}

/// What is for few.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShownKind {
    /// Raw records.
    Raw,
    /// Rejected records.
    Rejections,
    /// What may be one project, and why records are.
    Links,
    /// This journal.
    Journal,
}

impl ShownKind {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            ShownKind::Raw => "raw",
            ShownKind::Rejections => "rejections",
            ShownKind::Links => "links",
            ShownKind::Journal => "journal",
        }
    }
}

/// The head of the journal after an entry: everything of it, on top of the head before.
pub fn head_after(previous: &Digest, (id, at_us): (u64, i64), parts: &[&str]) -> Digest {
    let mut hasher = FieldHasher::new();
    hasher.field(&previous.0).field(&id.to_be_bytes()).field(&at_us.to_be_bytes());
    for part in parts {
        hasher.field(part.as_bytes());
    }
    hasher.finish()
}
