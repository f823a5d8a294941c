//! Webhooks, from outside: a real receiver, which verifies what it is sent.

use crate::app::{PLAN_SECRET, TestApp};
use crate::region::{self, SUD, now};
use aws_lc_rs::hmac;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use passerelle::acts::webhook::{ATTEMPTS_MAX, Hook, Post, Secrets};
use passerelle::audit::Journal;
use passerelle::check::Rulebook;
use passerelle::clock::Clock;
use passerelle::domain::record::RecordState;
use passerelle::gateway::Gateway;
use passerelle::http::{Herald, Limits, Service, router};
use passerelle::identity::{Role, Scope, Viewer};
use passerelle::net::{Net, NetSettings};
use passerelle::view::{Door, PlanSecret};
use passerelle::workroom::Workroom;
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

pub const LILLE: &str = "215903501";
pub const MEL: &str = "200093201";
pub const REGION: &str = "200053742";
const ANRU: &str = "453678252";
pub const STRANGER: &str = "213502388";
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD_SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// What a receiver got, and what it answers: the first of these, else 204.
#[derive(Default)]
struct Desk {
    got: Vec<(HeaderMap, String)>,
    answers: VecDeque<(u16, &'static [(&'static str, &'static str)])>,
}

type Shared = Arc<Mutex<Desk>>;

async fn take(State(desk): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let mut desk = desk.lock().expect("unpoisoned");
    desk.got.push((headers, body));
    let (status, more) = desk.answers.pop_front().unwrap_or((204, &[]));
    let status = axum::http::StatusCode::from_u16(status).expect("a status");
    let mut response = status.into_response();
    for (name, value) in more {
        response.headers_mut().insert(*name, value.parse().expect("a header"));
    }
    response
}

/// Is this signed with `secret`? As a receiver computes it, by no code of ours.
fn is_signed((headers, body): &(HeaderMap, String), secret: &str) -> bool {
    let text = |name: &str| headers[name].to_str().expect("text").to_owned();
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).expect("base64");
    let signed = format!("{}.{}.{body}", text("webhook-id"), text("webhook-timestamp"));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes());
    text("webhook-signature").split(' ').any(|one| one == format!("v1,{}", STANDARD.encode(tag.as_ref())))
}

pub struct Room {
    app: TestApp,
    desk: Shared,
    pub url: String,
    seconds: Arc<AtomicI64>,
    pub directory: tempfile::TempDir,
}

/// A gateway of its own process over the ledger of the room, with one receiver.
pub struct Running {
    gateway: Arc<Gateway>,
    door: Door,
    pub herald: Arc<Herald>,
}

impl Running {
    pub async fn turn(&self) {
        self.gateway.catch_up().await.expect("caught up");
        self.herald.turn().await;
    }
}

impl Room {
    /// A project that is attested as ready, and a receiver that got nothing yet.
    pub async fn start() -> Room {
        let desk: Shared = Arc::default();
        let routes = Router::new().route("/hook", post(take)).route("/other", post(take));
        let routes = routes.with_state(Arc::clone(&desk));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let (app, directory) = (TestApp::start().await, tempfile::tempdir().expect("a temporary directory"));
        let room = Room { app, desk, url, seconds: Arc::default(), directory };
        for siren in [LILLE, ANRU] {
            let document =
                "mutation($id: ID!) { declareNothing(input: {project: $id, nature: INVESTISSEMENT}) { id } }";
            room.say(Role::Partner, siren, (document, json!({"id": SUD}))).await;
        }
        room.admit(ANRU).await;
        let attest = "mutation($id: ID!) { issueAttestation(project: $id) { check { ready } } }";
        let attested = room.say(Role::Region, REGION, (attest, json!({"id": SUD}))).await;
        assert_eq!(attested["issueAttestation"]["check"]["ready"], true);
        room
    }

    pub async fn say(&self, role: Role, siren: &str, (document, variables): (&str, Value)) -> Value {
        let token = self.app.token_of(role, Some(siren), &[]);
        self.app.ask_with(document, variables, Some(&token)).await.data().clone()
    }

    async fn admit(&self, siren: &str) {
        let document = "mutation($p: ID!, $f: ID!) { admitFunder(project: $p, funder: $f, reason: \"Citée\") { id } }";
        self.say(Role::Region, REGION, (document, json!({"p": SUD, "f": format!("siren:{siren}")}))).await;
    }

