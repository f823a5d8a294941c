//! One record of a real file through a manifest: as it was read, and what became of it.

use passerelle::connector::preview::{Previewed, preview};
use passerelle::connector::reshape::Runner;
use passerelle::connector::{
    Connector, Mapped,
    driver::{Ask, Reading},
    load,
};
use passerelle::domain::facts::{Facts, ProjectFacts, StatementFacts};
use passerelle::net::{Net, NetSettings};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// More records than any of the files holds.
const RECORDS_MAX: usize = 100_000;

/// One record of a file: as read, and what became of it.
pub struct Seen<'a>(pub &'a Previewed);

impl Seen<'_> {
    pub fn raw(&self, field: &str) -> String {
        let record: Value = serde_json::from_str(&self.0.read).unwrap();
        match record.get(field).unwrap_or_else(|| panic!("no field {field}: {record}")) {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    pub fn facts(&self) -> &Facts {
        match &self.0.mapped {
            Mapped::Accepted { facts, .. } => facts,
            other => panic!("{} is not accepted: {other:?}", self.0.location),
        }
    }

    pub fn key(&self) -> &str {
        let Mapped::Accepted { key, .. } = &self.0.mapped else { panic!("{:?}", self.0.mapped) };
        key.as_str()
    }

    pub fn project(&self) -> &ProjectFacts {
        self.facts().project.as_ref().unwrap()
    }

    pub fn sum(&self) -> &StatementFacts {
        &self.facts().statements[0]
    }

    pub fn cents(&self) -> Option<i64> {
        self.sum().amount.map(|amount| amount.get())
    }

    pub fn funder(&self) -> String {
        self.sum().funder.to_string()
    }

    pub fn holder(&self) -> String {
        self.project().holder.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    pub fn days(&self) -> [String; 2] {
        [self.project().starts_on, self.project().ends_on].map(|day| day.map(|day| day.to_string()).unwrap_or_default())
    }

    pub fn warned(&self, code: &str) -> bool {
        self.facts().warnings.iter().any(|warning| &*warning.code == code)
    }
}

/// The files, read once each.
pub struct Files {
    pub folder: PathBuf,
    pub read: HashMap<(String, String), (Vec<Previewed>, Vec<String>)>,
}

impl Files {
    pub fn of(&mut self, connector: &str, file: &str) -> &(Vec<Previewed>, Vec<String>) {
        let path = self.folder.join(file);
        let key = (connector.to_owned(), file.to_owned());
        self.read.entry(key).or_insert_with(|| read(&self::connector(connector), &path))
    }

    /// The record on a line of a file.
    pub fn line(&mut self, connector: &str, file: &str, line: u64) -> Seen<'_> {
        let records = &self.of(connector, file).0;
        Seen(
            records.iter().find(|record| record.location.line == Some(line)).unwrap_or_else(|| panic!("{file} {line}")),
        )
    }

    /// The record at a position of a file, from 0.
    pub fn at(&mut self, connector: &str, file: &str, index: usize) -> Seen<'_> {
        Seen(&self.of(connector, file).0[index])
    }

    pub fn scdl(&mut self, line: u64) -> Seen<'_> {
        self.line(SCDL, "scdl/scdl_exemple_invalide_erreurs_cellules.csv", line)
    }

    pub fn feder(&mut self, line: u64) -> Seen<'_> {
        self.line(FEDER, "fonds_ue/fr_liste_operations_feder_fse_2014_2020_au_20160711.xls", line)
    }

    pub fn notes(&mut self, connector: &str, file: &str) -> String {
        self.of(connector, file).1.join("\n")
    }
}

pub const SCDL: &str = "connectors/droit-commun/region-droit-commun";
/// The list is national, and the defects lie outside the region.
pub const FEDER: &str = "everywhere connectors/fonds-europeens/feder-2014";
pub const POSTS: &str = "everywhere connectors/politique-de-la-ville/anct-postes";
pub const GRANTS: &str = "connectors/droit-commun/etat-dotations";

/// A connector of the product, or one of the manifests beside this test; `everywhere`: without its filter.
pub fn connector(name: &str) -> Connector {
    parsed(name).run_by(&Runner::new(env!("CARGO_BIN_EXE_passerelle")))
}

fn parsed(name: &str) -> Connector {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if let Some(name) = name.strip_prefix("everywhere ") {
        let text = std::fs::read_to_string(root.join(name).join(load::MANIFEST_FILE)).unwrap();
        let mut manifest: toml::Table = toml::from_str(&text).unwrap();
        let map = manifest["map"].as_table_mut().unwrap();
        map.remove("skip-when").unwrap();
        // What is neither left out nor the region's is refused: it is part of the filter.
        let refused = map.get_mut("refuse").and_then(toml::Value::as_array_mut).unwrap();
        refused.retain(|rule| rule["code"].as_str() != Some("programme-unknown"));
        let folder = name.rsplit('/').next().unwrap();
        return Connector::parse(name, folder, &toml::to_string(&manifest).unwrap()).unwrap();
    }
    if name.starts_with("connectors/") {
        return load::load(&root.join(name)).unwrap();
    }
    let file = root.join("tests/real_data/manifests").join(format!("{name}.toml"));
    Connector::parse(name, name, &std::fs::read_to_string(file).unwrap()).unwrap()
}

pub fn read(connector: &Connector, path: &Path) -> (Vec<Previewed>, Vec<String>) {
    let net = Net::new(NetSettings::default()).unwrap();
    let reading = Reading { net: &net, base: None, place: Some(path.to_str().unwrap()), ask: Ask::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let found = runtime.block_on(preview(connector, &reading, RECORDS_MAX)).unwrap();
    let is_whole = found.end.is_some_and(|end| end.complete);
    assert!(is_whole && found.broken.is_empty(), "{}: {:?} {:?}", path.display(), found.notes, found.broken);
    (found.records, found.notes.into_iter().map(|note| note.en).collect())
}
