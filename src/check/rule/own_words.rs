//! Does a funder contradict itself?

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use super::lines::positions;
use super::money::met_if_nothing;
use crate::domain::message::Message;
use crate::portfolio::{Commitment, OrganisationIx, payments_may_exceed_the_grant};
use std::collections::BTreeSet;

/// Two own statements of one sum differ, or stand in a record that is in doubt. Of a funder that keeps a sum from the reader it is not told
/// whether it is so: the hidden sum may decide it.
pub(super) fn own_words_differ(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let before = found.len();
    let differs = |one: &&Commitment| {
        one.doubts.disagreement
            || one.doubts.disputed
            || case.portfolio.holders_words_differ(case.facts(), one)
            || case.facts().is_overtaken(one, case.moment)
    };
    // Granted and refused at once: it counts for nothing, and is told all the same.
    let ended = case.facts().commitments.iter().filter(|one| one.is_outside() && one.doubts.disagreement);
    let ended = ended.filter(|one| !one.doubts.unadmitted);
    let differing = case.live().filter(differs).chain(ended).filter(|one| !case.facts().keeps_of(one.funder));
    let behind = differing.map(|one| (one.funder, positions(case, &[one]))).chain(denied_and_put(case));
    // One sentence of a funder says all of its contradictions.
    let mut told: Vec<(OrganisationIx, BTreeSet<u32>)> = Vec::new();
    for (funder, positions) in behind {
        match told.iter_mut().find(|(known, _)| *known == funder) {
            Some((_, all)) => all.extend(positions),
            None => told.push((funder, positions.into_iter().collect())),
        }
    }
    let broken = |(funder, positions)| Outcome::broken().with("funder", Word::Body(funder)).resting_on(case, positions);
    found.extend(told.into_iter().map(broken));
    for one in case.live().filter(|one| !differs(one) && !case.facts().keeps_of(one.funder)) {
        let why = if case.facts().is_to_end(one, case.moment) {
            Message::new(
                "annonce, pour un jour à venir, qu'il ne financera pas une somme qu'il accorde",
                "announces, for a day to come, that it will not put a sum that it grants",
            )
        } else if payments_may_exceed_the_grant(case.facts(), one) {
            Message::new(
                "les paiements qu'il inscrit dépassent ensemble ce qu'il a voté, à moins que chacun ne dise le total payé jusque-là",
                "the payments that it lists come to more than it voted, unless each states all that was paid so far",
            )
        } else {
            continue;
        };
        let outcome = Outcome::unknown().with("funder", Word::Body(one.funder)).with("why", Word::Said(why));
        found.push(outcome.resting_on(case, positions(case, &[one])));
    }
    let mut kept = case.facts().commitments.iter().filter(|one| case.facts().keeps_of(one.funder));
    if kept.any(|one| one.doubts.any()) {
        found.push(Outcome::unweighed());
    }
    met_if_nothing(case, found, before);
}

/// A funder that says that it puts nothing, and says a sum of its own that this may be about: the statements of both.
fn denied_and_put<'a>(case: &'a Case<'_>) -> impl Iterator<Item = (OrganisationIx, Vec<u32>)> + 'a {
    let facts = case.facts();
    let nothings = (0..).zip(facts.all_statements()).filter(|(_, one)| one.nothing && one.is_said(case.moment));
    nothings.filter(|(_, nothing)| !facts.keeps_of(nothing.funder)).filter_map(move |(at, nothing)| {
        let put: Vec<&Commitment> = facts.contradicted_by(nothing).collect();
        let behind = positions(case, &put).into_iter().chain([at]).collect();
        (!put.is_empty()).then_some((nothing.funder, behind))
    })
}
