//! Connectors are data: every folder is its own golden test, every mistake in a manifest a file with its message.
//!
//! `UPDATE=1 cargo test --test connectors` writes the golden files anew; read them before they are committed.

#[path = "connectors/granted.rs"]
mod granted;
#[path = "connectors/lines.rs"]
mod lines;
#[path = "connectors/nobody.rs"]
mod nobody;
#[path = "connectors/reshape.rs"]
mod reshape;
#[path = "connectors/totals.rs"]
mod totals;

use passerelle::connector::check::{Checking, FolderCheck, check_all};
use passerelle::connector::load::{load_all, load_files};
use passerelle::connector::reshape::Runner;
use passerelle::connector::scaffold;
use passerelle::connector::{Connector, schema};
use passerelle::net::{Hosts, Net, NetSettings};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Reaches nothing: a check is offline.
fn no_net() -> Net {
    Net::new(NetSettings { hosts: Hosts::Only(BTreeSet::new()), ..NetSettings::default() }).expect("a client")
}

/// The gateway, which runs the jq programs.
fn runner() -> Runner {
    Runner::new(env!("CARGO_BIN_EXE_passerelle"))
}

fn how(net: &Net, update: bool) -> Checking<'_> {
    Checking { net, runner: runner(), update }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[expect(clippy::disallowed_methods, reason = "golden files are written anew on a developer's demand")]
fn update() -> bool {
    std::env::var_os("UPDATE").is_some()
}

async fn sound(folder: &Path) -> Vec<FolderCheck> {
    let checks = check_all(folder, &[], &how(&no_net(), update())).await.expect("the folder is readable");
    let problems: Vec<String> = checks.iter().flat_map(|check| check.problems.clone()).collect();
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
    checks
}

#[tokio::test]
async fn every_connector_reads_its_sample_as_expected() {
    let checks = sound(&root().join("connectors")).await;
    for check in checks {
        assert!(check.accepted > 0, "{}: no record of the sample is accepted", check.folder.display());
    }
}

#[tokio::test]
async fn every_case_of_mapping_gives_what_is_written() {
    let checks = sound(&root().join("tests/connector_cases")).await;
    assert!(checks.len() >= 6, "the cases were not found");
}

