//! `refreshSource`: a source read when whoever runs the gateway asks.

use crate::desk::{BY_TWO, Mood, Town};
use passerelle::domain::act::Author;
use passerelle::domain::run::SyncOutcome;
use passerelle::identity::Role;
use passerelle::ledger::PageRequest;
use serde_json::json;
use std::time::Duration;

const REFRESH: &str = "mutation { refreshSource(id: \"desk\") { id outcome read added changed unchanged message } }";
const SUM: &str = "{ projects { nodes { commitments { amount } } } }";

#[tokio::test]
async fn what_changed_at_the_source_is_read_at_once_and_the_answer_names_the_version() {
    let town = Town::with(BY_TWO, &[("a", "100", "P")]).await;
    let before = town.version();
    town.later(600);
    town.set("a", "250", "P");
    town.set("b", "1", "Q");
    town.desk.lock().expect("unpoisoned").editions = 1;
    let answer = town.ask_as(Role::Admin, REFRESH).await;
    let run = &answer["data"]["refreshSource"];
    assert_eq!((&run["outcome"], &run["read"]), (&json!("SUCCEEDED"), &json!(2)), "{answer:#}");
    assert_eq!((&run["added"], &run["changed"], &run["unchanged"]), (&json!(1), &json!(1), &json!(0)), "{answer:#}");
    assert_eq!(answer["extensions"]["ledgerVersion"].as_u64(), Some(before + 1), "{answer:#}");
    let seen = town.ask(SUM, true).await;
    let amounts: Vec<&str> = seen["data"]["projects"]["nodes"]
        .as_array()
        .expect("projects")
        .iter()
        .filter_map(|node| node["commitments"][0]["amount"].as_str())
        .collect();
    assert!(amounts.contains(&"250.00") && amounts.contains(&"1.00"), "{seen:#}");
    let newest = town.gateway.ledger().log(PageRequest { offset: 0, limit: 1 }).await.expect("the ledger answers");
    let author = &newest.items[0].author;
    assert_eq!((author.subject.as_str(), author.role.as_str()), ("alice", "ADMIN"));
}

#[tokio::test]
async fn a_source_in_trouble_gives_a_failed_run_that_says_why() {
    let town = Town::with(BY_TWO, &[("a", "100", "P")]).await;
    town.later(600);
    town.is(Mood::Broken);
    let answer = town.ask_as(Role::Admin, REFRESH).await;
    assert_eq!(answer["data"]["refreshSource"]["outcome"], "FAILED", "{answer:#}");
    assert!(answer["data"]["refreshSource"]["message"].as_str().is_some_and(|text| text.contains("501")), "{answer:#}");
    town.is(Mood::Empty);
    let answer = town.ask_as(Role::Admin, REFRESH).await;
    assert_eq!(answer["data"]["refreshSource"]["outcome"], "HELD", "everything would vanish: {answer:#}");
    assert_eq!(town.ask(SUM, true).await["data"]["projects"]["nodes"][0]["commitments"][0]["amount"], "100.00");
}

#[tokio::test]
async fn nobody_else_may_and_an_unknown_source_is_told() {
    let town = Town::with(BY_TWO, &[("a", "100", "P")]).await;
    let before = town.version();
    for role in [Role::Public, Role::Partner, Role::Committee, Role::Region, Role::Auditor] {
        let answer = town.ask_as(role, REFRESH).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{role}: {answer:#}");
    }
    for unknown in ["declarations", "no-such", "É"] {
        let answer = town.ask_as(Role::Admin, &REFRESH.replace("desk", unknown)).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND", "{answer:#}");
    }
    assert_eq!(town.version(), before);
}

/// How many runs the ledger holds.
async fn runs(town: &Town) -> u64 {
    let version = town.gateway.ledger().head().await.expect("a head").version;
    let page = PageRequest { offset: 0, limit: 9 };
    town.gateway.ledger().runs(town.connector.id(), version, page).await.expect("the ledger answers").total
}

#[tokio::test]
async fn who_waits_no_longer_is_told_that_it_runs_and_a_second_asker_gets_the_same_run() {
    let town = Town::with(BY_TWO, &[("a", "100", "P")]).await;
    town.later(600);
    town.is(Mood::Silent);
    let (author, before) = (Author::system("test"), runs(&town).await);
    let now = Duration::ZERO;
    let first = town.refresher.refresh(author.clone(), "desk", now).await.expect("begun");
    assert_eq!((first.outcome, first.ended_at), (SyncOutcome::Running, None), "the source says nothing");
    let forever = Duration::from_secs(600);
    let (second, third) = tokio::join!(
        town.refresher.refresh(author.clone(), "desk", forever),
        town.refresher.refresh(author.clone(), "desk", forever)
    );
    let (second, third) = (second.expect("ended"), third.expect("ended"));
    assert_eq!((&second.id, &third.id), (&first.id, &first.id), "one run for all three");
    assert_eq!(second.outcome, SyncOutcome::Failed, "{second:?}");
    assert_eq!(runs(&town).await, before + 1);
    // Ended: who asks now has it read anew.
    town.later(1);
    town.is(Mood::Well);
    let fourth = town.refresher.refresh(author, "desk", forever).await.expect("ended");
    assert_ne!(fourth.id, first.id);
    assert_eq!(fourth.outcome, SyncOutcome::Succeeded);
}
