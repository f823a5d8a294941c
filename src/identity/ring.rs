//! The keys of an issuer as they are held now: replaced as a whole, and used for a stated time after they were fetched.

use super::keys::{IssuerKeys, KeySetError};
use super::pem::PemKey;
use super::token::TokenError;
use crate::domain::Instant;
use crate::domain::chain::Digest;
use arc_swap::ArcSwapOption;
use jsonwebtoken::Algorithm;
use std::sync::{Arc, Mutex, PoisonError};

/// When keys that are fetched are fetched again, and how long they serve without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPace {
    /// Age at which they are fetched again.
    pub max_age_s: u64,
    /// Time between two attempts, whatever asks for them.
    pub retry_s: u64,
    /// Age beyond which they are not used any more.
    pub stale_max_s: u64,
}

impl Default for KeyPace {
    fn default() -> Self {
        KeyPace { max_age_s: 3_600, retry_s: 60, stale_max_s: 6 * 3_600 }
    }
}

/// One set of keys.
pub(super) struct HeldKeys {
    /// The keys.
    pub keys: IssuerKeys,
    /// Another set has another number: a token verified under an earlier one is verified anew.
    pub generation: u64,
    text: Option<Digest>,
    fetched_at: Option<Instant>,
}

#[derive(Default)]
struct Attempts {
    count: u64,
    last: Option<Instant>,
}

/// The keys of one issuer. Whoever fetches offers what came; the ring says when, and refuses what cannot be used.
pub struct KeyRing {
    issuer: String,
    algorithms: Vec<Algorithm>,
    pace: Option<KeyPace>,
    held: ArcSwapOption<HeldKeys>,
    attempts: Mutex<Attempts>,
}

impl KeyRing {
    /// Keys that stay as they are.
    pub(super) fn fixed(issuer: &str, keys: IssuerKeys) -> Self {
        let held = HeldKeys { keys, generation: 0, text: None, fetched_at: None };
        KeyRing { held: ArcSwapOption::from_pointee(held), ..Self::empty(issuer, None, Vec::new()) }
    }

    /// A ring without keys yet.
    pub(super) fn empty(issuer: &str, pace: Option<KeyPace>, algorithms: Vec<Algorithm>) -> Self {
        let (held, attempts) = (ArcSwapOption::empty(), Mutex::default());
        KeyRing { issuer: issuer.to_owned(), algorithms, pace, held, attempts }
    }

    /// The exact name of the issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Are its keys fetched at all?
    pub fn is_fetched(&self) -> bool {
        self.pace.is_some()
    }

    /// Should they be fetched now, whether or not a token asks for it?
    pub fn is_due(&self, now: Instant) -> bool {
        let Some(pace) = self.pace else { return false };
        let fetched_at = self.held.load().as_ref().and_then(|held| held.fetched_at);
        // A clock that was set back makes an age below nothing: then nobody knows it.
        let is_fresh = |at: Instant| (0..seconds(pace.max_age_s)).contains(&(now - at).num_seconds());
        !fetched_at.is_some_and(is_fresh) && may_try(&self.attempts(), pace, now)
    }

    /// How often they were asked for so far.
    pub fn attempt_count(&self) -> u64 {
        self.attempts().count
    }

    /// Takes note of one more attempt; false, without a note, when the last one is too recent.
    pub fn begin(&self, now: Instant) -> bool {
        let Some(pace) = self.pace else { return false };
        let mut attempts = self.attempts();
        let may = may_try(&attempts, pace, now);
        if may {
            *attempts = Attempts { count: attempts.count + 1, last: Some(now) };
        }
        may
    }

    /// Takes a JWK Set that was asked for at `at`; true when it is another one than before.
    ///
    /// # Errors
    /// A set that cannot be used. The one before stays.
    pub fn offer(&self, json: &str, at: Instant) -> Result<bool, KeySetError> {
        let keys = IssuerKeys::parse(json, &self.algorithms)?;
        Ok(self.take(keys, Digest::of(json.as_bytes()), at))
    }

    /// The same with public keys in PEM.
    ///
    /// # Errors
    /// Keys that cannot be used. Those before stay.
    pub fn offer_pems(&self, pems: &[PemKey], at: Instant) -> Result<bool, KeySetError> {
        let keys = IssuerKeys::of_pems(pems, &self.algorithms)?;
        let texts: Vec<String> =
            pems.iter().map(|one| format!("{:?} {}", one.kid, Digest::of(one.pem.as_bytes()))).collect();
        Ok(self.take(keys, Digest::of(texts.join("\n").as_bytes()), at))
    }

    fn take(&self, keys: IssuerKeys, text: Digest, at: Instant) -> bool {
        let text = Some(text);
        // One offer at a time.
        let attempts = self.attempts();
        let before = self.held.load();
        let known = before.as_ref().filter(|before| before.text == text);
        let generation = match (known, before.as_ref()) {
            (Some(known), _) => known.generation,
            (None, Some(before)) => before.generation + 1,
            (None, None) => 0,
        };
        let is_new = known.is_none();
        self.held.store(Some(Arc::new(HeldKeys { keys, generation, text, fetched_at: Some(at) })));
        drop(attempts);
        is_new
    }

    /// The keys to verify with at `now`.
    ///
    /// # Errors
    /// None was ever fetched, or the last ones are too old.
    pub(super) fn usable(&self, now: Instant) -> Result<Arc<HeldKeys>, TokenError> {
        let held = self.held.load_full().ok_or(TokenError::NoKeys)?;
        match (self.pace, held.fetched_at) {
            (Some(pace), Some(at)) if (now - at).num_seconds() > seconds(pace.stale_max_s) => Err(TokenError::NoKeys),
            _ => Ok(held),
        }
    }

    fn attempts(&self) -> std::sync::MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

fn may_try(attempts: &Attempts, pace: KeyPace, now: Instant) -> bool {
    attempts.last.is_none_or(|last| (now - last).num_seconds().unsigned_abs() >= pace.retry_s)
}

fn seconds(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}
