//! Codes of places, trimmed. A lost leading zero is restored only where nothing else can have been meant.

use super::{Doubt, Raw, Reading, doubted, sure};
use crate::domain::place::{CommuneCode, ContratCode, DepartementCode, QuartierCode};
use crate::domain::siren::Siren;
use crate::domain::text::{ActionCode, DispositifCode, EnvelopeCode};

macro_rules! doubts {
    ($($name:ident = $code:literal, $fr:literal, $en:literal;)+) => {
        $(const $name: Doubt = Doubt { code: $code, fr: $fr, en: $en };)+
    };
}
doubts! {
    QUARTIER = "quartier-unreadable", "ce n'est pas un code de quartier (QN05972M, QP059001)", "this is no quartier code (QN05972M, QP059001)";
    COMMUNE = "commune-unreadable", "ce n'est pas un code INSEE de commune", "this is no INSEE commune code";
    POSTAL = "commune-postal", "c'est un code postal, pas un code INSEE : il n'est pas deviné quelle commune est voulue", "this is a postal code, no INSEE code: which commune is meant is not guessed";
    NO_POSTAL = "postal-code-unreadable", "ce n'est pas un code postal (59000)", "this is no postal code (59000)";
    CONTRAT = "contrat-unreadable", "ce n'est pas un code de contrat de ville (CN05911M, CV001)", "this is no contrat de ville code (CN05911M, CV001)";
    DEPARTEMENT = "departement-unreadable", "ce n'est pas un code de département", "this is no département code";
    EPCI = "epci-unreadable", "ce n'est pas un SIREN d'EPCI", "this is no SIREN of an EPCI";
    DISPOSITIF = "dispositif-unknown", "ce n'est pas un code de dispositif", "this is no dispositif code";
    ENVELOPE = "envelope-unreadable", "ce n'est pas un code d'enveloppe", "this is no envelope code";
    ACTION = "action-unreadable", "ce n'est pas un code d'action (EMP-1)", "this is no action code (EMP-1)";
    CASE = "code-case", "le code était écrit en minuscules", "the code was written in lower case";
    ZERO = "zero-restored", "un zéro initial perdu a été rétabli", "a lost leading zero was restored";
}

/// A quartier.
pub fn quartier(raw: Raw<'_>) -> Reading<QuartierCode> {
    in_either_case(raw.text, QuartierCode::parse).unwrap_or(Err(&QUARTIER))
}

/// A code as it is meant: without the decimals that a spreadsheet gives a number, without the apostrophe that keeps a text from being one.
fn bare(text: &str) -> &str {
    let text = super::without_zero_decimals(text);
    text.strip_prefix('\'').map_or(text, str::trim_start)
}

/// A commune. Four digits written as a number have lost their zero: no code has four.
pub fn commune(raw: Raw<'_>) -> Reading<CommuneCode> {
    let text = bare(raw.text);
    if raw.number && text.len() == 4 {
        return CommuneCode::parse(&format!("0{text}")).map_err(|_| &COMMUNE).and_then(|code| doubted(code, &ZERO));
    }
    let doubt = if text.len() == 5 && text.ends_with("000") { &POSTAL } else { &COMMUNE };
    CommuneCode::parse(text).map_err(|_| doubt).and_then(sure)
}

/// A postal code, as a text: five digits. Four have lost a zero, however they are written: no postal code has four.
pub fn postal_code(raw: Raw<'_>) -> Reading<String> {
    let text = bare(raw.text);
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.len() {
        5 if digits => sure(text.to_owned()),
        4 if digits => doubted(format!("0{text}"), &ZERO),
        _ => Err(&NO_POSTAL),
    }
}

/// A contrat de ville.
pub fn contrat(raw: Raw<'_>) -> Reading<ContratCode> {
    in_either_case(raw.text, ContratCode::parse).unwrap_or(Err(&CONTRAT))
}

/// A code as written, else in capitals: no two codes differ by that.
fn in_either_case<T, E>(text: &str, parse: impl Fn(&str) -> Result<T, E>) -> Option<Reading<T>> {
    let capital = || parse(&text.to_ascii_uppercase()).ok().map(|code| doubted(code, &CASE));
    parse(text).ok().map(sure).or_else(capital)
}

