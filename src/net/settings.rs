//! What the client may do, each limit with its unit.

use std::collections::BTreeSet;

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
}
