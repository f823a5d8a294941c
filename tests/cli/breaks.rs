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
    // No row of these can be taken: a record above the header, a header and nothing else.
    let header = program::SCDL;
    let list = format!("{header}\n{}\n", grant("A", "2025-01-05", "30000"));
    let below = format!("{}\n{list}", grant("B", "2025-01-05", "40000"));
    for text in [below.as_str(), "a,b\n"] {
        let program = Program::new();
        let run = program.sync(&program.file("a.csv", text.as_bytes()));
        assert_eq!(run["outcome"], "HELD", "{text}: {run}");
        assert_eq!(kinds(&program), ["COLUMN_MISSING"; 5], "{text}: three parts of the key, the partition, the sum");
    }
    let program = Program::new();
    let titled = program.sync(&program.file("a.csv", format!("Subventions votées en 2025\n{list}").as_bytes()));
    assert_eq!((&titled["outcome"], &titled["counts"]["added"]), (&json!("SUCCEEDED"), &json!(1)), "{titled}");
    assert!(titled["message"]["fr"].as_str().unwrap().contains("l'en-tête est à la ligne 2"), "{titled}");
    let program = Program::new();
    let page = program.sync(&program.file("a.csv", b"<!DOCTYPE html><html><body>Maintenance</body></html>"));
    assert_eq!(page["outcome"], "FAILED", "a page for people is no table: {page}");
    let empty = program.sync(&program.file("a.csv", format!("{header}\n").as_bytes()));
    assert_eq!(empty["outcome"], "SUCCEEDED", "a source may be empty: {empty}");
    let announced = format!("sep=,\r\n{header}\r\n{}\r\n", grant("A", "2025-01-05", "30000"));
    let run = program.sync(&program.file("b.csv", announced.as_bytes()));
    assert_eq!((&run["outcome"], &run["counts"]["added"]), (&json!("SUCCEEDED"), &json!(1)), "{run}");
}

/// The plans of thirty actions in the form of the sample: the Région's line is a tenth of what the others are said to put.
fn plans(turned: impl Fn(&mut Value, &mut Value)) -> String {
    let sample = std::fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/connectors/politique-de-la-ville/programmation/sample.json"
    ));
    let sample: Value = serde_json::from_slice(&sample.unwrap()).unwrap();
    let line = |funder: &str| {
        let lines = sample["actions"][0]["plan_financement"].as_array().unwrap();
        lines.iter().find(|line| line["financeur"] == funder).unwrap().clone()
    };
    let action = |rank: u32| {
        let mut action = sample["actions"][0].clone();
        action["code_action"] = json!(format!("PRG-2026-{rank:06}"));
        action["dossier_dauphin"] = Value::Null;
        let (mut own, mut commune) = (line("REGION"), line("COMMUNE"));
        own["montant"] = json!(format!("{}.00", 2_000 + rank * 37));
        commune["montant"] = json!(format!("{}.00", 20_000 + rank * 370));
        turned(&mut action, &mut own);
        action["plan_financement"] = json!([own, commune]);
        action
    };
    json!({"actions": (0..30).map(action).collect::<Vec<_>>(), "suite": null}).to_string()
}

/// Loads plans after sound ones: how the run ends, and the kinds of findings with whether each holds.
fn after_sound_plans(turned: impl Fn(&mut Value, &mut Value)) -> (String, Vec<(String, bool)>) {
    let program = Program::new();
    let load = |name: &str, text: String| {
        let file = program.file(name, text.as_bytes());
        let run = program.json(&["sync", "programmation", "--from", file.to_str().unwrap()])[0].clone();
        (run["outcome"].as_str().unwrap().to_owned(), series_of(&run))
    };
    assert_eq!(load("sound.json", plans(|_, _| ())), ("SUCCEEDED".to_owned(), Vec::new()));
    load("turned.json", plans(turned))
}

/// What a run tells of the series: kinds, each with whether it holds.
fn series_of(run: &Value) -> Vec<(String, bool)> {
    let findings = run["findings"].as_array().cloned().unwrap_or_default();
    let kinds = findings.iter().map(|one| (one["kind"].as_str().unwrap().to_owned(), one["held"] == true));
    kinds.filter(|(kind, _)| !kind.starts_with("COLUMN")).collect()
}

/// The sums that a source speaks for are a tenth of what stands in its plans: they are weighed by themselves.
#[test]
fn own_lines_that_go_move_by_half_or_are_one_constant_wait_for_a_person() {
    type Turn = fn(&mut Value, &mut Value);
    let scaled = |own: &mut Value, factor: f64| {
        let amount: f64 = own["montant"].as_str().unwrap().parse().unwrap();
        own["montant"] = json!(format!("{:.2}", amount * factor));
    };
    let moved = ("TOTAL_MOVED".to_owned(), true);
    let turns: [(&str, Turn); 3] = [
        ("zero", |_, own| own["montant"] = json!("0")),
        ("empty", |_, own| own["montant"] = Value::Null),
        ("refused", |_, own| (own["etape"], own["montant"]) = (json!("REFUSE"), Value::Null)),
    ];
    for (name, turn) in turns {
        let (outcome, told) = after_sound_plans(turn);
        assert_eq!(outcome, "HELD", "{name}");
        assert!(told.contains(&moved), "{name}: {told:?}");
    }
    assert_eq!(after_sound_plans(|_, own| scaled(own, 0.4)), ("HELD".to_owned(), vec![moved]));
    let told = ("SUCCEEDED".to_owned(), vec![("TOTAL_MOVED".to_owned(), false)]);
    assert_eq!(after_sound_plans(|_, own| scaled(own, 0.5)), told, "the limit itself");
    let constant = after_sound_plans(|_, own| own["montant"] = json!("2536.50"));
    assert_eq!(constant, ("HELD".to_owned(), vec![("AMOUNT_CONSTANT".to_owned(), true)]), "of the same total");
    let sound = ("SUCCEEDED".to_owned(), Vec::new());
    assert_eq!(after_sound_plans(|_, own| scaled(own, 0.9)), sound);
    assert_eq!(after_sound_plans(|_, own| own["etape"] = json!("CONVENTIONNE")), sound, "sums that go on");
}

