//! Commitments in columns, ordered by project: what totals and filters read.
//!
//! A code is 0 for what is not stated, a value's position plus one, and for a dimension that may have several values
//! at once the last code stands for "several". Of a place, the code before it stands for what lies somewhere, and nothing says in which.

use super::atlas::Atlas;
use super::case::{Commitment, ProjectCase};
use super::codes::Codes;
use super::index::ProjectIx;
use super::lexicon::Lexicon;
use super::places::present;
use super::regrants::{GivenOn, Regrants};
use crate::domain::vocabulary::{Authority, Dimension, Family, Form, Nature, Objective, Stage, TaxBasis};
use std::sync::Arc;

/// Dimensions of one commitment, in the order of their columns.
pub(crate) const OF_COMMITMENT: [Dimension; 8] = [
    Dimension::Family,
    Dimension::Source,
    Dimension::Funder,
    Dimension::Dispositif,
    Dimension::Nature,
    Dimension::Form,
    Dimension::Stage,
    Dimension::Year,
];

/// Dimensions that a commitment has from its project and that may have several values.
pub(crate) const OF_PROJECT: [Dimension; 6] = [
    Dimension::Objective,
    Dimension::Quartier,
    Dimension::Contrat,
    Dimension::Epci,
    Dimension::Commune,
    Dimension::Departement,
];

/// The columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns {
    /// For each project, where its commitments begin; one more at the end.
    pub(crate) starts: Vec<u32>,
    /// The project of each commitment.
    pub(crate) projects: Vec<u32>,
    /// Cents; meaningful where the flags say that the amount is known.
    pub(crate) cents: Vec<i64>,
    pub(crate) flags: Vec<Flags>,
    pub(crate) by_commitment: [Codes; OF_COMMITMENT.len()],
    pub(crate) by_project: [Codes; OF_PROJECT.len()],
    /// For each dimension, in the order of both lists, how many codes it has.
    pub(crate) cardinalities: [usize; OF_COMMITMENT.len() + OF_PROJECT.len()],
    /// The years that occur, in order.
    pub(crate) years: Vec<u16>,
}

/// What totals need to know of a commitment besides its codes: the marks that it leaves on a row, and how it adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flags(u32);

impl Flags {
    /// The first five marks say of which figures something is known, this one that some of the first is the funders' own word.
    pub(crate) const OWN_KNOWN: u32 = 1 << 5;
    /// A sum is unknown, may be one that counts already, its funder's own word on it is contradicted or in doubt, or it has none and
    /// others do not say the same, or say it in a record that is in doubt.
    pub(crate) const PARTIAL: u32 = 1 << 6;
    /// From here, one mark for each tax basis.
    pub(crate) const BASES: u32 = 7;
    /// From here, one mark for each of the five figures: a sum that enters it is kept from whoever the picture is for.
    pub(crate) const VEILED: u32 = 17;
    /// This one and the four above it, one for each of the five figures: some of it rests on reported statements alone.
    pub(crate) const REPORTED_KNOWN: u32 = 1 << 22;
    /// The figure of what funds give on.
    pub(crate) const GIVEN_ON: u32 = 4;
    /// The marks of a row; the rest says how a sum adds up.
    const MARKS: u32 = ((1 << 10) - 1) | (0b11111 << Self::VEILED) | (0b11111 * Self::REPORTED_KNOWN);
    const KNOWN: u32 = 1 << 10;
    const COUNTED: u32 = 1 << 11;
    const ADDS: u32 = 1 << 12;
    const ADDS_OWN: u32 = 1 << 13;
    /// From here, three bits: to which of the five figures it adds.
    const FIGURE: u32 = 14;
    /// Its stage is stated.
    const STAGED: u32 = 1 << 27;

