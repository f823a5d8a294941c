//! Which clusters are joined, and which of those that may be one sum are set aside.

use super::payments;
use super::{Cluster, Key, Mark, agree};
use crate::domain::money::Cents;
use crate::domain::vocabulary::Stage;
use chrono::Datelike as _;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What is joined: the rows of each key and year, of which the votes that another system of the funder states to the cent, under
/// another key, look for that one first, not for what is asked under theirs.
pub(super) fn rows(sums: Vec<Cluster>) -> Vec<Cluster> {
    let rows: Vec<Cluster> = sums.into_iter().flat_map(under_each_key).collect();
    let votes: Vec<(Key, Mark)> = rows
        .iter()
        .flat_map(|one| one.marks.iter().map(|mark| (one.group.key, *mark)))
        .filter(|(_, mark)| mark.is_vote())
        .collect();
    rows.into_iter().flat_map(|one| seen_twice_apart(one, &votes)).collect()
}

fn seen_twice_apart(cluster: Cluster, votes: &[(Key, Mark)]) -> Vec<Cluster> {
    let (key, window) = (cluster.group.key, cluster.window);
    let is_again = |mark: &&Mark| {
        let mut others = votes.iter().filter(|(other, _)| *other != key && other.compatible(key));
        mark.is_vote() && others.any(|(_, vote)| vote.may_be_seen_again_in(mark))
    };
    let records: BTreeSet<u32> = cluster.marks.iter().filter(is_again).map(|mark| mark.record).collect();
    let rest = || cluster.marks.iter().filter(|mark| !records.contains(&mark.record));
    let is_asked = |mark: &Mark| !mark.stage.is_some_and(Stage::is_decided);
    if records.is_empty() || !rest().any(is_asked) || !is_of_another_file(&cluster.marks, &records) {
        return vec![cluster];
    }
    let mut parts = vec![Cluster::new(key, window), Cluster::new(key, window)];
    for (position, mark) in cluster.group.members.into_iter().zip(cluster.marks) {
        parts[usize::from(!records.contains(&mark.record))].add(position, mark);
    }
    parts
}

/// Is nothing else said by the funder itself under the key of the votes that are repeated, or only in one other file, which asks for another
/// amount? Else it stays with them: it may be of any of them, whoever repeats one.
fn is_of_another_file(marks: &[Mark], repeated: &BTreeSet<u32>) -> bool {
    let firm = marks.iter().filter(|mark| mark.is_firm() && !repeated.contains(&mark.record));
    let files: BTreeSet<u32> = firm.map(|mark| mark.record).collect();
    let asked = |records: &BTreeSet<u32>| -> BTreeSet<Cents> {
        let requests =
            marks.iter().filter(|mark| mark.stage == Some(Stage::Sollicite) && records.contains(&mark.record));
        requests.filter_map(|mark| mark.amount).collect()
    };
    let (one, other) = (asked(repeated), asked(&files));
    files.is_empty() || files.len() == 1 && !one.is_empty() && !other.is_empty() && one.is_disjoint(&other)
}

impl Mark {
    /// Does the funder itself say that it granted it, of an amount that it tells?
    pub(super) fn is_vote(&self) -> bool {
        let is_granted = matches!(self.stage, Some(Stage::Attribue | Stage::Engage | Stage::Solde));
        self.own && is_granted && self.amount.is_some()
    }

    /// Does the funder itself say that it proposes it, granted it or gave it up?
    fn is_firm(&self) -> bool {
        let is_firm =
            |stage: Stage| stage.at_least(Stage::Propose) && stage != Stage::Verse || stage == Stage::Abandonne;
        self.own && self.stage.is_some_and(is_firm)
    }

    /// May the vote of one system be that of another: to the cent, and of no other day?
    pub(super) fn may_be_seen_again_in(&self, other: &Mark) -> bool {
        let is_of_its_day = self.stage != other.stage || agree(self.decided_on, other.decided_on);
        self.source != other.source && self.amount == other.amount && is_of_its_day
    }
}

/// Rows of one key and year. What one system of the funder holds in several records, each at a stage of its own, stays apart; where
/// two of them say one stage they are together, and contradict each other, unless it publishes them as two decisions. What two systems of the
/// funder say was granted at two amounts first looks for its like.
fn under_each_key(cluster: Cluster) -> Vec<Cluster> {
    let two = |holds: fn(&Mark, &Mark) -> bool| {
        let marks = &cluster.marks;
        marks.iter().enumerate().any(|(at, one)| marks[at + 1..].iter().any(|other| holds(one, other)))
    };
    let are_files = two(Mark::is_under_another_key) && !two(|one, other| one.own && other.own && one.is_like(other));
    if !are_files && !two(Mark::is_of_another_decision) && !two(Mark::is_granted_otherwise) {
        return vec![cluster];
    }
    let (key, window) = (cluster.group.key, cluster.window);
    let mut apart: BTreeMap<Option<u32>, Cluster> = BTreeMap::new();
    let places = places(&cluster.marks);
    for ((position, mark), place) in cluster.group.members.into_iter().zip(cluster.marks).zip(places) {
        apart.entry(place).or_insert_with(|| Cluster::new(key, window)).add(position, mark);
    }
    apart.into_values().collect()
}

