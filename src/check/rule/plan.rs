//! Does the plan meet the budget, by nature and in all?

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::portfolio::NatureAmounts;

/// What is committed exceeds the total cost.
pub(super) fn excess(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    held_against_budget(case, sheet, found, |balance, tolerance| balance < Cents::ZERO - tolerance);
}

/// What is committed does not reach the total cost.
pub(super) fn short(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    held_against_budget(case, sheet, found, |balance, tolerance| balance > tolerance);
}

/// One part of the budget: how it is called, what it costs, and what is left of it after all means.
struct Part {
    name: Message,
    budget: Cents,
    balance: Cents,
}

fn held_against_budget(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>, wrong: impl Fn(Cents, Cents) -> bool) {
    let tolerance = Cents::new(sheet.value("tolerance-cents", case.today()).unwrap_or(0));
    let (Some(budget), Some(balance)) = (case.plan.budget, case.plan.balance) else {
        let why = Message::new("aucune fiche ne donne le coût total", "no record gives the total cost");
        found.push(Outcome::unknown().with("why", Word::Said(why)));
        return;
    };
    if case.plan.mixed_tax_basis {
        let why =
            Message::new("le coût et les montants mêlent HT et TTC", "cost and sums mix amounts before and after tax");
        found.push(Outcome::unknown().with("why", Word::Said(why)));
        return;
    }
    let parts = parts(budget, balance);
    if parts.is_empty() {
        let why = Message::new("un montant du plan n'est pas connu", "an amount of the plan is not known");
        found.push(Outcome::unknown().with("why", Word::Said(why)));
        return;
    }
    let before = found.len();
    for part in parts.into_iter().filter(|part| wrong(part.balance, tolerance)) {
        let distance = if part.balance < Cents::ZERO { Cents::ZERO - part.balance } else { part.balance };
        let outcome = Outcome::broken().with("part", Word::Said(part.name)).with("budget", Word::Amount(part.budget));
        found.push(outcome.with("distance", Word::Amount(distance)));
    }
    if found.len() == before {
        found.push(Outcome::met());
    }
}

/// By nature where both are told, and in all.
fn parts(budget: NatureAmounts, balance: NatureAmounts) -> Vec<Part> {
    let named = [
        (("en investissement", "in investment"), budget.investissement, balance.investissement),
        (("en fonctionnement", "in operation"), budget.fonctionnement, balance.fonctionnement),
        (("au total", "in all"), budget.total, balance.total),
    ];
    let whole = |((fr, en), budget, balance): ((&str, &str), Option<Cents>, Option<Cents>)| {
        Some(Part { name: Message::new(fr, en), budget: budget?, balance: balance? })
    };
    let mut parts: Vec<Part> = named.into_iter().filter_map(whole).collect();
    // One nature that is the whole is told once.
    if let [only, all] = parts.as_slice()
        && (only.budget, only.balance) == (all.budget, all.balance)
    {
        parts.pop();
    }
    parts
}
