//! The way out, against real servers: what is followed, what is refused, what is tried again.

use crate::contract::net_with;
use crate::server::{serve, serve_bytes, serve_then_silence};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use passerelle::net::{Hosts, Net, NetError, NetSettings, Request};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where real public files are; `None` when the test is to be skipped.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment what they may read")]
pub fn real_data() -> Option<String> {
    let data = std::env::var("PASSERELLE_REAL_DATA").ok();
    if data.is_none() {
        let all = std::env::var("PASSERELLE_TEST_ALL").is_ok_and(|value| value == "1");
        assert!(!all, "PASSERELLE_REAL_DATA is not set, and PASSERELLE_TEST_ALL=1 asks for every test");
        println!("skipped: PASSERELLE_REAL_DATA is not set");
    }
    data
}

fn request(url: &str) -> Request {
    Request::get(url.parse().expect("a URL"), 1_000, 5_000)
}

async fn get_text(net: &Net, url: &str) -> Result<String, NetError> {
    let bytes = net.get(&request(url)).await?.bytes().await?;
    Ok(String::from_utf8(bytes).expect("text"))
}

fn net() -> Net {
    net_with(|_| ())
}

#[tokio::test]
async fn redirects_are_followed_and_each_is_checked() {
    let router = Router::new()
        .route("/a", get(|| async { Redirect::temporary("/b?x=1") }))
        .route("/b", get(|| async { "there" }))
        .route("/loop", get(|| async { Redirect::permanent("/loop") }))
        .route("/metadata", get(|| async { Redirect::temporary("http://169.254.169.254/latest/meta-data") }))
        .route("/file", get(|| async { Redirect::temporary("file:///etc/passwd") }))
        .route("/inside", get(|| async { Redirect::temporary("http://10.0.0.1/") }))
        .route("/nowhere", get(|| async { StatusCode::FOUND }));
    let root = serve(router).await;
    assert_eq!(get_text(&net(), &format!("{root}/a")).await.as_deref(), Ok("there"));
    for path in ["loop", "metadata", "file", "inside", "nowhere"] {
        let error = get_text(&net(), &format!("{root}/{path}?key=secret")).await.expect_err("refused");
        assert_eq!(error.code(), "UPSTREAM_REDIRECT_REFUSED", "{path}: {error}");
        assert!(!error.to_string().contains("secret") && !error.in_french().contains("secret"));
    }
}

#[tokio::test]
async fn only_what_the_settings_name_is_reached() {
    let root = serve(Router::new().route("/", get(|| async { "here" }))).await;
    let closed = Net::new(NetSettings::default()).expect("a client");
    let code = |outcome: Result<String, NetError>| outcome.expect_err("refused").code();
    assert_eq!(code(get_text(&closed, &root).await), "UPSTREAM_ADDRESS_REFUSED");
    assert_eq!(code(get_text(&closed, "http://169.254.169.254/").await), "UPSTREAM_ADDRESS_REFUSED");
    // A name is judged by what it resolves to.
    let by_name = root.replace("127.0.0.1", "localhost");
    assert_eq!(code(get_text(&closed, &by_name).await), "UPSTREAM_ADDRESS_REFUSED");
    let named = net_with(|settings| {
        settings.private_hosts.insert("localhost".to_owned());
    });
    assert_eq!(get_text(&named, &by_name).await.as_deref(), Ok("here"));
    let other = net_with(|settings| {
        settings.private_hosts.clear();
        settings.hosts = Hosts::Only(["example.org".to_owned()].into());
    });
    assert_eq!(code(get_text(&other, "https://example.com/").await), "UPSTREAM_ADDRESS_REFUSED");
}

#[tokio::test]
async fn a_key_stays_with_the_origin_that_it_was_written_for() {
    let seen = |headers: HeaderMap| async move { headers.contains_key(AUTHORIZATION).to_string() };
    let other = serve(Router::new().route("/", get(seen))).await;
    let router = Router::new()
        .route("/own", get(seen))
        .route("/moved", get(|| async { Redirect::temporary("/own") }))
        .route("/away", get(move || async move { Redirect::temporary(&other) }));
    let root = serve(router).await;
    for (path, sent) in [("own", "true"), ("moved", "true"), ("away", "false")] {
        let mut request = request(&format!("{root}/{path}"));
        request.headers.push((AUTHORIZATION, HeaderValue::from_static("Bearer secret")));
        let bytes = net().get(&request).await.expect("an answer").bytes().await.expect("a body");
        assert_eq!(bytes, sent.as_bytes(), "{path}");
    }
}

#[tokio::test]
async fn a_document_is_posted_and_stays_with_its_origin() {
    let echo = |headers: HeaderMap, body: String| async move {
        format!("{} {body}", headers["content-type"].to_str().unwrap_or_default())
    };
    let other = serve(Router::new().route("/", post(echo))).await;
    let router = Router::new()
        .route("/own", post(echo))
        .route("/kept", post(|| async { Redirect::temporary("/own") }))
        .route("/dropped", post(|| async { Redirect::to("/own") }))
        .route("/away", post(move || async move { Redirect::temporary(&other) }));
    let root = serve(router).await;
    for path in ["own", "kept"] {
        let asked = request(&format!("{root}/{path}")).with_json("{}");
        let bytes = net().get(&asked).await.expect("an answer").bytes().await.expect("a body");
        assert_eq!(String::from_utf8_lossy(&bytes), "application/json {}", "{path}");
    }
    for path in ["dropped", "away"] {
        let asked = request(&format!("{root}/{path}")).with_json("{}");
        assert_eq!(net().get(&asked).await.expect_err("refused").code(), "UPSTREAM_REDIRECT_REFUSED", "{path}");
    }
}

