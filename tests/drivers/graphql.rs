//! The GraphQL driver against a server that pages by cursor, and against those that do not keep to it.

use crate::contract::{Brought, Case, ROWS, hold, limited, read, read_from, rows};
use crate::server::serve;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use axum::routing::post;
use axum::{Json, Router};
use passerelle::connector::driver::settings::{DriverSettings, GraphqlSettings};
use serde_json::{Value, json};

pub fn settings(url: &str) -> DriverSettings {
    let query = "query L($first: Int!, $after: String) { l(first: $first, after: $after) { pageInfo { hasNextPage endCursor } nodes { id } } }";
    let text = format!(
        "url = \"{url}\"\nquery = \"{query}\"\nrecords = \"/data/l\"\nsize-variable = \"first\"\nsize = 400\ntotal = \"/data/l/totalCount\""
    );
    let settings: GraphqlSettings = toml::from_str(&text).expect("settings");
    DriverSettings::Graphql(settings)
}

async fn list(Json(asked): Json<Value>) -> impl IntoResponse {
    assert!(asked["query"].as_str().is_some_and(|query| query.contains("pageInfo")));
    let from = asked["variables"]["after"].as_str().map_or(0, |cursor| cursor[1..].parse().expect("our cursor"));
    let size = usize::try_from(asked["variables"]["first"].as_u64().expect("a size")).expect("small");
    let nodes: Vec<Value> = rows()
        .skip(from)
        .take(size)
        .map(|(id, name, amount)| json!({"id": id.to_string(), "nom": name, "montant": amount}))
        .collect();
    let end = from + nodes.len();
    let page = json!({"hasNextPage": end < ROWS, "endCursor": format!("c{end}")});
    Json(json!({"data": {"l": {"totalCount": ROWS, "nodes": nodes, "pageInfo": page}}}))
}

#[tokio::test]
async fn the_contract_holds() {
    let root = serve(Router::new().route("/graphql", post(list))).await;
    hold(&Case { name: "graphql".to_owned(), settings: settings(&format!("{root}/graphql")), bytes_bounded: true })
        .await;
    let brought = read(&limited(&settings(&format!("{root}/graphql")), |limits| limits.pages_max = 2)).await;
    assert!(!brought.complete());
    assert_eq!(brought.records().len(), 800);
}

/// What is made of a server that always answers so.
async fn answered(answer: &Value) -> Brought {
    let always = |State(answer): State<Value>| async move { Json(answer) };
    let root = serve(Router::new().route("/", post(always)).with_state(answer.clone())).await;
    read(&settings(&root)).await
}

fn list_of(nodes: Value, more: bool, total: u64) -> Value {
    json!({"totalCount": total, "nodes": nodes, "pageInfo": {"hasNextPage": more, "endCursor": "same"}})
}

#[tokio::test]
async fn an_answer_with_errors_is_a_failure_even_beside_data() {
    let list = list_of(json!([{"id": "1"}]), false, 1);
    let brought = answered(&json!({"data": {"l": list}, "errors": [{"message": "droit absent"}]})).await;
    assert!(brought.error().contains("« droit absent »"));
    assert!(brought.records().is_empty(), "partial data is not taken");
}

#[tokio::test]
async fn a_cursor_that_comes_again_ends_the_read() {
    let brought = answered(&json!({"data": {"l": list_of(json!([{"id": "1"}]), true, 9)}})).await;
    assert!(brought.error().contains("endless paging"));
}

#[tokio::test]
async fn a_total_not_reached_and_a_null_record_are_told() {
    let brought = answered(&json!({"data": {"l": list_of(json!([{"id": "1"}, null]), false, 3)}})).await;
    assert!(!brought.complete());
    assert_eq!(brought.faults(), [("null-record", None)]);
}

#[tokio::test]
async fn half_a_document_a_page_for_people_and_a_redirect_are_refused() {
    let half = || async { ([("content-type", "application/json")], "{\"data\":{\"l\":{\"nodes\":[") };
    let page = || async { ([("content-type", "text/html")], "<html>") };
    let router = Router::new()
        .route("/half", post(half))
        .route("/page", post(page))
        .route("/moved", post(|| async { Redirect::to("/half") }));
    let root = serve(router).await;
    for (path, told) in [("half", "cut short"), ("page", "JSON"), ("moved", "redirect")] {
        let error = read(&settings(&format!("{root}/{path}"))).await.error();
        assert!(error.contains(told), "{path}: {error}");
    }
}

#[tokio::test]
async fn files_hold_answers_too() {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, answer) in [
        ("1.json", json!({"data": {"l": list_of(json!([{"id": "1"}]), true, 2)}})),
        ("2.json", json!({"data": {"l": list_of(json!([{"id": "2"}]), false, 2)}})),
    ] {
        std::fs::write(directory.path().join(name), answer.to_string()).expect("written");
    }
    let from = |place: &str| directory.path().join(place).display().to_string();
    let net = crate::contract::net();
    let brought = read_from(&settings("http://x.example/"), &net, Some(&from("*.json"))).await;
    assert!(brought.complete(), "{:?}", brought.end);
    assert_eq!(brought.records().len(), 2);
    assert!(!read_from(&settings("http://x.example/"), &net, Some(&from("1.json"))).await.complete());
}
