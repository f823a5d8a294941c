//! The version of a plan: a keyed hash of what partners agree on when they acknowledge it, and of nothing else.
//! Reading again or paying does not change it.

use super::Portfolio;
use super::case::{Commitment, ProjectCase};
use crate::domain::facts::Budget;
use crate::domain::vocabulary::{Nature, Stage};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt::Write as _;

/// The secret that plan versions are made with, so that nobody can find sums under embargo by trying them.
#[derive(Clone, Copy)]
pub struct PlanKey<'a>(pub &'a [u8]);

/// The version: lines of (funder, nature, form, year, cents, tax basis, decided or not), sorted, then the budget.
pub(crate) fn version(portfolio: &Portfolio, case: &ProjectCase, key: PlanKey<'_>) -> String {
    let counted = case.commitments.iter().filter(|commitment| commitment.counts());
    let mut lines: Vec<String> = counted.map(|commitment| line(portfolio, commitment)).collect();
    lines.sort_unstable();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.0).expect("HMAC takes a key of any length");
    for field in lines.iter().map(String::as_str).chain(std::iter::once(budget(case.budget).as_str())) {
        mac.update(&(field.len() as u64).to_be_bytes());
        mac.update(field.as_bytes());
    }
    hex::encode(mac.finalize().into_bytes())
}

fn line(portfolio: &Portfolio, commitment: &Commitment) -> String {
    let mut line = String::new();
    let funder = portfolio.organisation(commitment.funder).id;
    let nature = commitment.nature.map_or("", Nature::as_str);
    let year = commitment.year.map_or_else(String::new, |year| year.to_string());
    let cents = commitment.amount.map_or_else(String::new, |amount| amount.get().to_string());
    let decided = commitment.stage.is_some_and(Stage::is_decided);
    let (form, basis) = (commitment.form, commitment.tax_basis);
    let written =
        write!(line, "{funder}\u{1f}{nature}\u{1f}{form}\u{1f}{year}\u{1f}{cents}\u{1f}{basis}\u{1f}{decided}");
    written.expect("writing to a string does not fail");
    line
}

fn budget(budget: Option<Budget>) -> String {
    let Some(budget) = budget else { return String::new() };
    let cents =
        |amount: Option<crate::domain::money::Cents>| amount.map_or_else(String::new, |one| one.get().to_string());
    let basis = budget.tax_basis.map_or("", crate::domain::vocabulary::TaxBasis::as_str);
    format!(
        "{}\u{1f}{}\u{1f}{}\u{1f}{basis}",
        cents(budget.investissement),
        cents(budget.fonctionnement),
        cents(budget.non_precise)
    )
}
