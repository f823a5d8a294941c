//! Whom the table of the rules expects on a project: it sees what is awaited from it, says it, and shares the plan. What bodies
//! declare opens nothing to it.

use super::world::{ANRU, ELSEWHERE, HERE, PROJECTS, REGION, facts, project, region_id, source, sum, tables};
use crate::app::TestApp;
use crate::region::{Load, append};
use passerelle::identity::Role;
use passerelle::ledger::Ledger;
use serde_json::{Value, json};

/// Voted under the scheme of the table, proposed under it, and voted under none.
const VOTED: &str = PROJECTS[0][0];
const PROPOSED: &str = PROJECTS[0][1];
const OTHER: &str = PROJECTS[1][0];
const SCHEME: &str = "NPNRU-REGION";
const DECLARE: &str = "mutation($input: DeclareCommitmentInput!) { declareCommitment(input: $input) { id expected } }";
const PLAN: &str = "fundingPlan { version lines { funder { id } state } }";

async fn fill(ledger: &Ledger) {
    append(ledger, tables()).await;
    let under = |stage, scheme: Option<&str>, amount| {
        let mut sum = sum(&region_id(), (stage, "INVESTISSEMENT"), amount);
        sum["dispositif"] = json!(scheme);
        vec![sum]
    };
    let of_region = [
        ("vote", VOTED, ("QN05972M", "1"), under("ATTRIBUE", Some(SCHEME), "9000.00")),
        ("proposition", PROPOSED, ("QN05972M", "2"), under("PROPOSE", Some(SCHEME), "8000.00")),
        ("autre", OTHER, ("QN06201M", "3"), under("ATTRIBUE", None, "7000.00")),
    ];
    let records = of_region.into_iter().map(|(key, id, (quartier, reference), sums)| {
        (key, Some(id), facts(project("Square", quartier, reference), sums))
    });
    let records = records.collect();
    let region = source("region", "system-of-record", &[&region_id()]);
    append(ledger, Load { source: region, day: 2, records, unchanged: 0, rejected: Vec::new() }).await;
    let asked = sum(&format!("siren:{ELSEWHERE}"), ("SOLLICITE", "INVESTISSEMENT"), "80022.02");
    let records = vec![("dossier", Some(OTHER), facts(project("Square", "QN06201M", "3"), vec![asked]))];
    let dossiers = source("dossiers", "publication", &[]);
    append(ledger, Load { source: dossiers, day: 3, records, unchanged: 0, rejected: Vec::new() }).await;
}

fn partner(app: &TestApp, siren: &str) -> String {
    app.token_of(Role::Partner, Some(siren), &[])
}

async fn of_project(app: &TestApp, id: &str, fields: &str, token: &str) -> Value {
    let document = format!("{{ project(id: \"{id}\") {{ {fields} }} }}");
    app.ask_with(&document, json!({}), Some(token)).await.body["data"]["project"].clone()
}

async fn sees_plan(app: &TestApp, id: &str, token: &str) -> bool {
    !of_project(app, id, PLAN, token).await["fundingPlan"]["version"].is_null()
}

/// The projects on which something is awaited from ANRU, as whoever bears this token sees it.
async fn awaited(app: &TestApp, token: &str) -> Vec<String> {
    let document = format!("{{ organisation(siren: \"{ANRU}\") {{ awaited {{ project {{ id }} nature since }} }} }}");
    let answer = app.ask_with(&document, json!({}), Some(token)).await;
    let all = answer.data()["organisation"]["awaited"].as_array().expect("a list").clone();
    assert!(all.iter().all(|one| one["nature"] == "INVESTISSEMENT" && !one["since"].is_null()), "{all:?}");
    let mut ids: Vec<String> =
        all.iter().map(|one| one["project"]["id"].as_str().expect("an identifier").to_owned()).collect();
    ids.sort();
    ids
}

