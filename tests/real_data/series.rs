//! Real loads after each other: none that is sound is held, and the same files damaged as real ones were, are.

use crate::folder;
use crate::program::{Program, counts};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Loads a file of posts, and gives how the run ended and what it tells, each with whether it holds.
fn load(program: &Program, file: &Path) -> (String, Vec<(String, bool)>) {
    let run = &program.json(&["sync", "anct-postes", "--from", file.to_str().unwrap()])[0];
    let findings = run["findings"].as_array().cloned().unwrap_or_default();
    let series = findings.iter().filter(|one| !one["kind"].as_str().unwrap().starts_with("COLUMN"));
    let told = series.map(|one| (one["kind"].as_str().unwrap().to_owned(), one["held"] == true)).collect();
    (run["outcome"].as_str().unwrap().to_owned(), told)
}

fn posts(folder: &Path, name: &str) -> PathBuf {
    folder.join("politique_ville").join(name)
}

fn rows(file: &Path) -> Vec<Value> {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn written(program: &Program, name: &str, rows: &[Value]) -> PathBuf {
    program.file(name, serde_json::to_string(rows).unwrap().as_bytes())
}

/// Posts of one unit each (7 164, doubles of 14 328 and halves among them), several for one body: three in four posts of
/// adultes-relais are alike but for their number (python3: Counter of the rows without `id_poste` and `annee`).
#[test]
fn years_of_posts_follow_each_other_and_none_is_held() {
    let Some(folder) = folder() else { return };
    let program = Program::new();
    for name in ["2020_v1", "2020", "2021", "2022", "2023"] {
        let (outcome, told) = load(&program, &posts(&folder, &format!("anct_postes_fonjep_{name}.json")));
        assert_eq!((outcome.as_str(), told), ("SUCCEEDED", Vec::new()), "{name}");
    }
    // 21 254 for every post of 2022, 22 555.73 for every one of 2023: a unit that was raised.
    let program = Program::new();
    for year in [2022, 2023] {
        let (outcome, told) = load(&program, &posts(&folder, &format!("anct_adultes_relais_{year}.json")));
        assert_eq!((outcome.as_str(), told), ("SUCCEEDED", Vec::new()), "{year}");
    }
}

/// The units of two schemes, 7 164 and 21 254, and those of the next year, in the order in which they come out.
#[test]
fn the_lists_of_two_schemes_follow_each_other_and_none_is_held() {
    let Some(folder) = folder() else { return };
    let lists = ["postes_fonjep_2022", "adultes_relais_2022", "postes_fonjep_2023", "adultes_relais_2023"];
    let (mut sums, constant) = (Vec::new(), ("AMOUNT_CONSTANT".to_owned(), false));
    for steps in [&[2, 4][..], &[1, 2, 3, 4]] {
        let program = Program::new();
        let directory = tempfile::tempdir().unwrap();
        for step in steps {
            for name in &lists[..*step] {
                let name = format!("anct_{name}.json");
                std::fs::copy(posts(&folder, &name), directory.path().join(name)).unwrap();
            }
            let (outcome, told) = load(&program, &directory.path().join("*.json"));
            assert_eq!(outcome, "SUCCEEDED", "{step} of {steps:?}: {told:?}");
            assert!(told.iter().all(|one| *one == constant), "{step} of {steps:?}: {told:?}");
            assert!(told.is_empty() || steps.len() > 2, "no list of {step} is the first of its scheme: {told:?}");
        }
        sums.push(crate::sum_cents(&program));
    }
    // The sums of the four files, as they are told of each.
    assert_eq!(sums, [114_683_700 + 1_662_062_800 + 122_623_800 + 1_646_568_290; 2]);
}

#[test]
fn a_real_file_after_itself_is_a_file_loaded_twice() {
    let Some(folder) = folder() else { return };
    let program = Program::new();
    let file = posts(&folder, "anct_postes_fonjep_2022.json");
    assert_eq!(load(&program, &file).0, "SUCCEEDED");
    let once = rows(&file);
    let twice: Vec<Value> = once.iter().chain(&once).cloned().collect();
    let held = ("HELD".to_owned(), vec![("RECORDS_REPEATED".to_owned(), true)]);
    assert_eq!(load(&program, &written(&program, "twice.json", &twice)), held);
    // The same under other numbers: no key comes twice.
    let renumbered = once.iter().cloned().map(|mut row| {
        row["id_poste"] = json!(format!("R{}", row["id_poste"].as_str().unwrap()));
        row
    });
    let twice: Vec<Value> = once.iter().cloned().chain(renumbered).collect();
    assert_eq!(load(&program, &written(&program, "renumbered.json", &twice)), held);
    assert_eq!(load(&program, &file), ("SUCCEEDED".to_owned(), Vec::new()));
}

/// As in the adultes-relais of 2025: the amount of a Fonjep post in every row.
#[test]
fn the_unit_of_another_scheme_pasted_into_every_row_is_held() {
    let Some(folder) = folder() else { return };
    let program = Program::new();
    let file = posts(&folder, "anct_adultes_relais_2023.json");
    assert_eq!(load(&program, &file).0, "SUCCEEDED");
    let mut pasted = rows(&file);
    for row in &mut pasted {
        row["montant"] = json!("7164");
        row["annee"] = json!("2025");
    }
    let (outcome, told) = load(&program, &written(&program, "pasted.json", &pasted));
    assert_eq!(outcome, "HELD");
    assert!(told.contains(&("AMOUNT_CONSTANT".to_owned(), true)), "{told:?}");
}

/// Five years of one grant under one reference look like duplicates: each is its own (one row, to another establishment of the
/// funder, repeats a key and is rejected).
#[test]
fn renewals_are_no_repetition() {
    let Some(folder) = folder() else { return };
    let program = Program::new();
    for name in ["datasubvention_SCDL.csv", "datasubvention_SCDL_SECOND_IMPORT.csv"] {
        let file = folder.join("scdl").join(name);
        let run = &program.json(&["sync", "region-droit-commun", "--from", file.to_str().unwrap()])[0];
        assert_eq!(run["outcome"], "SUCCEEDED", "{run}");
        assert_eq!(counts(run)[5], u64::from(name.contains("SECOND")), "{run}");
        let findings = run["findings"].as_array().map_or(0, Vec::len);
        assert_eq!(findings, 0, "{run}");
    }
}
