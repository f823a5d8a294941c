//! What really happens in the simulated region, before any system writes it down its own way.

use super::defect::Defect;
use super::funding::MICRO_PROJECT_MAX_EUROS;
use super::organisations::{Funder, Holder};
use super::programme::Programme;
use super::system::System;
use crate::domain::Date;
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Form, Nature, Objective, Stage};

/// How a project comes to be: which system it is born in, and who usually pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    /// Nos quartiers d'été: operation, associations.
    Nqe,
    /// Projets d'initiative citoyenne: micro-projects of residents and associations.
    Pic,
    /// The yearly programming of a contrat de ville.
    Programmation,
    /// Fonds de travaux urbains: investment of communes and EPCI.
    Ftu,
    /// Urban renewal.
    Npnru,
    /// Ordinary credits of the Région.
    DroitCommun,
    /// An operation of the European programme.
    Europe,
    /// A project of a programme of the Union.
    Union(Programme),
    /// The yearly contribution to the centre of resources.
    Irev,
}

/// A sum that one funder puts, as it stands.
#[derive(Debug, Clone)]
pub struct Commitment {
    /// The funder.
    pub funder: Funder,
    /// Its nature, which not every system states.
    pub nature: Nature,
    /// Its form.
    pub form: Form,
    /// Where it stands.
    pub stage: Stage,
    /// The amount at that stage.
    pub amount: Cents,
    /// What had been asked, where the home system keeps it.
    pub asked: Option<Cents>,
    /// What had been voted, for a sum closed at a lower figure.
    pub voted: Option<Cents>,
    /// Budget year.
    pub year: u16,
    /// Code of the scheme.
    pub dispositif: Option<&'static str>,
}

/// Numbers of the project in the numberings that several systems share.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    /// Dossier of the State's portal of subsidies.
    pub dauphin: String,
    /// Convention of the Région.
    pub convention: String,
    /// Operation of the European programme.
    pub synergie: String,
    /// Dossier of the State's investment grants.
    pub dotation: String,
    /// Whether each of the four is written by the other systems too, so that records join for certain.
    pub shared: [bool; 4],
}

/// One real project.
#[derive(Debug, Clone)]
pub struct Project {
    /// Identifier within the truth.
    pub id: String,
    /// How it came to be.
    pub scheme: Scheme,
    /// What it does: the first half of its title.
    pub action: &'static str,
    /// Where, in words: the second half of its title.
    pub place: String,
    /// Who carries it.
    pub holder: Holder,
    /// Its commune, by place in the geography.
    pub commune: usize,
    /// Its quartiers, by place in the geography; empty when it is for a whole commune.
    pub quartiers: Vec<usize>,
    /// Its contract, by place in the geography.
    pub contrat: usize,
    /// Its objective.
    pub objective: Objective,
    /// Its year.
    pub year: u16,
    /// Its first day.
    pub starts_on: Date,
    /// Its last day.
    pub ends_on: Date,
    /// Its total cost.
    pub budget: Cents,
    /// What is put into it.
    pub commitments: Vec<Commitment>,
    /// Place of the project that it renews, in the region's list.
    pub renews: Option<usize>,
    /// Its numbers.
    pub numbers: Numbers,
    /// Where it is written down.
    pub appearances: Vec<Appearance>,
}

/// One record about a project in one system.
#[derive(Debug, Clone)]
pub struct Appearance {
    /// The system.
    pub system: System,
    /// The key of the record, as the system's connector gives it.
    pub key: String,
    /// The system's own serial number for it.
    pub number: String,
    /// The title as this system has it.
    pub title: String,
    /// What is wrong with the record, by design.
    pub defect: Option<Defect>,
    /// The commitments that the record tells of, by place in the project's list, with the amount as written.
    pub told: Vec<Told>,
}

/// A commitment as one record tells it.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// Place of the commitment in the project's list.
    pub commitment: usize,
    /// The amount; `None` where the record is unreadable there.
    pub amount: Option<Cents>,
}

impl Appearance {
    /// Whether the gateway is expected to take the record.
    pub fn accepted(&self) -> bool {
        !self.defect.is_some_and(|defect| defect.rejects(self.system))
    }

    /// The SIRET of the holder as the record writes it: with a wrong digit where that is the defect. Empty for a
    /// natural person.
    pub fn beneficiary(&self, project: &Project) -> String {
        let siret = project.holder.siret_text();
        if !self.has(Defect::ImpossibleSiret) || siret.is_empty() {
            return siret.to_owned();
        }
        let wrong = if siret.as_bytes()[7] == b'9' { "0" } else { "9" };
        format!("{}{wrong}{}", &siret[..7], &siret[8..])
    }

    /// Whether the record has this defect.
    pub fn has(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }
}

impl Project {
    /// The commitments that one record tells of, with the amount it writes.
    pub fn told<'a>(&'a self, appearance: &'a Appearance) -> impl Iterator<Item = (&'a Commitment, Option<Cents>)> {
        appearance.told.iter().map(|told| (&self.commitments[told.commitment], told.amount))
    }

    /// Is it a micro-project across borders?
    pub fn is_micro(&self) -> bool {
        let most = Cents::new(MICRO_PROJECT_MAX_EUROS * 100);
        self.scheme == Scheme::Union(Programme::InterregFwvl)
            && self.commitments.first().is_some_and(|one| one.amount <= most)
    }

    /// Its full title.
    pub fn title(&self) -> String {
        format!("{} - {}", self.action, self.place)
    }

    /// The nature of its cost: the schemes of the region fund either the one or the other.
    pub fn nature(&self) -> Nature {
        self.commitments.first().map_or(Nature::Fonctionnement, |one| one.nature)
    }

    /// The appearance in one system, if there is one.
    pub fn appearance(&self, system: System) -> Option<&Appearance> {
        self.appearances.iter().find(|appearance| appearance.system == system)
    }
}
