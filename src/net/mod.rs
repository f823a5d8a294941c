//! The only way out: one HTTP client that reaches the systems named in the settings, and nothing else. Addresses are
//! checked where they are connected to, redirects are followed by hand, every body and every wait has a bound.

mod address;
mod auth;
mod body;
mod breaker;
mod client;
mod database;
mod error;
mod gunzip;
mod request;
mod resolver;
mod retry;
mod secret;
mod settings;
mod token;
mod validator;

pub use address::Refused;
pub use auth::{Auth, ClientCredentials};
pub use body::{Body, Downloaded};
pub use breaker::{Circuit, HostState};
pub use error::{NetError, shown};
pub use request::{Document, Request};
pub use secret::{Absent, Cutter, Held, Secret};
pub use settings::{Hosts, NetSettings, Proxy, SourceAccess};
pub use validator::Validator;

use crate::net::auth::Pass;
use crate::net::breaker::{Began, Breakers};
use crate::net::retry::{Budget, retry_after};
use crate::net::token::Tokens;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use url::Url;

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct Net {
    client: reqwest::Client,
    /// For where a redirect leads to another origin: it shows no certificate, as no secret goes there.
    elsewhere: reqwest::Client,
    settings: Arc<NetSettings>,
    shared: Arc<Shared>,
    access: Option<Arc<SourceAccess>>,
    /// How hosts stood when this read began; nothing for what is not one read.
    began: Option<Arc<Began>>,
}

/// What all sources share.
struct Shared {
    budget: Budget,
    breakers: Breakers,
    tokens: Tokens,
    /// Clients of the sources that need their own.
    clients: Mutex<HashMap<String, reqwest::Client>>,
}

/// What is fetched under a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched<T> {
    /// A body that was not known.
    New(T),
    /// One that was: nothing was sent.
    Known,
}

/// What a call came to: the answer, the URL that gave it, and the body that was said to be known there.
struct Called {
    response: reqwest::Response,
    url: Url,
    known: Option<Validator>,
}

/// A failed attempt, and the wait that the system asks for.
type Refusal = (NetError, Option<Duration>);

impl Net {
    /// A client that keeps to `settings`.
    ///
    /// # Errors
    /// The roots of trust of this machine cannot be loaded, or the settings of proxy and authorities are none.
    pub fn new(settings: NetSettings) -> Result<Net, NetError> {
        let settings = Arc::new(settings);
        let client = client::client(&settings, &SourceAccess::default())?;
        let shared = Shared {
            budget: Budget::new(settings.retry_budget),
            breakers: Breakers::new(settings.circuit_failures_max, settings.circuit_pause_ms),
            tokens: Tokens::default(),
            clients: Mutex::default(),
        };
        Ok(Net { elsewhere: client.clone(), client, settings, shared: Arc::new(shared), access: None, began: None })
    }

    /// The same way out with what the settings give to `source`: its secrets, its certificate, its waits. One for each read: calls
    /// that fail count as one read that did.
    ///
    /// # Errors
    /// Its certificate cannot be used.
    pub fn of(&self, source: &str) -> Result<Net, NetError> {
        let Some(access) = self.settings.sources.get(source) else {
            return Ok(Net { access: None, began: Some(Arc::default()), ..self.clone() });
        };
        let client = if access.is_special() {
            let mut clients = self.shared.clients.lock().unwrap_or_else(PoisonError::into_inner);
            match clients.get(source) {
                Some(client) => client.clone(),
                None => {
                    let client = client::client(&self.settings, access)?;
                    clients.insert(source.to_owned(), client.clone());
                    client
                }
            }
        } else {
            self.client.clone()
        };
        let elsewhere = if access.identity.is_some() { self.elsewhere.clone() } else { client.clone() };
        Ok(Net {
            client,
            elsewhere,
            access: Some(Arc::new(access.clone())),
            began: Some(Arc::default()),
            ..self.clone()
        })
    }

    /// Fetches: follows checked redirects, tries again what is worth it, and returns the body unread.
    ///
    /// # Errors
    /// Everything that [`NetError`] tells; a status other than 200 to 299 is one of them.
    pub async fn get(&self, request: &Request) -> Result<Body, NetError> {
        self.fetch(request, |body| std::future::ready(Ok(body))).await
    }

