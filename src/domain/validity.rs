//! The days on which an entry of a reference table holds.

use super::Date;
use serde::{Deserialize, Serialize};

/// From a day on, before another: perimeters, contracts and the communes of an EPCI change by decree on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    /// First day on which it holds; `None`: not stated, it may have held ever since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// First day on which it holds no more; `None`: not stated, it holds until something else is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
}

impl Validity {
    /// Is nothing said of when it holds?
    pub fn is_unstated(&self) -> bool {
        *self == Validity::default()
    }

    /// Does it hold on this day, as far as is said?
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }

    /// May both hold on one and the same day?
    pub fn meets(&self, other: &Validity) -> bool {
        let before = |end: Option<Date>, begin: Option<Date>| end.zip(begin).is_some_and(|(end, begin)| end <= begin);
        !before(self.to, other.from) && !before(other.to, self.from)
    }

    /// Does it begin or cease to hold after the first day and up to the second?
    pub fn turns_between(&self, (after, until): (Date, Date)) -> bool {
        [self.from, self.to].into_iter().flatten().any(|day| after < day && day <= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_day_counts_and_the_last_is_the_one_after() {
        let day = |text: &str| text.parse::<Date>().expect("a date");
        let former = Validity { from: Some(day("2015-01-01")), to: Some(day("2024-01-01")) };
        for (text, holds) in [("2014-12-31", false), ("2015-01-01", true), ("2023-12-31", true), ("2024-01-01", false)]
        {
            assert_eq!(former.holds_on(day(text)), holds, "{text}");
        }
        assert!(Validity::default().holds_on(day("1990-01-01")) && Validity::default().is_unstated());
        let present = Validity { from: Some(day("2024-01-01")), to: None };
        assert!(!former.meets(&present) && !present.meets(&former));
        assert!(former.meets(&Validity::default()) && present.meets(&present));
        assert!(former.turns_between((day("2023-12-31"), day("2024-01-01"))));
        assert!(!former.turns_between((day("2024-01-01"), day("2026-01-01"))));
    }
}
