//! What a manifest's `[driver]` says: which kind of source, where it is, how it is cut into records, how far to read.
//!
//! The structs keep the manifest's words one for one; `kind` chooses the struct. Places (`url`, `path`) are relative
//! to `base`, which the configuration may override, and which `--from` replaces as a whole.

use super::auth::AuthSettings;
mod graphql;
mod header;
mod join;
mod since;

pub use graphql::GraphqlSettings;
pub use join::JoinSettings;
pub use since::{CursorKind, SinceSettings};

use crate::connector::node::DEPTH_MAX;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The kinds of sources, with the settings of each.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(tag = "kind")]
pub enum DriverSettings {
    /// Lists of JSON records, by HTTP (paged or not) or in local files.
    HttpJson(HttpJsonSettings),
    /// CSV, TSV and their like, by path, glob or HTTP.
    Delimited(DelimitedSettings),
    /// XLSX, XLS and ODS, by path, glob or HTTP.
    Spreadsheet(SpreadsheetSettings),
    /// One SELECT in an SQLite file or a PostgreSQL database.
    Sql(SqlSettings),
    /// A list of an upstream GraphQL API, read by cursor.
    Graphql(GraphqlSettings),
}

impl DriverSettings {
    /// The words of `kind`, in the order of the enum.
    pub const KINDS: &'static [&'static str] = &["http-json", "delimited", "spreadsheet", "sql", "graphql"];

    /// Does every record have every column?
    pub const fn is_table(&self) -> bool {
        !matches!(self, DriverSettings::HttpJson(_) | DriverSettings::Graphql(_))
    }

    /// The word of this kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            DriverSettings::HttpJson(_) => "http-json",
            DriverSettings::Delimited(_) => "delimited",
            DriverSettings::Spreadsheet(_) => "spreadsheet",
            DriverSettings::Sql(_) => "sql",
            DriverSettings::Graphql(_) => "graphql",
        }
    }

    /// The default base that the manifest states: a URL or a directory.
    pub fn base(&self) -> Option<&str> {
        match self {
            DriverSettings::HttpJson(settings) => settings.base.as_deref(),
            DriverSettings::Delimited(settings) => settings.base.as_deref(),
            DriverSettings::Spreadsheet(settings) => settings.base.as_deref(),
            DriverSettings::Sql(settings) => settings.base.as_deref(),
            DriverSettings::Graphql(settings) => settings.base.as_deref(),
        }
    }

    /// How the source is told who asks.
    pub const fn auth(&self) -> Option<&AuthSettings> {
        match self {
            DriverSettings::HttpJson(settings) => settings.auth.as_ref(),
            DriverSettings::Delimited(settings) => settings.auth.as_ref(),
            DriverSettings::Spreadsheet(settings) => settings.auth.as_ref(),
            DriverSettings::Graphql(settings) => settings.auth.as_ref(),
            DriverSettings::Sql(_) => None,
        }
    }

    /// How it is asked for no more than what changed, where it can be.
    pub const fn since(&self) -> Option<&SinceSettings> {
        match self {
            DriverSettings::HttpJson(settings) => settings.since.as_ref(),
            DriverSettings::Graphql(settings) => settings.since.as_ref(),
            DriverSettings::Sql(settings) => settings.since.as_ref(),
            DriverSettings::Delimited(_) | DriverSettings::Spreadsheet(_) => None,
        }
    }

    /// What separates the columns of a text file, where the manifest states it.
    pub fn delimiter(&self) -> Option<u8> {
        let DriverSettings::Delimited(settings) = self else { return None };
        super::delimited::stated_delimiter(&settings.delimiter).ok().flatten()
    }

    /// How far one read may go.
    pub const fn limits(&self) -> &Limits {
        match self {
            DriverSettings::HttpJson(settings) => &settings.limits,
            DriverSettings::Delimited(settings) => &settings.limits,
            DriverSettings::Spreadsheet(settings) => &settings.limits,
            DriverSettings::Sql(settings) => &settings.limits,
            DriverSettings::Graphql(settings) => &settings.limits,
        }
    }
}

