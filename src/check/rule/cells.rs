//! Is every cell of the plan answered by its funder, and was it read in time?

use super::super::case::Case;
use super::super::outcome::{Outcome, Word};
use super::super::rulebook::Sheet;
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::source::Standing;
use crate::domain::vocabulary::{Authority, CellState, Stage};
use crate::portfolio::{Commitment, CommitmentIx, PlanLine, SourceIx, Statement, source_read_for};

/// A plan without any cell: nobody said anything of any means.
pub(super) fn no_means(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    found.push(if case.plan.lines.is_empty() { Outcome::broken() } else { Outcome::met() });
}

/// Expected, and nobody said anything.
pub(super) fn silent(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let silent = lines(case, CellState::Silent).map(|line| of_line(Outcome::broken(), line));
    tell(found, silent);
}

/// Others say it, it is only asked, or the funder's own word is not complete.
pub(super) fn reported(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let told = lines(case, CellState::Reported).map(|line| {
        let of_line = of_line(Outcome::broken(), line).with("why", Word::Said(why(case, line)));
        of_line.resting_on(case, statements(case, line))
    });
    tell(found, told);
}

/// Known once, and not read in time, held, or gone bad at its source.
pub(super) fn stale(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let told = lines(case, CellState::Stale).map(|line| {
        let read = line.read_at.map_or(Word::Said(never()), Word::At);
        of_line(Outcome::broken(), line).with("read", read).resting_on(case, statements(case, line))
    });
    tell(found, told);
}

/// A source that may have the word of a funder of the plan, and was not read in time or is held. Each once.
pub(super) fn late(case: &Case<'_>, _: &Sheet, found: &mut Vec<Outcome>) {
    let mut late: Vec<SourceIx> = case.plan.lines.iter().flat_map(|line| line.late.iter().copied()).collect();
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
        } else if read_at.is_none() {
            Message::new("elle n'a jamais été lue en entier", "it was never read as a whole")
        } else {
            Message::new("elle n'a pas été lue à temps", "it was not read in time")
        };
        let outcome = Outcome::broken().with("source", Word::Source(source)).with("state", Word::Said(state));
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

fn is_refused(case: &Case<'_>, commitment: CommitmentIx) -> bool {
    case.portfolio.commitment(commitment).1.stage == Some(Stage::Refuse)
}

fn is_own(case: &Case<'_>, commitment: CommitmentIx) -> bool {
    case.portfolio.commitment(commitment).1.authority == Authority::Own
}