/// For each row of the funder's own the first of the records that it stays with: its own one, and those that contradict it. What others
/// say stays together.
fn places(marks: &[Mark]) -> Vec<Option<u32>> {
    let mut places: Vec<Option<u32>> = marks.iter().map(|mark| mark.own.then_some(mark.record)).collect();
    for (at, one) in marks.iter().enumerate() {
        for (other, another) in marks.iter().enumerate().skip(at + 1) {
            let contradict = one.own && another.own && one.is_like(another) && !one.is_of_another_decision(another);
            if contradict && places[at] != places[other] {
                let (first, last) = (places[at].min(places[other]), places[at].max(places[other]));
                places.iter_mut().filter(|place| **place == last).for_each(|place| *place = first);
            }
        }
    }
    places
}

/// The sums that these rows are about. What is certain is joined first: what one record says of one key, then what bears one
/// reference, then what can only be one decision to the day and the cent, or the only sum granted of its year that is equal to the cent.
/// Payments come last: paying changes no plan.
pub(super) fn settled(rows: Vec<Cluster>) -> Vec<Cluster> {
    let (payments, mut clusters): (Vec<Cluster>, Vec<Cluster>) = rows.into_iter().partition(Cluster::is_only_paid);
    clusters = join_all_compatible(clusters, Cluster::is_said_with);
    clusters = join_all_compatible(clusters, Cluster::bears_reference_of);
    clusters = join_all_compatible(clusters, Cluster::is_of_the_decision_of);
    clusters = join_all_compatible(clusters, Cluster::is_granted_equally);
    clusters = joined(clusters, |_, _| true);
    set_aside(&mut clusters);
    let alone = payments::placed(&mut clusters, payments);
    if !alone.is_empty() {
        clusters.extend(alone);
        clusters = joined(clusters, |one, other| one.is_only_paid() || other.is_only_paid());
        clusters.iter_mut().for_each(|one| one.group.uncertain = false);
        set_aside(&mut clusters);
    }
    clusters
}

/// May two clusters be joined for a certain reason?
type Related = fn(&Cluster, &Cluster) -> bool;

fn joined(clusters: Vec<Cluster>, related: Related) -> Vec<Cluster> {
    join_all_compatible(join_less_stated(join_all_compatible(clusters, related), related), related)
}

impl Cluster {
    /// Does one record say both, of one key?
    fn is_said_with(&self, other: &Cluster) -> bool {
        let records: BTreeSet<u32> = self.marks.iter().map(|mark| mark.record).collect();
        self.group.key == other.group.key && other.marks.iter().any(|mark| records.contains(&mark.record))
    }

    /// Does the funder itself say of both that it granted one amount in one year?
    fn is_granted_equally(&self, other: &Cluster) -> bool {
        let granted = |one: &Cluster| -> Vec<Cents> {
            let words = one.marks.iter().filter(|mark| mark.own && mark.stage.is_some_and(Stage::is_decided));
            words.filter(|mark| !mark.is_paid()).filter_map(|mark| mark.amount).collect()
        };
        let year = self.group.key.year;
        let is_of_one_year = year.is_some() && year == other.group.key.year;
        is_of_one_year && granted(self).iter().any(|amount| granted(other).contains(amount))
            || self.is_decided_in_the_year_of(other)
    }

    /// Is there a year that both may be of, or does something say more than the year that it lets expect?
    pub(super) fn may_be_of_the_years_of(&self, other: &Cluster) -> bool {
        self.window.meets(other.window)
            || self.bears_reference_of(other)
            || self.is_of_the_decision_of(other)
            || self.is_decided_in_the_year_of(other)
    }

    /// Does one state no year, and a vote of the funder that was decided in the year that the other states, where another source of the
    /// funder says the same to the cent? That the project is of another exercice does not make it a second sum.
    fn is_decided_in_the_year_of(&self, other: &Cluster) -> bool {
        let is_seen_in = |vote: &Mark, other: &Mark| {
            other.is_vote() && other.source != vote.source && other.amount == vote.amount && vote.is_vote()
        };
        let is_dated = |undated: &Cluster, dated: &Cluster| {
            let Some(year) = dated.group.key.year.filter(|_| undated.group.key.year.is_none()) else { return false };
            let is_of_year = |vote: &&Mark| vote.decided_on.is_some_and(|day| day.year() == i32::from(year));
            let mut votes = undated.marks.iter().filter(is_of_year);
            votes.any(|vote| dated.marks.iter().any(|other| is_seen_in(vote, other)))
        };
        is_dated(self, other) || is_dated(other, self)
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.marks.iter().any(|mark| mark.own && mark.stage == Some(Stage::Abandonne))
    }
}

