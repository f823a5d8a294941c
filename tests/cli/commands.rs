//! The other commands.

use super::program::{Program, grant};
use sea_orm::{ConnectionTrait as _, Database};

#[test]
fn a_changed_byte_is_found_and_the_exit_code_says_so() {
    let program = Program::new();
    program.sync(&program.scdl("a.csv", &[grant("A", "2025-01-05", "30000")]));
    let report = program.json(&["ledger", "verify"]);
    assert_eq!((&report["sound"], &report["version"]), (&true.into(), &1.into()), "{report}");
    let url = format!("sqlite://{}?mode=rwc", program.path("state/ledger.sqlite").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let db = Database::connect(url).await.unwrap();
        let change = "UPDATE record_version SET facts = replace(facts, '30000', '30001')";
        assert!(db.execute_unprepared(change).await.is_err(), "a row cannot be changed");
        let triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'record_version'";
        let names =
            db.query_all_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, triggers)).await.unwrap();
        assert!(!names.is_empty());
        for name in names {
            let name: String = name.try_get_by_index(0).unwrap();
            db.execute_unprepared(&format!("DROP TRIGGER \"{name}\"")).await.unwrap();
        }
        db.execute_unprepared(change).await.unwrap();
    });
    let output = program.run(&["ledger", "verify"]);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
}

#[test]
fn a_state_directory_that_holds_no_ledger_is_not_made_one_by_looking() {
    let program = Program::new();
    for command in [&["sources"][..], &["ledger", "verify"], &["ledger", "log"]] {
        assert_eq!(program.run(command).status.code(), Some(1), "{command:?}");
    }
    assert!(!program.path("state/ledger.sqlite").exists());
}

