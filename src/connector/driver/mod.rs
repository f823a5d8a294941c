//! The narrow waist between the world and the gateway: a driver reads one kind of source, record by record.

pub mod auth;
mod delimited;
mod emitter;
mod error;
mod graphql;
mod header;
mod http_json;
mod joined;
mod place;
pub mod settings;
mod spreadsheet;
mod sql;
mod table;
mod top;
mod unpack;

pub use error::ReadError;
pub use top::Sought;

use super::node::Node;
use crate::domain::marks::{LastRow, ListEnd, NextPage, Validator};
use crate::domain::message::Message;
use crate::domain::rejection::Location;
use crate::domain::text::RecordKey;
use crate::net::Net;
use delimited::Delimited;
use graphql::Graphql;
use http_json::HttpJson;
use joined::Joined;
use settings::DriverSettings;
use spreadsheet::Spreadsheet;
use sql::Sql;
use std::sync::Arc;
use tokio::sync::mpsc::Sender;

/// The most records of a batch; a batch is also cut by its weight in bytes.
pub const BATCH_RECORDS_MAX: usize = 1_000;
/// The most characters of a broken record that are kept.
pub const RAW_CHARACTERS_MAX: usize = 2_000;

/// The code of a row of a second table that came before, identical: it counts once.
pub const JOINED_TWICE: &str = "joined-row-twice";
/// The beginning of what is said of rows of a second table, which are no records.
const JOINED: &str = "joined-";

/// Is it a row of a second table that is rejected for this reason?
pub fn is_of_second_table(code: &str) -> bool {
    code.starts_with(JOINED)
}

/// The code of a row that is the header again: no record, whatever its key.
pub const HEADER_AGAIN: &str = "header-again";

/// One record as read, before any mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// Its content.
    pub node: Node,
    /// Where it was read.
    pub location: Location,
    /// It is the last row of a file of this machine and has no line end: a file that was cut, or is still being written, looks just so.
    pub is_open: bool,
}

/// Something that should have been a record and could not be read as one; the rest of the source goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenRecord {
    /// What was there, as text, cut at a stated length.
    pub raw: String,
    /// Where it was.
    pub location: Location,
    /// Stable code, kebab-case.
    pub code: &'static str,
    /// Why, in both languages.
    pub reason: Message,
    /// What could be told apart of it, where something could.
    pub cells: Option<Cells>,
    /// What could be read of it, where it is known which of its fields are at fault.
    pub legible: Option<Box<Legible>>,
}

/// The cells of a row that is not one: as many as were found, beside the columns that there should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    /// The names of the columns.
    pub names: Vec<Arc<str>>,
    /// The texts, in their order; none is sure to stand under its own name.
    pub texts: Vec<Box<str>>,
}

impl Cells {
    /// What may stand under the column of this name: a separator too many or too few is anywhere in the row.
    pub fn may_be(&self, name: &str) -> &[Box<str>] {
        let Some(at) = self.names.iter().position(|one| **one == *name) else { return &[] };
        let (columns, found) = (self.names.len(), self.texts.len());
        let first = (at + found.min(columns)).saturating_sub(columns);
        let last = at + found.saturating_sub(columns);
        &self.texts[first.min(found)..(last + 1).min(found)]
    }
}

/// A record of which some fields could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Legible {
    /// All of it; what is at fault in a form that a text can hold, cut at a stated length.
    pub node: Node,
    /// The fields at fault, as the source calls them: one at least.
    pub fields: Vec<Arc<str>>,
}

impl Legible {
    /// The record with `value` in the place of what is at fault.
    pub fn with(&self, value: &Node) -> Node {
        let Node::Object(values) = &self.node else { return self.node.clone() };
        let fields = values.iter().map(|(name, own)| {
            let is_at_fault = self.fields.contains(name);
            (Arc::clone(name), if is_at_fault { value.clone() } else { own.clone() })
        });
        Node::Object(fields.collect())
    }
}

/// Some records, in the order of the source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// Records read.
    pub records: Vec<RawRecord>,
    /// Records that could not be read.
    pub broken: Vec<BrokenRecord>,
}

/// What a driver is given for one read.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The way out.
    pub net: &'a Net,
    /// Stands in for the manifest's `base`, by configuration.
    pub base: Option<&'a str>,
    /// Read exactly this path, glob or URL instead of what the manifest says.
    pub place: Option<&'a str>,
    /// What is asked of it.
    pub ask: Ask<'a>,
}

