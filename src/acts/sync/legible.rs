//! A record of which some fields could not be read: what can be known of it all the same.

use crate::connector::driver::{Legible, RawRecord};
use crate::connector::node::Node;
use crate::connector::{Connector, Mapped, Pseudonymiser};
use crate::domain::project::Reference;
use crate::domain::rejection::Location;

/// What could be read of it. Reshaped, it might be another one: nothing is known of it then.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub connector: &'a Connector,
    pub legible: &'a Legible,
    pub location: &'a Location,
    pub pseudonymiser: &'a dyn Pseudonymiser,
}

impl Part<'_> {
    /// Its key; `None` where it rests on a field that could not be read.
    pub fn key(self) -> Option<String> {
        let key = |value: &Node| match self.mapped(value)? {
            Mapped::Accepted { key, .. } => Some(key.as_str().to_owned()),
            Mapped::Rejected { key, .. } => key,
            Mapped::Skipped { .. } => None,
        };
        let key_without = key(&Node::Null)?;
        (key(&Node::text("?")).as_ref() == Some(&key_without)).then_some(key_without)
    }

    /// The references of its project.
    pub fn references(self) -> Vec<Reference> {
        match self.mapped(&Node::Null) {
            Some(Mapped::Accepted { facts, .. }) => facts.project.map_or_else(Vec::new, |project| project.references),
            Some(Mapped::Rejected { references, .. }) => references,
            Some(Mapped::Skipped { .. }) | None => Vec::new(),
        }
    }

    /// What becomes of it with this in the place of each field that could not be read.
    fn mapped(self, value: &Node) -> Option<Mapped> {
        let node = Some(self.legible).filter(|_| !self.connector.reshapes())?.with(value);
        let record = RawRecord { node, location: self.location.clone(), is_open: false };
        Some(self.connector.map(&record, self.pseudonymiser))
    }
}
