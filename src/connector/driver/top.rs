//! Where the header of a table stands whose manifest states no row for it: titles, the date of an edition, a row of groups may stand above.

use super::table::called;
use crate::domain::message::Message;
use crate::domain::text::compact;
use std::collections::HashSet;

/// Rows among which the header is looked for; those that are blank do not count.
pub(super) const ROWS_LOOKED_AT: usize = 20;

/// Rows of two cells that may stand above a table, which must be so wide: more of them are a list.
const PAIRS_MAX: usize = 2;
const PAIRS_WIDTH_MIN: usize = 4;

/// Columns that are numbered in a row of their own; fewer may be a record.
const NUMBERED_MIN: usize = 4;

/// The names by which the header of a table is known: those that the map reads.
#[derive(Debug, Clone, Default)]
pub struct Sought {
    /// The parts of the key, each with the names that it may have, in the form that their spellings share.
    key: Vec<Vec<String>>,
    /// The names of all else.
    others: HashSet<String>,
    /// Of those, the names of sums; none where the map reads none.
    sums: HashSet<String>,
}

impl Sought {
    /// A header that names each part of the `key`, under one of its names, and something else that the map reads, where it does.
    pub fn new(key: Vec<Vec<String>>, names: impl Iterator<Item = String>) -> Self {
        let key: Vec<Vec<String>> =
            key.into_iter().map(|part| part.into_iter().filter_map(shared).collect::<Vec<_>>()).collect();
        let others = names.filter_map(shared).filter(|name| !key.iter().flatten().any(|part| part == name)).collect();
        Sought { key, others, sums: HashSet::new() }
    }

    /// The same, of a table that states sums under these names.
    #[must_use]
    pub fn stating(self, sums: impl Iterator<Item = String>) -> Self {
        Sought { sums: sums.filter_map(shared).collect(), ..self }
    }

    /// Which of the first rows is the header. `None` where none is, or where what stands above it may be records: the first row is
    /// the header then, and its names are told.
    pub(super) fn among(&self, rows: &[Vec<String>]) -> Option<usize> {
        let at = rows.iter().take(ROWS_LOOKED_AT).position(|row| self.is_header(row))?;
        may_stand_above(&rows[..at], filled(&rows[at])).then_some(at)
    }

    /// Does it name several columns that the map reads, were it not the header?
    pub(super) fn names_some(&self, row: &[String]) -> bool {
        let is_named = |cell: &String| self.others.contains(cell) || self.key.iter().flatten().any(|name| name == cell);
        row.iter().map(|cell| compact(&called(cell))).filter(is_named).count() > 1
    }

    /// Is it the header?
    pub(super) fn is_header(&self, row: &[String]) -> bool {
        self.key_columns(row).is_some()
            && (self.others.is_empty() || row.iter().any(|cell| self.others.contains(&compact(&called(cell)))))
    }

    /// The columns of the key under this header, where it names each part of it.
    pub(super) fn key_columns(&self, row: &[String]) -> Option<Vec<usize>> {
        let cells: Vec<String> = row.iter().map(|cell| compact(&called(cell))).collect();
        let column = |names: &Vec<String>| cells.iter().position(|cell| names.contains(cell));
        let columns: Option<Vec<usize>> = self.key.iter().map(column).collect();
        columns.filter(|columns| !columns.is_empty())
    }

    /// The columns of sums under this header; `None` of a list that states none.
    pub(super) fn sum_columns(&self, row: &[String]) -> Option<Vec<usize>> {
        let is_sum = |cell: &String| self.sums.contains(&compact(&called(cell)));
        let columns = || row.iter().enumerate().filter(|(_, cell)| is_sum(cell)).map(|(column, _)| column).collect();
        (!self.sums.is_empty()).then(columns)
    }
}

/// A name in the form that its spellings share.
fn shared(name: String) -> Option<String> {
    Some(compact(&name)).filter(|name| !name.is_empty())
}

/// May these rows stand above a header of so many names? A title is one cell; a few are a word and a day, or the like, where the table is
/// wide. The groups of its columns may fill more, stand right above it, and are words. The columns may be numbered. Anything else may be a
/// record.
fn may_stand_above(rows: &[Vec<String>], width: usize) -> bool {
    let rows: Vec<&Vec<String>> = rows.iter().filter(|row| !are_numbers_of_columns(row)).collect();
    let is_pair = |row: &&&Vec<String>| filled(row) == 2;
    let is_title = |row: &&Vec<String>| filled(row) <= 1 || is_pair(&row) && width >= PAIRS_WIDTH_MIN;
    let Some((last, before)) = rows.split_last() else { return true };
    before.iter().all(is_title)
        && (is_title(last) || !last.iter().any(|cell| is_figure(cell)))
        && rows.iter().filter(is_pair).count() <= PAIRS_MAX
}

