//! A row on which no share is written, in a source that has shares: it has the whole of its amount, unless the shares of the other rows
//! of its decision make no whole, and its own may be the one that is missing. Whoever sees some of these rows only is told what they
//! tell.

use super::parts::{PROPORTION_POINTS, ROUNDING_POINTS, Row, cents, points, settled, whole};
use crate::domain::money::{BasisPoints, Cents};
use std::collections::BTreeSet;

/// Rows of one grant that state a share, and their year.
pub(super) type Shares<'r, P> = (Option<u16>, &'r [Row<P>]);

/// A row without a share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside {
    pub(super) year: Option<u16>,
    pub(super) amount: Option<Cents>,
    /// An amount of its decision is kept from others, or was: nothing turns on one.
    pub(super) is_kept: bool,
}

/// May the share that the rows of its decision leave over be that of this one?
pub(super) fn is_left_over<P: Ord + Copy>(row: Beside, shared: &[Shares<'_, P>]) -> bool {
    // A year that is not stated may be any.
    let may_be_of = |other: Option<u16>| row.year == other || row.year.is_none() || other.is_none();
    let leaves_one = |rows: &[Row<P>]| if row.is_kept { whole(rows).is_none() } else { leaves_over(rows, row.amount) };
    shared.iter().any(|(year, rows)| may_be_of(*year) && leaves_one(rows))
}

/// Do the shares of these rows leave one over that a row of this amount may have: the whole, repeated or beside the parts of others, or the part
/// that is missing?
fn leaves_over<P: Ord + Copy>(rows: &[Row<P>], amount: Option<Cents>) -> bool {
    let doubted: BTreeSet<P> =
        settled(rows.to_vec()).into_iter().filter(|(_, part)| !part.certain).map(|(place, _)| place).collect();
    let open: Vec<Row<P>> = rows.iter().filter(|row| doubted.contains(&row.place)).copied().collect();
    let shares: Option<i128> = open.iter().map(|row| row.share.map(points)).sum();
    let Some((shares, amount)) = shares.zip(amount.map(cents)) else { return !open.is_empty() };
    let left = points(BasisPoints::WHOLE) - shares;
    let may_be = |row: &Row<P>| {
        let Some((stated, share)) = row.amount.map(cents).zip(row.share.map(points)) else { return true };
        // Of the whole that this share is of, how many points the amount is: all of them, or those that are missing.
        let is_of = |points: i128| (amount * share - stated * points).abs() <= stated.abs() * PROPORTION_POINTS;
        stated == amount || is_of(super::parts::points(BasisPoints::WHOLE)) || is_of(left)
    };
    left > ROUNDING_POINTS && open.iter().any(may_be)
}
