//! What of each envelope is consumed: every decided grant of its funder goes into one envelope at most, the most specific one
//! that it lies in for certain. What may lie in it, or in one of several, is told apart and guessed into none.

use super::atlas::Quartier;
use super::case::{Commitment, ProjectCase};
use super::envelopes::Envelope;
use super::freshness::Moment;
use super::index::{DispositifIx, EpciIx, OrganisationIx, ProjectIx};
use super::places::present;
use super::regrants::GivenOn;
use super::shares::split;
use super::{Portfolio, source_read_at};
use crate::domain::envelope::EnvelopeFacts;
use crate::domain::image::SourceImage;
use crate::domain::source::Standing;
use crate::domain::vocabulary::{Authority, Form, Stage};
use rustc_hash::FxHashMap;

/// What commitments make of one envelope, in cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Consumed {
    /// Decided, of known amount; the part of it that is only reported; how many.
    pub(crate) cents: i64,
    pub(crate) reported_cents: i64,
    pub(crate) count: u32,
    /// Decided, of unknown amount.
    pub(crate) unknown: u32,
    /// Proposed, of known amount.
    pub(crate) reserved_cents: i64,
    pub(crate) reserved: u32,
    /// Decided, or of a stage that nobody states, and perhaps of this envelope.
    pub(crate) unattributed_cents: i64,
    pub(crate) unattributed: u32,
    pub(crate) unattributed_unknown: u32,
    /// Of these, those that lie in several envelopes for certain.
    pub(crate) ambiguous: u32,
    /// An amount is kept from whoever this picture is for.
    pub(crate) veiled: bool,
    /// A reduction may belong here: what remains may be more.
    pub(crate) reduced: bool,
    /// One mark for each tax basis.
    pub(crate) bases: u8,
    /// The last commitment that was counted as unattributed, plus one.
    last: usize,
}

/// How the funder's own systems were read: the worst of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FunderReading {
    /// One was never read, or there is none.
    Never,
    /// One was not read in time, or its last run is held.
    Late,
    /// All were read in time.
    InTime,
}

/// Does a sum lie in an envelope?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    No,
    Maybe,
    Sure,
}

/// In which EPCI a sum lies.
#[derive(Debug, Clone, Copy)]
enum Lies<'a> {
    In(EpciIx),
    InOneOf(&'a [EpciIx]),
    Anywhere,
}

/// What an envelope restricts, in the positions of a portfolio; within, `None`: nobody speaks of it there.
struct Restriction<'a> {
    facts: &'a EnvelopeFacts,
    epci: Option<Option<EpciIx>>,
    dispositif: Option<Option<DispositifIx>>,
}

impl Restriction<'_> {
    fn fit(&self, commitment: &Commitment, lies: Lies<'_>) -> Fit {
        let (from, until) = self.facts.years();
        let year = told(commitment.year.map(|year| (from..=until).contains(&year)));
        let nature = self.facts.nature.map_or(Fit::Sure, |own| told(commitment.nature.map(|nature| nature == own)));
        let dispositif =
            self.dispositif.map_or(Fit::Sure, |own| told(commitment.dispositif.map(|one| Some(one) == own)));
        let epci = self.epci.map_or(Fit::Sure, |own| match (lies, own) {
            (Lies::In(epci), own) => told(Some(Some(epci) == own)),
            (Lies::InOneOf(epcis), Some(own)) if epcis.contains(&own) => Fit::Maybe,
            (Lies::InOneOf(_), _) => Fit::No,
            (Lies::Anywhere, _) => Fit::Maybe,
        });
        year.min(nature).min(dispositif).min(epci)
    }
}

fn told(holds: Option<bool>) -> Fit {
    match holds {
        None => Fit::Maybe,
        Some(true) => Fit::Sure,
        Some(false) => Fit::No,
    }
}

/// Is everything that lies in `inner` in `outer`, and not the other way round?
fn is_narrower(inner: &EnvelopeFacts, outer: &EnvelopeFacts) -> bool {
    let within = |a: &EnvelopeFacts, b: &EnvelopeFacts| {
        let ((from, until), (outer_from, outer_until)) = (a.years(), b.years());
        outer_from <= from
            && until <= outer_until
            && (b.epci.is_none() || a.epci == b.epci)
            && (b.dispositif.is_none() || a.dispositif == b.dispositif)
            && (b.nature.is_none() || a.nature == b.nature)
    };
    within(inner, outer) && !within(outer, inner)
}

