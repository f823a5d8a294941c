//! To whoever does not see a project its identifier is one that never was: whether it exists, was given up for another one, or was
//! made up, every answer is the same, byte for byte.

use super::world::{CONTRATS, PROJECTS};
use super::{Form, gateway};
use crate::app::TestApp;
use crate::socket::Socket;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use passerelle::identity::Role;
use serde_json::{Value, json};

/// There, and asked for alone; given up for it; never given.
const NEVER: &str = "p00000000000000ff";
const IDS: [&str; 3] = [PROJECTS[0][1], PROJECTS[1][1], NEVER];
/// A body without a part in anything.
const STRANGER: &str = "215903501";

/// Ways to ask for a project by its identifier; `%` where it stands.
const QUESTIONS: &[&str] = &[
    "project(id: \"%\") { id title records { key } fundingPlan { version } check { ready } acts { id } history { totalCount } }",
    "project(id: \"%\") { check(maxAge: \"PT2M\") { ready } }",
    "project(id: \"%\") { sinceAttestation { since } links { score } }",
    "commitments(filter: {project: \"%\"}) { totalCount nodes { id amount } }",
    "totals(filter: {project: \"%\"}, by: [FUNDER]) { amount count projects key { value } }",
    "matchCandidates(project: \"%\") { score }",
    "auditTrail(project: \"%\") { totalCount }",
];

/// Acts on a project by its identifier.
const ACTS: &[&str] = &[
    "declareCommitment(input: {project: \"%\", nature: INVESTISSEMENT, stage: ATTRIBUE, amount: \"5.00\"}) { id }",
    "declareNothing(input: {project: \"%\", nature: INVESTISSEMENT}) { id }",
    "acknowledgePlan(project: \"%\", planVersion: \"0000000000000000000000000000000000000000000000000000000000000000\") { id }",
    "recordOpinion(input: {project: \"%\", rule: \"EMP-1\", favourable: true}) { id }",
    "recordDerogation(input: {project: \"%\", rule: \"OWN-SHARE\", authority: \"financeur:etat-59\", reference: \"1\", givenOn: \"2026-03-01\"}) { id }",
    "classifyProject(project: \"%\", action: \"EMP-1\", reason: \"r\") { id }",
    "admitFunder(project: \"%\", funder: \"siren:200093201\", reason: \"r\") { id }",
    "linkProjects(projects: [\"%\", \"p0000000000000011\"], reason: \"r\") { id }",
    "keepApart(project: \"%\", other: \"p0000000000000011\", reason: \"r\") { id }",
    "issueAttestation(project: \"%\", asStatementOfGaps: true) { id }",
];

fn told(answer: &Value, id: &str) -> String {
    answer.to_string().replace(id, "ID")
}

/// The two projects of which nobody voted anything are one by now: one identifier leads to the other.
async fn joined() -> TestApp {
    let app = gateway().await;
    let region = app.token(Role::Region);
    let link = json!({"projects": [IDS[0], IDS[1]]});
    let say = "mutation($projects: [ID!]!) { linkProjects(projects: $projects, reason: \"one operation\") { id } }";
    assert_eq!(app.ask_with(say, link, Some(&region)).await.data()["linkProjects"]["id"], IDS[0]);
    let seen = format!("{{ one: project(id: \"{}\") {{ id }} other: project(id: \"{}\") {{ id }} }}", IDS[0], IDS[1]);
    let seen = app.ask_with(&seen, json!({}), Some(&region)).await;
    assert_eq!(seen.data(), &json!({"one": {"id": IDS[0]}, "other": {"id": IDS[0]}}));
    app
}

fn strangers(app: &TestApp) -> Vec<Option<String>> {
    let committee = app.token_of(Role::Committee, Some(STRANGER), &[]);
    vec![None, Some(app.token_of(Role::Partner, Some(STRANGER), &[])), Some(committee), Some(app.admin())]
}

