//! Projects of which one names another by a reference.

use super::case::ProjectCase;
use super::index::ProjectIx;
use crate::domain::project::Reference;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Pairs of a project and the one that it names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Named {
    /// In the order of those that name.
    pairs: Vec<(ProjectIx, ProjectIx)>,
    /// The other way round: in the order of those that are named.
    reversed: Vec<(ProjectIx, ProjectIx)>,
}

impl Named {
    /// A reference that no project bears, or several (a record that was separated keeps its references), leads nowhere:
    /// which one is meant is not guessed. Nor does a project name itself.
    pub(crate) fn of(
        cases: &[Arc<ProjectCase>],
        reference: impl for<'a> Fn(&'a ProjectCase) -> Option<&'a Reference>,
    ) -> Self {
        let asked = cases.iter().filter_map(|case| reference(case));
        let mut bearers: FxHashMap<&Reference, Vec<ProjectIx>> = asked.map(|one| (one, Vec::new())).collect();
        if bearers.is_empty() {
            return Named::default();
        }
        for (at, case) in cases.iter().enumerate() {
            for reference in &case.references {
                if let Some(bearers) = bearers.get_mut(reference) {
                    bearers.push(ProjectIx::at(at));
                }
            }
        }
        let named = |at: ProjectIx, case: &ProjectCase| match bearers.get(reference(case)?)?.as_slice() {
            [only] if *only != at => Some((at, *only)),
            _ => None,
        };
        let all = cases.iter().enumerate();
        Named::from_pairs(all.filter_map(|(at, case)| named(ProjectIx::at(at), case)).collect())
    }

    /// From pairs in the order of those that name.
    pub(crate) fn from_pairs(pairs: Vec<(ProjectIx, ProjectIx)>) -> Self {
        let mut reversed: Vec<_> = pairs.iter().map(|(naming, named)| (*named, *naming)).collect();
        reversed.sort_unstable();
        Named { pairs, reversed }
    }

    pub(crate) fn pairs(&self) -> &[(ProjectIx, ProjectIx)] {
        &self.pairs
    }

    /// The one that a project names.
    pub(crate) fn named_by(&self, project: ProjectIx) -> Option<ProjectIx> {
        self.pairs.binary_search_by_key(&project, |(naming, _)| *naming).ok().map(|at| self.pairs[at].1)
    }

    /// Those that name a project, in the order of identifiers.
    pub(crate) fn naming(&self, project: ProjectIx) -> impl Iterator<Item = ProjectIx> + use<'_> {
        let first = self.reversed.partition_point(|(named, _)| *named < project);
        self.reversed[first..].iter().take_while(move |(named, _)| *named == project).map(|(_, naming)| *naming)
    }

    pub(crate) fn memory(&self) -> usize {
        size_of_val(&*self.pairs) + size_of_val(&*self.reversed)
    }
}
