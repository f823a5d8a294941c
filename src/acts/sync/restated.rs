//! Known records that bear another number than before. Numbers are held against each other as they stand after the read: where a column
//! is shifted by one row, each record bears what its neighbour bore, and none of them both.

use super::identity::Identities;
use super::standing::Standing;
use super::survey::{Fate, Known, Survey, fate};
use super::{Read, Sync, SyncError};
use crate::connector::Connector;
use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::domain::message::Message;
use crate::domain::project::Reference;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::text::{RecordKey, SourceId};
use crate::ledger::Member;
use crate::workroom::Head;
use foldhash::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// Records compared at once.
const KEYS_COMPARED: usize = 400;
/// Fewer records than this may well be given another number that others bear.
const MOVED_MIN: u64 = 5;
/// Of the records that bear one, how many may, in per cent.
const MOVED_LIMIT_PERCENT: u64 = 5;
/// Known projects that may become one with another by numbers that changed, however few the source has; of many, as many in a hundred.
const JOINED_MAX: u64 = 3;
/// A number that more records bore is not known to have been that of one project.
const BEARERS_MAX: usize = 25;
/// Records that a finding names.
const NAMED_MAX: usize = 10;

/// What a known record bears before a read and after it, where this differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    before: Vec<Reference>,
    /// What it bears once the read is applied.
    pub now: Vec<Reference>,
}

impl Numbers {
    /// A numbering of which nothing is given now bears on: a look-up or a column may leave a number out.
    fn of(before: Vec<Reference>, given: &[Reference]) -> Option<Self> {
        let is_given = |one: &&Reference| given.iter().any(|other| other.scheme == one.scheme);
        let mut now: Vec<Reference> = before.iter().filter(|one| !is_given(one)).chain(given).cloned().collect();
        now.sort();
        now.dedup();
        let is_same = now.len() == before.len() && before.iter().all(|one| now.contains(one));
        (!is_same).then_some(Numbers { before, now })
    }

    /// The numbers that it gives up.
    pub fn left(&self) -> impl Iterator<Item = &Reference> {
        self.before.iter().filter(|one| !self.now.contains(one))
    }

    /// The numbers that it did not bear before.
    fn taken(&self) -> impl Iterator<Item = &Reference> {
        self.now.iter().filter(|one| !self.before.contains(one))
    }
}

/// The records of a read that bear other numbers than before, by the key that they have now.
pub type Restated = BTreeMap<RecordKey, Numbers>;

/// Does this record give a number up?
pub fn gives_up(restated: &Restated, key: &RecordKey) -> bool {
    restated.get(key).is_some_and(|numbers| numbers.left().next().is_some())
}

/// The records that bear each number, as the ledger has them.
#[derive(Debug, Default)]
pub struct Bearers(HashMap<Reference, Vec<Member>>);

impl Bearers {
    /// Without those that a person took out of their project, and the keys that sources give no more.
    pub fn of(all: Vec<(Reference, Member)>, standing: &Standing) -> Self {
        let mut of: HashMap<Reference, Vec<Member>> = HashMap::default();
        for (reference, member) in all {
            let (source, key) = (&member.source, &member.key);
            if !standing.is_separated(source, key) && standing.key_now(source, key).is_none() {
                of.entry(reference).or_default().push(member);
            }
        }
        Bearers(of)
    }

    /// The other records than this one that bear it.
    fn others<'a>(
        &'a self,
        reference: &Reference,
        (source, key): (&'a SourceId, &'a RecordKey),
    ) -> impl Iterator<Item = &'a Member> {
        let of = self.0.get(reference).map_or(&[][..], Vec::as_slice);
        of.iter().filter(move |one| one.source != *source || one.key != *key)
    }

    /// Does another record than this one bear it?
    pub fn is_shared(&self, reference: &Reference, record: (&SourceId, &RecordKey)) -> bool {
        self.others(reference, record).next().is_some()
    }

    /// The identifiers in which those stand that bear a number when what was read is applied, the oldest first.
    pub fn projects(
        &self,
        restated: &Restated,
        source: &SourceId,
        standing: &Standing,
    ) -> Vec<(Reference, crate::domain::project::ProjectId, u64)> {
        let mut found = Vec::new();
        for (reference, members) in &self.0 {
            let gave_up = |one: &Member| {
                one.source == *source && restated.get(&one.key).is_some_and(|numbers| !numbers.now.contains(reference))
            };
            for one in members.iter().filter(|one| !gave_up(one)) {
                let given = standing.given(&one.source, &one.key, &one.project);
                let age = if *given == one.project { one.born } else { Identities::AGE_UNKNOWN };
                found.push((age, given.clone(), reference.clone()));
            }
        }
        found.sort();
        found.into_iter().map(|(age, project, reference)| (reference, project, age)).collect()
    }
}

