//! How far a source is known, by a value of its own: the cursor of its increments. Values are compared as what they
//! are, never as text; where one cannot be read, the cursor stays where it was.

use super::driver::settings::CursorKind;
use super::node::Node;
use crate::domain::Instant;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, TimeDelta, TimeZone as _};
use chrono_tz::Europe::Paris;

/// How far the clock of a source may be ahead of ours. A value later than that was typed, not recorded.
const SKEW_MAX: TimeDelta = TimeDelta::minutes(1);

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
    /// The value to send for `cursor` at `now`: what lies an overlap before it. `None` for a cursor of another writing, and for
    /// one that lies ahead, which passes over what changed meanwhile.
    pub fn asked(&self, cursor: &str, now: Instant) -> Option<String> {
        let cursor = self.read(cursor).filter(|cursor| *cursor <= self.at(now))?;
        Some(self.written(cursor.checked_sub_signed(self.overlap)?))
    }

    /// An instant as the source writes it. A time without an offset is taken for that of France: one of universal time lies
    /// behind it by less than the overlap that is asked for at least.
    fn at(&self, instant: Instant) -> NaiveDateTime {
        match self.kind {
            CursorKind::Instant => instant.naive_utc(),
            CursorKind::Local | CursorKind::Date => Paris.from_utc_datetime(&instant.naive_utc()).naive_local(),
        }
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
    started_at: Instant,
    greatest: Option<NaiveDateTime>,
    unreadable: u64,
}

impl Greatest {
    /// Nothing met yet, in a read that began at `started_at`.
    pub fn new(since: &Since, started_at: Instant) -> Greatest {
        Greatest { since: since.clone(), started_at, greatest: None, unreadable: 0 }
    }

    /// Takes a record into account, as it was read.
    pub fn meet(&mut self, record: &Node) {
        match self.since.value(record) {
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

    /// Does a record say that it changed after a read that took so long?
    pub fn is_ahead(&self, took: TimeDelta) -> bool {
        self.greatest
            .is_some_and(|greatest| greatest > self.since.at(self.started_at + took.max(TimeDelta::zero()) + SKEW_MAX))
    }

    /// The next cursor, after one that is known to hold; never later than the beginning of the read. A record that changed while
    /// others were still being read may have been passed over, and one that changed after it been read: what the read took is
    /// left out as well.
    pub fn cursor(&self, took: TimeDelta, before: Option<&str>) -> Option<String> {
        let began = self.since.at(self.started_at);
        let before = before.and_then(|text| self.since.read(text)).filter(|before| *before <= began);
        let greatest = self.greatest.filter(|_| self.unreadable == 0 && !self.is_ahead(took));
        let next = greatest.and_then(|greatest| greatest.checked_sub_signed(took.max(TimeDelta::zero())));
        next.map(|next| next.min(began)).max(before).map(|value| self.since.written(value))
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
        for bad in ["null", "\"\"", "\"hier\"", "\"2026-11-22T09:00:00\"", "{}"] {
            let met = met(CursorKind::Instant, &["\"2026-11-22T08:00:00Z\"", bad]);
            assert_eq!((met.unreadable(), met.cursor(TimeDelta::zero(), before).as_deref()), (1, before), "{bad}");
            assert_eq!(met.cursor(TimeDelta::zero(), None), None, "{bad}");
        }
        assert_eq!(met(CursorKind::Instant, &[]).cursor(TimeDelta::zero(), before).as_deref(), before);
    }

    #[test]
    fn the_cursor_is_never_later_than_the_beginning_of_the_read() {
        use CursorKind::{Date, Instant, Local};
        let (minute, day) = (TimeDelta::minutes(1), TimeDelta::days(1));
        // In France it is eleven o'clock when the read begins.
        for (kind, value, took, next) in [
            (Instant, "2026-11-22T10:04:00Z", minute * 5, Some("2026-11-22T09:59:00Z")),
            (Instant, "2026-11-22T10:05:30Z", minute * 5, Some("2026-11-22T10:00:00Z")),
            (Instant, "2026-11-22T10:06:30Z", minute * 5, None),
            (Instant, "2026-11-23T09:00:00Z", minute * 5, None),
            (Local, "2026-11-22 11:00:30", TimeDelta::zero(), Some("2026-11-22T11:00:00")),
            (Local, "2026-11-22 11:02:00", TimeDelta::zero(), None),
            (Date, "2026-11-22", TimeDelta::zero(), Some("2026-11-22")),
            (Date, "2026-11-23", TimeDelta::zero(), None),
        ] {
            let met = met(kind, &[&format!("\"{value}\"")]);
            assert_eq!(met.cursor(took, None).as_deref(), next, "{value}");
            assert_eq!(met.is_ahead(took), next.is_none(), "{value}");
            let far = met.since.written(met.since.at(met.started_at) + day);
            assert_eq!(met.cursor(took, Some(&far)).as_deref(), next, "a cursor that lay ahead is none");
            assert_eq!(met.since.asked(&far, met.started_at), None, "nor is it asked for");
        }
    }

    #[test]
    fn what_is_sent_lies_an_overlap_before_and_in_the_writing_of_the_source() {
        let now: crate::domain::Instant = "2026-11-23T00:00:00Z".parse().expect("an instant");
        let asked = |kind, overlap, cursor| since(kind, overlap).asked(cursor, now);
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
