//! Subscriptions over real sockets and as server-sent events.

use crate::app::TestApp;
use crate::region::{NOWHERE, PERSON, SUD, now};
use crate::socket::Socket;
use chrono::TimeDelta;
use futures_util::StreamExt;
use passerelle::clock::Clock;
use passerelle::http::Limits;
use passerelle::identity::Role;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const ALL: &str = "subscription { ledgerChanged { version at projects { id records { key } } } }";
const OF_SUD: &str =
    "subscription { ledgerChanged(filter: {quartier: [\"QN05972M\"]}) { version projects { id title } } }";
const ELSEWHERE: &str = "subscription { ledgerChanged(filter: {epci: [\"200070993\"]}) { version } }";
const LINK: &str = "mutation($projects: [ID!]!) { linkProjects(projects: $projects, reason: \"Essai\") { id } }";
const UNLINK: &str =
    "mutation($key: String!) { unlinkRecord(source: \"region\", key: $key, reason: \"Essai\") { id } }";

async fn link(app: &TestApp, projects: &[&str]) -> Value {
    let token = app.token(Role::Region);
    let linked = app.ask_with(LINK, json!({"projects": projects}), Some(&token)).await;
    linked.data();
    linked.body["extensions"]["ledgerVersion"].clone()
}

async fn unlink(app: &TestApp, key: &str) -> Value {
    let token = app.token(Role::Region);
    let unlinked = app.ask_with(UNLINK, json!({"key": key}), Some(&token)).await;
    unlinked.data();
    unlinked.body["extensions"]["ledgerVersion"].clone()
}

fn ids(message: &Value) -> Vec<&str> {
    let projects = message["payload"]["data"]["ledgerChanged"]["projects"].as_array().expect("projects");
    projects.iter().filter_map(|project| project["id"].as_str()).collect()
}

/// The greeting of somebody who sees everything.
fn bearer(app: &TestApp) -> Value {
    json!({"authorization": format!("Bearer {}", app.auditor())})
}

#[tokio::test]
async fn each_append_is_told_at_its_version_and_only_to_whom_it_concerns() {
    let app = TestApp::start().await;
    let mut all = Socket::greeted(&app, bearer(&app)).await;
    let mut some = Socket::greeted(&app, bearer(&app)).await;
    all.subscribe("a", ALL).await;
    some.subscribe("sud", OF_SUD).await;
    some.subscribe("elsewhere", ELSEWHERE).await;

    let version = link(&app, &[PERSON, SUD]).await;
    let told = all.hear().await;
    assert_eq!((&told["type"], &told["id"]), (&json!("next"), &json!("a")));
    assert_eq!(told["payload"]["extensions"]["ledgerVersion"], version);
    assert_eq!(told["payload"]["data"]["ledgerChanged"]["version"], version);
    assert_eq!(told["payload"]["data"]["ledgerChanged"]["at"], json!("2026-03-11T08:00:00Z"));
    assert_eq!(ids(&told), [SUD], "the other one is this one by now");
    let keys = &told["payload"]["data"]["ledgerChanged"]["projects"][0]["records"];
    assert_eq!(keys.as_array().map(Vec::len), Some(3), "read at that version: {keys}");
    assert_eq!(ids(&some.hear().await), [SUD]);

    unlink(&app, "r2").await;
    assert_eq!(ids(&all.hear().await), [SUD, PERSON], "the one that a record left, and the one where it stands");
    assert_eq!(ids(&some.hear().await), [SUD], "the other one does not lie there");
    link(&app, &[PERSON, NOWHERE]).await;
    assert_eq!(ids(&all.hear().await), [NOWHERE]);
    some.settled().await;
}

#[tokio::test]
async fn an_operation_that_was_ended_is_told_nothing_more() {
    let app = TestApp::start().await;
    let mut socket = Socket::greeted(&app, json!({})).await;
    socket.subscribe("a", ALL).await;
    socket.say(json!({"type": "complete", "id": "a"})).await;
    socket.settled().await;
    link(&app, &[PERSON, SUD]).await;
    socket.settled().await;
    socket.subscribe("a", "subscription { ledgerChanged { version } }").await;
    let version = unlink(&app, "r2").await;
    let told = socket.hear().await;
    assert_eq!(told["payload"]["data"], json!({"ledgerChanged": {"version": version}}), "once, and no more");
    socket.settled().await;
}

