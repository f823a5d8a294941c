//! What tables have in common, whether of text or of cells: how columns are called, and which rows are no records.

use crate::connector::convert::mojibake::repaired;
use crate::domain::message::Message;
use crate::domain::text::{compact, normalised};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The columns of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Columns {
    /// Their names, each once; shared by all records.
    pub(super) names: Vec<Arc<str>>,
    /// What was changed in the header.
    pub(super) notes: Vec<Message>,
}

/// Names the columns after the header's cells: blanks at the ends dropped and runs of them made one space; nameless
/// columns at the end left out, others called `column-N`; a name met again gets ` (2)`, ` (3)`, the first keeps it.
pub(super) fn columns<'a>(cells: impl IntoIterator<Item = &'a str>, resource: &str) -> Columns {
    let mut texts: Vec<String> = cells.into_iter().map(tidied).collect();
    while texts.last().is_some_and(String::is_empty) {
        texts.pop();
    }
    let mut columns = Columns { names: Vec::with_capacity(texts.len()), notes: Vec::new() };
    let mut met = HashSet::new();
    for (position, text) in texts.into_iter().enumerate() {
        let text = match repaired(&text) {
            Some(meant) => {
                columns.notes.push(Message::new(
                    format!("{resource} : l'en-tête « {text} », mal encodé, est lu comme « {meant} »"),
                    format!("{resource}: the header « {text} », wrongly encoded, is read as « {meant} »"),
                ));
                meant
            }
            None => text,
        };
        let text = if text.is_empty() { unnamed(position) } else { text };
        let mut name = text.clone();
        let mut times = 1;
        while !met.insert(name.clone()) {
            times += 1;
            name = format!("{text} ({times})");
        }
        if times > 1 {
            columns.notes.push(Message::new(
                format!("{resource} : la colonne « {text} » est en double ; la suivante est lue comme « {name} »"),
                format!("{resource}: the column « {text} » stands twice; the later one is read as « {name} »"),
            ));
        }
        columns.names.push(name.into());
    }
    tell_alike(&mut columns, resource);
    columns
}

/// Two columns that differ by their spelling only: a rule must name the one that it means, letter for letter.
fn tell_alike(columns: &mut Columns, resource: &str) {
    let mut spelled: HashMap<String, Arc<str>> = HashMap::new();
    for name in &columns.names {
        if let Some(first) = spelled.insert(compact(name), Arc::clone(name)) {
            columns.notes.push(Message::new(
                format!("{resource} : les colonnes « {first} » et « {name} » ne diffèrent que par leur graphie"),
                format!("{resource}: the columns « {first} » and « {name} » differ by their spelling only"),
            ));
        }
    }
}

/// Several rows of header as one: `upper lower`; an empty upper cell repeats the one at its left, as merged cells look.
pub(super) fn joined_header(rows: &[Vec<String>]) -> Vec<String> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut names = vec![String::new(); width];
    for (index, row) in rows.iter().enumerate() {
        let is_last = index + 1 == rows.len();
        let mut left = "";
        for (column, name) in names.iter_mut().enumerate() {
            let own = row.get(column).map_or("", |text| text.trim());
            let has_lower =
                rows[index + 1..].iter().any(|row| row.get(column).is_some_and(|text| !text.trim().is_empty()));
            let part = if own.is_empty() && !is_last && has_lower { left } else { own };
            if !own.is_empty() {
                left = own;
            }
            if !name.is_empty() && !part.is_empty() {
                name.push(' ');
            }
            name.push_str(part);
        }
    }
    names
}

/// What a column without a name is called; `position` counts from 0.
pub(super) fn unnamed(position: usize) -> String {
    format!("column-{}", position + 1)
}

/// Is the row, by its first cell that is not empty and in whatever spelling, one of the totals that the manifest leaves out?
pub(super) fn is_total<'a>(mut cells: impl Iterator<Item = &'a str>, totals: &[String]) -> bool {
    if totals.is_empty() {
        return false;
    }
    let first = cells.find_map(|cell| Some(cell.trim()).filter(|cell| !cell.is_empty()));
    first.is_some_and(|first| {
        let folded = normalised(first);
        totals.iter().any(|total| total == first || !folded.is_empty() && normalised(total) == folded)
    })
}

/// What a column under this cell of the header is called, but for its rank among others of the same name.
pub(super) fn called(cell: &str) -> String {
    let text = tidied(cell);
    repaired(&text).unwrap_or(text)
}

fn tidied(text: &str) -> String {
    // A byte order mark glued to the first name is no part of it.
    text.trim_start_matches('\u{feff}').split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(cells: &[&str]) -> Vec<String> {
        columns(cells.iter().copied(), "f").names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn two_header_rows_make_one() {
        let rows = [
            ["Nom", "Montants", "", "Année", ""].map(str::to_owned).to_vec(),
            ["", "demandé", "accordé", "", ""].map(str::to_owned).to_vec(),
        ];
        assert_eq!(joined_header(&rows), ["Nom", "Montants demandé", "Montants accordé", "Année", ""]);
        assert_eq!(joined_header(&[vec!["a".to_owned(), String::new(), "b".to_owned()]]), ["a", "", "b"]);
    }

    #[test]
    fn every_column_gets_a_name_of_its_own() {
        assert_eq!(named(&["\u{feff} Nom  attributaire* ", "montant\r\nvoté"]), ["Nom attributaire*", "montant voté"]);
        assert_eq!(named(&["a", "", "b", "", ""]), ["a", "column-2", "b"]);
        assert_eq!(named(&["a", "a", "a"]), ["a", "a (2)", "a (3)"]);
        assert_eq!(named(&["a (2)", "a", "a"]), ["a (2)", "a", "a (3)"]);
        assert_eq!(named(&["Aide notifiÃ©e", "CAFÉ»"]), ["Aide notifiée", "CAFÉ»"]);
        assert_eq!(columns(["a", "a"], "f").notes.len(), 1);
        assert_eq!(columns(["Aide notifiÃ©e"], "f").notes.len(), 1);
        assert_eq!(columns(["nomAttribuant", "Nom attribuant"], "f").notes.len(), 1);
    }

    #[test]
    fn a_total_is_known_by_its_first_words() {
        let totals = ["Total".to_owned()];
        assert!(is_total(["", " Total ", "12"].into_iter(), &totals));
        assert!(is_total(["TOTAL :", "12"].into_iter(), &totals) && is_total(["total"].into_iter(), &totals));
        assert!(!is_total(["…", "12"].into_iter(), &["-".to_owned()]), "signs alone are no word");
        assert!(!is_total(["Total général", "12"].into_iter(), &totals));
        assert!(!is_total(["x", "Total"].into_iter(), &totals));
    }
}
