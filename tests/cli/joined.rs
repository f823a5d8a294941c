//! A second table whose rows come twice, or belong to nobody knows which record: told, and no sum is doubled or lost in silence.

use super::program::Program;
use serde_json::Value;
use std::path::PathBuf;

const PROJECTS: &str = "id;status;title;startDate;endDate;totalCost;ecSignatureDate";
const PARTICIPANTS: &str = "projectID;organisationID;vatNumber;name;role;country;nutsCode;ecContribution;contactForm";

/// The two files of `count` projects, each with two participants; the rows of the participants as `change` leaves them.
fn files(program: &Program, count: usize, change: impl Fn(Vec<String>) -> Vec<String>) -> PathBuf {
    let project = |id: usize| format!("{id};SIGNED;Projet {id};2024-01-01;2026-12-31;{};2023-11-20", 1_000_000 + id);
    let rows = |id: usize| {
        ["coordinator", "participant"].map(|role| format!("{id};99{id};;X {id};{role};FR;FRE11;{};", 100_000 + id * 7))
    };
    let participants = change((1..=count).flat_map(rows).collect());
    let text = |header: &str, rows: &[String]| format!("{header}\n{}\n", rows.join("\n"));
    program.file("organization.csv", text(PARTICIPANTS, &participants).as_bytes());
    program.file("project.csv", text(PROJECTS, &(1..=count).map(project).collect::<Vec<_>>()).as_bytes())
}

fn sync(program: &Program, file: &std::path::Path) -> Value {
    program.json(&["sync", "horizon-europe", "--from", file.to_str().unwrap()])[0].clone()
}

/// The kinds of what is told of the source.
fn findings(program: &Program) -> Vec<String> {
    let sources = program.json(&["sources"]);
    let source =
        sources.as_array().unwrap().iter().find(|one| one["id"] == "horizon-europe").expect("the source").clone();
    source["findings"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_second_table_loaded_twice_is_held_from_the_first_load_on() {
    let program = Program::new();
    let file = files(&program, 30, |rows| [rows.clone(), rows].concat());
    let run = sync(&program, &file);
    assert_eq!(run["outcome"], "HELD", "{run}");
    assert_eq!(findings(&program), ["RECORDS_REPEATED"]);
    let program = Program::new();
    let run = sync(&program, &files(&program, 30, |rows| rows));
    assert_eq!((&run["outcome"], findings(&program).len()), (&"SUCCEEDED".into(), 0), "{run}");
}

#[test]
fn a_row_of_nobody_knows_which_record_is_told_until_it_is_mended() {
    let program = Program::new();
    let lost = |mut rows: Vec<String>| {
        rows[3] = rows[3].replacen('2', "", 1);
        rows[8] = format!("x{};X", rows[8]);
        rows
    };
    let run = sync(&program, &files(&program, 10, lost));
    assert_eq!(run["outcome"], "SUCCEEDED", "{run}");
    assert_eq!(run["counts"]["rejected"], 2, "{run}");
    assert!(run["message"].to_string().contains("2 row(s) of which nobody knows"), "{run}");
    assert_eq!(findings(&program), ["ROWS_UNATTACHED"]);
    sync(&program, &files(&program, 10, |rows| rows));
    assert_eq!(findings(&program), [""; 0]);
}

#[test]
fn rows_of_records_that_are_not_there_are_told_and_those_that_known_records_lack_hold_the_run() {
    let alone = |of: usize| {
        move |rows: Vec<String>| {
            let lost =
                |(rank, row): (usize, String)| if rank % 2 == 1 && rank < 2 * of { format!("9{row}") } else { row };
            rows.into_iter().enumerate().map(lost).collect::<Vec<_>>()
        }
    };
    let program = Program::new();
    let ordinary = |rows: Vec<String>| [rows, vec!["777;99;;X;participant;FR;FRE11;100;".to_owned()]].concat();
    let run = sync(&program, &files(&program, 30, ordinary));
    assert_eq!((&run["outcome"], findings(&program)), (&"SUCCEEDED".into(), vec!["ROWS_UNATTACHED".to_owned()]));
    sync(&program, &files(&program, 30, |rows| rows));
    assert_eq!(findings(&program), [""; 0]);
    let run = sync(&program, &files(&program, 30, alone(8)));
    assert_eq!((&run["outcome"], findings(&program)), (&"SUCCEEDED".into(), vec!["ROWS_UNATTACHED".to_owned()]));
    sync(&program, &files(&program, 30, |rows| rows));
    let run = sync(&program, &files(&program, 30, alone(14)));
    assert_eq!(run["outcome"], "HELD", "14 of 60 lines: {run}");
    assert!(run["message"].to_string().contains("known records lost 14 lines"), "{run}");
}

#[test]
fn a_row_that_spells_its_key_otherwise_is_no_line_less() {
    let program = Program::new();
    sync(&program, &files(&program, 10, |rows| rows));
    let zero = |mut rows: Vec<String>| {
        rows[3] = format!("0{}", rows[3]);
        rows
    };
    let run = sync(&program, &files(&program, 10, zero));
    assert_eq!((&run["outcome"], &run["counts"]["rejected"]), (&"SUCCEEDED".into(), &1.into()), "{run}");
    let warnings = program.run(&["rejections", "horizon-europe", "--warnings"]);
    let told = String::from_utf8_lossy(&warnings.stdout).into_owned();
    assert!(told.contains("lines-unreadable"), "its record keeps a line of unknown amount: {told}");
}
