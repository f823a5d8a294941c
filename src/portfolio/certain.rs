//! Certain links: which identifiers shared references made one, and which of these links ended.

use crate::domain::act::Decision;
use crate::domain::project::ProjectId;
use rustc_hash::FxHashMap;

/// Of each identifier that gave way for certain, the one to which it leads.
#[derive(Debug, Clone, Default)]
pub struct Certain {
    towards: FxHashMap<ProjectId, ProjectId>,
}

impl Certain {
    /// What `decisions` come to, the oldest first.
    pub fn of(decisions: &[Decision]) -> Self {
        let mut certain = Certain::default();
        decisions.iter().for_each(|decision| certain.take(decision));
        certain
    }

    /// One decision more. A link that would close a circle joins what is joined already.
    pub fn take(&mut self, decision: &Decision) {
        match decision {
            Decision::Redirect { from, to, .. } => {
                let (from, to) = (self.end(from).clone(), self.end(to).clone());
                if from != to {
                    self.towards.insert(from, to);
                }
            }
            Decision::Unredirected { from, .. } => drop(self.towards.remove(from)),
            _ => {}
        }
    }

    /// Where an identifier ends.
    pub fn end<'a>(&'a self, id: &'a ProjectId) -> &'a ProjectId {
        let mut end = id;
        while let Some(next) = self.towards.get(end) {
            end = next;
        }
        end
    }

    /// The identifier that this one gave way to, though that one may lead on.
    pub fn next(&self, id: &ProjectId) -> Option<&ProjectId> {
        self.towards.get(id)
    }

    /// The identifiers that gave way.
    pub fn former(&self) -> impl Iterator<Item = &ProjectId> {
        self.towards.keys()
    }
}
