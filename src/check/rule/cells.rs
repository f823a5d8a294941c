//! Is every cell of the plan answered by its funder, and was it read in time?

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use super::why::why;
use crate::domain::message::Message;
use crate::domain::source::Standing;
use crate::domain::vocabulary::CellState;
use crate::portfolio::{PlanLine, SourceIx, Statement, source_read_for};

/// A plan without any cell, or of which everybody said that he puts nothing: there are no means to be known.
pub(super) fn no_means(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let none = case.plan.lines.iter().all(|line| line.state == CellState::Nothing);
    found.push(if none { Outcome::broken() } else { Outcome::met() });
}

/// Expected, and nobody said anything.
pub(super) fn silent(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let silent = lines(case, CellState::Silent).map(|line| of_line(Outcome::broken(), line));
    tell(found, silent);
}

/// Others say it, it is only asked, or the funder's own word is not complete. Of a funder that keeps a sum from the reader it is not
/// told which, nor whether it is so: the sum may decide it.
pub(super) fn reported(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let is_kept = |line: &&PlanLine| case.facts().keeps_of(line.funder);
    let told = lines(case, CellState::Reported).filter(|line| !is_kept(line)).map(|line| {
        let of_line = of_line(Outcome::broken(), line).with("why", Word::Said(why(case, line)));
        of_line.resting_on(case, statements(case, line))
    });
    let untold = lines(case, CellState::Reported).find(is_kept).map(|_| Outcome::unweighed());
    tell(found, told.chain(untold));
}

/// Known once, and not read in time, held, or gone bad at its source.
pub(super) fn stale(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let told = lines(case, CellState::Stale).map(|line| {
        let read = line.read_at.map_or(Word::Said(never()), Word::At);
        of_line(Outcome::broken(), line).with("read", read).resting_on(case, statements(case, line))
    });
    tell(found, told);
}

/// A source that may have the word of a funder of the plan, and was not read in time or is held; any that holds a record about the project
/// which could not be read. Each once.
pub(super) fn late(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let late = case.plan.lines.iter().flat_map(|line| &line.late).chain(&case.plan.unread);
    let mut late: Vec<SourceIx> = late.copied().collect();
    late.sort_unstable();
    late.dedup();
    let told = late.into_iter().map(|source| {
        let image = case.portfolio.source(source);
        let read_at = source_read_for(image, case.facts());
        let read = read_at.map_or(Word::Said(never()), Word::At);
        let state = if image.held {
            Message::new(
                "sa dernière lecture est retenue, en attente d'une décision",
                "its last read is held until somebody decides",
            )
        } else if case.facts().references.iter().any(|one| image.unread.binary_search(one).is_ok()) {
            Message::new(
                "l'un de ses enregistrements, qui porte une référence de ce projet, n'a pas pu être lu",
                "one of its records, which bears a reference of this project, could not be read",
            )
        } else if read_at.is_none() {
            Message::new("elle n'a jamais été lue en entier", "it was never read as a whole")
        } else if let Some(part) = case.portfolio.late_part(image, case.project, case.moment) {
            Message::new(
                format!("sa partie « {part} » n'a pas été lue à temps, alors que la source l'est"),
                format!("its part « {part} » was not read in time, while the source is"),
            )
        } else {
            Message::new("elle n'a pas été lue à temps", "it was not read in time")
        };
        let speaks = case.plan.lines.iter().any(|line| line.late.contains(&source));
        let role = if speaks {
            Message::new("parle pour un financeur du plan", "speaks for a funder of the plan")
        } else {
            Message::new("peut nommer un financeur du projet", "may name a funder of the project")
        };
        let outcome = Outcome::broken().with("source", Word::Source(source)).with("state", Word::Said(state));
        let outcome = outcome.with("role", Word::Said(role));
        outcome.with("read", read)
    });
    tell(found, told);
}

/// A body that nobody expected has declared something, and nobody admitted it.
pub(super) fn unexpected(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let facts = case.facts();
    let all = (0..).zip(facts.all_statements());
    for (at, statement) in all.filter(|(_, statement)| statement.unadmitted) {
        let body = Outcome::broken().with("funder", Word::Body(statement.funder));
        found.push(body.resting_on(case, [at]));
    }
    let declared = |one: &Statement| {
        let source = case.portfolio.source(facts.record(one).source);
        source.profile.standing == Standing::Declarations
    };
    if found.is_empty() && facts.all_statements().iter().any(declared) {
        found.push(Outcome::met());
    }
}

fn lines<'a>(case: &'a Case<'_>, state: CellState) -> impl Iterator<Item = &'a PlanLine> {
    case.plan.lines.iter().filter(move |line| line.state == state)
}

/// What was found, or that nothing was.
fn tell(found: &mut Vec<Outcome>, told: impl Iterator<Item = Outcome>) {
    let before = found.len();
    found.extend(told);
    if found.len() == before {
        found.push(Outcome::met());
    }
}

fn of_line(outcome: Outcome, line: &PlanLine) -> Outcome {
    outcome.with("funder", Word::Body(line.funder)).with("nature", Word::Nature(line.nature))
}

fn never() -> Message {
    Message::new("jamais", "never")
}

/// The positions of the statements that a line rests on.
pub(super) fn statements(case: &Case<'_>, line: &PlanLine) -> Vec<u32> {
    let facts = case.facts();
    let sums = line.commitments.iter().flat_map(|ix| facts.positions(case.portfolio.commitment(*ix).1));
    let nothings = (0..)
        .zip(facts.all_statements())
        .filter(|(_, one)| one.nothing && one.funder == line.funder && one.nature == line.nature);
    sums.chain(nothings.map(|(at, _)| at)).collect()
}
