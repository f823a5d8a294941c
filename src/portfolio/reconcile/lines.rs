//! Several lines of one record about a funder that says nothing itself: a plan that lists two sums of it means both.

use super::{Cluster, Mark};
use crate::domain::money::Cents;
use crate::domain::vocabulary::Stage;
use crate::portfolio::case::Statement;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A line of the record that lists most, with what other records say of it.
struct Line {
    amount: Option<Cents>,
    records: BTreeSet<u32>,
    sum: Cluster,
}

/// The sums of a cluster that only others state: as many as the record that lists most of them has lines at the latest stage. Another
/// record that states the amount of one speaks of that one. What may be one of them said again counts for nothing and is in doubt: an
/// amount that the record repeats, or one that only another record states.
pub(super) fn each_line(cluster: Cluster, statements: &[Statement]) -> Vec<Cluster> {
    let Some((record, stage)) = longest_list(&cluster) else { return vec![cluster] };
    let mut rows: Vec<(usize, Mark)> =
        cluster.group.members.iter().copied().zip(cluster.marks.iter().copied()).collect();
    rows.sort_by_key(|(position, mark)| (mark.record != record, *position));
    let mut lines: Vec<Line> = Vec::new();
    let mut again: BTreeMap<u32, Cluster> = BTreeMap::new();
    let mut beside: Vec<(usize, Mark)> = Vec::new();
    for (position, mark) in rows {
        let amount = statements[position].amount;
        if line_of(&mark) != Some(stage) || amount.is_none() && mark.record != record {
            beside.push((position, mark));
            continue;
        }
        let is_it = |line: &Line| line.amount == amount && (amount.is_none() || !line.records.contains(&mark.record));
        let known = lines.iter().position(is_it);
        if let Some(at) = known {
            lines[at].add(position, mark);
        } else if mark.record == record && lines.iter().all(|line| line.amount != amount) {
            let mut line = Line { amount, records: BTreeSet::new(), sum: cluster.like() };
            line.add(position, mark);
            lines.push(line);
        } else {
            again.entry(mark.record).or_insert_with(|| cluster.like()).add(position, mark);
        }
    }
    for (position, mark) in beside {
        lines[0].add(position, mark);
    }
    again.values_mut().for_each(|one| (one.group.uncertain, one.group.unanswered) = (true, true));
    lines.into_iter().map(|line| line.sum).chain(again.into_values()).collect()
}

/// The record that lists most sums at the latest stage, and that stage; `None` where the funder has a word of its own, where the sum
/// counts for nothing, and where no record lists several.
fn longest_list(cluster: &Cluster) -> Option<(u32, Option<u8>)> {
    if cluster.own || cluster.group.uncertain {
        return None;
    }
    let stage = cluster.marks.iter().filter_map(line_of).max()?;
    let mut listed: BTreeMap<u32, usize> = BTreeMap::new();
    for mark in cluster.marks.iter().filter(|mark| line_of(mark) == Some(stage)) {
        *listed.entry(mark.record).or_default() += 1;
    }
    let (record, lines) = listed.into_iter().max_by_key(|(record, lines)| (*lines, Reverse(*record)))?;
    (lines > 1).then_some((record, stage))
}

/// The place of its stage in the order; `None` for a payment, and for what is refused or given up.
fn line_of(mark: &Mark) -> Option<Option<u8>> {
    match mark.stage {
        None => Some(None),
        Some(Stage::Verse) => None,
        Some(stage) => stage.rank().map(Some),
    }
}

impl Line {
    fn add(&mut self, position: usize, mark: Mark) {
        self.records.insert(mark.record);
        self.sum.add(position, mark);
    }
}

impl Cluster {
    /// Nothing yet, of the same key and years, with the same doubts.
    fn like(&self) -> Cluster {
        let mut part = Cluster::new(self.group.key, self.window);
        (part.group.unanswered, part.group.contradicted) = (self.group.unanswered, self.group.contradicted);
        part
    }
}
