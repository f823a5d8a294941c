//! What was read, piece by piece: the columns of what each file brought of each part of the source, and how the rows of a file fared. What
//! one file lost is still there in the others. Asked of every record, so that it allocates for a new file or part only.

use super::columns::Columns;
use super::month_first::MonthFirst;
use crate::connector::Mapped;
use crate::connector::driver::{BrokenRecord, HEADER_AGAIN, RawRecord, UnreadSheet, is_of_second_table};
use crate::domain::record::RecordState;
use crate::domain::rejection::Location;
use crate::domain::text::RecordKey;
use crate::ledger::Current;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Pieces that are told apart; what comes beyond stands together, and is not weighed by itself.
const PIECES_MAX: usize = 200;
/// Known records of a piece that are compared with what they were.
const KNOWN_KEPT: usize = 50;

/// The pieces of one read.
#[derive(Debug, Default)]
pub struct Pieces {
    files: Vec<File>,
    places: HashMap<Box<str>, usize>,
    pieces: Vec<Piece>,
    /// Sheets that are not read and look like the rest of the list.
    pub unread: Vec<UnreadSheet>,
    /// The file and the piece of the record that came last.
    last: (usize, usize),
}

/// One file; the pages of a list are one.
#[derive(Debug, Default)]
pub struct File {
    /// Its name; none for a list that comes in pages.
    pub name: Box<str>,
    /// Its rows, but for those that the manifest leaves out.
    pub rows: u64,
    /// Of these, those that were rejected.
    pub rejected: u64,
    /// Of these, those that are known.
    pub known: u64,
    /// Of those that were rejected, those that are known.
    pub known_rejected: u64,
    /// Of those that were rejected, those that a condition of the manifest refuses.
    pub foreseen: u64,
    /// How its dates are written.
    pub dates: MonthFirst,
    parts: HashMap<Box<str>, usize>,
}

/// What one file brought of one part of the source.
#[derive(Debug, Default)]
pub struct Piece {
    /// The file.
    pub file: Box<str>,
    /// The part; none where the source is not divided, or of a row that does not tell.
    pub partition: Box<str>,
    /// Its columns.
    pub columns: Columns,
    /// Its rows, but for those that the manifest leaves out.
    pub rows: u64,
    /// Of these, those that were rejected.
    pub rejected: u64,
    /// Of those, those that a condition of the manifest refuses.
    pub foreseen: u64,
    /// Some of the known records that it brought again.
    pub known: Vec<RecordKey>,
}

impl Pieces {
    /// Takes one record into account, as it was mapped; does a date of it begin with the month?
    pub fn meet(&mut self, record: &RawRecord, mapped: &Mapped, is_month_first: Option<bool>) {
        let partition = match mapped {
            Mapped::Accepted { partition, .. } => partition,
            Mapped::Rejected { partition, .. } => partition.as_deref().unwrap_or_default(),
            Mapped::Skipped { .. } => "",
        };
        let file = self.file(&record.location);
        let rows = u64::from(!matches!(mapped, Mapped::Skipped { .. }));
        let rejected = u64::from(matches!(mapped, Mapped::Rejected { .. }));
        let of_file = &mut self.files[file];
        of_file.rows += rows;
        of_file.rejected += rejected;
        is_month_first.into_iter().for_each(|is| of_file.dates.meet(is));
        let piece = self.piece(file, partition);
        self.last = (file, piece);
        let of_piece = &mut self.pieces[piece];
        of_piece.rows += rows;
        of_piece.rejected += rejected;
        of_piece.columns.meet(&record.node);
    }

    /// The record that came last is a known one.
    pub fn know(&mut self, key: &RecordKey) {
        let (file, piece) = self.last;
        self.files[file].known += 1;
        let known = &mut self.pieces[piece].known;
        if known.len() < KNOWN_KEPT {
            known.push(key.clone());
        }
    }

    /// What the ledger holds of the record that came last, which was rejected, and whether a condition of the manifest refuses it.
    pub fn know_rejected(&mut self, known: Option<&Current>, is_foreseen: bool) {
        let is_known = known.is_some_and(|known| known.state != RecordState::Closed);
        let (file, piece) = self.last;
        self.files[file].known_rejected += u64::from(is_known);
        self.files[file].foreseen += u64::from(is_foreseen);
        self.pieces[piece].foreseen += u64::from(is_foreseen);
    }