impl Sync<'_> {
    /// The known records among those to write that bear other numbers than before.
    pub(super) async fn restated(
        &self,
        source: &SourceId,
        (read, known, found): (&Read, &Known, &Survey),
        version: LedgerVersion,
    ) -> Result<Restated, SyncError> {
        let mut restated = Restated::new();
        if known.is_empty() {
            return Ok(restated);
        }
        let mut waiting: Vec<(RecordKey, Vec<RecordKey>, Vec<Reference>)> = Vec::new();
        let mut heads = read.spool.heads()?;
        loop {
            let head = heads.next().transpose()?;
            let is_last = head.is_none();
            if let Some(Head::Record(record)) = head {
                let before = known.get(&record.key);
                let is_written =
                    matches!(fate(&record, before, found.disputed.contains(&record.key)), Fate::Added | Fate::Changed);
                let former = found.successions.former(&record.key);
                let earlier: Vec<RecordKey> =
                    before.map(|_| record.key.clone()).into_iter().chain(former.cloned()).collect();
                if is_written && !earlier.is_empty() && !record.references.is_empty() {
                    waiting.push((record.key, earlier, record.references));
                }
            }
            if waiting.len() == KEYS_COMPARED || is_last {
                let keys = waiting.iter().flat_map(|(_, earlier, _)| earlier);
                let keys: Vec<_> = keys.map(|key| (source.clone(), key.clone())).collect();
                let mut borne: HashMap<RecordKey, Vec<Reference>> = HashMap::default();
                for ((_, key), reference) in self.gateway.ledger().borne_by(&keys, version).await? {
                    borne.entry(key).or_default().push(reference);
                }
                for (key, earlier, given) in waiting.drain(..) {
                    let before = earlier.iter().filter_map(|key| borne.remove(key)).fold(Vec::new(), over);
                    restated.extend(Numbers::of(before, &given).map(|numbers| (key, numbers)));
                }
            }
            if is_last {
                return Ok(restated);
            }
        }
    }
}

/// What a record bears that bore `before`, and was given these.
pub fn over(before: Vec<Reference>, given: Vec<Reference>) -> Vec<Reference> {
    match Numbers::of(before.clone(), &given) {
        Some(numbers) => numbers.now,
        None => before,
    }
}

/// What numbers that changed come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moves {
    /// Known records that bear another number.
    pub changed: u64,
    /// Of these, those that bear what another record bore, or bore what another one bears.
    pub moved: u64,
    /// Known records of the source that bear a number.
    pub bearing: u64,
    /// Known projects that become one with another.
    pub joined: u64,
    /// Projects that no number makes one any more.
    pub parted: u64,
}

impl Moves {
    /// What changed, before it is known what becomes of projects.
    pub fn of(restated: &Restated, bearers: &Bearers, source: &SourceId) -> Self {
        let mut moves = Moves::default();
        let is_of_one = |one: &Reference| bearers.0.get(one).is_none_or(|all| all.len() <= BEARERS_MAX);
        for (key, numbers) in restated.iter().filter(|(key, _)| gives_up(restated, key)) {
            // The rows of one dossier that is given another number go together.
            let is_along = |member: &Member| {
                let other = restated.get(&member.key).filter(|_| member.source == *source);
                other.is_some_and(|other| other.left().eq(numbers.left()) && other.taken().eq(numbers.taken()))
            };
            let others = |one: &Reference| -> Vec<&Member> {
                bearers.others(one, (source, key)).filter(|member| !is_along(member)).collect()
            };
            // What another system bears is how dossiers come to be linked; what another record of this one does is a column that slipped.
            let slips = numbers.taken().any(|one| others(one).iter().any(|member| member.source == *source));
            let links = numbers.taken().any(|one| !others(one).is_empty());
            let leaves = || numbers.left().filter(|one| is_of_one(one)).any(|one| !others(one).is_empty());
            let is_moved = slips || !links && leaves();
            moves.changed += 1;
            moves.moved += u64::from(is_moved);
        }
        moves
    }

    fn is_held(self) -> bool {
        let many = self.moved >= MOVED_MIN && self.moved * 100 > self.bearing * MOVED_LIMIT_PERCENT;
        many || self.joined > JOINED_MAX && self.joined * 100 > self.bearing * MOVED_LIMIT_PERCENT
    }

