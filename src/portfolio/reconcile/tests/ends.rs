//! What ends a grant, or follows it, in a year or in an order that hides it; and what no list takes away that only repeats.

use super::apart::{both, day, engaged, files, given_up, of, rows, settled};
use super::later::{KNOWN, named, on};
use super::*;
use crate::domain::record::RecordVersion;

fn in_no_year(one: StatementFacts) -> StatementFacts {
    StatementFacts { year: None, ..one }
}

#[test]
fn a_list_that_repeats_the_vote_without_its_year_makes_no_second_one() {
    let said = |next: StatementFacts| {
        let own = files(&[named("Z", of(2022, vote(40_000))), named("Z", of(2023, next))]);
        both(own, rows("region-list", &[named("Z", on(3, in_no_year(vote(40_000))))]))
    };
    assert_eq!(said(engaged(38_000)), (KNOWN, Some(38_000)));
    assert_eq!(said(engaged(40_000)), (KNOWN, Some(40_000)));
    assert_ne!(said(settled(38_000)), (KNOWN, Some(78_000)));
    assert_ne!(said(given_up(40_000)).0, KNOWN);
}

#[test]
fn of_several_ends_each_is_held_against_what_stands() {
    let dated = |rows: &[(u32, StatementFacts)]| {
        let rows: Vec<StatementFacts> = rows.iter().map(|(at, one)| named("Z", on(*at, one.clone()))).collect();
        both(files(&rows), Vec::new()).0
    };
    let first = [(2, vote(70_000)), (3, given_up(70_000)), (5, engaged(60_000))];
    assert_eq!(dated(&first), KNOWN, "engaged again after it was given up");
    assert_ne!(dated(&[&first[..], &[(8, given_up(60_000))]].concat()), KNOWN, "and given up in the end");
    let refused = at_stage(Stage::Refuse, 70_000);
    assert_ne!(dated(&[(2, given_up(70_000)), (3, vote(70_000)), (8, refused)]), KNOWN);
}

#[test]
fn what_is_written_in_december_of_a_vote_of_next_years_money_is_of_that_vote() {
    let told = |next: StatementFacts| {
        let voted = day("2022-11-11", named("Z", of(2023, vote(40_000))));
        both(files(&[voted, day("2022-12-12", named("Z", of(2022, next)))]), Vec::new())
    };
    assert_eq!(told(engaged(40_000)), (KNOWN, Some(40_000)));
    assert_eq!(told(engaged(38_000)), (KNOWN, Some(38_000)));
    assert_ne!(told(given_up(40_000)).0, KNOWN);
}

#[test]
fn what_a_system_states_under_two_references_is_two_whoever_repeats_one() {
    let own = files(&[named("R1", of(2022, engaged(30_000))), named("R2", on(3, of(2023, vote(30_000))))]);
    let listed = rows("region-list", &[on(3, of(2023, vote(30_000)))]);
    assert_eq!(both(own.clone(), Vec::new()), (KNOWN, Some(60_000)));
    assert_eq!(both(own, listed), (KNOWN, Some(60_000)));
}

#[test]
fn what_a_system_and_its_list_of_payments_settle_counts_once() {
    let own = || files(&[named("Z", of(2023, vote(46_000))), named("Z", of(2023, settled(40_000)))]);
    assert_eq!(both(own(), Vec::new()), (KNOWN, Some(40_000)));
    for again in [named("P-77", of(2023, settled(40_000))), named("P-77", of(2023, settled(39_500)))] {
        assert_ne!(both(own(), rows("payments", &[again])).0, KNOWN);
    }
    assert_eq!(both(own(), rows("payments", &[named("Z", of(2023, settled(40_000)))])), (KNOWN, Some(40_000)));
}

#[test]
fn what_is_proposed_under_the_number_of_a_system_and_listed_as_voted_under_another_counts_once() {
    let own = || files(&[named("R", of(2023, at_stage(Stage::Propose, 30_000)))]);
    let listed = rows("region-list", &[named("L-7", on(3, of(2023, vote(30_000))))]);
    assert_ne!(both(own(), listed), (KNOWN, Some(60_000)));
    let other = rows("region-list", &[named("L-7", on(3, of(2023, vote(20_000))))]);
    assert_eq!(both(own(), other), (KNOWN, Some(50_000)), "another amount");
}

#[test]
fn what_is_given_up_of_one_reference_is_of_its_vote_under_whichever_scheme() {
    let told = |scheme: &str| {
        let given_up = under(scheme, named("Z", of(2023, given_up(40_000))));
        both(files(&[under("FTU", named("Z", of(2023, vote(40_000)))), given_up]), Vec::new()).0
    };
    assert_ne!(told("FTU"), KNOWN);
    assert_ne!(told("NQE"), KNOWN);
}

