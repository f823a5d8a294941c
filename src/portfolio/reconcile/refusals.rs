//! Which sum a funder's refusal is about. It is held to the standard of its votes: one refusal answers one request, whose nature,
//! dispositif, year and reference are not others. A vote may be lower than what was asked, a refusal is of what was asked: of another
//! amount, it is about another request, unless the reference of the grant says that it is the same. What was asked after the day of the
//! refusal is asked anew. What no refusal answers stays asked.

use super::answers::Matching;
use super::of_what::{About, is_of_what, is_overtaken};
use super::{Cluster, Key, Mark};
use crate::domain::Date;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Authority, Stage};
use crate::portfolio::case::Statement;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A euro, in cents.
pub(super) const ROUNDED: i64 = 100;

/// Is it the funder's own word that it refuses?
pub(super) fn is_refusal(statement: &Statement) -> bool {
    statement.authority == Authority::Own && statement.stage == Some(Stage::Refuse)
}

/// The clusters, in which each refusal stands with the request that it answers, or with the one vote of the funder that it
/// contradicts or ends; else alone.
pub(super) fn placed(clusters: Vec<Cluster>, rows: Vec<Cluster>, statements: &[Statement]) -> Vec<Cluster> {
    if rows.is_empty() {
        return clusters;
    }
    let mut refusals: Vec<Option<Cluster>> = each_once(rows, statements).into_iter().map(Some).collect();
    let (mut voted, open): (Vec<Cluster>, Vec<Cluster>) =
        clusters.into_iter().partition(|one| one.group.members.iter().any(|at| is_firm(&statements[*at])));
    let mut words: Vec<Word<'_>> = refusals.iter().flatten().map(|one| Word::of(one, &voted, statements)).collect();
    let asked: Vec<Vec<Request>> = open.iter().map(|one| requests((one, &words), statements)).collect();
    let all = || open.iter().zip(&asked).flat_map(|(one, asked)| asked.iter().map(move |request| (one, request)));
    for word in &mut words {
        word.is_named = all().any(|(_, asked)| word.names(asked, statements));
    }
    let about: Vec<Vec<usize>> =
        all().map(|asked| (0..words.len()).filter(|at| words[*at].answers(asked, statements)).collect()).collect();
    let matching = Matching::of(&about, words.len());
    let left_open = matching.left_open(&about);
    let mut answers = (0..about.len()).map(|at| matching.word_for(at).filter(|_| !left_open[at]));
    drop(words);
    let mut settled = Vec::new();
    for (cluster, asked) in open.into_iter().zip(asked) {
        let answered: Vec<(Request, Option<Cluster>)> = asked
            .into_iter()
            .map(|request| (request, answers.next().flatten().and_then(|word| refusals[word].take())))
            .collect();
        settled.extend(parted(cluster, answered, statements));
    }
    for refusal in refusals.into_iter().flatten() {
        settled.extend(beside_votes(refusal, &mut voted, statements));
    }
    settled.extend(voted);
    settled
}

/// The funder's own word on a sum that it grants, proposes, or gave up: no request any more.
pub(super) fn is_firm(statement: &Statement) -> bool {
    let firm = |stage: Stage| stage.at_least(Stage::Propose) || stage == Stage::Abandonne;
    statement.authority == Authority::Own && statement.stage.is_some_and(firm)
}

/// Does the funder say of it that it paid, and neither proposes, grants nor gives it up? A payment of zero is none.
fn is_only_known_paid(cluster: &Cluster, statements: &[Statement]) -> bool {
    let mut firm = cluster.group.members.iter().map(|at| &statements[*at]).filter(|one| is_firm(one)).peekable();
    let is_payment = |one: &Statement| one.stage == Some(Stage::Verse) && one.amount != Some(Cents::ZERO);
    firm.peek().is_some() && firm.all(is_payment)
}

