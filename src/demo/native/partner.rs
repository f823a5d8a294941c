//! The system of a département: a GraphQL API, one node a grant.

use super::{euros, quartiers, stage_word};
use crate::demo::Region;
use crate::demo::system::System;
use crate::demo::truth::{Appearance, Project};
use crate::domain::vocabulary::Nature;
use serde_json::{Value, json};

/// One node.
pub fn record(region: &Region, project: &Project, appearance: &Appearance) -> Value {
    let (own, amount) = project.told(appearance).next().expect("the département funds it");
    // The number that the programming of the contract also writes.
    let shared = project.numbers.shared[0] && project.appearance(System::Programmation).is_some();
    json!({
        "numero": appearance.number,
        "annee": project.year,
        "intitule": appearance.title,
        "etat": stage_word(own.stage),
        "section": if own.nature == Nature::Investissement { "INVESTISSEMENT" } else { "FONCTIONNEMENT" },
        "montant": amount.map(euros),
        "beneficiaire": {"nom": project.holder.name, "siret": project.holder.siret_text()},
        "commune": region.geography.communes[project.commune].insee,
        "quartiers": quartiers(region, project, appearance),
        "dossierDauphin": shared.then_some(&project.numbers.dauphin),
    })
}
