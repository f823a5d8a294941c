//! What records of a project state of it beside the word that it goes by.

use super::case::ProjectCase;
use super::index::OrganisationIx;
use crate::domain::Date;
use crate::domain::facts::Budget;

/// Where records contradict each other: what the word that a project goes by leaves aside. What rests on that word has to hold on these
/// too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Otherwise {
    /// Legal persons who carry it.
    pub holders: Box<[OrganisationIx]>,
    /// Total costs.
    pub budgets: Box<[Budget]>,
    /// First and last days.
    pub days: Box<[Days]>,
}

/// The first and the last day of a project.
pub type Days = (Option<Date>, Option<Date>);

impl ProjectCase {
    /// Who carries it, where all records that name a legal person name the same.
    pub fn certain_holder(&self) -> Option<OrganisationIx> {
        self.holder.filter(|_| self.other_holders().is_empty())
    }

    /// The legal persons that some records name as its holder, beside the one that it goes by.
    pub fn other_holders(&self) -> &[OrganisationIx] {
        self.otherwise.as_ref().map_or(&[], |one| &one.holders)
    }
}
