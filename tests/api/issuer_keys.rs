//! Keys of issuers, fetched from a real server: rotation, outage, answers that cannot be used. The clock is held in hand.

use crate::app::TestApp;
use crate::region;
use crate::socket::Socket;
use crate::tokens::{Pair, claims_of, settings};
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::TimeDelta;
use futures_util::future::join_all;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use passerelle::clock::Clock;
use passerelle::domain::Instant;
use passerelle::http::{KeyFetchError, KeyKeeper, KeyPlace};
use passerelle::identity::{Issuer, KeyPace, Verifier};
use passerelle::net::{Hosts, Net, NetSettings};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use url::Url;

const ISSUER: &str = "https://identite.example.org";
const QUERY: &str = "{ __typename }";
const PACE: KeyPace = KeyPace { max_age_s: 600, retry_s: 60, stale_max_s: 1_800 };

/// What the server of an issuer says now.
#[derive(Clone)]
struct Said {
    status: u16,
    keys: Vec<u8>,
    configuration: Value,
}

/// The server of an issuer: it counts who asks for keys.
struct Office {
    url: String,
    said: Arc<Mutex<Said>>,
    asked: watch::Sender<usize>,
    /// While it holds false, whoever asks for keys waits.
    open: watch::Sender<bool>,
}

impl Office {
    async fn open(keys: &[Value]) -> Office {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let configuration = json!({"issuer": url, "jwks_uri": format!("{url}/keys")});
        let said = Arc::new(Mutex::new(Said { status: 200, keys: Vec::new(), configuration }));
        let (asked, open) = (watch::Sender::new(0), watch::Sender::new(true));
        let (of_keys, of_all) = (Arc::clone(&said), Arc::clone(&said));
        let (count, door) = (asked.clone(), open.clone());
        let keys_route = get(move || {
            count.send_modify(|asked| *asked += 1);
            let (said, mut door) = (of_keys.lock().expect("not poisoned").clone(), door.subscribe());
            async move {
                door.wait_for(|open| *open).await.expect("the office stays");
                answer(said.status, said.keys)
            }
        });
        let configuration_route = get(move || {
            let said = of_all.lock().expect("not poisoned").clone();
            async move { answer(said.status, said.configuration.to_string().into_bytes()) }
        });
        let moved = get(|| async { (StatusCode::FOUND, [("location", "/keys")]) });
        let router = Router::new()
            .route("/keys", keys_route)
            .route("/moved", moved)
            .route("/.well-known/openid-configuration", configuration_route);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let office = Office { url, said, asked, open };
        office.gives(keys);
        office
    }

    fn gives(&self, keys: &[Value]) {
        self.says(json!({"keys": keys}).to_string().into_bytes());
    }

    fn says(&self, keys: Vec<u8>) {
        let mut said = self.said.lock().expect("not poisoned");
        (said.status, said.keys) = (200, keys);
    }

    fn fails(&self) {
        self.said.lock().expect("not poisoned").status = 503;
    }

    fn configuration(&self, configuration: Value) {
        self.said.lock().expect("not poisoned").configuration = configuration;
    }

    fn asked(&self) -> usize {
        *self.asked.borrow()
    }

    fn at(&self, path: &str) -> KeyPlace {
        KeyPlace::Set(Url::parse(&format!("{}{path}", self.url)).expect("a URL"))
    }
}

fn answer(status: u16, body: Vec<u8>) -> Response {
    (StatusCode::from_u16(status).expect("a status"), body).into_response()
}

/// A gateway that trusts one issuer, its keeper, and the time.
struct Gateway {
    app: TestApp,
    keeper: Arc<KeyKeeper>,
    now: Arc<Mutex<Instant>>,
    issuer: String,
}

impl Gateway {
    async fn trusting(issuer: &str, place: KeyPlace) -> Gateway {
        let trusted = settings(issuer, &["EdDSA"]);
        let trusted = Issuer::fetched(trusted, PACE).expect("sound");
        let now = Arc::new(Mutex::new(region::now()));
        let told = Arc::clone(&now);
        let clock = Clock::told_by(move || *told.lock().expect("not poisoned"));
        let rings = vec![(Arc::clone(trusted.keys()), place)];
        let keeper = Arc::new(KeyKeeper::new(net(), clock.clone(), rings).expect("an address that is asked"));
        keeper.refresh_due().await;
        let verifier = Verifier::of_issuers(vec![trusted]).expect("one issuer");
        let app = TestApp::start_keeping(verifier, Arc::clone(&keeper), clock).await;
        Gateway { app, keeper, now, issuer: issuer.to_owned() }
    }