    fn of(case: &ProjectCase, commitment: &Commitment, given: Option<GivenOn>) -> Self {
        let bit = |set: bool, bit: u32| if set { bit } else { 0 };
        let known = commitment.amount.is_some();
        if commitment.doubts.unadmitted || commitment.doubts.denied || commitment.doubts.restated {
            // Nobody expected its funder there, or others count it: it leaves no mark, and makes no figure partial.
            return Flags(bit(known, Self::KNOWN));
        }
        let counted = !commitment.doubts.uncertain && given != Some(GivenOn::Maybe);
        let of_own_word = commitment.doubts.disagreement || commitment.doubts.disputed;
        let is_contested =
            of_own_word || case.deciding(commitment).disputed || case.is_reported_in_two_ways(commitment);
        let is_given = matches!(given, Some(GivenOn::Sure | GivenOn::Overdrawn));
        let adds = known && counted && !commitment.is_outside();
        let figure = if is_given { Self::GIVEN_ON } else { figure(commitment.form) };
        let own = commitment.authority == Authority::Own;
        let basis = match commitment.tax_basis {
            TaxBasis::Ht => 0,
            TaxBasis::Ttc => 1,
            TaxBasis::NonPrecise => 2,
        };
        let whose = bit(own && figure == 0, Self::OWN_KNOWN) | bit(!own, Self::REPORTED_KNOWN << figure);
        // What is given on has its tax basis where the fund stands.
        let basis = bit(!is_given, 1 << (Self::BASES + basis));
        let marks = 1 << figure | basis | whose;
        Flags(
            bit(adds, marks)
                | bit(!counted || given == Some(GivenOn::Overdrawn), Self::PARTIAL)
                | bit(!known && !commitment.is_outside(), Self::PARTIAL)
                | bit(is_contested && !commitment.is_outside(), Self::PARTIAL)
                | bit(commitment.veiled && counted && !commitment.is_outside(), 1 << (Self::VEILED + figure))
                | bit(known, Self::KNOWN)
                | bit(counted, Self::COUNTED)
                | bit(adds, Self::ADDS)
                | bit(adds && own, Self::ADDS_OWN)
                | bit(commitment.stage.is_some(), Self::STAGED)
                | figure << Self::FIGURE,
        )
    }

    /// The marks that it leaves on its row.
    pub(crate) fn marks(self) -> u32 {
        self.0 & Self::MARKS
    }

    /// Where only what is decided counts: a sum that its funder states without a stage may be decided. It does not add, and makes its
    /// row partial.
    pub(crate) fn decided(self) -> Self {
        if self.0 & Self::STAGED != 0 {
            return self;
        }
        Flags(if self.0 & Self::ADDS_OWN != 0 { Self::PARTIAL } else { 0 })
    }

    pub(crate) fn known(self) -> bool {
        self.0 & Self::KNOWN != 0
    }

    /// 1 when it counts as a commitment of its row: not when it may be one that counts already.
    pub(crate) fn counted(self) -> u32 {
        u32::from(self.0 & Self::COUNTED != 0)
    }

    /// To which figure of the row it adds.
    pub(crate) fn figure(self) -> usize {
        ((self.0 >> Self::FIGURE) & 0b111) as usize
    }

    /// What it adds to its figure: its cents, or nothing.
    pub(crate) fn adds(self, cents: i64) -> i64 {
        cents & -i64::from(self.0 & Self::ADDS != 0)
    }

    /// What it adds to the part that rests on the funders' own word.
    pub(crate) fn adds_own(self, cents: i64) -> i64 {
        cents & -i64::from(self.0 & Self::ADDS_OWN != 0)
    }
}

/// Grants, own funds and receipts; loans; work and goods in kind; abatements.
const fn figure(form: Form) -> u32 {
    match form {
        Form::Subvention | Form::Autofinancement | Form::Recettes => 0,
        Form::Pret => 1,
        Form::EnNature | Form::Ingenierie => 2,
        Form::Exoneration => 3,
    }
}

impl Columns {
    pub(crate) fn of(lexicon: &Lexicon, cases: &[Arc<ProjectCase>], regrants: &Regrants) -> Self {
        let total = cases.iter().map(|case| case.commitments.len()).sum();
        let mut years = Vec::new();
        for year in cases.iter().flat_map(|case| &case.commitments).filter_map(|commitment| commitment.year) {
            if let Err(at) = years.binary_search(&year) {
                years.insert(at, year);
            }
        }
        let cardinalities = cardinalities(lexicon, years.len());
        let mut columns = Columns {
            starts: Vec::with_capacity(cases.len() + 1),
            projects: Vec::with_capacity(total),
            cents: Vec::with_capacity(total),
            flags: Vec::with_capacity(total),
            by_commitment: std::array::from_fn(|at| Codes::with_room(cardinalities[at], total)),
            by_project: std::array::from_fn(|at| {
                Codes::with_room(cardinalities[OF_COMMITMENT.len() + at], cases.len())
            }),
            cardinalities,
            years,
        };
        columns.starts.push(0);
        for case in cases {
            columns.add(&lexicon.atlas, case, regrants);
        }
        columns
    }

