//! Breaks in a series: a load whose figures cannot stand beside those before it. A file loaded twice, a constant pasted into
//! every amount, known amounts that move by half: noticed before anybody draws a curve. Pure.
//!
//! Like is compared with like. Renewals and twin grants differ in something or are few among others; the units of a scheme
//! (a post that costs the same everywhere) are constant from load to load; what is added by a new year moves no known amount.

mod moved;

use super::postal::Communes;
use crate::connector::manifest::SeriesLimits;
use crate::connector::node::Node;
use crate::domain::Instant;
use crate::domain::facts::StatementFacts;
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::text::{RecordKey, SourceId, compact};
use crate::domain::vocabulary::Stage;
use foldhash::{HashMap, HashSet};
use rustc_hash::FxHasher;
use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

/// Different amounts that are counted apart within one partition.
const AMOUNTS_MAX: usize = 512;
/// Fewer amounts than this are no series.
const SERIES_MIN: u64 = 20;
/// Fewer repeated records than this are not told, nor fewer than one in a hundred.
const REPEATED_MIN: u64 = 3;
/// Per cent of the records that stand an even number of times but for their key, from which a list is one that was loaded twice.
/// Twins are many in some lists (three in four posts of adultes-relais have one), but never nearly all in pairs.
const TWINS_PERCENT: u64 = 95;
/// Per cent that one amount may have of a partition whose amounts differ.
const VARIED_PERCENT: u64 = 80;

/// The amounts of one partition.
#[derive(Debug, Clone, Default)]
pub struct Amounts {
    count: u64,
    total: i128,
    times: HashMap<i64, u64>,
}

impl Amounts {
    /// Takes an amount into account.
    pub fn add(&mut self, amount: Cents) {
        self.count += 1;
        self.total += i128::from(amount.get());
        if self.times.len() < AMOUNTS_MAX || self.times.contains_key(&amount.get()) {
            *self.times.entry(amount.get()).or_default() += 1;
        }
    }

    /// The commonest amount, and how often it stands; nothing in a partition that is too small to tell.
    fn commonest(&self) -> Option<(i64, u64)> {
        let commonest = self.times.iter().map(|(amount, times)| (*times, *amount)).max();
        commonest.filter(|_| self.count >= SERIES_MIN).map(|(times, amount)| (amount, times))
    }

    fn constant(&self, percent: u64) -> Option<i64> {
        self.commonest().filter(|(_, times)| times * 100 >= self.count * percent).map(|(amount, _)| amount)
    }
}

/// What a record states at each stage: the sum of the amounts that are there, nothing where none is.
pub type Stages = BTreeMap<Option<Stage>, Option<i128>>;

/// The figures of one read, gathered while it goes on.
#[derive(Debug, Default)]
pub struct Series {
    accepted: u64,
    again: u64,
    clashes: u64,
    contents: HashMap<u64, u32>,
    partitions: BTreeMap<Box<str>, Amounts>,
    changed: HashMap<RecordKey, Stages>,
    keys: KeyFields,
    /// The communes of the records.
    pub communes: Communes,
}

/// The fields of which keys are made, as they are met.
#[derive(Debug, Default)]
struct KeyFields {
    names: HashSet<String>,
    met: Vec<(Arc<str>, bool)>,
}

impl KeyFields {
    /// Records of one table share their names and their order: most names are found without being compared.
    fn has(&mut self, position: usize, name: &Arc<str>) -> bool {
        if let Some((_, is_key)) = self.met.get(position).filter(|(met, _)| Arc::ptr_eq(met, name)) {
            return *is_key;
        }
        let is_key = self.names.contains(&compact(name));
        if position == self.met.len() {
            self.met.push((Arc::clone(name), is_key));
        }
        is_key
    }
}

impl Series {
    /// A series of a source whose keys are made of these fields.
    pub fn keyed_by(fields: impl Iterator<Item = String>) -> Self {
        let names = fields.map(|name| compact(&name)).collect();
        Series { keys: KeyFields { names, met: Vec::new() }, ..Series::default() }
    }

    /// A record came again under its key, with the same content.
    pub fn meet_again(&mut self) {
        self.again += 1;
    }

    /// A record came under the key of another one, with another content.
    pub fn clash(&mut self) {
        self.clashes += 1;
    }

