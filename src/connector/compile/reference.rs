//! `[map.reference]`: each table takes its own fields.

use super::Compiler;
use super::target::{self, needed};
use crate::connector::convert::place;
use crate::connector::manifest::map::{ReferenceMap, ReferenceTable};
use crate::connector::manifest::problem::{Path, listed};
use crate::connector::mapping::reference::{
    ContratRules, CrosswalkRules, QuartierRules, ReferenceRules, ValidityRules,
};

/// The fields that a table takes; those after the mark may be left out.
const fn fields(table: ReferenceTable) -> (&'static [&'static str], &'static [&'static str]) {
    match table {
        ReferenceTable::Departement => (&["code", "name"], &[]),
        ReferenceTable::Commune => (&["code", "name"], &["epci"]),
        ReferenceTable::Epci => (&["siren", "name"], &[]),
        ReferenceTable::Contrat => (&["code", "name"], &["pilot", "epcis", "communes", "signatories"]),
        ReferenceTable::Quartier => {
            (&["code", "name"], &["kind", "npnru", "communes", "epcis", "contrats", "predecessors"])
        }
        ReferenceTable::QuartierCrosswalk => (&["from", "to"], &["share", "confidence"]),
        ReferenceTable::Dispositif => (&["code", "name", "family"], &["natures"]),
        ReferenceTable::NpnruLink => (&["name"], &["quartier", "verified"]),
        ReferenceTable::Envelope => {
            (&["code", "funder", "year"], &["until-year", "epci", "dispositif", "nature", "amount", "fungible"])
        }
        ReferenceTable::EnvelopeTransfer => (&["from", "to"], &["amount", "decided-on", "reference"]),
    }
}

