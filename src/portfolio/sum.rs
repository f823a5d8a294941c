//! What one row of totals adds up.

use super::columns::Flags;
use super::labels::DimensionValue;
use crate::domain::money::Cents;
use crate::domain::vocabulary::Form;

/// One row of totals. A figure is `None` where nothing of it is known in the row: unknown is never zero.
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
    /// The part of `amount` that rests on the funders' own word.
    pub own_amount: Option<Cents>,
    /// The part of `amount` that rests on reported statements alone.
    pub reported_only_amount: Option<Cents>,
    /// Distinct commitments. One that is split by stated shares stands in several rows.
    pub count: u32,
    /// Distinct projects.
    pub projects: u32,
    /// The sums are of more than one tax basis.
    pub mixed_tax_basis: bool,
    /// An amount is unknown, or a sum that may be one already counted was left out.
    pub partial: bool,
}

/// A row while it is summed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sum {
    cents: [i64; 4],
    /// The part of the first figure that is the funders' own word; the rest is reported.
    own: i64,
    /// What is known and what is not, one bit each.
    marks: u32,
    count: u32,
    projects: u32,
    last_project: u32,
}

/// The first four marks say of which figures something is known, these of which part of the first.
const OWN_KNOWN: u32 = 1 << 4;
const REPORTED_KNOWN: u32 = 1 << 5;
const PARTIAL: u32 = 1 << 6;
/// From here, one mark for each tax basis.
const BASES: u32 = 8;
/// No project has this number.
const NO_PROJECT: u32 = u32::MAX;

/// What a row takes of a commitment.
#[derive(Clone, Copy)]
pub(crate) struct Item {
    pub(crate) flags: Flags,
    pub(crate) form: u32,
    pub(crate) cents: i64,
}

impl Sum {
    pub(crate) const EMPTY: Sum =
        Sum { cents: [0; 4], own: 0, marks: 0, count: 0, projects: 0, last_project: NO_PROJECT };

    #[inline]
    pub(crate) fn add(&mut self, project: u32, Item { flags, form, cents }: Item) {
        if flags.uncertain() {
            self.marks |= PARTIAL;
            return;
        }
        self.count += 1;
        self.projects += u32::from(self.last_project != project);
        self.last_project = project;
        if flags.outside() {
            return;
        }
        if !flags.known() {
            self.marks |= PARTIAL;
            return;
        }
        let figure = FIGURE_OF_FORM[form as usize % FIGURE_OF_FORM.len()];
        let own = figure == 0 && flags.own();
        self.cents[figure] = self.cents[figure].saturating_add(cents);
        self.own = self.own.saturating_add(if own { cents } else { 0 });
        let part = match figure {
            0 if own => OWN_KNOWN,
            0 => REPORTED_KNOWN,
            _ => 0,
        };
        self.marks |= 1 << figure | part | u32::from(flags.basis()) << BASES;
    }

    pub(crate) fn row(&self, key: Vec<DimensionValue>) -> TotalRow {
        let told = |mark: u32, cents: i64| (self.marks & mark != 0).then_some(Cents::new(cents));
        TotalRow {
            key,
            amount: told(1, self.cents[0]),
            loans: told(1 << 1, self.cents[1]),
            in_kind: told(1 << 2, self.cents[2]),
            exemptions: told(1 << 3, self.cents[3]),
            own_amount: told(OWN_KNOWN, self.own),
            reported_only_amount: told(REPORTED_KNOWN, self.cents[0].saturating_sub(self.own)),
            count: self.count,
            projects: self.projects,
            mixed_tax_basis: (self.marks >> BASES).count_ones() > 1,
            partial: self.marks & PARTIAL != 0,
        }
    }
}

/// For each code of the column of forms, which of the four figures it adds to. Code 0 does not occur.
const FIGURE_OF_FORM: [usize; Form::ALL.len() + 1] = {
    let mut figures = [0; Form::ALL.len() + 1];
    let mut at = 0;
    while at < Form::ALL.len() {
        figures[at + 1] = match Form::ALL[at] {
            Form::Subvention | Form::Autofinancement | Form::Recettes => 0,
            Form::Pret => 1,
            Form::EnNature | Form::Ingenierie => 2,
            Form::Exoneration => 3,
        };
        at += 1;
    }
    figures
};
