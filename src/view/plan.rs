//! The funding plan of a project.

use super::organisation::Organisation;
use super::project::{Commitment, Project};
use super::since::since;
use super::{Reader, ViewError};
use crate::check::{self, Agreed, Case, LineSince, SharedBy};
use crate::domain::governance::PlanVersion;
use crate::domain::money::Cents;
use crate::domain::project::ProjectId;
use crate::domain::vocabulary::{CellState, Nature};
use crate::domain::{Date, Instant};
use crate::portfolio::{self, Moment, ProjectIx};
use std::sync::Arc;
use tokio::sync::OnceCell;

pub use crate::portfolio::NatureAmounts;

/// The least age that may be asked: figures fresher than that would put every reader's load on the sources.
const MAX_AGE_S_LEAST: u64 = 60;

/// # Errors
/// Fresher figures asked by the public, or fresher than may be asked.
pub(super) fn may_ask(reader: &Reader, max_age_s: Option<u64>) -> Result<(), ViewError> {
    if max_age_s.is_some() && !reader.scope().may_ask_fresher() {
        return Err(ViewError::Forbidden("`maxAge` is for authenticated viewers only: ask without it"));
    }
    if let Some(asked_s) = max_age_s.filter(|asked| *asked < MAX_AGE_S_LEAST) {
        return Err(ViewError::TooFresh { asked_s, least_s: MAX_AGE_S_LEAST });
    }
    Ok(())
}

/// What a plan and a check rest on: one project at one instant, with everyone expected and who shared.
#[derive(Clone)]
pub(super) struct Examined {
    pub(super) reader: Reader,
    project: ProjectIx,
    moment: Moment,
    plan: Arc<portfolio::Plan>,
    shared: Arc<[Option<SharedBy>]>,
    /// Where some amounts are kept from the viewer: the plan with them, of which acts speak.
    behind: Option<Agreed>,
    undecided: Option<Arc<[ProjectId]>>,
}

impl Examined {
    pub(super) fn of(project: &Project, max_age_s: Option<u64>) -> Result<Self, ViewError> {
        let reader = &project.reader;
        may_ask(reader, max_age_s)?;
        if let Some(max_age_s) = max_age_s {
            reader.gather(project.ix(), max_age_s);
        }
        let moment = Moment { now: reader.now(), max_age_s };
        Ok(Examined::at(reader, project.ix(), moment))
    }

    pub(super) fn at(reader: &Reader, project: ProjectIx, moment: Moment) -> Self {
        let rules = (reader.rulebook(), reader.plan_key());
        let mut case = Case::of(reader.portfolio(), project, rules, moment);
        let unveiled = reader.portfolio().unveiled(project);
        let whole = unveiled.as_ref().map(|picture| Case::of(picture, ProjectIx::first(), rules, moment));
        if let Some(whole) = &whole {
            case = case.beside(whole);
        }
        let behind = whole.map(|whole| Agreed::of(&whole.plan));
        let Case { plan, shared, .. } = case;
        let undecided = reader.undecided(project);
        Examined { reader: reader.clone(), project, moment, plan, shared, behind, undecided }
    }

    /// The same project in a picture of it alone, in which no other is.
    pub(super) fn undecided_like(self, real: &Examined) -> Self {
        Examined { undecided: real.undecided.clone(), ..self }
    }

    pub(super) fn project(&self) -> ProjectIx {
        self.project
    }

    /// The plan, as this viewer sees it, as an act speaks of it.
    pub(super) fn agreed(&self) -> Agreed {
        Agreed::of(&self.plan)
    }

    /// What comes of the rules. Of those that rest on what is kept from the viewer: nothing.
    pub(super) fn check(&self) -> check::Check {
        let case = self.case();
        if case.facts().is_veiled() { check::Check::of_veiled(&case) } else { check::Check::of(&case) }
    }

    /// The version of the plan.
    pub(super) fn plan_version(&self) -> &str {
        self.plan.version.as_str()
    }

    pub(super) fn plan_version_typed(&self) -> &PlanVersion {
        &self.plan.version
    }

    /// The case, to be held against rules or put into words.
    pub(super) fn case(&self) -> Case<'_> {
        let made = (Arc::clone(&self.plan), Arc::clone(&self.shared));
        let case = Case::with_plan((self.reader.portfolio(), self.project), self.reader.rulebook(), self.moment, made)
            .beside_those_undecided(self.undecided.clone());
        match &self.behind {
            None => case,
            Some(agreed) => Case { agreed: agreed.clone(), ..case },
        }
    }
}

