//! The journal of reads: who was shown what that is not public, before they were shown it.

use crate::app::{Answer, TestApp};
use crate::region::SUD;
use futures_util::StreamExt as _;
use passerelle::audit::{Entry, Journal};
use passerelle::identity::Role;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use serde_json::{Value, json};

const LILLE: &str = "215903501";
const MEL: &str = "200093201";

async fn entries(app: &TestApp) -> Vec<Entry> {
    let journal = Journal::open(&app.journal()).await.expect("a journal");
    assert_eq!(journal.verify().await.expect("read").fault, None);
    let mut entries = journal.log(None, 100).await.expect("read").entries;
    entries.reverse();
    entries
}

async fn sql(app: &TestApp) -> DatabaseConnection {
    Database::connect(format!("sqlite:{}", app.journal().display())).await.expect("a database")
}

fn partner(app: &TestApp) -> String {
    app.token_of(Role::Partner, Some(LILLE), &[])
}

async fn trail(app: &TestApp, arguments: &str, token: &str) -> Answer {
    let query = format!(
        "{{ auditTrail({arguments}) {{ totalCount pageInfo {{ hasNextPage endCursor }}
            nodes {{ id at issuer subject role siren organisation {{ name }} token operation fields document version projects kinds }} }} }}"
    );
    app.ask_with(&query, json!({}), Some(token)).await
}

#[tokio::test]
async fn whoever_is_shown_more_than_is_public_stands_in_the_journal() {
    let app = TestApp::start().await;
    let query = "query Comite { project(id: \"ID\") { id check { ready } } ...T } fragment T on Query { totals(by: []) { amount } }";
    let query = query.replace("ID", SUD);
    app.ask_with(&query, json!({}), Some(&partner(&app))).await.data();
    app.ask_as_public(&query.replace("check { ready }", "title")).await.data();
    let all = entries(&app).await;
    let [entry] = &all[..] else { panic!("the public is nobody: {all:?}") };
    let reading = &entry.reading;
    assert_eq!((&*reading.reader.subject, &*reading.reader.role), ("alice", "PARTNER"));
    assert_eq!(reading.reader.organisation.map(|siren| siren.to_string()).as_deref(), Some(LILLE));
    assert_eq!(reading.reader.token.as_ref().map(String::len), Some(32), "the token's own identifier");
    assert_eq!(reading.operation.name.as_deref(), Some("Comite"));
    assert_eq!(reading.operation.fields, ["project", "totals"]);
    assert_eq!(reading.shown.projects.iter().map(|id| id.as_str()).collect::<Vec<_>>(), [SUD]);
    assert_eq!(reading.version, app.ledger().await.head().await.unwrap().version);

    // What somebody sees of a project as the public does is no read of it; who has no part anywhere reads nothing.
    app.ask_with("{ projects { nodes { id title } } }", json!({}), Some(&app.admin())).await.data();
    let all = entries(&app).await;
    assert_eq!((all.len(), all[1].reading.shown.projects.len()), (2, 0));
    // What is refused before it runs shows nothing.
    app.ask_with("{ nothing }", json!({}), Some("no token")).await;
    app.ask_with("{", json!({}), Some(&partner(&app))).await;
    assert_eq!(entries(&app).await.len(), 2);
}

