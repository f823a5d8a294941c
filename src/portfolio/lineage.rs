//! Where identifiers led at each version: which changes of the past are of a project.

use super::redirects::Redirects;
use crate::domain::act::Decision;
use crate::domain::chain::LedgerVersion;
use crate::domain::project::ProjectId;
use crate::domain::text::{RecordKey, SourceId};

/// A record and the project that its key was given, if any.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The source.
    pub source: &'a SourceId,
    /// The key there.
    pub key: &'a RecordKey,
    /// The project that its key was given.
    pub project: Option<&'a ProjectId>,
}

/// One project through the versions.
#[derive(Debug)]
pub struct Lineage {
    project: ProjectId,
    /// What all decisions came to, after each version that appended one; the oldest first, and before all of them.
    states: Vec<(LedgerVersion, Redirects)>,
}

impl Lineage {
    /// The lineage of `project`, from the decisions about it and all that they connect it with, the oldest first.
    pub fn of(project: &ProjectId, decided: &[(LedgerVersion, Decision)]) -> Self {
        let mut states = vec![(LedgerVersion(0), Redirects::default())];
        let decisions: Vec<Decision> = decided.iter().map(|(_, decision)| decision.clone()).collect();
        for (at, (version, _)) in decided.iter().enumerate() {
            if decided.get(at + 1).is_none_or(|(next, _)| next != version) {
                states.push((*version, Redirects::of(&decisions[..=at])));
            }
        }
        Lineage { project: project.clone(), states }
    }

    fn at(&self, version: LedgerVersion) -> &Redirects {
        let after = self.states.partition_point(|(from, _)| *from <= version);
        &self.states[after.saturating_sub(1)].1
    }

    fn today(&self) -> &Redirects {
        self.at(LedgerVersion(u64::MAX))
    }

    /// Is what was appended about a record at `version` of this project? It is where the record stood, at that version, in
    /// the project to which this identifier led then; and where the identifier that the record stood in then leads here today.
    pub fn holds_record(&self, record: Given<'_>, version: LedgerVersion) -> bool {
        let then = self.at(version);
        let given = then.given_to(record.source, record.key, record.project);
        given.is_some_and(|given| {
            then.resolve(given) == then.resolve(&self.project) || self.today().resolve(given) == self.project()
        })
    }

    /// Is a decision of `version` of this project? It is where one of the two identifiers led, just before or after it, to
    /// where this one led, or leads here today.
    pub fn holds_decision(&self, decision: &Decision, version: LedgerVersion) -> bool {
        let before = LedgerVersion(version.0.saturating_sub(1));
        decision.projects().into_iter().any(|id| {
            self.today().resolve(id) == self.project()
                || [before, version].into_iter().any(|at| {
                    let then = self.at(at);
                    then.resolve(id) == then.resolve(&self.project)
                })
        })
    }

    fn project(&self) -> &ProjectId {
        self.today().resolve(&self.project)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::act::Score;
    use crate::portfolio::fixture::record;

    fn id(byte: u8) -> ProjectId {
        ProjectId::from_bytes([byte; 8])
    }

    fn matched(from: u8, to: u8) -> Decision {
        let score = Score { weights: "test".into(), total: 0, terms: Vec::new() };
        Decision::Matched { from: id(from), to: id(to), score }
    }

    #[test]
    fn a_record_that_was_of_the_project_for_a_while_counts_for_that_while() {
        let record = record("region", "a", Vec::new());
        let given = id(2);
        let decided =
            [(LedgerVersion(5), matched(2, 1)), (LedgerVersion(9), Decision::Withdrawn { from: id(2), to: id(1) })];
        let held = |project: u8, version| {
            let one = Given { source: &record.source, key: &record.key, project: Some(&given) };
            Lineage::of(&id(project), &decided).holds_record(one, LedgerVersion(version))
        };
        assert_eq!([4, 5, 8, 9].map(|version| held(1, version)), [false, true, true, false]);
        assert_eq!([4, 5, 8, 9].map(|version| held(2, version)), [true; 4], "its own all the time");
        assert!(decided.iter().all(|(version, one)| Lineage::of(&id(1), &decided).holds_decision(one, *version)));
    }

    #[test]
    fn what_a_record_did_before_it_left_stays_and_what_it_does_after_goes_with_it() {
        let record = record("region", "a", Vec::new());
        let given = record.project.clone().expect("given");
        let separated = Decision::Separated {
            source: record.source.clone(),
            key: record.key.clone(),
            from: given.clone(),
            to: id(9),
            reason: String::new(),
        };
        let decided = [(LedgerVersion(5), separated)];
        let one = Given { source: &record.source, key: &record.key, project: Some(&given) };
        let held =
            |project: &ProjectId, version| Lineage::of(project, &decided).holds_record(one, LedgerVersion(version));
        assert_eq!([4, 5, 6].map(|version| held(&given, version)), [true, false, false]);
        assert_eq!([4, 5, 6].map(|version| held(&id(9), version)), [false, true, true]);
    }
}
