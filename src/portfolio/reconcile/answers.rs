//! Which of the sums that others state, or that are asked for, the funder's own words can be about. One word is about one sum: where
//! two requests may each be what it answers, one of them has no answer.

use super::{Cluster, Mark, asked};
use crate::domain::money::Cents;
use crate::domain::vocabulary::Authority;
use crate::portfolio::case::Statement;

/// Marks what is set aside beside the funder's own word, and that no word of its own is left for. A word that could be about several
/// is taken for whichever leaves the fewest without one; a grant is no answer to what is asked lower (`asked`). A source that lists several
/// sums there asks for several words, unless these are their total. What is refused is not among them.
pub(super) fn tell_unanswered(clusters: &mut [Cluster], statements: &[Statement]) {
    let aside = at_which(clusters, |one| one.group.uncertain && !one.own);
    let words: Vec<usize> = at_which(clusters, |one| !one.group.uncertain && one.own);
    let granted = |about: &[usize]| about.iter().map(|word| granted(&clusters[words[*word]], statements)).sum();
    let mut wanted: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut unanswered: Vec<usize> = Vec::new();
    for at in aside {
        let one = &clusters[at];
        let may_be: Vec<usize> = (0..words.len()).filter(|word| clusters[words[*word]].may_join(one)).collect();
        let (listed, total) = listed(one, statements);
        if may_be.is_empty() || total.is_some() && total == granted(&may_be) {
            wanted.push((at, may_be));
            continue;
        }
        let about = |row: &usize| -> Vec<usize> {
            let answers = |word: &&usize| asked::may_answer(&clusters[words[**word]], &statements[*row], statements);
            may_be.iter().filter(answers).copied().collect()
        };
        if one.group.members.iter().any(|row| about(row).is_empty()) {
            unanswered.push(at);
        }
        wanted.extend(listed.iter().map(|row| (at, about(row))));
    }
    let abouts: Vec<Vec<usize>> = wanted.iter().map(|(_, about)| about.clone()).collect();
    let matching = Matching::of(&abouts, words.len());
    for (rank, (at, about)) in wanted.iter().enumerate() {
        clusters[*at].group.unanswered |= matching.word_for(rank).is_none() && !about.is_empty();
    }
    unanswered.into_iter().for_each(|at| clusters[at].group.unanswered = true);
}

/// The sums that a source lists at one stage, the most of any, and what they come to. Payments are no requests.
fn listed(cluster: &Cluster, statements: &[Statement]) -> (Vec<usize>, Option<Cents>) {
    let rows = |mark: &Mark| {
        let all = cluster.group.members.iter().zip(&cluster.marks);
        let same: Vec<usize> = all.filter(|(_, other)| other.is_like(mark)).map(|(at, _)| *at).collect();
        same
    };
    let firm = cluster.marks.iter().filter(|mark| !mark.is_paid());
    let most = firm.map(rows).max_by_key(Vec::len).or_else(|| cluster.group.members.first().map(|first| vec![*first]));
    let most = most.unwrap_or_default();
    let total = most.iter().map(|at| statements[*at].amount).sum();
    (most, total)
}

/// What the funder says of a sum.
fn granted(cluster: &Cluster, statements: &[Statement]) -> Option<Cents> {
    let own = cluster.group.members.iter().map(|at| &statements[*at]).filter(|one| one.authority == Authority::Own);
    own.max_by_key(|one| (one.amount.is_some(), one.stage)).and_then(|one| one.amount)
}

fn at_which(clusters: &[Cluster], wanted: impl Fn(&Cluster) -> bool) -> Vec<usize> {
    (0..clusters.len()).filter(|at| wanted(&clusters[*at])).collect()
}

/// What others report under a scheme that nobody knows is not answered by the funder's word on one that is known.
pub(super) fn tell_other_schemes(clusters: &mut [Cluster]) {
    let is_beside = |one: &Cluster| {
        let mut counted = clusters.iter().filter(|other| !other.group.uncertain);
        one.group.uncertain
            && !one.own
            && counted.any(|other| other.may_join(one) && other.may_be_of_another_scheme(one))
    };
    let beside: Vec<bool> = clusters.iter().map(is_beside).collect();
    clusters.iter_mut().zip(beside).for_each(|(one, beside)| one.group.unanswered |= beside);
}

/// A word for as many requests as there can be one for, each word for one at most.
pub(super) struct Matching {
    /// For each word, the request that it is taken to answer.
    answered_by: Vec<Option<usize>>,
}

impl Matching {
    /// `about` tells for each request the words that may be about it.
    pub(super) fn of(about: &[Vec<usize>], words: usize) -> Self {
        let mut answered_by: Vec<Option<usize>> = vec![None; words];
        for asked in 0..about.len() {
            answer(asked, about, &mut answered_by, &mut vec![false; words]);
        }
        Matching { answered_by }
    }

    /// The word that a request is given.
    pub(super) fn word_for(&self, asked: usize) -> Option<usize> {
        self.answered_by.iter().position(|one| *one == Some(asked))
    }

    /// For each request: is it one of several of which one has no word, so that nobody can tell which?
    pub(super) fn left_open(&self, about: &[Vec<usize>]) -> Vec<bool> {
        let mut open: Vec<bool> = (0..about.len()).map(|asked| self.word_for(asked).is_none()).collect();
        let mut reached: Vec<usize> = (0..about.len()).filter(|asked| open[*asked]).collect();
        while let Some(asked) = reached.pop() {
            for other in about[asked].iter().filter_map(|word| self.answered_by[*word]) {
                if !std::mem::replace(&mut open[other], true) {
                    reached.push(other);
                }
            }
        }
        open
    }
}

/// Finds a word for what is asked, giving another word to whom it had (an augmenting path of the matching).
fn answer(asked: usize, about: &[Vec<usize>], answered_by: &mut [Option<usize>], tried: &mut [bool]) -> bool {
    for word in &about[asked] {
        if std::mem::replace(&mut tried[*word], true) {
            continue;
        }
        let is_free = match answered_by[*word] {
            None => true,
            Some(other) => answer(other, about, answered_by, tried),
        };
        if is_free {
            answered_by[*word] = Some(asked);
            return true;
        }
    }
    false
}
