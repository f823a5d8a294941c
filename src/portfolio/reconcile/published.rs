//! Rows of a list that the funder publishes, which the year of their signing put beside a sum of its system of record that they are not.
//!
//! A list dates a grant by the day of its convention. Where it states another amount than the system of record for that year, and
//! to the cent that of the year before or after, it is about that one, if nothing else can be meant; else it is set aside. What
//! equals nothing stays where it is, and contradicts the system of record there (`headline`). A list may also publish one vote in yearly
//! slices, or several votes as one convention: beside a vote that one of its rows contradicts, or where one row is the total of several
//! votes, its rows of other years count for nothing of their own. Nor does the vote that it alone states, of the year before that under
//! which the system of record states a sum that was settled, no higher, and no vote: they may be two stages of one.

use super::repeated::Told;
use super::window::Window;
use super::{Cluster, Key, Mark};
use crate::domain::money::Cents;
use crate::domain::source::Standing;
use crate::domain::vocabulary::Stage;
use crate::portfolio::index::SourceIx;
use std::collections::BTreeSet;

/// The clusters, each row of a list where its amount says that it belongs.
pub(super) fn placed(mut clusters: Vec<Cluster>, told: &Told<'_, '_>) -> Vec<Cluster> {
    let moved: Vec<Cluster> = (0..clusters.len()).flat_map(|at| taken_out(&mut clusters, at, told)).collect();
    for mut row in moved {
        match targets(&clusters, &row).as_slice() {
            [only] if is_next_year(&clusters[*only], &row) => clusters[*only].absorb(row),
            _ => {
                row.group.uncertain = true;
                clusters.push(row);
            }
        }
    }
    set_slices_aside(&mut clusters);
    clusters
}

/// Sets aside the sums that a list alone states, where it slices or adds up otherwise what the system of record grants.
fn set_slices_aside(clusters: &mut [Cluster]) {
    let is_list_alone =
        |one: &Cluster| one.own && granted(one, false).next().is_none() && granted(one, true).next().is_some();
    let lists = |one: &Cluster| -> BTreeSet<SourceIx> { granted(one, true).map(|(_, mark, _)| mark.source).collect() };
    let is_slice = |at: usize| {
        let row = &clusters[at];
        let votes = || {
            let others = clusters.iter().enumerate().filter(move |(other, _)| *other != at);
            others
                .map(|(_, one)| one)
                .filter(|one| is_of_another_year(one, row) && granted(one, false).next().is_some())
        };
        let is_cut = |vote: &Cluster| granted(vote, true).any(|(_, _, listed)| !states(vote, listed));
        let total = || votes().filter_map(|vote| granted(vote, false).map(|(_, _, cents)| cents).last()).sum::<Cents>();
        is_list_alone(row)
            && (votes().any(|vote| is_cut(vote) && !lists(vote).is_disjoint(&lists(row)))
                || votes().count() > 1 && granted(row, true).any(|(_, _, listed)| listed == total()))
    };
    let is_settled_later = |at: usize| {
        let row = &clusters[at];
        let others = (0..clusters.len()).filter(|other| *other != at).map(|other| &clusters[other]);
        let has_vote = |one: &Cluster| {
            let like = clusters.iter().filter(|other| other.group.key.compatible(one.group.key));
            like.flat_map(|other| granted(other, false)).any(|(_, mark, _)| mark.stage != Some(Stage::Solde))
        };
        let may_be = |one: &Cluster| is_of_another_year(one, row) && may_settle(one, row) && !has_vote(one);
        is_list_alone(row) && others.into_iter().any(may_be)
    };
    let slices: Vec<bool> = (0..clusters.len()).map(|at| is_slice(at) || is_settled_later(at)).collect();
    clusters.iter_mut().zip(slices).for_each(|(one, slice)| one.group.uncertain |= slice);
}

/// Does the system of record state, under the year after, that a sum was settled, and no vote of it, where the list states one no lower?
fn may_settle(one: &Cluster, row: &Cluster) -> bool {
    let is_settled = |mark: &Mark| mark.stage == Some(Stage::Solde);
    let is_year_after = one.year().zip(row.year()).is_some_and(|(own, signed)| own == signed + 1);
    let mut settled = granted(one, false).peekable();
    is_year_after
        && settled.peek().is_some()
        && settled.all(|(_, mark, own)| is_settled(mark) && granted(row, true).any(|(.., voted)| own <= voted))
        && granted(one, true).next().is_none()
        && granted(row, true).all(|(_, mark, _)| !is_settled(mark))
}