/// Do these cells count from one on?
pub(super) fn are_numbers_of_columns(row: &[String]) -> bool {
    let cells = || row.iter().filter(|cell| !cell.trim().is_empty());
    cells().count() >= NUMBERED_MIN && (1..).zip(cells()).all(|(number, cell)| number_of_column(cell) == Some(number))
}

/// The number of a column, were it between brackets.
pub(super) fn number_of_column(cell: &str) -> Option<usize> {
    let cell = cell.trim();
    cell.strip_prefix('(').and_then(|cell| cell.strip_suffix(')')).unwrap_or(cell).parse().ok()
}

pub(super) fn filled(row: &[String]) -> usize {
    row.iter().filter(|cell| !cell.trim().is_empty()).count()
}

/// An amount, a date, a number.
pub(super) fn is_figure(cell: &str) -> bool {
    cell.chars().any(|letter| letter.is_ascii_digit()) && !cell.chars().any(char::is_alphabetic)
}

/// That rows above the header are not read.
pub(super) fn passed_over(resource: &str, line: u64, rows: usize) -> Message {
    Message::new(
        format!(
            "{resource} : l'en-tête est à la ligne {line} ; lignes au-dessus qui ne sont pas lues (titres, groupes de colonnes) : {rows}"
        ),
        format!(
            "{resource}: the header is at line {line}; rows above it that are not read (titles, groups of columns): {rows}"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(texts: &[&str]) -> Vec<Vec<String>> {
        texts.iter().map(|text| text.split(';').map(str::to_owned).collect()).collect()
    }

    fn found(texts: &[&str]) -> Option<usize> {
        let key = vec![vec!["N° opération".to_owned(), "numero".to_owned()], vec!["Année".to_owned()]];
        let names = ["N° opération", "numero", "Année", "Montant", "Objet"].map(str::to_owned);
        Sought::new(key, names.into_iter()).among(&rows(texts))
    }

    #[test]
    fn the_header_is_the_first_row_that_names_the_key() {
        let header = "numéro;ANNEE*;Objet;montant;Note";
        assert_eq!(found(&[header, "1;2024;a;5;"]), Some(0));
        assert_eq!(found(&["Liste des opérations", ";;;;", "Édition;12/03/2025", header]), Some(3));
        assert_eq!(found(&["Opération;;Subvention;;", header, header]), Some(1), "a row of groups");
        assert_eq!(found(&["Op.;Op.;Subvention;Subvention;Autre", header]), Some(1), "that fills every column");
        assert_eq!(found(&["Liste;;;;", "1;2;3;4;5", header]), Some(2), "numbers of columns");
        assert_eq!(found(&["Opération;;Subvention;;", "1;2;3;4;5", header]), Some(2), "below their groups");
        assert_eq!(found(&["Liste;;;;", "(1);(2);(3);(4);(5)", header]), Some(2), "between brackets");
        assert_eq!(found(&["1;2;3;4;6", header]), None, "these may be a record");
        assert_eq!(found(&["numero;annee;objet", "N° opération;Année;AnnÃ©e"]), Some(0));
    }

    #[test]
    fn a_row_is_none() {
        let header = "numero;annee;objet;montant;note";
        assert_eq!(found(&["numero;montant", "1;2"]), None, "a part of the key is not there");
        assert_eq!(found(&["numero;annee;x", "1;2024;"]), None, "nothing else is");
        assert_eq!(found(&["n°;an;quoi;voté;note", "1;2024;a;5;x", header]), None, "records under another header");
        assert_eq!(found(&["1;2024;a;5;x", header]), None, "a record");
        let wide = format!("{header};c1;c2;c3;c4;c5;c6;c7;c8;c9;c10");
        assert_eq!(found(&["1;2024;a;5;x", "2;2024;b;6;x", &wide]), None, "records of a table that is half empty");
        assert_eq!(found(&["1;2024", "2;2024", "3;2024", header]), None, "a list of two columns");
        assert_eq!(found(&["2;2024", "numero;annee;objet"]), None, "a record of a narrow one");
        let late: Vec<&str> = std::iter::repeat_n("titre", ROWS_LOOKED_AT).chain([header]).collect();
        assert_eq!((found(&late), found(&late[1..])), (None, Some(ROWS_LOOKED_AT - 1)));
        assert_eq!(Sought::default().among(&rows(&["a;b"])), None);
    }
}
