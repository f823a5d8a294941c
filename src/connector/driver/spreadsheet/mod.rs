//! XLSX, XLS and ODS: the rows of one sheet under its header; or the table that its owner exported as a text. A workbook is unpacked within bounds before it is opened.

mod cells;
mod formats;
mod rest;
mod sheets;
mod units;
mod unpacked;
mod unworked;

use super::auth::Access;
use super::delimited;
use super::emitter::{Emitter, Flow, joined};
use super::error::ReadError;
use super::place::{self, Kind, Resource};
use super::settings::SpreadsheetSettings;
use super::table::Columns;
use super::top::Sought;
use super::{Batch, Driver, ReadEnd, Reading};
use calamine::{Data, DataRef, Ods, Reader, Xls, Xlsx, XlsxError};
use cells::SheetRows;
use sheets::{name, top, top_of};
use std::fs::File;
use std::io::{BufReader, Read};
use tokio::sync::mpsc::Sender;
use units::Units;
use unworked::{ErrorCell, Unworked};

/// How an old workbook (XLS) begins.
const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Reads workbooks.
#[derive(Debug, Clone)]
pub struct Spreadsheet {
    settings: SpreadsheetSettings,
    sought: Sought,
}

impl Spreadsheet {
    /// The driver for what a manifest says.
    pub fn new(settings: SpreadsheetSettings) -> Self {
        Spreadsheet { settings, sought: Sought::default() }
    }

    /// The same, its header known by these names.
    pub(super) fn seeking(self, sought: Sought) -> Self {
        Spreadsheet { sought, ..self }
    }
}

impl Driver for Spreadsheet {
    async fn records(&self, reading: &Reading<'_>, out: &Sender<Batch>) -> Result<ReadEnd, ReadError> {
        let text = place::locate(reading, self.settings.base.as_deref(), &self.settings.path)?;
        let mut emitter = Emitter::new(out, self.settings.limits);
        let settings = &self.settings;
        let access = Access { base: settings.base.as_deref(), path: &settings.path, auth: settings.auth.as_ref() };
        let accepts = |essence: Option<&str>| is_workbook(essence) || delimited::is_delimited_text(essence);
        let kind = Kind { expected: "XLSX, XLS, ODS, CSV", accepts, access, limits: settings.limits };
        let Some(place::Found { resources, validators }) =
            place::resources(place::place(&text)?, kind, reading).await?
        else {
            return Ok(ReadEnd::known());
        };
        let (settings, sought) = (self.settings.clone(), self.sought.clone());
        let read = tokio::task::spawn_blocking(move || {
            let mut end = ReadEnd { validators, ..place::end(true, &resources) };
            for resource in &resources {
                if let Some((mut columns, ending)) = text_table(resource, (&settings, &sought), &mut emitter)? {
                    end.complete &= ending.complete;
                    end.last_row = end.last_row.max(ending.last_row);
                    end.notes.append(&mut columns.notes);
                    end.columns.append(&mut columns.names);
                    if emitter.is_full() {
                        break;
                    }
                    continue;
                }
                let mut rows = SheetRows::new(&resource.name, (&settings, &sought), &mut emitter);
                let flow = read_workbook(resource, &settings, &mut rows)?;
                end.complete &= !rows.is_cut();
                let is_full = flow == Flow::Full && !rows.is_cut();
                let unread = rows.unread();
                let mut columns = rows.end()?;
                end.unread.extend(unread);
                end.notes.append(&mut columns.notes);
                end.columns.append(&mut columns.names);
                if is_full {
                    end.complete = false;
                    end.notes.push(emitter.full_note());
                    break;
                }
            }
            emitter.blocking_flush()?;
            Ok(end)
        });
        place::judged(joined(read.await, &place::told(&text)), &text, reading)
    }
}

/// The table, where its owner exported it as a text under the same name: sheets are not told apart there, so that one that is
/// joined with another is not taken.
fn text_table(
    resource: &Resource,
    (settings, sought): (&SpreadsheetSettings, &Sought),
    emitter: &mut Emitter,
) -> Result<Option<(Columns, delimited::Ending)>, ReadError> {
    let magic = magic(resource)?;
    let is_text = magic.len() > 3 && !magic.starts_with(b"PK") && !magic.starts_with(OLE) && !magic.contains(&b'<');
    if is_text && settings.join.is_none() {
        delimited::exported(resource, (settings, sought), emitter)
    } else {
        Ok(None)
    }
}

/// The first bytes, which tell the format.
fn magic(resource: &Resource) -> Result<Vec<u8>, ReadError> {
    let failed = |error: std::io::Error| ReadError::file(&resource.name, &error);
    let mut magic = Vec::new();
    File::open(&resource.path).map_err(failed)?.take(8).read_to_end(&mut magic).map_err(failed)?;
    Ok(magic)
}

/// What servers call a workbook.
fn is_workbook(essence: Option<&str>) -> bool {
    let Some(essence) = essence else { return true };
    essence.starts_with("application/vnd.openxmlformats-officedocument.spreadsheetml")
        || essence.starts_with("application/vnd.oasis.opendocument.spreadsheet")
        || matches!(
            essence,
            "application/vnd.ms-excel"
                | "application/x-excel"
                | "application/excel"
                | "application/octet-stream"
                | "binary/octet-stream"
                | "application/zip"
        )
}

