//! What bodies said about each project, by the identifier that it is known by now.

use super::Portfolio;
use super::index::ProjectIx;
use super::redirects::Redirects;
use crate::domain::governance::{Act, ActEntry, ActId};
use crate::domain::place::ContratCode;
use crate::domain::project::ProjectId;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Every act that stands, and where each project's are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Acts {
    all: Arc<[ActEntry]>,
    of: FxHashMap<ProjectId, Vec<u32>>,
}

impl Acts {
    /// The acts of the ledger, the oldest first; those taken back are left out.
    pub(crate) fn of(entries: &[ActEntry], redirects: &Redirects) -> Self {
        let taken_back: FxHashSet<ActId> = entries
            .iter()
            .filter_map(|entry| match &entry.act {
                Act::TakenBack { act, .. } => Some(*act),
                _ => None,
            })
            .collect();
        let mut of: FxHashMap<ProjectId, Vec<u32>> = FxHashMap::default();
        for (at, entry) in (0..).zip(entries).filter(|(_, entry)| !taken_back.contains(&entry.id)) {
            for project in entry.act.projects() {
                let list = of.entry(redirects.resolve(project).clone()).or_default();
                if list.last() != Some(&at) {
                    list.push(at);
                }
            }
        }
        Acts { all: entries.iter().map(|entry| now(entry, redirects)).collect(), of }
    }

    /// The same, of which those about other projects, and of these the unwanted, are found no more.
    pub(crate) fn of_projects(
        &self,
        wanted: impl Fn(&ProjectId) -> bool,
        is_shown: impl Fn(&ProjectId, &Act) -> bool,
    ) -> Self {
        let of = self.of.iter().filter(|(project, _)| wanted(project)).map(|(project, acts)| {
            let shown = acts.iter().copied().filter(|at| is_shown(project, &self.all[*at as usize].act));
            (project.clone(), shown.collect())
        });
        Acts { all: Arc::clone(&self.all), of: of.collect() }
    }

    /// Every act of the ledger, the oldest first.
    pub(crate) fn all(&self) -> &[ActEntry] {
        &self.all
    }

    /// The acts about a project, the oldest first.
    pub(crate) fn about(&self, project: &ProjectId) -> impl DoubleEndedIterator<Item = &ActEntry> {
        self.of.get(project).into_iter().flatten().map(|at| &self.all[*at as usize])
    }
}

/// An act about a record that its source renumbered since is about it under the key that it has now.
fn now(entry: &ActEntry, redirects: &Redirects) -> ActEntry {
    let mut entry = entry.clone();
    if let Act::NatureStated { source, key, .. } = &mut entry.act
        && let Some(now) = redirects.key_now(source, key)
    {
        *key = now.clone();
    }
    entry
}

impl Portfolio {
    /// What bodies said about a project, the oldest first; what was taken back is left out.
    pub fn acts_about(&self, project: ProjectIx) -> impl DoubleEndedIterator<Item = &ActEntry> {
        self.acts.about(&self.project(project).id)
    }

    /// What was taken back of what bodies said about a project, the oldest first: the acts that take it back.
    pub fn acts_withdrawn_about(&self, project: ProjectIx) -> impl Iterator<Item = &ActEntry> {
        let is_about = move |act: &ActId| {
            let projects = self.act(*act).into_iter().flat_map(|entry| entry.act.projects());
            projects.into_iter().any(|one| self.project_by_id(one) == Some(project))
        };
        self.acts.all.iter().filter(move |entry| matches!(&entry.act, Act::TakenBack { act, .. } if is_about(act)))
    }

    /// What was said of a contrat de ville itself, the oldest first; what was taken back is left out.
    pub fn acts_on_contrat<'a>(&'a self, contrat: &'a ContratCode) -> impl Iterator<Item = &'a ActEntry> {
        let about = move |act: &Act| matches!(act, Act::Condition { contrat: one, .. } if one == contrat);
        self.acts.all.iter().filter(move |entry| about(&entry.act) && !self.is_taken_back(entry.id))
    }

    /// An act, taken back or not.
    pub fn act(&self, id: ActId) -> Option<&ActEntry> {
        let acts = &self.acts.all;
        acts.binary_search_by_key(&id, |entry| entry.id).ok().map(|at| &acts[at])
    }

    /// Was this act taken back?
    pub fn is_taken_back(&self, id: ActId) -> bool {
        self.acts.all.iter().any(|entry| matches!(&entry.act, Act::TakenBack { act, .. } if *act == id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::act::{Author, Decision};
    use crate::domain::chain::LedgerVersion;
    use crate::domain::text::{RecordKey, SourceId};
    use crate::domain::vocabulary::Nature;
    use crate::portfolio::fixture::at;

    #[test]
    fn an_act_about_a_record_is_about_it_under_the_key_that_it_has_now() {
        let project = ProjectId::from_bytes([1; 8]);
        let source = SourceId::parse("region").expect("a source");
        let key = |text: &str| RecordKey::parse(text).expect("a key");
        let act = Act::NatureStated {
            project: project.clone(),
            source: source.clone(),
            key: key("a"),
            ordinal: 0,
            nature: Nature::Fonctionnement,
            reason: "vu".into(),
        };
        let entry =
            ActEntry { id: ActId(1), version: LedgerVersion(1), at: at(0), author: Author::system("test"), act };
        let renumbered = |former: &str, now: &str| Decision::Renumbered {
            source: source.clone(),
            key: key(now),
            former: key(former),
            from: project.clone(),
            to: project.clone(),
        };
        let said_of = |decisions: &[Decision]| {
            let acts = Acts::of(std::slice::from_ref(&entry), &Redirects::of(decisions));
            let about: Vec<&ActEntry> = acts.about(&project).collect();
            let [ActEntry { act: Act::NatureStated { key, .. }, .. }] = &about[..] else { panic!("{about:?}") };
            key.clone()
        };
        assert_eq!(said_of(&[]), key("a"));
        assert_eq!(said_of(&[renumbered("a", "b"), renumbered("b", "c")]), key("c"));
        assert_eq!(said_of(&[renumbered("a", "b"), renumbered("b", "a")]), key("a"));
    }
}
