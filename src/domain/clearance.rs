//! What somebody may see of the projects.

use super::organisation::OrganisationId;
use super::place::ContratCode;

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
    },
}

impl Clearance {
    /// What anybody may see.
    pub fn public() -> Self {
        Clearance::Part { bodies: Box::default(), contrats: Box::default() }
    }
}
