//! What bodies declare of their own means: sums and nothing, amended and withdrawn, one by one and in bulk.

use crate::app::{Answer, PREFECTURE, TestApp};
use crate::region::{self, NOWHERE, PERSON, SUD};
use passerelle::domain::text::{RecordKey, SourceId};
use passerelle::identity::Role;
use passerelle::ledger::Ledger;
use serde_json::{Value, json};

const LILLE: &str = "215903501";
const MEL: &str = "200093201";
const REGION: &str = "200053742";
const OTHER: &str = "p0000000000000004";
const PUT: &str = "p0000000000000005";

const DECLARE: &str = "mutation($input: DeclareCommitmentInput!) { declareCommitment(input: $input) {
    id project { id } ledgerVersion expected parts { id } } }";
const NOTHING: &str = "mutation($input: DeclareNothingInput!) { declareNothing(input: $input) {
    id project { id } ledgerVersion expected parts { id project { id } expected } } }";
const AMEND: &str = "mutation($id: ID!, $input: AmendDeclarationInput!) { amendDeclaration(id: $id, input: $input) {
    id project { id } ledgerVersion expected } }";
const WITHDRAW: &str = "mutation($id: ID!) { withdrawDeclaration(id: $id, reason: \"Erreur\") {
    id project { id } ledgerVersion parts { id } } }";
const PLAN: &str = "query($id: ID!) { project(id: $id) { fundingPlan { version
    lines { funder { id } nature state amount reported commitments { stage statements { source { id } authority } } } } } }";

fn sum(project: &str, amount: &str) -> Value {
    json!({"project": project, "nature": "FONCTIONNEMENT", "stage": "ATTRIBUE", "amount": amount})
}

async fn tell(app: &TestApp, document: &str, input: Value, token: &str) -> Answer {
    app.ask_with(document, json!({"input": input}), Some(token)).await
}

fn partner(app: &TestApp, siren: &str) -> String {
    app.token_of(Role::Partner, Some(siren), &[])
}

async fn withdraw(app: &TestApp, id: &Value, token: &str) -> Answer {
    app.ask_with(WITHDRAW, json!({"id": id}), Some(token)).await
}

/// The line of a funder and nature in the plan of a project.
async fn line(app: &TestApp, project: &str, cell: (&str, &str)) -> Value {
    let plan = app.see(PLAN, json!({"id": project})).await;
    find(&plan.data()["project"]["fundingPlan"], cell)
}

fn find(plan: &Value, (funder, nature): (&str, &str)) -> Value {
    let lines = plan["lines"].as_array().expect("lines").iter();
    let mut lines = lines.filter(|line| line["funder"]["id"] == funder && line["nature"] == nature);
    lines.next().cloned().unwrap_or(Value::Null)
}

async fn holds(app: &TestApp) {
    let ledger = app.ledger().await;
    let report = ledger.verify().await.expect("verified");
    assert!(report.fault.is_none(), "{report:?}");
}

#[tokio::test]
async fn a_number_is_one_line_and_no_refusal_repeats_what_turns_the_writing() {
    let app = TestApp::start().await;
    let lille = partner(&app, LILLE);
    for (field, text) in [("reference", "A-1\nA-2"), ("idempotencyKey", "a\rb"), ("reference", "A\tB")] {
        let mut input = sum(SUD, "12000.00");
        input[field] = json!(text);
        let answer = tell(&app, DECLARE, input, &lille).await;
        assert_eq!(answer.code(), "BAD_INPUT", "{field} {text:?}: {:#}", answer.body);
        assert!(answer.body.to_string().contains(&format!("`{field}`")), "{:#}", answer.body);
    }
    let turned = tell(&app, DECLARE, sum("p00\u{202e}10\u{7}", "12000.00"), &lille).await;
    assert_eq!(turned.code(), "NOT_FOUND");
    assert!(!turned.body.to_string().contains(['\u{202e}', '\u{7}']), "{:#}", turned.body);
}

