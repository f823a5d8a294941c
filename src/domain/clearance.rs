//! What somebody may see of the projects.

use super::organisation::OrganisationId;
use super::place::{ContratCode, DepartementCode};
use super::text::DispositifCode;
use super::vocabulary::Objective;

/// What somebody may see of the projects.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Clearance {
    /// All of them, whole.
    Everything,
    /// Those of some contracts and those of some bodies whole; of the others, what is public.
    Part {
        /// Whoever holds or funds a project according to somebody else than itself, or pilots or signs its contract.
        bodies: Box<[OrganisationId]>,
        /// Contracts whose projects are seen whole.
        contrats: Box<[ContratCode]>,
        /// Where one of the bodies is expected by the table of the rules: these projects are seen whole.
        expected: Box<[ExpectedOn]>,
    },
}

/// A row of the table of who is expected, as far as it says on which projects: those of which all that it states is so.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExpectedOn {
    /// In this contract.
    pub contrat: Option<ContratCode>,
    /// Funded under this scheme, by the word of somebody whose word opens a project to others.
    pub dispositif: Option<DispositifCode>,
    /// With this objective.
    pub objective: Option<Objective>,
    /// In this département: of a row that expects the State there.
    pub departement: Option<DepartementCode>,
}

impl Clearance {
    /// What anybody may see.
    pub fn public() -> Self {
        Clearance::Part { bodies: Box::default(), contrats: Box::default(), expected: Box::default() }
    }

    /// The same, with the projects on which the table of the rules expects its bodies: `rows` tells those of some bodies.
    #[must_use]
    pub fn with_expected(self, rows: impl FnOnce(&[OrganisationId]) -> Vec<ExpectedOn>) -> Self {
        match self {
            Clearance::Part { bodies, contrats, .. } if !bodies.is_empty() => {
                let expected = rows(&bodies).into();
                Clearance::Part { bodies, contrats, expected }
            }
            other => other,
        }
    }
}
