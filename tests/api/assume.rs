//! What would be missing if a funder declared something: told without being said, and true once it is said.

use crate::app::{Answer, TestApp};
use crate::region::SUD;
use passerelle::identity::Role;
use serde_json::{Value, json};

const LILLE: &str = "215903501";
const MEL: &str = "200093201";
const REGION: &str = "200053742";

const CHECK: &str = "query($id: ID!, $assume: [AssumptionInput!]) { project(id: $id) { check(assume: $assume) {
    assumed ready knowledge planVersion findings { rule severity unknown } rules { rule verdict } explain(lang: EN) } } }";

async fn check(app: &TestApp, assume: Value) -> Answer {
    let token = app.token_of(Role::Partner, Some(MEL), &[]);
    app.ask_with(CHECK, json!({"id": SUD, "assume": assume}), Some(&token)).await
}

/// What does not depend on whether it was only assumed.
fn verdict(answer: &Answer) -> Value {
    let mut check = answer.data()["project"]["check"].clone();
    for name in ["assumed", "explain"] {
        check.as_object_mut().expect("a check").shift_remove(name);
    }
    check
}

async fn say(app: &TestApp, siren: &str, (document, input): (&str, Value)) {
    let token = app.token_of(Role::Partner, Some(siren), &[]);
    app.ask_with(document, json!({"input": input}), Some(&token)).await.data();
}

const SUM: &str = "mutation($input: DeclareCommitmentInput!) { declareCommitment(input: $input) { id } }";
const NOTHING: &str = "mutation($input: DeclareNothingInput!) { declareNothing(input: $input) { id } }";

#[tokio::test]
async fn what_is_assumed_becomes_true_when_it_is_said() {
    let app = TestApp::start().await;
    let before = verdict(&check(&app, Value::Null).await);
    assert_eq!(verdict(&check(&app, json!([])).await), before, "nothing assumed is what is");

    // Lille's own share, which the application only reports; then nothing in operation; then a sum that nobody expects.
    let steps = [
        (
            LILLE,
            SUM,
            json!({"project": SUD, "nature": "INVESTISSEMENT", "form": "AUTOFINANCEMENT", "stage": "ATTRIBUE",
            "amount": "300000.00", "year": 2026}),
        ),
        (LILLE, NOTHING, json!({"project": SUD, "nature": "FONCTIONNEMENT"})),
        (
            "453678252",
            SUM,
            json!({"project": SUD, "nature": "INVESTISSEMENT", "stage": "PROPOSE", "amount": "9000.00"}),
        ),
    ];
    let mut assumed = Vec::new();
    let mut last = before.clone();
    for (siren, document, input) in &steps {
        let mut one = input.clone();
        let fields = one.as_object_mut().expect("fields");
        fields.shift_remove("project");
        fields.insert("funder".to_owned(), json!(siren));
        if *document == NOTHING {
            fields.insert("nothing".to_owned(), json!(true));
        }
        assumed.push(one);
        let told = check(&app, json!(assumed)).await;
        assert_eq!(told.data()["project"]["check"]["assumed"], true);
        let account = told.data()["project"]["check"]["explain"].as_str().expect("an account").to_owned();
        assert!(account.starts_with("Assumption:"), "{account}");
        last = verdict(&told);
    }
    assert_ne!(last, before);
    let version = app.ask("{ ledger { version head } }").await.data().clone();
    assert_eq!(verdict(&check(&app, Value::Null).await), before, "it was only assumed");
    assert_eq!(app.ask("{ ledger { version head } }").await.data(), &version);

    for (siren, document, input) in steps {
        say(&app, siren, (document, input)).await;
    }
    let said = check(&app, Value::Null).await;
    assert_eq!(said.data()["project"]["check"]["assumed"], false);
    let (mut said, mut last) = (verdict(&said), last);
    let version = |verdict: &mut Value| verdict.as_object_mut().and_then(|fields| fields.shift_remove("planVersion"));
    assert_ne!(
        version(&mut said),
        version(&mut last),
        "by the version of a plan nobody tries sums that are kept from them"
    );
    assert_eq!(said, last);
}

#[tokio::test]
async fn an_assumption_lies_beyond_nothing_and_shows_no_record_that_is_not_there() {
    let app = TestApp::start().await;
    let document = format!(
        "{{ project(id: \"{SUD}\") {{ check(assume: [{{funder: \"siren:{MEL}\", nature: INVESTISSEMENT, stage: ATTRIBUE,
            amount: \"1.00\"}}]) {{ findings {{ rule evidence {{ key hash }}
            statements {{ funder {{ id projects {{ totalCount }} }} record {{ key hash raw }} }} }} }} }}
           organisation(siren: \"{REGION}\") {{ projects {{ totalCount }} }} }}"
    );
    let answer = app.ask(&document).await;
    let data = answer.data();
    let findings = data["project"]["check"]["findings"].as_array().expect("findings");
    let evidence = findings.iter().flat_map(|one| one["evidence"].as_array().expect("records"));
    assert!(evidence.clone().all(|record| !record["hash"].is_string()), "what a check assumes proves nothing");
    assert!(evidence.clone().all(|record| !record["key"].as_str().expect("a key").starts_with("hypothese")));
    let statements = findings.iter().flat_map(|one| one["statements"].as_array().expect("statements"));
    let mut met = false;
    for funder in statements.map(|one| &one["funder"]).filter(|funder| funder["id"] == format!("siren:{REGION}")) {
        assert_eq!(funder["projects"]["totalCount"], data["organisation"]["projects"]["totalCount"], "what is");
        met = true;
    }
    assert!(met, "{findings:?}");
}

#[tokio::test]
async fn who_sees_no_check_assumes_none_and_what_nobody_could_declare_is_refused() {
    let app = TestApp::start().await;
    let one = json!({"funder": MEL, "nature": "INVESTISSEMENT", "stage": "ATTRIBUE", "amount": "1.00"});
    let public = app.ask_with(CHECK, json!({"id": SUD, "assume": [one]}), None).await;
    assert_eq!(public.data()["project"]["check"], Value::Null);
    let change = |field: &str, value: Value| {
        let mut changed = one.clone();
        changed[field] = value;
        changed
    };
    for (wrong, why) in [
        (change("amount", json!("0.00")), "zero"),
        (change("amount", json!("-5.00")), "negative"),
        (change("stage", json!("SOLLICITE")), "applicant"),
        (change("stage", Value::Null), "together"),
        (change("nothing", json!(true)), "together"),
        (change("funder", json!("person:0011aabb")), "no identified body"),
        (change("funder", json!("siren:123456789")), "funder"),
        (change("form", json!("AUTOFINANCEMENT")), "holder"),
        (change("year", json!(1900)), "budget year"),
        (change("year", json!(-1)), "no year"),
        (change("dispositif", json!("§")), "dispositif"),
    ] {
        let answer = check(&app, json!([wrong])).await;
        assert_eq!(answer.code(), "BAD_INPUT", "{wrong}: {:#}", answer.body);
        let message = answer.body["errors"][0]["message"].as_str().expect("a message");
        assert!(message.contains(why), "{wrong}: {message}");
    }
    let many = check(&app, Value::Array(vec![one; 21])).await;
    assert_eq!(many.code(), "BAD_INPUT", "{:#}", many.body);
}
