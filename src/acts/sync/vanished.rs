//! Known records that a full read did not bring, part by part: the longer the history of a source, the less its current year weighs in
//! it, and a year that is nearly empty would pass as a few records of many. What was decided in them is weighed too. Pure.

use super::Sync;
use super::survey::Survey;
use super::unread::{Tallies, Tally};
use crate::connector::Connector;
use crate::domain::Instant;
use crate::domain::message::Message;
use crate::domain::record::RecordState;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::text::{RecordKey, SourceId};
use crate::domain::vocabulary::Stage;
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;

/// A part of fewer records, or of fewer decided amounts, tells nothing by itself: such parts count together.
const PART_MIN: u64 = 10;
/// Fewer records of a part than this may well be gone.
const GONE_MIN: u64 = 5;

/// What is decided in one part of a source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Decided {
    /// How many amounts.
    pub amounts: u64,
    /// What they come to, in cents.
    pub total: i128,
    /// How many of them stand in records that are gone.
    pub gone_amounts: u64,
    /// What those come to.
    pub gone: i128,
}

/// What a record that is gone said: are all its sums refused or given up, and those that the source speaks for?
struct Words<'a> {
    partition: &'a str,
    own: Option<bool>,
    all: bool,
}

/// What vanished records are judged by.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// The source.
    pub source: &'a SourceId,
    /// The share of records that may vanish, in basis points.
    pub vanish_limit_bp: u32,
    /// The share of decided euros that may, in per cent.
    pub moved_limit_percent: u16,
    /// When the read began.
    pub at: Instant,
}

/// What is weighed against what.
#[derive(Clone, Copy)]
enum Weighed {
    Records,
    Euros,
}

impl Sync<'_> {
    /// Sets apart what is gone and was only refused or given up, by its own word where it says one: that loses no means, and may leave a list
    /// all at once.
    pub(super) fn set_refused_apart(&self, connector: &Connector, found: &mut Survey) {
        let portfolio = self.gateway.current();
        let Some(source) = portfolio.source_by_id(connector.id().as_str()) else { return };
        let gone = found.lost.iter().filter(|(_, state)| *state == RecordState::Closed);
        let gone: HashSet<&RecordKey> = gone.map(|(key, _)| key).collect();
        if gone.is_empty() {
            return;
        }
        let mut words: HashMap<&RecordKey, Words<'_>> = HashMap::default();
        for one in portfolio.stated_in(source, |_| false).filter(|one| gone.contains(one.key)) {
            let own = connector.profile.speaks_for.iter().any(|scope| scope.covers(one.of));
            let words = words.entry(one.key).or_insert(Words { partition: one.partition, own: None, all: true });
            let refused = one.stage.is_some_and(|stage| stage.rank().is_none());
            words.all &= refused;
            if own {
                words.own = Some(words.own.unwrap_or(true) && refused);
            }
        }
        let mut refused = 0;
        for words in words.into_values().filter(|words| words.own.unwrap_or(words.all)) {
            refused += 1;
            if let Some(tally) = found.tallies.get_mut(words.partition) {
                tally.refused += 1;
            }
        }
        found.look.vanished = found.look.vanished.saturating_sub(refused);
    }

    /// The parts of the source in which too much is gone, by number or by what was decided.
    pub(super) fn vanished(&self, connector: &Connector, found: &Survey, at: Instant) -> Vec<SourceFinding> {
        if found.counts.gone == 0 {
            return Vec::new();
        }
        let gone = found.lost.iter().filter(|(_, state)| *state == RecordState::Closed);
        let gone: HashSet<&RecordKey> = gone.map(|(key, _)| key).collect();
        let portfolio = self.gateway.current();
        let mut decided: BTreeMap<Box<str>, Decided> = BTreeMap::new();
        let source = portfolio.source_by_id(connector.id().as_str());
        for one in source.into_iter().flat_map(|source| portfolio.stated_in(source, |_| false)) {
            let Some(amount) = one.amount.filter(|_| one.stage.is_some_and(Stage::is_decided)) else { continue };
            let part = decided.entry(one.partition.into()).or_default();
            (part.amounts, part.total) = (part.amounts + 1, part.total + i128::from(amount.get()));
            if gone.contains(one.key) {
                (part.gone_amounts, part.gone) = (part.gone_amounts + 1, part.gone + i128::from(amount.get()));
            }
        }
        let terms = Terms {
            source: connector.id(),
            vanish_limit_bp: connector.profile.vanish_limit_bp,
            moved_limit_percent: connector.manifest.series.moved_limit_percent,
            at,
        };
        findings(&found.tallies, &decided, terms)
    }
}

