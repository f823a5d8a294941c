//! What is asked beside what was granted: a request that is lower than the grant is another one, unless something ties the two.

use super::*;
use crate::domain::Date;
use crate::domain::record::RecordVersion;
use crate::domain::vocabulary::CellState;

fn refusal(cents: i64) -> StatementFacts {
    at_stage(Stage::Refuse, cents)
}

fn named(reference: &str, one: StatementFacts) -> StatementFacts {
    StatementFacts { reference: Some(reference.into()), ..one }
}

fn on(month: u32, one: StatementFacts) -> StatementFacts {
    StatementFacts { decided_on: Date::from_ymd_opt(2023, month, 1), ..one }
}

/// What the line of the Region says: its state, what the Region says, what others say.
fn line(records: Vec<RecordVersion>) -> (CellState, Option<i64>, Option<i64>) {
    let portfolio = portfolio(records);
    let plan = plan_at(&portfolio, moment(10));
    let [line] = plan.lines.as_slice() else { panic!("one line: {:?}", plan.lines) };
    (line.state, line.amount.map(Cents::get), line.reported.map(Cents::get))
}

fn system(statements: Vec<StatementFacts>) -> RecordVersion {
    record("region", "r", statements)
}

fn dossier(statements: Vec<StatementFacts>) -> RecordVersion {
    record("application", "a", statements)
}

const KNOWN: CellState = CellState::Known;
const OPEN: CellState = CellState::Reported;

#[test]
fn what_one_record_asks_below_its_grant_is_a_second_sum() {
    let asked = || system(vec![vote(20_000), request(8_000)]);
    assert_eq!(line(vec![asked()]), (OPEN, Some(20_000), Some(8_000)));
    let both = portfolio(vec![asked()]);
    assert!(commitments(&both).iter().all(|one| one.counts() && !one.doubts.any()), "{:?}", commitments(&both));
    let retained = system(vec![vote(20_000), at_stage(Stage::Propose, 8_000)]);
    assert_eq!(line(vec![retained]), (OPEN, None, None), "two sums, or two stages of one");
    let told = dossier(vec![vote(20_000), at_stage(Stage::Propose, 8_000)]);
    assert_eq!(line(vec![system(vec![vote(20_000)]), told]), (OPEN, Some(20_000), Some(28_000)));
}

#[test]
fn what_a_plan_asks_on_another_line_than_its_lower_grant_is_a_second_sum() {
    let apart = |cents| StatementFacts { asked_apart: true, ..request(cents) };
    assert_eq!(line(vec![system(vec![vote(8_000), apart(20_000)])]), (OPEN, Some(8_000), Some(20_000)));
    let plan = || dossier(vec![vote(8_000), apart(20_000)]);
    assert_eq!(line(vec![system(vec![vote(8_000)]), plan()]), (OPEN, Some(8_000), Some(28_000)));
    assert_eq!(line(vec![plan()]), (OPEN, None, Some(28_000)));
    let course = vec![on(1, apart(20_000)), on(3, vote(8_000))];
    assert_eq!(line(vec![system(course)]), (KNOWN, Some(8_000), Some(20_000)), "its system dates both: one sum");
    let later = vec![on(3, apart(20_000)), on(1, vote(8_000))];
    assert_eq!(line(vec![system(later)]).0, OPEN, "asked after the vote");
    let tied = system(vec![named("G", vote(8_000)), named("G", apart(20_000))]);
    assert_eq!(line(vec![tied]).0, KNOWN, "one grant");
    assert_eq!(
        line(vec![system(vec![vote(8_000)]), dossier(vec![request(20_000)])]).0,
        KNOWN,
        "granted less than asked"
    );
}

