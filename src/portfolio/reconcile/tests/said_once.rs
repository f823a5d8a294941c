//! Sums that may be one said twice: under two years, on two lines, under two keys of a list.

use super::*;
use crate::domain::Date;
use crate::domain::record::RecordVersion;
use crate::domain::source::{Scope, Standing};

fn day(year: i32, month: u32) -> Date {
    Date::from_ymd_opt(year, month, 15).expect("a day")
}

/// A row of the Region's list, which says no nature.
fn listed(cents: i64, year: Option<u16>, decided_on: Option<Date>) -> StatementFacts {
    StatementFacts { nature: None, decided_on, ..sum(cents, year, Stage::Engage) }
}

/// A row of the list that takes its year from the day on which the grant was signed.
fn signed(cents: i64, year: u16) -> StatementFacts {
    listed(cents, Some(year), Some(day(i32::from(year), 1)))
}

/// What is in doubt.
fn doubted(portfolio: &Portfolio) -> Vec<i64> {
    let doubted = commitments(portfolio).iter().filter(|one| one.doubts.any());
    doubted.filter_map(|one| one.amount).map(Cents::get).collect()
}

/// What counts, and what is in doubt.
fn told(records: Vec<RecordVersion>) -> (Vec<i64>, Vec<i64>) {
    let portfolio = portfolio(records);
    let mut counted = counted(&portfolio);
    counted.sort_unstable();
    (counted, doubted(&portfolio))
}

#[test]
fn a_list_that_dates_a_grant_by_its_signing_states_the_same_sum() {
    let vote = || under("FTU", sum(40_000, Some(2025), Stage::Attribue));
    let own = || record("region", "r", vec![vote()]);
    for row in [signed(40_000, 2026), under("FTU", signed(40_000, 2026)), signed(40_000, 2024)] {
        let portfolio = portfolio(vec![own(), record("region-list", "l", vec![row])]);
        let [one] = commitments(&portfolio) else { panic!("one sum: {:?}", commitments(&portfolio)) };
        assert_eq!((one.year, one.amount, one.doubts.any()), (Some(2025), Some(Cents::new(40_000)), false));
    }
    let beside = |row| told(vec![own(), record("region-list", "l", vec![row])]);
    assert_eq!(beside(signed(40_001, 2026)), (vec![40_000, 40_001], vec![]), "another amount is another sum");
    assert_eq!(beside(under("NQE", signed(40_000, 2026))), (vec![40_000, 40_000], vec![]), "of another scheme");
    let doubt = (vec![40_000], vec![40_000]);
    assert_eq!(beside(signed(40_000, 2027)), doubt, "signed two years later");
    assert_eq!(beside(listed(40_000, Some(2026), None)), doubt, "a year that no day explains");
    assert_eq!(beside(listed(40_000, Some(2026), Some(day(2025, 12)))), doubt, "a year that is not that of the day");
    let named = |one| referred("ARR-1", one);
    let listed = record("region-list", "l", vec![named(listed(40_000, Some(2028), None))]);
    assert_eq!(told(vec![record("region", "r", vec![named(vote())]), listed]), (vec![40_000], vec![]));
}

#[test]
fn equal_instalments_of_the_funders_own_system_stay_several() {
    let own = || {
        [2025, 2026, 2027]
            .map(|year| record("region", &format!("r{year}"), vec![sum(30_000, Some(year), Stage::Attribue)]))
    };
    let beside = |rows: &[u16]| {
        let rows = rows.iter().map(|year| record("region-list", &format!("l{year}"), vec![signed(30_000, *year)]));
        told(own().into_iter().chain(rows).collect())
    };
    let three = vec![30_000; 3];
    assert_eq!(beside(&[]), (three.clone(), vec![]));
    assert_eq!(beside(&[2025, 2026, 2027]), (three.clone(), vec![]));
    assert_eq!(beside(&[2026]), (three.clone(), vec![]));
    assert_eq!(beside(&[2024]), (three.clone(), vec![30_000]), "one of the three, or a fourth");
    assert_eq!(beside(&[2026, 2027, 2028]), (three, vec![30_000]));
}

#[test]
fn two_years_of_one_source_and_two_systems_of_record_are_two_sums() {
    let vote = |cents| sum(cents, Some(2025), Stage::Attribue);
    let rows = vec![
        record("region-list", "a", vec![signed(9_000, 2025)]),
        record("region-list", "b", vec![signed(9_000, 2026)]),
    ];
    assert_eq!(told(rows.clone()), (vec![9_000, 9_000], vec![]));
    let own = record("region", "r", vec![StatementFacts { year: Some(2024), ..vote(9_000) }]);
    let (counted, doubted) = told(rows.into_iter().chain([own]).collect());
    assert_eq!((counted, doubted), (vec![9_000, 9_000], vec![9_000]), "the list says that there are two");
    let mut image = image(vec![
        record("region", "r", vec![vote(9_000)]),
        record("fund", "f", vec![sum(9_000, Some(2026), Stage::Attribue)]),
    ]);
    image.sources.push(source("fund", Standing::SystemOfRecord, &[REGION]));
    assert_eq!(counted_of(&Portfolio::build(&image)), (vec![9_000, 9_000], vec![]));
}

