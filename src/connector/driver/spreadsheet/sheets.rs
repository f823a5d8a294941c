//! Which sheet of a workbook is read, and which others look as if they held the rest of the list.

use super::super::error::ReadError;
use super::super::settings::{Sheet, SpreadsheetSettings};
use super::cells::SheetRows;
use crate::domain::message::Message;
use calamine::{Data, DataRef, SheetVisible};

/// The sheet to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) name: String,
    /// The other sheets that people see.
    pub(super) others: Vec<String>,
    /// A sheet before it that nobody sees.
    hidden: Option<String>,
}

impl Chosen {
    /// The sheet that the manifest names, by name or by its position from 1 among those that are seen.
    pub(super) fn of(sheets: &[calamine::Sheet], sheet: &Sheet, resource: &str) -> Result<Chosen, ReadError> {
        let seen: Vec<&calamine::Sheet> =
            sheets.iter().filter(|sheet| sheet.visible == SheetVisible::Visible).collect();
        let found = match sheet {
            Sheet::Name(name) => sheets.iter().find(|known| known.name == *name),
            Sheet::Position(position) => (*position as usize).checked_sub(1).and_then(|index| seen.get(index).copied()),
        };
        let Some(found) = found else { return Err(missing(sheets, sheet, resource)) };
        let before = sheets.iter().take_while(|known| known.name != found.name);
        let hidden =
            before.filter(|known| known.visible != SheetVisible::Visible).map(|known| known.name.clone()).next();
        Ok(Chosen {
            name: found.name.clone(),
            others: seen.iter().filter(|known| known.name != found.name).map(|known| known.name.clone()).collect(),
            hidden: hidden.filter(|_| matches!(sheet, Sheet::Position(_))),
        })
    }

    /// That a sheet which is not seen is not counted.
    pub(super) fn hidden_note(&self, resource: &str) -> Option<Message> {
        let (name, hidden) = (&self.name, self.hidden.as_ref()?);
        Some(Message::new(
            format!("{resource} : la feuille « {name} » est lue ; « {hidden} », masquée, n'est pas comptée"),
            format!("{resource}: the sheet « {name} » is read; « {hidden} », which is hidden, is not counted"),
        ))
    }
}

fn missing(sheets: &[calamine::Sheet], sheet: &Sheet, resource: &str) -> ReadError {
    let wanted = match sheet {
        Sheet::Name(name) => format!("« {name} »"),
        Sheet::Position(position) => position.to_string(),
    };
    let known = sheets.iter().map(|sheet| &*sheet.name).collect::<Vec<_>>().join(" », « ");
    ReadError::form(
        resource,
        format!("pas de feuille {wanted} ; feuilles du classeur : « {known} »"),
        format!("no sheet {wanted}; sheets of the workbook: « {known} »"),
    )
}

/// The rows that would be the header of a sheet, where something stands below them.
pub(super) fn head(
    cells: impl Iterator<Item = ((u32, u32), String)>,
    settings: &SpreadsheetSettings,
) -> Option<Vec<Vec<String>>> {
    let mut head = vec![Vec::new(); settings.header_rows.max(1) as usize];
    for ((row, column), text) in cells.filter(|(_, text)| !text.trim().is_empty()) {
        let Some(below) = row.checked_sub(settings.header_row.max(1) - 1) else { continue };
        let Some(names) = head.get_mut(below as usize) else { return Some(head) };
        let column = column as usize;
        if names.len() <= column {
            names.resize(column + 1, String::new());
        }
        names[column] = text;
    }
    None
}

/// Hands on the heads of the other sheets of a workbook that is read at once.
pub(super) fn others_of(
    chosen: &Chosen,
    range: &mut dyn FnMut(&str) -> Option<calamine::Range<Data>>,
    settings: &SpreadsheetSettings,
    rows: &mut SheetRows<'_>,
) {
    for other in &chosen.others {
        let Some(range) = range(other) else { continue };
        let (first_row, first_column) = range.start().unwrap_or((0, 0));
        let cells = range.used_cells().map(|(row, column, value)| {
            let text = match value {
                Data::String(text) => text.clone(),
                Data::Empty => String::new(),
                _ => NO_NAME.to_owned(),
            };
            ((first_row + row as u32, first_column + column as u32), text)
        });
        rows.meet_other(other, head(cells, settings));
    }
}

/// What stands for a cell that is no text: it names no column.
const NO_NAME: &str = "0";

/// The text of a cell, as far as it may name a column.
pub(super) fn name(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Empty => String::new(),
        _ => NO_NAME.to_owned(),
    }
}
