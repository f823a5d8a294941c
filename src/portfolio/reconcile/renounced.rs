//! What a funder says that it gave up, or refuses, and that stands with no sum of its own: a vote of the same amount, where nothing tells
//! them apart, may be what it is of. Nobody can say whether that vote stands.

use super::Cluster;
use super::refusals::is_refusal;
use crate::domain::vocabulary::{Authority, Stage};
use crate::portfolio::case::Statement;

/// Contradicts the votes that may have been given up or refused by a word that stands apart from them.
pub(super) fn tell(clusters: &mut [Cluster], refused: &[Cluster], statements: &[Statement]) {
    let alone: Vec<(usize, &Statement)> = (0..clusters.len())
        .filter(|at| !clusters[*at].group.members.iter().any(|one| is_vote(&statements[*one])))
        .flat_map(|at| clusters[at].group.members.iter().map(move |one| (at, *one)))
        .map(|(at, one)| (at, &statements[one]))
        .filter(|(_, one)| one.authority == Authority::Own && one.stage == Some(Stage::Abandonne))
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
    for one in clusters {
        let key = one.group.key;
        let votes = || one.group.members.iter().map(|at| &statements[*at]).filter(|one| is_vote(one));
        let may_be_of = |word: &Statement| votes().any(|vote| may_end(word, vote));
        one.group.contradicted |= words.iter().any(|(of, word)| of.compatible(key) && may_be_of(word));
    }
}

fn is_vote(one: &Statement) -> bool {
    one.authority == Authority::Own
        && one.stage.is_some_and(|stage| stage.at_least(Stage::Propose) && stage != Stage::Verse)
}

/// Is it of the amount of the vote, or of none, and not of an earlier day?
fn may_end(word: &Statement, vote: &Statement) -> bool {
    let is_before = word.decided_on.zip(vote.decided_on).is_some_and(|(ended, voted)| ended < voted);
    (word.amount.is_none() || word.amount == vote.amount) && !is_before
}
