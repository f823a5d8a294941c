//! Which identifiers are which by now: what the decisions of the ledger, in their order, come to.
//!
//! Two layers. Below, certain redirects alone: records that carry one reference are of one *atom*. Above, what the matcher
//! and people say of atoms: links make several one project, and can be taken back; a record that a person separated stands
//! in an atom of its own. The matcher works on atoms, so that what it says never rests on what it said before.

use super::certain::Certain;
use crate::domain::act::{Decision, Score};
use crate::domain::project::ProjectId;
use crate::domain::record::RecordVersion;
use crate::domain::text::{RecordKey, SourceId};
use rustc_hash::FxHashMap;

/// What all decisions come to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Redirects {
    /// Certain redirects, each straight to where it ends.
    atoms: FxHashMap<ProjectId, ProjectId>,
    /// Every identifier that is known by another one by now.
    projects: FxHashMap<ProjectId, ProjectId>,
    separated: FxHashMap<SourceId, FxHashMap<RecordKey, ProjectId>>,
    /// Records that left the project that a reference of before gave them.
    parted: FxHashMap<SourceId, FxHashMap<RecordKey, ProjectId>>,
    /// Keys that sources give no more, each with the one under which the record comes now.
    renumbered: FxHashMap<SourceId, FxHashMap<RecordKey, RecordKey>>,
    bonds: Vec<Bond>,
    /// Of each project, those that the matcher proposes to people to be one with it.
    proposed: FxHashMap<ProjectId, Vec<ProjectId>>,
    bans: Vec<(ProjectId, ProjectId)>,
}

/// What stands between two atoms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bond {
    pub(crate) from: ProjectId,
    pub(crate) to: ProjectId,
    pub(crate) kind: BondKind,
}

impl Bond {
    /// Is it a person's word?
    pub(crate) fn is_linked(&self) -> bool {
        matches!(self.kind, BondKind::Linked(_))
    }
}

/// Who says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BondKind {
    /// The matcher: one project.
    Matched(Score),
    /// The matcher: perhaps one project.
    Proposed(Score),
    /// A person, with a reason: one project.
    Linked(String),
}

impl Redirects {
    /// What `decisions` come to, the oldest first.
    pub(crate) fn of(decisions: &[Decision]) -> Self {
        let mut found = Redirects { atoms: atoms(decisions), ..Redirects::default() };
        for decision in decisions {
            found.take(decision);
        }
        found.join();
        found
    }

    fn take(&mut self, decision: &Decision) {
        let bond = |kind| {
            let [from, to] = decision.projects();
            Bond { from: from.clone(), to: to.clone(), kind }
        };
        match decision {
            Decision::Redirect { .. } | Decision::Unredirected { .. } => {}
            Decision::Parted { source, key, to, .. } => {
                self.parted.entry(source.clone()).or_default().insert(key.clone(), to.clone());
            }
            Decision::Matched { score, .. } => self.bonds.push(bond(BondKind::Matched(score.clone()))),
            Decision::Proposed { score, .. } => self.bonds.push(bond(BondKind::Proposed(score.clone()))),
            Decision::Linked { from, to, reason } => {
                self.lift(from, to);
                self.bonds.push(bond(BondKind::Linked(reason.clone())));
            }
            Decision::Withdrawn { from, to } => {
                self.bonds.retain(|one| one.is_linked() || one.from != *from || one.to != *to);
            }
            Decision::KeptApart { from, to, .. } => {
                let is_of_both = |one: &Bond| one.from == *from && one.to == *to || one.from == *to && one.to == *from;
                self.bonds.retain(|one| one.is_linked() || !is_of_both(one));
                self.bans.push((from.clone(), to.clone()));
            }
            Decision::Separated { source, key, from, to, .. } => {
                self.separated.entry(source.clone()).or_default().insert(key.clone(), to.clone());
                self.bonds.retain(|one| one.from != *to);
                self.bans.push((from.clone(), to.clone()));
            }
            Decision::Renumbered { source, key, former, .. } => self.renumber(source, former, key),
        }
    }

