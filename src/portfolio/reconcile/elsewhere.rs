//! What a funder settled or gave up, and that stands with no vote and no request of its own: it may be of a vote that its year or its number
//! tells apart. The year may be that of the exercice in which it was written, the number that of a desk, of a deliberation, or of a list
//! of payments. Nobody can say whether it is of that vote: what was settled counts for nothing beside it, and is in doubt; a vote of the
//! amount that was given up, or of any where none is stated, is contradicted.
//!
//! And rows of one source at one stage that bear one reference, of which one states no year: they may be one sum amended.

use super::renounced::may_end;
use super::{Cluster, Key, agree};
use crate::domain::source::Standing;
use crate::domain::vocabulary::{Authority, Stage};
use crate::portfolio::case::Statement;
use crate::portfolio::index::SourceIx;
use std::collections::BTreeSet;

/// What a funder settled or gave up, alone.
struct Lone<'a> {
    at: usize,
    word: &'a Statement,
    /// Nothing else bears its number.
    is_numbered_alone: bool,
    /// The sources that settle it vote nothing, so that their numbers may be those of payments.
    is_of_payments: bool,
}

/// Puts in doubt what may be of another sum than the one that it stands with.
pub(super) fn tell(clusters: &mut [Cluster], statements: &[Statement]) {
    let (mut settled, mut contradicted) = (Vec::new(), Vec::new());
    for at in 0..clusters.len() {
        let Some(word) = lone_word(&clusters[at], statements) else { continue };
        let is_numbered_alone = is_numbered_alone(clusters, at);
        let is_of_payments = is_of_payments_alone(clusters, &clusters[at]);
        let lone = Lone { at, word, is_numbered_alone, is_of_payments };
        let others = (0..clusters.len()).filter(|other| *other != at);
        let votes: Vec<usize> = others.filter(|other| lone.may_be_of(clusters, *other, statements)).collect();
        if votes.is_empty() {
            continue;
        }
        if word.stage == Some(Stage::Abandonne) {
            contradicted.extend(votes.into_iter().chain([at]));
        } else {
            settled.push(at);
        }
    }
    settled.into_iter().for_each(|at| clusters[at].group.uncertain = true);
    contradicted.into_iter().for_each(|at| clusters[at].group.contradicted = true);
    tell_undated(clusters, statements);
}

/// The funder's own word that a sum was given up, or settled, where nothing but payments stands beside it.
fn lone_word<'a>(cluster: &Cluster, statements: &'a [Statement]) -> Option<&'a Statement> {
    let said = || cluster.group.members.iter().map(|at| &statements[*at]);
    let is_end = |one: &Statement| matches!(one.stage, Some(Stage::Verse | Stage::Solde | Stage::Abandonne));
    let own = |stage: Stage| said().find(|one| one.authority == Authority::Own && one.stage == Some(stage));
    if cluster.group.uncertain || !said().all(is_end) {
        return None;
    }
    own(Stage::Abandonne).or_else(|| own(Stage::Solde))
}

impl Lone<'_> {
    fn may_be_of(&self, clusters: &[Cluster], other: usize, statements: &[Statement]) -> bool {
        let (end, vote) = (&clusters[self.at], &clusters[other]);
        let (key, voted) = (end.group.key, vote.group.key);
        // Under one reference another scheme is as little another grant as another year.
        let is_named = key.reference.is_some() && key.reference == voted.reference;
        let any_year = |key: Key| match is_named {
            true => Key { nature: key.nature, ..Key::default() },
            false => Key { year: None, reference: None, ..key },
        };
        if !any_year(key).compatible(any_year(voted)) {
            return false;
        }
        let is_earlier = vote.window.ends_before(end.window);
        let is_of_its_number = agree(key.reference, voted.reference);
        let is_of_another_scheme = key.dispositif.zip(voted.dispositif).is_some_and(|(one, other)| one != other);
        let is_apart = if is_of_its_number {
            is_earlier || is_named && is_of_another_scheme
        } else {
            self.is_numbered_alone && (is_earlier || vote.window.meets(end.window))
        };
        let is_it = || {
            if self.word.stage == Some(Stage::Abandonne) {
                return may_be_given_up(self.word, vote, is_of_its_number, statements);
            }
            (is_of_its_number || self.is_of_payments) && may_be_settled(self.word, (end, vote), statements)
        };
        is_apart && is_it()
    }
}

