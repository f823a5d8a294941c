//! A check, and what is attested of it: signed, verified offline by the binary, derived again from the ledger.

use crate::app::{PLAN_SECRET, TestApp};
use crate::region::{PERSON, SUD};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use passerelle::acts::attest::Attester;
use passerelle::check::{FORM, FORM_WITHOUT_SUMS, Rulebook};
use passerelle::clock::Clock;
use passerelle::domain::Instant;
use passerelle::domain::chain::LedgerVersion;
use passerelle::domain::project::ProjectId;
use passerelle::gateway::Gateway;
use passerelle::identity::{ATTESTATION, Role, Signer};
use serde_json::{Value, json};
use std::process::Command;
use std::sync::Arc;

const ISSUE: &str = "mutation($id: ID!, $gaps: Boolean) { issueAttestation(project: $id, asStatementOfGaps: $gaps) {
    id jws ledgerVersion issuedAt check { ready knowledge planVersion ledgerVersion checkedAt }
    disclosures { line salt amount } } }";

fn payload(jws: &str) -> Vec<u8> {
    let part = jws.split('.').nth(1).expect("three parts");
    URL_SAFE_NO_PAD.decode(part).expect("base64url")
}

#[tokio::test]
async fn a_check_answers_with_its_reasons() {
    let app = TestApp::start().await;
    let check = "query($id: ID!) { project(id: $id) { fundingPlan { version } check { ready knowledge planVersion rulebook
        validUntil ledgerVersion checkedAt findings { rule severity unknown message english: message(lang: EN) legalSource
        evidence { source { id } key } statements { authority } } rules { rule verdict } explain english: explain(lang: EN) } } }";
    let answer = app.see(check, json!({"id": SUD})).await;
    let project = &answer.data()["project"];
    let check = &project["check"];
    assert_eq!(check["ready"], false, "{check:#}");
    assert_eq!(check["planVersion"], project["fundingPlan"]["version"]);
    let findings = check["findings"].as_array().expect("findings");
    let blocking = findings.iter().filter(|one| one["severity"] == "BLOCKING" && one["unknown"] == false);
    assert!(blocking.count() > 0, "{check:#}");
    for finding in findings {
        let (french, english) = (finding["message"].as_str().unwrap(), finding["english"].as_str().unwrap());
        assert!(french != english && !french.contains(['{', '}']) && !english.contains(['{', '}']), "{finding:#}");
    }
    assert!(check["explain"].as_str().unwrap().starts_with("La Région peut-elle voter ? Non."), "{check:#}");
    assert!(check["english"].as_str().unwrap().starts_with("May the Region vote? No."));
}

#[tokio::test]
async fn only_the_region_attests_and_only_what_is_ready_unless_gaps_are_asked_for() {
    let app = TestApp::start().await;
    let region = app.token_of(Role::Region, Some("200053742"), &[]);
    let ask = |id: &'static str, gaps: Value, token: Option<String>| {
        let app = &app;
        async move { app.ask_with(ISSUE, json!({"id": id, "gaps": gaps}), token.as_deref()).await }
    };
    assert_eq!(ask(SUD, json!(true), None).await.code(), "FORBIDDEN");
    assert_eq!(ask(SUD, json!(true), Some(app.admin())).await.code(), "FORBIDDEN");
    assert_eq!(ask(SUD, Value::Null, Some(region.clone())).await.code(), "CONFLICT");
    assert_eq!(ask("p00000000000000ff", json!(true), Some(region.clone())).await.code(), "NOT_FOUND");
    let before = app.ledger().await.head().await.expect("a head").version;
    let answer = ask(SUD, json!(true), Some(region)).await;
    let attestation = &answer.data()["issueAttestation"];
    assert_eq!(attestation["ledgerVersion"], json!(before.0), "the version that was checked");
    assert_eq!(answer.body["extensions"]["ledgerVersion"], json!(before.0 + 1), "the attestation is in the ledger");
    assert_eq!(attestation["check"]["ledgerVersion"], json!(before.0));
    assert_eq!(attestation["check"]["ready"], false);
    let content: Value = serde_json::from_slice(&payload(attestation["jws"].as_str().unwrap())).expect("JSON");
    assert_eq!(content["plan"]["version"], attestation["check"]["planVersion"]);
    assert_eq!((&content["ready"], &content["knowledge"]), (&json!(false), &attestation["check"]["knowledge"]));
    let report = app.ledger().await.verify().await.expect("verified");
    assert!(report.fault.is_none(), "{report:?}");
    // The committee of its contract reads it later, word for word; the public does not.
    let acts = "query($id: ID!) { project(id: $id) { acts { kind jws } } }";
    let committee = app.token_of(Role::Committee, None, &["CN05911M"]);
    let read = app.ask_with(acts, json!({"id": SUD}), Some(&committee)).await;
    assert_eq!(read.data()["project"]["acts"], json!([{"kind": "ATTESTATION", "jws": attestation["jws"]}]));
    assert_eq!(app.ask_with(acts, json!({"id": SUD}), None).await.data()["project"]["acts"], Value::Null);
}