#[test]
fn every_mistake_in_a_manifest_is_told_with_its_place() {
    let mut cases = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(root().join("tests/connector_errors")).expect("the cases are there") {
        let path = entry.expect("a readable folder").path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        cases += 1;
        let text = std::fs::read_to_string(&path).expect("a readable case");
        let actual = match Connector::parse("connector.toml", "cas", &text) {
            Ok(_) => "no mistake was found\n".to_owned(),
            Err(error) => format!("{error}\n"),
        };
        let golden = path.with_extension("txt");
        if update() {
            std::fs::write(&golden, &actual).expect("a writable folder");
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        if actual != expected {
            wrong.push(format!("{}:\n--- written\n{expected}--- told\n{actual}", path.display()));
        }
    }
    assert!(cases >= 12, "the cases were not found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_example_of_the_readme_compiles() {
    let readme = std::fs::read_to_string(root().join("connectors/README.md")).expect("the page is there");
    let example = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    if let Err(error) = Connector::parse("README.md", "region-ftu", example) {
        panic!("{error}");
    }
}

#[tokio::test]
async fn a_new_folder_is_sound_from_the_start() {
    for kind in ["delimited", "http-json", "sql"] {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let folder = scaffold::new(directory.path(), "droit-commun", "nouveau", kind).expect("a new folder");
        let checks = check_all(directory.path(), &[], &how(&no_net(), true)).await.expect("readable");
        assert_eq!((checks[0].accepted, checks[0].rejected, &checks[0].problems), (1, 1, &Vec::new()), "{kind}");
        assert!(scaffold::new(directory.path(), "droit-commun", "nouveau", kind).is_err(), "never overwritten");
        assert_eq!(load_all(directory.path()).connectors.len(), 1);
        assert!(folder.join("rejected.json").is_file());
    }
    assert!(scaffold::new(Path::new("."), "..", "x", "sql").is_err());
}

#[tokio::test]
async fn a_column_that_no_record_of_the_sample_has_is_a_mistake() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let folder = scaffold::new(directory.path(), "droit-commun", "nouveau", "delimited").expect("a new folder");
    let path = folder.join("connector.toml");
    let manifest = std::fs::read_to_string(&path).expect("readable");
    let map = manifest.find("[[map.statement]]").expect("a sum");
    let amount = manifest[map..].lines().find(|line| line.starts_with("amount")).expect("an amount");
    let misspelt = manifest.replace(amount, "amount = \"montantt\"\ndecided-on = \"dateConvenion\"");
    std::fs::write(&path, &misspelt).expect("writable");
    let checks = check_all(directory.path(), &[], &how(&no_net(), true)).await.expect("readable");
    let told = checks[0].problems.join("\n");
    assert!(told.contains("[map.statement.0.amount]: no record of the sample has `montantt`"), "{told}");
    assert!(told.contains("[map.statement.0.decided-on]: no record of the sample has `dateConvenion`"), "{told}");
    let foreseen = misspelt.replace("\"dateConvenion\"", "{ from = \"dateConvenion\", default = \"2026-01-01\" }");
    std::fs::write(&path, foreseen).expect("writable");
    let checks = check_all(directory.path(), &[], &how(&no_net(), true)).await.expect("readable");
    assert_eq!(checks[0].problems.len(), 1, "a default provides for what is absent: {:?}", checks[0].problems);
}

#[test]
fn one_broken_connector_does_not_stop_the_others_and_no_id_comes_twice() {
    let manifest = |id: &str| {
        format!(
            "id = \"{id}\"\ntitle = \"T\"\nstanding = \"publication\"\ndriver = {{ kind = \"delimited\", path = \"x.csv\" }}\n\
             [map]\nkey = \"a\"\n[map.reference]\ntable = \"departement\"\ncode = \"a\"\nname = \"b\"\n"
        )
    };
    let (one, other) = (manifest("un"), manifest("deux"));
    let files: [(&str, &[u8]); 5] = [
        ("f/un/connector.toml", one.as_bytes()),
        ("g/un/connector.toml", one.as_bytes()),
        ("f/deux/connector.toml", other.as_bytes()),
        ("f/trois/connector.toml", b"id = 3"),
        ("f/trois/sample.csv", b"\xff"),
    ];
    let loaded = load_files(files);
    let ids: Vec<&str> = loaded.connectors.iter().map(|connector| connector.id().as_str()).collect();
    assert_eq!(ids, ["deux", "un"]);
    assert_eq!(loaded.errors.len(), 2, "{:?}", loaded.errors);
}

#[test]
fn the_digest_changes_with_the_map_alone() {
    let text =
        std::fs::read_to_string(root().join("tests/connector_cases/odd/reshaped/connector.toml")).expect("a case");
    let digest = |text: &str| Connector::parse("x", "reshaped", text).expect("sound").mapping_digest();
    let before = digest(&text);
    assert_eq!(digest(&text.replace("# ", "## ")), before, "a comment changes nothing");
    assert_eq!(digest(&text.replace("PT6H", "PT7H")), before, "how often it is read changes nothing");
    assert_ne!(digest(&text.replace("title = \"intitule\"", "title = \"autre\"")), before);
    assert_ne!(digest(&text.replace(".operations[]", ".operations[0:9][]")), before);
}

#[test]
fn the_schema_names_every_word() {
    let schema = schema::connector_schema();
    for word in
        ["vanish-limit-percent", "next-link", "period-start", "npnru-link", "person-when", "POLITIQUE_DE_LA_VILLE"]
    {
        assert!(schema.contains(word), "{word}");
    }
}
