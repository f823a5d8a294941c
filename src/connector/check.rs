//! The golden test of a connector's folder, offline: the sample is read by the real driver, reshaped, mapped, and
//! compared with `expected.json` and `rejected.json`.

use super::driver::settings::DriverSettings;
use super::driver::{Ask, Reading};
use super::load::{LoadError, folders, load};
use super::node::Node;
use super::preview::{Preview, Tally, preview};
use super::remarks::remarks;
use super::reshape::Runner;
use super::{Connector, Mapped};
use crate::domain::facts::Facts;
use crate::domain::message::Message;
use crate::domain::text::RecordKey;
use crate::net::Net;
use sea_orm::{ConnectionTrait as _, Database};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What the sample gives.
pub const EXPECTED_FILE: &str = "expected.json";
/// What is refused of the sample.
pub const REJECTED_FILE: &str = "rejected.json";
/// Records of a sample at most: a golden file is read by people.
pub const SAMPLE_RECORDS_MAX: usize = 500;

/// What became of one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderCheck {
    /// The folder.
    pub folder: PathBuf,
    /// Its connector's id, where the manifest could be read.
    pub id: Option<String>,
    /// Records accepted.
    pub accepted: usize,
    /// Records rejected, or not readable as records.
    pub rejected: usize,
    /// Records left out by the manifest's own filter.
    pub skipped: usize,
    /// What is wrong; empty: the folder is sound.
    pub problems: Vec<String>,
    /// What a person should look at: nothing is wrong in itself, but most of the sample reads oddly.
    pub remarks: Vec<String>,
    /// What the sums of the accepted records come to.
    pub tallies: Vec<Tally>,
    /// The golden files were written anew.
    pub updated: bool,
}

/// One accepted record, as it stands in `expected.json`.
#[derive(Debug, Serialize)]
struct Expected<'a> {
    key: &'a RecordKey,
    partition: &'a str,
    facts: &'a Facts,
}

/// One refused record, as it stands in `rejected.json`.
#[derive(Debug, Serialize)]
struct Rejected<'a> {
    location: String,
    key: Option<&'a str>,
    field: Option<&'a str>,
    code: &'a str,
    reason: &'a Message,
}

/// How folders are checked.
#[derive(Debug)]
pub struct Checking<'a> {
    /// Never used, but must be given to a driver: give one that reaches nothing.
    pub net: &'a Net,
    /// What runs the jq programs.
    pub runner: Runner,
    /// The golden files are written anew.
    pub update: bool,
}

/// Checks every folder below `root`, or only those whose name is in `only`.
///
/// # Errors
/// The root cannot be read.
pub async fn check_all(root: &Path, only: &[String], how: &Checking<'_>) -> Result<Vec<FolderCheck>, LoadError> {
    let mut checks = Vec::new();
    for folder in folders(root)? {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if only.is_empty() || only.contains(&name) {
            checks.push(check(&folder, how).await);
        }
    }
    let mut seen: BTreeMap<String, PathBuf> = BTreeMap::new();
    for check in &mut checks {
        let Some(id) = check.id.clone() else { continue };
        if let Some(first) = seen.insert(id.clone(), check.folder.clone()) {
            check.problems.push(format!("{} has the same id `{id}`; rename one of them", first.display()));
        }
    }
    Ok(checks)
}

/// Checks one folder.
pub async fn check(folder: &Path, how: &Checking<'_>) -> FolderCheck {
    let mut check = FolderCheck {
        folder: folder.to_owned(),
        id: None,
        accepted: 0,
        rejected: 0,
        skipped: 0,
        problems: Vec::new(),
        remarks: Vec::new(),
        tallies: Vec::new(),
        updated: false,
    };
    let connector = match load(folder) {
        Ok(connector) => connector.run_by(&how.runner),
        Err(error) => {
            check.problems.extend(error.to_string().lines().map(str::to_owned));
            return check;
        }
    };
    check.id = Some(connector.id().to_string());
    match sample(folder, &connector, how.net).await {
        Ok(preview) => {
            check.problems.extend(undated(&connector, &preview));
            check.problems.extend(connector.missed().map(|(word, names)| missed(word, &names)));
            check.remarks = remarks(&preview, &connector.profile.speaks_for);
            check.tallies = preview.tallies();
            compare(&preview, how.update, &mut check);
        }
        Err(problem) => check.problems.push(problem),
    }
    check
}

/// A sample none of whose records says when it changed: no increment would ever be read. What a program reshaped no
/// longer is what the driver read.
fn undated(connector: &Connector, preview: &Preview) -> Option<String> {
    let since = connector.since.as_ref().filter(|_| connector.manifest.reshape.is_none())?;
    let mut records = preview.records.iter().filter_map(|record| Node::parse_json(&record.read).ok());
    let from = &since.from;
    (!records.any(|record| since.is_told_by(&record))).then(|| {
        format!("[driver.since] from: no record of the sample says at `{from}` when it changed, as `as` reads it")
    })
}

