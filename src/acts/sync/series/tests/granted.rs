//! What is granted, weighed by itself.

use super::super::granted::movement;
use super::*;

#[test]
fn what_is_granted_is_weighed_by_itself_and_votes_that_follow_requests_move_nothing() {
    use Stage::{Attribue, Engage, Propose, Refuse, Sollicite, Verse};
    let said = |sums: &[(Option<Stage>, i64)]| {
        let mut said = Said::within("2025");
        sums.iter().for_each(|(stage, cents)| said.sum(*stage, Some(Cents::new(*cents)), false));
        said
    };
    let of = |was: &[(Stage, i64)], is: &[(Option<Stage>, i64)]| {
        let was: Vec<_> = was.iter().map(|(stage, cents)| (Some(*stage), *cents)).collect();
        movement(&said(&was), &said(is), Voice::All)
    };
    let voted = [(Sollicite, 130), (Attribue, 100)];
    assert_eq!(of(&voted, &[(Some(Sollicite), 130), (Some(Attribue), 200)]), 100, "the vote alone");
    assert_eq!(of(&voted, &[(Some(Sollicite), 130)]), -100, "it is empty now");
    assert_eq!(of(&voted, &[(Some(Sollicite), 230)]), -100, "it is only asked");
    assert_eq!(of(&voted, &[(Some(Sollicite), 130), (Some(Refuse), 100)]), -100);
    assert_eq!(of(&voted, &[(Some(Sollicite), 130), (Some(Engage), 90)]), 0, "it goes on");
    assert_eq!(of(&voted, &[(Some(Sollicite), 130), (Some(Attribue), 100), (Some(Engage), 90)]), 0);
    assert_eq!(of(&voted, &[(Some(Verse), 40)]), 0, "paid in part, and told by that alone");
    assert_eq!(of(&voted, &[(Some(Sollicite), 130), (None, 100)]), 0, "that it says no stage is told by itself");
    assert_eq!(of(&[(Sollicite, 130)], &[(Some(Sollicite), 130), (Some(Attribue), 100)]), 0, "a vote appears");
    assert_eq!(of(&[(Propose, 60), (Attribue, 40)], &[(Some(Attribue), 95)]), 0, "another line of the plan is voted");
    let beside = [(Some(Sollicite), 130), (Some(Attribue), 100), (Some(Attribue), 70)];
    assert_eq!(of(&voted, &beside), 0, "another line is voted, and what was asked still stands beside it");
    assert_eq!(of(&[(Attribue, 40), (Engage, 60)], &[(Some(Engage), 100)]), 0, "one line of two went on");
}

