//! A new connector's folder, to be filled in.

use super::load::{MANIFEST_FILE, folders};
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
    let named = |what: &str, word: &str| {
        let told = format!("{what} « {word} »: lower case letters, digits and hyphens are expected, 64 at most");
        SourceId::parse(word).map(drop).map_err(|_| ScaffoldError::Word(told))
    };
    named("the folder of the family", family_folder)?;
    named("the id", id)?;
    let (driver, sample_name, sample) = match kind {
        "delimited" => (
            "kind = \"delimited\"\nbase = \"https://systeme.example/\"\npath = \"export.csv\"",
            "sample.csv",
            SAMPLE_CSV,
        ),
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
    // In another family as well: two folders of one id would be read as one source.
    let same = |there: &PathBuf| there.file_name() == folder.file_name();
    let there = folders(root).unwrap_or_default().into_iter().find(same);
    if let Some(there) = there.or_else(|| folder.exists().then(|| folder.clone())) {
        return Err(ScaffoldError::There(there));
    }
    std::fs::create_dir_all(&folder).map_err(|cause| ScaffoldError::Io { path: folder.clone(), cause })?;
    let manifest = MANIFEST.replace("{id}", id).replace("{driver}", driver);
    for (name, text) in [(MANIFEST_FILE, manifest.as_str()), (sample_name, sample)] {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|cause| ScaffoldError::Io { path, cause })?;
    }
    Ok(folder)
}

const MANIFEST: &str = r#"# The vocabulary stands in connectors/README.md. What is marked TO DO is a guess of the program: replace it, or take the line out.
# Then: `passerelle connector preview {id} --from FILE`, `passerelle connector check {id} --update`, and read what was written.
id = "{id}"
# TO DO: the family of credits: NPNRU, DROIT_COMMUN, FONDS_EUROPEENS, POLITIQUE_DE_LA_VILLE, PARTENAIRES.
family = "DROIT_COMMUN"
# TO DO: what people call the source.
title = "À compléter"
# TO DO: a list that the funder publishes is a publication; its own database is a system-of-record.
standing = "publication"
# TO DO: how often it is read; without it, only when somebody asks. And from which age on its sums are out of date.
# every = "P1D"
# max-age = "P7D"

# TO DO: whose own word the source is. Without it, every sum is only reported, and none is known.
# [[speaks-for]]
# funder = "siren:200053742"

[driver]
# TO DO: where it is read.
{driver}

[map]
# TO DO: what tells a record from all others, for ever: several fields where one is not enough, key = ["numero", { from = "exercice", as = "year" }].
key = "numero"
# TO DO: what is read again as a whole, where a file holds one year of several. Without it, whatever a read does not bring is gone.
# partition = { from = "date", as = "date-year" }, or { from = "exercice", as = "year" }

[map.project]
title = "intitule"
holder = { siret = "siret" }

[[map.statement]]
# TO DO: who pays: a constant only where every record has the same funder.
funder = { value = "siren:200053742" }
# TO DO: a constant only where no record is a loan, work in kind, an abatement.
form = { value = "SUBVENTION" }
# TO DO: a constant only where every record stands at the same stage; `values` reads it from a column.
stage = { value = "ATTRIBUE" }
# TO DO: INVESTISSEMENT or FONCTIONNEMENT, only where the source says so. It is never guessed.
# nature = { from = "section", values = { "I" = "INVESTISSEMENT", "F" = "FONCTIONNEMENT" } }
amount = "montant"
# TO DO: the year of the budget.
# year = { from = "date", as = "date-year" }
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
