//! CSV, TSV and their like: rows of text under a header, streamed; a bad row is one broken record, never the end.

mod dialect;
pub(super) use dialect::stated as stated_delimiter;
mod encoding;
mod fault;
mod records;
mod swallowed;
mod top;

use super::auth::Access;
use super::emitter::{Emitter, Flow, Item, cut, joined};
use super::error::ReadError;
use super::header::{self, Below, Header};
use super::place::{self, End, Kind, Resource};
use super::settings::{DelimitedSettings, SpreadsheetSettings};
use super::table::{Columns, columns, is_total, joined_header};
use super::top::Sought;
use super::unpack::{Unpacking, is_packed};
use super::{Batch, BrokenRecord, Cells, Driver, RawRecord, ReadEnd, Reading};
use crate::connector::node::Node;
use crate::domain::marks::LastRow;
use crate::domain::message::Message;
use crate::domain::rejection::Location;
use encoding::Encoding;
use fault::Fault;
use records::{Next, RecordReader};
use std::borrow::Cow;
use tokio::sync::mpsc::Sender;

/// Cells of a row that is none which are kept apart at most.
const CELLS_MAX: usize = 256;

/// Reads delimited text.
#[derive(Debug, Clone)]
pub struct Delimited {
    settings: DelimitedSettings,
    sought: Sought,
}

impl Delimited {
    /// The driver for what a manifest says.
    pub fn new(settings: DelimitedSettings) -> Self {
        Delimited { settings, sought: Sought::default() }
    }

    /// The same, its header known by these names.
    pub(super) fn seeking(self, sought: Sought) -> Self {
        Delimited { sought, ..self }
    }
}

impl Driver for Delimited {
    async fn records(&self, reading: &Reading<'_>, out: &Sender<Batch>) -> Result<ReadEnd, ReadError> {
        let text = place::locate(reading, self.settings.base.as_deref(), &self.settings.path)?;
        let mut emitter = Emitter::new(out, self.settings.limits);
        let settings = &self.settings;
        let access = Access { base: settings.base.as_deref(), path: &settings.path, auth: settings.auth.as_ref() };
        let kind = Kind {
            expected: "CSV",
            accepts: |essence| is_packed(essence) || is_delimited_text(essence),
            access,
            limits: settings.limits,
        };
        let Some(place::Found { resources, validators }) =
            place::resources(place::place(&text)?, kind, reading).await?
        else {
            return Ok(ReadEnd::known());
        };
        let (settings, sought) = (self.settings.clone(), self.sought.clone());
        let read = tokio::task::spawn_blocking(move || {
            let unpacking = Unpacking { member: settings.member.as_deref(), limits: &settings.limits };
            let unpacked: Result<Vec<_>, _> = resources.into_iter().map(|file| unpacking.files(file)).collect();
            let resources: Vec<Resource> = unpacked?.into_iter().flatten().collect();
            let mut end = ReadEnd { validators, ..place::end(true, &resources) };
            for resource in &resources {
                let mut table = Table::open(resource, &settings, &sought)?;
                let ending = table.read(&mut emitter)?;
                end.complete &= ending.complete;
                end.last_row = end.last_row.max(ending.last_row);
                end.notes.append(&mut table.columns.notes);
                end.columns.append(&mut table.columns.names);
                if emitter.is_full() {
                    break;
                }
            }
            emitter.blocking_flush()?;
            Ok(end)
        });
        place::judged(joined(read.await, &place::told(&text)), &text, reading)
    }
}

/// Hands the rows of a text on that stands in the place of a workbook: a table that its owner exported. `None` for a text that is
/// no table.
pub(super) fn exported(
    resource: &Resource,
    (workbook, sought): (&SpreadsheetSettings, &Sought),
    emitter: &mut Emitter,
) -> Result<Option<(Columns, Ending)>, ReadError> {
    let settings = DelimitedSettings {
        base: None,
        path: String::new(),
        member: None,
        delimiter: "auto".to_owned(),
        encoding: "auto".to_owned(),
        header_row: workbook.header_row,
        header_rows: workbook.header_rows,
        skip_rows: 0,
        totals_row: workbook.totals_row.clone(),
        auth: None,
        join: None,
        limits: workbook.limits,
    };
    let mut table = Table::open(resource, &settings, sought)?;
    let is_table = table.columns.names.len() > 1 && !table.columns.names[0].starts_with('<');
    if !is_table {
        return Ok(None);
    }
    let ending = table.read(emitter)?;
    Ok(Some((table.columns, ending)))
}

/// Servers call CSV many things; what is a page for people or a picture is refused.
pub(super) fn is_delimited_text(essence: Option<&str>) -> bool {
    matches!(
        essence,
        None | Some(
            "text/csv"
                | "text/plain"
                | "text/tab-separated-values"
                | "text/comma-separated-values"
                | "application/csv"
                | "application/x-csv"
                | "text/x-csv"
                | "application/octet-stream"
                | "binary/octet-stream"
                | "application/vnd.ms-excel"
        )
    )
}

