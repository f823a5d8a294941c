//! What is gathered while one record is read.

use crate::domain::facts::{OrganisationFacts, Warning};
use crate::domain::text::SourceId;

/// Turns what identifies a natural person into a keyed hash, always the same for the same text.
pub trait Pseudonymiser {
    /// The pseudonym of a normalised text.
    fn pseudonym(&self, text: &str) -> String;
}

impl<F: Fn(&str) -> String> Pseudonymiser for F {
    fn pseudonym(&self, text: &str) -> String {
        self(text)
    }
}

/// What is gathered while one record is read.
pub struct Reader<'a> {
    /// The source, within which a name is trusted.
    pub source: &'a SourceId,
    /// Texts that stand for an absent value.
    pub absent: &'a [Box<str>],
    /// For natural persons.
    pub pseudonymiser: &'a dyn Pseudonymiser,
    /// What was normalised, doubted or left out.
    pub warnings: Vec<Warning>,
    /// Organisations met.
    pub organisations: Vec<OrganisationFacts>,
}

impl Reader<'_> {
    /// Tells a doubt, once.
    pub fn warn(&mut self, warning: Warning) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Keeps an organisation met, once.
    pub fn meet(&mut self, organisation: OrganisationFacts) {
        if !self.organisations.contains(&organisation) {
            self.organisations.push(organisation);
        }
    }
}
