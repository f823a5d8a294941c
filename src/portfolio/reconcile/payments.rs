//! Payments of a grant: many, each in its own year, where the grant was voted once. They are a stage of its sum, not sums
//! beside it.

use super::{Cluster, Key, Mark, agree};
use crate::domain::Date;
use crate::domain::vocabulary::Stage;

/// Puts the payments with the one grant that they can be of, and gives back those that stand alone. The reference of the grant tells
/// it, whatever year they were paid in; without one, what both state must agree: the grant of their year, else the only one of an
/// earlier year. Between two grants nothing is guessed, but the one of their own record, or of their very key, is theirs.
pub(super) fn placed(grants: &mut [Cluster], payments: Vec<Cluster>) -> Vec<Cluster> {
    let targets: Vec<Option<usize>> = payments.iter().map(|payment| grant_of(grants, payment)).collect();
    let mut alone = Vec::new();
    for (mut payment, target) in payments.into_iter().zip(targets) {
        match target {
            Some(target) => {
                // The year of a payment is not that of its grant: paying changes no plan.
                payment.group.key.year = None;
                payment.window = grants[target].window;
                grants[target].group.contradicted |= is_before_all_of(&payment, &grants[target]);
                grants[target].absorb(payment);
            }
            None => alone.push(payment),
        }
    }
    tell_answered_elsewhere(grants);
    alone
}

impl Cluster {
    pub(super) fn is_only_paid(&self) -> bool {
        self.marks.iter().all(Mark::is_paid)
    }
}

/// A request that was set aside beside a grant, of which a payment says by its reference or scheme that it is another one, is open again.
fn tell_answered_elsewhere(clusters: &mut [Cluster]) {
    for at in 0..clusters.len() {
        let one = &clusters[at];
        let mut others = clusters.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| other);
        let is_beside = others.any(|other| !other.group.uncertain && other.may_join(one));
        let is_open = one.group.uncertain && !one.own && !is_beside;
        clusters[at].group.uncertain &= !is_open;
    }
}

/// Was it paid before the grant was asked for and voted, as other records of it say, and no reference tells that it is one grant? It may
/// be of another one, whose amount nobody tells.
fn is_before_all_of(payment: &Cluster, grant: &Cluster) -> bool {
    let is_its_record = |paid: &Mark| grant.marks.iter().any(|mark| mark.record == paid.record);
    let days = |wanted: fn(Stage) -> bool| -> Vec<Date> {
        let marks = grant.marks.iter().filter(|mark| !mark.is_paid() && mark.stage.is_some_and(wanted));
        marks.filter_map(|mark| mark.decided_on).collect()
    };
    let (asked, voted) = (days(|stage| stage == Stage::Sollicite), days(Stage::is_decided));
    let is_before = |paid: &Mark| {
        let is_first = |day: Date| asked.iter().chain(&voted).all(|other| day < *other);
        !is_its_record(paid) && paid.decided_on.is_some_and(is_first)
    };
    !asked.is_empty() && !voted.is_empty() && !payment.bears_reference_of(grant) && payment.marks.iter().any(is_before)
}

fn is_decided(cluster: &Cluster) -> bool {
    let decided = |stage: Stage| matches!(stage, Stage::Attribue | Stage::Engage | Stage::Solde);
    cluster.marks.iter().any(|mark| mark.stage.is_some_and(decided))
}

fn grant_of(clusters: &[Cluster], payment: &Cluster) -> Option<usize> {
    let paid = payment.group.key;
    let key = |at: usize| clusters[at].group.key;
    let fits = |at: &usize| {
        let key = key(*at);
        agree(key.nature, paid.nature) && agree(key.dispositif, paid.dispositif) && agree(key.reference, paid.reference)
    };
    let grants: Vec<usize> = (0..clusters.len()).filter(|at| is_decided(&clusters[*at])).collect();
    let (named, others): (Vec<usize>, Vec<usize>) =
        grants.into_iter().partition(|at| clusters[*at].bears_reference_of(payment));
    let is_of_the_year = |at: &usize| agree(key(*at).year, paid.year);
    if !named.is_empty() {
        let fitting = nearest(clusters, payment, named.into_iter().filter(fits).collect());
        return only(&narrowed(fitting, is_of_the_year));
    }
    let fitting: Vec<usize> = others.into_iter().filter(fits).collect();
    let of_the_year: Vec<usize> = fitting.iter().copied().filter(is_of_the_year).collect();
    if !of_the_year.is_empty() {
        return only(&nearest(clusters, payment, of_the_year));
    }
    // A grant is paid in its year or later, never before.
    let earlier = fitting.into_iter().filter(|at| key(*at).year < paid.year).collect();
    only(&nearest(clusters, payment, earlier))
}

/// Of several grants those that count, of the record of the payment, and of its very key.
fn nearest(clusters: &[Cluster], payment: &Cluster, grants: Vec<usize>) -> Vec<usize> {
    let is_in_its_record =
        |at: &usize| clusters[*at].marks.iter().any(|mark| payment.marks.iter().any(|paid| paid.record == mark.record));
    let of_any_year = |key: Key| Key { year: None, ..key };
    let is_of_its_key = |at: &usize| of_any_year(clusters[*at].group.key) == of_any_year(payment.group.key);
    let grants = narrowed(grants, is_in_its_record);
    let grants = narrowed(grants, is_of_its_key);
    narrowed(grants, |at| !clusters[*at].group.uncertain)
}

/// Those for which it holds; where it holds for none, all.
fn narrowed(all: Vec<usize>, holds: impl Fn(&usize) -> bool) -> Vec<usize> {
    let some: Vec<usize> = all.iter().copied().filter(holds).collect();
    if some.is_empty() { all } else { some }
}

fn only(grants: &[usize]) -> Option<usize> {
    if let [one] = grants { Some(*one) } else { None }
}
