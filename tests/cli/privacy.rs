//! Personal data: found by whoever may look, erased for good, kept no longer than said.

use super::program::Program;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

const MARK: &str = "Marqueur";

/// A program with one source of its own, whose holders may be natural persons.
fn program(keep: Option<&str>) -> Program {
    let program = Program::new();
    let folder = program.path("connectors/essai/persons");
    fs::create_dir_all(&folder).unwrap();
    let given = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/connector_cases/personal/persons/connector.toml");
    let manifest = fs::read_to_string(given).unwrap();
    let keep = keep.map_or_else(String::new, |keep| format!("keep-personal = \"{keep}\"\n"));
    fs::write(folder.join("connector.toml"), manifest.replace("\n[driver]", &format!("{keep}\n[driver]"))).unwrap();
    program
}

/// Its command, with its own connectors.
fn run(program: &Program, arguments: &[&str]) -> std::process::Output {
    let connectors = program.path("connectors");
    let mut all = arguments.to_vec();
    all.extend(["--connectors", connectors.to_str().unwrap()]);
    program.run(&all)
}

fn told(program: &Program, arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.push("--json");
    let output = run(program, &all);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn sync(program: &Program, name: &str, records: &Value) -> Value {
    let file = program.file(name, records.to_string().as_bytes());
    told(program, &["sync", "persons", "--from", file.to_str().unwrap()])[0].clone()
}

fn inhabitant(id: u32, name: &str) -> Value {
    json!({
        "id": id, "intitule": format!("Fête {id}"), "montant": 500, "contact": format!("{name}@exemple.fr"),
        "porteur": { "type": "HABITANT", "nom": name },
    })
}

fn found(program: &Program, text: &str) -> Vec<String> {
    let search = told(program, &["privacy", "find", text]);
    assert_eq!(search["unreadable"], 0, "{search}");
    search["found"].as_array().unwrap().iter().map(|one| one["record"].as_str().unwrap().to_owned()).collect()
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn nothing_holds(program: &Program, bytes: &[u8], what: &str) {
    for path in files(&program.path("state")) {
        let held = fs::read(&path).unwrap();
        assert!(!held.windows(bytes.len()).any(|window| window == bytes), "{what} stands in {}", path.display());
    }
}

/// The sealing keys that the workroom holds, record by record.
fn keys(program: &Program) -> Vec<Vec<u8>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        use sea_orm::ConnectionTrait as _;
        let path = program.path("state/workroom/workroom.sqlite");
        let db = sea_orm::Database::connect(format!("sqlite:{}", path.display())).await.unwrap();
        let select = "SELECT bytes FROM sealing_key WHERE bytes IS NOT NULL ORDER BY bytes";
        let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, select);
        let rows = db.query_all_raw(statement).await.unwrap();
        let keys = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        db.close().await.unwrap();
        keys
    })
}

/// A person in a good record, a rejected one, one that came twice, one without a key, and in a batch that waits for somebody.
fn scattered(program: &Program) -> String {
    let name = format!("Zoé {MARK}-Ünal");
    let mut rejected = inhabitant(2, &name);
    rejected["montant"] = json!("beaucoup");
    let mut nameless = inhabitant(3, &name);
    nameless.as_object_mut().unwrap().remove("id");
    let others: Vec<Value> = (10..20).map(|id| inhabitant(id, "Ali Autre")).collect();
    let mut records = vec![inhabitant(1, &name), rejected, inhabitant(10, &name), nameless];
    records.extend(others);
    let run = sync(program, "first.json", &json!(records));
    assert_eq!((&run["outcome"], &run["counts"]["rejected"]), (&json!("SUCCEEDED"), &json!(3)), "{run}");
    let mut again = inhabitant(1, &name);
    again["montant"] = json!(700);
    let held = sync(program, "second.json", &json!([again, inhabitant(30, &name)]));
    assert_eq!(held["outcome"], "HELD", "{held}");
    held["id"].as_str().unwrap().to_owned()
}

