//! What bodies said about each project, by the identifier that it is known by now.

use super::Portfolio;
use super::index::ProjectIx;
use super::redirects::Redirects;
use crate::domain::governance::{Act, ActEntry, ActId};
use crate::domain::place::ContratCode;
use crate::domain::project::ProjectId;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Every act that stands, and where each project's are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Acts {
    all: Arc<[ActEntry]>,
    of: FxHashMap<ProjectId, Vec<u32>>,
}

/// Where the records are by now that the projects of acts held, of those that gave way to another one.
#[derive(Debug, Default)]
pub(crate) struct Homes(FxHashMap<ProjectId, BTreeSet<ProjectId>>);

impl Homes {
    /// Of these acts. `records` tells of each record that is open the project that its key was given, and that in which it stands.
    pub(crate) fn of<'a>(
        entries: &[ActEntry],
        redirects: &Redirects,
        records: impl Iterator<Item = (Option<&'a ProjectId>, &'a ProjectId)>,
    ) -> Self {
        let all = entries.iter().flat_map(|entry| entry.act.projects());
        let gave_way: FxHashSet<&ProjectId> = all.filter(|id| redirects.resolve(id) != *id).collect();
        let mut homes: FxHashMap<ProjectId, BTreeSet<ProjectId>> = FxHashMap::default();
        if !gave_way.is_empty() {
            for (given, now) in records {
                if let Some(given) = given.filter(|given| gave_way.contains(given)) {
                    homes.entry(given.clone()).or_default().insert(now.clone());
                }
            }
        }
        Homes(homes)
    }

    /// The projects that an act about this one is about: the one that it gave way to, or where that holds none of its records any more, for
    /// joining them was an error, those that do.
    fn of_project<'a>(&'a self, project: &'a ProjectId, redirects: &'a Redirects) -> Vec<&'a ProjectId> {
        let now = redirects.resolve(project);
        match self.0.get(project) {
            Some(homes) if !homes.contains(now) => homes.iter().collect(),
            Some(_) | None => vec![now],
        }
    }
}

impl Acts {
    /// The acts of the ledger, the oldest first; those taken back are left out.
    pub(crate) fn of(entries: &[ActEntry], redirects: &Redirects, homes: &Homes) -> Self {
        let taken_back: FxHashSet<ActId> = entries
            .iter()
            .filter_map(|entry| match &entry.act {
                Act::TakenBack { act, .. } => Some(*act),
                _ => None,
            })
            .collect();
        let mut of: FxHashMap<ProjectId, Vec<u32>> = FxHashMap::default();
        for (at, entry) in (0..).zip(entries).filter(|(_, entry)| !taken_back.contains(&entry.id)) {
            let about = entry.act.projects();
            for project in about.iter().flat_map(|project| homes.of_project(project, redirects)) {
                let list = of.entry(project.clone()).or_default();
                if list.last() != Some(&at) {
                    list.push(at);
                }
            }
        }
        Acts { all: entries.iter().map(|entry| now(entry, redirects)).collect(), of }
    }

    /// These, which are all about one project.
    pub(crate) fn of_one(project: &ProjectId, entries: &[ActEntry]) -> Self {
        let of = [(project.clone(), (0..).zip(entries).map(|(at, _)| at).collect())];
        Acts { all: entries.into(), of: of.into_iter().collect() }
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
            let entries = std::slice::from_ref(&entry);
            let acts = Acts::of(entries, &Redirects::of(decisions), &Homes::default());
            let about: Vec<&ActEntry> = acts.about(&project).collect();
            let [ActEntry { act: Act::NatureStated { key, .. }, .. }] = &about[..] else { panic!("{about:?}") };
            key.clone()
        };
        assert_eq!(said_of(&[]), key("a"));
        assert_eq!(said_of(&[renumbered("a", "b"), renumbered("b", "c")]), key("c"));
        assert_eq!(said_of(&[renumbered("a", "b"), renumbered("b", "a")]), key("a"));
    }

    /// Two projects are joined, and their records parted again: what was said of the one is of its records, wherever they stand.
    #[test]
    fn what_was_said_of_a_project_that_was_joined_by_error_stays_with_its_records() {
        use crate::domain::governance::Act;
        use crate::domain::image::{LedgerDelta, LedgerImage};
        use crate::portfolio::Portfolio;
        use crate::portfolio::fixture::{REGION, grant, image, project, record};

        let of = |key: &str, number: u8| {
            let mut one = record("region", key, vec![grant(REGION)]);
            one.project = Some(project(number));
            one
        };
        let act = Act::Admitted { project: project(2), funder: REGION.parse().expect("a body"), reason: "vu".into() };
        let said = ActEntry { id: ActId(1), version: LedgerVersion(1), at: at(0), author: Author::system("test"), act };
        let linked = Decision::Linked { from: project(2), to: project(1), reason: "un".to_owned() };
        let parted = Decision::Separated {
            source: SourceId::parse("region").expect("a source"),
            key: RecordKey::parse("b").expect("a key"),
            from: project(1),
            to: project(3),
            reason: "deux".to_owned(),
        };
        let whole = |decisions: &[Decision]| LedgerImage {
            acts: vec![said.clone()],
            decisions: decisions.to_vec(),
            ..image(vec![of("a", 1), of("b", 2)])
        };
        let told = |portfolio: &Portfolio| -> Vec<(ProjectId, usize)> {
            portfolio.projects().map(|(ix, case)| (case.id.clone(), portfolio.acts_about(ix).count())).collect()
        };
        assert_eq!(told(&Portfolio::build(&whole(&[]))), [(project(1), 0), (project(2), 1)]);
        let joined = Portfolio::build(&whole(std::slice::from_ref(&linked)));
        assert_eq!(told(&joined), [(project(1), 1)]);
        let after = whole(&[linked, parted]);
        let again = Portfolio::build(&after);
        assert_eq!(told(&again), [(project(1), 0), (project(3), 1)]);
        let delta = LedgerDelta {
            head: after.head,
            touched: vec![project(1), project(3)],
            projects: vec![project(1), project(2), project(3)],
            records: after.records.clone(),
            sources: after.sources.clone(),
            decisions: after.decisions.clone(),
            acts: after.acts.clone(),
            references_changed: false,
        };
        assert_eq!(told(&joined.apply(&delta).expect("no table changed")), told(&again));
    }
}
