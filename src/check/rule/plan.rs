//! Does the plan meet the budget, by nature and in all?
//!
//! Means lie between two bounds: what funders themselves say, and that with all that is only reported or asked. A rule is met or
//! broken where both bounds say so; where what nobody confirmed decides, nobody knows.

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::tax::before_any_tax;
use crate::portfolio::{Bounds, Means, NatureAmounts};

/// What is committed exceeds the total cost.
pub(super) fn excess(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    held_against_budget(case, sheet, found, Part::exceeded);
}

/// The means do not reach the total cost.
pub(super) fn short(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    held_against_budget(case, sheet, found, Part::fallen_short_of);
}

/// One part of the budget: how it is called, what it costs, and between which bounds its means lie.
#[derive(Clone, Copy)]
struct Part {
    name: (&'static str, &'static str),
    cost: Cents,
    means: Bounds,
}

/// What comes of one part.
enum Held {
    Met,
    /// By how much at least, and what was left aside to say so.
    Broken(Cents, (&'static str, &'static str)),
    Unknown,
}

/// Both bounds agree: nothing is left aside.
const EXACTLY: (&str, &str) = ("", "");

impl Part {
    fn exceeded(self, tolerance: Cents) -> Held {
        let Bounds { least, most } = self.means;
        let aside = match most {
            Some(most) if most == least => EXACTLY,
            Some(_) => (", sans ce que nul financeur n'a confirmé,", ", without what no funder confirmed,"),
            None => (", sans les montants inconnus,", ", without the unknown amounts,"),
        };
        if least - self.cost > tolerance {
            Held::Broken(least - self.cost, aside)
        } else if most.is_some_and(|most| most - self.cost <= tolerance) {
            Held::Met
        } else {
            Held::Unknown
        }
    }

    fn fallen_short_of(self, tolerance: Cents) -> Held {
        let Bounds { least, most } = self.means;
        if self.cost - least <= tolerance {
            return Held::Met;
        }
        let with = (", même avec tout ce qui est rapporté ou demandé,", ", even with all that is reported or asked,");
        match most {
            Some(most) if self.cost - most > tolerance => {
                Held::Broken(self.cost - most, if most == least { EXACTLY } else { with })
            }
            _ => Held::Unknown,
        }
    }
}

fn held_against_budget(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>, held: fn(Part, Cents) -> Held) {
    let tolerance = Cents::new(sheet.value("tolerance-cents", case.today()).unwrap_or(0));
    let Some(budget) = case.plan.budget else {
        found.push(unknown("aucune fiche ne donne le coût total", "no record gives the total cost"));
        return;
    };
    let means = case.plan.means;
    if case.plan.mixed_tax_basis {
        found.push(across_taxes((budget.total, means.total), tolerance, held));
        return;
    }
    let is_beside = stands_beside(budget, means);
    let parts = parts(budget, means, is_beside);
    let before = found.len();
    for part in &parts {
        if let Held::Broken(distance, aside) = held(*part, tolerance) {
            found.push(broken(*part, distance, aside));
        }
    }
    if found.len() > before {
        return;
    }
    // A part that could not be compared is not met with the others.
    let open = parts.iter().find(|part| matches!(held(**part, tolerance), Held::Unknown));
    found.push(match open {
        _ if is_beside => unknown("le coût n'est dit que pour une partie", "the cost is stated for one part alone"),
        Some(part) if part.means.most.is_some() => {
            let fr = "cela dépend de ce que nul financeur n'a confirmé";
            unknown(fr, "it depends on what no funder confirmed")
        }
        Some(_) => unknown("un montant du plan n'est pas connu", "an amount of the plan is not known"),
        None if parts.is_empty() => unknown("le coût n'est pas connu", "the cost is not known"),
        None => Outcome::met(),
    });
}

/// Amounts before and after tax are not compared, but for what is so far above the cost that no tax explains it.
fn across_taxes((cost, means): (Option<Cents>, Bounds), tolerance: Cents, held: fn(Part, Cents) -> Held) -> Outcome {
    if let Some(cost) = cost
        && let Some(excess) = beyond_any_tax(cost, means.least).filter(|excess| *excess > tolerance)
        && let Held::Broken(..) = held(Part { name: IN_ALL, cost, means }, tolerance)
    {
        let name = ("au total (au moins, toute taxe déduite)", "in all (at least, with any tax taken off)");
        return broken(Part { name, cost, means }, excess, EXACTLY);
    }
    unknown(
        "le coût et les montants mêlent HT et TTC, ou ne le disent pas",
        "cost and sums mix amounts before and after tax, or do not say",
    )
}

fn broken(part: Part, distance: Cents, aside: (&str, &str)) -> Outcome {
    let name = Message::new(format!("{}{}", part.name.0, aside.0), format!("{}{}", part.name.1, aside.1));
    let outcome = Outcome::broken().with("part", Word::Said(name)).with("budget", Word::Amount(part.cost));
    outcome.with("distance", Word::Amount(distance))
}

fn unknown(fr: &str, en: &str) -> Outcome {
    Outcome::unknown().with("why", Word::Said(Message::new(fr, en)))
}

/// By how much means exceed the cost on any reading, were they told with tax and the cost before it; `None` where a tax may explain
/// all of it. Rounded down: it is no more than is sure.
fn beyond_any_tax(cost: Cents, committed: Cents) -> Option<Cents> {
    let least = before_any_tax(committed);
    (least > cost).then(|| least - cost)
}

/// Do means stand in a nature of which the budget, told by nature, says nothing?
pub(super) fn stands_beside(budget: NatureAmounts, means: Means) -> bool {
    let by_nature =
        budget.non_precise.is_none() && (budget.investissement.is_some() || budget.fonctionnement.is_some());
    let [investissement, fonctionnement] = means.stands;
    by_nature
        && (budget.investissement.is_none() && investissement || budget.fonctionnement.is_none() && fonctionnement)
}

const IN_ALL: (&str, &str) = ("au total", "in all");

/// By nature where the cost is told so, and in all: not where means stand in a nature that the budget does not tell of.
fn parts(budget: NatureAmounts, means: Means, is_beside: bool) -> Vec<Part> {
    let named = [
        (("en investissement", "in investment"), budget.investissement, means.investissement),
        (("en fonctionnement", "in operation"), budget.fonctionnement, means.fonctionnement),
        (IN_ALL, budget.total.filter(|_| !is_beside), means.total),
    ];
    let mut parts: Vec<Part> =
        named.into_iter().filter_map(|(name, cost, means)| Some(Part { name, cost: cost?, means })).collect();
    // One nature that is the whole is told once.
    if let [only, all] = parts.as_slice()
        && (only.cost, only.means) == (all.cost, all.means)
    {
        parts.pop();
    }
    parts
}
