//! What is asked beside what was granted. A vote may be lower than what was asked, and is rarely higher: a request that is lower than
//! each figure of the grant is not what was granted, and stays asked, unless something ties the two: the reference of the grant, the row
//! that states both, a later request of its own reference that is as high as the grant (it was amended), or the total of what its source
//! asks for, to the cent. So it is of a higher one beside which its own plan lists a lower grant as another line, and of one there of an unknown amount. Cents are no difference, for an application states whole euros. Where one record states it beside the grant they
//! are two sums; else it may be what was granted, and is set aside without an answer. What the funder itself proposes in one system and
//! grants, higher, in another is one sum: the vote follows the proposal; in one record it may be two, and is in doubt. So is what it
//! proposes, of another amount, after the day of its vote, or above both what it voted and what is asked: no vote follows it. What others say that
//! a silent funder granted is held against what the same record says that it was asked.
//!
//! Of several requests that a source lists, the one of the very amount of the grant, or of what the funder's own system says was asked, is
//! the one that the grant answers; the others look for theirs.

use super::{Cluster, Key, Mark, joining};
use crate::domain::money::Cents;
use crate::domain::tax::{Agreement, compared};
use crate::domain::vocabulary::{Authority, Stage, TaxBasis};
use crate::portfolio::case::Statement;

/// A euro, in cents: what rounding may take from a request.
const ROUNDED: i64 = 100;

/// The clusters, in which what is asked and cannot be what was granted stands apart, or with the one sum of its funder that is of its very
/// amount.
pub(super) fn beside_grants(clusters: Vec<Cluster>, statements: &[Statement]) -> Vec<Cluster> {
    let mut parts = Vec::new();
    let mut found = Vec::new();
    for mut one in clusters {
        let open = left_open(&one, statements);
        // What the funder proposes and grants in one record may be two sums, or two stages of one.
        let (proposed, asked): (Vec<usize>, Vec<usize>) =
            open.into_iter().partition(|at| is_own_proposal(&statements[*at]));
        let is_apart =
            asked.iter().any(|at| statements[*at].asked_apart || is_beside_a_grant(&statements[*at], &one, statements));
        for (open, is_apart) in [(proposed, false), (asked, is_apart)] {
            if !open.is_empty() {
                parts.push(Cluster { is_apart, ..one.take(&open, statements) });
            }
        }
        found.push(one);
    }
    let is_split = !parts.is_empty();
    found.extend(parts);
    if pairs_equal(&mut found, statements) || is_split {
        found.retain(|one| !one.group.members.is_empty());
        found.iter_mut().for_each(|one| one.group.uncertain = false);
        joining::set_aside(&mut found);
    }
    found
}

/// Puts each request that only others list, and that may be of several sums, with the only one of them whose funder states its very amount,
/// as asked or as granted. Was any put elsewhere?
fn pairs_equal(clusters: &mut [Cluster], statements: &[Statement]) -> bool {
    let mut is_moved = false;
    for at in 0..clusters.len() {
        if clusters[at].own || clusters[at].is_apart {
            continue;
        }
        for row in clusters[at].group.members.clone() {
            let asked = &statements[row];
            let is_equal = |other: &usize| {
                let mut own = said(&clusters[*other], statements).filter(|one| is_own_figure(one));
                *other != at && own.any(|one| one.amount == asked.amount && one.tax_basis == asked.tax_basis)
            };
            if !asked.is_request() || clusters[at].group.members.len() == 1 && !clusters[at].group.uncertain {
                continue;
            }
            let alone = clusters[at].alone(row, statements);
            let equal: Vec<usize> =
                (0..clusters.len()).filter(is_equal).filter(|other| clusters[*other].may_join(&alone)).collect();
            if let [only] = equal.as_slice() {
                let row = clusters[at].take(&[row], statements);
                clusters[*only].absorb(row);
                is_moved = true;
            }
        }
    }
    is_moved
}

/// Is it what the funder's own system says was asked, or its own figure, kept from nobody?
fn is_own_figure(one: &Statement) -> bool {
    let stands = one.stage.is_some_and(|stage| stage != Stage::Verse && stage.rank().is_some());
    one.authority == Authority::Own && stands && one.amount.is_some() && one.not_public_until.is_none()
}

/// Can this word of a funder be the answer to what is asked there? Nobody can say it of a figure that is kept from the reader.
pub(super) fn may_answer(word: &Cluster, asked: &Statement, statements: &[Statement]) -> bool {
    if !asked.is_request() {
        return true;
    }
    let figures = figures(word, statements);
    if figures.is_empty() {
        return !said(word, statements).any(|one| one.veiled);
    }
    !is_lower(asked, &figures) || figures.iter().any(|one| are_tied(one, asked) || is_of_its_row(one, asked))
}

impl Statement {
    /// Is it asked, or said by others to be thought of or proposed, of an amount above zero? What the holder puts itself nobody asks for.
    pub(in crate::portfolio) fn is_request(&self) -> bool {
        let is_open = match self.stage {
            Some(Stage::Sollicite) => true,
            Some(Stage::Envisage | Stage::Propose) => self.authority == Authority::Reported,
            _ => false,
        };
        is_open && !self.form.is_holders_means() && self.amount.is_some_and(|amount| amount > Cents::ZERO)
    }
}

