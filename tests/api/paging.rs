//! Pages: in order, without gap, refused when they make no sense.

use crate::app::TestApp;
use crate::region::{NOWHERE, PERSON, SUD};
use serde_json::{Value, json};

fn ids(page: &Value) -> Vec<&str> {
    page["nodes"].as_array().expect("nodes").iter().map(|node| node["id"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn projects_are_walked_forward_and_backward() {
    let app = TestApp::start().await;
    let document = "query($first: Int, $after: String, $last: Int, $before: String) {
        projects(first: $first, after: $after, last: $last, before: $before) {
            totalCount nodes { id } edges { cursor node { id } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let one = app.see(document, json!({"first": 2})).await;
    let page = &one.data()["projects"];
    assert_eq!((ids(page), &page["totalCount"]), (vec![SUD, PERSON], &json!(3)));
    assert_eq!(page["pageInfo"]["hasNextPage"], json!(true));
    assert_eq!(page["pageInfo"]["hasPreviousPage"], json!(false));
    assert_eq!(page["edges"][1]["cursor"], page["pageInfo"]["endCursor"]);
    let two = app.see(document, json!({"first": 2, "after": page["pageInfo"]["endCursor"]})).await;
    let page = &two.data()["projects"];
    assert_eq!(ids(page), vec![NOWHERE]);
    assert_eq!(page["pageInfo"]["hasNextPage"], json!(false));
    assert_eq!(page["pageInfo"]["hasPreviousPage"], json!(true));
    let back = app.see(document, json!({"last": 1, "before": page["pageInfo"]["startCursor"]})).await;
    assert_eq!(ids(&back.data()["projects"]), vec![PERSON]);
    let none = app.see(document, json!({"first": 0})).await;
    assert_eq!(none.data()["projects"]["pageInfo"]["endCursor"], Value::Null);
    assert_eq!(none.data()["projects"]["totalCount"], json!(3));
}

#[tokio::test]
async fn a_page_that_makes_no_sense_is_refused() {
    let app = TestApp::start().await;
    for arguments in ["first: 1, last: 1", "first: -1", "last: -1", "first: 201", "after: \"x\"", "before: \"cDE\""] {
        let answer = app.ask(&format!("{{ projects({arguments}) {{ totalCount }} }}")).await;
        assert_eq!(answer.code(), "BAD_INPUT", "{arguments}: {:#}", answer.body);
        assert_eq!(answer.body["errors"][0]["path"], json!(["projects"]));
    }
}

#[tokio::test]
async fn commitments_are_walked_one_by_one() {
    let app = TestApp::start().await;
    let (mut after, mut seen) = (Value::Null, Vec::new());
    loop {
        let document = "query($after: String) { commitments(first: 1, after: $after) {
            totalCount nodes { id } pageInfo { hasNextPage endCursor } } }";
        let answer = app.see(document, json!({"after": after})).await;
        let page = &answer.data()["commitments"];
        seen.extend(ids(page).into_iter().map(str::to_owned));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            assert_eq!(page["totalCount"], json!(seen.len()));
            break;
        }
    }
    let all = app.ask("{ commitments(first: 200) { nodes { id } } }").await;
    assert_eq!(ids(&all.data()["commitments"]), seen);
    assert_eq!(seen.len(), 5);
}
