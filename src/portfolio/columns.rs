//! Commitments in columns, ordered by project: what totals and filters read.
//!
//! A code is 0 for what is not stated, a value's position plus one, and for a dimension that may have several values
//! at once the last code stands for "several".

use super::atlas::Atlas;
use super::case::{Commitment, ProjectCase};
use super::lexicon::Lexicon;
use super::places::present;
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
    pub(crate) by_commitment: [Vec<u32>; OF_COMMITMENT.len()],
    pub(crate) by_project: [Vec<u32>; OF_PROJECT.len()],
    /// For each dimension, in the order of both lists, how many codes it has.
    pub(crate) cardinalities: [usize; OF_COMMITMENT.len() + OF_PROJECT.len()],
    /// The years that occur, in order.
    pub(crate) years: Vec<u16>,
}

/// What totals need to know of a commitment besides its codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flags(u8);

impl Flags {
    const KNOWN: u8 = 1;
    const OUTSIDE: u8 = 2;
    const UNCERTAIN: u8 = 4;
    const OWN: u8 = 8;
    const BASIS: u32 = 4;

    fn of(commitment: &Commitment) -> Self {
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        let basis = match commitment.tax_basis {
            TaxBasis::Ht => 0,
            TaxBasis::Ttc => 1,
            TaxBasis::NonPrecise => 2,
        };
        Flags(
            bit(commitment.amount.is_some(), Self::KNOWN)
                | bit(commitment.is_outside(), Self::OUTSIDE)
                | bit(commitment.doubts.uncertain, Self::UNCERTAIN)
                | bit(commitment.authority == Authority::Own, Self::OWN)
                | 1 << (Self::BASIS + basis),
        )
    }

    pub(crate) fn known(self) -> bool {
        self.0 & Self::KNOWN != 0
    }

    pub(crate) fn outside(self) -> bool {
        self.0 & Self::OUTSIDE != 0
    }

    pub(crate) fn uncertain(self) -> bool {
        self.0 & Self::UNCERTAIN != 0
    }

    pub(crate) fn own(self) -> bool {
        self.0 & Self::OWN != 0
    }

    /// The tax basis as one bit of three.
    pub(crate) fn basis(self) -> u8 {
        self.0 >> Self::BASIS
    }
}

impl Columns {
    pub(crate) fn of(lexicon: &Lexicon, cases: &[Arc<ProjectCase>]) -> Self {
        let total = cases.iter().map(|case| case.commitments.len()).sum();
        let mut years = Vec::new();
        for year in cases.iter().flat_map(|case| &case.commitments).filter_map(|commitment| commitment.year) {
            if let Err(at) = years.binary_search(&year) {
                years.insert(at, year);
            }
        }
        let mut columns = Columns {
            starts: Vec::with_capacity(cases.len() + 1),
            projects: Vec::with_capacity(total),
            cents: Vec::with_capacity(total),
            flags: Vec::with_capacity(total),
            by_commitment: std::array::from_fn(|_| Vec::with_capacity(total)),
            by_project: std::array::from_fn(|_| Vec::with_capacity(cases.len())),
            cardinalities: cardinalities(lexicon, years.len()),
            years,
        };
        columns.starts.push(0);
        for case in cases {
            columns.add(&lexicon.atlas, case);
        }
        columns
    }

    fn add(&mut self, atlas: &Atlas, case: &ProjectCase) {
        let project = u32::try_from(self.starts.len() - 1).expect("fewer projects than indexes can count");
        for commitment in &case.commitments {
            self.projects.push(project);
            self.cents.push(commitment.amount.map_or(0, crate::domain::money::Cents::get));
            self.flags.push(Flags::of(commitment));
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
        let codes = [
            one_of(case.objectives.iter().map(|one| *one as usize), false, several(0)),
            one_of(quartiers.iter().map(|ix| ix.get()), false, several(1)),
            one_of(places.contrats.iter().map(|ix| ix.get()), places.open.contrat, several(2)),
            one_of(places.epcis.iter().map(|ix| ix.get()), places.open.epci, several(3)),
            one_of(places.communes.iter().map(|ix| ix.get()), places.open.commune, several(4)),
            one_of(places.departements.iter().map(|ix| ix.get()), places.open.departement, several(5)),
        ];
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
        let words = self.starts.len()
            + self.projects.len()
            + self.by_commitment.iter().chain(&self.by_project).map(Vec::len).sum::<usize>();
        words * size_of::<u32>() + self.cents.len() * (size_of::<i64>() + size_of::<Flags>())
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
        at += 1;
        count + 1 + several
    })
}
