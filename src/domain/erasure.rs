//! Erasure: the personal fields of a record are made unreadable for good (Regulation (EU) 2016/679, articles 5 and 17).

use super::act::Author;
use super::chain::LedgerVersion;
use super::text::SourceId;
use super::{Instant, ParseError};
use std::fmt;

/// Whose personal fields: what they were sealed under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sealed {
    /// The source.
    pub source: SourceId,
    /// The key of the record there; its place (file and line), for a rejected record of which no key could be read.
    pub record: Box<str>,
}

/// Why they are erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErasureCause {
    /// Somebody asked for it.
    Request,
    /// They were kept for as long as the source's manifest says.
    Retention,
}

impl ErasureCause {
    /// Every cause.
    pub const ALL: [ErasureCause; 2] = [ErasureCause::Request, ErasureCause::Retention];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            ErasureCause::Request => "request",
            ErasureCause::Retention => "retention",
        }
    }
}

/// An erasure as the ledger holds it: that it was, never of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Whose fields.
    pub of: Sealed,
    /// Why.
    pub cause: ErasureCause,
    /// The version that recorded it.
    pub version: LedgerVersion,
    /// When.
    pub at: Instant,
    /// Who.
    pub author: Author,
    /// The author's reason.
    pub reason: String,
}

/// How long personal fields are kept, from the last version of their record: whole years, months and days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Retention {
    months: u32,
    days: u32,
}

/// The longest retention, in months: a hundred years.
const MONTHS_MAX: u32 = 1_200;
/// The same in days.
const DAYS_MAX: u32 = 36_525;

impl Retention {
    /// Where a manifest does not say: five years. Documents of an operation of the European funds are kept for five years
    /// (Regulation (EU) 2021/1060, article 82); claims on public bodies lapse after four (loi n° 68-1250 du 31 décembre 1968).
    pub const DEFAULT: Retention = Retention { months: 60, days: 0 };

    /// Reads an ISO 8601 duration of years, months and days (`P5Y`, `P18M`, `P90D`, `P1Y6M`).
    ///
    /// # Errors
    /// Another form, nothing at all, or more than a hundred years.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::new(text, "retention up to a hundred years, for example P5Y, P18M or P90D");
        let mut rest = text.strip_prefix('P').ok_or_else(wrong)?;
        let mut parts = [0_u32; 3];
        for (part, unit) in parts.iter_mut().zip(['Y', 'M', 'D']) {
            if let Some((count, after)) = rest.split_once(unit) {
                let sound = !count.is_empty() && count.len() <= 5 && count.bytes().all(|byte| byte.is_ascii_digit());
                *part = if sound { count.parse().map_err(|_| wrong())? } else { return Err(wrong()) };
                rest = after;
            }
        }
        let (months, days) = (parts[0] * 12 + parts[1], parts[2]);
        let sound = rest.is_empty() && months + days > 0 && months <= MONTHS_MAX && days <= DAYS_MAX;
        if sound { Ok(Retention { months, days }) } else { Err(wrong()) }
    }

    /// When what was last observed at `at` has been kept for long enough. `None`: beyond the calendar, so never.
    pub fn ends(self, at: Instant) -> Option<Instant> {
        at.checked_add_months(chrono::Months::new(self.months))?.checked_add_days(chrono::Days::new(self.days.into()))
    }
}

impl Retention {
    /// What was last observed before this has been kept for long enough at `now`. `None`: before the calendar, so nothing.
    pub fn begins(self, now: Instant) -> Option<Instant> {
        now.checked_sub_months(chrono::Months::new(self.months))?.checked_sub_days(chrono::Days::new(self.days.into()))
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("P")?;
        for (count, unit) in [(self.months / 12, 'Y'), (self.months % 12, 'M'), (self.days, 'D')] {
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retention_is_read_and_written_alike() {
        for text in ["P5Y", "P90D", "P1Y6M", "P2M", "P100Y", "P1Y1M1D"] {
            assert_eq!(Retention::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Retention::parse("P18M").unwrap().to_string(), "P1Y6M");
        assert_eq!(Retention::DEFAULT, Retention::parse("P5Y").unwrap());
        for text in
            ["", "P", "5Y", "P5", "PT5H", "P-1Y", "P0D", "P101Y", "P5D1Y", "P1.5Y", "P99999D", "P5Y ", "P999999Y"]
        {
            assert!(Retention::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn it_ends_on_a_day_of_the_calendar() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let ends = |text: &str, from: &str| Retention::parse(text).unwrap().ends(at(from)).unwrap();
        assert_eq!(ends("P5Y", "2024-02-29T10:00:00Z"), at("2029-02-28T10:00:00Z"));
        assert_eq!(ends("P1M", "2026-01-31T00:00:00Z"), at("2026-02-28T00:00:00Z"));
        assert_eq!(ends("P90D", "2026-01-01T00:00:00Z"), at("2026-04-01T00:00:00Z"));
        assert_eq!(Retention::parse("P100Y").unwrap().ends(Instant::MAX_UTC), None);
    }
}
