//! A funder keeps a sum from others until a day: what they see of it, what the check says meanwhile, and what comes after.

use crate::app::{Answer, TestApp};
use crate::region::{SUD, now};
use crate::socket::Socket;
use base64::Engine as _;
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
/// As it is written in answers, in sentences of both languages, in cents.
const KEPT: [&str; 4] = ["424242.42", "424,242.42", "424\u{202f}242,42", "42424242"];

const PROJECT: &str = "query($id: ID!, $assume: [AssumptionInput!]) { project(id: $id) {
    commitments { funder { siren } stage amount withheld statements { amount withheld notPublicUntil record { hash raw } } }
    fundingPlan { version coverage leverage balance { total } committed { investissement total }
        lines { funder { siren } nature state amount withheld notPublicUntil acknowledged } }
    check { ready knowledge planVersion explain(lang: EN)
        findings { rule severity message(lang: EN) evidence { key } statements { amount } } }
    assumed: check(assume: $assume) { knowledge planVersion explain(lang: FR) findings { rule message } }
    history { nodes { statements { withheld before { amount } after { amount } } } }
    acts { kind text } }
    totals(by: [FUNDER], filter: {project: $id}) { key { value } amount partial } }";

/// The Métropole puts more than the project costs, and keeps the sum from others for two days.
struct Town {
    app: TestApp,
    days: Arc<AtomicI64>,
    declaration: String,
    /// What the holder itself puts.
    own: String,
}

impl Town {
    async fn start() -> Town {
        let days = Arc::new(AtomicI64::new(0));
        let told = Arc::clone(&days);
        let clock = Clock::told_by(move || now() + TimeDelta::days(told.load(Ordering::SeqCst)));
        let app = TestApp::start_timed(Limits::default(), clock).await;
        let mut town = Town { app, days, declaration: String::new(), own: String::new() };
        let own = json!({"project": SUD, "nature": "INVESTISSEMENT", "stage": "ATTRIBUE", "amount": "300000.00",
            "form": "AUTOFINANCEMENT", "taxBasis": "HT", "year": 2026});
        town.own = town.declare(LILLE, own).await;
        let nothing = "mutation($id: ID!) { declareNothing(input: {project: $id, nature: INVESTISSEMENT}) { id } }";
        for siren in [ANRU, MEL] {
            let admit =
                "mutation($id: ID!, $f: ID!) { admitFunder(project: $id, funder: $f, reason: \"comité\") { id } }";
            let variables = json!({"id": SUD, "f": format!("siren:{siren}")});
            town.app.ask_with(admit, variables, Some(&town.region())).await.data();
        }
        town.app.ask_with(nothing, json!({"id": SUD}), Some(&town.partner(ANRU))).await.data();
        let until = (now() + TimeDelta::days(2)).date_naive().to_string();
        let kept = json!({"project": SUD, "nature": "INVESTISSEMENT", "stage": "ATTRIBUE", "amount": KEPT[0],
            "taxBasis": "HT", "year": 2026, "notPublicUntil": until});
        town.declaration = town.declare(MEL, kept).await;
        town
    }

    /// Some days after the beginning, with tokens of then.
    fn later(self, days: i64) -> Town {
        self.days.store(days, Ordering::SeqCst);
        Town { app: self.app.at(now() + TimeDelta::days(days)), ..self }
    }

    fn partner(&self, siren: &str) -> String {
        self.app.token_of(Role::Partner, Some(siren), &[])
    }

    fn region(&self) -> String {
        self.app.token_of(Role::Region, Some(REGION), &[])
    }

    async fn declare(&self, siren: &str, input: Value) -> String {
        let document = "mutation($input: DeclareCommitmentInput!) { declareCommitment(input: $input) { id } }";
        let answer = self.app.ask_with(document, json!({"input": input}), Some(&self.partner(siren))).await;
        answer.data()["declareCommitment"]["id"].as_str().expect("an identifier").to_owned()
    }