    fn add(&mut self, atlas: &Atlas, case: &ProjectCase, regrants: &Regrants) {
        let project = u32::try_from(self.starts.len() - 1).expect("fewer projects than indexes can count");
        for (at, commitment) in case.commitments.iter().enumerate() {
            self.projects.push(project);
            self.cents.push(commitment.amount.map_or(0, crate::domain::money::Cents::get));
            self.flags.push(Flags::of(case, commitment, regrants.given(ProjectIx::at(project as usize), at)));
            let year = commitment.year.and_then(|year| self.years.binary_search(&year).ok());
            let codes = [
                code(Some(commitment.family as usize)),
                code(Some(commitment.source.get())),
                code(Some(commitment.funder.get())),
                code(commitment.dispositif.map(super::index::DispositifIx::get)),
                code(commitment.nature.map(|nature| nature as usize)),
                code(Some(commitment.form as usize)),
                code(commitment.stage.map(|stage| stage as usize)),
                code(year),
            ];
            for (column, code) in self.by_commitment.iter_mut().zip(codes) {
                column.push(code);
            }
        }
        self.starts.push(u32::try_from(self.cents.len()).expect("fewer commitments than indexes can count"));
        let places = &case.places;
        let quartiers = present(atlas, &places.quartiers);
        let several = |at: usize| u32::try_from(self.cardinalities[OF_COMMITMENT.len() + at] - 1).unwrap_or(u32::MAX);
        let mut codes = [
            one_of(case.objectives.iter().map(|one| *one as usize), false, several(0)),
            one_of(quartiers.iter().map(|ix| ix.get()), false, several(1)),
            one_of(places.contrats.iter().map(|ix| ix.get()), places.open.contrat, several(2)),
            one_of(places.epcis.iter().map(|ix| ix.get()), places.open.epci, several(3)),
            one_of(places.communes.iter().map(|ix| ix.get()), places.open.commune, several(4)),
            one_of(places.departements.iter().map(|ix| ix.get()), places.open.departement, several(5)),
        ];
        if codes[1..].iter().any(|code| *code != 0) {
            for (at, code) in codes.iter_mut().enumerate().skip(1).filter(|(_, code)| **code == 0) {
                *code = several(at) - 1;
            }
        }
        for (column, code) in self.by_project.iter_mut().zip(codes) {
            column.push(code);
        }
    }

    /// How many codes the dimension has.
    pub(crate) fn cardinality(&self, dimension: Dimension) -> usize {
        let at = OF_COMMITMENT.iter().chain(&OF_PROJECT).position(|one| *one == dimension);
        self.cardinalities[at.expect("every dimension is in one of the two lists")]
    }

    pub(crate) fn memory(&self) -> usize {
        let codes = self.by_commitment.iter().chain(&self.by_project).map(Codes::memory).sum::<usize>();
        codes
            + (self.starts.len() + self.projects.len()) * size_of::<u32>()
            + self.cents.len() * (size_of::<i64>() + size_of::<Flags>())
    }
}

/// The code of the only value; of none; of several, or of one among several when nothing says which.
fn one_of(mut values: impl Iterator<Item = usize>, open: bool, several: u32) -> u32 {
    match (values.next(), values.next(), open) {
        (_, _, true) | (_, Some(_), _) => several,
        (first, None, false) => code(first),
    }
}

fn code(position: Option<usize>) -> u32 {
    position.map_or(0, |position| u32::try_from(position + 1).unwrap_or(u32::MAX))
}

fn cardinalities(lexicon: &Lexicon, years: usize) -> [usize; OF_COMMITMENT.len() + OF_PROJECT.len()] {
    let atlas = &lexicon.atlas;
    let values = [
        Family::ALL.len(),
        lexicon.sources.len(),
        lexicon.organisations.len(),
        atlas.dispositifs.len(),
        Nature::ALL.len(),
        Form::ALL.len(),
        Stage::ALL.len(),
        years,
        Objective::ALL.len(),
        atlas.quartiers.len(),
        atlas.contrats.len(),
        atlas.epcis.len(),
        atlas.communes.len(),
        atlas.departements.len(),
    ];
    let mut at = 0;
    values.map(|count| {
        let several = usize::from(at >= OF_COMMITMENT.len());
        // The first dimension of a project is no place.
        let located = usize::from(at > OF_COMMITMENT.len());
        at += 1;
        count + 1 + located + several
    })
}