    /// A record was accepted.
    pub fn meet(&mut self, record: &Node, partition: &str, statements: &[StatementFacts]) {
        self.accepted += 1;
        if let Node::Object(entries) = record {
            let (mut hasher, mut says) = (FxHasher::default(), false);
            // The next year's renewal of a grant says the same of another year: it is no twin.
            partition.hash(&mut hasher);
            statements.iter().for_each(|statement| statement.year.hash(&mut hasher));
            for (position, (name, value)) in entries.iter().enumerate() {
                if !self.keys.has(position, name) {
                    value.hash(&mut hasher);
                    says |= !value.is_blank();
                }
            }
            if says {
                *self.contents.entry(hasher.finish()).or_default() += 1;
            }
        }
        for amount in statements.iter().filter_map(|statement| statement.amount) {
            match self.partitions.get_mut(partition) {
                Some(amounts) => amounts.add(amount),
                None => self.partitions.entry(partition.into()).or_default().add(amount),
            }
        }
    }

    /// What a known record states now, where its content is another one.
    pub fn changed(&mut self, key: &RecordKey, statements: &[StatementFacts]) {
        let stages = self.changed.entry(key.clone()).or_default();
        for statement in statements {
            let sum = stages.entry(statement.stage).or_default();
            if let Some(amount) = statement.amount {
                *sum = Some(sum.unwrap_or_default() + i128::from(amount.get()));
            }
        }
    }

    /// Is it a known record with another content now?
    pub fn has_changed(&self, key: &RecordKey) -> bool {
        self.changed.contains_key(key)
    }
}

/// The figures of the records that stand, before the read.
#[derive(Debug, Default)]
pub struct Before {
    /// Of each partition.
    pub partitions: BTreeMap<Box<str>, Amounts>,
    /// What records that changed stated, and their partition.
    pub changed: HashMap<RecordKey, (Box<str>, Stages)>,
}

/// What breaks are judged by.
pub struct Terms<'a> {
    /// The limits of the manifest.
    pub limits: &'a SeriesLimits,
    /// When the read began.
    pub at: Instant,
    /// The source: what a finding is about where it is not divided.
    pub source: &'a SourceId,
    /// Are its records about projects? Entries of a table may well say the same.
    pub twins: bool,
}

/// The breaks between what stood and what was read of it in part: what is known is held against what it was.
pub fn breaks_of_part(before: &Before, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
    moved::moved(before, now, terms)
}

/// The breaks between what stood and what was read as a whole.
pub fn breaks(before: &Before, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let mut found = Vec::new();
    found.extend(repeated(now, terms));
    found.extend(clashing(now, terms));
    found.extend(pasted(before, now, terms));
    found.extend(moved::moved(before, now, terms));
    found
}

impl Terms<'_> {
    fn finding(&self, kind: SourceFindingKind, partition: &str, message: Message) -> SourceFinding {
        let about = if partition.is_empty() { self.source.as_str() } else { partition };
        let about = Some(about.to_owned());
        SourceFinding { kind, field: None, about, since: self.at, example: None, message, was: None, held: false }
    }
}

/// Records that came twice: under one key, or nearly all of them under others.
fn repeated(now: &Series, terms: &Terms<'_>) -> Option<SourceFinding> {
    let read = now.accepted + now.again + now.clashes;
    let twins: u64 = now.contents.values().filter(|times| **times % 2 == 0).map(|times| u64::from(*times)).sum();
    let limit = u64::from(terms.limits.repeat_limit_percent);
    let all_twins =
        terms.twins && limit < 100 && now.accepted >= SERIES_MIN && twins * 100 >= now.accepted * TWINS_PERCENT;
    if all_twins {
        let message = Message::new(
            format!(
                "{twins} des {read} enregistrements ne diffèrent d'un autre que par leur clé : le fichier semble chargé deux fois ; rien n'est appliqué"
            ),
            format!(
                "{twins} of the {read} records differ from another one by their key alone: the file seems to be loaded twice; nothing is applied"
            ),
        );
        let finding = terms.finding(SourceFindingKind::RecordsRepeated, "", message);
        return Some(SourceFinding { held: true, ..finding });
    }
    let again = now.again;
    let (held, (fr, en)) = weighed((again, read), limit, (" ; chacun ne compte qu'une fois", "; each counts once"))?;
    let message = Message::new(
        format!("{again} des {read} enregistrements sont venus deux fois à l'identique{fr}"),
        format!("{again} of the {read} records came twice, identical{en}"),
    );
    let finding = terms.finding(SourceFindingKind::RecordsRepeated, "", message);
    Some(SourceFinding { held, ..finding })
}

