//! Which of the sums that others state, or that are asked for, the funder's own words can be about. One word is about one sum: where
//! two requests may each be what it answers, one of them has no answer.

use super::Cluster;

/// Marks what is set aside beside the funder's own word, and that no word of its own is left for. A word that could be about several
/// is taken for whichever leaves the fewest without one.
pub(super) fn tell_unanswered(clusters: &mut [Cluster]) {
    let asked: Vec<usize> = at_which(clusters, |one| one.group.uncertain && !one.own);
    let words: Vec<usize> = at_which(clusters, |one| !one.group.uncertain && one.own);
    let about: Vec<Vec<usize>> = asked
        .iter()
        .map(|asked| (0..words.len()).filter(|word| clusters[words[*word]].may_join(&clusters[*asked])).collect())
        .collect();
    let mut answered_by: Vec<Option<usize>> = vec![None; words.len()];
    for (at, asked) in asked.iter().enumerate() {
        let has_word = answer(at, &about, &mut answered_by, &mut vec![false; words.len()]);
        clusters[*asked].group.unanswered = !has_word && !about[at].is_empty();
    }
}

fn at_which(clusters: &[Cluster], wanted: impl Fn(&Cluster) -> bool) -> Vec<usize> {
    (0..clusters.len()).filter(|at| wanted(&clusters[*at])).collect()
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
