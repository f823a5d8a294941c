//! Which records are one project: the Région links and separates, totals follow, and the contrary act undoes each.

use crate::app::TestApp;
use crate::region::{self, NOWHERE, PERSON, SUD};
use crate::watching::propose;
use passerelle::gateway::Gateway;
use passerelle::identity::Role;
use passerelle::ledger::Ledger;
use serde_json::{Value, json};

const LINK: &str = "mutation($projects: [ID!]!, $reason: String!) {
    linkProjects(projects: $projects, reason: $reason) { id records { source { id } key } links { from to by reason } }
}";
const UNLINK: &str = "mutation($source: ID!, $key: String!) {
    unlinkRecord(source: $source, key: $key, reason: \"Deux opérations\") { id title records { key } }
}";
/// What everybody sees of the whole: projects, and sums by quartier.
const WHOLE: &str = "{ projects { totalCount nodes { id title commitments { id amount funder { id } } } }
    totals(by: [QUARTIER, NATURE]) { key { value } amount loans count projects } }";

async fn whole(app: &TestApp) -> Value {
    app.ask(WHOLE).await.data().clone()
}

#[tokio::test]
async fn a_wrong_link_is_undone_and_the_totals_follow() {
    let app = TestApp::start().await;
    let region = app.token(Role::Region);
    let before = whole(&app).await;
    let asked = json!({"projects": [PERSON, SUD], "reason": "Même square"});
    let linked = app.ask_with(LINK, asked, Some(&region)).await;
    let version = linked.body["extensions"]["ledgerVersion"].clone();
    let project = &linked.data()["linkProjects"];
    assert_eq!(project["id"], SUD, "the older stays: {project}");
    assert_eq!(project["records"].as_array().unwrap().len(), 3, "{project}");
    assert_eq!(project["links"], json!([{"from": PERSON, "to": SUD, "by": "PERSON", "reason": "Même square"}]));

    let joined = whole(&app).await;
    assert_eq!(joined["projects"]["totalCount"], 2);
    let led = app.ask(&format!("{{ project(id: \"{PERSON}\") {{ id }} ledger {{ version }} }}")).await;
    assert_eq!(led.data()["project"]["id"], SUD, "the identifier that gave way still leads there");
    assert_eq!(led.data()["ledger"]["version"], version, "the answer stated the version that it made");

    let separated = app.ask_with(UNLINK, json!({"source": "region", "key": "r2"}), Some(&region)).await;
    let project = &separated.data()["unlinkRecord"];
    assert_eq!((&project["id"], &project["records"]), (&json!(PERSON), &json!([{"key": "r2"}])), "{project}");
    assert_eq!(whole(&app).await, before, "everything is as before, identifiers too");

    // What was done stays known, and the past is read as it was.
    let then = format!("{{ asOf(version: {version}) {} }}", WHOLE);
    assert_eq!(app.ask(&then).await.data()["asOf"], joined);
}

#[tokio::test]
async fn a_record_that_shares_a_reference_leaves_all_the_same_and_comes_back() {
    let app = TestApp::start().await;
    let region = app.token(Role::Region);
    let before = whole(&app).await;
    let left = app.ask_with(UNLINK, json!({"source": "dossiers", "key": "a1"}), Some(&region)).await;
    let own = left.data()["unlinkRecord"]["id"].as_str().unwrap().to_owned();
    assert!(own != SUD && own.starts_with('p'), "{own}");
    assert_eq!(whole(&app).await["projects"]["totalCount"], 4);
    let asked = json!({"projects": [own, SUD], "reason": "Erreur de saisie"});
    let back = app.ask_with(LINK, asked, Some(&region)).await;
    assert_eq!(back.data()["linkProjects"]["id"], SUD);
    assert_eq!(whole(&app).await, before);
}

#[tokio::test]
async fn the_first_record_of_a_project_leaves_and_comes_back_and_the_project_keeps_its_identifier() {
    let app = TestApp::start().await;
    let region = app.token(Role::Region);
    let before = whole(&app).await;
    let left = app.ask_with(UNLINK, json!({"source": "region", "key": "r1"}), Some(&region)).await;
    let own = left.data()["unlinkRecord"]["id"].as_str().unwrap().to_owned();
    assert_ne!(own, SUD, "the identifier stays with those who stay");
    let kept = app.ask(&format!("{{ project(id: \"{SUD}\") {{ records {{ key }} }} }}")).await;
    assert_eq!(kept.data()["project"]["records"], json!([{"key": "a1"}]));
    let back = app.ask_with(LINK, json!({"projects": [own, SUD], "reason": "Erreur"}), Some(&region)).await;
    assert_eq!(back.data()["linkProjects"]["id"], SUD);
    assert_eq!(whole(&app).await, before);
}

