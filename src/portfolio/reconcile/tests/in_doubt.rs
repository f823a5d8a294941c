//! What a funder's words leave open: a refusal in part, what it gave up, a payment of another request, one grant in two systems.

use super::later::{KNOWN, NOTHING, OPEN, dossier, line, list, named, on, system};
use super::*;
use crate::domain::record::RecordVersion;

fn refused(cents: i64) -> StatementFacts {
    at_stage(Stage::Refuse, cents)
}

fn given_up(cents: i64) -> StatementFacts {
    at_stage(Stage::Abandonne, cents)
}

fn paid(cents: i64) -> StatementFacts {
    at_stage(Stage::Verse, cents)
}

fn of_year(year: u16, one: StatementFacts) -> StatementFacts {
    StatementFacts { year: Some(year), ..one }
}

/// Another record of the Region's system.
fn other(statements: Vec<StatementFacts>) -> RecordVersion {
    record("region", "s", statements)
}

#[test]
fn a_refusal_in_part_leaves_the_vote_whatever_reference_both_bear() {
    let said = |cents| vec![named("G", on(3, vote(20_000))), named("G", on(4, refused(cents)))];
    let asked = || dossier(vec![named("G", request(25_000))]);
    assert_eq!(line(vec![system(said(5_000)), asked()]), (KNOWN, Some(20_000)), "what the vote leaves");
    assert_eq!(line(vec![system(said(5_000)), list(said(5_000)), asked()]), (KNOWN, Some(20_000)), "two systems");
    assert_eq!(line(vec![system(said(7_000)), asked()]), (OPEN, Some(20_000)), "of another amount");
    assert_eq!(line(vec![system(said(7_000)), list(said(7_000)), asked()]), (OPEN, Some(20_000)));
    assert_eq!(line(vec![system(said(7_000)), list(said(7_000))]), (OPEN, Some(20_000)));
    assert_eq!(line(vec![system(said(20_000)), list(said(20_000))]), NOTHING, "the vote itself");
}

#[test]
fn a_refusal_that_may_be_of_the_vote_as_well_as_of_another_part_ends_nothing() {
    let course = |rows: Vec<StatementFacts>| line(vec![system([vec![on(2, request(50_000))], rows].concat())]);
    let half = || vec![on(3, vote(25_000)), on(5, refused(25_000))];
    assert_eq!(course(half()), (OPEN, Some(25_000)), "the vote, or what it leaves");
    assert_eq!(line(vec![system(half()), dossier(vec![request(50_000)])]), (OPEN, Some(25_000)));
    let engaged = vec![on(3, vote(30_000)), on(4, at_stage(Stage::Engage, 25_000)), on(5, refused(25_000))];
    assert_eq!(course(engaged), (OPEN, Some(25_000)));
    assert_eq!(course(vec![on(3, vote(30_000)), on(5, refused(50_000))]), (OPEN, Some(30_000)), "answered already");
    assert_eq!(course(vec![on(3, refused(50_000)), on(5, vote(30_000))]), (KNOWN, Some(30_000)), "voted in the end");
    assert_eq!(course(vec![on(3, vote(50_000)), on(5, refused(50_000))]), NOTHING);
    assert_eq!(line(vec![system(vec![on(3, vote(30_000)), on(5, refused(30_000))])]), NOTHING);
}

#[test]
fn a_payment_of_one_request_leaves_the_other_one_asked() {
    let asked = || dossier(vec![named("G1", request(40_000)), named("G2", request(80_000))]);
    let paid = || named("G2", paid(24_000));
    assert_eq!(line(vec![system(vec![vote(48_000)]), asked()]).0, OPEN);
    assert_eq!(line(vec![system(vec![named("G2", vote(48_000))]), asked()]).0, OPEN);
    assert_eq!(line(vec![system(vec![vote(48_000), paid()]), asked()]).0, OPEN, "it names the vote");
    assert_eq!(line(vec![system(vec![vote(48_000)]), other(vec![paid()]), asked()]).0, OPEN);
    let schemes = dossier(vec![under("PIC", request(40_000)), under("NQE", request(80_000))]);
    let by_scheme = under("NQE", at_stage(Stage::Verse, 24_000));
    assert_eq!(line(vec![system(vec![vote(48_000), by_scheme]), schemes]).0, OPEN, "or its scheme");
    let only = dossier(vec![named("G2", request(80_000))]);
    assert_eq!(line(vec![system(vec![vote(48_000), paid()]), only]), (KNOWN, Some(48_000)));
}

