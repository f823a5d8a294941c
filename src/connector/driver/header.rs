//! A header that comes again below: two lists put one under the other, a page printed after another one. A row that names the columns is no
//! record, and what stands below it is not sure to stand in the columns of the first.

use super::emitter::cut;
use super::table::{Columns, columns};
use super::top::{are_numbers_of_columns, filled, number_of_column};
use super::{BrokenRecord, HEADER_AGAIN};
use crate::domain::message::Message;
use crate::domain::rejection::Location;
use crate::domain::text::compact;
use std::collections::HashSet;
use std::sync::Arc;

/// Names that make a row a header, unless the table has fewer.
const NAMES_MIN: usize = 3;
/// Cells by which rows that are surely none are told.
const CELLS_LOOKED_AT: usize = 3;

/// What a row below the header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Below {
    /// A row like another.
    Row,
    /// The header again: the columns are named after it.
    Header,
    /// A header of other columns: nothing below it can be read.
    OtherHeader,
}

/// The names of the columns as they stand, row by row, to know them again.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// Without trailing blanks, each name in the form that its spellings share.
    rows: Vec<Vec<String>>,
    names: HashSet<String>,
    /// How the columns are called at the top, once they are called otherwise.
    top: Option<Vec<Arc<str>>>,
}

impl Header {
    pub(super) fn new(rows: &[Vec<String>]) -> Self {
        let rows: Vec<Vec<String>> = rows.iter().map(|row| compacted(row)).collect();
        let names = rows.iter().flatten().filter(|name| is_name(name)).cloned().collect();
        Header { rows, names, ..Header::default() }
    }

    /// Do these rows name every column of this one?
    pub(super) fn is_named_by(&self, rows: &[Vec<String>]) -> bool {
        let other = Header::new(rows);
        self.names.len() > 1 && self.names.is_subset(&other.names)
    }

    /// How many columns have a name.
    pub(super) fn names_count(&self) -> usize {
        self.names.len()
    }

    /// How many of those names do these rows share?
    pub(super) fn shared_by(&self, rows: &[Vec<String>]) -> usize {
        self.names.intersection(&Header::new(rows).names).count()
    }

    /// May a row of these cells be a header? Asked of every row: it costs a look at the first of them.
    pub(super) fn may_be(&self, cells: impl Iterator<Item = impl AsRef<str>>) -> bool {
        let mut first = cells.filter(|cell| !cell.as_ref().trim().is_empty()).take(CELLS_LOOKED_AT);
        let mut rank = 0;
        first.any(|cell| {
            rank += 1;
            if rank == 1 && number_of_column(cell.as_ref()) == Some(1) {
                return true;
            }
            let is_number = cell.as_ref().bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_punctuation());
            !is_number && self.names.contains(&compact(cell.as_ref()))
        })
    }

    /// Looks at a row that may be one: tells what it is, names the columns after it, and notes it.
    pub(super) fn meet(&mut self, cells: &[String], found: &mut Columns, (resource, line): (&str, u64)) -> Below {
        let texts = compacted(cells);
        let is_as_wide = || self.rows.last().is_some_and(|row| filled(row) == filled(cells));
        if are_numbers_of_columns(cells) && is_as_wide() {
            return Below::Header;
        }
        if self.rows.iter().any(|row| row.iter().filter(|name| is_name(name)).nth(1).is_some() && *row == texts) {
            found.names = self.top.take().unwrap_or_else(|| std::mem::take(&mut found.names));
            return Below::Header;
        }
        let Some(row) = self.rows.iter().find(|row| are_names(&texts, row)) else { return Below::Row };
        if self.rows.len() == 1 && are_same(&texts, row) {
            let names = columns(cells.iter().map(String::as_str), resource).names;
            let before = std::mem::replace(&mut found.names, names);
            self.top.get_or_insert(before);
            found.notes.push(moved(resource, line));
            return Below::Header;
        }
        // What cuts a read short is told first.
        found.notes.insert(0, other(resource, line));
        Below::OtherHeader
    }
}