/// A first and a last name often stand in two fields; the words of one person are still those of one record.
#[test]
fn somebody_is_found_by_words_that_stand_in_several_fields_of_one_record() {
    let program = program(None);
    let mut one = inhabitant(1, "Dupont-Marqueur");
    one["contact"] = json!("Jeanne, le soir");
    let mut other = inhabitant(2, "Dupont-Marqueur");
    other["contact"] = json!("Paul");
    let mut third = inhabitant(3, "Martin");
    third["contact"] = json!("Jeanne");
    sync(&program, "first.json", &json!([one, other, third]));
    assert_eq!(found(&program, "jeanne dupont"), ["1"]);
    assert_eq!(found(&program, "JEANNE"), ["1", "3"]);
    assert!(found(&program, "jeanne dupont paul").is_empty());
    let search = told(&program, &["privacy", "find", "jeanne dupont", "--show"]);
    let fields = search["found"][0]["fields"].as_object().unwrap();
    assert_eq!(fields.len(), 2, "both fields: {search}");
}

#[test]
fn somebody_is_found_erased_everywhere_and_does_not_come_back() {
    let program = program(None);
    let held = scattered(&program);
    nothing_holds(&program, MARK.as_bytes(), "a name");
    let mut records = found(&program, "unal marqueur ZOE");
    assert_eq!(records.len(), 5, "{records:?}");
    let place = records.iter().find(|record| record.contains("first.json")).expect("the one without a key").clone();
    records.retain(|record| *record != place);
    assert_eq!(records, ["1", "10", "2", "30"], "the last one waits for somebody");

    let before = keys(&program);
    let erase = |records: &[&str]| {
        let mut all = vec!["privacy", "erase", "persons"];
        all.extend(records);
        all.extend(["--reason", "demande n° 12"]);
        told(&program, &all)
    };
    let erased = erase(&["1", "10", "2", "30", &place]);
    assert_eq!((&erased["records"], &erased["keys"]), (&json!(5), &json!(5)), "{erased}");
    let after = keys(&program);
    let gone: Vec<_> = before.iter().filter(|key| !after.contains(key)).collect();
    assert_eq!(gone.len(), 5);
    for key in gone {
        nothing_holds(&program, key, "a destroyed key");
    }
    assert!(found(&program, MARK).is_empty());
    assert_eq!(told(&program, &["ledger", "verify"])["sound"], true);
    assert_eq!(erase(&["1", "10", "2", &place])["records"], 0, "once");

    // What waited for somebody comes in, and what was erased stays so.
    let run = told(&program, &["sync", "persons", "--accept", &held])[0].clone();
    assert_eq!(run["outcome"], "SUCCEEDED", "{run}");
    let run =
        sync(&program, "third.json", &json!([inhabitant(1, "Zoé Marqueur-Ünal"), inhabitant(30, "Zoé Marqueur")]));
    assert_eq!(run["outcome"], "SUCCEEDED", "{run}");
    assert!(found(&program, MARK).is_empty());
    assert_eq!(told(&program, &["ledger", "verify"])["sound"], true);
}