/// How a text ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    /// It was read to its end, as far as anybody can tell.
    pub(super) complete: bool,
    /// How its last row ended, where nothing else says that the text is whole.
    pub(super) last_row: Option<LastRow>,
}

impl Ending {
    const CUT: Ending = Ending { complete: false, last_row: None };
}

/// One file being read.
struct Table<'a> {
    resource: &'a Resource,
    settings: &'a DelimitedSettings,
    encoding: Encoding,
    delimiter: u8,
    reader: RecordReader,
    columns: Columns,
    header: Header,
}

impl<'a> Table<'a> {
    /// Finds out encoding and delimiter, and reads the header.
    fn open(resource: &'a Resource, settings: &'a DelimitedSettings, sought: &Sought) -> Result<Self, ReadError> {
        let failed = |error: std::io::Error| of_io(&resource.name, &error);
        let encoding = Encoding::of(&resource.path, &settings.encoding, &resource.name)?;
        let open = || {
            let text = encoding.open(&resource.path).map_err(failed)?;
            let mut reader = RecordReader::new(text, b',');
            reader.skip_lines(settings.skip_rows).map_err(failed)?;
            Ok::<_, ReadError>(reader)
        };
        let sample = open()?.sample().map_err(failed)?;
        if is_page(&sample) {
            return Err(ReadError::form(
                &resource.name,
                "une page HTML et non un tableau : vérifiez l'adresse (une page de connexion ?)",
                "a page of HTML and no table: check the address (a page to log in?)",
            ));
        }
        let announced = dialect::announced(&sample);
        let stated = dialect::stated(&settings.delimiter)?.or(announced);
        let lines = u32::from(announced.is_some());
        let fixed = settings.fixed_header_row();
        let found = fixed.is_none().then(|| top::found(&sample, (stated, lines), (encoding, sought))).flatten();
        let rank = found.map(|found| found.rank).or(fixed.map(|row| row as usize - 1));
        let delimiter = found
            .map(|found| found.delimiter)
            .or(stated)
            .unwrap_or_else(|| dialect::detected(&sample, rank.unwrap_or(0)));
        let mut reader = open()?.with_delimiter(delimiter);
        reader.skip_lines(lines).map_err(failed)?;
        let (header, line) = top::header(&mut reader, (rank, settings.header_rows), (encoding, &resource.name))?;
        let names = joined_header(&header);
        let mut columns = columns(names.iter().map(String::as_str), &resource.name);
        if columns.names.is_empty() {
            return Err(top::nothing(&resource.name));
        }
        let passed_over = found.filter(|found| found.above > 0);
        columns.notes.extend(passed_over.map(|found| super::top::passed_over(&resource.name, line, found.above)));
        Ok(Table { resource, settings, encoding, delimiter, reader, columns, header: Header::new(&header) })
    }

    /// Hands every row on. Tells how the text ended.
    fn read(&mut self, emitter: &mut Emitter) -> Result<Ending, ReadError> {
        let mut last_row = LastRow::Ended;
        loop {
            let next = self.reader.next().map_err(|error| of_io(&self.resource.name, &error))?;
            let (item, last) = match next {
                Next::End if self.is_untold() => {
                    self.columns.notes.push(self.untold_note());
                    return Ok(Ending::CUT);
                }
                Next::End => {
                    let told = matches!(self.resource.end, End::Told | End::File);
                    return Ok(Ending { complete: true, last_row: told.then_some(last_row) });
                }
                Next::Record { line } if self.is_untold() => (self.broken(line, Fault::Open), false),
                Next::Record { line } => {
                    let Some(item) = self.below(line) else { return Ok(Ending::CUT) };
                    if self.reader.is_open() {
                        last_row = open_row(item.as_ref());
                    }
                    match item {
                        Some(item) => (item, false),
                        None => continue,
                    }
                }
                Next::Cut { line } => (self.broken(line, Fault::Cut), true),
                Next::TooLong { line } => (self.broken(line, Fault::TooLong), true),
            };
            if last {
                self.columns.notes.push(self.cut_note());
            }
            if emitter.blocking_push(item, self.reader.weight())? == Flow::Full {
                self.columns.notes.push(emitter.full_note());
                return Ok(Ending::CUT);
            }
            if last {
                return Ok(Ending::CUT);
            }
        }
    }

    /// Did the text end within a row, where nobody said that it ends there?
    fn is_untold(&self) -> bool {
        self.resource.end == End::Untold && self.reader.is_open()
    }

