//! What bodies say of projects beside declarations: each act by who may, refused to who may not, in the ledger, taken back.

use crate::app::{Answer, PREFECTURE, TestApp};
use crate::region::{NOWHERE, PERSON, SUD, day};
use passerelle::identity::Role;
use serde_json::{Value, json};

const LILLE: &str = "215903501";
const MEL: &str = "200093201";
const REGION: &str = "200053742";
const CONTRAT: &str = "CN05911M";
/// A body that has no part in any project of the region.
const STRANGER: &str = "380475558";

const ACKNOWLEDGE: &str =
    "mutation($p: ID!, $v: String!, $b: ID) { acknowledgePlan(project: $p, planVersion: $v, onBehalfOf: $b) {
    project { id } planVersion by { id } ledgerVersion } }";
const OPINION: &str = "mutation($input: OpinionInput!) { recordOpinion(input: $input) { id by { id } rule favourable text reference givenOn action } }";
const MINUTES: &str = "mutation($input: MinutesInput!) { recordMinutes(input: $input) { id kind text ledgerVersion } }";
const LIST: &str = "mutation($c: ID!, $d: String!, $y: Int!) { shareSmallGrants(contrat: $c, dispositif: $d, year: $y,
    reference: \"Liste 1\") { id kind text } }";
const DEROGATION: &str = "mutation($input: DerogationInput!) { recordDerogation(input: $input) { id kind text } }";
const CLASSIFY: &str = "mutation($p: ID!, $a: String!) { classifyProject(project: $p, action: $a, reason: \"Vu au dossier\") { id kind } }";
const NATURE: &str = "mutation($c: ID!) { stateNature(commitment: $c, nature: INVESTISSEMENT, reason: \"Vu à la convention\") { id kind } }";
const ADMIT: &str =
    "mutation($p: ID!, $f: ID!) { admitFunder(project: $p, funder: $f, reason: \"Citée au comité\") { id kind } }";
const TAKE_BACK: &str = "mutation($a: ID!) { takeBack(act: $a, reason: \"Erreur\") { id kind } }";
const DECLARE: &str = "mutation($input: DeclareCommitmentInput!) { declareCommitment(input: $input) { id expected } }";

fn partner(app: &TestApp, siren: &str) -> String {
    app.token_of(Role::Partner, Some(siren), &[])
}

fn region(app: &TestApp) -> String {
    app.token_of(Role::Region, Some(REGION), &[])
}

async fn act(app: &TestApp, document: &str, variables: Value, token: &str) -> Answer {
    app.ask_with(document, variables, Some(token)).await
}

async fn version(app: &TestApp, project: &str) -> Value {
    let asked = app.ask(&format!("{{ project(id: \"{project}\") {{ fundingPlan {{ version }} }} }}")).await;
    asked.data()["project"]["fundingPlan"]["version"].clone()
}

/// What came of a rule on a project, once for each thing that it is about.
async fn verdicts(app: &TestApp, project: &str, rule: &str) -> Vec<String> {
    let asked = app.ask(&format!("{{ project(id: \"{project}\") {{ check {{ rules {{ rule verdict }} }} }} }}")).await;
    let rules = asked.data()["project"]["check"]["rules"].as_array().expect("rules").clone();
    let of_rule = rules.into_iter().filter(|one| one["rule"] == rule);
    of_rule.map(|one| one["verdict"].as_str().expect("a word").to_owned()).collect()
}

async fn acknowledged(app: &TestApp, project: &str, funder: &str) -> Value {
    let asked =
        format!("{{ project(id: \"{project}\") {{ fundingPlan {{ lines {{ funder {{ id }} acknowledged }} }} }} }}");
    let lines = app.ask(&asked).await.data()["project"]["fundingPlan"]["lines"].as_array().expect("lines").clone();
    let line = lines.into_iter().find(|line| line["funder"]["id"] == format!("siren:{funder}"));
    line.map_or(Value::Null, |line| line["acknowledged"].clone())
}

async fn verify(app: &TestApp) {
    let report = app.ledger().await.verify().await.expect("verified");
    assert!(report.fault.is_none(), "{report:?}");
}

