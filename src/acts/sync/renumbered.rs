//! Records whose key changed in their source. A full read that closes one record and brings another one, alike in all but its key and
//! each alone so, brings the same record renumbered: it keeps its project, and what people said of it holds. Where that is not sure and
//! people spoke of the record that goes, the run waits for a person.

use super::survey::{Fate, Known, Survey, fate};
use super::{Read, Sync, SyncError};
use crate::connector::Connector;
use crate::connector::mapping::KEY_SEPARATOR;
use crate::domain::Instant;
use crate::domain::act::Decision;
use crate::domain::chain::{Digest, LedgerVersion};
use crate::domain::facts::Facts;
use crate::domain::message::Message;
use crate::domain::organisation::OrganisationId;
use crate::domain::project::ProjectId;
use crate::domain::record::RecordState;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::text::{RecordKey, SourceId, normalised};
use crate::workroom::{Staged, WorkroomError};
use foldhash::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// Records that a finding names.
const NAMED_MAX: usize = 10;

/// What became of the records that a read closes, where another one may be the same.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Successions {
    /// Of each key that came, the one that the record had.
    renumbered: BTreeMap<RecordKey, RecordKey>,
    /// Keys that came, alike in all else to a record that a person separated, and not that record for certain.
    pub apart: BTreeMap<RecordKey, Alike>,
    /// Records that go, of which people spoke, where one that may be the same came.
    replaced: Vec<RecordKey>,
    /// Records that go, of which people spoke, and nothing like them came.
    gone: Vec<RecordKey>,
}

/// A record that a person separated, and the projects from which it is kept apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    like: RecordKey,
    from: Vec<ProjectId>,
}

impl Alike {
    /// What a person said of that record, said of one that is alike and stands in `to`, its own.
    pub fn separated<'a>(
        &'a self,
        (source, key): (&'a SourceId, &'a RecordKey),
        to: &'a ProjectId,
    ) -> impl Iterator<Item = Decision> + 'a {
        self.from.iter().filter(move |from| *from != to).map(move |from| Decision::Separated {
            source: source.clone(),
            key: key.clone(),
            from: from.clone(),
            to: to.clone(),
            reason: format!("alike in all but its key to {}, which a person separated", self.like),
        })
    }
}

impl Successions {
    /// The key that the record of this one had before.
    pub fn former(&self, key: &RecordKey) -> Option<&RecordKey> {
        self.renumbered.get(key)
    }

    /// Each key that came, with the one that its record had before.
    pub fn all(&self) -> impl Iterator<Item = (&RecordKey, &RecordKey)> {
        self.renumbered.iter()
    }

    /// How many were renumbered.
    pub fn count(&self) -> u64 {
        self.renumbered.len() as u64
    }

    /// What is to be told of the source.
    pub fn findings(&self, connector: &Connector, at: Instant) -> Vec<SourceFinding> {
        let tells_keys =
            !connector.key_fields().any(|field| connector.personal().iter().any(|personal| **personal == *field));
        let finding = |kind, names: Vec<String>, message: Message| {
            let named = names.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
            let more = if names.len() > NAMED_MAX { ", …" } else { "" };
            (!names.is_empty()).then(|| SourceFinding {
                kind,
                field: None,
                about: Some(connector.id().as_str().to_owned()),
                since: at,
                example: tells_keys.then(|| format!("{named}{more}")),
                message,
                was: None,
                held: kind == SourceFindingKind::RecordsReplaced,
            })
        };
        let names = |keys: &[RecordKey]| keys.iter().map(|key| key.as_str().to_owned()).collect::<Vec<_>>();
        let renumbered = self.renumbered.iter().map(|(key, former)| format!("{former} > {key}")).collect();
        let [fr, en] = [&renumbered_in_french, &renumbered_in_english as &dyn Fn(usize) -> String]
            .map(|sentence| sentence(self.renumbered.len()));
        let told = [
            finding(SourceFindingKind::RecordsRenumbered, renumbered, Message::new(fr, en)),
            finding(SourceFindingKind::RecordsReplaced, names(&self.replaced), replaced(self.replaced.len())),
            finding(SourceFindingKind::RecordsGone, names(&self.gone), gone(self.gone.len())),
        ];
        told.into_iter().flatten().collect()
    }
}

fn renumbered_in_french(count: usize) -> String {
    format!(
        "{count} enregistrement(s) connus reviennent sous une autre clé, semblables en tout le reste : chacun est tenu pour le même, garde son projet et ce qui en a été dit"
    )
}

