//! The funding plan of a project: a line per funder and nature, and how far sums meet the budget.
//!
//! What funders themselves say counts from PROPOSE on; what the holder's own plan says of its own means at any stage, for nobody
//! else decides on them (`plan_sums`). All forms balance a budget but what comes in kind, which no budget pays for.

use super::Portfolio;
use super::case::{Commitment, ProjectCase, Statement};
use super::freshness::Moment;
use super::index::{OrganisationIx, ProjectIx, SourceIx};
use super::plan_cell::PlanLine;
use super::plan_sums::{Footing, Means, Sums, is_in_kind};
use super::plan_version::{PlanKey, content, version};
use crate::domain::facts::Budget;
use crate::domain::governance::{PlanContent, PlanVersion};
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::vocabulary::{CellState, Nature};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The Region Hauts-de-France.
pub const REGION: &str = "siren:200053742";

/// The funding plan of a project at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What partners acknowledge: changes with sums, decisions and the budget, with nothing else.
    pub version: PlanVersion,
    /// What the version is made of.
    pub content: Arc<PlanContent>,
    /// Total cost; `None` when nobody states it.
    pub budget: Option<NatureAmounts>,
    /// One line per funder and nature, in order of funder.
    pub lines: Vec<PlanLine>,
    /// What funders themselves propose or decide. An amount that is unknown is missing here and keeps `balance` empty; a part that
    /// a sum kept from the reader enters is `None`.
    pub committed: NatureAmounts,
    /// Budget less committed; a part is `None` where a sum that it rests on is unknown or contradicted.
    pub balance: Option<NatureAmounts>,
    /// Between which bounds all means lie, once everybody has spoken.
    pub means: Means,
    /// A line is neither KNOWN nor NOTHING, an amount is kept from the reader, or a source is read in part: `committed` and `balance` are not
    /// the whole.
    pub partial: bool,
    /// Sources that hold a record about the project which could not be read: whoever puts what there is not known.
    pub unread: Vec<SourceIx>,
    /// Lines that are KNOWN or NOTHING, of all lines; `None` without a line.
    pub coverage: Option<Ratio>,
    /// All means, of the Region's own money; `None` where it puts none, or where a line is neither KNOWN nor NOTHING.
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
        let judged = self.judged(case, moment);
        let sums = Sums::of(case, case.budget, paying(&judged));
        let sure = lines.iter().filter(|line| matches!(line.state, CellState::Known | CellState::Nothing)).count();
        let unread = self.unread_about(case);
        let partial = lines.is_empty() || sure < lines.len() || case.is_veiled() || !unread.is_empty();
        let committed = judged.iter().filter(|(_, footing)| *footing != Footing::Open).map(|(one, _)| *one);
        let content = content(self, case);
        Plan {
            version: version(&content, key),
            content: Arc::new(content),
            budget: case.budget.map(of_budget),
            committed: sums.amounts(),
            balance: case.budget.map(|budget| sums.balance(of_budget(budget))),
            means: sums.means(),
            partial,
            unread,
            coverage: (!lines.is_empty()).then(|| Ratio { numerator: count(sure), denominator: count(lines.len()) }),
            leverage: if partial { None } else { self.leverage(&committed.collect::<Vec<_>>()) },
            mixed_tax_basis: sums.mixed_tax_basis(),
            lines,
        }
    }

    /// The same plan, were the total cost another one of those that the project's records state.
    pub fn plan_at_cost(&self, plan: &Plan, (project, moment): (ProjectIx, Moment), budget: Budget) -> Plan {
        let case = self.project(project);
        let sums = Sums::of(case, Some(budget), paying(&self.judged(case, moment)));
        let cost = of_budget(budget);
        let (balance, mixed_tax_basis) = (Some(sums.balance(cost)), sums.mixed_tax_basis());
        Plan { budget: Some(cost), balance, means: sums.means(), mixed_tax_basis, ..plan.clone() }
    }

    fn judged<'a>(&self, case: &'a ProjectCase, moment: Moment) -> Vec<(&'a Commitment, Footing)> {
        let footing = |one| self.footing(case, one, moment).map(|footing| (one, footing));
        case.commitments.iter().filter_map(footing).collect()
    }

    /// Its lines alone.
    pub fn plan_lines(&self, project: ProjectIx, moment: Moment, expected: &[ExpectedCell]) -> Vec<PlanLine> {
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
/// nobody admitted, makes none; nor does what only states again what its funder is known for already. A funder who leaves
/// open of which nature its sum is, or its word that it puts nothing, is not told to be silent on one nature besides; one who refused
/// something of no stated nature is.
fn cells(case: &ProjectCase, expected: &[ExpectedCell]) -> BTreeSet<(OrganisationIx, Option<Nature>)> {
    let again = |one: &Commitment| {
        one.doubts.restated && case.commitments.iter().any(|other| other.funder == one.funder && other.counts())
    };
    let sums = case.commitments.iter().filter(|commitment| !commitment.doubts.unadmitted && !again(commitment));
    let sums = sums.map(|commitment| (commitment.funder, commitment.nature));
    let nothings = case.nothings().iter().filter(|nothing| !nothing.unadmitted);
    let mut cells: BTreeSet<_> = sums.chain(nothings.map(|nothing| (nothing.funder, nothing.nature))).collect();
    let is_open = |funder: OrganisationIx| {
        let leaves = |one: &Commitment| one.funder == funder && one.nature.is_none() && !one.is_outside();
        let said = |one: &Statement| one.funder == funder && one.nature.is_none() && !one.unadmitted;
        case.commitments.iter().any(|one| !one.doubts.unadmitted && leaves(one)) || case.nothings().iter().any(said)
    };
    let silent = expected.iter().filter(|cell| !is_open(cell.funder)).map(|cell| (cell.funder, Some(cell.nature)));
    cells.extend(silent);
    cells
}

/// The sums that pay for a budget.
fn paying<'a>(judged: &[(&'a Commitment, Footing)]) -> impl Iterator<Item = (&'a Commitment, Footing)> {
    judged.iter().copied().filter(|(one, _)| !is_in_kind(one.form))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::StatementFacts;
    use crate::domain::image::LedgerImage;
    use crate::domain::record::{RecordState, RecordVersion};
    use crate::domain::vocabulary::{Form, Stage};
    use crate::portfolio::Bounds;
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
        let answered = |cents| states(&plan_at(&region_only(vec![asked(REGION, 500), refused(cents)]), moment(10)));
        assert_eq!((answered(500), answered(900)), (vec![CellState::Nothing], vec![CellState::Reported]));
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
        let operating = StatementFacts { nature: Some(Nature::Fonctionnement), ..grant(REGION) };
        let beside = budgeted(vec![grant(REGION), operating]);
        assert_eq!((beside.investissement, beside.total), (Some(Cents::new(40_000)), None), "its cost is not told");
        let unknown = budgeted(vec![StatementFacts { amount: None, ..grant(REGION) }]);
        assert_eq!((unknown.investissement, unknown.total), (None, None));
    }

    /// Of 500 euros, and what is said of them.
    fn of_five_hundred(records: Vec<RecordVersion>) -> Plan {
        let mut records = records;
        let budget = Budget { investissement: Some(Cents::new(50_000)), ..Budget::default() };
        records[0].facts.project.get_or_insert_default().budget = Some(budget);
        plan_at(&portfolio(records), moment(10))
    }

    #[test]
    fn what_no_funder_confirmed_is_not_committed() {
        let reported = of_five_hundred(vec![record("application", "a", vec![grant(REGION), grant(METROPOLE)])]);
        assert_eq!((reported.committed, reported.leverage), (NatureAmounts::default(), None));
        assert_eq!(reported.balance.expect("a budget").total, Some(Cents::new(50_000)));
        let bounds = Bounds { least: Cents::ZERO, most: Some(Cents::new(20_000)) };
        assert_eq!((reported.means.total, reported.partial), (bounds, true));

        let mixed =
            vec![record("region", "r", vec![grant(REGION)]), record("application", "a", vec![grant(METROPOLE)])];
        let mixed = of_five_hundred(mixed);
        assert_eq!((mixed.committed.total, mixed.leverage, mixed.partial), (Some(Cents::new(10_000)), None, true));
        assert_eq!(mixed.balance.expect("a budget").total, Some(Cents::new(40_000)));
        let bounds = Bounds { least: Cents::new(10_000), most: Some(Cents::new(20_000)) };
        assert_eq!(mixed.means.total, bounds);
    }

    #[test]
    fn what_the_holder_brings_in_kind_is_known_by_its_own_plan() {
        let own = |form| StatementFacts { form, stage: Some(Stage::Envisage), ..asked(METROPOLE, 7) };
        let filed_by = |holder: &str, form| {
            let mut one = record("application", "a", vec![own(form)]);
            one.facts.project.get_or_insert_default().holder = OrganisationId::parse(holder).ok();
            states(&plan_at(&portfolio(vec![one]), moment(10)))
        };
        for form in [Form::EnNature, Form::Autofinancement] {
            assert_eq!(filed_by(METROPOLE, form), [CellState::Known], "{form}");
            assert_eq!(filed_by(REGION, form), [CellState::Reported], "{form}");
        }
        assert_eq!(filed_by(METROPOLE, Form::Subvention), [CellState::Reported]);
    }

    #[test]
    fn own_means_are_committed_by_the_plan_of_their_holder_alone() {
        let own = StatementFacts { form: Form::Autofinancement, ..asked(METROPOLE, 7) };
        let filed_by = |holder: &str| {
            let mut one = record("application", "a", vec![own.clone()]);
            one.facts.project.get_or_insert_default().holder = OrganisationId::parse(holder).ok();
            of_five_hundred(vec![one]).committed.total
        };
        assert_eq!((filed_by(METROPOLE), filed_by(REGION)), (Some(Cents::new(7)), None));
    }

    #[test]
    fn an_amount_that_its_funder_contradicts_bounds_nothing() {
        let other = StatementFacts { amount: Some(Cents::new(9)), ..grant(REGION) };
        let plan =
            of_five_hundred(vec![record("region", "r", vec![grant(REGION)]), record("region-list", "l", vec![other])]);
        assert_eq!(plan.balance.expect("a budget").total, None);
        assert_eq!(plan.means.total, Bounds { least: Cents::ZERO, most: None });
    }

    #[test]
    fn a_total_that_says_known_sums_again_makes_no_cell() {
        let of = |nature, cents| StatementFacts { nature, amount: Some(Cents::new(cents)), ..grant(REGION) };
        let sums = vec![of(Some(Nature::Investissement), 400), of(Some(Nature::Fonctionnement), 600)];
        for source in ["application", "region-list"] {
            let again = |cents| record(source, "again", vec![of(None, cents)]);
            let plan = |cents| plan_at(&portfolio(vec![record("region", "r", sums.clone()), again(cents)]), moment(10));
            assert_eq!(states(&plan(1_000)), [CellState::Known, CellState::Known], "{source}");
            assert_eq!(plan(1_001).lines.len(), 3, "a cent more is no total of them: {source}");
        }
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
