//! Weights from records of which the truth is known: how often each outcome comes among pairs that are one project, and
//! among pairs that are not. Done offline; what comes out is read by people and frozen in `rules/matching.toml`.

use super::super::Portfolio;
use super::atom::Atoms;
use super::candidates;
use super::compare::{Levels, TERMS, UNSTATED, compare};
use super::evaluate::Truth;
use crate::domain::record::RecordVersion;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Counts of outcomes, over any number of portfolios.
#[derive(Debug, Default)]
pub struct Estimate {
    matches: u64,
    others: u64,
    outcomes: BTreeMap<(usize, &'static str), [u64; 2]>,
}

impl Estimate {
    /// Counts the candidate pairs of one portfolio, built from `records`.
    pub fn learn(&mut self, portfolio: &Portfolio, records: &[RecordVersion], truth: &Truth) {
        let atoms = Atoms::of(portfolio, records);
        let mut known: FxHashMap<_, u32> = FxHashMap::default();
        for record in records {
            if let (Some(atom), Some(project)) = (portfolio.redirects.atom(record), truth.of(record)) {
                known.insert(atom, project);
            }
        }
        for (one, other) in candidates::candidates(&atoms) {
            let (one, other) = (&atoms.list[one as usize], &atoms.list[other as usize]);
            let (Some(mine), Some(its)) = (known.get(&one.id), known.get(&other.id)) else { continue };
            if let Some(levels) = compare(&atoms, one, other) {
                self.count(&levels, mine == its);
            }
        }
    }

    fn count(&mut self, levels: &Levels, is_match: bool) {
        *if is_match { &mut self.matches } else { &mut self.others } += 1;
        for (term, level) in levels.iter().enumerate() {
            self.outcomes.entry((term, level)).or_default()[usize::from(!is_match)] += 1;
        }
    }

    /// Candidate pairs that are one project, and those that are not.
    pub fn pairs(&self) -> [u64; 2] {
        [self.matches, self.others]
    }

    /// For each comparison, how often each of its levels came among pairs that are one project and among those that are
    /// not. What one of the two leaves open is no evidence, whatever the systems that were learned from leave out: it is
    /// not among them.
    pub fn outcomes(&self) -> impl Iterator<Item = (&'static str, Vec<(&'static str, [u64; 2])>)> {
        TERMS.iter().enumerate().map(|(at, (term, levels))| {
            let told = levels.iter().filter(|level| **level != UNSTATED);
            let counts = told.map(|level| (*level, self.outcomes.get(&(at, *level)).copied().unwrap_or_default()));
            (*term, counts.collect())
        })
    }
}
