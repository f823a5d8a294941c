//! A real dossier of a form of DETR and DSIL (a test one, published by another importer), as the API answers it.

use super::folder;
use super::program::Program;
use serde_json::{Value, json};

#[test]
fn a_real_dossier_says_its_sum_its_scheme_and_its_days_and_keeps_nobodys_name() {
    let Some(folder) = folder() else { return };
    let text = std::fs::read(folder.join("exports_si/demarches_simplifiees_dossiers_detr_dsil.json")).unwrap();
    let dossier: Value = serde_json::from_slice(&text).unwrap();
    let page = json!({"hasNextPage": false, "endCursor": null});
    let answer = json!({"data": {"demarche": {"dossiers": {"pageInfo": page, "nodes": [dossier]}}}});
    let program = Program::new();
    let file = program.file("dossiers.json", answer.to_string().as_bytes());
    let read = program.json(&["connector", "preview", "demarche-numerique", "--from", file.to_str().unwrap()]);
    let record = &read["records"][0];
    let facts = &record["mapped"]["accepted"]["facts"];
    assert_eq!(facts["project"]["starts_on"], "2025-01-15", "{record:#}");
    assert_eq!(facts["project"]["ends_on"], "2025-05-16");
    assert_eq!(facts["project"]["budget"], json!({"non_precise": "256888.00", "tax_basis": "HT"}));
    let sum = &facts["statements"][0];
    assert_eq!(
        (&sum["amount"], &sum["stage"], &sum["dispositif"]),
        (&json!("2349.90"), &json!("SOLLICITE"), &json!("DETR"))
    );
    assert_eq!(facts["statements"].as_array().unwrap().len(), 1, "nothing is decided");
    // Persons of the applicant, of the prefecture, of the form: their names, addresses, telephones.
    assert!(answer.to_string().contains("Gulhar"), "the file names somebody");
    for kept in ["Gulhar", "Alban", "01 23 45 67 89", "example.net", "Le-Maire"] {
        assert!(!read.to_string().contains(kept), "{kept} is kept: {record:#}");
    }
}
