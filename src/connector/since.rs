//! How far a source is known, by a value of its own: the cursor of its increments. Values are compared as what they
//! are, never as text; where one cannot be read, the cursor stays where it was.

use super::driver::settings::CursorKind;
use super::node::Node;
use crate::domain::Instant;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, TimeDelta};

/// A value later than the read by more than this was typed, not recorded: it tells nothing. A day, because a time
/// without an offset may be ahead of universal time by fourteen hours.
const AHEAD_MAX: TimeDelta = TimeDelta::days(1);

/// How increments of a source are asked for, compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The field of the records that says when each changed.
    pub from: String,
    /// How it is written.
    pub kind: CursorKind,
    /// Asked for again before the cursor.
    pub overlap: TimeDelta,
    /// Age of the last full read after which the next one is full.
    pub full_every: TimeDelta,
}

impl Since {
    /// The value to send for `cursor`: what lies an overlap before it. `None` for a cursor of another writing.
    pub fn asked(&self, cursor: &str) -> Option<String> {
        Some(self.written(self.read(cursor)?.checked_sub_signed(self.overlap)?))
    }

    /// Does the record say when it changed, in the writing that is expected?
    pub fn is_told_by(&self, record: &Node) -> bool {
        self.value(record).is_some()
    }

    fn value(&self, record: &Node) -> Option<NaiveDateTime> {
        self.read(record.at(&self.from).and_then(Node::scalar)?)
    }

    fn read(&self, text: &str) -> Option<NaiveDateTime> {
        let text = text.trim();
        match self.kind {
            CursorKind::Instant => DateTime::parse_from_rfc3339(text).ok().map(|at| at.naive_utc()),
            CursorKind::Local => ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
                .into_iter()
                .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()),
            CursorKind::Date => {
                NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|date| date.and_time(NaiveTime::MIN))
            }
        }
    }

    /// The value, cut down to what its writing holds: never later than it is.
    fn written(&self, value: NaiveDateTime) -> String {
        let form = match self.kind {
            CursorKind::Instant => "%Y-%m-%dT%H:%M:%SZ",
            CursorKind::Local => "%Y-%m-%dT%H:%M:%S",
            CursorKind::Date => "%Y-%m-%d",
        };
        value.trunc_subsecs(0).format(form).to_string()
    }
}

/// The greatest value met in a read.
#[derive(Debug, Clone)]
pub struct Greatest {
    since: Since,
    latest: NaiveDateTime,
    greatest: Option<NaiveDateTime>,
    unreadable: u64,
}

impl Greatest {
    /// Nothing met yet, in a read that began at `started_at`.
    pub fn new(since: &Since, started_at: Instant) -> Greatest {
        let latest = started_at.naive_utc() + AHEAD_MAX;
        Greatest { since: since.clone(), latest, greatest: None, unreadable: 0 }
    }

    /// Takes a record into account, as it was read.
    pub fn meet(&mut self, record: &Node) {
        match self.since.value(record).filter(|value| *value <= self.latest) {
            Some(value) => self.greatest = self.greatest.max(Some(value)),
            None => self.unreadable += 1,
        }
    }

    /// Takes records into account that could not be read at all.
    pub fn miss(&mut self, records: usize) {
        self.unreadable += records as u64;
    }

    /// Records whose value could not be read.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// The next cursor, after one that is known to hold. A record that changed while others were still being read may
    /// have been passed over, and one that changed after it been read: what the read took is left out as well.
    pub fn cursor(&self, took: TimeDelta, before: Option<&str>) -> Option<String> {
        let before = before.and_then(|text| self.since.read(text));
        let next = match self.unreadable {
            0 => self.greatest.and_then(|greatest| greatest.checked_sub_signed(took.max(TimeDelta::zero()))),
            _ => None,
        };
        next.max(before).map(|value| self.since.written(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn since(kind: CursorKind, overlap: TimeDelta) -> Since {
        Since { from: "modifie.le".to_owned(), kind, overlap, full_every: TimeDelta::hours(6) }
    }

    fn met(kind: CursorKind, values: &[&str]) -> Greatest {
        let started_at = "2026-11-22T10:00:00Z".parse().expect("an instant");
        let mut greatest = Greatest::new(&since(kind, TimeDelta::minutes(5)), started_at);
        for value in values {
            greatest.meet(&Node::parse_json(&format!(r#"{{"modifie":{{"le":{value}}}}}"#)).expect("JSON"));
        }
        greatest
    }

    #[test]
    fn instants_are_compared_as_instants() {
        // As text, the first one is the greatest.
        let met = met(CursorKind::Instant, &["\"2026-11-22T09:30:00+02:00\"", "\"2026-11-22T08:00:00.9Z\""]);
        assert_eq!(met.cursor(TimeDelta::zero(), None).as_deref(), Some("2026-11-22T08:00:00Z"));
        assert_eq!(
            met.cursor(TimeDelta::minutes(2), None).as_deref(),
            Some("2026-11-22T07:58:00Z"),
            "the read took long"
        );
        let before = Some("2026-11-22T07:59:00Z");
        assert_eq!(met.cursor(TimeDelta::minutes(2), before).as_deref(), before, "what is known stays known");
    }

    #[test]
    fn a_value_that_cannot_be_read_keeps_the_cursor_where_it_was() {
        let before = Some("2026-11-20T00:00:00Z");
        for bad in ["null", "\"\"", "\"hier\"", "\"2026-11-22T09:00:00\"", "\"2199-12-31T00:00:00Z\"", "{}"] {
            let met = met(CursorKind::Instant, &["\"2026-11-22T08:00:00Z\"", bad]);
            assert_eq!((met.unreadable(), met.cursor(TimeDelta::zero(), before).as_deref()), (1, before), "{bad}");
            assert_eq!(met.cursor(TimeDelta::zero(), None), None, "{bad}");
        }
        assert_eq!(met(CursorKind::Instant, &[]).cursor(TimeDelta::zero(), before).as_deref(), before);
    }

    #[test]
    fn what_is_sent_lies_an_overlap_before_and_in_the_writing_of_the_source() {
        let asked = |kind, overlap, cursor| since(kind, overlap).asked(cursor);
        let day = TimeDelta::days(1);
        assert_eq!(asked(CursorKind::Date, day, "2026-03-01").as_deref(), Some("2026-02-28"));
        assert_eq!(
            asked(CursorKind::Local, TimeDelta::hours(2), "2026-11-22 01:00:00").as_deref(),
            Some("2026-11-21T23:00:00")
        );
        assert_eq!(asked(CursorKind::Date, day, "2026-03-01T00:00:00Z"), None, "the writing was changed");
        assert_eq!(
            met(CursorKind::Date, &["\"2026-11-22\""]).cursor(TimeDelta::zero(), None).as_deref(),
            Some("2026-11-22")
        );
    }
}
