//! Which sheets that are not read look as if they held the rest of the list: under its header or one that is nearly it, or under none. A
//! notice, a legend, a list of codes, a digest by year or by fund look otherwise.

use super::super::header::Header;
use super::super::table::joined_header;
use super::super::top::{Sought, are_numbers_of_columns, filled, is_figure};
use super::sheets::Head;
use crate::domain::message::Message;

/// Columns that a header which is nearly the same shares at least; one that does not name the key shares more, unless there are no more.
const SHARED_MIN: usize = 3;
/// Rows without a header are told from those of another list by no fewer columns.
const WIDTH_MIN: usize = 4;
/// How few rows tell nothing.
const ROWS_MIN: usize = 2;
/// Per cent of the cells of a row that are of the kind of those above them, and of the rows that are such.
const ALIKE_PERCENT: usize = 80;

/// Why the list may go on in a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Its header names every column.
    Whole,
    /// Its header names most of the columns.
    Nearly,
    /// Its header names the key and a sum, and few columns else: a digest, or what was paid, as well as the rest of the list.
    Some,
    /// It has no header, and rows like those of the list.
    Rows,
}

impl Rest {
    /// May it as well be something else, so that it is told and nothing waits?
    pub(super) fn is_told_only(self) -> bool {
        self == Rest::Some
    }

    /// That a sheet is not read.
    pub(super) fn note(self, resource: &str, sheet: &str) -> Message {
        let (has_fr, has_en) = match self {
            Rest::Whole => ("a les mêmes colonnes", "has the same columns"),
            Rest::Nearly => (
                "a l'en-tête de la liste, à quelques colonnes près,",
                "has the header of the list but for some of its columns",
            ),
            Rest::Some => (
                "nomme la clé et un montant de la liste, et peu d'autres de ses colonnes,",
                "names the key and a sum of the list, and few other columns of it,",
            ),
            Rest::Rows => (
                "a des lignes comme celles de la liste, sans en-tête,",
                "has rows like those of the list, without a header,",
            ),
        };
        Message::new(
            format!(
                "{resource} : la feuille « {sheet} » {has_fr} et n'est pas lue : ses lignes manquent si la liste y continue"
            ),
            format!(
                "{resource}: the sheet « {sheet} » {has_en} and is not read: its rows are missing if the list goes on there"
            ),
        )
    }
}

/// The sheets, among those that begin so, in which the list of the one that is `read` may go on. Of two tables that are joined, one may
/// well share columns with the other: nothing is `sought`, and only the whole header tells.
pub(super) fn rests(heads: &[(String, Head)], read: &str, sought: Option<&Sought>) -> Vec<(String, Rest)> {
    let Some((_, list)) = heads.iter().find(|(name, _)| name == read) else { return Vec::new() };
    let list = List { head: list, header: Header::new(&list.rows), names: joined_header(&list.rows), sought };
    let others = heads.iter().filter(|(name, _)| name != read);
    others.filter_map(|(name, head)| Some((name.clone(), list.rest(head)?))).collect()
}

/// The list that is read.
struct List<'a> {
    head: &'a Head,
    header: Header,
    names: Vec<String>,
    sought: Option<&'a Sought>,
}

