//! Has every funder with a sum in the plan shared this very version?

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use super::cells::statements;
use crate::domain::governance::{Act, ActEntry};
use crate::domain::message::Message;
use crate::domain::organisation::OrganisationId;
use crate::portfolio::PlanLine;

/// A line that nobody who may shared. What its funder keeps from others has a rule of its own.
pub(super) fn not_shared(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let unshared = || case.plan.lines.iter().zip(&*case.shared).filter(|(_, shared)| shared.is_none());
    for (line, _) in unshared().filter(|(line, _)| line.not_public_until.is_none()) {
        found.push(of_line(case, line));
    }
    if unshared().next().is_none() && !case.plan.lines.is_empty() {
        found.push(Outcome::met());
    }
}

/// A line of which the funder keeps a sum from others.
pub(super) fn kept(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    for line in &case.plan.lines {
        if let Some(until) = line.not_public_until {
            found.push(of_line(case, line).with("until", Word::Day(until)));
        }
    }
    if found.is_empty() && case.facts().all_statements().iter().any(|one| one.not_public_until.is_some()) {
        found.push(Outcome::met());
    }
}

fn of_line(case: &Case<'_>, line: &PlanLine) -> Outcome {
    let outcome = Outcome::broken().with("funder", Word::Body(line.funder)).with("nature", Word::Nature(line.nature));
    outcome.resting_on(case, statements(case, line))
}

/// Whoever acknowledged an earlier version, or was present when it was before a committee, and has not shared the present one.
pub(super) fn changed(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let mut told: Vec<&OrganisationId> = Vec::new();
    let unshared = |by: &OrganisationId| {
        let mut lines = case.plan.lines.iter().zip(&*case.shared);
        let concerns = |funder: &OrganisationId| funder == by || case.rulebook.answers_for(by, funder, case.today());
        lines.any(|(line, shared)| shared.is_none() && concerns(case.identity(line.funder)))
    };
    for (entry, by) in case.acts().rev().flat_map(|entry| agreed(case, entry).map(move |by| (entry, by))) {
        if !told.contains(&by) && unshared(by) {
            told.push(by);
            let Some(body) = case.portfolio.organisation_of(by) else { continue };
            let (how, when) = how(entry);
            let outcome = Outcome::broken().with("funder", Word::Body(body)).with("how", Word::Said(how));
            found.push(outcome.with("when", when).with("changes", Word::ChangesSince(entry.id)));
        }
    }
    let agreeing = |entry: &ActEntry| matches!(entry.act, Act::Acknowledged { .. } | Act::Minutes { .. });
    if found.is_empty() && case.acts().any(agreeing) {
        found.push(Outcome::met());
    }
}

/// Who agreed to a version of the plan by this act. Where what was agreed to is the present version and yet shares nothing, that has
/// another reason than a change.
fn agreed<'a>(case: &Case<'a>, entry: &'a ActEntry) -> impl Iterator<Item = &'a OrganisationId> {
    let bodies = match &entry.act {
        Act::Acknowledged { by, plan, content, .. } if !case.agreed.is(plan, Some(content)) => std::slice::from_ref(by),
        Act::Minutes { present, .. } if case.plan_before(entry).is_some_and(|one| !case.agreed.is_shared(one)) => {
            present
        }
        _ => &[],
    };
    bodies.iter()
}

fn how(entry: &ActEntry) -> (Message, Word) {
    match &entry.act {
        Act::Minutes { held_on, .. } => {
            let how = Message::new("a pris part à l'examen du plan", "took part in the examination of the plan");
            (how, Word::Day(*held_on))
        }
        _ => (Message::new("avait accusé lecture du plan", "had acknowledged the plan"), Word::At(entry.at)),
    }
}
