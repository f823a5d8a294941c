//! The years that a sum may be of. A vote of 2019 answers no request of 2026, were its year unstated.

use crate::domain::vocabulary::Nature;
use crate::portfolio::case::Statement;
use chrono::Datelike as _;

/// How long before the exercice of a sum its decision may stand, in years: an operation is carried out over several.
const INVESTMENT_YEARS: i32 = 3;

/// The first and the last year that a sum may be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Window {
    from: i32,
    to: i32,
}

impl Window {
    const ANY: Window = Window { from: i32::MIN, to: i32::MAX };

    /// That of a statement in a record about the edition of an exercice: the year that it states; else that of the edition, for what is
    /// no investment; and none that is far from its decision. A decision is made in the year of its exercice, the one before or the
    /// one after.
    pub(super) fn of(statement: &Statement, edition: Option<u16>) -> Self {
        let only = |year: u16| Window { from: i32::from(year), to: i32::from(year) };
        if let Some(year) = statement.year {
            return only(year);
        }
        let is_investment = statement.nature == Some(Nature::Investissement);
        let later = if statement.nature == Some(Nature::Fonctionnement) { 1 } else { INVESTMENT_YEARS };
        let decided = statement
            .decided_on
            .map_or(Window::ANY, |day| Window { from: day.year() - 1, to: day.year().saturating_add(later) });
        let edition = edition.filter(|_| !is_investment).map(only);
        edition.filter(|edition| edition.meets(decided)).unwrap_or(decided)
    }

    /// Is there a year that both may be of?
    pub(super) fn meets(self, other: Window) -> bool {
        self.from <= other.to && other.from <= self.to
    }

    /// The years that both may be of; where there is none, those of the first.
    pub(super) fn within(self, other: Window) -> Self {
        let both = Window { from: self.from.max(other.from), to: self.to.min(other.to) };
        if both.from <= both.to { both } else { self }
    }
}
