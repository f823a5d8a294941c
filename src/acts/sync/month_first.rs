//! Dates that begin with the month (05/27/2024): those whose day is 13 or later are rejected as such, and the others of the same list
//! read as another day. One such date is a slip of the hand; several in a list tell how the list is written. Pure.

use crate::connector::Mapped;
use crate::connector::convert::date::MONTH_FIRST;
use crate::domain::Instant;
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};

/// Fewer dates than this are slips of the hand.
const DATES_MIN: u64 = 3;
/// Of a hundred records of the list, how many have such a date: fewer, in a long list, are slips of the hand.
const RECORDS_PERCENT: u64 = 1;

/// Was one of its dates written with the month first? Nothing of a record that is left out.
pub fn is_met(mapped: &Mapped) -> Option<bool> {
    match mapped {
        Mapped::Accepted { facts, .. } => Some(facts.warnings.iter().any(|one| *one.code == *MONTH_FIRST.code)),
        Mapped::Rejected { code, .. } => Some(**code == *MONTH_FIRST.code),
        Mapped::Skipped { .. } => None,
    }
}

/// The records of one read, or of one of its files, and those with a date that begins with the month.
#[derive(Debug, Default)]
pub struct MonthFirst {
    records: u64,
    months_first: u64,
}

impl MonthFirst {
    /// A record was mapped; was one of its dates written with the month first?
    pub fn meet(&mut self, is_month_first: bool) {
        self.records += 1;
        self.months_first += u64::from(is_month_first);
    }

    /// What holds the run, where the list seems to be written month first: the source, or one of its files.
    pub fn finding(&self, about: &str, at: Instant) -> Option<SourceFinding> {
        let (found, records) = (self.months_first, self.records);
        if found < DATES_MIN || found * 100 < records * RECORDS_PERCENT {
            return None;
        }
        let message = Message::new(
            format!(
                "{found} des {records} enregistrements ont une date qui commence par le mois (05/27/2024) : dans la même liste, \
                 03/04/2024 serait lu comme le 3 avril, et non le 4 mars ; rien n'est appliqué"
            ),
            format!(
                "{found} of the {records} records have a date that begins with the month (05/27/2024): in the same list, \
                 03/04/2024 would be read as 3 April, and not as 4 March; nothing is applied"
            ),
        );
        Some(SourceFinding {
            kind: SourceFindingKind::DatesMonthFirst,
            field: None,
            about: Some(about.to_owned()),
            since: at,
            example: None,
            message,
            was: None,
            held: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(months_first: u64, records: u64) -> bool {
        let mut dates = MonthFirst::default();
        for at in 0..records {
            dates.meet(at < months_first);
        }
        dates.finding("ods", Instant::UNIX_EPOCH).is_some_and(|one| one.held)
    }

    #[test]
    fn a_list_written_month_first_is_no_slip_of_the_hand() {
        assert!(holds(3, 5) && holds(3, 300) && holds(61, 100));
        assert!(!holds(2, 3) && !holds(3, 301) && !holds(0, 0));
    }
}