#[test]
fn a_sum_of_the_amount_that_its_funder_gave_up_apart_is_in_doubt() {
    let asked = || dossier(vec![named("G1", request(25_000)), named("G2", request(25_000))]);
    let both = vec![on(3, vote(15_000)), named("G2", on(5, given_up(15_000)))];
    assert_eq!(line(vec![system(both.clone()), asked()]).0, OPEN, "of one of two requests");
    let elsewhere = vec![system(vec![on(3, vote(15_000))]), list(vec![named("G2", on(5, given_up(15_000)))]), asked()];
    assert_eq!(line(elsewhere).0, OPEN, "in another system");
    let years = vec![
        system(vec![on(6, vote(30_000)), of_year(2023, on(7, given_up(30_000)))]),
        other(vec![of_year(2022, at_stage(Stage::Engage, 20_000))]),
        dossier(vec![on(2, request(50_000)), request(20_000)]),
    ];
    assert_eq!(line(years).0, OPEN, "under its year");
    let schemes = vec![
        system(vec![under("PIC", at_stage(Stage::Engage, 36_000)), given_up(36_000)]),
        other(vec![under("NQE", refused(20_000))]),
        dossier(vec![named("G1", request(60_000)), named("G2", request(20_000))]),
    ];
    assert_eq!(line(schemes).0, OPEN, "under its scheme");
    let voted_anew = vec![
        system(vec![on(7, vote(15_000)), named("G2", on(5, given_up(15_000)))]),
        dossier(vec![named("G2", request(25_000)), named("G1", request(15_000))]),
    ];
    assert_eq!(line(voted_anew).0, KNOWN, "before the vote");
}

#[test]
fn one_grant_in_two_systems_answers_one_request() {
    let of = |cents| of_year(2023, vote(cents));
    let own = |listed: StatementFacts| {
        let other = other(vec![of_year(2023, request(20_000)), of(20_000)]);
        line(vec![system(vec![request(50_000)]), other, list(vec![listed])]).0
    };
    assert_eq!(own(vote(20_000)), OPEN, "asked in its own system");
    assert_eq!(own(on(6, vote(20_000))), OPEN, "on its day");
    let plan = || dossier(vec![of_year(2023, request(30_000)), request(40_000)]);
    let both = |listed: StatementFacts| line(vec![system(vec![of(24_000)]), list(vec![listed]), plan()]).0;
    assert_eq!(both(vote(24_000)), OPEN, "asked in a plan");
    assert_eq!(both(on(6, vote(24_000))), OPEN, "on its day");
    let named_plan = dossier(vec![named("G1", request(30_000)), request(40_000)]);
    let by_name = vec![system(vec![named("G1", vote(24_000))]), list(vec![vote(24_000)]), named_plan];
    assert_eq!(line(by_name).0, OPEN, "by a reference");
    let scheme_plan = dossier(vec![under("PIC", request(30_000)), request(40_000)]);
    let by_scheme = vec![system(vec![under("PIC", vote(24_000))]), list(vec![vote(24_000)]), scheme_plan];
    assert_eq!(line(by_scheme).0, OPEN, "by a scheme");
    let two = |cents, listed: StatementFacts| line(vec![system(vec![of(cents)]), list(vec![listed]), plan()]);
    assert_eq!(two(24_000, vote(35_000)), (KNOWN, Some(59_000)), "another amount");
    let alone = vec![system(vec![of(24_000)]), list(vec![vote(24_000)]), dossier(vec![request(40_000)])];
    assert_eq!(line(alone), (KNOWN, Some(24_000)), "one request");
}

#[test]
fn a_payment_before_the_grant_was_asked_and_voted_may_be_of_another_one() {
    let grant = || vec![on(3, request(50_000)), on(6, vote(30_000))];
    assert_eq!(line(vec![system(vec![on(2, paid(12_000))]), other(grant())]).0, OPEN);
    assert_eq!(line(vec![system(vec![on(8, paid(12_000))]), other(grant())]), (KNOWN, Some(30_000)));
    assert_eq!(line(vec![system([grant(), vec![on(2, paid(12_000))]].concat())]), (KNOWN, Some(30_000)), "one record");
}

