//! What was paid or settled beyond the grant: a system that says so contradicts itself.

use super::case::Statement;
use super::headline::differ;
use crate::domain::vocabulary::{Authority, Stage};

/// Does the funder itself say that it paid at once, or settled, more than it granted?
pub(super) fn paid_beyond_the_grant(statements: &[Statement]) -> bool {
    let paid = |one: &&Statement| matches!(one.stage, Some(Stage::Verse | Stage::Solde));
    let own = statements.iter().filter(|one| one.authority == Authority::Own);
    own.filter(paid).any(|one| is_beyond_the_grant(statements, one))
}

/// Is the figure above each one that the same side says was granted, for all that a tax may explain? Several payments are not added
/// up: some systems list each, others what was paid so far.
pub(super) fn is_beyond_the_grant(statements: &[Statement], paid: &Statement) -> bool {
    let granted = |one: &&Statement| {
        one.authority == paid.authority
            && one.amount.is_some()
            && matches!(one.stage, Some(Stage::Attribue | Stage::Engage))
    };
    let mut grants = statements.iter().filter(granted).peekable();
    grants.peek().is_some() && grants.all(|grant| paid.amount > grant.amount && differ(grant, paid))
}
