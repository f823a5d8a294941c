//! What a manifest's `[driver.auth]` says: how the source is told who asks. Secrets are named, never written.

use super::Reading;
use super::error::ReadError;
use super::place;
use crate::net::{Auth, ClientCredentials};
use reqwest::header::HeaderName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use url::Url;

/// How a source is told who asks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(tag = "kind")]
pub enum AuthSettings {
    /// A key in a header or in a query parameter.
    ApiKey(ApiKeyAuth),
    /// User and password.
    Basic(BasicAuth),
    /// A token that was given once.
    Bearer(BearerAuth),
    /// OAuth2, client credentials: the token is fetched, kept and renewed.
    Oauth2(OAuth2Auth),
}

impl AuthSettings {
    /// The words of `kind`, in the order of the enum.
    pub const KINDS: &'static [&'static str] = &["api-key", "basic", "bearer", "oauth2"];

    /// What must hold beyond the shape of the words: the word at fault and what is wrong with it.
    pub fn problem(&self) -> Option<(&'static str, &'static str)> {
        match self {
            AuthSettings::ApiKey(ApiKeyAuth { header: Some(_), param: Some(_), .. }) => {
                Some(("param", "a key goes in a header or in a parameter, not in both"))
            }
            AuthSettings::ApiKey(ApiKeyAuth { header: Some(name), .. }) if HeaderName::try_from(name).is_err() => {
                Some(("header", "this is no name of an HTTP header"))
            }
            AuthSettings::ApiKey(ApiKeyAuth { header: None, param: None, .. }) => {
                Some(("secret", "`header` or `param` is missing: it says where the key goes"))
            }
            AuthSettings::Basic(basic) if basic.user.contains(':') => Some(("user", "a user may hold no colon")),
            _ => None,
        }
    }

    /// Where tokens are fetched, where they are.
    pub fn token_url(&self) -> Option<&str> {
        match self {
            AuthSettings::Oauth2(oauth2) => Some(&oauth2.token_url),
            _ => None,
        }
    }
}

/// `auth = { kind = "api-key", … }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ApiKeyAuth {
    /// Header that carries the key.
    #[serde(default)]
    pub header: Option<String>,
    /// Query parameter that carries the key.
    #[serde(default)]
    pub param: Option<String>,
    /// Name of the key in `[sources.ID.secrets]`.
    pub secret: String,
}

/// `auth = { kind = "basic", … }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BasicAuth {
    /// The user.
    pub user: String,
    /// Name of the password in `[sources.ID.secrets]`.
    pub secret: String,
}

/// `auth = { kind = "bearer", … }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BearerAuth {
    /// Name of the token in `[sources.ID.secrets]`.
    pub secret: String,
}

/// `auth = { kind = "oauth2", … }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OAuth2Auth {
    /// Where tokens are given: a URL, or a path relative to `base`.
    pub token_url: String,
    /// The client.
    pub client_id: String,
    /// Name of its secret in `[sources.ID.secrets]`.
    pub secret: String,
    /// What is asked for.
    #[serde(default)]
    pub scope: Option<String>,
    /// How the client tells its secret.
    #[serde(default)]
    pub client_auth: ClientAuth,
}

/// How a client tells its secret to a token server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClientAuth {
    /// In a header.
    #[default]
    Basic,
    /// In the form.
    Form,
}

/// How a driver is set: where it reads without `--from`, and how the source is told who asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Access<'a> {
    pub(super) base: Option<&'a str>,
    pub(super) path: &'a str,
    pub(super) auth: Option<&'a AuthSettings>,
}

impl Access<'_> {
    /// Who asks at `url`. A place that was typed (`--from`) is given no secret unless it is the source's own.
    pub(super) fn at(&self, url: &Url, reading: &Reading<'_>) -> Result<Option<Arc<Auth>>, ReadError> {
        let Some(settings) = self.auth else { return Ok(None) };
        let usual = Reading { place: None, ..*reading };
        let own = place::as_url(&place::locate(&usual, self.base, self.path)?);
        if !own.is_some_and(|own| own.origin() == url.origin()) {
            return Ok(None);
        }
        let auth = match settings {
            AuthSettings::ApiKey(ApiKeyAuth { header: Some(header), secret, .. }) => {
                let name = HeaderName::try_from(header).map_err(|_| {
                    ReadError::setting("auth", "header n'est pas un en-tête HTTP", "header is no HTTP header")
                })?;
                Auth::Header { name, secret: secret.clone() }
            }
            AuthSettings::ApiKey(ApiKeyAuth { param, secret, .. }) => {
                let name = param.clone().unwrap_or_default();
                Auth::Param { name, secret: secret.clone() }
            }
            AuthSettings::Basic(basic) => Auth::Basic { user: basic.user.clone(), secret: basic.secret.clone() },
            AuthSettings::Bearer(bearer) => Auth::Bearer { secret: bearer.secret.clone() },
            AuthSettings::Oauth2(oauth2) => {
                let located = place::locate(&usual, self.base, &oauth2.token_url)?;
                let token_url = place::as_url(&located).ok_or_else(|| {
                    ReadError::setting("auth", "token-url n'est pas une URL http", "token-url is no http URL")
                })?;
                Auth::OAuth2(ClientCredentials {
                    token_url,
                    client_id: oauth2.client_id.clone(),
                    secret: oauth2.secret.clone(),
                    scope: oauth2.scope.clone(),
                    in_form: oauth2.client_auth == ClientAuth::Form,
                })
            }
        };
        Ok(Some(Arc::new(auth)))
    }
}