#[tokio::test]
async fn a_declared_sum_is_the_funders_own_word() {
    let app = TestApp::start().await;
    let lille = partner(&app, LILLE);
    let cell = ("siren:215903501", "FONCTIONNEMENT");
    let answer = tell(&app, DECLARE, sum(SUD, "12000.00"), &lille).await;
    let version = answer.body["extensions"]["ledgerVersion"].clone();
    let declared = &answer.data()["declareCommitment"];
    assert_eq!((&declared["project"]["id"], &declared["expected"]), (&json!(SUD), &json!(true)));
    assert_eq!(declared["ledgerVersion"], version, "the answer states the version that it made");
    let known = line(&app, SUD, cell).await;
    assert_eq!((&known["state"], &known["amount"]), (&json!("KNOWN"), &json!("12000.00")), "{known}");
    assert_eq!(known["commitments"][0]["statements"], json!([{"source": {"id": "declarations"}, "authority": "OWN"}]));

    // Its source is the ledger itself: read from nowhere, never late.
    let source = "{ source(id: \"declarations\") { id name family reachable age records rejected lastRun { id }
        lastSuccess { id } speaksFor { id } } sources { id } }";
    let source = app.ask(source).await;
    assert_eq!(
        source.data()["source"],
        json!({"id": "declarations", "name": "Déclarations des partenaires", "family": "PARTENAIRES", "reachable": true,
            "age": 0, "records": 1, "rejected": 0, "lastRun": null, "lastSuccess": null, "speaksFor": []})
    );
    assert!(source.data()["sources"].as_array().unwrap().contains(&json!({"id": "declarations"})));

    // Before it, nobody had said so; and the source was not there.
    let before = format!(
        "{{ asOf(version: {}) {{ source(id: \"declarations\") {{ id }}
        project(id: \"{SUD}\") {{ fundingPlan {{ lines {{ funder {{ id }} nature }} }} }} }} }}",
        version.as_u64().unwrap() - 1
    );
    let before = app.ask(&before).await;
    assert_eq!(before.data()["asOf"]["source"], Value::Null);
    assert_eq!(find(&before.data()["asOf"]["project"]["fundingPlan"], cell), Value::Null);

    // The raw form names the organisation and no person.
    let key: RecordKey = declared["id"].as_str().unwrap().parse().expect("a key");
    let (ledger, source) = (app.ledger().await, SourceId::parse("declarations").expect("sound"));
    let head = ledger.head().await.expect("a head");
    let raw = ledger.raw(&source, &key, head.version).await.expect("read").expect("there").raw;
    assert!(raw.contains(LILLE) && !raw.contains("alice"), "{raw}");
    holds(&app).await;
}

#[tokio::test]
async fn amended_and_withdrawn_it_keeps_its_past() {
    let app = TestApp::start().await;
    let (lille, mel) = (partner(&app, LILLE), partner(&app, MEL));
    let cell = ("siren:215903501", "FONCTIONNEMENT");
    let first = tell(&app, DECLARE, sum(SUD, "12000.00"), &lille).await.data()["declareCommitment"].clone();
    let amend = |token: String, input: Value| {
        let (app, id) = (&app, first["id"].clone());
        async move { app.ask_with(AMEND, json!({"id": id, "input": input}), Some(&token)).await }
    };
    let changed = json!({"amount": "9000.00", "year": 2026, "reason": "Délibération du 3 mars"});
    let amended = amend(lille.clone(), changed.clone()).await.data()["amendDeclaration"].clone();
    assert_eq!(amended["id"], first["id"], "the same record");
    assert_eq!(line(&app, SUD, cell).await["amount"], "9000.00");
    let then = format!(
        "{{ asOf(version: {}) {{ project(id: \"{SUD}\") {{ fundingPlan {{ lines {{
        funder {{ id }} nature amount }} }} }} }} }}",
        first["ledgerVersion"]
    );
    let then = app.ask(&then).await;
    assert_eq!(find(&then.data()["asOf"]["project"]["fundingPlan"], cell)["amount"], "12000.00");

    for (token, input, code) in [
        (&lille, changed, "BAD_INPUT"),
        (&lille, json!({"amount": "0.00", "reason": "x"}), "BAD_INPUT"),
        (&lille, json!({"stage": "SOLLICITE", "reason": "x"}), "BAD_INPUT"),
        (&lille, json!({"amount": "1.00", "reason": " "}), "BAD_INPUT"),
        (&mel, json!({"amount": "1.00", "reason": "x"}), "NOT_FOUND"),
    ] {
        let refused = amend(token.clone(), input.clone()).await;
        assert_eq!(refused.code(), code, "{input}: {:#}", refused.body);
    }
    assert_eq!(withdraw(&app, &first["id"], &mel).await.code(), "NOT_FOUND");
    assert_eq!(withdraw(&app, &json!("d0000000000000000"), &lille).await.code(), "NOT_FOUND");
    let withdrawn = withdraw(&app, &first["id"], &lille).await;
    assert_eq!(withdrawn.data()["withdrawDeclaration"]["id"], first["id"]);
    assert_eq!(line(&app, SUD, cell).await, Value::Null, "nobody says anything of it any more");
    assert_eq!(withdraw(&app, &first["id"], &lille).await.code(), "CONFLICT");
    assert_eq!(amend(lille.clone(), json!({"amount": "1.00", "reason": "x"})).await.code(), "CONFLICT");
    let source = app.ask("{ source(id: \"declarations\") { records } }").await;
    assert_eq!(source.data()["source"]["records"], 0);
    holds(&app).await;
}

