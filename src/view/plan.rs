//! The funding plan of a project.

use super::organisation::Organisation;
use super::project::{Commitment, Project};
use super::{Reader, ViewError};
use crate::check::{self, Case, Rulebook, SharedBy};
use crate::domain::governance::PlanVersion;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{CellState, Nature};
use crate::domain::{Date, Instant};
use crate::portfolio::{self, Moment, Portfolio, ProjectIx};
use std::sync::Arc;

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
    /// Where some amounts are kept from the viewer: what the plan is without the veil. No figure of it is told.
    behind: Option<Arc<Behind>>,
}

struct Behind {
    rulebook: &'static Rulebook,
    portfolio: Portfolio,
    plan: Arc<portfolio::Plan>,
    shared: Arc<[Option<SharedBy>]>,
}

impl Behind {
    fn of(reader: &Reader, project: ProjectIx, moment: Moment) -> Option<Self> {
        let portfolio = reader.portfolio().unveiled(project)?;
        let rules = (reader.rulebook(), reader.plan_key());
        let Case { plan, shared, .. } = Case::of(&portfolio, ProjectIx::first(), rules, moment);
        Some(Behind { rulebook: reader.rulebook(), portfolio, plan, shared })
    }

    fn case(&self, moment: Moment) -> Case<'_> {
        let made = (Arc::clone(&self.plan), Arc::clone(&self.shared));
        Case::with_plan((&self.portfolio, ProjectIx::first()), self.rulebook, moment, made)
    }

    /// A plan of which some amounts are kept from the viewer: what is known of each line, and who shared it, is what it is.
    fn stated_in(&self, plan: &mut portfolio::Plan) {
        for line in &mut plan.lines {
            let same = |one: &&portfolio::PlanLine| (one.funder, one.nature) == (line.funder, line.nature);
            if let Some(whole) = self.plan.lines.iter().find(same) {
                line.state = whole.state;
            }
        }
        plan.coverage = self.plan.coverage;
        plan.partial = true;
    }
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
        let Case { mut plan, mut shared, .. } = Case::of(reader.portfolio(), project, rules, moment);
        let behind = Behind::of(reader, project, moment).map(Arc::new);
        if let Some(behind) = &behind {
            behind.stated_in(Arc::make_mut(&mut plan));
            shared = Arc::clone(&behind.shared);
        }
        Examined { reader: reader.clone(), project, moment, plan, shared, behind }
    }

    /// What comes of the rules. Where they rest on what is kept from the viewer: whether they hold, and no more.
    pub(super) fn check(&self) -> check::Check {
        match &self.behind {
            None => check::Check::of(&self.case()),
            Some(behind) => check::Check::of_veiled(&behind.case(self.moment), &self.case()),
        }
    }

    /// Is this the version of the plan, as whoever sees all of it knows it?
    pub(super) fn is_at(&self, version: &PlanVersion) -> bool {
        let plan = self.behind.as_ref().map_or(&self.plan, |behind| &behind.plan);
        plan.version == *version
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
        Case::with_plan((self.reader.portfolio(), self.project), self.reader.rulebook(), self.moment, made)
    }
}

/// A funding plan, as it stands at the instant of the reader.
#[derive(Clone)]
pub struct FundingPlan(Examined);

impl FundingPlan {
    pub(super) fn of(project: &Project, max_age_s: Option<u64>) -> Result<Self, ViewError> {
        Examined::of(project, max_age_s).map(FundingPlan)
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

    /// The commitments that it sums up.
    pub fn commitments(&self) -> impl Iterator<Item = Commitment> {
        self.line().commitments.iter().map(|ix| Commitment::new(&self.plan.0.reader, *ix))
    }
}
