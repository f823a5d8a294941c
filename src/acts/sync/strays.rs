//! Parts of a source of which a read brought a few records beside another part: a grant that was signed in December stands in the list of
//! the next year. Such a read is none of the part itself: its records are taken, and nothing of it is closed. Pure.

use std::collections::{BTreeMap, BTreeSet};

/// A part of which half of what is known came, or more, was read; so was one of which no more is missing than may vanish.
const MAIN_BP: u64 = 5_000;
/// More records than of the other parts may have strayed where they are one in so many of those known.
const FEW: u64 = 10;

/// What a read brought of one part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Brought {
    /// Records that came, new ones too.
    pub came: u64,
    /// Records that the ledger holds.
    pub known: u64,
    /// Of these, those that did not come in any form.
    pub missing: u64,
}

impl Brought {
    fn is_little(self, limit_bp: u32) -> bool {
        let bound = u64::from(limit_bp).max(MAIN_BP);
        let exceeds = self.missing * 10_000 > self.known * bound;
        exceeds && self.came * 10_000 < self.known * 10_000_u64.saturating_sub(bound)
    }

    /// Was most of what came known?
    fn is_old(self) -> bool {
        self.known * 2 >= self.came
    }
}

/// The parts that strayed into the read of others. Those that were read `together` before, with a part of which most came again, are of
/// one list, from which they are gone.
pub fn strays(
    parts: &BTreeMap<String, Brought>,
    together: impl Fn(&str, &str) -> bool,
    limit_bp: u32,
) -> BTreeSet<String> {
    let (little, main): (Vec<_>, Vec<_>) = parts.iter().partition(|(_, brought)| brought.is_little(limit_bp));
    let in_main: u64 = main.iter().map(|(_, brought)| brought.came).sum();
    let strayed = little.into_iter().filter(|(name, brought)| {
        let are_few = brought.came <= in_main || brought.came * FEW <= brought.known;
        let is_of_list = || main.iter().any(|(other, main)| main.is_old() && together(name, other));
        !main.is_empty() && are_few && !is_of_list()
    });
    strayed.map(|(name, _)| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts that strayed: each with what came of it, what is known, what of it is missing; when each was last read.
    fn strayed(parts: &[(&str, [u64; 3], u32)]) -> Vec<String> {
        let brought = |[came, known, missing]: [u64; 3]| Brought { came, known, missing };
        let read = |name: &str| parts.iter().find(|part| part.0 == name).map(|part| part.2).filter(|at| *at > 0);
        let together = |one: &str, other: &str| read(one).is_some() && read(one) == read(other);
        let parts = parts.iter().map(|(name, counts, _)| ((*name).to_owned(), brought(*counts))).collect();
        strays(&parts, together, 2_000).into_iter().collect()
    }

    #[test]
    fn a_few_records_beside_the_list_of_another_part_are_no_read_of_theirs() {
        assert_eq!(strayed(&[("2024", [1, 100, 100], 1), ("2025", [60, 0, 0], 0)]), ["2024"]);
        assert_eq!(strayed(&[("2024", [1, 101, 100], 1), ("2025", [60, 60, 0], 2)]), ["2024"], "the next month too");
        assert_eq!(strayed(&[("2024", [1, 9, 9], 1), ("2025", [60, 0, 0], 0)]), ["2024"], "a small year");
        assert_eq!(strayed(&[("2024", [5, 100, 100], 1), ("2025", [3, 0, 0], 0)]), ["2024"], "a list that begins");
        assert_eq!(strayed(&[("2024", [1, 100, 100], 1), ("2025", [5, 1, 0], 1)]), ["2024"], "one row came before");
    }

    #[test]
    fn a_part_that_lost_records_was_read() {
        assert!(strayed(&[("2024", [1, 100, 99], 1)]).is_empty(), "nothing stands beside it");
        assert!(strayed(&[("2024", [1, 100, 99], 1), ("2025", [60, 60, 0], 1)]).is_empty(), "they are one list");
        assert!(strayed(&[("2024", [49, 100, 51], 1), ("2025", [1, 0, 0], 0)]).is_empty(), "a list cut short");
        assert!(
            strayed(&[("2024", [40, 100, 60], 2), ("2025", [1, 60, 59], 1)]).is_empty(),
            "neither came in the main"
        );
        assert!(strayed(&[("2024", [70, 100, 30], 1), ("2025", [60, 0, 0], 0)]).is_empty(), "most of it came");
        assert!(strayed(&[("2024", [100, 100, 100], 1), ("2025", [60, 0, 0], 0)]).is_empty(), "under other keys");
        assert!(strayed(&[("2024", [40, 100, 0], 1), ("2025", [60, 0, 0], 0)]).is_empty(), "the others moved");
    }

    #[test]
    fn where_all_may_vanish_none_strays() {
        let parts = [
            ("2024", Brought { came: 1, known: 100, missing: 99 }),
            ("2025", Brought { came: 60, ..Brought::default() }),
        ];
        let parts: BTreeMap<String, Brought> = parts.map(|(name, brought)| (name.to_owned(), brought)).into();
        assert!(strays(&parts, |_, _| false, 10_000).is_empty());
        assert_eq!(strays(&parts, |_, _| false, 9_000).len(), 1);
    }
}