#[test]
fn a_workroom_restored_from_a_copy_does_not_bring_anybody_back() {
    let program = program(None);
    scattered(&program);
    let (workroom, copy) = (program.path("state/workroom"), program.path("copy"));
    fs::create_dir(&copy).unwrap();
    for path in files(&workroom).into_iter().filter(|path| path.parent() == Some(&workroom)) {
        fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
    }
    let before = keys(&program);
    told(&program, &["privacy", "erase", "persons", "1", "2", "--reason", "demande n° 13"]);
    let listed = run(&program, &["privacy", "erasures"]).stdout;
    for path in files(&workroom).into_iter().filter(|path| path.parent() == Some(&workroom)) {
        fs::remove_file(path).unwrap();
    }
    for path in files(&copy) {
        fs::copy(&path, workroom.join(path.file_name().unwrap())).unwrap();
    }
    assert_eq!(keys(&program), before, "the keys are back");
    assert_eq!(found(&program, MARK).len(), 3, "the first command erases anew");
    assert_eq!(keys(&program).len(), before.len() - 2);
    let report = told(&program, &["privacy", "report"]);
    assert_eq!(
        (&report["carriedOut"], &report["sources"][0]["erasedOnRequest"]),
        (&json!(true), &json!(2)),
        "{report}"
    );

    // Where the ledger was restored too, the list that was kept elsewhere is given back.
    let fresh = self::program(None);
    scattered(&fresh);
    let listed = String::from_utf8(listed).unwrap() + "persons,77,request,9,2026-01-01T00:00:00Z,came after the copy\n";
    let list = fresh.file("erasures.csv", listed.as_bytes());
    let erased = told(&fresh, &["privacy", "erase", "--from", list.to_str().unwrap(), "--reason", "restored"]);
    assert_eq!((&erased["records"], &erased["unheld"], &erased["keys"]), (&json!(3), &json!(1), &json!(2)), "{erased}");
    assert_eq!(found(&fresh, MARK).len(), 3);
    let mut known = vec![inhabitant(1, "Zoé Marqueur"), inhabitant(77, "Zoé Marqueur")];
    known.extend((10..20).map(|id| inhabitant(id, "Ali Autre")));
    let run = sync(&fresh, "later.json", &json!(known));
    assert_eq!(run["outcome"], "SUCCEEDED", "{run}");
    let left = found(&fresh, MARK);
    assert!(!left.iter().any(|record| record == "1" || record == "77"), "{left:?}");
}

/// Copies a ledger with its log: a process that ended in a hurry may have left what it wrote there.
fn copied(from: &std::path::Path, to: &std::path::Path) {
    let log = |of: &std::path::Path| of.with_file_name(of.file_name().unwrap().to_str().unwrap().to_owned() + "-wal");
    let index = |of: &std::path::Path| of.with_file_name(of.file_name().unwrap().to_str().unwrap().to_owned() + "-shm");
    for stale in [log(to), index(to)] {
        let _ = fs::remove_file(stale);
    }
    fs::copy(from, to).unwrap();
    if log(from).exists() {
        fs::copy(log(from), log(to)).unwrap();
    }
}

#[test]
fn a_ledger_restored_from_a_copy_does_not_keep_a_newer_workroom_from_erasing() {
    let program = program(None);
    scattered(&program);
    let (ledger, copy) = (program.path("state/ledger.sqlite"), program.path("ledger.copy"));
    copied(&ledger, &copy);
    told(&program, &["privacy", "erase", "persons", "1", "--reason", "demande n° 14"]);
    copied(&copy, &ledger);
    let erased = told(&program, &["privacy", "erase", "persons", "2", "--reason", "demande n° 15"]);
    assert_eq!((&erased["records"], &erased["keys"]), (&json!(1), &json!(1)), "of the same version as the lost one");
    let left = found(&program, MARK);
    assert!(!left.iter().any(|record| record == "1" || record == "2"), "{left:?}");
}

#[test]
fn a_mistake_erases_nothing_and_is_told() {
    let program = program(None);
    assert_eq!(run(&program, &["privacy", "report"]).status.code(), Some(1), "no ledger is made by asking");
    scattered(&program);
    for (arguments, said) in [
        (&["privacy", "erase", "persons", "1", "99", "--reason", "x"][..], "has no record « 99 »"),
        (&["privacy", "erase", "persons", "1", "--reason", "  "], "say why"),
        (&["privacy", "erase", "autre", "1", "--reason", "x"], "autre has no record"),
        (&["privacy", "find", "é-"], "at least three"),
    ] {
        let output = run(&program, arguments);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && text.contains(said), "{arguments:?}: {text}");
    }
    for arguments in [&["privacy", "erase", "persons", "--reason", "x"][..], &["privacy", "erase", "persons", "1"]] {
        assert_eq!(run(&program, arguments).status.code(), Some(2), "{arguments:?}");
    }
    assert_eq!(found(&program, MARK).len(), 5);
}

