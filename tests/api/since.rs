//! Since when a funder's answer is there, or missing: what is told is what reading the past shows.

use crate::app::TestApp;
use crate::region::{PERSON, SUD, now};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use passerelle::clock::Clock;
use passerelle::http::Limits;
use passerelle::identity::Role;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const LILLE: &str = "215903501";
const MEL: &str = "200093201";
const REGION: &str = "200053742";
const ANRU: &str = "453678252";

const LINES: &str = "projects { nodes { id fundingPlan { lines { funder { id } nature state since missingSince } } } }";

struct Room {
    app: TestApp,
    minutes: Arc<AtomicI64>,
}

impl Room {
    async fn start() -> Room {
        let minutes = Arc::new(AtomicI64::new(0));
        let told = Arc::clone(&minutes);
        let clock = Clock::told_by(move || now() + TimeDelta::minutes(told.load(Ordering::SeqCst)));
        Room { app: TestApp::start_timed(Limits::default(), clock).await, minutes }
    }

    /// Says it a minute later than what was said before; gives the instant.
    async fn say(&self, (role, siren): (Role, &str), (document, variables): (&str, Value)) -> String {
        let minutes = self.minutes.fetch_add(1, Ordering::SeqCst) + 1;
        let token = self.app.token_of(role, Some(siren), &[]);
        self.app.ask_with(document, variables, Some(&token)).await.data();
        (now() + TimeDelta::minutes(minutes)).to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }

    async fn nothing(&self, siren: &str) -> String {
        let document = "mutation($id: ID!) { declareNothing(input: {project: $id, nature: INVESTISSEMENT}) { id } }";
        self.say((Role::Partner, siren), (document, json!({"id": SUD}))).await
    }

    async fn admit(&self, siren: &str) -> String {
        let document = "mutation($p: ID!, $f: ID!) { admitFunder(project: $p, funder: $f, reason: \"Citée\") { id } }";
        let variables = json!({"p": SUD, "f": format!("siren:{siren}")});
        self.say((Role::Region, REGION), (document, variables)).await
    }

    async fn declare(&self, siren: &str, more: Value) -> String {
        let mut input = json!({"project": SUD, "nature": "FONCTIONNEMENT", "stage": "ATTRIBUE", "amount": "15000.00"});
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let document = "mutation($input: DeclareCommitmentInput!) { declareCommitment(input: $input) { id } }";
        self.say((Role::Partner, siren), (document, json!({"input": input}))).await
    }

    async fn link(&self) -> String {
        let document = "mutation($all: [ID!]!) { linkProjects(projects: $all, reason: \"Même opération\") { id } }";
        self.say((Role::Region, REGION), (document, json!({"all": [PERSON, SUD]}))).await
    }

    async fn unlink(&self) -> String {
        let document = "mutation { unlinkRecord(source: \"region\", key: \"r2\", reason: \"Deux\") { id } }";
        self.say((Role::Region, REGION), (document, Value::Null)).await
    }

    async fn lines_of(&self, role: Role, siren: &str) -> Vec<Value> {
        let token = self.app.token_of(role, Some(siren), &[]);
        let document = format!("{{ {LINES} }}");
        let seen = self.app.ask_with(&document, Value::Null, Some(&token)).await.data().clone();
        let nodes = seen["projects"]["nodes"].as_array().expect("projects").clone();
        let sud = nodes.iter().find(|one| one["id"] == SUD).expect("the project");
        sud["fundingPlan"]["lines"].as_array().expect("lines").clone()
    }

    async fn line(&self, siren: &str) -> Value {
        let funder = format!("siren:{siren}");
        let lines = self.lines_of(Role::Region, REGION).await;
        lines.iter().find(|one| one["funder"]["id"] == *funder).unwrap_or_else(|| panic!("{lines:#?}")).clone()
    }

    async fn to_acknowledge(&self, siren: &str) -> Value {
        self.to_be_acknowledged(siren, (Role::Partner, siren)).await
    }

    async fn to_be_acknowledged(&self, siren: &str, (role, of): (Role, &str)) -> Value {
        let document =
            format!("{{ organisation(siren: \"{siren}\") {{ awaited {{ project {{ id }} toAcknowledge since }} }} }}");
        let token = self.app.token_of(role, Some(of), &[]);
        let told = self.app.ask_with(&document, Value::Null, Some(&token)).await.data().clone();
        let awaited = told["organisation"]["awaited"].as_array().expect("a list").clone();
        let one = awaited.iter().find(|one| one["project"]["id"] == SUD && one["toAcknowledge"] == true);
        one.map_or(Value::Null, |one| one["since"].clone())
    }

    /// Each line was in its state at the instant that is told, and not a second before.
    async fn agrees_with_the_past(&self) {
        let auditor = self.app.auditor();
        let present = self.app.ask_with(&format!("{{ {LINES} }}"), Value::Null, Some(&auditor)).await.data().clone();
        let mut looked_at = 0;
        for project in present["projects"]["nodes"].as_array().expect("projects") {
            for line in project["fundingPlan"]["lines"].as_array().expect("lines") {
                let since = line["since"].as_str().unwrap_or_else(|| panic!("not told: {project:#}"));
                let since: DateTime<Utc> = since.parse().expect("an instant");
                let then = self.state_at((project, line), since).await;
                assert_eq!(then.as_ref(), Some(&line["state"]), "{since}: {project:#}");
                let before = self.state_at((project, line), since - TimeDelta::seconds(1)).await;
                assert_ne!(before.as_ref(), Some(&line["state"]), "{since}: {project:#}");
                let is_open = line["state"] == "SILENT" || line["state"] == "REPORTED";
                assert_eq!(line["missingSince"].is_null(), !is_open, "{line}");
                looked_at += 1;
            }
        }
        assert!(looked_at > 3, "{present:#}");
    }

