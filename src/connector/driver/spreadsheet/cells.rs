//! Cells become rows, the first of them the header, the others records.

use super::super::emitter::{Emitter, Flow, Item, decimal};
use super::super::error::ReadError;
use super::super::header::{self, Below, Header};
use super::super::settings::{Sheet, SpreadsheetSettings};
use super::super::table::{Columns, columns, is_total, joined_header, unnamed};
use super::super::top::{ROWS_LOOKED_AT, Sought, passed_over};
use super::super::{RawRecord, UnreadSheet};
use super::rest::{Rest, rests};
use super::sheets::{Chosen, Head, Top};
use super::units::Units;
use super::unworked::Unworked;
use crate::connector::convert::is_cell_error;
use crate::connector::node::Node;
use crate::domain::message::Message;
use crate::domain::rejection::Location;
use calamine::{DataRef, ExcelDateTime};
use std::sync::Arc;

/// Serial numbers below this one are no sure dates: spreadsheets count a 29 February 1900 that never was.
const SERIAL_MIN: f64 = 61.0;
/// Bytes that a cell is counted for, its text aside.
const CELL_BYTES: usize = 24;
/// Bytes of the rows that are kept while the header is looked for.
const TOP_BYTES_MAX: usize = 1024 * 1024;

/// Takes cells in their order, hands records on.
pub(super) struct SheetRows<'a> {
    resource: &'a str,
    settings: &'a SpreadsheetSettings,
    sought: &'a Sought,
    emitter: &'a mut Emitter,
    /// The rows at the top, each with its line, until it is known which is the header.
    top: Option<Vec<(u32, Vec<Node>)>>,
    top_bytes: usize,
    /// The line of the header.
    header_line: u32,
    header: Vec<Vec<String>>,
    columns: Option<Columns>,
    /// The header, to know it again, once it is whole.
    again: Option<Header>,
    is_cut: bool,
    /// The other sheets in which the list may go on.
    rests: Vec<(String, Rest)>,
    sheet_notes: Vec<Message>,
    above_note: Option<Message>,
    row: u32,
    cells: Vec<Node>,
    row_bytes: usize,
    error_cells: u64,
    units: Units,
    unworked: Unworked,
}

impl<'a> SheetRows<'a> {
    pub(super) fn new(
        resource: &'a str,
        (settings, sought): (&'a SpreadsheetSettings, &'a Sought),
        emitter: &'a mut Emitter,
    ) -> Self {
        let fixed = settings.fixed_header_row();
        let header = vec![Vec::new(); settings.header_rows.max(1) as usize];
        SheetRows {
            resource,
            settings,
            sought,
            emitter,
            top: fixed.is_none().then(Vec::new),
            top_bytes: 0,
            header_line: fixed.unwrap_or(1),
            header,
            columns: None,
            again: None,
            is_cut: false,
            rests: Vec::new(),
            sheet_notes: Vec::new(),
            above_note: None,
            row: 0,
            cells: Vec::new(),
            row_bytes: 0,
            error_cells: 0,
            units: Units::default(),
            unworked: Unworked::default(),
        }
    }

    /// Reads numbers as the sheet shows them, and no formula without a value as an empty cell.
    pub(super) fn read_in(&mut self, units: Units, unworked: Unworked) {
        (self.units, self.unworked) = (units, unworked);
    }

    /// The sheet to read, of those of the workbook, and those in which its list may go on; `top` gives the first rows of one.
    pub(super) fn choose(
        &mut self,
        sheets: &[calamine::Sheet],
        top: &mut dyn FnMut(&str) -> Option<Top>,
    ) -> Result<Chosen, ReadError> {
        let (settings, sought, resource) = (self.settings, self.sought, self.resource);
        let mut head = |sheet: &String| Some((sheet.clone(), Head::of(top(sheet)?, settings, sought)?));
        let mut chosen = Chosen::of(sheets, settings.first_sheet(), resource)?;
        let mut heads: Vec<(String, Head)> = chosen.others.iter().filter_map(&mut head).collect();
        if !heads.is_empty() {
            heads.extend(head(&chosen.name));
        }
        // Of two tables of one workbook, both may name the key.
        let is_alone = settings.join.is_none();
        if settings.sheet.is_none() && is_alone {
            chosen = chosen.sought(sheets, &heads, resource)?;
        }
        self.sheet_notes.extend(chosen.hidden_note(resource));
        self.sheet_notes.extend(chosen.passed_over_note(resource));
        self.rests = rests(&heads, &chosen.name, is_alone.then_some(sought));
        Ok(chosen)
    }

