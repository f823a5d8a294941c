//! The verdict: known, shared, ready; and until when it holds at most.

use super::case::Case;
use super::outcome::{Finding, Outcome, Verdict};
use super::reading::{agreed, readings};
use super::rulebook::{Lift, Sheet};
use crate::domain::Instant;
use crate::domain::governance::{Act, ActId, OpinionOf};
use crate::domain::vocabulary::{CellState, Knowledge, Severity};

/// What comes of all rules on a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Are all means known and shared?
    pub knowledge: Knowledge,
    /// May the Region vote?
    pub ready: bool,
    /// When the first of the readings that it rests on grows too old; `None` when it rests on none.
    pub valid_until: Option<Instant>,
    /// What came of each rule that concerns the case: the position of its sheet, and the outcome.
    outcomes: Vec<(u32, Outcome)>,
}

impl Check {
    /// Holds every rule against a case.
    pub fn of(case: &Case<'_>) -> Self {
        let mut outcomes = Vec::new();
        let mut found = Vec::new();
        let day = case.today();
        let readings = readings(case);
        for (at, sheet) in (0..).zip(case.rulebook.sheets()).filter(|(_, sheet)| sheet.holds_on(day)) {
            let run = sheet.run.expect("a rulebook is read with the formula of each sheet");
            run(case, sheet, &mut found);
            agreed(case, &readings, sheet, &mut found);
            outcomes.extend(found.drain(..).map(|outcome| (at, lifted(case, sheet, outcome))));
        }
        let knowledge = knowledge(case);
        let valid_until = case.portfolio.holds_until(case.project, &case.plan, case.moment);
        let mut check = Check { knowledge, ready: false, valid_until, outcomes };
        let blocked = check.findings(case).any(|finding| finding.severity() == Severity::Blocking);
        check.ready = knowledge == Knowledge::KnownAndShared && !blocked;
        check
    }

    /// The same for whoever some amounts are kept from. Rules that weigh sums are told as unknown, once each, whatever they come to:
    /// whoever may change a sum of its own would find the hidden one by trying when they turn.
    pub fn of_veiled(seen: &Case<'_>) -> Self {
        let mut check = Check::of(seen);
        let sheets = seen.rulebook.sheets();
        let weighs = |at: u32| sheets[at as usize].weighs_sums();
        let mut unweighed: Vec<u32> = check.outcomes.iter().map(|one| one.0).filter(|at| weighs(*at)).collect();
        unweighed.dedup();
        check.outcomes.retain(|one| !weighs(one.0));
        let untold = |at: u32| (at, lifted(seen, &sheets[at as usize], Outcome::unweighed()));
        check.outcomes.extend(unweighed.into_iter().map(untold));
        // In the order of the rulebook, as they were.
        check.outcomes.sort_by_key(|one| one.0);
        check
    }

    /// What a committee has to look at: the gravest first, in the order of the rulebook.
    pub fn findings<'a>(&'a self, case: &Case<'a>) -> impl Iterator<Item = Finding<'a>> {
        let told = self.outcomes(case).filter(|finding| {
            matches!(finding.outcome.verdict, Verdict::Broken | Verdict::Unknown) && !finding.outcome.told_elsewhere
        });
        let mut findings: Vec<Finding<'a>> = told.collect();
        findings.sort_by_key(Finding::severity);
        findings.into_iter()
    }

    /// Everything that came of the rules, met ones too, in the order of the rulebook.
    pub fn outcomes<'a>(&'a self, case: &Case<'a>) -> impl Iterator<Item = Finding<'a>> {
        let sheets = case.rulebook.sheets();
        self.outcomes.iter().map(|(at, outcome)| Finding { sheet: &sheets[*at as usize], outcome })
    }
}

