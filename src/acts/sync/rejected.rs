//! Rows of a first read, of a new part of a source or of a new file that are rejected. Nothing that is known is lost by them, so that nothing
//! else tells: what they say is missing, in a source that is as fresh as if it had been taken.

use super::Sync;
use super::held::{let_through, was_let_through};
use super::keyless::is_in;
use super::pieces::{File, Pieces};
use super::piecewise::named_files;
use super::survey::Survey;
use crate::connector::Connector;
use crate::domain::Instant;
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};

/// Fewer rejected rows than this tell of themselves only, and so do fewer than so many per cent of the rows.
const TOLD_MIN: u64 = 5;
const TOLD_PERCENT: u64 = 10;
/// Fewer rejected rows than this hold nothing, and so do fewer than so many per cent of the rows.
const HELD_MIN: u64 = 10;
const HELD_PERCENT: u64 = 50;
/// What has as many known records as this is not new.
const KNOWN_MIN: u64 = 10;

/// The rows of a part, of a file, or of all that was read.
#[derive(Debug, Clone, Copy, Default)]
struct Rows {
    /// Those that the manifest does not leave out. One that comes again counts again, and is not rejected for it.
    read: u64,
    /// Of these, those that were rejected for what they say, or could not be taken apart.
    rejected: u64,
    /// Of those, those that a condition of the manifest refuses.
    foreseen: u64,
    /// Known records of it.
    known: u64,
    /// Of the rejected rows, those of known records, which are told by themselves.
    known_rejected: u64,
    /// The rows of the whole read, of which a part may be a few that went astray.
    of: u64,
}

impl Rows {
    fn of_file(file: &File) -> Self {
        let File { rows, rejected, foreseen, known_rejected, .. } = *file;
        Rows { read: rows, rejected, foreseen, known: file.known + known_rejected, known_rejected, of: rows }
    }

    /// Where all is rejected, what is known of it does not come either.
    fn is_new(self) -> bool {
        self.known < KNOWN_MIN || self.are_all()
    }

    fn are_all(self) -> bool {
        self.rejected == self.read
    }

    fn is_told(self) -> bool {
        self.are_many(TOLD_MIN, TOLD_PERCENT)
    }

    fn is_held(self) -> bool {
        let are_astray = self.rejected * 100 < self.of * TOLD_PERCENT;
        self.is_new() && !are_astray && self.are_many(HELD_MIN, HELD_PERCENT)
    }

    /// Are there many beside what is known, of which nothing else tells?
    fn are_beside_known(self) -> bool {
        let rejected = self.rejected - self.known_rejected.min(self.rejected);
        Rows { rejected, foreseen: self.foreseen.min(rejected), ..self }.are_many(TOLD_MIN, TOLD_PERCENT)
    }

    /// What the manifest refuses says nothing of the others, where there are others.
    fn are_many(self, least: u64, percent: u64) -> bool {
        let foreseen = if self.are_all() { 0 } else { self.foreseen };
        let (rejected, read) = (self.rejected - foreseen, self.read - foreseen);
        rejected >= least && rejected * 100 >= read * percent
    }

    /// Do these tell what those would?
    fn is_as_grave(self, others: Rows) -> bool {
        self.is_held() || !others.is_held()
    }

    /// What is told of them under this name: nothing of what is known, unless it was told and is still so. What a person let through holds
    /// no more.
    fn finding(self, name: Option<&str>, terms: &Terms<'_>) -> Option<SourceFinding> {
        let about = name.unwrap_or(terms.source);
        let is_about = |one: &&SourceFinding| one.field.is_none() && one.about.as_deref() == Some(about);
        let rejected = |one: &&SourceFinding| one.kind == SourceFindingKind::RecordsRejected;
        let before = terms.told.iter().filter(rejected).find(is_about);
        if !self.is_told() || !self.is_new() && before.is_none() && !self.are_beside_known() {
            return None;
        }
        let held = self.is_held();
        let finding = SourceFinding {
            kind: SourceFindingKind::RecordsRejected,
            field: None,
            about: Some(about.to_owned()),
            since: terms.at,
            example: None,
            message: self.message(name, held),
            was: None,
            held,
        };
        Some(if held && before.is_some_and(was_let_through) { let_through(finding) } else { finding })
    }

