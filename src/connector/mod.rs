//! Connectors: how an existing system is read and how its records become facts. Connectors are data
//! (`connectors/<family>/<id>/connector.toml`); this module gives them their closed vocabulary.
//!
//! Two stages: a [`manifest::Manifest`] as written, with every fault told by line and column, then a [`Connector`]
//! that runs: its driver reads, its program reshapes, its map turns a record into facts or refuses it.

pub mod check;
pub mod compile;
pub mod convert;
pub mod driver;
pub mod echoes;
mod facets;
pub mod load;
mod look_up;
pub mod manifest;
pub mod mapping;
pub mod node;
pub mod preview;
pub mod remarks;
pub mod reshape;
pub mod scaffold;
pub mod schema;
pub mod since;

pub use look_up::Looked;
pub use mapping::Mapped;
pub use mapping::reader::Pseudonymiser;

use crate::domain::chain::{Digest, FieldHasher};
use crate::domain::erasure::Retention;
use crate::domain::source::SourceProfile;
use crate::domain::text::SourceId;
use compile::{Compiled, compile};
use driver::settings::DriverSettings;
use driver::{AnyDriver, Batch, RawRecord};
use manifest::Manifest;
use manifest::problem::ManifestError;
use manifest::read::Written;
use mapping::Mapping;
use node::{Node, Personal};
use reshape::{Reshaper, Runner};
use since::Since;

/// Raised when the code of the conversions changes what they give, so that every record is mapped anew.
const MAPPING_GENERATION: &[u8] = b"10";

/// Does a text say itself that it is a natural person's name?
pub fn names_person(text: &str) -> bool {
    convert::person::is_told(text, false)
}

/// A connector that can run.
#[derive(Debug)]
pub struct Connector {
    /// What the ledger knows of the source.
    pub profile: SourceProfile,
    /// The manifest as written.
    pub manifest: Manifest,
    /// How often it is read, in seconds; `None`: only when asked.
    pub every_s: Option<u64>,
    /// How its increments are asked for; `None`: it is always read whole.
    pub since: Option<Since>,
    mapping: Mapping,
    reshaper: Option<Reshaper>,
    personal: Personal,
    digest: Digest,
}

impl Connector {
    /// Reads and compiles the manifest `text`, found at `file`, in a folder of the name `folder`.
    ///
    /// # Errors
    /// Everything that is wrong in it, by line and column.
    pub fn parse(file: &str, folder: &str, text: &str) -> Result<Self, ManifestError> {
        let (written, shape) = Written::read(text);
        let mut faults = shape.faults;
        if let Some(manifest) = shape.manifest {
            match compile(&manifest, folder) {
                Ok(compiled) if faults.is_empty() => return Ok(Connector::new(manifest, compiled)),
                Ok(_) => {}
                // Positions in lists are those of the text only when no element was taken away.
                Err(problems) if shape.positions_hold => {
                    faults.extend(problems.into_iter().map(|problem| written.locate(problem)));
                }
                Err(_) => {}
            }
        }
        faults.sort();
        faults.dedup();
        Err(ManifestError { file: file.to_owned(), faults })
    }

    fn new(manifest: Manifest, compiled: Compiled) -> Self {
        let personal = Personal::new(&manifest.personal, compiled.fields.iter().map(String::as_str));
        let reshaper = manifest.reshape.as_ref().map(|reshape| Reshaper::new(&reshape.jq, personal.paths().is_empty()));
        Connector {
            profile: compiled.profile,
            every_s: compiled.every_s,
            since: compiled.since,
            mapping: compiled.mapping,
            digest: digest(&manifest),
            reshaper,
            personal,
            manifest,
        }
    }

    /// The same, its jq program run by another binary than this one.
    #[must_use]
    pub fn run_by(self, runner: &Runner) -> Self {
        Connector { reshaper: self.reshaper.map(|reshaper| reshaper.run_by(runner.clone())), ..self }
    }

    /// The source.
    pub fn id(&self) -> &SourceId {
        &self.profile.id
    }

    /// How it is read.
    pub fn driver(&self) -> AnyDriver {
        AnyDriver::new(&self.manifest.driver).seeking(self.mapping.sought())
    }

    /// The settings of its driver.
    pub fn settings(&self) -> &DriverSettings {
        &self.manifest.driver
    }

    /// Paths of the fields that are sealed before anything is stored. Where there are some, a record that could not be read as
    /// one must be sealed as a whole.
    pub fn personal(&self) -> &[Box<str>] {
        self.personal.paths()
    }

    /// Seals a record as it was read and reshaped ([`Personal::seal`]), and its holder, where the name says itself that it is a
    /// natural person's.
    pub fn seal(&self, node: &mut Node, seal: &mut dyn FnMut(&str) -> String) {
        let told = self.mapping.persons_told_in(node);
        self.personal.seal(node, seal);
        node::seal_at(node, &told, seal);
    }

