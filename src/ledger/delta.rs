//! What changed between two versions: the touched projects with all their records.

use super::image::{acts, decisions, newest_id, open_records, source_images};
use super::row::{Row, integer, text, version_value};
use super::{Ledger, LedgerError};
use crate::domain::act::Decision;
use crate::domain::chain::LedgerVersion;
use crate::domain::governance::{Act, ActEntry};
use crate::domain::image::LedgerDelta;
use crate::domain::project::ProjectId;
use crate::domain::record::RecordVersion;
use std::collections::{BTreeSet, HashMap};

/// Projects asked for by one query. SQLite finds each numbered parameter by walking through all of them.
const PROJECTS_ASKED: usize = 500;

impl Ledger {
    /// What the entries after `from` and up to `to` changed. Records come in the order of
    /// [`crate::domain::image::LedgerImage`]. Where a record without a project or the profile of a source changed, no set of projects tells all
    /// that it touches: `references_changed` says so,
    /// and no record is read: the whole image will be.
    ///
    /// # Errors
    /// A version that does not exist yet, a database that does not answer or holds something unreadable.
    pub async fn delta(&self, from: LedgerVersion, to: LedgerVersion) -> Result<LedgerDelta, LedgerError> {
        let head = self.head_at(to).await?;
        let decisions = decisions(self, to).await?;
        let (mut touched, mut references_changed) = self.touched(from, to).await?;
        let sql = "SELECT COUNT(*) FROM source_version WHERE version > $1 AND version <= $2";
        let between = [version_value(from), version_value(to)];
        references_changed |= self.number("looking for changed sources", sql, between.clone()).await? > 0;
        let sql = "SELECT id, body FROM decision WHERE version > $1 AND version <= $2 ORDER BY id";
        for row in &self.rows("reading new decisions", sql, between).await? {
            let decision: Decision = Row::new("decision", row).json(1, "body")?;
            touched.extend(decision.projects().map(Clone::clone));
        }
        let acts = acts(self, to).await?;
        touched.extend(acts_between(&acts, from).cloned());
        let projects = joined(touched.clone(), &decisions);
        let touched = touched.into_iter().collect();
        let records = if references_changed { Vec::new() } else { self.records_of(&projects, to).await? };
        let sources = source_images(self, to).await?;
        Ok(LedgerDelta { head, touched, projects, records, sources, decisions, acts, references_changed })
    }

    /// The projects that the records appended in between have or ever had, and whether one of these records is or was without one.
    async fn touched(
        &self,
        from: LedgerVersion,
        to: LedgerVersion,
    ) -> Result<(BTreeSet<ProjectId>, bool), LedgerError> {
        let sql =
            "SELECT DISTINCT h.project FROM record_version h JOIN (SELECT DISTINCT source, key FROM record_version
                     WHERE version > $1 AND version <= $2) changed ON changed.source = h.source AND changed.key = h.key
                   WHERE h.version <= $2";
        let rows = self.rows("looking for touched projects", sql, [version_value(from), version_value(to)]).await?;
        let mut projects = BTreeSet::new();
        let mut without = false;
        for row in &rows {
            match Row::new("record_version", row).project(0)? {
                Some(project) => {
                    projects.insert(project);
                }
                None => without = true,
            }
        }
        Ok((projects, without))
    }

    /// The records, open or bad, that now belong to one of `projects`.
    async fn records_of(
        &self,
        projects: &[ProjectId],
        version: LedgerVersion,
    ) -> Result<Vec<RecordVersion>, LedgerError> {
        let newest = newest_id(self, version).await?;
        let mut records: Vec<(u64, RecordVersion)> = Vec::new();
        for chunk in projects.chunks(PROJECTS_ASKED) {
            let places: Vec<String> = (2..chunk.len() + 2).map(|place| format!("${place}")).collect();
            let latest = format!(
                "SELECT MAX(h.id) AS id, MIN(h.id) AS first_id FROM record_version h
                 JOIN (SELECT DISTINCT source, key FROM record_version WHERE project IN ({}) AND id <= $1) member
                   ON member.source = h.source AND member.key = h.key
                 WHERE h.id <= $1 GROUP BY h.source, h.key",
                places.join(", ")
            );
            let values = [integer(newest)].into_iter().chain(chunk.iter().map(|project| text(project.as_str())));
            let found = open_records(self, &latest, values.collect()).await?;
            let members: BTreeSet<&ProjectId> = chunk.iter().collect();
            records.extend(
                found
                    .into_iter()
                    .filter(|(_, record)| record.project.as_ref().is_some_and(|one| members.contains(one))),
            );
        }
        // Chunks come one after the other; the order of the image is that of the first appends.
        records.sort_by_key(|(first_id, _)| *first_id);
        Ok(records.into_iter().map(|(_, record)| record).collect())
    }
}

/// The projects that acts after `from` are about; that of an act taken back too.
fn acts_between(acts: &[ActEntry], from: LedgerVersion) -> impl Iterator<Item = &ProjectId> {
    let taken_back = |entry: &ActEntry| match &entry.act {
        Act::TakenBack { act, .. } => Some(*act),
        _ => None,
    };
    let new = acts.iter().filter(move |entry| entry.version > from);
    new.flat_map(move |entry| {
        let earlier = acts.iter().filter(move |other| Some(other.id) == taken_back(entry));
        std::iter::once(entry).chain(earlier).flat_map(|entry| entry.act.projects())
    })
}

/// `projects` and all that a decision was ever about together with one of them, in order.
fn joined(projects: BTreeSet<ProjectId>, decisions: &[Decision]) -> Vec<ProjectId> {
    let mut neighbours: HashMap<&ProjectId, Vec<&ProjectId>> = HashMap::new();
    for decision in decisions {
        let [from, to] = decision.projects();
        neighbours.entry(from).or_default().push(to);
        neighbours.entry(to).or_default().push(from);
    }
    let mut reached: BTreeSet<ProjectId> = BTreeSet::new();
    let mut waiting: Vec<ProjectId> = projects.into_iter().collect();
    while let Some(project) = waiting.pop() {
        if reached.contains(&project) {
            continue;
        }
        waiting.extend(neighbours.get(&project).into_iter().flatten().map(|one| (*one).clone()));
        reached.insert(project);
    }
    reached.into_iter().collect()
}
