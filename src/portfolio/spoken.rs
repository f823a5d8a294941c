//! What people said of one record of a source: whether they linked it, took it out of a project, or acted on the project in which
//! it stands.

use super::Portfolio;
use super::case::RecordEntry;
use crate::domain::project::ProjectId;
use crate::domain::source::Standing;
use crate::domain::text::{RecordKey, SourceId};
use rustc_hash::FxHashSet;

impl Portfolio {
    /// The records of a source that a person keeps apart from other projects, gone ones too, each with these projects. One that was
    /// renumbered since stands under its new key.
    pub fn kept_apart(&self, source: &SourceId) -> Vec<(RecordKey, Vec<ProjectId>)> {
        let atom = |id: &ProjectId| self.redirects.atom_of(id).clone();
        let separated = self.redirects.separated_of(source);
        let separated = separated.filter(|(key, _)| self.redirects.key_now(source, key).is_none());
        let apart = separated.filter_map(|(key, stands_in)| {
            let own = atom(stands_in);
            let mut from: Vec<ProjectId> = Vec::new();
            for (one, other) in self.redirects.bans() {
                match (atom(one) == own, atom(other) == own) {
                    (true, false) => from.push(other.clone()),
                    (false, true) => from.push(one.clone()),
                    _ => {}
                }
            }
            from.sort();
            from.dedup();
            (!from.is_empty()).then(|| (key.clone(), from))
        });
        let mut apart: Vec<_> = apart.collect();
        apart.sort();
        apart
    }

    /// The identifier that a record of this key stands in, which was first given `project`.
    pub fn stands_in<'a>(&'a self, source: &SourceId, key: &RecordKey, project: &'a ProjectId) -> &'a ProjectId {
        self.redirects.given_to(source, key, Some(project)).unwrap_or(project)
    }

    /// Is there a word of people that a record of this source, first given this project, bears: a separation, a link, an act or a
    /// declaration on its project?
    pub fn spoken_of<'a>(&'a self, source: &'a SourceId) -> impl Fn(&RecordKey, &ProjectId) -> bool + 'a {
        let redirects = &self.redirects;
        let linked = redirects.bonds().iter().filter(|bond| bond.is_linked());
        let linked: FxHashSet<&ProjectId> =
            linked.flat_map(|bond| [&bond.from, &bond.to]).map(|end| redirects.atom_of(end)).collect();
        move |key, project| {
            let stands_in = self.stands_in(source, key, project);
            let now = redirects.resolve(stands_in);
            let records = self.project_by_id(now).into_iter().flat_map(|ix| &self.project(ix).records);
            let is_declared = |one: &RecordEntry| self.source(one.source).profile.standing == Standing::Declarations;
            redirects.is_separated(source, key)
                || linked.contains(redirects.atom_of(stands_in))
                || self.acts.about(now).next().is_some()
                || records.into_iter().any(is_declared)
        }
    }
}
