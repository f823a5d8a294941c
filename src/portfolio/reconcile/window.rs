//! The years that a sum may be of. A vote of 2019 answers no request of 2026, were its year unstated.

use super::{Cluster, Key, Mark};
use crate::domain::Date;
use crate::domain::source::Standing;
use crate::domain::vocabulary::{Nature, Stage};
use crate::portfolio::case::Statement;
use chrono::Datelike as _;

/// How long before the exercice of a sum its decision may stand, in years: an operation is carried out over several.
const INVESTMENT_YEARS: i32 = 3;

/// A grant is voted, then signed; a list may date it by the commission that it went to before. By more days than these it is another one.
pub(super) const LONG_BEFORE_DAYS: i64 = 270;

/// When a project takes place, as one of its records says, or as all of them do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Period {
    edition: Option<u16>,
    first: Option<i32>,
    last: Option<i32>,
}

impl Period {
    /// That of the edition of an exercice, else of the first and the last day.
    pub(crate) fn of(edition: Option<u16>, (starts_on, ends_on): (Option<Date>, Option<Date>)) -> Self {
        let year = |day: Option<Date>| day.map(|day| day.year());
        Period { edition, first: year(starts_on), last: year(ends_on) }
    }

    /// This one, or where nothing is said of it the other.
    pub(crate) fn or(self, other: Period) -> Self {
        if self == Period::default() { other } else { self }
    }

    /// May a sum of this nature and of that budget year be one of it?
    pub(crate) fn may_hold(self, year: u16, nature: Option<Nature>) -> bool {
        self.years(nature).meets(Window::only(year))
    }

    /// Is it of this one year and of no other?
    pub(crate) fn is_all_of(self, year: u16) -> bool {
        let dated = (self.first, self.last) == (Some(i32::from(year)), Some(i32::from(year)));
        self.edition.map_or(dated, |edition| edition == year)
    }

    /// An investment is one operation over all its years, of which an exercice names one.
    fn years(self, nature: Option<Nature>) -> Window {
        let edition = self.edition.map(i32::from);
        let around = if nature == Some(Nature::Investissement) { INVESTMENT_YEARS } else { 0 };
        Window {
            from: edition.or(self.first).map_or(i32::MIN, |year| year - around),
            to: edition.or(self.last).map_or(i32::MAX, |year| year + around),
        }
    }
}

/// The first and the last year that a sum may be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Window {
    from: i32,
    to: i32,
}

impl Window {
    pub(super) const ANY: Window = Window { from: i32::MIN, to: i32::MAX };

    /// That of a statement in a record about a period: the year that it states; else those of the period; and none that is far from
    /// its decision. A decision is made in the year of its exercice, the one before or the one after.
    pub(super) fn of(statement: &Statement, period: Period) -> Self {
        if let Some(year) = statement.year {
            return Window::only(year);
        }
        let later = if statement.nature == Some(Nature::Fonctionnement) { 1 } else { INVESTMENT_YEARS };
        let decided = statement
            .decided_on
            .map_or(Window::ANY, |day| Window { from: day.year() - 1, to: day.year().saturating_add(later) });
        decided.within(period.years(statement.nature))
    }

    fn only(year: u16) -> Self {
        Window { from: i32::from(year), to: i32::from(year) }
    }

    /// The one year that it leaves; `None` where there are several.
    pub(super) fn year(self) -> Option<u16> {
        u16::try_from(self.from).ok().filter(|_| self.from == self.to)
    }

    /// Does anything say of which years it may be?
    pub(super) fn is_told(self) -> bool {
        self != Window::ANY
    }

    /// Is there a year that both may be of?
    pub(super) fn meets(self, other: Window) -> bool {
        self.from <= other.to && other.from <= self.to
    }

    /// Is it of years before all those of the other?
    pub(super) fn ends_before(self, other: Window) -> bool {
        self.to < other.from
    }

    /// The years that both may be of; where there is none, those of the first.
    pub(super) fn within(self, other: Window) -> Self {
        let both = Window { from: self.from.max(other.from), to: self.to.min(other.to) };
        if both.from <= both.to { both } else { self }
    }
}

/// Are these of different years? Those of a sum that names none are what its decision and its project let expect.
pub(super) fn are_of_other_years((key, window): (Key, Window), (other, other_window): (Key, Window)) -> bool {
    match (key.year, other.year) {
        (Some(one), Some(other)) => one != other,
        _ => !window.meets(other_window),
    }
}

impl Cluster {
    /// The one year that it may be of.
    pub(super) fn year(&self) -> Option<u16> {
        self.group.key.year.or(self.window.year())
    }

    /// Did its funder sign it, as a list says, so long before the vote of the other in its system that it is hardly that one, or of what is
    /// run, which may be granted again, so long after it? The reference of the grant would tell it.
    pub(super) fn is_signed_long_apart(&self, other: &Cluster) -> bool {
        let days = |one: &Cluster, is_list: bool| -> Vec<Date> {
            let granted = |mark: &&Mark| mark.own && matches!(mark.stage, Some(Stage::Attribue | Stage::Engage));
            let of_kind = |mark: &&Mark| (mark.standing == Standing::Publication) == is_list;
            one.marks.iter().filter(granted).filter(of_kind).filter_map(|mark| mark.decided_on).collect()
        };
        let (signed, voted) = (days(self, true), days(other, false));
        let (key, another) = (self.group.key, other.group.key);
        let is_built = key.nature.or(another.nature) == Some(Nature::Investissement);
        let is_of_its_year = key.year.is_some() && key.year == another.year;
        let days_after = |voted: &Date, signed: &Date| (*signed - *voted).num_days();
        let is_all = |is_apart: &dyn Fn(i64) -> bool| {
            voted.iter().all(|voted| signed.iter().all(|signed| is_apart(days_after(voted, signed))))
        };
        let is_apart = is_all(&|days| days < -LONG_BEFORE_DAYS)
            || !is_built && !is_of_its_year && is_all(&|days| days > LONG_BEFORE_DAYS);
        !signed.is_empty()
            && !voted.is_empty()
            && days(self, false).is_empty()
            && !self.bears_reference_of(other)
            && is_apart
    }

    pub(super) fn is_of_other_years(&self, other: &Cluster) -> bool {
        are_of_other_years((self.group.key, self.window), (other.group.key, other.window))
    }
}