#[test]
fn what_another_dossier_asks_below_the_grant_has_no_answer() {
    let beside = |asked| line(vec![system(vec![vote(20_000)]), dossier(vec![asked])]);
    assert_eq!(beside(request(8_000)), (OPEN, Some(20_000), Some(8_000)));
    assert_eq!(beside(at_stage(Stage::Propose, 8_000)), (OPEN, Some(20_000), Some(8_000)));
    assert_eq!(beside(request(28_000)), (KNOWN, Some(20_000), Some(28_000)), "a vote may be lower than what was asked");
    assert_eq!(beside(request(19_950)), (KNOWN, Some(20_000), Some(19_950)), "whole euros");
    let doubted = portfolio(vec![system(vec![vote(20_000)]), dossier(vec![request(8_000)])]);
    let counted: Vec<_> =
        commitments(&doubted).iter().filter(|one| one.counts()).filter_map(|one| one.amount).collect();
    assert_eq!(counted, [Cents::new(20_000)], "it may be what was granted: it counts for nothing");
}

#[test]
fn a_reference_a_row_a_total_or_a_later_request_tie_a_lower_one_to_the_grant() {
    let row = StatementFacts { granted_more: true, ..request(8_000) };
    assert_eq!(line(vec![system(vec![row, vote(20_000)])]).0, KNOWN, "the columns of one row");
    let voted = || system(vec![named("G", vote(20_000))]);
    let beside = |asked| line(vec![voted(), dossier(asked)]).0;
    assert_eq!(beside(vec![named("G", request(8_000))]), KNOWN);
    assert_eq!(beside(vec![request(12_000), request(8_000)]), KNOWN, "their total");
    let amended = vec![on(1, named("D", request(8_000))), on(3, named("D", request(20_000)))];
    assert_eq!(line(vec![system(vec![vote(20_000)]), dossier(amended)]).0, KNOWN, "raised before the vote");
    assert_eq!(beside(vec![request(20_000), request(8_000)]), OPEN, "two requests, one answer");
    assert_eq!(beside(vec![on(1, request(8_000)), on(3, request(20_000))]), OPEN, "nothing says that they are one");
}

#[test]
fn the_vote_follows_what_the_funder_proposed_in_another_system() {
    let listed = record("region-list", "l", vec![vote(20_000)]);
    let proposed = system(vec![at_stage(Stage::Propose, 18_000)]);
    assert_eq!(line(vec![proposed, listed]), (KNOWN, Some(20_000), None));
}

#[test]
fn what_others_say_of_a_silent_funder_is_two_sums_where_one_record_says_both() {
    let both = || dossier(vec![vote(20_000), request(8_000)]);
    assert_eq!(line(vec![both()]), (OPEN, None, Some(28_000)));
    let by_two = vec![dossier(vec![vote(20_000)]), record("metropole", "m", vec![request(8_000)])];
    assert_eq!(line(by_two), (OPEN, None, Some(20_000)), "one of them may be older");
    let row = StatementFacts { granted_more: true, ..request(8_000) };
    assert_eq!(line(vec![dossier(vec![row, vote(20_000)])]), (OPEN, None, Some(20_000)));
}

#[test]
fn a_word_of_another_scheme_answers_no_lower_request_either() {
    let votes = || {
        let of = |key: &str, scheme, cents| record("region", key, vec![under(scheme, vote(cents))]);
        vec![of("ftu", "FTU", 10_000), of("nqe", "NQE", 20_000)]
    };
    let beside = |asked: Vec<i64>| {
        let asked = asked.into_iter().map(request).collect();
        line(votes().into_iter().chain([dossier(asked)]).collect()).0
    };
    assert_eq!(beside(vec![12_000]), KNOWN);
    assert_eq!(beside(vec![5_000]), OPEN);
    assert_eq!(beside(vec![25_000, 12_000]), KNOWN);
    assert_eq!(beside(vec![12_000, 11_000]), OPEN, "neither is what the 20 000 were granted for");
}

