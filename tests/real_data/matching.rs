//! The matcher on real projects: the State's grants of 2019 are published twice, as a CSV of the region and as a national
//! workbook. Without the number that both carry, what they say of holder, title, place, sums and cost must do.

use super::program::Program;
use serde_json::{Value, json};
use std::path::Path;

const CSV: &str = "droit-commun/etat-dotations";
const WORKBOOK: &str = "droit-commun/etat-dotations-2019";

/// A directory of connectors, in which the workbook's carries no number to share.
fn connectors(program: &Program) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("connectors");
    for name in [CSV, WORKBOOK, "references/communes", "references/epci", "references/departements"] {
        let text = std::fs::read_to_string(root.join(name).join("connector.toml")).unwrap();
        let kept: Vec<&str> =
            text.lines().filter(|line| name != WORKBOOK || !line.starts_with("references = ")).collect();
        assert_eq!(kept.len() < text.lines().count(), name == WORKBOOK, "{name}");
        let folder = program.path("connectors").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("connector.toml"), kept.join("\n")).unwrap();
    }
    program.path("connectors").to_str().unwrap().to_owned()
}

/// 2 568 projects of the region, each in both: the key is the number that the matcher does not see.
#[test]
fn real_grants_published_twice_are_joined_without_their_number() {
    let Some(folder) = super::folder() else { return };
    let program = Program::new();
    let connectors = connectors(&program);
    let sync = |source: &str, file: &str| {
        let file = folder.join(file);
        let run = program.json(&["sync", source, "--from", file.to_str().unwrap(), "--connectors", &connectors]);
        assert_eq!(run[0]["outcome"], "SUCCEEDED", "{run}");
    };
    sync("communes", "territoires/hdf_communes.csv");
    sync("epci", "territoires/hdf_epci.csv");
    sync("departements", "territoires/hdf_departements.json");
    sync("etat-dotations", "droit_commun/hdf_dotations_investissement_2019.csv");
    sync("etat-dotations-2019", "droit_commun/dgcl_anct_dotations_investissement_2019.xlsx");
    let listed = program.json(&["match", "identifiers", "etat-dotations"]);
    let of_both = |record: &Value| {
        let known = |source: &str| json!({"source": source, "key": record["key"]});
        let both = ["etat-dotations", "etat-dotations-2019"].map(known);
        json!({"records": both})
    };
    let projects: Vec<Value> = listed.as_array().unwrap().iter().map(of_both).collect();
    assert_eq!(projects.len(), 2_568);
    let truth = program.file("truth.json", json!({"projects": projects}).to_string().as_bytes());
    let found = program.json(&["match", "evaluate", "--truth", truth.to_str().unwrap()]);
    println!("{found}");
    assert_eq!((&found["right"], &found["certain"]), (&2_568.into(), &json!([0, 0])), "{found}");
    assert!(found["precision"].as_f64().unwrap() >= 0.999, "{found}");
    assert!(found["recall"].as_f64().unwrap() >= 0.95, "{found}");
}
