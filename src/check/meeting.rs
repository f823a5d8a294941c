//! What a committee can have had before it on its day.

use crate::domain::chain::LedgerVersion;
use crate::domain::governance::{PlanContent, PlanEntry};
use crate::domain::organisation::OrganisationId;
use crate::domain::source::Standing;
use crate::domain::vocabulary::Stage;
use crate::domain::{Date, Instant};
use crate::portfolio::{Commitment, Portfolio, ProjectCase, ProjectIx, Statement};
use chrono::{Datelike as _, TimeDelta};
use std::collections::BTreeSet;

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

/// A plan as it stood from a version of the ledger on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stood {
    /// Since when.
    pub from: Instant,
    /// The version that made it so.
    pub version: LedgerVersion,
    /// Where the project stands in the picture of its past; `None`: nothing was known of it.
    pub project: Option<ProjectIx>,
    /// When whoever changed it still said what stood before, the last time that this is known; `None`: it is not known.
    pub said_before: Option<Instant>,
}

/// How a plan is known to have been another one still after a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Otherwise {
    /// Whose sum was another one; `None`: the total cost was.
    pub funder: Option<OrganisationId>,
    /// The last day on which that was said.
    pub said_on: Date,
    /// The day on which it was said otherwise.
    pub changed_on: Date,
}

/// Is a plan known to have been another one than it is now still after a meeting of this day? Where whoever says otherwise now said after
/// the meeting what stood before: a source that was read again, a declaration. What a committee decided and its secretariat
/// enters days later it had before it, unless that was read in between; or is dated by its funder on the day or before.
/// Of the sums of those who keep one from others nothing is told.
pub fn stood_otherwise(
    picture: &Portfolio,
    course: &[Stood],
    (day, keepers): (Date, &BTreeSet<OrganisationId>),
) -> Option<Otherwise> {
    let content = |stood: &Stood| stood.project.map(|project| picture.plan_content(project));
    let is_after = |at: Instant| at.date_naive() > day;
    // What was first met after the meeting stood on its day as it was met, as far as anybody knows.
    let then = course.iter().rfind(|stood| !is_after(stood.from)).and_then(content);
    let then = then.or_else(|| course.iter().find_map(content))?;
    let open = differing(&then, &content(course.last()?)?);
    course.windows(2).filter(|pair| is_after(pair[1].from)).find_map(|pair| {
        let said = pair[1].said_before.filter(|at| is_after(*at))?;
        let (before, after) = (content(&pair[0])?, content(&pair[1])?);
        let is_dated = |funder: &Option<OrganisationId>| {
            funder.as_ref().is_some_and(|funder| is_dated((picture, &pair[1]), funder, (&before, &after), day))
        };
        let mut changed = differing(&before, &after).into_iter().filter(|what| open.contains(what));
        let is_kept = |what: &Option<OrganisationId>| what.as_ref().is_some_and(|funder| keepers.contains(funder));
        let funder = changed.find(|what| !is_dated(what) && !is_kept(what))?;
        Some(Otherwise { funder, said_on: said.date_naive(), changed_on: pair[1].from.date_naive() })
    })
}

/// The funders of which a sum is another in two contents of a plan; `None` among them for the total cost.
fn differing(one: &PlanContent, other: &PlanContent) -> BTreeSet<Option<OrganisationId>> {
    let funders = left_of(one, other).chain(left_of(other, one)).map(|entry| Some(entry.funder.clone()));
    funders.chain((one.budget != other.budget).then_some(None)).collect()
}

/// The entries of one content that the other has not, or has less often.
fn left_of<'a>(one: &'a PlanContent, other: &'a PlanContent) -> impl Iterator<Item = &'a PlanEntry> {
    let count = |of: &PlanContent, entry: &PlanEntry| of.entries.iter().filter(|known| *known == entry).count();
    one.entries.iter().filter(move |entry| count(one, entry) > count(other, entry))
}

/// Does what changed a sum of a funder date it, decided on this day or before? Each sum that came, or that one was refused or given up.
fn is_dated(
    (picture, stood): (&Portfolio, &Stood),
    funder: &OrganisationId,
    (before, after): (&PlanContent, &PlanContent),
    day: Date,
) -> bool {
    let Some(case) = stood.project.map(|project| picture.project(project)) else { return false };
    let dated = case.all_statements().iter().filter(|one| {
        let record = case.record(one);
        let is_declared = picture.source(record.source).profile.standing == Standing::Declarations;
        let is_said = record.version == stood.version && picture.identity(one.funder) == funder;
        is_said && !is_declared && one.decided_on.is_some_and(|decided| decided <= day)
    });
    let dated: Vec<&Statement> = dated.collect();
    let is_outside = |one: &&Statement| one.stage.is_some_and(|stage| stage.rank().is_none());
    let mut come = left_of(after, before).filter(|entry| entry.funder == *funder).peekable();
    if come.peek().is_none() {
        return dated.iter().any(is_outside);
    }
    // What a committee retained is dated as what was voted is.
    let is_meant = |one: &&Statement| one.stage.is_some_and(|stage| stage.at_least(Stage::Propose));
    come.all(|entry| dated.iter().filter(|one| is_meant(one)).any(|one| one.amount == entry.amount))
}