    async fn seen_by(&self, token: &str) -> Value {
        let assume = json!([{"funder": LILLE, "nature": "FONCTIONNEMENT", "amount": "1.00", "stage": "PROPOSE"}]);
        self.app.ask_with(PROJECT, json!({"id": SUD, "assume": assume}), Some(token)).await.data().clone()
    }

    async fn amend(&self, until: Value) -> Answer {
        let document = "mutation($id: ID!, $input: AmendDeclarationInput!) { amendDeclaration(id: $id, input: $input) { ledgerVersion } }";
        let variables = json!({"id": self.declaration, "input": {"notPublicUntil": until, "reason": "r"}});
        self.app.ask_with(document, variables, Some(&self.partner(MEL))).await
    }

    async fn acknowledge(&self, siren: &str, version: &Value) -> Answer {
        let document = "mutation($id: ID!, $v: String!) { acknowledgePlan(project: $id, planVersion: $v) { id } }";
        self.app.ask_with(document, json!({"id": SUD, "v": version}), Some(&self.partner(siren))).await
    }
}

fn shows(answer: &Value) -> bool {
    let text = answer.to_string();
    KEPT.iter().any(|form| text.contains(form))
}

/// The line of the Métropole.
fn line(seen: &Value) -> &Value {
    let lines = seen["project"]["fundingPlan"]["lines"].as_array().expect("lines");
    lines.iter().find(|line| line["funder"]["siren"] == MEL).unwrap_or_else(|| panic!("no line: {seen:#}"))
}

fn rules(seen: &Value) -> Vec<(String, String)> {
    let findings = seen["project"]["check"]["findings"].as_array().expect("findings");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    findings.iter().map(|one| (text(&one["rule"]), text(&one["severity"]))).collect()
}

fn finding<'a>(seen: &'a Value, rule: &str) -> &'a Value {
    let findings = seen["project"]["check"]["findings"].as_array().expect("findings");
    findings.iter().find(|one| one["rule"] == rule).unwrap_or_else(|| panic!("no {rule}: {seen:#}"))
}

#[tokio::test]
async fn others_see_that_something_stands_there_and_whether_rules_hold_but_those_that_weigh_it() {
    let town = Town::start().await;
    let (own, other) = (town.seen_by(&town.partner(MEL)).await, town.seen_by(&town.partner(LILLE)).await);
    let whole = town.seen_by(&town.region()).await;
    assert!(shows(&own) && shows(&whole) && !shows(&other), "{other:#}");
    assert_eq!((&line(&own)["withheld"], &line(&own)["amount"]), (&json!(false), &json!(KEPT[0])));
    let kept = line(&other);
    assert_eq!((&kept["withheld"], &kept["amount"], &kept["state"]), (&json!(true), &Value::Null, &json!("KNOWN")));
    assert_eq!(kept["notPublicUntil"], line(&whole)["notPublicUntil"]);
    let plan = &other["project"]["fundingPlan"];
    assert_eq!(
        (&plan["leverage"], &plan["balance"]["total"], &plan["committed"]["total"]),
        (&json!(null), &json!(null), &json!(null))
    );
    assert_eq!(plan["coverage"], whole["project"]["fundingPlan"]["coverage"]);
    assert_ne!(plan["version"], whole["project"]["fundingPlan"]["version"], "a version tells nothing of the sum");

    // The verdict is the same for all; of what rests on the sum, others learn whether the rule holds, and no more.
    for seen in [&own, &other, &whole] {
        let check = &seen["project"]["check"];
        assert_eq!((&check["knowledge"], &check["ready"]), (&json!("KNOWN_NOT_SHARED"), &json!(false)), "{seen:#}");
    }
    let weighing = ["PLAN-SHORT", "PLAN-EXCESS", "OWN-SHARE", "CONTRADICTION-REPORTED"];
    let others = |seen: &Value| {
        let mut all = rules(seen);
        all.retain(|(rule, _)| !weighing.contains(&rule.as_str()));
        all
    };
    assert_eq!(others(&other), others(&whole));
    // Whether the plan is balanced would tell the sum, and when it ceases to be, to the cent: others learn neither.
    for rule in ["PLAN-SHORT", "PLAN-EXCESS", "OWN-SHARE"] {
        let told = finding(&other, rule);
        assert_eq!(told["severity"], "WARNING", "{told:#}");
        let sentence = told["message"].as_str().expect("a sentence");
        assert!(sentence.contains("not weighed for this reader") && sentence.contains("embargo"), "{told:#}");
        assert_eq!((&told["evidence"], &told["statements"]), (&json!([]), &json!([])));
    }
    assert_eq!(finding(&whole, "PLAN-EXCESS")["severity"], "BLOCKING");
    assert!(!finding(&whole, "PLAN-EXCESS")["message"].as_str().expect("a sentence").contains("embargo"));
    finding(&other, "MEANS-EMBARGO");
    let list = town.app.client().get(town.app.url("/lists/projects.csv")).bearer_auth(town.partner(LILLE));
    let list = list.send().await.expect("an answer").text().await.expect("a text");
    assert!(list.contains(SUD) && !KEPT.iter().any(|form| list.contains(form)), "{list}");
}