#[tokio::test]
async fn an_identifier_that_is_not_ones_to_see_tells_nothing() {
    let app = joined().await;
    let asked = async |document: &str, token: Option<&str>| app.ask_with(document, json!({}), token).await;
    for (at, token) in strangers(&app).iter().enumerate() {
        let token = token.as_deref();
        for question in QUESTIONS {
            for form in Form::ALL {
                let mut all = Vec::new();
                for id in IDS {
                    let (answer, _) = form.ask(&app, &question.replace('%', id), token).await;
                    all.push((answer.status, told(&answer.body, id)));
                }
                assert!(all.iter().all(|one| *one == all[0]), "{at} {form:?} {question}: {all:#?}");
                assert!(!all[0].1.contains("VALIDATION_FAILED") && !all[0].1.contains("PARSE_FAILED"), "{all:#?}");
            }
        }
        let mut all = Vec::new();
        for id in IDS {
            let cursor = URL_SAFE_NO_PAD.encode(id);
            let answer = asked(&format!("{{ projects(after: \"{cursor}\") {{ nodes {{ id }} }} }}"), token).await;
            assert!(!answer.body.to_string().contains("VALIDATION_FAILED"), "{:#}", answer.body);
            all.push((answer.status, told(&answer.body, id)));
        }
        assert!(all.iter().all(|one| *one == all[0]), "{at} as a cursor: {all:#?}");
        for act in ACTS {
            let mut all = Vec::new();
            for id in IDS {
                let answer = asked(&format!("mutation {{ {} }}", act.replace('%', id)), token).await;
                all.push((answer.status, told(&answer.body, id)));
            }
            assert!(all.iter().all(|one| *one == all[0]), "{at} {act}: {all:#?}");
            let refused = all[0].1.contains("FORBIDDEN") || all[0].1.contains("NOT_FOUND");
            assert!(refused, "{at} {act}: {all:#?}");
        }
    }
}

#[tokio::test]
async fn lists_and_subscriptions_tell_as_little() {
    let app = joined().await;
    let text = async |path: &str, token: Option<&str>| {
        let request = app.client().get(app.url(path));
        let request = if let Some(token) = token { request.bearer_auth(token) } else { request };
        request.send().await.expect("answers").text().await.expect("a text")
    };
    for token in strangers(&app) {
        let token = token.as_deref();
        for path in ["/lists/projects.csv", "/lists/awaited.csv"] {
            let list = text(path, token).await;
            assert!(IDS.iter().all(|id| !list.contains(id)), "{path}: {list}");
            let by = async |id: &str| text(&format!("{path}?project={id}"), token).await.replace(id, "ID");
            assert_eq!((by(IDS[0]).await, by(IDS[1]).await), (by(NEVER).await, by(NEVER).await), "{path}");
        }
        let greeting = token.map_or(json!({}), |token| json!({"authorization": format!("Bearer {token}")}));
        let mut socket = Socket::greeted(&app, greeting).await;
        let all =
            format!("subscription {{ ledgerChanged(filter: {{contrat: {CONTRATS:?}}}) {{ projects {{ id }} }} }}");
        socket.subscribe("a", &all).await;
        // Something happens to the project: it is of nobody here.
        let region = app.token(Role::Region);
        let opinion = json!({"project": IDS[1], "rule": "EMP-1", "favourable": token.is_some(), "text": "encore"});
        let say = "mutation($input: OpinionInput!) { recordOpinion(input: $input) { id } }";
        app.ask_with(say, json!({"input": opinion}), Some(&region)).await.data();
        socket.settled().await;
    }
}

