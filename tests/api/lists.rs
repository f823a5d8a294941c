//! Lists for people who chase, as CSV: the same as GraphQL says, for whom it says it.

use crate::app::{Answer, TestApp};
use crate::region::SUD;
use calamine::{Data, DataType as _, Reader as _, Xlsx, open_workbook_from_rs};
use passerelle::identity::Role;
use serde_json::{Value, json};
use std::io::Cursor;

async fn get(app: &TestApp, path: &str, token: Option<&str>) -> Answer {
    let request = app.client().get(app.url(path));
    app.send(match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    })
    .await
}

fn rows(answer: &Answer) -> Vec<Vec<String>> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.content_type.starts_with("text/csv"), "{}", answer.content_type);
    let text = answer.body.as_str().expect("a text");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect());
    rows.collect()
}

#[tokio::test]
async fn projects_are_listed_with_what_the_check_says() {
    let app = TestApp::start().await;
    let auditor = app.auditor();
    let listed = rows(&get(&app, "/lists/projects.csv?contrat=CN05911M&knowledge=INCOMPLETE", Some(&auditor)).await);
    let asked = app
        .ask(
            "{ projects(filter: {contrat: [\"CN05911M\"], knowledge: [INCOMPLETE]}) { nodes { id title check {
        ready knowledge findings { rule severity } } } } }",
        )
        .await;
    let nodes = asked.data()["projects"]["nodes"].as_array().expect("projects").clone();
    assert_eq!(listed.len(), nodes.len());
    for (row, node) in listed.iter().zip(&nodes) {
        assert_eq!((&*row[0], &*row[1]), (node["id"].as_str().unwrap(), node["title"].as_str().unwrap()));
        assert_eq!((&*row[6], &*row[7]), ("INCOMPLETE", "false"));
        let grave = node["check"]["findings"].as_array().unwrap().iter().filter(|one| one["severity"] == "BLOCKING");
        let grave: Vec<&str> = grave.filter_map(|one| one["rule"].as_str()).collect();
        assert_eq!(row[8], grave.join(" "));
    }
    assert!(listed.iter().any(|row| row[0] == SUD && row[4] == "CN05911M"));
    // The public sees projects, and nothing of their checks.
    let public = rows(&get(&app, "/lists/projects.csv", None).await);
    assert!(!public.is_empty() && public.iter().all(|row| row[6..].iter().all(String::is_empty)), "{public:?}");
    assert_eq!(get(&app, "/lists/projects.csv?knowledge=INCOMPLETE", None).await.status, 403);
}

