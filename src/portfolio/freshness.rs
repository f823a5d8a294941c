//! How old a reading is, and whether a source was read in time.

use super::Portfolio;
use super::case::{Commitment, ProjectCase, RecordEntry};
use super::envelopes::Origin;
use super::index::{DepartementIx, OrganisationIx, ProjectIx, SourceIx};
use super::plan::Plan;
use crate::domain::Instant;
use crate::domain::image::SourceImage;
use crate::domain::place::DepartementCode;
use crate::domain::record::RecordState;
use crate::domain::source::{Scope, Standing};
use crate::domain::text::{RecordKey, SourceId};
use crate::domain::vocabulary::{Authority, Nature};
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// How far the clocks of two machines may stand apart, in seconds.
pub const CLOCKS_DIFFER_S: i64 = 300;

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

/// When a source that is read part by part was last read for a project: of the parts that may tell of its years, the one read
/// longest ago. A part that names no year may tell of any. Of what no part tells, the last read of all is what there is.
pub fn source_read_for(source: &SourceImage, case: &ProjectCase) -> Option<Instant> {
    part_read_for(source, case).map(|(_, at)| at).or_else(|| source_read_at(source))
}

/// That part of the source, and when it was last read; `None` where no part tells.
fn part_read_for<'a>(source: &'a SourceImage, case: &ProjectCase) -> Option<(&'a str, Instant)> {
    let concerns = |(name, _): &&(String, Instant)| year_of(name).is_none_or(|year| case.concerns_year(year));
    let told = source.partitions.iter().filter(|(name, _)| !name.is_empty()).filter(concerns);
    told.map(|(name, at)| (name.as_str(), *at)).min_by_key(|(_, at)| *at)
}

/// The year that the name of a part tells: the only number of four digits in it that can be one.
fn year_of(partition: &str) -> Option<u16> {
    let digits = partition.split(|letter: char| !letter.is_ascii_digit()).filter(|digits| digits.len() == 4);
    let mut years = digits.filter_map(|digits| digits.parse().ok()).filter(|year| (1990..2100).contains(year));
    years.next().filter(|_| years.next().is_none())
}

/// Does it hold a record which bears a reference of the project and could not be read?
fn is_unread_about(source: &SourceImage, case: &ProjectCase) -> bool {
    !source.unread.is_empty() && case.references.iter().any(|one| source.unread.binary_search(one).is_ok())
}

/// When the last successful read of a partition began.
fn covered_at(image: &SourceImage, partition: &str) -> Option<Instant> {
    image.partitions.iter().filter(|(name, _)| **name == *partition).map(|(_, at)| *at).max()
}

impl ProjectCase {
    /// The record that has the last word on a commitment of this project.
    pub fn deciding_record(&self, commitment: &Commitment) -> &RecordEntry {
        self.record(&self.statements[commitment.deciding as usize])
    }
}

impl Portfolio {
    /// When the record was last known to be as it is: when its content was observed, when the last successful read of
    /// its partition began, or when it was last looked up live, whichever is latest. Of one that went bad, no later read says
    /// what it states: when the last good version was observed.
    pub fn read_at(&self, record: &RecordEntry) -> Instant {
        if record.state == RecordState::Bad {
            return record.good_at;
        }
        let partition = &*self.lexicon.texts[record.partition.get()];
        let image = &self.lexicon.sources[record.source.get()];
        let looked_up = self.looked_up_at(&image.profile.id, &record.key);
        covered_at(image, partition).into_iter().chain(looked_up).fold(record.observed_at, Instant::max)
    }