/// Whoever amends a sum of its own, again and again, learns nothing from what the check comes to.
#[tokio::test]
async fn the_sum_is_not_found_by_trying_when_a_rule_turns() {
    let town = Town::start().await;
    let (lille, region) = (town.partner(LILLE), town.region());
    let document = "mutation($id: ID!, $input: AmendDeclarationInput!) { amendDeclaration(id: $id, input: $input) { ledgerVersion } }";
    let told = "query($id: ID!) { project(id: $id) { check { ready knowledge rules { rule verdict }
        findings { rule severity unknown message(lang: EN) evidence { key } statements { stage } } } } }";
    let attest = "mutation($id: ID!) { issueAttestation(project: $id, asStatementOfGaps: true) { id } }";
    town.app.ask_with(attest, json!({"id": SUD}), Some(&region)).await.data();
    let since = "query($id: ID!) { project(id: $id) { sinceAttestation { kind rule message(lang: EN) } } }";
    let turned = async |token: &str| {
        let answer = town.app.ask_with(since, json!({"id": SUD}), Some(token)).await.data().clone();
        let reasons = answer["project"]["sinceAttestation"].as_array().expect("reasons").clone();
        reasons.into_iter().filter(|one| !one["rule"].is_null()).collect::<Vec<_>>()
    };
    let mut reasons = Vec::new();
    let told_to = async |token: &str| {
        town.app.ask_with(told, json!({"id": SUD}), Some(token)).await.data()["project"]["check"].clone()
    };
    let (mut seen, mut known) = (Vec::new(), Vec::new());
    for amount in ["1.00", "1000.00", "75757.58", "75757.59", "400000.00", "9000000.00"] {
        let variables = json!({"id": town.own, "input": {"amount": amount, "reason": "essai"}});
        town.app.ask_with(document, variables, Some(&lille)).await.data();
        seen.push(told_to(&lille).await);
        known.push(told_to(&region).await);
        reasons.push(turned(&lille).await);
    }
    assert!(reasons.windows(2).all(|pair| pair[0] == pair[1]), "what turned since, neither: {reasons:#?}");
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:#?}");
    assert!(known.windows(2).any(|pair| pair[0] != pair[1]), "whoever sees all is told: {known:#?}");
    let rules = seen[0]["rules"].as_array().expect("rules");
    let verdict = |code: &str| {
        rules.iter().filter(|one| one["rule"] == code).map(|one| one["verdict"].clone()).collect::<Vec<_>>()
    };
    for weighing in ["PLAN-EXCESS", "PLAN-SHORT", "OWN-SHARE"] {
        assert_eq!(verdict(weighing), [json!("UNKNOWN")], "{weighing}, once");
    }
}

