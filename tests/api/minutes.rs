//! Minutes of a committee share no plan of which the ledger knows that it was another one still after the meeting.

use crate::app::{Answer, TestApp};
use crate::region::{self, Load, SUD, day, now};
use chrono::TimeDelta;
use passerelle::clock::Clock;
use passerelle::http::Limits;
use passerelle::identity::Role;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const LILLE: &str = "215903501";
const MEL: &str = "200093201";
const PARTY: &str = "p0000000000000009";

const MINUTES: &str = "mutation($input: MinutesInput!) { recordMinutes(input: $input) { kind } }";

/// What the desk's system says of the party: its total cost, and its statements.
fn said(cost: &str, statements: Value) -> Value {
    json!({"project": {"title": "Fête de quartier", "places": {"quartiers": ["QN05972M"]},
        "budget": {"fonctionnement": cost}}, "statements": statements})
}

fn proposed(amount: &str) -> Value {
    json!({"funder": "siren:200053742", "nature": "FONCTIONNEMENT", "form": "SUBVENTION", "stage": "PROPOSE",
        "amount": amount, "tax_basis": "NON_PRECISE", "year": 2026})
}

/// Minutes of the sixth day, of the plan as it stands on the tenth: what the desk's system said on these days; `None`: the same.
async fn minutes_of(readings: Vec<(i64, Option<Value>)>, held_on: i64) -> Answer {
    let app = TestApp::start_over(async |ledger| {
        region::fill(ledger).await;
        for (day, facts) in readings {
            let source = json!({"id": "desk", "family": "DROIT_COMMUN", "title": "Secrétariat", "standing": "system-of-record",
                "speaks_for": [{"funder": "siren:200053742"}], "max_age_s": 1_728_000, "vanish_limit_bp": 2_000});
            let unchanged = u64::from(facts.is_none());
            let records = facts.map(|facts| ("d1", Some(PARTY), facts)).into_iter().collect();
            region::append(ledger, Load { source, day, records, unchanged, rejected: Vec::new() }).await;
        }
    })
    .await;
    record(&app, PARTY, day(held_on).date_naive().to_string()).await
}

async fn record(app: &TestApp, project: &str, held_on: String) -> Answer {
    let version = format!("{{ project(id: \"{project}\") {{ fundingPlan {{ version }} }} }}");
    let version = app.ask(&version).await.data()["project"]["fundingPlan"]["version"].clone();
    let input = json!({"contrat": "CN05911M", "heldOn": held_on, "reference": "COPIL", "present": [format!("siren:{MEL}")],
        "plans": [{"project": project, "planVersion": version}]});
    let pilot = app.token_of(Role::Partner, Some(MEL), &[]);
    app.ask_with(MINUTES, json!({"input": input}), Some(&pilot)).await
}

#[tokio::test]
async fn a_plan_that_was_read_otherwise_after_the_meeting_was_not_before_it() {
    let first = || Some(said("6000.00", json!([proposed("4000.00")])));
    let changes = [
        ("the total cost", said("9000.00", json!([proposed("4000.00")]))),
        ("Hauts-de-France", said("6000.00", json!([proposed("6500.00")]))),
        ("Hauts-de-France", said("6000.00", json!([proposed("1500.00")]))),
        ("Hauts-de-France", said("6000.00", json!([]))),
    ];
    for (what, changed) in changes {
        let known = minutes_of(vec![(2, first()), (8, None), (9, Some(changed.clone()))], 6).await;
        assert_eq!(known.code(), "CONFLICT", "{changed}");
        let told = known.body["errors"][0]["message"].as_str().expect("a reason");
        assert!(told.contains(what) && told.contains("2026-03-09") && told.contains("2026-03-10"), "{told}");
        let entered = minutes_of(vec![(2, first()), (9, Some(changed.clone()))], 6).await;
        assert_eq!(
            entered.data()["recordMinutes"]["kind"],
            "MINUTES",
            "entered days later, unread in between: {changed}"
        );
        let again = minutes_of(vec![(2, first()), (8, None), (9, Some(changed))], 9).await;
        assert_eq!(again.data()["recordMinutes"]["kind"], "MINUTES", "of the day on which it changed");
    }
}

