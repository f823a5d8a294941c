//! Stages of one sum that its keys part, and what one source states twice, once less than the other.

use super::apart::{both, day, engaged, files, of, rows, settled};
use super::later::{KNOWN, line, named};
use super::*;
use crate::domain::record::RecordVersion;

fn run(one: StatementFacts) -> StatementFacts {
    StatementFacts { nature: Some(Nature::Fonctionnement), ..one }
}

fn proposed(cents: i64) -> StatementFacts {
    at_stage(Stage::Propose, cents)
}

/// The words of one year, under two numbers, in two files or in one.
fn numbered(first: StatementFacts, then: StatementFacts) -> [Vec<RecordVersion>; 2] {
    let words = [named("D", of(2023, run(first))), named("EJ", of(2023, run(then)))];
    [files(&words), vec![record("region", "one", words.to_vec())]]
}

fn is_known(records: Vec<RecordVersion>) -> bool {
    let plan = plan_at(&portfolio(records), moment(10));
    plan.lines.iter().all(|line| line.state == KNOWN)
}

#[test]
fn what_follows_under_another_number_to_the_cent_may_be_the_same_sum() {
    for records in numbered(vote(30_000), engaged(30_000)).into_iter().chain(numbered(proposed(30_000), vote(30_000))) {
        assert!(!is_known(records.clone()), "{records:?}");
        let plan = plan_at(&portfolio(records), moment(10));
        assert_eq!(plan.committed.total, Some(Cents::new(30_000)), "it counts once");
    }
    let [apart, together] = numbered(vote(30_000), settled(28_000));
    assert_eq!(line(apart), (KNOWN, Some(58_000)), "two files at two amounts");
    assert!(!is_known(together), "one record settles no more than it granted");
    let [_, more] = numbered(vote(30_000), engaged(40_000));
    assert_eq!(line(more), (KNOWN, Some(70_000)));
}

#[test]
fn what_is_stated_at_one_stage_by_one_source_is_several() {
    let [two, one] = numbered(vote(30_000), vote(30_000));
    assert_eq!((line(two), line(one)), ((KNOWN, Some(60_000)), (KNOWN, Some(60_000))));
    let file = |key: &str, one: StatementFacts| {
        record("region", key, [of(2023, run(request(30_000))), of(2023, run(one))].map(|one| named(key, one)).to_vec())
    };
    assert_eq!(line(vec![file("a", vote(30_000)), file("b", engaged(30_000))]), (KNOWN, Some(60_000)), "asked twice");
    let listed = [named("D", of(2023, run(vote(30_000)))), named("EJ", of(2023, run(vote(30_000))))];
    let [own, _] = numbered(vote(30_000), engaged(30_000));
    assert_eq!(both(own, rows("region-list", &listed)), (KNOWN, Some(60_000)), "a list tells both");
}

#[test]
fn what_follows_in_the_next_year_may_be_the_same_and_what_stands_further_in_an_earlier_one_is_not() {
    let built = |first: StatementFacts, then: StatementFacts| is_known(files(&[of(2022, first), of(2023, then)]));
    assert!(!built(vote(30_000), engaged(30_000)));
    assert!(!built(proposed(30_000), vote(27_000)), "a proposal is voted lower");
    assert!(built(engaged(30_000), vote(30_000)), "slices of two years");
    let each_year = [named("A", of(2022, run(vote(30_000)))), named("B", of(2023, run(engaged(30_000))))];
    assert!(is_known(files(&each_year)), "what is run is granted each year");
    let late = [day("2023-06-01", of(2023, run(vote(30_000)))), day("2023-03-01", of(2023, run(engaged(30_000))))];
    let numbered = late.into_iter().zip(["A", "B"]).map(|(one, number)| named(number, one)).collect::<Vec<_>>();
    assert!(is_known(files(&numbered)), "it was engaged before the other was voted");
}

#[test]
fn under_one_number_another_form_nature_or_scheme_tells_no_second_sum() {
    let vote = || of(2023, run(named("Z", vote(30_000))));
    let engaged = |cents| of(2023, run(named("Z", engaged(cents))));
    let others: [fn(StatementFacts) -> StatementFacts; 3] = [
        |one| StatementFacts { form: Form::Pret, ..one },
        |one| StatementFacts { nature: Some(Nature::Investissement), ..one },
        |one| under("PRF", one),
    ];
    for other in others {
        assert!(!is_known(files(&[under("MOBILITES", vote()), other(engaged(30_000))])));
    }
    assert!(is_known(files(&[vote(), others[0](engaged(10_000))])), "a loan beside a grant");
    for other in &others[..2] {
        let lines = vec![vote(), other(engaged(30_000))];
        assert!(is_known(vec![record("region", "one", lines)]), "one record says that they are two");
    }
}

