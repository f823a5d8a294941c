//! Stages of one sum that a funder's own words part: proposed under the number of a committee, voted under that of a deliberation, engaged
//! under that of a commitment of the next year, or in another form or nature under the number of the file. A system that states each sum
//! at the stage where it stands looks like that too. So where the words follow each other, tell one amount, and no source tells one
//! stage in both, nobody can say whether they are one sum: the vote counts, and the other word is in doubt beside it. A record that states both
//! in two forms or natures says itself that they are two, as do rows that grant to two bodies.
//!
//! And rows of one source at one stage, of which one leaves out what the other states: of one amount, or under one reference, they are no
//! surer to be two than two that state the same.

use super::{Cluster, Key, Mark, agree};
use crate::domain::Date;
use crate::domain::money::Cents;
use crate::domain::source::Standing;
use crate::domain::vocabulary::{Form, Nature, Stage};
use crate::portfolio::case::Statement;
use crate::portfolio::index::OrganisationIx;
use std::collections::BTreeSet;

/// Years of which a sum of this nature may be voted in one and engaged in another.
fn years_apart(nature: Option<Nature>) -> u16 {
    if nature == Some(Nature::Investissement) { 3 } else { 1 }
}

/// Puts in doubt what may be a stage of another sum, and what a source may state twice.
pub(super) fn tell(clusters: &mut [Cluster], statements: &[Statement]) {
    let parties: Vec<Option<Party>> = clusters.iter().map(|one| Party::of(one, statements)).collect();
    let pair = |at: usize, other: usize| Some((parties[at].as_ref()?, parties[other].as_ref()?));
    let (mut aside, mut contradicted) = (BTreeSet::new(), BTreeSet::new());
    for at in 0..clusters.len() {
        for other in (0..clusters.len()).filter(|other| *other != at) {
            let Some((one, another)) = pair(at, other) else { continue };
            if one.may_go_on_in(another) {
                // What is proposed counts for nothing beside the vote, nor what is engaged or settled.
                aside.insert(if another.is_voted() { at } else { other });
                if !one.is_of_the_line_of(another) {
                    contradicted.insert(at);
                }
            }
            if at < other && one.may_be_stated_twice_in(another) {
                let less = if one.key().stated() < another.key().stated() { at } else { other };
                aside.insert(less);
                if one.amounts().is_disjoint(&another.amounts()) {
                    contradicted.insert(at + other - less);
                }
            }
        }
    }
    aside.into_iter().for_each(|at| clusters[at].group.uncertain = true);
    contradicted.into_iter().for_each(|at| clusters[at].group.contradicted = true);
}

/// A sum that its funder itself grants, and that counts.
struct Party<'a> {
    cluster: &'a Cluster,
    funder: OrganisationIx,
    form: Form,
    granted: Vec<&'a Mark>,
    /// Its funder keeps an amount of it from others, or did.
    is_kept: bool,
    is_part: bool,
}

impl<'a> Party<'a> {
    fn of(cluster: &'a Cluster, statements: &[Statement]) -> Option<Self> {
        let said = || cluster.group.members.iter().map(|at| &statements[*at]);
        let first = said().next()?;
        let is_granted = |mark: &&Mark| {
            let stages = [Stage::Propose, Stage::Attribue, Stage::Engage, Stage::Solde];
            mark.own && mark.stage.is_some_and(|stage| stages.contains(&stage))
        };
        let granted: Vec<&Mark> = cluster.marks.iter().filter(is_granted).collect();
        let counts = !cluster.group.uncertain && !cluster.refused && !cluster.is_given_up();
        (counts && !granted.is_empty()).then(|| Party {
            cluster,
            funder: first.funder,
            form: first.form,
            granted,
            is_kept: said().any(|one| one.veiled || one.not_public_until.is_some()),
            is_part: said().any(Statement::is_part),
        })
    }

    fn key(&self) -> Key {
        self.cluster.group.key
    }

    fn stages(&self) -> BTreeSet<Stage> {
        self.granted.iter().filter_map(|mark| mark.stage).collect()
    }

    fn is_voted(&self) -> bool {
        self.stages().contains(&Stage::Attribue)
    }

    fn amounts(&self) -> BTreeSet<Cents> {
        self.granted.iter().filter_map(|mark| mark.amount).filter(|amount| *amount != Cents::ZERO).collect()
    }

    /// Are both of one form, nature and scheme, as far as they say?
    fn is_of_the_line_of(&self, other: &Self) -> bool {
        let (key, another) = (self.key(), other.key());
        self.form == other.form
            && agree(key.nature, another.nature)
            && agree(key.dispositif, another.dispositif)
            && !key.is_of_another_name(another)
    }

    fn shares_a_record_with(&self, other: &Self) -> bool {
        self.granted.iter().any(|mark| other.granted.iter().any(|another| mark.record == another.record))
    }