#[test]
fn of_several_requests_the_one_of_the_very_amount_is_answered() {
    let both = || dossier(vec![request(8_000), request(5_000)]);
    let refused = record("region", "n", vec![under("NQE", refusal(5_000))]);
    let voted = record("region", "f", vec![under("FTU", vote(8_000))]);
    assert_eq!(line(vec![voted, refused, both()]), (KNOWN, Some(8_000), Some(8_000)), "a vote and a refusal");
    let refused = record("region", "n", vec![under("NQE", refusal(8_000))]);
    let voted = record("region", "f", vec![under("FTU", vote(5_000))]);
    assert_eq!(line(vec![voted, refused, both()]), (KNOWN, Some(5_000), Some(5_000)), "the higher one is refused");
    let files = vec![
        record("region", "1", vec![named("C-1", request(8_000)), named("C-1", vote(8_000))]),
        record("region", "2", vec![request(5_000), vote(3_000)]),
        both(),
    ];
    assert_eq!(line(files), (KNOWN, Some(11_000), Some(13_000)), "as the funder's own system tells them");
    let files = vec![
        record(
            "region",
            "1",
            vec![under("FTU", named("V-1", request(2_000))), under("FTU", named("V-1", vote(2_000)))],
        ),
        record(
            "region",
            "2",
            vec![under("NQE", named("V-2", request(9_000))), under("NQE", named("V-2", refusal(9_000)))],
        ),
        dossier(vec![request(2_000), request(9_000)]),
    ];
    assert_eq!(line(files), (KNOWN, Some(2_000), Some(2_000)), "one voted, one refused");
}

#[test]
fn a_refusal_is_of_a_request_in_whole_euros() {
    let refused = |asked| line(vec![system(vec![refusal(76_395)]), dossier(vec![request(asked)])]).0;
    assert_eq!((refused(76_400), refused(76_600)), (CellState::Nothing, OPEN));
}

#[test]
fn what_is_asked_in_the_funders_system_and_in_a_dossier_is_reported_once() {
    let files = |dossier: RecordVersion| {
        vec![
            record("region", "1", vec![named("C-1", request(8_000))]),
            record("region", "2", vec![named("C-2", request(5_000))]),
            dossier,
        ]
    };
    assert_eq!(line(files(dossier(vec![request(8_000), request(5_000)]))).2, Some(13_000));
    assert_eq!(line(files(dossier(vec![request(8_000), request(4_000)]))).2, Some(17_000), "another request");
}

#[test]
fn two_grants_that_a_list_states_to_the_day_or_the_year_are_the_same_two() {
    let dated = |month, one: StatementFacts| on(month, StatementFacts { year: Some(2023), ..one });
    let list =
        |key: &str, one: StatementFacts| record("region-list", key, vec![StatementFacts { nature: None, ..one }]);
    let system = |months: [u32; 2]| {
        let [first, second] = months;
        vec![
            record("region", "1", vec![under("FTU", dated(first, vote(74_335)))]),
            record("region", "2", vec![under("NQE", dated(second, vote(64_415)))]),
        ]
    };
    let listed = || vec![list("1", dated(2, vote(74_335))), list("2", dated(8, vote(64_415)))];
    let all: Vec<_> = system([2, 8]).into_iter().chain(listed()).collect();
    assert_eq!(line(all), (KNOWN, Some(138_750), None), "one decision to the day and the cent");
    let undated = system([2, 8]).into_iter().map(|mut one| {
        one.facts.statements.iter_mut().for_each(|said| said.decided_on = None);
        one
    });
    assert_eq!(line(undated.chain(listed()).collect()), (KNOWN, Some(138_750), None), "the only one of its amount");
}

#[test]
fn a_row_of_a_list_that_a_sum_of_another_amount_shares_its_key_with_looks_for_its_like() {
    let of = |year, month, cents| on(month, StatementFacts { year: Some(year), ..vote(cents) });
    let rows = |blank: bool| {
        let listed = StatementFacts { decided_on: None, ..of(2023, 3, 41_763) };
        let listed = if blank { StatementFacts { nature: None, ..listed } } else { listed };
        vec![
            record("region", "1", vec![of(2023, 3, 41_763)]),
            record("region", "2", vec![of(2024, 1, 52_500)]),
            record("region-list", "1", vec![listed]),
            record("region-list", "2", vec![of(2023, 1, 52_500)]),
        ]
    };
    let counted = |blank| {
        let portfolio = portfolio(rows(blank));
        commitments(&portfolio).iter().filter(|one| one.counts()).filter_map(|one| one.amount).sum::<Cents>()
    };
    assert_eq!((counted(true), counted(false)), (Cents::new(94_263), Cents::new(94_263)));
}