/// For each cluster, those that it may be one sum with.
fn neighbours(clusters: &[Cluster], related: Related) -> Vec<Vec<usize>> {
    let meet = |one: &Cluster, other: &Cluster| one.may_join(other) && related(one, other);
    let of = |at: usize| {
        (0..clusters.len()).filter(move |other| *other != at && meet(&clusters[*other], &clusters[at])).collect()
    };
    (0..clusters.len()).map(of).collect()
}

/// Keys that all agree with each other, and with no other key, can only mean one sum.
fn join_all_compatible(clusters: Vec<Cluster>, related: Related) -> Vec<Cluster> {
    let neighbours = neighbours(&clusters, related);
    let circle = |at: usize| {
        let mut circle = neighbours[at].clone();
        circle.push(at);
        circle.sort_unstable();
        circle
    };
    let circles: Vec<Vec<usize>> = (0..clusters.len()).map(circle).collect();
    let is_one = |circle: &[usize]| {
        let pairs =
            || circle.iter().enumerate().flat_map(|(at, one)| circle[at + 1..].iter().map(move |other| (one, other)));
        circle.iter().all(|member| circles[*member] == circle)
            && pairs().all(|(one, other)| clusters[*one].joins(&clusters[*other]))
    };
    let found: Vec<&Vec<usize>> = circles.iter().filter(|circle| is_one(circle)).collect();
    let mut slots: Vec<Option<Cluster>> = clusters.into_iter().map(Some).collect();
    for circle in found {
        let mut members = circle.iter().filter_map(|member| slots[*member].take());
        let Some(mut one) = members.next() else { continue };
        members.for_each(|other| one.absorb(other));
        slots[circle[0]] = Some(one);
    }
    slots.into_iter().flatten().collect()
}

/// From the most stated keys down: what leaves a part unstated joins the one sum that states it, if there is one.
fn join_less_stated(clusters: Vec<Cluster>, related: Related) -> Vec<Cluster> {
    let mut levels: BTreeMap<Reverse<usize>, Vec<Cluster>> = BTreeMap::new();
    for cluster in clusters {
        levels.entry(Reverse(cluster.group.key.stated())).or_default().push(cluster);
    }
    let mut settled: Vec<Cluster> = Vec::new();
    for (_, level) in levels {
        let targets: Vec<Option<usize>> =
            level.iter().map(|cluster| only_refinement(&settled, cluster, related)).collect();
        let rivals: Vec<bool> = (0..level.len())
            .map(|at| {
                (0..level.len()).any(|other| {
                    let same = other != at && targets[other].is_some() && targets[other] == targets[at];
                    let apart =
                        || level[other].shares_a_mark(&level[at]) || level[other].is_under_another_key(&level[at]);
                    same && apart()
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

fn only_refinement(settled: &[Cluster], cluster: &Cluster, related: Related) -> Option<usize> {
    let refines = |other: &Cluster| other.group.key.refines(cluster.group.key) && other.may_join(cluster);
    let mut candidates = settled.iter().enumerate().filter(|(_, other)| refines(other));
    let (first, other) = candidates.next()?;
    (candidates.next().is_none() && other.joins(cluster) && related(other, cluster)).then_some(first)
}

/// What remains compatible may be one sum seen twice. What counts is a choice of sums of which no two can be one, so
/// that the whole is never overstated: the funder's own word first, what it granted before what it is asked, then what is stated in
/// fuller detail, then what could be fewer others, then the system of record, then the first source and key. The rest is set aside.
pub(super) fn set_aside(clusters: &mut [Cluster]) {
    let neighbours = neighbours(clusters, |_, _| true);
    let mut order: Vec<usize> = (0..clusters.len()).filter(|at| !neighbours[*at].is_empty()).collect();
    order.sort_by_key(|at| {
        let one = &clusters[*at];
        let first = one.group.members.iter().copied().min();
        let stated = Reverse(one.group.key.stated());
        (!one.own, !one.is_granted(), stated, neighbours[*at].len(), one.standing(), first)
    });
    let mut counted = vec![false; clusters.len()];
    for at in order {
        counted[at] = !neighbours[at].iter().any(|other| counted[*other]);
        clusters[at].group.uncertain = !counted[at];
    }
}

/// A sum that the funder gave up in another of its records than the one that it may be: nobody can say whether that one stands.
pub(super) fn tell_given_up(clusters: &mut [Cluster]) {
    let of = |at: usize| {
        (0..clusters.len()).filter(|other| *other != at).any(|other| {
            (clusters[other].is_given_up() || clusters[at].is_given_up())
                && clusters[other].may_join(&clusters[at])
                && clusters[other].is_under_another_key(&clusters[at])
        })
    };
    let contradicted: Vec<bool> = (0..clusters.len()).map(of).collect();
    clusters.iter_mut().zip(contradicted).for_each(|(one, contradicted)| one.group.contradicted |= contradicted);
}
