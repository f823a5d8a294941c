//! Counted shares: of what there is a bounded number of, one asker holds only so many at once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// How many each asker holds. Whoever holds none is not remembered.
pub(super) struct Shares<K> {
    held: Arc<Mutex<HashMap<K, usize>>>,
    most: usize,
}

/// One of an asker's share, given back when it is dropped.
pub(super) struct Share<K: Eq + Hash> {
    held: Arc<Mutex<HashMap<K, usize>>>,
    key: K,
}

impl<K: Eq + Hash + Clone> Shares<K> {
    /// Shares of `most` each.
    pub fn of(most: usize) -> Self {
        Shares { held: Arc::default(), most }
    }

    /// One more for `key`; `None` where its share is used up.
    pub fn take(&self, key: K) -> Option<Share<K>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.get(&key).copied().unwrap_or(0);
        if count >= self.most {
            return None;
        }
        held.insert(key.clone(), count + 1);
        drop(held);
        Some(Share { held: Arc::clone(&self.held), key })
    }
}

impl<K: Eq + Hash> Share<K> {
    /// Is it of the share of `key`?
    pub fn is_of(&self, key: &K) -> bool {
        self.key == *key
    }
}

impl<K: Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get_mut(&self.key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(held.remove(&self.key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_may_be_taken_again_and_leaves_nothing_behind() {
        let shares = Shares::of(2);
        let (first, second) = (shares.take("a"), shares.take("a"));
        assert!(first.is_some() && second.is_some() && shares.take("a").is_none() && shares.take("b").is_some());
        drop(first);
        assert!(shares.take("a").is_some());
        drop(second);
        assert!(shares.held.lock().expect("not poisoned").is_empty());
    }
}
