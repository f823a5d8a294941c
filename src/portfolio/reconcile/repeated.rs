//! Sums that nothing joins, and that may still be one said twice: equal to the cent, under two years of which one may be a guess; of one day,
//! or in a list, under the two numbers of two sources that number nothing alike; or in a record that states the funder's own figure and
//! names it again among those who pay.
//!
//! A list says the year in which a grant was signed, a plan that of its own exercice: neither need be that of the funder's budget. But
//! equal sums may be instalments as well. So two are joined only where nothing else can be meant; else one of them is in doubt. What a
//! funder's own systems of record state in several years stays several.

use super::window::LONG_BEFORE_DAYS;
use super::{Cluster, Key, Mark, Period, Window, agree};
use crate::domain::Date;
use crate::domain::money::Cents;
use crate::domain::source::Standing;
use crate::domain::vocabulary::{Nature, Stage};
use crate::portfolio::case::Statement;
use crate::portfolio::headline::Bench;
use crate::portfolio::index::{SourceIx, TextIx};
use chrono::Datelike as _;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What is stated, where, and when the project takes place.
pub(super) struct Told<'a, 'b> {
    pub(super) statements: &'a [Statement],
    pub(super) bench: &'a Bench<'b>,
    pub(super) period: Period,
}

/// The clusters, of which none counts beside another one that may be the same sum said again.
pub(super) fn told_once(clusters: Vec<Cluster>, told: &Told<'_, '_>) -> Vec<Cluster> {
    let mut clusters = joined(clusters, told);
    let pairs = pairs(&clusters, told);
    tell_given_up(&mut clusters, &pairs);
    set_aside(&mut clusters, &pairs);
    clusters
}

/// For each cluster, those that it may be said again in.
fn pairs(clusters: &[Cluster], told: &Told<'_, '_>) -> Vec<Vec<usize>> {
    let figures: Vec<Vec<Cents>> = clusters.iter().map(|one| figures(one, told)).collect();
    let kept: Vec<bool> = clusters.iter().map(|one| is_kept(one, told)).collect();
    let alike = of_one_numbering(clusters);
    let is_pair = |at: usize, other: usize| {
        let (one, another) = (&clusters[at], &clusters[other]);
        if at == other || one.group.uncertain || another.group.uncertain {
            return false;
        }
        if kept[at] || kept[other] {
            // That two sums are equal would tell the one that is kept from others.
            return one.own && another.own && one.is_of_another_year(another);
        }
        figures[at].iter().any(|figure| figures[other].contains(figure))
            && (one.is_of_another_year(another)
                || one.is_told_beside(another)
                || one.is_numbered_otherwise(another, &alike))
    };
    (0..clusters.len()).map(|at| (0..clusters.len()).filter(|other| is_pair(at, *other)).collect()).collect()
}

/// The sources that bear a reference in common with another one, in pairs.
fn of_one_numbering(clusters: &[Cluster]) -> BTreeSet<(SourceIx, SourceIx)> {
    let mut bearing: BTreeMap<TextIx, BTreeSet<SourceIx>> = BTreeMap::new();
    for mark in clusters.iter().flat_map(Cluster::words) {
        if let Some(reference) = mark.reference {
            bearing.entry(reference).or_default().insert(mark.source);
        }
    }
    let paired = |all: &BTreeSet<SourceIx>| -> Vec<(SourceIx, SourceIx)> {
        all.iter().flat_map(|one| all.iter().map(move |other| (*one, *other))).collect()
    };
    bearing.values().flat_map(paired).collect()
}

impl Cluster {
    /// Do two sources of the funder, which number nothing alike, propose or state one decision to the day and the cent under two references? A list
    /// dates a grant by its convention, and who declares it by none: beside a system the amount alone tells, and where no day is told.
    fn is_numbered_otherwise(&self, other: &Cluster, alike: &BTreeSet<(SourceIx, SourceIx)>) -> bool {
        let unnumbered = |key: Key| Key { reference: None, ..key };
        let (key, another) = (self.group.key, other.group.key);
        let is_seen_in = |vote: &Mark, other: &Mark| {
            let is_of_its_day = agree(vote.decided_on, other.decided_on);
            let is_word = |mark: &Mark| mark.is_vote() || mark.own && mark.stage == Some(Stage::Propose);
            is_word(vote)
                && is_word(other)
                && vote.amount == other.amount
                && (is_of_its_day || vote.standing != other.standing)
        };
        let are_apart = |one: SourceIx, another: SourceIx| one != another && !alike.contains(&(one, another));
        key.reference.zip(another.reference).is_some_and(|(one, another)| one != another)
            && unnumbered(key).compatible(unnumbered(another))
            && self.window.meets(other.window)
            && self.words().any(|vote| other.words().any(|another| is_seen_in(vote, another)))
            && self.sources().all(|one| other.sources().all(|another| are_apart(one, another)))
    }
}

