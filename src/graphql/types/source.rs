//! A source in the schema.

use super::{Organisation, Rejection, SourceFinding, SyncRun, int};
use crate::graphql::connection::RejectionConnection;
use crate::graphql::error::ApiError;
use crate::graphql::page::{PAGE_LENGTH_DEFAULT, id_of, page_length, stray_cursor};
use crate::graphql::vocabulary::Family;
use crate::view;
use async_graphql::{ID, Object};

/// A handle on a source.
pub struct Source(pub view::Source);

/// One existing system behind a connector: its health and its age.
#[Object]
impl Source {
    /// Its id: that of its connector.
    async fn id(&self) -> ID {
        ID(self.0.profile().id.to_string())
    }

    /// Family of its commitments where neither the data nor the dispositif tells another; PARTENAIRES for a source
    /// of reference data, which has no commitments.
    async fn family(&self) -> Family {
        self.0.profile().family.unwrap_or(crate::domain::vocabulary::Family::Partenaires).into()
    }

    /// Title, in French.
    async fn name(&self) -> &str {
        &self.0.profile().title
    }

    /// The funders whose own word it holds.
    async fn speaks_for(&self) -> Vec<Organisation> {
        self.0.speaks_for().map(Organisation).collect()
    }

    /// The last run, whatever its outcome; null before the first, for `declarations`, which is read from nowhere, and where the viewer
    /// may not know how much the source holds.
    async fn last_run(&self) -> Option<SyncRun> {
        self.0.last_run().map(SyncRun)
    }

    /// The last run that succeeded, those left out that asked only for what had changed; null before the first, and where the viewer
    /// may not know how much the source holds.
    async fn last_success(&self) -> Option<SyncRun> {
        self.0.last_success().map(SyncRun)
    }

    /// The last run came through (a held run was read, but is not applied). What bodies declare stands in the ledger itself:
    /// always true.
    async fn reachable(&self) -> bool {
        self.0.is_reachable()
    }

    /// A read of it waits for a person, and nothing of it is applied: what it speaks for is `STALE` until somebody lets it through, or a
    /// later read brings what it had read.
    async fn held(&self) -> bool {
        self.0.is_held()
    }

    /// Seconds since the last successful read began, at the instant that is read; null before the first. Zero for
    /// `declarations`: the ledger itself is the system.
    async fn age(&self) -> Option<i32> {
        self.0.age_s().map(int)
    }

    /// Longest age, in seconds, at which its statements still count as read in time.
    async fn max_age(&self) -> i32 {
        int(self.0.profile().max_age_s)
    }

    /// What was noticed of it as a whole, by its last run or before, and still holds: for as long as it is so, a month at
    /// most for a change of form that stays.
    async fn findings(&self) -> Vec<SourceFinding> {
        self.0.findings().into_iter().map(SourceFinding).collect()
    }

    /// Records that it gives in a readable form; those that it gives otherwise by now stand, as they were, in projects and totals and are
    /// not counted here. Of `declarations`, and to the public of sources of target envelopes, only those of the projects that the
    /// viewer sees: how many there are is not public.
    async fn records(&self) -> i32 {
        int(self.0.records())
    }

    /// Records that its last read rejected, or an increment or a look-up since, and that could not be read after all; zero, too, where the viewer may not know how much the source holds.
    async fn rejected(&self) -> i32 {
        int(self.0.rejected())
    }

    /// What its last read rejected, or an increment or a look-up since, and why. For the organisation that it speaks for, administrators and auditors; null for other
    /// viewers.
    async fn rejections(
        &self,
        #[graphql(desc = "So many; 50 by default, 200 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
    ) -> Option<Result<RejectionConnection, ApiError>> {
        rejections(&self.0, first, after.as_deref()).await.transpose()
    }
}

async fn rejections(
    source: &view::Source,
    first: Option<i32>,
    after: Option<&str>,
) -> Result<Option<RejectionConnection>, ApiError> {
    let length = first.map_or(Ok(PAGE_LENGTH_DEFAULT), |first| page_length("first", first))?;
    let position = |cursor: &str| id_of(cursor)?.parse::<u64>().map_err(|_| stray_cursor());
    let start = after.map(position).transpose()?.map_or(0, |at| at.saturating_add(1));
    let Some(page) = source.rejections(start, length).await? else { return Ok(None) };
    let end = start + page.items.len() as u64;
    let items = (start..).zip(page.items).map(|(at, rejection)| (at.to_string(), Rejection(rejection))).collect();
    let total = usize::try_from(page.total).unwrap_or(usize::MAX);
    Ok(Some(RejectionConnection::new(items, (start > 0, end < page.total), total)))
}