    /// Takes the cell at `position` (row, column, from 0).
    pub(super) fn cell(&mut self, position: (u32, u32), value: &DataRef<'_>) -> Result<Flow, ReadError> {
        let node = self.node(value);
        self.take(position, node)
    }

    /// Takes a cell in error at `position`, by whatever word its program says so.
    pub(super) fn error(&mut self, position: (u32, u32), word: &str) -> Result<Flow, ReadError> {
        let node = self.error_cell(if is_cell_error(word) { word } else { "#VALUE!" });
        self.take(position, node)
    }

    fn take(&mut self, position: (u32, u32), node: Node) -> Result<Flow, ReadError> {
        let (row, column) = (position.0, position.1 as usize);
        if row < self.row {
            return Err(ReadError::form(
                self.resource,
                "les lignes de la feuille ne se suivent pas dans l'ordre : enregistrez-la à nouveau",
                "the rows of the sheet do not follow in order: save it again",
            ));
        }
        if row > self.row && self.end_row()? == Flow::Full {
            return Ok(Flow::Full);
        }
        self.row = row;
        let node = self.unworked.shown(position, self.units.shown(position, node));
        // A text that the workbook holds once may stand in every cell: a row is bounded by what it would fill.
        self.row_bytes += CELL_BYTES + node.scalar().map_or(0, str::len);
        let bytes_max = self.settings.limits.bytes_max;
        if self.row_bytes as u64 > bytes_max {
            return Err(ReadError::TooLarge { resource: self.resource.to_owned(), bytes_max });
        }
        if node == Node::Null {
            return Ok(Flow::On);
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Node::Null);
        }
        self.cells[column] = node;
        Ok(Flow::On)
    }

    /// Ends the last row of the sheet.
    pub(super) fn last_row(&mut self) -> Result<Flow, ReadError> {
        if self.end_row()? == Flow::Full {
            return Ok(Flow::Full);
        }
        self.leave_top()
    }

    /// Ends the row being gathered.
    fn end_row(&mut self) -> Result<Flow, ReadError> {
        let (cells, bytes) = (std::mem::take(&mut self.cells), std::mem::take(&mut self.row_bytes));
        let line = self.row + 1;
        let Some(top) = &mut self.top else { return self.take_row(cells, line) };
        if cells.iter().all(Node::is_blank) {
            return Ok(Flow::On);
        }
        top.push((line, cells));
        self.top_bytes += bytes;
        if top.len() < ROWS_LOOKED_AT && self.top_bytes < TOP_BYTES_MAX { Ok(Flow::On) } else { self.leave_top() }
    }

    /// Takes the rows at the top for what they are, once enough of them are there, or all.
    fn leave_top(&mut self) -> Result<Flow, ReadError> {
        let top = self.top.take().unwrap_or_default();
        let names: Vec<Vec<String>> = top.iter().map(|(_, cells)| texts(cells)).collect();
        let above = self.sought.among(&names).unwrap_or(0);
        if let Some((line, _)) = top.get(above) {
            self.header_line = *line;
            self.above_note = (above > 0).then(|| passed_over(self.resource, u64::from(*line), above));
        }
        for (line, cells) in top.into_iter().skip(above) {
            if self.take_row(cells, line)? == Flow::Full {
                return Ok(Flow::Full);
            }
        }
        Ok(Flow::On)
    }

    /// Takes a row: of the header, or above or below it.
    fn take_row(&mut self, cells: Vec<Node>, line: u32) -> Result<Flow, ReadError> {
        let Some(below) = line.checked_sub(self.header_line) else { return Ok(Flow::On) };
        if let Some(row) = self.header.get_mut(below as usize) {
            *row = texts(&cells);
            return Ok(Flow::On);
        }
        // Formulas that reach below the list say nothing of it.
        let is_empty = |node: &Node| node.is_blank() || node.scalar().is_some_and(is_cell_error);
        if cells.iter().all(is_empty) || self.is_total(&cells) {
            return Ok(Flow::On);
        }
        let bytes = cells.iter().map(|node| CELL_BYTES + node.scalar().map_or(0, str::len)).sum();
        let location = Location { resource: self.resource.into(), line: Some(line.into()), page: None, index: None };
        let item = match self.below(&cells, line)? {
            Below::Row => Item::Record(RawRecord { node: self.record(cells)?, location, is_open: false }),
            Below::Header => Item::Broken(header::broken(&texts(&cells), location)),
            Below::OtherHeader => {
                self.is_cut = true;
                return Ok(Flow::Full);
            }
        };
        self.emitter.blocking_push(item, bytes)
    }

    /// Is the row the header again?
    fn below(&mut self, cells: &[Node], line: u32) -> Result<Below, ReadError> {
        let header = self.again.get_or_insert_with(|| Header::new(&self.header));
        if !header.may_be(cells.iter().map(|node| node.scalar().unwrap_or(""))) {
            return Ok(Below::Row);
        }
        let cells = texts(cells);
        let mut header = std::mem::take(header);
        let resource = self.resource;
        let below = header.meet(&cells, self.columns()?, (resource, line.into()));
        self.again = Some(header);
        Ok(below)
    }

    /// Does a list begin in the sheet that cannot be read with the one at its top?
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Ends the sheet, with its columns and what is to be known of it.
    pub(super) fn end(mut self) -> Result<Columns, ReadError> {
        let mut columns = std::mem::take(self.columns()?);
        if self.error_cells > 0 {
            let (resource, count) = (self.resource, self.error_cells);
            columns.notes.push(Message::new(
                format!(
                    "{resource} : {count} cellules en erreur (#N/A, #REF!…) : ce qu'elles devaient dire n'est pas connu"
                ),
                format!("{resource}: {count} error cells (#N/A, #REF!…): what they should say is not known"),
            ));
        }
        columns.notes.extend(self.unworked_note());
        columns.notes.extend(self.merged_note());
        columns.notes.append(&mut self.sheet_notes);
        columns.notes.extend(self.above_note.take());
        columns.notes.splice(0..0, self.unread().into_iter().map(|sheet| sheet.note));
        Ok(columns)
    }

    /// The sheets in which the list may go on.
    pub(super) fn unread(&self) -> Vec<UnreadSheet> {
        let is_left_out = matches!(self.settings.sheet, Some(Sheet::Name(_)));
        let note = |sheet: &str, rest: Rest| rest.note(self.resource, sheet);
        let unread = |(sheet, rest): &(String, Rest)| UnreadSheet {
            name: (&**sheet).into(),
            is_left_out: is_left_out || rest.is_told_only(),
            note: note(sheet, *rest),
        };
        self.rests.iter().map(unread).collect()
    }

    fn unworked_note(&self) -> Option<Message> {
        let (resource, count) = (self.resource, self.unworked.formulas());
        (count > 0).then(|| {
            Message::new(
                format!("{resource} : {count} formules n'ont pas de valeur calculée : ouvrez le classeur dans un tableur et enregistrez-le"),
                format!("{resource}: {count} formulas have no value: open the workbook in a spreadsheet and save it"),
            )
        })
    }

    fn merged_note(&self) -> Option<Message> {
        let header_rows = self.header_line + self.settings.header_rows.max(1) - 1;
        let (resource, count) = (self.resource, self.unworked.merged_below(header_rows));
        (count > 0).then(|| {
            Message::new(
                format!("{resource} : {count} cellules s'étendent sur plusieurs lignes : leur contenu n'est lu que dans la première, les autres sont vides"),
                format!("{resource}: {count} cells lie over several rows: what they hold is read in the first one alone, the others are empty"),
            )
        })
    }

    fn record(&mut self, cells: Vec<Node>) -> Result<Node, ReadError> {
        let names = &self.columns()?.names;
        let mut values: Vec<(Arc<str>, Node)> = Vec::with_capacity(names.len());
        let mut cells = cells.into_iter();
        for name in names {
            values.push((Arc::clone(name), cells.next().unwrap_or(Node::Null)));
        }
        let width = values.len();
        // A remark beside the table is kept, under the number of its column.
        for (index, node) in cells.enumerate().filter(|(_, node)| *node != Node::Null) {
            values.push((unnamed(width + index).into(), node));
        }
        Ok(Node::Object(values))
    }

    fn columns(&mut self) -> Result<&mut Columns, ReadError> {
        if self.columns.is_none() {
            let names = joined_header(&self.header);
            let found = columns(names.iter().map(String::as_str), self.resource);
            if found.names.is_empty() {
                return Err(ReadError::form(
                    self.resource,
                    format!("aucun en-tête à la ligne {} : voyez header-row dans le manifeste", self.header_line),
                    format!("no header at row {}: see header-row in the manifest", self.header_line),
                ));
            }
            self.columns = Some(found);
        }
        Ok(self.columns.as_mut().expect("the columns were just named"))
    }

    fn is_total(&self, cells: &[Node]) -> bool {
        is_total(cells.iter().map(|node| node.scalar().unwrap_or("")), &self.settings.totals_row)
    }

    fn node(&mut self, value: &DataRef<'_>) -> Node {
        match value {
            DataRef::Empty => Node::Null,
            DataRef::Int(number) => Node::Number(number.to_string().into()),
            DataRef::Float(number) => self.number(*number),
            DataRef::String(text) => Node::text(text.as_str()),
            DataRef::SharedString(text) => Node::text(*text),
            DataRef::Bool(yes) => Node::Bool(*yes),
            DataRef::DateTime(serial) => match date_text(serial) {
                Some(text) => Node::text(text),
                None if serial.is_duration() || serial.as_f64().abs() < 1.0 => Node::text(clock(serial.as_f64())),
                None => self.number(serial.as_f64()),
            },
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Node::text(text.as_str()),
            DataRef::Error(error) => self.error_cell(&error.to_string()),
        }
    }

    fn number(&mut self, number: f64) -> Node {
        match decimal(number) {
            Some(digits) => Node::Number(digits.into()),
            None => self.error_cell("#NUM!"),
        }
    }

    /// An error as it is shown: what should stand there is not known, and is not nothing.
    fn error_cell(&mut self, shown: &str) -> Node {
        self.error_cells += 1;
        Node::text(shown)
    }
}

