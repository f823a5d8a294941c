//! Stages that bear the reference of a vote and state another year: that of the exercice in which they were written. What was settled,
//! given up or engaged is no slice of a programme of several years, nor is what was proposed before its vote: where one vote alone can be
//! meant, each is of the year of that vote; so is what follows it to the day and bears an earlier year. A slice has its own vote, or request, of its year; engagements of several years, of which one is
//! of the year of the vote and which come to no more than the vote, are slices too. Where several votes bear the reference nothing is guessed here
//! (`elsewhere`).

use super::agree;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Authority, Stage};
use crate::portfolio::case::Statement;
use std::collections::{BTreeMap, BTreeSet};

/// Some stages, and which they follow on.
type Following = (&'static [Stage], fn(Stage) -> bool);

/// The stages that follow, and what they follow on. Each rests on those before it.
const FOLLOWING: [Following; 3] = [
    (&[Stage::Propose, Stage::Engage], |stage| stage == Stage::Attribue),
    (&[Stage::Solde], |stage| matches!(stage, Stage::Attribue | Stage::Engage)),
    (&[Stage::Abandonne], |stage| stage.at_least(Stage::Propose) && stage != Stage::Verse),
];

/// Gives each stage of a grant the year of its vote.
pub(super) fn under_their_votes(statements: &mut [Statement]) {
    for (stages, is_vote) in FOLLOWING {
        let follows = |one: &Statement| one.stage.is_some_and(|stage| stages.contains(&stage));
        let found: Vec<(usize, u16)> = (0..statements.len())
            .filter(|at| follows(&statements[*at]))
            .filter_map(|at| Some((at, year_of_its_vote(&statements[at], statements, is_vote)?)))
            .collect();
        found.into_iter().for_each(|(at, year)| statements[at].year = Some(year));
    }
}

fn year_of_its_vote(one: &Statement, statements: &[Statement], is_vote: fn(Stage) -> bool) -> Option<u16> {
    let year = one.year?;
    one.reference.filter(|_| one.authority == Authority::Own && !one.is_part())?;
    let of_it = || statements.iter().filter(|other| are_of_one_grant(one, other));
    let votes = || of_it().filter(|other| other.authority == Authority::Own && other.stage.is_some_and(is_vote));
    // A list that repeats the vote without its year is no second one.
    let years: BTreeSet<u16> = votes().filter_map(|vote| vote.year).collect();
    let mut years = years.into_iter();
    let (Some(voted), None) = (years.next(), years.next()) else { return None };
    if one.stage == Some(Stage::Propose) {
        return (year < voted).then_some(voted);
    }
    let is_asked = |other: &Statement| matches!(other.stage, Some(Stage::Sollicite | Stage::Envisage));
    let is_asked_anew = of_it().any(|other| other.year == Some(year) && is_asked(other));
    let is_slice = || one.stage == Some(Stage::Engage) && are_slices(voted, &of_it().collect::<Vec<_>>());
    // What follows in December on the vote of next year's money bears the year in which it is written.
    let voted_on = votes().filter(|vote| vote.year.is_some()).filter_map(|vote| vote.decided_on).max();
    let is_later = voted < year || year < voted && voted_on.zip(one.decided_on).is_some_and(|(vote, one)| vote <= one);
    (is_later && !is_asked_anew && !is_slice()).then_some(voted)
}

fn are_of_one_grant(one: &Statement, other: &Statement) -> bool {
    (one.funder, one.form, one.reference) == (other.funder, other.form, other.reference)
        && agree(one.nature, other.nature)
        && agree(one.dispositif, other.dispositif)
}

/// Is the grant engaged in slices, of which the first is of the year of the vote, and which come to no more than it?
fn are_slices(voted: u16, grant: &[&Statement]) -> bool {
    let own = |wanted: Stage| {
        grant.iter().filter(move |one| one.authority == Authority::Own && one.stage == Some(wanted)).copied()
    };
    let mut engaged: BTreeMap<Option<u16>, Option<Cents>> = BTreeMap::new();
    for one in own(Stage::Engage) {
        let amount = one.amount.filter(|_| one.not_public_until.is_none());
        // What two systems say of one year is one slice.
        let known = engaged.entry(one.year).or_insert(amount);
        *known = known.zip(amount).map(|(one, other)| one.max(other));
    }
    let total: Option<Cents> = engaged.values().copied().sum();
    let is_within =
        total.is_some_and(|total| own(Stage::Attribue).filter_map(|vote| vote.amount).any(|vote| total <= vote));
    engaged.len() > 1 && engaged.contains_key(&Some(voted)) && is_within
}
