//! The funding plan of a project in the schema.

use super::{Commitment, Organisation};
use crate::graphql::error::ApiError;
use crate::graphql::scalar::{Date, DateTime, Decimal};
use crate::graphql::vocabulary::{CellState, Nature};
use crate::view;
use async_graphql::{Object, SimpleObject};

/// A handle on a funding plan.
pub struct FundingPlan(pub view::FundingPlan);

/// Amounts by nature, in euros; each null when unknown, which is never zero.
#[derive(SimpleObject)]
pub struct NatureAmounts {
    /// In investment.
    investissement: Option<Decimal>,
    /// In operation.
    fonctionnement: Option<Decimal>,
    /// Stated without its nature.
    non_precise: Option<Decimal>,
    /// All parts that are stated, together; null when none is.
    total: Option<Decimal>,
}

impl From<view::NatureAmounts> for NatureAmounts {
    fn from(amounts: view::NatureAmounts) -> Self {
        NatureAmounts {
            investissement: amounts.investissement.map(Decimal),
            fonctionnement: amounts.fonctionnement.map(Decimal),
            non_precise: amounts.non_precise.map(Decimal),
            total: amounts.total.map(Decimal),
        }
    }
}

/// Who spoke about a project's means, and how far sums meet its budget.
#[Object]
impl FundingPlan {
    /// Changes when a funder, a nature, a form, a year, an amount, a tax basis or the budget does; not when a source
    /// is read again or a sum is paid.
    async fn version(&self) -> &str {
        self.0.version()
    }

    /// Total cost of the project, as its records state it; null when none does.
    async fn budget(&self) -> Option<NatureAmounts> {
        self.0.budget().map(Into::into)
    }

    /// One line for each funder and nature.
    async fn lines(&self) -> Vec<PlanLine> {
        self.0.lines().map(PlanLine).collect()
    }

    /// What the plan rests on, by nature: what funders themselves propose or decided, in whatever form; loans, which pay for it too,
    /// are told apart in `lines`. Of the holder's own means, what its own plan says. What is only reported or asked is in `reported`
    /// of its line and not here; an amount that its funder does not tell is missing: `partial` says that something may be.
    async fn committed(&self) -> Option<NatureAmounts> {
        self.0.committed().map(Into::into)
    }

    /// Budget less committed, by nature; null without a budget. A part is null where a funder commits a sum of unknown or contradicted
    /// amount, or of unstated nature. What is only reported or asked covers nothing of it: see `partial`.
    async fn balance(&self) -> Option<NatureAmounts> {
        self.0.balance().map(Into::into)
    }

    /// Some line is neither KNOWN nor NOTHING, or an amount is withheld: `committed` is what funders confirmed so far, not the whole, and
    /// `balance` what nobody confirmed yet.
    async fn partial(&self) -> bool {
        self.0.is_partial()
    }

    /// Share of the cells that are KNOWN or NOTHING, 0 to 1; null without cells.
    async fn coverage(&self) -> Option<f64> {
        self.0.coverage()
    }

    /// All means per euro of the Region's own money; null where it puts none, or where `partial`: all means are not known then.
    async fn leverage(&self) -> Option<f64> {
        self.0.leverage()
    }
}

/// A handle on a line.
pub struct PlanLine(view::PlanLine);

/// What one funder puts, or is said to put, in one nature.
#[Object]
impl PlanLine {
    /// The funder.
    async fn funder(&self) -> Organisation {
        Organisation(self.0.funder())
    }

    /// Section of the budget; null: no source says it.
    async fn nature(&self) -> Option<Nature> {
        self.0.nature().map(Into::into)
    }

    /// What is known of this share.
    async fn state(&self) -> CellState {
        self.0.state().into()
    }

    /// What the funder itself says, in euros; null: it does not say.
    async fn amount(&self) -> Option<Decimal> {
        self.0.amount().map(Decimal)
    }

    /// What others say of it, in euros; null: they do not say.
    async fn reported(&self) -> Option<Decimal> {
        self.0.reported().map(Decimal)
    }

    /// Something stands here, its figures are not public yet.
    async fn withheld(&self) -> bool {
        self.0.is_withheld()
    }

    /// The funder keeps a sum of this line from others before this day; null: it does not. Until then the line is not shared.
    async fn not_public_until(&self) -> Option<Date> {
        self.0.not_public_until().map(Date)
    }

    /// The funder has acknowledged this very version of the plan.
    async fn acknowledged(&self) -> bool {
        self.0.is_acknowledged()
    }

    /// Oldest of the reads that the line rests on; null when it rests on none.
    async fn read_at(&self) -> Option<DateTime> {
        self.0.read_at().map(DateTime)
    }

    /// Since when the line is in its `state`: the instant of the ledger version, or the turn of a day, from which on what records and
    /// people say of the project makes it so, as the manifests, tables and rules of the asked instant read it. KNOWN or NOTHING: since
    /// that is the funder's word, times in which a source was not read in time left aside. STALE: since the last reading is too old, or the
    /// record went bad. null where that is not known for certain: a read is held, a record cannot be read, an age was asked (`maxAge`), a
    /// sum of the project was granted to several beneficiaries; or a funder keeps, or kept, figures of it from the viewer.
    async fn since(&self) -> Result<Option<DateTime>, ApiError> {
        Ok(self.0.since().await?.map(DateTime))
    }

    /// Since when the funder's answer is missing: since the line is SILENT or REPORTED, whichever it was first. null where it is neither,
    /// and where `since` would not be known.
    async fn missing_since(&self) -> Result<Option<DateTime>, ApiError> {
        Ok(self.0.missing_since().await?.map(DateTime))
    }

    /// The commitments that the line sums up.
    async fn commitments(&self) -> Vec<Commitment> {
        self.0.commitments().map(Commitment).collect()
    }
}
