//! Texts, yes and no, shares, and the words of closed vocabularies.

use super::{Doubt, Raw, Reading, doubted, is_space, mojibake, sure, written_out};
use crate::connector::manifest::words::Word;
use crate::domain::money::BasisPoints;

/// Neither yes nor no.
const BOOLEAN: Doubt =
    Doubt { code: "boolean-unreadable", fr: "ce n'est ni oui ni non", en: "this is neither yes nor no" };
/// No share.
const SHARE: Doubt = Doubt {
    code: "share-unreadable",
    fr: "ce n'est pas une part comprise entre 0 et 100 %",
    en: "this is no share between 0 and 100 %",
};
/// More decimals than a basis point.
const SHARE_ROUNDED: Doubt = Doubt {
    code: "share-rounded",
    fr: "la part est arrondie au centième de pour cent",
    en: "the share is rounded to a hundredth of a per cent",
};
/// Per cent where a share of one was expected.
const SHARE_PERCENT: Doubt = Doubt {
    code: "share-in-percent",
    fr: "la part dépasse 1 : elle est lue en pour cent",
    en: "the share is above 1: it is read as per cent",
};
/// A number that may be either.
const SHARE_AMBIGUOUS: Doubt = Doubt {
    code: "share-ambiguous",
    fr: "un nombre jusqu'à 1, sans %, peut être une fraction ou un pour cent : ce n'est pas deviné",
    en: "a number up to 1 without % may be a fraction or a per cent: it is not guessed",
};
/// A word that is none of ours.
pub const WORD: Doubt = Doubt {
    code: "value-unknown",
    fr: "le mot n'est pas prévu par le manifeste ; il faut l'ajouter à values",
    en: "the manifest does not provide for this word; it must be added to values",
};

/// The text itself; what was broken by a wrong encoding is put right where that is certain.
pub fn text(raw: Raw<'_>) -> Reading<String> {
    match mojibake::repaired(raw.text) {
        Some(meant) => doubted(meant, &mojibake::REPAIRED),
        None => sure(raw.text.to_owned()),
    }
}

/// Yes or no, in either language.
pub fn boolean(raw: Raw<'_>) -> Reading<bool> {
    match raw.text.to_lowercase().as_str() {
        "oui" | "yes" | "true" | "vrai" | "o" | "1" | "1.0" => sure(true),
        "non" | "no" | "false" | "faux" | "n" | "0" | "0.0" => sure(false),
        _ => Err(&BOOLEAN),
    }
}

/// A share in per cent, with or without its sign. Without it, what a share of one could be as well is refused.
pub fn percent(raw: Raw<'_>) -> Reading<BasisPoints> {
    let Some(bare) = raw.text.strip_suffix('%') else {
        let text = written_out(raw);
        let read = basis_points(&text, 2)?;
        let is_either = read.value <= BasisPoints::new(100) && basis_points(&text, 4)?.value.get() > 0;
        return if is_either { Err(&SHARE_AMBIGUOUS) } else { Ok(read) };
    };
    basis_points(bare.trim_end_matches(is_space), 2)
}

/// A share of one. A number from two on can only be one of per cent: no share exceeds the whole. Between one and two it may be
/// a slip of either.
pub fn share(raw: Raw<'_>) -> Reading<BasisPoints> {
    if raw.text.ends_with('%') {
        return percent(raw);
    }
    let text = written_out(raw);
    let whole = text.split_once(['.', ',']).map_or(&*text, |(whole, _)| whole);
    if whole.len() <= 3 && whole.parse().is_ok_and(|whole: u8| whole > 1) {
        return basis_points(&text, 2).and_then(|read| doubted(read.value, &SHARE_PERCENT));
    }
    basis_points(&text, 4)
}

/// A word of one of our closed vocabularies, letter for letter.
pub fn word<T: Word>(raw: Raw<'_>) -> Reading<T> {
    T::read(raw.text).ok_or(&WORD).and_then(sure)
}

