//! When and how often to try again: a doubling wait with chance in it, and a budget shared by all calls, so that a
//! system on its knees is not struck by every connector at once.

use chrono::{DateTime, NaiveDateTime, Utc};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The wait never doubles beyond this.
const BACKOFF_MS_MAX: u64 = 20_000;

/// Retries left, all systems together. Each success gives one back.
pub(super) struct Budget {
    left: AtomicU32,
    most: u32,
}

impl Budget {
    pub(super) fn new(most: u32) -> Self {
        Budget { left: AtomicU32::new(most), most }
    }

    /// Takes one retry, if one is left.
    pub(super) fn take(&self) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    /// Gives one back.
    pub(super) fn refill(&self) {
        let raise = |left: u32| (left < self.most).then(|| left + 1);
        // Full already is no fault.
        let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, raise);
    }
}

/// The wait after the attempt numbered `attempt` from 1: half of it is certain, half is chance.
pub(super) fn backoff(first_ms: u64, attempt: u32) -> Duration {
    let doubled = first_ms.saturating_mul(1 << (attempt - 1).min(16)).min(BACKOFF_MS_MAX);
    let half = doubled / 2;
    Duration::from_millis(half + rand::random_range(0..=doubled - half))
}

/// Reads `Retry-After`: seconds, or an instant, which is measured from the answer's own `Date`. A wait that is asked for and
/// cannot be measured (beyond any number, an instant without a `Date` beside it) is longer than any that is waited: who asks to be left
/// alone is not struck again at once. `None` for a text that is neither, which asks for nothing.
pub(super) fn retry_after(text: &str, date: Option<&str>) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let then = instant(text)?;
    let wait = |now| then.signed_duration_since(now).to_std().unwrap_or(Duration::ZERO);
    Some(date.and_then(instant).map_or(Duration::MAX, wait))
}

/// An instant in one of the three forms of HTTP (RFC 9110, 5.6.7).
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let old = || {
        let forms = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
        forms.into_iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
    };
    let read = DateTime::parse_from_rfc2822(text).map(|instant| instant.to_utc());
    read.ok().or_else(|| old().map(|instant| instant.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_ends_and_is_earned_back() {
        let budget = Budget::new(2);
        assert!(budget.take() && budget.take());
        assert!(!budget.take());
        budget.refill();
        budget.refill();
        budget.refill();
        assert!(budget.take() && budget.take() && !budget.take());
    }

    #[test]
    fn the_wait_doubles_within_bounds() {
        for _ in 0..100 {
            let wait = backoff(100, 3).as_millis();
            assert!((200..=400).contains(&wait), "{wait}");
            assert!(backoff(100, 60).as_millis() <= u128::from(BACKOFF_MS_MAX));
        }
    }

    #[test]
    fn retry_after_is_read_in_its_forms() {
        assert_eq!(retry_after("7", None), Some(Duration::from_secs(7)));
        let (later, now) = ("Wed, 21 Oct 2026 07:28:30 GMT", "Wed, 21 Oct 2026 07:28:00 GMT");
        assert_eq!(retry_after(later, Some(now)), Some(Duration::from_secs(30)));
        assert_eq!(retry_after(now, Some(later)), Some(Duration::ZERO));
        for later in ["Wednesday, 21-Oct-26 07:28:30 GMT", "Wed Oct 21 07:28:30 2026"] {
            assert_eq!(retry_after(later, Some(now)), Some(Duration::from_secs(30)), "{later}");
        }
    }

    #[test]
    fn a_wait_that_cannot_be_measured_is_the_longest() {
        let (later, now) = ("Wed, 21 Oct 2026 07:28:30 GMT", "Wed, 21 Oct 2026 07:28:00 GMT");
        for (text, date) in [(later, None), (later, Some("now")), ("99999999999999999999999", Some(now))] {
            assert_eq!(retry_after(text, date), Some(Duration::MAX), "{text}");
        }
    }

    #[test]
    fn what_is_no_wait_asks_for_none() {
        for text in ["soon", "-5", "", "7.5", "+5"] {
            assert_eq!(retry_after(text, Some("Wed, 21 Oct 2026 07:28:00 GMT")), None, "{text}");
        }
    }
}