#[tokio::test]
async fn a_socket_answers_questions_too_and_keeps_the_limits() {
    let app = TestApp::start().await;
    let mut socket = Socket::greeted(&app, json!({"authorization": format!("Bearer {}", app.auditor())})).await;
    let ask = |id: &str, query: &str| json!({"type": "subscribe", "id": id, "payload": {"query": query}});
    socket.say(ask("q", &format!("{{ project(id: \"{SUD}\") {{ records {{ raw }} }} }}"))).await;
    let answer = socket.hear().await;
    assert!(answer["payload"]["data"]["project"]["records"][0]["raw"].is_object(), "as this viewer: {answer}");
    assert_eq!(socket.hear().await, json!({"type": "complete", "id": "q"}));
    let deep =
        format!("subscription {{ ledgerChanged {{ projects {}id{} }} }}", "{ records ".repeat(30), " }".repeat(30));
    let dear = "subscription { ledgerChanged { projects { holder { projects(first: 200) { nodes { commitments { id
        statements { record { raw } } } } } } } } }";
    let cases = [
        (deep.as_str(), "LIMIT_EXCEEDED"),
        (dear, "LIMIT_EXCEEDED"),
        ("subscription { ledgerChanged {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { ledgerChanged { nothing } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { ledgerChanged { version } again: ledgerChanged { version } }", "LIMIT_EXCEEDED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ];
    for (query, code) in cases {
        socket.say(ask("x", query)).await;
        let refused = socket.hear().await;
        assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("x")), "{query}: {refused}");
        assert_eq!(refused["payload"][0]["extensions"]["code"], code, "{query}: {refused}");
    }
    for number in 0..20 {
        socket.subscribe(&format!("s{number}"), ALL).await;
    }
    socket.say(ask("one too many", ALL)).await;
    assert_eq!(socket.hear().await["payload"][0]["extensions"]["code"], "LIMIT_EXCEEDED");
}

#[tokio::test]
async fn who_does_not_keep_to_the_protocol_is_sent_away_with_its_code() {
    let app = TestApp::start().await;
    let init = |value: &str| json!({"type": "connection_init", "payload": {"Authorization": value}});
    let subscribe = json!({"type": "subscribe", "id": "a", "payload": {"query": ALL}});
    let plain = json!({"type": "connection_init"});
    let cases: Vec<(Vec<Value>, u16)> = vec![
        (vec![init("Bearer nobody")], 4403),
        (vec![init("Basic x")], 4403),
        (vec![json!({"type": "connection_init", "payload": {"authorization": 7}})], 4403),
        (vec![json!({"type": "connection_init", "payload": {"headers": {"Authorization": "Bearer x"}}})], 4403),
        (vec![json!({"type": "connection_init", "payload": {"token": "eyJhbGciOiJub25lIn0.e30."}})], 4403),
        (vec![json!({"type": "connection_init", "payload": {"authToken": "0af7651916cd"}})], 4403),
        (vec![json!({"type": "connection_init", "payload": {"ACCESS_TOKEN": {"value": 7}}})], 4403),
        (vec![json!({"type": "connection_init", "payload": {"session": {"token": "opaque"}}})], 4403),
        (
            vec![
                json!({"type": "connection_init", "payload": {"xCsrfToken": "1", "token": null, "tokenType": "Bearer", "tokenCount": 5}}),
                json!([]),
            ],
            4400,
        ),
        (vec![subscribe.clone()], 4401),
        (vec![plain.clone(), plain.clone()], 4429),
        (vec![plain.clone(), subscribe.clone(), subscribe], 4409),
        (vec![json!({"type": "hello"})], 4400),
        (vec![plain.clone(), json!({"type": "subscribe", "id": "a", "payload": {"query": 1}})], 4400),
        (vec![plain, json!([])], 4400),
    ];
    for (said, code) in cases {
        let mut socket = Socket::open(&app, Some("graphql-transport-ws")).await.expect("opened");
        let greeted = said.len() > 1;
        for (at, message) in said.iter().enumerate() {
            socket.say(message.clone()).await;
            if at == 0 && greeted {
                assert_eq!(socket.hear().await["type"], "connection_ack");
            }
        }
        assert_eq!(socket.closed().await, code, "{said:?}");
    }
    let mut socket = Socket::open(&app, Some("graphql-transport-ws")).await.expect("opened");
    let twice = r#"{"type":"connection_init","payload":{"Authorization":"Bearer x","Authorization":null}}"#;
    socket.say_text(twice).await;
    assert_eq!(socket.closed().await, 4400, "which of the two would it be?");
    assert_eq!(Socket::open(&app, None).await.err(), Some(400));
    assert_eq!(Socket::open(&app, Some("graphql-ws")).await.err(), Some(400));
}

