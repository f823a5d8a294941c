//! The balance of an envelope: what it has, what is consumed of it, what remains. What remains is told only where every sum that
//! may belong to the envelope is known to; else how much remains at most.

use super::Portfolio;
use super::envelope_sums::{Consumed, FunderReading};
use super::envelopes::{Envelope, Transfer, warning};
use super::freshness::Moment;
use super::index::DispositifIx;
use crate::domain::facts::Warning;
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::text::DispositifCode;
use crate::domain::vocabulary::Nature;
use std::sync::Arc;

/// An envelope of a portfolio, by its position in the order of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnvelopeIx(usize);

/// Which envelopes. Every field given must hold; within a list, one value is enough.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnvelopeFilter {
    /// Ids of funders.
    pub funder: Vec<String>,
    /// SIREN of EPCI: envelopes that are for one of them.
    pub epci: Vec<String>,
    /// Codes of dispositifs: envelopes that are for one of them.
    pub dispositif: Vec<String>,
    /// Budget years: envelopes that cover one of them.
    pub year: Vec<u16>,
    /// Envelopes that are for this nature alone.
    pub nature: Option<Nature>,
}

impl EnvelopeFilter {
    fn holds(&self, envelope: &Envelope) -> bool {
        let facts = &envelope.facts;
        let (from, until) = facts.years();
        let among = |list: &[String], value: Option<&str>| {
            list.is_empty() || value.is_some_and(|value| list.iter().any(|one| one == value))
        };
        among(&self.funder, Some(&facts.funder.to_string()))
            && among(&self.epci, facts.epci.as_ref().map(|siren| siren.as_str()))
            && among(&self.dispositif, facts.dispositif.as_ref().map(|code| code.as_str()))
            && (self.year.is_empty() || self.year.iter().any(|year| (from..=until).contains(year)))
            && (self.nature.is_none() || self.nature == facts.nature)
    }
}

/// The figures of one envelope, in cents. `None` is unknown, or kept from whoever the picture is for; never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// Target, plus what was transferred to it, less what was transferred from it.
    pub available: Option<Cents>,
    /// Grants of its funder that are decided and lie in it for certain.
    pub consumed: Option<Cents>,
    /// The part of it that only others than the funder state.
    pub reported_only: Option<Cents>,
    /// How many grants: those of unknown amount too.
    pub count: u32,
    /// Grants that are proposed and lie in it for certain.
    pub reserved: Option<Cents>,
    /// Grants that may lie in it and are counted in no envelope; `None` where no amount of them is known.
    pub unattributed: Option<Cents>,
    /// How many of these.
    pub unattributed_count: u32,
    /// What remains; negative: overdrawn. `None` where anything is missing from the figures.
    pub remaining: Option<Cents>,
    /// What remains at most. `None` where not even that is certain.
    pub remaining_at_most: Option<Cents>,
    /// Something may be missing from the figures.
    pub partial: bool,
    /// The grants that are consumed are not all of one tax basis.
    pub mixed_tax_basis: bool,
}

impl Portfolio {
    /// The envelopes that a filter lets through, in the order of their codes.
    pub fn envelopes_where(&self, filter: &EnvelopeFilter) -> Vec<EnvelopeIx> {
        let all = self.lexicon.envelopes.all.iter().enumerate();
        all.filter(|(_, one)| filter.holds(one)).map(|(at, _)| EnvelopeIx(at)).collect()
    }

    /// The envelope with a code.
    pub fn envelope_by_code(&self, code: &str) -> Option<EnvelopeIx> {
        self.lexicon.envelopes.position(code).map(EnvelopeIx)
    }

    /// What the reference tables say of an envelope.
    pub fn envelope(&self, envelope: EnvelopeIx) -> &Envelope {
        &self.lexicon.envelopes.all[envelope.0]
    }

    /// The dispositif with a code, where a table or a commitment speaks of it.
    pub fn dispositif_by_code(&self, code: &DispositifCode) -> Option<DispositifIx> {
        let at = self.lexicon.atlas.dispositifs.get_index_of(code)?;
        let is_used = || self.columns.by_commitment[3].iter().any(|one| one as usize == at + 1);
        let stands = self.lexicon.atlas.dispositifs[at].family.is_some() || is_used();
        stands.then(|| DispositifIx::at(at))
    }

