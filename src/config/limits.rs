//! What each asker may ask for in a while, and what connections may do.

use serde::Deserialize;
use std::net::IpAddr;
use std::num::NonZeroU32;

/// Budgets in units of cost (docs/limits.md).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LimitsConfig {
    /// Units a minute, for each bearer of a token.
    pub cost_per_minute: NonZeroU32,
    /// Units at once, for each bearer of a token.
    pub cost_burst: NonZeroU32,
    /// Units a minute, for each address that the public asks from.
    pub public_cost_per_minute: NonZeroU32,
    /// Units at once, for each such address.
    pub public_cost_burst: NonZeroU32,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// WebSockets and streams of events at once.
    pub listeners: usize,
    /// Those of them that the public may hold.
    pub public_listeners: usize,
    /// Those of them that one bearer of a token, or one address of the public, may hold.
    pub listeners_per_asker: usize,
    /// Connections at once.
    pub connections: usize,
    /// Those of them from one address.
    pub connections_per_address: usize,
    /// How long the head of a connection's first request may take to come, in seconds.
    pub head_wait_s: NonZeroU32,
    /// How long a connection may stand without a request after that, in seconds.
    pub idle_wait_s: NonZeroU32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        const fn units(units: u32) -> NonZeroU32 {
            NonZeroU32::new(units).expect("not zero")
        }
        LimitsConfig {
            cost_per_minute: units(2_000_000),
            cost_burst: units(2_000_000),
            public_cost_per_minute: units(600_000),
            public_cost_burst: units(600_000),
            trusted_proxies: Vec::new(),
            listeners: 500,
            public_listeners: 250,
            listeners_per_asker: 50,
            connections: 2_000,
            connections_per_address: 256,
            head_wait_s: units(10),
            idle_wait_s: units(75),
        }
    }
}
