//! What others say that a funder refused, or that was given up. It is held to the standard of the funder's own refusals: it ends the one
//! request that it is about (of its amount, of the reference that both bear, in their total to the cent, or the only one where one of both
//! states no amount), and no other. A sum that others say was granted, or paid, it ends only where it is the later word. It is evidence
//! beside the funder's own word, which decides.

use super::Cluster;
use super::refusals::{Request, Word, amount_of, each_once, requests};
use crate::domain::Date;
use crate::domain::vocabulary::{Authority, Stage};
use crate::portfolio::case::Statement;

/// Is it the word of others that the funder refused it, or that it is given up?
pub(super) fn is_ending(statement: &Statement) -> bool {
    let ended = |stage: Stage| stage.rank().is_none();
    statement.authority == Authority::Reported && statement.stage.is_some_and(ended)
}

/// What stands, and what is ended: requests with the word that ends them, and such words that are about nothing that stands.
pub(super) fn placed(
    mut clusters: Vec<Cluster>,
    endings: Vec<Cluster>,
    statements: &[Statement],
) -> (Vec<Cluster>, Vec<Cluster>) {
    let mut ended = Vec::new();
    for ending in each_once(endings, statements) {
        if let Some((at, members)) = ended_by(&ending, &clusters, statements) {
            let mut part = clusters[at].take(&members, statements);
            part.absorb(ending);
            ended.push(part);
            if clusters[at].group.members.is_empty() {
                clusters.remove(at);
            }
        } else if let Some(at) = own_word_on(&ending, &clusters, statements) {
            clusters[at].absorb(ending);
        } else {
            ended.push(ending);
        }
    }
    (clusters, ended)
}

/// Does a request stand in it, which is ended?
pub(super) fn is_of_a_request(ended: &Cluster) -> bool {
    ended.marks.iter().any(|mark| mark.stage.is_none_or(|stage| stage.rank().is_some()))
}

/// The request that it is about, by its cluster and the statements of it.
fn ended_by(ending: &Cluster, clusters: &[Cluster], statements: &[Statement]) -> Option<(usize, Vec<usize>)> {
    let word = Word::of(ending, &[], statements);
    let amount = amount_of(&ending.group.members, statements);
    let said_on = ending.group.members.iter().find_map(|at| statements[*at].decided_on);
    let may_be = (0..clusters.len()).filter(|at| !clusters[*at].own && clusters[*at].may_join(ending));
    let asked = |at: usize| requests((&clusters[at], std::slice::from_ref(&word)), statements).into_iter();
    let all: Vec<(usize, Request)> = may_be.flat_map(|at| asked(at).map(move |request| (at, request))).collect();
    let rows = |request: &Request| request.members.iter().map(|at| &statements[*at]).collect::<Vec<_>>();
    let reference = ending.group.key.reference;
    let is_named =
        |request: &Request| reference.is_some() && rows(request).iter().any(|one| one.reference == reference);
    let is_of_its_amount = |request: &Request| {
        amount.is_some() && (request.amount == amount || rows(request).iter().any(|one| one.amount == amount))
    };
    // Where no figure tells, it may as well be about what the funder has its own word on.
    let is_only = |request: &Request| {
        let is_untold = amount.is_none() || request.amount.is_none();
        all.len() == 1 && is_untold && !clusters.iter().any(|one| one.own && one.may_join(ending))
    };
    let of = |wanted: &dyn Fn(&Request) -> bool| all.iter().filter(|(_, one)| wanted(one)).collect::<Vec<_>>();
    let found = [of(&is_named), of(&is_of_its_amount), of(&is_only)].into_iter().find(|found| !found.is_empty())?;
    let is_one = found.iter().all(|(at, _)| *at == found[0].0);
    let (at, request) = found.into_iter().find(|(at, _)| is_one || clusters[*at].group.key == ending.group.key)?;
    let is_open = rows(request).into_iter().all(|one| !stands_beside(one, said_on));
    let is_open = is_open && !word.is_before(request, statements);
    is_open.then(|| (*at, request.members.clone()))
}

/// Do others say that it was granted or paid, and not before the day on which it is said to have ended?
fn stands_beside(one: &Statement, ended_on: Option<Date>) -> bool {
    let is_before = one.decided_on.zip(ended_on).is_some_and(|(voted, ended)| voted < ended);
    one.stage.is_some_and(Stage::is_decided) && !is_before
}

/// The sum of which the funder has its own word, beside which it is evidence: of its amount before another.
fn own_word_on(ending: &Cluster, clusters: &[Cluster], statements: &[Statement]) -> Option<usize> {
    let amount = amount_of(&ending.group.members, statements);
    let own = (0..clusters.len()).filter(|at| clusters[*at].own && clusters[*at].may_join(ending));
    let differs = |at: &usize| !clusters[*at].group.members.iter().any(|one| statements[*one].amount == amount);
    own.min_by_key(|at| (clusters[*at].group.key.nature != ending.group.key.nature, differs(at)))
}
