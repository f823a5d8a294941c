//! Health and figures, for machines that watch.

use super::Service;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// The process answers.
pub(super) async fn live() -> Response {
    axum::Json(json!({"status": "live"})).into_response()
}

/// How long a database may take to tell its head before the gateway counts as not ready.
const LEDGER_ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// A portfolio is served, there are turns, and the database of the ledger answers: without it nothing can be said, nor a
/// restricted reading noted. Whether the sources are fresh is another question: see `sources` in the schema.
pub(super) async fn ready(State(service): State<Arc<Service>>) -> Response {
    let head = service.public_reader().head();
    let answers = tokio::time::timeout(LEDGER_ANSWERS_WITHIN, service.door.ledger_answers()).await;
    let word = match (service.turns.available_permits() > 0, answers) {
        (_, Err(_) | Ok(false)) => "ledger-unreachable",
        (false, _) => "busy",
        (true, Ok(true)) => "ready",
    };
    let status = if word == "ready" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(json!({"status": word, "ledgerVersion": head.version}))).into_response()
}

/// Figures in the text form of Prometheus.
pub(super) async fn figures(State(service): State<Arc<Service>>) -> Response {
    let hosts = service.net.as_ref().map(|net| net.hosts()).unwrap_or_default();
    service.metrics.listeners(service.rooms.taken());
    if let Some(herald) = &service.herald {
        service.metrics.letters(&herald.counts().await);
    }
    let text = service.metrics.render(&service.public_reader(), &hosts);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
