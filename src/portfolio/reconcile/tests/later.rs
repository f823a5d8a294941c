//! What follows a funder's word: what it proposes after its vote, what is asked after its refusal, what it refuses without saying of what.

use super::*;
use crate::domain::Date;
use crate::domain::record::RecordVersion;
use crate::domain::vocabulary::CellState;

fn proposal(cents: i64) -> StatementFacts {
    at_stage(Stage::Propose, cents)
}

fn bare(stage: Stage) -> StatementFacts {
    StatementFacts { amount: None, ..at_stage(stage, 0) }
}

pub(super) fn named(reference: &str, one: StatementFacts) -> StatementFacts {
    StatementFacts { reference: Some(reference.into()), ..one }
}

pub(super) fn on(month: u32, one: StatementFacts) -> StatementFacts {
    StatementFacts { decided_on: Date::from_ymd_opt(2023, month, 1), ..one }
}

/// What the line of the Region says, and whether its plan holds a sum in doubt.
pub(super) fn line(records: Vec<RecordVersion>) -> (CellState, Option<i64>) {
    let portfolio = portfolio(records);
    let plan = plan_at(&portfolio, moment(10));
    let [line] = plan.lines.as_slice() else { panic!("one line: {:?}", plan.lines) };
    (line.state, line.amount.map(Cents::get))
}

pub(super) fn system(statements: Vec<StatementFacts>) -> RecordVersion {
    record("region", "r", statements)
}

pub(super) fn list(statements: Vec<StatementFacts>) -> RecordVersion {
    record("region-list", "l", statements)
}

pub(super) fn dossier(statements: Vec<StatementFacts>) -> RecordVersion {
    record("application", "a", statements)
}

pub(super) const KNOWN: CellState = CellState::Known;
pub(super) const OPEN: CellState = CellState::Reported;
pub(super) const NOTHING: (CellState, Option<i64>) = (CellState::Nothing, Some(0));

#[test]
fn what_is_proposed_after_a_vote_may_be_a_second_sum() {
    let later = || on(9, proposal(30_000));
    assert_eq!(line(vec![system(vec![on(6, vote(15_000)), later()])]), (OPEN, None), "one record");
    assert_eq!(line(vec![list(vec![on(6, vote(15_000))]), system(vec![later()])]), (OPEN, None), "two systems");
    let dossier = || named("A", request(15_000));
    let voted = system(vec![dossier(), named("A", on(6, vote(15_000))), later()]);
    assert_eq!(line(vec![voted]), (OPEN, None), "what was asked was voted");
    assert_eq!(line(vec![system(vec![on(6, at_stage(Stage::Solde, 15_000)), later()])]), (OPEN, None), "settled");
    assert_eq!(line(vec![list(vec![on(6, vote(15_000))]), system(vec![on(9, proposal(8_000))])]), (OPEN, None), "less");
    let both = portfolio(vec![system(vec![on(6, vote(15_000)), later()])]);
    let counted: Vec<_> = commitments(&both).iter().filter(|one| one.counts()).filter_map(|one| one.amount).collect();
    assert_eq!(counted, [Cents::new(15_000)], "it counts for nothing while nothing tells");
}

#[test]
fn a_vote_follows_its_proposal() {
    let known = |records| assert_eq!(line(records), (KNOWN, Some(15_000)));
    known(vec![system(vec![on(3, proposal(30_000)), on(6, vote(15_000))])]);
    known(vec![system(vec![proposal(30_000), on(6, vote(15_000))])]);
    known(vec![system(vec![on(9, proposal(30_000)), vote(15_000)])]);
    known(vec![system(vec![on(6, proposal(30_000)), on(6, vote(15_000))])]);
    known(vec![system(vec![on(9, proposal(15_000)), on(6, vote(15_000))])]);
    known(vec![system(vec![named("A", on(9, proposal(30_000))), named("A", on(6, vote(15_000)))])]);
    known(vec![system(vec![on(6, vote(20_000)), on(9, proposal(15_000)), on(10, at_stage(Stage::Engage, 15_000))])]);
    known(vec![system(vec![request(30_000), proposal(30_000), vote(15_000)])]);
}

#[test]
fn what_is_proposed_above_what_is_voted_and_asked_may_be_a_second_sum() {
    let beyond = vec![request(7_500), on(3, proposal(20_000)), on(6, vote(7_500))];
    assert_eq!(line(vec![system(beyond)]), (OPEN, None));
    let row = StatementFacts { granted_more: true, ..request(7_500) };
    assert_eq!(
        line(vec![system(vec![row, proposal(20_000), vote(7_500)])]),
        (KNOWN, Some(7_500)),
        "columns of one row"
    );
}

#[test]
fn what_a_plan_asks_on_another_line_of_an_unknown_amount_is_a_second_sum() {
    let untold = || StatementFacts { asked_apart: true, ..bare(Stage::Sollicite) };
    assert_eq!(line(vec![system(vec![vote(48_000), untold()])]), (OPEN, Some(48_000)));
    assert_eq!(line(vec![system(vec![vote(48_000)]), dossier(vec![vote(48_000), untold()])]), (OPEN, Some(48_000)));
    let tied = system(vec![named("G", vote(48_000)), named("G", untold())]);
    assert_eq!(line(vec![tied]), (KNOWN, Some(48_000)), "one grant");
    assert_eq!(
        line(vec![system(vec![vote(48_000), bare(Stage::Sollicite)])]),
        (KNOWN, Some(48_000)),
        "columns of one row"
    );
}