#[test]
fn what_ends_in_a_form_in_which_nothing_was_granted_may_be_of_what_was_granted_in_another() {
    let loan = |one: StatementFacts| StatementFacts { form: Form::Pret, ..one };
    let told = |ends: &[StatementFacts]| {
        let voted = named("Z", of(2023, vote(40_000)));
        both(files(&[&[voted], ends].concat()), Vec::new())
    };
    for end in [given_up(40_000), given_up(10_000), at_stage(Stage::Refuse, 40_000)] {
        assert_ne!(told(&[loan(named("Z", of(2023, end.clone())))]).0, KNOWN, "{end:?}");
    }
    assert_ne!(told(&[loan(of(2023, given_up(40_000)))]).0, KNOWN, "the very amount tells it without a number");
    assert_ne!(told(&[loan(named("Z", of(2023, settled(38_000))))]).0, KNOWN, "nobody can say which form was settled");
    assert_ne!(told(&[loan(of(2023, settled(38_000)))]).0, KNOWN, "nor without a number: it is no more than the vote");
    assert_ne!(told(&[loan(of(2023, StatementFacts { amount: None, ..given_up(0) }))]).0, KNOWN, "of what else?");
    let both_settled = [named("Z", of(2023, settled(39_000))), loan(of(2023, settled(38_000)))];
    assert_eq!(told(&both_settled), (KNOWN, Some(77_000)), "the grant has its own final figure");
    let one_file = [named("Z", of(2023, settled(39_000))), loan(named("Z", of(2023, settled(38_000))))];
    assert_ne!(told(&one_file).0, KNOWN, "two final figures of one file, of which one was voted");
    let rest = loan(named("Z", of(2023, at_stage(Stage::Refuse, 10_000))));
    assert_eq!(told(&[rest]), (KNOWN, Some(40_000)), "the loan that was asked beside is refused");
    let granted = [loan(named("Z", of(2023, vote(20_000)))), loan(named("Z", of(2023, given_up(20_000))))];
    assert_eq!(told(&granted), (KNOWN, Some(40_000)), "the loan that was granted beside is given up");
    assert_eq!(told(&[loan(named("Y", of(2023, given_up(40_000))))]), (KNOWN, Some(40_000)), "another number");
}

/// In records of the exercice 2023.
fn of_2023(mut records: Vec<RecordVersion>) -> Vec<RecordVersion> {
    records.iter_mut().for_each(|one| one.facts.project.get_or_insert_default().year = Some(2023));
    records
}

#[test]
fn a_sum_of_no_year_beside_a_list_that_states_another_one_is_no_surer_than_one_of_its_exercice() {
    let told = |own: StatementFacts, listed: StatementFacts| {
        both(of_2023(files(&[own])), of_2023(rows("region-list", &[listed])))
    };
    let bare = |one: StatementFacts| in_no_year(StatementFacts { nature: Some(Nature::Fonctionnement), ..one });
    for year in [2022, 2024] {
        let listed = || of(year, bare(vote(30_000)));
        assert_ne!(told(bare(vote(30_000)), listed()).0, KNOWN, "{year}");
        assert_ne!(told(of(2023, bare(vote(30_000))), listed()).0, KNOWN, "{year}, and the exercice is stated");
        assert_ne!(told(bare(at_stage(Stage::Propose, 30_000)), listed()).0, KNOWN, "{year}, proposed");
        assert_eq!(told(bare(vote(30_000)), of(year, bare(vote(20_000)))), (KNOWN, Some(50_000)), "{year}");
    }
    assert_ne!(told(bare(settled(29_000)), of(2022, bare(vote(30_000)))), (KNOWN, Some(59_000)));
    assert_ne!(told(of(2022, bare(vote(30_000))), bare(vote(30_000))).0, KNOWN, "the list states none");
    assert_ne!(told(bare(vote(30_000)), day("2020-11-20", bare(vote(30_000)))).0, KNOWN, "a day tells its years");
    assert_eq!(told(bare(vote(30_000)), bare(vote(30_000))), (KNOWN, Some(30_000)));
    let signed = |on: &str| day(on, of(on[..4].parse().expect("a year"), bare(vote(30_000))));
    assert_ne!(told(bare(vote(30_000)), signed("2022-12-12")).0, KNOWN, "both years are guesses");
    let voted = || day("2023-03-01", of(2023, bare(vote(30_000))));
    assert_ne!(told(voted(), signed("2022-03-01")).0, KNOWN, "nobody signs a year before the vote");
    assert_eq!(told(voted(), signed("2024-01-15")), (KNOWN, Some(30_000)), "the year of its signing");
}

