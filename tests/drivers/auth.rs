//! Who asks: each way of telling a system, what is never shown, and how tokens are fetched, shared and renewed.

use crate::contract::{net_with, read_from};
use crate::faults::json;
use crate::server::serve;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use passerelle::connector::driver::auth::{ApiKeyAuth, AuthSettings, BasicAuth, BearerAuth, ClientAuth, OAuth2Auth};
use passerelle::connector::driver::settings::{DriverSettings, GraphqlSettings, HttpJsonSettings};
use passerelle::net::{Absent, Net, Secret, SourceAccess};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const KEY: &str = "s3cr3t & co";

fn net() -> Net {
    let absent = Absent { fr: "la variable CLE n'est pas définie".to_owned(), en: "CLE is not set".to_owned() };
    let secrets = BTreeMap::from([("cle".to_owned(), Ok(Secret::new(KEY))), ("perdue".to_owned(), Err(absent))]);
    let net = net_with(|settings| {
        let access = SourceAccess { secrets: secrets.clone(), ..SourceAccess::default() };
        settings.sources.insert("source".to_owned(), access);
    });
    net.of("source").expect("a client")
}

fn settings(url: &str, auth: AuthSettings) -> DriverSettings {
    let DriverSettings::HttpJson(plain) = json(url) else { panic!("not the settings of JSON over HTTP") };
    DriverSettings::HttpJson(HttpJsonSettings { auth: Some(auth), ..plain })
}

fn key(header: Option<&str>, param: Option<&str>, secret: &str) -> AuthSettings {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    AuthSettings::ApiKey(ApiKeyAuth { header: owned(header), param: owned(param), secret: secret.to_owned() })
}

fn oauth2(token_url: &str, client_auth: ClientAuth) -> AuthSettings {
    AuthSettings::Oauth2(OAuth2Auth {
        token_url: token_url.to_owned(),
        client_id: "passerelle".to_owned(),
        secret: "cle".to_owned(),
        scope: Some("lire".to_owned()),
        client_auth,
    })
}

/// What the system saw, as one record.
async fn seen(headers: HeaderMap, Query(query): Query<HashMap<String, String>>) -> Response {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?").to_owned());
    let record = serde_json::json!([{
        "authorization": header("authorization"), "cle": header("x-cle"), "param": query.get("cle"), "page": query.get("p"),
    }]);
    ([("content-type", "application/json")], record.to_string()).into_response()
}

