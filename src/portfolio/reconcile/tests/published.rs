//! Lists that state another sum than the funder's own system, and schemes that nobody knows by a code.

use super::*;
use crate::domain::Date;
use crate::domain::record::RecordVersion;

/// A row of the Region's list, of the year in which it was signed.
fn signed(cents: i64, (year, month): (u16, u32)) -> RecordVersion {
    let decided_on = Date::from_ymd_opt(i32::from(year), month, 15);
    let row = StatementFacts { nature: None, decided_on, ..sum(cents, Some(year), Stage::Engage) };
    record("region-list", &format!("l{year}-{month}"), vec![under("FTU", row)])
}

fn voted(year: u16, cents: i64) -> RecordVersion {
    record("region", &format!("r{year}"), vec![under("FTU", sum(cents, Some(year), Stage::Attribue))])
}

/// What counts, by year, and whether anything is in doubt.
fn told(records: Vec<RecordVersion>) -> (Vec<(Option<u16>, i64)>, bool) {
    let portfolio = portfolio(records);
    let counted = commitments(&portfolio).iter().filter(|one| one.counts());
    let mut counted: Vec<_> = counted.filter_map(|one| Some((one.year, one.amount?.get()))).collect();
    counted.sort_unstable();
    (counted, commitments(&portfolio).iter().any(|one| one.doubts.any()))
}

#[test]
fn a_row_that_states_the_vote_of_the_year_before_is_about_that_one() {
    let votes = || vec![voted(2025, 40_000), voted(2026, 25_000)];
    let both = vec![(Some(2025), 40_000), (Some(2026), 25_000)];
    let beside = |rows: Vec<RecordVersion>| told(votes().into_iter().chain(rows).collect());
    assert_eq!(beside(vec![signed(40_000, (2026, 1))]), (both.clone(), false));
    assert_eq!(beside(vec![signed(40_000, (2025, 6)), signed(25_000, (2026, 6))]), (both.clone(), false));
    assert_eq!(beside(vec![signed(40_000, (2026, 1)), signed(25_000, (2027, 1))]).0, both);
    let shifted =
        vec![voted(2024, 30), voted(2025, 31), voted(2026, 29), signed(31, (2024, 12)), signed(29, (2025, 12))];
    assert_eq!(told(shifted), (vec![(Some(2024), 30), (Some(2025), 31), (Some(2026), 29)], false));
}

#[test]
fn a_row_that_may_be_one_of_several_votes_is_set_aside() {
    let votes = vec![voted(2024, 40_000), voted(2025, 25_000), voted(2026, 40_000), signed(40_000, (2025, 6))];
    let counted = vec![(Some(2024), 40_000), (Some(2025), 25_000), (Some(2026), 40_000)];
    assert_eq!(told(votes), (counted, true));
    let far = vec![voted(2023, 40_000), voted(2026, 25_000), signed(40_000, (2026, 6))];
    assert_eq!(told(far), (vec![(Some(2023), 40_000), (Some(2026), 25_000)], true), "signed three years later");
}

#[test]
fn a_list_that_contradicts_the_system_of_record_has_not_the_last_word() {
    for listed in [400_000, 30_000] {
        let found = told(vec![voted(2025, 40_000), signed(listed, (2025, 6))]);
        assert_eq!(found, (vec![(Some(2025), 40_000)], true), "{listed}");
    }
    let whole = vec![voted(2025, 40_000), voted(2026, 40_000), voted(2027, 40_000), signed(120_000, (2025, 4))];
    assert_eq!(told(whole), (vec![(Some(2025), 40_000), (Some(2026), 40_000), (Some(2027), 40_000)], true));
    let nothing = told(vec![voted(2025, 0), signed(40_000, (2025, 6))]);
    assert_eq!(nothing, (vec![(Some(2025), 0)], true));
    let settled = |stage, cents| under("FTU", sum(cents, Some(2025), stage));
    let own = record("region", "r", vec![settled(Stage::Attribue, 40_000), settled(Stage::Solde, 50_000)]);
    assert!(told(vec![own, signed(60_000, (2025, 6))]).1, "the overrun is not hidden by a row of the list");
    let reduced = record("region", "r", vec![settled(Stage::Attribue, 40_000), settled(Stage::Engage, 38_000)]);
    assert_eq!(told(vec![reduced, signed(38_000, (2025, 6))]), (vec![(Some(2025), 38_000)], false));
}

