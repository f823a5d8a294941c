//! SIREN and SIRET as sources write them: with spaces, as a float, rounded by a spreadsheet.

use super::{Doubt, Raw, Reading, doubted, is_space, scalar, sure, without_zero_decimals};
use crate::domain::organisation::{OrganisationId, OrganisationKind};
use crate::domain::siren::{Siren, Siret};
use crate::domain::text::is_unseen;
use std::borrow::Cow;

/// Spaces, an apostrophe or `.0` were taken away.
pub const NORMALISED: Doubt = Doubt {
    code: "identifier-normalised",
    fr: "l'identifiant était écrit avec des signes superflus, retirés",
    en: "the identifier was written with superfluous signs, taken away",
};
/// The establishment fails its check; the legal person is sound.
pub const SIRET_UNVERIFIED: Doubt = Doubt {
    code: "siret-unverified",
    fr: "le SIRET échoue à son contrôle ; seul le SIREN est retenu",
    en: "the SIRET fails its check; only the SIREN is kept",
};
/// Nothing sound in it.
pub const UNVERIFIED: Doubt = Doubt {
    code: "identifier-unverified",
    fr: "l'identifiant échoue à son contrôle ; l'identité n'est retenue que comme texte",
    en: "the identifier fails its check; the identity is kept as text only",
};

/// Nothing but signs that are not seen.
const UNSEEN: Doubt = Doubt {
    code: "key-unreadable",
    fr: "ce ne sont que des signes invisibles",
    en: "these are nothing but signs that are not seen",
};

/// Nobody who can be told from others.
pub const UNIDENTIFIED: Doubt = Doubt {
    code: "organisation-unreadable",
    fr: "ce n'est pas un organisme identifié (SIREN, SIRET, financeur:etat-59) : il n'est pas retenu",
    en: "this is no identified organisation (SIREN, SIRET, financeur:etat-59): it is not kept",
};

/// A legal person, and its establishment where that is sound too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Legal {
    /// The legal person.
    pub siren: Siren,
    /// The establishment.
    pub siret: Option<Siret>,
}

/// Does the text stand for no identifier at all (`#`, `0`)?
pub fn is_absent(text: &str) -> bool {
    matches!(text, "#" | "0" | "-")
}

/// Can a text that is no sound identifier tell one from another all the same? Not what a spreadsheet rounded (`2,19E+13`) and not one digit
/// all along (`99999999999999`): many share it.
pub fn tells_apart(text: &str) -> bool {
    const SIREN_LEN: usize = 9;
    let digits = digits(text);
    let Some(first) = digits.bytes().next().filter(u8::is_ascii_digit) else { return true };
    if digits.len() >= SIREN_LEN && digits.bytes().all(|byte| byte == first) {
        return false;
    }
    let Some((mantissa, exponent)) = digits.rsplit_once(['E', 'e']) else { return true };
    let is_number = mantissa.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    // A spreadsheet writes the sign or a mark of decimals; the exponents are those of a SIREN and of a SIRET. Else it is a code that holds
    // a letter.
    let is_power = exponent.strip_prefix('+').unwrap_or(exponent).bytes().all(|byte| byte.is_ascii_digit());
    let is_written =
        exponent.starts_with('+') || mantissa.contains(['.', ',']) || matches!(exponent, "08" | "8" | "13");
    !(is_number && is_power && is_written)
}

/// Reads a SIRET, or a SIREN in its place. Never completes a SIREN into a SIRET, never repairs a digit.
pub fn legal(raw: Raw<'_>) -> Reading<Legal> {
    let digits = digits(raw.text);
    let spelled = || if digits == raw.text { None } else { Some(&NORMALISED) };
    match digits.len() {
        14 => {
            if let Ok(siret) = Siret::parse(&digits) {
                return Ok(super::Read { value: Legal { siren: siret.siren(), siret: Some(siret) }, doubt: spelled() });
            }
            let siren = digits.get(..9).and_then(|nine| Siren::parse(nine).ok()).ok_or(&UNVERIFIED)?;
            // The rest must be digits too: fourteen other signs are no rounded SIRET.
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(&UNVERIFIED);
            }
            doubted(Legal { siren, siret: None }, &SIRET_UNVERIFIED)
        }
        9 => {
            let siren = Siren::parse(&digits).map_err(|_| &UNVERIFIED)?;
            Ok(super::Read { value: Legal { siren, siret: None }, doubt: spelled() })
        }
        _ => Err(&UNVERIFIED),
    }
}