#[tokio::test]
async fn a_plan_is_acknowledged_by_whom_it_concerns() {
    let app = TestApp::start().await;
    let present = version(&app, SUD).await;
    let ask = |siren: &'static str, version: Value, behalf: Value| {
        let app = &app;
        async move { act(app, ACKNOWLEDGE, json!({"p": SUD, "v": version, "b": behalf}), &partner(app, siren)).await }
    };
    assert_eq!(app.ask_with(ACKNOWLEDGE, json!({"p": SUD, "v": present}), None).await.code(), "FORBIDDEN");
    assert_eq!(act(&app, ACKNOWLEDGE, json!({"p": SUD, "v": present}), &app.admin()).await.code(), "FORBIDDEN");
    assert_eq!(ask(MEL, present.clone(), Value::Null).await.code(), "FORBIDDEN", "no line in the plan");
    assert_eq!(ask(LILLE, present.clone(), json!("siren:200093201")).await.code(), "FORBIDDEN", "for somebody else");
    assert_eq!(ask(LILLE, json!("0".repeat(64)), Value::Null).await.code(), "CONFLICT");
    assert_eq!(ask(LILLE, json!("latest"), Value::Null).await.code(), "BAD_INPUT");
    let first = ask(LILLE, present.clone(), Value::Null).await.data()["acknowledgePlan"].clone();
    assert_eq!((&first["by"]["id"], &first["planVersion"]), (&json!(format!("siren:{LILLE}")), &present));
    assert_eq!(ask(LILLE, present, Value::Null).await.data()["acknowledgePlan"], first, "said once");
    assert_eq!(acknowledged(&app, SUD, LILLE).await, true);
    let before = format!(
        "{{ asOf(version: {}) {{ project(id: \"{SUD}\") {{ acts {{ id }} }} }} }}",
        first["ledgerVersion"].as_u64().unwrap() - 1
    );
    assert_eq!(app.ask(&before).await.data()["asOf"]["project"]["acts"], json!([]));
    verify(&app).await;
}

/// What was attested is known again by what the plan holds, not by how a workroom names its version.
#[tokio::test]
async fn what_was_attested_under_another_workroom_is_not_taken_for_changed() {
    let app = TestApp::start().await;
    let attest = "mutation($p: ID!) { issueAttestation(project: $p, asStatementOfGaps: true) { id } }";
    act(&app, attest, json!({"p": SUD}), &region(&app)).await.data();
    let other = app.start_beside().await;
    assert_ne!(version(&other, SUD).await, version(&app, SUD).await);
    let asked = format!(
        "{{ project(id: \"{SUD}\") {{ sinceAttestation {{ kind }} }}
           same: projects(filter: {{attestedButChanged: false}}) {{ nodes {{ id }} }}
           changed: projects(filter: {{attestedButChanged: true}}) {{ nodes {{ id }} }} }}"
    );
    for gateway in [&app, &other] {
        let told = gateway.ask(&asked).await.data().clone();
        assert_eq!((&told["project"]["sinceAttestation"], &told["changed"]["nodes"]), (&json!([]), &json!([])));
        assert_eq!(told["same"]["nodes"], json!([{ "id": SUD }]));
    }
    let declare = json!({"input": {"project": SUD, "nature": "FONCTIONNEMENT", "year": 2026, "amount": "1234.00", "stage": "PROPOSE"}});
    act(&other, DECLARE, declare, &partner(&other, LILLE)).await.data();
    let told = other.ask(&asked).await.data().clone();
    assert_eq!((&told["same"]["nodes"], &told["changed"]["nodes"]), (&json!([]), &json!([{ "id": SUD }])));
    let since = told["project"]["sinceAttestation"].as_array().expect("reasons").clone();
    assert!(!since.is_empty() && since.iter().all(|one| one["kind"] != "RULES"), "{since:?}");
}

