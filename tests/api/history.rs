//! What changed in a project: when, from which source, before and after.

use crate::app::TestApp;
use crate::region::{self, PERSON, SUD};
use passerelle::domain::record::RecordState;
use passerelle::gateway::Gateway;
use passerelle::identity::Role;
use passerelle::ledger::Ledger;
use passerelle::view::{Door, HistoryKind, PlanSecret};
use serde_json::{Value, json};
use std::sync::Arc;

const HISTORY: &str = "history(first: 50) { totalCount nodes { version at kind author source { id } record { key } projects
    reason withheld fields { field before after }
    statements { funder { name } withheld before { stage amount } after { stage amount nature taxBasis year dispositif } } } }";

async fn history(app: &TestApp, project: &str, token: Option<&str>) -> Vec<Value> {
    let answer = app.ask_with(&format!("{{ project(id: \"{project}\") {{ {HISTORY} }} }}"), json!({}), token).await;
    answer.data()["project"]["history"]["nodes"].as_array().expect("changes").clone()
}

fn kinds(changes: &[Value]) -> Vec<&str> {
    changes.iter().filter_map(|change| change["kind"].as_str()).collect()
}

#[tokio::test]
async fn a_record_that_changed_is_told_before_and_after() {
    let app = TestApp::start().await;
    let changes = history(&app, SUD, Some(&app.auditor())).await;
    assert_eq!(kinds(&changes), ["RECORD_CHANGED", "RECORD_APPEARED", "RECORD_APPEARED"]);
    let contracted = &changes[0];
    assert_eq!(contracted["version"], 4);
    assert_eq!(contracted["at"], "2026-03-06T08:00:00Z");
    assert_eq!((&contracted["author"], &contracted["source"]["id"]), (&json!("SOURCE"), &json!("region")));
    assert_eq!(contracted["record"], json!({"key": "r1"}));
    assert_eq!(
        contracted["statements"],
        json!([{"funder": {"name": "Région Hauts-de-France"}, "withheld": false,
            "before": {"stage": "ATTRIBUE", "amount": "200000.00"},
            "after": {"stage": "ENGAGE", "amount": "200000.00", "nature": "INVESTISSEMENT", "taxBasis": "HT",
                "year": 2026, "dispositif": "FTU"}}])
    );
    assert_eq!(contracted["fields"], json!([]));
    let applied = &changes[1];
    assert_eq!((&applied["version"], &applied["source"]["id"]), (&json!(3), &json!("dossiers")));
    assert_eq!(applied["statements"].as_array().map(Vec::len), Some(2));
    assert!(applied["statements"][0]["before"].is_null(), "it appeared");
    assert_eq!(applied["fields"][0], json!({"field": "title", "before": null, "after": "Square Trulin"}));
    assert_eq!(changes[2]["version"], 2);
}

#[tokio::test]
async fn the_past_tells_nothing_later_and_pages_follow_each_other() {
    let app = TestApp::start().await;
    let asked = format!(
        "{{ asOf(version: 3) {{ project(id: \"{SUD}\") {{ history {{ totalCount nodes {{ version }} }} }} }} }}"
    );
    let then = app.ask(&asked).await;
    let then = &then.data()["asOf"]["project"]["history"];
    assert_eq!(*then, json!({"totalCount": 2, "nodes": [{"version": 3}, {"version": 2}]}));

    let mut after = Value::Null;
    let mut met = Vec::new();
    loop {
        let document = format!(
            "query($after: String) {{ project(id: \"{SUD}\") {{ history(first: 1, after: $after) {{ totalCount
                nodes {{ version }} pageInfo {{ hasNextPage endCursor }} }} }} }}"
        );
        let answer = app.see(&document, json!({"after": after})).await;
        let page = answer.data()["project"]["history"].clone();
        met.extend(page["nodes"].as_array().expect("one").iter().map(|node| node["version"].clone()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
    }
    assert_eq!(met, [json!(4), json!(3), json!(2)]);
    let dear = format!(
        "{{ {} }}",
        (0..50).map(|at| format!("a{at}: project(id: \"{SUD}\") {{ history {{ totalCount }} }} ")).collect::<String>()
    );
    assert_eq!(app.ask(&dear).await.code(), "LIMIT_EXCEEDED");
}

#[tokio::test]
async fn a_link_and_a_separation_stand_in_both_histories_and_records_count_while_they_stood_there() {
    let app = TestApp::start().await;
    let region = app.token(Role::Region);
    let link = "mutation($projects: [ID!]!) { linkProjects(projects: $projects, reason: \"Même square\") { id } }";
    app.ask_with(link, json!({"projects": [PERSON, SUD]}), Some(&region)).await.data();
    let together = history(&app, SUD, Some(&region)).await;
    assert_eq!(
        kinds(&together),
        ["LINKED", "RECORD_CHANGED", "RECORD_APPEARED", "RECORD_APPEARED", "RECORD_APPEARED"],
        "what the other one's record did before counts too: it is one project"
    );
    let linked = &together[0];
    assert_eq!((&linked["author"], &linked["source"]), (&json!("PERSON"), &Value::Null));
    assert_eq!((&linked["projects"], &linked["reason"]), (&json!([PERSON, SUD]), &json!("Même square")));
    assert_eq!(history(&app, PERSON, Some(&region)).await, together, "the identifier that gave way leads here");
    let partner = app.token_of(Role::Partner, Some("200093201"), &[]);
    let partner = history(&app, SUD, Some(&partner)).await;
    assert_eq!((&partner[0]["reason"], &partner[0]["withheld"]), (&Value::Null, &json!(true)));

    let unlink = "mutation { unlinkRecord(source: \"region\", key: \"r2\", reason: \"Deux\") { id } }";
    app.ask_with(unlink, json!({}), Some(&region)).await.data();
    let apart = history(&app, SUD, Some(&region)).await;
    assert_eq!(
        kinds(&apart),
        ["SEPARATED", "LINKED", "RECORD_CHANGED", "RECORD_APPEARED", "RECORD_APPEARED"],
        "its record did nothing while it stood here"
    );
    assert_eq!((&apart[0]["record"], &apart[0]["source"]), (&json!({"key": "r2"}), &Value::Null));
    let own = history(&app, PERSON, Some(&region)).await;
    assert_eq!(kinds(&own), ["SEPARATED", "LINKED", "RECORD_APPEARED"]);
}

