//! Connections and listeners: who sends nothing is sent away, and nobody takes the room of others.

use crate::app::TestApp;
use crate::socket::Socket;
use passerelle::http::{Connections, Limits};
use passerelle::identity::Role;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);
const ALL: &str = "subscription { ledgerChanged { version } }";
const LIVE: &[u8] = b"GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n";
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

fn hasty() -> Connections {
    let (head_wait, idle_wait) = (Duration::from_millis(100), Duration::from_millis(100));
    Connections { head_wait, idle_wait, ..Connections::default() }
}

async fn connected(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.address()).await.expect("the gateway listens")
}

/// All that the gateway sends until it closes; it must close.
async fn until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    // What was sent after the gateway closed makes it a reset, which is an end too.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut heard)).await.expect("the gateway closes in time");
    heard
}

/// Reads one answer of the health address.
async fn answered(stream: &mut TcpStream) -> bool {
    let mut heard = Vec::new();
    while !heard.ends_with(b"{\"status\":\"live\"}") {
        match timeout(PATIENCE, stream.read_buf(&mut heard)).await.expect("an answer in time") {
            Ok(0) | Err(_) => return false,
            Ok(_) => {}
        }
    }
    heard.starts_with(b"HTTP/1.1 200")
}

#[tokio::test]
async fn who_sends_no_whole_head_in_time_is_sent_away_however_it_drips() {
    let app = TestApp::start_bounded(hasty(), Limits::default()).await;
    for begun in [&b""[..], b"G", b"GET /graphql HTTP/1.1\r\nhost: a\r\nauthorization: Bearer a", b"PRI * HT", PREFACE]
    {
        let mut stream = connected(&app).await;
        stream.write_all(begun).await.expect("sent");
        let heard = until_closed(&mut stream).await;
        assert!(!heard.starts_with(b"HTTP/1.1 200"), "{begun:?}: {heard:?}");
    }
    let mut dripping = connected(&app).await;
    dripping.write_all(b"GET / HTTP/1.1\r\nx: ").await.expect("sent");
    let drops = async {
        while dripping.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await
        }
    };
    timeout(PATIENCE, drops).await.expect("a drop now and then keeps no connection");
    // An answered request is followed by the next one, and then by nothing for too long.
    let mut good = connected(&app).await;
    for _ in 0..2 {
        good.write_all(LIVE).await.expect("sent");
        assert!(answered(&mut good).await);
    }
    good.write_all(&LIVE[..20]).await.expect("sent");
    assert_eq!(until_closed(&mut good).await, b"");
}

#[tokio::test]
async fn what_is_under_way_is_no_silence() {
    let app = TestApp::start_bounded(hasty(), Limits::default()).await;
    let request = app.client().post(app.url("/graphql")).header("accept", "text/event-stream");
    let body = json!({"query": ALL}).to_string();
    let mut events = request.header("content-type", "application/json").body(body).send().await.expect("answers");
    let mut socket = Socket::greeted(&app, json!({})).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    socket.settled().await;
    assert!(timeout(Duration::from_millis(50), events.chunk()).await.is_err(), "open, and nothing happened");
    // A stop is waited for by nobody who is silent.
    app.stop();
    let refused = async {
        while TcpStream::connect(app.address()).await.is_ok() {
            tokio::task::yield_now().await
        }
    };
    timeout(PATIENCE, refused).await.expect("no more connections");
}

#[tokio::test]
async fn an_address_has_its_share_of_connections_and_gets_it_back() {
    let app = TestApp::start_bounded(Connections { of_one: 2, ..Connections::default() }, Limits::default()).await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = connected(&app).await;
        stream.write_all(LIVE).await.expect("sent");
        assert!(answered(&mut stream).await);
        held.push(stream);
    }
    let mut third = connected(&app).await;
    assert_eq!(until_closed(&mut third).await, b"", "closed unheard");
    held.pop();
    let again = async {
        loop {
            let mut stream = connected(&app).await;
            if stream.write_all(LIVE).await.is_ok() && answered(&mut stream).await {
                break;
            }
        }
    };
    timeout(PATIENCE, again).await.expect("the share is given back");
    let proxies = vec!["127.0.0.1".parse().expect("an address")];
    let behind =
        TestApp::start_bounded(Connections { of_one: 0, proxies, ..Connections::default() }, Limits::default());
    let behind = behind.await;
    let mut stream = connected(&behind).await;
    stream.write_all(LIVE).await.expect("sent");
    assert!(answered(&mut stream).await, "behind a proxy are many");
}

#[tokio::test]
async fn strangers_cannot_take_the_rooms_of_those_who_are_known() {
    let limits = Limits { listeners_at_once: 6, public_listeners_at_once: 3, listeners_of_one: 2, ..Limits::default() };
    let app = TestApp::start_bounded(Connections::default(), limits).await;
    let bearer = |siren| json!({"Authorization": format!("Bearer {}", app.token_of(Role::Partner, Some(siren), &[]))});
    let protocol = Some("graphql-transport-ws");
    let mut strangers = Vec::new();
    for _ in 0..2 {
        strangers.push(Socket::greeted(&app, json!({})).await);
    }
    assert_eq!(Socket::open(&app, protocol).await.err(), Some(503), "the share of one address");
    // A bearer is counted by its token, not by the address that it shares with strangers.
    let alice = app.token_of(Role::Partner, Some("200093201"), &[]);
    let listen = || {
        let request = app.client().post(app.url("/graphql")).header("accept", "text/event-stream").bearer_auth(&alice);
        request.header("content-type", "application/json").body(json!({"query": ALL}).to_string()).send()
    };
    let (first, second) = (listen().await.expect("answers"), listen().await.expect("answers"));
    assert_eq!((first.status(), second.status()), (reqwest::StatusCode::OK, reqwest::StatusCode::OK));
    assert_eq!(listen().await.expect("answers").status(), 503, "its own share");
    let mut known = Socket::open_as(&app, protocol, Some(&app.token_of(Role::Partner, Some("215903501"), &[]))).await;
    let known = known.as_mut().expect("a token in the header opens the door");
    known.say(json!({"type": "connection_init"})).await;
    assert_eq!(known.hear().await["type"], "connection_ack");
    // One stranger goes, and its room is for a bearer as well, who greets from the same address.
    drop(strangers.pop());
    let mut late = loop {
        if let Ok(socket) = Socket::open(&app, protocol).await {
            break socket;
        }
    };
    late.say(json!({"type": "connection_init", "payload": bearer("200093201")})).await;
    assert_eq!(late.closed().await, 1013, "its share is used up, and the socket says so");
    drop(late);
    let mut other = loop {
        if let Ok(socket) = Socket::open(&app, protocol).await {
            break socket;
        }
    };
    other.say(json!({"type": "connection_init", "payload": bearer("215903501")})).await;
    assert_eq!(other.hear().await["type"], "connection_ack");
    assert!(Socket::open(&app, protocol).await.is_ok(), "a bearer does not count for the address");
}

#[tokio::test]
async fn a_head_that_nothing_needs_is_refused_as_what_it_is() {
    let app = TestApp::start().await;
    let sent = async |name: &str, path: &str| {
        let request = app.client().get(app.url(path)).header(name, "a".repeat(70_000));
        app.send(request.bearer_auth(app.admin())).await
    };
    let long = sent("x-anything", "/graphql?query=%7B__typename%7D").await;
    assert_eq!((long.status, long.code()), (431, "HEADERS_TOO_LARGE"));
    let twice = sent("authorization", "/graphql?query=%7B__typename%7D").await;
    assert_eq!((twice.status, twice.code()), (401, "UNAUTHENTICATED"));
}