    /// A row could not even be taken apart. A header that comes again is no row of the list, nor is one of a second table.
    pub fn miss(&mut self, broken: &BrokenRecord) {
        if broken.code == HEADER_AGAIN || is_of_second_table(broken.code) {
            return;
        }
        let file = self.file(&broken.location);
        self.files[file].rows += 1;
        self.files[file].rejected += 1;
    }

    /// Takes the header of a table into account of which no row could be taken.
    pub fn meet_header(&mut self, names: &[Arc<str>]) {
        let file = self.file(&Location { resource: Box::default(), line: None, page: None, index: None });
        let piece = self.piece(file, "");
        self.pieces[piece].columns.meet_header(names);
    }

    /// Came no record whose columns could be looked at?
    pub fn is_empty(&self) -> bool {
        self.pieces.iter().all(|piece| piece.columns.top.objects == 0)
    }

    /// The columns of all that was read.
    pub fn whole(&self) -> Columns {
        together(self.pieces.iter())
    }

    /// The files.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The columns of one file.
    pub fn of_file(&self, file: &File) -> Columns {
        together(file.parts.values().map(|place| &self.pieces[*place]))
    }

    /// The rows of each part of the source, how many of them were rejected, and how many of those a condition of the manifest refuses.
    pub fn parts(&self) -> BTreeMap<&str, [u64; 3]> {
        let mut parts: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
        for piece in self.pieces.iter().take(PIECES_MAX).filter(|piece| !piece.partition.is_empty()) {
            let counts = [piece.rows, piece.rejected, piece.foreseen];
            let part = parts.entry(&*piece.partition).or_default();
            part.iter_mut().zip(counts).for_each(|(all, count)| *all += count);
        }
        parts
    }

    /// The pieces that are weighed by themselves, where there are several.
    pub fn apart(&self) -> &[Piece] {
        let count = self.pieces.len();
        if count > 1 { &self.pieces[..count.min(PIECES_MAX)] } else { &[] }
    }

    /// The parts of the source that came in several pieces, each of them too small to be weighed.
    pub fn parts_of_small(&self, least: u64) -> Vec<Piece> {
        let mut parts: BTreeMap<&str, Vec<&Piece>> = BTreeMap::new();
        for piece in self.apart().iter().filter(|piece| !piece.partition.is_empty()) {
            parts.entry(&piece.partition).or_default().push(piece);
        }
        let are_small = |pieces: &Vec<&Piece>| pieces.len() > 1 && !pieces.iter().any(|piece| piece.is_weighed(least));
        let whole = |pieces: Vec<&Piece>| Piece {
            file: Box::default(),
            partition: pieces[0].partition.clone(),
            columns: together(pieces.iter().copied()),
            rows: pieces.iter().map(|piece| piece.rows).sum(),
            rejected: pieces.iter().map(|piece| piece.rejected).sum(),
            foreseen: pieces.iter().map(|piece| piece.foreseen).sum(),
            known: pieces.iter().flat_map(|piece| piece.known.iter().cloned()).take(KNOWN_KEPT).collect(),
        };
        parts.into_values().filter(are_small).map(whole).collect()
    }

    /// The pieces of the part, or of the file, of that name.
    pub fn of<'a>(&'a self, about: &'a str) -> impl Iterator<Item = &'a Piece> {
        self.apart().iter().filter(move |piece| *piece.partition == *about || *piece.file == *about)
    }

    fn file(&mut self, location: &Location) -> usize {
        let name = if location.page.is_some() { "" } else { &*location.resource };
        if self.files.get(self.last.0).is_some_and(|file| *file.name == *name) {
            return self.last.0;
        }
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        self.places.insert(name.into(), self.files.len());
        self.files.push(File { name: name.into(), ..File::default() });
        self.files.len() - 1
    }