#[tokio::test]
async fn a_socket_ends_with_its_token() {
    let late = Arc::new(AtomicI64::new(0));
    let told = Arc::clone(&late);
    let clock = Clock::told_by(move || now() + TimeDelta::seconds(told.load(Ordering::Acquire)));
    let limits = Limits { alive_every: Duration::from_millis(500), ..Limits::default() };
    let app = TestApp::start_timed(limits, clock).await;
    let request =
        app.client().post(app.url("/graphql")).header("accept", "text/event-stream").bearer_auth(app.auditor());
    let body = json!({"query": ALL}).to_string();
    let events = request.header("content-type", "application/json").body(body).send().await.expect("answers");
    assert_eq!(events.status(), 200);
    let mut socket = Socket::greeted(&app, json!({"Authorization": format!("Bearer {}", app.auditor())})).await;
    late.store(4_000, Ordering::Release);
    assert_eq!(socket.closed().await, 4403);
    let rest = events.text().await.expect("it ends");
    assert!(!rest.contains("complete"), "cut off, not ended: {rest}");
}

/// The token is looked at again once in an hour here: what ends the listeners is its end.
#[tokio::test]
async fn listeners_end_when_the_token_does_and_not_at_the_next_look_at_it() {
    let begun = std::time::Instant::now();
    let clock = Clock::told_by(move || now() + TimeDelta::from_std(begun.elapsed()).expect("short"));
    let limits = Limits { alive_every: Duration::from_secs(3_600), ..Limits::default() };
    let app = TestApp::start_timed(limits, clock).await;
    // What is left of its hour: enough to greet, whatever the machine does.
    let app = app.at(now() + TimeDelta::from_std(begun.elapsed()).expect("short") - TimeDelta::seconds(3_600 - 8));
    let bearer = app.auditor();
    let request = app.client().post(app.url("/graphql")).header("accept", "text/event-stream").bearer_auth(&bearer);
    let body = json!({"query": ALL}).to_string();
    let events = request.header("content-type", "application/json").body(body).send().await.expect("answers");
    assert_eq!(events.status(), 200);
    let mut socket = Socket::greeted(&app, json!({"Authorization": format!("Bearer {bearer}")})).await;
    let within = Duration::from_secs(120);
    assert_eq!(tokio::time::timeout(within, socket.closed()).await.expect("it ends"), 4403);
    let rest = tokio::time::timeout(within, events.text()).await.expect("it ends").expect("a text");
    assert!(!rest.contains("complete"), "cut off, not ended: {rest}");
}

/// The clocks of two machines may stand apart for a request; a listener is not kept for that.
#[tokio::test]
async fn no_leeway_opens_a_listener() {
    let app = TestApp::start().await.at(now() - TimeDelta::seconds(3_610));
    let bearer = app.auditor();
    let once = app.ask_with("{ ledger { version } }", json!({}), Some(&bearer)).await;
    assert_eq!(once.status, 200, "within the leeway: {:#}", once.body);
    let mut socket = Socket::open(&app, Some("graphql-transport-ws")).await.expect("opened");
    let payload = json!({"Authorization": format!("Bearer {bearer}")});
    socket.say(json!({"type": "connection_init", "payload": payload})).await;
    assert_eq!(socket.closed().await, 4403);
    let request = app.client().post(app.url("/graphql")).header("accept", "text/event-stream").bearer_auth(&bearer);
    let body = json!({"query": ALL}).to_string();
    let events = request.header("content-type", "application/json").body(body).send().await.expect("answers");
    assert_eq!(events.status(), 401);
}

