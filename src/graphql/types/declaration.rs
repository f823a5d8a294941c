//! A declaration in the schema.

use super::Project;
use async_graphql::{ID, SimpleObject};

/// What a body declared of its own means, as it was taken into the ledger.
#[derive(SimpleObject)]
pub struct Declaration {
    /// Identifier: amends or withdraws it. That of a bulk declaration withdraws all that stands of it.
    pub id: ID,
    /// The project; null for a bulk declaration, whose `parts` name theirs.
    pub project: Option<Project>,
    /// The version of the ledger that holds it.
    pub ledger_version: i32,
    /// Was the body expected on the project? Otherwise the declaration stands, but counts for nothing until the pilot of a
    /// contract of the project or the Région admits the body (admitFunder).
    pub expected: bool,
    /// Of a bulk declaration: one for each project. Empty otherwise.
    pub parts: Vec<Declaration>,
    /// Of a bulk declaration, when it is made: the projects that were left out, for the body's own word (a declaration, or its own
    /// system) already puts a sum of that nature there, or one whose nature is not stated. Empty otherwise.
    pub left_out: Vec<Project>,
}