    /// The record stands where it stood: links and bans are of projects, and its project is the same.
    fn renumber(&mut self, source: &SourceId, former: &RecordKey, key: &RecordKey) {
        for moved in [&mut self.separated, &mut self.parted].into_iter().filter_map(|all| all.get_mut(source)) {
            if let Some(project) = moved.get(former).cloned() {
                moved.insert(key.clone(), project);
            }
        }
        let keys = self.renumbered.entry(source.clone()).or_default();
        keys.values_mut().filter(|now| *now == former).for_each(|now| *now = key.clone());
        keys.insert(former.clone(), key.clone());
        // A source that takes a renumbering back.
        keys.remove(key);
    }

    /// The key under which a record comes now, where its source gave it another one; `None` for one that kept its key.
    pub(crate) fn key_now(&self, source: &SourceId, key: &RecordKey) -> Option<&RecordKey> {
        self.renumbered.get(source)?.get(key)
    }

    /// A link by a person ends what kept the two apart.
    fn lift(&mut self, one: &ProjectId, other: &ProjectId) {
        self.bans.retain(|(left, right)| !(left == one && right == other || left == other && right == one));
    }

    fn join(&mut self) {
        let mut direct: FxHashMap<&ProjectId, &ProjectId> = FxHashMap::default();
        let atom = |id| self.atoms.get(id).unwrap_or(id);
        for bond in self.bonds.iter().filter(|bond| !matches!(bond.kind, BondKind::Proposed(_))) {
            let (from, to) = (end_of(&direct, atom(&bond.from)), end_of(&direct, atom(&bond.to)));
            if from != to {
                direct.insert(from, to);
            }
        }
        let ids = self.atoms.keys().chain(direct.keys().copied());
        let ends = ids.map(|id| (id.clone(), end_of(&direct, atom(id)).clone()));
        self.projects = ends.collect();
        for bond in self.bonds.iter().filter(|bond| matches!(bond.kind, BondKind::Proposed(_))) {
            let [from, to] = [&bond.from, &bond.to].map(|id| self.projects.get(id).unwrap_or(id).clone());
            if from != to {
                self.proposed.entry(from.clone()).or_default().push(to.clone());
                self.proposed.entry(to).or_default().push(from);
            }
        }
    }

    /// The projects that are perhaps one with `project`, of which nobody decided; some may be gone.
    pub(crate) fn proposed_with(&self, project: &ProjectId) -> &[ProjectId] {
        self.proposed.get(project).map_or(&[], Vec::as_slice)
    }

    /// The identifier that `id` is known by now.
    pub(crate) fn resolve<'a>(&'a self, id: &'a ProjectId) -> &'a ProjectId {
        self.projects.get(id).unwrap_or(id)
    }

    /// The identifiers that gave way to `id`.
    pub(crate) fn leading_to<'a>(&'a self, id: &'a ProjectId) -> impl Iterator<Item = &'a ProjectId> {
        self.projects.iter().filter(move |(_, now)| *now == id).map(|(former, _)| former)
    }

    /// The atom that a record stands in; `None` for a record of no project.
    pub(crate) fn atom<'a>(&'a self, record: &'a RecordVersion) -> Option<&'a ProjectId> {
        self.given(record).map(|given| self.atom_of(given))
    }

    /// The atom that an identifier means for certain.
    pub(crate) fn atom_of<'a>(&'a self, id: &'a ProjectId) -> &'a ProjectId {
        self.atoms.get(id).unwrap_or(id)
    }

    /// The project that a record stands in by now; `None` for a record of no project.
    pub(crate) fn project<'a>(&'a self, record: &'a RecordVersion) -> Option<&'a ProjectId> {
        self.given(record).map(|given| self.resolve(given))
    }

    fn given<'a>(&'a self, record: &'a RecordVersion) -> Option<&'a ProjectId> {
        self.given_to(&record.source, &record.key, record.project.as_ref())
    }

