//! Which statements of a project are about the same sum.
//!
//! Two statements of one funder in one form are about the same sum when nature, dispositif, year and grant reference
//! agree wherever both state them. A sum without a year is of none that is far from its decision, or from the exercice of the edition
//! that it stands in (`window`). An unstated part is only filled when exactly one sum could be meant: between two,
//! nothing is guessed, and what may already count elsewhere is set aside as uncertain. Two rows of one source at one
//! stage that differ in some part are two sums: a system does not list one sum under two keys. Payments of one grant are
//! many, each of its own year (`payments`); a total beside the sums that make it up, or parts beside their whole, state
//! again what counts already (`restated`). What is asked for and may be what the funder's word is about is answered once by each word
//! (`answers`). What a funder refuses stands with the request that it answers (`refusals`).

mod answers;
mod payments;
mod refusals;
mod restated;
#[cfg(test)]
mod tests;
mod window;

pub(super) use restated::{Restating, Use, restated, used};
pub(crate) use window::Period;

use self::window::Window;
use super::case::{RecordEntry, Statement};
use super::index::{DispositifIx, OrganisationIx, SourceIx, TextIx};
use crate::domain::vocabulary::{Authority, Form, Nature, Stage};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Statements about one sum, by position in the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) key: Key,
    pub(crate) members: Vec<usize>,
    /// May be the same sum as another group.
    pub(crate) uncertain: bool,
    /// The funder's own word, which may be about it, is about another one.
    pub(crate) unanswered: bool,
    /// The funder refuses a sum that may be this one, or another that it voted.
    pub(crate) contradicted: bool,
}

/// What tells sums of one funder and form apart; each part may be unstated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Key {
    pub(crate) nature: Option<Nature>,
    pub(crate) dispositif: Option<DispositifIx>,
    pub(crate) year: Option<u16>,
    pub(crate) reference: Option<TextIx>,
}

impl Key {
    fn of(statement: &Statement) -> Self {
        Key {
            nature: statement.nature,
            dispositif: statement.dispositif,
            year: statement.year,
            reference: statement.reference,
        }
    }

    fn stated(self) -> usize {
        usize::from(self.nature.is_some())
            + usize::from(self.dispositif.is_some())
            + usize::from(self.year.is_some())
            + usize::from(self.reference.is_some())
    }

    fn compatible(self, other: Key) -> bool {
        agree(self.nature, other.nature)
            && agree(self.dispositif, other.dispositif)
            && agree(self.year, other.year)
            && agree(self.reference, other.reference)
    }

    /// Is everything that `less` states stated here too, letter for letter, and more?
    fn refines(self, less: Key) -> bool {
        self.compatible(less) && self.stated() > less.stated() && self.united(less) == self
    }

    fn united(self, other: Key) -> Key {
        Key {
            nature: self.nature.or(other.nature),
            dispositif: self.dispositif.or(other.dispositif),
            year: self.year.or(other.year),
            reference: self.reference.or(other.reference),
        }
    }
}

fn agree<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// A row of a source at a stage: a source gives one sum only once per stage.
type Mark = (SourceIx, Option<Stage>);

pub(super) struct Cluster {
    group: Group,
    window: Window,
    /// Of each member, in the order of members.
    marks: Vec<Mark>,
    own: bool,
    /// What the funder says of it is that it refuses.
    refused: bool,
}

impl Cluster {
    fn new(key: Key, window: Window) -> Self {
        let group = Group { key, members: Vec::new(), uncertain: false, unanswered: false, contradicted: false };
        Cluster { group, window, marks: Vec::new(), own: false, refused: false }
    }

    fn may_join(&self, other: &Cluster) -> bool {
        self.group.key.compatible(other.group.key) && self.window.meets(other.window) && !self.shares_a_mark(other)
    }

    fn shares_a_mark(&self, other: &Cluster) -> bool {
        self.marks.iter().any(|mark| other.marks.contains(mark))
    }

    fn absorb(&mut self, other: Cluster) {
        self.group.key = self.group.key.united(other.group.key);
        self.group.members.extend(other.group.members);
        self.window = self.window.within(other.window);
        self.marks.extend(other.marks);
        self.own |= other.own;
        self.refused |= other.refused;
    }
}

/// The sums of one funder in one form before they are settled, and what it refuses.
#[derive(Default)]
struct Said {
    sums: BTreeMap<(Key, Window), Cluster>,
    refusals: Vec<Cluster>,
}

/// The groups of `statements`; `record_of` tells the record that a statement stands in, `period` when the project takes place where
/// that record does not say it. The result depends on what is stated, not on the order.
pub(crate) fn reconcile<'a>(
    statements: &[Statement],
    record_of: impl Fn(&Statement) -> &'a RecordEntry,
    period: Period,
) -> Vec<Group> {
    let mut by_funder: BTreeMap<(OrganisationIx, Form), Said> = BTreeMap::new();
    for (position, statement) in statements.iter().enumerate() {
        let (key, record) = (Key::of(statement), record_of(statement));
        let window = Window::of(statement, record.period.or(period));
        let said = by_funder.entry((statement.funder, statement.form)).or_default();
        let cluster = if refusals::is_refusal(statement) {
            said.refusals.push(Cluster::new(key, window));
            said.refusals.last_mut().expect("one was pushed")
        } else {
            said.sums.entry((key, window)).or_insert_with(|| Cluster::new(key, window))
        };
        cluster.group.members.push(position);
        cluster.marks.push((record.source, statement.stage));
        cluster.own |= statement.authority == Authority::Own;
    }
    by_funder.into_values().flat_map(|said| settle(said, statements)).collect()
}

