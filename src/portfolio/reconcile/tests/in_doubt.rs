//! What a funder's words leave open: a refusal in part, what it gave up, a payment of another request, one grant in two systems.

use super::later::{KNOWN, NOTHING, OPEN, dossier, line, list, named, on, system};
use super::*;
use crate::domain::record::RecordVersion;

fn refused(cents: i64) -> StatementFacts {
    at_stage(Stage::Refuse, cents)
}

fn paid(cents: i64) -> StatementFacts {
    at_stage(Stage::Verse, cents)
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