    /// The same, with what `take` makes of the body: a body that breaks off is asked for again as well.
    ///
    /// # Errors
    /// As [`Net::get`], and what `take` says.
    pub async fn fetch<T, F>(&self, request: &Request, take: impl Fn(Body) -> F) -> Result<T, NetError>
    where
        F: Future<Output = Result<T, NetError>>,
    {
        match self.fetch_new(request, take).await? {
            Fetched::New(taken) => Ok(taken),
            Fetched::Known => Err(NetError::not_modified(&request.url)),
        }
    }

    /// The same, where the request may name bodies that are known already.
    ///
    /// # Errors
    /// As [`Net::fetch`]; an answer 304 that was not asked for is one of them.
    pub async fn fetch_new<T, F>(&self, request: &Request, take: impl Fn(Body) -> F) -> Result<Fetched<T>, NetError>
    where
        F: Future<Output = Result<T, NetError>>,
    {
        let deadline = Instant::now() + Duration::from_millis(request.total_timeout_ms);
        self.shared.breakers.enter(&request.url, self.began.as_deref(), Instant::now())?;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let outcome = match self.attempt(request, deadline).await {
                Ok(Fetched::Known) => Ok(Fetched::Known),
                Ok(Fetched::New(body)) => take(body).await.map(Fetched::New).map_err(|error| (error, None)),
                Err(refusal) => Err(refusal),
            };
            let (error, asked_wait) = match outcome.map_err(|(error, wait)| (error.without(&self.cutter()), wait)) {
                Ok(taken) => {
                    self.shared.budget.refill();
                    self.shared.breakers.answered(&request.url);
                    return Ok(taken);
                }
                Err(refusal) => refusal,
            };
            let wait = self.settings.wait_before(attempt, asked_wait);
            let in_time = wait.is_some_and(|wait| Instant::now() + wait < deadline);
            let Some(wait) = wait.filter(|_| in_time && error.is_worth_a_retry() && self.shared.budget.take()) else {
                self.told(&request.url, &error);
                return Err(error);
            };
            tracing::debug!(%error, attempt, wait_ms = wait.as_millis() as u64, "trying again");
            tokio::time::sleep(wait).await;
        }
    }

    /// Sends a request once: no other attempt, nothing of the body is read. With the failure comes the wait that the system
    /// asks for.
    ///
    /// # Errors
    /// Everything that [`NetError`] tells; a status other than 200 to 299 is one of them.
    pub async fn send_once(&self, request: &Request) -> Result<(), (NetError, Option<Duration>)> {
        let deadline = Instant::now() + Duration::from_millis(request.total_timeout_ms);
        self.shared
            .breakers
            .enter(&request.url, self.began.as_deref(), Instant::now())
            .map_err(|error| (error, None))?;
        let called = self.follow(request, &Pass::default(), deadline).await;
        let outcome = called.map_err(|error| (error, None)).and_then(|called| {
            let (status, headers) = (called.response.status(), called.response.headers());
            let refused = || NetError::Status { url: shown(&request.url), status: status.as_u16() };
            if status.is_success() { Ok(()) } else { Err((refused(), asked_wait(headers))) }
        });
        match &outcome {
            Ok(()) => self.shared.breakers.answered(&request.url),
            Err((error, _)) => self.told(&request.url, error),
        }
        outcome
    }

    /// What was fetched at `url` could not be read: it counts as a failure of its host.
    pub fn malformed(&self, url: &Url) {
        self.shared.breakers.malformed(url, self.began.as_deref(), Instant::now());
    }

    /// The hosts that were called, and how each stands.
    pub fn hosts(&self) -> Vec<HostState> {
        self.shared.breakers.states(Instant::now())
    }

    fn told(&self, url: &Url, error: &NetError) {
        match error.is_failing() {
            Some(true) => self.shared.breakers.failed(url, self.began.as_deref(), Instant::now()),
            Some(false) => self.shared.breakers.answered(url),
            None => {}
        }
    }

    /// One attempt. A token that is refused is fetched anew, once.
    async fn attempt(&self, request: &Request, deadline: Instant) -> Result<Fetched<Body>, Refusal> {
        let alone = |error| (error, None);
        let pass = self.pass(request, deadline).await.map_err(alone)?;
        let called = self.ask(request, &pass, deadline).await.map_err(alone)?;
        let Some(spent) = pass.token.as_ref().filter(|_| called.response.status() == StatusCode::UNAUTHORIZED) else {
            return called.answer(request, deadline);
        };
        spent.give_up().await;
        let pass = self.pass(request, deadline).await.map_err(alone)?;
        self.ask(request, &pass, deadline).await.map_err(alone)?.answer(request, deadline)
    }

    /// One call; and once more without condition, where the answer to a condition is about another body, or refuses it: what alters tags
    /// on the way would do so each time.
    async fn ask(&self, request: &Request, pass: &Pass, deadline: Instant) -> Result<Called, NetError> {
        let called = self.follow(request, pass, deadline).await?;
        if !called.misses_condition() {
            return Ok(called);
        }
        let plain = Request { known: Arc::default(), ..request.clone() };
        self.follow(&plain, pass, deadline).await
    }

    /// One call, through its redirects, and the URL that answered as it may be known.
    async fn follow(&self, request: &Request, pass: &Pass, deadline: Instant) -> Result<Called, NetError> {
        let mut url = request.url.clone();
        for _ in 0..=self.settings.redirects_max {
            address::check_url(&url, &self.settings).map_err(|refused| refused.at(&url, &request.url))?;
            resolver::check_behind_proxy(&url, &self.settings)
                .await
                .map_err(|refused| refused.at(&url, &request.url))?;
            let left = deadline.saturating_duration_since(Instant::now());
            let called = pass.called(request, &url);
            let client = if url.origin() == request.url.origin() { &self.client } else { &self.elsewhere };
            let call = match &request.document {
                None => client.get(called),
                Some(document) => {
                    client.post(called).header(CONTENT_TYPE, document.content_type).body(document.bytes.clone())
                }
            };
            let known = request.known.iter().find(|known| known.is_at(&url));
            let mut headers = pass.headers(request, &url);
            headers.extend(known.map(Validator::conditions).unwrap_or_default());
            let sent = call.headers(headers).timeout(left).send().await;
            let response = sent.map_err(|error| NetError::of_send(&error, &url, &request.url))?;
            if !is_redirect(response.status()) {
                return Ok(Called { response, known: known.cloned(), url });
            }
            let next = next_hop(&response, &url)?;
            if request.document.is_some() && !keeps_document(response.status(), &url, &next) {
                return Err(NetError::redirect(&request.url, Refused::MovesDocument));
            }
            url = next;
        }
        Err(NetError::redirect(&request.url, Refused::TooManyRedirects))
    }
}