#[test]
fn what_is_asked_after_a_refusal_is_asked_anew() {
    let refused = |month| on(month, bare(Stage::Refuse));
    assert_eq!(line(vec![system(vec![refused(2), on(6, request(30_000))])]).0, OPEN);
    assert_eq!(line(vec![system(vec![refused(2)]), dossier(vec![on(6, request(30_000))])]).0, OPEN);
    assert_eq!(line(vec![system(vec![refused(6), on(2, request(30_000))])]), NOTHING);
    assert_eq!(line(vec![system(vec![refused(6), on(6, request(30_000))])]), NOTHING);
    assert_eq!(line(vec![system(vec![refused(6)]), dossier(vec![request(30_000)])]), NOTHING);
    assert_eq!(line(vec![system(vec![bare(Stage::Refuse)]), dossier(vec![on(6, request(30_000))])]), NOTHING);
}

#[test]
fn a_refusal_of_no_amount_ends_no_vote_of_which_one_side_alone_states_the_reference() {
    let refused = || on(11, bare(Stage::Refuse));
    assert_eq!(line(vec![system(vec![named("A", on(6, vote(40_000))), refused()])]), (OPEN, Some(40_000)));
    assert_eq!(line(vec![system(vec![on(6, vote(40_000)), named("B", refused())])]), (OPEN, Some(40_000)));
    assert_eq!(line(vec![system(vec![named("A", on(6, vote(40_000))), named("A", refused())])]), NOTHING);
    assert_eq!(line(vec![system(vec![on(6, vote(40_000)), refused()])]), NOTHING);
    let amount = on(11, at_stage(Stage::Refuse, 40_000));
    assert_eq!(line(vec![system(vec![named("A", on(6, vote(40_000))), amount])]), NOTHING, "its amount");
    let later = vec![named("A", on(6, vote(40_000))), on(3, bare(Stage::Refuse))];
    assert_eq!(line(vec![system(later)]), (KNOWN, Some(40_000)), "granted after it was refused");
}

#[test]
fn a_refusal_of_an_amount_of_its_own_leaves_the_vote_its_amount() {
    let refused = |cents| on(6, at_stage(Stage::Refuse, cents));
    let course = |cents| line(vec![system(vec![on(2, request(50_000)), on(6, vote(30_000)), refused(cents)])]);
    assert_eq!(course(20_000), (KNOWN, Some(30_000)), "what the vote leaves of the request");
    assert_eq!(course(25_000), (OPEN, Some(30_000)), "of what?");
    assert_eq!(line(vec![system(vec![on(6, vote(30_000)), refused(25_000)])]), (OPEN, Some(30_000)));
    let settled = vec![system(vec![on(4, at_stage(Stage::Solde, 30_000))]), list(vec![refused(25_000)])];
    assert_eq!(line(settled), (OPEN, Some(30_000)));
    let before = vec![on(7, vote(30_000)), refused(25_000)];
    assert_eq!(line(vec![system(before)]), (KNOWN, Some(30_000)), "refused before another sum was voted");
    let amended = vec![named("G", on(6, vote(30_000))), named("G", refused(25_000))];
    assert_eq!(line(vec![system(amended)]).0, OPEN, "of the very grant");
}

#[test]
fn a_refusal_under_the_number_of_the_desk_answers_the_only_request() {
    let refused = |reference| system(vec![named(reference, bare(Stage::Refuse))]);
    assert_eq!(line(vec![refused("R1"), dossier(vec![request(10_037)])]), NOTHING);
    assert_eq!(line(vec![refused("R1"), dossier(vec![request(10_037), request(5_000)])]).0, OPEN, "which of both");
    assert_eq!(line(vec![refused("R1"), dossier(vec![named("D2", request(10_037))])]).0, OPEN, "another number");
    let one_of_two = dossier(vec![named("R1", request(10_037)), request(5_000)]);
    assert_eq!(line(vec![refused("R1"), one_of_two]).0, OPEN, "it is of the one that bears it");
}

#[test]
fn who_gives_one_sum_up_beside_a_refusal_does_not_say_that_it_puts_nothing() {
    let refused = || named("R1", at_stage(Stage::Refuse, 50_000));
    let given_up = || named("R2", bare(Stage::Abandonne));
    assert_eq!(line(vec![system(vec![refused()])]), NOTHING);
    assert_eq!(line(vec![system(vec![given_up()])]).0, OPEN);
    assert_eq!(line(vec![system(vec![refused(), given_up()])]).0, OPEN);
    assert_eq!(line(vec![system(vec![refused(), given_up()]), dossier(vec![request(75_000)])]).0, OPEN);
    assert_eq!(
        line(vec![system(vec![refused(), given_up()]), dossier(vec![request(50_000), request(75_000)])]).0,
        OPEN
    );
}
