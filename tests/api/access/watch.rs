//! A change is told to those who see it, and to nobody else.

use super::world::{PROJECTS, ask_more_elsewhere};
use super::{askers, gateway};
use crate::socket::Socket;
use serde_json::{Value, json};

#[tokio::test]
async fn a_change_of_what_is_not_public_is_told_to_those_who_have_a_part() {
    let app = gateway().await;
    let mut sockets = Vec::new();
    for asker in askers(&app) {
        let greeting =
            asker.token.as_ref().map_or(json!({}), |token| json!({"authorization": format!("Bearer {token}")}));
        let mut socket = Socket::greeted(&app, greeting).await;
        let all = "subscription { ledgerChanged { version projects { id title commitments { amount } } } }";
        socket.subscribe("all", all).await;
        sockets.push((asker, socket));
    }
    ask_more_elsewhere(&app.ledger().await).await;
    // An act lets the gateway catch up with what another process appended, and is itself for those here.
    let region = app.token_of(passerelle::identity::Role::Region, Some(super::world::REGION), &[]);
    let opinion = json!({"project": PROJECTS[0][0], "rule": "EMP-1", "favourable": false, "text": "encore"});
    let say = "mutation($input: OpinionInput!) { recordOpinion(input: $input) { id } }";
    app.ask_with(say, json!({"input": opinion}), Some(&region)).await.data();
    for (asker, mut socket) in sockets {
        let mut told: Vec<Value> = Vec::new();
        while told.len() < usize::from(asker.part[0]) + usize::from(asker.part[1]) {
            let message = socket.hear().await;
            let projects =
                message["payload"]["data"]["ledgerChanged"]["projects"].as_array().expect("projects").clone();
            told.extend(projects);
        }
        socket.settled().await;
        let ids: Vec<&str> = told.iter().filter_map(|project| project["id"].as_str()).collect();
        let mut expected = Vec::new();
        expected.extend(asker.part[1].then_some(PROJECTS[1][1]));
        expected.extend(asker.part[0].then_some(PROJECTS[0][0]));
        assert_eq!(ids, expected, "{} {:?}", asker.role, asker.part);
        assert_eq!(told.iter().any(|project| project.to_string().contains("80099.99")), asker.part[1]);
    }
}
