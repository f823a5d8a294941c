//! Breaks in a series: a load whose figures cannot stand beside those before it. A file loaded twice, a constant pasted into
//! every amount, known amounts that move by half: noticed before anybody draws a curve. Pure.
//!
//! Like is compared with like. Renewals and twin grants differ in something or are few among others; the units of a scheme
//! (a post that costs the same everywhere) are constant from load to load; what is added by a new year moves no known amount.

mod alone;
mod amounts;
mod contents;
mod exceeding;
mod granted;
mod lines;
mod moved;
mod natures;
mod pasted;
mod repeated;
mod said;
mod scaled;
mod shared;
mod turned;
mod unstaged;

use super::month_first::MonthFirst;
use super::postal::Communes;
use crate::connector::manifest::SeriesLimits;
use crate::connector::node::Node;
use crate::domain::Instant;
use crate::domain::facts::{ProjectFacts, StatementFacts};
use crate::domain::message::Message;
use crate::domain::organisation::OrganisationId;
use crate::domain::source::Scope;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::text::{RecordKey, SourceId, compact};
pub use amounts::Part;
use amounts::Voice;
use contents::{Content, Contents};
use foldhash::{HashMap, HashSet};
use granted::is_granted;
pub use said::Said;
use said::Stages;
use shared::Shared;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Fewer amounts than this are no series.
const SERIES_MIN: u64 = 20;

/// The figures of one read, gathered while it goes on.
#[derive(Debug, Default)]
pub struct Series {
    speaks_for: Vec<Scope>,
    accepted: u64,
    known: u64,
    known_in: BTreeMap<Box<str>, u64>,
    again: u64,
    clashes: u64,
    contents: Contents,
    partitions: BTreeMap<Box<str>, Part>,
    changed: HashMap<RecordKey, Said>,
    shared: Shared,
    /// The amounts of records that are not known, in parts that are.
    added: Part,
    keys: KeyFields,
    /// Rows of a second table that name no record which is there, or of which nobody knows to which record they belong.
    pub alone: u64,
    /// The communes of the records.
    pub communes: Communes,
    /// How its dates are written.
    pub dates: MonthFirst,
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
    /// A series of a source whose keys are made of these fields, and which speaks for these.
    pub fn keyed_by(fields: impl Iterator<Item = String>, speaks_for: &[Scope]) -> Self {
        let names = fields.map(|name| compact(&name)).collect();
        let keys = KeyFields { names, met: Vec::new() };
        Series { keys, speaks_for: speaks_for.to_vec(), ..Series::default() }
    }

    /// The record of this part of the source that comes next is known.
    pub fn know(&mut self, partition: &str) {
        self.known += 1;
        match self.known_in.get_mut(partition) {
            Some(known) => *known += 1,
            None => drop(self.known_in.insert(partition.into(), 1)),
        }
    }

    /// A record came again under its key, with the same content.
    pub fn meet_again(&mut self) {
        self.again += 1;
    }

    /// A record came under the key of another one, with another content.
    pub fn clash(&mut self) {
        self.clashes += 1;
    }

    /// A record was accepted, of this holder.
    pub fn meet(
        &mut self,
        record: &Node,
        partition: &str,
        (statements, holder): (&[StatementFacts], Option<&OrganisationId>),
    ) {
        self.accepted += 1;
        if let Node::Object(entries) = record {
            let mut content = Content::default();
            statements.iter().for_each(|statement| content.sum(statement, holder));
            for (position, (name, value)) in entries.iter().enumerate() {
                if !self.keys.has(position, name) {
                    content.cell(value);
                }
            }
            self.contents.meet(&content, partition);
        }
        statements.iter().for_each(|statement| self.shared.meet(statement));
        for (statement, amount) in statements.iter().filter_map(|one| Some((one, one.amount?))) {
            let own = self.speaks_for.iter().any(|scope| scope.covers(statement.into()));
            if !self.partitions.contains_key(partition) {
                self.partitions.insert(partition.into(), Part::default());
            }
            if let Some(part) = self.partitions.get_mut(partition) {
                part.add(amount, own);
                part.stage(statement.stage, amount, own);
            }
        }
    }

