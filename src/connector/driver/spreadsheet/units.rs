//! The unit that a workbook shows beside a number and does not hold: 12 shown as `12 k€`, 0.45 as `45 %`. A number read without
//! it would be wrong by a thousand, or by the rate of a currency: it is read as it is shown, and no amount takes `12 k€` for euros.
//!
//! XLSX says so in the format of a style (ECMA-376, part 1, 18.8.31), ODS in the type, the currency and the text of each cell. XLS is read
//! without.

use super::super::error::ReadError;
use super::formats::{PERCENT, foreign, unit_of};
use crate::connector::node::Node;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::sync::Arc;
use zip::ZipArchive;

/// Cells that may show a unit: a sheet with more is refused, so that what is held of it is bounded.
const CELLS_MAX: usize = 2_000_000;
/// The built-in formats of XLSX that show a per cent: `0%`, `0.00%`.
const PERCENT_FORMATS: [u32; 2] = [9, 10];

/// The units of the cells of one sheet, by row and column from 0.
#[derive(Debug, Default)]
pub(super) struct Units {
    cells: HashMap<(u32, u32), Arc<str>>,
}

impl Units {
    /// A number as the sheet shows it; any other cell as it is.
    pub(super) fn shown(&self, position: (u32, u32), node: Node) -> Node {
        if self.cells.is_empty() {
            return node;
        }
        let (Node::Number(digits), Some(unit)) = (&node, self.cells.get(&position)) else { return node };
        if **unit == *PERCENT {
            return per_cent(digits).map_or(node, |text| Node::text(format!("{text} %")));
        }
        Node::text(format!("{digits} {unit}"))
    }

    /// Those of a sheet of an XLSX.
    pub(super) fn of_workbook(file: File, sheet: &str, resource: &str) -> Result<Self, ReadError> {
        let mut archive = opened(file, resource)?;
        let styles = styles(&mut archive, resource)?;
        if styles.is_empty() {
            return Ok(Units::default());
        }
        let Some(path) = sheet_path(&mut archive, sheet, resource)? else { return Ok(Units::default()) };
        let mut units = Units::default();
        let (mut row, mut column, mut is_endless) = (0, 0, false);
        each(&mut archive, &path, resource, &mut |event| {
            let (Event::Start(tag) | Event::Empty(tag)) = event else { return };
            match local(tag) {
                "row" => {
                    row = attribute(tag, "r").and_then(|one| one.parse().ok()).map_or(row + 1, |row: u32| row);
                    column = 0;
                }
                "c" => {
                    column = attribute(tag, "r").and_then(|one| column_of(&one)).unwrap_or(column) + 1;
                    let is_number = attribute(tag, "t").is_none_or(|kind| kind == "n");
                    let style = attribute(tag, "s").and_then(|style| style.parse().ok());
                    let unit = style.filter(|_| is_number).and_then(|style: usize| styles.get(&style));
                    if let (Some(unit), Some(row)) = (unit, row.checked_sub(1)) {
                        is_endless |= units.cells.len() >= CELLS_MAX;
                        if !is_endless {
                            units.cells.insert((row, column - 1), unit.clone());
                        }
                    }
                }
                _ => {}
            }
        })?;
        bounded(units, is_endless, resource)
    }

    /// Those of a sheet of an ODS.
    pub(super) fn of_open_document(file: File, sheet: &str, resource: &str) -> Result<Self, ReadError> {
        let mut archive = opened(file, resource)?;
        let mut table = OpenTable { wanted: sheet.to_owned(), ..OpenTable::default() };
        each(&mut archive, "content.xml", resource, &mut |event| table.meet(event))?;
        bounded(table.units, table.is_endless, resource)
    }
}

/// The units, unless there are more than may be held.
fn bounded(units: Units, is_endless: bool, resource: &str) -> Result<Units, ReadError> {
    if is_endless { Err(unreadable(resource, &format_args!("{CELLS_MAX}+ cells"))) } else { Ok(units) }
}

