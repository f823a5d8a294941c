//! A committee's meeting, played from GraphQL alone (docs/committee.md): what is missing is declared, the plan changes, what was
//! acknowledged no longer is, all acknowledge, the Region attests, and the past stays what it was.

use crate::app::TestApp;
use crate::region::{self, SUD};
use chrono::TimeDelta;
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
const MONTH: TimeDelta = TimeDelta::days(31);

const CHECK: &str = "query($id: ID!) { project(id: $id) {
    fundingPlan { version lines { funder { id } nature state amount acknowledged } }
    check { ready knowledge findings { rule severity message } } } }";

struct Meeting {
    app: TestApp,
}

impl Meeting {
    async fn check(&self) -> Value {
        self.app.see(CHECK, json!({"id": SUD})).await.data()["project"].clone()
    }

    fn partner(&self, siren: &str) -> String {
        self.app.token_of(Role::Partner, Some(siren), &[])
    }

    fn region(&self) -> String {
        self.app.token_of(Role::Region, Some(REGION), &[])
    }

    async fn declare(&self, siren: &str, (nature, amount): (&str, &str)) -> Value {
        let document =
            "mutation($input: DeclareCommitmentInput!) { declareCommitment(input: $input) { ledgerVersion expected } }";
        let input = json!({"project": SUD, "nature": nature, "stage": "ATTRIBUE", "amount": amount, "taxBasis": "HT"});
        let token = self.partner(siren);
        self.app.ask_with(document, json!({"input": input}), Some(&token)).await.data()["declareCommitment"].clone()
    }

    async fn nothing(&self, siren: &str, nature: &str) -> Value {
        let document =
            "mutation($input: DeclareNothingInput!) { declareNothing(input: $input) { ledgerVersion expected } }";
        let token = self.partner(siren);
        let input = json!({"project": SUD, "nature": nature});
        self.app.ask_with(document, json!({"input": input}), Some(&token)).await.data()["declareNothing"].clone()
    }

    async fn admit(&self, siren: &str) {
        let document =
            "mutation($p: ID!, $f: ID!) { admitFunder(project: $p, funder: $f, reason: \"Citée au comité\") { id } }";
        let variables = json!({"p": SUD, "f": format!("siren:{siren}")});
        self.app.ask_with(document, variables, Some(&self.region())).await.data();
    }

    async fn acknowledge(&self, siren: &str, version: &Value) -> crate::app::Answer {
        let document = "mutation($p: ID!, $v: String!) { acknowledgePlan(project: $p, planVersion: $v) {
            project { id } planVersion by { id } at ledgerVersion } }";
        let token = self.partner(siren);
        self.app.ask_with(document, json!({"p": SUD, "v": version}), Some(&token)).await
    }
}

fn rules(project: &Value) -> Vec<&str> {
    let findings = project["check"]["findings"].as_array().expect("findings");
    findings.iter().map(|one| one["rule"].as_str().expect("a code")).collect()
}

fn lines(project: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let lines = project["fundingPlan"]["lines"].as_array().expect("lines");
    lines.iter().map(|line| (text(&line["funder"]["id"]), text(&line["nature"]), text(&line["state"]))).collect()
}

