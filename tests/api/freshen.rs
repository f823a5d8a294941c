//! `maxAge`: records looked up live before the operation runs, against a real local source that counts its requests.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::TimeDelta;
use passerelle::acts::freshen::{Freshener, LookedUpSource};
use passerelle::acts::sync::{Sync, Target};
use passerelle::clock::Clock;
use passerelle::connector::Connector;
use passerelle::domain::Instant;
use passerelle::domain::act::Author;
use passerelle::domain::run::SyncOutcome;
use passerelle::gateway::Gateway;
use passerelle::http::{Limits, Service, router};
use passerelle::identity::{Grant, Role, TokenKey, TokenSettings, Verifier};
use passerelle::ledger::{Ledger, PageRequest};
use passerelle::net::{Net, NetSettings};
use passerelle::view::{Door, PlanSecret};
use passerelle::workroom::Workroom;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

/// What the source answers, and what it was asked.
#[derive(Default)]
struct Desk {
    records: BTreeMap<String, Value>,
    mood: Mood,
    asked: Vec<String>,
    /// The conditions under which the list was asked for.
    conditions: Vec<Option<String>>,
}

#[derive(Default, Clone, Copy, PartialEq)]
enum Mood {
    #[default]
    Well,
    Broken,
    Nonsense,
}

type Shared = Arc<Mutex<Desk>>;

