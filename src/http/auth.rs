//! Who asks, from the Authorization header.

use super::error::HttpError;
use crate::domain::Instant;
use crate::identity::{TokenError, Verifier, Viewer};
use axum::http::{HeaderMap, header};

/// The viewer: the public without a token. A token that is refused is an error, never the public.
pub(super) fn viewer(headers: &HeaderMap, verifier: Option<&Verifier>, now: Instant) -> Result<Viewer, HttpError> {
    bearer(authorization(headers)?, verifier, now)
}

/// The value of the only Authorization header.
pub(super) fn authorization(headers: &HeaderMap) -> Result<Option<&str>, HttpError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => Ok(Some(value.to_str().map_err(|_| HttpError::Authorization)?)),
        (Some(_), Some(_)) => Err(HttpError::Authorization),
    }
}

/// The viewer whom a value of the form `Bearer TOKEN` stands for; the public without a value.
pub(super) fn bearer(value: Option<&str>, verifier: Option<&Verifier>, now: Instant) -> Result<Viewer, HttpError> {
    let Some(value) = value else { return Ok(Viewer::public()) };
    let (scheme, token) = value.split_once(' ').ok_or(HttpError::Authorization)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(HttpError::Authorization);
    }
    let verified = verifier.ok_or(TokenError::Signature).and_then(|verifier| verifier.verify(token.trim(), now));
    // The reason alone: nothing of a token belongs in a log.
    Ok(verified.inspect_err(|reason| tracing::info!(%reason, "a token is refused"))?)
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
            viewer(&headers, None, now)
        };
        assert_eq!(with(&[]), Ok(Viewer::public()));
        assert_eq!(with(&["Bearer x"]), Err(HttpError::Token(TokenError::Signature)));
        for refused in [&["Basic x"][..], &["Bearer"], &["Bearer x", "Bearer y"]] {
            assert_eq!(with(refused), Err(HttpError::Authorization), "{refused:?}");
        }
    }
}