/// A funding plan, as it stands at the instant of the reader.
#[derive(Clone)]
pub struct FundingPlan(Examined, Dated);

/// Since when each line is what it is; read when it is first asked for.
type Dated = Arc<OnceCell<Vec<LineSince>>>;

impl FundingPlan {
    pub(super) fn of(project: &Project, max_age_s: Option<u64>) -> Result<Self, ViewError> {
        Examined::of(project, max_age_s).map(|plan| FundingPlan(plan, Dated::default()))
    }

    /// Its version.
    pub fn version(&self) -> &str {
        self.0.plan.version.as_str()
    }

    /// Total cost, by nature.
    pub fn budget(&self) -> Option<NatureAmounts> {
        self.0.plan.budget
    }

    /// What funders themselves propose or decide, by nature.
    pub fn committed(&self) -> Option<NatureAmounts> {
        Some(self.0.plan.committed)
    }

    /// Budget less committed.
    pub fn balance(&self) -> Option<NatureAmounts> {
        self.0.plan.balance
    }

    /// Is a line not known, or an amount kept from this viewer, so that what is committed is not the whole?
    pub fn is_partial(&self) -> bool {
        self.0.plan.partial
    }

    /// Share of the cells that are known.
    pub fn coverage(&self) -> Option<f64> {
        self.0.plan.coverage.map(|ratio| ratio.numerator as f64 / ratio.denominator as f64)
    }

    /// All means per euro of the Region's own money.
    pub fn leverage(&self) -> Option<f64> {
        self.0.plan.leverage.map(|ratio| ratio.numerator as f64 / ratio.denominator as f64)
    }

    async fn since(&self) -> Result<&[LineSince], ViewError> {
        let read = async || Ok(since(&self.0.reader, std::slice::from_ref(&self.0)).await?.pop().unwrap_or_default());
        self.1.get_or_try_init(read).await.map(Vec::as_slice)
    }

    /// One line for each funder and nature.
    pub fn lines(&self) -> impl Iterator<Item = PlanLine> {
        (0..self.0.plan.lines.len()).map(|at| PlanLine { plan: self.clone(), at })
    }
}

/// A line of a funding plan.
#[derive(Clone)]
pub struct PlanLine {
    plan: FundingPlan,
    at: usize,
}

impl PlanLine {
    fn line(&self) -> &portfolio::PlanLine {
        &self.plan.0.plan.lines[self.at]
    }

    /// The funder.
    pub fn funder(&self) -> Organisation {
        Organisation::new(&self.plan.0.reader, self.line().funder)
    }

    /// Nature.
    pub fn nature(&self) -> Option<Nature> {
        self.line().nature
    }

    /// What is known of it.
    pub fn state(&self) -> CellState {
        self.line().state
    }

    /// What the funder itself says.
    pub fn amount(&self) -> Option<Cents> {
        self.line().amount
    }

    /// What others say of it.
    pub fn reported(&self) -> Option<Cents> {
        self.line().reported
    }

    /// Is an amount of it kept from this viewer by the funder?
    pub fn is_withheld(&self) -> bool {
        self.line().veiled
    }

    /// The day before which the funder keeps a sum of it from others.
    pub fn not_public_until(&self) -> Option<Date> {
        self.line().not_public_until
    }

    /// Has the funder shared this version: acknowledged it, was present when it was before a committee, is answered for, or
    /// needs no act?
    pub fn is_acknowledged(&self) -> bool {
        self.plan.0.shared[self.at].is_some()
    }

    /// Oldest of the reads that it rests on.
    pub fn read_at(&self) -> Option<Instant> {
        self.line().read_at
    }

    /// Since when it is in its state; `None`: nobody knows, or it is not for this viewer.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn since(&self) -> Result<Option<Instant>, ViewError> {
        Ok(self.plan.since().await?.get(self.at).and_then(|line| line.state))
    }

    /// Since when its funder's answer is missing; `None`: it is not, nobody knows, or it is not for this viewer.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn missing_since(&self) -> Result<Option<Instant>, ViewError> {
        Ok(self.plan.since().await?.get(self.at).and_then(|line| line.missing))
    }

    /// The commitments that it sums up.
    pub fn commitments(&self) -> impl Iterator<Item = Commitment> {
        self.line().commitments.iter().map(|ix| Commitment::new(&self.plan.0.reader, *ix))
    }
}