/// The list is made once a day: it knows nothing of what changed since.
async fn list(State(desk): State<Shared>, headers: HeaderMap) -> Response {
    let mut desk = desk.lock().expect("unpoisoned");
    let unless = headers.get("if-none-match").and_then(|value| value.to_str().ok()).map(str::to_owned);
    desk.conditions.push(unless.clone());
    if unless.is_some() {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let records: Vec<Value> = desk.records.values().cloned().collect();
    ([("etag", "\"today\"")], axum::Json(json!({ "rows": records }))).into_response()
}

async fn some(State(desk): State<Shared>, Path(keys): Path<String>) -> Response {
    let mut desk = desk.lock().expect("unpoisoned");
    desk.asked.push(keys.clone());
    match desk.mood {
        Mood::Broken => return StatusCode::NOT_IMPLEMENTED.into_response(),
        Mood::Nonsense => return ([("content-type", "application/json")], "{\"rows\": [").into_response(),
        Mood::Well => {}
    }
    let found: Vec<&Value> = keys.split(',').filter_map(|key| desk.records.get(key)).collect();
    axum::Json(json!({ "rows": found })).into_response()
}

fn record(key: &str, montant: &str, project: &str) -> Value {
    json!({"id": key, "titre": "Square", "projet": project, "montant": montant})
}

fn manifest(lookup: &str) -> String {
    format!(
        r#"
id = "desk"
family = "POLITIQUE_DE_LA_VILLE"
title = "Guichet"
standing = "system-of-record"
max-age = "P1D"
[[speaks-for]]
funder = "siren:200053742"
[driver]
kind = "http-json"
base = "http://127.0.0.1/"
url = "rows"
records = "/rows"
{lookup}
[map]
key = "id"
[map.project]
title = "titre"
references = [{{ scheme = "cofinancement", from = "projet" }}]
[[map.statement]]
funder = {{ value = "siren:200053742" }}
nature = {{ value = "INVESTISSEMENT" }}
form = {{ value = "SUBVENTION" }}
stage = {{ value = "ATTRIBUE" }}
amount = "montant"
reference = "id"
"#
    )
}

const BY_TWO: &str = "[lookup]\nurl = \"rows/{key}\"\nrecords = \"/rows\"\nkeys-max = 2";

/// A gateway over the desk, its clock in the test's hand.
struct Town {
    desk: Shared,
    gateway: Arc<Gateway>,
    seconds: Arc<AtomicI64>,
    url: String,
    client: reqwest::Client,
    token: String,
    connector: Arc<Connector>,
    workroom: Arc<Workroom>,
    net: Arc<Net>,
    clock: Clock,
    base: String,
    _directory: tempfile::TempDir,
}

fn start() -> Instant {
    "2026-03-01T08:00:00Z".parse().expect("an instant")
}

impl Town {
    async fn with(lookup: &str, records: &[(&str, &str, &str)]) -> Town {
        let desk: Shared = Arc::default();
        for (key, montant, project) in records {
            desk.lock().expect("unpoisoned").records.insert((*key).to_owned(), record(key, montant, project));
        }
        let routes = Router::new().route("/rows", get(list)).route("/rows/{keys}", get(some));
        let base = served(routes.with_state(Arc::clone(&desk))).await + "/";
        let directory = tempfile::tempdir().expect("a temporary directory");
        let ledger = Ledger::open_file(&directory.path().join("ledger.sqlite")).await.expect("a ledger");
        let gateway = Arc::new(Gateway::open(ledger).await.expect("a gateway"));
        let workroom = Arc::new(Workroom::open(&directory.path().join("workroom")).await.expect("a workroom"));
        let private_hosts = BTreeSet::from(["127.0.0.1".to_owned()]);
        let net = Net::new(NetSettings { private_hosts, backoff_ms: 1, ..NetSettings::default() }).expect("a client");
        let net = Arc::new(net);
        let seconds = Arc::new(AtomicI64::new(0));
        let told = Arc::clone(&seconds);
        let clock = Clock::told_by(move || start() + TimeDelta::seconds(told.load(Ordering::SeqCst)));
        let connector = Connector::parse("connector.toml", "desk", &manifest(lookup)).expect("a sound manifest");
        let connector = Arc::new(connector);
        let place = LookedUpSource { connector: Arc::clone(&connector), base: Some(base.clone()) };
        let sources = BTreeMap::from([(connector.id().clone(), place)]);
        let state = (Arc::clone(&gateway), Arc::clone(&workroom));
        let freshener = Freshener::new(state, Arc::clone(&net), clock.clone(), sources);
        let settings = TokenSettings { issuer: "test".to_owned(), audience: "passerelle".to_owned() };
        let verifier = Verifier::new(TokenKey::from_bytes(&[42; 32]).expect("long enough"), settings);
        let (subject, contrats) = ("alice".to_owned(), Vec::new());
        let grant = Grant { role: Role::Auditor, subject, organisation: None, contrats, lifetime_s: 7_200 };
        let token = verifier.mint(&grant, start()).expect("a token");
        let door = Door::new(Arc::clone(&gateway), PlanSecret::from_bytes([1; 32]));
        let service = Service::new(door, Some(verifier), clock.clone(), Limits::default()).with_freshener(freshener);
        let url = served(router(service)).await + "/graphql";
        let client = reqwest::Client::new();
        let _directory = directory;
        let town =
            Town { desk, gateway, seconds, url, client, token, connector, workroom, net, clock, base, _directory };
        town.sync().await;
        town
    }

    /// Reads the list.
    async fn sync(&self) {
        let Town { gateway, workroom, net, clock, connector, .. } = self;
        let sync = Sync { gateway, workroom, net, clock, author: Author::system("test") };
        let target = Target { connector, base: Some(&self.base), place: None, full: false };
        let run = sync.run(target).await.expect("recorded");
        assert_eq!(run.outcome, SyncOutcome::Succeeded, "{run:?}");
    }

    fn later(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    fn set(&self, key: &str, montant: &str, project: &str) {
        self.desk.lock().expect("unpoisoned").records.insert(key.to_owned(), record(key, montant, project));
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.desk.lock().expect("unpoisoned").asked)
    }

    async fn ask(&self, query: &str, token: bool) -> Value {
        let mut request = self.client.post(&self.url).header("content-type", "application/json");
        if token {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        let response = request.body(json!({ "query": query }).to_string()).send().await.expect("an answer");
        serde_json::from_str(&response.text().await.expect("a body")).expect("JSON")
    }

    fn version(&self) -> u64 {
        self.gateway.current().head().version.0
    }
}

async fn served(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

const PLANS: &str = "{ projects { nodes { fundingPlan(maxAge: \"PT2M\") { lines { state amount readAt } } } } }";

fn lines(answer: &Value) -> Vec<(String, String)> {
    let nodes = answer["data"]["projects"]["nodes"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
    let lines = nodes.iter().flat_map(|node| node["fundingPlan"]["lines"].as_array().cloned().unwrap_or_default());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    lines.map(|line| (text(&line["state"]), text(&line["amount"]))).collect()
}

fn pair(state: &str, amount: &str) -> (String, String) {
    (state.to_owned(), amount.to_owned())
}

#[tokio::test]
async fn what_changed_since_the_last_read_is_in_the_very_answer_and_in_the_ledger() {
    let town = Town::with(BY_TWO, &[("a", "100", "P"), ("b", "10", "P"), ("c", "1", "P")]).await;
    assert_eq!(lines(&town.ask(PLANS, true).await), [pair("KNOWN", "111.00")]);
    assert!(town.asked().is_empty(), "nothing is older than two minutes");
    let before = town.version();
    town.later(600);
    town.set("b", "20", "P");
    let answer = town.ask(PLANS, true).await;
    assert_eq!(lines(&answer), [pair("KNOWN", "121.00")]);
    assert_eq!(answer["data"]["projects"]["nodes"][0]["fundingPlan"]["lines"][0]["readAt"], "2026-03-01T08:10:00Z");
    assert_eq!((answer["extensions"]["ledgerVersion"].as_u64(), town.version()), (Some(before + 1), before + 1));
    assert_eq!(answer["extensions"].get("sources"), None);
    assert_eq!(town.asked().len(), 2, "three keys, two at a time");
    // Seen a moment ago: nobody is asked again, and nothing is appended.
    assert_eq!(lines(&town.ask(PLANS, true).await), [pair("KNOWN", "121.00")]);
    assert!(town.asked().is_empty() && town.version() == before + 1);
    let version = town.gateway.current().head().version;
    let runs = town.gateway.ledger().runs(town.connector.id(), version, PageRequest { offset: 0, limit: 9 }).await;
    let run = &runs.expect("the ledger answers").items[0];
    assert!(run.is_look_up() && !run.full && run.counts.balance(), "{run:?}");
    assert_eq!((run.counts.read, run.counts.changed, run.counts.unchanged, run.counts.gone), (3, 1, 2, 0));
    // The past stays what it was, and is not looked up.
    town.later(600);
    let past = format!("{{ asOf(version: {before}) {} }}", PLANS);
    let past = town.ask(&past, true).await["data"]["asOf"].clone();
    assert_eq!(lines(&json!({ "data": past })), [pair("KNOWN", "111.00")]);
    assert!(town.asked().is_empty());
}

#[tokio::test]
async fn many_fields_make_one_look_up_and_many_operations_share_it() {
    let town = Town::with(BY_TWO, &[("a", "100", "P"), ("b", "10", "P")]).await;
    town.later(600);
    let many: String = (0..40).map(|rank| format!("p{rank}: {}", &PLANS[1..PLANS.len() - 1])).collect();
    let many = format!("{{ {many} }}");
    let (one, other) = tokio::join!(town.ask(&many, true), town.ask(PLANS, true));
    assert_eq!(one["data"]["p39"]["nodes"][0]["fundingPlan"]["lines"][0]["state"], "KNOWN", "{one:#}");
    assert_eq!(lines(&other), [pair("KNOWN", "110.00")]);
    assert_eq!(town.asked().len(), 1, "both keys in one request, for both operations");
}

async fn unanswered(mood: Mood) {
    let town = Town::with(BY_TWO, &[("a", "100", "P")]).await;
    let before = town.version();
    town.later(3_600);
    town.desk.lock().expect("unpoisoned").mood = mood;
    let answer = town.ask(PLANS, true).await;
    assert_eq!(lines(&answer), [pair("STALE", "100.00")], "{answer:#}");
    let named = &answer["extensions"]["sources"][0];
    assert_eq!((named["id"].as_str(), named["code"].as_str()), (Some("desk"), Some("unreadable")), "{answer:#}");
    assert_eq!((named["age"].as_i64(), named["readAt"].as_str()), (Some(3_600), Some("2026-03-01T08:00:00.000000Z")));
    assert!(named["reason"]["fr"].is_string() && named["reason"]["en"].is_string(), "{named:#}");
    assert_eq!(town.version(), before);
}

#[tokio::test]
async fn a_source_in_trouble_is_named_and_its_lines_are_stale() {
    unanswered(Mood::Broken).await;
}

#[tokio::test]
async fn half_a_document_is_no_answer() {
    unanswered(Mood::Nonsense).await;
}

#[tokio::test]
async fn a_record_that_the_source_does_not_show_is_not_closed() {
    let town = Town::with(BY_TWO, &[("a", "100", "P"), ("b", "10", "Q")]).await;
    town.later(600);
    town.desk.lock().expect("unpoisoned").records.remove("b");
    let answer = town.ask(PLANS, true).await;
    let mut found = lines(&answer);
    found.sort();
    assert_eq!(found, [pair("KNOWN", "100.00"), pair("STALE", "10.00")], "{answer:#}");
    assert_eq!(answer["extensions"]["sources"][0]["code"], "not-shown");
}

#[tokio::test]
async fn a_source_without_look_up_is_named() {
    let town = Town::with("", &[("a", "100", "P")]).await;
    town.later(600);
    let answer = town.ask(PLANS, true).await;
    assert_eq!(lines(&answer), [pair("STALE", "100.00")]);
    assert_eq!(answer["extensions"]["sources"][0]["code"], "no-look-up");
    assert_eq!(answer["extensions"]["sources"][0]["age"], 600);
}

#[tokio::test]
async fn the_public_and_the_impatient_make_no_look_up() {
    let town = Town::with(BY_TWO, &[("a", "100", "P")]).await;
    town.later(600);
    let public = town.ask(PLANS, false).await;
    assert_eq!(public["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let impatient = town.ask(&PLANS.replace("PT2M", "PT59S"), true).await;
    assert_eq!(impatient["errors"][0]["extensions"]["code"], "BAD_INPUT");
    let left_out = "{ projects { nodes { id fundingPlan(maxAge: \"PT2M\") @skip(if: true) { version } } } }";
    assert!(town.ask(left_out, true).await.get("errors").is_none());
    assert!(town.asked().is_empty());
}

#[tokio::test]
async fn a_record_that_turned_bad_keeps_its_last_good_version_stale() {
    let town = Town::with(BY_TWO, &[("a", "100", "P")]).await;
    town.later(600);
    town.set("a", "beaucoup", "P");
    let answer = town.ask(PLANS, true).await;
    assert_eq!(lines(&answer), [pair("STALE", "100.00")], "{answer:#}");
}

#[tokio::test]
async fn more_records_than_may_be_looked_up_are_refused() {
    let records: Vec<(String, String)> = (0..201).map(|rank| (format!("k{rank}"), format!("P{rank}"))).collect();
    let records: Vec<(&str, &str, &str)> = records.iter().map(|(key, project)| (&**key, "1", &**project)).collect();
    let town = Town::with(BY_TWO, &records).await;
    town.later(600);
    let all = PLANS.replace("projects {", "projects(first: 200) {");
    assert!(town.ask(&all, true).await.get("errors").is_none());
    assert_eq!(town.asked().len(), 100);
    town.later(600);
    let two = format!(
        "{{ a: {} b: {} }}",
        &all[1..all.len() - 1],
        "projects(last: 1) { nodes { fundingPlan(maxAge: \"PT2M\") { version } } }"
    );
    let refused = town.ask(&two, true).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{refused:#}");
    assert!(town.asked().is_empty());
}

/// The list is still the one of this morning; what was looked up is newer than it, and does not make it any newer.
#[tokio::test]
async fn a_list_that_did_not_change_is_no_ground_once_something_was_looked_up() {
    const RUN: &str = "{ sources { age rejected lastRun { full sameAs read unchanged } } }";
    let town = Town::with(BY_TWO, &[("a", "100.00", "P1")]).await;
    town.later(600);
    town.sync().await;
    let answer = town.ask(RUN, false).await;
    let source = &answer["data"]["sources"][0];
    assert!(source["lastRun"]["sameAs"].is_string(), "{answer:#}");
    assert_eq!((&source["lastRun"]["full"], &source["lastRun"]["unchanged"]), (&json!(true), &json!(1)), "{answer:#}");
    assert_eq!(source["age"], 0, "{answer:#}");
    town.later(600);
    town.set("a", "250.00", "P1");
    assert_eq!(lines(&town.ask(PLANS, true).await)[0].1, "250.00");
    town.sync().await;
    let conditions = town.desk.lock().expect("unpoisoned").conditions.clone();
    assert_eq!(conditions, [None, Some("\"today\"".to_owned()), None]);
    assert!(town.ask(RUN, false).await["data"]["sources"][0]["lastRun"]["sameAs"].is_null());
}