    fn passes(&self, seconds: i64) {
        *self.now.lock().expect("not poisoned") += TimeDelta::seconds(seconds);
    }

    /// A good token made now.
    fn token(&self, pair: &Pair, kid: &str) -> String {
        let at = self.now.lock().expect("not poisoned").timestamp();
        let mut claims = claims_of(&self.issuer, at);
        claims["exp"] = json!(at + 3_600);
        pair.token(&json!({"alg": "EdDSA", "kid": kid}), &claims)
    }

    async fn status(&self, token: &str) -> u16 {
        self.app.ask_with(QUERY, json!({}), Some(token)).await.status
    }
}

fn net() -> Net {
    let settings = NetSettings {
        hosts: Hosts::Public,
        private_hosts: BTreeSet::from(["127.0.0.1".to_owned()]),
        attempts_max: 1,
        redirects_max: 0,
        circuit_failures_max: u32::MAX,
        ..NetSettings::default()
    };
    Net::new(settings).expect("a client")
}

#[tokio::test]
async fn keys_rotate_without_a_restart_and_a_key_that_went_opens_nothing_even_to_a_token_seen_before() {
    let (old, new) = (Pair::ed(), Pair::ed());
    let office = Office::open(&[old.jwk("old")]).await;
    let gateway = Gateway::trusting(ISSUER, office.at("/keys")).await;
    let seen = gateway.token(&old, "old");
    assert_eq!(gateway.status(&seen).await, 200);
    let mut socket = Socket::greeted(&gateway.app, json!({"authorization": format!("Bearer {seen}")})).await;

    office.gives(&[old.jwk("old"), new.jwk("new")]);
    let fresh = gateway.token(&new, "new");
    assert_eq!(gateway.status(&fresh).await, 401, "asked a moment ago: not again yet");
    gateway.passes(60);
    assert_eq!(gateway.status(&fresh).await, 200, "the very request that names the new key has it fetched");
    assert_eq!([gateway.status(&seen).await, gateway.status(&gateway.token(&old, "old")).await], [200, 200]);
    socket.subscribe("1", "subscription { ledgerChanged { __typename } }").await;
    assert_eq!(office.asked(), 2);

    office.gives(&[new.jwk("new")]);
    assert_eq!(gateway.status(&seen).await, 200, "nobody knows yet that the key went");
    gateway.passes(585);
    gateway.keeper.refresh_due().await;
    assert_eq!(office.asked(), 3, "early enough for the key to be gone when its age is reached");
    assert_eq!(gateway.status(&seen).await, 401);
    assert_eq!(gateway.status(&gateway.token(&old, "old")).await, 401);
    assert_eq!([gateway.status(&fresh).await, gateway.status(&gateway.token(&new, "new")).await], [200, 200]);
    socket.say(json!({"type": "subscribe", "id": "2", "payload": {"query": QUERY}})).await;
    assert_eq!(socket.closed().await, 4403, "whoever is connected is looked at again");
}

#[tokio::test]
async fn an_outage_is_borne_for_the_stated_time_and_no_longer() {
    let pair = Pair::ed();
    let office = Office::open(&[pair.jwk("a")]).await;
    let gateway = Gateway::trusting(ISSUER, office.at("/keys")).await;
    let seen = gateway.token(&pair, "a");
    assert_eq!(gateway.status(&seen).await, 200);
    office.fails();
    gateway.passes(584);
    gateway.keeper.refresh_due().await;
    assert_eq!(office.asked(), 1, "not due yet");
    gateway.passes(1_216);
    gateway.keeper.refresh_due().await;
    gateway.keeper.refresh_due().await;
    assert_eq!(office.asked(), 2, "due, but one attempt within its pace");
    let first_seen = gateway.token(&pair, "a");
    assert_eq!([gateway.status(&seen).await, gateway.status(&first_seen).await], [200, 200], "at the bound");
    gateway.passes(1);
    for token in [&seen, &first_seen, &gateway.token(&pair, "a")] {
        let answer = gateway.app.ask_with(QUERY, json!({}), Some(token)).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
        assert!(answer.body["errors"][0]["message"].as_str().expect("a text").contains("could not be fetched"));
    }
    assert_eq!(gateway.app.ask_as_public(QUERY).await.status, 200, "the public is served");
    office.gives(&[pair.jwk("a")]);
    gateway.passes(60);
    assert_eq!(gateway.status(&seen).await, 200, "asked again as soon as somebody needs it");
    assert_eq!(office.asked(), 3);
}

