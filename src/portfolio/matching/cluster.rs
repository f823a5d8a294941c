//! From scored pairs to projects: what is linked by itself, and what is proposed.
//!
//! A wrong link is far worse than a missed one. The best pairs come first; a pair is linked only when nothing between all
//! atoms of the two sides excludes it, and when no other pair that would exclude it comes near.

use super::atom::Atoms;
use super::compare::{Levels, compare, exclude_each_other};
use super::weights::Weights;
use rustc_hash::{FxHashMap, FxHashSet};

/// Proposals of one atom at most.
const PROPOSALS_MAX: usize = 5;

/// A pair of atoms by position, and how it compares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) one: u32,
    pub(super) other: u32,
    pub(super) total: i32,
    pub(super) levels: Levels,
}

/// What people said of atoms, by position.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) links: Vec<(u32, u32)>,
    pub(super) bans: FxHashSet<(u32, u32)>,
}

/// What the matcher says: each link from an atom to the oldest of its project, each proposal from the newer to the older.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) links: Vec<Pair>,
    pub(super) proposals: Vec<Pair>,
}

/// Every candidate pair that is worth proposing, the best first.
pub(super) fn scored(atoms: &Atoms, candidates: &[(u32, u32)], weights: &Weights) -> Vec<Pair> {
    let score = |(one, other): &(u32, u32)| {
        let levels = compare(atoms, &atoms.list[*one as usize], &atoms.list[*other as usize])?;
        let total = weights.total(&levels);
        (total >= weights.proposal).then_some(Pair { one: *one, other: *other, total, levels })
    };
    let mut pairs: Vec<Pair> = candidates.iter().filter_map(score).collect();
    let id = |at: u32| &atoms.list[at as usize].id;
    pairs.sort_by(|a, b| (b.total, id(a.one), id(a.other)).cmp(&(a.total, id(b.one), id(b.other))));
    pairs
}

/// What follows from the scored pairs and from what people said.
pub(super) fn cluster(atoms: &Atoms, pairs: &[Pair], weights: &Weights, said: &Said) -> Found {
    let mut clusters = Clusters::of(atoms, said);
    for (one, other) in &said.links {
        clusters.unite(*one, *other);
    }
    let known = Known::of(pairs);
    for pair in pairs.iter().take_while(|pair| pair.total >= weights.automatic) {
        let least = pair.total - weights.margin;
        let rivalled = clusters.has_rival(&known, (pair.one, pair.other), least)
            || clusters.has_rival(&known, (pair.other, pair.one), least);
        if !rivalled && clusters.may_unite(pair.one, pair.other) {
            clusters.unite(pair.one, pair.other);
        }
    }
    clusters.found(pairs)
}

/// The pairs that are worth proposing, seen from each atom.
#[derive(Default)]
struct Known {
    /// The others that an atom makes a pair with, the best first.
    near: FxHashMap<u32, Vec<(i32, u32)>>,
    pairs: FxHashSet<(u32, u32)>,
}

impl Known {
    fn of(pairs: &[Pair]) -> Self {
        let mut known = Known::default();
        for pair in pairs {
            for (one, other) in [(pair.one, pair.other), (pair.other, pair.one)] {
                known.near.entry(one).or_default().push((pair.total, other));
                known.pairs.insert((one, other));
            }
        }
        known
    }
}

struct Clusters<'a> {
    atoms: &'a Atoms,
    said: &'a Said,
    /// The oldest atom of each atom's project.
    roots: Vec<u32>,
    members: FxHashMap<u32, Vec<u32>>,
    linked_by_people: FxHashSet<u32>,
}

impl<'a> Clusters<'a> {
    fn of(atoms: &'a Atoms, said: &'a Said) -> Self {
        let count = u32::try_from(atoms.list.len()).unwrap_or(u32::MAX);
        Clusters {
            atoms,
            said,
            roots: (0..count).collect(),
            members: FxHashMap::default(),
            linked_by_people: said.links.iter().flat_map(|(one, other)| [*one, *other]).collect(),
        }
    }

    fn root(&self, at: u32) -> u32 {
        self.roots[at as usize]
    }

    fn project(&self, at: u32) -> Vec<u32> {
        let root = self.root(at);
        self.members.get(&root).cloned().unwrap_or_else(|| vec![root])
    }

    fn unite(&mut self, one: u32, other: u32) {
        let (older, newer) = (self.root(one).min(self.root(other)), self.root(one).max(self.root(other)));
        if older == newer {
            return;
        }
        let joining = self.members.remove(&newer).unwrap_or_else(|| vec![newer]);
        joining.iter().for_each(|at| self.roots[*at as usize] = older);
        self.members.entry(older).or_insert_with(|| vec![older]).extend(joining);
    }

    /// Does another atom come as near to `one` that nothing likens to `chosen`? Then one of the two is wrong, and nobody
    /// knows which.
    fn has_rival(&self, known: &Known, (one, chosen): (u32, u32), least: i32) -> bool {
        let Some(near) = known.near.get(&one) else { return false };
        let near = near.iter().take_while(|(total, _)| *total > least).map(|(_, rival)| *rival);
        near.into_iter().any(|rival| {
            let one_project = self.root(rival) == self.root(chosen) || known.pairs.contains(&(rival, chosen));
            rival != chosen && !one_project
        })
    }

    fn may_unite(&self, one: u32, other: u32) -> bool {
        if self.root(one) == self.root(other) {
            return false;
        }
        let others = self.project(other);
        !self.project(one).iter().any(|mine| others.iter().any(|its| self.excluded(*mine, *its)))
    }

    /// Does a person keep a part of the one project from a part of the other?
    fn are_kept_apart(&self, one: u32, other: u32) -> bool {
        let others = self.project(other);
        !self.said.bans.is_empty()
            && self.project(one).iter().any(|mine| others.iter().any(|its| self.is_banned(*mine, *its)))
    }

    fn is_banned(&self, one: u32, other: u32) -> bool {
        self.said.bans.contains(&(one, other)) || self.said.bans.contains(&(other, one))
    }

    fn excluded(&self, one: u32, other: u32) -> bool {
        let banned = self.is_banned(one, other);
        let atom = |at: u32| &self.atoms.list[at as usize];
        banned || exclude_each_other(self.atoms, atom(one), atom(other))
    }

    fn found(&self, pairs: &[Pair]) -> Found {
        let mut best: FxHashMap<u32, &Pair> = FxHashMap::default();
        let mut proposed: FxHashMap<u32, usize> = FxHashMap::default();
        let mut found = Found::default();
        for pair in pairs {
            if self.root(pair.one) == self.root(pair.other) {
                best.entry(pair.one).or_insert(pair);
                best.entry(pair.other).or_insert(pair);
            } else if !self.are_kept_apart(pair.one, pair.other) {
                let mut room = |at: u32| {
                    let count = proposed.entry(at).or_default();
                    *count += 1;
                    *count <= PROPOSALS_MAX
                };
                if room(pair.one) & room(pair.other) {
                    let (from, to) = (pair.one.max(pair.other), pair.one.min(pair.other));
                    found.proposals.push(Pair { one: from, other: to, ..*pair });
                }
            }
        }
        let linked = (0u32..).zip(&self.roots).filter(|(at, root)| at != *root);
        found.links = linked
            .filter(|(at, _)| !self.linked_by_people.contains(at))
            .filter_map(|(at, root)| best.get(&at).map(|pair| Pair { one: at, other: *root, ..**pair }))
            .collect();
        found
    }
}
