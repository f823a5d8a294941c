//! Which pairs are compared at all: atoms that share something that few share. Near-linear in the number of atoms.

use super::atom::{Atom, Atoms};
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};

/// Atoms that share a key at most; what more share tells nothing, and another key will tell.
const BLOCK_MAX: usize = 60;
/// Rarest words of a title that are asked for.
const RAREST: usize = 3;

/// Pairs of atoms by position, the lower first, in order, each once.
pub(super) fn candidates(atoms: &Atoms) -> Vec<(u32, u32)> {
    let frequencies = frequencies(atoms);
    let mut blocks: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
    for (at, atom) in (0u32..).zip(&atoms.list) {
        for key in keys(atom, &frequencies) {
            blocks.entry(key).or_default().push(at);
        }
    }
    let mut pairs = Vec::new();
    for block in blocks.into_values().filter(|block| (2..=BLOCK_MAX).contains(&block.len())) {
        for (rank, one) in block.iter().enumerate() {
            let others = block[rank + 1..].iter();
            let apart = |other: &&u32| {
                let sources = &atoms.list[**other as usize].sources;
                !atoms.list[*one as usize].sources.iter().any(|source| sources.contains(source))
            };
            pairs.extend(others.filter(apart).map(|other| (*one, *other)));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// In how many atoms each word stands.
fn frequencies(atoms: &Atoms) -> FxHashMap<u32, u32> {
    let mut frequencies: FxHashMap<u32, u32> = FxHashMap::default();
    for atom in &atoms.list {
        let mut words: Vec<u32> = atom.titles.iter().flat_map(|title| &title.what).copied().collect();
        words.sort_unstable();
        words.dedup();
        words.into_iter().for_each(|word| *frequencies.entry(word).or_default() += 1);
    }
    frequencies
}

fn keys(atom: &Atom, frequencies: &FxHashMap<u32, u32>) -> Vec<u64> {
    let mut keys = Vec::new();
    keys.extend(atom.sums.iter().map(|sum| key(("sum", sum))));
    keys.extend(atom.budgets.iter().map(|cost| key(("budget", cost))));
    let years = atom.active();
    let (communes, _) = atom.communes();
    for name in &atom.names {
        keys.extend(years.iter().map(|year| key(("name", name, year))));
        keys.extend(communes.iter().map(|commune| key(("name in", name, commune))));
    }
    for holder in &atom.holders {
        keys.extend(years.iter().map(|year| key(("holder", holder, year))));
        keys.extend(communes.iter().map(|commune| key(("holder in", holder, commune))));
    }
    for title in &atom.titles {
        let mut words: Vec<u32> = title.what.clone();
        words.sort_by_key(|word| (frequencies.get(word).copied().unwrap_or_default(), *word));
        words.truncate(RAREST);
        for word in &words {
            keys.extend(communes.iter().map(|commune| key(("word in", word, commune))));
            keys.extend(atom.quartiers.iter().map(|quartier| key(("word at", word, quartier))));
            keys.extend(atom.names.iter().map(|name| key(("word by", word, name))));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn key(value: impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}