    /// The identifier that a record stands in: the one that its key was given, unless a person separated it, or it left it.
    pub(crate) fn given_to<'a>(
        &'a self,
        source: &SourceId,
        key: &RecordKey,
        project: Option<&'a ProjectId>,
    ) -> Option<&'a ProjectId> {
        let moved = |all: &'a FxHashMap<SourceId, FxHashMap<RecordKey, ProjectId>>| all.get(source)?.get(key);
        moved(&self.separated).or_else(|| moved(&self.parted)).or(project)
    }

    /// The identifier that a record was first given, where it is its own alone among `others` and free to be so again.
    pub(crate) fn own<'a>(&'a self, record: &'a RecordVersion, others: &[&RecordVersion]) -> Option<&'a ProjectId> {
        let given = record.project.as_ref().filter(|given| self.given(record) == Some(given))?;
        let certain = self.atom_of(given) == given && !self.atoms.values().any(|atom| atom == given);
        let leads = self.resolve(given) == given || self.bonds.iter().any(|bond| bond.to == *given);
        let shared = others.iter().filter(|other| self.atom(other) == Some(given)).count() > 1;
        (certain && !leads && !shared).then_some(given)
    }

    /// Is this the identifier of a record that a person separated, or that left the project that it was given?
    pub(crate) fn is_of_a_separation(&self, id: &ProjectId) -> bool {
        self.separated.values().chain(self.parted.values()).any(|keys| keys.values().any(|to| to == id))
    }

    /// Did a person take this record out of a project?
    pub(crate) fn is_separated(&self, source: &SourceId, key: &RecordKey) -> bool {
        self.separated.get(source).is_some_and(|keys| keys.contains_key(key))
    }

    /// The records of a source that people separated, each with the project that it stands in since.
    pub(crate) fn separated_of(&self, source: &SourceId) -> impl Iterator<Item = (&RecordKey, &ProjectId)> {
        self.separated.get(source).into_iter().flatten()
    }

    /// What stands between atoms.
    pub(crate) fn bonds(&self) -> &[Bond] {
        &self.bonds
    }

    /// Atoms that a person keeps apart.
    pub(crate) fn bans(&self) -> &[(ProjectId, ProjectId)] {
        &self.bans
    }
}

/// Where the certain links among `decisions` lead, each straight to where it ends.
fn atoms(decisions: &[Decision]) -> FxHashMap<ProjectId, ProjectId> {
    let certain = Certain::of(decisions);
    certain.former().map(|from| (from.clone(), certain.end(from).clone())).collect()
}

