//! Heads that are longer than anything needs: read whole so that they can be told for what they are, and then let go at once,
//! before their request holds any memory while it waits for a turn or for its body.

use super::error::HttpError;
use crate::identity::{TOKEN_BYTES_MAX, TokenError};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Longest head that is answered as what it asks for, in bytes of names and values.
const HEAD_BYTES_ANSWERED: usize = 64 * 1024;

/// Refuses a head that is too long: as a token where that is what is long, in one line of the log either way.
pub(super) async fn bounded(request: Request, next: Next) -> Response {
    let length: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if length <= HEAD_BYTES_ANSWERED {
        return next.run(request).await;
    }
    refused(request.headers()).into_response()
}

fn refused(headers: &HeaderMap) -> HttpError {
    let claimed: usize = headers.get_all(header::AUTHORIZATION).iter().map(axum::http::HeaderValue::len).sum();
    if claimed > TOKEN_BYTES_MAX {
        let reason = TokenError::TooLong;
        tracing::info!(%reason, "a token is refused");
        return reason.into();
    }
    tracing::info!("a request is refused: its head is longer than {HEAD_BYTES_ANSWERED} bytes");
    HttpError::LongHead { max_bytes: HEAD_BYTES_ANSWERED }
}
