//! What HTTP itself may answer instead of a GraphQL result: one place for statuses and codes.

use crate::identity::TokenError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a request does not come to be executed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum HttpError {
    /// No request that could be read.
    #[error("{0}")]
    Malformed(String),
    /// Not JSON.
    #[error("send the request as Content-Type: application/json, in UTF-8, without content encoding")]
    MediaType,
    /// The client accepts nothing that we give.
    #[error("this address answers in application/graphql-response+json or application/json: say so in Accept")]
    NotAcceptable,
    /// A subscription where one answer is expected.
    #[error("a subscription is told over WebSocket (graphql-transport-ws), or with Accept: text/event-stream")]
    Subscription,
    /// A mutation by GET, or another method.
    #[error("GET reads only: send this by POST")]
    Method,
    /// The body is too long.
    #[error("the body is longer than {max_bytes} bytes")]
    TooLong {
        /// What is allowed.
        max_bytes: usize,
    },
    /// The head is too long.
    #[error("the headers are longer than {max_bytes} bytes")]
    LongHead {
        /// What is allowed.
        max_bytes: usize,
    },
    /// The body does not come.
    #[error("the body did not come in time")]
    TooSlow,
    /// The token is refused.
    #[error("{0}")]
    Token(#[from] TokenError),
    /// Not for this viewer.
    #[error("{0}")]
    Forbidden(&'static str),
    /// Something else than one bearer token.
    #[error("send one Authorization header, of the form: Bearer TOKEN")]
    Authorization,
    /// Too much is asked of the gateway at once.
    #[error("the gateway is busy: ask again in a moment")]
    Busy,
    /// This asker asked for much in a short time.
    #[error("you have asked for much in a short time: ask again in {seconds} s, or for less (docs/limits.md)")]
    OverBudget {
        /// When it may ask for the same again.
        seconds: u64,
    },
    /// What was read cannot be written into the journal of reads.
    #[error(
        "the answer is withheld, for it could not be written into the journal of reads: tell who runs the gateway; {}",
        if *stands { "the act that you asked for stands" } else { "no act was taken" }
    )]
    Unrecorded {
        /// Was an act appended before?
        stands: bool,
    },
    /// The answer takes too long.
    #[error(
        "the answer took longer than {seconds} seconds and was given up: ask for less; /health/ready tells whether the database answers"
    )]
    Deadline {
        /// What is allowed.
        seconds: u64,
    },
    /// Our fault; it stands in the log under the identifier.
    #[error("the gateway failed; it is noted under {id}")]
    Internal {
        /// Identifier in the log.
        id: String,
    },
}

impl HttpError {
    /// A request that could not be read.
    pub fn malformed(message: impl Into<String>) -> Self {
        HttpError::Malformed(message.into())
    }

    /// The status and the stable code.
    pub fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            HttpError::Malformed(_) => (StatusCode::BAD_REQUEST, "BAD_REQUEST"),
            HttpError::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"),
            HttpError::NotAcceptable | HttpError::Subscription => (StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE"),
            HttpError::Method => (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"),
            HttpError::TooLong { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"),
            HttpError::LongHead { .. } => (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "HEADERS_TOO_LARGE"),
            HttpError::TooSlow => (StatusCode::REQUEST_TIMEOUT, "BODY_TOO_SLOW"),
            HttpError::Token(_) | HttpError::Authorization => (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
            HttpError::Forbidden(_) => (StatusCode::FORBIDDEN, "FORBIDDEN"),
            HttpError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "TOO_BUSY"),
            HttpError::OverBudget { .. } => (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"),
            HttpError::Unrecorded { .. } => (StatusCode::SERVICE_UNAVAILABLE, "JOURNAL_UNAVAILABLE"),
            HttpError::Deadline { .. } => (StatusCode::SERVICE_UNAVAILABLE, "DEADLINE_EXCEEDED"),
            HttpError::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"),
        }
    }

    /// What is said instead of an answer.
    pub fn body(&self) -> serde_json::Value {
        let mut extensions = json!({"code": self.status_and_code().1});
        if let HttpError::OverBudget { seconds } = self {
            extensions["retryAfter"] = json!(seconds);
        }
        json!({"errors": [{"message": self.to_string(), "extensions": extensions}]})
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let mut response = (self.status_and_code().0, axum::Json(self.body())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            HttpError::Token(_) | HttpError::Authorization => {
                let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
                headers.insert(header::WWW_AUTHENTICATE, challenge);
            }
            HttpError::Method => {
                headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
            }
            HttpError::OverBudget { seconds } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            HttpError::Busy => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}
