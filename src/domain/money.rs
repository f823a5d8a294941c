//! Money: integer cents of euro. A rate is in basis points. No float anywhere.

use super::{ParseError, text_serde};
use std::fmt;

/// The largest amount accepted from outside, in cents: 100 billion euros.
pub const AMOUNT_CENTS_MAX: i64 = 10_000_000_000_000;

/// An exact amount in cents of euro. Negative for a reduction or a repayment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Cents(i64);

impl Cents {
    /// Nothing at all, said and known. Never stands for an amount that nobody stated.
    pub const ZERO: Cents = Cents(0);

    /// An amount from a whole number of cents.
    pub const fn new(cents: i64) -> Self {
        Cents(cents)
    }

    /// The whole number of cents.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Parses the form used by the public schema: euros, a point, at most two decimals, `1250000.00`.
    ///
    /// # Errors
    /// Any other form (separators, exponent, currency, three decimals) and amounts above
    /// [`AMOUNT_CENTS_MAX`] in absolute value.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let refuse = || ParseError::new(text, "amount in euros, for example 1250000.00");
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (euros, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let form = !euros.is_empty() && euros.len() <= 12 && decimals.len() <= 2 && !digits.ends_with('.');
        if !form || !plain(euros) || !plain(decimals) {
            return Err(refuse());
        }
        let euros: i64 = euros.parse().map_err(|_| refuse())?;
        let decimals =
            decimals.bytes().chain([b'0'; 2]).take(2).fold(0, |all, digit| all * 10 + i64::from(digit - b'0'));
        let cents = euros * 100 + decimals;
        if cents > AMOUNT_CENTS_MAX {
            return Err(refuse());
        }
        Ok(Cents(if negative { -cents } else { cents }))
    }

    /// The part `share` of this amount, rounded half up (away from zero) to the cent.
    pub fn share(self, share: BasisPoints) -> Cents {
        let product = i128::from(self.0) * i128::from(share.get());
        let half = if product >= 0 { 5_000 } else { -5_000 };
        let cents = (product + half) / 10_000;
        Cents(i64::try_from(cents).unwrap_or(if cents > 0 { i64::MAX } else { i64::MIN }))
    }
}

// Amounts are bounded on the way in, so that nine hundred thousand of the largest still fit;
// beyond that a sum stays at the bound rather than wrapping into a small false figure.
impl std::ops::Add for Cents {
    type Output = Cents;
    fn add(self, other: Cents) -> Cents {
        Cents(self.0.saturating_add(other.0))
    }
}

impl std::ops::Sub for Cents {
    type Output = Cents;
    fn sub(self, other: Cents) -> Cents {
        Cents(self.0.saturating_sub(other.0))
    }
}

impl std::iter::Sum for Cents {
    fn sum<I: Iterator<Item = Cents>>(amounts: I) -> Cents {
        amounts.fold(Cents::ZERO, |sum, amount| sum + amount)
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

text_serde!(Cents, formatted);

/// A share in basis points: 10 000 is the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct BasisPoints(u32);

impl BasisPoints {
    /// The whole: 100 %.
    pub const WHOLE: BasisPoints = BasisPoints(10_000);

    /// A share from basis points; may exceed the whole (a rate over 100 % is a fact to report).
    pub const fn new(points: u32) -> Self {
        BasisPoints(points)
    }

    /// The share in basis points.
    pub const fn get(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_the_public_form_only() {
        assert_eq!(Cents::parse("1250000.00"), Ok(Cents::new(125_000_000)));
        assert_eq!(Cents::parse("-0.5"), Ok(Cents::new(-50)));
        for refused in ["", "-", ".", "1.", ".5", "1,5", "1 000", "1e3", "1.234", "+1", "100000000000.01", "١"] {
            assert!(Cents::parse(refused).is_err(), "{refused} must be refused");
        }
    }

    proptest! {
        #[test]
        fn written_then_read_is_the_same(cents in -AMOUNT_CENTS_MAX..=AMOUNT_CENTS_MAX) {
            prop_assert_eq!(Cents::parse(&Cents::new(cents).to_string()), Ok(Cents::new(cents)));
        }
        #[test]
        fn any_text_never_panics(text in "\\PC*") {
            let _ = Cents::parse(&text);
        }
        #[test]
        fn the_whole_share_is_the_amount(cents in -AMOUNT_CENTS_MAX..=AMOUNT_CENTS_MAX) {
            prop_assert_eq!(Cents::new(cents).share(BasisPoints::WHOLE), Cents::new(cents));
        }
    }
}
