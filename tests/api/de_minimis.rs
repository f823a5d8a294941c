//! What an association received as de minimis aid: known, at most, and for whom.

use crate::app::TestApp;
use crate::region::{Load, append};
use passerelle::identity::Role;
use passerelle::ledger::Ledger;
use serde_json::{Value, json};

const ASSOCIATION: &str = "783707003";
const REGION: &str = "200053742";
const MEL: &str = "200093201";

async fn fill(ledger: &Ledger) {
    let aid = |title: &str, (funder, amount): (&str, &str), (day, de_minimis): (&str, Value)| {
        let mut sum = json!({"funder": funder, "nature": "FONCTIONNEMENT", "form": "SUBVENTION", "stage": "ATTRIBUE",
            "amount": amount, "tax_basis": "NON_PRECISE", "decided_on": day});
        if !de_minimis.is_null() {
            sum["de_minimis"] = de_minimis;
        }
        json!({"project": {"title": title, "holder": format!("siren:{ASSOCIATION}")}, "statements": [sum],
            "organisations": [{"id": format!("siren:{ASSOCIATION}"), "name": "Association"}]})
    };
    let region = "siren:200053742";
    append(
        ledger,
        Load {
            source: json!({"id": "region", "family": "DROIT_COMMUN", "title": "Région", "standing": "system-of-record",
                "speaks_for": [{"funder": region}], "max_age_s": 1_728_000, "vanish_limit_bp": 2_000}),
            day: 2,
            records: vec![
                ("a", Some("p0000000000000001"), aid("Un", (region, "200000.00"), ("2025-01-02", json!(true)))),
                ("b", Some("p0000000000000002"), aid("Deux", (region, "150000.50"), ("2025-06-02", json!(true)))),
                ("c", Some("p0000000000000003"), aid("Trois", (region, "7.00"), ("2025-06-02", Value::Null))),
                ("d", Some("p0000000000000004"), aid("Quatre", (region, "90000.00"), ("2025-06-02", json!(false)))),
                ("e", Some("p0000000000000005"), aid("Cinq", (region, "80000.00"), ("2020-06-02", json!(true)))),
            ],
            unchanged: 0,
            rejected: Vec::new(),
        },
    )
    .await;
}

const ASKED: &str = "query($on: Date) { organisation(siren: \"783707003\") { deMinimis(on: $on) {
    after until known atMost ceiling } } project(id: \"p0000000000000001\") { check {
    findings { rule severity message } } } }";

#[tokio::test]
async fn what_is_known_of_it_is_told_to_itself_the_region_and_auditors() {
    let app = TestApp::start_over(fill).await;
    let on = json!({"on": "2026-01-01"});
    let told = json!({"after": "2023-01-01", "until": "2026-01-01", "known": "350000.50", "atMost": "350007.50",
        "ceiling": "300000.00"});
    let region = app.token_of(Role::Region, Some(REGION), &[]);
    for token in [&region, &app.auditor(), &app.token_of(Role::Partner, Some(ASSOCIATION), &[])] {
        let answer = app.ask_with(ASKED, on.clone(), Some(token)).await;
        assert_eq!(answer.data()["organisation"]["deMinimis"], told);
        let findings = answer.data()["project"]["check"]["findings"].as_array().expect("findings");
        let found = findings.iter().find(|one| one["rule"] == "DE-MINIMIS").expect("over the ceiling");
        assert!(found["message"].as_str().expect("a sentence").contains("350\u{202f}000,50"), "{found:#}");
        assert_eq!(found["severity"], "WARNING");
    }
    for token in [None, Some(app.token_of(Role::Partner, Some(MEL), &[]))] {
        let answer = app.ask_with(ASKED, on.clone(), token.as_deref()).await;
        assert_eq!(answer.data()["organisation"]["deMinimis"], Value::Null);
        assert_eq!(answer.data()["project"]["check"], Value::Null);
    }
    let before = app.ask_with(ASKED, json!({"on": "2023-06-30"}), Some(&region)).await;
    let before = &before.data()["organisation"]["deMinimis"];
    assert_eq!(
        (&before["known"], &before["ceiling"]),
        (&json!("0.00"), &json!("200000.00")),
        "nothing after 2020-06-30"
    );
}

/// Whoever does not see all of its projects cannot be told that it stays under the ceiling.
#[tokio::test]
async fn what_is_not_seen_is_not_taken_for_nothing() {
    let app = TestApp::start_over(fill).await;
    let admit = "mutation($p: ID!, $f: ID!) { admitFunder(project: $p, funder: $f, reason: \"comité\") { id } }";
    let region = app.token_of(Role::Region, Some(REGION), &[]);
    let admitted = json!({"p": "p0000000000000001", "f": format!("siren:{MEL}")});
    app.ask_with(admit, admitted, Some(&region)).await.data();
    let answer = app.ask_with(ASKED, json!({}), Some(&app.token_of(Role::Partner, Some(MEL), &[]))).await;
    let findings = answer.data()["project"]["check"]["findings"].as_array().expect("it sees the one project whole");
    let found = findings.iter().find(|one| one["rule"] == "DE-MINIMIS").expect("not known");
    assert!(found["message"].as_str().expect("a sentence").contains("pas visible ici"), "{found:#}");
    assert!(!answer.body.to_string().contains("350"), "{:#}", answer.body);
}
