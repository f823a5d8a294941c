//! The past of one project, made again to tell since when something of it is so.

use super::check::Check;
use super::{Reader, ViewError};
use crate::check::Course;
use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::domain::clearance::Clearance;
use crate::domain::project::ProjectId;
use crate::domain::record::RecordVersion;
use crate::portfolio::{Past, Portfolio, ProjectIx};

/// Where a project stood from when on, in a picture of its past.
pub(super) struct Stood {
    picture: Portfolio,
    steps: Vec<(Instant, Option<ProjectIx>)>,
    is_cut: bool,
}

impl Stood {
    /// The past to which the identifier `id` led, up to a check of the project to which it leads by now. `None` of a project of which
    /// something is or was kept from the viewer: when a hidden sum came or went would be told; and of which a sum was granted to several.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub(super) async fn of(id: &ProjectId, now: &Check) -> Result<Option<Stood>, ViewError> {
        let (reader, project) = (&now.examined().reader, now.examined().project());
        let (portfolio, version) = (reader.portfolio(), reader.head().version);
        let case = portfolio.project(project);
        let is_hidden = portfolio.is_abridged(project) || case.is_told_in_part() || case.is_veiled();
        if is_hidden || reader.actual().is_some() {
            return Ok(None);
        }
        let decided = reader.ledger().decisions_about(id, version).await?;
        let decided: Vec<_> = decided.into_iter().filter(|one| one.decision.joins_or_parts()).collect();
        let mut ids: Vec<&ProjectId> = decided.iter().flat_map(|one| one.decision.projects()).chain([id]).collect();
        ids.sort_unstable();
        ids.dedup();
        let records = reader.ledger().record_versions(&ids, version).await?;
        let records: Vec<RecordVersion> = records.into_iter().map(|(_, record)| record).collect();
        if keeps(reader, &records) {
            return Ok(None);
        }
        let decided: Vec<_> = decided.into_iter().map(|one| (one.version, one.decision)).collect();
        let past = Past { project: id, decided: &decided, records: &records };
        let (picture, courses) = portfolio.courses(&[past]);
        let Some(course) = courses.into_iter().next().flatten() else { return Ok(None) };
        let versions: Vec<LedgerVersion> = course.versions().collect();
        let appenders = reader.ledger().appenders(&versions).await?;
        let dated =
            |(version, project): &(LedgerVersion, Option<ProjectIx>)| Some((appenders.get(version)?.at, *project));
        let steps: Option<Vec<_>> = course.steps.iter().map(dated).collect();
        Ok(steps.map(|steps| Stood { picture, steps, is_cut: course.is_cut }))
    }

    pub(super) fn course(&self) -> Course<'_> {
        Course { picture: &self.picture, steps: &self.steps, is_cut: self.is_cut }
    }
}

/// Did one of these records ever say what may be kept from the viewer, or does one stand by now where the viewer does not see it?
fn keeps(reader: &Reader, records: &[RecordVersion]) -> bool {
    if matches!(reader.clearance(), Clearance::Everything) {
        return false;
    }
    let (today, _) = reader.today();
    let closed = today.closed_among(records.iter().map(|one| (&one.source, &one.key)), reader.clearance());
    let statements = records.iter().flat_map(|record| &record.facts.statements);
    !closed.is_empty()
        || statements.into_iter().any(|one| one.not_public_until.is_some() && !reader.sees_what_is_kept(&one.funder))
}
