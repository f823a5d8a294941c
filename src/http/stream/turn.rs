//! Each message of a subscription is executed in turn with all other operations, and within the same time.

use crate::http::error::HttpError;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::{Response, ServerError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// The turns of the service, for one subscription.
pub(super) struct Turns {
    /// One for each operation at once.
    pub turns: Arc<Semaphore>,
    /// How long one message may take.
    pub time: Duration,
}

/// Puts a turn around each message of a request that carries [`Turns`].
pub(in crate::http) struct InTurn;

impl ExtensionFactory for InTurn {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(InTurn)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for InTurn {
    async fn execute(
        &self,
        context: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let Ok(turns) = context.data::<Turns>() else { return next.run(context, operation_name).await };
        // Waited for without end: nobody asked just now, and what is appended meanwhile comes with the next message.
        let Ok(_turn) = turns.turns.acquire().await else { return refused(&HttpError::Busy) };
        match timeout(turns.time, next.run(context, operation_name)).await {
            Ok(response) => response,
            Err(_) => refused(&HttpError::Deadline { seconds: turns.time.as_secs() }),
        }
    }
}

fn refused(error: &HttpError) -> Response {
    let mut told = ServerError::new(error.to_string(), None);
    let mut extensions = async_graphql::ErrorExtensionValues::default();
    extensions.set("code", error.status_and_code().1);
    told.extensions = Some(extensions);
    Response::from_errors(vec![told])
}