/// What is asked of a source: everything, where nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ask<'a> {
    /// Bodies that are known already: where every one is still the one, no record comes. For a source read by one
    /// request for each resource; others give everything.
    pub unless: &'a [Validator],
    /// Only what changed since this value, as `[driver.since]` says.
    pub since: Option<&'a str>,
}

/// What a look-up sends, the keys in their place.
#[derive(Debug, Clone, Copy)]
pub enum Question<'a> {
    /// GET of this URL, relative to the base.
    Url(&'a str),
    /// POST of a GraphQL document to the driver's URL, with these variables beside the driver's own.
    Query(&'a str, &'a serde_json::Map<String, serde_json::Value>),
    /// The driver's SELECT, of which only the rows whose column of this name holds one of these keys.
    Rows(&'a str, &'a [RecordKey]),
}

/// What is asked in one look-up.
#[derive(Debug, Clone, Copy)]
pub struct LookUp<'a> {
    /// What is sent.
    pub question: Question<'a>,
    /// JSON Pointer to the record, or to the list of records.
    pub pointer: &'a str,
    /// Milliseconds that the answer may take.
    pub timeout_ms: u64,
}

/// How a read ended that did not fail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadEnd {
    /// Everything that the source holds was read. False: cut short, by the source or by a limit; the run is held.
    pub complete: bool,
    /// What to know of the read, and why it was cut short.
    pub notes: Vec<Message>,
    /// Files, URLs and tables that were read, in order, as they stand in locations.
    pub resources: Vec<String>,
    /// What each body is known by; empty where one of them is known by nothing.
    pub validators: Vec<Validator>,
    /// Every body is still the one that was known: no record came.
    pub is_known: bool,
    /// The columns that headers name, records or not; empty for what has no header.
    pub columns: Vec<Arc<str>>,
    /// Rows of a second table of which nobody knows to which record they belong: some record lacks what they say.
    pub unattached: u64,
    /// How the last row of delimited text ended, where nothing else says that it is whole; of several texts, the worst.
    pub last_row: Option<LastRow>,
    /// What the first page of a list says of the next one, where each page names it; of several lists, the worst.
    pub next_page: Option<NextPage>,
    /// How a list ended whose pages are asked for by number and that states no total; of several lists, the worst.
    pub list_end: Option<ListEnd>,
    /// Sheets that are not read and look like the rest of the list.
    pub unread: Vec<UnreadSheet>,
}

/// A sheet in which a list may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadSheet {
    /// Its name.
    pub name: Arc<str>,
    /// The manifest names the sheet that it reads, and leaves this one out; else it tells no more than a position.
    pub is_left_out: bool,
    /// What is to be known of it.
    pub note: Message,
}

impl ReadEnd {
    /// The end of a read that brought nothing because every body was known.
    fn known() -> ReadEnd {
        ReadEnd { complete: true, is_known: true, ..ReadEnd::default() }
    }
}

/// Reads one kind of source.
///
/// Given: the settings of the manifest, at construction; where to read, in [`Reading`]; a bounded channel.
///
/// To be kept by every driver, and held by the shared contract in `tests/drivers.rs`:
/// - records come in the order of the source, in batches of at most [`BATCH_RECORDS_MAX`], in bounded memory;
/// - nothing is lost without a word: what stands in the source is a [`RawRecord`], or a [`BrokenRecord`], or the read
///   fails, or it ends with `complete: false` and a note; only empty rows and stated totals rows are passed over;
/// - the limits of the manifest bound bytes, records, pages and seconds;
/// - what is asked for less ([`Ask`]) is given so, or whole: a driver that cannot ask for less gives everything, and
///   only one that was told so by every resource says that it is known;
/// - a closed channel ends the read with [`ReadError::Stopped`];
/// - no value is changed: numbers keep their digits, texts their spaces.
pub trait Driver {
    /// Sends every record of the source through `out`.
    ///
    /// # Errors
    /// The source cannot be read, or not to its end in a way that leaves no doubt. Batches may have been sent before.
    fn records(
        &self,
        reading: &Reading<'_>,
        out: &Sender<Batch>,
    ) -> impl Future<Output = Result<ReadEnd, ReadError>> + Send;
}

