//! Payments of a grant: many, each in its own year, where the grant was voted once. They are a stage of its sum, not sums
//! beside it.

use super::{Cluster, agree};
use crate::domain::vocabulary::Stage;

/// The clusters, in which payments stand with the one grant that they can be of. The reference of the grant tells it,
/// whatever year they were paid in; without one, what both state must agree: the grant of their year, else the only one of an
/// earlier year. Between two grants nothing is guessed.
pub(super) fn joined(clusters: Vec<Cluster>) -> Vec<Cluster> {
    let (payments, mut all): (Vec<Cluster>, Vec<Cluster>) = clusters.into_iter().partition(only_paid);
    let targets: Vec<Option<usize>> = payments.iter().map(|payment| grant_of(&all, payment)).collect();
    let mut alone = Vec::new();
    for (mut payment, target) in payments.into_iter().zip(targets) {
        match target {
            Some(target) => {
                // The year of a payment is not that of its grant: paying changes no plan.
                payment.group.key.year = None;
                all[target].absorb(payment);
            }
            None => alone.push(payment),
        }
    }
    all.extend(alone);
    all
}

fn only_paid(cluster: &Cluster) -> bool {
    cluster.marks.iter().all(|(_, stage)| *stage == Some(Stage::Verse))
}

fn is_decided(cluster: &Cluster) -> bool {
    let decided = |stage: Stage| matches!(stage, Stage::Attribue | Stage::Engage | Stage::Solde);
    cluster.marks.iter().any(|(_, stage)| stage.is_some_and(decided))
}

fn grant_of(clusters: &[Cluster], payment: &Cluster) -> Option<usize> {
    let paid = payment.group.key;
    let fits = |grant: &&(usize, &Cluster)| {
        let key = grant.1.group.key;
        agree(key.nature, paid.nature) && agree(key.dispositif, paid.dispositif) && agree(key.reference, paid.reference)
    };
    let grants: Vec<(usize, &Cluster)> = clusters.iter().enumerate().filter(|(_, one)| is_decided(one)).collect();
    let named = |grant: &&(usize, &Cluster)| paid.reference.is_some() && grant.1.group.key.reference == paid.reference;
    if grants.iter().any(|grant| named(&grant)) {
        return only(grants.iter().filter(named).filter(fits));
    }
    let year = |grant: &(usize, &Cluster)| grant.1.group.key.year;
    let mut of_the_year = grants.iter().filter(fits).filter(|grant| agree(year(grant), paid.year)).peekable();
    if of_the_year.peek().is_some() {
        return only(of_the_year);
    }
    // A grant is paid in its year or later, never before.
    only(grants.iter().filter(fits).filter(|grant| year(grant) < paid.year))
}

fn only<'a>(mut grants: impl Iterator<Item = &'a (usize, &'a Cluster)>) -> Option<usize> {
    let first = grants.next()?.0;
    grants.next().is_none().then_some(first)
}
