//! Health and figures, for machines that watch.

use super::Service;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;

/// The process answers.
pub(super) async fn live() -> Response {
    axum::Json(json!({"status": "live"})).into_response()
}

/// A portfolio is served. Whether the sources are fresh is another question: see `sources` in the schema.
pub(super) async fn ready(State(service): State<Arc<Service>>) -> Response {
    let head = service.public_reader().head();
    let has_turns = service.turns.available_permits() > 0;
    let status = if has_turns { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = if has_turns { "ready" } else { "busy" };
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
