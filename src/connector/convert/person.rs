//! Names that say themselves that they are those of natural persons: a title before a name, the mention of a sole trader. Whatever
//! else may be a person's name (`DUPONT JEANNE`) may be an association's: nothing is guessed of it.

use crate::domain::text::normalised;

/// Titles as they stand before a name, normalised; `M` and `MM` alone are some with their full stop only.
const TITLES: [&str; 13] = [
    "MME",
    "MMES",
    "MLLE",
    "MLLES",
    "MELLE",
    "MELLES",
    "MONSIEUR",
    "MADAME",
    "MADEMOISELLE",
    "MR",
    "MESSIEURS",
    "MESDAMES",
    "MESDEMOISELLES",
];
/// Titles as they stand after a name, in brackets.
const TITLES_AFTER: [&str; 4] = ["(m.)", "(mr)", "(mme)", "(mlle)"];
/// What follows the title of an office, which is no name: « Monsieur le maire ».
const OFFICES: [&str; 10] = [
    "MAIRE",
    "PREFET",
    "PREFETE",
    "PRESIDENT",
    "PRESIDENTE",
    "DIRECTEUR",
    "DIRECTRICE",
    "RECTEUR",
    "RECTRICE",
    "TRESORIER",
];
/// What a sole trader writes with its name (code de commerce, art. R. 526-27), in brackets, or in full right before or after it. The bare
/// letters are those of an enterprise of social inclusion (entreprise d'insertion) as often.
const SOLE_TRADER: [&str; 4] = ["(ei)", "(e.i.)", "(eirl)", "(e.i.r.l.)"];
const IN_FULL: [&str; 7] = [
    "ENTREPRENEUR INDIVIDUEL",
    "ENTREPRENEUSE INDIVIDUELLE",
    "ENTREPRISE INDIVIDUELLE",
    "AUTO ENTREPRENEUR",
    "AUTOENTREPRENEUR",
    "MICRO ENTREPRENEUR",
    "MICROENTREPRENEUR",
];

/// Does a name say that it is a natural person's? A title tells so of a body without a SIREN only: companies bear such names too. The
/// mention of a sole trader tells so of any.
pub fn is_told(name: &str, has_siren: bool) -> bool {
    let bare = name.trim_matches(|sign: char| sign.is_whitespace() || matches!(sign, '«' | '»' | '"' | '“' | '”'));
    let begins = bare.starts_with(['m', 'M']);
    is_sole_trader(name) || !has_siren && (begins && has_title(bare) || has_title_after(bare))
}

fn is_sole_trader(name: &str) -> bool {
    // Asked of every name of every record: nearly all of them are none, and nothing is allocated for those.
    if !name.contains('(') && !holds(name, b"individuel") && !holds(name, b"entrepreneur") {
        return false;
    }
    let lower = name.trim().to_lowercase();
    let mention = SOLE_TRADER.iter().any(|mention| lower.contains(mention));
    let plain = normalised(name);
    let ends = |words: &&str| {
        plain.strip_prefix(words).or_else(|| plain.strip_suffix(words)).is_some_and(|rest| rest.len() > 1)
    };
    mention || IN_FULL.iter().any(ends)
}

/// Does it hold this word, of small ASCII letters, in whatever case?
fn holds(name: &str, word: &[u8]) -> bool {
    name.as_bytes().windows(word.len()).any(|part| part[0] | 0x20 == word[0] && part.eq_ignore_ascii_case(word))
}

fn has_title_after(name: &str) -> bool {
    name.ends_with(')') && TITLES_AFTER.iter().any(|title| name.to_lowercase().ends_with(title))
}

fn has_title(name: &str) -> bool {
    let plain = normalised(name);
    let mut words = plain.split(' ');
    let first = words.next().unwrap_or_default();
    // « M. Dupont », « M. et Mme Dupont »; « M2A » and « M Habitat » are none.
    let is_title = match first {
        "M" => is_mister(name.trim_start()) || is_couple(&plain),
        "MM" => name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("mm.")),
        other => TITLES.contains(&other),
    };
    let rest: Vec<&str> = words.collect();
    let is_office =
        matches!(rest.first(), Some(&("LE" | "LA" | "L"))) && rest.get(1).is_some_and(|word| OFFICES.contains(word));
    is_title && !is_office && rest.iter().any(|word| word.len() > 1 && word.chars().all(char::is_alphabetic))
}

/// « M. Dupont », « M.Dupont »; not « M.J.C. ».
fn is_mister(name: &str) -> bool {
    let mut letters = name.chars().skip(2);
    let mut is_initial = || letters.next().is_some_and(char::is_alphabetic) && letters.next() == Some('.');
    let is_acronym = is_initial() && is_initial();
    name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("m.")) && !is_acronym
}

fn is_couple(plain: &str) -> bool {
    ["M ET MME ", "M OU MME ", "M ET MADAME "].iter().any(|couple| plain.starts_with(couple))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_or_the_mention_of_a_sole_trader_tells_a_natural_person() {
        for name in [
            "M. DUPONT Jean",
            "Mme Dupont",
            "MADAME DUPONT JEANNE",
            "Monsieur MARTIN Paul",
            "M. et Mme Martin",
            "M ET MME MARTIN",
            "Monsieur Le Gall",
            "MM. Dupont",
            "Mmes Dupont",
            "« M. Dupont »",
            "Dupont (M.)",
            "Melle Dupont",
            "M.J. Dupont",
        ] {
            assert!(is_told(name, false), "{name}");
            assert!(!is_told(name, true), "{name}: with a SIREN it may be a company's");
        }
        for name in [
            "Monsieur MARTIN Paul (EI)",
            "MARTIN PAUL (E.I.)",
            "(EI) Martin",
            "MARTIN (EI) Lille",
            "Paul Martin, entrepreneur individuel",
            "Entreprise individuelle Martin",
            "Martin auto-entrepreneur",
            "Micro-entrepreneur Martin",
        ] {
            assert!(is_told(name, true) && is_told(name, false), "{name}");
        }
    }

    #[test]
    fn nothing_is_guessed_of_any_other_name() {
        for name in [
            "DUPONT JEANNE",
            "M2A HABITAT",
            "M HABITAT",
            "MADAMEDUPONT SARL",
            "Monsieur le maire de Lens",
            "Madame la Préfète",
            "Mme",
            "Association des entrepreneurs individuels du Nord",
            "ECOLE INTERNATIONALE EI",
            "Association des auto-entrepreneurs de Lens",
            "MM Habitat",
            "M.J.C. MAISON POUR TOUS",
            "",
        ] {
            assert!(!is_told(name, false), "{name}");
        }
    }
}
