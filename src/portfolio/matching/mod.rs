//! Matching: which atoms are probably one project. Pure; it proposes, the ledger decides.
//!
//! Records that share a reference are one atom for certain. Atoms are compared pair by pair, after blocking, on six things;
//! each outcome has a weight, estimated offline (Fellegi and Sunter, 1969) and frozen in `rules/matching.toml`. What the
//! matcher says is a function of the records and of what people said alone: never of what it said before, nor of the order
//! in which sources were read.

mod atom;
mod candidates;
mod cluster;
mod compare;
mod estimate;
mod evaluate;
mod gazetteer;
mod proposals;
#[cfg(test)]
mod tests;
mod weights;
mod words;

pub use compare::UNSTATED;
pub use estimate::Estimate;
pub use evaluate::{Evaluation, Truth};
pub use proposals::{Link, LinkedBy, Proposal};
pub use weights::{Weights, WeightsError};

use super::Portfolio;
use super::redirects::BondKind;
use crate::domain::act::Decision;
use crate::domain::project::ProjectId;
use crate::domain::record::RecordVersion;
use atom::Atoms;
use cluster::{Found, Pair, Said};
use rustc_hash::FxHashMap;
use weights::WEIGHTS;

impl Portfolio {
    /// What the matcher has to say now that the ledger does not hold yet, of `records`, from which this portfolio was
    /// built: new links and proposals, and those that it takes back.
    pub fn matched(&self, records: &[RecordVersion]) -> Vec<Decision> {
        let atoms = Atoms::of(self, records);
        let candidates = candidates::candidates(&atoms);
        let pairs = cluster::scored(&atoms, &candidates, &WEIGHTS);
        let found = cluster::cluster(&atoms, &pairs, &WEIGHTS, &self.said(&atoms));
        self.difference(&atoms, &found)
    }

    /// What people said, of the atoms that are there.
    fn said(&self, atoms: &Atoms) -> Said {
        let places: FxHashMap<&ProjectId, u32> = atoms.list.iter().map(|atom| &atom.id).zip(0u32..).collect();
        let atom = |id| places.get(self.redirects.atom_of(id)).copied();
        let linked = self.redirects.bonds().iter().filter(|bond| bond.is_linked());
        Said {
            links: linked.filter_map(|bond| Some((atom(&bond.from)?, atom(&bond.to)?))).collect(),
            bans: self.redirects.bans().iter().filter_map(|(one, other)| Some((atom(one)?, atom(other)?))).collect(),
        }
    }

    fn difference(&self, atoms: &Atoms, found: &Found) -> Vec<Decision> {
        let id = |at: u32| &atoms.list[at as usize].id;
        let ends = |pair: &Pair| (id(pair.one), id(pair.other));
        let mut wanted: FxHashMap<(&ProjectId, &ProjectId), (&Pair, bool)> = FxHashMap::default();
        wanted.extend(found.proposals.iter().map(|pair| (ends(pair), (pair, false))));
        wanted.extend(found.links.iter().map(|pair| (ends(pair), (pair, true))));
        let mut decisions = Vec::new();
        for bond in self.redirects.bonds() {
            let linked = match bond.kind {
                BondKind::Linked(_) => continue,
                BondKind::Matched(_) => true,
                BondKind::Proposed(_) => false,
            };
            let ends = (&bond.from, &bond.to);
            if wanted.get(&ends).is_some_and(|(_, automatic)| *automatic == linked) {
                wanted.remove(&ends);
            } else {
                decisions.push(Decision::Withdrawn { from: bond.from.clone(), to: bond.to.clone() });
            }
        }
        for pair in found.links.iter().chain(&found.proposals) {
            let Some((_, automatic)) = wanted.remove(&ends(pair)) else { continue };
            let ((from, to), score) = (ends(pair), WEIGHTS.score(&pair.levels));
            let (from, to) = (from.clone(), to.clone());
            decisions.push(match automatic {
                true => Decision::Matched { from, to, score },
                false => Decision::Proposed { from, to, score },
            });
        }
        decisions
    }
}
