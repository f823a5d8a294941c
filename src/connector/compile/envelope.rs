//! `[map.reference]` of envelopes and of transfers between them.

use super::Compiler;
use super::target::{self, needed};
use crate::connector::convert::place;
use crate::connector::manifest::map::ReferenceMap;
use crate::connector::manifest::problem::Path;
use crate::connector::mapping::envelope::{EnvelopeRules, TransferRules};

impl Compiler<'_> {
    /// An envelope. `None` means that a field is missing or that a problem was told.
    pub fn envelope(&mut self, at: &Path, map: &ReferenceMap) -> Option<EnvelopeRules> {
        let (epci, dispositif) = (target::code("epci", place::epci), &target::DISPOSITIF);
        let until = target::YEAR;
        Some(EnvelopeRules {
            code: self.optional(&at.key("code"), map.code.as_ref(), &needed(target::envelope("code")))?,
            funder: map.funder.as_ref().and_then(|who| self.organisation(&at.key("funder"), who, "funder"))?,
            year: self.optional(&at.key("year"), map.year.as_ref(), &needed(target::YEAR))?,
            until_year: self.optional(&at.key("until-year"), map.until_year.as_ref(), &until),
            epci: self.optional(&at.key("epci"), map.epci.as_ref(), &epci),
            dispositif: self.optional(&at.key("dispositif"), map.dispositif.as_ref(), dispositif),
            nature: self.optional(&at.key("nature"), map.nature.as_ref(), &target::NATURE),
            amount: self.optional(&at.key("amount"), map.amount.as_ref(), &target::amount("amount")),
            fungible: self.optional(&at.key("fungible"), map.fungible.as_ref(), &target::text("fungible")),
        })
    }

    /// A transfer. `None` means that a field is missing or that a problem was told.
    pub fn envelope_transfer(&mut self, at: &Path, map: &ReferenceMap) -> Option<TransferRules> {
        let decided_on = target::date("decided-on");
        Some(TransferRules {
            from: self.optional(&at.key("from"), map.from.as_ref(), &needed(target::envelope("from")))?,
            to: self.optional(&at.key("to"), map.to.as_ref(), &needed(target::envelope("to")))?,
            amount: self.optional(&at.key("amount"), map.amount.as_ref(), &target::amount("amount")),
            decided_on: self.optional(&at.key("decided-on"), map.decided_on.as_ref(), &decided_on),
            reference: self.optional(&at.key("reference"), map.reference.as_ref(), &target::text("reference")),
        })
    }
}