    /// What is told of the source.
    pub fn finding(self, restated: &Restated, connector: &Connector, at: Instant) -> Option<SourceFinding> {
        if self.changed == 0 {
            return None;
        }
        let held = self.is_held();
        let of = restated.iter().filter(|(key, _)| gives_up(restated, key));
        let mut named: Vec<String> = of.take(NAMED_MAX).map(|(key, numbers)| example(key, numbers)).collect();
        if self.changed > NAMED_MAX as u64 {
            named.push("…".to_owned());
        }
        Some(SourceFinding {
            kind: SourceFindingKind::ReferencesChanged,
            field: None,
            about: Some(connector.id().as_str().to_owned()),
            since: at,
            example: connector.personal().is_empty().then(|| named.join(", ")),
            message: Message::new(self.in_french(held), self.in_english(held)),
            was: None,
            held,
        })
    }

    fn in_french(self, held: bool) -> String {
        let Moves { changed, moved, joined, parted, .. } = self;
        let mut said = format!("{changed} enregistrement(s) connus portent un autre numéro de projet qu'avant");
        if moved > 0 {
            said +=
                &format!(", dont {moved} un numéro qu'un autre enregistrement porte ou portait, ou laissent le sien");
        }
        if joined > 0 {
            said += &format!(" ; {joined} projet(s) connus ne font plus qu'un avec un autre");
        }
        if parted > 0 {
            said += &format!(" ; {parted} projet(s) se séparent, qu'aucun numéro ne relie plus");
        }
        said + if held {
            " : une colonne décalée ou triée seule, peut-être ; rien n'est appliqué"
        } else {
            " ; à vérifier auprès de son propriétaire"
        }
    }

    fn in_english(self, held: bool) -> String {
        let Moves { changed, moved, joined, parted, .. } = self;
        let mut said = format!("{changed} known record(s) bear another number of a project than before");
        if moved > 0 {
            said += &format!(", {moved} of them one that another record bears or bore, or leave it theirs");
        }
        if joined > 0 {
            said += &format!("; {joined} known project(s) become one with another");
        }
        if parted > 0 {
            said += &format!("; {parted} project(s) part, which no number joins any more");
        }
        said + if held {
            ": a column shifted or sorted alone, perhaps; nothing is applied"
        } else {
            "; to be checked with its owner"
        }
    }
}

fn example(key: &RecordKey, numbers: &Numbers) -> String {
    let values = |all: &mut dyn Iterator<Item = &Reference>| {
        let values: BTreeSet<&str> = all.map(|one| &*one.value).collect();
        values.into_iter().collect::<Vec<_>>().join(" ")
    };
    format!("{key}: {} > {}", values(&mut numbers.left()), values(&mut numbers.taken()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(text: &str) -> Reference {
        let (scheme, value) = text.split_once(' ').unwrap();
        Reference { scheme: scheme.into(), value: value.into() }
    }

    /// The numbers given up and those taken; nothing where none is given up.
    fn changed(before: &[&str], given: &[&str]) -> Option<(Vec<Reference>, Vec<Reference>)> {
        let all = |texts: &[&str]| texts.iter().map(|text| reference(text)).collect::<Vec<_>>();
        let numbers = Numbers::of(all(before), &all(given))?;
        let (left, taken) = (numbers.left().cloned().collect::<Vec<_>>(), numbers.taken().cloned().collect());
        (!left.is_empty()).then_some((left, taken))
    }

    #[test]
    fn another_number_of_one_numbering_ends_the_one_before_and_nothing_else_does() {
        assert_eq!(changed(&["d 1"], &["d 2"]), Some((vec![reference("d 1")], vec![reference("d 2")])));
        assert_eq!(changed(&["d 1", "d 2"], &["d 1"]), Some((vec![reference("d 2")], Vec::new())));
        for (before, given) in [
            (&["d 1"][..], &["d 1"][..]),
            (&[], &["d 1"]),
            (&["d 1"], &["d 1", "d 2"]),
            (&["d 1"], &["e 2"]),
            (&["d 1", "e 2"], &["d 1"]),
            (&["d 1"], &[]),
        ] {
            assert_eq!(changed(before, given), None, "{before:?} {given:?}");
        }
    }

    #[test]
    fn a_few_pass_and_many_or_joined_ones_are_held() {
        let held = |moved, bearing, joined| Moves { changed: 40, moved, bearing, joined, parted: 0 }.is_held();
        assert!(!held(4, 4, 3) && held(5, 99, 0) && !held(5, 100, 0), "five, and more than five in a hundred");
        assert!(held(0, 20, 4) && !held(0, 200, 4) && held(0, 200, 11));
    }
}