async fn fails_first(State(asked): State<Arc<AtomicU32>>) -> impl IntoResponse {
    match asked.fetch_add(1, Ordering::SeqCst) {
        0 => (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "0")], ""),
        1 => (StatusCode::INTERNAL_SERVER_ERROR, [("x", "")], ""),
        _ => (StatusCode::OK, [("x", "")], "at last"),
    }
}

#[tokio::test]
async fn a_failing_system_is_asked_again_within_bounds() {
    let asked = Arc::new(AtomicU32::new(0));
    let root = serve(Router::new().route("/", get(fails_first)).with_state(Arc::clone(&asked))).await;
    assert_eq!(get_text(&net(), &root).await.as_deref(), Ok("at last"));
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    asked.store(0, Ordering::SeqCst);
    let spent = net_with(|settings| settings.retry_budget = 0);
    assert!(matches!(get_text(&spent, &root).await, Err(NetError::Status { status: 503, .. })));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_long_wait_asked_for_is_not_waited() {
    let busy = || async { (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "86400")], "") };
    let root = serve(Router::new().route("/", get(busy)).route("/gone", get(|| async { StatusCode::NOT_FOUND }))).await;
    assert!(matches!(get_text(&net(), &root).await, Err(NetError::Status { status: 429, .. })));
    assert!(matches!(get_text(&net(), &format!("{root}/gone")).await, Err(NetError::Status { status: 404, .. })));
}

#[tokio::test]
async fn what_is_said_while_an_answer_is_made_is_none() {
    let root = serve(Router::new().route("/", get(|| async { (StatusCode::ACCEPTED, "[]") }))).await;
    let error = get_text(&net(), &root).await.expect_err("no answer");
    assert!(error.to_string().contains("202: it is still preparing"), "{error}");
}

/// A wait that cannot be measured is not shortened: whoever asks to be left alone is not struck again at once.
#[tokio::test]
async fn a_wait_that_cannot_be_measured_ends_the_call() {
    for wait in ["99999999999999999999999", "Wed, 21 Oct 2026 07:28:00 GMT", "Wednesday, 21-Oct-26 07:28:00 GMT"] {
        let answer =
            format!("HTTP/1.1 503 Busy\r\nRetry-After: {wait}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let (url, calls) = crate::faults::scripted(vec![answer.into_bytes()]).await;
        assert!(matches!(get_text(&net(), &url).await, Err(NetError::Status { status: 503, .. })), "{wait}");
        assert_eq!(calls.load(Ordering::SeqCst), 1, "{wait}");
    }
}

#[tokio::test]
async fn silence_ends() {
    let impatient = net_with(|settings| settings.read_timeout_ms = 50);
    let mute = serve_then_silence(Vec::new()).await;
    assert!(matches!(get_text(&impatient, &mute).await, Err(NetError::Timeout { .. })));
    let half = serve_then_silence(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".to_vec()).await;
    assert!(matches!(get_text(&impatient, &half).await, Err(NetError::Timeout { .. })));
}

#[tokio::test]
async fn a_drip_is_bounded_by_the_whole_time() {
    // A piece now and then keeps the silence short; only the limit of the whole stops it.
    let drip = || async {
        let ticks = tokio::time::interval(std::time::Duration::from_millis(5));
        let pieces = futures_util::stream::unfold(ticks, |mut ticks| async {
            ticks.tick().await;
            Some((Ok::<_, std::convert::Infallible>("."), ticks))
        });
        axum::body::Body::from_stream(pieces)
    };
    let root = serve(Router::new().route("/", get(drip))).await;
    let short = Request { total_timeout_ms: 100, bytes_max: u64::MAX, ..request(&root) };
    let body = net().get(&short).await.expect("an answer");
    assert!(matches!(body.bytes().await, Err(NetError::Timeout { .. })));
}

#[tokio::test]
async fn too_much_is_refused_before_and_while_reading() {
    let announced = serve_bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\nx".to_vec()).await;
    assert!(matches!(get_text(&net(), &announced).await, Err(NetError::TooLarge { bytes_max: 1_000, .. })));
    let swelling = Router::new()
        .route("/", get(|| async { "x".repeat(1_000_000) }))
        .layer(tower_http::compression::CompressionLayer::new());
    let root = serve(swelling).await;
    assert!(matches!(get_text(&net(), &root).await, Err(NetError::TooLarge { bytes_max: 1_000, .. })));
}

#[tokio::test]
async fn nobody_there_is_told() {
    let error = get_text(&net(), "http://127.0.0.1:1/x?key=secret").await.expect_err("nobody");
    assert_eq!(error.code(), "UPSTREAM_UNREACHABLE");
    assert!(!error.to_string().contains("secret"), "{error}");
}

/// A system that asks for no wait, or for none that can be read, is asked again no sooner than one that asks for nothing.
#[tokio::test]
async fn a_wait_of_nothing_is_the_usual_wait() {
    for retry_after in ["0", "Wed, 21 Oct 2015 07:28:00 GMT", "bient\u{f4}t", "-5"] {
        let busy = move || async move { (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", retry_after)], "") };
        let root = serve(Router::new().route("/", get(busy))).await;
        let net = net_with(|settings| (settings.backoff_ms, settings.attempts_max) = (200, 3));
        let began = std::time::Instant::now();
        assert!(matches!(get_text(&net, &root).await, Err(NetError::Status { status: 503, .. })));
        assert!(
            began.elapsed() >= std::time::Duration::from_millis(300),
            "half of 200 and of 400 are certain: {retry_after}"
        );
    }
}
