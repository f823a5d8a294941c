//! What a workbook holds and a table cannot show: a formula that nobody has worked out yet, a cell that lies over several rows.

use super::super::error::ReadError;
use super::units::{attribute, column_of, each, local, opened, sheet_path};
use crate::connector::node::Node;
use calamine::CellErrorType;
use quick_xml::events::Event;
use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::str::FromStr as _;

/// Formulas without a value that are held at most; what is beyond them is read as empty.
const FORMULAS_MAX: usize = 1_000_000;
/// What is read in the place of a formula without a value: no amount, no date, no identifier takes it.
const UNWORKED: &str = "formule sans valeur";

/// Such cells of one sheet of an XLSX or an ODS.
#[derive(Debug, Default)]
pub(super) struct Unworked {
    /// Formulas without a value, by row and column from 0.
    formulas: HashSet<(u32, u32)>,
    /// The last row, from 0, of each cell that lies over several rows.
    merged: Vec<u32>,
    /// Cells in error, in their order, of which the library does not know the word.
    errors: VecDeque<ErrorCell>,
}

/// A cell in error.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ErrorCell {
    /// Row and column, from 0; nothing where the sheet does not say where its cells stand.
    pub position: Option<(u32, u32)>,
    /// What stands there.
    pub word: String,
}

impl Unworked {
    /// A cell as it is to be read: empty where it is, but not where a formula stands that was never worked out.
    pub(super) fn shown(&self, position: (u32, u32), node: Node) -> Node {
        let is_unworked = node == Node::Null && self.formulas.contains(&position);
        if is_unworked { Node::text(UNWORKED) } else { node }
    }

    /// The cells in error of which the library does not know the word.
    pub(super) fn take_errors(&mut self) -> VecDeque<ErrorCell> {
        std::mem::take(&mut self.errors)
    }

    /// The formulas without a value.
    pub(super) fn formulas(&self) -> usize {
        self.formulas.len()
    }

    /// Cells that lie over several rows and reach beyond `header_row`, counted from 1.
    pub(super) fn merged_below(&self, header_row: u32) -> usize {
        self.merged.iter().filter(|last| **last >= header_row).count()
    }

    /// Those of a sheet of an XLSX.
    pub(super) fn of_workbook(file: File, sheet: &str, resource: &str) -> Result<Self, ReadError> {
        let mut archive = opened(file, resource)?;
        let Some(path) = sheet_path(&mut archive, sheet, resource)? else { return Ok(Unworked::default()) };
        let mut found = Unworked::default();
        let (mut row, mut column, mut formula) = (0_u32, 0_u32, false);
        let mut error: Option<ErrorCell> = None;
        each(&mut archive, &path, resource, &mut |event| match event {
            Event::Start(tag) | Event::Empty(tag) => match local(tag) {
                "row" => {
                    row = attribute(tag, "r").and_then(|one| one.parse().ok()).unwrap_or(row + 1);
                    column = 0;
                }
                "c" => {
                    column = attribute(tag, "r").and_then(|one| column_of(&one)).unwrap_or(column) + 1;
                    formula = false;
                    let placed = attribute(tag, "r").map(|_| (row.saturating_sub(1), column - 1));
                    let is_error = attribute(tag, "t").is_some_and(|kind| kind == "e");
                    error = is_error.then(|| ErrorCell { position: placed, word: String::new() });
                }
                "f" => formula = true,
                // It has one, or a text in its place.
                "v" | "is" => formula &= matches!(event, Event::Empty(_)),
                "mergeCell" => found.merged.extend(attribute(tag, "ref").and_then(|range| last_of_several(&range))),
                _ => {}
            },
            Event::Text(text) => {
                if let Some(error) = error.as_mut().filter(|_| !text.trim().is_empty()) {
                    error.word = text.to_string();
                }
            }
            Event::End(tag) if tag.local_name().as_ref() == "c" => {
                if std::mem::take(&mut formula) {
                    found.formula((row.saturating_sub(1), column - 1));
                }
                found.errors.extend(error.take().filter(|error| CellErrorType::from_str(&error.word).is_err()));
            }
            _ => {}
        })?;
        Ok(found)
    }

    /// Those of a sheet of an ODS.
    pub(super) fn of_open_document(file: File, sheet: &str, resource: &str) -> Result<Self, ReadError> {
        let mut archive = opened(file, resource)?;
        let mut found = Unworked::default();
        let (mut inside, mut row, mut rows, mut column) = (false, 0_u32, 1_u32, 0_u32);
        each(&mut archive, "content.xml", resource, &mut |event| match event {
            Event::Start(tag) | Event::Empty(tag) => {
                let number = |name| attribute(tag, name).and_then(|times| times.parse::<u32>().ok()).unwrap_or(1);
                match local(tag) {
                    "table" => (inside, row) = (attribute(tag, "table:name").as_deref() == Some(sheet), 0),
                    "table-row" if inside => (rows, column) = (number("table:number-rows-repeated"), 0),
                    "table-cell" | "covered-table-cell" if inside => {
                        let has = |name| attribute(tag, name).is_some();
                        if has("table:formula") && !has("office:value-type") {
                            found.formula((row, column));
                        }
                        let over = number("table:number-rows-spanned");
                        found.merged.extend((over > 1).then(|| row.saturating_add(over - 1)));
                        column = column.saturating_add(number("table:number-columns-repeated"));
                    }
                    _ => {}
                }
            }
            Event::End(tag) if inside => match tag.local_name().as_ref() {
                "table-row" => row = row.saturating_add(rows),
                "table" => inside = false,
                _ => {}
            },
            _ => {}
        })?;
        Ok(found)
    }

    fn formula(&mut self, position: (u32, u32)) {
        if self.formulas.len() < FORMULAS_MAX {
            self.formulas.insert(position);
        }
    }
}

/// The last row, from 0, of a range of several rows: `C2:C3` ends in row 2.
fn last_of_several(range: &str) -> Option<u32> {
    let row = |cell: &str| {
        cell.trim_start_matches(|letter: char| letter.is_ascii_alphabetic() || letter == '$').parse::<u32>().ok()
    };
    let (first, last) = range.split_once(':')?;
    let (first, last) = (row(first)?, row(last)?);
    (last > first).then(|| last - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_several_rows() {
        let ranges = ["C2:C3", "A1:F1", "$B$2:$C$10", "C2", "x"];
        assert_eq!(ranges.map(last_of_several), [Some(2), None, Some(9), None, None]);
    }
}
