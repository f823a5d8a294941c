//! The system of a département: a GraphQL API, one node a grant.

use super::{euros, listed, quartiers, stage_word};
use crate::demo::Region;
use crate::demo::system::System;
use crate::demo::truth::{Appearance, Project};
use crate::domain::vocabulary::Nature;
use async_graphql::SimpleObject;

/// One grant, as the département shows it.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "Subvention")]
pub struct Grant {
    numero: String,
    annee: u16,
    intitule: String,
    etat: &'static str,
    section: &'static str,
    /// Euros, with two decimals.
    montant: Option<String>,
    beneficiaire: Beneficiary,
    /// INSEE code.
    commune: String,
    quartiers: Vec<String>,
    dossier_dauphin: Option<String>,
}

#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "Beneficiaire")]
struct Beneficiary {
    nom: String,
    siret: String,
}

impl Grant {
    /// The département's number of it.
    pub fn number(&self) -> &str {
        &self.numero
    }
}

/// Every grant of the département, in its order; a duplicate stands twice.
pub fn grants(region: &Region) -> Vec<Grant> {
    listed(region, System::Partner, grant).into_iter().map(|(_, grant)| grant).collect()
}

fn grant(region: &Region, project: &Project, appearance: &Appearance) -> Grant {
    let (own, amount) = project.told(appearance).next().expect("the département funds it");
    // The number that the programming of the contract also writes.
    let shared = project.numbers.shared[0] && project.appearance(System::Programmation).is_some();
    Grant {
        numero: appearance.number.clone(),
        annee: project.year,
        intitule: appearance.title.clone(),
        etat: stage_word(own.stage),
        section: if own.nature == Nature::Investissement { "INVESTISSEMENT" } else { "FONCTIONNEMENT" },
        montant: amount.map(euros),
        beneficiaire: Beneficiary { nom: project.holder.name.clone(), siret: project.holder.siret_text().to_owned() },
        commune: region.geography.communes[project.commune].insee.to_owned(),
        quartiers: quartiers(region, project, appearance),
        dossier_dauphin: shared.then(|| project.numbers.dauphin.clone()),
    }
}