/// The requests of a cluster that its grant is no answer to: those that are lower, and, where one of several that a source lists is of the
/// very amount of the grant, or of what the funder's own system says was asked, the others.
fn left_open(cluster: &Cluster, statements: &[Statement]) -> Vec<usize> {
    let (members, own) = (&cluster.group.members, figures(cluster, statements));
    let is_silent = !said(cluster, statements).any(Statement::is_funders_word);
    let is_open = |at: &usize| {
        let one = &statements[members[*at]];
        let against =
            if is_silent || is_own_proposal(one) { granted_in(cluster, one, statements) } else { own.clone() };
        let is_low = (one.is_request() || is_own_proposal(one)) && is_lower(one, &against);
        let is_other = || one.is_request() && !own.is_empty() && is_beside_an_equal(cluster, *at, statements);
        let is_tied = || against.iter().any(|grant| are_tied(grant, one) || is_of_its_row(grant, one));
        (is_low || is_other() || is_of_another_line(one, &against) || is_proposed_anew(cluster, one, statements))
            && !is_tied()
            && !is_in_total(cluster, *at, &against, statements)
    };
    let open: Vec<usize> = (0..members.len()).filter(is_open).collect();
    let is_amended = |at: &usize| {
        let others = (0..members.len()).filter(|other| !open.contains(other)).map(|other| &statements[members[other]]);
        let one = &statements[members[*at]];
        !is_proposed_anew(cluster, one, statements)
            && others.into_iter().any(|other| other.is_request() && follows(other, one))
    };
    open.iter().filter(|at| !is_amended(at)).map(|at| members[*at]).collect()
}

/// Does its plan list a grant as another line, and is less granted than it asks, whoever says so? Of an amount that is not told, it may be
/// any. What the funder's own system dates as asked before it granted less is the course of one sum.
fn is_of_another_line(asked: &Statement, grants: &[&Statement]) -> bool {
    let is_own = |grant: &Statement| asked.authority == Authority::Own && grant.authority == Authority::Own;
    let days = |grant: &Statement| asked.decided_on.zip(grant.decided_on);
    let is_course = |grant: &Statement| is_own(grant) && days(grant).is_some_and(|(asked, granted)| asked <= granted);
    let is_less = |grant: &&Statement| is_lower(grant, &[asked]) && !is_course(grant);
    let is_untold = asked.amount.is_none() && !asked.veiled && !asked.form.is_holders_means();
    let is_more = || asked.is_request() && !grants.is_empty() && grants.iter().all(is_less);
    asked.asked_apart && (is_untold || is_more())
}

/// Does the funder propose another amount than each one that it granted, on a later day than it granted one; or more than it granted, and
/// than anybody asks beside it? No vote follows such a proposal.
fn is_proposed_anew(cluster: &Cluster, one: &Statement, statements: &[Statement]) -> bool {
    let grants = granted_by_funder(cluster, statements);
    let is_of = |grant: &&Statement| !differ(one, grant) || are_tied(grant, one);
    if !is_own_proposal(one) || grants.is_empty() || grants.iter().any(is_of) {
        return false;
    }
    // What is paid or settled was voted before, whoever tells the day.
    let is_decided = |other: &&Statement| other.stage.is_some_and(|stage| stage.at_least(Stage::Attribue));
    let is_later = |voted: &Statement| voted.decided_on.zip(one.decided_on).is_some_and(|(voted, then)| voted < then);
    let comes_after = || said(cluster, statements).filter(is_decided).any(is_later);
    let asked: Vec<&Statement> =
        said(cluster, statements).filter(|other| other.is_request() && !is_of_its_row(one, other)).collect();
    let is_beyond = || {
        let is_less = |other: &&Statement| is_lower(other, &[one]);
        !asked.is_empty() && asked.iter().all(is_less) && grants.iter().all(is_less)
    };
    comes_after() || is_beyond()
}

/// Is one lower than the other, by more than rounding or a tax explains?
fn differ(one: &Statement, other: &Statement) -> bool {
    is_lower(one, &[other]) || is_lower(other, &[one])
}

/// Does its source list another request at that stage that is of an amount which the funder itself states, as this one is not?
fn is_beside_an_equal(cluster: &Cluster, at: usize, statements: &[Statement]) -> bool {
    let (members, mark) = (&cluster.group.members, &cluster.marks[at]);
    let is_stated =
        |amount: Option<Cents>| said(cluster, statements).any(|one| is_own_figure(one) && one.amount == amount);
    let mut like = members.iter().zip(&cluster.marks).enumerate().filter(|(other, _)| *other != at);
    let reported = statements[members[at]].authority == Authority::Reported;
    reported
        && !is_stated(statements[members[at]].amount)
        && like.any(|(_, (other, one))| one.is_like(mark) && is_stated(statements[*other].amount))
}

