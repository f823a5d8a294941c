//! The way out as the settings lay it: hosts, proxy, authorities, and what each source is given. A secret that is missing
//! stops its own source only, when it is read.

use super::compose::{Connectors, Failure};
use crate::config::{Config, SecretError, SecretPlace, SourceConfig};
use crate::net::{Absent, Held, Hosts, Net, NetSettings, Proxy, Secret, SourceAccess};
use std::collections::BTreeSet;
use std::path::Path;

/// The HTTP client: it reaches the hosts of the settings, or else those that manifests and `base` settings name. A
/// place named on the command line is reached wherever it lies: whoever types it answers for it.
///
/// # Errors
/// What the client says when it cannot be made.
pub fn net(config: &Config, connectors: &Connectors, typed: Option<&str>) -> Result<Net, Failure> {
    let mut hosts: BTreeSet<String> = config.net.hosts.iter().cloned().collect();
    if hosts.is_empty() {
        let places = connectors.values().flat_map(|connector| connector.places());
        hosts.extend(places.filter_map(host_of));
    }
    hosts.extend(config.sources.values().filter_map(|source| source.base.as_deref()).filter_map(host_of));
    let mut private_hosts: BTreeSet<String> = config.net.private_hosts.iter().cloned().collect();
    private_hosts.extend(typed.and_then(host_of));
    Ok(Net::new(NetSettings { private_hosts, ..settings(config, Hosts::Only(hosts))? })?)
}

/// The HTTP client for the keys of issuers: any public host, or one of `[net] private-hosts`. It tries once and follows no
/// redirect; who fetches the keys keeps the pace.
///
/// # Errors
/// What the client says when it cannot be made.
pub fn keys_net(config: &Config) -> Result<Net, Failure> {
    once(config, Hosts::Public)
}

/// The HTTP client for receivers of webhooks: it reaches their hosts and no others, as that for keys.
///
/// # Errors
/// What the client says when it cannot be made.
pub fn webhooks_net(config: &Config) -> Result<Net, Failure> {
    let hosts = config.webhooks.iter().filter_map(|hook| host_of(&hook.url)).collect();
    once(config, Hosts::Only(hosts))
}

fn once(config: &Config, hosts: Hosts) -> Result<Net, Failure> {
    let private_hosts = config.net.private_hosts.iter().cloned().collect();
    let usual = settings(config, hosts)?;
    let once =
        NetSettings { private_hosts, attempts_max: 1, redirects_max: 0, circuit_failures_max: u32::MAX, ..usual };
    Ok(Net::new(once)?)
}

fn settings(config: &Config, hosts: Hosts) -> Result<NetSettings, Failure> {
    let (stated, usual) = (&config.net, NetSettings::default());
    Ok(NetSettings {
        hosts,
        connect_timeout_ms: stated.connect_timeout_ms.unwrap_or(usual.connect_timeout_ms),
        read_timeout_ms: stated.read_timeout_ms.unwrap_or(usual.read_timeout_ms),
        attempts_max: stated.attempts_max.unwrap_or(usual.attempts_max),
        retry_budget: stated.retry_budget.unwrap_or(usual.retry_budget),
        circuit_failures_max: stated.circuit_failures_max.unwrap_or(usual.circuit_failures_max),
        circuit_pause_ms: stated.circuit_pause_ms.unwrap_or(usual.circuit_pause_ms),
        proxy: proxy(config)?,
        authorities: stated.ca_files.iter().map(|path| text(path)).collect::<Result<_, _>>()?,
        sources: config.sources.iter().map(|(id, source)| (id.clone(), access(source))).collect(),
        ..usual
    })
}

fn proxy(config: &Config) -> Result<Option<Proxy>, Failure> {
    let Some(url) = &config.net.proxy else { return Ok(None) };
    let wrong = || format!("[net] proxy: « {url} » is no URL of a proxy (http://host:port)");
    let url = url::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https")).ok_or_else(wrong)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("[net] proxy: name user and password by proxy-user and proxy-password".into());
    }
    let login = match (&config.net.proxy_user, &config.net.proxy_password) {
        (Some(user), Some(password)) => Some((user.clone(), held(password))),
        (None, None) => None,
        _ => return Err("[net] proxy-user and proxy-password go together".into()),
    };
    Ok(Some(Proxy { url, login, direct_hosts: config.net.direct_hosts.iter().cloned().collect() }))
}

fn access(source: &SourceConfig) -> SourceAccess {
    SourceAccess {
        secrets: source.secrets.iter().map(|(name, place)| (name.clone(), held(place))).collect(),
        identity: identity(source),
        connect_timeout_ms: source.connect_timeout_ms,
        read_timeout_ms: source.read_timeout_ms,
    }
}

/// A client certificate and its key, joined as the client takes them.
fn identity(source: &SourceConfig) -> Option<Held> {
    let read = |path: &Path| SecretPlace::File(path.to_owned()).read();
    match (&source.certificate, &source.key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => {
            let pem = read(certificate).and_then(|certificate| Ok(format!("{certificate}\n{}", read(key)?)));
            Some(pem.map(|pem| Secret::new(&pem)).map_err(|error| absent(&error)))
        }
        _ => Some(Err(Absent {
            fr: "[sources.ID] certificate et key vont ensemble : nommez les deux fichiers".to_owned(),
            en: "[sources.ID] certificate and key go together: name both files".to_owned(),
        })),
    }
}

fn held(place: &SecretPlace) -> Held {
    place.read().map(|text| Secret::new(&text)).map_err(|error| absent(&error))
}

fn absent(error: &SecretError) -> Absent {
    Absent { fr: error.in_french(), en: error.to_string() }
}

fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| format!("[net] ca-files: {}: {error}", path.display()).into())
}

fn host_of(url: &str) -> Option<String> {
    url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_lowercase))
}
