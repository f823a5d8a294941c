//! Which statements of a project are about the same sum.
//!
//! Two statements of one funder in one form are about the same sum when nature, dispositif, year and grant reference
//! agree wherever both state them. A sum without a year is of none that is far from its decision, or from the exercice of the edition
//! that it stands in (`window`), unless the grant's own reference, or one decision to the day and the cent, says that it is the same. An unstated part is only filled when exactly
//! one sum could be meant: between two, nothing is guessed, and what may already count elsewhere is set aside as uncertain (`joining`).
//! Two rows of one source at one stage that differ in some part are two sums: a system does not list one sum under two keys. Two records
//! of one system of the funder at two stages may be two files as well as one: unless a reference tells it, neither is joined with the
//! other. Payments of one grant are many, each of its own year (`payments`); a total beside the sums that make it up, or parts beside their whole, state
//! again what counts already (`restated`). What is asked and is lower than the grant is not what was granted, unless something ties both
//! (`asked`). A stage that bears the reference of one vote is of its year (`stages`); what was settled or given up with no vote of its own may be of one
//! that its year or its number tells apart (`elsewhere`), or its form (`forms`). What is asked for and may be what the funder's word is about is answered once by each word (`answers`). What a funder refuses stands with the request that it answers (`refusals`), and what others say that it refused or gave up
//! with the one that it is about (`endings`). Two lines of one plan are two sums (`lines`); what two systems grant is not, by what is asked beside each (`seen_again`);
//! sums that are equal to the cent and under two years, of which one may be a guess, are not two for certain (`repeated`); a row of a list
//! whose amount is that of another year than the one of its signing is about that one (`published`). A scheme that is stated, and that nobody knows by a code,
//! may be the one that another states by its code, and is for certain only where the reference, the decision to the day and the cent, or the amount of one year is the same.

mod answers;
mod asked;
mod elsewhere;
mod endings;
mod forms;
mod joining;
mod lines;
mod of_what;
mod parted;
mod payments;
mod published;
mod refusals;
mod renounced;
mod repeated;
mod restated;
mod seen_again;
mod stages;
#[cfg(test)]
mod tests;
mod window;

pub(super) use restated::{Restating, Use, restated, used};
pub(crate) use window::Period;

use self::repeated::Told;
use self::window::Window;
use super::case::Statement;
use super::headline::Bench;
use super::index::{DispositifIx, OrganisationIx, SourceIx, TextIx};
use super::reports::agree;
use crate::domain::Date;
use crate::domain::money::Cents;
use crate::domain::source::Standing;
use crate::domain::vocabulary::{Authority, Form, Nature, Stage};
use std::collections::BTreeMap;

/// Statements about one sum, by position in the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) key: Key,
    pub(crate) members: Vec<usize>,
    /// May be the same sum as another group.
    pub(crate) uncertain: bool,
    /// The funder's own word, which may be about it, is about another one.
    pub(crate) unanswered: bool,
    /// The funder refuses a sum that may be this one, or another that it voted.
    pub(crate) contradicted: bool,
}

/// What tells sums of one funder and form apart; each part may be unstated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Key {
    pub(crate) nature: Option<Nature>,
    pub(crate) dispositif: Option<DispositifIx>,
    pub(crate) year: Option<u16>,
    pub(crate) reference: Option<TextIx>,
    /// The scheme as it is written, where no code of it is known.
    pub(crate) scheme: Option<TextIx>,
}

impl Key {
    fn of(statement: &Statement) -> Self {
        Key {
            nature: statement.nature,
            dispositif: statement.dispositif,
            year: statement.year,
            reference: statement.reference,
            scheme: statement.scheme,
        }
    }

    fn stated(self) -> usize {
        usize::from(self.nature.is_some())
            + usize::from(self.dispositif.is_some())
            + usize::from(self.year.is_some())
            + usize::from(self.reference.is_some())
    }

    fn compatible(self, other: Key) -> bool {
        agree(self.nature, other.nature)
            && agree(self.dispositif, other.dispositif)
            && agree(self.year, other.year)
            && agree(self.reference, other.reference)
    }

    /// Is everything that `less` states stated here too, letter for letter, and more?
    fn refines(self, less: Key) -> bool {
        self.compatible(less) && self.stated() > less.stated() && self.united(less) == self
    }

