//! Tokens of OAuth2: fetched once for all who ask as the same client, kept until shortly before they expire, and given
//! up at once when a source no longer takes them.

use super::auth::{ClientCredentials, basic, header};
use super::error::NetError;
use super::request::Request;
use super::secret::{Cutter, Given, Secret};
use super::{Net, shown};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use serde::Deserialize;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Mutex as AsyncMutex;
use url::Url;

/// The largest answer of a token server.
const TOKEN_BYTES_MAX: u64 = 64 * 1024;
/// How long a token is kept that states no end.
const TOKEN_SECONDS_DEFAULT: u64 = 300;
/// A token is renewed this long before its end, or at half of its life where that is later.
const RENEWED_BEFORE_S: u64 = 30;

/// One client at one server.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Client {
    url: Url,
    id: String,
    secret: Secret,
    scope: Option<String>,
}

/// Tokens by client. Whoever fetches one holds its place locked: the others wait for it rather than ask as well.
#[derive(Default)]
pub(super) struct Tokens {
    /// What was given or made on the way, to be cut out of records.
    pub(super) given: Given,
    places: Mutex<HashMap<Client, Place>>,
}

type Place = Arc<AsyncMutex<Option<Token>>>;

#[derive(Clone)]
struct Token {
    value: Secret,
    renewed_at: Instant,
}

/// A token in use.
pub(super) struct Spent {
    value: Secret,
    place: Place,
}

impl std::fmt::Debug for Spent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Spent {
    pub(super) fn token(&self) -> &Secret {
        &self.value
    }

    /// Gives the token up, unless another one has taken its place.
    pub(super) async fn give_up(&self) {
        let mut held = self.place.lock().await;
        if held.as_ref().is_some_and(|token| token.value == self.value) {
            *held = None;
        }
    }
}

/// What a token server answers.
#[derive(Deserialize)]
struct Answered {
    access_token: String,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Option<serde_json::Value>,
}

impl Net {
    /// A token for `client`: the one at hand, or a new one.
    pub(super) async fn token(&self, client: &ClientCredentials, deadline: Instant) -> Result<Spent, NetError> {
        let secret = self.secret(&client.secret)?.clone();
        let key = Client {
            url: client.token_url.clone(),
            id: client.client_id.clone(),
            secret: secret.clone(),
            scope: client.scope.clone(),
        };
        let place = {
            let mut places = self.shared.tokens.places.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(places.entry(key).or_default())
        };
        let mut held = place.lock().await;
        let now = Instant::now();
        if let Some(token) = held.as_ref().filter(|token| now < token.renewed_at) {
            let value = token.value.clone();
            drop(held);
            return Ok(Spent { value, place });
        }
        let token = self.fetched(client, &secret, deadline).await?;
        let value = token.value.clone();
        *held = Some(token);
        drop(held);
        Ok(Spent { value, place })
    }

    /// A text of a system with `***` in the place of every secret that it was given, in any form in which it was sent, or that was
    /// given for it. Short ones go too: what a system says in its own words is worth less than they are.
    pub fn without_secrets(&self, text: &str) -> String {
        let text = self.cutter().cut(text).unwrap_or_else(|| text.to_owned());
        let own = self.access.iter().flat_map(|access| access.secrets.values());
        let own = own.filter_map(|held| held.as_ref().ok()).filter(|secret| !secret.expose().is_empty());
        own.fold(text, |text, secret| text.replace(secret.expose(), "***"))
    }

    /// Cuts out of texts what the settings give to this source as secrets, in any form in which they are sent, and the tokens given
    /// for them.
    pub fn cutter(&self) -> Cutter {
        let own = self.access.iter().flat_map(|access| access.secrets.values());
        Cutter::of(own.filter_map(|held| held.as_ref().ok()).cloned(), self.shared.tokens.given.clone())
    }

    async fn fetched(&self, client: &ClientCredentials, secret: &Secret, until: Instant) -> Result<Token, NetError> {
        let left = until.saturating_duration_since(Instant::now()).as_millis() as u64;
        let request = asking(client, secret, left)?;
        let sent = request.headers.iter().filter(|(name, _)| *name == AUTHORIZATION);
        sent.filter_map(|(_, value)| value.to_str().ok()?.strip_prefix("Basic "))
            .for_each(|pair| self.shared.tokens.given.note(pair));
        let asked = Instant::now();
        let bytes = self.boxed(&request).await.map_err(|cause| NetError::NoToken { cause: Box::new(cause) })?;
        let given: Option<Answered> = serde_json::from_slice(&bytes).ok();
        // What was answered may hold a token in another form: nothing of it is shown.
        let bearer =
            |given: &Answered| given.token_type.as_deref().is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
        // One that no header can carry is none either, and no fault of the secret that it was asked with.
        let carried = |given: &Answered| HeaderValue::from_str(given.access_token.trim()).is_ok();
        let given = given.filter(|given| !given.access_token.trim().is_empty() && bearer(given) && carried(given));
        let Some(given) = given else {
            self.malformed(&client.token_url);
            return Err(NetError::NotAToken { url: shown(&client.token_url) });
        };
        let seconds = given.expires_in.and_then(|value| match value {
            serde_json::Value::Number(number) => number.as_u64(),
            serde_json::Value::String(text) => text.trim().parse().ok(),
            _ => None,
        });
        self.shared.tokens.given.note(&given.access_token);
        Ok(Token { value: Secret::new(&given.access_token), renewed_at: asked + kept(seconds) })
    }

    /// The body of one request. Boxed: a token is fetched within another fetch.
    fn boxed<'a>(
        &'a self,
        request: &'a Request,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, NetError>> + Send + 'a>> {
        Box::pin(self.fetch(request, super::Body::bytes))
    }
}

/// The request for a token.
fn asking(client: &ClientCredentials, secret: &Secret, timeout_ms: u64) -> Result<Request, NetError> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    if let Some(scope) = &client.scope {
        form.append_pair("scope", scope);
    }
    let mut headers = vec![(ACCEPT, HeaderValue::from_static("application/json"))];
    if client.in_form {
        form.append_pair("client_id", &client.client_id).append_pair("client_secret", secret.expose());
    } else {
        // RFC 6749, 2.3.1: both are encoded as in a form before they are joined.
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = basic(&encoded(&client.client_id), &Secret::new(&encoded(secret.expose())));
        headers.push((AUTHORIZATION, header(&pair, &client.secret)?));
    }
    let request = Request::get(client.token_url.clone(), TOKEN_BYTES_MAX, timeout_ms);
    Ok(request.with_form(form.finish()).with_headers(headers))
}

/// How long a token is used that lives `seconds`.
fn kept(seconds: Option<u64>) -> Duration {
    let seconds = seconds.unwrap_or(TOKEN_SECONDS_DEFAULT).min(u64::from(u32::MAX));
    Duration::from_secs(seconds.saturating_sub(RENEWED_BEFORE_S).max(seconds / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_before_its_end() {
        let seconds = |life| kept(life).as_secs();
        assert_eq!([seconds(Some(3_600)), seconds(Some(40)), seconds(Some(0)), seconds(None)], [3_570, 20, 0, 270]);
        assert!(seconds(Some(u64::MAX)) > 0);
    }
}
