//! European money: the rate of a fund, two funds on one expense.

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use super::lines::positions;
use super::money::{WHOLE, is_promised};
use super::plan::stands_beside;
use crate::domain::Date;
use crate::domain::facts::Budget;
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::portfolio::Commitment;

/// A European fund pays at most a part of the cost. Where the most depends on the action or on who carries it, what lies between
/// the least of these (`sure-basis-points`) and the most is within or not: nobody here can tell.
pub(super) fn european_rate(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    let Some(fund) = sheet.funder.as_ref().and_then(|fund| case.portfolio.organisation_of(fund)) else { return };
    let of_fund: Vec<&Commitment> = case.live().filter(|one| one.funder == fund && one.counts()).collect();
    if of_fund.is_empty() {
        return;
    }
    // The ceiling is that of the period in which the operation was decided, not of the day on which it is looked at.
    let day = of_fund.iter().filter_map(|one| decided_in(one)).min().unwrap_or_else(|| case.today());
    let unknown = |fr: &str, en: &str| Outcome::unknown().with("why", Word::Said(Message::new(fr, en)));
    let Some(most) = sheet.value("most-basis-points", day) else {
        let outcome = unknown(
            "l'opération est d'une période dont le plafond n'est pas connu ici",
            "the operation is of a period whose ceiling is not known here",
        );
        found.push(outcome.with("fund", Word::Body(fund)).resting_on(case, positions(case, &of_fund)));
        return;
    };
    let tolerance = sheet.value("cost-tolerance-cents", day).unwrap_or(0);
    let paid: Option<Cents> = of_fund.iter().map(|one| one.amount).sum();
    let maybe = case.live().filter(|one| one.funder == fund && one.may_count_beside()).map(|one| one.amount);
    let at_most: Option<Cents> = maybe.chain([paid]).sum();
    let promised: Option<Cents> = of_fund.iter().filter(|one| is_promised(one)).map(|one| one.amount).sum();
    let cost = case.plan.budget.and_then(|budget| budget.total).filter(|cost| *cost > Cents::ZERO);
    // What lies beside the part whose cost is told costs more: a rate of that part is above that of the whole.
    let is_beside = case.plan.budget.is_some_and(|budget| stands_beside(budget, case.plan.means));
    let outcome = match (paid, cost) {
        (Some(paid), Some(cost)) if is_of_basis(case, &of_fund) => {
            // A cost is told in whole euros, a share in cents: what rounding explains is no excess.
            let base = i128::from(cost.get()) + i128::from(tolerance);
            let within = |paid: Cents, most: i64| i128::from(paid.get()) * WHOLE <= base * i128::from(most);
            // Rounded up, so that what is above a ceiling is not told as equal to it.
            let share = i128::from(paid.get()) * WHOLE;
            let rate = i64::try_from((share + i128::from(cost.get()) - 1) / i128::from(cost.get())).unwrap_or(i64::MAX);
            let sure = sheet.value("sure-basis-points", day).unwrap_or(most);
            let outcome = if at_most.is_some_and(|paid| within(paid, sure)) {
                Outcome::met()
            } else if within(paid, sure) {
                unknown(
                    "une somme peut être la même qu'une autre, ou s'y ajouter",
                    "a sum may be the same as another, or come beside it",
                )
            } else if is_beside {
                unknown("le coût n'est dit que pour une partie", "the cost is stated for one part alone")
            } else if within(paid, most) {
                Outcome::unknown().with("why", depends(sure, most))
            } else if promised.is_some_and(|promised| !within(promised, most)) {
                Outcome::broken()
            } else {
                unknown("une part n'est que demandée ou envisagée", "a part is only asked for or considered")
            };
            outcome.with("rate", Word::Rate(rate)).with("most", Word::Rate(most))
        }
        _ => unknown(
            "le coût total, un montant ou leur base (HT, TTC) manque",
            "the total cost, an amount or their basis (HT, TTC) is missing",
        ),
    };
    found.push(outcome.with("fund", Word::Body(fund)).resting_on(case, positions(case, &of_fund)));
}

/// Are these sums of the tax basis of the cost? What other funders put does not matter, and what is only asked does.
fn is_of_basis(case: &Case<'_>, sums: &[&Commitment]) -> bool {
    let basis = case.budget.map(Budget::basis);
    sums.iter().all(|one| Some(one.tax_basis) == basis)
}

/// The day on which a sum was decided, or the first of its budget year.
fn decided_in(one: &Commitment) -> Option<Date> {
    one.decided_on.or_else(|| Date::from_ymd_opt(i32::from(one.year?), 1, 1))
}

/// Why a rate between two ceilings tells nothing.
fn depends(sure: i64, most: i64) -> Word {
    let (sure, most) = (sure / 100, most / 100);
    Word::Said(Message::new(
        format!("il dépasse {sure} % sans dépasser {most} % : le plafond dépend de l'action et de qui la porte"),
        format!("it is above {sure} % and not above {most} %: the ceiling depends on the action and on who carries it"),
    ))
}

/// Two European funds on one project: the same expense may not be declared to both, and one is no national match of the other.
pub(super) fn european_cumul(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let european: Vec<&Commitment> = case.live().filter(|one| case.is_european(one.funder) && one.counts()).collect();
    let Some(first) = european.first() else { return };
    let Some(second) = european.iter().find(|one| one.funder != first.funder) else {
        found.push(Outcome::met());
        return;
    };
    // On two natures the expenses are two for certain; on one, or an unstated one, nobody here can tell.
    let apart = first.nature.is_some()
        && second.nature.is_some()
        && european.iter().all(|one| {
            european
                .iter()
                .all(|other| one.funder == other.funder || one.nature.is_some() && one.nature != other.nature)
        });
    let same = european.iter().any(|one| {
        european.iter().any(|other| one.funder != other.funder && one.nature.is_some() && one.nature == other.nature)
    });
    let outcome = if apart {
        Outcome::met()
    } else if same {
        Outcome::broken()
    } else {
        Outcome::unknown()
    };
    let outcome = outcome.with("first", Word::Body(first.funder)).with("second", Word::Body(second.funder));
    found.push(outcome.resting_on(case, positions(case, &european)));
}
