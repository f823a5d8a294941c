//! Sources that a gateway has and that nobody has read yet.

use super::program::Program;
use super::served::{Served, pair, settings, token};
use serde_json::{Value, json};

const MANIFEST: &str = r#"
id = "guichet"
family = "POLITIQUE_DE_LA_VILLE"
title = "Guichet"
standing = "system-of-record"
[[speaks-for]]
funder = "siren:226200012"
[driver]
kind = "delimited"
base = "http://127.0.0.1/"
path = "liste.csv"
[map]
key = "id"
[map.project]
title = "titre"
[[map.statement]]
funder = { value = "siren:226200012" }
form = { value = "SUBVENTION" }
stage = { value = "ATTRIBUE" }
amount = "montant"
"#;

/// What a `serve` with these settings says of its sources: which each is, and for how many it speaks.
fn sources(program: &Program, more: &str) -> Value {
    let connectors = format!("connectors = {:?}\n", program.path("connectors").to_str().unwrap());
    let trusted = settings(program, r#""EdDSA""#, &[("ed", "1")]);
    let served = Served::start(program, &format!("{connectors}{trusted}{more}"));
    let answer = served.ask(&token(program, "ed", &[]), "{ sources { id reachable age speaksFor { id } } }");
    served.end();
    answer["sources"].clone()
}

#[test]
fn a_source_without_rhythm_speaks_for_its_funders_until_it_is_read_or_disabled() {
    let program = Program::new();
    pair(&program, "ed", &rcgen::PKCS_ED25519);
    let folder = program.path("connectors/essai/guichet");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("connector.toml"), MANIFEST).unwrap();
    let unread = json!([{"id": "guichet", "reachable": false, "age": null, "speaksFor": [{"id": "siren:226200012"}]}]);
    let idle = json!([{"id": "guichet", "reachable": false, "age": null, "speaksFor": []}]);
    let disabled = "[sources.guichet]\ndisabled = true\n";
    assert_eq!(sources(&program, disabled), json!([]), "it is no source of this gateway");
    assert_eq!(sources(&program, ""), unread);
    assert_eq!(sources(&program, ""), unread, "and after a restart");
    assert_eq!(sources(&program, disabled), idle, "nothing is awaited from it");
    assert_eq!(sources(&program, ""), unread);
    let other = MANIFEST.replace("226200012", "226000016");
    std::fs::write(folder.join("connector.toml"), other).unwrap();
    assert_eq!(sources(&program, "")[0]["speaksFor"], json!([{"id": "siren:226000016"}]), "as its manifest says");
}