#[test]
fn tokens_are_signed_by_a_key_of_the_state_directory() {
    let (one, other) = (Program::new(), Program::new());
    let token = one.json(&["token", "--role", "ADMIN"])["token"].as_str().unwrap().to_owned();
    assert_eq!(token.split('.').count(), 3);
    assert_eq!(one.run(&["token", "--role", "KING"]).status.code(), Some(2));
    one.json(&["token", "--role", "COMMITTEE", "--contrat", "CN05911M"]);
    for lacking in ["COMMITTEE", "PARTNER"] {
        assert_eq!(one.run(&["token", "--role", lacking]).status.code(), Some(1), "{lacking} of nothing");
    }
    other.json(&["token", "--role", "ADMIN"]);
    let key = |program: &Program| std::fs::read_to_string(program.path("state/token.key")).unwrap();
    assert_ne!(key(&one), key(&other), "the key is random");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(one.path("state/token.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "nobody else reads the key");
    }
}

#[test]
fn every_connector_of_the_repository_is_green_and_a_new_one_begins_green() {
    let program = Program::new();
    let checks = program.json(&["connector", "check"]);
    let listed = program.json(&["connector", "list"]);
    let listed = listed.as_array().unwrap();
    assert!(listed.len() > 30 && listed.iter().all(|one| one["golden"] == "ok"), "{listed:#?}");
    for check in checks.as_array().unwrap() {
        assert_eq!(check["green"], true, "{check}");
    }
    let root = program.path("connectors");
    std::fs::create_dir_all(&root).unwrap();
    let at = root.to_str().unwrap();
    assert_eq!(program.run(&["connector", "new", "mon-systeme", "--connectors", at]).status.code(), Some(0));
    let begun = program.run(&["connector", "check", "mon-systeme", "--connectors", at]);
    assert_eq!(begun.status.code(), Some(0), "green from the start: {begun:?}");
    let again = program.run(&["connector", "new", "mon-systeme", "--family", "region", "--connectors", at]);
    assert!(again.status.code() != Some(0), "two folders of one id would be one source: {again:?}");
    assert!(String::from_utf8_lossy(&again.stderr).contains("partenaires/mon-systeme is there already"), "{again:?}");
    let output = program.run(&["connector", "check", "--update", "--connectors", at]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let output = program.run(&["connector", "check", "--connectors", at]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn the_first_connector_makes_its_directory() {
    let program = Program::new();
    let begin = |id: &str| {
        std::process::Command::new(env!("CARGO_BIN_EXE_passerelle"))
            .current_dir(program.path(""))
            .args(["connector", "new", id])
            .output()
            .unwrap()
    };
    let begun = begin("mon-systeme");
    assert_eq!(begun.status.code(), Some(0), "{begun:?}");
    assert!(program.path("connectors/partenaires/mon-systeme/connector.toml").is_file());
    assert_eq!(begin("un-autre").status.code(), Some(0));
}

/// A program with the folder that it makes of a new connector, and where.
fn begun() -> (Program, std::path::PathBuf) {
    let program = Program::new();
    let root = program.path("connectors");
    std::fs::create_dir_all(&root).unwrap();
    program.run(&["connector", "new", "mon-systeme", "--connectors", root.to_str().unwrap()]);
    (program, root)
}

#[test]
fn a_column_that_was_chosen_wrongly_is_told_although_the_folder_is_green() {
    let (program, root) = begun();
    let at = root.to_str().unwrap();
    let folder = root.join("partenaires/mon-systeme");
    let manifest = std::fs::read_to_string(folder.join("connector.toml")).unwrap();
    for word in ["TO DO", "base =", "[[speaks-for]]", "partition ="] {
        assert!(manifest.contains(word), "{word}: {manifest}");
    }
    let wrong = manifest.replace("[map.project]", "partition = \"numero\"\n[map.project]\nyear = \"jour\"");
    std::fs::write(folder.join("connector.toml"), wrong).unwrap();
    let rows: String = (10..22).map(|day| format!("{day};Projet;23350001600040;0,{day};2026-03-{day}\n")).collect();
    std::fs::write(folder.join("sample.csv"), format!("numero;intitule;siret;montant;jour\n{rows}")).unwrap();
    let checks = program.json(&["connector", "check", "--update", "--connectors", at]);
    assert_eq!((&checks[0]["green"], &checks[0]["accepted"]), (&true.into(), &12.into()), "{checks}");
    let told = checks[0]["remarks"].to_string();
    for part in
        ["12 of the 12 records", "`year-unreadable` (field `jour`)", "12 partitions for 12", "none of the 12 amounts"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(
        (&checks[0]["sums"][0]["count"], &checks[0]["sums"][0]["total"]),
        (&12.into(), &"1.86".into()),
        "{checks}"
    );
    let sample = folder.join("sample.csv").display().to_string();
    let seen = ["connector", "preview", "mon-systeme", "--connectors", at, "--from", &sample, "--first", "12"];
    let previewed = program.json(&seen);
    assert_eq!((&previewed["remarks"], &previewed["sums"]), (&checks[0]["remarks"], &checks[0]["sums"]));
    let shown = program.run(&["connector", "check", "--connectors", at]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("look: 12 of the 12"), "{shown:?}");
}

/// The scope names one funder and the records another: all would load, and nothing would be known by it.
#[test]
fn a_word_that_no_record_falls_under_is_told() {
    let (program, root) = begun();
    let at = root.to_str().unwrap();
    let folder = root.join("partenaires/mon-systeme");
    let manifest = std::fs::read_to_string(folder.join("connector.toml")).unwrap();
    let rows: String = (10..22).map(|day| format!("{day};Projet;23350001600040;1{day},00;2026-03-{day}\n")).collect();
    std::fs::write(folder.join("sample.csv"), format!("numero;intitule;siret;montant;jour\n{rows}")).unwrap();
    let told = |funder: &str| {
        let scope = format!("[[speaks-for]]\nfunder = \"siren:{funder}\"");
        let written = manifest.replace("# [[speaks-for]]\n# funder = \"siren:200053742\"", &scope);
        assert_ne!(written, manifest);
        std::fs::write(folder.join("connector.toml"), written).unwrap();
        program.json(&["connector", "check", "--update", "--connectors", at])[0]["remarks"].to_string()
    };
    assert_eq!(told("200053742"), "[]");
    assert!(told("215905126").contains("[[speaks-for]] siren:215905126: none of the sums"), "{}", told("215905126"));
}

/// Each row states a share of a decision of which no other row is there: nothing tells what of the amount is its own.
#[test]
fn shares_that_nothing_settles_are_told() {
    let (program, root) = begun();
    let at = root.to_str().unwrap();
    let folder = root.join("partenaires/mon-systeme");
    let manifest = std::fs::read_to_string(folder.join("connector.toml")).unwrap();
    let part = "\npart = { share = { from = \"part\", as = \"share\" }, of = { from = \"decision\" } }\namount = ";
    std::fs::write(folder.join("connector.toml"), manifest.replacen("\namount = ", part, 1)).unwrap();
    let told = |decisions: u32| {
        let row = |day: u32| format!("{day};Projet;23350001600040;1{day},00;2026-03-{day};0,5;D{}\n", day % decisions);
        let rows: String = (10..22).map(row).collect();
        let header = "numero;intitule;siret;montant;jour;part;decision";
        std::fs::write(folder.join("sample.csv"), format!("{header}\n{rows}")).unwrap();
        program.json(&["connector", "check", "--update", "--connectors", at])[0]["remarks"].to_string()
    };
    assert!(told(100).contains("12 rows state a share"), "{}", told(100));
    assert!(!told(6).contains("rows state a share"), "{}", told(6));
}

#[test]
fn a_preview_stores_nothing() {
    let program = Program::new();
    let file = program.scdl("a.csv", &[grant("A", "2025-01-05", "30000"), grant("B", "2025-01-05", "illisible")]);
    let seen = program.json(&["connector", "preview", "region-droit-commun", "--from", file.to_str().unwrap()]);
    assert_eq!(seen["records"][0]["mapped"]["accepted"]["facts"]["statements"][0]["amount"], "30000.00", "{seen}");
    assert_eq!(seen["records"][1]["mapped"]["rejected"]["field"], "montant", "{seen}");
    assert!(!program.path("state/ledger.sqlite").exists());
}

/// What a source repeats of a secret is cut out of what is shown, as it is out of what is kept.
#[test]
fn a_preview_shows_no_secret() {
    let program = Program::new();
    let secret = program.file("cle", b"une-cle-secrete");
    let settings =
        format!("[sources.region-droit-commun]\nsecrets.cle = {{ file = {:?} }}\n", secret.to_str().unwrap());
    let settings = program.file("passerelle.toml", settings.as_bytes());
    let file = program.scdl("a.csv", &[grant("A", "2025-01-05", "30000"), grant("une-cle-secrete", "2025-01-05", "x")]);
    let at = ["--config", settings.to_str().unwrap(), "--from", file.to_str().unwrap()];
    let seen = program.json(&[&["connector", "preview", "region-droit-commun"][..], &at].concat()).to_string();
    assert!(seen.contains("Action ***") && !seen.contains("une-cle-secrete"), "{seen}");
    assert!(seen.contains("repeats in 1 record(s) a secret"), "{seen}");
}

/// The figures are taken by a command of the product: it runs to its end.
#[test]
fn a_small_bench_tells_its_figures() {
    let program = Program::new();
    let figures = program.json(&["bench", "--records", "200", "--statements", "0"]);
    assert!(figures["flat.to_the_commit"]["records_per_second"].as_u64().is_some_and(|rate| rate > 0), "{figures}");
    assert!(figures["authorise_us"].as_f64().is_some_and(|time| time > 0.0), "{figures}");
}