#[tokio::test]
async fn nobody_agrees_to_a_plan_of_which_a_sum_is_kept_from_it() {
    let town = Town::start().await;
    let seen = town.seen_by(&town.partner(LILLE)).await;
    let whole = town.seen_by(&town.region()).await;
    for version in [&seen, &whole].map(|one| &one["project"]["fundingPlan"]["version"]) {
        let refused = town.acknowledge(LILLE, version).await;
        assert_eq!(refused.code(), "CONFLICT", "{:#}", refused.body);
        assert!(!shows(&refused.body));
    }
    town.acknowledge(MEL, &whole["project"]["fundingPlan"]["version"]).await.data();
    let after = town.seen_by(&town.region()).await;
    assert_eq!(line(&after)["acknowledged"], false, "its own word to itself shares nothing");
    assert!(!shows(&town.seen_by(&town.partner(LILLE)).await));

    // From the day, everybody sees and agrees; what the funder acknowledged before is of the same version.
    let town = town.later(2);
    let told = town.seen_by(&town.partner(LILLE)).await;
    assert_eq!((&line(&told)["amount"], &line(&told)["withheld"]), (&json!(KEPT[0]), &json!(false)));
    assert_eq!(line(&told)["acknowledged"], true);
    assert!(!rules(&told).iter().any(|(rule, _)| rule == "MEANS-EMBARGO"), "{told:#}");
    town.acknowledge(LILLE, &told["project"]["fundingPlan"]["version"]).await.data();
}

/// Whoever was present did not see what was kept from them: minutes of that day share nothing, recorded then or later.
#[tokio::test]
async fn minutes_share_no_plan_of_which_a_sum_was_kept_from_those_present() {
    let town = Town::start().await;
    let record = async |town: &Town, held_on: i64| {
        let version = town.seen_by(&town.region()).await["project"]["fundingPlan"]["version"].clone();
        let input = json!({"contrat": "CN05911M", "heldOn": (now() + TimeDelta::days(held_on)).date_naive().to_string(),
            "reference": "COPIL", "present": [format!("siren:{LILLE}")], "plans": [{"project": SUD, "planVersion": version}]});
        let document = "mutation($input: MinutesInput!) { recordMinutes(input: $input) { id } }";
        town.app.ask_with(document, json!({"input": input}), Some(&town.partner(MEL))).await
    };
    let refused = record(&town, 0).await;
    assert_eq!(refused.code(), "CONFLICT", "{:#}", refused.body);
    assert!(!shows(&refused.body));
    let town = town.later(3);
    assert_eq!(record(&town, 1).await.code(), "CONFLICT", "it was kept from them that day");
    record(&town, 2).await.data();
}

#[tokio::test]
async fn an_embargo_is_lifted_and_laid_again_and_the_past_follows() {
    let town = Town::start().await;
    let lifted = town.amend(Value::Null).await.data()["amendDeclaration"]["ledgerVersion"].clone();
    assert_eq!(line(&town.seen_by(&town.partner(LILLE)).await)["amount"], KEPT[0]);
    let past = format!(
        "{{ asOf(version: {}) {{ project(id: \"{SUD}\") {{ commitments {{ amount withheld }} check {{ knowledge }} }} }} }}",
        lifted.as_i64().expect("a version") - 1
    );
    let lille = town.partner(LILLE);
    let then = town.app.ask_with(&past, json!({}), Some(&lille)).await.data().clone();
    assert!(shows(&then), "told since: {then:#}");
    assert_eq!(then["asOf"]["project"]["check"]["knowledge"], "KNOWN_NOT_SHARED", "the verdict is that of then");

    town.amend(json!("2099-12-31")).await.data();
    let now_open = past.replace(&(lifted.as_i64().expect("a version") - 1).to_string(), &lifted.to_string());
    for asked in [past, now_open] {
        let then = town.app.ask_with(&asked, json!({}), Some(&lille)).await.data().clone();
        assert!(!shows(&then), "kept again, then too: {then:#}");
        assert!(shows(town.app.ask_with(&asked, json!({}), Some(&town.region())).await.data()));
    }
    assert!(!shows(&town.seen_by(&lille).await), "nor in its history");
    let absurd = town.amend(json!("9999-12-31")).await;
    assert_eq!(absurd.code(), "BAD_INPUT", "{:#}", absurd.body);
}

