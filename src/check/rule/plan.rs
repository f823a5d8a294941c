//! Does the plan meet the budget, by nature and in all?

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::tax::before_any_tax;
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
        if let (Some(cost), Some(committed)) = (budget.total, case.plan.committed.total)
            && let Some(excess) = beyond_any_tax(cost, committed).filter(|excess| *excess > tolerance)
            && wrong(Cents::ZERO - excess, tolerance)
        {
            let all = Word::Said(Message::new(
                "au total (au moins, toute taxe déduite)",
                "in all (at least, with any tax taken off)",
            ));
            let outcome = Outcome::broken().with("part", all).with("budget", Word::Amount(cost));
            found.push(outcome.with("distance", Word::Amount(excess)));
            return;
        }
        let why =
            Message::new("le coût et les montants mêlent HT et TTC", "cost and sums mix amounts before and after tax");
        found.push(Outcome::unknown().with("why", Word::Said(why)));
        return;
    }
    let is_beside = stands_beside(budget, case.plan.committed);
    let mut parts = parts(budget, balance, is_beside);
    parts.extend(known_beyond((budget.total.filter(|_| !is_beside), balance.total), case.plan.committed.total));
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
    if found.len() > before {
        return;
    }
    let untold = [
        (budget.investissement, balance.investissement),
        (budget.fonctionnement, balance.fonctionnement),
        (budget.total, balance.total),
    ];
    // A part that could not be compared is not met with the others.
    found.push(if is_beside {
        let why = Message::new("le coût n'est dit que pour une partie", "the cost is stated for one part alone");
        Outcome::unknown().with("why", Word::Said(why))
    } else if untold.iter().any(|(budget, balance)| budget.is_some() && balance.is_none()) {
        let why = Message::new("un montant du plan n'est pas connu", "an amount of the plan is not known");
        Outcome::unknown().with("why", Word::Said(why))
    } else {
        Outcome::met()
    });
}

/// Where a sum is not known: what is known alone exceeds the cost.
fn known_beyond((cost, balance): (Option<Cents>, Option<Cents>), committed: Option<Cents>) -> Option<Part> {
    let (cost, committed) = (cost.filter(|_| balance.is_none())?, committed?);
    let name = Message::new("au total, sans les montants inconnus", "in all, without the unknown amounts");
    (committed > cost).then(|| Part { name, budget: cost, balance: cost - committed })
}

/// By how much means exceed the cost on any reading, were they told with tax and the cost before it; `None` where a tax may explain
/// all of it. Rounded down: it is no more than is sure.
fn beyond_any_tax(cost: Cents, committed: Cents) -> Option<Cents> {
    let least = before_any_tax(committed);
    (least > cost).then(|| least - cost)
}

/// Do means stand in a nature of which the budget, told by nature, says nothing?
fn stands_beside(budget: NatureAmounts, committed: NatureAmounts) -> bool {
    let beside = |budget: Option<Cents>, committed: Option<Cents>| {
        budget.is_none() && committed.is_some_and(|amount| amount != Cents::ZERO)
    };
    let by_nature =
        budget.non_precise.is_none() && (budget.investissement.is_some() || budget.fonctionnement.is_some());
    by_nature
        && (beside(budget.investissement, committed.investissement)
            || beside(budget.fonctionnement, committed.fonctionnement))
}

/// By nature where both are told, and in all: not where means stand in a nature that the budget does not tell of.
fn parts(budget: NatureAmounts, balance: NatureAmounts, is_beside: bool) -> Vec<Part> {
    let total = budget.total.filter(|_| !is_beside);
    let named = [
        (("en investissement", "in investment"), budget.investissement, balance.investissement),
        (("en fonctionnement", "in operation"), budget.fonctionnement, balance.fonctionnement),
        (("au total", "in all"), total, balance.total),
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
