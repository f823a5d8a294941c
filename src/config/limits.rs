//! What each asker may ask for in a while.

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
        }
    }
}
