//! Words of titles and names: cut, numbered, and compared with patience for typing errors and abbreviations.

use crate::domain::text::normalised;
use rapidfuzz::distance::osa;
use rustc_hash::FxHashMap;

/// Words that tell nothing.
const SMALL: &[&str] = &[
    "A", "AU", "AUX", "AVEC", "D", "DANS", "DE", "DES", "DU", "EN", "ET", "L", "LA", "LE", "LES", "PAR", "POUR", "SUR",
    "UN", "UNE", "VERS",
];
/// Words before the name of a commune that tell nothing beside it.
const BEFORE_A_COMMUNE: &[&str] = &["COMMUNE", "VILLE", "MAIRIE"];
/// Forms of one kind of body, the short one kept.
const BODIES: &[(&str, &str)] = &[
    ("COMMUNAUTE D AGGLOMERATION", "CA"),
    ("COMMUNAUTE DE COMMUNES", "CC"),
    ("COMMUNAUTE URBAINE", "CU"),
    ("METROPOLE EUROPEENNE", "ME"),
    ("ASSOCIATION", ""),
];

/// A word, by its number.
pub(super) type Word = u32;

/// What two words share that are spelled alike, in hundredths.
const ABBREVIATED: u32 = 90;
/// What an acronym shares with what it stands for, in hundredths.
const ACRONYM: u32 = 90;
/// Words that share less share nothing, in hundredths.
const ALIKE_MIN: u32 = 70;
/// Shortest abbreviation.
const ABBREVIATION_MIN: usize = 3;
/// Letters of an acronym.
const ACRONYM_LETTERS: std::ops::RangeInclusive<usize> = 2..=5;

/// Every word met, held once.
#[derive(Debug, Default)]
pub(super) struct Words {
    numbers: FxHashMap<Box<str>, Word>,
    texts: Vec<Box<str>>,
}

impl Words {
    /// The number of a word.
    pub(super) fn number(&mut self, text: &str) -> Word {
        if let Some(known) = self.numbers.get(text) {
            return *known;
        }
        let number = Word::try_from(self.texts.len()).unwrap_or(Word::MAX);
        self.numbers.insert(text.into(), number);
        self.texts.push(text.into());
        number
    }

    fn text(&self, word: Word) -> &str {
        &self.texts[word as usize]
    }

    /// The words of a text that tell something, in order; years tell nothing of what is done.
    pub(super) fn telling(&mut self, words: &[&str]) -> Vec<Word> {
        let telling = words.iter().filter(|word| !SMALL.contains(word) && !is_year(word));
        telling.map(|word| self.number(word)).collect()
    }

    /// How alike two lists of words are, in hundredths: what each word shares with its like in the other list, over both.
    pub(super) fn likeness(&self, one: &[Word], other: &[Word]) -> u32 {
        let total = u32::try_from(one.len() + other.len()).unwrap_or(u32::MAX);
        if one.is_empty() || other.is_empty() {
            return 0;
        }
        (self.shared(one, other) + self.shared(other, one)) / total
    }

    /// The words of a list that are like none of `others`.
    pub(super) fn without(&self, list: &[Word], others: &[Word]) -> Vec<Word> {
        let unlike = |word: &&Word| others.iter().all(|other| self.alike(**word, *other) < ALIKE_MIN);
        list.iter().filter(unlike).copied().collect()
    }

    /// What the words of `one` share with `other`, in hundredths of a word.
    fn shared(&self, one: &[Word], other: &[Word]) -> u32 {
        let mut shared = 0;
        let mut at = 0;
        while at < one.len() {
            let alike = other.iter().map(|word| self.alike(one[at], *word)).max().unwrap_or(0);
            // Several words in a row of which the other list has the initials.
            let spelled = if alike < ACRONYM { self.spelled_out(&one[at..], other) } else { 0 };
            if spelled > 1 {
                shared += ACRONYM * u32::try_from(spelled).unwrap_or(0);
                at += spelled;
                continue;
            }
            shared += if alike >= ALIKE_MIN || !self.is_acronym_of(one[at], other) { alike } else { ACRONYM };
            at += 1;
        }
        shared
    }

    fn alike(&self, one: Word, other: Word) -> u32 {
        if one == other {
            return 100;
        }
        let (one, other) = (self.text(one), self.text(other));
        let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
        if short.len() >= ABBREVIATION_MIN && long.starts_with(short) {
            return ABBREVIATED;
        }
        likeness_of(short, long, ALIKE_MIN)
    }