#[tokio::test]
async fn who_is_not_there_any_more_makes_room_for_others() {
    let limits = Limits { alive_every: Duration::from_millis(20), listeners_at_once: 1, ..Limits::default() };
    let app = TestApp::start_with(limits).await;
    let mut silent = Socket::greeted(&app, json!({})).await;
    assert_eq!(Socket::open(&app, Some("graphql-transport-ws")).await.err(), Some(503), "there is room for one");
    let figures = app.client().get(app.url("/metrics")).send().await.expect("answers").text().await.expect("a text");
    assert!(figures.contains("passerelle_listeners 1"), "{figures}");
    // A client that reads answers the gateway's pings; this one does not read.
    let next = loop {
        match Socket::open(&app, Some("graphql-transport-ws")).await {
            Ok(next) => break next,
            Err(status) => assert_eq!(status, 503),
        }
    };
    drop(next);
    while let Some(Ok(frame)) = silent.0.next().await {
        assert!(frame.is_ping(), "{frame:?}");
    }
}

#[tokio::test]
async fn a_stream_of_events_says_the_same() {
    let app = TestApp::start().await;
    let open = |query: &str| {
        let request = app.client().post(app.url("/graphql")).header("accept", "text/event-stream");
        request.header("content-type", "application/json").body(json!({"query": query}).to_string())
    };
    let answer = open(ALL).send().await.expect("answers");
    assert_eq!(answer.status(), 200);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    let version = link(&app, &[PERSON, SUD]).await;
    let mut chunks = answer.bytes_stream();
    let event = chunks.next().await.expect("an event").expect("a chunk");
    let event = String::from_utf8(event.to_vec()).expect("text");
    let data = event.strip_prefix("event: next\ndata: ").and_then(|rest| rest.strip_suffix("\n\n")).expect("one event");
    let payload: Value = serde_json::from_str(data).expect("JSON");
    assert_eq!(payload["data"]["ledgerChanged"]["version"], version);

    let once = open("{ ledger { version } }").send().await.expect("answers").text().await.expect("a text");
    assert!(once.starts_with("event: next\ndata: {\"data\":{\"ledger\""), "{once}");
    assert!(once.ends_with("\n\nevent: complete\ndata: null\n\n"), "{once}");
    let refused = open(ALL).bearer_auth("nobody").send().await.expect("answers");
    assert_eq!(refused.status(), 401);
    let address = format!("{}?query={}", app.url("/graphql"), "mutation%20%7B%20__typename%20%7D");
    let by_get = app.client().get(address).header("accept", "text/event-stream").send().await.expect("answers");
    assert!(by_get.text().await.expect("a text").contains("GET reads only"));
}

#[tokio::test]
async fn one_answer_is_no_place_for_a_subscription() {
    let app = TestApp::start().await;
    let answer = app.ask(ALL).await;
    assert_eq!((answer.status, answer.code()), (406, "NOT_ACCEPTABLE"));
}

#[tokio::test]
async fn listeners_are_sent_away_when_the_gateway_stops() {
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let app = TestApp::start_stopping(stopping).await;
    let mut socket = Socket::greeted(&app, json!({})).await;
    socket.subscribe("a", ALL).await;
    let request = app.client().post(app.url("/graphql")).header("accept", "text/event-stream");
    let body = json!({"query": ALL}).to_string();
    let events = request.header("content-type", "application/json").body(body).send().await.expect("answers");
    stop.send(true).expect("the gateway listens");
    assert_eq!(socket.closed().await, 1001);
    assert_eq!(events.text().await.expect("it ends"), "");
}

#[tokio::test]
async fn two_tokens_are_none() {
    let app = TestApp::start().await;
    let (one, other) = (app.auditor(), app.admin());
    for (said, taken) in [(&one, true), (&other, false)] {
        let mut socket = Socket::open_as(&app, Some("graphql-transport-ws"), Some(&one)).await.expect("opened");
        let payload = json!({"Authorization": format!("Bearer {said}")});
        socket.say(json!({"type": "connection_init", "payload": payload})).await;
        if taken {
            assert_eq!(socket.hear().await["type"], "connection_ack");
        } else {
            assert_eq!(socket.closed().await, 4401);
        }
    }
}
