//! Since when a line of a plan is what it is: since what its records and people say of the project makes it so, read by the present
//! manifests, tables and rules. Where that is not known for certain, nothing is told.

use super::case::Case;
use super::expected::expected;
use super::rulebook::Rulebook;
use crate::domain::Instant;
use crate::domain::governance::{Act, PlanContent};
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::source::Standing;
use crate::domain::vocabulary::{CellState, Nature};
use crate::portfolio::{Moment, OrganisationIx, PlanLine, Portfolio, ProjectIx, SourceIx, source_read_for};
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// Since when one line of a plan is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineSince {
    /// It is in its present state since then; `None`: nobody knows.
    pub state: Option<Instant>,
    /// Its funder's answer is missing since then: it is SILENT or REPORTED, whichever. `None`: nobody knows, or it is not missing.
    pub missing: Option<Instant>,
    /// The present version of the plan stands since then, and all its means are known, so that the funder has to acknowledge it. `None`: nobody
    /// knows, or they are not known.
    pub to_acknowledge: Option<Instant>,
}

/// A project from version to version, as it stands in a picture of its past.
#[derive(Debug, Clone, Copy)]
pub struct Course<'a> {
    /// The picture, in which nothing grows old.
    pub picture: &'a Portfolio,
    /// From when on it stood where in the picture, the oldest first; `None`: nothing was known of it.
    pub steps: &'a [(Instant, Option<ProjectIx>)],
    /// Before the first of these it was something else, of which nothing is known here.
    pub is_cut: bool,
}

/// What was known of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    funder: OrganisationIx,
    nature: Option<Nature>,
    state: CellState,
    pub(super) amount: Option<Cents>,
    is_kept: bool,
}

/// A plan of the past, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Then(Vec<Cell>);

impl Then {
    fn of(picture: &Portfolio, rulebook: &Rulebook, (project, now): (Option<ProjectIx>, Instant)) -> Self {
        let Some(project) = project else { return Then::default() };
        let expected = expected(picture, project, rulebook, now.date_naive());
        let cell = |line: PlanLine| Cell {
            funder: line.funder,
            nature: line.nature,
            state: line.state,
            amount: line.amount,
            is_kept: line.not_public_until.is_some(),
        };
        let moment = Moment { now, max_age_s: None };
        Then(picture.plan_lines(project, moment, &expected).into_iter().map(cell).collect())
    }

    fn cell(&self, line: &PlanLine) -> Option<&Cell> {
        self.cell_of((line.funder, line.nature))
    }

    pub(super) fn cell_of(&self, key: (OrganisationIx, Option<Nature>)) -> Option<&Cell> {
        self.0.iter().find(|cell| (cell.funder, cell.nature) == key)
    }

    fn state(&self, line: &PlanLine) -> Option<CellState> {
        self.cell(line).map(|cell| cell.state)
    }

    fn is_known(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|cell| is_answered(cell.state))
    }
}

/// One step, looked at when it began and when the next one did.
struct Span {
    from: Instant,
    to: Instant,
    project: Option<ProjectIx>,
    first: Then,
    last: Then,
    content: Option<PlanContent>,
}

fn is_answered(state: CellState) -> bool {
    matches!(state, CellState::Known | CellState::Nothing)
}

fn is_missing(state: CellState) -> bool {
    matches!(state, CellState::Silent | CellState::Reported)
}

/// Since when each line of the plan of a case is what it is.
pub fn since(case: &Case<'_>, course: Course<'_>) -> Vec<LineSince> {
    let walk = Walk::of(case, course);
    case.plan.lines.iter().map(|line| walk.line(case, line)).collect()
}

/// The course of a project, made ready to be walked back.
pub(super) struct Walk<'a> {
    course: Course<'a>,
    rulebook: &'a Rulebook,
    spans: Vec<Span>,
}