fn renumbered_in_english(count: usize) -> String {
    format!(
        "{count} known record(s) come under another key, alike in all else: each is taken for the same one, and keeps its project and what was said of it"
    )
}

fn replaced(count: usize) -> Message {
    Message::new(
        format!(
            "{count} enregistrement(s) que des personnes ont reliés, séparés ou sur le projet desquels elles ont agi disparaissent, et d'autres, qui sont peut-être les mêmes, viennent sous d'autres clés : ce qui en a été dit serait perdu, rien n'est appliqué ; vérifiez auprès de la source, admettez, puis redites-le des nouveaux"
        ),
        format!(
            "{count} record(s) that people linked, separated or on whose project they acted vanish, and others, which may be the same, come under other keys: what was said of them would be lost, nothing is applied; ask the source, let it through, then say it again of the new ones"
        ),
    )
}

fn gone(count: usize) -> Message {
    Message::new(
        format!(
            "{count} enregistrement(s) que des personnes ont reliés, séparés ou sur le projet desquels elles ont agi ne sont plus dans la source : ce qui en a été dit ne porte plus sur eux"
        ),
        format!(
            "{count} record(s) that people linked, separated or on whose project they acted are in the source no more: what was said bears on them no longer"
        ),
    )
}

impl Sync<'_> {
    /// What becomes of the records that a read closes, and of those that are like a separated one.
    pub(super) async fn successions(
        &self,
        connector: &Connector,
        (read, known, found): (&Read, &Known, &Survey),
        version: LedgerVersion,
    ) -> Result<Successions, SyncError> {
        let (source, portfolio) = (connector.id(), self.gateway.current());
        let closed = found.lost.iter().filter(|(_, state)| *state == RecordState::Closed);
        let closed: BTreeSet<&RecordKey> = closed.map(|(key, _)| key).collect();
        let apart: BTreeMap<RecordKey, Vec<ProjectId>> = portfolio.kept_apart(source).into_iter().collect();
        if !connector.has_project() || closed.is_empty() && (apart.is_empty() || found.counts.added == 0) {
            return Ok(Successions::default());
        }
        let mut search = Search::default();
        let keys: Vec<RecordKey> = closed.iter().copied().chain(apart.keys()).cloned().collect();
        let keys = if found.counts.added == 0 { Vec::new() } else { keys };
        let said = self.gateway.ledger().said(source, &keys, version).await?;
        // In order, for the rows of the ledger must not depend on how a map is walked.
        for (key, facts) in keys.iter().collect::<BTreeSet<_>>().into_iter().filter_map(|key| said.get_key_value(key)) {
            let Some(before) = known.get(key) else { continue };
            let left_before = before.state == RecordState::Closed;
            if closed.contains(key) || left_before {
                search.leaves((key, &before.partition), facts, left_before);
            }
            if let Some(from) = apart.get(key) {
                search.is_apart(facts, Alike { like: key.clone(), from: from.clone() });
            }
        }
        let is_spoken_of = portfolio.spoken_of(source);
        for key in closed {
            let project = known.get(key).and_then(|known| known.project.as_ref());
            if project.is_some_and(|project| is_spoken_of(key, project)) {
                search.is_spoken_of(key, said.get(key).cloned().unwrap_or_default(), apart.contains_key(key));
            }
        }
        if found.counts.added > 0 {
            for item in read.spool.read()? {
                let Staged::Record(record) = item? else { continue };
                let (head, before) = (&record.head, known.get(&record.head.key));
                let is_disputed = found.disputed.contains(&head.key);
                if fate(head, before, is_disputed) == Fate::Added {
                    let facts: Facts =
                        serde_json::from_str(&record.facts).map_err(|_| WorkroomError::unwritable(&head.key))?;
                    let comes = Comes {
                        key: &head.key,
                        partition: &head.partition,
                        is_sure: !is_disputed,
                        project: before.and_then(|before| before.project.as_ref()),
                        is_new: before.is_none(),
                    };
                    search.comes(comes, &facts);
                }
            }
        }
        let given = |key: &RecordKey| known.get(key).and_then(|known| known.project.clone());
        Ok(search.ended(given))
    }

    /// What is decided of the records that were renumbered.
    pub(super) fn renumbered(&self, source: &SourceId, known: &Known, found: &Successions) -> Vec<Decision> {
        let portfolio = self.gateway.current();
        let decided = found.renumbered.iter().filter_map(|(key, former)| {
            let from = known.get(former)?.project.clone()?;
            let to = portfolio.stands_in(source, former, &from).clone();
            let (source, key, former) = (source.clone(), key.clone(), former.clone());
            Some(Decision::Renumbered { source, key, former, from, to })
        });
        decided.collect()
    }
}