    fn piece(&mut self, file: usize, partition: &str) -> usize {
        let is_last = |piece: &Piece| file == self.last.0 && *piece.partition == *partition;
        if self.last.1 < PIECES_MAX && self.pieces.get(self.last.1).is_some_and(is_last) {
            return self.last.1;
        }
        let of_file = &mut self.files[file];
        if let Some(place) = of_file.parts.get(partition) {
            return *place;
        }
        let (file, place) = (of_file.name.clone(), self.pieces.len().min(PIECES_MAX));
        of_file.parts.insert(partition.into(), place);
        if place == self.pieces.len() {
            self.pieces.push(Piece { file, partition: partition.into(), ..Piece::default() });
        }
        place
    }
}

impl File {
    /// Did it bring something of this part of the source?
    pub fn brings(&self, partition: &str) -> bool {
        self.parts.contains_key(partition)
    }
}

impl Piece {
    /// Are there records enough, then and now, to tell what most of them have?
    pub fn is_weighed(&self, least: u64) -> bool {
        self.known.len() as u64 >= least && self.columns.top.objects >= least
    }

    /// How it is called: by its part of the source, or else by its file.
    pub fn name(&self) -> &str {
        if self.partition.is_empty() { &self.file } else { &self.partition }
    }
}

fn together<'a>(pieces: impl Iterator<Item = &'a Piece>) -> Columns {
    let mut all = Columns::default();
    pieces.for_each(|piece| all.add(&piece.columns));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::node::Node;
    use crate::domain::message::Message;

    fn pieces(rows: &[(&str, Option<u64>, Option<&str>, &str)]) -> Pieces {
        let mut pieces = Pieces::default();
        for (file, page, partition, raw) in rows {
            let location = Location { resource: (*file).into(), line: None, page: *page, index: None };
            let node = Node::parse_json(raw).expect("sound");
            let mapped = Mapped::Rejected {
                key: None,
                partition: partition.map(Into::into),
                field: None,
                code: "key-unreadable".into(),
                reason: Message::new("", ""),
                references: Vec::new(),
            };
            pieces.meet(&RawRecord { node, location, is_open: false }, &mapped, Some(false));
        }
        pieces
    }

    #[test]
    fn what_each_file_brought_of_each_part_stands_by_itself_and_makes_the_whole() {
        let rows = [
            ("a.csv", None, Some("2024"), r#"{"id": 1, "etat": "x"}"#),
            ("a.csv", None, Some("2025"), r#"{"id": 2, "etat": "x"}"#),
            ("b.csv", None, Some("2025"), r#"{"id": 3}"#),
            ("a.csv", None, Some("2024"), r#"{"id": 4, "etat": "x"}"#),
        ];
        let pieces = pieces(&rows);
        let times = |columns: &Columns| ["id", "etat"].map(|name| columns.top.get(name).map(|column| column.times));
        assert_eq!(times(&pieces.whole()), [Some(4), Some(3)]);
        let apart: Vec<_> = pieces.apart().iter().map(|one| (one.name(), times(&one.columns))).collect();
        assert_eq!(apart, [("2024", [Some(2), Some(2)]), ("2025", [Some(1), Some(1)]), ("2025", [Some(1), None])]);
        let files: Vec<_> =
            pieces.files().iter().map(|file| (&*file.name, file.rows, times(&pieces.of_file(file)))).collect();
        assert_eq!(files, [("a.csv", 3, [Some(3), Some(3)]), ("b.csv", 1, [Some(1), None])]);
    }

    #[test]
    fn pages_are_one_file_and_very_many_pieces_are_not_told_apart() {
        let paged = [("u?page=1", Some(1), None, "{}"), ("u?page=2", Some(2), None, "{}")];
        assert_eq!((pieces(&paged).files().len(), pieces(&paged).apart().len()), (1, 0), "there is but one");
        let names: Vec<String> = (0..300).map(|rank| rank.to_string()).collect();
        let many: Vec<_> = names.iter().map(|name| ("a.csv", None, Some(&**name), r#"{"id": 1}"#)).collect();
        let many = pieces(&many);
        assert_eq!((many.apart().len(), many.whole().top.objects), (PIECES_MAX, 300));
    }
}