#[test]
fn what_two_bodies_are_granted_is_two_sums() {
    let file = |key: &str, siren: &str, one: StatementFacts| {
        let mut one = record("region", key, vec![named(key, of(2023, run(one)))]);
        one.facts.project.get_or_insert_default().holder = siren.parse().ok();
        one
    };
    let two = |siren: &str| vec![file("a", "siren:200053742", vote(30_000)), file("b", siren, engaged(30_000))];
    assert_eq!(line(two("siren:200093201")), (KNOWN, Some(60_000)));
    assert_ne!(line(two("siren:200053742")).0, KNOWN);
}

#[test]
fn a_vote_that_is_listed_is_not_the_slice_of_the_next_year() {
    let built = |year: u16, on: &str, one: StatementFacts| day(on, of(year, one));
    let list = || rows("region-list", &[named("D25", built(2022, "2022-05-10", vote(30_000)))]);
    let own = |next: StatementFacts| files(&[named("D25", built(2022, "2022-04-10", vote(30_000))), of(2023, next)]);
    assert_eq!(both(own(proposed(30_000)), list()), (KNOWN, Some(60_000)));
    assert_eq!(both(own(proposed(20_000)), list()), (KNOWN, Some(50_000)));
}

#[test]
fn a_row_that_leaves_out_what_another_states_is_no_surer_to_be_a_second_sum() {
    let whole = || under("MOBILITES", named("Z", of(2023, run(vote(30_000)))));
    let less: [fn(StatementFacts) -> StatementFacts; 4] = [
        |one| StatementFacts { dispositif: None, ..one },
        |one| StatementFacts { year: None, ..one },
        |one| StatementFacts { reference: None, ..one },
        |one| StatementFacts { nature: None, ..one },
    ];
    for (at, drop) in less.into_iter().enumerate() {
        assert!(!is_known(files(&[whole(), drop(whole())])), "equal, less by {at}");
        let other = StatementFacts { amount: Some(Cents::new(45_000)), ..drop(whole()) };
        let is_named = other.reference.is_some() && other.nature.is_some();
        assert_eq!(is_known(files(&[whole(), other.clone()])), !is_named && at != 3, "another amount, less by {at}");
        let lines = vec![record("region", "one", vec![whole(), other])];
        assert_eq!(is_known(lines), at == 0 || at == 2, "two lines of one record, less by {at}");
    }
    let listed = |one: StatementFacts, on: &str| day(on, one);
    let two = [listed(whole(), "2023-03-01"), listed(StatementFacts { reference: None, ..whole() }, "2023-06-01")];
    assert!(is_known(rows("region-list", &two)), "two decisions that a list dates");
}

#[test]
fn what_is_engaged_beyond_the_vote_or_before_another_one_is_a_contradiction() {
    let file = |vote: StatementFacts, engaged: StatementFacts| line(files(&[named("Z", vote), named("Z", engaged)])).0;
    assert_ne!(file(vote(30_000), engaged(45_000)), KNOWN);
    assert_ne!(file(day("2023-06-20", vote(30_000)), day("2023-04-20", engaged(20_000))), KNOWN);
    assert_eq!(file(day("2023-03-20", vote(30_000)), day("2023-04-20", engaged(20_000))), KNOWN);
    assert_eq!(file(day("2023-06-20", vote(30_000)), day("2023-04-20", engaged(30_000))), KNOWN);
}

#[test]
fn what_a_funder_declares_under_a_number_of_its_own_may_be_what_its_system_holds() {
    let own = || files(&[day("2023-03-20", named("DOS", of(2023, run(vote(30_000)))))]);
    let told = |one: StatementFacts| both(own(), rows("declared", &[one]));
    assert_ne!(told(named("CP", of(2023, run(vote(30_000))))).0, KNOWN);
    assert_ne!(told(named("CP", run(engaged(30_000)))).0, KNOWN);
    assert_eq!(told(of(2023, run(vote(30_000)))), (KNOWN, Some(30_000)), "without a number it confirms");
    assert_eq!(told(named("CP", of(2023, run(vote(20_000))))), (KNOWN, Some(50_000)), "another sum");
}

#[test]
fn two_rows_of_one_system_are_two_sums() {
    let portfolio = portfolio(vec![
        record("region", "one", vec![under("FTU", grant(REGION))]),
        record("region", "two", vec![StatementFacts { amount: Some(Cents::new(9_000)), ..grant(REGION) }]),
    ]);
    assert_eq!(commitments(&portfolio).iter().filter(|one| one.counts()).count(), 2);
}
