//! Known records that a read brought in a form that is rejected, all at once: an exchanged decimal mark, another spelling of a code. Each
//! keeps its last good version, and the source no longer says what it did. And parts of a source (a year, a file) that a read of all of
//! it did not bring: nothing closes them, and they grow old beside a source that is read in time. Pure.

use crate::connector::driver::UnreadSheet;
use crate::domain::Instant;
use crate::domain::message::{Message, french_day};
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::text::SourceId;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer rejected records than this tell of themselves only.
const REJECTED_MIN: u64 = 10;

/// What became of the known records of one part of a source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that the ledger holds and that were not gone before.
    pub known: u64,
    /// Of these, those that the read brought in a form that is rejected, or may have.
    pub rejected: u64,
    /// Of these, those that were good until now.
    pub fresh: u64,
    /// Of these, those that did not come, while rows came whose key could not be read.
    pub hidden: u64,
    /// Those that the read did not bring, and that are closed.
    pub gone: u64,
    /// Of these, those that were only refused or given up: a list that leaves them out loses no means.
    pub refused: u64,
}

/// The parts of a source.
pub type Tallies = BTreeMap<Box<str>, Tally>;

/// Of each part of a source that was not read, how many known records rest on it.
pub type Resting = BTreeMap<Box<str>, u64>;

/// Parts that are told by their names; beyond, they are counted.
const PARTS_NAMED: usize = 10;

/// Parts that were read before, each with when, and of which a read of the whole source brought nothing; and those of which this one
/// brought a few records beside others. Those on which most records rest are named.
pub fn missing(
    known: &[(String, Instant)],
    (read, strays, resting): (&BTreeSet<String>, &BTreeMap<String, u64>, &Resting),
    at: Instant,
) -> Vec<SourceFinding> {
    let count = |name: &str| resting.get(name).copied().unwrap_or_default();
    let absent =
        known.iter().filter(|(name, _)| !name.is_empty() && !read.contains(name) && !strays.contains_key(name));
    let absent = absent.map(|(name, at)| (name.as_str(), nothing_of((name, count(name)), *at)));
    let strayed = strays.iter().map(|(name, came)| (name.as_str(), little_of((name, count(name)), *came)));
    let mut missing: Vec<(&str, Message)> = absent.chain(strayed).collect();
    missing.sort_by(|(one, _), (other, _)| (count(other), one).cmp(&(count(one), other)));
    let more = missing.len().saturating_sub(PARTS_NAMED);
    let finding = |about: Option<&str>, message| SourceFinding {
        kind: SourceFindingKind::PartitionNotRead,
        field: None,
        about: about.map(str::to_owned),
        since: at,
        example: None,
        message,
        was: None,
        held: false,
    };
    let named = missing.into_iter().take(PARTS_NAMED).map(|(name, message)| finding(Some(name), message));
    let counted = (more > 0).then(|| {
        let fr = format!("et {more} autre(s) partie(s) connues n'ont pas été relues non plus");
        finding(None, Message::new(fr, format!("and {more} other known part(s) were not read again either")))
    });
    named.chain(counted).collect()
}

/// Sheets of a workbook in which the list may go on: the read waits until a person says that it does not. What the manifest leaves out, for
/// it names the sheet that it reads, is told.
pub fn sheets(unread: &[UnreadSheet], since: Instant) -> impl Iterator<Item = SourceFinding> {
    unread.iter().map(move |sheet| {
        let Message { fr, en } = sheet.note.clone();
        let message = if sheet.is_left_out {
            Message::new(fr, en)
        } else {
            Message::new(
                format!("{fr} ; voyez sheet dans le manifeste, ou admettez la lecture si elle n'y continue pas : rien n'est appliqué"),
                format!("{en}; see sheet in the manifest, or let the read through if it does not: nothing is applied"),
            )
        };
        SourceFinding {
            kind: SourceFindingKind::PartitionNotRead,
            field: None,
            about: Some(sheet.name.to_string()),
            since,
            example: None,
            message,
            was: None,
            held: !sheet.is_left_out,
        }
    })
}