/// A refusal tells the present version of the plan, or that a sum of it is kept from others.
#[tokio::test]
async fn an_act_that_is_refused_names_the_project_that_it_was_about() {
    let app = TestApp::start().await;
    let old = "0".repeat(64);
    let acts = [
        format!("mutation {{ acknowledgePlan(project: \"{SUD}\", planVersion: \"{old}\") {{ planVersion }} }}"),
        format!(
            "mutation {{ recordMinutes(input: {{contrat: \"CN05911M\", heldOn: \"2026-03-01\", reference: \"1\", present: [\"{LILLE}\"],
                plans: [{{project: \"{SUD}\", planVersion: \"{old}\"}}]}}) {{ id }} }}"
        ),
        format!(
            "mutation {{ declareCommitment(input: {{project: \"{SUD}\", nature: INVESTISSEMENT, stage: ATTRIBUE, amount: \"0\"}}) {{ id }} }}"
        ),
    ];
    for (act, siren) in acts.iter().zip([LILLE, MEL, LILLE]) {
        let refused = app.ask_with(act, json!({}), Some(&app.token_of(Role::Partner, Some(siren), &[]))).await;
        assert!(refused.body["errors"].is_array(), "{act}: {}", refused.body);
        let last = entries(&app).await.pop().expect("an entry");
        assert_eq!(last.reading.shown.projects.iter().map(|id| id.as_str()).collect::<Vec<_>>(), [SUD], "{act}");
    }
}

#[tokio::test]
async fn a_sum_or_a_count_of_one_project_names_it() {
    let app = TestApp::start().await;
    for (document, named) in [
        (format!("{{ totals(by: [], filter: {{project: \"{SUD}\"}}) {{ amount }} }}"), true),
        (format!("{{ commitments(filter: {{project: \"{SUD}\"}}) {{ totalCount }} }}"), true),
        ("{ totals(by: [], filter: {quartier: [\"QN05972M\"]}) { amount } }".to_owned(), true),
        (
            "{ projects(filter: {quartier: [\"QN05972M\"], knowledge: [KNOWN_AND_SHARED]}) { totalCount } }".to_owned(),
            true,
        ),
        ("{ totals(by: []) { amount } }".to_owned(), false),
    ] {
        app.ask(&document).await.data();
        let all = entries(&app).await;
        let last = all.iter().max_by_key(|one| one.id).expect("an entry");
        let projects: Vec<_> = last.reading.shown.projects.iter().map(|id| id.as_str()).collect();
        assert_eq!(projects, if named { vec![SUD] } else { Vec::new() }, "{document}");
    }
}

/// A table is no cover: each row that rests on one project tells that project's sums.
#[tokio::test]
async fn a_row_of_totals_that_rests_on_one_project_names_it() {
    let app = TestApp::start().await;
    let table =
        "{ totals(by: [QUARTIER], filter: {stage: [ENVISAGE, SOLLICITE, PROPOSE, ATTRIBUE, ENGAGE, VERSE, SOLDE]})
        { key { value } projects } }";
    let rows = app.ask(table).await.data()["totals"].clone();
    let rows = rows.as_array().expect("rows");
    let of_one = rows.iter().filter(|row| row["projects"] == 1).count();
    assert!(rows.len() > 1 && of_one > 0, "several rows, one of them of one project: {rows:#?}");
    let last = entries(&app).await.pop().expect("an entry");
    assert_eq!(last.reading.shown.projects.len(), of_one, "{:?}", last.reading.shown);
    assert!(last.reading.shown.projects.iter().any(|id| id.as_str() == SUD));
    let told = trail(&app, &format!("project: \"{SUD}\""), &app.auditor()).await;
    assert_eq!(told.data()["auditTrail"]["nodes"][0]["fields"], json!(["totals"]));
}

#[tokio::test]
async fn every_way_to_read_leads_into_the_journal() {
    let app = TestApp::start().await;
    let (auditor, lille) = (app.auditor(), partner(&app));
    let listed = app.client().get(app.url("/lists/projects.csv?contrat=CN05911M")).bearer_auth(&auditor);
    assert_eq!(app.send(listed).await.status, 200);
    app.ask("{ commitments { nodes { amount } } }").await.data();
    let before = app.ledger().await.head().await.unwrap().version.0 - 1;
    app.ask(&format!("{{ asOf(version: {before}) {{ project(id: \"{SUD}\") {{ id }} }} }}")).await.data();
    app.ask("{ projects { nodes { records { raw } links { score } } } sources { rejections { totalCount } } }").await;
    let body = json!({"query": "subscription Suite { ledgerChanged { projects { id title } } }"}).to_string();
    let request = app.client().post(app.url("/graphql")).bearer_auth(&lille).header("accept", "text/event-stream");
    let events = request.header("content-type", "application/json").body(body).send().await.expect("answers");
    let declare =
        format!("mutation {{ declareNothing(input: {{project: \"{SUD}\", nature: FONCTIONNEMENT}}) {{ id }} }}");
    app.ask_with(&declare, json!({}), Some(&lille)).await.data();
    let mut events = events.bytes_stream();
    let mut told = String::new();
    while !told.contains(SUD) {
        told += std::str::from_utf8(&events.next().await.expect("a change").expect("sound")).expect("text");
    }
    let all = entries(&app).await;
    let of = |field: &str| {
        let found = all.iter().find(|one| one.reading.operation.fields == [field]);
        found.unwrap_or_else(|| panic!("{field} is not in {all:?}")).reading.shown.clone()
    };
    for field in ["lists/projects.csv", "commitments", "asOf", "ledgerChanged"] {
        assert!(of(field).projects.iter().any(|id| id.as_str() == SUD), "{field}: {:?}", of(field));
    }
    let shown = &all.iter().find(|one| one.reading.operation.fields == ["projects", "sources"]).unwrap().reading.shown;
    let kinds: Vec<_> = shown.kinds.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(kinds, ["raw", "rejections", "links"]);
}

#[tokio::test]
async fn an_auditor_reads_who_read_a_project_and_stands_in_it_then() {
    let app = TestApp::start().await;
    let ask = format!("{{ project(id: \"{SUD}\") {{ id }} }}");
    let mel = app.token_of(Role::Committee, Some(MEL), &["CN05911M"]);
    for token in [&partner(&app), &mel, &partner(&app)] {
        app.ask_with(&ask, json!({}), Some(token)).await.data();
    }
    let project = format!("project: \"{SUD}\"");
    let answer = trail(&app, &format!("{project}, first: 2"), &app.auditor()).await;
    let found = &answer.data()["auditTrail"];
    assert_eq!((&found["totalCount"], &found["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)), "{found}");
    let sirens = |found: &Value| {
        let nodes = found["nodes"].as_array().unwrap().iter();
        nodes.map(|one| one["siren"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(sirens(found), [LILLE, MEL], "the newest first");
    assert_eq!(found["nodes"][1]["issuer"], "passerelle-test");
    assert_eq!((&found["nodes"][1]["role"], &found["nodes"][1]["projects"]), (&json!("COMMITTEE"), &json!(1)));
    let cursor = found["pageInfo"]["endCursor"].as_str().unwrap();
    let rest = trail(&app, &format!("{project}, after: \"{cursor}\""), &app.auditor()).await;
    let rest = &rest.data()["auditTrail"];
    assert_eq!((sirens(rest), &rest["pageInfo"]["hasNextPage"]), (vec![LILLE.to_owned()], &json!(false)));
    let last = entries(&app).await.pop().expect("an entry");
    assert_eq!(last.reading.reader.role, "AUDITOR");
    assert_eq!(last.reading.shown.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(), ["journal"]);
    for role in [Role::Region, Role::Admin] {
        assert_eq!(trail(&app, &project, &app.token(role)).await.code(), "FORBIDDEN");
    }
    for wrong in ["project: \"nobody\"", "project: \"p0000000000000001\", after: \"***\""] {
        assert_eq!(trail(&app, wrong, &app.auditor()).await.code(), "BAD_INPUT");
    }
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_answered() {
    let app = TestApp::start().await;
    let db = sql(&app).await;
    db.execute_unprepared("CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        .await
        .expect("a trigger");
    let ask = format!("{{ project(id: \"{SUD}\") {{ id title }} }}");
    let refused = app.ask_with(&ask, json!({}), Some(&partner(&app))).await;
    assert_eq!((refused.status, refused.code()), (503, "JOURNAL_UNAVAILABLE"), "{}", refused.body);
    assert!(!refused.body.to_string().contains(SUD));
    let listed = app.client().get(app.url("/lists/projects.csv")).bearer_auth(app.auditor());
    assert_eq!(app.send(listed).await.status, 503);
    assert_eq!(app.ask_as_public(&ask).await.status, 200, "what is public is read by nobody in particular");
    db.execute_unprepared("DROP TRIGGER full").await.expect("dropped");
    app.ask_with(&ask, json!({}), Some(&partner(&app))).await.data();
    assert_eq!(entries(&app).await.len(), 1);
}

#[tokio::test]
async fn a_changed_byte_is_found_and_nothing_can_be_changed_in_passing() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        app.ask_with(&format!("{{ project(id: \"{SUD}\") {{ id }} }}"), json!({}), Some(&partner(&app))).await.data();
    }
    let (db, journal) = (sql(&app).await, Journal::open(&app.journal()).await.expect("a journal"));
    for statement in ["UPDATE entry SET version = 1", "DELETE FROM entry WHERE id = 3", "DELETE FROM shown"] {
        let refused = db.execute_unprepared(statement).await.expect_err(statement);
        assert!(refused.to_string().contains("append-only"), "{statement}: {refused}");
    }
    for trigger in ["entry_no_update", "entry_no_delete", "shown_no_delete", "shown_no_update"] {
        db.execute_unprepared(&format!("DROP TRIGGER {trigger}")).await.expect("all rights");
    }
    let other = "REPLACE(projects, '\"p', '\"q')";
    for (change, back, fault) in [
        (
            "UPDATE entry SET reader = REPLACE(reader, 'alice', 'bob') WHERE id = 2".to_owned(),
            "UPDATE entry SET reader = REPLACE(reader, 'bob', 'alice') WHERE id = 2".to_owned(),
            2,
        ),
        (
            "UPDATE entry SET at_us = at_us + 1 WHERE id = 1".to_owned(),
            "UPDATE entry SET at_us = at_us - 1 WHERE id = 1".to_owned(),
            1,
        ),
        (
            format!("UPDATE entry SET projects = {other} WHERE id = 3"),
            "UPDATE entry SET projects = REPLACE(projects, '\"q', '\"p') WHERE id = 3".to_owned(),
            3,
        ),
        (
            "UPDATE shown SET project = 'x' WHERE entry = 3".to_owned(),
            format!("UPDATE shown SET project = '{SUD}' WHERE entry = 3"),
            4,
        ),
    ] {
        db.execute_unprepared(&change).await.expect("changed");
        assert_eq!(journal.verify().await.expect("read").fault, Some(fault), "{change}");
        db.execute_unprepared(&back).await.expect("put back");
        assert_eq!(journal.verify().await.expect("read").fault, None);
    }
    db.execute_unprepared("DELETE FROM shown WHERE entry = 2; DELETE FROM entry WHERE id = 2").await.expect("deleted");
    assert_eq!(journal.verify().await.expect("read").fault, Some(2));
}

#[tokio::test]
async fn what_was_kept_for_long_enough_is_dropped_and_the_rest_still_verifies() {
    let app = TestApp::start().await;
    let ask = || async {
        app.ask_with(&format!("{{ project(id: \"{SUD}\") {{ id }} }}"), json!({}), Some(&partner(&app))).await;
    };
    ask().await;
    ask().await;
    let journal = Journal::open(&app.journal()).await.expect("a journal");
    let at = entries(&app).await[0].reading.at;
    assert_eq!(journal.drop_before(at).await.expect("cut"), 0, "not older");
    assert_eq!(journal.drop_before(at + chrono::TimeDelta::seconds(1)).await.expect("cut"), 2);
    assert!(entries(&app).await.is_empty());
    ask().await;
    let left = entries(&app).await;
    assert_eq!(left.iter().map(|one| one.id).collect::<Vec<_>>(), [3], "numbers go on");
    let sound = journal.verify().await.expect("read");
    assert_eq!((sound.entries, sound.dropped, sound.fault), (1, 2, None));
    let refused = sql(&app).await.execute_unprepared("DELETE FROM entry").await.expect_err("guarded again");
    assert!(refused.to_string().contains("append-only"), "{refused}");
}

/// The journal's database undoes a write by itself where it has no room, as this trigger makes it do.
#[tokio::test]
async fn a_journal_that_was_full_withholds_what_it_does_not_hold_and_then_goes_on() {
    let app = TestApp::start().await;
    let ask = || async {
        let query = format!("{{ project(id: \"{SUD}\") {{ id }} }}");
        app.ask_with(&query, json!({}), Some(&partner(&app))).await.status
    };
    assert_eq!(ask().await, 200);
    let full =
        "CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END";
    sql(&app).await.execute_unprepared(full).await.expect("all rights");
    for _ in 0..8 {
        assert_eq!(ask().await, 503, "an answer that cannot be written down is withheld");
    }
    sql(&app).await.execute_unprepared("DROP TRIGGER full").await.expect("nobody holds the turn of writing");
    for given in 2..6 {
        assert_eq!(ask().await, 200);
        assert_eq!(entries(&app).await.len(), given, "what was given is written down, and nothing else");
    }
}
