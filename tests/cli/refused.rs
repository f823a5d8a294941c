//! What keeps `serve` from starting: told at once, before the ledger hears of any source.

use super::program::Program;
use super::served::{PATIENCE, Served, spawn};
use std::io::{BufRead as _, BufReader};
use std::sync::mpsc;

const MANIFEST: &str = include_str!("../../connectors/droit-commun/region-droit-commun/connector.toml");

/// Writes a sound connector and one of this text below `connectors`.
fn connectors(program: &Program, (id, text): (&str, &str)) -> String {
    for (id, text) in [("region-droit-commun", MANIFEST), (id, text)] {
        let folder = program.path("connectors/essai").join(id);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("connector.toml"), text).unwrap();
    }
    format!("connectors = {:?}\n", program.path("connectors").to_str().unwrap())
}

/// How `serve` ends with these settings, and what it says; no code where it serves.
fn ended(program: &Program, settings: &str) -> (Option<i32>, String) {
    let mut child = spawn(program, "served", settings);
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let (tell, told) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut said = String::new();
        for line in stderr.lines().map_while(Result::ok) {
            let is_up = line.contains("the gateway listens");
            said.push_str(&line);
            said.push('\n');
            if is_up {
                break;
            }
        }
        tell.send(said).unwrap();
    });
    let said = told.recv_timeout(PATIENCE);
    if said.as_ref().is_ok_and(|said| said.contains("the gateway listens")) || said.is_err() {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    reader.join().unwrap();
    (status.code(), said.unwrap())
}

fn refused(program: &Program, settings: &str, words: &[&str]) {
    let (code, said) = ended(program, settings);
    assert_eq!(code, Some(1), "{settings}: {said}");
    assert!(words.iter().all(|word| said.contains(word)), "{settings}: {said}");
    assert!(!program.path("served/ledger.sqlite").exists(), "no ledger was made: {said}");
}

#[test]
fn a_manifest_that_cannot_be_used_is_told_and_its_source_is_not_passed_over() {
    let program = Program::new();
    let wrong = MANIFEST.replace("region-droit-commun", "autre").replacen("title", "titel", 1);
    let settings = connectors(&program, ("autre", &wrong));
    refused(&program, &settings, &["autre/connector.toml:", "titel", "disabled = true"]);
    let (code, said) = ended(&program, &format!("{settings}[sources.autre]\ndisabled = true\n"));
    assert_eq!(code, None, "who says that it does not count goes on: {said}");
    assert!(said.contains("titel") && said.contains("disabled in the settings"), "{said}");
    std::fs::remove_dir_all(program.path("served")).unwrap();
    let elsewhere = format!("{settings}[sources.region-droit-commun]\ndisabled = true\n");
    refused(&program, &elsewhere, &["titel"]);
    let both = format!("{settings}[sources.autre]\ndisabled = true\n[sources.autr]\ndisabled = true\n");
    refused(&program, &both, &["[sources.autr]", "region-droit-commun"]);
}

#[test]
fn a_folder_whose_manifest_has_another_name_is_not_passed_over() {
    let program = Program::new();
    let settings = connectors(&program, ("autre", &MANIFEST.replace("region-droit-commun", "autre")));
    let folder = program.path("connectors/essai/autre");
    std::fs::rename(folder.join("connector.toml"), folder.join("conector.toml")).unwrap();
    refused(&program, &settings, &["autre/connector.toml", "check that it is there", "disabled = true"]);
    let (code, said) = ended(&program, &format!("{settings}[sources.autre]\ndisabled = true\n"));
    assert_eq!(code, None, "{said}");
    std::fs::rename(folder.join("conector.toml"), folder.join("2024.csv")).unwrap();
    let (code, said) = ended(&program, &settings);
    assert_eq!(code, None, "a folder of other things is none: {said}");
    std::fs::remove_dir_all(&folder).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(program.path("nowhere"), &folder).unwrap();
        let _ = std::fs::remove_dir_all(program.path("served"));
        refused(&program, &settings, &["autre/connector.toml", "check that it is there"]);
    }
}

#[test]
fn a_place_without_connectors_or_rules_is_told() {
    let program = Program::new();
    let nowhere = program.path("nowhere");
    refused(&program, &format!("connectors = {nowhere:?}\n"), &["nowhere", "check that it is there"]);
    std::fs::create_dir(&nowhere).unwrap();
    refused(&program, &format!("connectors = {nowhere:?}\n"), &["nowhere", "no connector is there"]);
    let disabled = format!("connectors = {nowhere:?}\n[sources.nowhere]\ndisabled = true\n");
    refused(&program, &disabled, &["no connector is there"]);
    refused(&program, &format!("rules = {nowhere:?}\n"), &["nowhere", "a directory of rules holds"]);
    let output = program.run(&["demo", "--once", "--projects", "20", "--connectors", nowhere.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn settings_that_cannot_be_used_are_told_before_any_source_is() {
    let program = Program::new();
    for (settings, word) in [
        ("[financeurs]\n\"financeur:etat-59\" = [\"12\"]\n", "[financeurs]"),
        ("[journal]\nkeep = \"1 year\"\n", "[journal] keep"),
        ("[journal]\nfile = \"/nowhere/j\"\n", "[journal] file"),
        ("[attestation]\nkeys = [{ file = \"/nowhere.pem\" }]\n", "[attestation] keys"),
        ("[net]\nca-files = [\"/nowhere.pem\"]\n", "[net] ca-files"),
    ] {
        refused(&program, settings, &[word]);
    }
}

#[test]
fn one_gateway_at_a_time_serves_a_state_directory() {
    let program = Program::new();
    let served = Served::start(&program, "");
    let (code, said) = ended(&program, "");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("another `serve`") && said.contains("--state"), "{said}");
    served.end();
    let (code, said) = ended(&program, "");
    assert_eq!(code, None, "one that was killed keeps nobody out: {said}");
}
