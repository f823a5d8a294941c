//! The public keys with which anybody verifies what the gateway signed (JWK Set, RFC 7517).

use super::Service;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// How long they may be kept, in seconds: a rotation is announced long before.
const KEPT: &str = "public, max-age=300";

/// The public keys; 404 where nothing is signed here.
pub async fn public(State(service): State<Arc<Service>>) -> Response {
    let Some(attester) = &service.attester else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [(header::CONTENT_TYPE, "application/jwk-set+json"), (header::CACHE_CONTROL, KEPT)];
    (headers, attester.public_keys().to_json()).into_response()
}
