//! The dividing lines between droit commun and the credits specific to the politique de la ville: the annex of the Region's
//! deliberation of 9 October 2023.

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use crate::domain::vocabulary::{Family, Stage};
use crate::portfolio::{Commitment, DisagreementField, DispositifIx};

/// The specific credits may not intervene.
pub(super) fn only(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    on_line(case, sheet, found, |specific, unsaid| match (specific.is_empty(), unsaid) {
        (false, _) => Outcome::broken(),
        (true, true) => Outcome::told_elsewhere(),
        (true, false) => Outcome::met(),
    });
}

/// Droit commun is to be sought first; specific credits only beside it.
pub(super) fn preferred(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    on_line(case, sheet, found, |specific, unsaid| {
        let sought = of_line_sought(case, sheet);
        match (sought == Some(true) || specific.is_empty() && !unsaid, unsaid) {
            (true, _) => Outcome::met(),
            (false, true) => Outcome::told_elsewhere(),
            (false, false) if sought.is_none() => Outcome::unknown(),
            (false, false) => Outcome::broken(),
        }
    });
}

/// Has what the line names been asked for: a scheme that a table knows, or a family of credits; all of droit commun, where it names no
/// such scheme? `None`: droit commun has, and does not say under which scheme.
fn of_line_sought(case: &Case<'_>, sheet: &Sheet) -> Option<bool> {
    let named: Vec<DispositifIx> =
        sheet.first.iter().filter_map(|code| case.portfolio.dispositif_by_code(code)).collect();
    let droit_commun: Vec<&Commitment> = sought(case, &[Family::DroitCommun]).collect();
    let is_named = |one: &&Commitment| named.is_empty() || one.dispositif.is_some_and(|ix| named.contains(&ix));
    if droit_commun.iter().any(is_named) || sought(case, &sheet.first_families).next().is_some() {
        return Some(true);
    }
    (!droit_commun.iter().any(|one| one.dispositif.is_none())).then_some(false)
}

/// Each sum of the Region says whether it is one of the specific credits: the dividing lines are about these.
pub(super) fn scheme_unstated(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let mut sums = case.live().filter(|one| case.is_region(one.funder) && !one.form.is_holders_means()).peekable();
    if sums.peek().is_none() {
        return;
    }
    let unsaid: Vec<&Commitment> = sums.filter(|one| case.is_unsaid(one)).collect();
    let outcome = if unsaid.is_empty() { Outcome::met() } else { Outcome::broken() };
    found.push(outcome.resting_on(case, positions(case, &unsaid)));
}

/// A project with specific credits of which nobody says which action it is.
pub(super) fn unclassified(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    if case.specific_credits().next().is_none() {
        if case.unsaid_credits().next().is_some() {
            found.push(if case.action.is_some() { Outcome::met() } else { Outcome::told_elsewhere() });
        }
        return;
    }
    let facts = case.facts();
    let contradiction = facts.disagreements.iter().find(|one| one.field == DisagreementField::Action);
    found.push(match (case.action, contradiction) {
        (Some(_), _) => Outcome::met(),
        (None, Some(records)) => Outcome::unknown().seen_in(records.records.iter().copied()),
        (None, None) => Outcome::unknown(),
    });
}

/// Has droit commun been asked for? A refusal shows that it was; what is merely thought of does not.
pub(super) fn droit_commun_first(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let specific: Vec<&Commitment> = case.specific_credits().collect();
    let unsaid = case.unsaid_credits().next().is_some();
    if specific.is_empty() && !unsaid {
        return;
    }
    let behind = || positions(case, &specific);
    found.push(match (is_droit_commun_sought(case), unsaid) {
        (true, _) => Outcome::met(),
        (false, true) if specific.is_empty() => Outcome::told_elsewhere(),
        // The sum that says nothing may be of droit commun.
        (false, true) => Outcome::unknown().resting_on(case, behind()),
        (false, false) => Outcome::broken().resting_on(case, behind()),
    });
}

fn is_droit_commun_sought(case: &Case<'_>) -> bool {
    sought(case, &[Family::DroitCommun]).next().is_some()
}

/// What of these families was asked for, were it refused.
fn sought<'a>(case: &'a Case<'_>, families: &'a [Family]) -> impl Iterator<Item = &'a Commitment> {
    let is_sought =
        |one: &Commitment| one.stage.is_some_and(|stage| stage != Stage::Envisage && stage != Stage::Abandonne);
    let sums = case.facts().commitments.iter().filter(|one| !one.doubts.unadmitted && !case.is_unsaid(one));
    sums.filter(move |one| families.contains(&one.family) && is_sought(one))
}

/// Nothing where the project is another action, or has no specific credit and no action; unknown where it has some, or may have, and
/// no action: that is told once, by the rule that asks for the action, or for the scheme.
fn on_line(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>, judge: impl Fn(&[&Commitment], bool) -> Outcome) {
    let (stated, wanted) = (case.action, sheet.action.as_ref());
    let unsaid = || case.unsaid_credits().next().is_some();
    match stated {
        Some(_) if stated == wanted => {
            let specific: Vec<&Commitment> = case.specific_credits().collect();
            let outcome = judge(&specific, unsaid());
            let amounts = specific.iter().filter_map(|one| one.amount).sum();
            if specific.iter().any(|one| one.veiled) {
                // What is seen of them is not what they come to.
                found.push(outcome.behind_a_veil());
                return;
            }
            let told = outcome.with("amount", Word::Amount(amounts));
            found.push(told.resting_on(case, positions(case, &specific)));
        }
        Some(_) => {}
        None if case.specific_credits().next().is_some() || unsaid() => found.push(Outcome::told_elsewhere()),
        None => {}
    }
}

/// The statements behind commitments.
pub(super) fn positions(case: &Case<'_>, commitments: &[&Commitment]) -> Vec<u32> {
    commitments.iter().flat_map(|one| case.facts().positions(one)).collect()
}