/// What is proposed, granted or given up; where nothing is, what is asked or said without a stage.
fn figures(cluster: &Cluster, told: &Told<'_, '_>) -> Vec<Cents> {
    let rows = || cluster.group.members.iter().map(|at| &told.statements[*at]);
    let is_firm = |one: &&Statement| {
        let firm = |stage: Stage| stage.at_least(Stage::Propose) && stage != Stage::Verse || stage == Stage::Abandonne;
        one.stage.is_some_and(firm)
    };
    let of = |all: &mut dyn Iterator<Item = &Statement>| -> Vec<Cents> {
        all.filter_map(|one| one.amount).filter(|amount| *amount != Cents::ZERO).collect()
    };
    let firm = of(&mut rows().filter(is_firm));
    let is_open = |one: &&Statement| !matches!(one.stage, Some(Stage::Verse | Stage::Refuse));
    if firm.is_empty() { of(&mut rows().filter(is_open)) } else { firm }
}

/// Does its funder keep a statement of it from others, or did it?
fn is_kept(cluster: &Cluster, told: &Told<'_, '_>) -> bool {
    let is_kept = |one: &Statement| one.veiled || one.not_public_until.is_some();
    cluster.group.members.iter().any(|at| is_kept(&told.statements[*at]))
}

/// Each pair that can only mean one sum, under the year that is not a guess.
fn joined(clusters: Vec<Cluster>, told: &Told<'_, '_>) -> Vec<Cluster> {
    let pairs = pairs(&clusters, told);
    let is_only = |at: usize, other: usize| pairs[at] == [other] && pairs[other] == [at];
    let found: Vec<(usize, usize)> = (0..clusters.len())
        .flat_map(|firm| pairs[firm].iter().map(move |guess| (firm, *guess)))
        .filter(|(firm, guess)| is_only(*firm, *guess) && is_certain(&clusters, (*firm, *guess), told))
        .collect();
    let mut slots: Vec<Option<Cluster>> = clusters.into_iter().map(Some).collect();
    for (firm, guess) in found {
        let guess = slots[guess].take();
        if let Some((one, other)) = slots[firm].as_mut().zip(guess) {
            one.absorb(other);
        }
    }
    slots.into_iter().flatten().collect()
}

/// Can the guess only be the firm one? The funder granted it by its own word, which of a list is that of a system of record; no source
/// of either states another sum that this one could be; and the year is no obstacle: that of the day of signing, or of a plan of an
/// operation of those years, or the reference of the grant is the same.
fn is_certain(clusters: &[Cluster], (firm, guess): (usize, usize), told: &Told<'_, '_>) -> bool {
    let (one, other) = (&clusters[firm], &clusters[guess]);
    let is_of_record = one.words().any(|mark| mark.own && mark.standing == Standing::SystemOfRecord);
    let is_granted = one.words().any(|mark| mark.own && mark.stage.is_some_and(Stage::is_decided));
    let stands = !one.is_given_up() && !other.is_given_up() && !is_kept(one, told) && !is_kept(other, told);
    // The year of a grant that names none is a guess too; and nobody signs before the vote, nor long before the year of what he runs: what
    // is built is paid for later.
    let voted: Vec<Date> = one.words().filter_map(|vote| vote.decided_on).collect();
    let is_built = one.group.key.nature.or(other.group.key.nature) == Some(Nature::Investissement);
    let year_begins =
        one.group.key.year.filter(|_| !is_built).and_then(|year| Date::from_ymd_opt(i32::from(year), 1, 1));
    let is_before = |signed: &Mark| match (signed.decided_on, voted.as_slice()) {
        (None, _) => false,
        (Some(day), []) => year_begins.is_some_and(|first| (first - day).num_days() > LONG_BEFORE_DAYS),
        (Some(day), voted) => voted.iter().all(|vote| day < *vote),
    };
    let is_dated = one.group.key.year.is_some() && !other.words().any(is_before);
    is_granted
        && (is_dated || one.bears_reference_of(other))
        && other.is_guess()
        && (!other.own || is_of_record)
        && stands
        && one.is_of_another_year(other)
        && is_alone(clusters, (firm, guess))
        && !one.may_be_of_another_scheme(other)
        && (one.bears_reference_of(other) || may_be_of_its_year(other, one, told))
}

fn is_alone(clusters: &[Cluster], (firm, guess): (usize, usize)) -> bool {
    let (one, other) = (&clusters[firm], &clusters[guess]);
    let Key { nature, dispositif, .. } = one.group.key.united(other.group.key);
    let like = Key { nature, dispositif, ..Key::default() };
    let sources: BTreeSet<SourceIx> = one.sources().chain(other.sources()).collect();
    let is_another = |at: &usize| *at != firm && *at != guess && !clusters[*at].is_only_paid();
    (0..clusters.len())
        .filter(is_another)
        .filter(|at| clusters[*at].group.key.compatible(like))
        .all(|at| clusters[at].sources().all(|source| !sources.contains(&source)))
}

