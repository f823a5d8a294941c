//! What is asked for: where, how, within which bounds.

use super::auth::Auth;
use super::validator::Validator;
use bytes::Bytes;
use reqwest::header::{HeaderName, HeaderValue};
use std::sync::Arc;
use url::Url;

/// One thing to fetch. Whatever the method, it must be safe to ask twice: what fails on the way is asked again.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where it is.
    pub url: Url,
    /// A document sent by POST, for systems that are asked so; without one it is a GET.
    pub document: Option<Document>,
    /// Headers sent along; never to another origin, when a redirect leads there.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// How the source is told who asks; never sent to another origin either.
    pub auth: Option<Arc<Auth>>,
    /// Bodies that are known already: one of these is not sent again, at the URL that gave it.
    pub known: Arc<[Validator]>,
    /// Bytes of the body, once decompressed, beyond which the answer is refused.
    pub bytes_max: u64,
    /// Time that all of it may take, retries and body included.
    pub total_timeout_ms: u64,
}

/// What is sent by POST.
#[derive(Clone)]
pub struct Document {
    /// Its content type.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: Bytes,
}

impl std::fmt::Debug for Document {
    // A form may hold a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes of {}", self.bytes.len(), self.content_type)
    }
}

impl Request {
    /// A GET without headers, within these bounds.
    pub fn get(url: Url, bytes_max: u64, total_timeout_ms: u64) -> Request {
        Request {
            url,
            document: None,
            headers: Vec::new(),
            auth: None,
            known: Arc::default(),
            bytes_max,
            total_timeout_ms,
        }
    }

    /// The same, within this time.
    #[must_use]
    pub fn within(self, total_timeout_ms: u64) -> Request {
        Request { total_timeout_ms, ..self }
    }

    /// The same, by POST of a JSON document.
    #[must_use]
    pub fn with_json(self, document: impl Into<Bytes>) -> Request {
        Request { document: Some(Document { content_type: "application/json", bytes: document.into() }), ..self }
    }

    /// The same, by POST of a form.
    #[must_use]
    pub(super) fn with_form(self, form: String) -> Request {
        let content_type = "application/x-www-form-urlencoded";
        Request { document: Some(Document { content_type, bytes: form.into() }), ..self }
    }

    /// The same, with these headers.
    #[must_use]
    pub fn with_headers(self, headers: Vec<(HeaderName, HeaderValue)>) -> Request {
        Request { headers, ..self }
    }

    /// The same, for another body than these only; to be asked by [`super::Net::fetch_new`].
    #[must_use]
    pub fn unless(self, known: Arc<[Validator]>) -> Request {
        Request { known, ..self }
    }

    /// The same, saying who asks.
    #[must_use]
    pub fn with_auth(self, auth: Option<Arc<Auth>>) -> Request {
        Request { auth, ..self }
    }
}