/// A refusal that two systems list is one.
pub(super) fn each_once(mut rows: Vec<Cluster>, statements: &[Statement]) -> Vec<Cluster> {
    let amount = |one: &Cluster| amount_of(&one.group.members, statements);
    rows.sort_by_key(|one| {
        let at = one.group.members.first().copied();
        (Reverse(one.group.key.stated()), amount(one).is_none(), amount(one), at)
    });
    let mut once: Vec<Cluster> = Vec::new();
    for row in rows {
        let is_same = |known: &&mut Cluster| known.may_join(&row) && super::agree(amount(known), amount(&row));
        match once.iter_mut().find(is_same) {
            Some(known) => known.absorb(row),
            None => once.push(row),
        }
    }
    once
}

pub(super) fn amount_of(members: &[usize], statements: &[Statement]) -> Option<Cents> {
    members.iter().find_map(|at| statements[*at].amount)
}

/// What a refusal says.
pub(super) struct Word<'a> {
    refusal: &'a Cluster,
    amount: Option<Cents>,
    /// The last day on which it is said.
    said_on: Option<Date>,
    /// It may as well be about a sum that the funder voted.
    may_be_of_a_vote: bool,
    /// A request bears its reference.
    is_named: bool,
}

impl<'a> Word<'a> {
    pub(super) fn of(refusal: &'a Cluster, voted: &[Cluster], statements: &[Statement]) -> Self {
        let may_be_of_a_vote = voted.iter().any(|vote| vote.may_join(refusal));
        let members = &refusal.group.members;
        let said_on = members.iter().filter_map(|at| statements[*at].decided_on).max();
        Word { refusal, amount: amount_of(members, statements), said_on, may_be_of_a_vote, is_named: false }
    }

    fn names(&self, request: &Request, statements: &[Statement]) -> bool {
        let reference = self.refusal.group.key.reference;
        reference.is_some() && request.heads.iter().any(|at| statements[*at].reference == reference)
    }

    /// Was it asked, as any of its sources dates it, after the word was said?
    pub(super) fn is_before(&self, request: &Request, statements: &[Statement]) -> bool {
        let mut days = request.members.iter().filter_map(|at| statements[*at].decided_on);
        self.said_on.is_some_and(|said| days.any(|asked| asked > said))
    }

    fn answers(&self, (cluster, request): (&Cluster, &Request), statements: &[Statement]) -> bool {
        let key = self.refusal.group.key;
        let mut heads = request.heads.iter().map(|at| &statements[*at]);
        let is_elsewhere = is_of_another_file(self.refusal, (cluster, request)) || self.is_before(request, statements);
        if !self.refusal.may_join(cluster) || is_elsewhere {
            return false;
        }
        // A year that it states dates it alone: nobody says that a request of no year is of that one.
        let is_dated = |one: &Statement| key.year.is_none() || key.year == one.year || cluster.window.is_told();
        let is_same = |one: &Statement| match (self.amount, request.amount) {
            // An application states whole euros.
            (Some(refused), Some(asked)) => is_rounded(refused, asked),
            // Where no figure tells, it may not say more than the request does, but for the number that the funder gives its file, which
            // an applicant does not know.
            _ => {
                let reference = key.reference.filter(|_| self.is_named || one.reference.is_some());
                let word = Key { reference, ..key };
                !self.may_be_of_a_vote && key.nature == one.nature && says_no_more(word, Key::of(one))
            }
        };
        self.names(request, statements) || heads.any(|one| is_dated(one) && is_same(one))
    }
}

pub(super) fn is_rounded(refused: Cents, asked: Cents) -> bool {
    (refused.get() - asked.get()).abs() < ROUNDED
}

/// Does the system that refuses hold the request in another of its records, under which it is still asked?
fn is_of_another_file(refusal: &Cluster, (cluster, request): (&Cluster, &Request)) -> bool {
    let rows = cluster.group.members.iter().zip(&cluster.marks).filter(|(at, _)| request.members.contains(at));
    rows.into_iter().any(|(_, mark)| refusal.marks.iter().any(|word| word.is_under_another_key(mark)))
}

fn says_no_more(word: Key, asked: Key) -> bool {
    let ignoring_year = Key { year: asked.year, ..word };
    asked.united(ignoring_year) == asked
}

/// A sum that is asked for, or that others state, as one or several sources list it.
pub(super) struct Request {
    pub(super) members: Vec<usize>,
    /// Of each source the latest stage.
    heads: Vec<usize>,
    pub(super) amount: Option<Cents>,
}