#[test]
fn one_vote_in_two_systems_is_not_two_because_two_requests_stand_beside_it() {
    let pic = |one| under("PIC", one);
    let own = |year| {
        let voted = if year { of_year(2025, vote(1_500)) } else { vote(1_500) };
        system(vec![pic(of_year(2025, request(1_500))), voted])
    };
    let listed = |cents| list(vec![named("C-7", pic(vote(cents)))]);
    let plan = || dossier(vec![request(2_500), of_year(2025, request(1_500))]);
    let counted = |records: Vec<RecordVersion>| -> Vec<i64> {
        let portfolio = portfolio(records);
        commitments(&portfolio).iter().filter(|one| one.counts()).filter_map(|one| one.amount).map(Cents::get).collect()
    };
    let told = |records: Vec<RecordVersion>| (line(records.clone()).0, counted(records));
    assert_eq!(told(vec![own(true), listed(1_500), plan()]), (OPEN, vec![1_500]), "the very amount");
    let same = || dossier(vec![request(1_500), of_year(2025, request(1_500))]);
    assert_eq!(told(vec![own(true), listed(1_500), same()]).0, OPEN);
    assert_eq!(told(vec![own(true), listed(1_500)]), (KNOWN, vec![1_500]), "seen in two systems");
    let proposed = system(vec![pic(of_year(2025, request(1_500))), of_year(2025, at_stage(Stage::Propose, 1_500))]);
    assert_eq!(told(vec![proposed, listed(1_500), plan()]).0, OPEN, "proposed in the one, voted in the other");
    let both = list(vec![named("C-6", pic(of_year(2025, vote(1_500)))), named("C-7", pic(vote(1_500)))]);
    assert_eq!(told(vec![own(true), both, plan()]).1.len(), 2, "the list itself states two");
    assert_eq!(told(vec![own(true), listed(2_500), plan()]).0, KNOWN, "another amount");
    let years = dossier(vec![of_year(2024, request(2_500)), of_year(2025, request(1_500))]);
    let of_its_signing = list(vec![named("C-7", pic(of_year(2024, vote(1_500))))]);
    assert_eq!(told(vec![own(true), of_its_signing, years]).0, OPEN, "the year of a list may be that of its signing");
    let two = other(vec![pic(of_year(2024, vote(1_500)))]);
    let years = || dossier(vec![of_year(2024, request(2_500)), of_year(2025, request(1_500))]);
    assert_eq!(told(vec![own(true), two, years()]), (KNOWN, vec![1_500, 1_500]), "one system states two years");
}

#[test]
fn a_refusal_of_the_amount_of_the_vote_may_be_of_what_it_leaves() {
    let said = |rows: Vec<StatementFacts>| line(vec![system([vec![on(2, request(6_000))], rows].concat())]);
    let doubted = |cents| (OPEN, Some(cents));
    let both = || vec![on(3, vote(2_500)), on(5, refused(2_500))];
    assert_eq!(said(both()), doubted(2_500), "asked in its own system");
    assert_eq!(line(vec![system(both()), dossier(vec![request(6_000)])]), doubted(2_500), "in a plan");
    assert_eq!(line(vec![system(both()), dossier(vec![request(3_000), request(3_000)])]).0, OPEN, "in two parts");
    let named_both = both().into_iter().map(|one| named("G", one)).collect();
    assert_eq!(line(vec![system(named_both), dossier(vec![named("G", request(6_000))])]), doubted(2_500));
    assert_eq!(said(vec![on(3, vote(5_000)), on(5, refused(5_000))]), NOTHING, "more than what is left");
    assert_eq!(said(vec![on(5, vote(2_500)), on(3, refused(2_500))]), (KNOWN, Some(2_500)), "voted in the end");
    assert_eq!(said(vec![on(3, vote(2_500)), on(5, refused(3_500))]), (KNOWN, Some(2_500)), "what it leaves");
    let untold = |cents| StatementFacts { amount: None, ..cents };
    assert_eq!(said(vec![on(3, vote(2_500)), on(5, untold(refused(0)))]), doubted(2_500), "of no amount");
    assert_eq!(said(vec![on(3, vote(6_000)), on(5, untold(refused(0)))]), NOTHING, "all was voted");
    let asked = vec![on(2, untold(request(0)))];
    assert_eq!(line(vec![system([asked, both()].concat())]), doubted(2_500), "nobody tells how much was asked");
    assert_eq!(said(vec![on(3, untold(vote(0))), on(5, refused(6_000))]).0, OPEN, "nor how much was voted");
}

#[test]
fn a_vote_of_zero_is_no_word_that_nothing_is_put() {
    let zero = |stage| at_stage(stage, 0);
    for stage in [Stage::Propose, Stage::Attribue, Stage::Engage, Stage::Solde] {
        assert_eq!(line(vec![system(vec![zero(stage)])]), (OPEN, None), "{stage:?}");
    }
    assert_eq!(
        line(vec![system(vec![vote(9_000), zero(Stage::Engage)])]),
        (OPEN, None),
        "not engaged yet, or given up"
    );
    let two = vec![of_year(2023, vote(9_000)), of_year(2024, vote(0))];
    assert_eq!(line(vec![system(two)]), (OPEN, None), "of one year");
    let nothing = StatementFacts { nothing: true, stage: None, amount: None, ..vote(0) };
    assert_eq!(line(vec![system(vec![vote(0)]), other(vec![nothing])]), NOTHING);
    let refused = || vec![on(2, request(5_000)), on(3, vote(0)), on(5, refused(5_000))];
    assert_eq!(line(vec![system(refused())]), NOTHING, "it refused");
    let plan = plan_at(&portfolio(vec![system(vec![vote(0)])]), moment(10));
    assert_eq!(
        (plan.committed.total, plan.means.total.most),
        (Some(Cents::ZERO), None),
        "how much may come nobody knows"
    );
}