/// How far one read may go. Beyond records or pages the read ends as cut short, and the run is held; beyond bytes,
/// seconds, files or levels it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Limits {
    /// Bytes of one resource, after decompression.
    pub bytes_max: u64,
    /// Records of the whole read.
    pub rows_max: u64,
    /// Seconds of the whole read.
    pub seconds_max: u64,
    /// Pages of a paged source, files of a glob.
    pub pages_max: u64,
    /// Levels of lists and objects in a JSON document: 128 at most.
    pub depth_max: u32,
}

impl Limits {
    /// What holds where the manifest says nothing: 256 MiB a resource, 5 million records, 10 minutes, 10 000 pages, 128
    /// levels.
    pub const DEFAULT: Limits = Limits {
        bytes_max: 256 * 1024 * 1024,
        rows_max: 5_000_000,
        seconds_max: 600,
        pages_max: 10_000,
        depth_max: DEPTH_MAX as u32,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Limits::DEFAULT
    }
}

/// `kind = "http-json"`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HttpJsonSettings {
    /// Default URL or directory that `url` is relative to.
    #[serde(default)]
    pub base: Option<String>,
    /// URL or path of the list, relative to `base`. A path may be a glob.
    #[serde(default)]
    pub url: String,
    /// Further lists of the same form, relative to `base`: the source is all of them together. `--from` reads one alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// JSON Pointer (RFC 6901) to the list of records in a document; empty: the document itself is the list.
    #[serde(default)]
    pub records: String,
    /// Which files of a zip archive are read: a glob. Without it, an archive holds one file.
    #[serde(default)]
    pub member: Option<String>,
    /// How one page leads to the next.
    #[serde(default)]
    pub paging: Paging,
    /// Headers sent with every request; never a secret.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// How the source is told who asks.
    #[serde(default)]
    pub auth: Option<AuthSettings>,
    /// How it is asked for no more than what changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<SinceSettings>,
    /// How far one read may go.
    #[serde(default)]
    pub limits: Limits,
}

/// How one page of a list leads to the next. Pointers are JSON Pointers from the root of the document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(tag = "kind")]
pub enum Paging {
    /// The whole list is one document.
    #[default]
    None,
    /// A parameter says how many records to leave out before the page.
    Offset(OffsetPaging),
    /// A parameter says the number of the page.
    Page(PagePaging),
    /// Each document gives the cursor of the next.
    Cursor(CursorPaging),
    /// Each document gives the URL of the next.
    NextLink(NextLinkPaging),
}

impl Paging {
    /// The words of `kind`, in the order of the enum.
    pub const KINDS: &'static [&'static str] = &["none", "offset", "page", "cursor", "next-link"];
}

/// `paging = { kind = "offset", … }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OffsetPaging {
    /// Query parameter that carries the offset.
    pub offset_param: String,
    /// Query parameter that carries the size of a page.
    pub size_param: String,
    /// Records asked for in a page.
    pub size: u32,
    /// Pointer to the stated total of records, where there is one.
    #[serde(default)]
    pub total: Option<String>,
    /// The furthest record that the system gives by pages, whatever it holds (10 000 for Opendatasoft): beyond it the
    /// read is cut short, and the run held; and where the last page within it is full, for the total may go no further.
    #[serde(default)]
    pub reach: Option<u64>,
}

/// `paging = { kind = "page", … }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PagePaging {
    /// Query parameter that carries the number of the page.
    pub page_param: String,
    /// Number of the first page.
    #[serde(default = "first_page")]
    pub first: u32,
    /// Query parameter that carries the size of a page, where there is one.
    #[serde(default)]
    pub size_param: Option<String>,
    /// Records asked for in a page. Where no total is stated, the list ends at an empty page, or at a refusal after a
    /// page with fewer.
    pub size: u32,
    /// Pointer to the stated total of records, where there is one.
    #[serde(default)]
    pub total: Option<String>,
}

const fn first_page() -> u32 {
    1
}

/// `paging = { kind = "cursor", … }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CursorPaging {
    /// Query parameter that carries the cursor; the first request has none.
    pub cursor_param: String,
    /// Pointer to the cursor of the next page; absent, null or empty: this page is the last.
    pub next: String,
    /// Query parameter that carries the size of a page, where there is one.
    #[serde(default)]
    pub size_param: Option<String>,
    /// Records asked for in a page, where there is a parameter for it.
    #[serde(default)]
    pub size: Option<u32>,
    /// Pointer to the stated total of records, where there is one.
    #[serde(default)]
    pub total: Option<String>,
}