#[tokio::test]
async fn only_the_region_links_and_only_what_makes_sense() {
    let app = TestApp::start().await;
    let (region, admin) = (app.token(Role::Region), app.admin());
    let link = |projects: &[&str], reason: &str| json!({"projects": projects, "reason": reason});
    for token in [None, Some(admin.as_str())] {
        let refused = app.ask_with(LINK, link(&[SUD, PERSON], "x"), token).await;
        assert_eq!(refused.code(), "FORBIDDEN", "{:#}", refused.body);
        let refused = app.ask_with(UNLINK, json!({"source": "region", "key": "r1"}), token).await;
        assert_eq!(refused.code(), "FORBIDDEN");
        let candidates = format!("{{ matchCandidates(project: \"{SUD}\") {{ score }} }}");
        assert_eq!(app.ask_with(&candidates, json!({}), token).await.code(), "FORBIDDEN");
        let links = format!("{{ project(id: \"{SUD}\") {{ links {{ from }} }} }}");
        assert_eq!(app.ask_with(&links, json!({}), token).await.data()["project"]["links"], Value::Null);
    }
    let long = "x".repeat(1_001);
    for (projects, reason, code) in [
        (&[SUD, PERSON][..], " ", "BAD_INPUT"),
        (&[SUD, PERSON], &long, "BAD_INPUT"),
        (&[SUD], "x", "BAD_INPUT"),
        (&[SUD, SUD], "x", "BAD_INPUT"),
        (&[SUD; 21], "x", "BAD_INPUT"),
        (&[SUD, "p00000000000000ff"], "x", "NOT_FOUND"),
        (&[SUD, "' OR 1=1"], "x", "NOT_FOUND"),
    ] {
        let refused = app.ask_with(LINK, link(projects, reason), Some(&region)).await;
        assert_eq!(refused.code(), code, "{projects:?} {:#}", refused.body);
    }
    for (source, key, code) in [
        ("region", "r9", "NOT_FOUND"),
        ("reference", "lille", "NOT_FOUND"),
        ("Region!", "r1", "BAD_INPUT"),
        ("region", "r3", "BAD_INPUT"),
    ] {
        let refused = app.ask_with(UNLINK, json!({"source": source, "key": key}), Some(&region)).await;
        assert_eq!(refused.code(), code, "{source} {key}: {:#}", refused.body);
    }
    assert_eq!(whole(&app).await["projects"]["totalCount"], 3, "nothing was done");
    let nobody =
        app.ask_with("{ matchCandidates(project: \"p00000000000000ff\") { score } }", json!({}), Some(&region));
    assert_eq!(nobody.await.data()["matchCandidates"], Value::Null);
    let none = format!("{{ matchCandidates(project: \"{NOWHERE}\") {{ score }} }}");
    let none = app.ask_with(&none, json!({}), Some(&region)).await;
    assert_eq!(none.data()["matchCandidates"], json!([]));
}

/// The small region, in which the matcher proposes that two projects are one.
async fn filled_with_a_proposal(ledger: &Ledger) {
    region::fill(ledger).await;
    propose(&Gateway::open(ledger.clone()).await.expect("a gateway"), NOWHERE, SUD).await;
}