    /// The parts of the source of which records were accepted.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.contents.names()
    }

    /// A record of a part that stands before one of these, and did not come with them.
    pub fn stood(&mut self, partition: &str, record: &Node) {
        if let Node::Object(entries) = record {
            let mut content = Content::default();
            let cells = entries.iter().filter(|(name, _)| !self.keys.names.contains(&compact(name)));
            cells.for_each(|(_, value)| content.cell(value));
            self.contents.stood(partition, &content);
        }
    }

    /// A record was accepted that is not known.
    pub fn add(&mut self, statements: &[StatementFacts]) {
        for (one, amount) in statements.iter().filter_map(|one| Some((one, one.amount?))) {
            self.added.add(amount, false);
            self.added.stage(one.stage, amount, false);
        }
    }

    /// What a known record says now, where its content is another one.
    pub fn changed(&mut self, key: &RecordKey, partition: &str, statements: &[StatementFacts]) {
        let said = Said::of(partition, statements, &self.speaks_for);
        self.changed.insert(key.clone(), said);
    }

    /// What a known record whose content is another one says now of its project.
    pub fn describe(&mut self, key: &RecordKey, project: &ProjectFacts) {
        if let Some(said) = self.changed.get_mut(key) {
            said.describe(project.holder.as_ref(), Some(&project.title), &project.places);
        }
    }

    /// All records were met: what of sums granted to several is whose, their rows tell.
    pub fn settle(&mut self) {
        let decisions: HashSet<u64> = self.changed.values().flat_map(Said::decisions).collect();
        if !decisions.is_empty() {
            let borne_out = self.shared.borne_out(&decisions);
            self.changed.values_mut().for_each(|said| said.settle(&borne_out));
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
    pub partitions: BTreeMap<Box<str>, Part>,
    /// The records of each partition.
    pub records: BTreeMap<Box<str>, u64>,
    /// The cents that are decided in each partition.
    pub decided: BTreeMap<Box<str>, i128>,
    /// How many sums, known or not, are stated in each partition.
    pub lines: BTreeMap<Box<str>, u64>,
    /// What records that changed said.
    pub changed: HashMap<RecordKey, Said>,
}

/// What breaks are judged by.
pub struct Terms<'a> {
    /// The limits of the manifest.
    pub limits: &'a SeriesLimits,
    /// The share that may vanish, in basis points.
    pub vanish_limit_bp: u32,
    /// When the read began.
    pub at: Instant,
    /// The source: what a finding is about where it is not divided.
    pub source: &'a SourceId,
    /// Are its records about projects? Entries of a table may well say the same.
    pub twins: bool,
}

/// The breaks between what stood and what was read of it in part: what is known is held against what it was.
pub fn breaks_of_part(before: &Before, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let mut found = moved::moved(before, now, terms);
    found.extend(natures::natures(before, now, terms));
    found.extend(lines::vanished(before, now, terms));
    found.extend(unstaged::unstaged(before, now, terms));
    let is_held = found.iter().any(|finding| finding.held);
    found.extend(scaled::scaled(before, now, terms, is_held));
    found
}

/// The breaks between what stood and what was read as a whole.
pub fn breaks(before: &Before, now: &Series, terms: &Terms<'_>) -> Vec<SourceFinding> {
    let mut found = Vec::new();
    found.extend(repeated::repeated(now, terms));
    found.extend(repeated::clashing(now, terms));
    found.extend(repeated::of_the_part_before(now, terms));
    found.extend(pasted::pasted(before, now, terms));
    found.extend(moved::moved(before, now, terms));
    found.extend(natures::natures(before, now, terms));
    found.extend(lines::vanished(before, now, terms));
    found.extend(unstaged::unstaged(before, now, terms));
    let is_held = found.iter().any(|finding| finding.held);
    found.extend(scaled::scaled(before, now, terms, is_held));
    let of_parts = scaled::new_parts(before, now, terms);
    if of_parts.is_empty() {
        found.extend(scaled::new_rows(before, now, terms));
    }
    found.extend(of_parts);
    let is_told = |kind: SourceFindingKind| found.iter().any(|finding| finding.kind == kind);
    let turned = turned::turned(before, now, terms).into_iter().filter(|finding| !is_told(finding.kind));
    found.extend(turned.collect::<Vec<_>>());
    if !found.iter().any(|finding| finding.kind == SourceFindingKind::TotalMoved) {
        found.extend(exceeding::exceeding(before, now, terms));
    }
    found.extend(alone::alone(before, now, terms));
    found
}

impl Terms<'_> {
    fn finding(&self, kind: SourceFindingKind, partition: &str, message: Message) -> SourceFinding {
        let about = if partition.is_empty() { self.source.as_str() } else { partition };
        let about = Some(about.to_owned());
        SourceFinding { kind, field: None, about, since: self.at, example: None, message, was: None, held: false }
    }
}

/// Of which partition something is said; nothing for a source that is not divided. Figures are for the example alone, which not
/// everybody sees.
fn in_french(partition: &str) -> String {
    if partition.is_empty() { String::new() } else { format!(" dans « {partition} »") }
}

fn in_english(partition: &str) -> String {
    if partition.is_empty() { String::new() } else { format!(" of « {partition} »") }
}

/// Of each part that something is told of, what is graver: of the sums that the source speaks for, or of all of them.
fn graver(own: Vec<SourceFinding>, all: Vec<SourceFinding>) -> Vec<SourceFinding> {
    let mut found = own;
    for finding in all {
        match found.iter_mut().find(|own| own.is_about_same(&finding)) {
            Some(own) if finding.held && !own.held => *own = finding,
            Some(_) => {}
            None => found.push(finding),
        }
    }
    found
}

#[cfg(test)]
mod tests;
