//! How good the links are, against records of which the truth is known.

use super::super::Portfolio;
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::text::{RecordKey, SourceId};
use serde::Serialize;
use std::collections::HashMap;

/// What is known of records: which are of one project, by any name of it.
#[derive(Debug, Clone, Default)]
pub struct Truth(HashMap<(SourceId, RecordKey), u32>);

impl Truth {
    /// A record is of the project with this number.
    pub fn tell(&mut self, source: SourceId, key: RecordKey, project: u32) {
        self.0.insert((source, key), project);
    }

    /// The project of a record, where it is known.
    pub fn of(&self, record: &RecordVersion) -> Option<u32> {
        self.0.get(&(record.source.clone(), record.key.clone())).copied()
    }
}

/// Pairs of records that stand in one project, against those that should. Records of which nothing is known are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Evaluation {
    /// Pairs joined.
    pub joined: u64,
    /// Pairs that are right.
    pub right: u64,
    /// Pairs joined that are right.
    pub joined_right: u64,
    /// Of those that certain references join, how many there are, and how many are right.
    pub certain: [u64; 2],
    /// Projects that hold records of several.
    pub mixed_projects: u64,
}

impl Portfolio {
    /// Compares the projects of `records`, from which this portfolio was built, with the truth.
    pub fn evaluate(&self, records: &[RecordVersion], truth: &Truth) -> Evaluation {
        let open = records.iter().filter(|record| record.state != RecordState::Closed);
        let known = open.filter_map(|record| {
            Some((self.redirects.project(record)?, self.redirects.atom(record)?, truth.of(record)?))
        });
        let mut ours: HashMap<_, HashMap<u32, u64>> = HashMap::new();
        let mut atoms: HashMap<_, HashMap<u32, u64>> = HashMap::new();
        let mut theirs: HashMap<u32, u64> = HashMap::new();
        for (project, atom, real) in known {
            *ours.entry(project).or_default().entry(real).or_default() += 1;
            *atoms.entry(atom).or_default().entry(real).or_default() += 1;
            *theirs.entry(real).or_default() += 1;
        }
        let (joined, joined_right) = pairs_in(ours.values());
        let right: u64 = theirs.values().map(|count| pairs(*count)).sum();
        let certain = pairs_in(atoms.values());
        Evaluation {
            joined,
            right,
            joined_right,
            certain: [certain.0, certain.1],
            mixed_projects: ours.values().filter(|project| project.len() > 1).count() as u64,
        }
    }
}

/// Pairs within groups, and those of them that are right.
fn pairs_in<'a>(groups: impl Iterator<Item = &'a HashMap<u32, u64>>) -> (u64, u64) {
    groups.fold((0, 0), |(all, right), group| {
        let count = group.values().sum();
        (all + pairs(count), right + group.values().map(|count| pairs(*count)).sum::<u64>())
    })
}

fn pairs(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}