/// A département: `59`, `059`, `02A`; a single digit has lost its zero.
pub fn departement(raw: Raw<'_>) -> Reading<DepartementCode> {
    let text = bare(raw.text);
    if matches!(text.as_bytes(), [b'1'..=b'9']) {
        let code = DepartementCode::parse(&format!("0{text}")).map_err(|_| &DEPARTEMENT)?;
        return doubted(code, &ZERO);
    }
    let short = if text.len() == 3 { text.strip_prefix('0').unwrap_or(text) } else { text };
    DepartementCode::parse(short).map_err(|_| &DEPARTEMENT).and_then(sure)
}

/// An EPCI, by its SIREN.
pub fn epci(raw: Raw<'_>) -> Reading<Siren> {
    let siren = super::identifier::siren(raw).map_err(|_| &EPCI)?;
    Ok(siren)
}

/// A funding scheme.
pub fn dispositif(raw: Raw<'_>) -> Reading<DispositifCode> {
    DispositifCode::parse(raw.text).map_err(|_| &DISPOSITIF).and_then(sure)
}

/// A target envelope.
pub fn envelope(raw: Raw<'_>) -> Reading<EnvelopeCode> {
    EnvelopeCode::parse(raw.text).map_err(|_| &ENVELOPE).and_then(sure)
}

/// An action of the dividing lines.
pub fn action(raw: Raw<'_>) -> Reading<ActionCode> {
    ActionCode::parse(raw.text).map_err(|_| &ACTION).and_then(sure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_in_lower_case_are_the_codes_and_that_is_told() {
        let read = |text| quartier(Raw::new(text)).map(|read| (read.value.to_string(), read.doubt.map(|one| one.code)));
        assert_eq!(read("QN05912M"), Ok(("QN05912M".to_owned(), None)));
        assert_eq!(read("qn05912m"), Ok(("QN05912M".to_owned(), Some("code-case"))));
        assert_eq!(contrat(Raw::new("cv001")).map(|read| read.value.to_string()).as_deref(), Ok("CV001"));
        assert!(read("qn0591").is_err());
    }

    #[test]
    fn a_zero_is_restored_only_when_certain() {
        let read = |text| departement(Raw::new(text)).map(|read| (read.value.to_string(), read.doubt.is_some()));
        assert_eq!(read("2"), Ok(("02".to_owned(), true)));
        assert_eq!(read("059"), Ok(("59".to_owned(), false)));
        assert_eq!(read("02A"), Ok(("2A".to_owned(), false)));
        assert_eq!(read("974"), Ok(("974".to_owned(), false)));
        assert!(read("00").is_err());
        assert!(commune(Raw::new("2691")).is_err(), "a text may have lost any of its digits");
        assert_eq!(commune(Raw::new("59000")).map_err(|doubt| doubt.code), Err("commune-postal"));
        assert_eq!(commune(Raw::new("5900A")).map_err(|doubt| doubt.code), Err("commune-unreadable"));
        for spelled in ["59350", "59350.0", "'59350", "'59350.0"] {
            assert_eq!(commune(Raw::new(spelled)).map(|read| read.value.to_string()).as_deref(), Ok("59350"));
        }
        assert_eq!(commune(Raw::new("59000.0")).map_err(|doubt| doubt.code), Err("commune-postal"));
        assert!(commune(Raw::new("59350.5")).is_err() && commune(Raw::new("2691.0")).is_err());
        let number = Raw { number: true, ..Raw::new("2691") };
        assert_eq!(commune(number).map(|read| read.value.to_string()).as_deref(), Ok("02691"));
    }

    #[test]
    fn postal_codes() {
        let read = |text| postal_code(Raw::new(text)).map(|read| (read.value, read.doubt.is_some()));
        assert_eq!(read("59000"), Ok(("59000".to_owned(), false)));
        assert_eq!(read("3290"), Ok(("03290".to_owned(), true)));
        assert!(read("590").is_err() && read("5900A").is_err());
    }

    #[test]
    fn codes_are_trimmed_but_never_split() {
        assert!(quartier(Raw::new(" QN02A03N")).is_ok());
        assert!(contrat(Raw::new("CV380CV384")).is_err());
    }
}
