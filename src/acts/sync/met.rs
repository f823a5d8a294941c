//! The keys that a read has met, with what is needed to tell a duplicate and to say where it came first. A million
//! of them stand in memory at once: a place is four small numbers.

use crate::domain::rejection::Location;
use crate::domain::text::RecordKey;
use foldhash::HashMap;
use std::collections::hash_map::Entry;

/// The keys met so far.
#[derive(Debug, Default)]
pub struct Met {
    first: HashMap<RecordKey, ([u8; 16], Place)>,
    resources: Vec<Box<str>>,
}

/// Where a key came first.
#[derive(Debug, Clone, Copy)]
struct Place {
    resource: usize,
    /// Line, page and index, each one more than it is; 0 for none.
    numbers: [u32; 3],
}

impl Met {
    /// Notes that `key` came with the content of `fingerprint` at `location`. When it came before: whether with the
    /// same content, and where.
    pub fn again(&mut self, key: &RecordKey, fingerprint: [u8; 16], location: &Location) -> Option<(bool, Location)> {
        match self.first.entry(key.clone()) {
            Entry::Occupied(before) => {
                let (first, place) = before.get();
                let [line, page, index] = place.numbers.map(|number| number.checked_sub(1).map(u64::from));
                let resource = self.resources.get(place.resource).cloned().unwrap_or_default();
                Some((*first == fingerprint, Location { resource, line, page, index }))
            }
            Entry::Vacant(new) => {
                if self.resources.last() != Some(&location.resource) {
                    self.resources.push(location.resource.clone());
                }
                // A number that is too large for a place is left out of it.
                let small = |number: Option<u64>| number.and_then(|number| u32::try_from(number + 1).ok()).unwrap_or(0);
                let numbers = [location.line, location.page, location.index].map(small);
                new.insert((fingerprint, Place { resource: self.resources.len() - 1, numbers }));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_comes_again_is_told_with_its_first_place() {
        let key = RecordKey::parse("7").unwrap();
        let at = |resource: &str, line, index| Location { resource: resource.into(), line, page: None, index };
        let first = at("a.csv", Some(3), Some(0));
        let mut met = Met::default();
        assert_eq!(met.again(&key, [1; 16], &first), None);
        assert_eq!(met.again(&RecordKey::parse("8").unwrap(), [1; 16], &at("b.csv", Some(2), None)), None);
        assert_eq!(met.again(&key, [1; 16], &at("b.csv", Some(9), None)), Some((true, first.clone())));
        assert_eq!(met.again(&key, [2; 16], &at("b.csv", None, None)), Some((false, first)));
    }
}