pub(super) fn own_votes<'a>(cluster: &'a Cluster, statements: &'a [Statement]) -> impl Iterator<Item = &'a Statement> {
    let said = cluster.group.members.iter().map(|at| &statements[*at]);
    let is_vote = |one: &&Statement| matches!(one.stage, Some(Stage::Propose | Stage::Attribue | Stage::Engage));
    said.filter(|one| one.authority == Authority::Own).filter(is_vote)
}

/// Is it of the amount of the vote, or of none? Under another number the amount alone tells.
fn may_be_given_up(word: &Statement, vote: &Cluster, is_of_its_number: bool, statements: &[Statement]) -> bool {
    let is_told = is_of_its_number || word.amount.is_some();
    !vote.is_given_up() && is_told && own_votes(vote, statements).any(|vote| may_end(word, vote))
}

/// Is it no more than what the funder's own system voted, and the source of it did not settle? What another source settled it may state
/// again. Of the reference of the vote it may be any amount.
fn may_be_settled(word: &Statement, (end, vote): (&Cluster, &Cluster), statements: &[Statement]) -> bool {
    let is_said = |source: SourceIx| end.marks.iter().any(|mark| mark.own && mark.source == source);
    let is_settled = vote.marks.iter().any(|mark| mark.own && mark.stage == Some(Stage::Solde) && is_said(mark.source));
    let is_first_hand = vote.marks.iter().any(|mark| mark.own && mark.standing != Standing::Publication);
    let is_named = word.reference.is_some() && word.reference == vote.group.key.reference;
    let is_no_more = |vote: &Statement| word.amount.zip(vote.amount).is_none_or(|(settled, voted)| settled <= voted);
    let mut granted = own_votes(vote, statements).filter(|one| one.stage != Some(Stage::Propose));
    !is_settled && !vote.is_given_up() && is_first_hand && granted.any(|vote| is_named || is_no_more(vote))
}

/// Does nothing else bear its number?
fn is_numbered_alone(clusters: &[Cluster], at: usize) -> bool {
    let reference = clusters[at].group.key.reference;
    let mut others = clusters.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, one)| one);
    others.all(|one| one.marks.iter().all(|mark| mark.reference != reference))
}

/// Do its sources vote nothing?
fn is_of_payments_alone(clusters: &[Cluster], end: &Cluster) -> bool {
    let sources: BTreeSet<SourceIx> = end.marks.iter().filter(|mark| mark.own).map(|mark| mark.source).collect();
    let is_vote = |stage: Stage| matches!(stage, Stage::Attribue | Stage::Engage);
    let mut votes =
        clusters.iter().flat_map(|one| &one.marks).filter(|mark| mark.own && mark.stage.is_some_and(is_vote));
    votes.all(|mark| !sources.contains(&mark.source))
}

/// Puts in doubt rows of one source at one stage and of one reference, of which one states a year and the other may be of that one: the
/// grant may have been amended. The one that states its year counts.
fn tell_undated(clusters: &mut [Cluster], statements: &[Statement]) {
    let is_part = |one: &Cluster| one.group.members.iter().any(|at| statements[*at].is_part());
    let is_twice = |one: &Cluster, other: &Cluster| {
        let like = |mark: &super::Mark| {
            let is_granted = mark.own && !mark.is_paid() && mark.stage.is_some_and(Stage::is_decided);
            is_granted && other.marks.iter().any(|other| other.own && mark.is_like(other))
        };
        let any_year = |key: Key| Key { year: None, ..key };
        one.bears_reference_of(other)
            && any_year(one.group.key) == any_year(other.group.key)
            && one.window.meets(other.window)
            && one.marks.iter().any(like)
            && !is_part(one)
            && !is_part(other)
    };
    let year = |at: usize| clusters[at].group.key.year;
    let pairs: Vec<(usize, usize)> = (0..clusters.len())
        .filter(|at| year(*at).is_none())
        .flat_map(|at| (0..clusters.len()).filter(move |other| *other != at).map(move |other| (at, other)))
        .filter(|(at, other)| year(*other).is_some() && is_twice(&clusters[*at], &clusters[*other]))
        .collect();
    for (undated, dated) in pairs {
        clusters[undated].group.uncertain = true;
        clusters[dated].group.contradicted = true;
    }
}
