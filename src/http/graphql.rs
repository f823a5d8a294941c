//! The GraphQL endpoint: read the request, know who asks, weigh the document, execute it, answer.

use super::accept::{negotiate, wants_events};
use super::budget::{Payer, Peer};
use super::error::HttpError;
use super::fresh::LateSource;
use super::guard::Refusal;
use super::journal::operation_of;
use super::metrics::Outcome;
use super::order::Order;
use super::request::{Asked, from_get, from_post};
use super::{BODY_BYTES_MAX, BODY_WAIT_MAX, QUEUE_WAIT_MAX, Service, auth, fresh, guard, respond, stream};
use crate::domain::chain::LedgerVersion;
use crate::graphql::{Appended, Schema};
use crate::identity::Scope;
use crate::view::Reader;
use async_graphql::Request;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use axum::Extension;
use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::{Duration, Instant as Moment};
use tokio::time::timeout;

/// How a request came: a GET may only read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Get,
    Post,
}

/// Executes the query in the address, or opens a WebSocket.
pub(super) async fn by_get(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    (RawQuery(query), Extension(peer)): (RawQuery, Extension<Peer>),
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if let Ok(upgrade) = upgrade {
        return stream::open_socket(service, (&headers, peer), upgrade).unwrap_or_else(IntoResponse::into_response);
    }
    let asked = from_get(query.as_deref());
    if wants_events(&headers) {
        return stream::open_events(service, (&headers, peer), asked, By::Get)
            .await
            .unwrap_or_else(IntoResponse::into_response);
    }
    finish(&service, Moment::now(), answer(&service, (&headers, peer), asked, By::Get).await)
}

/// Executes the operation in the body.
pub(super) async fn by_post(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    Extension(peer): Extension<Peer>,
    body: Body,
) -> Response {
    let start = Moment::now();
    let asked = match read(body).await {
        Ok(body) => from_post(&headers, &body),
        Err(error) => Err(error),
    };
    if wants_events(&headers) {
        return stream::open_events(service, (&headers, peer), asked, By::Post)
            .await
            .unwrap_or_else(IntoResponse::into_response);
    }
    finish(&service, start, answer(&service, (&headers, peer), asked, By::Post).await)
}

/// Any other method.
pub(super) async fn by_another_method() -> Response {
    HttpError::Method.into_response()
}

fn finish(service: &Service, start: Moment, answer: Result<(Outcome, Response), HttpError>) -> Response {
    let (outcome, response) = answer.unwrap_or_else(|error| {
        let ours = error.status_and_code().0.is_server_error();
        (if ours { Outcome::Failed } else { Outcome::Refused }, error.into_response())
    });
    let took = start.elapsed();
    tracing::debug!(?outcome, status = response.status().as_u16(), took_us = took.as_micros(), "answered");
    service.metrics.operation(outcome, took);
    response
}

async fn read(body: Body) -> Result<axum::body::Bytes, HttpError> {
    let read = timeout(BODY_WAIT_MAX, axum::body::to_bytes(body, BODY_BYTES_MAX));
    read.await.map_err(|_| HttpError::TooSlow)?.map_err(|error| {
        let cause = std::error::Error::source(&error);
        if cause.is_some_and(|cause| cause.to_string().contains("length limit")) {
            HttpError::TooLong { max_bytes: BODY_BYTES_MAX }
        } else {
            HttpError::malformed("the body did not come whole")
        }
    })
}

async fn answer(
    service: &Service,
    (headers, peer): (&HeaderMap, Peer),
    asked: Result<Asked, HttpError>,
    by: By,
) -> Result<(Outcome, Response), HttpError> {
    // First of all who asks: a token that is refused is told as such, whatever else is wrong.
    let viewer = auth::viewer(headers, service).await?;
    let media = negotiate(headers).ok_or(HttpError::NotAcceptable)?;
    let asked = asked?;
    let payer = Payer::of(&viewer, peer);
    let performed = perform(service, (Scope::of(viewer), &payer), asked, by).await?;
    Ok(match performed {
        Performed::Refused(refusal, version) => (Outcome::Refused, respond::refusal(&refusal, version, media)),
        Performed::Executed(response, version, late) => respond::executed(*response, (version, &late), media),
    })
}

/// What became of one operation.
pub(super) enum Performed {
    /// The guard refused it.
    Refused(Refusal, LedgerVersion),
    /// It was executed, at this version; these sources did not give what was looked up.
    Executed(Box<async_graphql::Response>, LedgerVersion, Vec<LateSource>),
}