#[test]
fn actions_that_all_move_to_another_year_are_told_on_the_source() {
    let told = after_sound_plans(|action, _| action["annee"] = json!(2027));
    assert_eq!(told, ("SUCCEEDED".to_owned(), vec![("PARTITION_CHANGED".to_owned(), false)]));
    let few = after_sound_plans(|action, _| {
        if action["code_action"].as_str().unwrap() < "PRG-2026-000008" {
            action["annee"] = json!(2027);
        }
    });
    assert_eq!(few, ("SUCCEEDED".to_owned(), Vec::new()), "some are carried over");
}

#[test]
fn another_funder_or_form_of_most_grants_is_told_on_the_source() {
    let turns = [
        (",20005374200017,", ",20009320100016,", "FUNDER_CHANGED"),
        (",20005374200017,", ",,", "FUNDER_UNIDENTIFIED"),
        ("aide en numéraire", "aide en nature", "FORM_CHANGED"),
    ];
    for (from, to, kind) in turns {
        let program = Program::new();
        let lines: Vec<String> =
            (0..20).map(|rank| grant(&format!("R{rank}"), "2025-01-05", &(30_000 + rank * 370).to_string())).collect();
        program.sync(&program.scdl("a.csv", &lines));
        let turned = |(rank, line): (usize, &String)| if rank < 15 { line.replace(from, to) } else { line.clone() };
        let turned: Vec<String> = lines.iter().enumerate().map(turned).collect();
        let run = program.sync(&program.scdl("turned.csv", &turned));
        assert_eq!((&run["outcome"], series_of(&run)), (&json!("SUCCEEDED"), vec![(kind.to_owned(), false)]), "{run}");
    }
}

/// A list that holds its rows several times under other numbers is no longer list than it was.
#[test]
fn a_list_loaded_several_times_under_new_keys_waits_and_a_part_of_one_is_told() {
    let rows = |times: usize, again: usize| -> Vec<String> {
        let copies = (0..30).flat_map(|rank| {
            let line = grant(&format!("R{rank}"), "2025-01-05", &(30_000 + rank * 370).to_string());
            let copies = if rank < again { times } else { 1 };
            (0..copies).map(move |copy| line.replacen(&format!(",R{rank},"), &format!(",N{copy}-{rank},"), 1))
        });
        copies.collect()
    };
    let loaded = |times, again| {
        let program = Program::new();
        let run = program.sync(&program.scdl("a.csv", &rows(times, again)));
        (run["outcome"].as_str().unwrap().to_owned(), series_of(&run))
    };
    let repeated = |outcome: &str, held| (outcome.to_owned(), vec![("RECORDS_REPEATED".to_owned(), held)]);
    for times in [2, 3, 5] {
        assert_eq!(loaded(times, 30), repeated("HELD", true), "{times}");
        assert_eq!(loaded(times, 12), repeated("SUCCEEDED", false), "{times}");
    }
    assert_eq!(loaded(2, 4), ("SUCCEEDED".to_owned(), Vec::new()), "units that are doubled: 8 of 34");
}

/// The longer the history of a list, the less its current year weighs in it.
#[test]
fn a_year_that_is_nearly_gone_waits_however_long_the_history_and_can_be_let_through() {
    let rows = |of: usize| -> Vec<String> {
        let year = |year: usize| {
            let kept = if year == 2025 { of } else { 20 };
            let line = move |rank: usize| (year * 100 + rank, 30_000 + rank * 370);
            (0..kept)
                .map(line)
                .map(move |(rank, euros)| grant(&format!("R{rank}"), &format!("{year}-01-05"), &euros.to_string()))
        };
        (2019..=2025).flat_map(year).collect()
    };
    let program = Program::new();
    program.sync(&program.scdl("a.csv", &rows(20)));
    let run = program.sync(&program.scdl("some.csv", &rows(17)));
    assert_eq!((&run["outcome"], series_of(&run)), (&json!("SUCCEEDED"), Vec::new()), "a few: {run}");
    let run = program.sync(&program.scdl("cut.csv", &rows(1)));
    let vanished = |held| vec![("RECORDS_VANISHED".to_owned(), held)];
    assert_eq!((&run["outcome"], series_of(&run)), (&json!("HELD"), vanished(true)), "16 of 137: {run}");
    assert!(run["message"]["en"].as_str().unwrap().contains("16 of the 17 known records of « 2025 »"), "{run}");
    let accepted = program.json(&["sync", "region-droit-commun", "--accept", run["id"].as_str().unwrap()]);
    assert_eq!(
        accepted[0]["counts"]["gone"].as_u64().or_else(|| accepted["counts"]["gone"].as_u64()),
        Some(16),
        "{accepted}"
    );
    assert_eq!(kinds(&program), ["RECORDS_VANISHED"], "it stays told");
    let run = program.sync(&program.path("cut.csv"));
    assert_eq!(run["outcome"], "SUCCEEDED", "it is what the source is: {run}");
}
