//! What the sums of a plan come to: what funders themselves say, and between which bounds all means lie once everybody has spoken.
//!
//! Only the funder's own word is committed: what it proposes or decides, or what the holder's own plan says of the holder's means.
//! What others report, what is asked or thought of, may come and may not: it meets no condition and breaks no ceiling.

use super::Portfolio;
use super::case::{Commitment, ProjectCase, Statement};
use super::freshness::Moment;
use super::headline::has_figure;
use super::plan::NatureAmounts;
use crate::domain::facts::Budget;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Authority, Form, Nature, Stage, TaxBasis};
use std::collections::BTreeSet;

/// All means, between bounds, in cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// What funders themselves say, and nothing contradicts.
    pub least: Cents,
    /// The same, with all that is reported, asked or thought of; `None` where an amount is unknown or contradicted.
    pub most: Option<Cents>,
}

impl Bounds {
    const ZERO: Bounds = Bounds { least: Cents::ZERO, most: Some(Cents::ZERO) };

    fn and(self, other: Bounds) -> Self {
        let most = self.most.zip(other.most).map(|(one, other)| one + other);
        Bounds { least: self.least + other.least, most }
    }

    /// A sum below zero takes from others, if it is one: the least is less, the most is not.
    fn add(&mut self, least: Option<Cents>, most: Option<Cents>) {
        self.least = self.least + least.unwrap_or_default();
        self.most = self.most.zip(most).map(|(all, one)| all + one.max(Cents::ZERO));
    }

    /// Without its nature a sum may be of this one or of the other.
    fn maybe(self) -> Self {
        Bounds { least: self.least.min(Cents::ZERO), ..self }
    }
}

/// The bounds of the means that pay for a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Means {
    /// In investment.
    pub investissement: Bounds,
    /// In operation.
    pub fonctionnement: Bounds,
    /// In all.
    pub total: Bounds,
    /// Is anything said to stand in investment, in operation?
    pub stands: [bool; 2],
}

/// How far a sum may be counted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Footing {
    /// Its funder proposes or decides it, or the holder's own plan says it of the holder's means.
    Sure,
    /// The same, but something contradicts its amount, or its day has not come.
    Contested,
    /// Only reported, asked, thought of, or of no stage.
    Open,
}

impl Portfolio {
    /// How far a sum of a project may be counted on at a moment; `None` where it counts for nothing.
    pub(super) fn footing(&self, case: &ProjectCase, one: &Commitment, moment: Moment) -> Option<Footing> {
        let doubts = one.doubts;
        if one.is_outside() || doubts.denied || doubts.restated || doubts.unadmitted {
            return None;
        }
        let statements = case.statements(one);
        if doubts.uncertain {
            let own = statements.iter().any(|said| said.authority == Authority::Own);
            return (own || doubts.unanswered).then_some(Footing::Open);
        }
        let promised = one.stage.is_some_and(|stage| stage.at_least(Stage::Propose));
        let words = case.statements[one.deciding as usize].is_funders_word() && promised;
        if !words && !self.is_holders_share(case, one) {
            return Some(Footing::Open);
        }
        let taken_back =
            |said: &Statement| said.authority == Authority::Own && said.is_said(moment) && case.contradicts(said, one);
        let other_figure = |said: &Statement| {
            let unstaged = said.authority == Authority::Own && said.stage.is_none();
            unstaged && has_figure(said) && said.amount != one.amount
        };
        let contested = doubts.disagreement
            || self.is_untold_zero(case, one) && !case.is_zero_answered(one, moment)
            || doubts.disputed
            || self.holders_words_differ(case, one)
            || self.is_to_come(one, moment)
            || case.is_overtaken(one, moment)
            || case.is_to_end(one, moment)
            || case.nothings().iter().any(taken_back)
            || statements.iter().any(other_figure);
        Some(if contested { Footing::Contested } else { Footing::Sure })
    }
}

pub(super) fn is_in_kind(form: Form) -> bool {
    matches!(form, Form::EnNature | Form::Ingenierie)
}

/// Sums by nature (investment, operation, unstated), and where one of them is unknown.
pub(super) struct Sums {
    known: [Option<Cents>; 3],
    unknown: [bool; 3],
    /// A sum is kept from whoever this picture is for: no figure that it enters is told.
    veiled: [bool; 3],
    bounds: [Bounds; 3],
    stands: [bool; 3],
    bases: BTreeSet<TaxBasis>,
    open_bases: BTreeSet<TaxBasis>,
}