/// What a commitment is to an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Decided,
    Proposed,
    /// It may be decided, or may be a sum that counts already.
    Doubtful,
}

fn part(commitment: &Commitment, given: Option<GivenOn>) -> Option<Part> {
    let doubts = &commitment.doubts;
    let is_given = matches!(given, Some(GivenOn::Sure | GivenOn::Overdrawn));
    let counted_elsewhere = doubts.unadmitted || doubts.denied || doubts.restated || is_given;
    if commitment.form != Form::Subvention || commitment.is_outside() || counted_elsewhere {
        return None;
    }
    let part = match commitment.stage {
        None => Part::Doubtful,
        Some(stage) if stage.is_decided() => Part::Decided,
        Some(Stage::Propose) => Part::Proposed,
        Some(_) => return None,
    };
    match (part, doubts.uncertain || given == Some(GivenOn::Maybe)) {
        (Part::Proposed, true) => None,
        (_, true) => Some(Part::Doubtful),
        (part, false) => Some(part),
    }
}

impl Portfolio {
    /// What commitments make of each envelope, in the order of envelopes.
    pub(super) fn consumed(&self) -> Vec<Consumed> {
        let envelopes = &self.lexicon.envelopes.all;
        let mut sums = vec![Consumed::default(); envelopes.len()];
        let mut by_funder: FxHashMap<OrganisationIx, Vec<usize>> = FxHashMap::default();
        for (at, envelope) in envelopes.iter().enumerate() {
            if let Some(funder) = self.organisation_of(&envelope.facts.funder) {
                by_funder.entry(funder).or_default().push(at);
            }
        }
        if by_funder.is_empty() {
            return sums;
        }
        let restrictions: Vec<Restriction<'_>> = envelopes.iter().map(|one| self.restriction(one)).collect();
        let mut number = 0;
        for (project, case) in self.cases.iter().enumerate() {
            let whole = self.lies(case);
            let given = |at| self.regrants.given(ProjectIx::at(project), at);
            for (at, commitment) in case.commitments.iter().enumerate() {
                number += 1;
                let (Some(candidates), Some(part)) = (by_funder.get(&commitment.funder), part(commitment, given(at)))
                else {
                    continue;
                };
                for (lies, cents) in self.parts(case, commitment, whole) {
                    let chosen = choose(&restrictions, candidates, (commitment, lies));
                    add(&mut sums, &chosen, &Piece { commitment, part, cents, number });
                }
            }
        }
        sums
    }

    /// Was each of the funder's own systems that may hold a grant of an envelope read?
    pub(super) fn funder_reading(&self, envelope: &Envelope, moment: Moment) -> FunderReading {
        let facts = &envelope.facts;
        let concerns = |scope: &crate::domain::source::Scope| {
            let dispositif_in = |code| scope.dispositifs.is_empty() || scope.dispositifs.contains(code);
            let nature_in = |nature| scope.natures.is_empty() || scope.natures.contains(nature);
            scope.funder == facts.funder
                && facts.dispositif.as_ref().is_none_or(dispositif_in)
                && facts.nature.as_ref().is_none_or(nature_in)
        };
        let reading = |source: &SourceImage| match source_read_at(source) {
            None => FunderReading::Never,
            Some(at) if source.held || !moment.in_time(source, at) => FunderReading::Late,
            Some(_) => FunderReading::InTime,
        };
        let own = self.lexicon.sources.values().filter(|one| one.profile.standing == Standing::SystemOfRecord);
        let speaking = own.filter(|one| one.profile.speaks_for.iter().any(concerns));
        speaking.map(reading).min().unwrap_or(FunderReading::Never)
    }