    /// The transfers that name an envelope, in the order of their decisions; those that do not count too.
    pub fn transfers_of(&self, envelope: EnvelopeIx) -> impl Iterator<Item = &Transfer> {
        self.envelope(envelope).transfers.iter().map(|at| &self.lexicon.envelopes.transfers[*at])
    }

    /// The figures of an envelope at a moment, from the commitments of this picture.
    pub fn balance(&self, envelope: EnvelopeIx, moment: Moment) -> Balance {
        let (stated, sums) = (self.envelope(envelope), self.sums_of(envelope));
        let read = self.funder_reading(stated, moment) == FunderReading::InTime;
        let (known, available) = (|cents| Some(Cents::new(cents)), stated.available());
        // That nothing is consumed is known where the funder's own systems were read in time.
        let is_told = sums.count > 0 || sums.unknown == 0 && read;
        let consumed = if is_told && !sums.veiled { known(sums.cents) } else { None };
        let partial = !read
            || sums.veiled
            || sums.unknown > 0
            || sums.unattributed > 0
            || stated.in_doubt_in
            || stated.in_doubt_out;
        let left = available.map(|available| available - Cents::new(sums.cents));
        let is_bound = !sums.veiled && !sums.reduced && !stated.in_doubt_in;
        let unattributed_known = sums.unattributed > sums.unattributed_unknown && !sums.veiled;
        Balance {
            available,
            consumed,
            reported_only: consumed.and(known(sums.reported_cents)),
            count: sums.count + sums.unknown,
            reserved: if sums.reserved > 0 && !sums.veiled { known(sums.reserved_cents) } else { None },
            unattributed: if unattributed_known { known(sums.unattributed_cents) } else { None },
            unattributed_count: sums.unattributed,
            remaining: left.filter(|_| !partial),
            remaining_at_most: left.filter(|_| is_bound),
            partial,
            mixed_tax_basis: sums.bases.count_ones() > 1,
        }
    }

    /// What is to be known of an envelope at a moment: of its row, of its transfers, of the sums that may be its own.
    pub fn envelope_warnings(&self, envelope: EnvelopeIx, moment: Moment) -> Vec<Warning> {
        let (stated, sums) = (self.envelope(envelope), self.sums_of(envelope));
        let mut warnings = stated.warnings.clone();
        let mut warn = |code, fr: String, en: String| warnings.push(warning(code, Message::new(fr, en)));
        let (facts, atlas) = (&stated.facts, &self.lexicon.atlas);
        if let Some(siren) = facts.epci.as_ref().filter(|siren| !atlas.epcis.get(*siren).is_some_and(|one| one.known)) {
            let fr = format!("l'EPCI {siren} n'est dans aucune table de référence");
            warn("epci-unknown", fr, format!("the EPCI {siren} is in no reference table"));
        }
        let is_known = |code: &DispositifCode| atlas.dispositifs.get(code).is_some_and(|one| one.family.is_some());
        if let Some(code) = facts.dispositif.as_ref().filter(|code| !is_known(code)) {
            let fr = format!("le dispositif {code} n'est dans aucune table de référence");
            warn("dispositif-unknown", fr, format!("the dispositif {code} is in no reference table"));
        }
        let unread = match self.funder_reading(stated, moment) {
            FunderReading::InTime => None,
            FunderReading::Never => Some((
                "funder-unread",
                "aucun système du financeur, ou pas tous, n'a été lu : le consommé est un minimum",
                "no system of the funder was read, or not all: what is consumed is a floor",
            )),
            FunderReading::Late => Some((
                "funder-late",
                "un système du financeur n'a pas été lu à temps, ou sa dernière lecture est retenue : le consommé peut être plus",
                "a system of the funder was not read in time, or its last run is held: more may be consumed",
            )),
        };
        if let Some((code, fr, en)) = unread {
            warn(code, fr.to_owned(), en.to_owned());
        }
        if sums.ambiguous > 0 {
            let count = sums.ambiguous;
            let fr =
                format!("{count} subvention(s) relèvent de plusieurs enveloppes à la fois et ne comptent dans aucune");
            warn(
                "sum-between-envelopes",
                fr,
                format!("{count} grant(s) lie in several envelopes at once and count in none"),
            );
        }
        warnings
    }

    fn sums_of(&self, envelope: EnvelopeIx) -> Consumed {
        self.consumed.get_or_init(|| Arc::from(self.consumed()))[envelope.0]
    }
}
