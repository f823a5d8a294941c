//! What the matcher proposes to people, as the decisions of the ledger have it.

use super::super::redirects::{Bond, BondKind};
use super::super::{Portfolio, ProjectIx};
use crate::domain::act::Score;
use crate::domain::project::ProjectId;
use crate::domain::record::RecordVersion;

/// Two projects that may be one.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The projects, the older first.
    pub projects: [ProjectIx; 2],
    /// How likely, and why.
    pub score: Score,
}

/// What made two identifiers one project, beyond shared references.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The identifier that gave way.
    pub from: ProjectId,
    /// The identifier that it was joined to.
    pub to: ProjectId,
    /// Who joined them.
    pub by: LinkedBy,
}

/// Who joined two projects, and why.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkedBy {
    /// The matcher, by a score.
    Matcher(Score),
    /// A person, for a reason.
    Person(String),
}

impl Portfolio {
    /// The project that a record stands in by now.
    pub fn project_of<'a>(&'a self, record: &'a RecordVersion) -> Option<&'a ProjectId> {
        self.redirects.project(record)
    }

    /// The identifier that a record was first given, where it is its own alone among the `open` records and free to be so
    /// again.
    pub fn own_identifier<'a>(&'a self, record: &'a RecordVersion, open: &[&RecordVersion]) -> Option<&'a ProjectId> {
        self.redirects.own(record, open)
    }

    /// Did an act of separation give this identifier to its project?
    pub fn is_of_a_separation(&self, project: &ProjectId) -> bool {
        self.redirects.is_of_a_separation(project)
    }

    /// What made a project of several, beyond shared references, in the order of the ledger.
    pub fn links_of(&self, project: ProjectIx) -> Vec<Link> {
        let id = &self.project(project).id;
        let bonds = self.redirects.bonds().iter().filter(|bond| self.redirects.resolve(&bond.from) == id);
        let link = |bond: &Bond| {
            let by = match &bond.kind {
                BondKind::Proposed(_) => return None,
                BondKind::Matched(score) => LinkedBy::Matcher(score.clone()),
                BondKind::Linked(reason) => LinkedBy::Person(reason.clone()),
            };
            Some(Link { from: bond.from.clone(), to: bond.to.clone(), by })
        };
        bonds.filter_map(link).collect()
    }

    /// Every proposal, the likeliest first. Those of projects that are one by now, or are gone, are left out.
    pub fn proposals(&self) -> Vec<Proposal> {
        self.proposals_where(|_| true)
    }

    /// The proposals about one project, the likeliest first.
    pub fn proposals_of(&self, project: ProjectIx) -> Vec<Proposal> {
        self.proposals_where(|projects| projects.contains(&project))
    }

    /// The projects that are perhaps one with this one, the oldest first: what waits for a person.
    pub fn undecided(&self, project: ProjectIx) -> Vec<ProjectId> {
        let proposed = self.redirects.proposed_with(&self.project(project).id).iter();
        let mut there: Vec<ProjectIx> = proposed.filter_map(|id| self.project_by_id(id)).collect();
        there.sort_unstable();
        there.dedup();
        there.into_iter().map(|other| self.project(other).id.clone()).collect()
    }

    /// What the matcher proposes of these two projects, atom by atom, beyond the two identifiers themselves: the newer end first.
    pub fn proposed_pairs(&self, projects: [&ProjectId; 2]) -> Vec<[ProjectId; 2]> {
        let resolved = |id| self.redirects.resolve(id);
        let is_of_both = |ends: [&ProjectId; 2]| ends == projects || ends == [projects[1], projects[0]];
        let proposed = self.redirects.bonds().iter().filter(|bond| matches!(bond.kind, BondKind::Proposed(_)));
        let between = proposed.filter(|bond| is_of_both([resolved(&bond.from), resolved(&bond.to)]));
        let ends = between.map(|bond| [bond.from.clone(), bond.to.clone()]);
        ends.filter(|ends| [&ends[0], &ends[1]] != projects).collect()
    }

    fn proposals_where(&self, wanted: impl Fn(&[ProjectIx; 2]) -> bool) -> Vec<Proposal> {
        let mut proposals: Vec<Proposal> = Vec::new();
        for bond in self.redirects.bonds() {
            let BondKind::Proposed(score) = &bond.kind else { continue };
            let [Some(older), Some(newer)] = [&bond.to, &bond.from].map(|id| self.project_by_id(id)) else { continue };
            if older != newer && wanted(&[older, newer]) {
                proposals.push(Proposal { projects: [older, newer], score: score.clone() });
            }
        }
        proposals.sort_by_key(|one| (std::cmp::Reverse(one.score.total), one.projects));
        // Several atoms of two projects may each be likely: the likeliest speaks for them.
        let mut seen = rustc_hash::FxHashSet::default();
        proposals.retain(|one| seen.insert(one.projects));
        proposals
    }
}