    fn united(self, other: Key) -> Key {
        Key {
            nature: self.nature.or(other.nature),
            dispositif: self.dispositif.or(other.dispositif),
            year: self.year.or(other.year),
            reference: self.reference.or(other.reference),
            scheme: self.scheme.or(other.scheme),
        }
    }

    /// Is a scheme stated in both, of which at least one is only a name that nobody knows, not the same?
    fn is_of_another_name(self, other: Key) -> bool {
        match (self.scheme, other.scheme) {
            _ if self.dispositif.is_some() && other.dispositif.is_some() => false,
            (Some(one), Some(other)) => one != other,
            (Some(_), None) => other.dispositif.is_some(),
            (None, Some(_)) => self.dispositif.is_some(),
            (None, None) => false,
        }
    }
}

/// Where a member of a cluster stands, and at which stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    source: SourceIx,
    standing: Standing,
    /// The rank of its record among those of the project, by source and key.
    record: u32,
    stage: Option<Stage>,
    own: bool,
    reference: Option<TextIx>,
    /// Whom the row grants it to, where that body is known by its number.
    beneficiary: Option<OrganisationIx>,
    decided_on: Option<Date>,
    /// Of what its funder keeps from nobody.
    amount: Option<Cents>,
    /// The day of the decision and what was decided, where both are stated.
    decision: Option<(Date, Cents)>,
}

impl Mark {
    fn of(statement: &Statement, bench: &Bench<'_>) -> Self {
        let source = bench.record(statement).source;
        Mark {
            source,
            standing: (bench.standing)(source),
            record: statement.record,
            stage: statement.stage,
            own: statement.authority == Authority::Own,
            reference: statement.reference,
            beneficiary: bench.record(statement).holder.filter(|holder| (bench.is_numbered)(*holder)),
            decided_on: statement.decided_on,
            amount: statement.amount.filter(|_| statement.not_public_until.is_none()),
            decision: statement.decided_on.zip(statement.amount),
        }
    }

    /// A source gives one sum only once per stage.
    fn is_like(&self, other: &Mark) -> bool {
        (self.source, self.stage) == (other.source, other.stage)
    }

    fn is_paid(&self) -> bool {
        self.stage == Some(Stage::Verse)
    }

    /// Two records of one system of the funder, at two stages: may be one sum, and may be two files of which each has its own stage.
    /// The reference of the grant tells it; a payment is of a grant in any case; a declaration may follow on an earlier one.
    fn is_under_another_key(&self, other: &Mark) -> bool {
        let named = self.reference.is_some() && self.reference == other.reference;
        (self.own && other.own && self.source == other.source && self.record != other.record)
            && self.standing != Standing::Declarations
            && !(named || self.is_paid() || other.is_paid())
    }

    /// Does another source of the funder say that another amount was granted?
    fn is_granted_otherwise(&self, other: &Mark) -> bool {
        let is_granted = |one: &Mark| one.own && matches!(one.stage, Some(Stage::Attribue | Stage::Engage));
        let two_amounts = self.amount.zip(other.amount).is_some_and(|(one, other)| one != other);
        self.source != other.source && is_granted(self) && is_granted(other) && two_amounts
    }

    /// Two rows of a list that the funder publishes, decided on two days, or on one day at two amounts for two beneficiaries: unless one
    /// reference says that they are stages of one grant, the list itself says that they are two.
    fn is_of_another_decision(&self, other: &Mark) -> bool {
        let named = self.reference.is_some() && self.reference == other.reference;
        let is_list = self.own && other.own && self.standing == Standing::Publication;
        let days = self.decided_on.zip(other.decided_on);
        let two_amounts = self.amount.zip(other.amount).is_some_and(|(one, other)| one != other);
        let two_bodies = self.beneficiary.zip(other.beneficiary).is_some_and(|(one, other)| one != other);
        let are_two = days.is_some_and(|(one, other)| one != other || two_amounts && two_bodies);
        is_list && self.record != other.record && self.is_like(other) && are_two && !named && !self.is_paid()
    }
}

pub(super) struct Cluster {
    group: Group,
    window: Window,
    /// Of each member, in the order of members.
    marks: Vec<Mark>,
    own: bool,
    /// What the funder says of it is that it refuses.
    refused: bool,
    /// It is asked in a record that states a grant beside it: what was granted is another sum.
    is_apart: bool,
}

