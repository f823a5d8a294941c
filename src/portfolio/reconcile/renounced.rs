//! What a funder says that it gave up, or refuses, and that stands with no sum of its own: a vote of the same amount, where nothing tells
//! them apart, may be what it is of. Nobody can say whether that vote stands. So may one of the amount that was given up, where the word
//! stands with a vote of another. And a vote that nobody asks for stands in doubt beside what another source of its funder refuses.

use super::Cluster;
use super::refusals::is_refusal;
use crate::domain::vocabulary::{Authority, Stage};
use crate::portfolio::case::Statement;

/// Contradicts the votes that may have been given up or refused by a word that stands apart from them.
pub(super) fn tell(clusters: &mut [Cluster], refused: &[Cluster], statements: &[Statement]) {
    let votes_in =
        |at: usize| clusters[at].group.members.iter().map(|one| &statements[*one]).filter(|one| is_vote(one));
    let is_of_none = |at: usize, word: &Statement| {
        votes_in(at).next().is_none() || word.amount.is_some() && !votes_in(at).any(|vote| vote.amount == word.amount)
    };
    let alone: Vec<(usize, &Statement)> = (0..clusters.len())
        .flat_map(|at| clusters[at].group.members.iter().map(move |one| (at, *one)))
        .map(|(at, one)| (at, &statements[one]))
        .filter(|(_, one)| one.authority == Authority::Own && one.stage == Some(Stage::Abandonne))
        .filter(|(at, one)| is_of_none(*at, one))
        .collect();
    let is_alone = |one: &&Cluster| one.group.members.iter().all(|at| is_refusal(&statements[*at]));
    let refusals =
        refused.iter().filter(is_alone).flat_map(|one| one.group.members.iter().map(move |at| (one, &statements[*at])));
    let words: Vec<(super::Key, &Statement)> = alone
        .into_iter()
        .map(|(at, one)| (clusters[at].group.key, one))
        // What a refusal of no amount is of is told beside the votes.
        .chain(refusals.map(|(cluster, one)| (cluster.group.key, one)).filter(|(_, one)| one.amount.is_some()))
        .collect();
    for one in clusters.iter_mut() {
        let key = one.group.key;
        let votes = || one.group.members.iter().map(|at| &statements[*at]).filter(|one| is_vote(one));
        let may_be_of = |word: &Statement| votes().any(|vote| may_end(word, vote));
        one.group.contradicted |= words.iter().any(|(of, word)| of.compatible(key) && may_be_of(word));
    }
    tell_refused_elsewhere(clusters, refused, statements);
}

/// Contradicts a vote that nobody asks for, where another source of its funder refuses, not before it, all that is asked of its nature,
/// scheme and year.
fn tell_refused_elsewhere(clusters: &mut [Cluster], refused: &[Cluster], statements: &[Statement]) {
    let is_asked = |one: &Cluster| one.group.members.iter().any(|at| statements[*at].is_request());
    let asked: Vec<super::Key> = clusters.iter().filter(|one| is_asked(one)).map(|one| one.group.key).collect();
    let rows = |one: &Cluster, wanted: fn(&Statement) -> bool| {
        let all = one.group.members.iter().zip(&one.marks);
        let found =
            all.filter(|(at, _)| wanted(&statements[**at])).map(|(at, mark)| (mark.source, statements[*at].decided_on));
        found.collect::<Vec<_>>()
    };
    for refusal in refused.iter().filter(|one| is_asked(one)) {
        let key = refusal.group.key;
        let words = rows(refusal, is_refusal);
        if asked.iter().any(|open| open.compatible(key)) {
            continue;
        }
        for one in clusters.iter_mut().filter(|one| one.group.key.compatible(key)) {
            let votes = rows(one, is_vote);
            let is_told = |(source, said): &(_, Option<_>)| {
                let is_later = |voted: Option<_>| voted.zip(*said).is_some_and(|(voted, said)| voted > said);
                votes.iter().all(|(other, voted)| other != source && !is_later(*voted))
            };
            one.group.contradicted |= !votes.is_empty() && words.iter().all(is_told);
        }
    }
}

fn is_vote(one: &Statement) -> bool {
    one.authority == Authority::Own
        && one.stage.is_some_and(|stage| stage.at_least(Stage::Propose) && stage != Stage::Verse)
}

/// Is it of the amount of the vote, or of none, and not of an earlier day?
pub(super) fn may_end(word: &Statement, vote: &Statement) -> bool {
    let is_before = word.decided_on.zip(vote.decided_on).is_some_and(|(ended, voted)| ended < voted);
    (word.amount.is_none() || word.amount == vote.amount) && !is_before
}