    /// A sum that nobody shared: the project is no longer what was attested.
    pub async fn change(&self, amount: &str, until: Option<String>) -> Value {
        self.admit(MEL).await;
        let sum = json!({"project": SUD, "nature": "FONCTIONNEMENT", "stage": "ATTRIBUE", "amount": amount,
            "notPublicUntil": until,
            "reference": amount});
        let declare = "mutation($input: DeclareCommitmentInput!) { declareCommitment(input: $input) { id } }";
        self.say(Role::Partner, MEL, (declare, json!({"input": sum}))).await["declareCommitment"]["id"].clone()
    }

    async fn last_error(&self) -> String {
        let workroom = Workroom::open(&self.directory.path().join("workroom")).await.expect("the workroom");
        workroom.letter_counts("n").await.expect("counts").last_error.expect("an error")
    }

    pub fn later(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn answers(&self, answers: &[(u16, &'static [(&'static str, &'static str)])]) {
        self.desk.lock().expect("unpoisoned").answers.extend(answers);
    }

    pub fn got(&self) -> Vec<(HeaderMap, String)> {
        std::mem::take(&mut self.desk.lock().expect("unpoisoned").got)
    }

    pub async fn run_for(&self, whom: (Role, &str), secrets: &[&str]) -> Running {
        self.run_in(&self.directory, whom, secrets).await
    }

    async fn run_in(&self, directory: &tempfile::TempDir, (role, siren): (Role, &str), secrets: &[&str]) -> Running {
        let siren = siren.parse().expect("a SIREN");
        let scope = Scope::of(Viewer::receiver(role, "n", (Some(siren), &[])).expect("a receiver"));
        let secrets = Secrets::parse(secrets.iter().copied()).expect("secrets");
        let hook = Hook { name: "n".to_owned(), url: self.url.parse().expect("a URL"), secrets };
        self.run_hooks(directory, vec![(hook, scope)]).await
    }

    pub async fn run_hooks(&self, directory: &tempfile::TempDir, hooks: Vec<(Hook, Scope)>) -> Running {
        let told = Arc::clone(&self.seconds);
        let clock = Clock::told_by(move || now() + TimeDelta::seconds(told.load(Ordering::SeqCst)));
        let private_hosts = BTreeSet::from(["127.0.0.1".to_owned()]);
        let net = NetSettings {
            private_hosts,
            attempts_max: 1,
            redirects_max: 0,
            circuit_failures_max: u32::MAX,
            ..NetSettings::default()
        };
        let workroom = Workroom::open(&directory.path().join("workroom")).await.expect("a workroom");
        let post = Post::new(workroom, Net::new(net).expect("a client"), clock);
        let organisations = Rulebook::of_the_product().organisations();
        let gateway = Gateway::open_naming(self.app.ledger().await, organisations).await.expect("a gateway");
        let gateway = Arc::new(gateway);
        let journal = Journal::open(&self.app.journal()).await.expect("a journal");
        let door = Door::new(Arc::clone(&gateway), PlanSecret::from_bytes(PLAN_SECRET)).with_journal(journal);
        let herald = Arc::new(Herald::new(door.clone(), post, hooks));
        Running { gateway, door, herald }
    }

    async fn run(&self) -> Running {
        self.run_for((Role::Region, REGION), &[SECRET]).await
    }
}

pub fn id((headers, _): &(HeaderMap, String)) -> &str {
    headers["webhook-id"].to_str().expect("text")
}

#[tokio::test]
async fn webhooks_tell_once_signed_what_changed() {
    let room = Room::start().await;
    let running = room.run().await;
    running.turn().await;
    assert!(room.got().is_empty(), "it says what was attested");
    room.change("15000.00", None).await;
    running.turn().await;
    let got = room.got();
    assert_eq!(got.len(), 1);
    let journal = Journal::open(&room.app.journal()).await.expect("a journal");
    let entries = journal.log(None, 100).await.expect("read").entries;
    let told: Vec<_> = entries.iter().filter(|one| one.reading.operation.fields == ["webhook"]).collect();
    assert_eq!(told.len(), 1, "what is told is read by its receiver");
    assert!(told[0].reading.shown.projects.iter().any(|id| id.as_str() == SUD), "{told:?}");
    assert!(is_signed(&got[0], SECRET) && !is_signed(&got[0], OLD_SECRET), "{got:?}");
    assert_eq!(got[0].0["content-type"], "application/json");
    let body: Value = serde_json::from_str(&got[0].1).expect("JSON");
    assert_eq!((&body["type"], &body["data"]["project"]), (&json!("verdict.changed"), &json!(SUD)), "{body:#}");
    let data = &body["data"];
    assert_eq!((&data["attested"]["ready"], &data["now"]["ready"]), (&json!(true), &json!(false)), "{body:#}");
    assert_eq!(data["ledgerVersion"], running.gateway.current().head().version.0);
    let since = "query($id: ID!) { project(id: $id) { sinceAttestation { code: kind since fr: message(lang: FR) en: message(lang: EN) } } }";
    let told = room.app.see(since, json!({"id": SUD})).await;
    let told = told.data()["project"]["sinceAttestation"].as_array().expect("changes").clone();
    let changes = data["changes"].as_array().expect("changes");
    assert_eq!(changes.len(), told.len());
    for (change, told) in changes.iter().zip(&told) {
        for word in ["code", "since", "fr", "en"] {
            assert_eq!(change[word], told[word]);
        }
    }
    assert!(changes.iter().any(|one| one["funder"]["id"] == format!("siren:{MEL}")), "{body:#}");
    for _ in 0..3 {
        room.later(60);
        running.turn().await;
    }
    assert!(room.got().is_empty(), "told once");
}

#[tokio::test]
async fn webhooks_tell_a_verdict_that_only_grew_old() {
    let room = Room::start().await;
    let running = room.run().await;
    running.turn().await;
    // The Region's list was read on the sixth; it may be twenty days old.
    room.later(16 * 86_400);
    running.turn().await;
    let got = room.got();
    assert_eq!(got.len(), 1);
    let body: Value = serde_json::from_str(&got[0].1).expect("JSON");
    let data = &body["data"];
    assert_eq!((&data["now"]["knowledge"], &data["asAttested"]), (&json!("UNVERIFIABLE"), &json!(false)), "{body:#}");
    let late = data["changes"].as_array().expect("changes").iter().find(|one| one["rule"] == "SOURCE-LATE").cloned();
    assert_eq!(late.expect("a rule")["since"], "2026-03-26T08:00:00Z");
}

#[tokio::test]
async fn webhooks_that_are_not_taken_come_again_under_the_same_identifier_when_they_are_due() {
    let room = Room::start().await;
    let running = room.run().await;
    room.answers(&[(500, &[]), (503, &[("retry-after", "900")])]);
    room.change("15000.00", None).await;
    running.turn().await;
    running.turn().await;
    let first = room.got();
    assert_eq!(first.len(), 1, "not before five seconds");
    room.later(6);
    running.turn().await;
    let second = room.got();
    assert_eq!(second.len(), 1);
    room.later(400);
    running.turn().await;
    assert!(room.got().is_empty(), "the receiver asked for a quarter of an hour");
    room.later(501);
    running.turn().await;
    let third = room.got();
    assert_eq!([id(&second[0]), id(&third[0])], [id(&first[0]); 2]);
    assert_eq!((&second[0].1, &third[0].1), (&first[0].1, &first[0].1), "and the same body");
    assert!(is_signed(&third[0], SECRET));
    assert_ne!(third[0].0["webhook-timestamp"], first[0].0["webhook-timestamp"], "signed at each attempt");
    room.later(1_000_000);
    running.turn().await;
    assert!(room.got().is_empty(), "taken");
}

#[tokio::test]
async fn webhooks_that_are_never_taken_are_given_up_and_counted() {
    let room = Room::start().await;
    let running = room.run().await;
    let refusals = (0..ATTEMPTS_MAX).map(|_| (500, Default::default()));
    room.answers(&refusals.collect::<Vec<_>>());
    room.change("15000.00", None).await;
    for _ in 0..ATTEMPTS_MAX + 3 {
        running.turn().await;
        room.later(96_000);
    }
    let got = room.got();
    assert_eq!(got.len(), ATTEMPTS_MAX as usize);
    let service = Service::new(running.door.clone(), None, Clock::fixed(now()), Limits::default());
    let service = service.with_herald(Arc::clone(&running.herald));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/metrics", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router(service)).await });
    let figures = reqwest::get(url).await.expect("an answer").text().await.expect("a body");
    assert!(figures.contains("passerelle_webhook_messages_dead 1"), "{figures}");
    assert!(!figures.contains("hook="), "whom a verdict is told, and when, is not for anybody: {figures}");
}

#[tokio::test]
async fn webhooks_survive_a_restart_whoever_was_down() {
    let room = Room::start().await;
    // Changed while no gateway with a receiver ran, and the receiver down when it starts.
    room.change("15000.00", None).await;
    room.answers(&[(502, &[])]);
    let first = room.run().await;
    first.turn().await;
    drop(first);
    let got = room.got();
    room.later(10);
    let second = room.run().await;
    second.turn().await;
    let again = room.got();
    assert_eq!((got.len(), again.len()), (1, 1));
    assert_eq!(id(&got[0]), id(&again[0]));
    drop(second);
    room.later(10);
    room.run().await.turn().await;
    assert!(room.got().is_empty(), "told once");
}

#[tokio::test]
async fn webhooks_of_a_partner_tell_nothing_of_projects_that_it_does_not_see() {
    let room = Room::start().await;
    room.change("15000.00", None).await;
    let stranger = room.run_for((Role::Partner, STRANGER), &[SECRET]).await;
    stranger.turn().await;
    assert!(room.got().is_empty());
    drop(stranger);
    room.run_for((Role::Partner, LILLE), &[SECRET]).await.turn().await;
    assert_eq!(room.got().len(), 1, "it holds the project");
}

#[tokio::test]
async fn webhooks_carry_no_sum_that_is_kept_from_their_receiver() {
    let shows = |text: &str| {
        let total = ["425242.42", "425,242.42", "425\u{202f}242,42", "425\u{a0}242,42", "42524242"];
        let kept = ["424242.42", "424,242.42", "424\u{202f}242,42", "424\u{a0}242,42", "42424242"];
        total.iter().chain(&kept).any(|form| text.contains(form))
    };
    let room = Room::start().await;
    room.change("1000.00", None).await;
    let attest = "mutation($id: ID!) { issueAttestation(project: $id, asStatementOfGaps: true) { id } }";
    room.say(Role::Region, REGION, (attest, json!({"id": SUD}))).await;
    let until = (now() + TimeDelta::days(2)).date_naive().to_string();
    room.change("424242.42", Some(until)).await;
    for (role, siren, sees) in [(Role::Region, REGION, true), (Role::Partner, LILLE, false)] {
        let directory = tempfile::tempdir().expect("a temporary directory");
        room.run_in(&directory, (role, siren), &[SECRET]).await.turn().await;
        let got = room.got();
        assert_eq!(got.len(), 1, "{role}");
        assert_eq!(shows(&got[0].1), sees, "{role}: {}", got[0].1);
    }
}

#[tokio::test]
async fn webhooks_stop_at_410_until_the_next_start() {
    let room = Room::start().await;
    let running = room.run().await;
    room.answers(&[(410, &[])]);
    room.change("15000.00", None).await;
    for _ in 0..3 {
        running.turn().await;
        room.later(1_000);
    }
    let got = room.got();
    assert_eq!(got.len(), 1, "not called any more");
    let told = room.last_error().await;
    assert!(told.contains("410") && told.contains("starts again"), "{told}");
    drop(running);
    room.run().await.turn().await;
    let again = room.got();
    assert_eq!((again.len(), id(&again[0])), (1, id(&got[0])));
}

#[tokio::test]
async fn an_attested_project_of_which_no_record_is_left_is_told_once() {
    let room = Room::start().await;
    let running = room.run().await;
    running.turn().await;
    assert_eq!(room.got().len(), 0);
    let document = "query($id: ID!) { project(id: $id) { records { source { id } key } } }";
    let project = room.say(Role::Region, REGION, (document, json!({"id": SUD}))).await;
    let ledger = room.app.ledger().await;
    for record in project["project"]["records"].as_array().expect("records") {
        let named = (record["source"]["id"].as_str().expect("a source"), record["key"].as_str().expect("a key"));
        region::turn_of(&ledger, named, RecordState::Closed, 10).await;
    }
    running.turn().await;
    let got = room.got();
    assert_eq!(got.len(), 1, "{got:?}");
    let told: Value = serde_json::from_str(&got[0].1).expect("JSON");
    assert_eq!((&told["data"]["project"], &told["data"]["changes"][0]["code"]), (&json!(SUD), &json!("PROJECT_GONE")));
    assert_eq!(
        (&told["data"]["now"]["ready"], &told["data"]["now"]["knowledge"]),
        (&json!(false), &json!("INCOMPLETE"))
    );
    running.turn().await;
    assert_eq!(room.got().len(), 0, "once");
}

#[tokio::test]
async fn webhooks_are_signed_with_each_secret_while_one_takes_the_place_of_another() {
    let room = Room::start().await;
    room.change("15000.00", None).await;
    room.run_for((Role::Region, REGION), &[SECRET, OLD_SECRET]).await.turn().await;
    let got = room.got();
    assert!(is_signed(&got[0], SECRET) && is_signed(&got[0], OLD_SECRET), "{got:?}");
    assert_eq!(got[0].0["webhook-signature"].to_str().expect("text").split(' ').count(), 2);
}

#[tokio::test]
async fn webhooks_follow_no_redirect() {
    let room = Room::start().await;
    room.change("15000.00", None).await;
    room.answers(&[(307, &[("location", "/other")])]);
    let running = room.run().await;
    running.turn().await;
    let first = room.got();
    assert_eq!(first.len(), 1, "the other place was not called");
    room.later(6);
    running.turn().await;
    assert_eq!(id(&room.got()[0]), id(&first[0]), "it is a failure like others");
}
