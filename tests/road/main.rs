//! The whole road, as a newcomer walks it: `passerelle demo`, then GraphQL over HTTP; every figure against the truth that
//! the simulation wrote aside.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod demo;
mod story;

use demo::Demo;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn cents(amount: &Value) -> i64 {
    let (euros, cents) = amount.as_str().unwrap().split_once('.').expect("two decimals");
    euros.parse::<i64>().unwrap() * 100 + cents.parse::<i64>().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_gateway_says_is_what_the_systems_hold() {
    let demo = Demo::start(&["--seed", "7", "--projects", "300"]);
    let truth = demo.truth();
    let own = own_sums(&demo).await;
    let sources = demo
        .query("{ sources { id records rejected lastRun { outcome read added rejected } } }", json!({}), None)
        .await;
    for expected in truth["sources"].as_array().unwrap() {
        let id = expected["source"].as_str().unwrap();
        let source = sources["sources"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
        assert_eq!(source["lastRun"]["outcome"], "SUCCEEDED", "{source}");
        let refused = expected["rejected"].as_u64().unwrap() + expected["duplicates"].as_u64().unwrap();
        assert_eq!(source["rejected"].as_u64().unwrap(), refused, "{source} {expected}");
        assert_eq!(
            own.get(id).copied().unwrap_or_default(),
            cents(&expected["own"]),
            "{id}: decided by its own funders"
        );
    }
    the_whole_is_the_sum_of_its_parts(&demo).await;
    the_past_stays_what_it_was(&demo).await;
    every_project_of_the_truth_is_there(&demo, &truth).await;
    editions_are_chained_as_in_the_truth(&demo, &truth).await;
    where_links_are_right_sums_are_those_of_the_truth(&demo, &truth).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_in_the_readme_is_the_answer() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let query = readme.split("-d '{\"query\":\"").nth(1).unwrap().split("\"}'").next().unwrap();
    let answer = readme.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let answer: Value = serde_json::from_str(answer).unwrap();
    let demo = Demo::start(&[]);
    assert_eq!(demo.query(query, json!({}), None).await, answer);
    let whole = demo.query(query, json!({}), Some(&demo.token("REGION"))).await;
    for (public, whole) in answer["totals"].as_array().unwrap().iter().zip(whole["totals"].as_array().unwrap()) {
        assert_eq!((&public["key"], &public["ownAmount"]), (&whole["key"], &whole["ownAmount"]), "what funders voted");
    }
    question_18_is_answered_to_its_last_page(&demo).await;
}

/// A question that has more answers than a page is asked on with the cursor, each project once.
async fn question_18_is_answered_to_its_last_page(demo: &Demo) {
    let document =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/operations/question-18.graphql"));
    let document = document.unwrap();
    let (mut seen, mut after) = (BTreeSet::new(), Value::Null);
    loop {
        let asked = json!({"schemes": ["NQE", "PIC", "FTU"], "after": after});
        let page = demo.see(&document, asked).await["projects"].clone();
        for node in page["nodes"].as_array().unwrap() {
            assert!(seen.insert(node["id"].as_str().unwrap().to_owned()), "{node}");
        }
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"].as_u64().unwrap(), seen.len() as u64);
            assert!(seen.len() > 200, "{} projects", seen.len());
            return;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Decided sums of each source's own statements, added up from the statements behind the commitments.
async fn own_sums(demo: &Demo) -> BTreeMap<String, i64> {
    const PAGE: &str = "query Page($after: String) { commitments(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { statements { source { id } authority stage amount } } } }";
    let (mut sums, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let page = demo.see(PAGE, json!({ "after": after })).await["commitments"].clone();
        for node in page["nodes"].as_array().unwrap() {
            // Voted, contracted, settled are stages of one sum: the last of them is its figure.
            let mut figures: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
            for statement in node["statements"].as_array().unwrap() {
                let rank =
                    ["VERSE", "ATTRIBUE", "ENGAGE", "SOLDE"].iter().position(|stage| statement["stage"] == *stage);
                let (Some(rank), "OWN", false) =
                    (rank, statement["authority"].as_str().unwrap(), statement["amount"].is_null())
                else {
                    continue;
                };
                let figure = figures.entry(statement["source"]["id"].as_str().unwrap()).or_default();
                *figure = (*figure).max((rank, cents(&statement["amount"])));
            }
            for (source, (_, amount)) in figures {
                *sums.entry(source.to_owned()).or_insert(0) += amount;
            }
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return sums;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

async fn the_whole_is_the_sum_of_its_parts(demo: &Demo) {
    let whole = demo.see("{ totals(by: []) { amount count } }", json!({})).await["totals"][0].clone();
    for dimension in ["FAMILY", "FUNDER", "YEAR", "QUARTIER", "CONTRAT", "EPCI", "OBJECTIVE", "SOURCE"] {
        let query = format!("{{ totals(by: [{dimension}]) {{ amount count }} }}");
        let rows = demo.see(&query, json!({})).await["totals"].clone();
        let rows = rows.as_array().unwrap();
        let amount: i64 = rows.iter().filter(|row| !row["amount"].is_null()).map(|row| cents(&row["amount"])).sum();
        assert_eq!(amount, cents(&whole["amount"]), "{dimension}");
        if dimension != "QUARTIER" {
            let count: i64 = rows.iter().map(|row| row["count"].as_i64().unwrap()).sum();
            assert_eq!(count, whole["count"].as_i64().unwrap(), "{dimension}");
        }
    }
}

async fn the_past_stays_what_it_was(demo: &Demo) {
    const THEN: &str = "query Then($version: Int!) { asOf(version: $version) { ledger { version head } totals(by: [FAMILY]) { key { label } amount } } }";
    let version = demo.see("{ ledger { version } }", json!({})).await["ledger"]["version"].as_i64().unwrap();
    let middle = json!({ "version": version - 4 });
    let once = demo.see(THEN, middle.clone()).await;
    assert_eq!(once["asOf"]["ledger"]["version"], version - 4);
    assert_eq!(once.to_string(), demo.see(THEN, middle).await.to_string());
    assert_ne!(once["asOf"]["totals"], demo.see(THEN, json!({ "version": version })).await["asOf"]["totals"]);
}

/// Every record of the truth leads to a project, and records that share a reference lead to one.
async fn every_project_of_the_truth_is_there(demo: &Demo, truth: &Value) {
    const PAGE: &str = "query Page($after: String) { projects(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor } nodes { id records { source { id } key location raw } } } }";
    let (mut projects, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let page = demo.see(PAGE, json!({ "after": after })).await["projects"].clone();
        for node in page["nodes"].as_array().unwrap() {
            for record in node["records"].as_array().unwrap() {
                assert!(!record["raw"].is_null(), "an auditor reads the raw record: {record}");
                let location = record["location"].as_str().unwrap_or_default();
                let is_placed = [", line ", ", page ", ", index "].iter().any(|place| location.contains(place));
                assert!(is_placed, "where it stood in its file or answer: {record}");
                let key = (record["source"]["id"].to_string(), record["key"].to_string());
                assert!(projects.insert(key, node["id"].clone()).is_none(), "one record, one project: {record}");
            }
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    let (mut joined, mut several) = (0, 0);
    for project in truth["projects"].as_array().unwrap() {
        let ids: Vec<&Value> = project["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|record| &projects[&(record["source"].to_string(), record["key"].to_string())])
            .collect();
        several += usize::from(ids.len() > 1);
        joined += usize::from(ids.len() > 1 && ids.windows(2).all(|pair| pair[0] == pair[1]));
    }
    assert!(joined * 4 > several, "shared references join: {joined} of {several} projects seen in several systems");
}

/// An edition leads to the one that the truth says that it renews, and that one leads back.
async fn editions_are_chained_as_in_the_truth(demo: &Demo, truth: &Value) {
    const PAGE: &str =
        "query Page($after: String) { projects(first: 50, after: $after) { pageInfo { hasNextPage endCursor }
        nodes { id records { source { id } key } renews { id records { source { id } key } renewedBy { id } } } } }";
    let mut known = BTreeMap::new();
    for project in truth["projects"].as_array().unwrap() {
        for record in project["records"].as_array().unwrap() {
            known.insert((record["source"].to_string(), record["key"].to_string()), project);
        }
    }
    let told = |node: &Value| {
        let record = &node["records"][0];
        known[&(record["source"]["id"].to_string(), record["key"].to_string())]
    };
    let (mut chained, mut after) = (0, Value::Null);
    loop {
        let page = demo.see(PAGE, json!({ "after": after })).await["projects"].clone();
        for node in page["nodes"].as_array().unwrap().iter().filter(|node| !node["renews"].is_null()) {
            assert_eq!(told(node)["renews"], told(&node["renews"])["id"], "{node}");
            let back = node["renews"]["renewedBy"].as_array().unwrap();
            assert!(back.iter().any(|later| later["id"] == node["id"]), "{node}");
            chained += 1;
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    let renewals = truth["projects"].as_array().unwrap().iter().filter(|project| !project["renews"].is_null()).count();
    assert!(chained * 2 > renewals, "{chained} of {renewals} renewals are known to the systems");
}

/// What is decided, in cents, by funder, form and year.
type Decided = BTreeMap<(String, String, String), i64>;

fn decided(of: &Value, funder: &str, counts: impl Fn(&Value) -> bool) -> Decided {
    let mut sums = Decided::new();
    for one in of.as_array().unwrap().iter().filter(|one| counts(one) && !one["amount"].is_null()) {
        if ["ATTRIBUE", "ENGAGE", "VERSE", "SOLDE"].iter().any(|stage| one["stage"] == *stage) {
            let key = (one.pointer(funder).unwrap().to_string(), one["form"].to_string(), one["year"].to_string());
            *sums.entry(key).or_default() += cents(&one["amount"]);
        }
    }
    sums
}

/// A project that holds all records of one of the truth and no other has its decided sums to the cent, so that totals by
/// whatever these projects have (family, year, EPCI) are those of the truth as well.
async fn where_links_are_right_sums_are_those_of_the_truth(demo: &Demo, truth: &Value) {
    const PAGE: &str =
        "query Page($after: String) { projects(first: 50, after: $after) { pageInfo { hasNextPage endCursor }
        nodes { records { source { id } key } commitments { funder { id } form stage amount counted year } } } }";
    let mut known = BTreeMap::new();
    for project in truth["projects"].as_array().unwrap() {
        for record in project["records"].as_array().unwrap() {
            known.insert((record["source"].to_string(), record["key"].to_string()), project);
        }
    }
    let (mut right, mut after) = (0, Value::Null);
    loop {
        let page = demo.see(PAGE, json!({ "after": after })).await["projects"].clone();
        for node in page["nodes"].as_array().unwrap() {
            let records = node["records"].as_array().unwrap();
            let keys: Vec<_> =
                records.iter().map(|record| (record["source"]["id"].to_string(), record["key"].to_string())).collect();
            let Some(project) = known.get(&keys[0]) else { continue };
            let whole = project["records"].as_array().unwrap().len() == keys.len();
            if whole && keys.iter().all(|key| known.get(key).is_some_and(|one| one["id"] == project["id"])) {
                let ours = decided(&node["commitments"], "/funder/id", |one| one["counted"] == true);
                assert_eq!(ours, decided(&project["commitments"], "/funder", |_| true), "{node}");
                right += 1;
            }
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert!(right > 200, "{right} projects are right");
}