/// A version is made with a key of the workroom: one that is new, or that of another gateway, makes others of the same plan.
#[tokio::test]
async fn what_was_acknowledged_under_another_workroom_stands_as_long_as_the_plan_does() {
    let app = TestApp::start().await;
    let present = version(&app, SUD).await;
    act(&app, ACKNOWLEDGE, json!({"p": SUD, "v": present}), &partner(&app, LILLE)).await.data();
    let other = app.start_beside().await;
    let elsewhere = version(&other, SUD).await;
    assert_ne!(elsewhere, present);
    let seen = format!(
        "{{ project(id: \"{SUD}\") {{ check {{ ready knowledge findings {{ rule message }} }} acts {{ text }} }} }}"
    );
    let both = (app.ask(&seen).await.data().clone(), other.ask(&seen).await.data().clone());
    assert_eq!(both.0, both.1, "one ledger, one verdict");
    assert_eq!(acknowledged(&other, SUD, LILLE).await, true);
    assert!(
        !both.0.to_string().contains(&present.as_str().unwrap()[..12]),
        "whoever reads the sentence may not know the version"
    );
    assert_eq!(
        act(&other, ACKNOWLEDGE, json!({"p": SUD, "v": present}), &partner(&other, LILLE)).await.code(),
        "CONFLICT"
    );
    act(&other, ACKNOWLEDGE, json!({"p": SUD, "v": elsewhere}), &partner(&other, LILLE)).await.data();
    verify(&app).await;
}

#[tokio::test]
async fn an_opinion_is_of_the_body_concerned_and_lifts_what_it_may() {
    let app = TestApp::start().await;
    let input = |rule: &str, favourable: bool, quality: Value| json!({"input": {"project": SUD, "rule": rule, "favourable": favourable, "quality": quality, "text": "Vu"}});
    assert_eq!(verdicts(&app, SUD, "OPINION-PILOT").await, ["UNKNOWN"]);
    let lille = partner(&app, LILLE);
    assert_eq!(act(&app, OPINION, input("OPINION-PILOT", true, Value::Null), &lille).await.code(), "FORBIDDEN");
    let pilot = partner(&app, MEL);
    assert_eq!(act(&app, OPINION, input("OPINION-PILOT", true, json!("DIRECTION")), &pilot).await.code(), "FORBIDDEN");
    assert_eq!(act(&app, OPINION, input("NO-SUCH-RULE", true, Value::Null), &pilot).await.code(), "BAD_INPUT");
    let said = act(&app, OPINION, input("OPINION-PILOT", true, Value::Null), &pilot).await;
    assert_eq!(said.data()["recordOpinion"]["by"]["id"], format!("siren:{MEL}"));
    assert_eq!(verdicts(&app, SUD, "OPINION-PILOT").await, ["MET"]);
    act(&app, OPINION, input("OPINION-PILOT", false, Value::Null), &pilot).await.data();
    assert_eq!(verdicts(&app, SUD, "OPINION-PILOT").await, ["BROKEN"], "the last word stands");

    assert_eq!(verdicts(&app, SUD, "DC-FIRST").await, ["BROKEN"]);
    act(&app, OPINION, input("DC-FIRST", true, json!("DIRECTION")), &region(&app)).await.data();
    assert_eq!(verdicts(&app, SUD, "DC-FIRST").await, ["BROKEN"], "a direction lifts nothing there");
    act(&app, OPINION, input("DC-FIRST", true, json!("SERVICE")), &region(&app)).await.data();
    assert_eq!(verdicts(&app, SUD, "DC-FIRST").await, ["LIFTED"]);
    verify(&app).await;
}