#[test]
fn a_list_that_slices_a_vote_or_adds_up_several_counts_nothing_of_its_own() {
    let slices: Vec<RecordVersion> = [2025, 2026, 2027].map(|year| signed(30_000, (year, 5))).into();
    let found = told([voted(2025, 90_000)].into_iter().chain(slices).collect());
    assert_eq!(found, (vec![(Some(2025), 90_000)], true));
    let halves = vec![voted(2025, 90_000), signed(45_000, (2025, 5)), signed(45_000, (2026, 5))];
    assert_eq!(told(halves), (vec![(Some(2025), 90_000)], true));
    let whole = vec![voted(2025, 40_000), voted(2026, 40_000), signed(80_000, (2024, 12))];
    assert_eq!(told(whole), (vec![(Some(2025), 40_000), (Some(2026), 40_000)], true));
    let other = vec![voted(2025, 40_000), signed(40_000, (2025, 5)), signed(7_000, (2026, 5))];
    assert_eq!(
        told(other),
        (vec![(Some(2025), 40_000), (Some(2026), 7_000)], false),
        "a grant that nothing contradicts"
    );
}

#[test]
fn a_vote_that_the_list_signs_the_year_before_its_settlement_counts_once() {
    let settled = |year, cents| {
        let one = under("FTU", sum(cents, Some(year), Stage::Solde));
        record("region", &format!("s{year}"), vec![one])
    };
    let beside = |year, cents| told(vec![settled(year, cents), signed(40_000, (2025, 11))]);
    assert_eq!(beside(2026, 36_000), (vec![(Some(2026), 36_000)], true));
    assert_eq!(beside(2026, 44_000), (vec![(Some(2025), 40_000), (Some(2026), 44_000)], false), "more than the vote");
    assert_eq!(beside(2028, 36_000).0.len(), 2, "no vote of the year before");
    let own = told(vec![settled(2026, 36_000), voted(2026, 36_000), signed(40_000, (2025, 11))]);
    assert_eq!(own.0.len(), 2, "it has its own vote");
}

#[test]
fn a_scheme_that_nobody_knows_is_not_taken_for_one_that_is_known() {
    let named = |name: &str, one: StatementFacts| StatementFacts { scheme: Some(name.into()), ..one };
    let row = |name: &str, cents| {
        let row = StatementFacts { nature: None, ..sum(cents, Some(2025), Stage::Engage) };
        record("region-list", name, vec![named(name, row)])
    };
    let beside = |other: RecordVersion| told(vec![voted(2025, 40_000), other]);
    assert_eq!(beside(row("AIDE EXCEPTIONNELLE 4B", 37_000)), (vec![(Some(2025), 40_000)], true), "one or two");
    assert_eq!(beside(row("FONDS DE TRAVAUX", 40_000)), (vec![(Some(2025), 40_000)], false), "the same to the cent");
    let later = StatementFacts { nature: None, ..sum(40_000, Some(2026), Stage::Engage) };
    let later = record("region-list", "later", vec![named("SOUTIEN AUX CENTRES SOCIAUX", later)]);
    assert!(beside(later).1, "but not of another year");
    let two = told(vec![row("AIDE A", 37_000), row("AIDE B", 25_000)]);
    assert_eq!(two, (vec![(Some(2025), 25_000), (Some(2025), 37_000)], false), "two rows of one list are two sums");
    let line = record("application", "a", vec![named("FONDS VERT", asked(REGION, 19_200))]);
    assert_eq!(beside(line), (vec![(Some(2025), 40_000)], true), "and what is asked under it has no answer");
}