#[tokio::test]
async fn an_identifier_that_was_never_ones_to_see_leads_nowhere_after_a_link() {
    let app = gateway().await;
    let [voted, hidden] = PROJECTS[0];
    let region = app.token(Role::Region);
    let say = "mutation($projects: [ID!]!) { linkProjects(projects: $projects, reason: \"one operation\") { id } }";
    let linked = app.ask_with(say, json!({"projects": [voted, hidden]}), Some(&region)).await;
    assert_eq!(linked.data()["linkProjects"]["id"], voted);
    let asked = format!(
        "{{ project(id: \"{hidden}\") {{ id }} commitments(filter: {{project: \"{hidden}\"}}) {{ totalCount }} }}"
    );
    for token in strangers(&app) {
        let answer = app.ask_with(&asked, json!({}), token.as_deref()).await;
        assert_eq!(answer.data(), &json!({"project": null, "commitments": {"totalCount": 0}}));
    }
    let here = app.token_of(Role::Partner, Some(super::world::HERE), &[]);
    for token in [&region, &here] {
        assert_eq!(app.ask_with(&asked, json!({}), Some(token)).await.data()["project"]["id"], voted);
    }
}

/// What is said of a project is said on the picture of whoever says it: an identifier that leads nowhere there is one that never was.
#[tokio::test]
async fn an_act_on_an_identifier_that_was_never_ones_to_see_tells_nothing_after_a_link() {
    let app = gateway().await;
    let [voted, hidden] = PROJECTS[0];
    let say = "mutation($projects: [ID!]!) { linkProjects(projects: $projects, reason: \"one operation\") { id } }";
    let linked = app.ask_with(say, json!({"projects": [voted, hidden]}), Some(&app.token(Role::Region))).await;
    assert_eq!(linked.data()["linkProjects"]["id"], voted);
    for token in strangers(&app) {
        for act in ACTS {
            let mut all = Vec::new();
            for id in [hidden, NEVER] {
                let document = format!("mutation {{ {} }}", act.replace('%', id));
                let answer = app.ask_with(&document, json!({}), token.as_deref()).await;
                all.push((answer.status, told(&answer.body, id)));
            }
            assert!(all[0] == all[1], "{act}: {all:#?}");
            let refused = all[0].1.contains("FORBIDDEN") || all[0].1.contains("NOT_FOUND");
            assert!(refused && !all[0].1.contains(voted), "{act}: {all:#?}");
        }
    }
    let here = app.token_of(Role::Partner, Some(super::world::HERE), &[]);
    let nothing = format!("mutation {{ {} }}", ACTS[1].replace('%', hidden));
    let said = app.ask_with(&nothing, json!({}), Some(&here)).await;
    assert!(said.data()["declareNothing"]["id"].is_string(), "who sees it whole may name it so: {:#}", said.body);
}

