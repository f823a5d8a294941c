//! The dividing lines between droit commun and the credits specific to the politique de la ville: the annex of the Region's
//! deliberation of 9 October 2023.

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use crate::domain::vocabulary::{Family, Stage};
use crate::portfolio::{Commitment, DisagreementField};

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
        let is_sought = is_droit_commun_sought(case) || is_any_sought(case, &sheet.first_families);
        match (is_sought || specific.is_empty() && !unsaid, unsaid) {
            (true, _) => Outcome::met(),
            (false, true) => Outcome::told_elsewhere(),
            (false, false) => Outcome::broken(),
        }
    });
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
    is_any_sought(case, &[Family::DroitCommun])
}

fn is_any_sought(case: &Case<'_>, families: &[Family]) -> bool {
    let sought =
        |one: &Commitment| one.stage.is_some_and(|stage| stage != Stage::Envisage && stage != Stage::Abandonne);
    let mut sums = case.facts().commitments.iter().filter(|one| !one.doubts.unadmitted && !case.is_unsaid(one));
    sums.any(|one| families.contains(&one.family) && sought(one))
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
