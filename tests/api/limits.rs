//! Limits: what asks too much is refused before it costs anything.

use crate::app::TestApp;
use passerelle::http::{BODY_BYTES_MAX, Limits};
use serde_json::json;
use std::fmt::Write as _;

async fn refused(app: &TestApp, document: &str) -> (u16, String, String) {
    let answer = app.ask(document).await;
    assert!(answer.body.get("data").is_none(), "nothing was executed: {:#}", answer.body);
    let limit = answer.body["errors"][0]["extensions"]["limit"].as_str().unwrap_or_default().to_owned();
    (answer.status, answer.code().to_owned(), limit)
}

#[tokio::test]
async fn documents_that_ask_too_much_are_refused() {
    let app = TestApp::start().await;
    let many = |count: usize, one: &str| one.repeat(count);
    let aliases: String = (0..1_000).fold(String::new(), |mut text, number| {
        let _ = write!(text, "a{number}: ledger {{ version }} ");
        text
    });
    let deep = format!("{}version{}", many(200, "{ asOf(version: 1) "), many(200, " }"));
    let mut doubling = "{ ...F0 }".to_owned();
    for level in 0..40 {
        let _ = write!(doubling, " fragment F{level} on Query {{ ...F{} ...F{} }}", level + 1, level + 1);
    }
    doubling.push_str(" fragment F40 on Query { ledger { version } }");
    for (document, limit) in [
        (format!("{{ {aliases} }}"), "aliases"),
        (format!("{{ ledger {} {{ version }} }}", many(10_000, "@include(if: true) ")), "bytes"),
        (format!("{{ ledger {} {{ version }} }}", many(1_000, "@include(if: true) ")), "directives"),
        (deep, "levels of brackets"),
        (format!("{{ {} }}", many(100, "ledger { version } ")), "fields at the root"),
        (
            "{ projects(first: 200) { nodes { holder { totals(by: [YEAR]) { count amount } } } } }".to_owned(),
            "units of cost",
        ),
    ] {
        let (status, code, found) = refused(&app, &document).await;
        assert_eq!((status, code.as_str(), found.as_str()), (400, "LIMIT_EXCEEDED", limit));
    }
    let (status, code, _) = refused(&app, &doubling).await;
    assert_eq!((status, code.as_str()), (400, "LIMIT_EXCEEDED"));
    let circle = "{ ...A } fragment A on Query { ...B } fragment B on Query { ledger { version } ...A }";
    let (_, code, _) = refused(&app, circle).await;
    assert_eq!(code, "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn bodies_are_bounded_however_they_come() {
    let app = TestApp::start().await;
    let body = json!({"query": "{ ledger { version } }", "padding": "x".repeat(2 * BODY_BYTES_MAX)}).to_string();
    let post = || app.client().post(app.url("/graphql")).header("content-type", "application/json");
    assert_eq!(app.send(post().body(body.clone())).await.status, 413);
    // Without a stated length, the limit holds while the body is read.
    let chunks =
        body.into_bytes().chunks(64 * 1024).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect::<Vec<_>>();
    let streamed = app.send(post().body(reqwest::Body::wrap_stream(futures_util::stream::iter(chunks)))).await;
    assert_eq!((streamed.status, streamed.code()), (413, "BODY_TOO_LARGE"));
}

#[tokio::test]
async fn the_full_introspection_is_within_the_limits() {
    let app = TestApp::start().await;
    let document = "query I { __schema { queryType { name } mutationType { name } subscriptionType { name }
        types { ...F } directives { name description locations args { ...V } } } }
      fragment F on __Type { kind name description
        fields(includeDeprecated: true) { name description args { ...V } type { ...T } isDeprecated deprecationReason }
        inputFields { ...V } interfaces { ...T }
        enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...T } }
      fragment V on __InputValue { name description type { ...T } defaultValue }
      fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";
    let answer = app.ask(document).await;
    let types = answer.data()["__schema"]["types"].as_array().map(Vec::len);
    assert!(types.is_some_and(|count| count > 40), "{:#}", answer.body);
    let circular = "{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }";
    assert_eq!(refused(&app, circular).await.1, "LIMIT_EXCEEDED");
}

#[tokio::test]
async fn a_gateway_without_a_free_turn_says_so() {
    let busy = TestApp::start_with(Limits { operations_at_once: 0, ..Limits::default() }).await;
    let answer = busy.ask("{ ledger { version } }").await;
    assert_eq!((answer.status, answer.code()), (503, "TOO_BUSY"));
}

/// A code that is mistyped would let nothing through, and no sum would read as nothing.
#[tokio::test]
async fn a_filter_with_a_code_of_no_form_is_refused() {
    let app = TestApp::start().await;
    let cases = [
        ("quartier: [\"NOPE\"]", "quartier"),
        ("contrat: [\"CN05911\"]", "contrat"),
        ("epci: [\"1\"]", "epci"),
        ("commune: [\"5935\"]", "commune"),
        ("departement: [\"XX\"]", "departement"),
        ("dispositif: [\"nqe\"]", "dispositif"),
        ("funder: [\"Région\"]", "funder"),
    ];
    for (filter, field) in cases {
        for ask in ["totals(by: [], filter: {F}) { count }", "projects(filter: {F}) { totalCount }"] {
            let answer = app.ask(&format!("{{ {} }}", ask.replace('F', filter))).await;
            assert_eq!(answer.code(), "BAD_INPUT", "{ask} {filter}");
            assert!(answer.body["errors"][0]["message"].as_str().expect("told").starts_with(&format!("`{field}`")));
        }
    }
    // A code that nobody knows (yet) is one.
    let none = app.ask("{ totals(by: [], filter: {quartier: [\"QN05999M\"]}) { count } }").await;
    assert!(none.data()["totals"].as_array().is_some_and(|rows| rows.iter().all(|row| row["count"] == 0)));
}
