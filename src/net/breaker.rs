//! A host that fails again and again is left alone for a while: calls to it fail at once and say when it is tried again.
//! Then one call goes as a probe. Answers that cannot be read count like those that do not come.

use super::error::NetError;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use url::Url;

/// The state of every host that was called.
pub(super) struct Breakers {
    hosts: Mutex<HashMap<String, Breaker>>,
    failures_max: u32,
    pause: Duration,
}

/// How often each host had failed in a row when one read first called it: a read that fails at its second page has failed, whatever
/// its first page gave.
#[derive(Debug, Default)]
pub(super) struct Began(Mutex<HashMap<String, u32>>);

impl Began {
    fn note(&self, host: &str, failures: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(host.to_owned()).or_insert(failures);
    }
}

/// Whether a host is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Circuit {
    /// It is called.
    Closed,
    /// It is left alone.
    Open,
    /// It was left alone long enough: one call is tried, or is under way.
    HalfOpen,
}

/// How a host stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostState {
    /// The host and its port.
    pub host: String,
    /// Whether it is called.
    pub circuit: Circuit,
    /// Calls that failed since the gateway started, answers that could not be read included.
    pub failures_total: u64,
}

#[derive(Debug, Default, Clone, Copy)]
struct Breaker {
    /// Failures since the last answer that could be read.
    failures: u32,
    /// The same, before that answer: it may turn out that it could not be read.
    before: u32,
    /// No call before this.
    open_until: Option<Instant>,
    /// A probe is under way; one that never ends is forgotten then.
    probe_until: Option<Instant>,
    /// Failures since the start.
    failures_total: u64,
}

impl Breakers {
    pub(super) fn new(failures_max: u32, pause_ms: u64) -> Self {
        Breakers { hosts: Mutex::default(), failures_max, pause: Duration::from_millis(pause_ms) }
    }

    /// May the host of `url` be called in this read?
    pub(super) fn enter(&self, url: &Url, began: Option<&Began>, now: Instant) -> Result<(), NetError> {
        self.with(url, |breaker, host| {
            if let Some(began) = began {
                began.note(host, breaker.failures);
            }
            let Some(open_until) = breaker.open_until else { return Ok(()) };
            let until = open_until.max(breaker.probe_until.unwrap_or(open_until));
            if now < until {
                let wait_s = until.saturating_duration_since(now).as_millis().div_ceil(1_000) as u64;
                return Err(NetError::CircuitOpen { host: host.to_owned(), failures: breaker.failures, wait_s });
            }
            breaker.probe_until = Some(now + self.pause);
            Ok(())
        })
    }

    /// An answer came.
    pub(super) fn answered(&self, url: &Url) {
        self.with(url, |breaker, _| {
            // An answer before this one stood, or it would have been told.
            let failures_total = breaker.failures_total;
            *breaker = Breaker { before: breaker.failures, failures_total, ..Breaker::default() };
        });
    }

    /// No answer came, or one that failed.
    pub(super) fn failed(&self, url: &Url, began: Option<&Began>, now: Instant) {
        self.with(url, |breaker, host| {
            let failures = breaker.failures.max(failed_before(began, host)) + 1;
            self.count(breaker, failures, (host, now));
        });
    }

    /// The last answer could not be read: it was none.
    pub(super) fn malformed(&self, url: &Url, began: Option<&Began>, now: Instant) {
        self.with(url, |breaker, host| {
            let failures = breaker.before.max(breaker.failures).max(failed_before(began, host)) + 1;
            self.count(breaker, failures, (host, now));
        });
    }

    /// The hosts that were called, in the order of their names, and how each stands at `now`.
    pub(super) fn states(&self, now: Instant) -> Vec<HostState> {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let state = |(host, breaker): (&String, &Breaker)| HostState {
            host: host.clone(),
            circuit: match breaker.open_until {
                None => Circuit::Closed,
                Some(until) if now < until => Circuit::Open,
                Some(_) => Circuit::HalfOpen,
            },
            failures_total: breaker.failures_total,
        };
        let mut states: Vec<HostState> = hosts.iter().map(state).collect();
        states.sort_by(|one, other| one.host.cmp(&other.host));
        states
    }

