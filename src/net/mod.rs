//! The only way out: one HTTP client that reaches the systems named in the settings, and nothing else. Addresses are
//! checked where they are connected to, redirects are followed by hand, every body and every wait has a bound.

mod address;
mod body;
mod error;
mod resolver;
mod retry;
mod settings;

pub use address::Refused;
pub use body::{Body, Downloaded};
pub use error::{NetError, shown};
pub use settings::{Hosts, NetSettings};

use crate::net::resolver::GuardedResolver;
use crate::net::retry::{Budget, retry_after};
use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

/// What the gateway calls itself in the logs of the systems that it reads.
const USER_AGENT: &str = concat!("passerelle/", env!("CARGO_PKG_VERSION"));

/// The content type of what is sent by POST.
const JSON: &str = "application/json";

/// One thing to fetch. Whatever the method, it must be safe to ask twice: what fails on the way is asked again.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where it is.
    pub url: Url,
    /// A JSON document sent by POST, for systems that are asked so; without one it is a GET.
    pub json: Option<Bytes>,
    /// Headers sent along; never to another host, when a redirect leads there.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Bytes of the body, once decompressed, beyond which the answer is refused.
    pub bytes_max: u64,
    /// Time that all of it may take, retries and body included.
    pub total_timeout_ms: u64,
}

impl Request {
    /// A GET without headers, within these bounds.
    pub fn get(url: Url, bytes_max: u64, total_timeout_ms: u64) -> Request {
        Request { url, json: None, headers: Vec::new(), bytes_max, total_timeout_ms }
    }

    /// The same, by POST of a JSON document.
    #[must_use]
    pub fn with_json(self, document: impl Into<Bytes>) -> Request {
        Request { json: Some(document.into()), ..self }
    }

    /// The same, with these headers.
    #[must_use]
    pub fn with_headers(self, headers: Vec<(HeaderName, HeaderValue)>) -> Request {
        Request { headers, ..self }
    }
}

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct Net {
    client: reqwest::Client,
    settings: Arc<NetSettings>,
    budget: Arc<Budget>,
}

impl Net {
    /// A client that keeps to `settings`.
    ///
    /// # Errors
    /// The roots of trust of this machine cannot be loaded.
    pub fn new(settings: NetSettings) -> Result<Net, NetError> {
        let settings = Arc::new(settings);
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
            .read_timeout(Duration::from_millis(settings.read_timeout_ms))
            .dns_resolver(GuardedResolver::new(Arc::clone(&settings)))
            .build()
            .map_err(|error| NetError::Unusable { detail: error::causes(&error) })?;
        let budget = Arc::new(Budget::new(settings.retry_budget));
        Ok(Net { client, settings, budget })
    }

    /// Fetches: follows checked redirects, tries again what is worth it, and returns the body unread.
    ///
    /// # Errors
    /// Everything that [`NetError`] tells; a status other than 200 to 299 is one of them.
    pub async fn get(&self, request: &Request) -> Result<Body, NetError> {
        let deadline = Instant::now() + Duration::from_millis(request.total_timeout_ms);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let (error, asked_wait) = match self.follow(request, deadline).await {
                Ok(response) => match body::accept(response, request, deadline) {
                    Ok(body) => {
                        self.budget.refill();
                        return Ok(body);
                    }
                    Err(refusal) => refusal,
                },
                Err(error) => (error, None),
            };
            let wait = self.settings.wait_before(attempt, asked_wait);
            let in_time = wait.is_some_and(|wait| Instant::now() + wait < deadline);
            let Some(wait) = wait.filter(|_| in_time && error.is_worth_a_retry() && self.budget.take()) else {
                return Err(error);
            };
            tracing::debug!(%error, attempt, wait_ms = wait.as_millis() as u64, "trying again");
            tokio::time::sleep(wait).await;
        }
    }

    /// One attempt, through its redirects.
    async fn follow(&self, request: &Request, deadline: Instant) -> Result<reqwest::Response, NetError> {
        let mut url = request.url.clone();
        for _ in 0..=self.settings.redirects_max {
            address::check_url(&url, &self.settings).map_err(|refused| refused.at(&url, &request.url))?;
            let left = deadline.saturating_duration_since(Instant::now());
            let headers = headers_for(request, &url);
            let call = match &request.json {
                None => self.client.get(url.clone()),
                Some(document) => self.client.post(url.clone()).header(CONTENT_TYPE, JSON).body(document.clone()),
            };
            let sent = call.headers(headers).timeout(left).send().await;
            let response = sent.map_err(|error| NetError::of_send(&error, &url, &request.url))?;
            if !is_redirect(response.status()) {
                return Ok(response);
            }
            let next = next_hop(&response, &url)?;
            if request.json.is_some() && !keeps_document(response.status(), &url, &next) {
                return Err(NetError::redirect(&request.url, Refused::MovesDocument));
            }
            url = next;
        }
        Err(NetError::redirect(&request.url, Refused::TooManyRedirects))
    }
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Net").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// A status that names another place to GET. 304 is none: nothing conditional is ever asked.
fn is_redirect(status: reqwest::StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// A document is sent again only as it was sent, and only to the origin that it was written for.
fn keeps_document(status: reqwest::StatusCode, from: &Url, next: &Url) -> bool {
    matches!(status.as_u16(), 307 | 308) && from.origin() == next.origin()
}

/// The place that a redirect names.
fn next_hop(response: &reqwest::Response, from: &Url) -> Result<Url, NetError> {
    let named = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let next = named.and_then(|text| from.join(text).ok());
    let next = next.ok_or_else(|| NetError::redirect(from, Refused::NoLocation))?;
    if from.scheme() == "https" && next.scheme() != "https" {
        return Err(NetError::redirect(from, Refused::LeavesHttps));
    }
    Ok(next)
}

/// The request's own headers may hold a key: they go to the origin that they were written for, and to no other.
fn headers_for(request: &Request, url: &Url) -> HeaderMap {
    if url.origin() != request.url.origin() {
        return HeaderMap::new();
    }
    request.headers.iter().cloned().collect()
}

impl NetSettings {
    /// How long to wait before another attempt, or `None` when there is no other.
    fn wait_before(&self, attempt: u32, asked_wait: Option<Duration>) -> Option<Duration> {
        if attempt >= self.attempts_max {
            return None;
        }
        match asked_wait {
            Some(wait) => Some(wait).filter(|wait| wait.as_millis() <= u128::from(self.retry_after_ms_max)),
            None => Some(retry::backoff(self.backoff_ms, attempt)),
        }
    }
}

/// The wait that a refusal asks for.
fn asked_wait(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    retry_after(text(reqwest::header::RETRY_AFTER)?, text(reqwest::header::DATE))
}