/// Reads a SIREN; a sound SIRET is brought back to its legal person.
pub fn siren(raw: Raw<'_>) -> Reading<Siren> {
    legal(raw).map(|read| super::Read { value: read.value.siren, doubt: read.doubt })
}

/// Reads an organisation by its SIREN or SIRET, or by our written form of it (`financeur:etat-59`).
pub fn organisation(raw: Raw<'_>) -> Reading<OrganisationId> {
    let Ok(id) = OrganisationId::parse(raw.text) else {
        let read = siren(raw).map_err(|_| &UNIDENTIFIED)?;
        return Ok(super::Read { value: read.value.into(), doubt: read.doubt });
    };
    match id.kind() {
        OrganisationKind::Person | OrganisationKind::Text => Err(&UNIDENTIFIED),
        _ => sure(id),
    }
}

/// Reads the number of an association in the répertoire national des associations: `W` and nine digits.
pub fn rna(raw: Raw<'_>) -> Reading<String> {
    const NO_RNA: Doubt = Doubt {
        code: "rna-unreadable",
        fr: "ce n'est pas un numéro RNA (W suivi de neuf chiffres)",
        en: "this is no RNA number (W and nine digits)",
    };
    let digits = raw.text.strip_prefix('W').unwrap_or_default();
    let sound = digits.len() == 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if sound { sure(raw.text.to_owned()) } else { Err(&NO_RNA) }
}

/// The SIREN as a text.
pub fn siren_text(raw: Raw<'_>) -> Reading<String> {
    siren(raw).map(|read| super::Read { value: read.value.to_string(), doubt: read.doubt })
}

/// A sound SIRET as a text.
pub fn siret_text(raw: Raw<'_>) -> Reading<String> {
    let read = legal(raw)?;
    let siret = read.value.siret.ok_or(&UNVERIFIED)?;
    Ok(super::Read { value: siret.to_string(), doubt: read.doubt })
}

/// A SIREN or SIRET as its digits, whatever groups it is written in and whether it is sound or not: one identifier has one spelling. Any
/// other text, a name for instance, as a key of texts: nothing is completed, nothing guessed.
pub fn identifier_text(raw: Raw<'_>) -> Reading<String> {
    let digits = digits(raw.text);
    let is_number = matches!(digits.len(), 9 | 14) && digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits {
        digits if is_number && *digits != *raw.text => doubted(digits.into_owned(), &NORMALISED),
        digits if is_number => sure(digits.into_owned()),
        _ => key_text(raw),
    }
}

/// A text that tells one record, or one part of a source, from another: without what is not seen (a mark of the order of bytes, a blank
/// of no width), with single spaces, without the apostrophe that keeps a number from being one, `12.0` as 12.
pub fn key_text(raw: Raw<'_>) -> Reading<String> {
    let whole = without_zero_decimals(raw.text);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number(whole) {
        return sure(whole.to_owned());
    }
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\'';
    if raw.text.bytes().all(is_plain) {
        return sure(raw.text.to_owned());
    }
    let seen: String = raw.text.chars().filter(|letter| !is_unseen(*letter)).collect();
    let seen = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    let bare = seen
        .strip_prefix('\'')
        .map_or(&*seen, |rest| if is_number(without_zero_decimals(rest)) { rest } else { &seen });
    let bare = without_zero_decimals(bare);
    let text = if is_number(bare) { bare } else { &*seen };
    if text.is_empty() {
        return Err(&UNSEEN);
    }
    scalar::text(Raw { text, ..raw })
}

