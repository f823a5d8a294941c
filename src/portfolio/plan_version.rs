//! The version of a plan: a keyed hash of what partners agree on when they acknowledge it, and of nothing else.
//! Reading again or paying does not change it.

use super::Portfolio;
use super::case::ProjectCase;
use super::index::ProjectIx;
use crate::domain::facts::Budget;
use crate::domain::governance::{PlanContent, PlanEntry, PlanVersion};
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Nature, Stage, TaxBasis};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secret that plan versions are made with, so that nobody can find sums under embargo by trying them.
#[derive(Clone, Copy)]
pub struct PlanKey<'a>(pub &'a [u8]);

impl Portfolio {
    /// What the version of a project's plan is made of.
    pub fn plan_content(&self, project: ProjectIx) -> PlanContent {
        content(self, self.project(project))
    }
}

/// Lines of (funder, nature, form, year, cents, tax basis, decided or not), sorted, and the budget.
pub(crate) fn content(portfolio: &Portfolio, case: &ProjectCase) -> PlanContent {
    let counted = case.commitments.iter().filter(|commitment| commitment.counts());
    let entry = |commitment: &super::case::Commitment| PlanEntry {
        funder: portfolio.organisation(commitment.funder).id.clone(),
        nature: commitment.nature,
        form: commitment.form,
        year: commitment.year,
        amount: commitment.amount,
        tax_basis: commitment.tax_basis,
        decided: commitment.stage.is_some_and(Stage::is_decided),
    };
    let mut entries: Vec<PlanEntry> = counted.map(entry).collect();
    entries.sort_unstable();
    PlanContent { entries, budget: case.budget }
}

/// The version of a content.
pub(crate) fn version(content: &PlanContent, key: PlanKey<'_>) -> PlanVersion {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.0).expect("HMAC takes a key of any length");
    let mut field = |text: &str| {
        mac.update(&(text.len() as u64).to_be_bytes());
        mac.update(text.as_bytes());
    };
    for entry in &content.entries {
        field(entry.funder.as_str());
        field(entry.nature.map_or("", Nature::as_str));
        field(entry.form.as_str());
        field(&entry.year.map_or_else(String::new, |year| year.to_string()));
        field(&cents(entry.amount));
        field(entry.tax_basis.as_str());
        field(if entry.decided { "decided" } else { "" });
    }
    budget(content.budget, &mut field);
    PlanVersion::parse(&hex::encode(mac.finalize().into_bytes())).expect("a digest has sixty-four digits")
}

fn budget(budget: Option<Budget>, field: &mut impl FnMut(&str)) {
    let Some(budget) = budget else { return field("") };
    field(&cents(budget.investissement));
    field(&cents(budget.fonctionnement));
    field(&cents(budget.non_precise));
    field(budget.tax_basis.map_or("", TaxBasis::as_str));
}

fn cents(amount: Option<Cents>) -> String {
    amount.map_or_else(String::new, |amount| amount.get().to_string())
}