/// `text` times ten to the power `places`, in basis points, rounded half up.
fn basis_points(text: &str, places: usize) -> Reading<BasisPoints> {
    let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let plain = |digits: &str| !digits.is_empty() && digits.len() <= 30 && digits.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(decimals) || whole.len() > 5 {
        return Err(&SHARE);
    }
    let kept = whole.bytes().chain(decimals.bytes().chain(std::iter::repeat(b'0')).take(places));
    let mut points = kept.fold(0_u32, |all, digit| all * 10 + u32::from(digit - b'0'));
    let lost = decimals.get(places..).unwrap_or_default();
    if lost.starts_with(['5', '6', '7', '8', '9']) {
        points += 1;
    }
    if points > BasisPoints::WHOLE.get() {
        return Err(&SHARE);
    }
    let value = BasisPoints::new(points);
    if lost.bytes().any(|byte| byte != b'0') { doubted(value, &SHARE_ROUNDED) } else { sure(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vocabulary::Stage;
    use proptest::prelude::*;

    #[test]
    fn shares_in_both_scales() {
        let read = |result: Reading<BasisPoints>| result.map(|read| (read.value.get(), read.doubt.is_some()));
        assert_eq!(read(percent(Raw::new("45 %"))), Ok((4500, false)));
        assert_eq!(read(percent(Raw::new("33,333"))), Ok((3333, true)));
        assert_eq!(read(percent(Raw::new("0.5 %"))), Ok((50, false)));
        assert_eq!(read(percent(Raw::new("1,5"))), Ok((150, false)));
        assert_eq!(read(percent(Raw::new("0"))), Ok((0, false)));
        for either in ["0.5", "0,62", "1", "1.0"] {
            assert_eq!(percent(Raw::new(either)).map_err(|doubt| doubt.code), Err("share-ambiguous"), "{either}");
        }
        assert_eq!(read(share(Raw::new("0,5"))), Ok((5000, false)));
        assert_eq!(read(share(Raw::new("0.99999"))), Ok((10_000, true)));
        assert_eq!(read(share(Raw::new("1"))), Ok((10_000, false)));
        assert_eq!(read(share(Raw::new("100"))), Ok((10_000, true)));
        assert_eq!(read(share(Raw::new("80"))), Ok((8_000, true)));
        assert_eq!(read(share(Raw::new("80 %"))), Ok((8_000, false)));
        assert_eq!(read(share(Raw::new("33.33"))), Ok((3_333, true)));
        assert_eq!(read(share(Raw::new("80.0"))), Ok((8_000, true)));
        for refused in ["101", "200", "-0.1", "1.5", "100.5", "", "x", "120 %"] {
            assert!(share(Raw::new(refused)).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_share_that_is_a_number_is_read_by_its_power_of_ten() {
        let number = |text| Raw { number: true, ..Raw::new(text) };
        assert_eq!(share(number("5.0E-1")).map(|read| read.value.get()), Ok(5_000));
        assert_eq!(percent(number("4.5e1")).map(|read| read.value.get()), Ok(4_500));
        assert!(share(Raw::new("5.0E-1")).is_err());
    }

    #[test]
    fn words_are_read_letter_for_letter() {
        assert_eq!(word::<Stage>(Raw::new("VERSE")).map(|read| read.value), Ok(Stage::Verse));
        assert_eq!(word::<Stage>(Raw::new("Versé")).map_err(|doubt| doubt.code), Err("value-unknown"));
        assert_eq!(boolean(Raw::new("OUI")).map(|read| read.value), Ok(true));
        assert!(boolean(Raw::new("peut-être")).is_err());
    }

    proptest! {
        #[test]
        fn any_text_never_panics(text in "[0-9.,é%]{0,40}") {
            let _ = (percent(Raw::new(&text)), share(Raw::new(&text)));
        }
    }
}
