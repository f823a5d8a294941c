//! What was paid or settled beyond the grant: a system that says so contradicts itself.

use super::case::{Commitment, ProjectCase, Statement};
use super::headline::differ;
use super::index::SourceIx;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Authority, Stage};
use std::collections::BTreeMap;

impl Statement {
    /// Does the funder itself say that it paid, in part or to the end: an amount above zero, or one that is not told?
    pub fn is_own_payment(&self) -> bool {
        let is_some = self.amount.is_none_or(|amount| amount > Cents::ZERO);
        self.authority == Authority::Own && matches!(self.stage, Some(Stage::Verse | Stage::Solde)) && is_some
    }
}

/// Does the funder itself say that it paid at once, or settled, more than it granted?
pub(super) fn paid_beyond_the_grant(statements: &[Statement]) -> bool {
    let paid = |one: &&Statement| matches!(one.stage, Some(Stage::Verse | Stage::Solde));
    let own = statements.iter().filter(|one| one.authority == Authority::Own);
    own.filter(paid).any(|one| is_beyond_the_grant(statements, one))
}

/// Do the payments that one source of the funder lists come to more than the grant, if each is one of its own? Some systems list
/// each payment, others what was paid so far: nobody can tell which it is.
pub fn payments_may_exceed_the_grant(case: &ProjectCase, commitment: &Commitment) -> bool {
    let statements = case.statements(commitment);
    let mut listed: BTreeMap<SourceIx, Vec<&Statement>> = BTreeMap::new();
    let paid = |one: &&Statement| one.authority == Authority::Own && one.stage == Some(Stage::Verse);
    for one in statements.iter().filter(paid) {
        listed.entry(case.record(one).source).or_default().push(one);
    }
    listed.into_values().any(|payments| {
        let one_basis = payments.iter().all(|one| one.tax_basis == payments[0].tax_basis);
        let amount: Option<Cents> = payments.iter().map(|one| one.amount).sum();
        let together = Statement { amount, ..payments[0].clone() };
        one_basis && amount.is_some() && is_beyond_the_grant(statements, &together)
    })
}

/// Is the figure above each one that the same side says was granted, for all that a tax may explain? Several payments are not added
/// up: see [`payments_may_exceed_the_grant`].
pub(super) fn is_beyond_the_grant(statements: &[Statement], paid: &Statement) -> bool {
    let granted = |one: &&Statement| {
        one.authority == paid.authority
            && one.amount.is_some()
            && matches!(one.stage, Some(Stage::Attribue | Stage::Engage))
    };
    let mut grants = statements.iter().filter(granted).peekable();
    grants.peek().is_some() && grants.all(|grant| paid.amount > grant.amount && differ(grant, paid))
}