#[tokio::test]
async fn nothing_is_said_and_what_speaks_against_it_is_refused() {
    let app = TestApp::start().await;
    let lille = partner(&app, LILLE);
    let cell = ("siren:215903501", "FONCTIONNEMENT");
    let none = json!({"project": SUD, "nature": "FONCTIONNEMENT"});
    let said = tell(&app, NOTHING, none.clone(), &lille).await.data()["declareNothing"].clone();
    let known = line(&app, SUD, cell).await;
    assert_eq!((&known["state"], &known["amount"]), (&json!("NOTHING"), &json!("0.00")));
    for (document, input) in [(DECLARE, sum(SUD, "5.00")), (NOTHING, none.clone())] {
        let refused = tell(&app, document, input, &lille).await;
        assert_eq!(refused.code(), "CONFLICT");
        let id = said["id"].as_str().unwrap();
        assert!(refused.body["errors"][0]["message"].as_str().unwrap().contains(id), "{:#}", refused.body);
        assert!(refused.body["errors"][0]["extensions"]["messageFr"].as_str().unwrap().contains("retirez"));
    }
    // A refusal may stand beside it, and another nature.
    let refused = json!({"project": SUD, "nature": "FONCTIONNEMENT", "stage": "REFUSE", "amount": "5.00"});
    assert!(tell(&app, DECLARE, refused, &lille).await.data().is_object());
    let other = json!({"project": SUD, "nature": "INVESTISSEMENT", "stage": "ATTRIBUE", "amount": "5.00"});
    let sum_id = tell(&app, DECLARE, other.clone(), &lille).await.data()["declareCommitment"]["id"].clone();
    assert_eq!(line(&app, SUD, cell).await["state"], "NOTHING");
    let against = json!({"project": SUD, "nature": "INVESTISSEMENT"});
    assert_eq!(tell(&app, NOTHING, against, &lille).await.code(), "CONFLICT");
    assert_eq!(tell(&app, DECLARE, other.clone(), &lille).await.code(), "CONFLICT", "the same sum twice");
    let mut second = other.clone();
    second["reference"] = json!("2026-2");
    assert!(tell(&app, DECLARE, second, &lille).await.data().is_object(), "two grants told apart");
    let mut engaged = other;
    engaged["stage"] = json!("ENGAGE");
    assert!(tell(&app, DECLARE, engaged, &lille).await.data().is_object(), "one more figure of the sum");
    assert!(withdraw(&app, &sum_id, &lille).await.data().is_object());
    let amend = json!({"id": said["id"], "input": {"amount": "1.00", "reason": "x"}});
    assert_eq!(app.ask_with(AMEND, amend, Some(&lille)).await.code(), "BAD_INPUT", "withdraw it instead");
}