/// The cells of the one sheet, each as a text, and how many of them are numbers.
async fn sheet(app: &TestApp, path: &str, token: &str) -> (Vec<Vec<String>>, usize) {
    let answer = app.client().get(app.url(path)).bearer_auth(token).send().await.expect("an answer");
    let kind = answer.headers()["content-type"].to_str().expect("a text").to_owned();
    assert_eq!(kind, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    let bytes = answer.bytes().await.expect("a body").to_vec();
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("readable");
    let numbers = range.used_cells().filter(|(_, _, cell)| cell.is_float()).count();
    let text = |cell: &Data| cell.get_float().map_or_else(|| cell.to_string(), |number| format!("{number:.2}"));
    (range.rows().map(|row| row.iter().map(text).collect()).collect(), numbers)
}

#[tokio::test]
async fn a_workbook_holds_what_the_csv_does_and_amounts_are_numbers() {
    let app = TestApp::start().await;
    let auditor = app.auditor();
    let mut amounts = 0;
    for list in ["projects", "awaited", "envelopes"] {
        let asked = if list == "awaited" { "?organisation=siren:215903501" } else { "" };
        let csv = rows(&get(&app, &format!("/lists/{list}.csv{asked}"), Some(&auditor)).await);
        let (cells, numbers) = sheet(&app, &format!("/lists/{list}.xlsx{asked}"), &auditor).await;
        assert_eq!(cells[1..], csv, "{list}");
        amounts += numbers;
    }
    assert!(amounts > 0, "reported sums are numbers");
    assert_eq!(get(&app, "/lists/projects.xlsx?nothing=1", Some(&auditor)).await.status, 400);
    assert_eq!(get(&app, "/lists/awaited.xlsx?organisation=siren:215903501", None).await.status, 403);
}

/// An empty list for a code that is none would say that nobody is missing there.
#[tokio::test]
async fn a_code_that_is_none_is_refused() {
    let app = TestApp::start().await;
    let auditor = app.auditor();
    for asked in [
        "projects.csv?contrat=cn05911m",
        "projects.csv?contrat=",
        "projects.csv?quartier=Lille",
        "projects.csv?epci=1",
        "envelopes.csv?epci=200%20093%20201x",
    ] {
        let answer = get(&app, &format!("/lists/{asked}"), Some(&auditor)).await;
        assert_eq!((answer.status, answer.code()), (400, "BAD_REQUEST"), "{asked}: {}", answer.body);
    }
}

#[tokio::test]
async fn what_is_awaited_from_a_body_is_listed() {
    let app = TestApp::start().await;
    let lille = app.token_of(Role::Partner, Some("215903501"), &[]);
    let listed = rows(&get(&app, "/lists/awaited.csv?organisation=siren:215903501", Some(&lille)).await);
    let asked = app
        .ask_with(
            "{ organisation(siren: \"215903501\") { awaited { project { id } nature state reported since } } }",
            Value::Null,
            Some(&lille),
        )
        .await;
    let asked = asked.data()["organisation"]["awaited"].as_array().expect("a list").clone();
    assert_eq!(listed.len(), asked.len());
    assert!(!listed.is_empty());
    // One by one, and how many there are.
    let query = "query($skip: Int) { organisation(siren: \"215903501\") { awaitedCount awaited(first: 1, skip: $skip) { project { id } } } }";
    for (at, row) in listed.iter().enumerate() {
        let page = app.ask_with(query, json!({ "skip": at }), Some(&lille)).await;
        let page = &page.data()["organisation"];
        assert_eq!(page["awaitedCount"], listed.len());
        assert_eq!(page["awaited"][0]["project"]["id"], row[0].as_str());
        assert_eq!(page["awaited"].as_array().unwrap().len(), 1);
    }
    let refused = app.ask_with(query, json!({ "skip": -1 }), Some(&lille)).await;
    assert_eq!(refused.code(), "BAD_INPUT");
    for (row, one) in listed.iter().zip(&asked) {
        assert_eq!(row[0], one["project"]["id"].as_str().unwrap());
        assert_eq!(row[6], one["state"].as_str().unwrap());
        assert_eq!(row[7], one["reported"].as_str().unwrap_or_default());
    }
}

#[tokio::test]
async fn whoever_has_only_to_acknowledge_is_awaited_once_all_is_known() {
    let app = TestApp::start().await;
    let say = async |siren: &str, role: Role, document: &str, variables: Value| {
        let token = app.token_of(role, Some(siren), &[]);
        app.ask_with(document, variables, Some(&token)).await.data().clone()
    };
    let nothing = "mutation($id: ID!) { declareNothing(input: {project: $id, nature: INVESTISSEMENT}) { id } }";
    say("215903501", Role::Partner, nothing, json!({"id": SUD})).await;
    say("453678252", Role::Partner, nothing, json!({"id": SUD})).await;
    let admit = "mutation($p: ID!, $f: ID!) { admitFunder(project: $p, funder: $f, reason: \"Citée\") { id } }";
    for funder in ["siren:453678252", "siren:200093201"] {
        say("200053742", Role::Region, admit, json!({"p": SUD, "f": funder})).await;
    }
    let sum = json!({"project": SUD, "nature": "FONCTIONNEMENT", "stage": "ATTRIBUE", "amount": "15000.00"});
    let declare = "mutation($input: DeclareCommitmentInput!) { declareCommitment(input: $input) { id } }";
    say("200093201", Role::Partner, declare, json!({"input": sum})).await;
    let awaited =
        "{ organisation(siren: \"200093201\") { awaited { project { id } funder { id } state toAcknowledge since } } }";
    let told = say("200093201", Role::Partner, awaited, Value::Null).await["organisation"]["awaited"].clone();
    let of_project = |told: &Value| -> Vec<Value> {
        told.as_array().expect("a list").iter().filter(|one| one["project"]["id"] == SUD).cloned().collect()
    };
    let [one] = &of_project(&told)[..] else { panic!("{told:#}") };
    assert_eq!((&one["state"], &one["toAcknowledge"]), (&json!("KNOWN"), &json!(true)), "{told:#}");
    assert_eq!(one["funder"]["id"], "siren:200093201");
    let version = say(
        "200093201",
        Role::Partner,
        "query($id: ID!) { project(id: $id) { fundingPlan { version } } }",
        json!({"id": SUD}),
    )
    .await["project"]["fundingPlan"]["version"]
        .clone();
    let acknowledge = "mutation($id: ID!, $v: String!) { acknowledgePlan(project: $id, planVersion: $v) { id } }";
    say("200093201", Role::Partner, acknowledge, json!({"id": SUD, "v": version})).await;
    let told = say("200093201", Role::Partner, awaited, Value::Null).await["organisation"]["awaited"].clone();
    assert_eq!(of_project(&told), Vec::<Value>::new(), "it has");
}

#[tokio::test]
async fn what_is_not_understood_is_said() {
    let app = TestApp::start().await;
    let auditor = app.auditor();
    for (path, status) in [
        ("/lists/projects.csv?knowledge=MAYBE", 400),
        ("/lists/projects.csv?attestedButChanged=perhaps", 400),
        ("/lists/projects.csv?nothing=1", 400),
        ("/lists/awaited.csv", 400),
        ("/lists/awaited.csv?organisation=siren:000000000", 400),
        ("/lists/awaited.csv?organisation=a&organisation=b", 400),
    ] {
        assert_eq!(get(&app, path, Some(&auditor)).await.status, status, "{path}");
    }
    assert_eq!(get(&app, "/lists/awaited.csv?organisation=siren:215903501", None).await.status, 403);
    assert_eq!(get(&app, "/lists/projects.csv", Some("x")).await.status, 401);
}
