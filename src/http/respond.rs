//! The answer over HTTP: its body, its status by media type, its codes.

use super::accept::Media;
use super::fresh::LateSource;
use super::guard::Refusal;
use super::metrics::Outcome;
use crate::domain::chain::{LedgerVersion, instant_text};
use async_graphql::{ErrorExtensionValues, Name, ServerError, Value};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::collections::BTreeMap;

/// Errors told of one document; validation may find one at every field.
const ERRORS_MAX: usize = 20;

/// An answer as it is written: `data` is absent when nothing was executed.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    extensions: BTreeMap<&'static str, Value>,
}

/// The error that tells why the guard refuses a document.
fn error_of(refusal: &Refusal) -> ServerError {
    let at = match refusal {
        Refusal::Syntax { at, .. } => *at,
        _ => None,
    };
    let mut error = ServerError::new(refusal.to_string(), at);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", refusal.code());
    if let Refusal::Limit { limit, most, .. } = refusal {
        extensions.set("limit", *limit);
        extensions.set("most", *most);
    }
    error.extensions = Some(extensions);
    error
}

/// The answer to a document that the guard refuses.
pub(super) fn refusal(refusal: &Refusal, version: LedgerVersion, media: Media) -> Response {
    // A limit is no matter of the document's form: it is refused with a status in both media types.
    let status = match (refusal, media) {
        (Refusal::Limit { .. }, _) | (_, Media::GraphqlResponse) => StatusCode::BAD_REQUEST,
        (_, Media::Json) => StatusCode::OK,
    };
    written(status, &Body { errors: &[error_of(refusal)], data: None, extensions: extensions_of(version) }, media)
}

/// The same for a stream, as JSON.
pub(super) fn refusal_payload(refusal: &Refusal, version: LedgerVersion) -> serde_json::Value {
    payload_of(&Body { errors: &[error_of(refusal)], data: None, extensions: extensions_of(version) })
}

/// The answer of the library.
pub(super) fn executed(
    mut response: async_graphql::Response,
    (version, late): (LedgerVersion, &[LateSource]),
    media: Media,
) -> (Outcome, Response) {
    let (outcome, refused) = judge(&mut response);
    let status = if refused && media == Media::GraphqlResponse { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    (outcome, written(status, &body(&response, refused, (version, late)), media))
}

/// One answer of a stream, as JSON; without `data` when nothing was executed.
pub(super) fn payload(
    mut response: async_graphql::Response,
    (version, late): (LedgerVersion, &[LateSource]),
) -> (Outcome, serde_json::Value) {
    let (outcome, refused) = judge(&mut response);
    (outcome, payload_of(&body(&response, refused, (version, late))))
}

fn payload_of(body: &Body<'_>) -> serde_json::Value {
    serde_json::to_value(body).expect("an answer holds text keys and finite numbers only")
}

/// How the operation ended, and whether nothing was executed. Gives every error a code.
fn judge(response: &mut async_graphql::Response) -> (Outcome, bool) {
    // What fails before execution has no path: its data is not null, it is none.
    let refused = response.data == Value::Null && response.errors.iter().all(|error| error.path.is_empty());
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", if refused { "GRAPHQL_VALIDATION_FAILED" } else { "BAD_INPUT" });
        }
    }
    response.errors.truncate(ERRORS_MAX);
    let internal = response.errors.iter().any(is_internal);
    let outcome = match (refused, response.errors.is_empty()) {
        (true, _) => Outcome::Refused,
        (false, true) => Outcome::Answered,
        (false, false) if internal => Outcome::Failed,
        (false, false) => Outcome::Partial,
    };
    (outcome, refused)
}

fn body<'a>(
    response: &'a async_graphql::Response,
    refused: bool,
    (version, late): (LedgerVersion, &[LateSource]),
) -> Body<'a> {
    let mut extensions = extensions_of(version);
    if !late.is_empty() {
        extensions.insert("sources", Value::List(late.iter().map(told).collect()));
    }
    Body { errors: &response.errors, data: (!refused).then_some(&response.data), extensions }
}

fn is_internal(error: &ServerError) -> bool {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    code == Some(&Value::from("INTERNAL"))
}

/// A source that did not give what was looked up.
fn told(late: &LateSource) -> Value {
    let text = |text: &str| Value::from(text);
    let entries = [
        ("id", text(late.source.as_str())),
        ("age", Value::from(late.age_s)),
        ("readAt", text(&instant_text(late.read_at))),
        ("code", text(late.code)),
        (
            "reason",
            Value::Object(
                [("fr", &late.reason.fr), ("en", &late.reason.en)]
                    .map(|(lang, told)| (Name::new(lang), text(told)))
                    .into_iter()
                    .collect(),
            ),
        ),
    ];
    Value::Object(entries.into_iter().map(|(name, value)| (Name::new(name), value)).collect())
}

fn extensions_of(version: LedgerVersion) -> BTreeMap<&'static str, Value> {
    BTreeMap::from([("ledgerVersion", Value::from(version.0))])
}

fn written(status: StatusCode, body: &Body<'_>, media: Media) -> Response {
    let bytes = serde_json::to_vec(body).expect("an answer holds text keys and finite numbers only");
    let mut response = (status, bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept, authorization"));
    response
}