/// Does the funder itself think of it, or propose it?
fn is_own_proposal(one: &Statement) -> bool {
    let is_some = one.amount.is_some_and(|amount| amount > Cents::ZERO) && !one.form.is_holders_means();
    is_some && one.authority == Authority::Own && matches!(one.stage, Some(Stage::Envisage | Stage::Propose))
}

fn said<'a>(cluster: &'a Cluster, statements: &'a [Statement]) -> impl Iterator<Item = &'a Statement> {
    cluster.group.members.iter().map(|at| &statements[*at])
}

/// The funder's own figures: what it voted or engaged; where it states none, what it settled; else what it proposes.
fn figures<'a>(cluster: &'a Cluster, statements: &'a [Statement]) -> Vec<&'a Statement> {
    let granted = granted_by_funder(cluster, statements);
    if granted.is_empty() { own_figures(cluster, statements, |stage| stage == Stage::Propose) } else { granted }
}

/// What the funder itself voted or engaged; where it states none, what it settled.
fn granted_by_funder<'a>(cluster: &'a Cluster, statements: &'a [Statement]) -> Vec<&'a Statement> {
    let voted = own_figures(cluster, statements, |stage| matches!(stage, Stage::Attribue | Stage::Engage));
    if voted.is_empty() { own_figures(cluster, statements, |stage| stage == Stage::Solde) } else { voted }
}

fn own_figures<'a>(cluster: &'a Cluster, statements: &'a [Statement], wanted: fn(Stage) -> bool) -> Vec<&'a Statement> {
    let own = said(cluster, statements).filter(|one| one.authority == Authority::Own && one.amount.is_some());
    own.filter(|one| one.stage.is_some_and(wanted)).collect()
}

/// What the record that asks says was granted, or else settled.
fn granted_in<'a>(cluster: &'a Cluster, asked: &Statement, statements: &'a [Statement]) -> Vec<&'a Statement> {
    let at = |wanted: fn(Stage) -> bool| -> Vec<&'a Statement> {
        let beside = said(cluster, statements).filter(|one| one.record == asked.record && one.amount.is_some());
        beside.filter(|one| one.stage.is_some_and(wanted)).collect()
    };
    let granted = at(|stage| matches!(stage, Stage::Attribue | Stage::Engage));
    if granted.is_empty() { at(|stage| stage == Stage::Solde) } else { granted }
}

/// Does one record state the request and a grant of it that is higher: two sums?
fn is_beside_a_grant(asked: &Statement, cluster: &Cluster, statements: &[Statement]) -> bool {
    let is_promised = |one: &&Statement| one.stage.is_some_and(|stage| stage.at_least(Stage::Propose));
    let beside = said(cluster, statements).filter(|one| one.record == asked.record).filter(is_promised);
    beside.into_iter().any(|one| is_lower(asked, &[one]))
}

/// Is less asked than each of these figures, by more than rounding or a tax explains?
fn is_lower(asked: &Statement, figures: &[&Statement]) -> bool {
    let Some(amount) = asked.amount else { return false };
    let is_below = |figure: &&Statement| {
        let Some(granted) = figure.amount else { return false };
        let agreement = compared((amount, asked.tax_basis), (granted, figure.tax_basis), ROUNDED);
        let may_be_taxed = ![asked.tax_basis, figure.tax_basis].contains(&TaxBasis::NonPrecise);
        amount < granted && !(agreement == Agreement::Same || agreement == Agreement::Untold && may_be_taxed)
    };
    !figures.is_empty() && figures.iter().all(is_below)
}

/// Does the row that states the request state this higher grant of it?
fn is_of_its_row(grant: &Statement, asked: &Statement) -> bool {
    asked.granted_more && grant.record == asked.record
}

/// Do both bear the reference of one grant?
fn are_tied(grant: &Statement, asked: &Statement) -> bool {
    asked.reference.is_some() && asked.reference == grant.reference
}

/// Is what is asked later, of the same reference, what is asked now?
fn follows(later: &Statement, one: &Statement) -> bool {
    let is_later = later.decided_on.zip(one.decided_on).is_none_or(|(later, first)| later >= first);
    are_tied(later, one) && is_later
}

/// Do all that its source lists at that stage come to what was granted?
fn is_in_total(cluster: &Cluster, at: usize, granted: &[&Statement], statements: &[Statement]) -> bool {
    let mark: &Mark = &cluster.marks[at];
    let like = || cluster.group.members.iter().zip(&cluster.marks).filter(|(_, other)| other.is_like(mark));
    let total: Option<Cents> = like().map(|(at, _)| statements[*at].amount).sum();
    like().count() > 1 && total.is_some() && granted.iter().any(|one| one.amount == total)
}

impl Cluster {
    /// One of its rows, by itself.
    fn alone(&self, row: usize, statements: &[Statement]) -> Cluster {
        let mut alone = Cluster::new(Key::of(&statements[row]), self.window);
        let mark = self.group.members.iter().position(|at| *at == row).map(|at| self.marks[at]);
        mark.into_iter().for_each(|mark| alone.add(row, mark));
        alone
    }
}
