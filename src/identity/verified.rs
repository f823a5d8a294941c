//! Tokens already verified: checking a signature costs more than answering many a query.

use super::viewer::Viewer;
use crate::domain::chain::Digest;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Tokens kept at once.
const TOKENS_MAX: usize = 10_000;

/// What a sound signature stands for. Its dates are checked again at each use.
#[derive(Debug, Clone)]
pub(super) struct Verified {
    pub viewer: Viewer,
    pub not_before_s: u64,
    pub expires_s: u64,
    /// The keys under which it was verified; none for the key of the demonstration, which never changes.
    pub under: Option<Under>,
}

/// A set of keys: whose, and which one in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Under {
    pub issuer: usize,
    pub generation: u64,
}

/// Verified tokens by digest: the tokens themselves are not kept in memory.
#[derive(Default)]
pub(super) struct VerifiedTokens(Mutex<HashMap<Digest, Verified>>);

impl VerifiedTokens {
    pub fn get(&self, token: &str) -> Option<Verified> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&Digest::of(token.as_bytes())).cloned()
    }

    /// Keeps one more; when there is no room, those that expired before `oldest_s` go, or all of them.
    pub fn keep(&self, token: &str, verified: Verified, oldest_s: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = Digest::of(token.as_bytes());
        if known.len() >= TOKENS_MAX && !known.contains_key(&digest) {
            known.retain(|_, one| one.expires_s > oldest_s);
            if known.len() >= TOKENS_MAX {
                known.clear();
            }
        }
        known.insert(digest, verified);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded() {
        let tokens = VerifiedTokens::default();
        for number in 0..TOKENS_MAX + 5 {
            let verified =
                Verified { viewer: Viewer::public(), not_before_s: 0, expires_s: number as u64, under: None };
            tokens.keep(&number.to_string(), verified, 100);
        }
        assert!(tokens.0.lock().expect("not poisoned").len() <= TOKENS_MAX);
        assert!(tokens.get(&TOKENS_MAX.to_string()).is_some());
        assert!(tokens.get("50").is_none());
    }
}