impl<'a> Walk<'a> {
    pub(super) fn of(case: &Case<'a>, course: Course<'a>) -> Self {
        let (steps, picture, rulebook) = (course.steps, course.picture, case.rulebook);
        let mut spans = Vec::with_capacity(steps.len());
        for (at, (from, project)) in steps.iter().enumerate() {
            let to = steps.get(at + 1).map_or(case.moment.now, |(next, _)| *next);
            let then = |now| Then::of(picture, rulebook, (*project, now));
            let content = project.map(|project| picture.plan_content(project));
            spans.push(Span { from: *from, to, project: *project, first: then(*from), last: then(to), content });
        }
        Walk { course, rulebook, spans }
    }

    pub(super) fn line(&self, case: &Case<'_>, line: &PlanLine) -> LineSince {
        let Some(present) = self.spans.last() else { return LineSince::default() };
        let Some(made) = present.last.state(line) else { return LineSince::default() };
        let in_state = |then: &Then, _: Option<&PlanContent>| then.state(line) == Some(made);
        if line.state != made {
            // What only grew old was known before.
            let grew_old = line.state == CellState::Stale && is_answered(made);
            let stale = grew_old.then(|| grown_old(case, line)).flatten().map(|(_, at)| at);
            let state = stale.and_then(|at| Some(self.since(in_state)?.max(at)));
            return LineSince { state, ..LineSince::default() };
        }
        let missing = |then: &Then, _: Option<&PlanContent>| then.state(line).is_some_and(is_missing);
        LineSince {
            state: self.since(in_state),
            missing: if is_missing(made) { self.since(missing) } else { None },
            to_acknowledge: self.to_acknowledge(case, line),
        }
    }

    /// Since when the plan has what it has now, all of it known, and nothing of this line kept from others.
    fn to_acknowledge(&self, case: &Case<'_>, line: &PlanLine) -> Option<Instant> {
        let present = case.content();
        let is_to = |then: &Then, content: Option<&PlanContent>| {
            let is_open = then.cell(line).is_some_and(|cell| !cell.is_kept);
            content == Some(&present) && then.is_known() && is_open
        };
        Some(self.since(is_to)?.max(taken_back(case, line)))
    }

    /// When what is said of the project changed after an instant.
    pub(super) fn turns_after(&self, instant: Instant) -> impl Iterator<Item = Instant> {
        self.spans.iter().map(|span| span.from).filter(move |from| *from > instant)
    }

    /// The source whose records changed at an instant, where they are of one alone.
    pub(super) fn brought_by(&self, at: Instant) -> Option<SourceIx> {
        let now = self.spans.iter().position(|span| span.from == at)?;
        let records = |span: Option<&Span>| {
            let project = span.and_then(|span| span.project);
            let records = project.map(|project| &self.course.picture.project(project).records);
            let named = records.into_iter().flatten().map(|one| (one.source, one.key.clone(), one.version));
            named.collect::<BTreeSet<_>>()
        };
        let (before, after) =
            (records(now.checked_sub(1).and_then(|at| self.spans.get(at))), records(self.spans.get(now)));
        let mut sources = before.symmetric_difference(&after).map(|(source, ..)| *source);
        let first = sources.next()?;
        sources.all(|other| other == first).then_some(first)
    }

    /// Since when something holds without a break, up to now.
    pub(super) fn since(&self, holds: impl Fn(&Then, Option<&PlanContent>) -> bool) -> Option<Instant> {
        let mut since = None;
        for span in self.spans.iter().rev() {
            let content = span.content.as_ref();
            if !holds(&span.last, content) {
                return since;
            }
            if !holds(&span.first, content) {
                return Some(self.turn(span, &holds));
            }
            since = Some(span.from);
        }
        since.filter(|_| !self.course.is_cut)
    }

