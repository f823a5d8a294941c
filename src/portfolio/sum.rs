//! What one row of totals adds up.

use super::columns::Flags;
use super::index::ProjectIx;
use super::labels::DimensionValue;
use crate::domain::money::Cents;

/// One row of totals. A figure is `None` where nothing of it is known in the row, or where
/// a sum that enters it is kept from whoever asks: unknown is never zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalRow {
    /// The values that the row stands for, in the order asked.
    pub key: Vec<DimensionValue>,
    /// Grants, own funds and receipts.
    pub amount: Option<Cents>,
    /// Loans.
    pub loans: Option<Cents>,
    /// Work, goods and engineering in kind.
    pub in_kind: Option<Cents>,
    /// Abatements.
    pub exemptions: Option<Cents>,
    /// What funds that stand in the picture give on to micro-projects: counted where the fund stands, and in no figure here.
    pub regranted: Option<Cents>,
    /// The part of `amount` that rests on the funders' own word.
    pub own_amount: Option<Cents>,
    /// The part of `amount` that rests on reported statements alone.
    pub reported_only_amount: Option<Cents>,
    /// The part of `loans` that does.
    pub reported_only_loans: Option<Cents>,
    /// The part of `in_kind` that does.
    pub reported_only_in_kind: Option<Cents>,
    /// The part of `exemptions` that does.
    pub reported_only_exemptions: Option<Cents>,
    /// Distinct commitments. One that is split by stated shares stands in several rows.
    pub count: u32,
    /// Distinct projects.
    pub projects: u32,
    /// The project, where the row rests on one alone: its figures are that project's.
    pub only_project: Option<ProjectIx>,
    /// The sums are of more than one tax basis.
    pub mixed_tax_basis: bool,
    /// An amount is unknown, contradicted or in doubt, or a sum was left out that may be one already counted, or of which its funder tells
    /// no stage.
    pub partial: bool,
}

/// A row while it is summed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sum {
    cents: [i64; 5],
    /// The part of each figure that is the funders' own word; the rest is reported.
    own: [i64; 5],
    count: u32,
    projects: u32,
    last_project: u32,
    /// What is known and what is not: the marks of [`Flags`].
    marks: u32,
}

/// No project has this number.
const NO_PROJECT: u32 = u32::MAX;

impl Sum {
    pub(crate) const EMPTY: Sum =
        Sum { cents: [0; 5], own: [0; 5], count: 0, projects: 0, last_project: NO_PROJECT, marks: 0 };

    /// Without a branch: what a commitment does to its row is settled in its flags.
    #[inline]
    pub(crate) fn add(&mut self, project: u32, flags: Flags, cents: i64) {
        let counted = flags.counted();
        self.count += counted;
        self.projects += u32::from(self.last_project != project) & counted;
        self.last_project = if counted == 0 { self.last_project } else { project };
        let figure = &mut self.cents[flags.figure()];
        *figure = figure.saturating_add(flags.adds(cents));
        let own = &mut self.own[flags.figure()];
        *own = own.saturating_add(flags.adds_own(cents));
        self.marks |= flags.marks();
    }

    /// Did nothing at all count towards it, or leave a mark on it?
    pub(crate) fn is_bare(&self) -> bool {
        self.count == 0 && self.marks == 0
    }

    pub(crate) fn row(&self, key: Vec<DimensionValue>) -> TotalRow {
        let told = |mark: u32, cents: i64| (self.marks & mark != 0).then_some(Cents::new(cents));
        let is_veiled = |at: usize| self.marks & (1 << (Flags::VEILED as usize + at)) != 0;
        let figure = |at: usize| told(1 << at, self.cents[at]).filter(|_| !is_veiled(at));
        let reported = |at: usize| told(Flags::REPORTED_KNOWN << at, self.cents[at].saturating_sub(self.own[at]));
        TotalRow {
            key,
            amount: figure(0),
            loans: figure(1),
            in_kind: figure(2),
            exemptions: figure(3),
            regranted: figure(Flags::GIVEN_ON as usize),
            own_amount: told(Flags::OWN_KNOWN, self.own[0]).filter(|_| !is_veiled(0)),
            reported_only_amount: reported(0),
            reported_only_loans: reported(1),
            reported_only_in_kind: reported(2),
            reported_only_exemptions: reported(3),
            count: self.count,
            projects: self.projects,
            only_project: (self.projects == 1).then(|| ProjectIx::at(self.last_project as usize)),
            mixed_tax_basis: (self.marks >> Flags::BASES & 0b111).count_ones() > 1,
            partial: self.marks & Flags::PARTIAL != 0,
        }
    }
}
