//! `[driver.join]`: a second table of the same kind, its rows attached to the records of the first.

use super::{DelimitedSettings, DriverSettings, Sheet, SpreadsheetSettings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A second table, read whole before the first: each of its rows is attached to the record that it names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct JoinSettings {
    /// File or URL of the second table, relative to `base`; empty: another sheet of the first one's workbook. Where a
    /// person names the first file (`--from`), the second is looked for beside it, under the last part of this path.
    #[serde(default)]
    pub path: String,
    /// The sheet of the second table, in a workbook: its name, or its position from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<Sheet>,
    /// Field of the record that identifies it.
    pub key: String,
    /// Field of the row that names its record.
    pub with: String,
    /// Name under which the rows are attached, as a list in their order.
    #[serde(rename = "as")]
    pub name: String,
    /// Rows of the second table at most: they are held in memory. Beyond, the read is cut short and the run held.
    #[serde(default = "rows_max")]
    pub rows_max: u64,
}

/// What holds where the manifest says nothing.
const ROWS_MAX_DEFAULT: u64 = 500_000;

const fn rows_max() -> u64 {
    ROWS_MAX_DEFAULT
}

impl DriverSettings {
    /// The second table, where there is one.
    pub const fn join(&self) -> Option<&JoinSettings> {
        match self {
            DriverSettings::Delimited(settings) => settings.join.as_ref(),
            DriverSettings::Spreadsheet(settings) => settings.join.as_ref(),
            DriverSettings::HttpJson(_) | DriverSettings::Sql(_) | DriverSettings::Graphql(_) => None,
        }
    }

    /// The path of the second table, where its name tells it from the first: rows are told by the name of their file.
    pub fn second_table(&self) -> Option<&str> {
        let (first, join) = match self {
            DriverSettings::Delimited(settings) => (&settings.path, settings.join.as_ref()?),
            DriverSettings::Spreadsheet(settings) => (&settings.path, settings.join.as_ref()?),
            DriverSettings::HttpJson(_) | DriverSettings::Sql(_) | DriverSettings::Graphql(_) => return None,
        };
        let name = |path: &str| path.rsplit('/').next().map(str::to_owned);
        (name(first) != name(&join.path)).then_some(join.path.as_str())
    }
}

impl DelimitedSettings {
    /// How the second table is read, where there is one: like the first.
    pub fn second(&self) -> Option<(DelimitedSettings, &JoinSettings)> {
        let join = self.join.as_ref()?;
        let mut second = DelimitedSettings { path: join.path.clone(), join: None, ..self.clone() };
        second.limits.rows_max = join.rows_max;
        Some((second, join))
    }
}

impl SpreadsheetSettings {
    /// How the second table is read, where there is one: like the first.
    pub fn second(&self) -> Option<(SpreadsheetSettings, &JoinSettings)> {
        let join = self.join.as_ref()?;
        let path = if join.path.is_empty() { &self.path } else { &join.path }.clone();
        let sheet = Some(join.sheet.as_ref().unwrap_or(self.first_sheet()).clone());
        let mut second = SpreadsheetSettings { path, sheet, join: None, ..self.clone() };
        second.limits.rows_max = join.rows_max;
        Some((second, join))
    }
}
