//! How much of what is not public there is, is not public either.

use super::world::{ELSEWHERE, HERE, PROJECTS, REGION};
use super::{Form, askers, gateway};
use passerelle::identity::Role;
use serde_json::{Value, json};

const ASKED: &str = "sources { id records rejected age reachable lastRun { read added unchanged } lastSuccess { read }
    findings { __typename } }";

fn of<'a>(data: &'a Value, id: &str) -> &'a Value {
    let sources = data["sources"].as_array().expect("sources");
    sources.iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("no {id} in {data:#}"))
}

#[tokio::test]
async fn what_is_declared_and_what_is_meant_is_counted_for_those_who_see_it() {
    let app = gateway().await;
    let say = "mutation($project: ID!, $stage: Stage!) { declareCommitment(input: {project: $project,
        nature: FONCTIONNEMENT, stage: $stage, amount: \"5.00\"}) { id } }";
    for (siren, project, stage) in [
        (REGION, PROJECTS[0][0], "PROPOSE"),
        (REGION, PROJECTS[1][0], "ATTRIBUE"),
        (HERE, PROJECTS[0][0], "PROPOSE"),
        (HERE, PROJECTS[0][1], "PROPOSE"),
        (ELSEWHERE, PROJECTS[1][1], "PROPOSE"),
    ] {
        let role = if siren == REGION { Role::Region } else { Role::Partner };
        let token = app.token_of(role, Some(siren), &[]);
        app.ask_with(say, json!({"project": project, "stage": stage}), Some(&token)).await.data();
    }
    for asker in askers(&app) {
        for form in [Form::Plain, Form::Fragment, Form::Get] {
            let (answer, data) = form.ask(&app, ASKED, asker.token.as_deref()).await;
            let told = |id: &str| of(&data, id).clone();
            // A voted sum is everybody's to see, so that one declaration counts for all.
            let declared = match (asker.role, asker.part) {
                (Role::Region | Role::Auditor, _) => 5,
                (_, [true, _]) => 4,
                (_, [_, true]) => 2,
                _ => 1,
            };
            let case = format!("{} {:?} {form:?}: {:#}", asker.role, asker.part, answer.body);
            assert_eq!(told("declarations")["records"], declared, "{case}");
            let (envelopes, sees) = (told("tables"), asker.role != Role::Public);
            assert_eq!(envelopes["records"], if sees { 10 } else { 0 }, "{case}");
            for run in ["lastRun", "lastSuccess"] {
                assert_eq!(envelopes[run]["read"].is_null(), !sees, "{case}");
            }
            assert_eq!((envelopes["age"].is_number(), &envelopes["reachable"]), (true, &json!(true)), "{case}");
            assert_eq!((&told("region")["records"], &told("region")["rejected"]), (&json!(2), &json!(1)), "{case}");
        }
    }
    let figures = app.client().get(app.url("/metrics")).send().await.expect("answers").text().await.expect("a text");
    let counted = |source: &str| figures.contains(&format!("passerelle_source_records{{source=\"{source}\"}}"));
    assert!(counted("region") && !counted("tables") && !counted("declarations"), "{figures}");
}
