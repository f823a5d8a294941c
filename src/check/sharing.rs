//! Who has shared the plan: acknowledged this very version, was present when it was before a committee, is answered for, or
//! needs no act.

use super::case::Case;
use super::meeting::{Meeting, came_later};
use super::rulebook::in_force;
use crate::domain::governance::{Act, ActId, SharedPlan};
use crate::domain::organisation::OrganisationId;
use crate::domain::text::DispositifCode;
use crate::domain::vocabulary::CellState;
use crate::portfolio::{Commitment, CommitmentIx, PlanLine};

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

impl SharedBy {
    /// The act that shares it; `None`: it needs none.
    pub(super) fn act(self) -> Option<ActId> {
        match self {
            SharedBy::Acknowledged(act) | SharedBy::Minutes(act) | SharedBy::List(act) | SharedBy::Answered(act) => {
                Some(act)
            }
            SharedBy::Nothing | SharedBy::Holder | SharedBy::Region | SharedBy::Law => None,
        }
    }
}

/// How each line of the plan is shared, by what acts say of the plan of `agreed`; `None`: it is not.
pub(super) fn sharing(case: &Case<'_>, agreed: &Case<'_>) -> Vec<Option<SharedBy>> {
    let word = Word::of(agreed);
    case.plan.lines.iter().map(|line| shared(case, line, &word)).collect()
}

/// What acts say of the present version.
struct Word<'a> {
    /// Bodies, and how they shared.
    by: Vec<(&'a OrganisationId, SharedBy)>,
    /// Lists of small grants: of which scheme and budget year.
    lists: Vec<((&'a DispositifCode, u16), ActId)>,
}

impl<'a> Word<'a> {
    fn of(case: &Case<'a>) -> Self {
        let mut word = Word { by: Vec::new(), lists: Vec::new() };
        let (project, present) = (&case.facts().id, &case.agreed);
        let holds = |plans: &[SharedPlan]| {
            plans.iter().any(|one| present.is_shared(one) && case.portfolio.resolve(&one.project) == project)
        };
        for entry in case.acts() {
            match &entry.act {
                Act::Acknowledged { plan, content, by, .. } if present.is(plan, Some(content)) => {
                    word.by.push((by, SharedBy::Acknowledged(entry.id)));
                }
                Act::Minutes { present: bodies, plans, held_on, .. }
                    if holds(plans) && had_before_it(case, Meeting { held_on: *held_on, recorded_at: entry.at }) =>
                {
                    word.by.extend(bodies.iter().map(|body| (body, SharedBy::Minutes(entry.id))));
                }
                Act::SmallGrants { plans, dispositif, year, .. } if holds(plans) => {
                    word.lists.push(((dispositif, *year), entry.id));
                }
                _ => {}
            }
        }
        word
    }

    fn of_body(&self, body: &OrganisationId) -> Option<SharedBy> {
        self.by.iter().find(|(by, _)| *by == body).map(|(_, how)| *how)
    }
}

/// Can the meeting have had the plan before it as it stands? Not where one of its sums came later, whoever's it is.
fn had_before_it(case: &Case<'_>, meeting: Meeting) -> bool {
    came_later(case.portfolio, case.facts(), meeting).is_none()
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
    let told = word.of_body(funder).or_else(|| listed(case, line, word)).or_else(|| answered_for(case, funder, word));
    told.or_else(|| {
        let known = line.state == CellState::Known;
        let own = known && case.is_region(line.funder);
        let holders = known && case.facts().certain_holder() == Some(line.funder) && is_signed(case, line);
        own.then_some(SharedBy::Region).or(holders.then_some(SharedBy::Holder))
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

/// Is all of the line what the holder puts itself, by a plan that it signed? A grant that it gives itself is a funder's act like any
/// other; and what its own accounts or its declaration say alone, nobody signed as part of a plan.
fn is_signed(case: &Case<'_>, line: &PlanLine) -> bool {
    let of_line = |ix: &CommitmentIx| case.portfolio.commitment(*ix).1;
    let is_in_plan = |one: &Commitment| case.portfolio.is_in_signed_plan(case.facts(), one);
    line.commitments.iter().map(of_line).all(|one| one.form.is_holders_means() && (!one.counts() || is_in_plan(one)))
}

fn answered_for(case: &Case<'_>, funder: &OrganisationId, word: &Word<'_>) -> Option<SharedBy> {
    let day = case.today();
    let rows = case.rulebook.proxies.iter().filter(|row| row.funder == *funder && in_force((row.from, row.to), day));
    rows.into_iter().find_map(|row| match &row.by {
        None => Some(SharedBy::Law),
        Some(by) => word.of_body(by).map(|how| match how {
            SharedBy::Acknowledged(act) | SharedBy::Minutes(act) => SharedBy::Answered(act),
            other => other,
        }),
    })
}