    /// The part of a source that was not read in time for a project, while the source itself was: which of its parts has to be read again.
    pub fn late_part<'a>(&self, source: &'a SourceImage, project: ProjectIx, moment: Moment) -> Option<&'a str> {
        let at_rhythm = Moment { max_age_s: None, ..moment };
        let (name, at) = part_read_for(source, self.project(project))?;
        let in_time = source_read_at(source).is_some_and(|at| at_rhythm.in_time(source, at));
        (in_time && !at_rhythm.in_time(source, at)).then_some(name)
    }

    /// When a row of a reference table was last known to be as it is, as for a record.
    pub fn origin_read_at(&self, origin: &Origin) -> Instant {
        if let Some(good_at) = origin.went_bad {
            return good_at;
        }
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
        let mut readings = self.records_behind(project);
        readings.extend(self.sources_behind(project, plan));
        readings
    }

    /// When the first of the readings that a plan rests on grows too old, by the limit of its source: the greatest age that an asker allows
    /// concerns the records of the project, as in `late_sources`. `None` where it rests on none.
    pub fn holds_until(&self, project: ProjectIx, plan: &Plan, moment: Moment) -> Option<Instant> {
        let end = |asked: Option<u64>, (source, read_at): (SourceIx, Instant)| {
            let limit_s = self.source(source).profile.max_age_s;
            let limit_s = asked.map_or(limit_s, |asked| asked.min(limit_s));
            let limit = i64::try_from(limit_s).ok().and_then(TimeDelta::try_seconds);
            limit.and_then(|limit| read_at.checked_add_signed(limit)).unwrap_or(Instant::MAX_UTC)
        };
        let sources = self.sources_behind(project, plan);
        let mut records = self.records_behind(project);
        if moment.max_age_s.is_some() {
            let speaking: BTreeSet<SourceIx> = sources.iter().map(|(source, _)| *source).collect();
            let beside = self.project(project).records.iter().filter(|record| speaking.contains(&record.source));
            records.extend(beside.map(|record| (record.source, self.read_at(record))));
        }
        let records = records.into_iter().map(|reading| end(moment.max_age_s, reading));
        records.chain(sources.into_iter().map(|reading| end(None, reading))).min()
    }

    fn records_behind(&self, project: ProjectIx) -> Vec<(SourceIx, Instant)> {
        let case = self.project(project);
        let deciding = case.commitments.iter().map(|one| &case.statements[one.deciding as usize]);
        let deciding = deciding.filter(|statement| statement.authority == Authority::Own).map(|one| case.record(one));
        let recorded = deciding.map(|record| (record.source, self.read_at(record)));
        recorded.filter(|(source, _)| !self.is_own_ledger(*source)).collect()
    }

    fn sources_behind(&self, project: ProjectIx, plan: &Plan) -> Vec<(SourceIx, Instant)> {
        let case = self.project(project);
        let speaking = plan.lines.iter().flat_map(|line| self.speaking((line.funder, line.nature), case));
        let read = speaking.filter_map(|source| Some((source, source_read_for(self.source(source), case)?)));
        read.collect()
    }

    /// The sources that hold a record which bears a reference of the project and could not be read, whoever they may speak for.
    pub(super) fn unread_about(&self, case: &ProjectCase) -> Vec<SourceIx> {
        let all = self.lexicon.sources.values().enumerate();
        all.filter(|(_, source)| is_unread_about(source, case)).map(|(at, _)| SourceIx::at(at)).collect()
    }

    /// May a source bear on a project: does it hold a record of it, or speak for somebody where it lies?
    pub fn may_bear_on(&self, source: &SourceId, project: ProjectIx) -> bool {
        let Some((at, source)) =
            self.lexicon.sources.get_index_of(source).map(SourceIx::at).map(|at| (at, self.source(at)))
        else {
            return true;
        };
        let case = self.project(project);
        case.records.iter().any(|record| record.source == at)
            || source.profile.speaks_for.iter().any(|scope| self.is_in(scope, case))
    }

    /// Does the project lie where a scope is, or may it?
    fn is_in(&self, scope: &Scope, case: &ProjectCase) -> bool {
        let code = |ix: &DepartementIx| &self.lexicon.atlas.departements[ix.get()].code;
        let departements = &case.places.departements;
        scope.departements.is_empty()
            || departements.is_empty()
            || departements.iter().any(|ix| scope.departements.contains(code(ix)))
    }

    /// The codes of the départements where a project lies.
    pub fn departements_of(&self, project: ProjectIx) -> impl Iterator<Item = &DepartementCode> {
        self.project(project).places.departements.iter().map(|ix| &self.lexicon.atlas.departements[ix.get()].code)
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
        let concerns = move |scope: &Scope| {
            let nature_in = scope.natures.is_empty() || nature.is_none_or(|nature| scope.natures.contains(&nature));
            scope.funder == *funder && nature_in && self.is_in(scope, case)
        };
        let all = self.lexicon.sources.values().enumerate();
        all.filter(move |(_, source)| source.profile.speaks_for.iter().any(concerns)).map(|(at, _)| SourceIx::at(at))
    }

    /// The sources that may have the word of `funder` on `nature` where the project lies and were not read in time, or
    /// whose last run is held, or that hold a record about the project which could not be read. The greatest age that an asker allows concerns the records of the project: they can be
    /// looked up; that a source holds no other is known from its full reads, whose age its own limit bounds.
    pub(crate) fn late_sources(
        &self,
        (funder, nature): (OrganisationIx, Option<Nature>),
        case: &ProjectCase,
        moment: Moment,
    ) -> Vec<SourceIx> {
        let at_rhythm = Moment { max_age_s: None, ..moment };
        let late = |ix: SourceIx, source: &SourceImage| {
            let unread = source_read_for(source, case).is_none_or(|at| !at_rhythm.in_time(source, at));
            let mut records = case.records.iter().filter(|record| record.source == ix);
            let asked = moment.max_age_s.is_some();
            source.held
                || unread
                || is_unread_about(source, case)
                || asked && records.any(|record| !moment.in_time(source, self.read_at(record)))
        };
        self.speaking((funder, nature), case).filter(|ix| late(*ix, self.source(*ix))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{METROPOLE, REGION, at, grant, image, plan_at, record};
    use super::*;
    use crate::domain::facts::StatementFacts;
    use crate::domain::record::RecordVersion;
    use crate::domain::vocabulary::CellState;

    #[test]
    fn the_year_of_a_part_is_the_only_one_that_its_name_tells() {
        assert_eq!(year_of("2025"), Some(2025));
        assert_eq!(year_of("FONJEP 2025"), Some(2025));
        for name in ["", "Nord", "2024-2025", "20251", "1515"] {
            assert_eq!(year_of(name), None, "{name}");
        }
    }

    /// What is known of a sum of the Métropole, declared nowhere else, when parts of its source were read at these ages.
    fn known(year: Option<u16>, parts: &[(&str, i64)]) -> CellState {
        let sum = StatementFacts { year, ..grant(METROPOLE) };
        let one = RecordVersion { partition: "2026".into(), ..record("metropole", "r1", vec![sum]) };
        let mut image = image(vec![one]);
        let now = at(0) + chrono::TimeDelta::days(100);
        for source in image.sources.iter_mut().filter(|source| source.profile.id.as_str() == "metropole") {
            source.profile.max_age_s = 86_400;
            let read = |(name, days): &(&str, i64)| ((*name).to_owned(), now - chrono::TimeDelta::days(*days));
            source.partitions = parts.iter().map(read).collect();
            source.last_success = None;
        }
        let plan = plan_at(&Portfolio::build(&image), Moment { now, max_age_s: None });
        plan.lines[0].state
    }

    #[test]
    fn what_went_bad_is_as_old_as_its_last_good_version() {
        let good = record("region", "r1", vec![grant(REGION)]);
        let bad = RecordVersion { state: RecordState::Bad, observed_at: at(500), good_at: at(100), ..good.clone() };
        for (one, read_at) in [(good, at(600)), (bad, at(100))] {
            let mut image = image(vec![one]);
            for source in &mut image.sources {
                source.partitions = vec![(String::new(), at(600))];
            }
            let portfolio = Portfolio::build(&image);
            let (_, case) = portfolio.projects().next().expect("one");
            assert_eq!(portfolio.read_at(&case.records[0]), read_at);
        }
    }

    #[test]
    fn the_age_that_is_asked_bounds_the_records_and_not_the_reads_of_everything() {
        let mut image = image(vec![record("metropole", "r1", vec![grant(METROPOLE)])]);
        for source in image.sources.iter_mut().filter(|source| source.profile.id.as_str() == "metropole") {
            source.profile.max_age_s = 86_400;
            source.looked_up = vec![("r1".parse().expect("sound"), at(3_000))];
        }
        let portfolio = Portfolio::build(&image);
        let until = |max_age_s| {
            let moment = Moment { now: at(3_010), max_age_s };
            portfolio.holds_until(ProjectIx::first(), &plan_at(&portfolio, moment), moment)
        };
        assert_eq!(until(Some(60)), Some(at(3_060)), "the record was looked up, the source read long before");
        assert_eq!(until(None), Some(at(86_400)));
    }

    #[test]
    fn a_source_of_which_another_part_was_read_was_not_read_for_the_project() {
        assert_eq!(known(Some(2026), &[("2025", 50), ("2026", 0)]), CellState::Known);
        assert_eq!(known(Some(2025), &[("2025", 50), ("2026", 0)]), CellState::Stale, "the part of its year is old");
        assert_eq!(
            known(Some(2026), &[("Nord", 50), ("2026", 0)]),
            CellState::Stale,
            "a part that may tell of any year"
        );
        assert_eq!(known(None, &[("2025", 50), ("2026", 0)]), CellState::Stale, "of no year: any part may tell of it");
        assert_eq!(known(Some(2023), &[("2025", 0), ("2026", 0)]), CellState::Known);
    }

    #[test]
    fn the_part_that_is_late_is_named_where_the_source_itself_is_in_time() {
        let sum = StatementFacts { year: Some(2025), ..grant(METROPOLE) };
        let mut image = image(vec![record("metropole", "r1", vec![sum])]);
        let now = at(0) + chrono::TimeDelta::days(100);
        let late = |image: &crate::domain::image::LedgerImage| {
            let portfolio = Portfolio::build(image);
            let source = portfolio.source(portfolio.source_by_id("metropole").expect("known"));
            let moment = Moment { now, max_age_s: None };
            portfolio.late_part(source, ProjectIx::first(), moment).map(str::to_owned)
        };
        let mut read = |parts: &[(&str, i64)]| {
            for source in &mut image.sources {
                let ago = |days: i64| now - chrono::TimeDelta::days(days);
                source.profile.max_age_s = 86_400;
                source.partitions = parts.iter().map(|(name, days)| ((*name).to_owned(), ago(*days))).collect();
                source.last_success = None;
            }
            late(&image)
        };
        assert_eq!(read(&[("2025", 50), ("2026", 0)]), Some("2025".to_owned()));
        assert_eq!(read(&[("2024", 50), ("2025", 0), ("2026", 0)]), None);
        assert_eq!(read(&[("2025", 50), ("2026", 50)]), None, "the source itself is late");
    }
}
