//! Sources read when somebody asks.

use super::appended;
use crate::acts::refresh::{REFRESH_WAIT_MAX, RefreshError, Refresher};
use crate::domain::act::Author;
use crate::graphql::error::{ApiError, Code};
use crate::graphql::types::SyncRun;
use crate::view::Reader;
use async_graphql::{Context, ID, Object};

/// Sources read when somebody asks.
#[derive(Default)]
pub struct Sources;

/// Sources read when somebody asks.
#[Object]
impl Sources {
    /// Reads a source now, as at its ordinary rhythm: what changed, or everything. For whoever runs the gateway (ADMIN). Gives
    /// the run as it ended, a failed or a held one too; one that takes longer than eight seconds is given as RUNNING and
    /// goes on. While a run that somebody asked for is under way, who asks again is given that one.
    async fn refresh_source(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Identifier of the source, as in the query sources.")] id: ID,
    ) -> Result<SyncRun, ApiError> {
        let (refresher, author) = who_refreshes(context)?;
        let run = refresher.refresh(author, &id, REFRESH_WAIT_MAX).await?;
        appended(context, refresher.version())?;
        Ok(SyncRun(run))
    }
}

fn who_refreshes<'a>(context: &'a Context<'_>) -> Result<(&'a Refresher, Author), ApiError> {
    let refuse = || {
        let needed = "sources are read on demand for whoever runs the gateway: a token of role ADMIN";
        ApiError::new(Code::Forbidden, needed)
    };
    let scope =
        context.data_opt::<Reader>().map(Reader::scope).filter(|scope| scope.may_refresh()).ok_or_else(refuse)?;
    let author = scope.viewer().author().ok_or_else(refuse)?;
    let missing = || ApiError::internal(&std::io::Error::other("an operation was executed without a refresher"));
    Ok((context.data_opt::<Refresher>().ok_or_else(missing)?, author))
}

impl From<RefreshError> for ApiError {
    fn from(error: RefreshError) -> Self {
        match &error {
            RefreshError::NoSource(_) => ApiError::new(Code::NotFound, error.to_string()),
            RefreshError::Sync { .. } | RefreshError::Stopped(_) => ApiError::internal(&error),
        }
    }
}
