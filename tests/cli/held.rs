//! What may not be applied without a person.

use super::program::{Program, counts, grant};

fn grants(year: u16, count: usize) -> Vec<String> {
    (0..count).map(|rank| grant(&format!("{year}-{rank}"), &format!("{year}-03-01"), "30000.00")).collect()
}

#[test]
fn a_mass_disappearance_waits_for_a_person_who_lets_exactly_that_batch_through() {
    let program = Program::new();
    program.sync(&program.scdl("all.csv", &grants(2025, 10)));
    let half = program.scdl("half.csv", &grants(2025, 5));
    let output = program.run(&["sync", "region-droit-commun", "--from", half.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let source = &program.json(&["sources"])[0];
    assert_eq!((&source["records"], &source["lastRun"]["outcome"]), (&10.into(), &"HELD".into()));
    let held = source["lastRun"]["id"].as_str().unwrap().to_owned();
    let batch = source["lastRun"]["batch"].as_str().unwrap().to_owned();
    assert_eq!(batch.len(), 64, "the batch has its digest");

    let run = &program.json(&["sync", "region-droit-commun", "--accept", &held])[0];
    assert_eq!(counts(run), [5, 0, 0, 5, 0, 0, 5], "{run}");
    assert_eq!(run["accepts"], held.as_str());
    assert_eq!(program.json(&["sources"])[0]["records"], 5);
    let again = program.run(&["sync", "region-droit-commun", "--accept", &held]);
    assert_eq!(again.status.code(), Some(1), "a batch is let through once: {again:?}");
}

#[test]
fn an_altered_batch_is_refused() {
    let program = Program::new();
    program.sync(&program.scdl("all.csv", &grants(2025, 10)));
    let run = program.sync(&program.scdl("half.csv", &grants(2025, 5)));
    assert_eq!(run["outcome"], "HELD");
    let spools = std::fs::read_dir(program.path("state/workroom/spool")).unwrap();
    let spool = spools.map(|entry| entry.unwrap().path()).next().expect("the held batch is kept in a file");
    let mut bytes = std::fs::read(&spool).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&spool, bytes).unwrap();
    let output = program.run(&["sync", "region-droit-commun", "--accept", run["id"].as_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(program.json(&["sources"])[0]["records"], 10, "nothing was applied");
}

#[test]
fn a_file_cut_in_the_middle_of_a_field_waits_and_closes_nothing() {
    let program = Program::new();
    program.sync(&program.scdl("all.csv", &grants(2025, 10)));
    let whole = std::fs::read_to_string(program.path("all.csv")).unwrap();
    let cut = whole.replacen("Action 2025-9", "\"Action 2025-9", 1);
    let run = program.sync(&program.file("cut.csv", cut.as_bytes()));
    assert_eq!(run["outcome"], "HELD", "{run}");
    assert_eq!(program.json(&["sources"])[0]["records"], 10);
}

#[test]
fn an_answer_without_any_record_waits() {
    let program = Program::new();
    program.sync(&program.scdl("all.csv", &grants(2025, 3)));
    let run = program.sync(&program.scdl("empty.csv", &[]));
    assert_eq!(run["outcome"], "HELD", "{run}");
    assert!(run["message"]["fr"].as_str().unwrap().contains("rien n'est appliqué"));
    assert_eq!(program.json(&["sources"])[0]["records"], 3);
}

#[test]
fn this_years_file_does_not_close_last_years() {
    let program = Program::new();
    program.sync(&program.scdl("2024.csv", &grants(2024, 4)));
    let run = program.sync(&program.scdl("2025.csv", &grants(2025, 4)));
    assert_eq!(counts(&run), [4, 4, 0, 0, 0, 0, 0], "{run}");
    assert_eq!(program.json(&["sources"])[0]["records"], 8);
}

/// What waits of one year is not settled by the file of another year: neither forgotten, nor taken for known.
#[test]
fn the_file_of_another_year_settles_nothing_of_what_waits() {
    let program = Program::new();
    program.sync(&program.scdl("2024.csv", &grants(2024, 10)));
    let held = program.sync(&program.scdl("half.csv", &grants(2024, 5)));
    assert_eq!(held["outcome"], "HELD", "{held}");
    let run = program.sync(&program.scdl("2025.csv", &grants(2025, 4)));
    assert_eq!(run["outcome"], "SUCCEEDED", "{run}");
    let source = &program.json(&["sources"])[0];
    assert_eq!((&source["records"], &source["waiting"][0]), (&14.into(), &held["id"]), "{source}");
    let accepted = &program.json(&["sync", "region-droit-commun", "--accept", held["id"].as_str().unwrap()])[0];
    assert_eq!(counts(accepted)[6], 5, "{accepted}");
    assert_eq!(program.json(&["sources"])[0]["waiting"].as_array().map(Vec::len), Some(0));

    let held = program.sync(&program.scdl("none.csv", &[]));
    assert_eq!(held["outcome"], "HELD", "{held}");
    program.sync(&program.scdl("mended.csv", &grants(2024, 5)));
    let source = &program.json(&["sources"])[0];
    assert_eq!(source["waiting"].as_array().map(Vec::len), Some(0), "an empty file holds nothing: {source}");
}

#[test]
fn one_vanished_record_of_ten_is_closed_and_comes_back() {
    let program = Program::new();
    let all = program.scdl("all.csv", &grants(2025, 10));
    program.sync(&all);
    let run = program.sync(&program.scdl("nine.csv", &grants(2025, 9)));
    assert_eq!(counts(&run), [9, 0, 0, 9, 0, 0, 1], "{run}");
    let run = program.sync(&all);
    assert_eq!(counts(&run), [10, 1, 0, 9, 0, 0, 0], "{run}");
}

#[test]
fn an_unchanged_record_adds_no_row() {
    let program = Program::new();
    let all = program.scdl("all.csv", &grants(2025, 10));
    program.sync(&all);
    let run = program.sync(&all);
    assert_eq!(counts(&run), [10, 0, 0, 10, 0, 0, 0], "{run}");
    let log = program.json(&["ledger", "log"]);
    assert_eq!((&log["entries"][0]["records"], &log["entries"][1]["records"]), (&0.into(), &10.into()), "{log}");
}

/// The owner renames the amount: every sum would become unknown. The run waits, and says which column is missing.
#[test]
fn a_needed_column_that_vanishes_holds_the_run_and_another_one_is_told() {
    let program = Program::new();
    let lines = [grant("A", "2025-01-05", "30000"), grant("B", "2025-01-05", "40000")];
    program.sync(&program.scdl("a.csv", &lines));
    let text = std::fs::read_to_string(program.path("a.csv")).unwrap();
    let renamed = program.file("renamed.csv", text.replace(",montant,", ",total_ttc,").as_bytes());
    let run = program.sync(&renamed);
    assert_eq!(run["outcome"], "HELD", "{run}");
    assert!(run["message"]["fr"].as_str().unwrap().contains("« montant »"), "{run}");
    let other = program.file("other.csv", text.replace(",rnaBeneficiaire,", ",quartier,").as_bytes());
    let run = program.sync(&other);
    assert_eq!(run["outcome"], "SUCCEEDED", "{run}");
    let told = run["message"]["en"].as_str().unwrap();
    assert!(told.contains("vanished: « rnaBeneficiaire »") && told.contains("appeared: « quartier »"), "{told}");
    assert!(program.sync(&other)["message"].is_null(), "it is told when it happens");
}

/// Why a batch waits may lie in what it could not take: that is seen before anybody lets it through.
#[test]
fn what_a_held_batch_could_not_take_is_seen_before_it_is_let_through() {
    let program = Program::new();
    program.sync(&program.scdl("all.csv", &grants(2025, 10)));
    let bad = grant("2025-0", "2025-03-01", "trente mille");
    let run = program.sync(&program.scdl("half.csv", &[grants(2025, 4)[1].clone(), bad]));
    assert_eq!(run["outcome"], "HELD", "{run}");
    assert_eq!(program.json(&["rejections", "region-droit-commun"]).as_array().unwrap().len(), 0);
    let held = run["id"].as_str().unwrap();
    let told = program.json(&["rejections", "region-droit-commun", "--held", held]);
    assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
    assert_eq!(told[0]["code"], "amount-unreadable");
    assert_eq!(program.json(&["sources"])[0]["records"], 10, "looking applies nothing");
    let other = program.run(&["rejections", "pic", "--held", held]);
    assert_eq!(other.status.code(), Some(1), "{other:?}");
}

/// Entries of one code that follow each other are two; one whose day cannot be read any more is kept as it was, and none is closed for
/// it; a row that is gone is gone.
#[test]
fn entries_of_one_code_stand_side_by_side_and_one_of_an_unreadable_day_is_kept_as_it_was() {
    let program = Program::new();
    let others: String = (0..8).map(|rank| format!("5910{rank},Commune {rank},200093201,,\n")).collect();
    let read = |name: &str, rows: &str| {
        let text = format!("code_insee,nom,siren_epci,date_debut,date_fin\n{others}{rows}");
        let file = program.file(name, text.as_bytes());
        program.json(&["sync", "communes", "--from", file.to_str().unwrap()])[0].clone()
    };
    let former = "59350,Lille,245900410,,2024-01-01\n";
    let run = read("both.csv", &format!("{former}59350,Lille,200093201,2024-01-01,\n"));
    assert_eq!(counts(&run), [10, 10, 0, 0, 0, 0, 0], "{run}");
    let run = read("spoilt.csv", &format!("{former}59350,Lille,200093201,31/02/2024,\n"));
    assert_eq!(counts(&run), [10, 0, 0, 9, 0, 1, 0], "{run}");
    let rejected = program.json(&["rejections", "communes"]);
    assert_eq!((&rejected[0]["key"], &rejected[0]["code"]), (&"59350".into(), &"date-unreadable".into()));
    let run = read("one.csv", former);
    assert_eq!(counts(&run), [9, 0, 0, 9, 0, 0, 1], "{run}");
}