#[tokio::test]
async fn what_waits_to_be_decided_is_told_by_the_check_to_whom_it_may() {
    const CHECK: &str = "query($id: ID!, $funder: ID!) { project(id: $id) {
        check { findings { rule severity message(lang: EN) } }
        supposed: check(assume: [{funder: $funder, nature: INVESTISSEMENT, amount: \"1.00\", stage: ATTRIBUE}]) { findings { rule } } } }";
    let of = |answer: &Value| {
        let list = |alias: &str| answer["project"][alias]["findings"].as_array().expect("findings").clone();
        let pending = |finding: &Value| finding["rule"] == "MATCH-PENDING";
        ["check", "supposed"].map(|alias| list(alias).into_iter().find(pending))
    };
    let ask = async |app: &TestApp, token: &str| {
        let asked = json!({"id": SUD, "funder": "siren:200053742"});
        of(app.ask_with(CHECK, asked, Some(token)).await.data())
    };
    let before = TestApp::start().await;
    assert_eq!(ask(&before, &before.token(Role::Region)).await, [None, None], "nothing waits");
    let app = TestApp::start_over(filled_with_a_proposal).await;
    let region = app.token(Role::Region);
    let committee = app.token_of(Role::Committee, None, &["CN05911M"]);
    let [told, supposed] = ask(&app, &region).await;
    let told = told.expect("it waits");
    assert_eq!(told["severity"], "WARNING");
    assert!(told["message"].as_str().unwrap().contains(NOWHERE), "{told}");
    assert!(supposed.is_some(), "what is supposed decides nothing");
    assert_eq!(ask(&app, &committee).await, [None, None], "proposals are not for it");
    let issue = "mutation($id: ID!) { issueAttestation(project: $id, asStatementOfGaps: true) { jws } }";
    let issued = app.ask_with(issue, json!({"id": SUD}), Some(&region)).await;
    assert!(issued.data()["issueAttestation"]["jws"].is_string(), "{:#}", issued.body);
    for (token, is_given) in [(&committee, false), (&region, true)] {
        let acts = "query($id: ID!) { project(id: $id) { acts { jws } } }";
        let seen = app.ask_with(acts, json!({"id": SUD}), Some(token)).await;
        assert_eq!(seen.data()["project"]["acts"][0]["jws"].is_string(), is_given, "the signed text names the rule");
    }
    let asked = json!({"projects": [NOWHERE, SUD], "reason": "Même square"});
    app.ask_with(LINK, asked, Some(&region)).await.data();
    assert_eq!(ask(&app, &region).await, [None, None], "decided");
}

#[tokio::test]
async fn the_region_says_that_two_projects_are_two_and_nothing_proposes_them_again() {
    const APART: &str =
        "mutation($one: ID!, $other: ID!) { keepApart(project: $one, other: $other, reason: \"Deux squares\") {
        id check { findings { rule } } history { nodes { kind reason projects } } } }";
    const WAITING: &str = "{ matchProposals { totalCount nodes { projects { id } score } } }";
    let app = TestApp::start_over(filled_with_a_proposal).await;
    let region = app.token(Role::Region);
    let waiting = app.ask_with(WAITING, json!({}), Some(&region)).await;
    let nodes = json!([{"projects": [{"id": SUD}, {"id": NOWHERE}], "score": 0.0}]);
    assert_eq!(waiting.data()["matchProposals"], json!({"totalCount": 1, "nodes": nodes}));

    let committee = app.token_of(Role::Committee, None, &["CN05911M"]);
    let pair = json!({"one": NOWHERE, "other": SUD});
    assert_eq!(app.ask_with(WAITING, json!({}), Some(&committee)).await.code(), "FORBIDDEN");
    assert_eq!(app.ask_with(APART, pair.clone(), Some(&committee)).await.code(), "FORBIDDEN");
    let one = app.ask_with(APART, json!({"one": SUD, "other": SUD}), Some(&region)).await;
    assert_eq!(one.code(), "BAD_INPUT", "{:#}", one.body);

    let apart = app.ask_with(APART, pair, Some(&region)).await;
    let told = &apart.data()["keepApart"];
    assert_eq!(told["id"], SUD, "{told}");
    assert!(!told["check"]["findings"].as_array().unwrap().contains(&json!({"rule": "MATCH-PENDING"})), "{told}");
    let said = json!({"kind": "KEPT_APART", "reason": "Deux squares", "projects": [NOWHERE, SUD]});
    assert_eq!(told["history"]["nodes"][0], said, "{told}");
    let past = format!("{{ project(id: \"{SUD}\") {{ history {{ nodes {{ kind }} }} }} }}");
    let seen = app.ask_with(&past, json!({}), Some(&committee)).await;
    assert!(!seen.data().to_string().contains("KEPT_APART"), "nor that something was proposed: {:#}", seen.body);
    let none = app.ask_with(WAITING, json!({}), Some(&region)).await;
    assert_eq!(none.data()["matchProposals"]["totalCount"], 0);

    // The contrary act undoes it.
    let asked = json!({"projects": [NOWHERE, SUD], "reason": "Même square"});
    assert_eq!(app.ask_with(LINK, asked, Some(&region)).await.data()["linkProjects"]["id"], SUD);
}
