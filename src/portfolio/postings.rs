//! Which projects lie somewhere or concern somebody: one sorted list per place and organisation.

use super::case::ProjectCase;
use super::index::ProjectIx;
use super::lexicon::Lexicon;
use std::sync::Arc;

/// Lists of projects, all in one vector.
#[derive(Debug, Clone, Default)]
pub(crate) struct Postings {
    starts: Vec<u32>,
    projects: Vec<ProjectIx>,
}

impl Postings {
    /// The lists of `count` keys, where `keys_of` gives the keys of a project, each once.
    fn of(cases: &[Arc<ProjectCase>], count: usize, keys_of: impl Fn(&ProjectCase, &mut Vec<usize>)) -> Self {
        let mut starts = vec![0_u32; count + 1];
        let mut keys = Vec::new();
        for case in cases {
            keys.clear();
            keys_of(case, &mut keys);
            for key in &keys {
                starts[key + 1] += 1;
            }
        }
        for at in 0..count {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut projects = vec![ProjectIx(0); starts[count] as usize];
        for (at, case) in cases.iter().enumerate() {
            keys.clear();
            keys_of(case, &mut keys);
            for key in &keys {
                projects[next[*key] as usize] = ProjectIx::at(at);
                next[*key] += 1;
            }
        }
        Postings { starts, projects }
    }

    /// The projects of one key, in order.
    pub(crate) fn get(&self, key: usize) -> &[ProjectIx] {
        match (self.starts.get(key), self.starts.get(key + 1)) {
            (Some(from), Some(to)) => &self.projects[*from as usize..*to as usize],
            _ => &[],
        }
    }

    fn memory(&self) -> usize {
        (self.starts.len() + self.projects.len()) * size_of::<u32>()
    }
}

/// The lists of every kind of key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Whereabouts {
    pub(crate) quartiers: Postings,
    pub(crate) contrats: Postings,
    pub(crate) epcis: Postings,
    pub(crate) communes: Postings,
    pub(crate) departements: Postings,
    /// As holder or funder.
    pub(crate) organisations: Postings,
}

impl Whereabouts {
    pub(crate) fn of(lexicon: &Lexicon, cases: &[Arc<ProjectCase>]) -> Self {
        let atlas = &lexicon.atlas;
        Whereabouts {
            quartiers: Postings::of(cases, atlas.quartiers.len(), |case, keys| {
                keys.extend(case.places.quartiers.iter().map(|ix| ix.get()));
            }),
            contrats: Postings::of(cases, atlas.contrats.len(), |case, keys| {
                keys.extend(case.places.contrats.iter().map(|ix| ix.get()));
            }),
            epcis: Postings::of(cases, atlas.epcis.len(), |case, keys| {
                keys.extend(case.places.epcis.iter().map(|ix| ix.get()));
            }),
            communes: Postings::of(cases, atlas.communes.len(), |case, keys| {
                keys.extend(case.places.communes.iter().map(|ix| ix.get()));
            }),
            departements: Postings::of(cases, atlas.departements.len(), |case, keys| {
                keys.extend(case.places.departements.iter().map(|ix| ix.get()));
            }),
            organisations: Postings::of(cases, lexicon.organisations.len(), |case, keys| {
                keys.extend(case.holder.map(super::index::OrganisationIx::get));
                keys.extend(case.statements.iter().map(|statement| statement.funder.get()));
                keys.sort_unstable();
                keys.dedup();
            }),
        }
    }

    pub(crate) fn memory(&self) -> usize {
        [&self.quartiers, &self.contrats, &self.epcis, &self.communes, &self.departements, &self.organisations]
            .iter()
            .map(|postings| postings.memory())
            .sum()
    }
}
