//! How a project came to stand as it stands: what its records and people said of it at each version of the ledger, read by the
//! manifests and tables of this picture. Nothing of it grows old: how long ago a source was read is for the present picture to tell.

use super::Portfolio;
use super::build::has_part;
use super::consolidate::{Told, consolidate};
use super::index::ProjectIx;
use super::lexicon::Lexicon;
use super::parts::Parts;
use super::peoples_word::PeoplesWord;
use super::redirects::Redirects;
use crate::domain::Instant;
use crate::domain::act::Decision;
use crate::domain::chain::LedgerVersion;
use crate::domain::governance::{Act, ActEntry, ActId};
use crate::domain::image::SourceImage;
use crate::domain::project::ProjectId;
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::text::{RecordKey, SourceId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Versions of one project that are made again: what lies before them is not looked at.
const VERSIONS_MAX: usize = 300;

/// What the ledger holds of the past of one project.
#[derive(Debug)]
pub struct Past<'a> {
    /// Its identifier by now.
    pub project: &'a ProjectId,
    /// The decisions about it and all that they connect it with, the oldest first.
    pub decided: &'a [(LedgerVersion, Decision)],
    /// Every version of the records that ever stood in it, the oldest first; closed ones too.
    pub records: &'a [RecordVersion],
}

/// Where a project stands in the picture of its past, from a version on; `None`: nothing was known of it.
pub type Step = (LedgerVersion, Option<ProjectIx>);

/// One project through the versions of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// From each version that touched it on, the oldest first.
    pub steps: Vec<Step>,
    /// Versions before the first of these touched it too.
    pub is_cut: bool,
}

impl Course {
    /// The versions that touched it.
    pub fn versions(&self) -> impl Iterator<Item = LedgerVersion> {
        self.steps.iter().map(|(version, _)| *version)
    }
}

/// What people said that changes what records say, and what was taken back of it.
struct Words<'a> {
    said: Vec<&'a ActEntry>,
    taken_back: BTreeMap<ActId, LedgerVersion>,
}

impl Portfolio {
    /// A picture of the past of these projects, and where each stands in it from version to version; `None` of one of which a sum was
    /// granted to several: what it is rests on other projects too.
    pub fn courses(&self, pasts: &[Past<'_>]) -> (Portfolio, Vec<Option<Course>>) {
        let mut lexicon = self.lexicon.clone();
        lexicon.sources.values_mut().for_each(stop_time);
        let words = Words::of(self.acts.all());
        let mut cases = Vec::new();
        let rests_on_others = |past: &Past<'_>| past.records.iter().any(has_part) || self.has_part_beside(past.records);
        let courses = pasts
            .iter()
            .map(|past| if rests_on_others(past) { None } else { Some(words.course(past, &mut lexicon, &mut cases)) });
        let courses = courses.collect();
        (self.of_cases(lexicon, cases), courses)
    }
}

/// Whatever is asked of a source at any instant was read in time.
fn stop_time(source: &mut SourceImage) {
    source.profile.max_age_s = u64::MAX;
    source.last_success = None;
    source.partitions = vec![(String::new(), Instant::UNIX_EPOCH)];
    source.looked_up = Vec::new();
    source.unread = Vec::new();
    source.held = false;
}

impl<'a> Words<'a> {
    fn of(all: &'a [ActEntry]) -> Self {
        let tells = |act: &Act| matches!(act, Act::Classified { .. } | Act::NatureStated { .. } | Act::Admitted { .. });
        let back = all.iter().filter_map(|entry| match &entry.act {
            Act::TakenBack { act, .. } => Some((*act, entry.version)),
            _ => None,
        });
        Words { said: all.iter().filter(|entry| tells(&entry.act)).collect(), taken_back: back.collect() }
    }

    /// Those about one of these identifiers.
    fn about(&self, ids: &BTreeSet<&ProjectId>) -> Vec<&'a ActEntry> {
        let is_about = |entry: &&&ActEntry| entry.act.projects().into_iter().any(|one| ids.contains(one));
        self.said.iter().filter(is_about).copied().collect()
    }

    fn stands(&self, entry: &ActEntry, version: LedgerVersion) -> bool {
        entry.version <= version && self.taken_back.get(&entry.id).is_none_or(|back| *back > version)
    }

    fn course(&self, past: &Past<'_>, lexicon: &mut Lexicon, cases: &mut Vec<Arc<super::ProjectCase>>) -> Course {
        let decided = past.decided.iter().flat_map(|(_, decision)| decision.projects());
        let ids: BTreeSet<&ProjectId> = decided.chain([past.project]).collect();
        let said = self.about(&ids);
        let mut versions: BTreeSet<LedgerVersion> = past.records.iter().map(|record| record.version).collect();
        versions.extend(past.decided.iter().map(|(version, _)| *version));
        versions.extend(said.iter().map(|entry| entry.version));
        versions.extend(said.iter().filter_map(|entry| self.taken_back.get(&entry.id)));
        let skipped = versions.len().saturating_sub(VERSIONS_MAX);
        let mut made = Making { past, redirects: Redirects::default(), latest: BTreeMap::new(), read: (0, 0) };
        let mut steps = Vec::with_capacity(versions.len() - skipped);
        for version in versions.into_iter().skip(skipped) {
            made.advance(version);
            let stand = said.iter().copied().filter(|entry| self.stands(entry, version));
            let case = made.case(lexicon, &stand.collect::<Vec<_>>());
            let project = case.map(|case| {
                cases.push(Arc::new(case));
                ProjectIx::at(cases.len() - 1)
            });
            steps.push((version, project));
        }
        Course { steps, is_cut: skipped > 0 }
    }
}

/// The past of one project, up to a version.
struct Making<'a> {
    past: &'a Past<'a>,
    redirects: Redirects,
    latest: BTreeMap<(&'a SourceId, &'a RecordKey), &'a RecordVersion>,
    /// Decisions and record versions that were met.
    read: (usize, usize),
}

impl Making<'_> {
    fn advance(&mut self, version: LedgerVersion) {
        let decided = self.past.decided.partition_point(|(at, _)| *at <= version);
        if decided > self.read.0 {
            let decisions: Vec<Decision> = self.past.decided[..decided].iter().map(|(_, one)| one.clone()).collect();
            self.redirects = Redirects::of(&decisions);
        }
        let records = self.past.records.partition_point(|record| record.version <= version);
        for record in &self.past.records[self.read.1..records] {
            self.latest.insert((&record.source, &record.key), record);
        }
        self.read = (decided, records);
    }

    /// The project to which the identifier led then.
    fn case(&self, lexicon: &mut Lexicon, said: &[&ActEntry]) -> Option<super::ProjectCase> {
        let project = self.redirects.resolve(self.past.project);
        let open = self.latest.values().copied().filter(|record| record.state != RecordState::Closed);
        let records: Vec<&RecordVersion> =
            open.filter(|record| self.redirects.project(record) == Some(project)).collect();
        let is_about =
            |entry: &&&ActEntry| entry.act.projects().into_iter().any(|one| self.redirects.resolve(one) == project);
        let word = PeoplesWord::of(said.iter().filter(is_about).copied());
        consolidate(lexicon, project, &Told { records: &records, parts: &Parts::default() }, &word)
    }
}
