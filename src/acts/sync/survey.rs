//! Going through a staged batch before it is applied: what each record is to the ledger as it stands now, and which
//! project it belongs to.

use super::Read;
use super::division::Division;
use super::held::Look;
use super::identity::{Appearance, Identities};
use super::keyless::Stood;
use super::reading::{DUPLICATE_IDENTICAL, DUPLICATE_KEY};
use super::renumbered::Successions;
use super::restated::{Restated, gives_up};
use super::strays::{Brought, strays};
use super::unread::{Resting, Tallies, Tally};
use crate::connector::driver::{HEADER_AGAIN, is_of_second_table};
use crate::connector::mapping::KEY_SEPARATOR;
use crate::domain::Instant;
use crate::domain::act::Decision;
use crate::domain::project::{ProjectId, Reference};
use crate::domain::record::RecordState;
use crate::domain::run::Counts;
use crate::domain::source::SourceProfile;
use crate::domain::text::{RecordKey, SourceId};
use crate::ledger::Current;
use crate::workroom::{Head, RecordHead, WorkroomError};
use foldhash::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

/// What the ledger holds of a source, as far as its next batch is concerned.
pub type Known = HashMap<RecordKey, Current>;

/// A staged batch, gone through once.
pub struct Survey {
    /// What becomes of each record.
    pub counts: Counts,
    /// Partitions that were read.
    pub partitions: BTreeSet<String>,
    /// Partitions of which only a few records came, beside those that were read, each with how many.
    pub strays: BTreeMap<String, u64>,
    /// Keys that came twice with different contents: their records are not sure enough.
    pub disputed: HashSet<RecordKey>,
    /// Known records that the read did not bring, with the state that they take.
    pub lost: Vec<(RecordKey, RecordState)>,
    /// Of each part of the source, how many known records came in a form that is rejected.
    pub tallies: Tallies,
    /// Of each part of the source that a read of all of it did not bring, how many known records rest on it.
    pub resting: Resting,
    /// Records whose source now gives them in a form that is rejected.
    pub turned_bad: Vec<RecordKey>,
    /// Rejected rows whose key could not be read: a known record that did not come may be one of them.
    pub keyless: u64,
    /// References carried by the records to write, each with how many of them carry it.
    pub references: HashMap<Reference, u32>,
    /// Records that were staged without their content, as unchanged, and that the ledger holds otherwise by now: what the read found
    /// nobody can tell any more.
    pub moved: u64,
    /// The ledger holds something newer of a record than the read does: what was read is not what stands.
    pub is_outdated: bool,
    /// What it is judged by.
    pub look: Look,
    /// Keys that changed in the source, once they are looked for.
    pub successions: Successions,
}

/// The keys that a batch brought, and of which parts.
#[derive(Default)]
struct Met {
    /// What came of each part.
    brought: BTreeMap<String, Brought>,
    /// In a form that is taken.
    seen: HashSet<RecordKey>,
    /// In one that is rejected.
    rejected: HashSet<RecordKey>,
    /// In one that the manifest leaves out, within an increment.
    left_out: HashSet<RecordKey>,
    /// Rejected records whose key could not be read.
    keyless: u64,
    /// Of these, those that stood so beside every record that was good when the source was last read.
    stood: Stood,
}

/// What a staged record is to the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// To be written: the key is new or came back.
    Added,
    /// To be written: the key is known.
    Changed,
    /// Already there.
    Unchanged,
    /// Older than what is there.
    Skipped,
    /// One of several under its key, and none of them is what is known: which is meant nobody can tell, and what was known stays.
    Kept,
}

/// The fate of `record`, given what the ledger knows of its key.
pub fn fate(record: &RecordHead, known: Option<&Current>, disputed: bool) -> Fate {
    match known {
        None => Fate::Added,
        Some(known) if known.state == RecordState::Open && known.fingerprint == fingerprint(record, disputed) => {
            Fate::Unchanged
        }
        Some(known) if known.observed_at > record.observed_at => Fate::Skipped,
        Some(known) if known.state == RecordState::Closed => Fate::Added,
        Some(_) if disputed => Fate::Kept,
        Some(_) => Fate::Changed,
    }
}

