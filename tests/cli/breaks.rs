//! What is told of a source as a whole, from load to load.

use super::program::{self, Program, grant};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What is told of the Région's grants: kind, field, whether it holds the run, and the first day.
fn told(program: &Program) -> Vec<(String, Value, bool, String)> {
    let source = &program.json(&["sources"])[0];
    let findings = source["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings.map(|one| (text(&one["kind"]), one["field"].clone(), one["held"] == true, text(&one["since"]))).collect()
}

fn kinds(program: &Program) -> Vec<String> {
    told(program).into_iter().map(|(kind, ..)| kind).collect()
}

/// The file `name` with one text replaced.
fn altered(program: &Program, name: &str, (from, to): (&str, &str)) -> PathBuf {
    let text = std::fs::read_to_string(program.path(name)).unwrap();
    assert!(text.contains(from), "{text}");
    program.file("altered.csv", text.replace(from, to).as_bytes())
}

#[test]
fn a_column_that_changes_is_told_from_its_first_day_until_it_is_back() {
    let program = Program::new();
    let lines = [grant("A", "2025-01-05", "30000"), grant("B", "2025-01-05", "40000")];
    let first = program.scdl("a.csv", &lines);
    program.sync(&first);
    assert!(told(&program).is_empty(), "a first load drifts from nothing");
    let other = altered(&program, "a.csv", (",conditionsVersement,", ",genre,"));
    assert_eq!(program.sync(&other)["outcome"], "SUCCEEDED");
    let before = told(&program);
    let fields: Vec<_> = before.iter().map(|(kind, field, held, _)| (kind.as_str(), field.clone(), *held)).collect();
    let expected =
        [("COLUMN_VANISHED", json!("conditionsVersement"), false), ("COLUMN_APPEARED", json!("genre"), false)];
    assert_eq!(fields, expected);
    let again = program.sync(&other);
    assert!(again["message"].is_null(), "the run tells what is new: {again}");
    assert_eq!(told(&program), before, "the source tells what still holds, with its first day");
    let missing = program.sync(&program.path("nowhere.csv"));
    assert_eq!(missing["outcome"], "FAILED", "{missing}");
    assert_eq!(told(&program), before, "a failed run carries it on");
    let output = String::from_utf8(program.run(&["sources"]).stdout).unwrap();
    assert!(
        output.contains("region-droit-commun: COLUMN_VANISHED since ") && output.contains("« conditionsVersement »"),
        "{output}"
    );
    program.sync(&first);
    let gone = told(&program).into_iter().filter(|(kind, ..)| kind == "COLUMN_VANISHED");
    let gone: Vec<_> = gone.map(|(_, field, ..)| field).collect();
    assert_eq!(gone, [json!("genre")], "it is back, and what stood in its place is gone");
}

#[test]
fn a_needed_column_that_vanishes_is_the_finding_that_holds_the_run() {
    let program = Program::new();
    let lines = [grant("A", "2025-01-05", "30000"), grant("B", "2025-01-05", "40000")];
    let first = program.scdl("a.csv", &lines);
    program.sync(&first);
    let run = program.sync(&altered(&program, "a.csv", (",montant,", ",total_ttc,")));
    assert_eq!(run["outcome"], "HELD", "{run}");
    let findings = run["findings"].as_array().unwrap();
    let holding = findings.iter().find(|one| one["held"] == true).unwrap();
    assert_eq!((&holding["kind"], &holding["field"]), (&json!("COLUMN_VANISHED"), &json!("montant")));
    assert_eq!(holding["message"], run["message"], "the run says what holds it");
    program.sync(&first);
    assert!(told(&program).is_empty(), "the source is as it was: {:?}", told(&program));
    let run = program.sync(&program.path("altered.csv"));
    program.json(&["sync", "region-droit-commun", "--accept", run["id"].as_str().unwrap()]);
    let kept = told(&program);
    assert!(
        kept.iter().any(|(kind, field, held, _)| kind == "COLUMN_VANISHED" && field == "montant" && !held),
        "{kept:?}"
    );
}

#[test]
fn a_first_load_without_a_column_that_the_map_needs_waits_and_names_it() {
    for (column, told_as) in [(",referenceDecision,", "referenceDecision"), (",montant,", "montant")] {
        let program = Program::new();
        program.scdl("a.csv", &[grant("A", "2025-01-05", "30000")]);
        let run = program.sync(&altered(&program, "a.csv", (column, ",autre,")));
        assert_eq!(run["outcome"], "HELD", "{run}");
        assert!(run["message"]["fr"].as_str().unwrap().contains(told_as), "{run}");
        let found = told(&program);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].0.as_str(), &found[0].1, found[0].2), ("COLUMN_MISSING", &json!(told_as), true));
        assert_eq!(program.sync(&program.path("a.csv"))["outcome"], "SUCCEEDED");
        assert!(told(&program).is_empty(), "it is there");
    }
    // No row of these can be taken: titles above the header, a page for people, a header and nothing else.
    let header = program::SCDL;
    let titles = format!("Subventions votées en 2025\n{header}\n{}\n", grant("A", "2025-01-05", "30000"));
    for text in [titles.as_str(), "<!DOCTYPE html><html><body>Maintenance</body></html>", "a,b\n"] {
        let program = Program::new();
        let run = program.sync(&program.file("a.csv", text.as_bytes()));
        assert_eq!(run["outcome"], "HELD", "{text}: {run}");
        assert_eq!(kinds(&program), ["COLUMN_MISSING"; 5], "{text}: three parts of the key, the partition, the sum");
    }
    let program = Program::new();
    let empty = program.sync(&program.file("a.csv", format!("{header}\n").as_bytes()));
    assert_eq!(empty["outcome"], "SUCCEEDED", "a source may be empty: {empty}");
    let announced = format!("sep=,\r\n{header}\r\n{}\r\n", grant("A", "2025-01-05", "30000"));
    let run = program.sync(&program.file("b.csv", announced.as_bytes()));
    assert_eq!((&run["outcome"], &run["counts"]["added"]), (&json!("SUCCEEDED"), &json!(1)), "{run}");
}