/// Cells as their texts.
fn texts(cells: &[Node]) -> Vec<String> {
    cells.iter().map(|node| node.scalar().unwrap_or("").to_owned()).collect()
}

/// A time of day or a length of time as it is shown, `1:02:00`: no amount takes it for one.
fn clock(days: f64) -> String {
    let seconds = (days.abs() * 86_400.0).round();
    let (hours, rest) = ((seconds / 3_600.0).floor(), seconds % 3_600.0);
    let sign = if days < 0.0 { "-" } else { "" };
    format!("{sign}{hours}:{:02}:{:02}", (rest / 60.0).floor(), rest % 60.0)
}

/// A date, with its time where it has one; `None` for what is a duration or no sure date.
fn date_text(serial: &ExcelDateTime) -> Option<String> {
    if serial.is_duration() || serial.as_f64() < SERIAL_MIN {
        return None;
    }
    let (year, month, day, hour, minute, second, milli) = serial.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    Some(match (hour, minute, second, milli) {
        (0, 0, 0, 0) => date,
        (_, _, _, 0) => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}.{milli:03}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    #[test]
    fn a_time_is_no_amount() {
        assert_eq!(clock(62.0 / 1_440.0), "1:02:00");
        assert_eq!((clock(0.5), clock(1.5), clock(-0.5)), ("12:00:00".into(), "36:00:00".into(), "-12:00:00".into()));
    }

    #[test]
    fn a_serial_number_is_a_date_only_where_it_surely_is() {
        let date = |value| date_text(&ExcelDateTime::new(value, ExcelDateTimeType::DateTime, false));
        assert_eq!(date(45943.0).as_deref(), Some("2025-10-13"));
        assert_eq!(date(45943.5).as_deref(), Some("2025-10-13T12:00:00"));
        assert_eq!(date(2.0), None);
        assert_eq!(date_text(&ExcelDateTime::new(45943.0, ExcelDateTimeType::TimeDelta, false)), None);
    }
}