    /// How many of the first words of `one` have their initials, as one word, in `other`; 0 for none.
    fn spelled_out(&self, one: &[Word], other: &[Word]) -> usize {
        let acronyms = other.iter().map(|word| self.text(*word)).filter(|text| ACRONYM_LETTERS.contains(&text.len()));
        let spelled = acronyms.filter(|text| text.len() <= one.len() && self.has_initials(&one[..text.len()], text));
        spelled.map(str::len).max().unwrap_or(0)
    }

    fn is_acronym_of(&self, word: Word, other: &[Word]) -> bool {
        let text = self.text(word);
        ACRONYM_LETTERS.contains(&text.len()) && other.windows(text.len()).any(|words| self.has_initials(words, text))
    }

    fn has_initials(&self, words: &[Word], initials: &str) -> bool {
        words.iter().map(|word| self.text(*word).chars().next()).eq(initials.chars().map(Some))
    }
}

/// The name of an organisation without what its sources write in several ways.
pub(super) fn core_name(name: &str) -> String {
    let mut name = normalised(name);
    for (long, short) in BODIES {
        if name.contains(long) {
            name = name.replace(long, short);
        }
    }
    let words: Vec<&str> = name.split(' ').filter(|word| !word.is_empty() && !SMALL.contains(word)).collect();
    let kept = match words.split_first() {
        Some((first, rest)) if !rest.is_empty() && BEFORE_A_COMMUNE.contains(first) => rest,
        _ => &words,
    };
    kept.join(" ")
}

/// Are two names the same but for a few letters?
pub(super) fn similar_names(one: &str, other: &str) -> bool {
    const LEAST: u32 = 88;
    likeness_of(one, other, LEAST) > 0
}

/// The share of letters that two words have in common, in hundredths: what is left of the longer one by the fewest changes and exchanges of neighbours that make it the other. 0 where it is below `least`.
fn likeness_of(one: &str, other: &str, least: u32) -> u32 {
    let letters = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let longer = letters(one).max(letters(other));
    let changes_max = longer * (100 - least) / 100;
    // Lengths that differ by more need not be compared.
    if letters(one).abs_diff(letters(other)) > changes_max {
        return 0;
    }
    let arguments = osa::Args::default().score_cutoff(changes_max as usize);
    let changes = osa::distance_with_args(one.chars(), other.chars(), &arguments);
    changes.and_then(|changes| u32::try_from(changes).ok()).map_or(0, |changes| 100 - 100 * changes / longer.max(1))
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.starts_with("20") && word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(one: &str, other: &str) -> u32 {
        let mut words = Words::default();
        let mut cut = |text: &str| words.telling(&normalised(text).split(' ').collect::<Vec<_>>());
        let (one, other) = (cut(one), cut(other));
        words.likeness(&one, &other)
    }

    #[test]
    fn abbreviations_acronyms_and_typing_errors_are_borne() {
        assert_eq!(likeness("Aménagement d'une aire de jeux", "AMENAGEMENT AIRE JEUX 2024"), 100);
        assert!(likeness("Amén. d'une aire de jeux inclusive", "Aménagement d'une aire de jeux inclusive") > 95);
        assert!(likeness("Requalification des espaces publics", "Requalif. des EP") >= 90);
        assert!(likeness("Programme de réussite éducative", "PRE") >= 90);
        assert!(likeness("Réhabilitation thermique", "Réhabiltiation thermique") > 90);
        assert!(likeness("Tournoi des voisins", "Cinéma en plein air") < 40);
        assert!(likeness("Extension de la médiathèque", "Rénovation du centre social") < 40);
        assert_eq!(likeness("", "x"), 0);
    }

    #[test]
    fn one_body_has_one_name_and_a_commune_is_not_its_community() {
        assert_eq!(core_name("Commune de Bruay-sur-l'Escaut"), core_name("BRUAY SUR L ESCAUT"));
        assert_eq!(core_name("Communauté d'agglomération d'Hénin-Carvin"), core_name("CA D HENIN CARVIN"));
        assert_ne!(core_name("CA Valenciennes Métropole"), core_name("Commune de Valenciennes"));
        assert!(similar_names("VELO SOLIDAIRE AMIENS", "VELO SOLIDIARE AMIENS"));
        assert!(!similar_names("VELO SOLIDAIRE AMIENS", "VELO SOLIDAIRE ARRAS"));
    }
}