    fn message(self, name: Option<&str>, held: bool) -> Message {
        let (rejected, read) = (self.rejected, self.read);
        let (of_fr, of_en) =
            name.map_or_else(Default::default, |name| (format!(" de « {name} »"), format!(" of « {name} »")));
        let (fr, en) = if self.are_all() {
            (
                format!("les {read} lignes lues{of_fr} sont toutes rejetées"),
                format!("all {read} rows read{of_en} are rejected"),
            )
        } else {
            (
                format!("{rejected} des {read} lignes lues{of_fr} sont rejetées"),
                format!("{rejected} of the {read} rows read{of_en} are rejected"),
            )
        };
        if held {
            return Message::new(
                format!(
                    "{fr}, la moitié ou plus : un autre encodage, une autre forme, une autre écriture des montants ou des dates, un en-tête qui n'est pas à la ligne lue (header-row) ; rien n'est appliqué (voyez passerelle rejections --held)"
                ),
                format!(
                    "{en}, half of them or more: another encoding, another form, another way to write amounts or dates, a header that is not at the row read (header-row); nothing is applied (see passerelle rejections --held)"
                ),
            );
        }
        Message::new(
            format!(
                "{fr} : ce qu'elles disent manque ; voyez passerelle rejections, et faites-les corriger par leur propriétaire"
            ),
            format!("{en}: what they say is missing; see passerelle rejections, and have their owner mend them"),
        )
    }
}

/// What they are judged by.
struct Terms<'a> {
    source: &'a str,
    told: &'a [SourceFinding],
    at: Instant,
}

impl Sync<'_> {
    /// What is told of the rows that a read of everything rejected: of files, else of parts, else of all.
    pub(super) fn rejected(
        &self,
        connector: &Connector,
        (pieces, found): (&Pieces, &Survey),
        at: Instant,
    ) -> Vec<SourceFinding> {
        let known_of = |part: &str| found.tallies.get(part).map_or(0, |tally| tally.known);
        let second = connector.settings().second_table();
        let is_list = |file: &&File| !second.is_some_and(|path| is_in(&file.name, path));
        let terms = Terms { source: connector.id().as_str(), told: &self.told(connector), at };
        findings((pieces, found.look.held_open), (known_of, is_list), &terms)
    }
}

