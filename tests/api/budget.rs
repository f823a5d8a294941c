//! What one asker may ask for in a while: refused with the time to wait, for nobody else, and served after that time.

use crate::app::TestApp;
use crate::region::now;
use crate::socket::Socket;
use chrono::TimeDelta;
use passerelle::clock::Clock;
use passerelle::http::budget::{Allowance, Budget};
use passerelle::identity::Role;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

pub fn allowance(units: u32) -> Allowance {
    let units = NonZeroU32::new(units).expect("not zero");
    Allowance { per_minute: units, burst: units }
}

fn budget() -> Budget {
    let trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
    Budget { viewers: allowance(240_000), public: allowance(200_000), trusted_proxies }
}

/// Costs about 100 000 units: five earlier portfolios.
const DEAR: &str = "{ a: asOf(version: 1) { ledger { version } } b: asOf(version: 1) { ledger { version } }
    c: asOf(version: 1) { ledger { version } } d: asOf(version: 1) { ledger { version } }
    e: asOf(version: 1) { ledger { version } } }";

struct Town {
    app: TestApp,
    seconds: Arc<AtomicI64>,
}

impl Town {
    async fn start() -> Town {
        let seconds = Arc::new(AtomicI64::new(0));
        let told = Arc::clone(&seconds);
        let clock = Clock::told_by(move || now() + TimeDelta::seconds(told.load(Ordering::SeqCst)));
        Town { app: TestApp::start_budgeted(budget(), clock).await, seconds }
    }

    fn dear(&self) -> reqwest::RequestBuilder {
        let request = self.app.client().post(self.app.url("/graphql")).header("content-type", "application/json");
        request.body(json!({"query": DEAR}).to_string())
    }

    /// Status, seconds to wait, body.
    async fn ask(&self, from: Option<&str>, token: Option<&str>) -> (u16, Option<u64>, Value) {
        let mut request = self.dear();
        if let Some(from) = from {
            request = request.header("x-forwarded-for", from);
        }
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.expect("an answer");
        let wait =
            response.headers().get("retry-after").map(|wait| wait.to_str().expect("text").parse().expect("seconds"));
        (response.status().as_u16(), wait, serde_json::from_str(&response.text().await.expect("a body")).expect("JSON"))
    }
}

#[tokio::test]
async fn whoever_waits_as_long_as_it_is_told_is_served_and_nobody_else_waits() {
    let town = Town::start().await;
    let alice = town.app.token_of(Role::Partner, Some("200093201"), &[]);
    let bob = town.app.token_of(Role::Partner, Some("215903501"), &[]);
    for _ in 0..2 {
        assert_eq!(town.ask(None, Some(&alice)).await.0, 200);
    }
    let (status, wait, body) = town.ask(None, Some(&alice)).await;
    assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (429, &json!("RATE_LIMITED")), "{body:#}");
    let wait = wait.expect("a time to wait");
    assert_eq!(body["errors"][0]["extensions"]["retryAfter"], wait);
    assert!((1..=60).contains(&wait), "{wait}");
    // Others are served, and the public is another asker still.
    assert_eq!(town.ask(None, Some(&bob)).await.0, 200);
    assert_eq!(town.ask(Some("192.0.2.1"), None).await.0, 200);
    // Asking again and again takes nothing: the wait is what it was.
    for _ in 0..5 {
        assert_eq!(town.ask(None, Some(&alice)).await.1, Some(wait));
    }
    let early = i64::try_from(wait).expect("small") - 1;
    town.seconds.store(early - 1, Ordering::SeqCst);
    assert_eq!(town.ask(None, Some(&alice)).await.0, 429);
    town.seconds.store(early + 1, Ordering::SeqCst);
    assert_eq!(town.ask(None, Some(&alice)).await.0, 200);
}

#[tokio::test]
async fn an_address_has_a_budget_of_its_own_and_a_refused_token_costs_nobody_anything() {
    let town = Town::start().await;
    for _ in 0..30 {
        assert_eq!(town.ask(Some("192.0.2.1"), Some("eyJhbGciOiJub25lIn0.e30.")).await.0, 401);
    }
    assert_eq!(town.ask(Some("192.0.2.1"), None).await.0, 200);
    assert_eq!(town.ask(Some("192.0.2.1"), None).await.0, 429);
    assert_eq!(town.ask(Some("192.0.2.2"), None).await.0, 200, "another address");
    assert_eq!(town.ask(Some("192.0.2.1, 192.0.2.3"), None).await.0, 200, "what stands before the last is hearsay");
    let live = town.app.client().get(town.app.url("/health/live")).header("x-forwarded-for", "192.0.2.1");
    assert_eq!(live.send().await.expect("an answer").status().as_u16(), 200);
    let list = town.app.client().get(town.app.url("/lists/projects.csv")).header("x-forwarded-for", "192.0.2.1");
    assert_eq!(list.send().await.expect("an answer").status().as_u16(), 200, "half of it is left");
}

/// Over a socket there are no headers: the seconds stand in the error, and the connection goes on.
#[tokio::test]
async fn an_event_stream_is_told_too() {
    let town = Town::start().await;
    let token = town.app.token_of(Role::Partner, Some("200093201"), &[]);
    for _ in 0..2 {
        town.ask(None, Some(&token)).await;
    }
    let request = town.dear();
    let request = request.header("accept", "text/event-stream").bearer_auth(&token);
    let told = request.send().await.expect("an answer").text().await.expect("a stream that ends");
    assert!(told.contains("RATE_LIMITED") && told.contains("retryAfter"), "{told}");
}

/// A socket is no way around the budget: questions and subscriptions on it, and on another of the same bearer.
#[tokio::test]
async fn a_socket_draws_on_the_budget_of_its_bearer_and_goes_on_when_it_is_spent() {
    let town = Town::start().await;
    let token = town.app.token_of(Role::Partner, Some("200093201"), &[]);
    let greeting = || json!({"Authorization": format!("Bearer {token}")});
    let mut socket = Socket::greeted(&town.app, greeting()).await;
    let ask = |id: &str, query: &str| json!({"type": "subscribe", "id": id, "payload": {"query": query}});
    socket.say(ask("a", DEAR)).await;
    assert_eq!(socket.hear().await["payload"]["data"]["e"]["ledger"]["version"], 1);
    assert_eq!(socket.hear().await, json!({"type": "complete", "id": "a"}));
    assert_eq!(town.ask(None, Some(&token)).await.0, 200, "the other half, over HTTP");
    let mut other = Socket::greeted(&town.app, greeting()).await;
    for socket in [&mut socket, &mut other] {
        socket.say(ask("b", DEAR)).await;
        let refused = socket.hear().await;
        assert_eq!(refused["type"], "error", "{refused}");
        let extensions = &refused["payload"][0]["extensions"];
        assert_eq!(extensions["code"], "RATE_LIMITED", "{refused}");
        assert!(extensions["retryAfter"].as_u64().is_some_and(|wait| (1..=60).contains(&wait)), "{refused}");
    }
    // Whoever waits as it was told is served on the very same socket.
    town.seconds.store(60, Ordering::SeqCst);
    socket.say(ask("c", DEAR)).await;
    assert_eq!(socket.hear().await["payload"]["data"]["a"]["ledger"]["version"], 1);
}
