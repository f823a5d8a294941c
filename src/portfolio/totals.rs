//! Totals by any dimensions, in one pass over the columns.

use super::Portfolio;
use super::columns::{Columns, OF_COMMITMENT, OF_PROJECT};
use super::filter::{CommitmentFilter, Sieve};
use super::labels::{DimensionValue, Place};
use super::shares::split;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Dimension, Form};
use rustc_hash::FxHashMap;
use std::ops::{Add, AddAssign};

/// Up to this many possible rows, a row is found by arithmetic in one array (16 MB at most, of which only what is
/// touched costs anything); beyond, by hashing.
const DENSE_ROWS_MAX: u128 = 1 << 22;

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

#[derive(Debug, Clone, Copy)]
struct Sum {
    cents: [i64; 4],
    /// The part of the first figure that is the funders' own word; the rest is reported.
    own: i64,
    /// Bits of the four figures, then of own and reported: is anything of it known?
    known: u8,
    bases: u8,
    partial: bool,
    count: u32,
    projects: u32,
    last_project: u32,
}

const OWN_KNOWN: u8 = 16;
const REPORTED_KNOWN: u8 = 32;
const NO_PROJECT: u32 = u32::MAX;

impl Sum {
    const EMPTY: Sum = Sum {
        cents: [0; 4],
        own: 0,
        known: 0,
        bases: 0,
        partial: false,
        count: 0,
        projects: 0,
        last_project: NO_PROJECT,
    };

    fn add(&mut self, columns: &Columns, (project, at): (u32, usize), cents: i64) {
        let flags = columns.flags[at];
        if flags.uncertain() {
            self.partial = true;
            return;
        }
        self.count += 1;
        self.projects += u32::from(self.last_project != project);
        self.last_project = project;
        if flags.outside() {
            return;
        }
        if !flags.known() {
            self.partial = true;
            return;
        }
        let figure = FIGURE_OF_FORM[columns.by_commitment[5][at] as usize];
        self.cents[figure] = self.cents[figure].saturating_add(cents);
        self.known |= 1 << figure;
        self.bases |= flags.basis();
        if figure == 0 && flags.own() {
            self.own = self.own.saturating_add(cents);
            self.known |= OWN_KNOWN;
        } else if figure == 0 {
            self.known |= REPORTED_KNOWN;
        }
    }

