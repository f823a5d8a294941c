//! How a source is told who asks. A request names a secret; the secret itself is only met here, when it is sent.

use super::address::Refused;
use super::error::NetError;
use super::request::Request;
use super::secret::Secret;
use super::token::Spent;
use super::{Net, SourceAccess};
use base64::Engine as _;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use std::time::Instant;
use url::Url;

/// How a source is told who asks. Secrets stand here by their name in the settings of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// A key in a header.
    Header {
        /// The header.
        name: HeaderName,
        /// Name of the key.
        secret: String,
    },
    /// A key in a query parameter.
    Param {
        /// The parameter.
        name: String,
        /// Name of the key.
        secret: String,
    },
    /// User and password.
    Basic {
        /// The user.
        user: String,
        /// Name of the password.
        secret: String,
    },
    /// A token that was given once.
    Bearer {
        /// Name of the token.
        secret: String,
    },
    /// A token that is fetched: OAuth2, client credentials.
    OAuth2(ClientCredentials),
}

/// OAuth2 client credentials (RFC 6749, 4.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCredentials {
    /// Where tokens are given.
    pub token_url: Url,
    /// The client.
    pub client_id: String,
    /// Name of its secret.
    pub secret: String,
    /// What is asked for.
    pub scope: Option<String>,
    /// The client tells its secret in the form rather than in a header.
    pub in_form: bool,
}

/// What goes with the calls to one origin.
#[derive(Debug, Default)]
pub(super) struct Pass {
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    param: Option<(String, Secret)>,
    /// The token that was used, where it was fetched: it may have been withdrawn before its time.
    pub(super) token: Option<Spent>,
}

impl Net {
    /// What goes with `request`, tokens fetched where needed.
    pub(super) async fn pass(&self, request: &Request, deadline: Instant) -> Result<Pass, NetError> {
        let Some(auth) = request.auth.as_deref() else { return Ok(Pass::default()) };
        self.check_encrypted(&request.url)?;
        match auth {
            Auth::Header { name, secret } => {
                let held = self.secret(secret)?;
                Ok(Pass::of(name.clone(), header(held.expose(), secret)?))
            }
            Auth::Param { name, secret } => {
                Ok(Pass { param: Some((name.clone(), self.secret(secret)?.clone())), ..Pass::default() })
            }
            Auth::Basic { user, secret } => {
                let pair = basic(user, self.secret(secret)?);
                self.shared.tokens.given.note(pair.trim_start_matches("Basic "));
                Ok(Pass::of(AUTHORIZATION, header(&pair, secret)?))
            }
            Auth::Bearer { secret } => {
                let held = self.secret(secret)?;
                Ok(Pass::of(AUTHORIZATION, header(&format!("Bearer {}", held.expose()), secret)?))
            }
            Auth::OAuth2(client) => {
                self.check_encrypted(&client.token_url)?;
                let spent = self.token(client, deadline).await?;
                let value = header(&format!("Bearer {}", spent.token().expose()), &client.secret)?;
                Ok(Pass { token: Some(spent), ..Pass::of(AUTHORIZATION, value) })
            }
        }
    }

    /// The secret of that name.
    pub(super) fn secret(&self, name: &str) -> Result<&Secret, NetError> {
        let held = self.access.as_ref().and_then(|access: &std::sync::Arc<SourceAccess>| access.secrets.get(name));
        match held {
            Some(Ok(secret)) => Ok(secret),
            Some(Err(absent)) => Err(NetError::no_secret(name, &absent.fr, &absent.en)),
            None => Err(NetError::no_secret(
                name,
                "les réglages n'en donnent pas sous [sources.ID.secrets]",
                "the settings give none under [sources.ID.secrets]",
            )),
        }
    }

    /// A secret travels encrypted, or to a host of this network that the settings name, and through none but such a one: what goes
    /// through a proxy without being encrypted is read there.
    fn check_encrypted(&self, url: &Url) -> Result<(), NetError> {
        let is_private = |url: &Url| url.host_str().is_some_and(|host| self.settings.allows_private(host));
        let proxy = self.settings.proxy.as_ref();
        let proxy = proxy.filter(|_| url.host_str().is_some_and(|host| self.settings.is_proxied(host)));
        let named = is_private(url) && proxy.is_none_or(|proxy| is_private(&proxy.url));
        if url.scheme() == "https" || named { Ok(()) } else { Err(NetError::refused(url, Refused::SecretInClear)) }
    }
}

impl Pass {
    fn of(name: HeaderName, value: HeaderValue) -> Pass {
        Pass { headers: vec![(name, value)], ..Pass::default() }
    }

    /// The headers of a call to `url`: those that may hold a key go to the origin that they were written for only.
    pub(super) fn headers(&self, request: &Request, url: &Url) -> HeaderMap {
        if url.origin() != request.url.origin() {
            return HeaderMap::new();
        }
        request.headers.iter().chain(&self.headers).cloned().collect()
    }

    /// The URL that is called: `url`, with the key where it is a parameter. It is never shown.
    pub(super) fn called(&self, request: &Request, url: &Url) -> Url {
        let Some((name, secret)) = self.param.as_ref().filter(|_| url.origin() == request.url.origin()) else {
            return url.clone();
        };
        let mut called = url.clone();
        let others: Vec<(String, String)> =
            url.query_pairs().filter(|(other, _)| other != name).map(|(n, v)| (n.into(), v.into())).collect();
        called.query_pairs_mut().clear().extend_pairs(others).append_pair(name, secret.expose());
        called
    }
}

/// User and password as a header's value (RFC 7617).
pub(super) fn basic(user: &str, password: &Secret) -> String {
    let pair = format!("{user}:{}", password.expose());
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

/// A header's value that holds a secret.
pub(super) fn header(value: &str, secret: &str) -> Result<HeaderValue, NetError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        NetError::no_secret(
            secret,
            "il contient des caractères qu'un en-tête HTTP ne peut porter",
            "it holds characters that no HTTP header can carry",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}
