//! Each document of schema/operations is valid, runs, and answers.

use crate::app::TestApp;
use crate::region::{SUD, day};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Values for every variable that the documents name.
fn variables() -> Value {
    json!({"id": SUD, "project": SUD, "epci": "200093201", "quartier": "QN05972M", "year": 2026,
        "day": day(4).to_rfc3339(), "holder": "siren:215903501", "source": "region",
        "contrat": ["CN05911M"], "contratDeVille": "CN05911M", "october": day(4).to_rfc3339(), "march": day(5).to_rfc3339(),
        "schemes": ["FTU", "NQE", "PIC"], "action": "SPO-1", "carrier": "215903501", "place": "QN05972M",
        "nature": "INVESTISSEMENT",
        "assume": [{"funder": "215903501", "nature": "INVESTISSEMENT", "nothing": true}]})
}

fn documents() -> BTreeMap<String, String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schema/operations");
    let files = std::fs::read_dir(folder).expect("the documents").map(|entry| entry.expect("a file").path());
    let documents = files.filter(|path| path.extension().is_some_and(|end| end == "graphql"));
    let named = |path: PathBuf| {
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        (name, std::fs::read_to_string(path).expect("a document"))
    };
    documents.map(named).collect()
}

#[tokio::test]
async fn every_document_answers_in_one_request() {
    let app = TestApp::start().await;
    let token = app.auditor();
    let documents = documents();
    assert!(documents.len() >= 12, "the documents were not found");
    for (name, document) in documents {
        let all = variables();
        let used = all.as_object().expect("an object").iter();
        let used: Value = used
            .filter(|(variable, _)| document.contains(&format!("${variable}:")))
            .map(|(variable, value)| (variable.clone(), value.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let answer = app.ask_with(&document, used, Some(&token)).await;
        assert_eq!(answer.status, 200, "{name}: {:#}", answer.body);
        assert!(answer.body.get("errors").is_none(), "{name}: {:#}", answer.body);
        let data = answer.data().as_object().expect("an object");
        let told =
            |(field, value): (&String, &Value)| !value.is_null() && (*value != json!([]) || field == "matchCandidates");
        assert!(data.iter().all(told), "{name}: {:#}", answer.body);
    }
}

/// Whoever shows an answer can say beside it how old it is and where it comes from.
#[test]
fn every_document_asks_for_ages_and_sources() {
    for (name, document) in documents() {
        // What may come of a project that nobody filed rests on rules and tables.
        let asks = |words: &[&str]| words.iter().any(|word| document.contains(word));
        let is_told = asks(&["readAt", "lastSeen", " age "]) && asks(&["sources {", "source {", "source("]);
        assert!(is_told || name == "orientation", "{name}");
    }
}

#[tokio::test]
async fn every_document_is_named_in_the_table_beside_it() {
    let table = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/operations/README.md"));
    let table = table.expect("the table");
    for name in documents().keys() {
        assert!(table.contains(&format!("`{name}.graphql`")), "{name} is not in the table");
    }
}