#[tokio::test]
async fn a_record_that_goes_bad_is_closed_and_comes_back_is_told_each_time() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let ledger = Ledger::open_file(&directory.path().join("ledger.sqlite")).await.expect("a ledger");
    region::fill(&ledger).await;
    region::turn(&ledger, "r1", RecordState::Bad, 6).await;
    region::turn(&ledger, "r1", RecordState::Closed, 7).await;
    region::back(&ledger, 8).await;
    let gateway = Arc::new(Gateway::open(ledger).await.expect("a gateway"));
    let door = Door::new(gateway, PlanSecret::from_bytes([1; 32]));
    let reader = door.open(crate::app::everything(), region::now());
    let history = reader.project(SUD).expect("there").history().await.expect("readable").expect("seen");
    let changes = history.page(0..3).await.expect("readable");
    let told: Vec<_> = changes.iter().map(|one| (one.version().0, one.kind(), one.statements().count())).collect();
    assert_eq!(
        told,
        [(7, HistoryKind::RecordReturned, 1), (6, HistoryKind::RecordClosed, 1), (5, HistoryKind::RecordBad, 0),],
        "a record gone bad still says what it said; a closed one says nothing"
    );
    let closed: Vec<_> = changes[1].statements().map(|one| (one.before().is_some(), one.after().is_some())).collect();
    assert_eq!(closed, [(true, false)]);
}

/// What the test below adds: a project of two requests, in no contract, whose identifier gives way to that of the square.
async fn fill(ledger: &Ledger) {
    region::fill(ledger).await;
    let asked = |title: &str, year: u16, amount: &str| {
        json!({"project": {"title": title, "holder": "siren:216205708"},
            "statements": [{"funder": "siren:225900018", "form": "SUBVENTION", "stage": "SOLLICITE", "amount": amount,
                "tax_basis": "HT", "year": year}]})
    };
    let source = json!({"id": "guichet", "family": null, "title": "Guichet", "standing": "publication",
        "speaks_for": [], "max_age_s": 864_000, "vanish_limit_bp": 2_000});
    let records = vec![
        ("x1", Some("p0000000000000009"), asked("Réussite éducative", 2025, "19600.65")),
        ("x2", Some("p0000000000000009"), asked("Square, suite", 2026, "100.00")),
    ];
    region::append(ledger, region::Load { source, day: 6, records, unchanged: 0, rejected: Vec::new() }).await;
}

#[tokio::test]
async fn a_record_taken_out_into_a_project_that_one_does_not_see_takes_its_past_with_it() {
    let app = TestApp::start_over(fill).await;
    let region = app.token(Role::Region);
    let link = "mutation($projects: [ID!]!) { linkProjects(projects: $projects, reason: \"Même square\") { id } }";
    app.ask_with(link, json!({"projects": [SUD, "p0000000000000009"]}), Some(&region)).await.data();
    let open = "query($p: ID!) { project(id: $p) { commitments { id statements { amount } } } }";
    let commitments = app.ask_with(open, json!({"p": SUD}), Some(&region)).await;
    let nodes = commitments.data()["project"]["commitments"].as_array().expect("commitments").clone();
    let of_x1 = nodes.iter().find(|one| one["statements"].to_string().contains("19600.65")).expect("asked");
    let nature =
        "mutation($c: ID!) { stateNature(commitment: $c, nature: INVESTISSEMENT, reason: \"Vu au dossier\") { id } }";
    app.ask_with(nature, json!({"c": of_x1["id"]}), Some(&region)).await.data();
    let partner = app.token_of(Role::Partner, Some("200093201"), &[]);
    let acts = "query($p: ID!) { project(id: $p) { acts { text } } }";
    let told = async |token: &str| {
        let said = app.ask_with(acts, json!({"p": SUD}), Some(token)).await.data()["project"]["acts"].to_string();
        (json!(history(&app, SUD, Some(token)).await).to_string(), said)
    };
    let (changes, said) = told(&partner).await;
    assert!(changes.contains("19600.65") && said.contains("x1"), "while it stands in a project that it sees: {said}");

    let unlink = "mutation { unlinkRecord(source: \"guichet\", key: \"x1\", reason: \"Deux\") { id } }";
    app.ask_with(unlink, json!({}), Some(&region)).await.data();
    let (changes, said) = told(&partner).await;
    for kept in ["19600.65", "Réussite éducative", "\"x1\"", "Vu au dossier"] {
        assert!(!changes.contains(kept) && !said.contains(kept), "{kept}: {changes} {said}");
    }
    let partners = history(&app, SUD, Some(&partner)).await;
    assert_eq!((&partners[0]["kind"], &partners[0]["record"]), (&json!("SEPARATED"), &Value::Null));
    assert_eq!(partners[0]["projects"], json!([]));
    assert!(changes.contains("\"x2\""), "what stays is told: {changes}");
    let (changes, said) = told(&region).await;
    assert!(changes.contains("19600.65") && said.contains("x1"), "who sees all of it: {changes} {said}");
}
