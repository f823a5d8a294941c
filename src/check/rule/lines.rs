//! The dividing lines between droit commun and the credits specific to the politique de la ville: the annex of the Region's
//! deliberation of 9 October 2023.

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use crate::domain::vocabulary::{Family, Stage};
use crate::portfolio::{Commitment, DisagreementField};

/// The specific credits may not intervene.
pub(super) fn only(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    on_line(case, sheet, found, |specific| if specific.is_empty() { Outcome::met() } else { Outcome::broken() });
}

/// Droit commun is to be sought first; specific credits only beside it.
pub(super) fn preferred(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>) {
    on_line(case, sheet, found, |specific| {
        let is_sought = is_droit_commun_sought(case) || is_any_sought(case, &sheet.first_families);
        if specific.is_empty() || is_sought { Outcome::met() } else { Outcome::broken() }
    });
}

/// A project with specific credits of which nobody says which action it is.
pub(super) fn unclassified(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    if case.specific_credits().next().is_none() {
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
    if specific.is_empty() {
        return;
    }
    let sought = is_droit_commun_sought(case);
    let outcome = if sought { Outcome::met() } else { Outcome::broken() };
    found.push(if sought { outcome } else { outcome.resting_on(case, positions(case, &specific)) });
}

fn is_droit_commun_sought(case: &Case<'_>) -> bool {
    is_any_sought(case, &[Family::DroitCommun])
}

fn is_any_sought(case: &Case<'_>, families: &[Family]) -> bool {
    let sought =
        |one: &Commitment| one.stage.is_some_and(|stage| stage != Stage::Envisage && stage != Stage::Abandonne);
    case.facts().commitments.iter().any(|one| families.contains(&one.family) && !one.doubts.unadmitted && sought(one))
}

/// Nothing where the project is another action, or has no specific credit and no action; a bare unknown where it has specific
/// credits and no action: that is told once, by the rule that asks for the action.
fn on_line(case: &Case<'_>, sheet: &Sheet, found: &mut Vec<Outcome>, judge: impl Fn(&[&Commitment]) -> Outcome) {
    let (stated, wanted) = (case.action, sheet.action.as_ref());
    match stated {
        Some(_) if stated == wanted => {
            let specific: Vec<&Commitment> = case.specific_credits().collect();
            let outcome = judge(&specific);
            let amounts = specific.iter().filter_map(|one| one.amount).sum();
            let told = outcome.with("amount", Word::Amount(amounts));
            found.push(told.resting_on(case, positions(case, &specific)));
        }
        Some(_) => {}
        None if case.specific_credits().next().is_some() => found.push(Outcome::unknown()),
        None => {}
    }
}

/// The statements behind commitments.
pub(super) fn positions(case: &Case<'_>, commitments: &[&Commitment]) -> Vec<u32> {
    commitments.iter().flat_map(|one| case.facts().positions(one)).collect()
}
