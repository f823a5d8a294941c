//! The funding plan of a project: a line per funder and nature, and how far sums meet the budget.
//!
//! What is committed counts from PROPOSE on, reported sums too; own funds and receipts count at any stage, for nobody
//! else decides on them. All forms balance a budget but what comes in kind, which no budget pays for.

use super::Portfolio;
use super::case::{Commitment, ProjectCase};
use super::freshness::Moment;
use super::index::{OrganisationIx, ProjectIx};
use super::plan_cell::PlanLine;
use super::plan_version::{PlanKey, version};
use crate::domain::facts::Budget;
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::vocabulary::{CellState, Form, Nature, Stage, TaxBasis};
use std::collections::BTreeSet;

/// The Region Hauts-de-France.
const REGION: &str = "siren:200053742";

/// The funding plan of a project at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What partners acknowledge: changes with sums, decisions and the budget, with nothing else.
    pub version: String,
    /// Total cost; `None` when nobody states it.
    pub budget: Option<NatureAmounts>,
    /// One line per funder and nature, in order of funder.
    pub lines: Vec<PlanLine>,
    /// What is known to be committed. An amount that is unknown is missing here and keeps `balance` empty.
    pub committed: NatureAmounts,
    /// Budget less committed; a part is `None` where a sum that it rests on is unknown.
    pub balance: Option<NatureAmounts>,
    /// Lines that are KNOWN or NOTHING, of all lines; `None` without a line.
    pub coverage: Option<Ratio>,
    /// All means, of the Region's own money; `None` where it puts none or a sum is unknown.
    pub leverage: Option<Ratio>,
    /// Budget and committed sums are of more than one tax basis.
    pub mixed_tax_basis: bool,
}

/// Amounts by nature; `None`: not stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NatureAmounts {
    /// In investment.
    pub investissement: Option<Cents>,
    /// In operation.
    pub fonctionnement: Option<Cents>,
    /// Stated without its nature.
    pub non_precise: Option<Cents>,
    /// In all.
    pub total: Option<Cents>,
}

/// An exact ratio; the denominator is positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    /// Above.
    pub numerator: i64,
    /// Below.
    pub denominator: i64,
}

impl Portfolio {
    /// The funding plan of a project at a moment.
    pub fn plan(&self, project: ProjectIx, moment: Moment, key: PlanKey<'_>) -> Plan {
        let case = self.project(project);
        let lines = self.plan_lines(project, moment);
        let shared: Vec<&Commitment> = case.commitments.iter().filter(|one| is_committed(one)).collect();
        let cash = shared.iter().copied().filter(|one| !is_in_kind(one.form));
        let sums = Sums::of(cash.clone());
        let sure = lines.iter().filter(|line| matches!(line.state, CellState::Known | CellState::Nothing)).count();
        let bases: BTreeSet<TaxBasis> =
            cash.map(|one| one.tax_basis).chain(case.budget.and_then(|budget| budget.tax_basis)).collect();
        Plan {
            version: version(self, case, key),
            budget: case.budget.map(of_budget),
            committed: sums.amounts(),
            balance: case.budget.map(|budget| sums.balance(of_budget(budget))),
            coverage: (!lines.is_empty()).then(|| Ratio { numerator: count(sure), denominator: count(lines.len()) }),
            leverage: self.leverage(&shared),
            mixed_tax_basis: bases.len() > 1,
            lines,
        }
    }

    fn plan_lines(&self, project: ProjectIx, moment: Moment) -> Vec<PlanLine> {
        let case = self.project(project);
        let mut lines: Vec<PlanLine> =
            cells(case).into_iter().map(|cell| self.plan_line(project, cell, moment)).collect();
        let order = |line: &PlanLine| {
            let nature = line.nature.map_or(Nature::ALL.len(), |nature| nature as usize);
            (self.organisation(line.funder).id, nature)
        };
        lines.sort_by(|one, other| order(one).cmp(&order(other)));
        lines
    }

    /// All means for each cent of the Region's own money.
    fn leverage(&self, shared: &[&Commitment]) -> Option<Ratio> {
        let region = OrganisationId::parse(REGION).ok()?;
        let region = self.lexicon.organisations.get_index_of(&region).map(OrganisationIx::at)?;
        let all: Cents = shared.iter().map(|one| one.amount).sum::<Option<Cents>>()?;
        let own = shared.iter().filter(|one| one.funder == region && !is_in_kind(one.form));
        let own: Cents = own.filter_map(|one| one.amount).sum();
        (own > Cents::ZERO).then(|| Ratio { numerator: all.get(), denominator: own.get() })
    }
}

/// Every funder and nature that something is said of.
fn cells(case: &ProjectCase) -> BTreeSet<(OrganisationIx, Option<Nature>)> {
    let sums = case.commitments.iter().map(|commitment| (commitment.funder, commitment.nature));
    sums.chain(case.nothings().iter().map(|nothing| (nothing.funder, nothing.nature))).collect()
}

fn is_in_kind(form: Form) -> bool {
    matches!(form, Form::EnNature | Form::Ingenierie)
}

fn is_committed(commitment: &Commitment) -> bool {
    let own_means = matches!(commitment.form, Form::Autofinancement | Form::Recettes);
    commitment.counts() && (own_means || commitment.stage.is_some_and(|stage| stage.at_least(Stage::Propose)))
}

fn count(lines: usize) -> i64 {
    i64::try_from(lines).unwrap_or(i64::MAX)
}

fn of_budget(budget: Budget) -> NatureAmounts {
    let stated = [budget.investissement, budget.fonctionnement, budget.non_precise];
    let known: Vec<Cents> = stated.into_iter().flatten().collect();
    NatureAmounts {
        investissement: budget.investissement,
        fonctionnement: budget.fonctionnement,
        non_precise: budget.non_precise,
        total: (!known.is_empty()).then(|| known.into_iter().sum()),
    }
}

/// Sums by nature (investment, operation, unstated), and where one of them is unknown.
#[derive(Default)]
struct Sums {
    known: [Option<Cents>; 3],
    unknown: [bool; 3],
}

impl Sums {
    fn of<'a>(commitments: impl Iterator<Item = &'a Commitment>) -> Self {
        let mut sums = Sums::default();
        for commitment in commitments {
            let at = commitment.nature.map_or(2, |nature| nature as usize);
            match commitment.amount {
                Some(amount) => sums.known[at] = Some(sums.known[at].unwrap_or_default() + amount),
                None => sums.unknown[at] = true,
            }
        }
        sums
    }

    fn amounts(&self) -> NatureAmounts {
        let [investissement, fonctionnement, non_precise] = self.known;
        let all: Vec<Cents> = self.known.into_iter().flatten().collect();
        let total = (!all.is_empty()).then(|| all.into_iter().sum());
        NatureAmounts { investissement, fonctionnement, non_precise, total }
    }

    /// By nature only when every sum has its nature; in all only when every sum is known.
    fn balance(&self, budget: NatureAmounts) -> NatureAmounts {
        let natures_told = self.known[2].is_none() && !self.unknown[2];
        let part = |at: usize, budget: Option<Cents>| {
            let told = natures_told && !self.unknown[at];
            budget.filter(|_| told).map(|budget| budget - self.known[at].unwrap_or_default())
        };
        let all_known = !self.unknown.contains(&true);
        let committed = self.amounts().total.unwrap_or_default();
        NatureAmounts {
            investissement: part(0, budget.investissement),
            fonctionnement: part(1, budget.fonctionnement),
            non_precise: None,
            total: budget.total.filter(|_| all_known).map(|budget| budget - committed),
        }
    }
}
