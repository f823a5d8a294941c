//! When a message that was not taken is sent again: the waits of Standard Webhooks, with chance in them.

use std::time::Duration;

/// Waits after each failed attempt, in seconds.
const WAITS_S: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// Attempts at one message, the first included; then it is dead, and kept.
pub const ATTEMPTS_MAX: u32 = 10;
/// The longest `Retry-After` that is waited for.
pub const RETRY_AFTER_MAX: Duration = Duration::from_hours(24);

/// How long to wait after so many failed attempts; `None`: there is no other. A receiver may ask for longer, never for less.
/// `chance`, from 0 to 100: up to a tenth is added, so that what failed together does not come back together.
pub(super) fn wait(failed: u32, asked: Option<Duration>, chance: u64) -> Option<Duration> {
    let usual_s = WAITS_S.get(usize::try_from(failed).ok()?.checked_sub(1)?)?;
    let wait = Duration::from_millis(usual_s * 1_000 + usual_s * chance.min(100));
    Some(wait.max(asked.unwrap_or_default().min(RETRY_AFTER_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_waits_follow_ten_attempts() {
        let waits: Vec<u64> = (1..).map_while(|failed| wait(failed, None, 0)).map(|wait| wait.as_secs()).collect();
        assert_eq!(waits, WAITS_S);
        assert_eq!(waits.len() + 1, ATTEMPTS_MAX as usize);
        assert_eq!(wait(0, None, 0), None);
    }

    #[test]
    fn chance_adds_a_tenth_at_most_and_a_receiver_may_ask_for_longer() {
        assert_eq!(wait(2, None, 100), Some(Duration::from_secs(330)));
        assert_eq!(wait(1, Some(Duration::from_secs(60)), 0), Some(Duration::from_secs(60)));
        assert_eq!(wait(2, Some(Duration::from_secs(60)), 0), Some(Duration::from_secs(300)));
        assert_eq!(wait(1, Some(Duration::MAX), 0), Some(RETRY_AFTER_MAX));
    }
}