/// Could each statement of the guess be of the year of the firm one, had it not named another? A list must have taken it from the day
/// of the decision; a plan may name another year of an investment, and of an edition in operation the next one or the one before: one
/// further off is another instalment of a convention of several years.
fn may_be_of_its_year(guess: &Cluster, firm: &Cluster, told: &Told<'_, '_>) -> bool {
    let nature: Option<Nature> = guess.group.key.nature.or(firm.group.key.nature);
    let words = guess.group.members.iter().zip(&guess.marks).filter(|(_, mark)| !mark.is_paid());
    words.into_iter().all(|(at, mark)| {
        let statement = &told.statements[*at];
        let Some(year) = statement.year else {
            return guess.group.key.year.is_some() || guess.window.meets(firm.window);
        };
        let is_of_its_day = statement.decided_on.is_some_and(|day| day.year() == i32::from(year));
        let is_near = firm.group.key.year.is_some_and(|firm| firm.abs_diff(year) <= 1);
        let may_be_named = nature == Some(Nature::Investissement) || is_near;
        let undated = Statement { year: None, nature, ..statement.clone() };
        let window = Window::of(&undated, told.bench.record(statement).period.or(told.period));
        (is_of_its_day || !mark.own && may_be_named) && window.is_told() && window.meets(firm.window)
    })
}

/// A sum that is given up in one of two, and stands in the other: nobody can say whether it stands.
fn tell_given_up(clusters: &mut [Cluster], pairs: &[Vec<usize>]) {
    let given_up: Vec<bool> = clusters.iter().map(Cluster::is_given_up).collect();
    for (at, one) in clusters.iter_mut().enumerate() {
        one.group.contradicted |= !given_up[at] && pairs[at].iter().any(|other| given_up[*other]);
    }
}

/// Of sums that may be one, the funder's own count, then what could be fewest others, then what it granted, then the one whose year is
/// no guess. A word of others that is set aside has no answer.
fn set_aside(clusters: &mut [Cluster], pairs: &[Vec<usize>]) {
    let standing = |at: &usize| !clusters[*at].is_given_up();
    let pairs: Vec<Vec<usize>> = pairs.iter().map(|all| all.iter().copied().filter(standing).collect()).collect();
    let mut order: Vec<usize> = (0..clusters.len()).filter(standing).filter(|at| !pairs[*at].is_empty()).collect();
    order.sort_by_key(|at| {
        let one = &clusters[*at];
        let (stated, first) = (Reverse(one.group.key.stated()), one.group.members.iter().copied().min());
        (!one.own, pairs[*at].len(), !one.is_granted(), one.is_guess(), stated, one.standing(), first)
    });
    let mut counted = vec![false; clusters.len()];
    for at in order {
        counted[at] = !pairs[at].iter().any(|other| counted[*other]);
        let one = &mut clusters[at];
        one.group.uncertain = !counted[at];
        one.group.unanswered |= !counted[at] && !one.own;
    }
}

impl Cluster {
    /// Are both of other years, and of no source both of them, where nothing else tells them apart and one year may be a guess? That of a sum
    /// that names none is one.
    fn is_of_another_year(&self, other: &Cluster) -> bool {
        let any_year = |key: Key| Key { year: None, ..key };
        let (key, another) = (self.group.key, other.group.key);
        self.is_of_other_years(other)
            && any_year(key).compatible(any_year(another))
            && (self.is_guess() || other.is_guess())
            && self.sources().all(|source| other.sources().all(|one| one != source))
    }

    /// Does a source name again, among those who pay, the funder whose own figure it holds?
    fn is_told_beside(&self, other: &Cluster) -> bool {
        let are_lines = || {
            let mut reported = self.marks.iter().filter(|mark| !mark.own);
            reported.any(|mark| other.marks.iter().any(|other| !other.own && mark.is_like(other)))
        };
        self.own != other.own
            && self.group.key.compatible(other.group.key)
            && self.window.meets(other.window)
            && self.shares_a_mark(other)
            && !are_lines()
    }

    /// May the year that it is of be a guess: does it name none, or is it only of a published list, or of what others report?
    fn is_guess(&self) -> bool {
        self.group.key.year.is_none() || self.words().all(|mark| !mark.own || mark.standing == Standing::Publication)
    }

    fn sources(&self) -> impl Iterator<Item = SourceIx> {
        self.words().map(|mark| mark.source)
    }

    /// What is said of it, without its payments: paying changes no plan.
    fn words(&self) -> impl Iterator<Item = &Mark> {
        self.marks.iter().filter(|mark| !mark.is_paid())
    }
}