impl List<'_> {
    fn rest(&self, other: &Head) -> Option<Rest> {
        // Something stands below a header.
        let (_, above) = other.top.split_last()?;
        let headers = || above.windows(self.head.rows.len());
        if headers().any(|rows| self.header.is_named_by(rows)) {
            return Some(Rest::Whole);
        }
        let sought = self.sought?;
        let named: Vec<Rest> = headers().filter_map(|rows| self.named_by(rows, sought)).collect();
        let nearly = named.iter().find(|rest| **rest == Rest::Nearly).or(named.first());
        nearly.copied().or_else(|| self.has_rows_like(other, sought).then_some(Rest::Rows))
    }

    /// Do these rows name most of the columns, or the key and a sum?
    fn named_by(&self, rows: &[Vec<String>], sought: &Sought) -> Option<Rest> {
        let (shared, all) = (self.header.shared_by(rows), self.header.names_count());
        let names = joined_header(rows);
        let has_sum = sought.sum_columns(&names).is_none_or(|columns| !columns.is_empty());
        let are_most = shared >= SHARED_MIN && shared * 2 >= all;
        if sought.key_columns(&names).is_some() {
            let some = (has_sum && sought.is_header(&names)).then_some(Rest::Some);
            let is_narrow = shared + 1 >= all;
            return if are_most || is_narrow { Some(Rest::Nearly) } else { some };
        }
        // A digest shares a few columns, sums among them, and has no key.
        let are_nearly_all = shared > SHARED_MIN || shared + 1 >= all;
        (are_most && (has_sum && are_nearly_all || shared * 3 >= all * 2)).then_some(Rest::Nearly)
    }

    /// Does the other sheet begin, below its titles, with rows that look like records of this list: as wide, with a key and a sum, figures
    /// where it has figures and words where it has words?
    fn has_rows_like(&self, other: &Head, sought: &Sought) -> bool {
        let width = self.names.iter().rposition(|name| !name.trim().is_empty()).map_or(0, |last| last + 1);
        let records: Vec<&[String]> =
            self.head.top[self.head.above..].iter().filter_map(|row| row.get(..width.min(row.len()))).collect();
        let Some(keys) = sought.key_columns(&self.names) else { return false };
        let sums = sought.sum_columns(&self.names).unwrap_or_default();
        let kinds: Vec<Option<bool>> = (0..width).map(|column| kind(&records, column)).collect();
        let least = records.iter().map(|row| filled(row)).min().unwrap_or(0);
        let is_like = |row: &&Vec<String>| {
            let cell = |column: usize| row.get(column).filter(|cell| !cell.trim().is_empty());
            let told: Vec<bool> = kinds
                .iter()
                .enumerate()
                .filter_map(|(column, kind)| Some(is_figure(cell(column)?) == (*kind)?))
                .collect();
            let alike = told.iter().filter(|alike| **alike).count();
            let is_sum = |column: &usize| cell(*column).is_some_and(|cell| is_figure(cell));
            filled(row) * 2 >= least.max(WIDTH_MIN)
                && keys.iter().all(|column| cell(*column).is_some())
                && sums.iter().any(is_sum)
                && alike * 100 >= told.len() * ALIKE_PERCENT
        };
        // Titles, and the numbers of the columns, may stand above them.
        let may_stand_above = |row: &&Vec<String>| filled(row) <= 2 || are_numbers_of_columns(row);
        let rows: Vec<&Vec<String>> = other.top.iter().skip_while(may_stand_above).collect();
        // What every record fills is filled there too, and nothing beyond the list.
        let is_full =
            |column: usize| records.iter().all(|row| row.get(column).is_some_and(|cell| !cell.trim().is_empty()));
        let least_width = (0..width).rev().find(|column| is_full(*column)).map_or(0, |last| last + 1);
        let longest = rows.iter().map(|row| row.len()).max().unwrap_or(0);
        width >= WIDTH_MIN
            && (least_width..=width).contains(&longest)
            && records.len() >= ROWS_MIN
            && rows.len() >= ROWS_MIN
            && rows.first().is_some_and(is_like)
            && rows.iter().filter(|row| is_like(row)).count() * 100 >= rows.len() * ALIKE_PERCENT
    }
}