/// A record that comes under a key that is new, or was gone.
#[derive(Debug, Clone, Copy)]
struct Comes<'a> {
    key: &'a RecordKey,
    partition: &'a str,
    /// It came once under its key.
    is_sure: bool,
    /// The project that its key was given, where it was there before.
    project: Option<&'a ProjectId>,
    is_new: bool,
}

/// The records of one content that go and come.
#[derive(Debug, Default)]
struct Content {
    goes: Vec<RecordKey>,
    /// One of them went before this read.
    left_before: bool,
    comes: Vec<RecordKey>,
    is_sure: bool,
    /// The project that the key of the last that came was given.
    project: Option<ProjectId>,
}

/// A record that goes and of which people spoke.
#[derive(Debug)]
struct Spoken {
    key: RecordKey,
    facts: Facts,
    is_separated: bool,
    /// The keys of those that came and may be it.
    like: Vec<RecordKey>,
}

/// What goes is held against what comes.
#[derive(Debug, Default)]
struct Search {
    contents: HashMap<(Box<str>, Digest), Content>,
    apart: HashMap<Digest, Alike>,
    came_apart: BTreeMap<RecordKey, Alike>,
    spoken: Vec<Spoken>,
    by_holder: HashMap<Option<OrganisationId>, Vec<usize>>,
}

impl Search {
    fn leaves(&mut self, (key, partition): (&RecordKey, &str), facts: &Facts, left_before: bool) {
        if let Some(content) = content(facts, key) {
            let content = self.contents.entry((partition.into(), content)).or_default();
            content.goes.push(key.clone());
            content.left_before |= left_before;
        }
    }

    fn is_apart(&mut self, facts: &Facts, alike: Alike) {
        if let Some(content) = content(facts, &alike.like) {
            // Several that are alike were each taken out of something.
            let known = self.apart.entry(content).or_insert_with(|| alike.clone());
            known.from.extend(alike.from);
            known.from.sort();
            known.from.dedup();
        }
    }

    fn is_spoken_of(&mut self, key: &RecordKey, facts: Facts, is_separated: bool) {
        let holder = facts.project.as_ref().and_then(|project| project.holder.clone());
        self.by_holder.entry(holder).or_default().push(self.spoken.len());
        self.spoken.push(Spoken { key: key.clone(), facts, is_separated, like: Vec::new() });
    }

    fn comes(&mut self, one: Comes<'_>, facts: &Facts) {
        let content = content(facts, one.key);
        let key = content.map(|content| (Box::from(one.partition), content));
        if let Some(content) = key.and_then(|key| self.contents.get_mut(&key)) {
            content.comes.push(one.key.clone());
            content.is_sure = one.is_sure;
            content.project = one.project.cloned();
        }
        if let Some(alike) = content.and_then(|content| self.apart.get(&content)).filter(|_| one.is_new) {
            self.came_apart.insert(one.key.clone(), alike.clone());
        }
        let holder = facts.project.as_ref().and_then(|project| project.holder.clone());
        for at in self.by_holder.get(&holder).into_iter().flatten() {
            let spoken = &mut self.spoken[*at];
            if may_succeed(&spoken.facts, facts, spoken.is_separated) {
                spoken.like.push(one.key.clone());
            }
        }
    }

    /// `given`: the project that a known key was given.
    fn ended(self, given: impl Fn(&RecordKey) -> Option<ProjectId>) -> Successions {
        let mut found = Successions { apart: self.came_apart, ..Successions::default() };
        for content in self.contents.into_values() {
            let ([former], [key]) = (&content.goes[..], &content.comes[..]) else { continue };
            // A key that was given another project before is not renumbered: it came back.
            let is_one = content.project.is_none() || content.project == given(former);
            if content.is_sure && !content.left_before && is_one {
                found.apart.remove(key);
                found.renumbered.insert(key.clone(), former.clone());
            }
        }
        let same: BTreeSet<&RecordKey> = found.renumbered.values().collect();
        let (mut replaced, mut gone) = (Vec::new(), Vec::new());
        for spoken in self.spoken.into_iter().filter(|spoken| !same.contains(&spoken.key)) {
            // One that is another record for certain is not this one.
            let is_replaced = spoken.like.iter().any(|key| !found.renumbered.contains_key(key));
            if is_replaced { replaced.push(spoken.key) } else { gone.push(spoken.key) }
        }
        Successions { replaced, gone, ..found }
    }
}