    /// May something of this record be sealed? Where nothing is, its stored form is the one that was read.
    pub fn may_seal(&self, node: &Node) -> bool {
        !self.personal().is_empty() || !self.mapping.persons_told_in(node).is_empty()
    }

    /// May the name of this column be told? That of a source with personal fields may be the value of a row that was taken for a
    /// header, unless the manifest names it.
    pub fn may_tell(&self, column: &str) -> bool {
        self.personal().is_empty() || self.personal.knows(column)
    }

    /// Why a read failed, as it may be kept and told: of a source with personal fields, without the source's own words.
    pub fn discreet(&self, error: driver::ReadError) -> driver::ReadError {
        if self.personal().is_empty() { error } else { error.without_words() }
    }

    /// How long personal fields are kept, from the last version of their record.
    pub fn keep_personal(&self) -> Retention {
        // A manifest that says something else was refused.
        let stated = self.manifest.keep_personal.as_deref().and_then(|text| Retention::parse(text).ok());
        stated.unwrap_or(Retention::DEFAULT)
    }

    /// What the map cannot do without, each with the fields in which it may stand.
    pub fn needed(&self) -> Vec<Vec<String>> {
        self.mapping.needed()
    }

    /// What protects a sum, holds the lines of a plan or decides what counts, each with the paths in which it may stand.
    pub fn guarded(&self) -> Vec<Vec<String>> {
        self.mapping.guarded()
    }

    /// Does a condition of the manifest (`[[map.refuse]]`) reject by this code?
    pub fn refuses(&self, code: &str) -> bool {
        self.mapping.refuse.iter().any(|rule| &*rule.code == code)
    }

    /// The columns by which a table is judged, even one that is read for the first time, each behind those with which it is needed;
    /// nothing of what is no table, or is reshaped.
    pub fn deciding(&self) -> Vec<(Vec<String>, Vec<String>)> {
        let is_table = self.settings().is_table() && self.reshaper.is_none();
        if is_table { self.mapping.deciding() } else { Vec::new() }
    }

    /// Have its records the columns of the table that is read, and no other?
    pub fn keeps_columns(&self) -> bool {
        self.reshaper.is_none() && self.settings().join().is_none()
    }

    /// Of these, what no record can be known without, even of a source that is read for the first time.
    pub fn indispensable(&self) -> Vec<Vec<String>> {
        self.mapping.indispensable(self.settings().is_table() && self.reshaper.is_none())
    }

    /// The words of the map whose fields were looked for in what was mapped so far and never there, each with their names.
    pub fn missed(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        let missed = self.mapping.reads.iter().filter(|reads| reads.was_missed());
        missed.map(|reads| (reads.word.as_str(), reads.fields.iter().map(|(name, _)| &**name).collect()))
    }

    /// The column of a record in which a field of the map stands, by the name that the record gives it.
    pub fn column_of<'n>(&self, record: &'n Node, field: &str) -> Option<&'n str> {
        self.mapping.column_of(record, field)
    }

    /// The fields of which keys are made.
    pub fn key_fields(&self) -> impl Iterator<Item = String> {
        self.mapping.key_fields()
    }

    /// What changes whenever the map, the reshaping or the personal fields do: every record is then mapped anew.
    pub fn mapping_digest(&self) -> Digest {
        self.digest
    }

    /// What changes whenever the manifest does, the code that reads, or the place of the settings: what an earlier read
    /// left is then of no use to the next one.
    pub fn reading_digest(&self, base: Option<&str>) -> Digest {
        let manifest = serde_json::to_vec(&self.manifest);
        let mut hasher = FieldHasher::new();
        hasher
            .field(MAPPING_GENERATION)
            .field(env!("CARGO_PKG_VERSION").as_bytes())
            .field(&manifest.expect("a manifest holds texts, numbers, lists and maps only"))
            .field(base.unwrap_or_default().as_bytes());
        hasher.finish()
    }

    /// The records to keep and to map: those of the driver, reshaped where the manifest says so. Blocks the calling
    /// thread where a program runs.
    pub fn reshape(&self, batch: Batch) -> Batch {
        match &self.reshaper {
            Some(reshaper) => reshaper.reshape(batch),
            None => batch,
        }
    }

    /// Are records reshaped before they are mapped?
    pub fn reshapes(&self) -> bool {
        self.reshaper.is_some()
    }

    /// Maps one record, as it was read and reshaped, before it is sealed.
    pub fn map(&self, record: &RawRecord, pseudonymiser: &dyn Pseudonymiser) -> Mapped {
        self.mapping.map(&record.node, pseudonymiser)
    }
}

fn digest(manifest: &Manifest) -> Digest {
    let json = |part: serde_json::Result<Vec<u8>>| part.expect("a manifest holds texts, numbers, lists and maps only");
    let mut hasher = FieldHasher::new();
    hasher
        .field(MAPPING_GENERATION)
        .field(&json(serde_json::to_vec(&manifest.map)))
        .field(&json(serde_json::to_vec(&manifest.reshape)))
        .field(&json(serde_json::to_vec(&manifest.personal)));
    hasher.finish()
}
