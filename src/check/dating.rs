//! Since when a change between two checks is so, and by whose word: found in the past of the project, where `PlanLine.since` is found
//! too. What that does not tell for certain is not told.

use super::case::Case;
use super::outcome::Verdict;
use super::sharing::SharedBy;
use super::since::{Course, Then, Walk, grown_old};
use super::terms;
use super::verdict::Check;
use crate::domain::Instant;
use crate::domain::governance::{Act, ActId, PlanContent, PlanEntry, RuleCode};
use crate::domain::organisation::OrganisationId;
use crate::domain::text::SourceId;
use crate::domain::vocabulary::{CellState, Nature, Severity};
use crate::portfolio::{Moment, PlanKey, PlanLine, SourceIx, source_read_for};
use chrono::TimeDelta;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// A source and an instant, each where it is known.
pub(super) type Dated = (Option<SourceId>, Option<Instant>);

/// The past of a project between two checks of it.
pub(super) struct Dating<'a> {
    was: &'a Case<'a>,
    is: &'a Case<'a>,
    walk: Option<Walk<'a>>,
    key: Option<PlanKey<'a>>,
    only_voted: OnceCell<bool>,
}

impl<'a> Dating<'a> {
    pub(super) fn of(was: &'a Case<'a>, is: &'a Case<'a>, past: Option<(Course<'a>, PlanKey<'a>)>) -> Self {
        let (course, key) = past.unzip();
        Dating { was, is, walk: course.map(|course| Walk::of(is, course)), key, only_voted: OnceCell::new() }
    }

    /// A line that was not there.
    pub(super) fn appeared(&self, line: &PlanLine) -> Dated {
        self.held(|then, _| then.cell_of((line.funder, line.nature)).is_some())
    }

    /// A line that is there no more.
    pub(super) fn gone(&self, (funder, nature): (&OrganisationId, Option<Nature>)) -> Dated {
        match self.is.portfolio.organisation_of(funder) {
            Some(funder) => self.held(|then, _| then.cell_of((funder, nature)).is_none()),
            None => (None, None),
        }
    }

    /// What is known of a line; of one that grew old, the source that was not read in time.
    pub(super) fn state(&self, line: &PlanLine) -> Dated {
        let since = self.walk.as_ref().and_then(|walk| self.after(walk.line(self.is, line).state?));
        let (source, since) = self.told(since);
        if line.state != CellState::Stale || source.is_some() {
            return (source, since);
        }
        let late: BTreeSet<SourceIx> = line.late.iter().copied().collect();
        let only = late.first().copied().filter(|_| late.len() == 1);
        let of_old = grown_old(self.is, line).filter(|(_, at)| Some(*at) == since).map(|(source, _)| source);
        (of_old.or(only).map(|source| self.name(source)), since)
    }

    /// What a funder says that it puts.
    pub(super) fn amount(&self, line: &PlanLine) -> Dated {
        self.held(|then, _| then.cell_of((line.funder, line.nature)).is_some_and(|cell| cell.amount == line.amount))
    }

    /// What of its sums makes the version of the plan.
    pub(super) fn terms(&self, key: (&OrganisationId, Option<Nature>), sums: &[&PlanEntry]) -> Dated {
        self.held(|_, content| content.is_some_and(|content| terms::of_line(content, key) == *sums))
    }

    /// The total cost.
    pub(super) fn budget(&self) -> Dated {
        if self.walk.is_none() {
            return (None, None);
        }
        let present = self.is.content().budget;
        self.held(|_, content| content.is_some_and(|content| content.budget == present))
    }

    /// A share that lapsed as the plan is another one than was shared.
    pub(super) fn plan_changed(&self) -> Dated {
        if self.walk.is_none() {
            return (None, None);
        }
        let shared = self.was.content();
        self.held(|_, content| content != Some(&shared))
    }

    /// Is all that changed of the plan that something of it is decided by now?
    pub(super) fn is_only_voted(&self) -> bool {
        let count = |content: &PlanContent| content.entries.iter().filter(|entry| entry.decided).count();
        let undecided = |mut content: PlanContent| {
            content.entries.iter_mut().for_each(|entry| entry.decided = false);
            content.entries.sort_unstable();
            content
        };
        *self.only_voted.get_or_init(|| {
            let (before, after) = (self.was.content(), self.is.content());
            count(&before) < count(&after) && undecided(before) == undecided(after)
        })
    }