#[tokio::test]
async fn an_opinion_has_its_day_and_a_directions_is_on_the_action_that_the_project_was() {
    let app = TestApp::start().await;
    let token = region(&app);
    let classify = |action: &'static str| {
        let (app, token) = (&app, &token);
        async move { act(app, CLASSIFY, json!({"p": SUD, "a": action}), token).await.data().clone() }
    };
    let opine = |day: Value| {
        let input = json!({"project": SUD, "rule": "OPINION-DIRECTION", "favourable": true, "reference": "N-12", "givenOn": day});
        let (app, token) = (&app, &token);
        async move { act(app, OPINION, json!({ "input": input }), token).await }
    };
    classify("CUL-4").await;
    assert_eq!(verdicts(&app, SUD, "OPINION-DIRECTION").await, ["UNKNOWN"]);
    assert_eq!(opine(json!("2099-01-01")).await.code(), "BAD_INPUT");
    let said = opine(json!("2026-02-03")).await.data()["recordOpinion"].clone();
    assert_eq!((&said["givenOn"], &said["reference"]), (&json!("2026-02-03"), &json!("N-12")));
    assert_eq!(said["action"], "CUL-4");
    assert_eq!(verdicts(&app, SUD, "OPINION-DIRECTION").await, ["MET"]);
    classify("EMP-5").await;
    assert_eq!(verdicts(&app, SUD, "OPINION-DIRECTION").await, ["UNKNOWN"], "another direction may be competent");
    classify("CUL-4").await;
    assert_eq!(verdicts(&app, SUD, "OPINION-DIRECTION").await, ["MET"], "it is what the opinion was on");
    let today = opine(Value::Null).await.data()["recordOpinion"]["givenOn"].clone();
    assert!(today.as_str().is_some_and(|day| day.len() == 10), "{today}");
    verify(&app).await;
}

#[tokio::test]
async fn who_was_before_a_committee_has_shared() {
    let app = TestApp::start().await;
    let held_on = day(9).date_naive().to_string();
    let input = |held_on: &str, present: Value, version: &Value| {
        json!({"input": {"contrat": CONTRAT, "heldOn": held_on, "reference": "COPIL 2026-1",
            "present": present, "plans": [{"project": SUD, "planVersion": version}]}})
    };
    let (present, all) = (version(&app, SUD).await, json!([format!("siren:{LILLE}"), format!("siren:{MEL}")]));
    let pilot = partner(&app, MEL);
    assert_eq!(act(&app, MINUTES, input(&held_on, all.clone(), &present), &region(&app)).await.code(), "FORBIDDEN");
    assert_eq!(act(&app, MINUTES, input(&held_on, json!([]), &present), &pilot).await.code(), "BAD_INPUT");
    assert_eq!(act(&app, MINUTES, input("2026-12-24", all.clone(), &present), &pilot).await.code(), "BAD_INPUT");
    let old = json!("0".repeat(64));
    assert_eq!(act(&app, MINUTES, input(&held_on, all.clone(), &old), &pilot).await.code(), "CONFLICT");
    assert_eq!(acknowledged(&app, SUD, LILLE).await, false);
    let recorded = act(&app, MINUTES, input(&held_on, all, &present), &pilot).await.data()["recordMinutes"].clone();
    assert_eq!(recorded["kind"], "MINUTES");
    assert_eq!(acknowledged(&app, SUD, LILLE).await, true);
    let committee = app.token_of(Role::Committee, Some(MEL), &["CN05901M"]);
    let elsewhere = act(&app, MINUTES, input(&held_on, json!([format!("siren:{MEL}")]), &present), &committee).await;
    assert_eq!(elsewhere.code(), "FORBIDDEN", "a committee speaks of the contracts that its token names");

    let taken = act(&app, TAKE_BACK, json!({"a": recorded["id"]}), &partner(&app, LILLE)).await;
    assert_eq!(taken.code(), "FORBIDDEN");
    let taken = act(&app, TAKE_BACK, json!({"a": recorded["id"]}), &committee).await;
    assert_eq!(taken.code(), "FORBIDDEN", "of a contract that its token does not name");
    // Whoever does not see the project does not learn that there is such an act, nor that minutes could be about it.
    let stranger = partner(&app, STRANGER);
    let refused = |answer: &Answer, id: &str| answer.body["errors"].to_string().replace(id, "ID");
    let of = recorded["id"].as_str().unwrap();
    let (unseen, absent) = (
        act(&app, TAKE_BACK, json!({"a": of}), &stranger).await,
        act(&app, TAKE_BACK, json!({"a": "a999"}), &stranger).await,
    );
    assert_eq!((unseen.code(), refused(&unseen, of)), ("NOT_FOUND", refused(&absent, "a999")));
    act(&app, TAKE_BACK, json!({"a": recorded["id"]}), &pilot).await.data();
    assert_eq!(acknowledged(&app, SUD, LILLE).await, false);
    assert_eq!(act(&app, TAKE_BACK, json!({"a": recorded["id"]}), &pilot).await.code(), "CONFLICT");
    assert_eq!(act(&app, TAKE_BACK, json!({"a": "a999"}), &pilot).await.code(), "NOT_FOUND");
    verify(&app).await;
}