impl Compiler<'_> {
    /// `[map.reference]`. `None` means that at least one problem was told.
    pub fn reference(&mut self, at: &Path, map: &ReferenceMap) -> Option<ReferenceRules> {
        let before = self.problems.len();
        self.only_its_fields(at, map);
        let name = target::text("name");
        let rules = match map.table {
            ReferenceTable::Departement => ReferenceRules::Departement {
                code: self.optional(
                    &at.key("code"),
                    map.code.as_ref(),
                    &needed(target::code("code", place::departement)),
                )?,
                name: self.optional(&at.key("name"), map.name.as_ref(), &needed(name))?,
            },
            ReferenceTable::Commune => ReferenceRules::Commune {
                code: self.optional(
                    &at.key("code"),
                    map.code.as_ref(),
                    &needed(target::code("code", place::commune)),
                )?,
                name: self.optional(&at.key("name"), map.name.as_ref(), &needed(name))?,
                epci: self.optional(&at.key("epci"), map.epci.as_ref(), &target::code("epci", place::epci)),
            },
            ReferenceTable::Epci => ReferenceRules::Epci {
                siren: self.optional(
                    &at.key("siren"),
                    map.siren.as_ref(),
                    &needed(target::code("siren", place::epci)),
                )?,
                name: self.optional(&at.key("name"), map.name.as_ref(), &needed(name))?,
            },
            ReferenceTable::Contrat => ReferenceRules::Contrat(Box::new(self.contrat(at, map)?)),
            ReferenceTable::Quartier => ReferenceRules::Quartier(Box::new(self.quartier(at, map)?)),
            ReferenceTable::QuartierCrosswalk => ReferenceRules::QuartierCrosswalk(Box::new(self.crosswalk(at, map)?)),
            ReferenceTable::Dispositif => ReferenceRules::Dispositif {
                code: self.optional(
                    &at.key("code"),
                    map.code.as_ref(),
                    &needed(target::code("code", place::dispositif)),
                )?,
                name: self.optional(&at.key("name"), map.name.as_ref(), &needed(name))?,
                family: self.optional(&at.key("family"), map.family.as_ref(), &needed(target::FAMILY))?,
                natures: self.optional(&at.key("natures"), map.natures.as_ref(), &target::NATURES),
            },
            ReferenceTable::NpnruLink => ReferenceRules::NpnruLink {
                name: self.optional(&at.key("name"), map.name.as_ref(), &needed(name))?,
                quartier: self.optional(
                    &at.key("quartier"),
                    map.quartier.as_ref(),
                    &target::code("quartier", place::quartier),
                ),
                verified: self.optional(&at.key("verified"), map.verified.as_ref(), &target::boolean("verified")),
            },
            ReferenceTable::Envelope => ReferenceRules::Envelope(Box::new(self.envelope(at, map)?)),
            ReferenceTable::EnvelopeTransfer => {
                ReferenceRules::EnvelopeTransfer(Box::new(self.envelope_transfer(at, map)?))
            }
        };
        (self.problems.len() == before).then_some(rules)
    }

    fn contrat(&mut self, at: &Path, map: &ReferenceMap) -> Option<ContratRules> {
        let code = needed(target::code("code", place::contrat));
        Some(ContratRules {
            code: self.optional(&at.key("code"), map.code.as_ref(), &code)?,
            name: self.optional(&at.key("name"), map.name.as_ref(), &needed(target::text("name")))?,
            pilot: map.pilot.as_ref().and_then(|pilot| self.organisation(&at.key("pilot"), pilot, "pilot")),
            epcis: self.optional(&at.key("epcis"), map.epcis.as_ref(), &target::EPCIS),
            communes: self.optional(&at.key("communes"), map.communes.as_ref(), &target::COMMUNES),
            signatories: self.optional(&at.key("signatories"), map.signatories.as_ref(), &target::SIGNATORIES),
        })
    }

    fn quartier(&mut self, at: &Path, map: &ReferenceMap) -> Option<QuartierRules> {
        let code = needed(target::code("code", place::quartier));
        Some(QuartierRules {
            code: self.optional(&at.key("code"), map.code.as_ref(), &code)?,
            name: self.optional(&at.key("name"), map.name.as_ref(), &needed(target::text("name")))?,
            kind: self.optional(&at.key("kind"), map.kind.as_ref(), &target::KIND),
            npnru: self.optional(&at.key("npnru"), map.npnru.as_ref(), &target::boolean("npnru")),
            communes: self.optional(&at.key("communes"), map.communes.as_ref(), &target::COMMUNES),
            epcis: self.optional(&at.key("epcis"), map.epcis.as_ref(), &target::EPCIS),
            contrats: self.optional(&at.key("contrats"), map.contrats.as_ref(), &target::CONTRATS),
            predecessors: self.optional(&at.key("predecessors"), map.predecessors.as_ref(), &target::PREDECESSORS),
        })
    }

    fn crosswalk(&mut self, at: &Path, map: &ReferenceMap) -> Option<CrosswalkRules> {
        let end = |word| needed(target::code(word, place::quartier));
        Some(CrosswalkRules {
            from: self.optional(&at.key("from"), map.from.as_ref(), &end("from"))?,
            to: self.optional(&at.key("to"), map.to.as_ref(), &end("to"))?,
            share: self.optional(&at.key("share"), map.share.as_ref(), &target::SHARE),
            confidence: self.optional(&at.key("confidence"), map.confidence.as_ref(), &target::share("confidence")),
        })
    }

    /// When an entry of any table holds.
    pub fn validity(&mut self, at: &Path, map: &ReferenceMap) -> ValidityRules {
        ValidityRules {
            from: self.optional(&at.key("valid-from"), map.valid_from.as_ref(), &target::date("valid-from")),
            to: self.optional(&at.key("valid-to"), map.valid_to.as_ref(), &target::date("valid-to")),
        }
    }

    fn only_its_fields(&mut self, at: &Path, map: &ReferenceMap) {
        let (needed, optional) = fields(map.table);
        let there = [
            ("code", map.code.is_some()),
            ("siren", map.siren.is_some()),
            ("name", map.name.is_some()),
            ("epci", map.epci.is_some()),
            ("epcis", map.epcis.is_some()),
            ("communes", map.communes.is_some()),
            ("contrats", map.contrats.is_some()),
            ("predecessors", map.predecessors.is_some()),
            ("pilot", map.pilot.is_some()),
            ("signatories", map.signatories.is_some()),
            ("kind", map.kind.is_some()),
            ("npnru", map.npnru.is_some()),
            ("family", map.family.is_some()),
            ("natures", map.natures.is_some()),
            ("quartier", map.quartier.is_some()),
            ("verified", map.verified.is_some()),
            ("funder", map.funder.is_some()),
            ("year", map.year.is_some()),
            ("until-year", map.until_year.is_some()),
            ("dispositif", map.dispositif.is_some()),
            ("nature", map.nature.is_some()),
            ("amount", map.amount.is_some()),
            ("fungible", map.fungible.is_some()),
            ("from", map.from.is_some()),
            ("to", map.to.is_some()),
            ("share", map.share.is_some()),
            ("confidence", map.confidence.is_some()),
            ("decided-on", map.decided_on.is_some()),
            ("reference", map.reference.is_some()),
        ];
        let allowed = listed(needed.iter().chain(optional).copied());
        for (word, present) in there {
            if present && !needed.contains(&word) && !optional.contains(&word) {
                self.problem(&at.key(word), format!("this table has no `{word}`; allowed: {allowed}"));
            }
            if !present && needed.contains(&word) {
                self.problem(at, format!("`{word}` is missing; this table takes: {allowed}"));
            }
        }
    }
}
