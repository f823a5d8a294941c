//! A row of totals in the schema.

use super::int;
use crate::graphql::error::{ApiError, Code};
use crate::graphql::scalar::Decimal;
use crate::graphql::vocabulary::Dimension;
use crate::view::{self, CommitmentFilter, Reader};
use async_graphql::SimpleObject;

/// Dimensions of one question.
const DIMENSIONS_MAX: usize = 4;
/// Rows of one answer.
const ROWS_MAX: usize = 20_000;

/// One row of totals. amount: grants, own funds and receipts; loans, abatements, in kind and engineering stand beside
/// it. Never one figure for all. A part of which nothing is known is null, never zero.
#[derive(SimpleObject)]
pub struct Total {
    /// The values that the row is about, in the order of `by`.
    key: Vec<DimensionValue>,
    /// Grants, own funds and receipts, in euros.
    amount: Option<Decimal>,
    /// Loans, in euros.
    loans: Option<Decimal>,
    /// Work, goods, staff time and expertise in kind, in euros.
    in_kind: Option<Decimal>,
    /// Forgone tax, in euros.
    exemptions: Option<Decimal>,
    /// Grants that a fund (PIC, FTU) gives on to micro-projects, in euros: they were put into the fund before, are counted where the
    /// fund stands, and are in no other figure of this row. By place they tell where the fund's money goes.
    regranted: Option<Decimal>,
    /// The part of `amount` that the funders state themselves.
    own_amount: Option<Decimal>,
    /// The part of `amount` that rests on reported statements alone.
    reported_only_amount: Option<Decimal>,
    /// The part of `loans` that rests on reported statements alone.
    reported_only_loans: Option<Decimal>,
    /// The part of `inKind` that rests on reported statements alone.
    reported_only_in_kind: Option<Decimal>,
    /// The part of `exemptions` that rests on reported statements alone.
    reported_only_exemptions: Option<Decimal>,
    /// Commitments in the row; one whose sum is split by stated shares counts in each of its rows.
    count: i32,
    /// Projects in the row.
    projects: i32,
    /// The sums of the row are not all of one tax basis.
    mixed_tax_basis: bool,
    /// An amount in the row is unknown, a sum was left out that may be one already counted or (where only what is decided counts) of which
    /// its funder tells no stage: the sums are floors. Or the funder's own word on a sum is contradicted by another source of its own, or
    /// stands in a record that is in doubt: what the source with the last word says is counted, and nobody can be sure of it.
    partial: bool,
}

/// The value of one dimension.
#[derive(SimpleObject)]
pub struct DimensionValue {
    /// The dimension.
    dimension: Dimension,
    /// The code; null for the bucket of what is not stated (no year, no place: non localisé). PLUSIEURS: several places, or objectives, at
    /// once. LOCALISE: it lies somewhere (in a commune, in a département), and no source says in which place of this dimension.
    value: Option<String>,
    /// Name in French, for people.
    label: String,
}

/// The rows of totals of the commitments that `filter` lets through.
pub(in crate::graphql) fn totals(
    reader: &Reader,
    filter: &CommitmentFilter,
    by: Vec<Dimension>,
) -> Result<Vec<Total>, ApiError> {
    let dimensions: Vec<crate::domain::vocabulary::Dimension> = by.into_iter().map(Into::into).collect();
    if dimensions.len() > DIMENSIONS_MAX {
        return Err(ApiError::new(Code::BadInput, format!("`by` holds more than {DIMENSIONS_MAX} dimensions")));
    }
    if (1..dimensions.len()).any(|at| dimensions[..at].contains(&dimensions[at])) {
        return Err(ApiError::new(Code::BadInput, "`by` holds a dimension twice"));
    }
    let rows = reader.totals(filter, &dimensions);
    if rows.len() > ROWS_MAX {
        let message = format!("{} rows, more than {ROWS_MAX}: filter, or ask by fewer dimensions", rows.len());
        return Err(ApiError::new(Code::BadInput, message));
    }
    Ok(rows.into_iter().map(Total::from).collect())
}

impl From<view::TotalRow> for Total {
    fn from(row: view::TotalRow) -> Self {
        let key = row.key.into_iter();
        Total {
            key: key
                .map(|one| DimensionValue { dimension: one.dimension.into(), value: one.value, label: one.label })
                .collect(),
            amount: row.amount.map(Decimal),
            loans: row.loans.map(Decimal),
            in_kind: row.in_kind.map(Decimal),
            exemptions: row.exemptions.map(Decimal),
            regranted: row.regranted.map(Decimal),
            own_amount: row.own_amount.map(Decimal),
            reported_only_amount: row.reported_only_amount.map(Decimal),
            reported_only_loans: row.reported_only_loans.map(Decimal),
            reported_only_in_kind: row.reported_only_in_kind.map(Decimal),
            reported_only_exemptions: row.reported_only_exemptions.map(Decimal),
            count: int(row.count.into()),
            projects: int(row.projects.into()),
            mixed_tax_basis: row.mixed_tax_basis,
            partial: row.partial,
        }
    }
}
