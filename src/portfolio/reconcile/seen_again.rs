//! One grant that two systems of its funder state, beside two requests. What is asked is joined to the one and to the other, and then tells
//! the two apart, as a plan lists two sums; but it is the applicant's word, and no system of the funder says that it granted twice.

use super::repeated::Told;
use super::window::{Window, are_of_other_years};
use super::{Cluster, Key, Mark};
use crate::domain::source::Standing;
use crate::domain::vocabulary::Stage;
use std::cmp::Reverse;

/// What the funder itself proposes or grants, with what its own record says of it.
struct Vote {
    key: Key,
    window: Window,
    mark: Mark,
    /// Its funder keeps it from others: that two sums are equal would tell it.
    is_kept: bool,
}

/// Of sums that the funder's own words alone leave one, the one that its system of record grants counts, and the others are in doubt.
pub(super) fn tell(clusters: &mut [Cluster], told: &Told<'_, '_>) {
    let votes: Vec<Vec<Vote>> =
        clusters.iter().map(|one| if one.group.uncertain { Vec::new() } else { votes(one, told) }).collect();
    let may_be = |at: usize, other: usize| at != other && may_be_one(&votes[at], &votes[other]);
    let pairs: Vec<Vec<usize>> =
        (0..clusters.len()).map(|at| (0..clusters.len()).filter(|other| may_be(at, *other)).collect()).collect();
    let mut order: Vec<usize> = (0..clusters.len()).filter(|at| !pairs[*at].is_empty()).collect();
    order.sort_by_key(|at| {
        let one = &clusters[*at];
        let (stated, first) = (Reverse(one.group.key.stated()), one.group.members.iter().copied().min());
        (!one.is_granted(), one.standing(), pairs[*at].len(), stated, first)
    });
    let mut counted = vec![false; clusters.len()];
    for at in order {
        counted[at] = !pairs[at].iter().any(|other| counted[*other]);
        clusters[at].group.uncertain |= !counted[at];
    }
}

fn votes(cluster: &Cluster, told: &Told<'_, '_>) -> Vec<Vote> {
    let rows = || cluster.group.members.iter().map(|at| &told.statements[*at]).zip(&cluster.marks);
    let is_vote =
        |mark: &Mark| mark.own && !mark.is_paid() && mark.stage.is_some_and(|stage| stage.at_least(Stage::Propose));
    let of_record = |record: u32| {
        let own = rows().filter(|(_, mark)| mark.own && mark.record == record && !mark.is_paid());
        own.map(|(one, _)| Key::of(one)).fold(Key::default(), Key::united)
    };
    let vote = |one, mark: &Mark| Vote {
        key: of_record(mark.record),
        window: Window::of(one, told.bench.record(one).period.or(told.period)),
        mark: *mark,
        is_kept: one.veiled || one.not_public_until.is_some(),
    };
    rows().filter(|(_, mark)| is_vote(mark)).map(|(one, mark)| vote(one, mark)).collect()
}

/// May both be one sum, as far as the funder says? Not where one of its systems states both at one stage, or at any under two references,
/// schemes or years: a system does not grant one sum under two keys.
fn may_be_one(votes: &[Vote], others: &[Vote]) -> bool {
    let all = || votes.iter().flat_map(|one| others.iter().map(move |other| (one, other)));
    !all().any(|(one, other)| one.mark.is_like(&other.mark) || one.is_kept_apart_from(other))
        && all().any(|(one, other)| one.may_be(other))
}

impl Vote {
    /// Does its system keep it apart from another sum of its own?
    fn is_kept_apart_from(&self, other: &Vote) -> bool {
        fn are_two<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
            one.zip(other).is_some_and(|(one, other)| one != other)
        }
        self.mark.source == other.mark.source
            && self.mark.standing != Standing::Publication
            && (are_two(self.key.reference, other.key.reference)
                || are_two(self.key.dispositif, other.key.dispositif)
                || are_two(self.key.year, other.key.year))
    }

    fn may_be(&self, other: &Vote) -> bool {
        let is_equal = self.mark.amount.is_some() && self.mark.may_be_seen_again_in(&other.mark);
        let is_kept = (self.is_kept || other.is_kept) && self.mark.source != other.mark.source;
        let is_of_its_year = self.key.compatible(other.key) && self.window.meets(other.window);
        (is_equal || is_kept) && (is_of_its_year || self.is_of_another_year(other))
    }

    /// Are they of two years, of which that of a list may be the one of its signing?
    fn is_of_another_year(&self, other: &Vote) -> bool {
        let any_year = |key: Key| Key { year: None, ..key };
        let is_list = |one: &Vote| one.mark.standing == Standing::Publication;
        are_of_other_years((self.key, self.window), (other.key, other.window))
            && any_year(self.key).compatible(any_year(other.key))
            && (is_list(self) || is_list(other))
    }
}