/// A whole number as a text, for keys and references: `688110.0` is 688110.
pub fn integer_text(raw: Raw<'_>) -> Reading<String> {
    const NO_INTEGER: Doubt =
        Doubt { code: "integer-unreadable", fr: "ce n'est pas un nombre entier", en: "this is no whole number" };
    let text = without_zero_decimals(raw.text.strip_prefix('\'').unwrap_or(raw.text));
    let digits = text.strip_prefix('-').unwrap_or(text);
    let sound = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if sound { sure(text.to_owned()) } else { Err(&NO_INTEGER) }
}

/// The groups that SIREN and SIRET are written in, between points or hyphens.
const GROUPS: [&[usize]; 4] = [&[3, 3, 3], &[3, 3, 3, 5], &[3, 3, 3, 3, 2], &[9, 5]];

fn digits(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() && text.contains(is_unseen) {
        return Cow::Owned(digits(&text.replace(is_unseen, "")).into_owned());
    }
    let text = without_zero_decimals(text.strip_prefix('\'').unwrap_or(text));
    if text.contains(['.', '-']) {
        let groups: Vec<usize> =
            text.split(|letter| is_space(letter) || matches!(letter, '.' | '-')).map(str::len).collect();
        if GROUPS.contains(&&*groups) {
            return Cow::Owned(text.replace(|letter| is_space(letter) || matches!(letter, '.' | '-'), ""));
        }
    }
    if text.contains(is_space) { Cow::Owned(text.replace(is_space, "")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<(String, bool, Option<&'static str>), &'static str> {
        legal(Raw::new(text))
            .map(|read| (read.value.siren.to_string(), read.value.siret.is_some(), read.doubt.map(|doubt| doubt.code)))
            .map_err(|doubt| doubt.code)
    }

    #[test]
    fn what_sources_write() {
        let bretagne = || "233500016".to_owned();
        assert_eq!(read("23350001600040"), Ok((bretagne(), true, None)));
        assert_eq!(read("233 500 016 00040"), Ok((bretagne(), true, Some("identifier-normalised"))));
        assert_eq!(read("23350001600040.0"), Ok((bretagne(), true, Some("identifier-normalised"))));
        for grouped in ["233.500.016.00040", "233-500-016 00040", "233500016-00040", "233.500.016.000.40"] {
            assert_eq!(read(grouped), Ok((bretagne(), true, Some("identifier-normalised"))), "{grouped}");
        }
        assert_eq!(read("233.500.016"), Ok((bretagne(), false, Some("identifier-normalised"))));
        for unseen in ["\u{200b}23350001600040", "23350001600040\u{200e}", "233\u{ad}50001600040"] {
            assert_eq!(read(unseen).map(|(siren, sound, _)| (siren, sound)), Ok((bretagne(), true)), "{unseen:?}");
        }
        assert_eq!(read("=\"23350001600040\""), Ok((bretagne(), true, None)));
        assert_eq!(read("218601946"), Ok(("218601946".to_owned(), false, None)));
        assert_eq!(read("21860194600000"), Ok(("218601946".to_owned(), false, Some("siret-unverified"))));
        assert_eq!(read("35600000049837").map(|(siren, sound, _)| (siren, sound)), Ok(("356000000".to_owned(), true)));
    }

    #[test]
    fn what_identifies_nobody_is_refused() {
        for text in [
            "2.19E+13",
            "12000123400023",
            "AMATRAMI (ASS.)",
            "W380475558",
            "2335000160004",
            "000000000",
            "23.350001600040",
            "2335000160.0040",
        ] {
            assert_eq!(read(text), Err("identifier-unverified"), "{text}");
        }
        assert!(is_absent("#"));
    }

    #[test]
    fn what_many_share_tells_nobody_apart() {
        for text in [
            "2.19E+13",
            "2,19E+13",
            "2,19 E+13",
            "3.5e13",
            "2E13",
            "3.25E+08",
            "1.0E+14",
            "99999999999999",
            "000 000 000",
        ] {
            assert!(!tells_apart(text), "{text}");
        }
        for text in ["12000123400023", "AMATRAMI (ASS.)", "W380475558", "E12", "12E", "1E2", "11", "REF-2E13", "é", ""]
        {
            assert!(tells_apart(text), "{text}");
        }
    }

    #[test]
    fn organisations_are_identified_or_none() {
        let read = |text| organisation(Raw::new(text)).map(|read| read.value.as_str().to_owned());
        for text in ["200053742", "200 053 742", "20005374200017", "siren:200053742", "\u{200b}200053742"] {
            assert_eq!(read(text).as_deref(), Ok("siren:200053742"), "{text}");
        }
        assert_eq!(read("financeur:etat-59").as_deref(), Ok("financeur:etat-59"));
        for text in ["123456789", "text:a:REGION", "person:abc", "Région"] {
            assert_eq!(read(text), Err(&UNIDENTIFIED), "{text}");
        }
    }

    #[test]
    fn one_identifier_has_one_spelling_and_any_other_text_its_own() {
        let read = |text| identifier_text(Raw::new(text)).map(|read| (read.value, read.doubt.is_some()));
        for spelled in
            ["200 093 201 00016", "200.093.201.00016", "20009320100016.0", "'20009320100016", "200\u{a0}093 20100016"]
        {
            assert_eq!(read(spelled), Ok(("20009320100016".to_owned(), true)), "{spelled}");
        }
        assert_eq!(read("20009320100016"), Ok(("20009320100016".to_owned(), false)));
        // Its check is a matter of who it is, not of how it is spelled.
        assert_eq!(read("123 456 789 01234"), Ok(("12345678901234".to_owned(), true)));
        for text in ["AMATRAMI (ASS.)", "2,19E+13", "2335000160004", "CA Coeur d'Ostrevent", "Lot 1.2 à 3"] {
            assert_eq!(read(text), Ok((text.to_owned(), false)), "{text}");
        }
        for text in ["CA  Coeur\u{a0}d'Ostrevent", "\u{200e}CA Co\u{200b}eur d'Ostrevent", "CA Coeur\nd'Ostrevent"] {
            assert_eq!(read(text).map(|(key, _)| key).as_deref(), Ok("CA Coeur d'Ostrevent"), "{text:?}");
        }
        assert!(read("\u{200b}").is_err());
    }

    #[test]
    fn one_key_has_one_spelling() {
        let read = |text| key_text(Raw::new(text)).map(|read| read.value);
        for spelled in ["688110", "688110.0", "'688110", " 688110 ", "\u{feff}688110", "688110\u{200b}.00"] {
            assert_eq!(read(spelled).as_deref(), Ok("688110"), "{spelled:?}");
        }
        for (spelled, key) in
            [("Lot  1\u{a0}bis", "Lot 1 bis"), ("D01669", "D01669"), ("1.20", "1.20"), ("l'an 2.0", "l'an 2.0")]
        {
            assert_eq!(read(spelled).as_deref(), Ok(key), "{spelled:?}");
        }
        // Zeros before a number and the case of letters may tell one from another.
        assert_eq!(read("007").as_deref(), Ok("007"));
        assert!(read("\u{200b}").is_err());
    }

    #[test]
    fn whole_numbers_lose_their_zero_decimals_only() {
        assert_eq!(integer_text(Raw::new("688110.0")).map(|read| read.value).as_deref(), Ok("688110"));
        assert!(integer_text(Raw::new("688110.5")).is_err());
        assert!(integer_text(Raw::new("6.8E5")).is_err());
    }

    #[test]
    fn associations_of_the_national_register() {
        assert_eq!(rna(Raw::new("W380475558")).map(|read| read.value).as_deref(), Ok("W380475558"));
        for text in ["W3222", "w380475558", "380475558", "W38047555A", "pas un rna"] {
            assert_eq!(rna(Raw::new(text)).map_err(|doubt| doubt.code), Err("rna-unreadable"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_never_panics(text in "\\PC{0,20}", digits in "[0-9é. ]{8,16}") {
            let _ = (read(&text), read(&digits));
        }
    }
}