/// The row that is the header again, for its owner to take out.
pub(super) fn broken(cells: &[String], location: Location) -> BrokenRecord {
    let reason = if are_numbers_of_columns(cells) {
        Message::new(
            "cette ligne numérote les colonnes : ce n'est pas un enregistrement",
            "this row numbers the columns: it is no record",
        )
    } else {
        Message::new(
            "l'en-tête revient sur cette ligne : ce n'est pas un enregistrement",
            "the header comes again in this row: it is no record",
        )
    };
    BrokenRecord { raw: cut(&cells.join(" | ")), location, code: HEADER_AGAIN, reason, cells: None, legible: None }
}

fn compacted(cells: &[String]) -> Vec<String> {
    let mut texts: Vec<String> = cells.iter().map(|cell| compact(cell)).collect();
    while texts.last().is_some_and(String::is_empty) {
        texts.pop();
    }
    texts
}

/// Years and other numbers may head columns, and stand in any row.
fn is_name(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// Are most of these cells names of most of the columns?
fn are_names(texts: &[String], row: &[String]) -> bool {
    let names = |list: &[String]| list.iter().filter(|name| is_name(name)).cloned().collect::<HashSet<_>>();
    let (mine, theirs) = (names(texts), names(row));
    let shared = mine.intersection(&theirs).count();
    let filled = texts.iter().filter(|text| !text.is_empty()).count();
    theirs.len() > 1 && shared >= NAMES_MIN.min(theirs.len()) && shared * 2 > filled && shared * 2 > theirs.len()
}

/// Are they the same columns, each named once, in whatever order?
fn are_same(texts: &[String], row: &[String]) -> bool {
    let each = |list: &[String]| list.iter().filter(|text| !text.is_empty()).cloned().collect::<HashSet<_>>();
    let (mine, theirs) = (each(texts), each(row));
    mine == theirs && mine.len() == texts.len() && theirs.len() == row.len()
}

fn moved(resource: &str, line: u64) -> Message {
    Message::new(
        format!(
            "{resource} : à la ligne {line}, l'en-tête revient avec ses colonnes dans un autre ordre ; la suite est lue selon lui"
        ),
        format!(
            "{resource}: at line {line} the header comes again with its columns in another order; what follows is read by it"
        ),
    )
}

fn other(resource: &str, line: u64) -> Message {
    Message::new(
        format!(
            "{resource} : à la ligne {line} commence une autre liste, sous un en-tête qui n'est pas celui du haut : elle ne peut pas être lue avec la première ; que chacune ait son fichier"
        ),
        format!(
            "{resource}: at line {line} another list begins, under a header that is not the one at the top: it cannot be read with the first; give each a file of its own"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOP: [&str; 4] = ["id", "Coût total", "montant", "2024"];

    fn cells(row: &[&str]) -> Vec<String> {
        row.iter().map(|cell| (*cell).to_owned()).collect()
    }

    fn below(row: &[&str]) -> (Below, Vec<String>) {
        let mut header = Header::new(&[cells(&TOP)]);
        let mut found = columns(TOP, "f");
        let what = if header.may_be(row.iter()) { header.meet(&cells(row), &mut found, ("f", 9)) } else { Below::Row };
        (what, found.names.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_header_is_known_again() {
        assert_eq!(below(&["ID", "cout total", "Montant", "2024", ""]).0, Below::Header);
        let (what, names) = below(&["id", "montant", "Coût total", "2024"]);
        assert_eq!((what, names), (Below::Header, cells(&["id", "montant", "Coût total", "2024"])));
        for other in [&["id", "montant", "Coût total", "2025"][..], &["id", "Coût total", "montant", "objet", "2024"]]
        {
            assert_eq!(below(other).0, Below::OtherHeader, "{other:?}");
        }
    }

    #[test]
    fn a_row_is_none() {
        for row in [
            &["A1", "100", "20", "2024"][..],
            &["id", "100", "20", "2024"],
            &["montant", "", "", ""],
            &["", "", "", ""],
            &["id", "montant", "x", "y"],
        ] {
            assert_eq!(below(row).0, Below::Row, "{row:?}");
        }
    }
}
