//! What the client may do, each limit with its unit.

use super::secret::Held;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// Time to open a connection.
const CONNECT_TIMEOUT_MS: u64 = 10_000;
/// Silence after which an answer is given up.
const READ_TIMEOUT_MS: u64 = 30_000;
/// Attempts at one request, the first included.
const ATTEMPTS_MAX: u32 = 3;
/// Wait before the second attempt; it doubles for each one after.
const BACKOFF_MS: u64 = 500;
/// The longest `Retry-After` that is waited for; beyond it the run fails and the next one tries again.
const RETRY_AFTER_MS_MAX: u64 = 30_000;
/// Attempts beyond the first that may be spent in a row, all systems together, before successes earn new ones.
const RETRY_BUDGET: u32 = 20;
/// Redirects followed for one request.
const REDIRECTS_MAX: u32 = 5;

/// Failures in a row after which a host is left alone.
const CIRCUIT_FAILURES_MAX: u32 = 5;
/// How long a host is left alone before one call is tried.
const CIRCUIT_PAUSE_MS: u64 = 30_000;

/// Which hosts may be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hosts {
    /// Any host whose address is public.
    Public,
    /// These ones, in lower case, as they stand in a URL.
    Only(BTreeSet<String>),
}

/// What calls to existing systems may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetSettings {
    /// Hosts that may be reached.
    pub hosts: Hosts,
    /// Hosts that may lie at a loopback or private address; reachable even where `hosts` does not name them.
    pub private_hosts: BTreeSet<String>,
    /// Time to open a connection.
    pub connect_timeout_ms: u64,
    /// Silence after which an answer is given up.
    pub read_timeout_ms: u64,
    /// Attempts at one request, the first included.
    pub attempts_max: u32,
    /// Wait before the second attempt.
    pub backoff_ms: u64,
    /// The longest wait that a system may ask for.
    pub retry_after_ms_max: u64,
    /// Attempts beyond the first that may be spent in a row, all systems together.
    pub retry_budget: u32,
    /// Redirects followed for one request.
    pub redirects_max: u32,
    /// Failures in a row, unreadable answers included, after which a host is left alone.
    pub circuit_failures_max: u32,
    /// How long a host is left alone before one call is tried.
    pub circuit_pause_ms: u64,
    /// The proxy that calls go through.
    pub proxy: Option<Proxy>,
    /// Certificates of authorities trusted beside those of this machine: PEM, one text for each file.
    pub authorities: Vec<String>,
    /// What single sources are given, by source.
    pub sources: BTreeMap<String, SourceAccess>,
}

/// The proxy that calls go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Where it is. It may lie at a private address.
    pub url: Url,
    /// User and password, where it asks for them.
    pub login: Option<(String, Held)>,
    /// Hosts that are called directly.
    pub direct_hosts: BTreeSet<String>,
}

/// What one source is given for its calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceAccess {
    /// Its secrets, by the names that its manifest uses.
    pub secrets: BTreeMap<String, Held>,
    /// Its client certificate with its key, as PEM.
    pub identity: Option<Held>,
    /// Time to open a connection, where it is its own.
    pub connect_timeout_ms: Option<u64>,
    /// Silence after which an answer is given up, where it is its own.
    pub read_timeout_ms: Option<u64>,
}

impl SourceAccess {
    /// Does it need a client of its own?
    pub(super) fn is_special(&self) -> bool {
        self.identity.is_some() || self.connect_timeout_ms.is_some() || self.read_timeout_ms.is_some()
    }
}

impl Default for NetSettings {
    fn default() -> Self {
        NetSettings {
            hosts: Hosts::Public,
            private_hosts: BTreeSet::new(),
            connect_timeout_ms: CONNECT_TIMEOUT_MS,
            read_timeout_ms: READ_TIMEOUT_MS,
            attempts_max: ATTEMPTS_MAX,
            backoff_ms: BACKOFF_MS,
            retry_after_ms_max: RETRY_AFTER_MS_MAX,
            retry_budget: RETRY_BUDGET,
            redirects_max: REDIRECTS_MAX,
            circuit_failures_max: CIRCUIT_FAILURES_MAX,
            circuit_pause_ms: CIRCUIT_PAUSE_MS,
            proxy: None,
            authorities: Vec::new(),
            sources: BTreeMap::new(),
        }
    }
}

impl NetSettings {
    /// May `host` be reached at all?
    pub(super) fn allows(&self, host: &str) -> bool {
        let named = match &self.hosts {
            Hosts::Public => true,
            Hosts::Only(hosts) => hosts.contains(host),
        };
        named || self.allows_private(host)
    }

    /// May `host` lie at a loopback or private address?
    pub(super) fn allows_private(&self, host: &str) -> bool {
        self.private_hosts.contains(host)
    }

    /// Is `host` the proxy itself?
    pub(super) fn is_proxy(&self, host: &str) -> bool {
        self.proxy.as_ref().is_some_and(|proxy| proxy.url.host_str() == Some(host))
    }

    /// Is `host` called through the proxy?
    pub(super) fn is_proxied(&self, host: &str) -> bool {
        self.proxy.as_ref().is_some_and(|proxy| !proxy.direct_hosts.contains(host))
    }
}