    fn count(&self, breaker: &mut Breaker, failures: u32, (host, now): (&str, Instant)) {
        let failures_total = breaker.failures_total + 1;
        *breaker = Breaker { failures, failures_total, ..Breaker::default() };
        if failures >= self.failures_max {
            tracing::warn!(host, failures, pause_s = self.pause.as_secs(), "the host is left alone for a while");
            breaker.open_until = Some(now + self.pause);
        }
    }

    fn with<T>(&self, url: &Url, act: impl FnOnce(&mut Breaker, &str) -> T) -> T {
        let host = host(url);
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        act(hosts.entry(host.clone()).or_default(), &host)
    }
}

/// What fails together: a host and its port.
fn host(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or(0);
    format!("{}:{port}", url.host_str().unwrap_or_default())
}

/// What is not one read is counted call by call.
fn failed_before(began: Option<&Began>, host: &str) -> u32 {
    let noted = began.map(|began| began.0.lock().unwrap_or_else(PoisonError::into_inner));
    noted.and_then(|noted| noted.get(host).copied()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE_MS: u64 = 1_000;

    fn at(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    #[test]
    fn it_opens_probes_once_and_closes() {
        let (breakers, start) = (Breakers::new(2, PAUSE_MS), Instant::now());
        let url = Url::parse("https://a.example/x").expect("a URL");
        breakers.failed(&url, None, start);
        assert!(breakers.enter(&url, None, start).is_ok());
        breakers.failed(&url, None, start);
        let error = breakers.enter(&url, None, at(start, 1)).expect_err("open");
        assert!(error.to_string().contains("2 times") && error.to_string().contains("1 s"), "{error}");
        assert!(breakers.enter(&Url::parse("https://b.example/").expect("a URL"), None, start).is_ok(), "another host");
        assert_eq!(breakers.states(at(start, 1))[0].circuit, Circuit::Open);
        assert_eq!(breakers.states(at(start, 1_000))[0].circuit, Circuit::HalfOpen);
        assert!(breakers.enter(&url, None, at(start, 1_000)).is_ok(), "the probe");
        assert!(breakers.enter(&url, None, at(start, 1_001)).is_err(), "one probe at a time");
        breakers.failed(&url, None, at(start, 1_002));
        assert!(breakers.enter(&url, None, at(start, 1_500)).is_err(), "open again");
        assert!(breakers.enter(&url, None, at(start, 2_002)).is_ok(), "another probe");
        breakers.answered(&url);
        assert!(breakers.enter(&url, None, at(start, 2_003)).is_ok(), "closed");
        let state = breakers.states(at(start, 2_003)).remove(0);
        let expected = HostState { host: "a.example:443".to_owned(), circuit: Circuit::Closed, failures_total: 3 };
        assert_eq!(state, expected);
    }

    #[test]
    fn what_cannot_be_read_counts_like_what_does_not_come() {
        let (breakers, now) = (Breakers::new(3, PAUSE_MS), Instant::now());
        let url = Url::parse("https://a.example/x").expect("a URL");
        for _ in 0..3 {
            breakers.answered(&url);
            breakers.malformed(&url, None, now);
        }
        assert!(breakers.enter(&url, None, now).is_err());
        // A probe that is answered with what cannot be read opens it again.
        let later = at(now, PAUSE_MS);
        assert!(breakers.enter(&url, None, later).is_ok());
        breakers.answered(&url);
        breakers.malformed(&url, None, later);
        assert!(breakers.enter(&url, None, later).is_err());
    }

    #[test]
    fn a_read_that_fails_at_its_second_page_fails_like_any_other() {
        let (breakers, now) = (Breakers::new(3, PAUSE_MS), Instant::now());
        let url = Url::parse("https://a.example/x").expect("a URL");
        for _ in 0..3 {
            let began = Began::default();
            assert!(breakers.enter(&url, Some(&began), now).is_ok(), "page 1");
            breakers.answered(&url);
            assert!(breakers.enter(&url, Some(&began), now).is_ok(), "page 2");
            breakers.failed(&url, Some(&began), now);
        }
        assert!(breakers.enter(&url, None, now).is_err());
    }

    #[test]
    fn an_answer_forgets_the_failures() {
        let (breakers, now) = (Breakers::new(2, PAUSE_MS), Instant::now());
        let url = Url::parse("https://a.example/x").expect("a URL");
        for _ in 0..5 {
            breakers.failed(&url, None, now);
            breakers.answered(&url);
        }
        assert!(breakers.enter(&url, None, now).is_ok());
    }
}