/// Erasing destroys keys: where nothing was sealed there is none, and whoever asks must not be told that it is done.
#[test]
fn what_stands_in_clear_is_not_said_to_be_erased() {
    let program = program(None);
    scattered(&program);
    let list = "nomAttribuant;idAttribuant;dateConvention;referenceDecision;nomBeneficiaire;idBeneficiaire;objet;montant;nature;\
                conditionsVersement;datesPeriodeVersement;idRAE;notificationUE;pourcentageSubvention\n\
                Region;20005374200017;2025-02-01;DEC1;ASSOCIATION DES HABITANTS;33333333300017;Aide;30000;aide en numéraire;unique;;;non;1\n";
    let file = program.file("scdl.csv", list.as_bytes());
    let synced = program.run(&["sync", "region-droit-commun", "--from", file.to_str().unwrap(), "--json"]);
    assert_eq!(synced.status.code(), Some(0), "{synced:?}");
    let clear = "DEC1/2025-02-01/33333333300017";
    let version = told(&program, &["ledger", "verify"])["version"].clone();
    let refused = run(&program, &["privacy", "erase", "region-droit-commun", clear, "--reason", "demande n° 16"]);
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && text.contains("holds no sealed field"), "{refused:?}");
    assert_eq!(told(&program, &["ledger", "verify"])["version"], version, "the ledger says nothing of it");

    let found = run(&program, &["privacy", "find", "association des habitants"]);
    let text = String::from_utf8_lossy(&found.stdout).into_owned();
    assert!(text.contains("sealed fields alone, of persons"), "{text}");

    let list = format!("source,record\nregion-droit-commun,{clear}\npersons,1\n");
    let list = program.file("erasures.csv", list.as_bytes());
    let erased =
        run(&program, &["privacy", "erase", "--from", list.to_str().unwrap(), "--reason", "restored", "--json"]);
    assert_eq!(erased.status.code(), Some(3), "{erased:?}");
    let erased: Value = serde_json::from_slice(&erased.stdout).unwrap();
    assert_eq!(
        (&erased["records"], &erased["inClear"], &erased["keys"]),
        (&json!(1), &json!(1), &json!(1)),
        "{erased}"
    );
}

/// Published lists of grants must name no natural person, and do: one whose name says so itself is protected like any other.
#[test]
fn a_list_of_grants_keeps_no_name_that_says_itself_that_it_is_a_persons() {
    let program = program(None);
    let header = "nomAttribuant;idAttribuant;dateConvention;referenceDecision;nomBeneficiaire;idBeneficiaire;objet;montant;nature;\
                  conditionsVersement;datesPeriodeVersement;idRAE;notificationUE;pourcentageSubvention";
    let row = |number: u32, name: &str, siret: &str, amount: &str| {
        format!(
            "Region;20005374200017;2025-02-01;DEC{number};{name};{siret};Aide;{amount};aide en numéraire;unique;;;non;1"
        )
    };
    let mut rows = vec![header.to_owned()];
    rows.push(row(1, &format!("Mme {MARK} Jeanne"), "", "30000"));
    rows.push(row(2, &format!("Monsieur {MARK} Paul (EI)"), "38047555800058", "25000"));
    rows.push(row(3, &format!("M. {MARK} Ali"), "", "beaucoup"));
    rows.extend((4..14).map(|number| row(number, "ASSOCIATION", "33333333300017", "24000")));
    let file = program.file("scdl.csv", rows.join("\n").as_bytes());
    let synced = program.run(&["sync", "region-droit-commun", "--from", file.to_str().unwrap(), "--json"]);
    assert_eq!(synced.status.code(), Some(0), "{synced:?}");
    nothing_holds(&program, MARK.as_bytes(), "a name");
    nothing_holds(&program, b"380475558", "the number of a sole trader");
    let records = found(&program, MARK);
    assert_eq!(records.len(), 3, "{records:?}");
    assert!(records.iter().all(|key| key.contains("/2025-02-01/person:")), "{records:?}");
    let mut erase = vec!["privacy", "erase", "region-droit-commun"];
    erase.extend(records.iter().map(String::as_str));
    erase.extend(["--reason", "demande n° 17"]);
    let erased = told(&program, &erase);
    assert_eq!((&erased["records"], &erased["keys"]), (&json!(3), &json!(3)), "{erased}");
    assert!(found(&program, MARK).is_empty());
}

