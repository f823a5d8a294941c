//! Weights from records of which the truth is known: how often each outcome comes among pairs that are one project, and
//! among pairs that are not. Done offline; what comes out is read by people and frozen in `rules/matching.toml`.

use super::super::Portfolio;
use super::atom::Atoms;
use super::candidates;
use super::compare::{Levels, TERMS, UNSTATED, compare};
use super::evaluate::Truth;
use super::weights::{WEIGHTS, Weights};
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

    /// The weights that follow, with the bounds of the product.
    pub fn weights(&self, edition: &str) -> Weights {
        let weight = |term: usize, level: &'static str| {
            // What is not told is no evidence, whatever the systems that were learned from leave out.
            if level == UNSTATED {
                return 0;
            }
            let told = |which: usize| {
                let levels = TERMS[term].1.iter().filter(|level| **level != UNSTATED);
                levels.map(|level| self.outcomes.get(&(term, level)).map_or(0, |counts| counts[which])).sum::<u64>()
            };
            let [matches, others] = self.outcomes.get(&(term, level)).copied().unwrap_or_default();
            // Half a pair more each: what was never met is rare, not impossible.
            let of = |count: u64, all: u64| (count as f64 + 0.5) / (all as f64 + 0.5 * TERMS[term].1.len() as f64);
            thousandths((of(matches, told(0)) / of(others, told(1))).log2())
        };
        let terms = TERMS.iter().enumerate().map(|(at, (term, levels))| {
            ((*term).to_owned(), levels.iter().map(|level| ((*level).to_owned(), weight(at, level))).collect())
        });
        Weights {
            edition: edition.into(),
            prior: thousandths(((self.matches as f64 + 0.5) / (self.others as f64 + 0.5)).log2()),
            terms: terms.collect(),
            ..WEIGHTS.clone()
        }
    }
}

/// Bits in thousandths, to the nearest fifty: more digits would claim more than the counts can tell.
fn thousandths(bits: f64) -> i32 {
    ((bits * 20.0).round() as i32) * 50
}
