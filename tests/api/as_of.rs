//! What was known earlier: by version, by instant, and what cannot be asked.

use crate::app::TestApp;
use crate::region::{SUD, day, now};
use passerelle::identity::Role;
use serde_json::json;

const STAGE: &str = "ledger { version } projects { totalCount } project(id: \"p0000000000000001\") {
    records { key } commitments { stage amount } fundingPlan { lines { state readAt } } }
    sources { id age }";

#[tokio::test]
async fn an_earlier_version_answers_as_it_did() {
    let app = TestApp::start().await;
    let answer = app.ask(&format!("{{ asOf(version: 2) {{ {STAGE} }} }}")).await;
    let then = &answer.data()["asOf"];
    assert_eq!(then["ledger"]["version"], json!(2));
    assert_eq!(then["project"]["records"], json!([{"key": "r1"}]));
    assert_eq!(then["project"]["commitments"][0], json!({"stage": "ATTRIBUE", "amount": "200000.00"}));
    // Ages are those of then: the source was read at that very instant.
    let region = then["sources"].as_array().and_then(|sources| sources.iter().find(|one| one["id"] == "region"));
    assert_eq!(region.map(|source| &source["age"]), Some(&json!(0)));
    assert_eq!(answer.body["extensions"]["ledgerVersion"], json!(4), "the operation itself reads the newest version");
}

#[tokio::test]
async fn an_instant_is_the_last_version_by_then() {
    let app = TestApp::start().await;
    for (instant, version) in [(day(2), 2), (day(4), 3), (day(5), 4), (now(), 4)] {
        let document = "query($at: DateTime!) { asOf(instant: $at) { ledger { version } } }";
        let answer = app.ask_with(document, json!({"at": instant.to_rfc3339()}), None).await;
        assert_eq!(answer.data()["asOf"]["ledger"]["version"], json!(version), "{instant}");
    }
    let nested =
        app.ask("{ asOf(version: 3) { asOf(version: 1) { ledger { version } projects { totalCount } } } }").await;
    assert_eq!(nested.data()["asOf"]["asOf"], json!({"ledger": {"version": 1}, "projects": {"totalCount": 0}}));
}

#[tokio::test]
async fn what_cannot_be_known_is_an_error() {
    let app = TestApp::start().await;
    for (arguments, code) in [
        ("version: 5", "NOT_FOUND"),
        ("version: 0", "NOT_FOUND"),
        ("version: -1", "BAD_INPUT"),
        ("instant: \"2020-01-01T00:00:00Z\"", "NOT_FOUND"),
        ("instant: \"2199-01-01T00:00:00Z\"", "BAD_INPUT"),
        ("instant: \"yesterday\"", "BAD_INPUT"),
        ("version: 1, instant: \"2026-03-02T00:00:00Z\"", "BAD_INPUT"),
        ("version: null", "BAD_INPUT"),
    ] {
        let answer = app.ask(&format!("{{ asOf({arguments}) {{ ledger {{ version }} }} }}")).await;
        assert_eq!(answer.code(), code, "{arguments}: {:#}", answer.body);
    }
    // Each earlier picture may have to be built: a document may not ask for very many.
    let many = (1..=12).map(|at| format!("a{at}: asOf(version: 1) {{ ledger {{ version }} }} ")).collect::<String>();
    assert_eq!(app.ask(&format!("{{ {many} }}")).await.code(), "LIMIT_EXCEEDED");
    // A version later than the one read above it is unknown there, though it exists today.
    let answer = app.ask("{ asOf(version: 1) { asOf(version: 2) { ledger { version } } } }").await;
    assert_eq!(answer.code(), "NOT_FOUND");
}

#[tokio::test]
async fn a_raw_record_is_that_of_the_version() {
    let app = TestApp::start().await;
    let token = app.auditor();
    let document = format!(
        "{{ now: project(id: \"{SUD}\") {{ records {{ key raw }} }}
            then: asOf(version: 3) {{ project(id: \"{SUD}\") {{ records {{ key raw }} }} }} }}"
    );
    let answer = app.ask_with(&document, json!({}), Some(&token)).await;
    assert_eq!(
        answer.data()["now"]["records"][0],
        json!({"key": "r1", "raw": {"dossier": "r1", "jour": 5, "brut": "brut-r1"}})
    );
    assert_eq!(
        answer.data()["then"]["project"]["records"][0],
        json!({"key": "r1", "raw": {"dossier": "r1", "jour": 2, "brut": "brut-r1"}})
    );
}

/// Whoever does not see the raw form is told that it changed, by a digest with which nothing can be tried.
#[tokio::test]
async fn the_hash_of_a_record_is_keyed_for_whoever_does_not_see_its_raw_form() {
    let app = TestApp::start().await;
    let records = "projects { nodes { records { key hash raw } } }";
    let document = format!("{{ now: {records} then: asOf(version: 3) {{ {records} }} }}");
    let read = async |token: String| {
        let answer = app.ask_with(&document, json!({}), Some(&token)).await;
        let all = |data: &serde_json::Value| -> std::collections::BTreeMap<String, (Option<String>, bool)> {
            let nodes = data["nodes"].as_array().expect("projects").clone();
            let records = nodes.iter().flat_map(|node| node["records"].as_array().expect("records").clone());
            let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
            records.map(|one| (text(&one["key"]).expect("a key"), (text(&one["hash"]), one["raw"].is_null()))).collect()
        };
        (all(&answer.data()["now"]), all(&answer.data()["then"]["projects"]))
    };
    let (whole, whole_then) = read(app.auditor()).await;
    let (seen, seen_then) = read(app.token(Role::Region)).await;
    let hidden: Vec<_> = seen.iter().filter(|(_, (_, is_hidden))| *is_hidden).collect();
    assert!(!hidden.is_empty() && hidden.len() < seen.len(), "{seen:?}");
    for (key, (hash, is_hidden)) in &seen {
        assert_eq!(hash.as_ref().map(String::len), Some(64), "{key}");
        assert_eq!(*hash != whole[key].0, *is_hidden, "{key}: that of the raw form for who sees it alone");
        let (changed, told) = (whole.get(key) != whole_then.get(key), seen.get(key) != seen_then.get(key));
        assert_eq!(changed, told, "{key}: it changes when the record does");
    }
}

#[tokio::test]
async fn an_earlier_version_is_the_whole_schema_again() {
    let app = TestApp::start().await;
    let answer = app.ask("{ asOf(version: 1) { __typename ledger { __typename } } }").await;
    assert_eq!(answer.data()["asOf"], json!({"__typename": "Query", "ledger": {"__typename": "Ledger"}}));
}