/// Weighs and executes a query or a mutation for a scope.
pub(super) async fn perform(
    service: &Service,
    (scope, payer): (Scope, &Payer),
    asked: Asked,
    by: By,
) -> Result<Performed, HttpError> {
    let reader = service.door.open(scope, service.clock.now());
    let version = reader.head().version;
    let (document, cost) = match guard::admit(&asked.query, &asked.variables) {
        Ok(admitted) => admitted,
        Err(refusal) => return Ok(Performed::Refused(refusal, version)),
    };
    match guard::operation_type(&document, asked.operation_name.as_deref()) {
        Some(OperationType::Subscription) => return Err(HttpError::Subscription),
        Some(OperationType::Mutation) if by == By::Get => return Err(HttpError::Method),
        _ => {}
    }
    service.charge(payer, cost)?;
    let late = match fresh::look_up(service, (&asked, &document), reader.scope()).await? {
        Err(refusal) => return Ok(Performed::Refused(refusal, version)),
        Ok(late) => late.unwrap_or_default(),
    };
    // The version after the look-up, and everything of the operation from that one.
    let (door, teller) = service.noted(reader.scope(), operation_of(&asked, &document));
    let reader = door.open(reader.scope().clone(), service.clock.now());
    let version = reader.head().version;
    let appended = Appended::default();
    let order = Order::of(&document, asked.operation_name.as_deref());
    let mut request = request(asked, document, reader).data(appended.clone());
    if let Some(linker) = &service.linker {
        request = request.data(linker.clone());
    }
    if let Some(refresher) = &service.refresher {
        request = request.data(refresher.clone());
    }
    if let Some(registrar) = &service.registrar {
        request = request.data(registrar.clone());
    }
    if let Some(attester) = &service.attester {
        request = request.data(attester.clone());
    }
    let mut response = execute(service, request).await?;
    order.put(&mut response.data);
    // What an act gives back is of the version that it made.
    let appended = LedgerVersion(appended.version());
    let version = version.max(appended);
    teller.tell_after(version, appended).await?;
    Ok(Performed::Executed(Box::new(response), version, late))
}

pub(super) fn request(asked: Asked, document: ExecutableDocument, reader: Reader) -> Request {
    let mut request = Request::new(asked.query).variables(asked.variables).data(reader);
    request.operation_name = asked.operation_name;
    request.set_parsed_query(document);
    request
}

/// Executes with a turn and a deadline.
pub(super) async fn execute(service: &Service, request: Request) -> Result<async_graphql::Response, HttpError> {
    let turn = timeout(QUEUE_WAIT_MAX, Arc::clone(&service.turns).acquire_owned());
    let turn = turn.await.map_err(|_| HttpError::Busy)?.map_err(|_| HttpError::Busy)?;
    let schema: Schema = service.schema.clone();
    let operation = async move {
        let response = schema.execute(request).await;
        // Held as long as the operation really runs, which may be longer than anybody waits for it.
        drop(turn);
        response
    };
    within(service.limits.operation_time, operation).await
}

/// Runs `operation` beside the connection: one that fails or never ends takes nobody down.
async fn within<T: Send + 'static>(
    limit: Duration,
    operation: impl Future<Output = T> + Send + 'static,
) -> Result<T, HttpError> {
    let mut task = tokio::spawn(operation);
    match timeout(limit, &mut task).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(failure)) => {
            let id = format!("{:016x}", rand::random::<u64>());
            tracing::error!(id, error = %failure, "an operation failed");
            Err(HttpError::Internal { id })
        }
        Err(_) => {
            task.abort();
            Err(HttpError::Deadline { seconds: limit.as_secs() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_operation_that_never_ends_is_given_up() {
        let answer = within(Duration::from_millis(1), std::future::pending::<()>()).await;
        assert_eq!(answer, Err(HttpError::Deadline { seconds: 0 }));
        assert_eq!(within(Duration::from_secs(60), async { 1 }).await, Ok(1));
    }

    #[tokio::test]
    async fn an_operation_that_panics_is_our_fault_and_nobody_elses() {
        let answer = within(Duration::from_secs(60), async { panic!("a defect") }).await;
        assert!(matches!(answer, Err::<(), _>(HttpError::Internal { .. })));
    }
}
