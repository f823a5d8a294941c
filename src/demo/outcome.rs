//! The truth written down: what a perfect consolidation of the accepted records would find.

use super::Region;
use super::system::System;
use super::truth::{Commitment, Project};
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Nature, Stage};
use serde::Serialize;

#[derive(Serialize)]
struct Truth<'a> {
    seed: u64,
    projects: Vec<ProjectTruth<'a>>,
    defects: Vec<DefectTruth<'a>>,
    sources: Vec<SourceTruth>,
}

#[derive(Serialize)]
struct ProjectTruth<'a> {
    id: &'a str,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    renews: Option<&'a str>,
    records: Vec<RecordTruth<'a>>,
    commitments: Vec<CommitmentTruth>,
}

#[derive(Serialize)]
struct RecordTruth<'a> {
    source: &'static str,
    key: &'a str,
}

#[derive(Serialize)]
struct CommitmentTruth {
    funder: String,
    nature: Option<Nature>,
    form: &'static str,
    stage: Stage,
    amount: Option<Cents>,
    year: u16,
    dispositif: Option<&'static str>,
}

#[derive(Serialize)]
struct DefectTruth<'a> {
    source: &'static str,
    key: &'a str,
    kind: &'static str,
    effect: &'static str,
}

/// Counts of one source: `own` is the sum of what the source itself decides, in its accepted records.
#[derive(Serialize)]
struct SourceTruth {
    source: &'static str,
    records: usize,
    rejected: usize,
    duplicates: usize,
    own: Cents,
}

/// The truth as JSON, ended by a line break.
pub fn truth_json(region: &Region) -> String {
    let truth = Truth {
        seed: region.seed,
        projects: region.projects.iter().filter_map(|project| project_truth(region, project)).collect(),
        defects: defects(region),
        sources: System::ALL.map(|system| source_truth(region, system)).into(),
    };
    let mut text = serde_json::to_string_pretty(&truth).expect("a tree of texts and numbers is always JSON");
    text.push('\n');
    text
}

/// A project of which every record is refused is unknown to anybody.
fn project_truth<'a>(region: &'a Region, project: &'a Project) -> Option<ProjectTruth<'a>> {
    let accepted = project.appearances.iter().filter(|appearance| appearance.accepted());
    let records: Vec<RecordTruth<'_>> =
        accepted.map(|one| RecordTruth { source: one.system.source(), key: &one.key }).collect();
    let commitments = (0..project.commitments.len()).filter_map(|rank| commitment_truth(region, project, rank));
    (!records.is_empty()).then(|| ProjectTruth {
        id: &project.id,
        title: project.title(),
        renews: project.renews.map(|earlier| region.projects[earlier].id.as_str()),
        records,
        commitments: commitments.collect(),
    })
}

/// One way in which an accepted record tells of a commitment.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Telling {
    own: bool,
    rank: Option<u8>,
    amount: Option<Cents>,
}

/// What the accepted records together say: the own word first, the furthest stage, a nature if anyone states it.
fn commitment_truth(region: &Region, project: &Project, rank: usize) -> Option<CommitmentTruth> {
    let commitment: &Commitment = &project.commitments[rank];
    let mut tellings = Vec::new();
    let mut nature = None;
    for appearance in project.appearances.iter().filter(|one| one.accepted()) {
        for told in appearance.told.iter().filter(|told| told.commitment == rank) {
            let stage = appearance.system.figure(commitment).0;
            let own = appearance.system.speaks_for(commitment);
            tellings.push((Telling { own, rank: stage.rank(), amount: told.amount }, stage));
            nature = nature.or(appearance.system.nature(commitment));
        }
    }
    let (telling, stage) = tellings.into_iter().max_by(|one, other| one.0.cmp(&other.0))?;
    Some(CommitmentTruth {
        funder: commitment.funder.id(&region.geography, &project.holder),
        nature,
        form: commitment.form.as_str(),
        stage,
        amount: telling.amount,
        year: commitment.year,
        dispositif: commitment.dispositif,
    })
}

fn defects(region: &Region) -> Vec<DefectTruth<'_>> {
    let all = region.projects.iter().flat_map(|project| &project.appearances);
    all.filter_map(|appearance| {
        let defect = appearance.defect?;
        let effect = match (defect.rejects(appearance.system), defect.warns(appearance.system)) {
            (true, _) => "rejected",
            (_, true) => "warned",
            _ => "none",
        };
        Some(DefectTruth { source: appearance.system.source(), key: &appearance.key, kind: defect.name(), effect })
    })
    .collect()
}

fn source_truth(region: &Region, system: System) -> SourceTruth {
    let mut truth = SourceTruth { source: system.source(), records: 0, rejected: 0, duplicates: 0, own: Cents::ZERO };
    for (project, appearance) in region.records(system) {
        truth.records += 1;
        truth.duplicates += usize::from(appearance.has(super::defect::Defect::DuplicateKey));
        if !appearance.accepted() {
            truth.rejected += 1;
            continue;
        }
        let own = project.told(appearance).filter(|(one, _)| system.speaks_for(one));
        let decided = own.filter(|(one, _)| system.figure(one).0.is_decided());
        truth.own = truth.own + decided.filter_map(|(_, amount)| amount).sum();
    }
    truth
}
