//! A funder's refusal answers the request that it is about, and no other: over GraphQL, from the rows of two systems.

use crate::app::TestApp;
use crate::region::{Load, append};
use passerelle::identity::Role;
use passerelle::ledger::Ledger;
use serde_json::{Value, json};

const METROPOLE: &str = "siren:200093201";
const ASKED: &str = "query($id: ID!) { project(id: $id) {
    fundingPlan { lines { state amount reported } }
    check { ready knowledge findings { rule severity message(lang: EN) } } } }";

fn sum(stage: &str, amount: &str) -> Value {
    json!({"funder": METROPOLE, "nature": "FONCTIONNEMENT", "form": "SUBVENTION", "stage": stage, "amount": amount,
        "tax_basis": "NON_PRECISE", "year": 2026})
}

fn row(title: &str, statement: &Value) -> Value {
    json!({"project": {"title": title}, "statements": [statement],
        "organisations": [{"id": METROPOLE, "name": "Métropole"}]})
}

/// One request refused of two; one decision that an application reports, refused; one request that a refusal answers.
async fn fill(ledger: &Ledger) {
    let project =
        |number: u8| Some(["p0000000000000001", "p0000000000000002", "p0000000000000003"][usize::from(number)]);
    let source = |id: &str, speaks_for: Value| {
        json!({"id": id, "family": "PARTENAIRES", "title": id, "standing": "system-of-record", "speaks_for": speaks_for,
            "max_age_s": 1_728_000, "vanish_limit_bp": 2_000})
    };
    let refused = |key, number, amount| (key, project(number), row("Projet", &sum("REFUSE", amount)));
    let filed = |key, number, (stage, amount)| (key, project(number), row("Projet", &sum(stage, amount)));
    append(
        ledger,
        Load {
            source: source("dossiers", json!([])),
            day: 2,
            records: vec![
                filed("a", 0, ("SOLLICITE", "5000.00")),
                filed("b", 0, ("SOLLICITE", "9000.00")),
                filed("c", 1, ("ATTRIBUE", "9000.00")),
                filed("d", 2, ("SOLLICITE", "5000.00")),
            ],
            unchanged: 0,
            rejected: Vec::new(),
        },
    )
    .await;
    append(
        ledger,
        Load {
            source: source("metropole", json!([{"funder": METROPOLE}])),
            day: 3,
            records: vec![refused("r1", 0, "5000.00"), refused("r2", 1, "9000.00"), refused("r3", 2, "5000.00")],
            unchanged: 0,
            rejected: Vec::new(),
        },
    )
    .await;
}

#[tokio::test]
async fn one_refusal_answers_one_request() {
    let app = TestApp::start_over(fill).await;
    let region = app.token_of(Role::Region, Some("200053742"), &[]);
    let told = async |id: &str| app.ask_with(ASKED, json!({"id": id}), Some(&region)).await.data()["project"].clone();
    let rules = |project: &Value| -> Vec<String> {
        let findings = project["check"]["findings"].as_array().expect("findings");
        findings.iter().map(|one| one["rule"].as_str().expect("a code").to_owned()).collect()
    };
    let two = told("p0000000000000001").await;
    assert_eq!((&two["check"]["ready"], &two["check"]["knowledge"]), (&json!(false), &json!("INCOMPLETE")), "{two:#}");
    assert_eq!(two["fundingPlan"]["lines"], json!([{"state": "REPORTED", "amount": null, "reported": "9000.00"}]));
    assert!(rules(&two).contains(&"MEANS-REPORTED".to_owned()), "{two:#}");
    assert!(two.to_string().contains("it refused another sum"), "{two:#}");

    let reported = told("p0000000000000002").await;
    assert_eq!(reported["fundingPlan"]["lines"][0]["state"], "NOTHING", "the funder's own word is the last");
    assert!(rules(&reported).contains(&"CONTRADICTION-REPORTED".to_owned()), "{reported:#}");

    let one = told("p0000000000000003").await;
    // All is known, and there is nothing: no means are left that the Région could complete by its vote.
    assert_eq!(
        (&one["check"]["ready"], &one["check"]["knowledge"]),
        (&json!(false), &json!("KNOWN_AND_SHARED")),
        "{one:#}"
    );
    assert!(rules(&one).contains(&"MEANS-NONE".to_owned()), "{one:#}");
    assert_eq!(rules(&one).iter().filter(|rule| rule.starts_with("CONTRADICTION")).count(), 0, "{one:#}");
}