impl Sums {
    /// Of the sums that pay for this budget, each with its footing.
    pub(super) fn of<'a>(
        case: &ProjectCase,
        budget: Option<Budget>,
        judged: impl Iterator<Item = (&'a Commitment, Footing)>,
    ) -> Self {
        let mut sums = Sums {
            known: [None; 3],
            unknown: [false; 3],
            veiled: [false; 3],
            bounds: [Bounds::ZERO; 3],
            stands: [false; 3],
            bases: budget.map(Budget::basis).into_iter().collect(),
            open_bases: BTreeSet::new(),
        };
        for (one, footing) in judged {
            let at = one.nature.map_or(2, |nature: Nature| nature as usize);
            sums.veiled[at] |= one.veiled;
            sums.stands[at] |= one.amount.is_some_and(|amount| amount != Cents::ZERO);
            if footing == Footing::Open {
                sums.open_bases.insert(one.tax_basis);
                sums.bounds[at].add(one.amount.map(|amount| amount.min(Cents::ZERO)), highest(case, one));
                continue;
            }
            sums.bases.insert(one.tax_basis);
            sums.unknown[at] |= one.amount.is_none() || footing == Footing::Contested;
            sums.known[at] = one.amount.map(|amount| sums.known[at].unwrap_or_default() + amount).or(sums.known[at]);
            let sure = one.amount.filter(|_| footing == Footing::Sure);
            sums.bounds[at].add(sure, sure.filter(|_| !one.doubts.unanswered));
        }
        sums
    }

    /// What is committed, and the cost, are of more than one tax basis.
    pub(super) fn mixed_tax_basis(&self) -> bool {
        self.bases.len() > 1
    }

    /// What funders themselves say.
    pub(super) fn amounts(&self) -> NatureAmounts {
        let told = |at: usize| self.known[at].filter(|_| !self.veiled[at]);
        let [investissement, fonctionnement, non_precise] = [told(0), told(1), told(2)];
        let all: Vec<Cents> = self.known.into_iter().flatten().collect();
        let total = (!all.is_empty() && !self.veiled.contains(&true)).then(|| all.into_iter().sum());
        NatureAmounts { investissement, fonctionnement, non_precise, total }
    }

    /// By nature only when every sum has its nature; in all only when every sum is known, and the cost of what it is put into.
    pub(super) fn balance(&self, budget: NatureAmounts) -> NatureAmounts {
        let natures_told = self.known[2].is_none() && !self.unknown[2];
        let part = |at: usize, budget: Option<Cents>| {
            let told = natures_told && !self.unknown[at];
            budget.filter(|_| told).map(|budget| budget - self.known[at].unwrap_or_default())
        };
        let all_known = !self.unknown.contains(&true) && !self.lies_beside(budget);
        let committed = self.amounts().total.unwrap_or_default();
        NatureAmounts {
            investissement: part(0, budget.investissement),
            fonctionnement: part(1, budget.fonctionnement),
            non_precise: None,
            total: budget.total.filter(|_| all_known).map(|budget| budget - committed),
        }
    }

    /// Do sums stand in a nature of which a cost that is told by nature says nothing?
    fn lies_beside(&self, budget: NatureAmounts) -> bool {
        let put = |at: usize| self.known[at].is_some_and(|sum| sum != Cents::ZERO);
        let untold = |cost: Option<Cents>, at: usize| cost.is_none() && put(at);
        let beside = untold(budget.investissement, 0) || untold(budget.fonctionnement, 1);
        let by_nature = budget.investissement.is_some() || budget.fonctionnement.is_some();
        beside && by_nature && budget.non_precise.is_none()
    }

    /// Between which bounds all means lie. Where taxes of what is only said to come differ from the rest, there is no upper one.
    pub(super) fn means(&self) -> Means {
        let one_basis = self.bases.union(&self.open_bases).count() < 2;
        let [investissement, fonctionnement, unstated] = self.bounds;
        let closed = |bounds: Bounds| Bounds { most: bounds.most.filter(|_| one_basis), ..bounds };
        Means {
            investissement: closed(investissement.and(unstated.maybe())),
            fonctionnement: closed(fonctionnement.and(unstated.maybe())),
            total: closed(investissement.and(fonctionnement).and(unstated)),
            stands: [self.stands[0], self.stands[1]],
        }
    }
}

/// The most that anybody says of a sum; `None` where nobody states an amount that could count.
fn highest(case: &ProjectCase, one: &Commitment) -> Option<Cents> {
    let counted = |said: &&Statement| said.stage.is_none_or(|stage| stage.rank().is_some());
    let said = case.statements(one).iter().filter(counted);
    one.amount.and(said.filter_map(|said| said.amount).max())
}