#[tokio::test]
async fn only_what_makes_sense_is_declared_and_only_of_ones_own_means() {
    let app = TestApp::start().await;
    let lille = partner(&app, LILLE);
    let changed = |name: &str, value: Value| {
        let mut input = sum(SUD, "5.00");
        input[name] = value;
        input
    };
    for (input, code) in [
        (changed("amount", json!("0")), "BAD_INPUT"),
        (changed("amount", json!("-5.00")), "BAD_INPUT"),
        (changed("stage", json!("SOLLICITE")), "BAD_INPUT"),
        (changed("year", json!(1789)), "BAD_INPUT"),
        (changed("year", json!(-1)), "BAD_INPUT"),
        (changed("dispositif", json!("pas un code")), "BAD_INPUT"),
        (changed("reference", json!("x".repeat(201))), "BAD_INPUT"),
        (changed("comment", json!("x".repeat(1_001))), "BAD_INPUT"),
        (changed("idempotencyKey", json!(" ")), "BAD_INPUT"),
        (changed("project", json!("p00000000000000ff")), "NOT_FOUND"),
        (changed("project", json!("' OR 1=1")), "NOT_FOUND"),
        (changed("onBehalfOf", json!("siren:200093201")), "FORBIDDEN"),
        (changed("onBehalfOf", json!("financeur:etat-59")), "FORBIDDEN"),
        (changed("onBehalfOf", json!("Lille")), "BAD_INPUT"),
    ] {
        let refused = tell(&app, DECLARE, input.clone(), &lille).await;
        assert_eq!(refused.code(), code, "{input}: {:#}", refused.body);
    }
    let mut own_funds = sum(SUD, "5.00");
    own_funds["form"] = json!("AUTOFINANCEMENT");
    assert_eq!(tell(&app, DECLARE, own_funds.clone(), &partner(&app, MEL)).await.code(), "BAD_INPUT", "not the holder");
    assert!(tell(&app, DECLARE, own_funds, &lille).await.data().is_object());
    let nothing = |input: Value| tell(&app, NOTHING, input, &lille);
    for input in [
        json!({"nature": "FONCTIONNEMENT"}),
        json!({"nature": "FONCTIONNEMENT", "project": SUD, "contrat": "CN05911M"}),
        json!({"nature": "FONCTIONNEMENT", "project": SUD, "objective": "PROXIMITE"}),
        json!({"nature": "FONCTIONNEMENT", "project": SUD, "year": 2026}),
    ] {
        assert_eq!(nothing(input.clone()).await.code(), "BAD_INPUT", "{input}");
    }
    assert_eq!(nothing(json!({"nature": "FONCTIONNEMENT", "contrat": "CN99999X"})).await.code(), "NOT_FOUND");
    let roles = [
        (Role::Partner, None),
        (Role::Admin, Some(LILLE)),
        (Role::Auditor, Some(LILLE)),
        (Role::Committee, Some(LILLE)),
    ];
    for (role, siren) in roles {
        let token = app.token_of(role, siren, &[]);
        assert_eq!(tell(&app, DECLARE, sum(SUD, "5.00"), &token).await.code(), "FORBIDDEN", "{role}");
    }
    for siren in [None, Some(LILLE)] {
        let token = app.token_of(Role::Region, siren, &[]);
        assert_eq!(tell(&app, DECLARE, sum(SUD, "5.00"), &token).await.code(), "UNAUTHENTICATED", "{siren:?}");
    }
    let public = app.ask_with(DECLARE, json!({"input": sum(SUD, "5.00")}), None).await;
    assert_eq!(public.code(), "FORBIDDEN");
    let region = app.token_of(Role::Region, Some(REGION), &[]);
    assert!(tell(&app, DECLARE, sum(SUD, "5.00"), &region).await.data().is_object(), "the Région for itself");
}

#[tokio::test]
async fn a_body_that_nobody_expects_counts_for_nothing_by_declaring() {
    let app = TestApp::start().await;
    let prefecture = partner(&app, PREFECTURE);
    let totals = "{ totals(by: [FUNDER]) { key { value } amount count partial } }";
    let (plan, before) = (json!({"id": SUD}), app.ask(totals).await);
    let version = app.see(PLAN, plan.clone()).await.data()["project"]["fundingPlan"]["version"].clone();
    let mut state = sum(SUD, "70000.00");
    state["onBehalfOf"] = json!("financeur:etat-59");
    let declared = tell(&app, DECLARE, state, &prefecture).await.data()["declareCommitment"].clone();
    assert_eq!(declared["expected"], false, "the answer says so");
    assert_eq!(line(&app, SUD, ("financeur:etat-59", "FONCTIONNEMENT")).await, Value::Null);
    assert_eq!(app.ask(totals).await.data(), before.data());
    let after = app.see(PLAN, plan).await;
    assert_eq!(after.data()["project"]["fundingPlan"]["version"], version, "nobody's plan changes by it");
    let bulk = json!({"contrat": "CN05911M", "nature": "INVESTISSEMENT", "onBehalfOf": "financeur:etat-59"});
    assert_eq!(tell(&app, NOTHING, bulk, &prefecture).await.code(), "BAD_INPUT", "and is expected nowhere by it");
}