    async fn state_at(&self, (project, line): (&Value, &Value), at: DateTime<Utc>) -> Option<Value> {
        let document = "query($id: ID!, $at: DateTime!) { asOf(instant: $at) { project(id: $id) { fundingPlan { lines {
            funder { id } nature state } } } } }";
        let variables = json!({"id": project["id"], "at": at.to_rfc3339()});
        let then = self.app.ask_with(document, variables, Some(&self.app.auditor())).await.data().clone();
        let lines = then["asOf"]["project"]["fundingPlan"]["lines"].as_array().cloned().unwrap_or_default();
        let same = |one: &&Value| one["funder"] == line["funder"] && one["nature"] == line["nature"];
        lines.iter().find(same).map(|one| one["state"].clone())
    }
}

#[tokio::test]
async fn what_is_told_is_what_the_past_shows() {
    let room = Room::start().await;
    room.agrees_with_the_past().await;
    let line = room.line(LILLE).await;
    assert_eq!(
        (&line["state"], &line["since"], &line["missingSince"]),
        (&json!("REPORTED"), &json!("2026-03-04T08:00:00Z"), &json!("2026-03-04T08:00:00Z")),
        "since a dossier named it, whenever its source was read again"
    );
    let voted = room.line(REGION).await;
    assert_eq!(voted["since"], "2026-03-03T08:00:00Z", "what was voted stands since then, engaged or not: {voted}");

    let answered = room.nothing(LILLE).await;
    let line = room.line(LILLE).await;
    assert_eq!(
        (&line["state"], &line["since"], &line["missingSince"]),
        (&json!("NOTHING"), &json!(answered), &Value::Null)
    );
    room.nothing(ANRU).await;
    let admitted = room.admit(ANRU).await;
    assert_eq!(room.line(ANRU).await["since"], *admitted, "its word counts since it was admitted");
    room.admit(MEL).await;
    room.agrees_with_the_past().await;
    room.declare(MEL, json!({})).await;
    room.link().await;
    room.agrees_with_the_past().await;
    room.unlink().await;
    room.agrees_with_the_past().await;
}

#[tokio::test]
async fn a_plan_is_to_be_acknowledged_since_it_stands() {
    let room = Room::start().await;
    room.nothing(LILLE).await;
    room.nothing(ANRU).await;
    room.admit(ANRU).await;
    room.admit(MEL).await;
    let declared = room.declare(MEL, json!({})).await;
    assert_eq!(room.to_acknowledge(MEL).await, *declared);
    room.link().await;
    let parted = room.unlink().await;
    let told = room.to_be_acknowledged(MEL, (Role::Region, REGION)).await;
    assert_eq!(told, *parted, "no record was read anew, and the plan is another since then");
    assert_eq!(room.to_acknowledge(MEL).await, Value::Null, "a record left for a project that it does not see");
    let version = "query($id: ID!) { project(id: $id) { fundingPlan { version } } }";
    let version = room.app.see(version, json!({"id": SUD})).await.data()["project"]["fundingPlan"]["version"].clone();
    let acknowledge = "mutation($id: ID!, $v: String!) { acknowledgePlan(project: $id, planVersion: $v) { id } }";
    let mel = (Role::Partner, MEL);
    room.say(mel, (acknowledge, json!({"id": SUD, "v": version}))).await;
    assert_eq!(room.to_acknowledge(MEL).await, Value::Null);
}

#[tokio::test]
async fn what_a_funder_keeps_to_itself_is_not_told_by_an_instant() {
    let room = Room::start().await;
    room.nothing(LILLE).await;
    room.admit(MEL).await;
    let until = (now() + TimeDelta::days(2)).date_naive().to_string();
    room.declare(MEL, json!({"notPublicUntil": until})).await;
    let known = |lines: &[Value]| lines.iter().filter(|line| !line["since"].is_null()).count();
    let (own, others) = (room.lines_of(Role::Partner, MEL).await, room.lines_of(Role::Partner, LILLE).await);
    assert!(known(&own) == own.len() && own.len() > 1, "{own:#?}");
    assert_eq!((known(&others), others.len()), (0, own.len()), "{others:#?}");
    assert!(others.iter().all(|line| line["missingSince"].is_null()), "{others:#?}");
}

#[tokio::test]
async fn what_grew_too_old_is_stale_since_then() {
    let begin = now() + TimeDelta::days(20);
    let app = TestApp::start_timed(Limits::default(), Clock::told_by(move || begin)).await.at(begin);
    let room = Room { app, minutes: Arc::default() };
    let line = room.line(REGION).await;
    assert_eq!((&line["state"], &line["since"]), (&json!("STALE"), &json!("2026-03-26T08:00:00Z")), "{line}");
}

#[tokio::test]
async fn what_a_record_said_before_it_left_for_where_one_does_not_see_is_not_told() {
    let room = Room::start().await;
    room.admit(MEL).await;
    room.declare(MEL, json!({})).await;
    let told = |lines: &[Value]| lines.iter().filter(|line| !line["since"].is_null()).count();
    let before = room.lines_of(Role::Partner, MEL).await;
    assert_eq!(told(&before), before.len(), "{before:#?}");
    room.link().await;
    room.unlink().await;
    let after = room.lines_of(Role::Partner, MEL).await;
    assert_eq!((told(&after), after.len()), (0, before.len()), "{after:#?}");
    let whole = room.lines_of(Role::Region, REGION).await;
    assert_eq!(told(&whole), whole.len(), "{whole:#?}");
}
