//! The funding plan of a project: a line per funder and nature, and how far sums meet the budget.
//!
//! What is committed counts from PROPOSE on, reported sums too; own funds and receipts count at any stage, for nobody
//! else decides on them. All forms balance a budget but what comes in kind, which no budget pays for.

use super::Portfolio;
use super::case::{Commitment, ProjectCase};
use super::freshness::Moment;
use super::index::{OrganisationIx, ProjectIx};
use super::plan_cell::PlanLine;
use super::plan_version::{PlanKey, content, version};
use crate::domain::facts::Budget;
use crate::domain::governance::PlanVersion;
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::vocabulary::{CellState, Form, Nature, Stage, TaxBasis};
use std::collections::BTreeSet;

/// The Region Hauts-de-France.
pub const REGION: &str = "siren:200053742";

/// The funding plan of a project at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What partners acknowledge: changes with sums, decisions and the budget, with nothing else.
    pub version: PlanVersion,
    /// Total cost; `None` when nobody states it.
    pub budget: Option<NatureAmounts>,
    /// One line per funder and nature, in order of funder.
    pub lines: Vec<PlanLine>,
    /// What is known to be committed. An amount that is unknown is missing here and keeps `balance` empty; a part that a sum
    /// kept from the reader enters is `None`.
    pub committed: NatureAmounts,
    /// Budget less committed; a part is `None` where a sum that it rests on is unknown.
    pub balance: Option<NatureAmounts>,
    /// Lines that are KNOWN or NOTHING, of all lines; `None` without a line.
    pub coverage: Option<Ratio>,
    /// All means, of the Region's own money; `None` where it puts none or a sum is unknown.
    pub leverage: Option<Ratio>,
    /// Budget and committed sums are of more than one tax basis, or some say theirs and others do not.
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
    /// The funding plan of a project at a moment. `expected`: who must speak of what, whether anybody did or not.
    pub fn plan(&self, project: ProjectIx, moment: Moment, (key, expected): (PlanKey<'_>, &[ExpectedCell])) -> Plan {
        let case = self.project(project);
        let lines = self.plan_lines(project, moment, expected);
        let shared: Vec<&Commitment> = case.commitments.iter().filter(|one| is_committed(one)).collect();
        let cash = shared.iter().copied().filter(|one| !is_in_kind(one.form));
        let sums = Sums::of(cash.clone());
        let sure = lines.iter().filter(|line| matches!(line.state, CellState::Known | CellState::Nothing)).count();
        let bases: BTreeSet<TaxBasis> = cash.map(|one| one.tax_basis).chain(case.budget.map(Budget::basis)).collect();
        Plan {
            version: version(&content(self, case), key),
            budget: case.budget.map(of_budget),
            committed: sums.amounts(),
            balance: case.budget.map(|budget| sums.balance(of_budget(budget))),
            coverage: (!lines.is_empty()).then(|| Ratio { numerator: count(sure), denominator: count(lines.len()) }),
            leverage: self.leverage(&shared),
            mixed_tax_basis: bases.len() > 1,
            lines,
        }
    }

    fn plan_lines(&self, project: ProjectIx, moment: Moment, expected: &[ExpectedCell]) -> Vec<PlanLine> {
        let case = self.project(project);
        let mut lines: Vec<PlanLine> =
            cells(case, expected).into_iter().map(|cell| self.plan_line(project, cell, moment)).collect();
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

/// A cell that must be answered: a funder and a nature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExpectedCell {
    /// Who is expected to speak.
    pub funder: OrganisationIx,
    /// Of which nature.
    pub nature: Nature,
}

/// Every funder and nature that something is said of, and those expected. What a body says that nobody expected, and that
/// nobody admitted, makes none. A funder whose nature is left open is not told to be silent on one nature besides.
fn cells(case: &ProjectCase, expected: &[ExpectedCell]) -> BTreeSet<(OrganisationIx, Option<Nature>)> {
    let sums = case.commitments.iter().filter(|commitment| !commitment.doubts.unadmitted);
    let sums = sums.map(|commitment| (commitment.funder, commitment.nature));
    let nothings = case.nothings().iter().filter(|nothing| !nothing.unadmitted);
    let mut cells: BTreeSet<_> = sums.chain(nothings.map(|nothing| (nothing.funder, nothing.nature))).collect();
    for cell in expected.iter().filter(|cell| !cells.contains(&(cell.funder, None))).collect::<Vec<_>>() {
        cells.insert((cell.funder, Some(cell.nature)));
    }
    cells
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
    /// A sum is kept from whoever this picture is for: no figure that it enters is told.
    veiled: [bool; 3],
}

impl Sums {
    fn of<'a>(commitments: impl Iterator<Item = &'a Commitment>) -> Self {
        let mut sums = Sums::default();
        for commitment in commitments {
            let at = commitment.nature.map_or(2, |nature| nature as usize);
            sums.veiled[at] |= commitment.veiled;
            match commitment.amount {
                Some(amount) => sums.known[at] = Some(sums.known[at].unwrap_or_default() + amount),
                None => sums.unknown[at] = true,
            }
        }
        sums
    }

    fn amounts(&self) -> NatureAmounts {
        let told = |at: usize| self.known[at].filter(|_| !self.veiled[at]);
        let [investissement, fonctionnement, non_precise] = [told(0), told(1), told(2)];
        let all: Vec<Cents> = self.known.into_iter().flatten().collect();
        let total = (!all.is_empty() && !self.veiled.contains(&true)).then(|| all.into_iter().sum());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::StatementFacts;
    use crate::domain::image::LedgerImage;
    use crate::domain::record::RecordState;
    use crate::portfolio::fixture::*;

    fn states(plan: &Plan) -> Vec<CellState> {
        plan.lines.iter().map(|line| line.state).collect()
    }

    fn region_only(statements: Vec<StatementFacts>) -> Portfolio {
        portfolio(vec![record("region", "r", statements)])
    }

    #[test]
    fn the_funders_own_word_read_in_time_is_known() {
        let plan = plan_at(&region_only(vec![grant(REGION)]), moment(10));
        let [line] = plan.lines.as_slice() else { panic!("one line") };
        assert_eq!((line.state, line.amount, line.reported), (CellState::Known, Some(Cents::new(10_000)), None));
        assert_eq!(line.read_at, Some(at(0)));
        assert_eq!(plan.coverage, Some(Ratio { numerator: 1, denominator: 1 }));
        assert_eq!(plan.leverage, Some(Ratio { numerator: 10_000, denominator: 10_000 }));
    }

    #[test]
    fn what_is_asked_incomplete_or_in_doubt_is_only_reported() {
        let incomplete = [
            asked(REGION, 5),
            StatementFacts { amount: None, ..grant(REGION) },
            StatementFacts { nature: None, ..grant(REGION) },
            StatementFacts { stage: None, ..grant(REGION) },
            StatementFacts { stage: Some(Stage::Verse), ..grant(REGION) },
            grant(METROPOLE),
        ];
        for statement in incomplete {
            let portfolio = region_only(vec![statement.clone()]);
            assert_eq!(states(&plan_at(&portfolio, moment(10))), [CellState::Reported], "{statement:?}");
        }
        let doubtful = portfolio(vec![disputed(record("region", "r", vec![grant(REGION)]))]);
        assert_eq!(states(&plan_at(&doubtful, moment(10))), [CellState::Reported]);
    }

    #[test]
    fn a_request_is_the_applicants_word() {
        let plan = plan_at(&region_only(vec![asked(REGION, 5)]), moment(10));
        assert_eq!((plan.lines[0].amount, plan.lines[0].reported), (None, Some(Cents::new(5))));
        assert_eq!(plan.committed, NatureAmounts::default(), "what is asked is not committed");
    }

    #[test]
    fn a_nature_told_by_others_does_not_make_the_own_word_complete() {
        let own = StatementFacts { nature: None, ..grant(REGION) };
        let portfolio =
            portfolio(vec![record("region", "r", vec![own]), record("application", "a", vec![asked(REGION, 10_000)])]);
        let plan = plan_at(&portfolio, moment(10));
        assert_eq!(states(&plan), [CellState::Reported]);
        assert_eq!(plan.lines[0].nature, Some(Nature::Investissement));
    }

    #[test]
    fn a_pending_request_beside_a_vote_keeps_the_cell_open() {
        let more = StatementFacts { year: Some(2025), ..asked(REGION, 5) };
        let voted = StatementFacts { year: Some(2024), ..grant(REGION) };
        assert_eq!(states(&plan_at(&region_only(vec![voted, more]), moment(10))), [CellState::Reported]);
    }

    #[test]
    fn known_once_but_not_read_in_time_held_or_gone_bad_is_stale() {
        let portfolio = region_only(vec![grant(REGION)]);
        let late = i64::try_from(MAX_AGE_S).expect("small") + 1;
        assert_eq!(states(&plan_at(&portfolio, moment(late - 1))), [CellState::Known]);
        assert_eq!(states(&plan_at(&portfolio, moment(late))), [CellState::Stale]);
        let impatient = Moment { max_age_s: Some(5), ..moment(6) };
        assert_eq!(states(&plan_at(&portfolio, impatient)), [CellState::Stale]);

        let mut held = image(vec![record("region", "r", vec![grant(REGION)])]);
        held.sources[1].held = true;
        let plan = plan_at(&Portfolio::build(&held), moment(10));
        assert_eq!(states(&plan), [CellState::Stale], "any source that may have the funder's word");
        assert_eq!(plan.lines[0].late.len(), 1);

        let mut bad = record("region", "r", vec![grant(REGION)]);
        bad.state = RecordState::Bad;
        assert_eq!(states(&plan_at(&crate::portfolio::fixture::portfolio(vec![bad]), moment(10))), [CellState::Stale]);
    }

    #[test]
    fn a_look_up_does_not_make_a_source_fresh() {
        let mut image: LedgerImage = image(vec![record("region", "r", vec![grant(REGION)])]);
        for source in &mut image.sources {
            let run = source.last_success.as_mut().expect("it has run");
            run.full = false;
            run.started_at = at(5_000);
        }
        assert_eq!(states(&plan_at(&Portfolio::build(&image), moment(5_001))), [CellState::Stale]);
    }

    #[test]
    fn nothing_is_said_never_deduced() {
        let nothing = StatementFacts { nothing: true, stage: None, amount: None, ..grant(REGION) };
        let said = plan_at(&region_only(vec![nothing.clone()]), moment(10));
        assert_eq!((said.lines[0].state, said.lines[0].amount), (CellState::Nothing, Some(Cents::ZERO)));
        let refused = |cents| StatementFacts { stage: Some(Stage::Refuse), ..asked(REGION, cents) };
        let answered = |cents| states(&plan_at(&region_only(vec![asked(REGION, 5), refused(cents)]), moment(10)));
        assert_eq!((answered(5), answered(9)), (vec![CellState::Nothing], vec![CellState::Reported]));
        let by_others = portfolio(vec![record("application", "a", vec![nothing.clone()])]);
        assert_eq!(states(&plan_at(&by_others, moment(10))), [CellState::Reported]);
        let contradicted = region_only(vec![nothing, grant(REGION)]);
        assert_eq!(states(&plan_at(&contradicted, moment(10))), [CellState::Reported]);
    }

    #[test]
    fn the_balance_rests_on_known_sums_of_known_nature() {
        let budgeted = |statements: Vec<StatementFacts>| {
            let mut one = record("region", "r", statements);
            let budget = Budget { investissement: Some(Cents::new(50_000)), ..Budget::default() };
            one.facts.project.get_or_insert_default().budget = Some(budget);
            plan_at(&portfolio(vec![one]), moment(10)).balance.expect("there is a budget")
        };
        let in_kind = StatementFacts { form: Form::EnNature, ..grant(METROPOLE) };
        let sound = budgeted(vec![grant(REGION), in_kind]);
        assert_eq!((sound.investissement, sound.total), (Some(Cents::new(40_000)), Some(Cents::new(40_000))));
        let unstated = budgeted(vec![StatementFacts { nature: None, ..grant(REGION) }]);
        assert_eq!((unstated.investissement, unstated.total), (None, Some(Cents::new(40_000))));
        let unknown = budgeted(vec![StatementFacts { amount: None, ..grant(REGION) }]);
        assert_eq!((unknown.investissement, unknown.total), (None, None));
    }

    #[test]
    fn a_version_changes_with_sums_and_decisions_only() {
        let version = |statements: Vec<StatementFacts>, second: i64| {
            let mut one = record("region", "r", statements);
            one.observed_at = at(second);
            plan_at(&portfolio(vec![one]), moment(10)).version
        };
        let base = version(vec![grant(REGION)], 0);
        assert_eq!(base, version(vec![grant(REGION)], 5));
        let paid = StatementFacts { stage: Some(Stage::Verse), amount: Some(Cents::new(1)), ..grant(REGION) };
        assert_eq!(base, version(vec![grant(REGION), paid], 0));
        let engaged = StatementFacts { stage: Some(Stage::Engage), ..grant(REGION) };
        assert_eq!(base, version(vec![grant(REGION), engaged], 0));
        assert_ne!(base, version(vec![asked(REGION, 10_000)], 0));
        assert_ne!(base, version(vec![StatementFacts { year: Some(2024), ..grant(REGION) }], 0));
        let other_key = portfolio(vec![record("region", "r", vec![grant(REGION)])]);
        assert_ne!(base, other_key.plan(ProjectIx::at(0), moment(10), (PlanKey(b"other"), &[])).version);
    }
}
