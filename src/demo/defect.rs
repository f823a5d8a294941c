//! What is wrong in the simulated systems, by design, at known rates.

use super::system::System;

/// A defect of one record, each seen in real public files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// A word where an amount is expected.
    UnreadableAmount,
    /// A SIRET whose SIREN fails its check.
    ImpossibleSiret,
    /// No quartier although there is one.
    MissingQuartier,
    /// `12 345,67 €` where a plain number is expected.
    FrenchAmount,
    /// The same record twice.
    DuplicateKey,
    /// A scheme that no reference table knows.
    UnknownDispositif,
    /// A last day in 2199.
    FarDate,
    /// A code that a spreadsheet took for a number.
    LostZero,
}

impl Defect {
    /// Every defect.
    pub const ALL: [Defect; 8] = [
        Defect::UnreadableAmount,
        Defect::ImpossibleSiret,
        Defect::MissingQuartier,
        Defect::FrenchAmount,
        Defect::DuplicateKey,
        Defect::UnknownDispositif,
        Defect::FarDate,
        Defect::LostZero,
    ];

    /// Its name in the truth.
    pub const fn name(self) -> &'static str {
        match self {
            Defect::UnreadableAmount => "unreadable-amount",
            Defect::ImpossibleSiret => "impossible-siret",
            Defect::MissingQuartier => "missing-quartier",
            Defect::FrenchAmount => "french-amount",
            Defect::DuplicateKey => "duplicate-key",
            Defect::UnknownDispositif => "unknown-dispositif",
            Defect::FarDate => "far-date",
            Defect::LostZero => "lost-zero",
        }
    }

    /// The systems in which it occurs.
    pub fn occurs_in(self, system: System) -> bool {
        use System::{
            Dauphin, Dotations, DroitCommun, DroitCommunOds, Feder, FsePlus, Ftu, Npnru, Nqe, Pic, Postes,
            Programmation,
        };
        match self {
            Defect::UnreadableAmount => {
                matches!(
                    system,
                    Nqe | DroitCommun | DroitCommunOds | Feder | FsePlus | Postes | Dotations | Programmation | Dauphin
                )
            }
            Defect::ImpossibleSiret => matches!(system, Nqe | Ftu | Programmation | Npnru | DroitCommun | Dauphin),
            Defect::MissingQuartier => matches!(system, Nqe | Pic | Ftu | Programmation | Npnru),
            Defect::FrenchAmount => matches!(system, Nqe | Ftu | DroitCommun),
            Defect::DuplicateKey => matches!(system, Nqe | DroitCommun | Dotations),
            Defect::UnknownDispositif => system == DroitCommun,
            Defect::FarDate => matches!(system, Nqe | Ftu | Npnru),
            Defect::LostZero => system == Dotations,
        }
    }

    /// Whether the gateway is expected to refuse the whole record: the only sum of the record is unreadable.
    /// Where the record states several sums it stands, and the amount of that one is unknown.
    pub fn rejects(self, system: System) -> bool {
        use System::{Dotations, DroitCommun, DroitCommunOds, Feder, FsePlus, Postes};
        self == Defect::UnreadableAmount
            && matches!(system, DroitCommun | DroitCommunOds | Feder | FsePlus | Postes | Dotations)
    }

    /// Whether the gateway is expected to take the record with a warning.
    pub fn warns(self, system: System) -> bool {
        match self {
            Defect::UnreadableAmount => !self.rejects(system),
            Defect::ImpossibleSiret | Defect::UnknownDispositif | Defect::FarDate | Defect::LostZero => true,
            Defect::MissingQuartier | Defect::FrenchAmount | Defect::DuplicateKey => false,
        }
    }
}

/// How often each defect occurs, in records out of ten thousand of the systems where it can.
#[derive(Debug, Clone)]
pub struct DefectRates(
    /// One rate for each of [`Defect::ALL`], in that order.
    pub [usize; 8],
);

impl Default for DefectRates {
    fn default() -> Self {
        DefectRates([60, 150, 300, 200, 40, 60, 40, 5_000])
    }
}

impl DefectRates {
    /// A region in which nothing is wrong.
    pub const NONE: DefectRates = DefectRates([0; 8]);

    /// The rate of one defect.
    pub fn rate(&self, defect: Defect) -> usize {
        self.0[defect as usize]
    }
}
