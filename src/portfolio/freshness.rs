//! How old a reading is, and whether a source was read in time.

use super::Portfolio;
use super::case::{ProjectCase, RecordEntry};
use super::envelopes::Origin;
use super::index::{DepartementIx, OrganisationIx, ProjectIx, SourceIx};
use super::plan::Plan;
use crate::domain::Instant;
use crate::domain::image::SourceImage;
use crate::domain::source::{Scope, Standing};
use crate::domain::text::{RecordKey, SourceId};
use crate::domain::vocabulary::{Authority, Nature};

/// How far the clocks of two machines may stand apart, in seconds.
const CLOCKS_DIFFER_S: i64 = 300;

/// The instant at which ages are measured, and the greatest age that the asker allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Now, or the instant that an earlier picture is read at.
    pub now: Instant,
    /// Greatest age in seconds; a source's own limit holds where it is smaller.
    pub max_age_s: Option<u64>,
}

impl Moment {
    /// Was what was read at `read_at` read in time for `source`?
    pub(crate) fn in_time(&self, source: &SourceImage, read_at: Instant) -> bool {
        if source.profile.standing == Standing::Declarations {
            // The ledger itself is the system: there is nothing to read again.
            return true;
        }
        let limit_s = self.max_age_s.map_or(source.profile.max_age_s, |asked| asked.min(source.profile.max_age_s));
        let age_s = (self.now - read_at).num_seconds();
        // A reading that lies ahead of the clock by more than clocks differ has no age that anybody could trust.
        age_s >= -CLOCKS_DIFFER_S && u64::try_from(age_s.max(0)).unwrap_or(0) <= limit_s
    }
}

/// When the source was last read: the start of its last full success, or of the last read of one of its partitions.
/// A look-up of single records does not make a source fresh.
pub fn source_read_at(source: &SourceImage) -> Option<Instant> {
    let full = source.last_success.as_ref().filter(|run| run.full).map(|run| run.started_at);
    source.partitions.iter().map(|(_, at)| *at).chain(full).max()
}

/// When the last successful read of a partition began.
fn covered_at(image: &SourceImage, partition: &str) -> Option<Instant> {
    image.partitions.iter().filter(|(name, _)| **name == *partition).map(|(_, at)| *at).max()
}

impl Portfolio {
    /// When the record was last known to be as it is: when its content was observed, when the last successful read of
    /// its partition began, or when it was last looked up live, whichever is latest.
    pub fn read_at(&self, record: &RecordEntry) -> Instant {
        let partition = &*self.lexicon.texts[record.partition.get()];
        let image = &self.lexicon.sources[record.source.get()];
        let looked_up = self.looked_up_at(&image.profile.id, &record.key);
        covered_at(image, partition).into_iter().chain(looked_up).fold(record.observed_at, Instant::max)
    }

    /// When a row of a reference table was last known to be as it is.
    pub fn origin_read_at(&self, origin: &Origin) -> Instant {
        let image = self.lexicon.sources.get(&origin.source);
        let covered = image.and_then(|image| covered_at(image, &origin.partition));
        let looked_up = self.looked_up_at(&origin.source, &origin.key);
        covered.into_iter().chain(looked_up).fold(origin.observed_at, Instant::max)
    }

    /// When the record `key` of `source` was last looked up live, since the last full read of the source.
    pub fn looked_up_at(&self, source: &SourceId, key: &RecordKey) -> Option<Instant> {
        let image = self.lexicon.sources.get(source)?;
        let at = image.looked_up.binary_search_by(|(looked, _)| looked.cmp(key)).ok()?;
        Some(image.looked_up[at].1)
    }

    /// The records of a project that were not read in time, with the instant at which each was.
    pub fn late_records(
        &self,
        project: ProjectIx,
        moment: Moment,
    ) -> impl Iterator<Item = (&SourceId, &RecordKey, Instant)> {
        let read = move |record: &'_ RecordEntry| {
            let (image, at) = (&self.lexicon.sources[record.source.get()], self.read_at(record));
            (!moment.in_time(image, at)).then_some((&image.profile.id, at))
        };
        self.project(project)
            .records
            .iter()
            .filter_map(move |record| read(record).map(|(id, at)| (id, &record.key, at)))
    }

    /// The readings that a plan rests on: of the records that have the last word on its lines, and of each source that may have the word of
    /// one of its funders. What is declared to the gateway itself is never read again.
    pub fn readings_behind(&self, project: ProjectIx, plan: &Plan) -> Vec<(SourceIx, Instant)> {
        let case = self.project(project);
        let mut readings = Vec::new();
        let deciding = case.commitments.iter().map(|one| &case.statements[one.deciding as usize]);
        let deciding = deciding.filter(|statement| statement.authority == Authority::Own).map(|one| case.record(one));
        let recorded = deciding.map(|record| (record.source, self.read_at(record)));
        readings.extend(recorded.filter(|(source, _)| !self.is_own_ledger(*source)));
        for line in &plan.lines {
            for source in self.speaking((line.funder, line.nature), case) {
                readings.extend(source_read_at(self.source(source)).map(|at| (source, at)));
            }
        }
        readings
    }

    fn is_own_ledger(&self, source: SourceIx) -> bool {
        self.source(source).profile.standing == Standing::Declarations
    }

    /// The sources that may have the word of a funder on a nature where the project lies.
    fn speaking<'a>(
        &'a self,
        (funder, nature): (OrganisationIx, Option<Nature>),
        case: &'a ProjectCase,
    ) -> impl Iterator<Item = SourceIx> + 'a {
        let funder = &self.lexicon.organisations[funder.get()];
        let code = |ix: &DepartementIx| &self.lexicon.atlas.departements[ix.get()].code;
        let concerns = move |scope: &Scope| {
            let nature_in = scope.natures.is_empty() || nature.is_none_or(|nature| scope.natures.contains(&nature));
            let departements = &case.places.departements;
            let place_in = scope.departements.is_empty()
                || departements.is_empty()
                || departements.iter().any(|ix| scope.departements.contains(code(ix)));
            scope.funder == *funder && nature_in && place_in
        };
        let all = self.lexicon.sources.values().enumerate();
        all.filter(move |(_, source)| source.profile.speaks_for.iter().any(concerns)).map(|(at, _)| SourceIx::at(at))
    }

    /// The sources that may have the word of `funder` on `nature` where the project lies and were not read in time, or
    /// whose last run is held. The greatest age that an asker allows concerns the records of the project: they can be
    /// looked up; that a source holds no other is known from its full reads, whose age its own limit bounds.
    pub(crate) fn late_sources(
        &self,
        (funder, nature): (OrganisationIx, Option<Nature>),
        case: &ProjectCase,
        moment: Moment,
    ) -> Vec<SourceIx> {
        let at_rhythm = Moment { max_age_s: None, ..moment };
        let late = |ix: SourceIx, source: &SourceImage| {
            let unread = source_read_at(source).is_none_or(|at| !at_rhythm.in_time(source, at));
            let mut records = case.records.iter().filter(|record| record.source == ix);
            let asked = moment.max_age_s.is_some();
            source.held || unread || asked && records.any(|record| !moment.in_time(source, self.read_at(record)))
        };
        self.speaking((funder, nature), case).filter(|ix| late(*ix, self.source(*ix))).collect()
    }
}
