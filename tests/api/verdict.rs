//! A verdict that stops being true is told: by what is appended, and by the time that passes; with what changed, from whom,
//! since when.

use crate::app::TestApp;
use crate::region::{PERSON, SUD, now};
use crate::socket::Socket;
use chrono::TimeDelta;
use passerelle::check::{RULE_FILES, Rulebook};
use passerelle::clock::Clock;
use passerelle::http::Limits;
use passerelle::identity::Role;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const LILLE: &str = "215903501";
const MEL: &str = "200093201";
const REGION: &str = "200053742";
const ANRU: &str = "453678252";

const CHANGED: &str = "subscription { verdictChanged { version at attested project { id check { knowledge } }
    before { ready knowledge planVersion } after { ready knowledge planVersion }
    changed { kind funder { id } nature rule source { id } since message(lang: EN) } } }";
const SINCE: &str = "query($id: ID!) { project(id: $id) { sinceAttestation { kind funder { id } nature rule since message(lang: EN) } } }";

struct Room {
    app: TestApp,
}

impl Room {
    async fn say(&self, role: Role, siren: &str, (document, variables): (&str, Value)) -> Value {
        let token = self.app.token_of(role, Some(siren), &[]);
        self.app.ask_with(document, variables, Some(&token)).await.data().clone()
    }

    async fn nothing(&self, siren: &str, nature: &str) {
        let document = "mutation($input: DeclareNothingInput!) { declareNothing(input: $input) { id } }";
        let input = json!({"project": SUD, "nature": nature});
        self.say(Role::Partner, siren, (document, json!({"input": input}))).await;
    }

    async fn admit(&self, siren: &str) {
        let document = "mutation($p: ID!, $f: ID!) { admitFunder(project: $p, funder: $f, reason: \"Citée\") { id } }";
        let variables = json!({"p": SUD, "f": format!("siren:{siren}")});
        self.say(Role::Region, REGION, (document, variables)).await;
    }

    /// Everybody whom the application names says that it puts nothing, and so does ANRU.
    async fn settle(&self) {
        self.nothing(LILLE, "INVESTISSEMENT").await;
        self.nothing(ANRU, "INVESTISSEMENT").await;
        self.admit(ANRU).await;
    }

    async fn attest(&self) -> Value {
        let document =
            "mutation($id: ID!) { issueAttestation(project: $id) { check { ready knowledge planVersion } } }";
        self.say(Role::Region, REGION, (document, json!({"id": SUD}))).await["issueAttestation"]["check"].clone()
    }

    async fn listen(&self, role: Role, siren: Option<&str>) -> Socket {
        let token = self.app.token_of(role, siren, &[]);
        let mut socket = Socket::greeted(&self.app, json!({"authorization": format!("Bearer {token}")})).await;
        socket.subscribe("v", CHANGED).await;
        socket
    }
}

async fn told(socket: &mut Socket) -> Value {
    let message = socket.hear().await;
    assert!(message["payload"]["errors"].is_null(), "{message:#}");
    message["payload"]["data"]["verdictChanged"].clone()
}

fn kinds(changed: &Value) -> Vec<&str> {
    changed.as_array().expect("changes").iter().filter_map(|one| one["kind"].as_str()).collect()
}

