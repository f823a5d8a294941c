//! What a funder refuses beside a vote of its own: the vote, what the vote leaves of a request, or nobody can say which.

use super::refusals::{ROUNDED, amount_of, is_firm, is_rounded};
use super::{Cluster, Key};
use crate::domain::Date;
use crate::domain::money::Cents;
use crate::domain::vocabulary::Stage;
use crate::portfolio::case::Statement;
use crate::portfolio::index::SourceIx;
use std::collections::BTreeMap;

/// What a refusal beside the one vote that it may be about is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    TheVote,
    /// What the vote leaves of a request.
    TheRest,
    /// Nobody can say whether it is of the vote.
    Untold,
}

/// Nobody can say of what it is where its system holds it in another of its records than the vote; where the request was made after it;
/// where it states no amount, and one of both a reference that the other does not; nor where it states an amount that no vote and no
/// request has, whatever reference both bear, or that may be of the vote as well as of a part of what the vote left, or that was asked,
/// when the vote had answered it; where it states none, and more was asked than was granted; nor where the vote states no amount.
pub(super) fn is_of_what(
    (refusal, said_on): (&Cluster, Option<Date>),
    voted: &Cluster,
    statements: &[Statement],
) -> About {
    let (key, amount) = (refusal.group.key, amount_of(&refusal.group.members, statements));
    let is_one_named = amount.is_none() && is_told_otherwise(key, voted, statements);
    // What was asked after the refusal is not what was refused, and stands in one sum with the vote.
    let is_after = |one: &Statement| one.decided_on.zip(said_on).is_some_and(|(asked, said)| asked > said);
    let mut asked = voted.group.members.iter().map(|at| &statements[*at]).filter(|one| one.is_request());
    let is_asked_anew = asked.any(is_after);
    let is_other = amount.is_some_and(|amount| states_another(voted, amount, statements));
    let is_rest = amount.is_some_and(|amount| is_rest_of_a_request(voted, amount, statements));
    let is_either = amount.is_some_and(|amount| is_half_told(voted, (amount, is_rest), statements));
    let is_either = is_either || may_be_of_the_rest(voted, amount, statements);
    let is_either = is_either && !is_overtaken(voted, said_on, statements);
    if is_rest && is_other {
        About::TheRest
    } else if is_one_named || is_asked_anew || is_other || is_either || voted.is_under_another_key(refusal) {
        About::Untold
    } else {
        About::TheVote
    }
}

/// Did the funder vote after that day?
pub(super) fn is_overtaken(voted: &Cluster, said_on: Option<Date>, statements: &[Statement]) -> bool {
    let mut votes = voted.group.members.iter().map(|at| &statements[*at]).filter(|one| is_firm(one));
    votes.any(|one| one.decided_on.zip(said_on).is_some_and(|(voted, said)| voted > said))
}

/// Is the amount, which somebody states beside the vote, not that of what was granted alone: is it asked or proposed, where the vote
/// answered with another one, or both of the vote and of what it leaves of the request, or lower than another figure of the same grant?
fn is_half_told(voted: &Cluster, (amount, is_rest): (Cents, bool), statements: &[Statement]) -> bool {
    let own = || voted.group.members.iter().map(|at| &statements[*at]).filter(|one| is_firm(one));
    let is_granted = |one: &&Statement| matches!(one.stage, Some(Stage::Attribue | Stage::Engage | Stage::Solde));
    let granted = || own().filter(is_granted).filter_map(|one| one.amount).filter(|one| *one > Cents::ZERO);
    let is_it = |one: Cents| is_rounded(amount, one);
    if is_rest && own().filter_map(|one| one.amount).any(is_it) {
        return true;
    }
    let is_another = |one: Cents| !is_it(one) && (one > amount || !granted().any(is_it));
    granted().any(is_another)
}

/// May it be of what the vote leaves of the requests: is as much asked beside it, by one source, or an amount that nobody tells? Of a vote
/// whose amount is not told, a figure may be any part.
fn may_be_of_the_rest(voted: &Cluster, amount: Option<Cents>, statements: &[Statement]) -> bool {
    let rows = || voted.group.members.iter().map(|at| &statements[*at]).zip(&voted.marks);
    let is_vote = |one: &&Statement| one.stage != Some(Stage::Verse) && one.amount != Some(Cents::ZERO);
    let votes = || rows().map(|(one, _)| one).filter(|one| is_firm(one)).filter(is_vote);
    let Some(granted) = votes().filter_map(|one| one.amount).min() else {
        return amount.is_some() && votes().next().is_some();
    };
    let is_untold =
        |one: &Statement| one.stage == Some(Stage::Sollicite) && one.amount.is_none() && !one.form.is_holders_means();
    let mut asked: BTreeMap<SourceIx, Option<Cents>> = BTreeMap::new();
    for (one, mark) in rows().filter(|(one, _)| one.is_request() || is_untold(one)) {
        let all = asked.entry(mark.source).or_insert(Some(Cents::ZERO));
        *all = all.zip(one.amount).map(|(all, one)| all + one);
    }
    let least = amount.map_or(ROUNDED, |refused| (refused.get() - ROUNDED + 1).max(1));
    asked.into_values().any(|all| all.is_none_or(|all| (all - granted).get() >= least))
}

/// Do all who state an amount above zero of it state another one, in whole euros?
fn states_another(cluster: &Cluster, amount: Cents, statements: &[Statement]) -> bool {
    let stated = cluster.group.members.iter().filter_map(|at| statements[*at].amount);
    let mut stated = stated.filter(|one| *one > Cents::ZERO).peekable();
    stated.peek().is_some() && stated.all(|one| !is_rounded(amount, one))
}

/// Is it what a vote leaves of a request, in whole euros?
fn is_rest_of_a_request(voted: &Cluster, amount: Cents, statements: &[Statement]) -> bool {
    let members = || voted.group.members.iter().map(|at| &statements[*at]);
    let granted =
        || members().filter(|one| is_firm(one) && one.stage != Some(Stage::Verse)).filter_map(|one| one.amount);
    let mut asked = members().filter(|one| one.is_request()).filter_map(|one| one.amount);
    asked.any(|asked| granted().any(|granted| is_rounded(amount, asked - granted)))
}

/// Does the refusal alone state a reference, a scheme or a year, or do the funder's own words on the sum that it grants alone state one?
fn is_told_otherwise(key: Key, voted: &Cluster, statements: &[Statement]) -> bool {
    let firm = || voted.group.members.iter().map(|at| &statements[*at]).filter(|one| is_firm(one));
    let apart = |stated: bool, states: fn(&Statement) -> bool| {
        if stated { !firm().any(states) } else { firm().all(states) }
    };
    let is_of_scheme = key.dispositif.is_some() || key.scheme.is_some();
    key.reference.is_some() != firm().any(|one| one.reference.is_some())
        || apart(is_of_scheme, |one| one.dispositif.is_some() || one.scheme.is_some())
        || apart(key.year.is_some(), |one| one.year.is_some())
}