/// Projects of which each asks for a sum, of which about three quarters were voted, and what is voted now.
fn voted(turned: impl Fn(StatementFacts) -> StatementFacts, reported: i64) -> Vec<(SourceFindingKind, bool)> {
    let speaks_for: Vec<Scope> = vec![serde_json::from_str(r#"{"funder": "siren:200053742"}"#).expect("a scope")];
    let state = OrganisationId::parse("financeur:etat-59").expect("sound");
    let (mut before, mut now) = (Before::default(), Series::keyed_by(["id".to_owned()].into_iter(), &speaks_for));
    for (rank, title, cents) in different(40) {
        let asked = StatementFacts { stage: Some(Stage::Sollicite), ..statement(cents * 13 / 10) };
        let vote = StatementFacts { stage: Some(Stage::Attribue), ..statement(cents) };
        let others =
            StatementFacts { stage: Some(Stage::Attribue), funder: state.clone(), ..statement(cents * reported) };
        let mut stated = vec![asked.clone(), vote.clone()];
        stated.extend((reported > 0).then(|| others.clone()));
        let part = before.partitions.entry("2025".into()).or_default();
        for one in &stated {
            let (amount, own) = (one.amount.expect("one"), one.funder != state);
            part.add(amount, own);
            if one.stage == Some(Stage::Attribue) {
                part.stage(Some(Stage::Attribue), amount, own);
            }
        }
        before.changed.insert(key(rank), Said::of("2025", &stated, &speaks_for));
        stated[1] = turned(vote);
        now.meet(&Node::Object(vec![("titre".into(), Node::text(title))]), "2025", (&stated, None));
        now.know("2025");
        now.changed(&key(rank), "2025", &stated);
    }
    told(&before, &now)
}

#[test]
fn votes_that_move_beside_requests_that_do_not_hold_the_run() {
    let scaled = |percent: i64| {
        move |one: StatementFacts| {
            let amount = one.amount.map(|amount| Cents::new(amount.get() * percent / 100));
            StatementFacts { amount, ..one }
        }
    };
    let held = [(SourceFindingKind::TotalMoved, true)];
    for reported in [0, 9] {
        assert_eq!(voted(scaled(200), reported), held, "doubled");
        assert_eq!(voted(scaled(3), reported), held, "divided");
        assert_eq!(voted(|one| StatementFacts { amount: None, ..one }, reported), held, "emptied");
        let asked = voted(|one| StatementFacts { stage: Some(Stage::Sollicite), ..one }, reported);
        assert_eq!(asked, held, "only asked");
        assert_eq!(voted(scaled(140), reported), [(SourceFindingKind::TotalMoved, false)]);
        assert!(voted(scaled(110), reported).is_empty());
        assert!(voted(|one| StatementFacts { stage: Some(Stage::Engage), ..scaled(70)(one) }, reported).is_empty());
    }
}

/// Forty projects of a year, each with what it asks and what is voted, beside those of the year before.
fn beside(was: &str, now: impl Fn(i64) -> (i64, i64)) -> Vec<(SourceFindingKind, bool)> {
    let (mut before, mut series) = (Before::default(), read(&[]));
    let stated = |asked: i64, voted: i64| {
        let of = |stage, cents| StatementFacts { stage: Some(stage), ..statement(cents) };
        [of(Stage::Sollicite, asked), of(Stage::Attribue, voted)]
    };
    for (rank, title, cents) in different(40) {
        let (part, says) = (before.partitions.entry(was.into()).or_default(), stated(cents * 13 / 10, cents));
        for one in &says {
            let amount = one.amount.expect("one");
            part.add(amount, false);
            part.stage(one.stage, amount, false);
        }
        let (asked, voted) = now(cents);
        let is = stated(asked, voted);
        series.meet(&Node::Object(vec![("titre".into(), Node::text(title))]), "2025", (&is, None));
        if was == "2025" {
            *before.records.entry(was.into()).or_default() += 1;
            before.changed.insert(key(rank), Said::of(was, &says, &[]));
            series.know(was);
            series.changed(&key(rank), was, &is);
        } else {
            series.add(&is);
        }
    }
    told(&before, &series)
}

#[test]
fn one_column_of_amounts_in_another_form_is_seen_beside_the_others() {
    let constant = |held| (SourceFindingKind::AmountConstant, held);
    assert!(beside("2024", |cents| (cents * 13 / 10, cents)).is_empty());
    assert_eq!(beside("2024", |cents| (cents * 13 / 10, 7_164)), [constant(true)], "votes of a new year");
    assert_eq!(beside("2024", |cents| (7_164, cents)), [constant(false)], "all may ask the same");
    let thousands = beside("2024", |cents| (cents * 13 / 10, cents * 1_000));
    assert_eq!(thousands, [(SourceFindingKind::AmountsScaled, false)]);
}

#[test]
fn grants_that_come_to_exceed_what_is_asked_are_told() {
    let exceeding = [(SourceFindingKind::TotalMoved, false)];
    assert_eq!(beside("2025", |cents| (cents, cents * 13 / 10)), exceeding, "two columns exchanged");
    assert!(beside("2025", |cents| (cents * 13 / 10, cents * 12 / 10)).is_empty(), "amendments");
}