/// Any driver: the one place where the kinds are told apart.
#[derive(Debug, Clone)]
pub enum AnyDriver {
    /// JSON lists.
    HttpJson(HttpJson),
    /// Delimited text.
    Delimited(Delimited),
    /// Workbooks.
    Spreadsheet(Spreadsheet),
    /// Databases.
    Sql(Sql),
    /// GraphQL APIs.
    Graphql(Graphql),
    /// Two files of delimited text.
    JoinedDelimited(Joined<Delimited>),
    /// Two sheets, or two workbooks.
    JoinedSpreadsheet(Joined<Spreadsheet>),
}

impl AnyDriver {
    /// The driver for what a manifest says.
    pub fn new(settings: &DriverSettings) -> AnyDriver {
        match settings {
            DriverSettings::HttpJson(settings) => AnyDriver::HttpJson(HttpJson::new(settings.clone())),
            DriverSettings::Delimited(settings) => match settings.second() {
                None => AnyDriver::Delimited(Delimited::new(settings.clone())),
                Some((second, join)) => AnyDriver::JoinedDelimited(Joined::new(
                    Delimited::new(settings.clone()),
                    Delimited::new(second),
                    join.clone(),
                )),
            },
            DriverSettings::Spreadsheet(settings) => match settings.second() {
                None => AnyDriver::Spreadsheet(Spreadsheet::new(settings.clone())),
                Some((second, join)) => AnyDriver::JoinedSpreadsheet(Joined::new(
                    Spreadsheet::new(settings.clone()),
                    Spreadsheet::new(second),
                    join.clone(),
                )),
            },
            DriverSettings::Sql(settings) => AnyDriver::Sql(Sql::new(settings.clone())),
            DriverSettings::Graphql(settings) => AnyDriver::Graphql(Graphql::new(settings.clone())),
        }
    }

    /// The same, of which the header of a table is known by these names, where no row is stated for it. Of two tables, that of the first.
    #[must_use]
    pub fn seeking(self, sought: Sought) -> AnyDriver {
        match self {
            AnyDriver::Delimited(driver) => AnyDriver::Delimited(driver.seeking(sought)),
            AnyDriver::Spreadsheet(driver) => AnyDriver::Spreadsheet(driver.seeking(sought)),
            AnyDriver::JoinedDelimited(driver) => {
                AnyDriver::JoinedDelimited(driver.with_first(|first| first.seeking(sought)))
            }
            AnyDriver::JoinedSpreadsheet(driver) => {
                AnyDriver::JoinedSpreadsheet(driver.with_first(|first| first.seeking(sought)))
            }
            AnyDriver::HttpJson(_) | AnyDriver::Sql(_) | AnyDriver::Graphql(_) => self,
        }
    }
}

impl AnyDriver {
    /// Looks single records up: what stands at `pointer` (one record, or a list) in the answer; nothing where the source
    /// knows no such place.
    ///
    /// # Errors
    /// The source cannot be read, or its kind knows no look-up.
    pub async fn look_up(&self, reading: &Reading<'_>, asked: &LookUp<'_>) -> Result<Vec<RawRecord>, ReadError> {
        match (self, asked.question) {
            (AnyDriver::HttpJson(driver), Question::Url(url)) => driver.look_up(reading, (url, asked)).await,
            (AnyDriver::Graphql(driver), Question::Query(query, keys)) => {
                driver.look_up(reading, (query, keys), asked).await
            }
            (AnyDriver::Sql(driver), Question::Rows(column, keys)) => {
                driver.look_up(reading, (column, keys), asked.timeout_ms).await
            }
            _ => Err(ReadError::setting("kind", "ne sait pas consulter un enregistrement", "knows no look-up")),
        }
    }
}

impl Driver for AnyDriver {
    async fn records(&self, reading: &Reading<'_>, out: &Sender<Batch>) -> Result<ReadEnd, ReadError> {
        match self {
            AnyDriver::HttpJson(driver) => driver.records(reading, out).await,
            AnyDriver::Delimited(driver) => driver.records(reading, out).await,
            AnyDriver::Spreadsheet(driver) => driver.records(reading, out).await,
            AnyDriver::Sql(driver) => driver.records(reading, out).await,
            AnyDriver::Graphql(driver) => driver.records(reading, out).await,
            AnyDriver::JoinedDelimited(driver) => driver.records(reading, out).await,
            AnyDriver::JoinedSpreadsheet(driver) => driver.records(reading, out).await,
        }
    }
}
