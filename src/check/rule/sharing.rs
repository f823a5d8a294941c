//! Has every funder with a sum in the plan shared this very version?

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use super::cells::statements;
use crate::domain::governance::{Act, ActEntry};
use crate::domain::organisation::OrganisationId;

/// A line that nobody who may shared.
pub(super) fn not_shared(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let lines = case.plan.lines.iter().zip(&*case.shared).filter(|(_, shared)| shared.is_none());
    for (line, _) in lines {
        let outcome =
            Outcome::broken().with("funder", Word::Body(line.funder)).with("nature", Word::Nature(line.nature));
        found.push(outcome.resting_on(case, statements(case, line)));
    }
    if found.is_empty() && !case.plan.lines.is_empty() {
        found.push(Outcome::met());
    }
}

/// Whoever acknowledged an earlier version, and has not shared the present one.
pub(super) fn changed(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let mut told: Vec<&OrganisationId> = Vec::new();
    let unshared = |by: &OrganisationId| {
        let mut lines = case.plan.lines.iter().zip(&*case.shared);
        lines.any(|(line, shared)| shared.is_none() && case.identity(line.funder) == by)
    };
    for (entry, by) in case.acts().rev().filter_map(acknowledgement) {
        if !told.contains(&by) && unshared(by) {
            told.push(by);
            let Some(body) = case.portfolio.organisation_of(by) else { continue };
            let outcome = Outcome::broken().with("funder", Word::Body(body)).with("when", Word::At(entry.at));
            found.push(outcome.with("changes", Word::ChangesSince(entry.id)));
        }
    }
    if found.is_empty() && case.acts().any(|entry| acknowledgement(entry).is_some()) {
        found.push(Outcome::met());
    }
}

fn acknowledgement(entry: &ActEntry) -> Option<(&ActEntry, &OrganisationId)> {
    match &entry.act {
        Act::Acknowledged { by, .. } => Some((entry, by)),
        _ => None,
    }
}
