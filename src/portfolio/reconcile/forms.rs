//! What a funder settled, gave up or refused in one form, where it granted nothing in that form: it may be of what it granted in another,
//! a grant that became a loan, or a desk that writes one form for all. One reference tells that they are of one file, and so does the very
//! amount where one of both states no reference; nobody can say whether the grant stands. What was settled counts for nothing beside it.
//!
//! And one decision that two sources of its funder tell, each alone, in another form, or of another scheme, nature or year: one reference and one
//! amount, or one day and one amount in a list and in a system; where one of both tells no day, the amount alone, if they differ in
//! nothing but the form or the nature. It is one sum that they contradict each other about: that of the list counts for nothing beside
//! the other.

use super::elsewhere::own_votes;
use super::refusals::is_refusal;
use super::{Cluster, Key, Mark, agree};
use crate::domain::money::Cents;
use crate::domain::source::Standing;
use crate::domain::vocabulary::{Authority, Stage};
use crate::portfolio::case::Statement;
use crate::portfolio::index::SourceIx;
use std::collections::BTreeSet;

/// Puts in doubt what may be of a sum in another form.
pub(super) fn tell(clusters: &mut [Cluster], statements: &[Statement]) {
    let (mut settled, mut contradicted) = (Vec::new(), Vec::new());
    for at in 0..clusters.len() {
        let Some(word) = word_without_grant(&clusters[at], statements) else { continue };
        let key = clusters[at].group.key;
        let is_of = |other: &Cluster| own_votes(other, statements).any(|vote| may_be_of(word, (key, other), vote));
        let of: Vec<usize> = (0..clusters.len()).filter(|other| is_of(&clusters[*other])).collect();
        if of.is_empty() || is_granted_in_its_form(clusters, word, key, statements) {
            continue;
        }
        if word.stage == Some(Stage::Solde) {
            settled.push(at);
        } else {
            contradicted.extend(of.into_iter().chain([at]));
        }
    }
    settled.into_iter().for_each(|at| clusters[at].group.uncertain = true);
    contradicted.into_iter().for_each(|at| clusters[at].group.contradicted = true);
    tell_twins(clusters, statements);
}

/// Contradicts what two sources of a funder tell otherwise, and sets one of both aside.
fn tell_twins(clusters: &mut [Cluster], statements: &[Statement]) {
    let of = |one: &Cluster| one.group.members.first().map(|at| &statements[*at]).map(|one| (one.funder, one.form));
    for at in 0..clusters.len() {
        for other in at + 1..clusters.len() {
            let (one, another) = (&clusters[at], &clusters[other]);
            let (Some((funder, form)), Some((its_funder, its_form))) = (of(one), of(another)) else { continue };
            let (key, its_key) = (one.group.key, another.group.key);
            let differing = [
                form != its_form,
                !agree(key.nature, its_key.nature),
                !agree(key.dispositif, its_key.dispositif),
                !agree(key.year, its_key.year),
            ];
            let is_near = !differing[2] && differing[0] != differing[1];
            if funder != its_funder || !differing.contains(&true) || !are_twins(one, another, is_near) {
                continue;
            }
            let is_aside = one.group.uncertain || another.group.uncertain;
            let aside = if one.standing() > another.standing() { at } else { other };
            clusters[aside].group.uncertain |= !is_aside;
            clusters[at].group.contradicted = true;
            clusters[other].group.contradicted = true;
        }
    }
}

