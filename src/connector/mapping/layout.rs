//! What records of one table have in common: the same names in the same order. Where a field stands there, or that it does not,
//! is found out once for all of them.

use crate::connector::node::Node;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Bits of a place; the rest tell the layout.
const PLACE_BITS: u32 = 16;
const PLACE_MASK: u64 = (1 << PLACE_BITS) - 1;

/// Which names a record has, as a number: two records of one mapping that have the same number have the same names in the same
/// order. Records without a number are looked at one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout(u64);

impl Layout {
    /// Of a record that nothing is known of.
    pub const UNKNOWN: Layout = Layout(0);
}

/// Numbers the layouts of the records of one mapping.
#[derive(Debug, Default)]
pub struct Layouts(Mutex<Last>);

/// The names of the last record, kept: while they live, no other name can have their address.
#[derive(Debug, Default)]
struct Last {
    names: Vec<Arc<str>>,
    number: u64,
}

impl Layouts {
    /// The layout of a record.
    pub fn of(&self, record: &Node) -> Layout {
        let Node::Object(entries) = record else { return Layout::UNKNOWN };
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |((name, _), known): (&(Arc<str>, Node), &Arc<str>)| Arc::ptr_eq(name, known) || name == known;
        let is_last = last.number > 0 && entries.len() == last.names.len() && entries.iter().zip(&last.names).all(same);
        if !is_last {
            last.number += 1;
            last.names.clear();
            last.names.extend(entries.iter().map(|(name, _)| Arc::clone(name)));
        }
        Layout(last.number)
    }
}

/// Where something stands in the records of the last layout that it was looked for in.
#[derive(Debug, Default)]
pub struct Place(AtomicU64);

impl Place {
    /// What is known for this layout: a place, or that there is none. `None` where nothing is known.
    pub fn known(&self, layout: Layout) -> Option<Option<usize>> {
        let noted = self.0.load(Ordering::Relaxed);
        let is_meant = layout != Layout::UNKNOWN && noted >> PLACE_BITS == layout.0;
        is_meant.then(|| usize::try_from(noted & PLACE_MASK).ok()?.checked_sub(1))
    }

    /// Notes it. A place too far out to be noted is looked for again.
    pub fn note(&self, layout: Layout, place: Option<usize>) {
        let place = place.map_or(0, |place| place as u64 + 1);
        if layout != Layout::UNKNOWN && place <= PLACE_MASK {
            self.0.store(layout.0 << PLACE_BITS | place, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_with_the_same_names_in_the_same_order_have_one_layout() {
        let layouts = Layouts::default();
        let of = |text: &str| layouts.of(&Node::parse_json(text).unwrap());
        let first = of(r#"{"a": 1, "b": 2}"#);
        assert_eq!(of(r#"{"a": 3, "b": null}"#), first, "another document, the same names");
        for other in [r#"{"b": 1, "a": 2}"#, r#"{"a": 1}"#, r#"{"a": 1, "b": 2, "c": 3}"#, "{}"] {
            assert_ne!(of(other), first, "{other}");
        }
        assert_ne!(of(r#"{"a": 1, "b": 2}"#), first, "only the last one is remembered");
        assert_eq!(of("[1]"), Layout::UNKNOWN);
        assert_ne!(Layouts::default().of(&Node::Object(Vec::new())), Layout::UNKNOWN);
    }

    #[test]
    fn a_place_is_known_for_the_layout_that_it_was_noted_for() {
        let (place, one, other) = (Place::default(), Layout(1), Layout(2));
        assert_eq!((place.known(one), place.known(Layout::UNKNOWN)), (None, None));
        place.note(one, Some(0));
        assert_eq!((place.known(one), place.known(other)), (Some(Some(0)), None));
        place.note(other, None);
        assert_eq!((place.known(one), place.known(other)), (None, Some(None)));
        place.note(Layout::UNKNOWN, Some(3));
        place.note(one, Some(usize::from(u16::MAX)));
        assert_eq!((place.known(one), place.known(other)), (None, Some(None)), "neither can be noted");
    }
}
