//! The only reader of the clock. Everything else receives the time.

use chrono::{DateTime, SubsecRound, Utc};
use std::sync::Arc;

/// Tells the time; a test holds it still.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[expect(clippy::disallowed_methods, reason = "this file is the one place that reads the clock")]
    pub fn system() -> Self {
        Clock(Arc::new(Utc::now))
    }

    /// A clock that always tells `at`.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Clock(Arc::new(move || at))
    }

    /// A clock told by `tell`, for tests that move the time by hand.
    pub fn told_by(tell: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Clock(Arc::new(tell))
    }

    /// The instant, to the microsecond: the precision that the ledger keeps.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}
