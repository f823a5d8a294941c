//! A connector's manifest as it is written: the raw stage. Every word is closed; what the words mean together is
//! decided when the manifest is compiled (`connector/compile`).

pub mod map;
pub mod one_or_many;
pub mod problem;
pub mod read;
pub mod rule;
pub mod words;

use super::driver::settings::DriverSettings;
use map::Map;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The text of one `connector.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Manifest {
    /// Identifier: the name of the folder (lower case letters, digits, hyphens).
    pub id: String,
    /// Family of the commitments where neither the data nor the dispositif tells another. Absent for reference data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "words::family")]
    pub family: Option<String>,
    /// Title, in French.
    pub title: String,
    /// Is it the funder's own system, or a publication made from it?
    pub standing: Standing,
    /// How often it is read: an ISO 8601 duration (`PT15M`, `P1D`). Absent: only when asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// Oldest successful read with which its statements still count as read in time: an ISO 8601 duration.
    #[serde(default = "one_day")]
    pub max_age: String,
    /// Share of the records of a full read, in per cent, above which their vanishing holds the run.
    #[serde(default = "vanish_limit_percent_default")]
    pub vanish_limit_percent: u8,
    /// Beyond what a load breaks the series before it, and waits for a person.
    #[serde(default, skip_serializing_if = "SeriesLimits::is_default")]
    pub series: SeriesLimits,
    /// Paths of the fields that identify a natural person: sealed before anything is stored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub personal: Vec<String>,
    /// How long these are kept, from the last version of their record: an ISO 8601 duration (`P5Y`, `P18M`, `P90D`).
    /// Absent: five years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_personal: Option<String>,
    /// For whom the source speaks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speaks_for: Vec<SpeaksFor>,
    /// Are its records files that their holder signed, with the plan of their means (applications, demands)? What they say of the
    /// holder's own share is then the holder's word. Not where a funder's own list names who carries a project.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub holder_plans: bool,
    /// How it is read.
    pub driver: DriverSettings,
    /// A program that reshapes each record before it is mapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reshape: Option<Reshape>,
    /// How single records are looked up live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookup: Option<Lookup>,
    /// How the fields of a record become facts.
    pub map: Map,
}

/// Age after which a read no longer counts, where the manifest does not say.
pub const MAX_AGE_DEFAULT: &str = "P1D";

fn one_day() -> String {
    MAX_AGE_DEFAULT.to_owned()
}

/// Share of vanished records above which a run is held, where the manifest does not say.
pub const VANISH_LIMIT_PERCENT_DEFAULT: u8 = 20;

const fn vanish_limit_percent_default() -> u8 {
    VANISH_LIMIT_PERCENT_DEFAULT
}

/// `[series]`: beyond what a load breaks the series before it, and waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SeriesLimits {
    /// Share of the records, in per cent, above which their coming twice holds the run (default 20; 100: never). A file that
    /// is loaded twice repeats half of what it holds; lists that really circulate repeat one record in a hundred.
    pub repeat_limit_percent: u8,
    /// Share of a partition's total, in per cent, above which its move by known records alone holds the run (default 50). From
    /// half of it on the move is told.
    pub moved_limit_percent: u16,
    /// Share of the amounts of a partition, in per cent, above which one amount everywhere is a constant: it holds the run where
    /// the amounts before it differed, or were another constant by more than half (default 95; 100: never).
    pub constant_limit_percent: u8,
}

impl Default for SeriesLimits {
    fn default() -> Self {
        SeriesLimits { repeat_limit_percent: 20, moved_limit_percent: 50, constant_limit_percent: 95 }
    }
}

impl SeriesLimits {
    fn is_default(&self) -> bool {
        *self == SeriesLimits::default()
    }
}

/// Where the source stands with regard to the funder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The funder's own system.
    SystemOfRecord,
    /// A list published from it.
    Publication,
}

/// One scope of authority. A list left out does not restrict.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SpeaksFor {
    /// The funder (`siren:200053742`, `eu:FEDER`, `financeur:etat-59`).
    pub funder: String,
    /// Natures covered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "words::natures")]
    pub natures: Vec<String>,
    /// Dispositifs covered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dispositifs: Vec<String>,
    /// Départements covered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departements: Vec<String>,
    /// Sums below this are not in the source, in euros (`"23000.00"`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<String>,
}

/// `[reshape]`: what a source too odd for the map needs first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reshape {
    /// A jq program: one record in, zero, one or several records out.
    pub jq: String,
}

/// What a key is to the source that is asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// A text (`String`, `ID`).
    #[default]
    Text,
    /// A whole number (`Int`).
    Integer,
}

impl KeyKind {
    const fn is_text(&self) -> bool {
        matches!(self, KeyKind::Text)
    }
}

/// `[lookup]`: how single records are looked up live.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lookup {
    /// For `http-json`: URL relative to the driver's base, with `{key}` where the record's key stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// For `graphql`: the query document, posted to the driver's URL; it takes the keys from `variable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// For `graphql`: the variable that carries the key, a text; where `keys-max` is above 1, the keys, a list of texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// For `graphql`: what a key is in the variable.
    #[serde(default, rename = "as", skip_serializing_if = "KeyKind::is_text")]
    pub key_kind: KeyKind,
    /// For `sql`: the column of the driver's `query` that holds the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// JSON Pointer to the record, or to the list of records, in the answer. A record must have the form that it has
    /// in the list; an answer 404, or without it, says that the source does not show it now, and closes nothing.
    #[serde(default)]
    pub records: String,
    /// Keys asked for at once, joined by a comma in a URL, a list in SQL; 1 where the source takes one at a time.
    #[serde(default = "one_key")]
    pub keys_max: u32,
}

const fn one_key() -> u32 {
    1
}
