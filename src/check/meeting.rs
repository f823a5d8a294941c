//! What a committee can have had before it on its day.

use crate::domain::source::Standing;
use crate::domain::vocabulary::Stage;
use crate::domain::{Date, Instant};
use crate::portfolio::{Commitment, Portfolio, ProjectCase, Statement};
use chrono::{Datelike as _, TimeDelta};

/// How long before the gateway first met a sum that nothing dates a meeting may have had it before it, in days: a year's
/// programming is on the table for as long.
const UNDATED_DAYS_MAX: i64 = 366;

/// A meeting of which there are minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meeting {
    /// Its day.
    pub held_on: Date,
    /// When its minutes were recorded.
    pub recorded_at: Instant,
}

/// The first sum of a plan, as it stands, that the meeting cannot have had before it: its version is none of that day. Not one that was
/// decided or declared later, nor one of a budget year that is further off than the next one, nor one that nothing dates and that was
/// met much later.
pub fn came_later<'a>(portfolio: &Portfolio, case: &'a ProjectCase, meeting: Meeting) -> Option<&'a Commitment> {
    let stood = |one: &&Commitment| says_it(case, one).any(|word| stood_on((portfolio, case), word, meeting));
    case.commitments.iter().filter(|one| one.counts()).find(|one| !stood(one))
}

/// The statements of the sum as the version of the plan has it, the funder's own where it speaks. What was paid of it later, or engaged
/// at the same amount, changes no version.
fn says_it<'a>(case: &'a ProjectCase, sum: &'a Commitment) -> impl Iterator<Item = &'a Statement> {
    let all = case.statements(sum);
    let is_its_word = all.iter().any(Statement::is_funders_word);
    let is_decided = |stage: Option<Stage>| stage.is_some_and(Stage::is_decided);
    let same = move |one: &Statement| {
        (one.amount, one.tax_basis, is_decided(one.stage)) == (sum.amount, sum.tax_basis, is_decided(sum.stage))
    };
    let deciding = std::slice::from_ref(case.deciding(sum)).iter();
    let said = all.iter().filter(move |one| (!is_its_word || one.is_funders_word()) && same(one));
    let is_said = said.clone().next().is_some();
    said.chain(deciding.filter(move |_| !is_said))
}

fn stood_on((portfolio, case): (&Portfolio, &ProjectCase), word: &Statement, meeting: Meeting) -> bool {
    let (record, day) = (case.record(word), meeting.held_on);
    let is_met = |at: Instant| at.date_naive() <= day;
    let is_declared = portfolio.source(record.source).profile.standing == Standing::Declarations;
    // Amended since the minutes were recorded, to the sum of the very version that they are of.
    let is_same_as_recorded = is_met(record.first_seen) && record.observed_at > meeting.recorded_at;
    if is_declared && !is_met(record.observed_at) && !is_same_as_recorded {
        return false;
    }
    // Of what is only proposed, a day that was to come when it was observed is that of the vote.
    let is_decided = word.stage.is_none_or(|stage| stage.is_decided() || stage.rank().is_none());
    let said_on = word.decided_on.filter(|day| is_decided || *day <= record.observed_at.date_naive());
    match (said_on, word.year) {
        (Some(said_on), _) => said_on <= day,
        (None, Some(year)) => is_met(record.observed_at) || i32::from(year) <= day.year() + 1,
        (None, None) => is_met(record.first_seen - TimeDelta::days(UNDATED_DAYS_MAX)),
    }
}