fn findings(
    (pieces, known): (&Pieces, u64),
    (known_of, is_list): (impl Fn(&str) -> u64, impl Fn(&&File) -> bool),
    terms: &Terms<'_>,
) -> Vec<SourceFinding> {
    let files = named_files(pieces).filter(&is_list).map(|file| (file, Rows::of_file(file)));
    let files = files.filter_map(|(file, rows)| Some((file, rows, rows.finding(Some(&file.name), terms)?)));
    let files: Vec<(&File, Rows, SourceFinding)> = files.collect();
    let of = pieces.files().iter().filter(&is_list).map(|file| file.rows).sum();
    let parts = pieces.parts().into_iter().filter_map(|(part, [read, rejected, foreseen])| {
        // Which of them are known is told of files.
        let rows = Rows { read, rejected, foreseen, known: known_of(part), known_rejected: rejected, of };
        let is_told = |(file, told, _): &(&File, Rows, SourceFinding)| file.brings(part) && told.is_as_grave(rows);
        if files.iter().any(is_told) { None } else { Some((rows, rows.finding(Some(part), terms)?)) }
    });
    let mut found: Vec<(Rows, SourceFinding)> = parts.collect();
    found.extend(files.iter().map(|(_, rows, finding)| (*rows, finding.clone())));
    let all = pieces.files().iter().filter(is_list).map(Rows::of_file);
    let all = all.fold(Rows { known, ..Rows::default() }, |all, of| Rows {
        read: all.read + of.read,
        rejected: all.rejected + of.rejected,
        foreseen: all.foreseen + of.foreseen,
        known_rejected: all.known_rejected + of.known_rejected,
        of: all.of + of.of,
        ..all
    });
    let is_told = found.iter().any(|(told, _)| told.is_as_grave(all));
    let all = if is_told { None } else { all.finding(None, terms) };
    found.into_iter().map(|(_, finding)| finding).chain(all).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(counts: [u64; 3], before: &[SourceFinding]) -> Option<bool> {
        let [read, rejected, known] = counts;
        let terms = Terms { source: "desk", told: before, at: Instant::UNIX_EPOCH };
        let known_rejected = if known < KNOWN_MIN { 0 } else { rejected };
        let rows = Rows { read, rejected, foreseen: 0, known, known_rejected, of: read };
        rows.finding(None, &terms).map(|finding| finding.held)
    }

    #[test]
    fn a_tenth_is_told_and_half_waits() {
        assert_eq!(told([60, 5, 0], &[]), None, "fewer than a tenth");
        assert_eq!(told([60, 6, 0], &[]), Some(false));
        assert_eq!(told([8, 4, 0], &[]), None, "each of so few tells of itself");
        assert_eq!(told([60, 29, 0], &[]), Some(false));
        assert_eq!(told([60, 30, 0], &[]), Some(true));
        assert_eq!(told([12, 9, 0], &[]), Some(false), "a short list may be half wrong");
        assert_eq!(told([60, 59, 9], &[]), Some(true), "a few of it came before");
        assert_eq!(told([60, 50, 10], &[]), None, "what is known and rejected is told by itself");
        assert_eq!(told([60, 60, 30], &[]), Some(true), "nothing of what is known came");
    }

    #[test]
    fn what_comes_beside_what_is_known_is_told_and_a_few_that_went_astray_hold_nothing() {
        let told = |rows: Rows| {
            let terms = Terms { source: "desk", told: &[], at: Instant::UNIX_EPOCH };
            rows.finding(None, &terms).map(|finding| finding.held)
        };
        let rows = Rows { read: 700, rejected: 300, known: 400, of: 700, ..Rows::default() };
        assert_eq!(told(rows), Some(false));
        assert_eq!(told(Rows { known_rejected: 298, ..rows }), None);
        let part = Rows { read: 10, rejected: 10, of: 210, ..Rows::default() };
        assert_eq!(told(part), Some(false), "ten rows of another year in a list of two hundred");
        assert_eq!(told(Rows { of: 100, ..part }), Some(true));
    }

    #[test]
    fn what_the_manifest_refuses_holds_nothing_unless_it_is_all() {
        let held = |[read, rejected, foreseen]: [u64; 3]| {
            let terms = Terms { source: "desk", told: &[], at: Instant::UNIX_EPOCH };
            let rows = Rows { read, rejected, foreseen, of: read, ..Rows::default() };
            rows.finding(None, &terms).map(|finding| finding.held)
        };
        assert_eq!(held([60, 45, 45]), None);
        assert_eq!(held([60, 45, 41]), None, "four of the others");
        assert_eq!(held([60, 45, 30]), Some(true), "half of the others");
        assert_eq!(held([60, 60, 60]), Some(true), "all of them");
    }

    #[test]
    fn what_was_told_is_told_as_long_as_it_is_so_and_what_was_let_through_holds_no_more() {
        let rows = |read, rejected, known| Rows { read, rejected, known, of: read, ..Rows::default() };
        let terms = |told: &'static [SourceFinding]| Terms { source: "desk", told, at: Instant::UNIX_EPOCH };
        let first = rows(60, 20, 0).finding(None, &terms(&[])).expect("told");
        assert_eq!(told([60, 20, 40], std::slice::from_ref(&first)), Some(false));
        assert_eq!(told([60, 0, 60], std::slice::from_ref(&first)), None);
        assert_eq!(told([60, 59, 1], &[first]), Some(true), "nobody answered for so many");
        let held = rows(60, 59, 0).finding(None, &terms(&[])).expect("held");
        assert_eq!(told([60, 59, 1], std::slice::from_ref(&held)), Some(true), "it waits still");
        let answered = let_through(held);
        assert!(was_let_through(&answered), "{answered:?}");
        assert_eq!(told([60, 59, 1], &[answered]), Some(false));
    }
}
