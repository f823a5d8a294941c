//! Splitting a sum by stated shares, to the cent.

use super::index::QuartierIx;
use crate::domain::money::BasisPoints;

/// The parts of `cents`, which add up to it: each share rounded down, the cents left over given to the largest
/// remainders. What the shares leave of the whole has no quartier.
pub(crate) fn split(cents: i64, shares: &[(QuartierIx, BasisPoints)]) -> Vec<(Option<QuartierIx>, i64)> {
    const WHOLE: i128 = BasisPoints::WHOLE.get() as i128;
    let stated: i128 = shares.iter().map(|(_, share)| i128::from(share.get())).sum();
    let stated = shares
        .iter()
        .map(|(quartier, share)| (Some(*quartier), i128::from(share.get())))
        .chain(std::iter::once((None, WHOLE - stated)));
    let mut parts: Vec<(Option<QuartierIx>, i128, i128)> = stated
        .filter(|(_, share)| *share > 0)
        .map(|(quartier, share)| {
            let product = i128::from(cents) * share;
            (quartier, product.div_euclid(WHOLE), product.rem_euclid(WHOLE))
        })
        .collect();
    let left = i128::from(cents) - parts.iter().map(|(_, part, _)| part).sum::<i128>();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(parts[*at].2));
    for at in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        parts[at].1 += 1;
    }
    parts.into_iter().map(|(quartier, part, _)| (quartier, i64::try_from(part).unwrap_or(i64::MAX))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_third_each_loses_no_cent() {
        let shares = [3_333, 3_333, 3_334].map(BasisPoints::new);
        let shares: Vec<_> = shares.iter().enumerate().map(|(at, share)| (QuartierIx::at(at), *share)).collect();
        let parts: Vec<i64> = split(100, &shares).into_iter().map(|(_, part)| part).collect();
        assert_eq!(parts, [33, 33, 34]);
    }

    #[test]
    fn what_the_shares_leave_has_no_quartier() {
        let parts = split(1_000, &[(QuartierIx::at(0), BasisPoints::new(2_500))]);
        assert_eq!(parts, [(Some(QuartierIx::at(0)), 250), (None, 750)]);
    }

    proptest! {
        #[test]
        fn the_parts_make_the_whole(cents in -1_000_000_000_i64..1_000_000_000, a in 0_u32..5_000, b in 0_u32..5_001) {
            let shares = [(QuartierIx::at(0), BasisPoints::new(a)), (QuartierIx::at(1), BasisPoints::new(b))];
            prop_assert_eq!(split(cents, &shares).iter().map(|(_, part)| part).sum::<i64>(), cents);
        }
    }
}