/// The first reason for which a line is not the funder's own complete word.
fn why(case: &Case<'_>, line: &PlanLine) -> Message {
    let facts = case.facts();
    let live: Vec<&Commitment> =
        line.commitments.iter().map(|ix| case.portfolio.commitment(*ix).1).filter(|one| !one.is_outside()).collect();
    let nothing = |authority| {
        facts
            .nothings()
            .iter()
            .any(|one| one.funder == line.funder && one.nature == line.nature && one.authority == authority)
    };
    let any = |test: fn(&Commitment) -> bool| live.iter().any(|one| test(one));
    let others_speak = any(|one| one.authority != Authority::Own);
    let all = || line.commitments.iter().map(|ix| case.portfolio.commitment(*ix).1);
    let refused = || all().filter(|one| one.stage == Some(Stage::Refuse) && one.authority == Authority::Own);
    let denials = || facts.nothings().iter().filter(|one| one.funder == line.funder && one.authority == Authority::Own);
    let is_denied = || {
        denials().any(|nothing| nothing.is_said(case.moment) && live.iter().any(|one| facts.contradicts(nothing, one)))
    };
    let announced = || {
        refused().any(|one| !facts.deciding(one).is_said(case.moment))
            || live.is_empty() && denials().any(|one| one.nature == line.nature && !one.is_said(case.moment))
    };
    let contradicted = refused().any(|one| one.doubts.disagreement || any(|live| live.doubts.disagreement));
    let (fr, en) = if contradicted || live.iter().any(|one| facts.is_overtaken(one, case.moment)) {
        (
            "il accorde et refuse une même somme, ou peut-être la même, et rien ne dit laquelle de ses paroles est la dernière",
            "it grants and refuses one sum, or maybe one, and nothing tells which of its words is the last",
        )
    } else if announced() && !others_speak {
        ("sa décision est datée d'un jour à venir", "its decision is dated on a day to come")
    } else if any(|one| one.doubts.disagreement) {
        ("ses propres sources donnent des montants différents", "its own sources give different amounts")
    } else if any(|one| one.doubts.disputed) {
        (
            "sa fiche est en doute : elle figure deux fois dans sa source, ou sa part d'une somme accordée à plusieurs \
             bénéficiaires n'est pas établie, ou elle dit à la fois une somme et rien",
            "its record is in doubt: it stands twice in its source, or its share of a sum granted to several \
             beneficiaries is not borne out, or it states a sum and nothing at once",
        )
    } else if any(|one| one.doubts.unanswered) {
        (
            "plusieurs sommes lui sont demandées ou attribuées, et sa réponse ne dit pas laquelle elle vise",
            "several sums are asked of it or said of it, and its answer does not tell which one it is about",
        )
    } else if any(|one| one.doubts.uncertain) {
        ("un montant peut être le même qu'un autre déjà compté", "a sum may be the same as another that counts already")
    } else if is_denied() || live.is_empty() && denials().any(|one| facts.contradicted_by(one).next().is_some()) {
        ("il déclare ne rien apporter, et un montant est pourtant cité", "it declares nothing, and yet a sum is stated")
    } else if nothing(Authority::Own) {
        (
            "ce qu'il dit ne pas apporter est d'une année, d'un dispositif, d'une forme ou d'une référence : il ne le dit pas du reste",
            "what it says that it does not put is of one year, dispositif, form or reference: it does not say so of the rest",
        )
    } else if others_speak && refused().next().is_some() {
        (
            "il a refusé une autre somme, et ne répond pas de celle-ci",
            "it refused another sum, and does not answer for this one",
        )
    } else if others_speak && live.iter().any(|one| facts.deciding(one).is_funders_word()) {
        (
            "il a dit une somme, et ne répond pas d'une autre, que d'autres citent ou demandent",
            "it has stated one sum, and does not answer for another one that others state or ask for",
        )
    } else if live.is_empty() && refused().any(|one| one.doubts.unanswered) {
        (
            "plusieurs sommes lui sont demandées ou attribuées, et sa réponse ne dit pas laquelle elle vise",
            "several sums are asked of it or said of it, and its answer does not tell which one it is about",
        )
    } else if live.is_empty() && refused().next().is_some() {
        (
            "ce qu'il a refusé n'est pas d'une année du projet, ou laisse une somme ouverte",
            "what it refused is of no year of the project, or leaves a sum open",
        )
    } else if live.is_empty() && nothing(Authority::Reported) {
        (
            "d'autres disent qu'il n'apporte rien, lui-même ne le dit pas",
            "others say that it puts nothing, it does not say so itself",
        )
    } else if live.is_empty() && line.commitments.iter().any(|ix| is_refused(case, *ix)) {
        (
            "d'autres disent qu'il a refusé, lui-même ne le dit pas",
            "others say that it refused, it does not say so itself",
        )
    } else if live.is_empty() && line.commitments.iter().any(|ix| is_own(case, *ix)) {
        (
            "il dit lui-même qu'il renonce à sa part, sans déclarer qu'il n'apporte rien d'autre",
            "it says itself that it gives up its part, and does not declare that it puts nothing else",
        )
    } else if live.is_empty() {
        (
            "sa participation est dite abandonnée, sans qu'il le confirme",
            "its part is said to be given up, and it does not confirm it",
        )
    } else if live.iter().any(|one| case.portfolio.holders_words_differ(facts, one)) {
        (
            "les plans qu'il a signés et ce qu'il déclare disent des parts différentes",
            "the plans that it signed and what it declares state different shares",
        )
    } else if live.iter().any(|one| case.portfolio.is_to_come(one, case.moment)) {
        ("sa décision est datée d'un jour à venir", "its decision is dated on a day to come")
    } else if any(|one| one.authority != Authority::Own) {
        ("d'autres le citent, lui-même n'a rien dit", "others name it, it has not spoken itself")
    } else if any(|one| one.stage.is_none()) {
        (
            "le stade de la somme (demandée, proposée, attribuée) n'est pas dit",
            "the stage of the sum (asked, proposed, granted) is not stated",
        )
    } else if any(|one| one.stage.is_none_or(|stage| !stage.at_least(Stage::Propose))) {
        ("la somme est seulement demandée ou envisagée", "the sum is only asked for or considered")
    } else if any(|one| one.amount.is_none()) {
        ("le montant n'est pas dit", "the amount is not stated")
    } else if any(|one| one.amount.is_some_and(|amount| amount < Cents::ZERO)) {
        ("un montant est négatif", "a sum is below zero")
    } else {
        (
            "la nature (investissement ou fonctionnement) n'est pas dite par lui",
            "it does not say the nature (investment or operation)",
        )
    };
    Message::new(fr, en)
}
