//! What became of one file, or of one part of a source, that the read as a whole does not show: a column that is gone from the file of one
//! year stands in those of all others. A piece is held against what its own records were; a file of which nothing is known, against the
//! map, and the tables that are known beside it.

use super::columns::Columns;
use super::drift::{Terms, compare, named, paths, steps};
use super::fit::{deciding, misfits};
use super::guards;
use super::pieces::{File, Pieces};
use super::{Sync, SyncError};
use crate::connector::Connector;
use crate::domain::Instant;
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use std::collections::HashSet;

/// Fewer records than this tell nothing of their piece.
const RECORDS_MIN: u64 = 10;

impl Sync<'_> {
    /// What is noticed of a piece and was not `told` of the whole.
    pub(super) async fn piecewise(
        &self,
        connector: &Connector,
        (pieces, terms): (&Pieces, &Terms<'_>),
        (told, is_first): (&[SourceFinding], bool),
    ) -> Result<Vec<SourceFinding>, SyncError> {
        let mut found = Vec::new();
        let ledger = self.gateway.ledger();
        let version = ledger.head().await?.version;
        let parts = pieces.parts_of_small(RECORDS_MIN);
        for piece in pieces.apart().iter().chain(&parts) {
            // A table has its columns in every row: a few rows show that one is gone, though not that it is empty.
            let is_weighed = piece.is_weighed(RECORDS_MIN);
            if !is_weighed && (!is_table(connector) || piece.known.is_empty()) {
                continue;
            }
            let raws: Vec<String> = ledger.raws(connector.id(), &piece.known, version).await?.into_values().collect();
            let changes = compare(&Columns::of(&raws), &piece.columns, &Terms { is_piece: true, ..*terms });
            let is_told = |kind| is_loss(kind) && (is_weighed || kind == SourceFindingKind::ColumnVanished);
            let changes = changes.into_iter().filter(|finding| finding.held || is_told(finding.kind));
            found.extend(changes.map(|finding| of_piece(finding, piece.name())));
        }
        for finding in new_files(pieces, connector, (is_first, terms.at)) {
            found.push(self.unless_accepted(connector, finding));
        }
        Ok(untold(found, told))
    }

    /// Files whose dates begin with the month, where the list as a whole does not show it; which a person may have let through.
    pub(super) fn month_first_files(&self, connector: &Connector, pieces: &Pieces, at: Instant) -> Vec<SourceFinding> {
        let found = named_files(pieces).filter_map(|file| Some((file.dates.finding(&file.name, at)?, file)));
        found.map(|(finding, file)| self.unless_accepted(connector, prefixed(finding, &file.name))).collect()
    }
}

/// The files, where there are several.
pub(super) fn named_files(pieces: &Pieces) -> impl Iterator<Item = &File> {
    let files = pieces.files();
    files.iter().filter(|file| files.len() > 1 && !file.name.is_empty())
}

/// Have its records the columns of a table?
fn is_table(connector: &Connector) -> bool {
    connector.settings().is_table() && connector.keeps_columns()
}

/// Files of which no record is known, or only a few, and which lack what the map or its conditions rest on: so they would not be taken
/// alone, as the first of their source. Beside other tables that are known, or that came with it where none is, all have a column that is
/// needed or guards, and fill it in one of them or more, one without it has lost it. Of a table that is new beside them few rows show as
/// much.
fn new_files(pieces: &Pieces, connector: &Connector, (is_first, at): (bool, Instant)) -> Vec<SourceFinding> {
    let is_table = is_table(connector);
    let is_new = |file: &&File| {
        file.rows >= RECORDS_MIN && file.known < RECORDS_MIN || is_table && file.rows > 0 && file.known == 0
    };
    let mut known: Option<Known> = None;
    let mut found = Vec::new();
    for file in named_files(pieces).filter(is_new) {
        let columns = pieces.of_file(file);
        let needed: Vec<_> =
            connector.indispensable().into_iter().chain(deciding(&columns, connector.deciding())).collect();
        let mut lost = misfits(&columns, &needed, at);
        if is_table && lost.is_empty() && columns.top.objects > 0 {
            let known = match is_first {
                true => known.insert(Known::of(pieces, |other| !std::ptr::eq(other, file))),
                false => known.get_or_insert_with(|| Known::of(pieces, |other| other.known > 0)),
            };
            let rests_on = connector.needed().into_iter().chain(connector.guarded());
            let rests_on = rests_on.filter(|names| known.is_filled(names));
            let there = all_paths(&columns);
            let beside = guards::lost_beside(&there, &known.tables, rests_on);
            lost.extend(beside.map(|names| guards::lost(&names, at)));
        }
        found.extend(lost.into_iter().map(|finding| of_piece(finding, &file.name)));
    }
    found
}

/// The columns of the tables that one is held against.
struct Known {
    /// Of each table.
    tables: Vec<HashSet<String>>,
    /// Those that hold something in any.
    filled: HashSet<String>,
}

impl Known {
    fn of(pieces: &Pieces, is_known: impl Fn(&File) -> bool) -> Self {
        let (mut tables, mut filled) = (Vec::new(), HashSet::new());
        for columns in named_files(pieces).filter(|file| is_known(file)).map(|file| pieces.of_file(file)) {
            let names = |all: bool| {
                let columns = columns.top.columns().filter(move |column| all || column.filled > 0);
                columns.map(|column| guards::whole(&column.name))
            };
            filled.extend(names(false));
            tables.push(names(true).collect());
        }
        Known { tables, filled }
    }

    fn is_filled(&self, names: &[String]) -> bool {
        names.iter().any(|name| self.filled.contains(&guards::whole(name)))
    }
}

fn all_paths(columns: &Columns) -> HashSet<String> {
    let mut all = HashSet::new();
    paths(&columns.top, "", &mut all);
    all
}

/// Of what was noticed of pieces, what is neither told of the whole nor twice of one; of very much, what is graver.
fn untold(mut found: Vec<SourceFinding>, told: &[SourceFinding]) -> Vec<SourceFinding> {
    let is_told = |one: &SourceFinding| {
        let same = |told: &&SourceFinding| steps_of(told) == steps_of(one) && (told.held || !one.held);
        told.iter().find(same).is_some()
    };
    found.retain(|finding| !is_told(finding));
    found.sort_by_key(|finding| !finding.held);
    let mut once = HashSet::new();
    found.retain(|finding| once.insert((steps_of(finding), finding.about.clone())));
    let kinds = [SourceFindingKind::ColumnMissing, SourceFindingKind::ColumnVanished, SourceFindingKind::ColumnEmptied];
    let of = |kind| found.iter().filter(|finding| finding.kind == kind).cloned().collect();
    kinds.into_iter().flat_map(|kind| named(of(kind))).collect()
}

/// The column that a finding is about: one that is missing is one that vanished.
fn steps_of(finding: &SourceFinding) -> (bool, Vec<String>) {
    let field = finding.field.as_deref().unwrap_or_default();
    (finding.kind == SourceFindingKind::ColumnEmptied, steps(field).collect())
}

fn is_loss(kind: SourceFindingKind) -> bool {
    matches!(kind, SourceFindingKind::ColumnVanished | SourceFindingKind::ColumnEmptied)
}

fn of_piece(finding: SourceFinding, name: &str) -> SourceFinding {
    SourceFinding { about: Some(name.to_owned()), ..prefixed(finding, name) }
}

fn prefixed(finding: SourceFinding, name: &str) -> SourceFinding {
    let Message { fr, en } = finding.message;
    SourceFinding { message: Message::new(format!("« {name} » : {fr}"), format!("« {name} »: {en}")), ..finding }
}