/// All that a record says but its key, which may stand as the reference of a grant too; `None` where it names neither a holder nor what
/// is done. A reference of the project is no key: another one is that of another project.
fn content(facts: &Facts, key: &RecordKey) -> Option<Digest> {
    let project = facts.project.as_ref()?;
    if project.holder.is_none() && project.title.trim().is_empty() {
        return None;
    }
    let mut facts = facts.clone();
    facts.warnings.clear();
    facts.location = None;
    let is_key = |text: &str| text == key.as_str() || key.as_str().split(KEY_SEPARATOR).any(|part| part == text);
    for statement in &mut facts.statements {
        let of = statement.part.as_mut().and_then(|part| part.of.as_mut());
        let named = statement.reference.iter_mut().chain(&mut statement.decision).chain(of);
        for reference in named.filter(|reference| is_key(reference)) {
            *reference = KEY_SEPARATOR.into();
        }
    }
    Some(Digest::of(serde_json::to_string(&facts).ok()?.as_bytes()))
}

/// May what comes be what goes: the same holder and year, and the same title or a sum in common? Where a reference makes both one project,
/// nothing is lost of what was said, unless it was that the reference is wrong.
fn may_succeed(goes: &Facts, comes: &Facts, is_separated: bool) -> bool {
    let (Some(was), Some(is)) = (&goes.project, &comes.project) else { return false };
    if !is_separated && was.references.iter().any(|reference| is.references.contains(reference)) {
        return false;
    }
    let same_title = || normalised(&was.title) == normalised(&is.title);
    let same_sum = || {
        let sums = |facts: &Facts| {
            let stated = facts.statements.iter().filter_map(|one| Some((one.funder.clone(), one.year, one.amount?)));
            stated.collect::<Vec<_>>()
        };
        let now = sums(comes);
        sums(goes).iter().any(|sum| now.contains(sum))
    };
    let years = |facts: &Facts| facts.statements.iter().filter_map(|one| one.year).collect::<BTreeSet<_>>();
    let (then, now) = (years(goes), years(comes));
    let apart = !then.is_empty() && !now.is_empty() && then.is_disjoint(&now);
    (was.holder == is.holder && was.year == is.year && !apart) && (same_title() || same_sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::{ProjectFacts, StatementFacts, Warning};
    use crate::domain::money::Cents;
    use crate::domain::project::Reference;
    use crate::domain::vocabulary::Nature;

    fn key(text: &str) -> RecordKey {
        RecordKey::parse(text).expect("a key")
    }

    fn id(byte: u8) -> ProjectId {
        ProjectId::from_bytes([byte; 8])
    }

    /// A grant of this title, these cents and this reference of its own.
    fn facts(title: &str, cents: i64, reference: &str) -> Facts {
        let source = SourceId::parse("ville").expect("a source");
        let holder = OrganisationId::from_text(&source, "Les Amis").expect("a name");
        let funder = OrganisationId::parse("siren:200053742").expect("a body");
        let sum = StatementFacts {
            amount: Some(Cents::new(cents)),
            reference: Some(reference.into()),
            ..StatementFacts::bare(funder, Nature::Fonctionnement)
        };
        let project = ProjectFacts { title: title.to_owned(), holder: Some(holder), ..ProjectFacts::default() };
        Facts { project: Some(project), statements: vec![sum], ..Facts::default() }
    }

    /// What goes, each spoken of, and what comes: keys and facts. The pairs that are one, what is replaced, what is gone.
    fn found(goes: &[(&str, Facts)], comes: &[(&str, Facts)]) -> (Vec<(String, String)>, Vec<String>, Vec<String>) {
        let mut search = Search::default();
        for (one, facts) in goes {
            search.leaves((&key(one), "2025"), facts, false);
            search.is_spoken_of(&key(one), facts.clone(), false);
        }
        for (one, facts) in comes {
            let (key, partition) = (key(one), "2025");
            search.comes(Comes { key: &key, partition, is_sure: true, project: None, is_new: true }, facts);
        }
        let found = search.ended(|_| Some(id(1)));
        let names = |keys: &[RecordKey]| keys.iter().map(|key| key.as_str().to_owned()).collect::<Vec<_>>();
        let renumbered = found.renumbered.iter().map(|(key, former)| (former.to_string(), key.to_string()));
        (renumbered.collect(), names(&found.replaced), names(&found.gone))
    }

    fn one(former: &str, key: &str) -> Vec<(String, String)> {
        vec![(former.to_owned(), key.to_owned())]
    }

    #[test]
    fn what_is_alike_in_all_but_its_key_is_one_record() {
        let warned = Facts {
            warnings: vec![Warning { code: "x".into(), field: None, message: Message::new("x", "x") }],
            ..facts("Jardin", 500, "V903")
        };
        let goes = [("V003", facts("Jardin", 500, "V003"))];
        assert_eq!(
            found(&goes, &[("V903", warned)]),
            (one("V003", "V903"), vec![], vec![]),
            "its key is its reference"
        );
        let replaced = vec!["V003".to_owned()];
        assert_eq!(found(&goes, &[("V903", facts("Jardin", 500, "D7"))]).1, replaced, "another grant, as it seems");
        assert_eq!(found(&goes, &[("V903", facts("Jardin", 501, "V903"))]).1, replaced);
        assert_eq!(found(&goes, &[("V903", facts("Serre", 500, "V903"))]).1, replaced);
        assert_eq!(found(&goes, &[("V903", facts("Serre", 501, "V903"))]), (vec![], vec![], replaced.clone()));
        let mut numbered = facts("Jardin", 500, "V903");
        let reference = Reference { scheme: "dauphin".into(), value: "V903".into() };
        numbered.project.as_mut().expect("a project").references.push(reference);
        assert_eq!(found(&goes, &[("V903", numbered)]).1, replaced, "the number of a project is no key");
    }

    #[test]
    fn one_of_several_is_not_one_record_and_what_is_another_ones_successor_replaces_nothing() {
        let jardin = || facts("Jardin", 500, "");
        let both = vec!["a".to_owned(), "b".to_owned()];
        let goes = [("a", jardin()), ("b", jardin())];
        assert_eq!(found(&goes, &[("c", jardin())]), (vec![], both.clone(), vec![]));
        assert_eq!(found(&goes, &[("c", jardin()), ("d", jardin())]), (vec![], both, vec![]));
        let goes = [("a", jardin()), ("b", facts("Jardin", 700, ""))];
        let gone = vec!["b".to_owned()];
        assert_eq!(found(&goes, &[("c", jardin())]), (one("a", "c"), vec![], gone));
    }

    #[test]
    fn a_key_that_comes_back_is_renumbered_only_where_it_was_given_the_same_project() {
        let renumbered = |project: u8, left_before: bool, is_sure: bool| {
            let mut search = Search::default();
            search.leaves((&key("b"), ""), &facts("Jardin", 500, ""), left_before);
            let (key, project) = (key("a"), id(project));
            let comes = Comes { key: &key, partition: "", is_sure, project: Some(&project), is_new: false };
            search.comes(comes, &facts("Jardin", 500, ""));
            search.ended(|_| Some(id(1))).count()
        };
        assert_eq!(renumbered(1, false, true), 1);
        assert_eq!(renumbered(2, false, true), 0);
        assert_eq!(renumbered(1, true, true), 0, "it went before");
        assert_eq!(renumbered(1, false, false), 0, "it came twice");
    }

    #[test]
    fn what_is_alike_to_a_separated_record_is_kept_apart_unless_it_is_that_record() {
        let alike = Alike { like: key("a"), from: vec![id(1)] };
        let apart = |goes: bool| {
            let mut search = Search::default();
            search.is_apart(&facts("Jardin", 500, ""), alike.clone());
            if goes {
                search.leaves((&key("a"), ""), &facts("Jardin", 500, ""), false);
            }
            let key = key("b");
            let comes = Comes { key: &key, partition: "", is_sure: true, project: None, is_new: true };
            search.comes(comes, &facts("Jardin", 500, ""));
            search.ended(|_| None)
        };
        assert_eq!((apart(true).count(), apart(true).apart.len()), (1, 0));
        let found = apart(false);
        assert_eq!((found.count(), found.apart.get(&key("b"))), (0, Some(&alike)));
        let source = SourceId::parse("ville").expect("a source");
        let said: Vec<Decision> = alike.separated((&source, &key("b")), &id(9)).collect();
        assert!(matches!(&said[..], [Decision::Separated { from, to, .. }] if *from == id(1) && *to == id(9)));
    }
}