    /// A share that was not there.
    pub(super) fn shared(&self, (line, by): (&PlanLine, Option<SharedBy>), was_kept: bool) -> Dated {
        let stands = || {
            let present = self.is.content();
            self.walk.as_ref()?.since(|_, content| content == Some(&present))
        };
        match by {
            _ if was_kept => (None, None),
            Some(SharedBy::Acknowledged(act) | SharedBy::Minutes(act) | SharedBy::List(act)) => {
                let said = self.is.portfolio.act(act).map(|entry| entry.at);
                (None, said.zip(stands()).and_then(|(said, stands)| self.after(said.max(stands))))
            }
            Some(SharedBy::Nothing | SharedBy::Region) => self.state(line),
            Some(SharedBy::Holder | SharedBy::Answered(_) | SharedBy::Law) | None => (None, None),
        }
    }

    /// When an act about the project was taken back; `None`: it stands.
    pub(super) fn taken_back(&self, act: ActId) -> Option<Instant> {
        let mut withdrawn = self.is.portfolio.acts_withdrawn_about(self.is.project);
        withdrawn.find(|entry| matches!(entry.act, Act::TakenBack { act: one, .. } if one == act)).map(|entry| entry.at)
    }

    /// What comes of a rule: since the one thing that was said between the two checks, or since a reading grew too old where nothing was;
    /// and only where the rule came to the one a moment before that and to the other a moment after.
    pub(super) fn rule(&self, rule: &RuleCode) -> Option<Instant> {
        let at = |case: &Case<'_>, now| {
            let rules = (case.rulebook, self.key?);
            let then = Case::of(case.portfolio, case.project, rules, Moment { now, ..case.moment });
            let then = then.beside_those_undecided(case.undecided.clone());
            Some(outcomes_of(&then, &Check::of(&then), rule))
        };
        let now = |case: &Case<'_>| at(case, case.moment.now);
        let turned = |before: Instant, after: Instant| {
            let is_turn = at(self.was, before)? == now(self.was)? && at(self.is, after)? == now(self.is)?;
            is_turn.then_some(before)
        };
        let events = self.events()?;
        let mut each = events.iter();
        match (each.next(), each.next()) {
            (Some(only), None) => turned(*only, *only),
            (None, _) => self.end_of_reading().and_then(|end| turned(end, end + TimeDelta::seconds(1))),
            (Some(_), Some(_)) => None,
        }
    }

    /// When something was said between the two checks, by a record, a decision or an act.
    fn events(&self) -> Option<BTreeSet<Instant>> {
        let before = self.was.portfolio.head();
        let (portfolio, project) = (self.is.portfolio, self.is.project);
        let acts = portfolio.acts_about(project).filter(|entry| !matches!(entry.act, Act::Attested { .. }));
        let acts = acts.chain(portfolio.acts_withdrawn_about(project));
        let acts = acts.filter(|entry| entry.version > before.version).map(|entry| entry.at);
        Some(self.walk.as_ref()?.turns_after(before.at).chain(acts).collect())
    }

    /// When the last reading that was in time for the one check grew too old for the other.
    fn end_of_reading(&self) -> Option<Instant> {
        let end = |source: SourceIx| {
            let image = self.is.portfolio.source(source);
            let limit = TimeDelta::try_seconds(i64::try_from(image.profile.max_age_s).ok()?)?;
            source_read_for(image, self.is.facts())?.checked_add_signed(limit)
        };
        let ends = self.is.plan.lines.iter().flat_map(|line| &line.late).filter_map(|source| end(*source));
        ends.filter(|end| (self.was.moment.now..self.is.moment.now).contains(end)).max()
    }

    fn held(&self, holds: impl Fn(&Then, Option<&PlanContent>) -> bool) -> Dated {
        self.told(self.walk.as_ref().and_then(|walk| self.after(walk.since(holds)?)))
    }

    /// What began before the first of the two checks is no change between them.
    fn after(&self, since: Instant) -> Option<Instant> {
        Some(since).filter(|since| *since >= self.was.moment.now)
    }

    fn told(&self, since: Option<Instant>) -> Dated {
        let source = since.and_then(|since| self.walk.as_ref()?.brought_by(since));
        (source.map(|source| self.name(source)), since)
    }

    fn name(&self, source: SourceIx) -> SourceId {
        self.is.portfolio.source(source).profile.id.clone()
    }
}

/// How grave each thing is that a rule tells, and whether it is unknown; sorted.
fn outcomes_of(case: &Case<'_>, check: &Check, rule: &RuleCode) -> Vec<(Severity, bool)> {
    let of_rule = check.findings(case).filter(|one| one.sheet.code == *rule);
    let mut outcomes: Vec<(Severity, bool)> =
        of_rule.map(|one| (one.severity(), one.outcome.verdict == Verdict::Unknown)).collect();
    outcomes.sort_unstable();
    outcomes
}
