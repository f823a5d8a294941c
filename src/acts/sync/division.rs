//! How a source is divided into parts that are read as a whole, and when each was.

use crate::domain::Instant;

/// How a source is divided, as far as is known.
#[derive(Debug, Clone, Copy)]
pub struct Division<'a> {
    /// The manifest divides it.
    pub is_partitioned: bool,
    /// Its records are about projects. Entries of a table are rejected under their code alone, which several may have.
    pub has_project: bool,
    /// The parts that were read as a whole, each with when it was last.
    pub read: &'a [(String, Instant)],
    /// A read of the place of the settings, where this one is of another place: what it brought together may be several lists.
    pub joint: Option<Instant>,
}

impl Division<'_> {
    /// Did the last read bring this part?
    pub fn is_recent(&self, partition: &str) -> bool {
        let last = self.read.iter().map(|(_, at)| *at).max();
        last.is_some() && self.read_at(partition) == last
    }

    fn read_at(&self, partition: &str) -> Option<Instant> {
        self.read.iter().find(|(name, _)| name == partition).map(|(_, at)| *at)
    }

    /// Were both brought by one read of one list, when they were last read?
    pub fn together(&self, one: &str, other: &str) -> bool {
        let at = self.read_at(one);
        at.is_some() && at == self.read_at(other) && at != self.joint
    }
}
