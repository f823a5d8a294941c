//! Where records stand for certain, as the decisions of the ledger have it. Pure.

use crate::domain::act::Decision;
use crate::domain::chain::LedgerVersion;
use crate::domain::project::ProjectId;
use crate::domain::text::{RecordKey, SourceId};
use crate::portfolio::Certain;
use foldhash::{HashMap, HashSet};

/// Where a record stands that left the project that its key was given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moved {
    /// The version that moved it.
    pub at: LedgerVersion,
    /// Where it stands since.
    pub to: ProjectId,
}

/// What all decisions come to, as far as certain links go: what is certain does not rest on what is only likely, or on what a person may
/// take back.
#[derive(Debug, Default)]
pub struct Standing {
    /// Records that a person took out of their project, under whatever key they come since: their references join nothing any more.
    separated: HashSet<(SourceId, RecordKey)>,
    /// Records that stand in another project than the one that their key was given.
    moved: HashMap<(SourceId, RecordKey), Moved>,
    /// Keys that sources give no more, each with the one under which the record comes now.
    renumbered: HashMap<(SourceId, RecordKey), RecordKey>,
    certain: Certain,
}

impl Standing {
    /// What the decisions of the ledger come to, the oldest first.
    pub fn of<'a>(decided: impl IntoIterator<Item = (LedgerVersion, &'a Decision)>) -> Self {
        let mut standing = Standing::default();
        decided.into_iter().for_each(|(at, decision)| standing.take(at, decision));
        standing
    }

    /// One decision more, of this version.
    pub fn take(&mut self, at: LedgerVersion, decision: &Decision) {
        self.certain.take(decision);
        match decision {
            Decision::Separated { source, key, to, .. } => {
                let record = (source.clone(), key.clone());
                self.separated.insert(record.clone());
                self.moved.insert(record, Moved { at, to: to.clone() });
            }
            Decision::Parted { source, key, to, .. } if !self.is_separated(source, key) => {
                self.moved.insert((source.clone(), key.clone()), Moved { at, to: to.clone() });
            }
            Decision::Renumbered { source, key, former, .. } => self.renumber(source, former, key),
            _ => {}
        }
    }

    fn renumber(&mut self, source: &SourceId, former: &RecordKey, key: &RecordKey) {
        let [former, now] = [former, key].map(|key| (source.clone(), key.clone()));
        if self.separated.contains(&former) {
            self.separated.insert(now.clone());
        }
        if let Some(moved) = self.moved.get(&former).cloned() {
            self.moved.insert(now.clone(), moved);
        }
        let earlier = self.renumbered.iter_mut().filter(|((one, _), to)| one == source && **to == former.1);
        earlier.for_each(|(_, to)| *to = now.1.clone());
        // A source that takes a renumbering back.
        self.renumbered.remove(&now);
        self.renumbered.insert(former, now.1);
    }

    /// The identifier that a record stands in, whose key was given `project`.
    pub fn given<'a>(&'a self, source: &SourceId, key: &RecordKey, project: &'a ProjectId) -> &'a ProjectId {
        self.moved(source, key).map_or(project, |moved| &moved.to)
    }

    /// Where a record stands that left what its key was given.
    pub fn moved(&self, source: &SourceId, key: &RecordKey) -> Option<&Moved> {
        if self.moved.is_empty() {
            return None;
        }
        self.moved.get(&(source.clone(), key.clone()))
    }

    /// Did a person take this record out of its project?
    pub fn is_separated(&self, source: &SourceId, key: &RecordKey) -> bool {
        !self.separated.is_empty() && self.separated.contains(&(source.clone(), key.clone()))
    }

    /// The key under which a record comes now, where its source gave it another one.
    pub fn key_now(&self, source: &SourceId, key: &RecordKey) -> Option<&RecordKey> {
        if self.renumbered.is_empty() {
            return None;
        }
        self.renumbered.get(&(source.clone(), key.clone()))
    }

    /// The records that stand in one of these identifiers, which their key was not given.
    pub fn moved_to(&self, is_asked: impl Fn(&ProjectId) -> bool) -> Vec<(&(SourceId, RecordKey), &Moved)> {
        let mut moved: Vec<_> = self.moved.iter().filter(|(_, moved)| is_asked(&moved.to)).collect();
        moved.sort();
        moved
    }

    /// The identifier that this one leads to for certain.
    pub fn root<'a>(&'a self, project: &'a ProjectId) -> &'a ProjectId {
        self.certain.end(project)
    }

    /// The certain links.
    pub fn certain(&self) -> &Certain {
        &self.certain
    }
}
