//! Single records looked up by key, in REST APIs and GraphQL APIs, well-behaved and not.

use crate::contract::net;
use crate::server::{serve, serve_bytes, serve_then_silence};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use passerelle::connector::driver::{Ask, RawRecord, ReadError, Reading};
use passerelle::connector::{Connector, Looked};
use passerelle::domain::text::RecordKey;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const MAP: &str = r#"
[map]
key = "id"
[map.project]
title = "titre"
[[map.statement]]
funder = { value = "siren:225900018" }
nature = { value = "INVESTISSEMENT" }
form = { value = "SUBVENTION" }
stage = { value = "ATTRIBUE" }
amount = "montant"
"#;
const HEAD: &str = r#"
id = "cas"
family = "PARTENAIRES"
title = "Un cas"
standing = "system-of-record"
[[speaks-for]]
funder = "siren:225900018"
"#;
const QUERY: &str = "query Q($keys: [String!]!) { some(keys: $keys) { id titre montant } }";
const LIST: &str = "query L($after: String) { l(after: $after) { pageInfo { hasNextPage endCursor } nodes { id } } }";

fn by_query(keys_max: u32) -> Connector {
    connector_of(&format!("keys-max = {keys_max}"))
}

fn connector_of(more: &str) -> Connector {
    let driver = format!(
        "[driver]\nkind = \"graphql\"\nurl = \"graphql\"\nquery = \"{LIST}\"\nrecords = \"/data/l\"\nvariables = {{ lang = \"fr\" }}"
    );
    let lookup = format!("[lookup]\nquery = \"{QUERY}\"\nvariable = \"keys\"\nrecords = \"/data/some\"\n{more}");
    Connector::parse("connector.toml", "cas", &format!("{HEAD}\n{driver}\n{lookup}\n{MAP}")).expect("a sound manifest")
}

fn by_url() -> Connector {
    let driver = "[driver]\nkind = \"http-json\"\nurl = \"rows\"\nrecords = \"/rows\"";
    let lookup = "[lookup]\nurl = \"rows/{key}\"\nrecords = \"/rows\"\nkeys-max = 9";
    Connector::parse("connector.toml", "cas", &format!("{HEAD}\n{driver}\n{lookup}\n{MAP}")).expect("a sound manifest")
}

fn keys(texts: &[&str]) -> Vec<RecordKey> {
    texts.iter().map(|text| RecordKey::parse(text).expect("a key")).collect()
}

/// Asks the server at `root` for some keys.
async fn looked_up(connector: &Connector, root: &str, texts: &[&str]) -> Result<Vec<RawRecord>, ReadError> {
    let (net, base) = (net(), format!("{root}/"));
    let reading = Reading { net: &net, base: Some(&base), place: None, ask: Ask::default() };
    connector.look_up(&reading, &keys(texts), 1_500).await
}

fn record(id: &str) -> Value {
    json!({"id": id, "titre": "Square", "montant": "12.50"})
}

type Asked = Arc<Mutex<Vec<Value>>>;

/// A GraphQL API that keeps what it was asked, and answers always so.
async fn api(status: StatusCode, answer: Value) -> (String, Asked) {
    let asked: Asked = Arc::default();
    let route = post(move |State(asked): State<Asked>, Json(body): Json<Value>| async move {
        asked.lock().expect("unpoisoned").push(body);
        (status, Json(answer))
    });
    (serve(Router::new().route("/graphql", route).with_state(Arc::clone(&asked))).await, asked)
}