#[test]
fn what_a_list_says_was_signed_long_before_the_vote_is_not_for_certain_of_that_vote() {
    let told = |voted: &str, signed: &str, number: Option<&str>| {
        let said = |on: &str| StatementFacts { reference: number.map(Into::into), ..day(on, in_no_year(vote(30_000))) };
        both(files(&[said(voted)]), rows("region-list", &[said(signed)]))
    };
    assert_ne!(told("2023-03-01", "2022-03-01", None).0, KNOWN, "a year before");
    for signed in ["2023-06-01", "2023-02-15", "2022-11-20", "2024-01-10"] {
        assert_eq!(told("2023-03-01", signed, None), (KNOWN, Some(30_000)), "{signed}");
    }
    assert_eq!(told("2023-03-01", "2022-03-01", Some("Z")), (KNOWN, Some(30_000)), "its number tells it");
    let on_no_day = |signed: &str| {
        let year = signed[..4].parse().expect("a year");
        let run = |one: StatementFacts| StatementFacts { nature: Some(Nature::Fonctionnement), ..one };
        both(files(&[run(of(2023, vote(30_000)))]), rows("region-list", &[day(signed, run(of(year, vote(30_000))))]))
    };
    assert_ne!(on_no_day("2022-03-01").0, KNOWN, "long before the year of a vote of which no day is told");
    assert_eq!(on_no_day("2022-11-20"), (KNOWN, Some(30_000)));
}

#[test]
fn one_decision_that_two_sources_tell_in_two_forms_schemes_or_natures_is_one_sum_in_doubt() {
    let states = |own: StatementFacts, listed: StatementFacts| {
        let records = [files(&[own]), rows("region-list", &[listed])].concat();
        let plan = plan_at(&portfolio(records), moment(10));
        plan.lines.iter().map(|line| line.state).collect::<Vec<_>>()
    };
    let loan = |one: StatementFacts| StatementFacts { form: Form::Pret, ..one };
    let run = |one: StatementFacts| StatementFacts { nature: Some(Nature::Fonctionnement), ..one };
    let built = |one: StatementFacts| StatementFacts { nature: Some(Nature::Investissement), ..one };
    let ties: [fn(StatementFacts) -> StatementFacts; 2] = [|one| named("Z", one), |one| on(3, one)];
    for tie in ties {
        let own = || tie(of(2023, vote(30_000)));
        let others = [loan(own()), under("PRF", own()), built(own())];
        for (listed, own) in others.into_iter().zip([own(), under("MOBILITES", own()), run(own())]) {
            let told = states(own, listed.clone());
            assert!(told.iter().all(|state| *state != KNOWN), "{listed:?}: {told:?}");
        }
    }
    let of_any_year = states(in_no_year(named("Z", vote(30_000))), loan(named("Z", of(2022, vote(30_000)))));
    assert!(
        !of_any_year.contains(&KNOWN),
        "a year that is not stated, or is that of a list, parts nothing: {of_any_year:?}"
    );
    let paid = [loan(named("Z", of(2023, vote(30_000)))), named("Z", at_stage(Stage::Verse, 30_000))];
    let told = both(files(&paid), rows("region-list", &[named("Z", of(2023, vote(30_000)))]));
    assert_ne!(told.0, KNOWN, "what is paid is no second grant");
    let both_told = |listed: &[StatementFacts]| {
        let own = [named("Z", of(2023, vote(30_000))), loan(named("Z", of(2023, vote(30_000))))];
        both(files(&own), rows("region-list", listed))
    };
    assert_eq!(both_told(&[]), (KNOWN, Some(60_000)), "a grant and a loan of one file");
    assert_eq!(both_told(&[loan(named("Z", of(2023, vote(30_000))))]), (KNOWN, Some(60_000)));
    let undated = || of(2023, vote(30_000));
    for listed in [loan(undated()), built(undated()), loan(on(3, undated())), loan(named("Z", undated()))] {
        let told = states(run(undated()), listed.clone());
        let is_near = listed.form == Form::Subvention || listed.nature.is_none();
        assert_eq!(!told.contains(&KNOWN), is_near, "no day tells them apart: {listed:?}: {told:?}");
    }
    let apart = states(run(under("PRF", undated())), built(under("MOBILITES", undated())));
    assert!(apart.contains(&KNOWN), "of two schemes and two natures: {apart:?}");
    let year = |year: u16, month: u32| on(month, named("Z", of(year, vote(30_000))));
    let two_systems = |one: StatementFacts, other: StatementFacts| {
        let mut image = image([files(&[one]), rows("accounts", &[other])].concat());
        image.sources.push(source("accounts", crate::domain::source::Standing::SystemOfRecord, &[REGION]));
        let plan = plan_at(&Portfolio::build(&image), moment(10));
        plan.lines.iter().any(|line| line.state == KNOWN)
    };
    assert!(!two_systems(year(2022, 3), year(2023, 3)), "one number, day and amount in two years");
    assert!(two_systems(year(2022, 3), year(2023, 5)), "tranches of one number");
    let days = states(run(on(3, undated())), built(on(5, undated())));
    assert!(days.contains(&KNOWN), "of two days: {days:?}");
    let other = states(named("Z", of(2023, vote(30_000))), loan(named("Z", of(2023, vote(10_000)))));
    assert_eq!(other, [KNOWN], "another amount of one file");
}