/// A hundred times the number, digit by digit.
fn per_cent(digits: &str) -> Option<String> {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || !whole.bytes().chain(decimals.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let padded = format!("{decimals:0<2}");
    let (moved, left) = padded.split_at(2);
    let whole = format!("{whole}{moved}");
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let left = left.trim_end_matches('0');
    Some(if left.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{left}") })
}

/// The styles of cells that show a unit, by their position.
fn styles(archive: &mut ZipArchive<BufReader<File>>, resource: &str) -> Result<HashMap<usize, Arc<str>>, ReadError> {
    let mut formats: HashMap<u32, Arc<str>> = PERCENT_FORMATS.iter().map(|format| (*format, PERCENT.into())).collect();
    let (mut found, mut inside, mut position) = (HashMap::new(), false, 0_usize);
    each(archive, "xl/styles.xml", resource, &mut |event| match event {
        Event::Start(tag) | Event::Empty(tag) => match local(tag) {
            "numFmt" => {
                let id = attribute(tag, "numFmtId").and_then(|id| id.parse().ok());
                let unit = attribute(tag, "formatCode").and_then(|code| unit_of(&code));
                if let (Some(id), Some(unit)) = (id, unit) {
                    formats.insert(id, unit);
                }
            }
            "cellXfs" => inside = true,
            "xf" if inside => {
                let id = attribute(tag, "numFmtId").and_then(|id| id.parse::<u32>().ok());
                if let Some(unit) = id.and_then(|id| formats.get(&id)) {
                    found.insert(position, unit.clone());
                }
                position += 1;
            }
            _ => {}
        },
        Event::End(tag) => inside &= tag.local_name().as_ref() != "cellXfs",
        _ => {}
    })?;
    Ok(found)
}

/// The entry of the archive that holds the sheet.
pub(super) fn sheet_path(
    archive: &mut ZipArchive<BufReader<File>>,
    sheet: &str,
    resource: &str,
) -> Result<Option<String>, ReadError> {
    let (mut link, mut path) = (None, None);
    each(archive, "xl/workbook.xml", resource, &mut |event| {
        let (Event::Start(tag) | Event::Empty(tag)) = event else { return };
        if local(tag) == "sheet" && attribute(tag, "name").as_deref() == Some(sheet) {
            let id = tag.attributes().flatten().find(|one| one.key.local_name().as_ref() == "id");
            link = id.map(|id| id.value.to_string());
        }
    })?;
    each(archive, "xl/_rels/workbook.xml.rels", resource, &mut |event| {
        let (Event::Start(tag) | Event::Empty(tag)) = event else { return };
        if local(tag) == "Relationship" && attribute(tag, "Id") == link {
            path = attribute(tag, "Target");
        }
    })?;
    Ok(path.map(|path| match path.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("xl/{path}"),
    }))
}

/// A table of an ODS as its cells are met.
#[derive(Default)]
struct OpenTable {
    wanted: String,
    inside: bool,
    row: u32,
    rows: u32,
    column: u32,
    cell: Option<OpenCell>,
    /// Units of the row that is met.
    found: Vec<(u32, Arc<str>)>,
    units: Units,
    is_endless: bool,
}

/// A cell of an ODS.
struct OpenCell {
    times: u32,
    unit: Option<Arc<str>>,
    /// Its number as held; empty for what is none.
    value: String,
    text: String,
}

impl OpenTable {
    fn meet(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => self.begins(tag),
            Event::Empty(tag) => {
                self.begins(tag);
                self.ends(local(tag));
            }
            Event::Text(text) => {
                if let Some(cell) = &mut self.cell {
                    cell.text.push_str(text);
                }
            }
            Event::End(tag) => self.ends(tag.local_name().as_ref()),
            _ => {}
        }
    }

    fn begins(&mut self, tag: &BytesStart<'_>) {
        let times = |name| attribute(tag, name).and_then(|times| times.parse().ok()).unwrap_or(1);
        match local(tag) {
            "table" => {
                self.inside = attribute(tag, "table:name").as_deref() == Some(&self.wanted);
                self.row = 0;
            }
            "table-row" if self.inside => {
                (self.rows, self.column) = (times("table:number-rows-repeated"), 0);
            }
            "table-cell" | "covered-table-cell" if self.inside => {
                let kind = attribute(tag, "office:value-type").unwrap_or_default();
                let currency =
                    attribute(tag, "office:currency").filter(|currency| currency != "EUR" && currency != "€");
                self.cell = Some(OpenCell {
                    times: times("table:number-columns-repeated"),
                    unit: if kind == "percentage" { Some(PERCENT.into()) } else { currency.map(Arc::from) },
                    value: attribute(tag, "office:value").unwrap_or_default(),
                    text: String::new(),
                });
            }
            _ => {}
        }
    }

    fn ends(&mut self, name: &str) {
        match name {
            "table-cell" | "covered-table-cell" => {
                let Some(cell) = self.cell.take() else { return };
                if let Some(unit) = cell.unit() {
                    let columns = (0..cell.times).map(|step| self.column.saturating_add(step));
                    self.found.extend(columns.take(CELLS_MAX).map(|column| (column, unit.clone())));
                }
                self.column = self.column.saturating_add(cell.times);
            }
            "table-row" if self.inside => {
                let found = std::mem::take(&mut self.found);
                self.is_endless |= found.len().saturating_mul(self.rows as usize) > CELLS_MAX - self.units.cells.len();
                if !found.is_empty() && !self.is_endless {
                    for row in self.row..self.row.saturating_add(self.rows) {
                        self.units.cells.extend(found.iter().map(|(column, unit)| ((row, *column), unit.clone())));
                    }
                }
                self.row = self.row.saturating_add(self.rows);
            }
            "table" => self.inside = false,
            _ => {}
        }
    }
}