/// What the funder granted, by a source of this kind, of amounts that it keeps from nobody.
fn granted(cluster: &Cluster, is_list: bool) -> impl Iterator<Item = (usize, &Mark, Cents)> {
    let is_granted = |mark: &Mark| matches!(mark.stage, Some(Stage::Attribue | Stage::Engage | Stage::Solde));
    let all = cluster.marks.iter().enumerate();
    let of_kind = all.filter(move |(_, mark)| mark.own && (mark.standing == Standing::Publication) == is_list);
    of_kind.filter(move |(_, mark)| is_granted(mark)).filter_map(|(at, mark)| Some((at, mark, mark.amount?)))
}

fn states(cluster: &Cluster, amount: Cents) -> bool {
    granted(cluster, false).any(|(_, _, own)| own == amount)
}

/// Takes out the rows of lists that state another amount than the system of record beside them, and that of another year.
fn taken_out(clusters: &mut [Cluster], at: usize, told: &Told<'_, '_>) -> Vec<Cluster> {
    let one = &clusters[at];
    if granted(one, false).next().is_none() {
        return Vec::new();
    }
    let named: Vec<_> = granted(one, false).filter_map(|(_, mark, _)| mark.reference).collect();
    let is_elsewhere = |mark: &Mark, amount| {
        let is_named = mark.reference.is_some_and(|reference| named.contains(&reference));
        let mut others = (0..clusters.len()).filter(|other| *other != at);
        !is_named && others.any(|other| is_of_another_year(&clusters[other], one) && states(&clusters[other], amount))
    };
    let rows = granted(one, true).filter(|(_, mark, amount)| !states(one, *amount) && is_elsewhere(mark, *amount));
    let records: BTreeSet<u32> = rows.map(|(_, mark, _)| mark.record).collect();
    records.into_iter().map(|record| take(&mut clusters[at], record, told)).collect()
}

/// Are both of one scheme and nature, as far as they say, and of different years?
fn is_of_another_year(one: &Cluster, other: &Cluster) -> bool {
    let any_year = |key: Key| Key { year: None, reference: None, ..key };
    let (key, another) = (one.group.key, other.group.key);
    any_year(key).compatible(any_year(another)) && one.is_of_other_years(other)
}

/// What one record of a list says of a sum, as a cluster of its own.
fn take(cluster: &mut Cluster, record: u32, told: &Told<'_, '_>) -> Cluster {
    let is_taken = |mark: &Mark| mark.own && mark.record == record;
    let (mut key, mut window) = (Key::default(), None::<Window>);
    let (mut members, mut marks) = (Vec::new(), Vec::new());
    let all = std::mem::take(&mut cluster.group.members).into_iter().zip(std::mem::take(&mut cluster.marks));
    for (member, mark) in all {
        if !is_taken(&mark) {
            cluster.group.members.push(member);
            cluster.marks.push(mark);
            continue;
        }
        let statement = &told.statements[member];
        let own = Window::of(statement, told.bench.record(statement).period.or(told.period));
        key = key.united(Key::of(statement));
        window = Some(window.map_or(own, |known| known.within(own)));
        members.push(member);
        marks.push(mark);
    }
    let mut row = Cluster::new(key, window.unwrap_or(cluster.window));
    members.into_iter().zip(marks).for_each(|(member, mark)| row.add(member, mark));
    row
}

/// The sums of another year that state to the cent what a row does, and of which its list says nothing else.
fn targets(clusters: &[Cluster], row: &Cluster) -> Vec<usize> {
    let amounts: BTreeSet<Cents> = granted(row, true).map(|(_, _, amount)| amount).collect();
    let lists: BTreeSet<_> = row.marks.iter().map(|mark| mark.source).collect();
    let is_free = |one: &Cluster| granted(one, true).all(|(_, mark, _)| !lists.contains(&mark.source));
    let all = clusters.iter().enumerate();
    let equal = all.filter(|(_, one)| is_of_another_year(one, row) && amounts.iter().all(|own| states(one, *own)));
    equal.filter(|(_, one)| is_free(one)).map(|(at, _)| at).collect()
}

fn is_next_year(one: &Cluster, row: &Cluster) -> bool {
    one.year().zip(row.year()).is_some_and(|(own, signed)| own.abs_diff(signed) == 1)
}