#[tokio::test]
async fn in_bulk_each_project_where_it_is_expected_and_no_other() {
    let app = TestApp::start().await;
    let (lille, region) = (partner(&app, LILLE), app.token_of(Role::Region, Some(REGION), &[]));
    let bulk = json!({"contrat": "CN05911M", "nature": "FONCTIONNEMENT", "idempotencyKey": "réunion du 3"});
    let said = tell(&app, NOTHING, bulk.clone(), &lille).await.data()["declareNothing"].clone();
    assert_eq!(said["project"], Value::Null);
    let parts = said["parts"].as_array().expect("parts").clone();
    assert_eq!(parts.iter().map(|part| &part["project"]["id"]).collect::<Vec<_>>(), [SUD], "{said}");
    assert_eq!(line(&app, SUD, ("siren:215903501", "FONCTIONNEMENT")).await["state"], "NOTHING");
    for project in [PERSON, NOWHERE] {
        assert_eq!(line(&app, project, ("siren:215903501", "FONCTIONNEMENT")).await, Value::Null, "{project}");
    }
    let again = tell(&app, NOTHING, bulk, &lille).await;
    assert_eq!(again.data()["declareNothing"], said, "the first answer");
    let twice = json!({"contrat": "CN05911M", "nature": "FONCTIONNEMENT"});
    assert_eq!(tell(&app, NOTHING, twice.clone(), &lille).await.code(), "BAD_INPUT", "all said already");
    let other = json!({"contrat": "CN05911M", "nature": "INVESTISSEMENT", "objective": "PROXIMITE"});
    assert_eq!(tell(&app, NOTHING, other, &lille).await.code(), "BAD_INPUT", "no project of that objective");
    let year = json!({"contrat": "CN05911M", "nature": "INVESTISSEMENT", "year": 2026});
    assert_eq!(tell(&app, NOTHING, year, &lille).await.code(), "BAD_INPUT", "no project of that one year");
    let withdrawn = withdraw(&app, &said["id"], &lille).await;
    assert_eq!(withdrawn.data()["withdrawDeclaration"]["parts"], json!([{"id": parts[0]["id"]}]));
    assert_eq!(line(&app, SUD, ("siren:215903501", "FONCTIONNEMENT")).await, Value::Null);
    assert_eq!(withdraw(&app, &said["id"], &lille).await.code(), "NOT_FOUND");

    // The Région declared a sum on the only project of the contract, and its system holds another: no nothing is left to say.
    assert!(tell(&app, DECLARE, sum(SUD, "5.00"), &region).await.data().is_object());
    let other = json!({"contrat": "CN05911M", "nature": "INVESTISSEMENT"});
    for bulk in [twice, other.clone()] {
        let refused = tell(&app, NOTHING, bulk, &region).await;
        assert_eq!(refused.code(), "CONFLICT");
        assert!(refused.body["errors"][0]["message"].as_str().unwrap().contains(SUD), "{:#}", refused.body);
    }
    let said = tell(&app, NOTHING, other, &lille).await.data()["declareNothing"].clone();
    let bulk: Vec<&Value> =
        said["parts"].as_array().expect("parts").iter().map(|part| &part["project"]["id"]).collect();
    assert_eq!(bulk, [SUD], "the project of a commune alone is of no contract for certain: {said}");
    holds(&app).await;
}

