//! The root of all that is told as it happens.

use super::error::ApiError;
use super::input::ProjectFilter;
use super::mutation::Appended;
use super::types::{LedgerChange, VerdictChange};
use crate::view::Watch;
use async_graphql::{Context, Subscription as Root};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};

/// Projects in one message: as many as the cost of a document supposes of a list.
const PROJECTS_TOLD_AT_ONCE: usize = 50;

/// The root of subscriptions.
#[derive(Default)]
pub struct Subscription;

/// What is told as it happens: over WebSocket (graphql-transport-ws) or as server-sent events.
#[Root]
impl Subscription {
    /// Each change of the ledger that touches a project that the filter lets through, from now on. Appends that follow each
    /// other faster than they are received come as one, of the newest version. A project that is no longer there, or that
    /// the filter no longer lets through, is not told.
    async fn ledger_changed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which projects; all by default.")] filter: Option<ProjectFilter>,
    ) -> Result<BoxStream<'static, LedgerChange>, ApiError> {
        let filter = filter.map(ProjectFilter::without_judgement).transpose()?;
        let told = context.data_opt::<Appended>().cloned().unwrap_or_default();
        let wants_projects = context.look_ahead().field("projects").exists();
        let changes = watch(context)?.changes().flat_map(move |change| {
            told.note(change.head().version);
            let (head, projects) = (change.head(), change.projects(filter.as_ref()));
            // Without the projects, one message says it all.
            let at_once = if wants_projects { PROJECTS_TOLD_AT_ONCE } else { projects.len().max(1) };
            let messages: Vec<_> =
                projects.chunks(at_once).map(|some| LedgerChange::new(head, some.to_vec())).collect();
            stream::iter(messages)
        });
        Ok(changes.boxed())
    }

    /// Each verdict that is no longer what it was (ready, knowledge, or what was attested), of projects that the viewer sees
    /// whole and that the filter lets through, from now on: because something was appended, or because a reading grew too old.
    /// At most 5,000 projects; for partners, committees, the Région and auditors.
    async fn verdict_changed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which projects; all by default.")] filter: Option<ProjectFilter>,
    ) -> Result<BoxStream<'static, VerdictChange>, ApiError> {
        let filter = filter.map(ProjectFilter::without_judgement).transpose()?;
        let told = context.data_opt::<Appended>().cloned().unwrap_or_default();
        let watch = watch(context)?.clone();
        // Thousands of projects are judged to begin with: beside the threads that serve.
        let begun = tokio::task::spawn_blocking(move || watch.verdicts(filter)).await;
        let changes = begun.map_err(|failure| ApiError::internal(&failure))??.map(move |change| {
            told.note(change.head.version);
            VerdictChange(change)
        });
        Ok(changes.boxed())
    }
}

fn watch<'a>(context: &'a Context<'_>) -> Result<&'a Watch, ApiError> {
    context.data_opt::<Watch>().ok_or_else(|| {
        ApiError::internal(&std::io::Error::other("a subscription was executed without a place to watch from"))
    })
}
