//! What is written where nothing is to be written: a text that stands in the place of a number and is none.

use super::Doubt;
use crate::domain::text::normalised;

/// The text stands in the place of a number, and is none.
pub const STANDS_FOR_NOTHING: Doubt = Doubt {
    code: "reference-says-nothing",
    fr: "ce texte tient la place d'un numéro et n'en est pas un : il ne relie l'enregistrement à rien",
    en: "this text stands in the place of a number and is none: it links the record with nothing",
};

/// Whole texts, without blanks and signs.
const TEXTS: [&str; 38] = [
    "NA", "NC", "ND", "NR", "NSP", "SO", "RAS", "NON", "OUI", "NO", "YES", "N", "O", "VRAI", "FAUX", "TRUE", "FALSE",
    "NEANT", "RIEN", "VIDE", "NULL", "NONE", "NIL", "NAN", "SANS", "AUCUN", "AUCUNE", "INCONNU", "INCONNUE", "DIVERS",
    "TBD", "ENCOURS", "AVENIR", "IDEM", "IBID", "DITO", "CF", "VOIR",
];

/// How a text begins that holds no digit and tells why there is no number.
const BEGINNINGS: [&str; 21] = [
    "NON ",
    "PAS ",
    "SANS ",
    "AUCUN ",
    "AUCUNE ",
    "EN COURS",
    "EN ATTENTE",
    "A VENIR",
    "A COMPLETER",
    "A DEFINIR",
    "A PRECISER",
    "A RENSEIGNER",
    "A CREER",
    "A ATTRIBUER",
    "NOT ",
    "IDEM ",
    "CF ",
    "VOIR ",
    "A ETABLIR",
    "A SIGNER",
    "A RECEVOIR",
];

/// Does the text say that there is no number, or none yet: `Néant`, `N/A`, `0`, `-`, `en cours`?
pub fn stands_for_nothing(text: &str) -> bool {
    let words = normalised(text);
    let letters: String = words.chars().filter(|letter| *letter != ' ').collect();
    // No letter and no digit; zeros; crosses.
    if letters.chars().all(|letter| letter == '0') || letters.chars().all(|letter| letter == 'X') {
        return true;
    }
    let says_why = || {
        let has_digit = letters.chars().any(|letter| letter.is_numeric());
        !has_digit && BEGINNINGS.iter().any(|beginning| words.starts_with(beginning))
    };
    TEXTS.contains(&&*letters) || says_why()
}

/// The text stands in the place of a name, and names nobody.
pub const NAMES_NOBODY: Doubt = Doubt {
    code: "name-says-nothing",
    fr: "ce texte tient la place d'un nom et n'en est pas un : il ne désigne personne",
    en: "this text stands in the place of a name and is none: it names nobody",
};

/// Whole texts in the place of a name, without blanks and signs, beside [`TEXTS`].
const NAMELESS: [&str; 36] = [
    "NONPRECISE",
    "NONPRECISEE",
    "NONCOMMUNIQUE",
    "NONCOMMUNIQUEE",
    "NONRENSEIGNE",
    "NONRENSEIGNEE",
    "NONCONNU",
    "NONDEFINI",
    "NONDETERMINE",
    "NONIDENTIFIE",
    "NONAPPLICABLE",
    "SANSOBJET",
    "SANSNOM",
    "APRECISER",
    "ADEFINIR",
    "ADETERMINER",
    "ARENSEIGNER",
    "ACOMPLETER",
    "ENATTENTE",
    "INDETERMINE",
    "NONATTRIBUE",
    "NONRENSEIGNENR",
    "NONCOMMUNIQUENC",
    "NRNC",
    "NCNR",
    "ADEFINIRULTERIEUREMENT",
    "APRECISERULTERIEUREMENT",
    "ANONYME",
    "ANONYMISE",
    "CONFIDENTIEL",
    "PERSONNEPHYSIQUE",
    "PERSONNESPHYSIQUES",
    "PARTICULIER",
    "PARTICULIERS",
    "AUTRE",
    "AUTRES",
];

/// Does a text in the place of a name name nobody: `NC`, `Néant`, `Non précisé`? Two that are written so are not one. How it begins does not
/// count: Pas-de-Calais habitat is somebody.
pub fn names_nobody(text: &str) -> bool {
    // Most names are longer than any of these, and are asked for in each row.
    const LONGEST: usize = 40;
    if text.len() > LONGEST {
        return false;
    }
    let letters: String = normalised(text).chars().filter(|letter| *letter != ' ').collect();
    let is_one_sign = |sign| letters.chars().all(|letter| letter == sign);
    // One letter may be a name, and so may a word.
    let is_word = letters.len() > 1 && !["AVENIR", "VOIR", "OUI", "YES", "NO", "SO", "CF"].contains(&&*letters);
    let says_nothing = is_one_sign('X') || TEXTS.contains(&&*letters) || NAMELESS.contains(&&*letters);
    !letters.is_empty() && (is_one_sign('0') || is_word && says_nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_for_want_of_a_name_names_nobody() {
        for text in [
            "NC",
            "n.c.",
            "Néant",
            "Non précisé",
            "non communiquée",
            "À préciser",
            "XXX",
            "Sans objet",
            "Inconnu",
            "NR - NC",
        ] {
            assert!(names_nobody(text), "{text}");
        }
        for text in [
            "Pas-de-Calais habitat",
            "Sans frontières",
            "Non Stop",
            "En cours de route",
            "CAF",
            "X",
            "Avenir",
            "Voir ensemble",
            "-",
        ] {
            assert!(!names_nobody(text), "{text}");
        }
    }

    #[test]
    fn what_stands_for_nothing_is_no_reference() {
        for text in [
            "Néant",
            "NEANT",
            "Non",
            "N/A",
            "n.a.",
            "0",
            "000",
            "0,00",
            "-",
            "–",
            "?",
            ".",
            "…",
            "sans objet",
            "Sans  objet.",
            "s/o",
            "S.O.",
            "NC",
            "N.C.",
            "en cours",
            "En cours d'attribution",
            "en-cours",
            "à venir",
            "A VENIR",
            "aucun",
            "Aucune convention",
            "non communiqué",
            "non applicable",
            "pas de convention",
            "XXX",
            "xx-xx",
            "à compléter",
            "null",
            "false",
            "R.A.S.",
            "idem",
            "Idem ligne précédente",
            "cf. convention cadre",
            "voir convention",
            "à signer",
        ] {
            assert!(stands_for_nothing(text), "{text}");
        }
    }

    #[test]
    fn a_number_is_one_whatever_word_stands_in_it() {
        for text in [
            "1",
            "2026",
            "FTU-59-0001",
            "NC-2025-4",
            "Non-12",
            "EN COURS 2025/12",
            "NORD-A",
            "SOMME",
            "NOE",
            "CF-2025",
            "VOIRIE-A",
            "XL",
            "0-1",
            "A",
            "p00000000000000ff",
        ] {
            assert!(!stands_for_nothing(text), "{text}");
        }
    }
}