#[tokio::test]
async fn a_committee_meets() {
    let minutes = Arc::new(AtomicI64::new(0));
    let passed = Arc::clone(&minutes);
    let clock = Clock::told_by(move || region::now() + TimeDelta::minutes(passed.load(Ordering::Acquire)));
    let meeting = Meeting { app: TestApp::start_timed(Limits::default(), clock).await };

    // Incomplete: an application names the Métropole and the holder's own share, and nobody confirmed.
    let before = meeting.check().await;
    assert_eq!(before["check"]["knowledge"], "INCOMPLETE", "{before:#}");
    assert!(rules(&before).contains(&"MEANS-REPORTED") && rules(&before).contains(&"NPNRU-ANRU"), "{before:#}");

    // Everyone whom the application names says for itself what it puts, or that it puts nothing; ANRU too.
    for (funder, nature, state) in lines(&before) {
        if state == "REPORTED" {
            let siren = funder.strip_prefix("siren:").unwrap_or_else(|| panic!("{funder} {nature}")).to_owned();
            let answer = meeting.nothing(&siren, &nature).await;
            assert_eq!(answer["expected"], true, "{funder} {nature}");
        }
    }
    meeting.nothing(ANRU, "INVESTISSEMENT").await;
    meeting.admit(ANRU).await;
    let nothing = meeting.check().await;
    assert_ne!(nothing["check"]["knowledge"], "INCOMPLETE", "{nothing:#}");
    let version = nothing["fundingPlan"]["version"].clone();

    // The Métropole, which nobody expected, declares a sum in operation: once it is admitted, the plan is another one.
    let told = meeting.declare(MEL, ("FONCTIONNEMENT", "15000.00")).await;
    assert_eq!(told["expected"], false);
    let unexpected = meeting.check().await;
    assert_eq!(unexpected["fundingPlan"]["version"], version, "no power by declaring");
    assert!(rules(&unexpected).contains(&"BODY-UNEXPECTED"), "{unexpected:#}");
    meeting.admit(MEL).await;
    let changed = meeting.check().await;
    assert_ne!(changed["fundingPlan"]["version"], version);
    let stale = meeting.acknowledge(MEL, &version).await;
    assert_eq!(stale.code(), "CONFLICT", "{:#}", stale.body);
    assert_eq!(changed["check"]["knowledge"], "KNOWN_NOT_SHARED", "{changed:#}");

    // It acknowledges; Lille declares; the acknowledgement lapses, and the finding says what changed.
    let version = changed["fundingPlan"]["version"].clone();
    let acknowledged = meeting.acknowledge(MEL, &version).await;
    assert_eq!(acknowledged.data()["acknowledgePlan"]["by"]["id"], format!("siren:{MEL}"));
    assert_eq!(meeting.check().await["check"]["knowledge"], "KNOWN_AND_SHARED");
    meeting.declare(LILLE, ("FONCTIONNEMENT", "2500.00")).await;
    let lapsed = meeting.check().await;
    assert_eq!(lapsed["check"]["knowledge"], "KNOWN_NOT_SHARED");
    let findings = lapsed["check"]["findings"].as_array().unwrap();
    let change = findings.iter().find(|one| one["rule"] == "PLAN-CHANGED").unwrap_or_else(|| panic!("{lapsed:#}"));
    assert!(change["message"].as_str().unwrap().contains("2\u{202f}500,00"), "{change:#}");

    // All acknowledge: ready.
    let version = lapsed["fundingPlan"]["version"].clone();
    for siren in [MEL, LILLE] {
        meeting.acknowledge(siren, &version).await.data();
    }
    let ready = meeting.check().await;
    assert_eq!(
        (&ready["check"]["knowledge"], &ready["check"]["ready"]),
        (&json!("KNOWN_AND_SHARED"), &json!(true)),
        "{ready:#}"
    );

    // The Region attests, and a partner changes its mind later: the attestation is listed as changed, the past is as it was.
    let issue = "mutation($id: ID!) { issueAttestation(project: $id) { jws issuedAt ledgerVersion check { ready } } }";
    let issued = meeting.app.ask_with(issue, json!({"id": SUD}), Some(&meeting.region())).await;
    let attested = issued.data()["issueAttestation"].clone();
    assert_eq!(attested["check"]["ready"], true);
    let changed = "{ projects(filter: {attestedButChanged: true}) { nodes { id } } }";
    assert_eq!(meeting.app.ask(changed).await.data()["projects"]["nodes"], json!([]));
    minutes.store(5, Ordering::Release);
    meeting.declare(MEL, ("INVESTISSEMENT", "100.00")).await;
    assert_eq!(meeting.app.ask(changed).await.data()["projects"]["nodes"], json!([{"id": SUD}]));
    let then = format!(
        "{{ asOf(version: {}) {{ project(id: \"{SUD}\") {{ check {{ ready knowledge planVersion }} }} }} }}",
        attested["ledgerVersion"]
    );
    let then = meeting.app.ask(&then).await;
    let check = &then.data()["asOf"]["project"]["check"];
    assert_eq!((&check["ready"], &check["planVersion"]), (&json!(true), &version), "{check:#}");

    what_is_awaited(&meeting).await;
    minutes.store(MONTH.num_minutes(), Ordering::Release);
    a_month_later(meeting.app.at(region::now() + MONTH), &attested["issuedAt"], &version).await;
}

