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
    /// The lists of `count` keys from pairs of key and project, in the order of projects.
    fn of(pairs: &[(u32, ProjectIx)], count: usize) -> Self {
        let mut starts = vec![0_u32; count + 1];
        for (key, _) in pairs {
            starts[*key as usize + 1] += 1;
        }
        for at in 0..count {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut projects = vec![ProjectIx::at(0); pairs.len()];
        for (key, project) in pairs {
            let slot = &mut next[*key as usize];
            projects[*slot as usize] = *project;
            *slot += 1;
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
    /// As holder.
    pub(crate) held: Postings,
}

impl Whereabouts {
    pub(crate) fn of(lexicon: &Lexicon, cases: &[Arc<ProjectCase>]) -> Self {
        let mut pairs: [Vec<(u32, ProjectIx)>; 7] = Default::default();
        let mut organisations = Vec::new();
        for (at, case) in cases.iter().enumerate() {
            let project = ProjectIx::at(at);
            let [quartiers, contrats, epcis, communes, departements, concerned, held] = &mut pairs;
            let pair = |key: usize| (u32::try_from(key).unwrap_or(u32::MAX), project);
            quartiers.extend(case.places.quartiers.iter().map(|ix| pair(ix.get())));
            contrats.extend(case.places.contrats.iter().map(|ix| pair(ix.get())));
            epcis.extend(case.places.epcis.iter().map(|ix| pair(ix.get())));
            communes.extend(case.places.communes.iter().map(|ix| pair(ix.get())));
            departements.extend(case.places.departements.iter().map(|ix| pair(ix.get())));
            held.extend(case.holder.map(|ix| pair(ix.get())));
            organisations.clear();
            organisations.extend(case.holder);
            organisations.extend(case.statements.iter().map(|statement| statement.funder));
            organisations.sort_unstable();
            organisations.dedup();
            concerned.extend(organisations.iter().map(|ix| pair(ix.get())));
        }
        let atlas = &lexicon.atlas;
        let [quartiers, contrats, epcis, communes, departements, concerned, held] = &pairs;
        Whereabouts {
            quartiers: Postings::of(quartiers, atlas.quartiers.len()),
            contrats: Postings::of(contrats, atlas.contrats.len()),
            epcis: Postings::of(epcis, atlas.epcis.len()),
            communes: Postings::of(communes, atlas.communes.len()),
            departements: Postings::of(departements, atlas.departements.len()),
            organisations: Postings::of(concerned, lexicon.organisations.len()),
            held: Postings::of(held, lexicon.organisations.len()),
        }
    }

    pub(crate) fn memory(&self) -> usize {
        let places = [&self.quartiers, &self.contrats, &self.epcis, &self.communes, &self.departements];
        places.into_iter().chain([&self.organisations, &self.held]).map(Postings::memory).sum()
    }
}