impl Cluster {
    fn new(key: Key, window: Window) -> Self {
        let group = Group { key, members: Vec::new(), uncertain: false, unanswered: false, contradicted: false };
        Cluster { group, window, marks: Vec::new(), own: false, refused: false, is_apart: false }
    }

    fn add(&mut self, position: usize, mark: Mark) {
        self.group.members.push(position);
        self.own |= mark.own;
        self.marks.push(mark);
    }

    /// May both be one sum? The reference of a grant tells it, or one decision to the day and the cent, whatever year that lets expect.
    fn may_join(&self, other: &Cluster) -> bool {
        self.group.key.compatible(other.group.key)
            && self.may_be_of_the_years_of(other)
            && !self.shares_a_mark(other)
            && !self.is_asked_beside(other)
    }

    /// Is one asked in a record that tells it from what is granted, which the other is?
    fn is_asked_beside(&self, other: &Cluster) -> bool {
        self.is_apart && other.is_promised() || other.is_apart && self.is_promised()
    }

    /// Does anybody say that it is proposed or granted?
    fn is_promised(&self) -> bool {
        self.marks.iter().any(|mark| mark.stage.is_some_and(|stage| stage.at_least(Stage::Propose)))
    }

    fn is_of_the_decision_of(&self, other: &Cluster) -> bool {
        let mut decisions = self.marks.iter().filter_map(|mark| mark.decision);
        decisions.any(|decision| other.marks.iter().any(|mark| mark.decision == Some(decision)))
    }

    /// Is it certain that both are one sum, where neither may be another one?
    fn joins(&self, other: &Cluster) -> bool {
        self.may_join(other)
            && !self.is_under_another_key(other)
            && !self.may_be_of_another_scheme(other)
            && !self.is_signed_long_apart(other)
            && !other.is_signed_long_apart(self)
    }

    /// Is it one scheme under two names, or are they two? The reference of the grant tells it, one decision to the day and the cent, and
    /// one amount of one year.
    fn may_be_of_another_scheme(&self, other: &Cluster) -> bool {
        let amounts = |one: &Cluster| -> Vec<Cents> { one.marks.iter().filter_map(|mark| mark.amount).collect() };
        let (key, another) = (self.group.key, other.group.key);
        let of_one_year = || key.year.is_some() && key.year == another.year;
        let is_told = self.bears_reference_of(other)
            || self.is_of_the_decision_of(other)
            || of_one_year() && amounts(self).iter().any(|amount| amounts(other).contains(amount));
        key.is_of_another_name(another) && !is_told
    }

    fn bears_reference_of(&self, other: &Cluster) -> bool {
        self.group.key.reference.is_some() && self.group.key.reference == other.group.key.reference
    }

    /// Payments tell no sums apart but those of which nothing else is known.
    fn shares_a_mark(&self, other: &Cluster) -> bool {
        let only_paid = self.is_only_paid() && other.is_only_paid();
        let mut marks = self.marks.iter().filter(|mark| only_paid || !mark.is_paid());
        marks.any(|mark| other.marks.iter().any(|other| mark.is_like(other)))
    }

    fn is_under_another_key(&self, other: &Cluster) -> bool {
        self.marks.iter().any(|mark| other.marks.iter().any(|other| mark.is_under_another_key(other)))
    }

    /// Does the funder itself say that it granted it?
    fn is_granted(&self) -> bool {
        self.marks.iter().any(|mark| mark.own && mark.stage.is_some_and(Stage::is_decided))
    }

    fn standing(&self) -> Option<Standing> {
        self.marks.iter().filter(|mark| mark.own).map(|mark| mark.standing).min()
    }

    fn absorb(&mut self, other: Cluster) {
        self.group.key = self.group.key.united(other.group.key);
        self.group.members.extend(other.group.members);
        self.window = self.window.within(other.window);
        self.marks.extend(other.marks);
        self.own |= other.own;
        self.refused |= other.refused;
        self.group.contradicted |= other.group.contradicted;
    }
}

/// What rows have in common that can only be about one sum, as far as their own record tells: their key and years, whether they are
/// payments, and of a part of a sum granted to several the record.
type Place = (Key, Window, bool, Option<u32>);

/// The sums of one funder in one form before they are settled, and what it refuses.
#[derive(Default)]
struct Said {
    sums: Vec<Cluster>,
    /// Where in `sums` each one stands.
    places: BTreeMap<Place, usize>,
    refusals: Vec<Cluster>,
    /// What others say that it refused, or that is given up.
    endings: Vec<Cluster>,
}