#[tokio::test]
async fn an_attestation_holds_a_digest_in_its_place() {
    let town = Town::start().await;
    let issue =
        "mutation($id: ID!) { issueAttestation(project: $id, asStatementOfGaps: true) { jws disclosures { amount } } }";
    let issued = town.app.ask_with(issue, json!({"id": SUD}), Some(&town.region())).await.data().clone();
    let jws = issued["issueAttestation"]["jws"].as_str().expect("a text");
    let payload = jws.split('.').nth(1).expect("three parts");
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).expect("base64");
    let payload: Value = serde_json::from_slice(&payload).expect("JSON");
    assert!(!shows(&payload), "{payload:#}");
    let lines = payload["plan"]["lines"].as_array().expect("lines");
    let line = lines.iter().find(|line| line["funder"] == format!("siren:{MEL}")).expect("a line");
    assert!(line["digest"].is_string() && line["cents"].is_null() && line["shared"].is_null(), "{line:#}");
    assert!(shows(&issued["issueAttestation"]["disclosures"]), "whoever asked for it may disclose it");
    let changed = "{ projects(filter: {attestedButChanged: false}) { nodes { id } } }";
    for token in [town.region(), town.partner(LILLE)] {
        let listed = town.app.ask_with(changed, json!({}), Some(&token)).await.data().clone();
        assert_eq!(listed["projects"]["nodes"], json!([{"id": SUD}]), "nothing changed since");
    }
    let amend = "mutation($id: ID!, $input: AmendDeclarationInput!) { amendDeclaration(id: $id, input: $input) { ledgerVersion } }";
    let other = json!({"id": town.declaration, "input": {"amount": "5.00", "reason": "r"}});
    town.app.ask_with(amend, other, Some(&town.partner(MEL))).await.data();
    for (token, same) in [(town.region(), json!([])), (town.partner(LILLE), json!([{"id": SUD}]))] {
        let listed = town.app.ask_with(changed, json!({}), Some(&token)).await.data().clone();
        assert_eq!(listed["projects"]["nodes"], same, "that the hidden amount is another is told to nobody else");
    }
}

#[tokio::test]
async fn a_signed_text_that_weighs_a_hidden_sum_is_not_given_to_whom_it_is_kept_from() {
    let town = Town::start().await;
    let issue = "mutation($id: ID!) { issueAttestation(project: $id, asStatementOfGaps: true) { jws } }";
    let issued = town.app.ask_with(issue, json!({"id": SUD}), Some(&town.region())).await;
    assert!(issued.data()["issueAttestation"]["jws"].is_string(), "{:#}", issued.body);
    let acts = "query($id: ID!) { project(id: $id) { acts { kind jws } } }";
    let signed = async |token: &str| {
        let seen = town.app.ask_with(acts, json!({"id": SUD}), Some(token)).await.data().clone();
        let acts = seen["project"]["acts"].as_array().expect("acts").clone();
        let one = acts.into_iter().find(|one| one["kind"] == "ATTESTATION").expect("the attestation is told");
        one["jws"].is_string()
    };
    assert!(!signed(&town.partner(LILLE)).await, "a sum is kept from it");
    assert!(signed(&town.partner(MEL)).await && signed(&town.region()).await);
    let drop = "mutation($id: ID!) { withdrawDeclaration(id: $id, reason: \"retirée\") { id } }";
    let dropped = town.app.ask_with(drop, json!({"id": town.declaration}), Some(&town.partner(MEL))).await;
    assert_eq!(dropped.data()["withdrawDeclaration"]["id"], town.declaration, "{:#}", dropped.body);
    assert!(!signed(&town.partner(LILLE)).await, "what was dropped before its day stays kept until then");
    assert!(signed(&town.partner(MEL)).await && signed(&town.region()).await);
    let town = town.later(3);
    let seen = town.app.ask_with(acts, json!({"id": SUD}), Some(&town.partner(LILLE))).await.data().clone();
    assert!(seen["project"]["acts"].to_string().contains("eyJ"), "nothing is kept any more: {seen:#}");
}