    /// May the other be what became of this one?
    fn may_go_on_in(&self, later: &Self) -> bool {
        let (first, then) = (self.stages(), later.stages());
        let follows = first.last().zip(then.first()).is_some_and(|(first, then)| first < then);
        let is_named = self.cluster.bears_reference_of(later.cluster);
        self.funder == later.funder
            && follows
            && !self.cluster.shares_a_mark(later.cluster)
            && !(self.is_part || later.is_part)
            && !self.is_granted_to_another(later)
            && (is_named && !self.are_lines_of_one_record(later) || self.is_of_the_line_of(later))
            && self.is_followed_in_time_by(later)
            && self.is_of_the_amount_of(later, is_named)
    }

    /// Does each row grant it to a body of its own?
    fn is_granted_to_another(&self, other: &Self) -> bool {
        let are_two = |mark: &Mark, another: &Mark| {
            mark.beneficiary.zip(another.beneficiary).is_some_and(|(one, other)| one != other)
        };
        self.granted.iter().all(|mark| other.granted.iter().all(|another| are_two(mark, another)))
    }

    /// Does one record state both, in two forms or natures? It says itself that they are two.
    fn are_lines_of_one_record(&self, other: &Self) -> bool {
        let two_natures = self.key().nature.zip(other.key().nature).is_some_and(|(one, other)| one != other);
        self.shares_a_record_with(other) && (self.form != other.form || two_natures)
    }

    /// Of slices of several years the earlier ones stand further: what is engaged there is not what is voted later.
    fn is_followed_in_time_by(&self, later: &Self) -> bool {
        let days = |one: &Self| -> Vec<Date> { one.granted.iter().filter_map(|mark| mark.decided_on).collect() };
        let (first, then) = (days(self), days(later));
        let is_before = then.iter().min().zip(first.iter().min()).is_some_and(|(then, first)| then < first);
        let (key, another) = (self.key(), later.key());
        let nature = key.nature.or(another.nature);
        let are_tied = agree(key.reference, another.reference) || self.shares_a_record_with(later);
        let is_near = match (self.cluster.year(), later.cluster.year()) {
            // What is run comes again each year, and may come to the same; what is built does not.
            (Some(one), Some(next)) if are_tied || years_apart(nature) > 1 => {
                next >= one && next - one <= years_apart(nature)
            }
            _ => self.cluster.window.meets(later.cluster.window),
        };
        !is_before && is_near
    }

    /// Equal, or lower where the record, the number, or that it was only proposed ties them. Of a sum that is kept nothing turns on the amount.
    fn is_of_the_amount_of(&self, later: &Self, is_named: bool) -> bool {
        let is_tied = is_named || self.shares_a_record_with(later);
        if self.is_kept || later.is_kept {
            return is_tied;
        }
        let (one, then) = (self.amounts(), later.amounts());
        let is_proposed_only = self.stages().iter().all(|stage| *stage == Stage::Propose);
        let is_followed = is_proposed_only && agree(self.key().reference, later.key().reference);
        let is_lower = one.last().zip(then.first()).is_some_and(|(one, then)| then <= one);
        !one.is_disjoint(&then) || is_lower && (is_tied || is_followed) && self.is_of_the_line_of(later)
    }

    /// Does one source state both at one stage, and one of them less than the other, of one amount or under one reference?
    fn may_be_stated_twice_in(&self, other: &Self) -> bool {
        let (key, another) = (self.key(), other.key());
        let is_named = self.cluster.bears_reference_of(other.cluster);
        let is_kept = self.is_kept || other.is_kept;
        let is_twice = |mark: &Mark, again: &Mark| {
            let is_decided = |mark: &Mark| mark.stage.is_some_and(Stage::is_decided);
            let days = mark.decided_on.zip(again.decided_on);
            let is_list = mark.standing == Standing::Publication;
            let are_two_decisions = is_list && days.is_some_and(|(one, other)| one != other);
            let are_two_bodies = mark.beneficiary.zip(again.beneficiary).is_some_and(|(one, other)| one != other);
            let is_equal =
                !is_kept && mark.amount.is_some_and(|amount| amount != Cents::ZERO) && mark.amount == again.amount;
            let is_another_row = is_equal && mark.record != again.record && !are_two_decisions && !are_two_bodies;
            // Two amounts in one record are two lines.
            let is_again = is_named && (is_equal || mark.record != again.record);
            mark.is_like(again) && is_decided(mark) && (is_again || is_another_row)
        };
        self.funder == other.funder
            && self.form == other.form
            && key != another
            && key.compatible(another)
            && self.cluster.window.meets(other.cluster.window)
            && !(self.is_part || other.is_part)
            && self.granted.iter().any(|mark| other.granted.iter().any(|again| is_twice(mark, again)))
    }
}