/// Told from half of a limit on, held beyond it: of records, and of what was decided.
pub fn findings(tallies: &Tallies, decided: &BTreeMap<Box<str>, Decided>, terms: Terms<'_>) -> Vec<SourceFinding> {
    let records = tallies.iter().map(|(part, tally)| (&**part, tally.known, (tally.known.into(), tally.gone.into())));
    let euros = decided.iter().map(|(part, sums)| (&**part, sums.amounts, (sums.total, sums.gone)));
    let limit_bp = i128::from(terms.vanish_limit_bp);
    let mut found: Vec<SourceFinding> = lost_small(tallies, terms);
    for (part, (of, gone)) in weighed(records) {
        if gone >= i128::from(GONE_MIN) {
            let refused = refused_of(tallies, part);
            // What was only refused holds nothing: the least limit by which it is told.
            let exceeds = (gone - refused) * 10_000 > of * limit_bp;
            let limit_bp = if exceeds { limit_bp } else { limit_bp.max((gone * 10_000 + of - 1) / of) };
            found.extend(terms.finding(part, (gone, of, limit_bp), Weighed::Records));
        }
    }
    let limit_bp = i128::from(terms.moved_limit_percent) * 100;
    for (part, (of, gone)) in weighed(euros) {
        let amounts = |one: &Decided| one.gone_amounts;
        let is_one = decided.get(part).map_or_else(|| decided.values().map(amounts).sum(), amounts) < 2;
        let Some(finding) = terms.finding(part, (gone, of, limit_bp), Weighed::Euros).filter(|_| !is_one) else {
            continue;
        };
        match found.iter_mut().find(|told| told.is_about_same(&finding)) {
            Some(told) if finding.held && !told.held => *told = finding,
            Some(_) => {}
            None => found.push(finding),
        }
    }
    found
}

/// How many of those that are gone were only refused: of a part, or of the small ones together.
fn refused_of(tallies: &Tallies, part: &str) -> i128 {
    let small = || tallies.values().filter(|tally| tally.known < PART_MIN).map(|tally| tally.refused).sum();
    let refused = tallies.get(part).filter(|tally| tally.known >= PART_MIN).map_or_else(small, |tally| tally.refused);
    i128::from(refused)
}

/// A part that is too small to be weighed, and lost most of what was known of it: told, for it may be so.
fn lost_small(tallies: &Tallies, terms: Terms<'_>) -> Vec<SourceFinding> {
    let is_lost = |(part, tally): &(&str, &Tally)| {
        !part.is_empty() && tally.known < PART_MIN && tally.gone >= GONE_MIN && tally.gone * 2 > tally.known
    };
    let told = |(part, tally): (&str, &Tally)| {
        let (gone, known) = (i128::from(tally.gone), i128::from(tally.known));
        // The least limit by which it is told and holds nothing.
        terms.finding(part, (gone, known, (gone * 10_000 + known - 1) / known), Weighed::Records)
    };
    tallies.iter().map(|(part, tally)| (&**part, tally)).filter(is_lost).filter_map(told).collect()
}

/// Each part that is large enough, and the others together, as far as something is gone.
fn weighed<'a>(parts: impl Iterator<Item = (&'a str, u64, (i128, i128))>) -> Vec<(&'a str, (i128, i128))> {
    let mut weighed = Vec::new();
    let (mut small, mut size) = ((0, 0), 0);
    for (part, count, (of, gone)) in parts.filter(|(.., (_, gone))| *gone > 0) {
        if count >= PART_MIN {
            weighed.push((part, (of, gone)));
        } else {
            (small, size) = ((small.0 + of, small.1 + gone), size + count);
        }
    }
    if size >= PART_MIN {
        weighed.push(("", small));
    }
    weighed
}