fn counted_of(portfolio: &Portfolio) -> (Vec<i64>, Vec<i64>) {
    (counted(portfolio), doubted(portfolio))
}

/// A plan of an operation of 2026 and 2027 that names the Métropole.
fn plan(lines: Vec<StatementFacts>) -> RecordVersion {
    let mut plan = record("application", "a", lines);
    let project = plan.facts.project.get_or_insert_default();
    (project.starts_on, project.ends_on) = (Some(day(2026, 5)), Some(day(2027, 5)));
    plan
}

fn of_metropole(cents: i64, year: u16) -> StatementFacts {
    StatementFacts { funder: grant(METROPOLE).funder, ..sum(cents, Some(year), Stage::Attribue) }
}

#[test]
fn a_plan_gives_the_sums_of_others_the_year_of_its_own_exercice() {
    let own = |one| record("metropole", "m", vec![one]);
    let portfolio = portfolio(vec![own(of_metropole(19_200, 2025)), plan(vec![of_metropole(19_200, 2026)])]);
    let [one] = commitments(&portfolio) else { panic!("one sum: {:?}", commitments(&portfolio)) };
    assert_eq!((one.year, one.authority, one.doubts.any()), (Some(2025), Authority::Own, false));
    let doubt = (vec![19_200], vec![19_200]);
    assert_eq!(
        told(vec![own(of_metropole(19_200, 2020)), plan(vec![of_metropole(19_200, 2026)])]),
        doubt,
        "long before"
    );
    let operating = |year| StatementFacts { nature: Some(Nature::Fonctionnement), ..of_metropole(19_200, year) };
    assert_eq!(told(vec![own(operating(2025)), plan(vec![operating(2026)])]), doubt, "an edition is of its year");
    let two = plan(vec![of_metropole(19_200, 2025), of_metropole(19_200, 2026)]);
    let (counted, _) = told(vec![own(of_metropole(19_200, 2025)), two]);
    assert_eq!(counted, [19_200, 19_200], "the plan itself lists two years");
    let others = record("application", "a", vec![of_metropole(19_200, 2026), of_metropole(800, 2026)]);
    let (counted, doubted) = told(vec![own(of_metropole(19_200, 2025)), others]);
    assert_eq!((counted, doubted), (vec![800, 19_200], vec![19_200]), "which of the lines is it?");
}

#[test]
fn what_is_only_maybe_the_same_sum_is_never_known() {
    let operating = |year| StatementFacts { nature: Some(Nature::Fonctionnement), ..of_metropole(19_200, year) };
    let portfolio = portfolio(vec![record("metropole", "m", vec![operating(2025)]), plan(vec![operating(2026)])]);
    let plan = plan_at(&portfolio, moment(1));
    assert_eq!(plan.lines.len(), 1);
    assert_eq!(plan.lines[0].state, crate::domain::vocabulary::CellState::Reported);
}

#[test]
fn that_two_sums_are_equal_tells_nothing_of_one_that_is_kept() {
    let own = StatementFacts { not_public_until: Some(day(2030, 1)), ..of_metropole(19_200, 2025) };
    let beside =
        |cents| told(vec![record("metropole", "m", vec![own.clone()]), plan(vec![of_metropole(cents, 2026)])]).1;
    assert_eq!((beside(19_200), beside(5)), (vec![], vec![]));
}

#[test]
fn two_decisions_that_a_list_publishes_are_two_sums() {
    let rows = |(first, second): (i64, i64), days: [Option<Date>; 2], reference: Option<&str>| {
        let row = |cents, on| {
            let one = listed(cents, Some(2025), on);
            StatementFacts { reference: reference.map(Into::into), ..one }
        };
        let rows = [row(first, days[0]), row(second, days[1])];
        told(["d1", "d2"].into_iter().zip(rows).map(|(key, row)| record("region-list", key, vec![row])).collect())
    };
    let apart = [Some(day(2025, 3)), Some(day(2025, 9))];
    assert_eq!(rows((30_000, 20_000), apart, None), (vec![20_000, 30_000], vec![]));
    assert_eq!(rows((30_000, 30_000), apart, None), (vec![30_000, 30_000], vec![]));
    assert_eq!(rows((30_000, -10_000), apart, None), (vec![-10_000, 30_000], vec![]), "an annulment in part");
    let doubt = (vec![30_000], vec![30_000]);
    assert_eq!(rows((30_000, 20_000), apart, Some("G-1")), doubt, "stages of one grant");
    assert_eq!(rows((30_000, 20_000), [apart[0], apart[0]], None), doubt, "one day");
    assert_eq!(rows((30_000, 20_000), [apart[0], None], None), doubt, "no day");
}