/// Feeds the cells of the sheet to `rows`, row by row. The format is that of the bytes, whatever the name.
fn read_workbook(
    resource: &Resource,
    settings: &SpreadsheetSettings,
    rows: &mut SheetRows<'_>,
) -> Result<Flow, ReadError> {
    let open = || File::open(&resource.path).map_err(|error| ReadError::file(&resource.name, &error));
    let (magic, count) = (magic(resource)?, sheets::rows_looked_at(settings));
    let unreadable = |detail: String| {
        ReadError::form(
            &resource.name,
            format!("classeur illisible ({detail}) : tronqué, protégé par un mot de passe, ou d'un autre format"),
            format!("unreadable workbook ({detail}): cut short, locked by a password, or of another format"),
        )
    };
    if magic.starts_with(OLE) {
        let mut book = Xls::new(BufReader::new(open()?)).map_err(|error| unreadable(error.to_string()))?;
        let sheets = book.sheets_metadata().to_vec();
        let chosen =
            rows.choose(&sheets, &mut |sheet| book.worksheet_range(sheet).ok().map(|range| top_of(&range, count)))?;
        let range = book.worksheet_range(&chosen.name).map_err(|error| unreadable(error.to_string()))?;
        return feed_range(&range, rows);
    }
    if !magic.starts_with(b"PK") {
        return Err(unreadable("neither XLSX, XLS nor ODS".to_owned()));
    }
    if unpacked::is_open_document(open()?, settings.limits.bytes_max, &resource.name)? {
        let mut book = Ods::new(BufReader::new(open()?)).map_err(|error| unreadable(error.to_string()))?;
        let sheets = book.sheets_metadata().to_vec();
        let chosen =
            rows.choose(&sheets, &mut |sheet| book.worksheet_range(sheet).ok().map(|range| top_of(&range, count)))?;
        rows.read_in(
            Units::of_open_document(open()?, &chosen.name, &resource.name)?,
            Unworked::of_open_document(open()?, &chosen.name, &resource.name)?,
        );
        let range = book.worksheet_range(&chosen.name).map_err(|error| unreadable(error.to_string()))?;
        return feed_range(&range, rows);
    }
    let mut book = Xlsx::new(BufReader::new(open()?)).map_err(|error| unreadable(error.to_string()))?;
    let sheets = book.sheets_metadata().to_vec();
    let chosen = rows.choose(&sheets, &mut |sheet| {
        // A sheet that is no table has no cells.
        let mut cells = book.worksheet_cells_reader(sheet).ok()?;
        let cells = std::iter::from_fn(|| cells.next_cell().ok().flatten());
        Some(top(cells.map(|cell| (cell.get_position(), name(cell.get_value()))), count))
    })?;
    let mut unworked = Unworked::of_workbook(open()?, &chosen.name, &resource.name)?;
    let mut errors = unworked.take_errors();
    rows.read_in(Units::of_workbook(open()?, &chosen.name, &resource.name)?, unworked);
    // Cell by cell: a sheet that declares a million rows for a thousand costs a thousand.
    let mut cells = book.worksheet_cells_reader(&chosen.name).map_err(|error| unreadable(error.to_string()))?;
    loop {
        let flow = match cells.next_cell() {
            Ok(None) => return rows.last_row(),
            Ok(Some(cell)) => rows.cell(cell.get_position(), cell.get_value())?,
            // The library knows the words of one program alone, and goes on at the next cell.
            Err(XlsxError::CellError(word)) => match errors.pop_front() {
                Some(ErrorCell { position: Some(position), word: met }) if met == word => {
                    rows.error(position, &word)?
                }
                _ => return Err(unknown_error(&resource.name, &chosen.name, &word)),
            },
            Err(error) => return Err(unreadable(error.to_string())),
        };
        if flow == Flow::Full {
            return Ok(Flow::Full);
        }
    }
}

/// A cell in error of which nobody knows where it stands: those after it would be read in its column.
fn unknown_error(resource: &str, sheet: &str, word: &str) -> ReadError {
    ReadError::form(
        resource,
        format!(
            "feuille « {sheet} » : une cellule porte l'erreur « {word} » sans dire où elle est ; enregistrez le classeur à nouveau"
        ),
        format!(
            "sheet « {sheet} »: a cell bears the error « {word} » without saying where it stands; save the workbook again"
        ),
    )
}

fn feed_range(range: &calamine::Range<Data>, rows: &mut SheetRows<'_>) -> Result<Flow, ReadError> {
    let (first_row, first_column) = range.start().unwrap_or((0, 0));
    for (row, column, value) in range.used_cells() {
        // A sheet has at most 1 048 576 rows and 16 384 columns.
        let position = (first_row + row as u32, first_column + column as u32);
        if rows.cell(position, &borrowed(value))? == Flow::Full {
            return Ok(Flow::Full);
        }
    }
    rows.last_row()
}

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(yes) => DataRef::Bool(*yes),
        Data::DateTime(serial) => DataRef::DateTime(*serial),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(kind) => DataRef::Error(kind.clone()),
        Data::Empty => DataRef::Empty,
    }
}