/// The first that applies: nothing is surer than its weakest part. A plan without any cell tells nothing; one of which a sum is kept
/// from the reader is not shared.
pub fn knowledge(case: &Case<'_>) -> Knowledge {
    let lines = &case.plan.lines;
    let late = |state: CellState| state == CellState::Stale;
    let half_read = !case.plan.unread.is_empty();
    if half_read || lines.iter().any(|line| late(line.state) || !line.late.is_empty()) {
        return Knowledge::Unverifiable;
    }
    let sure = |state: CellState| matches!(state, CellState::Known | CellState::Nothing);
    if lines.is_empty() || !lines.iter().all(|line| sure(line.state)) {
        return Knowledge::Incomplete;
    }
    let shared = !case.facts().is_veiled() && case.shared.iter().all(Option::is_some);
    if shared { Knowledge::KnownAndShared } else { Knowledge::KnownNotShared }
}

/// A rule that is broken or unknown is lifted by the last act of the kinds that its sheet allows, where that is in favour: the
/// last one given, not the last one recorded.
fn lifted(case: &Case<'_>, sheet: &Sheet, outcome: Outcome) -> Outcome {
    if !matches!(outcome.verdict, Verdict::Broken | Verdict::Unknown) || sheet.lifted_by.is_empty() {
        return outcome;
    }
    let said = case.acts().filter_map(|entry| Some((entry.said_on(), lifts(sheet, entry.id, &entry.act)?)));
    match said.max_by_key(|(day, _)| *day).map(|(_, act)| act) {
        Some((by, true)) => {
            let unknown = outcome.verdict == Verdict::Unknown;
            Outcome { verdict: Verdict::Lifted { by, unknown }, ..outcome }
        }
        _ => outcome,
    }
}

/// Does this act speak of lifting the rule, and in favour? The last one of a kind has the word.
fn lifts(sheet: &Sheet, id: ActId, act: &Act) -> Option<(ActId, bool)> {
    let allows = |lift: Lift| sheet.lifted_by.contains(&lift);
    match act {
        Act::Derogation { rule, .. } if *rule == sheet.code && allows(Lift::Derogation) => Some((id, true)),
        Act::Opinion { rule, quality, favourable, .. } if *rule == sheet.code => {
            let lift = match quality {
                OpinionOf::Pilot => Lift::PilotOpinion,
                OpinionOf::Direction => Lift::DirectionOpinion,
                OpinionOf::Service => Lift::ServiceOpinion,
            };
            allows(lift).then_some((id, *favourable))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::explain::explain;
    use crate::check::rulebook::Rulebook;
    use crate::domain::project::Reference;
    use crate::domain::vocabulary::{CellState, Language};
    use crate::portfolio::fixture::*;
    use crate::portfolio::{PlanKey, Portfolio, ProjectIx};

    /// Whom a record names that could not be read, nobody knows: it need not be anybody of whom something is said already.
    #[test]
    fn a_project_of_which_a_source_holds_a_record_that_could_not_be_read_is_not_verified() {
        let reference = || Reference { scheme: "cofinancement".into(), value: "COF-1".into() };
        let told = |source: &str, number: Reference| {
            let mut own = record("region", "r", vec![grant(REGION)]);
            own.facts.project.get_or_insert_default().references = vec![reference()];
            let mut image = image(vec![own]);
            let unread = image.sources.iter_mut().filter(|one| one.profile.id.as_str() == source);
            unread.for_each(|one| one.unread = vec![number.clone()]);
            let portfolio = Portfolio::build(&image);
            let rules = (Rulebook::of_the_product(), PlanKey(b"key"));
            let case = Case::of(&portfolio, ProjectIx::first(), rules, moment(10));
            let check = Check::of(&case);
            let said = case.plan.lines.iter().any(|line| line.state == CellState::Known);
            (check.knowledge, check.ready, case.plan.partial, said, explain(&case, &check, Language::En))
        };
        for (source, role) in
            [("metropole", "may name a funder"), ("application", "may name a funder"), ("region", "speaks for")]
        {
            let (knowledge, ready, partial, said, explained) = told(source, reference());
            assert_eq!((knowledge, ready, partial), (Knowledge::Unverifiable, false, true), "{source}");
            assert_eq!(said, source != "region", "what others say themselves stays known beside it");
            assert!(explained.contains(role) && explained.contains("bears a reference of this project"), "{explained}");
        }
        let other = Reference { value: "COF-2".into(), ..reference() };
        assert_ne!(told("metropole", other).0, Knowledge::Unverifiable, "it is of another project");
    }
}