    /// When something began to hold within a span: rules are dated, and what is decided on a day to come is no decision before. To the
    /// second.
    fn turn(&self, span: &Span, holds: &impl Fn(&Then, Option<&PlanContent>) -> bool) -> Instant {
        let (mut before, mut after) = (span.from, span.to);
        while after - before > TimeDelta::seconds(1) {
            let middle = (before.timestamp() + after.timestamp() + 1) / 2;
            let Some(middle) = Instant::from_timestamp(middle, 0).filter(|at| *at > before && *at < after) else {
                break;
            };
            let then = Then::of(self.course.picture, self.rulebook, (span.project, middle));
            match holds(&then, span.content.as_ref()) {
                true => after = middle,
                false => before = middle,
            }
        }
        after
    }
}

/// When the last reading of what a line rests on grew too old, the first of them, and its source; `None` where another thing than its age makes it stale,
/// or an age that the asker allowed: since when that is so nobody noted.
pub(super) fn grown_old(case: &Case<'_>, line: &PlanLine) -> Option<(SourceIx, Instant)> {
    let (portfolio, facts) = (case.portfolio, case.facts());
    if case.moment.max_age_s.is_some() {
        return None;
    }
    let end = |source: SourceIx, read_at: Instant| {
        let limit = i64::try_from(portfolio.source(source).profile.max_age_s).ok()?;
        read_at.checked_add_signed(TimeDelta::try_seconds(limit)?)
    };
    let mut ends = Vec::new();
    for source in &line.late {
        let image = portfolio.source(*source);
        if image.held || facts.references.iter().any(|one| image.unread.binary_search(one).is_ok()) {
            return None;
        }
        ends.push((*source, end(*source, source_read_for(image, facts)?)?));
    }
    let live = line.commitments.iter().map(|ix| portfolio.commitment(*ix).1).filter(|one| !one.is_outside());
    let is_read = |source: SourceIx| portfolio.source(source).profile.standing != Standing::Declarations;
    for record in live.map(|one| facts.deciding_record(one)).filter(|record| is_read(record.source)) {
        ends.push((record.source, end(record.source, portfolio.read_at(record))?));
    }
    // At its very end a reading is still in time.
    ends.into_iter().filter(|(_, end)| *end < case.moment.now).min_by_key(|(_, end)| *end)
}