async fn declare(app: &TestApp, id: &str, scheme: &str, token: &str) -> Value {
    let input = json!({"project": id, "nature": "INVESTISSEMENT", "stage": "ATTRIBUE", "amount": "5000.00",
        "dispositif": scheme});
    app.ask_with(DECLARE, json!({"input": input}), Some(token)).await.data()["declareCommitment"].clone()
}

#[tokio::test]
async fn whom_the_table_expects_sees_declares_and_acknowledges() {
    let app = TestApp::start_over(fill).await;
    let anru = partner(&app, ANRU);
    let region = app.token_of(Role::Region, Some(REGION), &[]);
    assert_eq!(awaited(&app, &anru).await, [VOTED, PROPOSED]);
    assert_eq!(awaited(&app, &anru).await, awaited(&app, &region).await);
    for id in [VOTED, PROPOSED] {
        assert!(sees_plan(&app, id, &anru).await, "{id}");
        assert_eq!(declare(&app, id, "ANRU", &anru).await["expected"], true, "{id}");
        let version = of_project(&app, id, PLAN, &anru).await["fundingPlan"]["version"].clone();
        let acknowledge =
            "mutation($p: ID!, $v: String!) { acknowledgePlan(project: $p, planVersion: $v) { by { id } } }";
        let said = app.ask_with(acknowledge, json!({"p": id, "v": version}), Some(&anru)).await;
        assert_eq!(said.data()["acknowledgePlan"]["by"]["id"], format!("siren:{ANRU}"));
        let check = of_project(&app, id, "check { knowledge }", &region).await;
        assert_eq!(check["check"]["knowledge"], "KNOWN_AND_SHARED", "{id}");
    }
    assert_eq!(awaited(&app, &anru).await, Vec::<String>::new(), "it has said all");
    // The past is seen with the rights of today.
    let before = format!("{{ asOf(version: 3) {{ project(id: \"{PROPOSED}\") {{ {PLAN} }} }} }}");
    let before = app.ask_with(&before, json!({}), Some(&anru)).await;
    assert!(!before.data()["asOf"]["project"]["fundingPlan"]["version"].is_null(), "{:#}", before.body);
}

#[tokio::test]
async fn the_table_opens_what_it_names_to_whom_it_names_and_no_more() {
    let app = TestApp::start_over(fill).await;
    let (anru, stranger) = (partner(&app, ANRU), partner(&app, "380475558"));
    assert!(!sees_plan(&app, OTHER, &anru).await, "the row does not concern it");
    for id in [VOTED, PROPOSED, OTHER] {
        assert!(!sees_plan(&app, id, &stranger).await, "{id}");
    }
    assert_eq!(of_project(&app, PROPOSED, "id", &stranger).await, Value::Null);
    for id in [VOTED, PROPOSED] {
        assert!(sees_plan(&app, id, &partner(&app, HERE)).await, "it pilots the contract");
        assert!(!sees_plan(&app, id, &app.token_of(Role::Committee, Some(ANRU), &["CN06201M"])).await, "{id}");
        assert!(!sees_plan(&app, id, &app.token_of(Role::Admin, Some(ANRU), &[])).await, "{id}");
    }
}

#[tokio::test]
async fn nobody_opens_a_project_by_declaring_under_the_scheme_of_a_row() {
    let app = TestApp::start_over(fill).await;
    let (anru, elsewhere) = (partner(&app, ANRU), partner(&app, ELSEWHERE));
    let region = app.token_of(Role::Region, Some(REGION), &[]);
    assert_eq!(declare(&app, OTHER, SCHEME, &anru).await["expected"], false);
    assert!(!sees_plan(&app, OTHER, &anru).await, "its own word");
    assert_eq!(declare(&app, OTHER, SCHEME, &elsewhere).await["expected"], true);
    assert!(!sees_plan(&app, OTHER, &anru).await, "another body's declaration");
    assert!(!of_project(&app, OTHER, "commitments { amount }", &anru).await.to_string().contains("80022.02"));
    // What the Région says itself, it may open.
    declare(&app, OTHER, SCHEME, &region).await;
    assert!(sees_plan(&app, OTHER, &anru).await);
}
