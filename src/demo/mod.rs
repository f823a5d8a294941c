//! The simulated region: native systems served for real, and the truth kept aside.
//!
//! Its geography is real (facts of public lists), everything else is invented: projects, sums, associations,
//! landlords, residents. The same seed and number of projects give the same bytes, and a larger region begins
//! with the smaller one.

mod api;
mod appearance;
mod chance;
pub mod defect;
mod files;
mod funding;
pub mod geography;
mod native;
pub mod organisations;
mod outcome;
pub mod programme;
mod project;
mod serve;
pub mod system;
pub mod truth;
mod wording;

pub use files::{WriteError, write_files};
pub use serve::{Running, serve};

use chance::Chance;
use defect::DefectRates;
use geography::Geography;
use system::System;
use truth::{Appearance, Project};

/// Separates the chance of appearances from that of projects, which share their ranks.
const APPEARANCES: u64 = 0x5eed_0000_0000_0000;

/// A whole simulated region.
#[derive(Debug, Clone)]
pub struct Region {
    /// The seed that it comes from.
    pub seed: u64,
    /// Its places.
    pub geography: Geography,
    /// Its projects.
    pub projects: Vec<Project>,
}

impl Region {
    /// The region of this seed, with that many projects, and the usual defects.
    pub fn generate(seed: u64, projects: usize) -> Self {
        Region::with_defects(seed, projects, &DefectRates::default())
    }

    /// The same, with defects at other rates.
    pub fn with_defects(seed: u64, projects: usize, rates: &DefectRates) -> Self {
        let geography = Geography::load();
        let mut list: Vec<Project> = Vec::with_capacity(projects);
        for rank in 0..projects {
            let mut project = project::generate(seed, rank, &geography, &list);
            let mut chance = Chance::new(seed ^ APPEARANCES, rank as u64);
            project.appearances = appearance::appearances(&project, rank, (&geography, rates), &mut chance);
            list.push(project);
        }
        Region { seed, geography, projects: list }
    }

    /// Every record of one system, in the order of the projects.
    pub fn records(&self, system: System) -> impl Iterator<Item = (&Project, &Appearance)> {
        self.projects.iter().filter_map(move |project| Some((project, project.appearance(system)?)))
    }

    /// What a perfect consolidation of all accepted records would find, as JSON.
    pub fn truth_json(&self) -> String {
        outcome::truth_json(self)
    }
}