    /// What the row just read is, which may be the header again; nothing where nothing below it can be read.
    fn below(&mut self, line: u64) -> Option<Option<Item>> {
        let texts = || self.reader.fields().map(|field| self.encoding.text(field).unwrap_or_default());
        if !self.header.may_be(texts()) {
            return Some(self.item(line));
        }
        let cells: Vec<String> = texts().map(Cow::into_owned).collect();
        match self.header.meet(&cells, &mut self.columns, (&self.resource.name, line)) {
            Below::Row => Some(self.item(line)),
            Below::Header => Some(Some(Item::Broken(header::broken(&cells, self.location(line))))),
            Below::OtherHeader => None,
        }
    }

    /// What the row just read is; `None` for one that is empty or a total.
    fn item(&self, line: u64) -> Option<Item> {
        let names = &self.columns.names;
        if self.reader.is_blank() {
            return None;
        }
        let mut values = Vec::with_capacity(names.len());
        let mut count = 0;
        for field in self.reader.fields() {
            // A row may end with delimiters and nothing between them.
            if count >= names.len() && !field.is_empty() {
                return Some(self.broken(line, Fault::TooMany));
            }
            if let Some(name) = names.get(count) {
                let Some(text) = self.encoding.text(field) else {
                    return Some(self.broken(line, Fault::Undecodable));
                };
                if text.contains('\0') {
                    return Some(self.broken(line, Fault::Nul));
                }
                values.push((name.clone(), Node::Text(text.into())));
            }
            count += 1;
        }
        if swallowed::swallows(self.reader.fields(), names.len(), self.delimiter) {
            return Some(self.broken(line, Fault::Swallowed));
        }
        let texts = values.iter().map(|(_, node)| if let Node::Text(text) = node { text.as_ref() } else { "" });
        if is_total(texts, &self.settings.totals_row) {
            return None;
        }
        if count < names.len() {
            return Some(self.broken(line, Fault::TooFew));
        }
        let is_open = self.resource.end == End::File && self.reader.is_open();
        Some(Item::Record(RawRecord { node: Node::Object(values), location: self.location(line), is_open }))
    }

    fn broken(&self, line: u64, fault: Fault) -> Item {
        let delimiter = char::from(self.delimiter).to_string();
        let fields: Vec<Cow<'_, str>> = self.reader.fields().map(String::from_utf8_lossy).collect();
        let (code, reason) = fault.told(self.columns.names.len(), fields.len());
        let raw = cut(&fields.join(&delimiter));
        let texts = fields.into_iter().take(CELLS_MAX).map(|text| text.into()).collect();
        let is_row = !matches!(fault, Fault::Cut | Fault::TooLong | Fault::Swallowed);
        let cells = is_row.then(|| Cells { names: self.columns.names.clone(), texts });
        Item::Broken(BrokenRecord { raw, location: self.location(line), code, reason, cells, legible: None })
    }

    fn location(&self, line: u64) -> Location {
        Location { resource: self.resource.name.as_str().into(), line: Some(line), page: None, index: None }
    }

    fn untold_note(&self) -> Message {
        let name = &self.resource.name;
        Message::new(
            format!(
                "{name} : la réponse ne dit pas où elle finit (ni Content-Length, ni chunked) et sa dernière ligne n'a pas de fin : \
                 elle est peut-être tronquée ; que la source dise l'une ou finisse l'autre"
            ),
            format!(
                "{name}: the answer does not say where it ends (neither Content-Length nor chunked) and its last row has no line \
                 end: it may be cut short; have the source state the one or end the other"
            ),
        )
    }

    fn cut_note(&self) -> Message {
        let name = &self.resource.name;
        Message::new(
            format!("{name} : la lecture s'arrête au milieu d'une ligne ; le fichier est peut-être tronqué"),
            format!("{name}: reading ends within a row; the file may be cut short"),
        )
    }
}

/// How a last row without line end ended.
fn open_row(item: Option<&Item>) -> LastRow {
    match item {
        Some(Item::Broken(broken)) if broken.code == Fault::TOO_FEW => LastRow::Torn,
        _ => LastRow::Open,
    }
}

/// Does the text begin as a page for people does, whatever it is served as?
fn is_page(sample: &[u8]) -> bool {
    let text = sample.trim_ascii_start();
    let begins = |with: &str| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()));
    begins("<!doctype html") || begins("<html")
}

/// A reading that failed: text that is none in its encoding, or the disk.
fn of_io(resource: &str, error: &std::io::Error) -> ReadError {
    if error.kind() == std::io::ErrorKind::InvalidData {
        return ReadError::form(
            resource,
            format!("le texte n'est pas dans l'encodage attendu ({error}) : indiquez encoding dans le manifeste"),
            format!("the text is not in the encoding expected ({error}): state encoding in the manifest"),
        );
    }
    ReadError::file(resource, error)
}
