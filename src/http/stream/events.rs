//! Server-sent events (GraphQL over SSE, one request for each stream): `next` for each answer, then `complete`.

use super::Listener;
use crate::http::budget::Peer;
use crate::http::error::HttpError;
use crate::http::graphql::By;
use crate::http::request::Asked;
use crate::http::{Service, auth};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use std::convert::Infallible;
use std::sync::Arc;

/// Opens a stream of events. It ends with the token, or when the gateway stops: then no `complete` is told, and the client
/// may ask again.
///
/// # Errors
/// No request, a token that is refused, or too many listeners.
pub(in crate::http) async fn open(
    service: Arc<Service>,
    (headers, peer): (&HeaderMap, Peer),
    asked: Result<Asked, HttpError>,
    by: By,
) -> Result<Response, HttpError> {
    let authorization = auth::authorization(headers)?.map(str::to_owned);
    let every = service.limits.alive_every;
    let listener = Arc::new(Listener::admit(service, (authorization, peer)).await?);
    let asked = asked?;
    let room = listener.room()?;
    let answers = listener.answers(asked, by).map(|payload| {
        // Compact JSON has no line break: it is one line of data.
        Event::default().event("next").data(payload.to_string())
    });
    // A browser tells no event whose data are empty.
    let complete = stream::once(async { Event::default().event("complete").data("null") });
    let (admitted, ending) = (Arc::clone(&listener), Arc::clone(&listener));
    let events = answers
        .chain(complete)
        .take_while(move |_| std::future::ready(admitted.still().is_ok()))
        .take_until(Box::pin(async move {
            tokio::select! { () = ending.stopped() => {}, () = expired(&ending) => {} }
        }))
        .map(move |event| {
            // Held for as long as the stream lives.
            let _room = &room;
            Ok::<_, Infallible>(event)
        });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(every)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Ends when the token does not hold any more.
async fn expired(listener: &Listener) {
    let mut ticks = tokio::time::interval(listener.service.limits.alive_every);
    while listener.still().is_ok() {
        tokio::select! { _ = ticks.tick() => {}, () = listener.expired() => {} }
    }
}