    fn restriction<'a>(&self, envelope: &'a Envelope) -> Restriction<'a> {
        let (facts, atlas) = (&envelope.facts, &self.lexicon.atlas);
        Restriction {
            facts,
            epci: facts.epci.as_ref().map(|siren| atlas.epcis.get_index_of(siren).map(EpciIx::at)),
            dispositif: facts
                .dispositif
                .as_ref()
                .map(|code| atlas.dispositifs.get_index_of(code).map(DispositifIx::at)),
        }
    }

    /// Where a project lies as a whole: in one EPCI only where each of its places does.
    fn lies<'a>(&self, case: &'a ProjectCase) -> Lies<'a> {
        let (places, atlas) = (&case.places, &self.lexicon.atlas);
        let quartiers = present(atlas, &places.quartiers);
        let mut communes = places.communes.iter();
        let placed = !places.open.epci
            && communes.all(|commune| atlas.communes[commune.get()].epci.is_some())
            && quartiers.iter().all(|quartier| !atlas.quartiers[quartier.get()].epcis.is_empty());
        match &*places.epcis {
            [only] if placed => Lies::In(*only),
            [_, _, ..] if placed => Lies::InOneOf(&places.epcis),
            _ => Lies::Anywhere,
        }
    }

    /// The parts of a sum, each with where it lies: one for each stated share, else one.
    fn parts<'a>(
        &'a self,
        case: &'a ProjectCase,
        commitment: &Commitment,
        whole: Lies<'a>,
    ) -> Vec<(Lies<'a>, Option<i64>)> {
        let Some(amount) = commitment.amount else { return vec![(whole, None)] };
        if case.places.shares.is_empty() {
            return vec![(whole, Some(amount.get()))];
        }
        let of_quartier = |quartier: &'a Quartier| match &*quartier.epcis {
            [only] if quartier.epcis_whole => Lies::In(*only),
            [_, _, ..] if quartier.epcis_whole => Lies::InOneOf(&quartier.epcis),
            _ => Lies::Anywhere,
        };
        let parts = split(amount.get(), &case.places.shares).into_iter();
        let lies = |quartier: Option<super::index::QuartierIx>| {
            quartier.map_or(whole, |quartier| of_quartier(&self.lexicon.atlas.quartiers[quartier.get()]))
        };
        parts.map(|(quartier, cents)| (lies(quartier), Some(cents))).collect()
    }
}

/// The envelopes of `candidates` that a sum may lie in, and whether it does: without those that a narrower one leaves nothing.
fn choose(
    restrictions: &[Restriction<'_>],
    candidates: &[usize],
    (commitment, lies): (&Commitment, Lies<'_>),
) -> Vec<(usize, Fit)> {
    let fits = candidates.iter().map(|at| (*at, restrictions[*at].fit(commitment, lies)));
    let fitting: Vec<(usize, Fit)> = fits.filter(|(_, fit)| *fit != Fit::No).collect();
    let left_nothing = |at: usize| {
        let outer = restrictions[at].facts;
        fitting.iter().any(|(inner, fit)| *fit == Fit::Sure && is_narrower(restrictions[*inner].facts, outer))
    };
    fitting.iter().filter(|(at, _)| !left_nothing(*at)).copied().collect()
}

/// A part of a sum.
struct Piece<'a> {
    commitment: &'a Commitment,
    part: Part,
    cents: Option<i64>,
    /// Which of all commitments it is a part of, from one.
    number: usize,
}

fn add(sums: &mut [Consumed], chosen: &[(usize, Fit)], piece: &Piece<'_>) {
    let commitment = piece.commitment;
    let sure = chosen.iter().filter(|(_, fit)| *fit == Fit::Sure).count();
    match (chosen, piece.part) {
        ([(only, Fit::Sure)], Part::Decided | Part::Proposed) => consume(&mut sums[*only], piece),
        (_, Part::Proposed) => {}
        _ => {
            for (at, fit) in chosen {
                let sum = &mut sums[*at];
                let again = sum.last == piece.number;
                sum.last = piece.number;
                sum.unattributed += u32::from(!again);
                sum.unattributed_unknown += u32::from(!again && piece.cents.is_none());
                sum.unattributed_cents = sum.unattributed_cents.saturating_add(piece.cents.unwrap_or(0));
                sum.ambiguous += u32::from(!again && *fit == Fit::Sure && sure > 1);
                sum.veiled |= commitment.veiled;
                sum.reduced |= piece.cents.is_some_and(|cents| cents < 0);
            }
        }
    }
}

fn consume(sum: &mut Consumed, piece: &Piece<'_>) {
    let commitment = piece.commitment;
    sum.veiled |= commitment.veiled;
    if piece.part == Part::Proposed {
        sum.reserved += u32::from(piece.cents.is_some());
        sum.reserved_cents = sum.reserved_cents.saturating_add(piece.cents.unwrap_or(0));
        return;
    }
    let Some(cents) = piece.cents else {
        sum.unknown += 1;
        return;
    };
    sum.count += 1;
    sum.cents = sum.cents.saturating_add(cents);
    if commitment.authority != Authority::Own {
        sum.reported_cents = sum.reported_cents.saturating_add(cents);
    }
    sum.bases |= 1 << commitment.tax_basis as u8;
}