/// The groups of `statements`, which stand in the records of the bench; `period` tells when the project takes place where its record
/// does not say it. The result depends on what is stated and by whom, not on the order, nor on what was read first.
pub(crate) fn reconcile(statements: &[Statement], bench: &Bench<'_>, period: Period) -> Vec<Group> {
    let mut order: Vec<usize> = (0..statements.len()).collect();
    order.sort_by_cached_key(|at| bench.place(&statements[*at]));
    let mut sorted: Vec<Statement> = order.iter().map(|at| statements[*at].clone()).collect();
    stages::under_their_votes(&mut sorted);
    let mut groups = groups_of(&Told { statements: &sorted, bench, period });
    groups.iter_mut().flat_map(|group| &mut group.members).for_each(|member| *member = order[*member]);
    groups
}

/// The same of statements that stand in the order of their places.
fn groups_of(told: &Told<'_, '_>) -> Vec<Group> {
    let Told { statements, bench, period } = *told;
    let mut ranks: BTreeMap<u32, u32> = BTreeMap::new();
    let mut by_funder: BTreeMap<(OrganisationIx, Form), Said> = BTreeMap::new();
    for (position, statement) in statements.iter().enumerate() {
        let next = u32::try_from(ranks.len()).unwrap_or(u32::MAX);
        let record = *ranks.entry(statement.record).or_insert(next);
        let (key, mark) = (Key::of(statement), Mark { record, ..Mark::of(statement, bench) });
        let window = Window::of(statement, bench.record(statement).period.or(period));
        let said = by_funder.entry((statement.funder, statement.form)).or_default();
        let outside = if refusals::is_refusal(statement) {
            Some(&mut said.refusals)
        } else {
            endings::is_ending(statement).then_some(&mut said.endings)
        };
        let cluster = if let Some(outside) = outside {
            outside.push(Cluster::new(key, window));
            outside.last_mut().expect("one was pushed")
        } else {
            // The day of a decision lets expect a year, which tells rows of one reference apart no more than it joins others.
            let is_named = key.reference.is_some() && key.year.is_none() && !mark.is_paid();
            let years = if is_named { Window::ANY } else { window };
            let place = (key, years, mark.is_paid(), statement.is_part().then_some(statement.record));
            let at = *said.places.entry(place).or_insert(said.sums.len());
            if at == said.sums.len() {
                said.sums.push(Cluster::new(key, window));
            }
            let sum = &mut said.sums[at];
            sum.window = sum.window.within(window);
            sum
        };
        cluster.add(position, mark);
    }
    let mut clusters: Vec<Cluster> = by_funder.into_values().flat_map(|said| settle(said, told)).collect();
    forms::tell(&mut clusters, statements);
    parted::tell(&mut clusters, statements);
    clusters.into_iter().map(|cluster| cluster.group).collect()
}

fn settle(said: Said, told: &Told<'_, '_>) -> Vec<Cluster> {
    let statements = told.statements;
    let clusters = asked::beside_grants(joining::settled(joining::rows(said.sums)), statements);
    let clusters = refusals::placed(clusters, said.refusals, statements);
    let (clusters, ended) = endings::placed(clusters, said.endings, statements);
    let (refused, mut clusters): (Vec<Cluster>, Vec<Cluster>) = clusters.into_iter().partition(|one| one.refused);
    if !refused.is_empty() || ended.iter().any(endings::is_of_a_request) {
        // What was set aside beside a request that is refused or given up may be another one.
        clusters.iter_mut().for_each(|one| one.group.uncertain = false);
        joining::set_aside(&mut clusters);
    }
    joining::tell_given_up(&mut clusters);
    answers::tell_unanswered(&mut clusters, statements);
    answers::tell_other_schemes(&mut clusters);
    let clusters = published::placed(clusters, told);
    let clusters = clusters.into_iter().flat_map(|one| lines::each_line(one, statements)).collect();
    let mut clusters = repeated::told_once(clusters, told);
    seen_again::tell(&mut clusters, told);
    renounced::tell(&mut clusters, &refused, statements);
    elsewhere::tell(&mut clusters, statements);
    clusters.into_iter().chain(refused).chain(ended).collect()
}