/// A word of the map that finds nothing anywhere in the sample.
fn missed(word: &str, names: &[&str]) -> String {
    let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    format!("[{word}]: no record of the sample has {names}: mend the name, or show the field in the sample")
}

/// Reads the sample of a folder through the connector's own driver.
async fn sample(folder: &Path, connector: &Connector, net: &Net) -> Result<Preview, String> {
    let file = sample_file(folder)?;
    let database = match connector.settings() {
        DriverSettings::Sql(_) => {
            Some(fill_database(&file).await.map_err(|error| format!("{}: {error}", file.display()))?)
        }
        _ => None,
    };
    let place = match &database {
        Some(database) => format!("sqlite:{}", database.path().join(DATABASE).display()),
        None => file.display().to_string(),
    };
    let reading = Reading { net, base: None, place: Some(&place), ask: Ask::default() };
    let told = |error: Message| format!("{}: {}", file.display(), error.en);
    let preview = preview(connector, &reading, SAMPLE_RECORDS_MAX + 1).await.map_err(told)?;
    if preview.records.len() > SAMPLE_RECORDS_MAX {
        return Err(format!("{}: a sample has at most {SAMPLE_RECORDS_MAX} records", file.display()));
    }
    if preview.records.is_empty() && preview.broken.is_empty() {
        return Err(format!("{}: the sample holds no record", file.display()));
    }
    Ok(preview)
}

fn sample_file(folder: &Path) -> Result<PathBuf, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_stem().is_some_and(|stem| stem == "sample"))
        .collect();
    files.sort();
    match files.as_slice() {
        [file] => Ok(file.clone()),
        [] => Err(format!("{}: there is no sample.csv, .json, .xlsx or .sql", folder.display())),
        _ => Err(format!("{}: there must be one sample file, not {}", folder.display(), files.len())),
    }
}

/// The file of the temporary database.
const DATABASE: &str = "sample.sqlite";

/// A temporary database filled by the script; it lasts as long as the value.
async fn fill_database(script: &Path) -> Result<tempfile::TempDir, Box<dyn std::error::Error + Send + Sync>> {
    let directory = tempfile::tempdir()?;
    let script = std::fs::read_to_string(script)?;
    let database = Database::connect(format!("sqlite:{}?mode=rwc", directory.path().join(DATABASE).display())).await?;
    database.execute_unprepared(&script).await?;
    database.close().await?;
    Ok(directory)
}

fn compare(preview: &Preview, update: bool, check: &mut FolderCheck) {
    let (mut expected, mut rejected) = (Vec::new(), Vec::new());
    for record in &preview.records {
        match &record.mapped {
            Mapped::Accepted { key, partition, facts } => expected.push(Expected { key, partition, facts }),
            Mapped::Rejected { key, field, code, reason, .. } => rejected.push(Rejected {
                location: record.location.to_string(),
                key: key.as_deref(),
                field: field.as_deref(),
                code,
                reason,
            }),
            Mapped::Skipped { .. } => check.skipped += 1,
        }
    }
    rejected.extend(preview.broken.iter().map(|broken| Rejected {
        location: broken.location.to_string(),
        key: None,
        field: None,
        code: broken.code,
        reason: &broken.reason,
    }));
    (check.accepted, check.rejected) = (expected.len(), rejected.len());
    let mut twice: BTreeMap<&str, usize> = BTreeMap::new();
    let keys = expected.iter().map(|one| one.key.as_str()).chain(rejected.iter().filter_map(|one| one.key));
    keys.for_each(|key| *twice.entry(key).or_default() += 1);
    for (key, count) in twice.into_iter().filter(|(_, count)| *count > 1) {
        check.problems.push(format!("the key « {key} » comes {count} times in the sample: it identifies no record"));
    }
    golden(EXPECTED_FILE, &json(&expected), update, check);
    golden(REJECTED_FILE, &json(&rejected), update, check);
}

fn json(list: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(list).expect("facts hold texts, numbers and lists only");
    text.push('\n');
    text
}

fn golden(name: &str, actual: &str, update: bool, check: &mut FolderCheck) {
    let path = check.folder.join(name);
    let written = std::fs::read_to_string(&path).ok();
    if written.as_deref() == Some(actual) {
        return;
    }
    if update {
        match std::fs::write(&path, actual) {
            Ok(()) => check.updated = true,
            Err(error) => check.problems.push(format!("{}: {error}", path.display())),
        }
        return;
    }
    let problem = match written {
        None => {
            format!("{} is missing; write it with `passerelle connector check --update`, then read it", path.display())
        }
        Some(written) => {
            let line = written.lines().zip(actual.lines()).take_while(|(one, other)| one == other).count();
            let at = |text: &str| text.lines().nth(line).unwrap_or("(the end)").trim().to_owned();
            format!(
                "{}:{}: the sample now gives « {} », not « {} »",
                path.display(),
                line + 1,
                at(actual),
                at(&written)
            )
        }
    };
    check.problems.push(problem);
}