/// Does a column hold figures in all of these records, or words in all? Nothing where it holds both, or neither.
fn kind(records: &[&[String]], column: usize) -> Option<bool> {
    let mut kinds = records.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.trim().is_empty());
    let first = is_figure(kinds.next()?);
    kinds.all(|cell| is_figure(cell) == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::super::super::settings::SpreadsheetSettings;
    use super::*;

    const HEADER: &str = "numero;objet;porteur;montant;annee";

    fn head(rows: &[&str], sought: &Sought) -> Head {
        let settings: SpreadsheetSettings = toml::from_str("path = \"liste.xlsx\"").unwrap();
        let cells = |row: &&str| row.split(';').map(str::to_owned).collect();
        let top = (1..).zip(rows.iter().map(cells)).collect();
        Head::of(top, &settings, sought).unwrap()
    }

    const READ: [&str; 5] = ["Liste au 1er mars", HEADER, "A1;Toit;Ville;0;0", "A2;Mur;Ville;0;0", "A3;Sol;CCAS;0;0"];

    fn rest(other: &[&str]) -> Option<Rest> {
        rest_of(&READ, other)
    }

    fn rest_of(read: &[&str], other: &[&str]) -> Option<Rest> {
        let names = HEADER.split(';').map(str::to_owned);
        let sought = Sought::new(vec![vec!["numero".to_owned()]], names).stating(["montant".to_owned()].into_iter());
        let heads = [("L1".to_owned(), head(read, &sought)), ("L2".to_owned(), head(other, &sought))];
        rests(&heads, "L1", Some(&sought)).first().map(|(_, rest)| *rest)
    }

    #[test]
    fn a_sheet_under_nearly_the_same_header_may_be_the_rest() {
        let row = "B1;Toit;Ville;0;0";
        assert_eq!(rest(&[HEADER, row]), Some(Rest::Whole));
        assert_eq!(rest(&["Suite", "au 1er mars;2025", HEADER, row]), Some(Rest::Whole), "below titles");
        for header in [
            "numero;objet;porteur;montant",
            "numero;objet;porteur;voté;annee",
            "n° op.;objet;porteur;montant;annee",
            "numero;objet;porteur;note",
        ] {
            assert_eq!(rest(&[header, row]), Some(Rest::Nearly), "{header}");
        }
        for header in ["numero;montant", "a;numero;b;c;montant;d"] {
            assert_eq!(rest(&[header, row]), Some(Rest::Some), "{header}: what was paid of each, as well");
        }
        let numbered = ["Suite", "au 1er mars;2025", "1;2;3;4;5", row, "B2;Mur;CCAS;0;0"];
        assert_eq!(rest(&numbered), Some(Rest::Rows), "below titles and numbers of columns");
        assert_eq!(rest(&[row, "B2;Mur;CCAS;0;0"]), Some(Rest::Rows));
        let short = ["B1;Toit;Ville;0", "B2;Mur;CCAS;0"];
        assert_eq!(rest(&short), None, "each record of the list has a year");
        assert_eq!(
            rest_of(&[HEADER, "A1;Toit;Ville;0;0", "A2;Mur;Ville;0"], &short),
            Some(Rest::Rows),
            "some have none"
        );
        assert_eq!(rest(&[row, "B2;Mur;CCAS;0;0;vu"]), None, "wider");
        assert_eq!(rest(&["Suite", row, "B2;Mur;;0;0", "B3;Sol;Ville;;0"]), None, "one of three states no sum");
    }

    #[test]
    fn an_ordinary_second_sheet_is_none() {
        assert_eq!(rest(&[HEADER]), None, "nothing stands below");
        for other in [
            &["Colonne;Définition", "numero;le numéro", "montant;en euros", "annee;de la décision"][..],
            &["code;libellé;département;population", "59;Lille;Nord;0", "62;Arras;Pas-de-Calais;0"],
            &["59;Lille;Nord;0", "62;Arras;Pas-de-Calais;0"],
            &["porteur;annee;montant", "Ville;0;0", "CCAS;0;0"],
            &["annee;montant", "0;0"],
            &["Légende", "gris : clos", "vert : en cours"],
            &["0;0;0;0;0", "0;0;0;0;0"],
            &["objet;numero;titre", "a;b;c"],
        ] {
            assert_eq!(rest(other), None, "{other:?}");
        }
    }
}
