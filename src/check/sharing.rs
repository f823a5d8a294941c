//! Who has shared the plan: acknowledged this very version, was present when it was before a committee, is answered for, or
//! needs no act.

use super::case::Case;
use super::rulebook::in_force;
use crate::domain::Date;
use crate::domain::governance::{Act, ActId, SharedPlan};
use crate::domain::organisation::OrganisationId;
use crate::domain::source::Standing;
use crate::domain::text::DispositifCode;
use crate::domain::vocabulary::{CellState, Form};
use crate::portfolio::PlanLine;
use chrono::{Datelike as _, TimeDelta};

/// How a line of the plan came to be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedBy {
    /// It says that it puts nothing: that acknowledges itself.
    Nothing,
    /// The holder's signed plan is its acknowledgement of its own share.
    Holder,
    /// The Region asks the question: its own proposal or vote is its own.
    Region,
    /// The funder acknowledged this version.
    Acknowledged(ActId),
    /// The funder was present when minutes were taken of this version.
    Minutes(ActId),
    /// A list of small grants that holds this version.
    List(ActId),
    /// Who answers for the funder acknowledged this version, or was present.
    Answered(ActId),
    /// What the funder gives is published by law.
    Law,
}

/// How each line of the plan is shared; `None`: it is not.
pub(super) fn sharing(case: &Case<'_>) -> Vec<Option<SharedBy>> {
    let word = Word::of(case);
    case.plan.lines.iter().map(|line| shared(case, line, &word)).collect()
}

/// What acts say of the present version.
struct Word<'a> {
    /// Bodies, how they shared, and the day of the meeting whose minutes say so.
    by: Vec<(&'a OrganisationId, SharedBy, Option<Date>)>,
    /// Lists of small grants: of which scheme and budget year.
    lists: Vec<((&'a DispositifCode, u16), ActId)>,
}

impl<'a> Word<'a> {
    fn of(case: &Case<'a>) -> Self {
        let mut word = Word { by: Vec::new(), lists: Vec::new() };
        let (project, present) = (&case.facts().id, &case.plan.version);
        let holds = |plans: &[SharedPlan]| {
            plans.iter().any(|one| one.plan == *present && case.portfolio.resolve(&one.project) == project)
        };
        for entry in case.acts() {
            match &entry.act {
                Act::Acknowledged { plan, by, .. } if plan == present => {
                    word.by.push((by, SharedBy::Acknowledged(entry.id), None));
                }
                Act::Minutes { present: bodies, plans, held_on, .. } if holds(plans) => {
                    word.by.extend(bodies.iter().map(|body| (body, SharedBy::Minutes(entry.id), Some(*held_on))));
                }
                Act::SmallGrants { plans, dispositif, year, .. } if holds(plans) => {
                    word.lists.push(((dispositif, *year), entry.id));
                }
                _ => {}
            }
        }
        word
    }

    fn of_body(&self, body: &OrganisationId, (case, line): (&Case<'_>, &PlanLine)) -> Option<SharedBy> {
        let mut all = self.by.iter().filter(|(by, ..)| *by == body);
        all.find(|(_, _, day)| day.is_none_or(|day| stood_on(case, line, day))).map(|(_, how, _)| *how)
    }
}

fn shared(case: &Case<'_>, line: &PlanLine, word: &Word<'_>) -> Option<SharedBy> {
    if line.state == CellState::Nothing {
        return Some(SharedBy::Nothing);
    }
    // What its funder keeps from others is not shared, whoever acknowledged the rest.
    if line.not_public_until.is_some() {
        return None;
    }
    let funder = case.identity(line.funder);
    let told = word
        .of_body(funder, (case, line))
        .or_else(|| listed(case, line, word))
        .or_else(|| answered_for((case, line), funder, word));
    told.or_else(|| {
        let known = line.state == CellState::Known;
        let own = known && case.is_region(line.funder);
        let holders = known && case.facts().holder == Some(line.funder) && is_own_means(case, line);
        own.then_some(SharedBy::Region).or(holders.then_some(SharedBy::Holder))
    })
}

/// How long before the gateway first met a sum that nothing dates a meeting may have had it before it, in days: a year's
/// programming is on the table for as long.
const UNDATED_DAYS_MAX: i64 = 366;

/// Could a meeting of this day have the line before it? Not a sum that its funder decided or declared later, nor one of a budget
/// year that is further off than the next one, nor one that nothing dates and that was met much later.
fn stood_on(case: &Case<'_>, line: &PlanLine, day: Date) -> bool {
    let live = line.commitments.iter().map(|ix| case.portfolio.commitment(*ix).1).filter(|one| one.counts());
    let mut own = live.flat_map(|one| case.facts().statements(one)).filter(|one| one.is_funders_word());
    own.all(|one| {
        let record = case.facts().record(one);
        let declared = case.portfolio.source(record.source).profile.standing == Standing::Declarations;
        let said_later = declared && record.observed_at.date_naive() > day;
        let plausible = match (one.decided_on, one.year) {
            (Some(decided), _) => decided <= day,
            (None, Some(year)) => i32::from(year) <= day.year() + 1,
            (None, None) => record.first_seen.date_naive() <= day + TimeDelta::days(UNDATED_DAYS_MAX),
        };
        !said_later && plausible
    })
}

/// The list that shares the line: one of small grants shares what is granted under its scheme for its year, and no other sum
/// of the plan.
fn listed(case: &Case<'_>, line: &PlanLine, word: &Word<'_>) -> Option<SharedBy> {
    let live = || line.commitments.iter().map(|ix| case.portfolio.commitment(*ix).1).filter(|one| one.counts());
    let of_list = |(scheme, year): (&DispositifCode, u16)| {
        live().all(|one| {
            one.year == Some(year) && one.dispositif.is_some_and(|ix| case.portfolio.dispositif(ix).code == *scheme)
        })
    };
    let list = word.lists.iter().rev().find(|(list, _)| live().next().is_some() && of_list(*list));
    list.map(|(_, act)| SharedBy::List(*act))
}

/// Is all of the line what the holder puts itself? A grant that it gives itself is a funder's act like any other.
fn is_own_means(case: &Case<'_>, line: &PlanLine) -> bool {
    let form = |ix: &crate::portfolio::CommitmentIx| case.portfolio.commitment(*ix).1.form;
    line.commitments.iter().map(form).all(Form::is_holders_means)
}

fn answered_for((case, line): (&Case<'_>, &PlanLine), funder: &OrganisationId, word: &Word<'_>) -> Option<SharedBy> {
    let day = case.today();
    let rows = case.rulebook.proxies.iter().filter(|row| row.funder == *funder && in_force((row.from, row.to), day));
    rows.into_iter().find_map(|row| match &row.by {
        None => Some(SharedBy::Law),
        Some(by) => word.of_body(by, (case, line)).map(|how| match how {
            SharedBy::Acknowledged(act) | SharedBy::Minutes(act) => SharedBy::Answered(act),
            other => other,
        }),
    })
}