/// When the funder, or who answers for it, last took back that the present version is shared.
fn taken_back(case: &Case<'_>, line: &PlanLine) -> Instant {
    let funder = case.identity(line.funder);
    let is_its = |by: &OrganisationId| by == funder || case.rulebook.answers_for(by, funder, case.today());
    let shared = |act: &Act| match act {
        Act::Acknowledged { plan, content, by, .. } => case.agreed.is(plan, Some(content)) && is_its(by),
        Act::Minutes { present, plans, .. } => {
            present.iter().any(is_its) && plans.iter().any(|one| case.agreed.is_shared(one))
        }
        Act::SmallGrants { plans, .. } => plans.iter().any(|one| case.agreed.is_shared(one)),
        _ => false,
    };
    let withdrawn = case.portfolio.acts_withdrawn_about(case.project).filter(|entry| {
        let Act::TakenBack { act, .. } = &entry.act else { return false };
        case.portfolio.act(*act).is_some_and(|entry| shared(&entry.act))
    });
    withdrawn.map(|entry| entry.at).max().unwrap_or(Instant::MIN_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Date;
    use crate::domain::act::Decision;
    use crate::domain::chain::LedgerVersion;
    use crate::domain::facts::StatementFacts;
    use crate::domain::image::LedgerImage;
    use crate::domain::record::{RecordState, RecordVersion};
    use crate::domain::vocabulary::Stage;
    use crate::portfolio::fixture::*;
    use crate::portfolio::{self, Past, PlanKey};

    /// A version of a record, appended a hundred seconds after the one before.
    fn version(number: u64, one: RecordVersion) -> RecordVersion {
        RecordVersion { version: LedgerVersion(number), observed_at: instant(number), good_at: instant(number), ..one }
    }

    fn instant(version: u64) -> Instant {
        at(100 * i64::try_from(version).expect("small"))
    }

    /// Since when each line of the project is what it is, some seconds after the beginning.
    fn told(
        (records, decided): (&[RecordVersion], &[(LedgerVersion, Decision)]),
        (project, seconds): (u8, i64),
    ) -> Vec<LineSince> {
        let mut last: Vec<RecordVersion> = Vec::new();
        for one in records {
            last.retain(|other| (&other.source, &other.key) != (&one.source, &one.key));
            last.push(one.clone());
        }
        last.retain(|one| one.state != RecordState::Closed);
        let decisions = decided.iter().map(|(_, decision)| decision.clone()).collect();
        let present = Portfolio::build(&LedgerImage { decisions, ..image(last) });
        let id = portfolio::fixture::project(project);
        let ix = present.project_by_id(&id).expect("it is there");
        let (picture, courses) = present.courses(&[Past { project: &id, decided, records }]);
        let Some(course) = &courses[0] else { return Vec::new() };
        let steps: Vec<_> = course.steps.iter().map(|(version, project)| (instant(version.0), *project)).collect();
        let case = Case::of(&present, ix, (Rulebook::of_the_product(), PlanKey(b"key")), moment(seconds));
        since(&case, Course { picture: &picture, steps: &steps, is_cut: course.is_cut })
    }

    fn says(number: u64, statements: Vec<StatementFacts>) -> RecordVersion {
        version(number, record("region", "r", statements))
    }

    #[test]
    fn a_state_is_told_since_what_is_said_makes_it_so() {
        let abandoned = StatementFacts { stage: Some(Stage::Abandonne), amount: None, ..grant(REGION) };
        let paid = StatementFacts { stage: Some(Stage::Verse), ..grant(REGION) };
        let all = [
            says(1, vec![asked(REGION, 10_000)]),
            says(2, vec![grant(REGION)]),
            says(3, vec![grant(REGION), paid]),
            says(4, vec![abandoned.clone()]),
            says(5, vec![StatementFacts { year: Some(2024), ..abandoned }]),
        ];
        let first = |count: usize, seconds| told((&all[..count], &[]), (1, seconds))[0];
        let open = |at| LineSince { state: Some(instant(at)), missing: Some(instant(at)), to_acknowledge: None };
        assert_eq!(first(1, 150), open(1));
        let known = first(2, 250);
        assert_eq!((known.state, known.missing, known.to_acknowledge), (Some(instant(2)), None, Some(instant(2))));
        assert_eq!(first(3, 350), known, "paying changes neither the plan nor that it is known");
        assert_eq!(first(4, 450), open(4), "the grant was given up, though the Region was first named long before");
        assert_eq!(first(5, 550), open(4), "another record, the same answer");
    }

    /// Reading it again later makes nothing of the past unread.
    #[test]
    fn a_source_that_was_read_again_since_was_read_then_too() {
        let good = says(1, vec![grant(REGION)]);
        let mut image = image(vec![good.clone()]);
        for source in &mut image.sources {
            source.last_success.as_mut().expect("it was read").started_at = at(900);
            source.partitions = vec![(String::new(), at(900))];
        }
        let present = Portfolio::build(&image);
        let id = portfolio::fixture::project(1);
        let (picture, courses) = present.courses(&[Past { project: &id, decided: &[], records: &[good] }]);
        let steps = [(instant(1), courses[0].as_ref().expect("a course").steps[0].1)];
        let rules = (Rulebook::of_the_product(), PlanKey(b"key"));
        let case = Case::of(&present, ProjectIx::first(), rules, moment(950));
        let line = since(&case, Course { picture: &picture, steps: &steps, is_cut: false })[0];
        assert_eq!(line.state, Some(instant(1)));
    }

    #[test]
    fn whoever_was_not_named_before_the_answer_was_missing_is_missing_since_it_was_named() {
        let all = [
            version(1, record("region", "r", vec![grant(REGION)])),
            version(2, record("application", "a", vec![asked(METROPOLE, 5)])),
            version(3, record("application", "a", vec![asked(METROPOLE, 7)])),
        ];
        let lines = told((&all, &[]), (1, 350));
        let missing: Vec<_> = lines.iter().map(|line| line.missing).collect();
        assert!(missing.contains(&Some(instant(2))) && missing.contains(&None), "{lines:?}");
    }

    #[test]
    fn what_grew_old_is_stale_since_then_and_what_went_bad_since_it_did() {
        let age = i64::try_from(MAX_AGE_S).expect("small");
        let good = says(1, vec![grant(REGION)]);
        let line = told((std::slice::from_ref(&good), &[]), (1, age + 500))[0];
        assert_eq!(line, LineSince { state: Some(at(age)), ..LineSince::default() });
        let bad = RecordVersion { state: RecordState::Bad, ..version(3, good.clone()) };
        let line = told((&[good, RecordVersion { good_at: instant(1), ..bad }], &[]), (1, 400))[0];
        assert_eq!((line.state, line.missing), (Some(instant(3)), None));
    }

    #[test]
    fn what_is_decided_on_a_day_to_come_is_known_from_that_day_on() {
        let day = Date::from_ymd_opt(2023, 11, 20).expect("a day");
        let all = [says(1, vec![StatementFacts { decided_on: Some(day), ..grant(REGION) }])];
        // Legal time in France is two hours ahead of universal time at most.
        let turn: Instant = "2023-11-19T22:00:00Z".parse().expect("an instant");
        let seconds = (turn - at(0)).num_seconds();
        let mut image = image(all.to_vec());
        image.sources.iter_mut().for_each(|source| source.profile.max_age_s = u64::MAX);
        let present = Portfolio::build(&image);
        let id = portfolio::fixture::project(1);
        let (picture, courses) = present.courses(&[Past { project: &id, decided: &[], records: &all }]);
        let steps = [(instant(1), courses[0].as_ref().expect("a course").steps[0].1)];
        let case = |seconds| {
            let case =
                Case::of(&present, ProjectIx::first(), (Rulebook::of_the_product(), PlanKey(b"key")), moment(seconds));
            since(&case, Course { picture: &picture, steps: &steps, is_cut: false })[0]
        };
        assert_eq!(case(seconds - 1).missing, Some(instant(1)));
        assert_eq!(case(seconds + 86_400).state, Some(turn));
    }

    #[test]
    fn links_and_separations_change_what_there_is_to_acknowledge() {
        let other = RecordVersion {
            project: Some(portfolio::fixture::project(2)),
            ..record("metropole", "m", vec![grant(METROPOLE)])
        };
        let all = [says(1, vec![grant(REGION)]), version(2, other)];
        let [one, two] = [1, 2].map(portfolio::fixture::project);
        let linked = (LedgerVersion(3), Decision::Linked { from: two.clone(), to: one.clone(), reason: "one".into() });
        let separated = (
            LedgerVersion(4),
            Decision::Separated {
                source: all[1].source.clone(),
                key: all[1].key.clone(),
                from: one,
                to: two,
                reason: "two".into(),
            },
        );
        let plan = |decided: &[(LedgerVersion, Decision)], project| {
            told((&all, decided), (project, 500)).iter().map(|line| line.to_acknowledge).collect::<Vec<_>>()
        };
        assert_eq!(plan(&[], 1), [Some(instant(1))]);
        assert_eq!(plan(std::slice::from_ref(&linked), 1), [Some(instant(3)); 2]);
        assert_eq!(plan(&[linked, separated], 1), [Some(instant(4))], "the same plan as at first, and not since then");
    }

    #[test]
    fn what_was_closed_and_came_back_is_known_since_it_came_back() {
        let good = says(1, vec![grant(REGION)]);
        let closed = RecordVersion { state: RecordState::Closed, ..version(2, good.clone()) };
        let asking = version(1, record("application", "a", vec![asked(REGION, 10_000)]));
        let all = [asking, good.clone(), closed, version(3, good)];
        assert_eq!(told((&all[..3], &[]), (1, 250))[0].missing, Some(instant(2)));
        assert_eq!(told((&all, &[]), (1, 350))[0].state, Some(instant(3)));
    }
}