#[tokio::test]
async fn an_issuer_that_is_away_at_start_lets_nobody_in_until_it_is_there() {
    let pair = Pair::ed();
    let office = Office::open(&[pair.jwk("a")]).await;
    office.fails();
    let gateway = Gateway::trusting(ISSUER, office.at("/keys")).await;
    let token = gateway.token(&pair, "a");
    assert_eq!(gateway.status(&token).await, 401);
    office.gives(&[pair.jwk("a")]);
    gateway.passes(60);
    assert_eq!(gateway.status(&token).await, 200);
}

#[tokio::test]
async fn a_set_that_cannot_be_used_leaves_the_last_good_one() {
    let (pair, other) = (Pair::ed(), Pair::ed());
    let office = Office::open(&[pair.jwk("a")]).await;
    let gateway = Gateway::trusting(ISSUER, office.at("/keys")).await;
    let good = gateway.token(&pair, "a");
    let mut private = other.jwk("b");
    private["d"] = json!("c2VjcmV0");
    let set = |keys: Value| json!({"keys": keys}).to_string().into_bytes();
    let huge = format!("{{\"keys\": [{}], \"x\": \"{}\"}}", other.jwk("b"), "x".repeat(300_000));
    let bad = [
        ("nothing", Vec::new()),
        ("a page", b"<html>log in</html>".to_vec()),
        ("no text", vec![0xff, 0xfe, 0]),
        ("no list", json!({"keys": other.jwk("b")}).to_string().into_bytes()),
        ("huge", huge.into_bytes()),
        ("one kid twice", set(json!([other.jwk("b"), pair.jwk("b")]))),
        ("a private key", set(json!([private]))),
        ("symmetric alone", set(json!([{"kty": "oct", "kid": "b", "k": "c2VjcmV0"}]))),
        ("empty", set(json!([]))),
    ];
    for (rank, (what, body)) in bad.into_iter().enumerate() {
        office.says(body);
        gateway.passes(60);
        let unknown = gateway.token(&other, "b");
        assert_eq!(gateway.status(&unknown).await, 401, "{what}");
        assert_eq!(office.asked(), rank + 2, "{what}: it was asked for");
        assert_eq!(gateway.status(&good).await, 200, "{what}: the last good set serves");
    }
}