fn end_of<'a>(direct: &FxHashMap<&'a ProjectId, &'a ProjectId>, id: &'a ProjectId) -> &'a ProjectId {
    let mut end = id;
    while let Some(next) = direct.get(end) {
        end = next;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(byte: u8) -> ProjectId {
        ProjectId::from_bytes([byte; 8])
    }

    fn score() -> Score {
        Score { weights: "test".into(), total: 0, terms: Vec::new() }
    }

    fn redirect(from: u8, to: u8) -> Decision {
        Decision::Redirect { from: id(from), to: id(to), reason: String::new() }
    }

    fn matched(from: u8, to: u8) -> Decision {
        Decision::Matched { from: id(from), to: id(to), score: score() }
    }

    #[test]
    fn chains_end_and_circles_do_not_turn() {
        let redirects = Redirects::of(&[redirect(3, 2), redirect(2, 1), redirect(1, 3), redirect(4, 3)]);
        for joined in [1, 2, 3, 4] {
            assert_eq!(redirects.resolve(&id(joined)), &id(1));
        }
        assert_eq!(redirects.resolve(&id(9)), &id(9));
    }

    #[test]
    fn what_the_matcher_takes_back_is_apart_again_and_what_is_certain_stays() {
        let withdrawn = Decision::Withdrawn { from: id(3), to: id(1) };
        // 5 joins 3 for certain while 3 is matched with 1.
        let mut decisions = vec![matched(3, 1), redirect(5, 3), matched(4, 1)];
        let before = Redirects::of(&decisions);
        assert!([3, 4, 5].iter().all(|one| before.resolve(&id(*one)) == &id(1)));
        decisions.push(withdrawn);
        let after = Redirects::of(&decisions);
        assert_eq!(after.resolve(&id(5)), &id(3));
        assert_eq!(after.resolve(&id(3)), &id(3));
        assert_eq!(after.resolve(&id(4)), &id(1));
    }

    #[test]
    fn a_proposal_joins_nothing_and_a_person_is_not_taken_back_by_the_matcher() {
        let linked = Decision::Linked { from: id(2), to: id(1), reason: "one".into() };
        let proposed = Decision::Proposed { from: id(3), to: id(1), score: score() };
        let withdrawn = Decision::Withdrawn { from: id(2), to: id(1) };
        let redirects = Redirects::of(&[linked, proposed, withdrawn]);
        assert_eq!(redirects.resolve(&id(2)), &id(1));
        assert_eq!(redirects.resolve(&id(3)), &id(3));
        assert_eq!(redirects.bonds().len(), 2);
    }

    #[test]
    fn a_renumbered_record_stands_where_it_stood_and_again_under_its_first_key() {
        use crate::portfolio::fixture::record;
        let (one, other) = (record("region", "a", Vec::new()), record("region", "b", Vec::new()));
        let given = one.project.clone().expect("given");
        let other = RecordVersion { project: one.project.clone(), ..other };
        let source = one.source.clone();
        let separated = |to: u8| Decision::Separated {
            source: source.clone(),
            key: if to == 9 { one.key.clone() } else { other.key.clone() },
            from: given.clone(),
            to: id(to),
            reason: "another operation".into(),
        };
        let renumbered = |former: &RecordVersion, now: &RecordVersion, to: u8| Decision::Renumbered {
            source: source.clone(),
            key: now.key.clone(),
            former: former.key.clone(),
            from: given.clone(),
            to: id(to),
        };
        let mut decisions = vec![separated(9), renumbered(&one, &other, 9)];
        let redirects = Redirects::of(&decisions);
        assert_eq!(redirects.project(&other), Some(&id(9)));
        assert_eq!(redirects.bans(), [(given.clone(), id(9))], "and it is kept apart from what it was taken from");
        assert_eq!(redirects.key_now(&source, &one.key), Some(&other.key));
        decisions.extend([separated(8), renumbered(&other, &one, 8)]);
        let redirects = Redirects::of(&decisions);
        assert_eq!(redirects.project(&one), Some(&id(8)));
        assert_eq!(redirects.key_now(&source, &one.key), None);
        assert_eq!(redirects.key_now(&source, &other.key), Some(&one.key));
    }

    #[test]
    fn a_link_that_ended_stands_no_more_and_a_record_that_left_is_kept_apart_from_nothing() {
        use crate::portfolio::fixture::record;
        let one = record("region", "a", Vec::new());
        let given = one.project.clone().expect("given");
        let (source, key) = (one.source.clone(), one.key.clone());
        let parted = |from: ProjectId, to: u8| Decision::Parted {
            source: source.clone(),
            key: key.clone(),
            from,
            to: id(to),
            reason: String::new(),
        };
        let unredirected = |from: u8| Decision::Unredirected { from: id(from), to: id(1), reason: String::new() };
        // 4 was joined to 3 and goes with it.
        let mut decisions = vec![redirect(4, 3), redirect(3, 1), matched(3, 1), unredirected(3)];
        let redirects = Redirects::of(&decisions);
        assert!([3, 4].iter().all(|one| redirects.atom_of(&id(*one)) == &id(3)));
        assert_eq!(redirects.resolve(&id(4)), &id(1), "what the matcher says is not taken back by it");
        decisions.push(parted(given.clone(), 9));
        let redirects = Redirects::of(&decisions);
        assert_eq!((redirects.project(&one), redirects.bans().len()), (Some(&id(9)), 0));
        assert!(!redirects.is_separated(&source, &key) && redirects.own(&one, &[]).is_none());
        decisions.push(redirect(9, 3));
        assert_eq!(Redirects::of(&decisions).atom(&one), Some(&id(3)));
        // A person's word is above it, whichever came first.
        let (from, to) = (id(3), id(7));
        decisions.push(Decision::Separated { source: source.clone(), key: key.clone(), from, to, reason: "vu".into() });
        decisions.push(parted(id(3), 6));
        assert_eq!(Redirects::of(&decisions).project(&one), Some(&id(7)));
    }

    #[test]
    fn a_separated_record_stands_alone_and_a_link_brings_it_back() {
        use crate::portfolio::fixture::record;
        let alone = record("region", "a", Vec::new());
        let project = alone.project.clone().expect("given");
        let separated = Decision::Separated {
            source: alone.source.clone(),
            key: alone.key.clone(),
            from: project.clone(),
            to: id(9),
            reason: "another operation".into(),
        };
        let linked = Decision::Linked { from: id(9), to: project.clone(), reason: "after all".into() };
        let apart = Redirects::of(std::slice::from_ref(&separated));
        assert_eq!(apart.project(&alone), Some(&id(9)));
        assert_eq!(apart.bans().len(), 1);
        let again = Redirects::of(&[separated, linked]);
        assert_eq!(again.project(&alone), Some(&project));
        assert!(again.bans().is_empty());
    }
}