#[tokio::test]
async fn a_plan_that_was_first_met_after_the_meeting_and_changed_since_was_not_before_it() {
    let first = || Some(said("6000.00", json!([proposed("4000.00")])));
    assert_eq!(minutes_of(vec![(8, first()), (9, None)], 6).await.data()["recordMinutes"]["kind"], "MINUTES");
    for changed in [said("6000.00", json!([proposed("6500.00")])), said("9000.00", json!([proposed("4000.00")]))] {
        let known = minutes_of(vec![(8, first()), (9, Some(changed))], 6).await;
        assert_eq!(known.code(), "CONFLICT");
        let told = known.body["errors"][0]["message"].as_str().expect("a reason");
        assert!(told.contains("2026-03-09") && told.contains("2026-03-10"), "{told}");
    }
}

#[tokio::test]
async fn what_its_funder_dates_on_the_day_was_before_the_meeting_whenever_it_was_entered() {
    let voted = |on: i64| {
        let day = day(on).date_naive().to_string();
        let mut one = proposed("5000.00");
        one.as_object_mut()
            .expect("an object")
            .extend([("stage".to_owned(), json!("ATTRIBUE")), ("decided_on".to_owned(), json!(day))]);
        one
    };
    let first = Some(said("6000.00", json!([proposed("4000.00")])));
    let readings = |cost, on| vec![(2, first.clone()), (8, None), (9, Some(said(cost, json!([voted(on)]))))];
    assert_eq!(minutes_of(readings("6000.00", 6), 6).await.data()["recordMinutes"]["kind"], "MINUTES");
    assert_eq!(minutes_of(readings("6000.00", 7), 6).await.code(), "CONFLICT", "voted after it");
    assert_eq!(minutes_of(readings("7000.00", 6), 6).await.code(), "CONFLICT", "nothing dates the cost");
}

#[tokio::test]
async fn what_was_declared_until_it_was_amended_was_declared_at_the_meeting() {
    let days = Arc::new(AtomicI64::new(0));
    let told = Arc::clone(&days);
    let clock = Clock::told_by(move || now() + TimeDelta::minutes(told.load(Ordering::SeqCst)));
    let app = TestApp::start_timed(Limits::default(), clock).await;
    let lille = app.token_of(Role::Partner, Some(LILLE), &[]);
    let declare = "mutation($input: DeclareCommitmentInput!) { declareCommitment(input: $input) { id } }";
    let input =
        json!({"project": SUD, "nature": "FONCTIONNEMENT", "stage": "PROPOSE", "amount": "1000.00", "year": 2026});
    let declared = app.ask_with(declare, json!({ "input": input }), Some(&lille)).await;
    // Two days later: of a day in between.
    days.store(2 * 24 * 60, Ordering::SeqCst);
    let app = app.at(now() + TimeDelta::days(2));
    let lille = app.token_of(Role::Partner, Some(LILLE), &[]);
    let day_between = (now() + TimeDelta::days(1)).date_naive().to_string();
    assert_eq!(record(&app, SUD, day_between.clone()).await.data()["recordMinutes"]["kind"], "MINUTES");
    let amend =
        "mutation($id: ID!, $input: AmendDeclarationInput!) { amendDeclaration(id: $id, input: $input) { id } }";
    let refused =
        json!({"id": declared.data()["declareCommitment"]["id"], "input": {"stage": "REFUSE", "reason": "Vote"}});
    app.ask_with(amend, refused, Some(&lille)).await.data();
    assert_eq!(record(&app, SUD, day_between).await.code(), "CONFLICT");
    let of_the_day = (now() + TimeDelta::days(2)).date_naive().to_string();
    assert_eq!(record(&app, SUD, of_the_day).await.data()["recordMinutes"]["kind"], "MINUTES");
}