    fn row(&self, key: Vec<DimensionValue>) -> TotalRow {
        let told = |bit: u8, cents: i64| (self.known & bit != 0).then_some(Cents::new(cents));
        TotalRow {
            key,
            amount: told(1, self.cents[0]),
            loans: told(2, self.cents[1]),
            in_kind: told(4, self.cents[2]),
            exemptions: told(8, self.cents[3]),
            own_amount: told(OWN_KNOWN, self.own),
            reported_only_amount: told(REPORTED_KNOWN, self.cents[0].saturating_sub(self.own)),
            count: self.count,
            projects: self.projects,
            mixed_tax_basis: self.bases.count_ones() > 1,
            partial: self.partial,
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

/// How the codes of a commitment make the number of its row: each column with the weight of its code.
struct Grouping<'a> {
    by: Vec<Dimension>,
    of_commitment: Vec<(&'a [u32], u128)>,
    of_project: Vec<(&'a [u32], u128)>,
    /// The quartier stands apart: stated shares split sums there.
    quartier: Option<(&'a [u32], u128)>,
    rows: u128,
}

impl<'a> Grouping<'a> {
    fn of(columns: &'a Columns, asked: &[Dimension]) -> Self {
        let mut by: Vec<Dimension> = Vec::new();
        for dimension in asked {
            if !by.contains(dimension) {
                by.push(*dimension);
            }
        }
        let mut grouping =
            Grouping { by: Vec::new(), of_commitment: Vec::new(), of_project: Vec::new(), quartier: None, rows: 1 };
        for dimension in by.iter().rev() {
            let weight = grouping.rows;
            let of_project = OF_PROJECT.iter().position(|one| one == dimension);
            let of_project = of_project.map(|at| (columns.by_project[at].as_slice(), weight));
            if *dimension == Dimension::Quartier {
                grouping.quartier = of_project;
            } else {
                grouping.of_project.extend(of_project);
            }
            if let Some(at) = OF_COMMITMENT.iter().position(|one| one == dimension) {
                grouping.of_commitment.push((&columns.by_commitment[at], weight));
            }
            grouping.rows *= columns.cardinality(*dimension) as u128;
        }
        grouping.by = by;
        grouping
    }

    /// The codes of a row, in the order asked.
    fn codes(&self, columns: &Columns, mut row: u128) -> Vec<u32> {
        let mut codes: Vec<u32> = self
            .by
            .iter()
            .rev()
            .map(|dimension| {
                let cardinality = columns.cardinality(*dimension) as u128;
                let code = u32::try_from(row % cardinality).unwrap_or(0);
                row /= cardinality;
                code
            })
            .collect();
        codes.reverse();
        codes
    }
}

/// How a row is found from its number.
trait Rows {
    /// Wide enough for every number that can occur.
    type Number: Copy + Default + AddAssign + Add<Output = Self::Number>;

    fn number(code: u32, weight: u128) -> Self::Number;

    /// The row of a number, empty when it is met for the first time.
    fn row(&mut self, number: Self::Number) -> &mut Sum;
}

/// Rows found by arithmetic: for each number, which of the sums is its row, plus one.
struct Dense {
    slots: Vec<u32>,
    sums: Vec<(u128, Sum)>,
}

impl Rows for Dense {
    type Number = u32;

    fn number(code: u32, weight: u128) -> u32 {
        code * u32::try_from(weight).unwrap_or(0)
    }

    #[inline]
    fn row(&mut self, number: u32) -> &mut Sum {
        let slot = &mut self.slots[number as usize];
        if *slot == 0 {
            self.sums.push((u128::from(number), Sum::EMPTY));
            *slot = u32::try_from(self.sums.len()).unwrap_or(u32::MAX);
        }
        &mut self.sums[*slot as usize - 1].1
    }
}

impl Rows for FxHashMap<u128, Sum> {
    type Number = u128;

    fn number(code: u32, weight: u128) -> u128 {
        u128::from(code) * weight
    }

    fn row(&mut self, number: u128) -> &mut Sum {
        self.entry(number).or_insert(Sum::EMPTY)
    }
}

impl Portfolio {
    /// Totals of the commitments that pass, one row per combination of values that occurs, in a stable order; one row
    /// when `by` is empty. Without a stage in the filter or among the dimensions: what is decided.
    pub fn totals(&self, filter: &CommitmentFilter, by: &[Dimension]) -> Vec<TotalRow> {
        let mut sieve = self.sieve(filter);
        let by_stage = by.contains(&Dimension::Stage);
        if filter.stage.is_empty() && filter.stage_at_least.is_none() && !by_stage {
            sieve.decided_only();
        }
        let grouping = Grouping::of(&self.columns, by);
        let mut sums: Vec<(u128, Sum)> = if grouping.rows <= DENSE_ROWS_MAX {
            let possible = usize::try_from(grouping.rows).unwrap_or(1);
            let mut rows = Dense { slots: vec![0; possible], sums: Vec::new() };
            self.sum_up(&sieve, &grouping, &mut rows);
            rows.sums
        } else {
            let mut rows = FxHashMap::default();
            self.sum_up(&sieve, &grouping, &mut rows);
            rows.into_iter().collect()
        };
        if grouping.by.is_empty() && sums.is_empty() {
            sums.push((0, Sum::EMPTY));
        }
        let mut rows: Vec<(Vec<Place>, TotalRow)> = sums
            .into_iter()
            .map(|(number, sum)| {
                let codes = grouping.codes(&self.columns, number);
                let values = grouping.by.iter().zip(codes).map(|(dimension, code)| self.value(*dimension, code));
                let (key, places) = values.unzip();
                (places, sum.row(key))
            })
            .collect();
        rows.sort_by(|one, other| one.0.cmp(&other.0));
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// Column by column what passes and which row it adds to, then one pass over what passes.
    fn sum_up<R: Rows>(&self, sieve: &Sieve, grouping: &Grouping<'_>, rows: &mut R) {
        let columns = &self.columns;
        let passes = self.passes(sieve);
        let mut numbers = vec![R::Number::default(); columns.cents.len()];
        for (column, weight) in &grouping.of_commitment {
            for (number, code) in numbers.iter_mut().zip(*column) {
                *number += R::number(*code, *weight);
            }
        }
        for (project, case) in self.cases.iter().enumerate() {
            if !sieve.project(project) {
                continue;
            }
            let mut base = R::Number::default();
            for (column, weight) in &grouping.of_project {
                base += R::number(column[project], *weight);
            }
            let range = columns.starts[project] as usize..columns.starts[project + 1] as usize;
            let number = u32::try_from(project).unwrap_or(NO_PROJECT);
            if let Some((column, weight)) = grouping.quartier {
                if !case.places.shares.is_empty() {
                    let last = columns.cardinality(Dimension::Quartier) - 1;
                    for at in range.filter(|at| passes[*at]) {
                        for (quartier, part) in split(columns.cents[at], &case.places.shares) {
                            let code = quartier.map_or(last, |quartier| quartier.get() + 1);
                            let code = R::number(u32::try_from(code).unwrap_or(0), weight);
                            rows.row(base + numbers[at] + code).add(columns, (number, at), part);
                        }
                    }
                    continue;
                }
                base += R::number(column[project], weight);
            }
            for at in range.filter(|at| passes[*at]) {
                rows.row(base + numbers[at]).add(columns, (number, at), columns.cents[at]);
            }
        }
    }

    /// For each commitment: does it pass all but what the sieve says of its project?
    fn passes(&self, sieve: &Sieve) -> Vec<bool> {
        let columns = &self.columns;
        let mut passes = vec![true; columns.cents.len()];
        for (column, allowed) in sieve.restrictions() {
            for (pass, code) in passes.iter_mut().zip(&columns.by_commitment[column]) {
                *pass &= allowed[*code as usize];
            }
        }
        if sieve.by_amount() {
            for (at, pass) in passes.iter_mut().enumerate() {
                *pass &= sieve.amount(columns.flags[at].known().then_some(columns.cents[at]));
            }
        }
        passes
    }
}
