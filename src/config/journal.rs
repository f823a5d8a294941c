//! The settings of the journal of reads.

use serde::Deserialize;
use std::path::PathBuf;

/// Where reads are written down, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct JournalConfig {
    /// Its file; without it, `journal.sqlite` in the state directory.
    pub file: Option<PathBuf>,
    /// How long entries are kept: an ISO 8601 duration of years, months and days.
    pub keep: String,
}

impl Default for JournalConfig {
    /// A year: the longer of the two terms that the CNIL recommends for journals (délibération n° 2021-122 du 14 octobre 2021).
    fn default() -> Self {
        JournalConfig { file: None, keep: "P1Y".to_owned() }
    }
}