#[tokio::test]
async fn a_committee_had_no_sum_before_it_that_was_declared_later() {
    let app = TestApp::start().await;
    let input = json!({"project": SUD, "nature": "FONCTIONNEMENT", "stage": "ATTRIBUE", "amount": "77777.00"});
    act(&app, DECLARE, json!({"input": input}), &partner(&app, LILLE)).await.data();
    let (present, pilot) = (version(&app, SUD).await, partner(&app, MEL));
    let minutes = |held_on: String| {
        json!({"input": {"contrat": CONTRAT, "heldOn": held_on, "reference": "COPIL 2026-1",
            "present": [format!("siren:{MEL}")], "plans": [{"project": SUD, "planVersion": present}]}})
    };
    let refused = act(&app, MINUTES, minutes(day(9).date_naive().to_string()), &pilot).await;
    assert_eq!(refused.code(), "CONFLICT");
    let told = refused.body["errors"][0]["message"].as_str().expect("a reason");
    assert!(told.contains(SUD) && told.contains("Commune de Lille") && told.contains("later"), "{told}");
    let recorded = act(&app, MINUTES, minutes(day(10).date_naive().to_string()), &pilot).await;
    assert_eq!(recorded.data()["recordMinutes"]["kind"], "MINUTES", "on the day itself it may have had");
}

#[tokio::test]
async fn small_grants_are_shared_as_a_list() {
    let app = TestApp::start().await;
    let ask = |dispositif: &'static str, year: i32, token: String| {
        let app = &app;
        async move { act(app, LIST, json!({"c": CONTRAT, "d": dispositif, "y": year}), &token).await }
    };
    assert_eq!(ask("FTU", 2026, region(&app)).await.code(), "BAD_INPUT", "no small grant");
    assert_eq!(ask("PIC", 2026, region(&app)).await.code(), "BAD_INPUT", "none there");
    let input = json!({"project": SUD, "nature": "FONCTIONNEMENT", "stage": "ATTRIBUE", "amount": "900.00",
        "dispositif": "PIC", "year": 2026});
    act(&app, DECLARE, json!({"input": input}), &partner(&app, LILLE)).await.data();
    assert_eq!(acknowledged(&app, SUD, LILLE).await, false);
    assert_eq!(ask("PIC", 2026, partner(&app, LILLE)).await.code(), "FORBIDDEN");
    assert_eq!(ask("PIC", 2026, partner(&app, MEL)).await.data()["shareSmallGrants"]["kind"], "SMALL_GRANTS");
    let asked = format!(
        "{{ project(id: \"{SUD}\") {{ fundingPlan {{ lines {{ funder {{ siren }} nature acknowledged }} }} }} }}"
    );
    let lines = app.ask(&asked).await.data()["project"]["fundingPlan"]["lines"].as_array().expect("lines").clone();
    let shared = lines.iter().filter(|line| line["funder"]["siren"] == LILLE);
    let shared: Vec<_> = shared.map(|line| (line["nature"].as_str(), line["acknowledged"].as_bool())).collect();
    assert_eq!(
        shared,
        [(Some("INVESTISSEMENT"), Some(false)), (Some("FONCTIONNEMENT"), Some(true))],
        "the grant of the list, and no other sum of the plan"
    );
    verify(&app).await;
}