/// A contract and a year that only a record states which one does not see are none.
#[tokio::test]
async fn an_act_tells_nothing_of_a_contract_or_a_year_that_is_not_ones_to_see() {
    let app = TestApp::start_over(async |ledger| {
        super::world::fill(ledger).await;
        let sums =
            |amount| vec![super::world::sum(&super::world::region_id(), ("SOLLICITE", "INVESTISSEMENT"), amount)];
        let mut alone = super::world::project("Intention-cachee", "QN05972M", "9");
        alone["places"] = json!({"contrats": ["CN06299M"]});
        let mut beside = super::world::project("Square", "QN05972M", "1");
        beside["year"] = json!(2031);
        let load = crate::region::Load {
            source: super::world::source("autres", "publication", &[]),
            day: 6,
            records: vec![
                ("cle-cachee", Some("p0000000000000031"), super::world::facts(alone, sums("3.00"))),
                ("cle-annee", Some(PROJECTS[0][0]), super::world::facts(beside, sums("4.00"))),
            ],
            unchanged: 0,
            rejected: Vec::new(),
        };
        crate::region::append(ledger, load).await;
    })
    .await;
    let asked = async |document: String, token: &str| app.ask_with(&document, json!({}), Some(token)).await;
    let zero = "0".repeat(64);
    let acts = [
        "declareNothing(input: {contrat: \"%\", nature: FONCTIONNEMENT}) { id }".to_owned(),
        format!("recordMinutes(input: {{contrat: \"%\", heldOn: \"2026-03-01\", reference: \"r\", present: [\"siren:200093201\"],
            plans: [{{project: \"{}\", planVersion: \"{zero}\"}}]}}) {{ id }}", PROJECTS[0][0]),
        "shareSmallGrants(contrat: \"%\", dispositif: \"PIC\", year: 2026, reference: \"r\") { id }".to_owned(),
    ];
    let stranger = app.token_of(Role::Partner, Some(STRANGER), &[]);
    for act in acts {
        let mut all = Vec::new();
        for code in ["CN06299M", "CN07777M"] {
            let answer = asked(format!("mutation {{ {} }}", act.replace('%', code)), &stranger).await;
            all.push(told(&answer.body, code));
        }
        assert!(all[0] == all[1] && all[0].contains("NOT_FOUND"), "{all:#?}");
    }
    let seen = asked(format!("{{ project(id: \"{}\") {{ year }} }}", PROJECTS[0][0]), &stranger).await;
    assert_eq!(seen.data()["project"]["year"], Value::Null);
    let mut all = Vec::new();
    for year in [2030, 2031] {
        let say = format!(
            "mutation {{ declareNothing(input: {{project: \"{}\", nature: FONCTIONNEMENT, year: {year}}}) {{ id }} }}",
            PROJECTS[0][0]
        );
        all.push(told(&asked(say, &stranger).await.body, &year.to_string()));
    }
    assert!(all[0] == all[1] && all[0].contains("BAD_INPUT"), "{all:#?}");
}

#[tokio::test]
async fn an_identifier_that_was_public_leads_on_after_a_link() {
    let app = gateway().await;
    let (stays, went) = (PROJECTS[0][0], PROJECTS[1][0]);
    let say = "mutation($projects: [ID!]!) { linkProjects(projects: $projects, reason: \"one operation\") { id } }";
    let linked = app.ask_with(say, json!({"projects": [stays, went]}), Some(&app.token(Role::Region))).await;
    let stays = linked.data()["linkProjects"]["id"].as_str().expect("an identifier").to_owned();
    let seen = app.ask_as_public(&format!("{{ project(id: \"{went}\") {{ id }} }}")).await;
    assert_eq!(seen.data()["project"]["id"], stays);
}

#[tokio::test]
async fn what_left_a_project_for_one_that_is_not_ones_to_see_is_not_seen_in_its_past() {
    let app = gateway().await;
    let (seen, hidden) = (PROJECTS[1][0], PROJECTS[0][1]);
    let region = app.token(Role::Region);
    let say = "mutation($projects: [ID!]!) { linkProjects(projects: $projects, reason: \"one operation\") { id } }";
    app.ask_with(say, json!({"projects": [seen, hidden]}), Some(&region)).await.data();
    let between = app.ledger().await.head().await.unwrap().version.0;
    let say = "mutation { unlinkRecord(source: \"dossiers\", key: \"cle-intention-ici\", reason: \"another\") { id } }";
    app.ask_with(say, json!({}), Some(&region)).await.data();
    let holder = app.token_of(Role::Partner, Some(super::world::ELSEWHERE), &[]);
    let fields = format!(
        "project(id: \"{seen}\") {{ id records {{ key }} commitments {{ amount statements {{ amount }} }}
            fundingPlan {{ lines {{ amount }} }} }} totals(by: [FUNDER], filter: {{stage: [SOLLICITE]}}) {{ amount }}"
    );
    let document = format!("{{ {fields} asOf(version: {between}) {{ {fields} }} }}");
    let answer = app.ask_with(&document, json!({}), Some(&holder)).await;
    assert_eq!(answer.data()["asOf"]["project"]["id"], seen);
    assert!(!answer.data()["project"]["fundingPlan"].is_null(), "it is still seen whole: {:#}", answer.body);
    for mark in ["cle-intention-ici", "70014.04"] {
        assert!(!answer.body.to_string().contains(mark), "{mark}: {:#}", answer.body);
        let whole = app.ask_with(&document, json!({}), Some(&region)).await;
        assert!(whole.data()["asOf"].to_string().contains(mark), "the Région sees the past as it was");
    }
}
