//! The matcher, from outside: regions of which the truth is known are read by the program, and what it joins is compared
//! with the truth. Seeds on which the weights were estimated (1 to 6) are not among these.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use serde_json::Value;
use std::path::Path;
use std::process::Command;

const SEEDS: std::ops::RangeInclusive<u32> = 101..=110;

fn passerelle(arguments: &[&str], state: &Path) -> (i32, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_passerelle"));
    let run =
        program.args(arguments).arg("--state").arg(state).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let told = String::from_utf8(run.stdout).unwrap() + &String::from_utf8(run.stderr).unwrap();
    (run.status.code().unwrap(), told)
}

fn json(arguments: &[&str], state: &Path) -> Value {
    let (code, told) = passerelle(arguments, state);
    assert_eq!(code, 0, "{arguments:?}: {told}");
    serde_json::from_str(&told).unwrap_or_else(|error| panic!("{error}: {told}"))
}

fn demo(seed: u32, projects: &str) -> tempfile::TempDir {
    let state = tempfile::tempdir().unwrap();
    let seed = seed.to_string();
    let arguments = ["demo", "--once", "--listen", "127.0.0.1:0", "--seed", &seed, "--projects", projects];
    let (code, told) = passerelle(&arguments, state.path());
    assert_eq!(code, 0, "{told}");
    state
}

#[test]
fn links_are_right_on_regions_that_nobody_learned_from() {
    let (mut joined, mut right, mut joined_right) = (0, 0, 0);
    for seed in SEEDS {
        let state = demo(seed, "500");
        let found = json(&["match", "evaluate", "--truth", "--json"], state.path());
        let count = |name: &str| found[name].as_u64().unwrap();
        assert_eq!(count("joined_right") as f64 / count("joined") as f64, found["precision"].as_f64().unwrap());
        assert!(found["precision"].as_f64().unwrap() > 0.98, "seed {seed}: {found}");
        assert_eq!(found["certain"][0], found["certain"][1], "seed {seed}: a shared reference is never wrong");
        joined += count("joined");
        right += count("right");
        joined_right += count("joined_right");
    }
    let (precision, recall) = (joined_right as f64 / joined as f64, joined_right as f64 / right as f64);
    assert!(precision >= 0.995, "precision {precision}: {joined_right} of {joined}");
    assert!(recall >= 0.95, "recall {recall}: {joined_right} of {right}");
}

#[test]
fn a_second_pass_says_nothing_new_and_proposals_are_explained() {
    let state = demo(111, "600");
    let again = json(&["match", "run", "--json"], state.path());
    assert_eq!(again, serde_json::json!({"linked": 0, "proposed": 0, "withdrawn": 0}));
    let log = json(&["ledger", "log", "--first", "1", "--json"], state.path());
    assert_eq!(log["entries"][0]["kind"], "match");
    assert!(log["entries"][0]["author"].as_str().unwrap().contains("matcher"), "{log}");
    assert_eq!(passerelle(&["ledger", "verify"], state.path()).0, 0);

    let review = json(&["match", "review", "--first", "1000", "--json"], state.path());
    let proposals = review["proposals"].as_array().unwrap();
    assert!(!proposals.is_empty() && review["total"] == proposals.len());
    for proposal in proposals {
        let score = &proposal["score"];
        let terms = score["terms"].as_array().unwrap();
        let sum: i64 = terms.iter().map(|term| term["weight"].as_i64().unwrap()).sum();
        assert_eq!((terms.len(), score["total"].as_i64().unwrap()), (7, sum), "{proposal}");
        assert_ne!(proposal["projects"][0]["id"], proposal["projects"][1]["id"]);
    }
    let (code, told) = passerelle(&["match", "review", "--first", "2"], state.path());
    assert!(code == 0 && told.contains(" bits prior") && told.contains("proposals in all"), "{told}");

    let (code, told) = passerelle(&["match", "evaluate", "--truth", "/nowhere.json"], state.path());
    assert!(code == 1 && told.contains("cannot read the truth /nowhere.json"), "{told}");
}