#[test]
fn two_beneficiaries_of_one_decision_are_granted_two_sums() {
    let row = |key: &str, holder: Option<&str>, cents| {
        let mut row = record("region-list", key, vec![listed(cents, Some(2025), Some(day(2025, 3)))]);
        row.facts.project.get_or_insert_default().holder = holder.map(|id| id.parse().expect("sound"));
        row
    };
    let told = |other: Option<&str>, cents| told(vec![row("d1", Some(METROPOLE), 30_000), row("d2", other, cents)]);
    assert_eq!(told(Some(REGION), 20_000), (vec![20_000, 30_000], vec![]));
    let doubt = (vec![30_000], vec![30_000]);
    assert_eq!(told(Some(REGION), 30_000), doubt, "the whole, repeated for each?");
    assert_eq!(told(Some(METROPOLE), 20_000), doubt, "one beneficiary");
    assert_eq!(told(None, 20_000), doubt, "nobody says to whom");
    assert_eq!(
        told(Some("text:region-list:asso. les jardins"), 20_000),
        doubt,
        "a name may be another spelling of one"
    );
}

#[test]
fn lines_of_one_plan_are_sums_of_their_own() {
    let line = |cents| of_metropole(cents, 2026);
    let with =
        |others: Vec<RecordVersion>| told([plan(vec![line(10_000), line(5_000)])].into_iter().chain(others).collect());
    let other = |key: &str, lines: Vec<i64>| record("region", key, lines.into_iter().map(line).collect());
    let both = (vec![5_000, 10_000], vec![]);
    assert_eq!(with(vec![]), both);
    assert_eq!(with(vec![other("b", vec![10_000])]), both, "who says one of them says that one");
    assert_eq!(with(vec![other("b", vec![5_000, 10_000])]), both);
    assert_eq!(with(vec![other("b", vec![15_000])]), both, "the total states them again");
    assert_eq!(with(vec![other("b", vec![7_000])]), (vec![5_000, 10_000], vec![7_000]));
    assert_eq!(told(vec![plan(vec![line(5_000), line(5_000)])]), (vec![5_000], vec![5_000]), "one said twice?");
    let answered = with(vec![record("metropole", "m", vec![line(15_000)])]);
    assert_eq!(answered, (vec![15_000], vec![]), "its own word is of both");
    let asked = |cents| StatementFacts { stage: Some(Stage::Sollicite), ..line(cents) };
    let staged = told(vec![plan(vec![line(5_000), asked(6_000), asked(3_000)])]);
    assert_eq!(staged, (vec![3_000, 5_000], vec![]), "what was asked before is no sum beside it, what is lower is one");
}

#[test]
fn a_funder_that_a_plan_names_beside_its_own_figure_does_not_put_it_twice() {
    let fund = Scope { dispositifs: vec![DispositifCode::parse("FTU").expect("sound")], ..scope(REGION) };
    let both = |cents| {
        let line = sum(cents, Some(2026), Stage::Attribue);
        let own = under("FTU", sum(40_000, Some(2026), Stage::Attribue));
        let mut image = image(vec![record("fund", "f", vec![own, line])]);
        let mut source = source("fund", Standing::SystemOfRecord, &[]);
        source.profile.speaks_for = vec![fund.clone()];
        image.sources.push(source);
        counted_of(&Portfolio::build(&image))
    };
    assert_eq!(both(40_000), (vec![40_000], vec![40_000]));
    assert_eq!(both(2_500), (vec![40_000, 2_500], vec![]));
}

/// Product rule: a plan that was acknowledged stays acknowledged whatever is paid.
#[test]
fn paying_a_grant_whose_year_a_list_guesses_changes_no_plan() {
    let vote = || record("region", "r", vec![under("FTU", sum(40_000, Some(2025), Stage::Attribue))]);
    let content = |row: &StatementFacts, paid: Vec<RecordVersion>| {
        let list = record("region-list", "l", vec![row.clone()]);
        let portfolio = portfolio([vote(), list].into_iter().chain(paid).collect());
        portfolio.plan_content(crate::portfolio::ProjectIx::at(0))
    };
    for row in [signed(40_000, 2026), listed(40_000, Some(2026), None)] {
        for source in ["region", "region-list", "application"] {
            let paid = record(source, "p", vec![under("FTU", sum(9_000, Some(2027), Stage::Verse))]);
            assert_eq!(content(&row, vec![paid]), content(&row, vec![]), "{source}");
        }
    }
}