/// Is one decision told in both, and does no source of the funder tell both of them? Of two that are near, the day need not be told.
fn are_twins(one: &Cluster, other: &Cluster, are_near: bool) -> bool {
    let is_decided = |mark: &&Mark| {
        mark.own && matches!(mark.stage, Some(Stage::Propose | Stage::Attribue | Stage::Engage | Stage::Solde))
    };
    // What it settled or paid, and what it was asked, tells no second grant.
    let granting = |one: &Cluster| -> BTreeSet<SourceIx> {
        let granted = one.marks.iter().filter(is_decided).filter(|mark| mark.stage != Some(Stage::Solde));
        granted.map(|mark| mark.source).collect()
    };
    let guesses_its_year = |one: &Cluster| {
        let is_listed = |mark: &Mark| mark.standing == Standing::Publication;
        one.group.key.year.is_none() || one.marks.iter().filter(is_decided).all(is_listed)
    };
    let is_list = |mark: &Mark| mark.standing == Standing::Publication;
    let is_one = |one: &Mark, other: &Mark| {
        let is_named = one.reference.is_some() && one.reference == other.reference;
        let is_of_its_day = one.decided_on.is_some() && one.decided_on == other.decided_on;
        let may_be_of_its_day = is_of_its_day || are_near && agree(one.decided_on, other.decided_on);
        let is_told =
            is_named || may_be_of_its_day && agree(one.reference, other.reference) && is_list(one) != is_list(other);
        one.amount.is_some_and(|amount| amount != Cents::ZERO) && one.amount == other.amount && is_told
    };
    let may_be_of_one_year = !one.is_of_other_years(other) || guesses_its_year(one) || guesses_its_year(other);
    // One number and one day tell it, whatever year each of them writes.
    let is_one_decision = |one: &Mark, other: &Mark| {
        may_be_of_one_year
            || one.reference == other.reference && one.decided_on.is_some() && one.decided_on == other.decided_on
    };
    let is_met = || {
        let mut all = one.marks.iter().filter(is_decided);
        let again = |mark: &Mark, another: &Mark| is_one(mark, another) && is_one_decision(mark, another);
        all.any(|mark| other.marks.iter().filter(is_decided).any(|another| again(mark, another)))
    };
    is_met() && granting(one).is_disjoint(&granting(other))
}

/// The funder's own word that a sum was settled, given up or refused, with which nothing stands that was asked or granted.
fn word_without_grant<'a>(cluster: &Cluster, statements: &'a [Statement]) -> Option<&'a Statement> {
    let said = || cluster.group.members.iter().map(|at| &statements[*at]);
    let is_end =
        |one: &Statement| is_refusal(one) || matches!(one.stage, Some(Stage::Verse | Stage::Solde | Stage::Abandonne));
    let own = |wanted: fn(&Statement) -> bool| said().find(|one| one.authority == Authority::Own && wanted(one));
    if cluster.group.uncertain || !said().all(is_end) {
        return None;
    }
    own(|one| one.stage == Some(Stage::Abandonne))
        .or_else(|| own(is_refusal))
        .or_else(|| own(|one| one.stage == Some(Stage::Solde)))
}

/// Is it of the file of the vote, or of its very amount where one of both states no reference, and not of an earlier day? What is refused
/// under the number of a file, at another amount than what was granted, may be the rest of what was asked there.
fn may_be_of(word: &Statement, (key, cluster): (Key, &Cluster), vote: &Statement) -> bool {
    let voted = cluster.group.key;
    let is_named = key.reference.is_some() && key.reference == voted.reference;
    // Under one reference another scheme is as little another grant as another year.
    let of_its_file = |key: Key| if is_named { Key { nature: key.nature, ..Key::default() } } else { key };
    // What was settled is no more than the vote in the ordinary course; what is given up without an amount can be of nothing else.
    let is_of_its_amount = match (word.stage, word.amount) {
        (Some(Stage::Solde), Some(settled)) => vote.amount.is_none_or(|voted| settled <= voted),
        (_, Some(amount)) => vote.amount == Some(amount),
        (_, None) => !is_refusal(word),
    };
    let is_of_its_file = is_named && (word.amount.is_none() || !is_refusal(word));
    let is_settled = || cluster.marks.iter().any(|mark| mark.own && mark.stage == Some(Stage::Solde));
    word.funder == vote.funder
        && word.form != vote.form
        && of_its_file(key).compatible(of_its_file(voted))
        && (is_of_its_amount || is_of_its_file)
        && (is_named || word.stage != Some(Stage::Solde) || !is_settled())
        && !is_before(word, vote)
}

/// Did it grant in that form too what the word may be about? Then the word is about that one.
fn is_granted_in_its_form(clusters: &[Cluster], word: &Statement, key: Key, statements: &[Statement]) -> bool {
    let is_of_its_form = |vote: &Statement| (vote.funder, vote.form) == (word.funder, word.form);
    clusters.iter().any(|one| {
        let is_named = key.reference.is_some() && key.reference == one.group.key.reference;
        (is_named || one.group.key.compatible(key)) && own_votes(one, statements).any(is_of_its_form)
    })
}

fn is_before(word: &Statement, vote: &Statement) -> bool {
    word.decided_on.zip(vote.decided_on).is_some_and(|(ended, voted)| ended < voted)
}
