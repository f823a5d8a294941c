//! What was engaged, paid or settled beyond the grant: a system that says so contradicts itself.

use super::case::{Commitment, ProjectCase, Statement};
use super::headline::{Bench, differ};
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

/// Does the funder itself say that it engaged more than it voted, or voted another amount after it?
pub(super) fn is_engaged_otherwise(statements: &[Statement]) -> bool {
    let own =
        |stage: Stage| statements.iter().filter(move |one| one.authority == Authority::Own && one.stage == Some(stage));
    let is_beyond = |engaged: &Statement| {
        let mut votes = own(Stage::Attribue).filter(|vote| vote.amount.is_some()).peekable();
        votes.peek().is_some() && votes.all(|vote| engaged.amount > vote.amount && differ(vote, engaged))
    };
    let is_before = |engaged: &Statement, vote: &Statement| {
        engaged.decided_on.zip(vote.decided_on).is_some_and(|(engaged, voted)| engaged < voted)
    };
    own(Stage::Engage).any(|engaged| {
        is_beyond(engaged) || own(Stage::Attribue).any(|vote| is_before(engaged, vote) && differ(vote, engaged))
    })
}

/// May what the funder settled be the last instalment, and not what the grant came to in all? So it may where the payments that one source
/// lists come with it to the grant, to the cent; or are more than it, and both together no more than the grant: what was paid too much may
/// have been paid back as well.
pub(super) fn may_be_the_last_instalment(bench: &Bench<'_>, statements: &[Statement], settled: &Statement) -> bool {
    let own =
        |stage: Stage| statements.iter().filter(move |one| one.authority == Authority::Own && one.stage == Some(stage));
    let Some(last) = settled.amount.filter(|_| settled.authority == Authority::Own) else { return false };
    let mut paid: BTreeMap<SourceIx, Option<Cents>> = BTreeMap::new();
    for one in own(Stage::Verse) {
        let sum = paid.entry(bench.record(one).source).or_insert(Some(Cents::ZERO));
        *sum = sum.zip(one.amount).map(|(sum, amount)| sum + amount);
    }
    let granted: Vec<Cents> = own(Stage::Attribue).chain(own(Stage::Engage)).filter_map(|one| one.amount).collect();
    let may_be = |paid: Cents| {
        let both = paid + last;
        let is_within = granted.is_empty() || granted.iter().any(|grant| both <= *grant);
        granted.contains(&both) || paid > last && is_within
    };
    paid.into_values().flatten().any(|paid| paid > Cents::ZERO && may_be(paid))
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