/// Records under the key of another one, with another content: the key tells them not apart.
fn clashing(now: &Series, terms: &Terms<'_>) -> Option<SourceFinding> {
    let (clashes, read) = (now.clashes, now.accepted + now.again + now.clashes);
    let limit = u64::from(terms.limits.repeat_limit_percent);
    let kept = (" ; chacun est rejeté, le premier compte", "; each is rejected, the first one counts");
    let (held, (fr, en)) = weighed((clashes, read), limit, kept)?;
    let message = Message::new(
        format!(
            "{clashes} des {read} enregistrements portent la clé d'un autre avec un autre contenu{fr} ; voyez `key` dans le manifeste"
        ),
        format!(
            "{clashes} of the {read} records have the key of another one and another content{en}; see `key` in the manifest"
        ),
    );
    let finding = terms.finding(SourceFindingKind::RecordsRepeated, "", message);
    Some(SourceFinding { held, ..finding })
}

/// Are so many of the records held, and in which words; nothing where they are too few to be told.
fn weighed((count, read): (u64, u64), limit: u64, (fr, en): (&str, &str)) -> Option<(bool, (String, String))> {
    if count < REPEATED_MIN || count * 100 < read {
        return None;
    }
    let held = count >= SERIES_MIN / 2 && count * 100 > read * limit;
    let words = if held {
        (
            format!(" : plus que la limite de {limit} %, rien n'est appliqué"),
            format!(": more than the limit of {limit} %, nothing is applied"),
        )
    } else {
        (fr.to_owned(), en.to_owned())
    };
    Some((held, words))
}

/// Of which partition something is said; nothing for a source that is not divided. Figures are for the example alone, which not
/// everybody sees.
fn in_french(partition: &str) -> String {
    if partition.is_empty() { String::new() } else { format!(" dans « {partition} »") }
}

fn in_english(partition: &str) -> String {
    if partition.is_empty() { String::new() } else { format!(" of « {partition} »") }
}

/// Partitions in which one amount stands everywhere, though those before it had many, or another one by far.
fn pasted(before: &Before, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let limit = u64::from(terms.limits.constant_limit_percent);
    let told: Vec<(&Box<str>, &Amounts)> =
        before.partitions.iter().filter(|(_, amounts)| amounts.count >= SERIES_MIN).collect();
    let Some((_, last)) = told.last() else { return Vec::new() };
    let varied = told.iter().filter(|(_, amounts)| amounts.constant(VARIED_PERCENT).is_none()).count();
    let mut found = Vec::new();
    for (partition, amounts) in &now.partitions {
        let Some(amount) =
            amounts.commonest().filter(|(_, times)| times * 100 > amounts.count * limit).map(|one| one.0)
        else {
            continue;
        };
        let known = before.partitions.get(partition);
        if known.is_some_and(|known| known.constant(VARIED_PERCENT) == Some(amount)) {
            continue;
        }
        let unit = known.unwrap_or(last).constant(VARIED_PERCENT);
        let is_break = match unit {
            Some(unit) => (i128::from(amount) - i128::from(unit)).abs() * 2 > i128::from(unit).abs(),
            None => varied * 2 > told.len(),
        };
        if is_break {
            let (was_fr, was_en) = match unit {
                Some(_) => ("un autre, de loin, l'était auparavant", "another one was before, by far"),
                None => ("ils différaient auparavant", "they differed before"),
            };
            let message = Message::new(
                format!(
                    "presque tous les montants sont le même{}, et {was_fr} : rien n'est appliqué",
                    in_french(partition)
                ),
                format!(
                    "nearly all amounts are the same one{}, and {was_en}: nothing is applied",
                    in_english(partition)
                ),
            );
            let example = match unit {
                Some(unit) => format!("{} EUR -> {} EUR", Cents::new(unit), Cents::new(amount)),
                None => format!("{} EUR", Cents::new(amount)),
            };
            let finding = terms.finding(SourceFindingKind::AmountConstant, partition, message);
            found.push(SourceFinding { held: true, example: Some(example), ..finding });
        }
    }
    found
}

#[cfg(test)]
mod tests;
