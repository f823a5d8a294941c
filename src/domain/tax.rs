//! Whether two amounts of one sum say the same, before and with tax.

use super::money::Cents;
use super::vocabulary::TaxBasis;

/// An amount with tax is at most so many fifths of the one before it: no rate of VAT is above 20 % (CGI art. 278).
const FIFTHS_MOST: i128 = 6;

/// What comes of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// They say the same.
    Same,
    /// A tax may lie between them: nobody can tell.
    Untold,
    /// No tax lies between them.
    Different,
}

/// Compares two amounts of one sum, each with its basis; `tolerance` is in cents.
pub fn compared(one: (Cents, TaxBasis), other: (Cents, TaxBasis), tolerance: i64) -> Agreement {
    let (a, b) = (i128::from(one.0.get()), i128::from(other.0.get()));
    let tolerance = i128::from(tolerance);
    if (a - b).abs() <= tolerance {
        return Agreement::Same;
    }
    let within = |before: i128, with: i128| before <= with && with * 5 <= before * FIFTHS_MOST + tolerance * 5;
    let may_be_one = match (one.1, other.1) {
        (TaxBasis::Ht, TaxBasis::Ttc) => within(a, b),
        (TaxBasis::Ttc, TaxBasis::Ht) => within(b, a),
        (one, other) if one == other => false,
        // One of them does not say: it may be before tax or with it.
        _ => within(a.min(b), a.max(b)),
    };
    if may_be_one { Agreement::Untold } else { Agreement::Different }
}

/// The least that an amount may be before tax, whatever it says of its basis; rounded down to the cent.
pub fn before_any_tax(amount: Cents) -> Cents {
    let least = i128::from(amount.get()) * 5 / FIFTHS_MOST;
    i64::try_from(least).map_or(amount, Cents::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use TaxBasis::{Ht, NonPrecise, Ttc};

    #[test]
    fn a_tax_may_lie_between_two_amounts_or_not() {
        let of = |one: (i64, TaxBasis), other: (i64, TaxBasis)| {
            compared((Cents::new(one.0), one.1), (Cents::new(other.0), other.1), 1)
        };
        assert_eq!(of((1_000, Ht), (1_000, Ttc)), Agreement::Same);
        assert_eq!(of((1_000, Ht), (1_200, Ttc)), Agreement::Untold);
        assert_eq!(of((1_200, Ttc), (1_000, Ht)), Agreement::Untold);
        assert_eq!(of((1_000, Ht), (1_210, Ttc)), Agreement::Different);
        assert_eq!(of((1_000, Ht), (9_000, Ttc)), Agreement::Different);
        assert_eq!(of((1_200, Ht), (1_000, Ttc)), Agreement::Different, "a tax only adds");
        assert_eq!(of((1_000, Ht), (1_100, Ht)), Agreement::Different);
        assert_eq!(of((1_000, NonPrecise), (1_150, Ht)), Agreement::Untold);
        assert_eq!(of((1_000, NonPrecise), (48_500, Ht)), Agreement::Different);
        assert_eq!(of((1_000, NonPrecise), (1_150, NonPrecise)), Agreement::Different);
        assert_eq!(of((0, Ht), (5_000, Ttc)), Agreement::Different);
    }

    #[test]
    fn the_least_before_tax_is_never_more_than_is_sure() {
        assert_eq!(before_any_tax(Cents::new(250_000)), Cents::new(208_333));
        assert_eq!(before_any_tax(Cents::ZERO), Cents::ZERO);
    }
}
