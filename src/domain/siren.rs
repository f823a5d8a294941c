//! SIREN and SIRET: the identifiers of legal persons and of their establishments (INSEE), with their check digit.

use super::{ParseError, text_serde};
use std::fmt;

/// La Poste: its establishments' SIRET do not satisfy Luhn's formula (INSEE's exception).
const LA_POSTE: &[u8] = b"356000000";

/// Nine digits identifying a legal person; satisfies Luhn's formula.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Siren([u8; 9]);

impl Siren {
    /// The Région Hauts-de-France.
    pub const REGION: Siren = Siren(*b"200053742");

    /// Parses exactly nine digits whose check digit holds.
    ///
    /// # Errors
    /// Anything else; `000000000` too, which satisfies the formula but identifies nobody.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let refuse = || ParseError::new(text, "SIREN (nine digits with their check digit)");
        let digits: [u8; 9] = text.as_bytes().try_into().map_err(|_| refuse())?;
        let sound = digits.iter().all(u8::is_ascii_digit) && luhn(&digits) && digits != *b"000000000";
        if sound { Ok(Siren(digits)) } else { Err(refuse()) }
    }

    /// The nine digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a SIREN holds ASCII digits only")
    }
}

/// Fourteen digits identifying an establishment: a SIREN and an internal number (NIC).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Siret([u8; 14]);

impl Siret {
    /// Parses exactly fourteen digits: a sound SIREN, a NIC other than 00000, a check digit that holds
    /// (for La Poste: a sum of digits divisible by five).
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let refuse = || ParseError::new(text, "SIRET (fourteen digits with their check digit)");
        let digits: [u8; 14] = text.as_bytes().try_into().map_err(|_| refuse())?;
        let sound = digits.iter().all(u8::is_ascii_digit)
            && digits[9..] != *b"00000"
            && Siren::parse(&text[..9]).is_ok()
            && (luhn(&digits) || digits[..9] == *LA_POSTE && digit_sum(&digits).is_multiple_of(5));
        if sound { Ok(Siret(digits)) } else { Err(refuse()) }
    }

    /// The legal person that the establishment belongs to.
    pub fn siren(&self) -> Siren {
        Siren(self.0[..9].try_into().expect("a SIRET holds fourteen digits"))
    }

    /// The fourteen digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a SIRET holds ASCII digits only")
    }
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(rank, digit)| {
            let value = u32::from(digit - b'0') * if rank % 2 == 1 { 2 } else { 1 };
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn digit_sum(digits: &[u8]) -> u32 {
    digits.iter().map(|digit| u32::from(digit - b'0')).sum()
}

impl fmt::Display for Siren {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl fmt::Debug for Siren {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Siren({self})")
    }
}
impl fmt::Display for Siret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl fmt::Debug for Siret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Siret({self})")
    }
}

text_serde!(Siren);
text_serde!(Siret);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_what_insee_attributes() {
        assert!(Siren::parse("200053742").is_ok(), "Région Hauts-de-France");
        assert!(Siret::parse("23350001600040").is_ok(), "Région Bretagne");
        assert!(Siret::parse("35600000049837").is_ok(), "La Poste: sum of digits divisible by five");
    }

    #[test]
    fn refuses_what_a_spreadsheet_rounded() {
        assert!(Siret::parse("21860194600000").is_err(), "NIC 00000");
        assert!(Siren::parse("218601946").is_ok(), "its SIREN is still sound");
        assert!(Siret::parse("12000123400023").is_err());
        assert!(Siren::parse("000000000").is_err());
        assert!(Siren::parse("２０００５３７４２").is_err());
    }

    proptest! {
        #[test]
        fn one_changed_digit_is_seen(rank in 0usize..9, by in 1u8..10) {
            let mut digits = *b"200053742";
            digits[rank] = b'0' + (digits[rank] - b'0' + by) % 10;
            prop_assert!(Siren::parse(std::str::from_utf8(&digits).expect("digits")).is_err());
        }
        #[test]
        fn any_text_never_panics(text in "\\PC*") {
            let _ = Siren::parse(&text);
            let _ = Siret::parse(&text);
        }
    }
}
