//! A new connector's folder, to be filled in.

use super::load::MANIFEST_FILE;
use crate::domain::text::SourceId;
use std::path::{Path, PathBuf};

/// Why a folder cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ScaffoldError {
    /// No identifier, or no kind of driver.
    #[error("{0}")]
    Word(String),
    /// The folder is there already.
    #[error("{0} is there already; choose another id, or edit it")]
    There(PathBuf),
    /// The system refuses.
    #[error("{path}: {cause}; check the rights on the folder")]
    Io {
        /// What was written.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
}

/// Makes `<root>/<family folder>/<id>/` with a manifest that compiles and a sample of two records, for a source read by
/// a driver of the kind `kind`. Gives the folder.
///
/// # Errors
/// A word that is no id or kind, a folder that is there already, a refusal of the system.
pub fn new(root: &Path, family_folder: &str, id: &str, kind: &str) -> Result<PathBuf, ScaffoldError> {
    for word in [family_folder, id] {
        SourceId::parse(word).map_err(|error| ScaffoldError::Word(error.to_string()))?;
    }
    let (driver, sample_name, sample) = match kind {
        "delimited" => {
            ("kind = \"delimited\"\npath = \"https://systeme.example/export.csv\"", "sample.csv", SAMPLE_CSV)
        }
        "http-json" => (
            "kind = \"http-json\"\nbase = \"https://systeme.example/api/\"\nurl = \"v1/projets\"\nrecords = \"/data\"",
            "sample.json",
            SAMPLE_JSON,
        ),
        "sql" => (
            "kind = \"sql\"\nurl = \"sqlite:systeme.sqlite\"\nquery = \"SELECT numero, intitule, siret, montant FROM projet\"",
            "sample.sql",
            SAMPLE_SQL,
        ),
        "spreadsheet" => {
            let hint = "a spreadsheet's sample is a workbook: begin with delimited, then change the driver";
            return Err(ScaffoldError::Word(hint.to_owned()));
        }
        other => {
            return Err(ScaffoldError::Word(format!("unknown kind « {other} »; allowed: delimited, http-json, sql")));
        }
    };
    let folder = root.join(family_folder).join(id);
    if folder.exists() {
        return Err(ScaffoldError::There(folder));
    }
    std::fs::create_dir_all(&folder).map_err(|cause| ScaffoldError::Io { path: folder.clone(), cause })?;
    let manifest = MANIFEST.replace("{id}", id).replace("{driver}", driver);
    for (name, text) in [(MANIFEST_FILE, manifest.as_str()), (sample_name, sample)] {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|cause| ScaffoldError::Io { path, cause })?;
    }
    Ok(folder)
}

const MANIFEST: &str = r#"# The vocabulary stands in connectors/README.md. Write the golden files with `passerelle connector check --update ID`, then read them.
id = "{id}"
family = "DROIT_COMMUN"
title = "À compléter"
standing = "publication"

[driver]
{driver}

[map]
key = "numero"

[map.project]
title = "intitule"
holder = { siret = "siret" }

[[map.statement]]
funder = { value = "siren:200053742" }
form = { value = "SUBVENTION" }
stage = { value = "ATTRIBUE" }
amount = "montant"
"#;

const SAMPLE_CSV: &str =
    "numero;intitule;siret;montant\n1;Un projet;23350001600040;1 234,50 €\n2;Un autre;;environ 500\n";
const SAMPLE_JSON: &str = r#"{ "data": [
  { "numero": "1", "intitule": "Un projet", "siret": "23350001600040", "montant": 1234.50 },
  { "numero": "2", "intitule": "Un autre", "siret": null, "montant": "environ 500" }
] }
"#;
const SAMPLE_SQL: &str = "CREATE TABLE projet (numero TEXT, intitule TEXT, siret TEXT, montant TEXT);
INSERT INTO projet VALUES ('1', 'Un projet', '23350001600040', '1234.50'), ('2', 'Un autre', NULL, 'environ 500');
";
