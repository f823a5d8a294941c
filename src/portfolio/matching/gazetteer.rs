//! Names of communes and quartiers, found in titles: a title that names a place tells where, and what is left tells what.

use super::super::atlas::Atlas;
use super::super::index::{CommuneIx, QuartierIx};
use crate::domain::text::normalised;
use rustc_hash::FxHashMap;

/// Words of a place name at most; longer ones are looked for by their beginning no further.
const WORDS_MAX: usize = 8;

/// Every name, normalised, with the places that bear it.
#[derive(Debug, Default)]
pub(super) struct Gazetteer {
    places: FxHashMap<String, Named>,
    words_max: usize,
}

/// Places that bear one name, or that one title names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) communes: Vec<CommuneIx>,
    pub(super) quartiers: Vec<QuartierIx>,
}

impl Gazetteer {
    pub(super) fn of(atlas: &Atlas) -> Self {
        let mut gazetteer = Gazetteer::default();
        for (at, commune) in atlas.communes.values().enumerate().filter(|(_, commune)| commune.known) {
            gazetteer.entry(&commune.name, |named| named.communes.push(CommuneIx::at(at)));
        }
        for (at, quartier) in atlas.quartiers.values().enumerate().filter(|(_, quartier)| quartier.known) {
            gazetteer.entry(&quartier.name, |named| named.quartiers.push(QuartierIx::at(at)));
        }
        gazetteer
    }

    fn entry(&mut self, name: &str, add: impl FnOnce(&mut Named)) {
        let name = normalised(name);
        let words = name.split(' ').count();
        // A name of one or two letters is found everywhere.
        if name.len() > 2 && words <= WORDS_MAX {
            self.words_max = self.words_max.max(words);
            add(self.places.entry(name).or_default());
        }
    }

    /// The places that `words` name, the longest name first at each word, and the words that are left.
    pub(super) fn read<'a>(&self, words: &[&'a str]) -> (Named, Vec<&'a str>) {
        let (mut named, mut left) = (Named::default(), Vec::with_capacity(words.len()));
        let mut at = 0;
        while at < words.len() {
            let longest = self.words_max.min(words.len() - at);
            let found = (1..=longest).rev().find_map(|length| {
                let place = self.places.get(&words[at..at + length].join(" "))?;
                Some((length, place))
            });
            match found {
                Some((length, place)) => {
                    named.communes.extend(&place.communes);
                    named.quartiers.extend(&place.quartiers);
                    at += length;
                }
                None => {
                    left.push(words[at]);
                    at += 1;
                }
            }
        }
        (named, left)
    }
}
