//! Watching: what the ledger's appends touched, as one scope sees it, for as long as somebody listens.

use super::project::Project;
use super::{Door, ProjectFilter, Reader};
use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::domain::image::Head;
use crate::domain::project::ProjectId;
use crate::gateway::Touched;
use crate::identity::Scope;
use crate::portfolio::{Portfolio, ProjectIx};
use futures_util::Stream;
use futures_util::stream::unfold;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// How often verdicts that grow too old are looked for, unless told otherwise.
const JUDGED_EVERY: Duration = Duration::from_secs(10);

/// Tells the time of each change: a view has no clock.
type Now = Arc<dyn Fn() -> Instant + Send + Sync>;

/// A place to watch from: begins at the version at which it was made, so that nothing between the request and its execution
/// is missed.
#[derive(Clone)]
pub struct Watch {
    door: Door,
    scope: Scope,
    now: Now,
    since: LedgerVersion,
    /// What the scope saw at that version.
    seen: Reader,
    every: Duration,
}

impl Door {
    /// A place to watch from, from now on, for what `scope` may see; `now` tells the instant of each change.
    pub fn watch(&self, scope: Scope, now: impl Fn() -> Instant + Send + Sync + 'static) -> Watch {
        let seen = self.open(scope.clone(), now());
        Watch { door: self.clone(), scope, now: Arc::new(now), since: seen.head().version, seen, every: JUDGED_EVERY }
    }
}

impl Watch {
    /// The same, that looks so often for verdicts that grow too old.
    #[must_use]
    pub fn judging_every(self, every: Duration) -> Self {
        Watch { every, ..self }
    }

    pub(super) fn judged_every(&self) -> Duration {
        self.every
    }

    /// The changes, each read at one version. A listener that keeps up is told each append by itself; whatever is appended
    /// while it is busy comes as one change, of the newest version, with all projects touched on the way. Ends with the gateway.
    pub fn changes(&self) -> impl Stream<Item = Change> + Send + use<> {
        let (watch, wakes) = (self.clone(), self.door.gateway().changes());
        unfold((watch, wakes), |(mut watch, mut wakes)| async move {
            loop {
                if let Some(change) = watch.change_since_seen() {
                    return Some((change, (watch, wakes)));
                }
                // What is told does not depend on what was received: one that was missed is no loss.
                if let Err(RecvError::Closed) = wakes.recv().await {
                    return None;
                }
            }
        })
    }

    pub(super) fn seen(&self) -> &Reader {
        &self.seen
    }

    pub(super) fn wakes(&self) -> tokio::sync::broadcast::Receiver<crate::gateway::Change> {
        self.door.gateway().changes()
    }

    pub(super) fn now(&self) -> Instant {
        (self.now)()
    }

    /// The picture that was seen last, at the present instant.
    pub(super) fn seen_now(&self) -> Reader {
        self.seen.at_present((self.now)())
    }

    /// What was appended since this was last asked, as one change.
    pub(super) fn change_since_seen(&mut self) -> Option<Change> {
        let touched = self.door.gateway().touched_since(self.since);
        if touched.portfolio.head().version <= self.since {
            return None;
        }
        let change = self.change(touched);
        (self.since, self.seen) = (change.head().version, change.reader.clone());
        Some(change)
    }

    fn change(&self, touched: Touched) -> Change {
        let reader = self.door.open_on(touched.portfolio, self.scope.clone(), (self.now)());
        // Of a project that is seen only as far as it is public, or without what is kept, the rest is no change.
        let is_whole = |portfolio: &Portfolio, id: &ProjectId| {
            let case = portfolio.project_by_id(id).map(|project| portfolio.project(project));
            case.map(|case| !case.abridged && !case.is_told_in_part())
        };
        let whole = |id: &ProjectId| {
            is_whole(reader.portfolio(), id) == Some(true) && is_whole(self.seen.portfolio(), id) != Some(false)
        };
        let mut told: BTreeSet<ProjectId> = touched.projects.into_iter().filter(whole).collect();
        if !reader.scope().sees_everything() {
            told.extend(reader.portfolio().changed_since(self.seen.portfolio()));
        }
        Change { touched: told.into_iter().collect(), reader }
    }
}

/// A change of the ledger, read at the version that it made.
#[derive(Clone)]
pub struct Change {
    reader: Reader,
    touched: Vec<ProjectId>,
}

impl Change {
    /// The version, and when it was appended.
    pub fn head(&self) -> Head {
        self.reader.head()
    }

    /// The reader of this version.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The touched projects that are there at this version and that `filter` lets through, in the order of identifiers.
    pub fn projects(&self, filter: Option<&ProjectFilter>) -> Vec<Project> {
        let portfolio = self.reader.portfolio();
        let mut there: Vec<ProjectIx> = self.touched.iter().filter_map(|id| portfolio.project_by_id(id)).collect();
        there.sort_unstable();
        there.dedup();
        if let Some(filter) = filter.filter(|_| !there.is_empty()) {
            let passing = portfolio.projects_where(filter);
            there.retain(|project| passing.binary_search(project).is_ok());
        }
        there.into_iter().map(|project| Project::new(&self.reader, project)).collect()
    }
}