/// Two more projects of the contract, of which Lille is asked for a part; into one of them its own system puts a sum.
async fn with_two_more(ledger: &Ledger) {
    region::fill(ledger).await;
    let asked = |title: &str| {
        json!({"project": {"title": title, "holder": "siren:783707003", "places": {"quartiers": ["QN05972M"]}},
            "statements": [{"funder": "siren:215903501", "nature": "FONCTIONNEMENT", "form": "SUBVENTION",
                "stage": "SOLLICITE", "amount": "900.00", "tax_basis": "NON_PRECISE", "year": 2026}]})
    };
    let put = json!({"statements": [{"funder": "siren:215903501", "nature": "FONCTIONNEMENT", "form": "SUBVENTION",
        "stage": "ATTRIBUE", "amount": "900.00", "tax_basis": "NON_PRECISE", "year": 2026}]});
    let source = |id: &str, standing: &str, speaks_for: Value| {
        json!({"id": id, "family": null, "title": id, "standing": standing, "speaks_for": speaks_for,
            "max_age_s": 864_000, "vanish_limit_bp": 2_000})
    };
    let records = vec![("a4", Some(OTHER), asked("Fête des voisins")), ("a5", Some(PUT), asked("Chantier d'été"))];
    let load = |source: Value, records| region::Load { source, day: 6, records, unchanged: 0, rejected: Vec::new() };
    region::append(ledger, load(source("demandes", "publication", json!([])), records)).await;
    let town = source("lille", "system-of-record", json!([{"funder": "siren:215903501"}]));
    region::append(ledger, load(town, vec![("l1", Some(PUT), put)])).await;
}

#[tokio::test]
async fn in_bulk_what_its_own_word_puts_is_left_out_and_named() {
    let app = TestApp::start_over(with_two_more).await;
    let lille = partner(&app, LILLE);
    let cell = ("siren:215903501", "FONCTIONNEMENT");
    assert!(tell(&app, DECLARE, sum(SUD, "12000.00"), &lille).await.data().is_object());
    let before = [line(&app, SUD, cell).await, line(&app, PUT, cell).await];
    let document = "mutation($input: DeclareNothingInput!) { declareNothing(input: $input) {
        id parts { project { id } leftOut { id } } leftOut { id } } }";
    let bulk = json!({"contrat": "CN05911M", "nature": "FONCTIONNEMENT", "idempotencyKey": "tout le reste"});
    let said = tell(&app, document, bulk.clone(), &lille).await.data()["declareNothing"].clone();
    assert_eq!(said["parts"], json!([{"project": {"id": OTHER}, "leftOut": []}]), "{said}");
    assert_eq!(said["leftOut"], json!([{"id": SUD}, {"id": PUT}]), "declared, and in its own system: {said}");
    assert_eq!(line(&app, OTHER, cell).await["state"], "NOTHING");
    assert_eq!([line(&app, SUD, cell).await, line(&app, PUT, cell).await], before, "nothing speaks against itself");
    assert_eq!(tell(&app, document, bulk, &lille).await.data()["declareNothing"], said, "the first answer");
    let again = json!({"contrat": "CN05911M", "nature": "FONCTIONNEMENT"});
    assert_eq!(tell(&app, document, again, &lille).await.code(), "CONFLICT", "nothing is left to say");
    holds(&app).await;
}

#[tokio::test]
async fn a_request_that_comes_again_declares_nothing_more() {
    let app = TestApp::start().await;
    let (lille, mel) = (partner(&app, LILLE), partner(&app, MEL));
    let mut input = sum(SUD, "12000.00");
    input["idempotencyKey"] = json!("2026-03-10/1");
    let first = tell(&app, DECLARE, input.clone(), &lille).await.data()["declareCommitment"].clone();
    let again = tell(&app, DECLARE, input.clone(), &lille).await.data()["declareCommitment"].clone();
    assert_eq!(again, first, "the first answer, of the first version");
    let mut other = input.clone();
    other["amount"] = json!("12000.01");
    assert_eq!(tell(&app, DECLARE, other, &lille).await.code(), "CONFLICT");
    let theirs = tell(&app, DECLARE, input.clone(), &mel).await.data()["declareCommitment"].clone();
    assert_ne!(theirs["id"], first["id"], "another organisation's key is its own");
    assert!(withdraw(&app, &first["id"], &lille).await.data().is_object());
    let late = tell(&app, DECLARE, input, &lille).await.data()["declareCommitment"].clone();
    assert_eq!(late, first, "a late retry does not declare anew what was withdrawn");
    let records = app.ask("{ source(id: \"declarations\") { records } }").await;
    assert_eq!(records.data()["source"]["records"], 1);
}
