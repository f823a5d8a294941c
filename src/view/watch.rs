//! Watching: what the ledger's appends touched, as one scope sees it, for as long as somebody listens.

use super::project::Project;
use super::{Door, ProjectFilter, Reader};
use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::domain::image::Head;
use crate::domain::project::ProjectId;
use crate::gateway::Touched;
use crate::identity::Scope;
use crate::portfolio::ProjectIx;
use futures_util::Stream;
use futures_util::stream::unfold;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;

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
}

impl Door {
    /// A place to watch from, from now on, for what `scope` may see; `now` tells the instant of each change.
    pub fn watch(&self, scope: Scope, now: impl Fn() -> Instant + Send + Sync + 'static) -> Watch {
        let seen = self.open(scope.clone(), now());
        Watch { door: self.clone(), scope, now: Arc::new(now), since: seen.head().version, seen }
    }
}

impl Watch {
    /// The changes, each read at one version. A listener that keeps up is told each append by itself; whatever is appended
    /// while it is busy comes as one change, of the newest version, with all projects touched on the way. Ends with the gateway.
    pub fn changes(&self) -> impl Stream<Item = Change> + Send + use<> {
        let (watch, wakes) = (self.clone(), self.door.gateway().changes());
        unfold((watch, wakes), |(mut watch, mut wakes)| async move {
            loop {
                let touched = watch.door.gateway().touched_since(watch.since);
                if touched.portfolio.head().version > watch.since {
                    let change = watch.change(touched);
                    (watch.since, watch.seen) = (change.head().version, change.reader.clone());
                    return Some((change, (watch, wakes)));
                }
                // What is told does not depend on what was received: one that was missed is no loss.
                if let Err(RecvError::Closed) = wakes.recv().await {
                    return None;
                }
            }
        })
    }

    fn change(&self, touched: Touched) -> Change {
        let reader = self.door.open_on(touched.portfolio, self.scope.clone(), (self.now)());
        // Of a project that is seen only as far as it is public, what is not public is no change.
        let whole = |id: &ProjectId| {
            let project = reader.portfolio().project_by_id(id);
            project.is_some_and(|project| !reader.portfolio().is_abridged(project))
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