impl Terms<'_> {
    fn finding(self, part: &str, (gone, of, limit_bp): (i128, i128, i128), by: Weighed) -> Option<SourceFinding> {
        if gone * 20_000 <= of * limit_bp {
            return None;
        }
        let held = gone * 10_000 > of * limit_bp;
        let limit = limit_bp / 100;
        let (fr, en) = if held {
            (
                format!(" ; plus que la limite de {limit} % : rien n'est appliqué"),
                format!("; more than the limit of {limit} %: nothing is applied"),
            )
        } else {
            (" ; à vérifier auprès de son propriétaire".to_owned(), "; to be checked with its owner".to_owned())
        };
        let (of_fr, of_en) = if part.is_empty() {
            (String::new(), String::new())
        } else {
            (format!(" de « {part} »"), format!(" of « {part} »"))
        };
        let message = match by {
            Weighed::Records => Message::new(
                format!("{gone} des {of} enregistrements connus{of_fr} ne sont plus dans la source{fr}"),
                format!("{gone} of the {of} known records{of_en} are no longer in the source{en}"),
            ),
            Weighed::Euros => {
                let percent = gone * 100 / of;
                Message::new(
                    format!(
                        "les enregistrements{of_fr} qui ne sont plus dans la source portaient {percent} % de ce qui y était décidé{fr}"
                    ),
                    format!("records{of_en} that are no longer in the source bore {percent} % of what was decided{en}"),
                )
            }
        };
        Some(SourceFinding {
            kind: SourceFindingKind::RecordsVanished,
            field: None,
            about: Some(if part.is_empty() { self.source.as_str() } else { part }.to_owned()),
            since: self.at,
            example: None,
            message,
            was: None,
            held,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it is about, whether it holds.
    fn told(tallies: &[(&str, u64, u64)], decided: &[(&str, u64, i128, u64, i128)]) -> Vec<(String, bool)> {
        let tally = |known, gone| Tally { known, gone, ..Tally::default() };
        let tallies = tallies.iter().map(|(name, known, gone)| ((*name).into(), tally(*known, *gone))).collect();
        let sums = |amounts, total, gone_amounts, gone| Decided { amounts, total, gone_amounts, gone };
        let decided =
            decided.iter().map(|(name, all, total, lost, gone)| ((*name).into(), sums(*all, *total, *lost, *gone)));
        let source = SourceId::parse("desk").unwrap();
        let terms = Terms { source: &source, vanish_limit_bp: 2_000, moved_limit_percent: 50, at: Instant::UNIX_EPOCH };
        let found = findings(&tallies, &decided.collect(), terms);
        found.into_iter().map(|finding| (finding.about.unwrap(), finding.held)).collect()
    }

    #[test]
    fn a_year_that_is_nearly_empty_holds_however_long_the_history() {
        assert_eq!(told(&[("2024", 180, 0), ("2025", 20, 19)], &[]), [("2025".to_owned(), true)]);
        assert_eq!(told(&[("2024", 180, 0), ("2025", 60, 12)], &[]), [("2025".to_owned(), false)], "the limit itself");
        assert_eq!(told(&[("2025", 60, 6)], &[]), []);
        assert_eq!(told(&[("2025", 12, 4)], &[]), [], "so few may well be gone");
        let small = [("2022", 9, 0), ("2023", 8, 4), ("2024", 6, 3), ("2025", 9, 2)];
        assert_eq!(told(&small, &[]), [("desk".to_owned(), true)], "nine of the twenty-three where some are gone");
        assert_eq!(
            told(&[("2023", 9, 0), ("2024", 9, 8)], &[]),
            [("2024".to_owned(), false)],
            "a small one, nearly empty"
        );
    }

    #[test]
    fn a_few_records_that_bore_most_of_what_was_decided_hold() {
        let gone = |amounts, cents| told(&[("2025", 100, amounts)], &[("2025", 100, 1_000, amounts, cents)]);
        assert_eq!(gone(3, 501), [("2025".to_owned(), true)]);
        assert_eq!(gone(3, 500), [("2025".to_owned(), false)]);
        assert_eq!(gone(3, 250), []);
        assert_eq!(gone(1, 900), [], "one grant that is withdrawn");
        assert_eq!(gone(15, 900), [("2025".to_owned(), true)], "told once, as what is graver");
    }
}