#[tokio::test]
async fn a_derogation_is_the_prefects_and_lifts_what_its_rule_says() {
    let app = TestApp::start().await;
    let input = |rule: &str, authority: &str, given_on: &str| {
        json!({"input": {"project": SUD, "rule": rule, "authority": authority, "reference": "2026-17",
            "givenOn": given_on}})
    };
    let (rule, prefect) = ("OWN-SHARE", "financeur:etat-59");
    assert_eq!(verdicts(&app, SUD, rule).await, ["UNKNOWN"]);
    let lille = partner(&app, LILLE);
    assert_eq!(act(&app, DEROGATION, input(rule, prefect, "2026-03-01"), &lille).await.code(), "FORBIDDEN");
    assert_eq!(act(&app, DEROGATION, input(rule, prefect, "2026-12-24"), &region(&app)).await.code(), "BAD_INPUT");
    for nobody in ["Ma voisine", "financeur:etat-62", "siren:200053742"] {
        let refused = act(&app, DEROGATION, input(rule, nobody, "2026-03-01"), &region(&app)).await;
        assert_eq!(refused.code(), "BAD_INPUT", "{nobody}");
        let told = refused.body["errors"][0]["message"].as_str().expect("a reason");
        assert!(told.contains(nobody) && told.contains("financeur:etat-59"), "{told}");
    }
    // What no derogation lifts is refused, and the refusal names what one does.
    for other in ["PLAN-EXCESS", "PLAN-SHORT", "MEANS-REPORTED", "EMP-1"] {
        let refused = act(&app, DEROGATION, input(other, prefect, "2026-03-01"), &region(&app)).await;
        assert_eq!(refused.code(), "BAD_INPUT", "{other}");
        let told = refused.body["errors"][0]["message"].as_str().expect("a reason");
        assert!(told.contains(other) && told.contains("OWN-SHARE"), "{told}");
    }
    act(&app, DEROGATION, input(rule, prefect, "2026-03-01"), &region(&app)).await.data();
    assert_eq!(verdicts(&app, SUD, rule).await, ["LIFTED"]);
    let asked = app.ask(&format!("{{ project(id: \"{SUD}\") {{ check {{ explain }} }} }}")).await;
    let account = asked.data()["project"]["check"]["explain"].as_str().expect("an account").to_owned();
    let lifted = account.lines().find(|line| line.contains(rule)).expect("the rule that was lifted");
    assert!(lifted.contains("ne peut pas être vérifiée"), "{lifted}");
    let by = "Levée par une dérogation du préfet (Nord), référence 2026-17, du 01/03/2026 (enregistrée par Région";
    assert!(lifted.contains(by), "{lifted}");
    verify(&app).await;
}