#[tokio::test]
async fn the_same_ledger_gives_the_same_bytes_and_no_person() {
    let app = TestApp::start().await;
    let region = app.token_of(Role::Region, Some("200053742"), &[]);
    for id in [SUD, PERSON] {
        let answer = app.ask_with(ISSUE, json!({"id": id, "gaps": true}), Some(&region)).await;
        let attestation = answer.data()["issueAttestation"].clone();
        let content = payload(attestation["jws"].as_str().unwrap());
        let text = String::from_utf8(content.clone()).expect("text");
        assert!(!text.contains("Dupont") && !text.contains("person:") && !text.contains("alice"), "{text}");

        let gateway = Gateway::open_naming(app.ledger().await, Rulebook::of_the_product().organisations()).await;
        let gateway = Arc::new(gateway.expect("a gateway"));
        let version = LedgerVersion(attestation["ledgerVersion"].as_u64().unwrap());
        let then = gateway.at(version).await.expect("read").expect("there");
        let project = then.project_by_id(&ProjectId::parse(id).expect("sound")).expect("there");
        let at: Instant = attestation["issuedAt"].as_str().unwrap().parse().expect("an instant");
        let pem = Signer::new_pem().expect("a key");
        let other = Signer::from_pems([pem.as_bytes()]).expect("sound");
        let attester = Attester::new(gateway, Clock::fixed(at), other, &PLAN_SECRET);
        assert_eq!(String::from_utf8(attester.derive(&then, project, at)).unwrap(), text);
        assert_eq!(attester.derive_in_form(&then, (project, at), FORM).unwrap(), content);
        let before = attester.derive_in_form(&then, (project, at), FORM_WITHOUT_SUMS).expect("the form of before");
        let (before, now): (Value, Value) =
            (serde_json::from_slice(&before).unwrap(), serde_json::from_slice(&content).unwrap());
        assert_eq!(before, without_sums(&now), "what attestations of before hold");
        assert_eq!(attester.derive_in_form(&then, (project, at), "passerelle-attestation/0"), None);
        // Canonical: what is read and written again is the same (RFC 8785: sorted names, no blanks).
        let parsed: std::collections::BTreeMap<String, Value> = serde_json::from_str(&text).expect("JSON");
        assert!(text.starts_with("{\"checkedAt\":") && parsed.len() > 8, "{text}");
    }
}

/// A content as it was before lines had sums.
fn without_sums(content: &Value) -> Value {
    let mut content = content.clone();
    content["form"] = json!(FORM_WITHOUT_SUMS);
    for line in content["plan"]["lines"].as_array_mut().expect("lines") {
        line.as_object_mut().expect("a line").remove("sums");
    }
    if let Some(budget) = content["plan"].get_mut("budget").and_then(Value::as_object_mut) {
        budget.remove("taxBasis");
    }
    content
}

#[tokio::test]
async fn the_sums_of_its_lines_are_those_of_the_version_and_one_of_before_is_verified_too() {
    let app = TestApp::start().await;
    let region = app.token_of(Role::Region, Some("200053742"), &[]);
    let answer = app.ask_with(ISSUE, json!({"id": SUD, "gaps": true}), Some(&region)).await;
    let jws = answer.data()["issueAttestation"]["jws"].as_str().unwrap().to_owned();
    let content: Value = serde_json::from_slice(&payload(&jws)).expect("JSON");
    let lines = content["plan"]["lines"].as_array().expect("lines");
    let sums: Vec<&Value> = lines.iter().filter_map(|line| line["sums"].as_array()).flatten().collect();
    let told = |sum: &&&Value| sum["form"].is_string() && sum["taxBasis"].is_string() && sum["decided"].is_boolean();
    assert!(!sums.is_empty() && sums.iter().all(|sum| told(&sum)), "{content:#}");
    for line in lines {
        let has_cents = line["sums"].as_array().is_some_and(|sums| sums.iter().any(|sum| !sum["cents"].is_null()));
        assert!(!has_cents || !line["cents"].is_null(), "no amount that is not public: {line:#}");
    }

    let directory = tempfile::tempdir().expect("a directory");
    let (file, jwks) = (directory.path().join("attestation.jws"), directory.path().join("jwks.json"));
    let pem = Signer::new_pem().expect("a key");
    let signer = Signer::from_pems([pem.as_bytes()]).expect("sound");
    std::fs::write(&jwks, signer.public_keys().to_json()).expect("written");
    let verify = |content: &Value| {
        let text = serde_json_canonicalizer::to_vec(content).expect("canonical");
        std::fs::write(&file, signer.sign(ATTESTATION, &text).expect("signed")).expect("written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_passerelle"));
        let ended = command.args(["attestation", "verify"]).arg(&file).arg("--jwks").arg(&jwks).output().expect("run");
        (ended.status.success(), String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned())
    };
    let (sound, words) = verify(&content);
    assert!(sound && words.contains("of which: ") && words.contains("tax basis "), "{words}");
    let (sound, words) = verify(&without_sums(&content));
    assert!(sound && words.contains("Its form is that of before") && !words.contains("of which: "), "{words}");
    let mut other = content.clone();
    other["form"] = json!("passerelle-attestation/3");
    let (sound, words) = verify(&other);
    assert!(!sound && words.contains("passerelle-attestation/3"), "{words}");
}