impl Called {
    /// Was a condition sent, and not answered as one?
    fn misses_condition(&self) -> bool {
        let Some(known) = &self.known else { return false };
        match self.response.status() {
            StatusCode::NOT_MODIFIED => !known.is_meant(self.response.headers()),
            status => status == StatusCode::PRECONDITION_FAILED,
        }
    }

    /// The body to read; or none, where the one that was said to be known is still the one.
    fn answer(self, request: &Request, deadline: Instant) -> Result<Fetched<Body>, Refusal> {
        let is_304 = self.response.status() == StatusCode::NOT_MODIFIED;
        if is_304 && self.known.is_some_and(|known| known.is_meant(self.response.headers())) {
            return Ok(Fetched::Known);
        }
        body::accept(self.response, self.url, request, deadline).map(Fetched::New)
    }
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Net").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// A status that names another place to GET; 304 names none.
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

impl NetSettings {
    /// How long to wait before another attempt, or `None` when there is no other.
    fn wait_before(&self, attempt: u32, asked_wait: Option<Duration>) -> Option<Duration> {
        if attempt >= self.attempts_max {
            return None;
        }
        match asked_wait {
            Some(wait) if wait.as_millis() > u128::from(self.retry_after_ms_max) => None,
            // A system that asks for no wait at all is not struck without one.
            asked => Some(retry::backoff(self.backoff_ms, attempt).max(asked.unwrap_or_default())),
        }
    }
}

/// The wait that a refusal asks for.
fn asked_wait(headers: &HeaderMap) -> Option<Duration> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let date = headers.get(DATE).map(text);
    retry_after(&text(headers.get(RETRY_AFTER)?), date.as_deref())
}
