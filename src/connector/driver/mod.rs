//! The narrow waist between the world and the gateway: a driver reads one kind of source, record by record.

pub mod settings;

use super::node::Node;
use crate::domain::message::Message;
use crate::domain::rejection::Location;

/// One record as read, before any mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// Its content.
    pub node: Node,
    /// Where it was read.
    pub location: Location,
}

/// Something that should have been a record and could not be read as one; the rest of the source goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenRecord {
    /// What was there, as text, cut at a stated length.
    pub raw: String,
    /// Where it was.
    pub location: Location,
    /// Stable code, kebab-case.
    pub code: &'static str,
    /// Why, in both languages.
    pub reason: Message,
}

/// Some records, in the order of the source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// Records read.
    pub records: Vec<RawRecord>,
    /// Records that could not be read.
    pub broken: Vec<BrokenRecord>,
}
