//! The pictures that are made of a portfolio for those who do not see everything.

use crate::domain::Date;
use crate::domain::chain::LedgerVersion;
use crate::domain::clearance::Clearance;
use crate::portfolio::Portfolio;
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;

/// Pictures kept, in units of the bytes that they hold: what they share with the whole picture is counted too.
const KEPT_BYTES_MAX: u64 = 1 << 30;
/// How long one that nobody asks for is kept.
const IDLE: Duration = Duration::from_secs(600);

/// Whose picture: of which version, with the rights of which version, seen with what clearance, on which day.
type Key = (LedgerVersion, LedgerVersion, Clearance, Date);

/// The pictures of those who do not see everything. Made when first asked for; who asks at the same time waits for one.
#[derive(Clone)]
pub(super) struct Pictures(Cache<Key, Arc<Portfolio>>);

impl Pictures {
    pub(super) fn new() -> Self {
        let weight = |_: &Key, picture: &Arc<Portfolio>| u32::try_from(picture.memory_estimate()).unwrap_or(u32::MAX);
        Pictures(Cache::builder().weigher(weight).max_capacity(KEPT_BYTES_MAX).time_to_idle(IDLE).build())
    }

    /// `whole` as it is seen with a clearance, with the rights and the embargoes of `today` and its day.
    pub(super) fn of(
        &self,
        whole: &Arc<Portfolio>,
        (today, day): (&Portfolio, Date),
        clearance: &Clearance,
    ) -> Arc<Portfolio> {
        if *clearance == Clearance::Everything {
            return Arc::clone(whole);
        }
        let key = (whole.head().version, today.head().version, clearance.clone(), day);
        let make = || whole.seen(clearance, (today, day)).map_or_else(|| Arc::clone(whole), Arc::new);
        self.0.get_with(key, make)
    }
}
