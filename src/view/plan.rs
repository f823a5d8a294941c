//! The funding plan of a project.

use super::organisation::Organisation;
use super::project::{Commitment, Project};
use super::{Reader, ViewError};
use crate::domain::Instant;
use crate::domain::governance::Act;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{CellState, Nature};
use crate::portfolio::{self, Moment, ProjectIx};
use std::sync::Arc;

pub use crate::portfolio::NatureAmounts;

/// The least age that may be asked: figures fresher than that would put every reader's load on the sources.
const MAX_AGE_S_LEAST: u64 = 60;

/// A funding plan, as it stands at the instant of the reader.
#[derive(Clone)]
pub struct FundingPlan {
    reader: Reader,
    project: ProjectIx,
    plan: Arc<portfolio::Plan>,
}

impl FundingPlan {
    pub(super) fn of(project: &Project, max_age_s: Option<u64>) -> Result<Self, ViewError> {
        let reader = &project.reader;
        if max_age_s.is_some() && !reader.scope().may_ask_fresher() {
            return Err(ViewError::Forbidden("`maxAge` is for authenticated viewers only: ask without it"));
        }
        if let Some(asked_s) = max_age_s.filter(|asked| *asked < MAX_AGE_S_LEAST) {
            return Err(ViewError::TooFresh { asked_s, least_s: MAX_AGE_S_LEAST });
        }
        if let Some(max_age_s) = max_age_s {
            reader.gather(project.ix(), max_age_s);
        }
        let moment = Moment { now: reader.now(), max_age_s };
        let plan = reader.portfolio().plan(project.ix(), moment, reader.plan_key(), &[]);
        Ok(FundingPlan { reader: reader.clone(), project: project.ix(), plan: Arc::new(plan) })
    }

    /// Its version.
    pub fn version(&self) -> &str {
        self.plan.version.as_str()
    }

    /// Total cost, by nature.
    pub fn budget(&self) -> Option<NatureAmounts> {
        self.plan.budget
    }

    /// What is decided, by nature.
    pub fn committed(&self) -> Option<NatureAmounts> {
        Some(self.plan.committed)
    }

    /// Budget less committed.
    pub fn balance(&self) -> Option<NatureAmounts> {
        self.plan.balance
    }

    /// Share of the cells that are known.
    pub fn coverage(&self) -> Option<f64> {
        self.plan.coverage.map(|ratio| ratio.numerator as f64 / ratio.denominator as f64)
    }

    /// All means per euro of the Region's own money.
    pub fn leverage(&self) -> Option<f64> {
        self.plan.leverage.map(|ratio| ratio.numerator as f64 / ratio.denominator as f64)
    }

    /// One line for each funder and nature.
    pub fn lines(&self) -> impl Iterator<Item = PlanLine> {
        (0..self.plan.lines.len()).map(|at| PlanLine { plan: self.clone(), at })
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
        &self.plan.plan.lines[self.at]
    }

    /// The funder.
    pub fn funder(&self) -> Organisation {
        Organisation::new(&self.plan.reader, self.line().funder)
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

    /// Are its figures kept from this viewer?
    pub fn is_withheld(&self) -> bool {
        false
    }

    /// Did the funder itself acknowledge this very version?
    pub fn is_acknowledged(&self) -> bool {
        let portfolio = self.plan.reader.portfolio();
        let funder = portfolio.organisation(self.line().funder).id;
        portfolio.acts_about(self.plan.project).any(|entry| match &entry.act {
            Act::Acknowledged { plan, by, .. } => by == funder && *plan == self.plan.plan.version,
            _ => false,
        })
    }

    /// Oldest of the reads that it rests on.
    pub fn read_at(&self) -> Option<Instant> {
        self.line().read_at
    }

    /// The commitments that it sums up.
    pub fn commitments(&self) -> impl Iterator<Item = Commitment> {
        self.line().commitments.iter().map(|ix| Commitment::new(&self.plan.reader, *ix))
    }
}