/// The requests of a cluster. A source that lists several sums at one stage lists several requests; what two sources list in one
/// amount, or one of them in none, is one. They are one where a refusal is of their total, to the cent.
pub(super) fn requests((cluster, words): (&Cluster, &[Word<'_>]), statements: &[Statement]) -> Vec<Request> {
    let mut by_source: BTreeMap<_, Vec<(usize, Mark)>> = BTreeMap::new();
    for (at, mark) in cluster.group.members.iter().copied().zip(cluster.marks.iter().copied()) {
        if mark.stage.is_none_or(|stage| stage.rank().is_some()) && !is_firm(&statements[at]) {
            by_source.entry(mark.source).or_default().push((at, mark));
        }
    }
    let mut sums: Vec<(Mark, Request)> = Vec::new();
    for rows in by_source.into_values() {
        let is_list =
            rows.iter().enumerate().any(|(at, row)| rows[at + 1..].iter().any(|other| row.1.is_like(&other.1)));
        let parts: Vec<Vec<usize>> = if is_list {
            rows.iter().map(|(at, _)| vec![*at]).collect()
        } else {
            vec![rows.iter().map(|(at, _)| *at).collect()]
        };
        let listed: Vec<Request> = parts.into_iter().map(|members| request(members, statements)).collect();
        let total: Option<Cents> = listed.iter().map(|one| one.amount).sum();
        if listed.len() > 1 && total.is_some() && words.iter().any(|word| word.amount == total) {
            let members: Vec<usize> = cluster.group.members.clone();
            return vec![Request { heads: members.clone(), members, amount: total }];
        }
        sums.extend(listed.into_iter().map(|one| (rows[0].1, one)));
    }
    sums.sort_by_key(|(_, one)| (one.amount.is_none(), one.amount, one.members.first().copied()));
    let mut once: Vec<(Vec<Mark>, Request)> = Vec::new();
    for (mark, sum) in sums {
        let is_same = |(marks, known): &&mut (Vec<Mark>, Request)| {
            !marks.iter().any(|other| other.source == mark.source)
                && (sum.amount.is_none() || known.amount == sum.amount)
        };
        match once.iter_mut().find(is_same) {
            Some((marks, known)) => {
                marks.push(mark);
                known.members.extend(sum.members);
                known.heads.extend(sum.heads);
            }
            None => once.push((vec![mark], sum)),
        }
    }
    once.into_iter().map(|(_, request)| request).collect()
}

fn request(members: Vec<usize>, statements: &[Statement]) -> Request {
    let rank = |at: &usize| (statements[*at].amount.is_some(), statements[*at].stage.and_then(Stage::rank));
    let head = members.iter().copied().max_by_key(rank);
    Request { amount: head.and_then(|at| statements[at].amount), heads: head.into_iter().collect(), members }
}

/// A cluster of requests, of which some were answered by a refusal: each of these with its answer, the rest as it was.
fn parted(mut cluster: Cluster, answered: Vec<(Request, Option<Cluster>)>, statements: &[Statement]) -> Vec<Cluster> {
    let is_whole = answered.len() == 1;
    let mut found = Vec::new();
    for (request, refusal) in answered {
        let Some(refusal) = refusal else { continue };
        if is_whole {
            cluster.refuse(refusal);
            return vec![cluster];
        }
        let mut part = cluster.take(&request.members, statements);
        part.refuse(refusal);
        found.push(part);
    }
    // What others say of a refusal is left with one.
    let is_outside = |mark: &Mark| mark.stage.is_some_and(|stage| stage.rank().is_none());
    match found.first_mut() {
        Some(first) if cluster.marks.iter().all(is_outside) => first.absorb(cluster),
        _ => found.push(cluster),
    }
    found
}

/// A refusal that answers none of these requests: where it may be about the one sum that the funder voted, with that, or with the
/// request beside it that the vote does not answer. Between several votes it
/// is with none; those that it may be about are contradicted. So is the one vote of which nobody can say whether it is refused
/// (`is_of_what`), but where the refusal is of what the vote leaves of the request. And so is what the funder paid, of which no vote tells
/// the amount: the refusal does not end it, whatever its amount and whatever reference both bear, unless it is the older one.
fn beside_votes(mut refusal: Cluster, voted: &mut [Cluster], statements: &[Statement]) -> Option<Cluster> {
    let (key, amount) = (refusal.group.key, amount_of(&refusal.group.members, statements));
    let said_on = refusal.group.members.iter().find_map(|at| statements[*at].decided_on);
    let mut may_be: Vec<usize> = (0..voted.len()).filter(|at| voted[*at].may_join(&refusal)).collect();
    if let Some(named) =
        may_be.iter().find(|at| key.reference.is_some() && voted[**at].group.key.reference == key.reference)
    {
        may_be = vec![*named];
    }
    let (mut about, mut is_paid) = (About::TheVote, false);
    if let [only] = may_be.as_slice() {
        if let Some(asked) = listed_apart((&voted[*only], amount), statements) {
            let mut part = voted[*only].take(&asked.members, statements);
            part.refuse(refusal);
            return Some(part);
        }
        about = is_of_what((&refusal, said_on), &voted[*only], statements);
        is_paid = is_only_known_paid(&voted[*only], statements);
        if about == About::TheVote && !is_paid {
            voted[*only].absorb(refusal);
            return None;
        }
    }
    for at in may_be {
        let votes = || voted[at].group.members.iter().map(|at| &statements[*at]).filter(|one| is_firm(one));
        let is_untold = about == About::Untold || amount.is_none() || is_only_known_paid(&voted[at], statements);
        let is_of_it = about != About::TheRest && (is_untold || votes().any(|one| one.amount == amount));
        let is_overtaken = is_overtaken(&voted[at], said_on, statements);
        voted[at].group.contradicted |= is_of_it && !is_overtaken;
        let is_in_another_cell = is_paid && voted[at].group.key.nature != refusal.group.key.nature;
        refusal.group.contradicted |= (about == About::Untold || is_in_another_cell) && !is_overtaken;
    }
    refusal.refused = true;
    Some(refusal)
}

/// Of several requests beside a vote, the one whose amount is refused and not voted: the vote answers another.
fn listed_apart((vote, refused): (&Cluster, Option<Cents>), statements: &[Statement]) -> Option<Request> {
    let refused = refused?;
    let voted = |at: &usize| is_firm(&statements[*at]) && statements[*at].amount == Some(refused);
    let asked = requests((vote, &[]), statements);
    if asked.len() < 2 || vote.group.members.iter().any(voted) {
        return None;
    }
    let mut fitting = asked.into_iter().filter(|one| one.amount.is_some_and(|asked| is_rounded(refused, asked)));
    fitting.next().filter(|_| fitting.next().is_none())
}

impl Cluster {
    /// The funder refuses it: no other sum is what this answer is about.
    fn refuse(&mut self, refusal: Cluster) {
        self.absorb(refusal);
        self.refused = true;
        (self.group.uncertain, self.group.unanswered) = (false, false);
    }

    /// Takes some members out, as a cluster of their own.
    pub(super) fn take(&mut self, wanted: &[usize], statements: &[Statement]) -> Cluster {
        let rows: Vec<(usize, Mark)> = self.group.members.drain(..).zip(self.marks.drain(..)).collect();
        let (taken, left): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(at, _)| wanted.contains(at));
        let own = |rows: &[(usize, Mark)]| rows.iter().any(|(at, _)| statements[*at].authority == Authority::Own);
        // The year of a payment is not that of its grant.
        let stated = |at: usize| {
            let key = Key::of(&statements[at]);
            Key { year: key.year.filter(|_| statements[at].stage != Some(Stage::Verse)), ..key }
        };
        let key = |rows: &[(usize, Mark)]| rows.iter().map(|(at, _)| stated(*at)).fold(Key::default(), Key::united);
        let mut part = Cluster::new(key(&taken), self.window);
        part.own = own(&taken);
        (self.group.key, self.own) = (key(&left), own(&left));
        (part.group.members, part.marks) = taken.into_iter().unzip();
        (self.group.members, self.marks) = left.into_iter().unzip();
        part
    }
}