/// `paging = { kind = "next-link", … }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NextLinkPaging {
    /// Pointer to the URL of the next page; absent, null or empty: this page is the last.
    pub next: String,
    /// Pointer to the stated total of records, where there is one.
    #[serde(default)]
    pub total: Option<String>,
}

/// `kind = "delimited"`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DelimitedSettings {
    /// Default URL or directory that `path` is relative to.
    #[serde(default)]
    pub base: Option<String>,
    /// File, glob or URL, relative to `base`.
    #[serde(default)]
    pub path: String,
    /// Which files of a zip archive are read: a glob. Without it, an archive holds one file.
    #[serde(default)]
    pub member: Option<String>,
    /// One character, `tab`, or `auto`.
    #[serde(default = "auto")]
    pub delimiter: String,
    /// A label of the WHATWG encodings (`utf-8`, `windows-1252`), or `auto`.
    #[serde(default = "auto")]
    pub encoding: String,
    /// Row of the header, from 1, counted after the rows left out by `skip-rows`. Without it, the first of the twenty rows at the top
    /// that names the columns of the key; else the first that is not blank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u32>,
    /// Rows that make the header; two are joined as `upper lower`, an empty upper cell repeating the one at its left.
    #[serde(default = "one_header_row")]
    pub header_rows: u32,
    /// Physical lines left out at the top (title lines).
    #[serde(default)]
    pub skip_rows: u32,
    /// Rows to leave out wherever they stand: those whose first cell that is not empty is one of these words (`Total`).
    #[serde(default)]
    pub totals_row: Vec<String>,
    /// How the source of a URL is told who asks.
    #[serde(default)]
    pub auth: Option<AuthSettings>,
    /// A second table, whose rows are attached to the records of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join: Option<JoinSettings>,
    /// How far one read may go.
    #[serde(default)]
    pub limits: Limits,
}

fn auto() -> String {
    "auto".to_owned()
}

/// `kind = "spreadsheet"`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SpreadsheetSettings {
    /// Default URL or directory that `path` is relative to.
    #[serde(default)]
    pub base: Option<String>,
    /// File, glob or URL, relative to `base`.
    #[serde(default)]
    pub path: String,
    /// The sheet: its name, or its position from 1. Without it, the first; where that one has not the header and one other sheet has,
    /// that other one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<Sheet>,
    /// Row of the header, from 1. Without it, the first of the twenty rows at the top that names the columns of the key; else the first
    /// that is not blank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u32>,
    /// Rows that make the header; two are joined as `upper lower`, an empty upper cell repeating the one at its left.
    #[serde(default = "one_header_row")]
    pub header_rows: u32,
    /// Rows to leave out wherever they stand: those whose first cell that is not empty is one of these words (`Total`).
    #[serde(default)]
    pub totals_row: Vec<String>,
    /// How the source of a URL is told who asks.
    #[serde(default)]
    pub auth: Option<AuthSettings>,
    /// A second table, whose rows are attached to the records of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join: Option<JoinSettings>,
    /// How far one read may go.
    #[serde(default)]
    pub limits: Limits,
}

/// A sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged, expecting = "expected the name of a sheet, or its position from 1")]
pub enum Sheet {
    /// Its position, from 1.
    Position(u32),
    /// Its name.
    Name(String),
}

const fn one_header_row() -> u32 {
    1
}

/// `kind = "sql"`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SqlSettings {
    /// Default database (`sqlite:///srv/region.sqlite`, `postgres://user@host/database`), where `url` gives none.
    #[serde(default)]
    pub base: Option<String>,
    /// The database: `sqlite:PATH`, `sqlite://PATH` or `postgres://…`; empty: `base` is the database.
    #[serde(default)]
    pub url: String,
    /// One SELECT. Its columns are the record's fields.
    pub query: String,
    /// How it is asked for no more than what changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<SinceSettings>,
    /// How far one read may go.
    #[serde(default)]
    pub limits: Limits,
}