impl OpenCell {
    /// The unit that it shows, where it is none of euros.
    fn unit(&self) -> Option<Arc<str>> {
        if self.value.is_empty() {
            return None;
        }
        let literal = self.text.trim_matches(|letter: char| !letter.is_alphabetic() && !is_sign(letter));
        self.unit.clone().or_else(|| foreign(literal, self.is_scaled()))
    }

    /// Does it show fewer digits before the point than it holds: thousands, where the number is whole?
    fn is_scaled(&self) -> bool {
        let figures = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        let held = figures(self.value.split('.').next().unwrap_or_default());
        let shown = match self.text.rsplit_once([',', '.']) {
            Some((whole, decimals)) if figures(decimals) < 3 => figures(whole),
            _ => figures(&self.text),
        };
        held > shown + 1
    }
}

fn is_sign(letter: char) -> bool {
    matches!(letter, '€' | '$' | '£' | '¥')
}

pub(super) fn opened(file: File, resource: &str) -> Result<ZipArchive<BufReader<File>>, ReadError> {
    ZipArchive::new(BufReader::new(file)).map_err(|error| unreadable(resource, &error))
}

/// Hands every event of an entry on; an entry that is not there has none.
pub(super) fn each(
    archive: &mut ZipArchive<BufReader<File>>,
    name: &str,
    resource: &str,
    meet: &mut dyn FnMut(&Event<'_>),
) -> Result<(), ReadError> {
    let Ok(entry) = archive.by_name(name) else { return Ok(()) };
    events(BufReader::new(entry), meet).map_err(|error| unreadable(resource, &error))
}

fn events(content: impl BufRead, meet: &mut dyn FnMut(&Event<'_>)) -> Result<(), quick_xml::Error> {
    let (mut reader, mut buffer) = (Reader::from_reader(content), Vec::new());
    loop {
        match reader.read_event_into(&mut buffer)? {
            Event::Eof => return Ok(()),
            event => meet(&event),
        }
        buffer.clear();
    }
}

fn unreadable(resource: &str, error: &dyn std::fmt::Display) -> ReadError {
    ReadError::form(
        resource,
        format!("classeur illisible ({error}) : les formats de ses cellules ne peuvent être lus"),
        format!("unreadable workbook ({error}): the formats of its cells cannot be read"),
    )
}

pub(super) fn local<'t>(tag: &'t BytesStart<'_>) -> &'t str {
    let name = tag.name().into_inner();
    name.rsplit(':').next().unwrap_or(name)
}

pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|one| one.key.as_ref() == name)?;
    Some(
        found
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_or_else(|_| found.value.to_string(), |text| text.into_owned()),
    )
}

/// The column of a reference, from 0: `AB12` is 27.
pub(super) fn column_of(reference: &str) -> Option<u32> {
    let letters = reference.bytes().take_while(u8::is_ascii_uppercase);
    let column =
        letters.fold(0_u32, |column, letter| column.saturating_mul(26).saturating_add(u32::from(letter - b'A') + 1));
    column.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_shown_a_hundred_times() {
        for (number, shown) in [("0.45", "45"), ("0.333333", "33.3333"), ("1", "100"), ("-0.005", "-0.5"), ("0", "0")] {
            assert_eq!(per_cent(number).as_deref(), Some(shown), "{number}");
        }
        assert_eq!(per_cent("1e5"), None);
    }

    #[test]
    fn columns_by_their_letters() {
        assert_eq!(
            [column_of("A1"), column_of("Z9"), column_of("AB12"), column_of("12")],
            [Some(0), Some(25), Some(27), None]
        );
    }
}