#[tokio::test]
async fn each_way_reaches_the_system() {
    let root = serve(Router::new().route("/", get(seen))).await;
    let url = format!("{root}/?p=1");
    let cases = [
        (key(Some("X-Cle"), None, "cle"), r#"{"authorization":null,"cle":"s3cr3t & co","param":null,"page":"1"}"#),
        (key(None, Some("cle"), "cle"), r#"{"authorization":null,"cle":null,"param":"s3cr3t & co","page":"1"}"#),
        (
            AuthSettings::Basic(BasicAuth { user: "moi".to_owned(), secret: "cle".to_owned() }),
            r#"{"authorization":"Basic bW9pOnMzY3IzdCAmIGNv","cle":null,"param":null,"page":"1"}"#,
        ),
        (
            AuthSettings::Bearer(BearerAuth { secret: "cle".to_owned() }),
            r#"{"authorization":"Bearer s3cr3t & co","cle":null,"param":null,"page":"1"}"#,
        ),
    ];
    for (auth, expected) in cases {
        let brought = read_from(&settings(&url, auth), &net(), None).await;
        assert!(brought.complete());
        assert_eq!(brought.json(), [expected]);
        assert!(!format!("{:?}{:?}", brought.end, brought.records()[0].location).contains("s3cr3t"));
    }
}

#[tokio::test]
async fn a_secret_is_never_shown_nor_given_to_another_place() {
    let other = serve(Router::new().route("/", get(seen))).await;
    let elsewhere = other.clone();
    let router = Router::new()
        .route("/refused", get(|| async { StatusCode::FORBIDDEN }))
        .route("/page", get(|| async { ([("content-type", "text/html")], "<html>") }))
        .route("/away", get(move || async move { Redirect::temporary(&elsewhere) }));
    let root = serve(router).await;
    for path in ["refused", "page"] {
        let url = format!("{root}/{path}");
        let brought = read_from(&settings(&url, key(None, Some("cle"), "cle")), &net(), None).await;
        assert!(!format!("{:?} {}", brought.end, brought.error()).contains("s3cr3t"), "{path}");
    }
    let nothing = r#"{"authorization":null,"cle":null,"param":null,"page":null}"#;
    for auth in [key(None, Some("cle"), "cle"), key(Some("X-Cle"), None, "cle")] {
        let away = settings(&format!("{root}/away"), auth.clone());
        assert_eq!(read_from(&away, &net(), None).await.json(), [nothing], "a redirect");
        let typed = settings(&format!("{root}/refused"), auth);
        assert_eq!(read_from(&typed, &net(), Some(&other)).await.json(), [nothing], "a place that was typed");
    }
    assert!(!format!("{:?}", net()).contains("s3cr3t"));
}

#[tokio::test]
async fn a_secret_that_an_api_repeats_in_its_error_is_not_told() {
    let echo = |headers: HeaderMap| async move {
        let sent = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or("?").to_owned();
        axum::Json(serde_json::json!({"errors": [{"message": format!("jeton refusé : {sent}")}]}))
    };
    let root = serve(Router::new().route("/", post(echo))).await;
    let DriverSettings::Graphql(plain) = crate::graphql::settings(&root) else { panic!("not the settings of GraphQL") };
    let auth = Some(AuthSettings::Bearer(BearerAuth { secret: "cle".to_owned() }));
    let settings = DriverSettings::Graphql(GraphqlSettings { auth, ..plain });
    let error = read_from(&settings, &net(), None).await.error();
    assert!(error.contains("jeton refusé : Bearer ***") && !error.contains("s3cr3t"), "{error}");
}

#[tokio::test]
async fn a_secret_that_is_not_there_is_told() {
    let root = serve(Router::new().route("/", get(seen))).await;
    let error = async |secret: &str, net: &Net| {
        read_from(&settings(&root, key(Some("X-Cle"), None, secret)), net, None).await.error()
    };
    assert!(error("perdue", &net()).await.contains("« perdue » cannot be used: CLE is not set"));
    assert!(error("inconnue", &net()).await.contains("[sources.ID.secrets]"));
    // Another source's secrets are not at hand.
    assert!(error("cle", &net().of("other").expect("a client")).await.contains("[sources.ID.secrets]"));
    let clear = read_from(&settings("http://source.invalid/", key(Some("X-Cle"), None, "cle")), &net(), None).await;
    assert!(clear.error().contains("https only"), "{:?}", clear.end);
}

/// A token server and a system that takes its last token only.
#[derive(Clone, Default)]
struct Tokens {
    given: Arc<AtomicU32>,
    withdrawn: Arc<AtomicU32>,
}

async fn give(State(tokens): State<Tokens>, headers: HeaderMap, body: String) -> Response {
    let by_header = headers.get("authorization").is_some_and(|value| value == "Basic cGFzc2VyZWxsZTpzM2NyM3QrJTI2K2Nv");
    let by_form = body.contains("client_id=passerelle&client_secret=s3cr3t+%26+co");
    if !body.starts_with("grant_type=client_credentials&scope=lire") || by_header == by_form {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let number = tokens.given.fetch_add(1, Ordering::SeqCst) + 1;
    let token = serde_json::json!({ "access_token": format!("t{number}"), "token_type": "Bearer", "expires_in": 3600 });
    ([("content-type", "application/json")], token.to_string()).into_response()
}

async fn guarded(State(tokens): State<Tokens>, headers: HeaderMap) -> Response {
    let sent = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let number: u32 = sent.strip_prefix("Bearer t").and_then(|text| text.parse().ok()).unwrap_or(0);
    if number <= tokens.withdrawn.load(Ordering::SeqCst) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    ([("content-type", "application/json")], format!("[{{\"token\":{number}}}]")).into_response()
}

fn guarded_system(tokens: &Tokens) -> Router {
    Router::new().route("/token", post(give)).route("/data", get(guarded)).with_state(tokens.clone())
}

#[tokio::test]
async fn a_token_is_fetched_once_shared_and_renewed() {
    let tokens = Tokens::default();
    let root = serve(guarded_system(&tokens)).await;
    let settings = settings(&format!("{root}/data"), oauth2(&format!("{root}/token"), ClientAuth::Basic));
    let net = net();
    let both = tokio::join!(read_from(&settings, &net, None), read_from(&settings, &net, None));
    assert_eq!((both.0.json(), both.1.json()), (vec![r#"{"token":1}"#.to_owned()], vec![r#"{"token":1}"#.to_owned()]));
    assert_eq!(tokens.given.load(Ordering::SeqCst), 1, "two reads at once share one token");
    tokens.withdrawn.store(1, Ordering::SeqCst);
    assert_eq!(read_from(&settings, &net, None).await.json(), [r#"{"token":2}"#], "renewed when it is refused");
    tokens.withdrawn.store(9, Ordering::SeqCst);
    assert!(read_from(&settings, &net, None).await.error().contains("answered 401"), "once only");
    assert_eq!(tokens.given.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_client_may_tell_its_secret_in_the_form_and_by_a_path() {
    let tokens = Tokens::default();
    let root = serve(guarded_system(&tokens)).await;
    let mut by_form = settings("data", oauth2("token", ClientAuth::Form));
    if let DriverSettings::HttpJson(settings) = &mut by_form {
        settings.base = Some(root);
    }
    assert_eq!(read_from(&by_form, &net(), None).await.json(), [r#"{"token":1}"#]);
}

#[tokio::test]
async fn a_token_server_is_held_to_the_same_rules() {
    let router = Router::new()
        .route("/data", get(|| async { ([("content-type", "application/json")], "[]") }))
        .route("/away", post(|| async { Redirect::temporary("http://169.254.169.254/latest") }))
        .route("/page", post(|| async { "s3cr3t page" }))
        .route("/mac", post(|| async { r#"{"access_token":"s3cr3t","token_type":"mac"}"# }))
        .route("/refused", post(|| async { (StatusCode::UNAUTHORIZED, "s3cr3t") }));
    let root = serve(router).await;
    let cases = [
        (format!("{root}/away"), "is not followed"),
        (format!("{root}/page"), "no OAuth2 bearer token"),
        (format!("{root}/mac"), "no OAuth2 bearer token"),
        (format!("{root}/refused"), "answered 401"),
        ("https://169.254.169.254/token".to_owned(), "is not read"),
        ("https://10.0.0.1/token".to_owned(), "is not read"),
        ("http://tokens.invalid/".to_owned(), "https only"),
    ];
    for (token_url, expected) in cases {
        let settings = settings(&format!("{root}/data"), oauth2(&token_url, ClientAuth::Basic));
        let error = read_from(&settings, &net(), None).await.error();
        assert!(error.contains(expected) && !error.contains("s3cr3t"), "{token_url}: {error}");
    }
}