/// The fingerprint that a record is stored with. A disputed one is stored under another, so that it is written again
/// when the dispute begins and when it ends.
pub fn fingerprint(record: &RecordHead, disputed: bool) -> [u8; 16] {
    if disputed { record.fingerprint.map(|byte| !byte) } else { record.fingerprint }
}

/// Goes through the batch.
pub fn survey(
    read: &Read,
    known: &Known,
    profile: &SourceProfile,
    (division, stood): (Division<'_>, Stood),
) -> Result<Survey, WorkroomError> {
    let mut found = Survey {
        counts: Counts { skipped: read.skipped, read: read.skipped, ..Counts::default() },
        partitions: BTreeSet::new(),
        strays: BTreeMap::new(),
        disputed: HashSet::default(),
        lost: Vec::new(),
        tallies: Tallies::default(),
        resting: Resting::default(),
        turned_bad: Vec::new(),
        keyless: 0,
        references: HashMap::default(),
        moved: 0,
        is_outdated: false,
        look: Look::default(),
        successions: Successions::default(),
    };
    if !division.is_partitioned {
        found.partitions.insert(String::new());
    }
    // A dispute may be met after its record: it must be known before fates are told. A row that cannot be read disputes another one
    // under its key as well as one that says something else, whichever comes first.
    if read.spool.may_reject() {
        for item in read.spool.heads()? {
            if let Head::Rejection { key, code } = item?
                && (code == DUPLICATE_KEY || division.has_project && code != DUPLICATE_IDENTICAL)
            {
                found.disputed.extend(key.and_then(|key| RecordKey::parse(&key).ok()));
            }
        }
    }
    let mut met = Met { stood, ..Met::default() };
    for item in read.spool.heads()? {
        let item = item?;
        // What is left out is counted with the read.
        found.counts.read += u64::from(!matches!(item, Head::LeftOut { .. }));
        match item {
            Head::Unchanged { key, partition, fingerprint } => {
                found.unchanged((&key, fingerprint), known.get(&key), read.observed_at);
                met.meet(&partition);
                met.seen.insert(key);
            }
            Head::Record(record) => found.record(record, known, &mut met),
            Head::Rejection { key, code } => {
                found.counts.rejected += 1;
                match key.and_then(|key| RecordKey::parse(&key).ok()) {
                    Some(key) => drop(met.rejected.insert(key)),
                    // A header is no record that is missing, nor is a row of another table.
                    None if code == HEADER_AGAIN || is_of_second_table(&code) => {}
                    None => met.keyless += 1,
                }
            }
            Head::LeftOut { key } => drop(met.left_out.insert(key)),
        }
    }
    found.parts((read, division, profile.vanish_limit_bp), known, &mut met);
    found.losses((read, division), known, &met);
    found.keyless = met.keyless.saturating_sub(met.stood.others);
    let held_open = known.values().filter(|known| known.state != RecordState::Closed).count() as u64;
    found.look = Look {
        complete: read.complete,
        full: read.full,
        read: found.counts.read,
        left_out: read.skipped,
        rejected: found.counts.rejected,
        held_open,
        vanished: found.lost.len() as u64,
        renumbered: 0,
        vanish_limit_bp: profile.vanish_limit_bp,
    };
    Ok(found)
}

impl Survey {
    /// A record that was what the ledger held when it was staged: is it still?
    fn unchanged(&mut self, (key, fingerprint): (&RecordKey, [u8; 16]), known: Option<&Current>, observed_at: Instant) {
        match known {
            Some(known) if known.state == RecordState::Open && known.fingerprint == fingerprint => {
                self.counts.unchanged += 1;
                if self.disputed.contains(key) {
                    self.turned_bad.push(key.clone());
                }
            }
            Some(known) if known.observed_at > observed_at => {
                self.counts.skipped += 1;
                self.is_outdated = true;
            }
            _ => {
                self.counts.unchanged += 1;
                self.moved += 1;
            }
        }
    }

    fn record(&mut self, record: RecordHead, known: &Known, met: &mut Met) {
        let before = known.get(&record.key);
        let fate = fate(&record, before, self.disputed.contains(&record.key));
        match fate {
            Fate::Added => self.counts.added += 1,
            Fate::Changed => self.counts.changed += 1,
            Fate::Unchanged | Fate::Kept => self.counts.unchanged += 1,
            Fate::Skipped => {
                self.counts.skipped += 1;
                self.is_outdated = true;
            }
        }
        if matches!(fate, Fate::Added | Fate::Changed) {
            for reference in record.references {
                *self.references.entry(reference).or_default() += 1;
            }
        }
        met.meet(&record.partition);
        if fate == Fate::Kept && before.is_some_and(|before| before.state == RecordState::Open) {
            self.turned_bad.push(record.key.clone());
        }
        // Only known keys can be lost: a first load gathers none.
        if before.is_some() {
            met.seen.insert(record.key);
        }
    }

    /// The parts that were read: all that came, but for those of which a full read of others brought a few records.
    fn parts(&mut self, (read, division, limit_bp): (&Read, Division<'_>, u32), known: &Known, met: &mut Met) {
        let mut brought = std::mem::take(&mut met.brought);
        if read.full && division.is_partitioned && brought.len() > 1 {
            for (key, known) in known.iter().filter(|(_, known)| known.state != RecordState::Closed) {
                let Some(part) = brought.get_mut(&*known.partition) else { continue };
                part.known += 1;
                if met.has_rejected(key) {
                    part.came += 1;
                } else if !met.seen.contains(key) {
                    part.missing += 1;
                }
            }
            let strayed = strays(&brought, |one, other| division.together(one, other), limit_bp);
            self.strays = strayed.iter().map(|name| (name.clone(), brought[name].came)).collect();
        }
        self.partitions.extend(brought.into_keys().filter(|name| !self.strays.contains_key(name)));
    }

    /// Known records that were not met: gone from a partition that was read as a whole, rejected in their present form, or left out of
    /// an increment. While a record without a readable key was rejected, a missing key may be that one: it goes bad, not gone. So it may
    /// be where its partition is one of the last read, or any where no partition could be read at all.
    fn losses(&mut self, (read, division): (&Read, Division<'_>), known: &Known, met: &Met) {
        for (key, known) in known.iter().filter(|(_, known)| known.state != RecordState::Closed) {
            self.tally(known, |tally| tally.known += 1);
            if met.seen.contains(key) {
                continue;
            }
            // Somebody saw it since the read began.
            if known.observed_at > read.observed_at {
                self.is_outdated = true;
                continue;
            }
            let is_open = known.state == RecordState::Open;
            let is_read = self.partitions.contains(&*known.partition);
            let strayed = self.strays.contains_key(&*known.partition);
            let may_be = || !strayed && (self.partitions.is_empty() || division.is_recent(&known.partition));
            if met.has_rejected(key) {
                self.tally_rejected(known);
                if is_open {
                    self.turned_bad.push(key.clone());
                }
            } else if is_open && among(&met.left_out, key) {
                // Deleted, or a draft again: it is not what it was, and only a full read closes.
                self.turned_bad.push(key.clone());
            } else if read.full && met.may_hide(known) && (is_read || may_be()) {
                self.tally_rejected(known);
                self.tally(known, |tally| tally.hidden += 1);
                if is_open {
                    self.lost.push((key.clone(), RecordState::Bad));
                }
            } else if read.full && is_read {
                self.lost.push((key.clone(), RecordState::Closed));
                self.tally(known, |tally| tally.gone += 1);
            } else if read.full {
                *self.resting.entry(known.partition.clone()).or_default() += 1;
            }
        }
        // The order in which a map is walked must not decide the order of rows.
        self.lost.sort_by(|one, other| one.0.cmp(&other.0));
        self.turned_bad.sort();
        self.counts.gone = self.lost.iter().filter(|(_, state)| *state == RecordState::Closed).count() as u64;
    }

    fn tally_rejected(&mut self, known: &Current) {
        let is_open = known.state == RecordState::Open;
        self.tally(known, |tally| {
            tally.rejected += 1;
            tally.fresh += u64::from(is_open);
        });
    }

    fn tally(&mut self, known: &Current, count: impl FnOnce(&mut Tally)) {
        match self.tallies.get_mut(&*known.partition) {
            Some(tally) => count(tally),
            None => count(self.tallies.entry((&*known.partition).into()).or_default()),
        }
    }
}

impl Met {
    fn meet(&mut self, partition: &str) {
        match self.brought.get_mut(partition) {
            Some(part) => part.came += 1,
            None => drop(self.brought.insert(partition.to_owned(), Brought { came: 1, ..Brought::default() })),
        }
    }

    /// May it be one of the rows whose key could not be read? A good record is none of those that stood beside it before.
    fn may_hide(&self, known: &Current) -> bool {
        let stood_beside =
            known.state == RecordState::Open && self.stood.since.is_some_and(|at| known.observed_at <= at);
        self.keyless > self.stood.others + if stood_beside { self.stood.rows } else { 0 }
    }

    fn has_rejected(&self, key: &RecordKey) -> bool {
        among(&self.rejected, key)
    }
}

fn among(keys: &HashSet<RecordKey>, key: &RecordKey) -> bool {
    keys.contains(key) || code_of(key).is_some_and(|code| keys.contains(&code))
}

/// What a key of several parts would be without the last: a dated entry of a table that cannot be read any more is rejected under
/// its code alone, and none of that code is taken for gone.
fn code_of(key: &RecordKey) -> Option<RecordKey> {
    let (code, _) = key.as_str().rsplit_once(KEY_SEPARATOR)?;
    RecordKey::parse(code).ok()
}

/// The projects of the records to write.
pub struct Placing {
    /// Of each, in the order of the spool.
    pub projects: Vec<ProjectId>,
    /// The redirects that this makes.
    pub decisions: Vec<Decision>,
    /// How many of them made known projects one by numbers that changed.
    pub joined: u64,
}

/// The project of each record to write, and what this makes one.
pub fn place(
    (read, known, survey): (&Read, &Known, &Survey),
    (source, restated): (&SourceId, &Restated),
    mut identities: Identities,
    taken: impl Fn(&ProjectId) -> bool,
) -> Result<Placing, WorkroomError> {
    let mut projects = Vec::new();
    let mut apart = Vec::new();
    for item in read.spool.heads()? {
        let Head::Record(record) = item? else { continue };
        let before = known.get(&record.key);
        if matches!(fate(&record, before, survey.disputed.contains(&record.key)), Fate::Added | Fate::Changed) {
            let former = survey.successions.former(&record.key).and_then(|former| known.get(former));
            let alike = survey.successions.apart.get(&record.key);
            let appearance = Appearance {
                source,
                key: &record.key,
                known: before.or(former).and_then(|before| before.project.as_ref()),
                is_apart: alike.is_some(),
                is_restated: gives_up(restated, &record.key),
                references: &record.references,
            };
            let project = identities.place(appearance, &taken);
            if let Some(alike) = alike {
                apart.extend(alike.separated((source, &record.key), &project));
            }
            projects.push(project);
        }
    }
    let (mut decisions, joined) = identities.into_decisions();
    decisions.extend(apart);
    Ok(Placing { projects, decisions, joined })
}