#[tokio::test]
async fn the_binary_verifies_it_offline() {
    let app = TestApp::start().await;
    let region = app.token_of(Role::Region, Some("200053742"), &[]);
    // What would not hold and was lifted is part of what is attested.
    let lifting = "mutation($input: OpinionInput!) { recordOpinion(input: $input) { id } }";
    let opinion = |rule: &str| json!({"input": {"project": SUD, "rule": rule, "favourable": true, "quality": "SERVICE", "givenOn": "2026-01-05"}});
    let verdicts = "query($id: ID!) { project(id: $id) { check { rules { rule verdict } } } }";
    let open =
        app.ask_with(verdicts, json!({"id": SUD}), Some(&region)).await.data()["project"]["check"]["rules"].clone();
    for rule in open.as_array().expect("rules").iter().filter(|one| one["verdict"] != "MET") {
        app.ask_with(lifting, opinion(rule["rule"].as_str().expect("a code")), Some(&region)).await.data();
    }
    let after =
        app.ask_with(verdicts, json!({"id": SUD}), Some(&region)).await.data()["project"]["check"]["rules"].clone();
    let lifted = after.as_array().expect("rules").iter().find(|one| one["verdict"] == "LIFTED");
    let lifted =
        lifted.unwrap_or_else(|| panic!("the service lifts one of {open:#}"))["rule"].as_str().expect("a code");
    let answer = app.ask_with(ISSUE, json!({"id": SUD, "gaps": true}), Some(&region)).await;
    let jws = answer.data()["issueAttestation"]["jws"].as_str().unwrap().to_owned();
    let response = app.client().get(app.url("/.well-known/jwks.json")).send().await.expect("served");
    assert_eq!(response.status().as_u16(), 200);
    let keys = response.text().await.expect("a body");
    assert!(!keys.contains("\"d\""), "no private part: {keys}");

    let directory = tempfile::tempdir().expect("a directory");
    let (file, jwks) = (directory.path().join("attestation.jws"), directory.path().join("jwks.json"));
    std::fs::write(&jwks, &keys).expect("written");
    let verify = |text: &str| {
        std::fs::write(&file, text).expect("written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_passerelle"));
        command.args(["attestation", "verify"]).arg(&file).arg("--jwks").arg(&jwks).output().expect("run")
    };
    let sound = verify(&jws);
    let words = String::from_utf8_lossy(&sound.stdout).into_owned();
    assert!(sound.status.success() && words.contains("The signature holds") && words.contains(SUD), "{words}");
    assert!(words.contains("may not vote yet") && words.contains("does not prove"), "{words}");

    let said = format!("{lifted} would not hold, and was lifted by OPINION-SERVICE of 2026-01-05");
    assert!(words.contains(&said) && words.contains(", broken; what it asks: « "), "{words}");

    // One byte of the text: another amount, another answer.
    let mut changed = payload(&jws);
    let at = changed.windows(12).position(|window| window == b"\"ready\":fals").expect("an answer");
    changed.splice(at..at + 13, *b"\"ready\":true ");
    let parts: Vec<&str> = jws.split('.').collect();
    let forged = verify(&format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(changed), parts[2]));
    assert_eq!(forged.status.code(), Some(4), "{}", String::from_utf8_lossy(&forged.stdout));
    assert!(String::from_utf8_lossy(&forged.stderr).contains("NOT PROVEN"));
    assert!(!verify("no signature at all").status.success());
}
