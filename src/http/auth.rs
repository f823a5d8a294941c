//! Who asks, from the Authorization header.

use super::Service;
use super::error::HttpError;
use crate::domain::Instant;
use crate::identity::{TokenError, Verifier, Viewer};
use axum::http::{HeaderMap, header};

/// The viewer: the public without a token. A token that is refused is an error, never the public.
pub(super) async fn viewer(headers: &HeaderMap, service: &Service) -> Result<Viewer, HttpError> {
    admit(authorization(headers)?, service).await
}

/// As [`bearer`]; where a token names a key that is not held, the keys of its issuer are first fetched anew, within their pace.
pub(super) async fn admit(value: Option<&str>, service: &Service) -> Result<Viewer, HttpError> {
    let verifier = service.verifier.as_ref();
    if let (Some(value), Some(verifier), Some(keeper)) = (value, verifier, &service.keys) {
        let token = token(value)?;
        match verifier.verify(token, service.clock.now()) {
            Ok(viewer) => return Ok(viewer),
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
pub(super) fn bearer(value: Option<&str>, verifier: Option<&Verifier>, now: Instant) -> Result<Viewer, HttpError> {
    let Some(value) = value else { return Ok(Viewer::public()) };
    let token = token(value)?;
    let verified = verifier.ok_or(TokenError::Signature).and_then(|verifier| verifier.verify(token, now));
    // The reason alone: nothing of a token belongs in a log.
    Ok(verified.inspect_err(|reason| tracing::info!(%reason, "a token is refused"))?)
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
            bearer(authorization(&headers)?, None, now)
        };
        assert_eq!(with(&[]), Ok(Viewer::public()));
        assert_eq!(with(&["Bearer x"]), Err(HttpError::Token(TokenError::Signature)));
        for refused in [&["Basic x"][..], &["Bearer"], &["Bearer x", "Bearer y"]] {
            assert_eq!(with(refused), Err(HttpError::Authorization), "{refused:?}");
        }
    }
}