#[tokio::test]
async fn each_turn_of_a_verdict_is_told_with_what_turned_it() {
    let room = Room { app: TestApp::start().await };
    let mut region = room.listen(Role::Region, Some(REGION)).await;
    let mut partner = room.listen(Role::Partner, Some(MEL)).await;
    let mut stranger = room.listen(Role::Partner, Some("213502388")).await;

    room.nothing(LILLE, "INVESTISSEMENT").await;
    let turn = told(&mut region).await;
    assert_eq!(turn["project"]["id"], SUD);
    assert_eq!(turn["before"]["knowledge"], "INCOMPLETE");
    assert_eq!(
        (&turn["after"]["knowledge"], &turn["project"]["check"]["knowledge"]),
        (&json!("KNOWN_AND_SHARED"), &json!("KNOWN_AND_SHARED"))
    );
    let lille = turn["changed"].as_array().expect("changes").iter().find(|one| one["kind"] == "LINE_STATE");
    let lille = lille.unwrap_or_else(|| panic!("{turn:#}"));
    assert_eq!(
        (&lille["funder"]["id"], &lille["nature"]),
        (&json!(format!("siren:{LILLE}")), &json!("INVESTISSEMENT"))
    );
    assert_eq!((&lille["source"]["id"], &lille["since"]), (&json!("declarations"), &json!("2026-03-11T08:00:00Z")));
    assert!(lille["message"].as_str().expect("a sentence").contains("now puts nothing"), "{lille}");
    assert!(kinds(&turn["changed"]).contains(&"FINDING_GONE"), "{turn:#}");
    assert_eq!(told(&mut partner).await["after"], turn["after"], "it pilots the contract");
    stranger.settled().await;

    // ANRU's answer lifts what blocks: ready. Then attested, which turns nothing.
    room.nothing(ANRU, "INVESTISSEMENT").await;
    room.admit(ANRU).await;
    let ready = told(&mut region).await;
    assert_eq!((&ready["before"]["ready"], &ready["after"]["ready"]), (&json!(false), &json!(true)), "{ready:#}");
    assert_eq!(ready["attested"], false);
    let attested = room.attest().await;
    assert_eq!(attested, ready["after"]);
    region.settled().await;
    let since = room.app.see(SINCE, json!({"id": SUD})).await;
    assert_eq!(since.data()["project"]["sinceAttestation"], json!([]), "it says what was attested");

    // A sum that the Métropole declares once it is admitted: the plan is another, and nobody shared it.
    room.admit(MEL).await;
    let sum = json!({"project": SUD, "nature": "FONCTIONNEMENT", "stage": "ATTRIBUE", "amount": "15000.00"});
    let declare = "mutation($input: DeclareCommitmentInput!) { declareCommitment(input: $input) { id } }";
    room.say(Role::Partner, MEL, (declare, json!({"input": sum}))).await;
    let lost = told(&mut region).await;
    assert_eq!((&lost["attested"], &lost["before"], &lost["after"]["ready"]), (&json!(true), &attested, &json!(false)));
    let line = lost["changed"].as_array().expect("changes").iter().find(|one| one["kind"] == "LINE_APPEARED").cloned();
    assert_eq!(line.expect("a line")["funder"]["id"], format!("siren:{MEL}"), "{lost:#}");
    let since = room.app.see(SINCE, json!({"id": SUD})).await;
    let since = since.data()["project"]["sinceAttestation"].clone();
    assert!(kinds(&since).contains(&"LINE_APPEARED") && kinds(&since).contains(&"FINDING_APPEARED"), "{since:#}");
    let listed = room
        .app
        .ask("{ projects(first: 1, filter: {attestedButChanged: true}) { nodes { id sinceAttestation { kind } } } }")
        .await;
    assert_eq!(kinds(&listed.data()["projects"]["nodes"][0]["sinceAttestation"]), kinds(&since));
    stranger.settled().await;
}

#[tokio::test]
async fn a_verdict_that_only_grows_old_is_told_too() {
    // The Region's list was read on the sixth; it may be twenty days old: ten minutes are left.
    let begin = now() + TimeDelta::days(15) - TimeDelta::minutes(10);
    let minutes = Arc::new(AtomicI64::new(0));
    let told_by = Arc::clone(&minutes);
    let clock = Clock::told_by(move || begin + TimeDelta::minutes(told_by.load(Ordering::Acquire)));
    let limits = Limits { verdicts_every: Duration::from_millis(20), ..Limits::default() };
    let room = Room { app: TestApp::start_timed(limits, clock).await.at(begin) };
    room.settle().await;
    let attested = room.attest().await;
    assert_eq!(attested["knowledge"], "KNOWN_AND_SHARED");
    let mut region = room.listen(Role::Region, Some(REGION)).await;
    region.settled().await;
    minutes.store(11, Ordering::Release);
    let mut stale = told(&mut region).await;
    while stale["project"]["id"] != SUD {
        stale = told(&mut region).await;
    }
    assert_eq!((&stale["after"]["knowledge"], &stale["attested"]), (&json!("UNVERIFIABLE"), &json!(true)), "{stale:#}");
    let line = stale["changed"].as_array().expect("changes").iter().find(|one| one["kind"] == "LINE_STATE").cloned();
    let line = line.unwrap_or_else(|| panic!("{stale:#}"));
    assert_eq!((&line["source"]["id"], &line["since"]), (&json!("region"), &json!("2026-03-26T08:00:00Z")), "{line}");
    let rule = stale["changed"].as_array().expect("changes").iter().find(|one| one["rule"] == "SOURCE-LATE").cloned();
    assert_eq!(rule.expect("a rule")["since"], "2026-03-26T08:00:00Z");
}

