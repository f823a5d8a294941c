//! Who asks, from the Authorization header.

use super::error::HttpError;
use super::metrics::Outcome;
use super::{BODY_BYTES_MAX, Service};
use crate::domain::Instant;
use crate::identity::{TokenError, Verifier, Viewer};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::{Duration, Instant as Moment};

/// Where GraphQL is spoken.
const GRAPHQL: &str = "/graphql";
/// How long the body of a refused request is read away.
const REST_WAIT: Duration = Duration::from_secs(2);
/// Where lists stand.
const LISTS: &str = "/lists/";

/// Whoever asks, and until when their token holds; the public has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Admitted {
    pub viewer: Viewer,
    pub until: Option<Instant>,
}

/// The viewer: the public without a token. A token that is refused is an error, never the public.
pub(super) async fn viewer(headers: &HeaderMap, service: &Service) -> Result<Viewer, HttpError> {
    Ok(admit(authorization(headers)?, service).await?.viewer)
}

/// Refuses a token before anything else of a request is looked at: its body, its parameters, its method. Of what anybody may have
/// without a token (health, figures, the schema) no token is read, and a WebSocket greets with its own.
pub(super) async fn first(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_socket = request.headers().contains_key(header::UPGRADE);
    if path == GRAPHQL && !is_socket || path.starts_with(LISTS) {
        let start = Moment::now();
        if let Err(error) = viewer(request.headers(), &service).await {
            if path == GRAPHQL {
                service.metrics.operation(Outcome::Refused, start.elapsed());
            }
            return after_the_body(request, error.into_response()).await;
        }
    }
    next.run(request).await
}

/// Reads away what is left of a request that is refused, unread, so that the connection serves the next one. Where it does not end
/// soon, the answer says that the connection is closed: a client that keeps it would have its next request broken off.
async fn after_the_body(request: Request, mut answer: Response) -> Response {
    let version = request.version();
    let rest = axum::body::to_bytes(request.into_body(), BODY_BYTES_MAX);
    let is_over = tokio::time::timeout(REST_WAIT, rest).await.is_ok_and(|rest| rest.is_ok());
    if !is_over && version <= Version::HTTP_11 {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

/// As [`bearer`]; where a token names a key that is not held, the keys of its issuer are first fetched anew, within their pace.
pub(super) async fn admit(value: Option<&str>, service: &Service) -> Result<Admitted, HttpError> {
    let verifier = service.verifier.as_ref();
    if let (Some(value), Some(verifier), Some(keeper)) = (value, verifier, &service.keys) {
        let token = token(value)?;
        match verifier.verify_until(token, service.clock.now()) {
            Ok((viewer, until)) => return Ok(Admitted { viewer, until: Some(until) }),
            Err(TokenError::UnknownKey | TokenError::NoKeys) => {
                if let Some(ring) = verifier.keys_claimed(token) {
                    keeper.ask(ring).await;
                }
            }
            Err(_) => {}
        }
    }
    bearer(value, verifier, service.clock.now())
}

/// The value of the only Authorization header.
pub(super) fn authorization(headers: &HeaderMap) -> Result<Option<&str>, HttpError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => Ok(Some(value.to_str().map_err(|_| unread())?)),
        (Some(_), Some(_)) => Err(unread()),
    }
}

/// The viewer whom a value of the form `Bearer TOKEN` stands for; the public without a value.
pub(super) fn bearer(value: Option<&str>, verifier: Option<&Verifier>, now: Instant) -> Result<Admitted, HttpError> {
    let Some(value) = value else { return Ok(Admitted { viewer: Viewer::public(), until: None }) };
    let token = token(value)?;
    let verified = verifier.ok_or(TokenError::Signature).and_then(|verifier| verifier.verify_until(token, now));
    let (viewer, until) = verified.map_err(refused)?;
    Ok(Admitted { viewer, until: Some(until) })
}

/// Told in one line, by its reason alone: nothing of a token belongs in a log.
pub(super) fn refused(reason: TokenError) -> HttpError {
    tracing::info!(%reason, "a token is refused");
    reason.into()
}

/// The viewer whom a sound token stands for, without a word of any other: that is said where it is refused.
pub(super) fn bearer_of(value: Option<&str>, service: &Service) -> Option<Viewer> {
    service.verifier.as_ref()?.verify(value?.split_once(' ')?.1.trim(), service.clock.now()).ok()
}

fn token(value: &str) -> Result<&str, HttpError> {
    let (scheme, token) = value.split_once(' ').ok_or_else(unread)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(unread()) }
}

/// No token that could be judged: told in one line too, without anything of it.
fn unread() -> HttpError {
    tracing::info!("an Authorization header is refused: it is not a single « Bearer TOKEN »");
    HttpError::Authorization
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn a_wrong_token_is_not_the_public() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");
        let with = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, value.parse().expect("a header value"));
            }
            bearer(authorization(&headers)?, None, now).map(|admitted| admitted.viewer)
        };
        assert_eq!(with(&[]), Ok(Viewer::public()));
        assert_eq!(with(&["Bearer x"]), Err(HttpError::Token(TokenError::Signature)));
        for refused in [&["Basic x"][..], &["Bearer"], &["Bearer x", "Bearer y"]] {
            assert_eq!(with(refused), Err(HttpError::Authorization), "{refused:?}");
        }
    }
}
