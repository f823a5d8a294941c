//! The HTTP clients: one for all sources, and one for each that has a certificate or waits of its own.

use super::error::{NetError, causes};
use super::gunzip::ACCEPTED;
use super::resolver::GuardedResolver;
use super::settings::{NetSettings, SourceAccess};
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use std::sync::Arc;
use std::time::Duration;

/// What the gateway calls itself in the logs of the systems that it reads.
const USER_AGENT: &str = concat!("passerelle/", env!("CARGO_PKG_VERSION"));

/// A client that keeps to `settings`, with what a source is given.
pub(super) fn client(settings: &Arc<NetSettings>, access: &SourceAccess) -> Result<reqwest::Client, NetError> {
    let connect_ms = access.connect_timeout_ms.unwrap_or(settings.connect_timeout_ms);
    let read_ms = access.read_timeout_ms.unwrap_or(settings.read_timeout_ms);
    let mut builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .default_headers(HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(ACCEPTED))]))
        // What the environment says of proxies is not read.
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(Duration::from_millis(connect_ms))
        .read_timeout(Duration::from_millis(read_ms))
        .dns_resolver(GuardedResolver::new(Arc::clone(settings)));
    for authority in &settings.authorities {
        let found = reqwest::Certificate::from_pem_bundle(authority.as_bytes());
        let found = found.ok().filter(|found| !found.is_empty());
        builder = builder.tls_certs_merge(found.ok_or_else(|| {
            NetError::setting(
                "[net] ca-files ne contient pas de certificat PEM lisible",
                "[net] ca-files holds no readable PEM certificate",
            )
        })?);
    }
    if let Some(proxy) = proxy(settings)? {
        builder = builder.proxy(proxy);
    }
    if let Some(identity) = &access.identity {
        let pem = identity.as_ref().map_err(|absent| NetError::setting(&absent.fr, &absent.en))?;
        // What the library says of a bad key is not shown: it may quote it.
        let identity = reqwest::Identity::from_pem(pem.expose().as_bytes()).map_err(|_| {
            NetError::setting(
                "[sources.ID] certificate et key ne sont pas un certificat PEM et sa clé PEM (PKCS#8)",
                "[sources.ID] certificate and key are no PEM certificate with its PEM key (PKCS#8)",
            )
        })?;
        builder = builder.identity(identity);
    }
    builder.build().map_err(|error| {
        let plain = SourceAccess { identity: None, ..access.clone() };
        if access.identity.is_some() && client(settings, &plain).is_ok() {
            return NetError::setting(
                "[sources.ID] certificate et key ne vont pas ensemble : la clé n'est pas celle du certificat, ou n'est pas utilisable",
                "[sources.ID] certificate and key do not go together: the key is not that of the certificate, or cannot be used",
            );
        }
        NetError::Unusable { detail: causes(&error) }
    })
}

fn proxy(settings: &NetSettings) -> Result<Option<reqwest::Proxy>, NetError> {
    let Some(stated) = &settings.proxy else { return Ok(None) };
    let unusable = |_| NetError::setting("[net] proxy n'est pas une URL", "[net] proxy is no URL");
    let mut proxy = reqwest::Proxy::all(stated.url.clone()).map_err(unusable)?;
    if let Some((user, password)) = &stated.login {
        let password = password.as_ref().map_err(|absent| NetError::setting(&absent.fr, &absent.en))?;
        proxy = proxy.basic_auth(user, password.expose());
    }
    let direct = stated.direct_hosts.iter().map(String::as_str).collect::<Vec<_>>().join(",");
    Ok(Some(proxy.no_proxy(reqwest::NoProxy::from_string(&direct))))
}