#[tokio::test]
async fn keys_go_as_a_list_or_as_one_text_beside_the_variables_of_the_driver() {
    let (root, asked) = api(StatusCode::OK, json!({"data": {"some": [record("a"), null, record("b")]}})).await;
    let brought = looked_up(&by_query(9), &root, &["a", "b", "é,\"x"]).await.expect("an answer");
    assert_eq!(brought.len(), 2, "null says that it is not shown: {brought:?}");
    let posted = asked.lock().expect("unpoisoned").remove(0);
    assert_eq!(posted, json!({"query": QUERY, "variables": {"lang": "fr", "keys": ["a", "b", "é,\"x"]}}));

    let (root, asked) = api(StatusCode::OK, json!({"data": {"some": record("a")}})).await;
    let connector = by_query(1);
    let brought = looked_up(&connector, &root, &["a"]).await.expect("an answer");
    assert_eq!(asked.lock().expect("unpoisoned")[0]["variables"]["keys"], "a");
    let integer = connector_of("as = \"integer\"\nkeys-max = 1");
    looked_up(&integer, &root, &["20300101"]).await.expect("an answer");
    assert_eq!(asked.lock().expect("unpoisoned")[1]["variables"]["keys"], 20_300_101);
    let known: Vec<Looked> = connector.recognise(brought, &keys(&["a"]));
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].key.as_str(), "a");
}

#[tokio::test]
async fn what_was_not_asked_for_is_not_taken_and_nothing_is_nothing() {
    let (root, _) = api(StatusCode::OK, json!({"data": {"some": [record("z")]}})).await;
    let connector = by_query(9);
    let brought = looked_up(&connector, &root, &["a"]).await.expect("an answer");
    assert!(connector.recognise(brought, &keys(&["a"])).is_empty());
    let (root, _) = api(StatusCode::OK, json!({"data": {"some": null}})).await;
    assert!(looked_up(&connector, &root, &["a"]).await.expect("an answer").is_empty());
}

#[tokio::test]
async fn an_answer_that_is_in_doubt_is_a_failure() {
    let errors = json!({"data": {"some": [record("a")]}, "errors": [{"message": "droit absent"}]});
    for (status, answer, told) in [
        (StatusCode::OK, errors, "« droit absent »"),
        (StatusCode::OK, json!({"data": {"some": 12}}), "neither a record nor a list"),
        (StatusCode::INTERNAL_SERVER_ERROR, json!({}), "500"),
        (StatusCode::UNAUTHORIZED, json!({}), "401"),
        (StatusCode::NOT_FOUND, json!({}), "404"),
    ] {
        let (root, _) = api(status, answer).await;
        let error = looked_up(&by_query(9), &root, &["a"]).await.expect_err("refused").message();
        assert!(error.en.contains(told), "{told}: {error:?}");
        assert_ne!(error.fr, error.en);
    }
}

/// The head of an answer of JSON, and what of its body comes.
fn half(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{body}").into_bytes()
}

#[tokio::test]
async fn a_cut_or_silent_connection_and_a_page_for_people_bring_nothing() {
    let body = "{\"data\":{\"some\":[{\"id\":\"a\"";
    let page = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>".to_vec();
    let cut_json = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 25\r\n\r\n".to_owned() + body;
    for connector in [by_query(9), by_url()] {
        for root in [
            serve_bytes(half(body)).await,
            serve_bytes(page.clone()).await,
            serve_bytes(cut_json.clone().into_bytes()).await,
            serve_then_silence(half(body)).await,
        ] {
            looked_up(&connector, &root, &["a"]).await.expect_err("no half answer is taken");
        }
    }
}

#[tokio::test]
async fn a_rest_source_that_knows_no_such_place_shows_nothing() {
    let one = |Path(keys): Path<String>| async move {
        let rows: Vec<Value> = keys.split(',').filter(|key| *key != "b").map(record).collect();
        if rows.is_empty() { Err(StatusCode::NOT_FOUND) } else { Ok(Json(json!({ "rows": rows }))) }
    };
    let root = serve(Router::new().route("/rows/{keys}", get(one))).await;
    assert_eq!(looked_up(&by_url(), &root, &["a", "b", "c"]).await.expect("an answer").len(), 2);
    assert!(looked_up(&by_url(), &root, &["b"]).await.expect("an answer").is_empty());
}