fn nothing_of((name, records): (&str, u64), read: Instant) -> Message {
    let day = read.date_naive();
    Message::new(
        format!(
            "la lecture n'a rien ramené de la partie « {name} », lue pour la dernière fois le {} : {records} enregistrement(s) en restent tels quels et vieillissent. Si elle existe encore, remettez son fichier où la source est lue ; une année close se relit comme les autres",
            french_day(day)
        ),
        format!(
            "the read brought nothing of the part « {name} », last read on {day}: {records} record(s) of it stay as they were and grow old. If it still exists, put its file back where the source is read; a closed year is read like the others"
        ),
    )
}

fn little_of((name, records): (&str, u64), came: u64) -> Message {
    Message::new(
        format!(
            "la lecture n'a ramené que {came} enregistrement(s) de la partie « {name} », à côté d'une autre : ils sont pris, et {records} autres restent tels quels et vieillissent. Si la partie en a perdu autant, lisez son fichier à part"
        ),
        format!(
            "the read brought only {came} record(s) of the part « {name} », beside another one: they are taken, and {records} others stay as they were and grow old. If the part lost so many, read its own file by itself"
        ),
    )
}

/// Parts of the source of which so many known records were rejected: told from half of the limit on, held where it is exceeded by records
/// that were good until now. Those that are rejected as before were let through once. Parts of which too few are rejected to tell by themselves
/// count together.
pub fn findings(tallies: &Tallies, (source, limit_bp): (&SourceId, u32), at: Instant) -> Vec<SourceFinding> {
    let mut small = Tally::default();
    let mut weighed: Vec<(&str, Tally)> = Vec::new();
    for (partition, tally) in tallies {
        if tally.rejected >= REJECTED_MIN {
            weighed.push((partition, *tally));
        } else if tally.rejected > 0 {
            small.known += tally.known;
            small.rejected += tally.rejected;
            small.fresh += tally.fresh;
            small.hidden += tally.hidden;
        }
    }
    weighed.push(("", small));
    let exceeds = |count: u64, of: u64, limit: u64| {
        count >= REJECTED_MIN && u128::from(count) * 10_000 > u128::from(of) * u128::from(limit)
    };
    let limit = u64::from(limit_bp);
    let told = weighed.into_iter().filter(|(_, tally)| exceeds(tally.rejected, tally.known, limit / 2));
    let told = told.map(|(partition, tally)| (partition, tally, exceeds(tally.fresh, tally.known, limit)));
    told.map(|(partition, tally, held)| finding((partition, tally, held), (source, limit / 100), at)).collect()
}

