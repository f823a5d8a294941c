//! Which sheet of a workbook is read, and which others look as if they held the rest of the list.

use super::super::emitter::decimal;
use super::super::error::ReadError;
use super::super::settings::{Sheet, SpreadsheetSettings};
use super::super::table::joined_header;
use super::super::top::{ROWS_LOOKED_AT, Sought};
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
    /// The first sheet, where another one is read: it has not the header that is sought.
    passed_over: Option<String>,
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
            passed_over: None,
        })
    }

    /// The one sheet that has the header which is sought, in the place of the first one, which has it not.
    pub(super) fn sought(
        self,
        sheets: &[calamine::Sheet],
        heads: &[(String, Head)],
        resource: &str,
    ) -> Result<Chosen, ReadError> {
        let is_it = |head: &Head| head.is_sought && head.is_headed;
        let mut sought = heads.iter().filter(|(_, head)| is_it(head));
        let first = heads.iter().find(|(name, _)| *name == self.name);
        match (sought.next(), sought.next()) {
            // A first sheet that names columns of the list is the list, under a header that has changed: it is read, and that is told. One
            // of a few columns is a digest of it.
            (Some((_, only)), None)
                if first.is_some_and(|(_, head)| head.is_list && head.width() * 2 > only.width()) =>
            {
                Ok(self)
            }
            (Some((only, _)), None) if *only != self.name => {
                let chosen = Chosen::of(sheets, &Sheet::Name(only.clone()), resource)?;
                Ok(Chosen { passed_over: Some(self.name), ..chosen })
            }
            _ => Ok(self),
        }
    }

    /// That another sheet than the first is read.
    pub(super) fn passed_over_note(&self, resource: &str) -> Option<Message> {
        let (name, first) = (&self.name, self.passed_over.as_ref()?);
        Some(Message::new(
            format!(
                "{resource} : la feuille « {name} » est lue ; « {first} », qui la précède, n'a pas l'en-tête de la liste"
            ),
            format!(
                "{resource}: the sheet « {name} » is read; « {first} », which stands before it, has not the header of the list"
            ),
        ))
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

/// The first rows of a sheet that hold something, each with its line.
pub(super) type Top = Vec<(u32, Vec<String>)>;

/// The header of a sheet.
pub(super) struct Head {
    /// Its rows.
    pub(super) rows: Vec<Vec<String>>,
    /// The first rows of the sheet, those above it and the first below it with it.
    pub(super) top: Vec<Vec<String>>,
    /// How many of those are above what it heads.
    pub(super) above: usize,
    /// It is the one that is sought.
    pub(super) is_sought: bool,
    /// Something stands below it.
    pub(super) is_headed: bool,
    /// One of the first rows names columns of the list.
    pub(super) is_list: bool,
}

impl Head {
    /// The filled cells of the widest of its rows.
    fn width(&self) -> usize {
        let filled = |row: &Vec<String>| row.iter().filter(|cell| !cell.trim().is_empty()).count();
        self.top.iter().map(filled).max().unwrap_or(0)
    }

    /// What would be the header of a sheet that begins so.
    pub(super) fn of(top: Top, settings: &SpreadsheetSettings, sought: &Sought) -> Option<Head> {
        let is_list = top.iter().any(|(_, cells)| sought.names_some(cells));
        if let Some(first) = settings.fixed_header_row() {
            let mut rows = vec![Vec::new(); settings.header_rows.max(1) as usize];
            let end = first.saturating_add(settings.header_rows.max(1));
            for (line, cells) in top.iter().filter(|(line, _)| (first..end).contains(line)) {
                rows[(line - first) as usize].clone_from(cells);
            }
            let is_sought = sought.is_header(&joined_header(&rows));
            let above = top.iter().filter(|(line, _)| *line < end).count();
            let top: Vec<Vec<String>> = top.into_iter().map(|(_, cells)| cells).collect();
            return Some(Head { rows, is_headed: top.len() > above, top, above, is_sought, is_list });
        }
        let top: Vec<Vec<String>> = top.into_iter().map(|(_, cells)| cells).collect();
        let at = sought.among(&top);
        let above = at.unwrap_or(0) + 1;
        let rows = vec![top.get(above - 1)?.clone()];
        Some(Head { rows, is_headed: top.len() > above, top, above, is_sought: at.is_some(), is_list })
    }
}

/// How many rows tell the header of a sheet, and that something stands below it.
pub(super) fn rows_looked_at(settings: &SpreadsheetSettings) -> usize {
    let fixed = settings.fixed_header_row().map_or(0, |first| first.saturating_add(settings.header_rows.max(1)));
    (ROWS_LOOKED_AT + 1).max(fixed as usize)
}

/// The first `count` rows among these cells.
pub(super) fn top(cells: impl Iterator<Item = ((u32, u32), String)>, count: usize) -> Top {
    let mut top: Top = Vec::new();
    for ((row, column), text) in cells.filter(|(_, text)| !text.trim().is_empty()) {
        let (line, column) = (row + 1, column as usize);
        if top.last().is_none_or(|(last, _)| *last != line) {
            if top.len() == count {
                break;
            }
            top.push((line, Vec::new()));
        }
        let Some((_, cells)) = top.last_mut() else { continue };
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        cells[column] = text;
    }
    top
}

/// The same of a sheet that is read at once.
pub(super) fn top_of(range: &calamine::Range<Data>, count: usize) -> Top {
    let (first_row, first_column) = range.start().unwrap_or((0, 0));
    let cells = range.used_cells().map(|(row, column, value)| {
        let text = match value {
            Data::String(text) => text.clone(),
            Data::Empty => String::new(),
            Data::Int(number) => number.to_string(),
            Data::Float(number) => decimal(*number).unwrap_or_else(|| NO_NAME.to_owned()),
            _ => NO_NAME.to_owned(),
        };
        ((first_row + row as u32, first_column + column as u32), text)
    });
    top(cells, count)
}

/// What stands for a cell that is neither text nor number: it names no column.
const NO_NAME: &str = "0";

/// The text of a cell, as far as it may name a column.
pub(super) fn name(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => decimal(*number).unwrap_or_else(|| NO_NAME.to_owned()),
        _ => NO_NAME.to_owned(),
    }
}