fn settle(said: Said, statements: &[Statement]) -> Vec<Group> {
    let mut clusters: Vec<Cluster> = said.sums.into_values().collect();
    if clusters.len() > 1 {
        clusters = join_all_compatible(join_less_stated(join_all_compatible(payments::joined(clusters))));
        set_aside(&mut clusters);
    }
    let (refused, mut clusters): (Vec<Cluster>, Vec<Cluster>) =
        refusals::placed(clusters, said.refusals, statements).into_iter().partition(|one| one.refused);
    if !refused.is_empty() {
        // What was set aside beside a request that is refused may be another one.
        clusters.iter_mut().for_each(|one| one.group.uncertain = false);
        set_aside(&mut clusters);
    }
    answers::tell_unanswered(&mut clusters, statements);
    clusters.into_iter().chain(refused).map(|cluster| cluster.group).collect()
}

/// For each cluster, those that it may be one sum with.
fn neighbours(clusters: &[Cluster]) -> Vec<Vec<usize>> {
    let of = |at: usize| {
        (0..clusters.len()).filter(move |other| *other != at && clusters[*other].may_join(&clusters[at])).collect()
    };
    (0..clusters.len()).map(of).collect()
}

/// Keys that all agree with each other, and with no other key, can only mean one sum.
fn join_all_compatible(clusters: Vec<Cluster>) -> Vec<Cluster> {
    let neighbours = neighbours(&clusters);
    let circle = |at: usize| {
        let mut circle = neighbours[at].clone();
        circle.push(at);
        circle.sort_unstable();
        circle
    };
    let circles: Vec<Vec<usize>> = (0..clusters.len()).map(circle).collect();
    let mut slots: Vec<Option<Cluster>> = clusters.into_iter().map(Some).collect();
    for circle in &circles {
        if circle.iter().any(|member| circles[*member] != *circle) {
            continue;
        }
        let mut members = circle.iter().filter_map(|member| slots[*member].take());
        let Some(mut one) = members.next() else { continue };
        members.for_each(|other| one.absorb(other));
        slots[circle[0]] = Some(one);
    }
    slots.into_iter().flatten().collect()
}

/// From the most stated keys down: what leaves a part unstated joins the one sum that states it, if there is one.
fn join_less_stated(clusters: Vec<Cluster>) -> Vec<Cluster> {
    let mut levels: BTreeMap<Reverse<usize>, Vec<Cluster>> = BTreeMap::new();
    for cluster in clusters {
        levels.entry(Reverse(cluster.group.key.stated())).or_default().push(cluster);
    }
    let mut settled: Vec<Cluster> = Vec::new();
    for (_, level) in levels {
        let targets: Vec<Option<usize>> = level.iter().map(|cluster| only_refinement(&settled, cluster)).collect();
        let rivals: Vec<bool> = (0..level.len())
            .map(|at| {
                (0..level.len()).any(|other| {
                    other != at
                        && targets[other].is_some()
                        && targets[other] == targets[at]
                        && level[other].shares_a_mark(&level[at])
                })
            })
            .collect();
        for ((cluster, target), rival) in level.into_iter().zip(targets).zip(rivals) {
            match target {
                Some(target) if !rival => settled[target].absorb(cluster),
                _ => settled.push(cluster),
            }
        }
    }
    settled
}

fn only_refinement(settled: &[Cluster], cluster: &Cluster) -> Option<usize> {
    let refines = |other: &Cluster| other.group.key.refines(cluster.group.key) && other.may_join(cluster);
    let mut candidates = settled.iter().enumerate().filter(|(_, other)| refines(other));
    let first = candidates.next()?.0;
    candidates.next().is_none().then_some(first)
}

/// What remains compatible may be one sum seen twice. What counts is a choice of sums of which no two can be one, so
/// that the whole is never overstated: the funder's own word first, then what is stated in fuller detail, then what
/// could be fewer others, then what is oldest. The rest is set aside.
fn set_aside(clusters: &mut [Cluster]) {
    let neighbours = neighbours(clusters);
    let mut order: Vec<usize> = (0..clusters.len()).filter(|at| !neighbours[*at].is_empty()).collect();
    order.sort_by_key(|at| {
        let Cluster { group, own, .. } = &clusters[*at];
        (!own, Reverse(group.key.stated()), neighbours[*at].len(), group.members.iter().copied().min())
    });
    let mut counted = vec![false; clusters.len()];
    for at in order {
        counted[at] = !neighbours[at].iter().any(|other| counted[*other]);
        clusters[at].group.uncertain = !counted[at];
    }
}