#[tokio::test]
async fn a_project_is_classified_and_a_nature_stated_by_who_may() {
    let app = TestApp::start().await;
    let classify = |action: &'static str, token: String| {
        let app = &app;
        async move { act(app, CLASSIFY, json!({"p": SUD, "a": action}), &token).await }
    };
    assert_eq!(verdicts(&app, SUD, "PROJECT-UNCLASSIFIED").await, ["UNKNOWN"]);
    assert_eq!(classify("EMP-1", partner(&app, MEL)).await.code(), "FORBIDDEN");
    assert_eq!(classify("training", region(&app)).await.code(), "BAD_INPUT");
    let first = classify("EMP-1", region(&app)).await.data()["classifyProject"]["id"].clone();
    assert_eq!(verdicts(&app, SUD, "PROJECT-UNCLASSIFIED").await, ["MET"]);
    assert_eq!(verdicts(&app, SUD, "EMP-1").await, ["BROKEN"], "specific credits may not intervene there");
    classify("CUL-4", region(&app)).await.data();
    assert!(verdicts(&app, SUD, "EMP-1").await.is_empty(), "the last word stands");
    let as_partner = act(&app, TAKE_BACK, json!({"a": first}), &partner(&app, REGION)).await;
    assert_eq!(as_partner.code(), "FORBIDDEN", "what the Région said is for its role to take back");
    assert_eq!(classify("ESS-9", region(&app)).await.code(), "BAD_INPUT", "a code of the right form that is no action");
    act(&app, TAKE_BACK, json!({"a": first}), &region(&app)).await.data();
    assert_eq!(verdicts(&app, SUD, "PROJECT-UNCLASSIFIED").await, ["MET"], "the later one still stands");

    // A sum whose record leaves its nature open: its funder or the Région says it, nobody else, and once.
    let all = "{ commitments { nodes { id nature project { id } funder { id } } } }";
    let all = app.ask(all).await.data()["commitments"]["nodes"].as_array().expect("commitments").clone();
    let find = |open: bool| all.iter().find(|one| one["nature"].is_null() == open).map(|one| one["id"].clone());
    let told = find(false).expect("one that tells its nature");
    assert_eq!(act(&app, NATURE, json!({"c": told}), &region(&app)).await.code(), "BAD_INPUT");
    assert_eq!(act(&app, NATURE, json!({"c": "p0-c0"}), &region(&app)).await.code(), "NOT_FOUND");
    let open = find(true).expect("one that leaves its nature open");
    assert_eq!(act(&app, NATURE, json!({"c": open}), &partner(&app, MEL)).await.code(), "NOT_FOUND", "it sees none");
    let stated = act(&app, NATURE, json!({"c": open}), &region(&app)).await.data()["stateNature"].clone();
    assert_eq!(stated["kind"], "NATURE");
    let nature = |all: &Value| {
        let all = all["commitments"]["nodes"].as_array().expect("commitments").clone();
        all.into_iter().find(|one| one["id"] == open).expect("it keeps its identifier")["nature"].clone()
    };
    let after = "{ commitments { nodes { id nature } } }";
    assert_eq!(nature(app.ask(after).await.data()), "INVESTISSEMENT");
    assert_eq!(act(&app, NATURE, json!({"c": open}), &region(&app)).await.code(), "CONFLICT");
    act(&app, TAKE_BACK, json!({"a": stated["id"]}), &region(&app)).await.data();
    assert_eq!(nature(app.ask(after).await.data()), Value::Null);
    verify(&app).await;
}

#[tokio::test]
async fn who_is_admitted_counts_until_that_is_taken_back() {
    let app = TestApp::start().await;
    let before = version(&app, SUD).await;
    let input = json!({"project": SUD, "nature": "FONCTIONNEMENT", "stage": "ATTRIBUE", "amount": "700.00"});
    let told = act(&app, DECLARE, json!({"input": input}), &partner(&app, PREFECTURE)).await;
    assert_eq!(told.data()["declareCommitment"]["expected"], false);
    assert_eq!(version(&app, SUD).await, before, "no power by declaring");
    let body = format!("siren:{PREFECTURE}");
    let admit = json!({"p": SUD, "f": body});
    assert_eq!(act(&app, ADMIT, admit.clone(), &partner(&app, LILLE)).await.code(), "FORBIDDEN");
    let person = json!({"p": SUD, "f": "person:0011aabb"});
    assert_eq!(act(&app, ADMIT, person, &region(&app)).await.code(), "BAD_INPUT");
    let admitted = act(&app, ADMIT, admit, &partner(&app, MEL)).await.data()["admitFunder"]["id"].clone();
    assert_ne!(version(&app, SUD).await, before);
    act(&app, TAKE_BACK, json!({"a": admitted}), &partner(&app, MEL)).await.data();
    assert_eq!(version(&app, SUD).await, before);
    // The pilot of a contract speaks of its projects alone.
    let elsewhere = json!({"p": NOWHERE, "f": body});
    assert_eq!(act(&app, ADMIT, elsewhere, &partner(&app, MEL)).await.code(), "FORBIDDEN");
    let listed = app.ask(&format!("{{ project(id: \"{SUD}\") {{ acts {{ kind }} }} }}")).await;
    assert_eq!(listed.data()["project"]["acts"], json!([]), "what was taken back is left out");
    let other = app.ask(&format!("{{ project(id: \"{PERSON}\") {{ acts {{ kind }} }} }}")).await;
    assert_eq!(other.data()["project"]["acts"], json!([]));
    verify(&app).await;
}