fn finding(
    (partition, tally, held): (&str, Tally, bool),
    (source, limit): (&SourceId, u64),
    since: Instant,
) -> SourceFinding {
    let Tally { known, rejected, hidden, .. } = tally;
    let (fr, en) = if held {
        (
            format!("plus que la limite de {limit} % : rien n'est appliqué (voyez passerelle rejections --held)"),
            format!("more than the limit of {limit} %: nothing is applied (see passerelle rejections --held)"),
        )
    } else {
        (
            "leur dernière version lisible reste, périmée".to_owned(),
            "their last readable version stays, out of date".to_owned(),
        )
    };
    let (of_fr, of_en) = if partition.is_empty() {
        (String::new(), String::new())
    } else {
        (format!(" de « {partition} »"), format!(" of « {partition} »"))
    };
    let (came_fr, came_en) = match hidden {
        0 => ("sont revenus sous une forme rejetée".to_owned(), "came in a form that is rejected".to_owned()),
        _ => (
            format!(
                "sont revenus sous une forme rejetée, ou ne sont pas revenus ({hidden}) alors que des lignes n'ont pas de clé lisible"
            ),
            format!("came in a form that is rejected, or did not come ({hidden}) while rows have no legible key"),
        ),
    };
    SourceFinding {
        kind: SourceFindingKind::RecordsRejected,
        field: None,
        about: Some(if partition.is_empty() { source.as_str() } else { partition }.to_owned()),
        since,
        example: None,
        message: Message::new(
            format!("{rejected} des {known} enregistrements connus{of_fr} {came_fr} ; {fr}"),
            format!("{rejected} of the {known} known records{of_en} {came_en}; {en}"),
        ),
        was: None,
        held,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it is about, whether it holds.
    fn told(tallies: &[(&str, [u64; 3])]) -> Vec<(String, bool)> {
        let tally = |[known, rejected, fresh]: [u64; 3]| Tally { known, rejected, fresh, ..Tally::default() };
        let tallies = tallies.iter().map(|(name, counts)| ((*name).into(), tally(*counts))).collect();
        let source = SourceId::parse("desk").unwrap();
        let found = findings(&tallies, (&source, 2_000), Instant::UNIX_EPOCH);
        found.into_iter().map(|finding| (finding.about.unwrap(), finding.held)).collect()
    }

    #[test]
    fn known_records_that_are_rejected_are_told_and_beyond_the_limit_they_hold() {
        assert_eq!(told(&[("", [100, 10, 10])]), []);
        assert_eq!(told(&[("", [100, 11, 11])]), [("desk".to_owned(), false)]);
        assert_eq!(told(&[("", [100, 21, 21])]), [("desk".to_owned(), true)]);
        assert_eq!(told(&[("", [30, 9, 9])]), [], "each of so few tells of itself");
        assert_eq!(told(&[("", [30, 29, 0])]), [("desk".to_owned(), false)], "a person let them through");
        assert_eq!(told(&[("2024", [1_000, 0, 0]), ("2025", [30, 29, 29])]), [("2025".to_owned(), true)]);
        let small = [("2023", [4, 4, 4]), ("2024", [4, 4, 4]), ("2025", [4, 4, 4]), ("2026", [9, 0, 0])];
        assert_eq!(told(&small), [("desk".to_owned(), true)]);
        let years = ["2019", "2020", "2021", "2022", "2023", "2024"];
        assert_eq!(told(&years.map(|year| (year, [40, 9, 9]))), [("desk".to_owned(), true)], "a few of each year");
        assert_eq!(told(&years.map(|year| (year, [40, 6, 6]))), [("desk".to_owned(), false)]);
        assert_eq!(told(&years.map(|year| (year, [40, 4, 4]))), []);
        let one = [("2019", [40, 9, 9]), ("2020", [4_000, 1, 1]), ("2021", [400, 0, 0])];
        assert_eq!(told(&one), [], "few of many");
    }

    #[test]
    fn parts_of_which_nothing_came_are_told_those_of_most_records_first() {
        let part = |name: &str| (name.to_owned(), Instant::UNIX_EPOCH);
        let told_beside = |strays: &[(&str, u64)], known: &[(String, Instant)], read: &[&str], resting: &Resting| {
            let read = read.iter().map(|name| (*name).to_owned()).collect();
            let strays = strays.iter().map(|(name, came)| ((*name).to_owned(), *came)).collect();
            let found = missing(known, (&read, &strays, resting), Instant::UNIX_EPOCH);
            found.into_iter().map(|finding| (finding.about, finding.message.en)).collect::<Vec<_>>()
        };
        let told =
            |known: &[(String, Instant)], read: &[&str], resting: &Resting| told_beside(&[], known, read, resting);
        let known = [part(""), part("2024"), part("2025"), part("2026")];
        let resting = Resting::from([("2025".into(), 7)]);
        let found = told(&known, &["2026"], &resting);
        let names: Vec<Option<&str>> = found.iter().map(|(about, _)| about.as_deref()).collect();
        assert_eq!(names, [Some("2025"), Some("2024")]);
        assert!(found[0].1.contains("« 2025 », last read on 1970-01-01: 7 record(s)"), "{found:?}");
        assert_eq!(told(&known, &["2024", "2025", "2026"], &resting), []);
        let found = told_beside(&[("2025", 2)], &known, &["2024", "2026"], &resting);
        assert!(found.len() == 1 && found[0].1.contains("only 2 record(s) of the part « 2025 »"), "{found:?}");
        assert_eq!(told_beside(&[("2025", 2)], &[], &["2024"], &resting).len(), 1, "of a file that was named too");
        let many: Vec<(String, Instant)> = (2000..2013).map(|year| part(&year.to_string())).collect();
        let found = told(&many, &["2012"], &Resting::new());
        assert_eq!(
            (found.len(), &found[10]),
            (11, &(None, "and 2 other known part(s) were not read again either".into()))
        );
    }
}