#[test]
fn nothing_is_due_before_its_day_and_the_report_says_what_is_held() {
    let program = program(Some("P1D"));
    scattered(&program);
    let report = told(&program, &["privacy", "report"]);
    let source = &report["sources"][0];
    assert_eq!(
        (&source["keep"], &source["due"], &source["records"]),
        (&json!("P1D"), &json!(0), &json!(14)),
        "{report}"
    );
    assert_eq!(source["fields"], json!(["porteur.nom", "porteur.siret", "contact"]));
    assert_eq!(source["batchesHeld"], 1);
    let table = String::from_utf8(run(&program, &["privacy", "report"]).stdout).unwrap();
    let (header, row) = (table.lines().next().unwrap(), table.lines().nth(1).unwrap());
    let at = header.find("waiting batches").unwrap_or_else(|| panic!("as --json tells them: {table}"));
    assert_eq!(row[at..].split_whitespace().next(), Some("1"), "{table}");
    assert_eq!(told(&program, &["privacy", "expire"])["records"], 0, "nothing is due on the day itself");
    assert_eq!(run(&program, &["privacy", "report"]).status.code(), Some(0));
}

/// Keys, staged records and messages to receivers are nobody else's business, whatever the umask says.
#[cfg(unix)]
/// The source numbers its records anew: the record is the same one, and what was erased of it does not come back under the new key.
#[test]
fn what_was_erased_does_not_come_back_under_another_key() {
    let program = program(None);
    let records = |first: u32| -> Value {
        let name = |id: u32| format!("{MARK}{}", char::from_u32(96 + id).unwrap());
        let one = |id: u32| {
            let mut record = inhabitant(id, &name(id));
            record["id"] = json!(if id == 1 { first } else { id });
            record["montant"] = json!(500 + 7 * id);
            record
        };
        (1..=12).map(one).collect()
    };
    assert_eq!(sync(&program, "a.json", &records(1))["outcome"], "SUCCEEDED");
    assert_eq!(found(&program, &format!("{MARK}a")), ["1"]);
    told(&program, &["privacy", "erase", "persons", "1", "--reason", "demande n° 16"]);
    let run = sync(&program, "b.json", &records(101));
    assert_eq!(
        (&run["outcome"], &run["counts"]["added"], &run["counts"]["gone"]),
        (&json!("SUCCEEDED"), &json!(1), &json!(1)),
        "{run}"
    );
    assert_eq!(run["findings"][0]["kind"], "RECORDS_RENUMBERED", "{run}");
    assert_eq!(found(&program, &format!("{MARK}a")), Vec::<String>::new());
    assert_eq!(found(&program, &format!("{MARK}b")), ["2"]);
    let report = told(&program, &["privacy", "report"]);
    assert_eq!(report["sources"][0]["erasedOnRequest"], 2, "{report}");
    // Whoever asks later is erased under the key of before, too.
    let renamed: Value = records(101)
        .as_array()
        .unwrap()
        .iter()
        .cloned()
        .map(|mut record| {
            if record["id"] == 2 {
                record["id"] = json!(102);
            }
            record
        })
        .collect();
    sync(&program, "c.json", &renamed);
    told(&program, &["privacy", "erase", "persons", "102", "--reason", "demande n° 17"]);
    assert_eq!(found(&program, &format!("{MARK}b")), Vec::<String>::new());
}

#[test]
fn the_workroom_and_its_spools_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let program = program(None);
    scattered(&program);
    let held = files(&program.path("state/workroom"));
    let names = |end: &str| held.iter().any(|path| path.to_str().unwrap().ends_with(end));
    assert!(names("workroom.sqlite") && names(".spool"), "{held:?}");
    for path in held {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
}
