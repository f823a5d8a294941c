//! Where records contradict each other about who carries a project, what it costs or when it takes place, a rule that rests on it is
//! told only where it comes to the same on every reading. Otherwise nobody knows: not the record that comes first decides.

use super::case::Case;
use super::outcome::{Outcome, Verdict, Word};
use super::rulebook::Sheet;
use crate::domain::message::Message;
use crate::portfolio::DisagreementField;
use std::sync::Arc;

/// What records contradict each other about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Holder,
    Cost,
    Days,
}

/// A case as other records have it.
pub(super) struct Reading<'a> {
    case: Case<'a>,
    about: About,
}

/// The case on each other reading of its records; none where they agree.
pub(super) fn readings<'a>(case: &Case<'a>) -> Vec<Reading<'a>> {
    let Some(otherwise) = case.facts().otherwise.as_deref() else { return Vec::new() };
    let holders = otherwise.holders.iter().map(|one| Case { holder: Some(*one), ..case.clone() });
    let budgets = otherwise.budgets.iter().map(|one| {
        let plan = case.portfolio.plan_at_cost(&case.plan, (case.project, case.moment), *one);
        Case { budget: Some(*one), plan: Arc::new(plan), ..case.clone() }
    });
    let days = otherwise.days.iter().map(|one| Case { days: *one, ..case.clone() });
    let of = |about| move |case| Reading { case, about };
    let all = holders.map(of(About::Holder)).chain(budgets.map(of(About::Cost)));
    all.chain(days.map(of(About::Days))).collect()
}

/// What came of a rule on a case, held against the other readings of it: nobody knows, where one of them comes to something else.
pub(super) fn agreed(case: &Case<'_>, readings: &[Reading<'_>], sheet: &Sheet, found: &mut Vec<Outcome>) {
    let run = sheet.run.expect("a rulebook is read with the formula of each sheet");
    let verdicts = |all: &[Outcome]| all.iter().map(|one| one.verdict).collect::<Vec<_>>();
    let is_fine = |all: &[Outcome]| all.iter().all(|one| one.verdict == Verdict::Met);
    for reading in readings {
        let mut other = Vec::new();
        run(&reading.case, sheet, &mut other);
        if is_fine(found) && is_fine(&other) {
            // What does not concern the case on one reading, and is met on another, is met.
            if found.is_empty() {
                *found = other;
            }
        } else if verdicts(found) != verdicts(&other) {
            *found = vec![unknown(case, reading.about, found.drain(..).chain(other).collect())];
            return;
        }
    }
}

/// The sentence has the words of the outcomes, but for what is contradicted.
fn unknown(case: &Case<'_>, about: About, outcomes: Vec<Outcome>) -> Outcome {
    let (field, why) = match about {
        About::Holder => (
            Some(DisagreementField::Holder),
            Message::new(
                "les fiches se contredisent sur le porteur",
                "the records contradict each other about the holder",
            ),
        ),
        About::Cost => (
            Some(DisagreementField::Budget),
            Message::new(
                "les fiches se contredisent sur le coût total",
                "the records contradict each other about the total cost",
            ),
        ),
        About::Days => (
            None,
            Message::new(
                "les fiches se contredisent sur les dates du projet",
                "the records contradict each other about the dates of the project",
            ),
        ),
    };
    let behind = case.facts().disagreements.iter().filter(|one| Some(one.field) == field);
    let mut told = Outcome::unknown().with("why", Word::Said(why));
    if about == About::Holder {
        let holders = case.facts().holder.iter().chain(case.facts().other_holders());
        let names: Vec<&str> = holders.map(|one| case.portfolio.organisation(*one).name).collect();
        told = told.with("holder", Word::Text(names.join(" / ").into()));
    }
    for one in outcomes {
        told.words.extend(one.words);
        told.statements.extend(one.statements);
        told.records.extend(one.records);
    }
    told.statements.sort_unstable();
    told.statements.dedup();
    told.seen_in(behind.flat_map(|one| one.records.iter().copied()))
}
