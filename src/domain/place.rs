//! Territorial codes: communes and départements (INSEE), quartiers, contrats de ville. An EPCI is its SIREN.

use super::text::text_newtype;
use super::vocabulary::QuartierKind;
use super::{ParseError, text_serde};
use std::fmt;

/// `01` to `95`, `2A`, `2B`, `971` to `989`.
fn is_departement(text: &str) -> bool {
    match text.as_bytes() {
        [b'2', b'A' | b'B'] => true,
        [first, second] => {
            first.is_ascii_digit() && second.is_ascii_digit() && text != "00" && text != "20" && text <= "95"
        }
        [b'9', b'7' | b'8', last] => last.is_ascii_digit(),
        _ => false,
    }
}

text_newtype! {
    /// A département's INSEE code: `59`, `2A`, `974`.
    DepartementCode, "département code (59, 2A, 974)", is_departement
}

text_newtype! {
    /// A commune's INSEE code (not a postal code): five characters, `59350`, `2A004`, `97411`; none ends in three zeros,
    /// as the postal codes of chief towns do (`59000`).
    CommuneCode, "INSEE commune code (59350)",
    |text| text.len() == 5 && text.is_ascii()
        && text[2..].bytes().all(|byte| byte.is_ascii_digit())
        && &text[2..] != "000"
        && (is_departement(&text[..2]) || is_departement(&text[..3]))
}

impl CommuneCode {
    /// The département that the code begins with.
    pub fn departement(&self) -> DepartementCode {
        let code = self.as_str();
        let length = if code.starts_with("97") || code.starts_with("98") { 3 } else { 2 };
        DepartementCode::parse(&code[..length]).expect("a commune's code begins with its département")
    }
}

text_newtype! {
    /// A contrat de ville: the 2024 code (`CN05911M`), the 2015 code (`CV001`).
    ContratCode, "contrat de ville code (CN05911M, CV001)",
    |text| match text.as_bytes() {
        [b'C', b'V', rest @ ..] => rest.len() == 3 && rest.iter().all(u8::is_ascii_digit),
        [b'C', b'N', rest @ ..] => rest.len() == 6 && text.is_ascii() && is_generation_2024(&text[2..]),
        _ => false,
    }
}

/// Three characters of département, two digits, one letter: N new, M changed, I identical.
fn is_generation_2024(rest: &str) -> bool {
    let bytes = rest.as_bytes();
    is_padded_departement(&rest[..3])
        && bytes[3].is_ascii_digit()
        && bytes[4].is_ascii_digit()
        && matches!(bytes[5], b'N' | b'M' | b'I')
}

fn is_padded_departement(text: &str) -> bool {
    text.strip_prefix('0').map_or_else(|| is_departement(text), |short| short.len() == 2 && is_departement(short))
}

/// A quartier's code: a QPV of 2015 (`QP059001`) or of 2024 (`QN05972M`: décret 2023-1314), or for a quartier
/// de veille or vécu the code that its contract gives it, written `VEILLE:…` or `VECU:…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuartierCode(Box<str>);

impl QuartierCode {
    /// Reads one code.
    ///
    /// # Errors
    /// Any other form; a list of codes too.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let sound = if !text.is_ascii() {
            false
        } else if let Some(rest) = text.strip_prefix("QN") {
            rest.len() == 6 && is_generation_2024(rest)
        } else if let Some(rest) = text.strip_prefix("QP") {
            rest.len() == 6 && is_padded_departement(&rest[..3]) && rest[3..].bytes().all(|byte| byte.is_ascii_digit())
        } else {
            let local = text.strip_prefix("VEILLE:").or_else(|| text.strip_prefix("VECU:"));
            local.is_some_and(|code| {
                !code.is_empty()
                    && code.len() <= 40
                    && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            })
        };
        if sound {
            Ok(QuartierCode(text.into()))
        } else {
            Err(ParseError::new(text, "quartier code (QN05972M, QP059001, VEILLE:…, VECU:…)"))
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind of perimeter that the code's form tells.
    pub fn kind(&self) -> QuartierKind {
        match self.0.split(':').next() {
            Some("VEILLE") => QuartierKind::Veille,
            Some("VECU") => QuartierKind::Vecu,
            _ => QuartierKind::Qpv,
        }
    }
}

impl fmt::Display for QuartierCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
text_serde!(QuartierCode);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_generations_and_corsica() {
        for sound in ["QN05972M", "QN02A01M", "QP974026", "QP059001", "VECU:CN05911M-3"] {
            assert!(QuartierCode::parse(sound).is_ok(), "{sound}");
        }
        for refused in ["QN05972X", "QN00216M, QN00217M", " QN02A03N", "QP59001", "QN00001M", ""] {
            assert!(QuartierCode::parse(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn contracts_and_communes() {
        assert!(ContratCode::parse("CN05911M").is_ok());
        assert!(ContratCode::parse("CN98701M").is_ok());
        assert!(ContratCode::parse("CV380CV384").is_err());
        assert_eq!(CommuneCode::parse("97411").expect("Saint-Denis").departement().as_str(), "974");
        assert_eq!(CommuneCode::parse("59350").expect("Lille").departement().as_str(), "59");
        assert!(CommuneCode::parse("5935").is_err());
    }

    proptest! {
        #[test]
        fn any_text_never_panics(text in "\\PC{0,12}") {
            let _ = (QuartierCode::parse(&text), ContratCode::parse(&text), CommuneCode::parse(&text));
        }
    }
}