/// What was attested weighs a sum that is kept from the viewer: whether the plan is that of the attestation again would tell the sum.
#[tokio::test]
async fn whether_an_attested_plan_changed_is_told_by_what_the_viewer_saw_then_and_sees_now() {
    let attest = "mutation($id: ID!) { issueAttestation(project: $id, asStatementOfGaps: true) { id } }";
    let withdraw = "mutation($id: ID!) { withdrawDeclaration(id: $id, reason: \"Erreur\") { id } }";
    let changed = "{ projects(filter: {attestedButChanged: true}) { nodes { id } } }";
    let listen = "subscription { verdictChanged { attested project { id } } }";
    for open in [KEPT[0], "11.00"] {
        let town = Town::start().await;
        let (lille, mel) = (town.partner(LILLE), town.partner(MEL));
        town.app.ask_with(attest, json!({"id": SUD}), Some(&town.region())).await.data();
        let mut socket = Socket::greeted(&town.app, json!({"authorization": format!("Bearer {lille}")})).await;
        socket.subscribe("v", listen).await;
        let seen = town.app.ask_with(changed, json!({}), Some(&lille)).await.data().clone();
        assert_eq!(seen["projects"]["nodes"], json!([]), "nothing changed for it");
        town.app.ask_with(withdraw, json!({"id": town.declaration}), Some(&mel)).await.data();
        let sum = json!({"project": SUD, "nature": "INVESTISSEMENT", "stage": "ATTRIBUE", "amount": open,
            "taxBasis": "HT", "year": 2026});
        town.declare(MEL, sum).await;
        let seen = town.app.ask_with(changed, json!({}), Some(&lille)).await.data().clone();
        assert_eq!(seen["projects"]["nodes"], json!([{ "id": SUD }]), "{open}: a sum stands there that it did not see");
        let told = socket.hear().await["payload"]["data"]["verdictChanged"].clone();
        assert_eq!((&told["attested"], &told["project"]["id"]), (&json!(true), &json!(SUD)), "{open}: {told:#}");
    }
}

/// The embargo is lifted: what is seen now is not what was seen when it was attested.
#[tokio::test]
async fn the_end_of_an_embargo_over_an_attested_sum_is_told_to_who_listens_as_the_list_tells_it() {
    let attest = "mutation($id: ID!) { issueAttestation(project: $id, asStatementOfGaps: true) { id } }";
    let changed = "{ projects(filter: {attestedButChanged: true}) { nodes { id } } }";
    let town = Town::start().await;
    let lille = town.partner(LILLE);
    town.app.ask_with(attest, json!({"id": SUD}), Some(&town.region())).await.data();
    let mut socket = Socket::greeted(&town.app, json!({"authorization": format!("Bearer {lille}")})).await;
    socket.subscribe("v", "subscription { verdictChanged { attested project { id } } }").await;
    let seen = town.app.ask_with(changed, json!({}), Some(&lille)).await.data().clone();
    assert_eq!(seen["projects"]["nodes"], json!([]), "nothing changed for it");
    let amend = "mutation($id: ID!, $input: AmendDeclarationInput!) { amendDeclaration(id: $id, input: $input) { ledgerVersion } }";
    let other = json!({"id": town.declaration, "input": {"amount": "5.00", "reason": "r"}});
    town.app.ask_with(amend, other, Some(&town.partner(MEL))).await.data();
    let seen = town.app.ask_with(changed, json!({}), Some(&lille)).await.data().clone();
    assert_eq!(seen["projects"]["nodes"], json!([]), "nothing that it sees");
    let lifted = town.amend(Value::Null).await;
    assert!(lifted.body.get("errors").is_none(), "{:#}", lifted.body);
    let seen = town.app.ask_with(changed, json!({}), Some(&lille)).await.data().clone();
    assert_eq!(seen["projects"]["nodes"], json!([{ "id": SUD }]));
    let told = socket.hear().await["payload"]["data"]["verdictChanged"].clone();
    assert_eq!((&told["attested"], &told["project"]["id"]), (&json!(true), &json!(SUD)), "{told:#}");
}