#[tokio::test]
async fn a_symmetric_key_in_a_set_verifies_nothing() {
    let pair = Pair::ed();
    let symmetric = json!({"kty": "oct", "kid": "s", "alg": "HS256", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"});
    let office = Office::open(&[symmetric, pair.jwk("a")]).await;
    let gateway = Gateway::trusting(ISSUER, office.at("/keys")).await;
    let good = gateway.token(&pair, "a");
    assert_eq!(gateway.status(&good).await, 200, "the others of the set are taken");
    let (_, rest) = good.split_once('.').expect("three parts");
    let (claims, _) = rest.split_once('.').expect("three parts");
    let secret = EncodingKey::from_base64_secret("c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0").expect("a secret");
    use base64::Engine as _;
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","kid":"s"}"#);
    let message = format!("{header}.{claims}");
    let signature = crypto::sign(message.as_bytes(), &secret, Algorithm::HS256).expect("signed");
    assert_eq!(gateway.status(&format!("{message}.{signature}")).await, 401);
}

#[tokio::test]
async fn a_thousand_unknown_keys_cause_one_fetch_in_each_interval() {
    let pair = Pair::ed();
    let office = Office::open(&[pair.jwk("a")]).await;
    let gateway = Gateway::trusting(ISSUER, office.at("/keys")).await;
    let good = gateway.token(&pair, "a");
    for (interval, expected) in [(0, 1), (60, 2), (59, 2), (1, 3)] {
        gateway.passes(interval);
        for burst in 0..10 {
            let tokens: Vec<String> =
                (0..25).map(|rank| gateway.token(&pair, &format!("unknown-{burst}-{rank}"))).collect();
            let statuses = join_all(tokens.iter().map(|token| gateway.status(token))).await;
            assert!(statuses.iter().all(|status| *status == 401), "{statuses:?}");
        }
        assert_eq!(office.asked(), expected);
        assert_eq!(gateway.status(&good).await, 200);
    }
}

#[tokio::test]
async fn one_fetch_is_shared_by_all_who_wait_and_goes_on_when_the_one_who_asked_is_gone() {
    let (old, new) = (Pair::ed(), Pair::ed());
    let office = Office::open(&[old.jwk("old")]).await;
    let gateway = Gateway::trusting(ISSUER, office.at("/keys")).await;
    office.gives(&[new.jwk("new")]);
    office.open.send_replace(false);
    gateway.passes(60);
    let bearer = format!("Bearer {}", gateway.token(&new, "new"));
    let ask = || {
        let request = gateway.app.client().get(gateway.app.url("/graphql?query=%7B__typename%7D"));
        tokio::spawn(request.header("authorization", &bearer).send())
    };
    let first = ask();
    office.asked.subscribe().wait_for(|asked| *asked == 2).await.expect("the office stays");
    let others: Vec<_> = (0..20).map(|_| ask()).collect();
    first.abort();
    assert!(first.await.is_err(), "it is gone");
    office.open.send_replace(true);
    for answer in join_all(others).await {
        assert_eq!(answer.expect("not aborted").expect("an answer").status(), 200);
    }
    assert_eq!(office.asked(), 2);
}

#[tokio::test]
async fn the_keys_are_found_by_the_issuers_own_configuration_and_by_no_other() {
    let pair = Pair::ed();
    let office = Office::open(&[pair.jwk("a")]).await;
    let gateway = Gateway::trusting(&office.url, KeyPlace::Discovery).await;
    assert_eq!(gateway.status(&gateway.token(&pair, "a")).await, 200);

    let keys = format!("{}/keys", office.url);
    let asked = office.asked();
    for configuration in [
        json!({"issuer": "https://evil.example.org", "jwks_uri": keys}),
        json!({"issuer": format!("{}/", office.url), "jwks_uri": keys}),
        json!({"issuer": office.url, "jwks_uri": keys.replace("127.0.0.1", "keys.example.org")}),
        json!({"issuer": office.url, "jwks_uri": "http://10.0.0.1/keys"}),
        json!({"issuer": office.url, "jwks_uri": "file:///keys"}),
        json!({"issuer": office.url}),
        json!([]),
    ] {
        office.configuration(configuration.clone());
        let refusing = Gateway::trusting(&office.url, KeyPlace::Discovery).await;
        assert_eq!(refusing.status(&refusing.token(&pair, "a")).await, 401, "{configuration}");
        assert_eq!(office.asked(), asked, "{configuration}: no key is even asked for");
    }
}

#[tokio::test]
async fn keys_come_from_no_other_place_than_the_one_stated() {
    let pair = Pair::ed();
    let office = Office::open(&[pair.jwk("a")]).await;
    let moved = Gateway::trusting(ISSUER, office.at("/moved")).await;
    assert_eq!(moved.status(&moved.token(&pair, "a")).await, 401, "a redirect is not followed");
    assert_eq!(office.asked(), 0);
    let trusted = Issuer::fetched(settings(ISSUER, &["EdDSA"]), PACE).expect("sound");
    for url in ["http://identite.example.org/keys", "http://192.168.0.1/keys", "ftp://127.0.0.1/keys"] {
        let place = KeyPlace::Set(Url::parse(url).expect("a URL"));
        let refused = KeyKeeper::new(net(), Clock::fixed(region::now()), vec![(Arc::clone(trusted.keys()), place)]);
        assert_eq!(refused.err(), Some(KeyFetchError::Address(url.to_owned())));
    }
}