/// What is awaited from whoever spoke: that it acknowledges the plan as it is by now.
async fn what_is_awaited(meeting: &Meeting) {
    let awaited = format!(
        "{{ organisation(siren: \"{LILLE}\") {{ awaited {{ project {{ id }} nature state toAcknowledge }} }} }}"
    );
    let wanted = json!([{"project": {"id": SUD}, "nature": "FONCTIONNEMENT", "state": "KNOWN", "toAcknowledge": true}]);
    assert_eq!(meeting.app.ask(&awaited).await.data()["organisation"]["awaited"], wanted);
}

/// Nobody read the sources again, and nothing is sure any more; as of the attestation, it is what it was.
async fn a_month_later(app: TestApp, issued_at: &Value, version: &Value) {
    let meeting = Meeting { app };
    assert_eq!(meeting.check().await["check"]["knowledge"], "UNVERIFIABLE");
    let then = "query($id: ID!, $at: DateTime!) { asOf(instant: $at) { project(id: $id) {
        check { ready knowledge planVersion } } } }";
    let then = meeting.app.see(then, json!({"id": SUD, "at": issued_at})).await;
    let wanted = json!({"ready": true, "knowledge": "KNOWN_AND_SHARED", "planVersion": version});
    assert_eq!(then.data()["asOf"]["project"]["check"], wanted);
    let report = meeting.app.ledger().await.verify().await.expect("verified");
    assert!(report.fault.is_none(), "{report:?}");
}

#[tokio::test]
async fn projects_are_listed_by_what_the_check_says() {
    let app = TestApp::start().await;
    let all = app.ask("{ projects { nodes { id check { knowledge } } } }").await;
    for wanted in ["KNOWN_AND_SHARED", "KNOWN_NOT_SHARED", "INCOMPLETE", "UNVERIFIABLE"] {
        let listed = app.ask(&format!("{{ projects(filter: {{knowledge: [{wanted}]}}) {{ nodes {{ id }} }} }}")).await;
        let expected: Vec<Value> = all.data()["projects"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["check"]["knowledge"] == wanted)
            .map(|one| json!({"id": one["id"]}))
            .collect();
        assert_eq!(listed.data()["projects"]["nodes"], json!(expected), "{wanted}");
    }
}

#[tokio::test]
async fn the_conditions_of_a_contract_have_their_evidence() {
    let app = TestApp::start().await;
    let conditions = "{ contratDeVille(id: \"CN05911M\") { conditions { code met evidence } } }";
    let of = |answer: &Value, code: &str| {
        let all = answer["contratDeVille"]["conditions"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["code"] == code).unwrap()
    };
    let before = app.ask(conditions).await;
    assert_eq!(before.data()["contratDeVille"]["conditions"].as_array().unwrap().len(), 6);
    assert_eq!(of(before.data(), "C1")["met"], Value::Null);
    assert_eq!(of(before.data(), "C6")["met"], Value::Null, "voted projects, and no attestation");
    let record = "mutation($input: ConditionInput!) { recordCondition(input: $input) { id } }";
    let input = |code: &str| json!({"input": {"contrat": "CN05911M", "code": code, "met": true, "evidence": "Convention, article 4"}});
    let region = app.token_of(Role::Region, Some(REGION), &[]);
    assert_eq!(app.ask_with(record, input("C6"), Some(&region)).await.code(), "BAD_INPUT");
    let partner = app.token_of(Role::Partner, Some(MEL), &[]);
    assert_eq!(app.ask_with(record, input("C1"), Some(&partner)).await.code(), "FORBIDDEN");
    app.ask_with(record, input("C1"), Some(&region)).await.data();
    let after = app.ask(conditions).await;
    assert_eq!(of(after.data(), "C1")["met"], true);
    assert!(of(after.data(), "C1")["evidence"].as_str().unwrap().contains("article 4"));
}