#[tokio::test]
async fn what_changed_since_an_attestation_tells_that_the_rules_did() {
    let room = Room { app: TestApp::start().await };
    room.settle().await;
    assert_eq!(room.attest().await["ready"], true);
    let more = "\n[[expected]]\nfunder = \"siren:225900018\"\nnature = \"FONCTIONNEMENT\"\nbecause = \"Une convention.\"\n\
                confirm = \"Que la convention le dit.\"\n";
    let text = |name: &str| {
        let text = std::fs::read_to_string(format!("{}/rules/{name}", env!("CARGO_MANIFEST_DIR"))).expect("rules");
        if name == "expected.toml" { text + more } else { text }
    };
    let files: Vec<(&str, String)> = RULE_FILES.into_iter().map(|name| (name, text(name))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let book = Rulebook::read(&files).expect("sound rules");
    let edition = book.edition.clone();
    let today = room.app.start_again(Box::leak(Box::new(book))).await;
    let listed = today
        .ask("{ projects(first: 2, filter: {attestedButChanged: true}) { nodes { id sinceAttestation { kind message(lang: EN) } } } }")
        .await;
    let nodes = &listed.data()["projects"]["nodes"];
    assert_eq!((nodes.as_array().map(Vec::len), &nodes[0]["id"]), (Some(1), &json!(SUD)), "{nodes:#}");
    let since = &nodes[0]["sinceAttestation"];
    assert_eq!(kinds(since), ["RULES"], "{since:#}");
    let message = since[0]["message"].as_str().expect("a sentence");
    assert!(message.contains(&*edition) && message.contains(&*Rulebook::of_the_product().edition), "{message}");
}

#[tokio::test]
async fn an_attested_project_that_gave_way_is_compared_with_what_was_attested_of_it() {
    let room = Room { app: TestApp::start().await };
    let attest = "mutation($id: ID!) { issueAttestation(project: $id, asStatementOfGaps: true) { id } }";
    room.say(Role::Region, REGION, (attest, json!({"id": PERSON}))).await;
    let link = "mutation($all: [ID!]!) { linkProjects(projects: $all, reason: \"Même opération\") { id } }";
    room.say(Role::Region, REGION, (link, json!({"all": [PERSON, SUD]}))).await;
    let since = room.app.see(SINCE, json!({"id": SUD})).await;
    let since = since.data()["project"]["sinceAttestation"].as_array().expect("changes").clone();
    let appeared =
        since.iter().filter(|one| one["kind"] == "LINE_APPEARED" && one["funder"]["id"] == format!("siren:{REGION}"));
    let natures: Vec<&Value> = appeared.map(|one| &one["nature"]).collect();
    assert_eq!(natures, ["INVESTISSEMENT"], "what was attested had the other nature: {since:#?}");
}

#[tokio::test]
async fn what_a_link_changed_is_told_since_the_link() {
    let minutes = Arc::new(AtomicI64::new(0));
    let told_by = Arc::clone(&minutes);
    let clock = Clock::told_by(move || now() + TimeDelta::minutes(told_by.load(Ordering::Acquire)));
    let room = Room { app: TestApp::start_timed(Limits::default(), clock).await };
    let attest = "mutation($id: ID!) { issueAttestation(project: $id, asStatementOfGaps: true) { id } }";
    room.say(Role::Region, REGION, (attest, json!({"id": PERSON}))).await;
    minutes.store(5, Ordering::Release);
    let link = "mutation($all: [ID!]!) { linkProjects(projects: $all, reason: \"Même opération\") { id } }";
    room.say(Role::Region, REGION, (link, json!({"all": [PERSON, SUD]}))).await;
    minutes.store(9, Ordering::Release);
    let since = room.app.see(SINCE, json!({"id": SUD})).await;
    let since = since.data()["project"]["sinceAttestation"].as_array().expect("changes").clone();
    assert!(!since.is_empty());
    for change in &since {
        assert_eq!(change["since"], "2026-03-11T08:05:00Z", "{change:#}");
    }
}

#[tokio::test]
async fn who_sees_no_check_is_told_no_verdict() {
    let app = TestApp::start().await;
    for (greeting, query, code) in [
        (json!({}), CHANGED, "FORBIDDEN"),
        (json!({"authorization": format!("Bearer {}", app.admin())}), CHANGED, "FORBIDDEN"),
        (
            json!({"authorization": format!("Bearer {}", app.auditor())}),
            "subscription { verdictChanged(filter: {knowledge: [INCOMPLETE]}) { version } }",
            "BAD_INPUT",
        ),
        (
            json!({"authorization": format!("Bearer {}", app.auditor())}),
            "subscription { ledgerChanged(filter: {attestedButChanged: true}) { version } }",
            "BAD_INPUT",
        ),
    ] {
        let mut socket = Socket::greeted(&app, greeting).await;
        socket.say(json!({"type": "subscribe", "id": "v", "payload": {"query": query}})).await;
        let refused = socket.hear().await.to_string();
        assert!(refused.contains(code), "{query}: {refused}");
    }
}
