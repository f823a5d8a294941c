//! Nos quartiers d'été: JSON by pages, amounts as numbers, one record an edition.

use super::{french, last_day, number, quartiers, renewed, stage_word};
use crate::demo::Region;
use crate::demo::defect::Defect;
use crate::demo::organisations::Funder;
use crate::demo::system::System;
use crate::demo::truth::{Appearance, Project};
use crate::domain::vocabulary::Stage;
use serde_json::{Value, json};

/// One record.
pub fn record(region: &Region, project: &Project, appearance: &Appearance) -> Value {
    let geography = &region.geography;
    let (own, _) = &project.told(appearance).next().expect("an edition is funded by the Région");
    let written = |amount| {
        if appearance.has(Defect::FrenchAmount) { json!(french(amount)) } else { number(amount) }
    };
    let voted = match own.stage {
        Stage::Attribue if appearance.has(Defect::UnreadableAmount) => json!("à préciser"),
        Stage::Attribue => written(own.amount),
        Stage::Solde => written(own.voted.unwrap_or(own.amount)),
        _ => Value::Null,
    };
    let asked = match own.stage {
        Stage::Refuse => Value::Null,
        Stage::Sollicite => written(own.amount),
        _ => number(own.asked.unwrap_or(own.amount)),
    };
    let shared = project.numbers.shared[0] && project.appearance(System::Dauphin).is_some();
    json!({
        "numero": appearance.number,
        "exercice": project.year,
        "intitule": appearance.title,
        "etat": stage_word(own.stage),
        "objectif": project.objective.as_str(),
        "porteur": {"denomination": project.holder.name, "siret": appearance.beneficiary(project)},
        "territoire": {
            "contrat": geography.contrats[project.contrat].code,
            "commune": geography.communes[project.commune].insee,
            "quartiers": quartiers(region, project, appearance),
        },
        "periode": {"debut": project.starts_on.to_string(), "fin": last_day(project, appearance)},
        "cout_total": number(project.budget),
        "montant_demande": asked,
        "montant_vote": voted,
        "montant_solde": if own.stage == Stage::Solde { number(own.amount) } else { Value::Null },
        "renouvelle": renewed(region, project, System::Nqe),
        "dossier_dauphin": shared.then_some(&project.numbers.dauphin),
        "cofinancements": others(region, project, appearance),
    })
}

fn others(region: &Region, project: &Project, appearance: &Appearance) -> Vec<Value> {
    let others = project.told(appearance).filter(|(one, _)| one.funder != Funder::Region);
    others
        .map(|(one, amount)| {
            json!({
                "siren": one.funder.siren(&region.geography, &project.holder),
                "nom": one.funder.name(&region.geography, &project.holder),
                "montant": amount.map(number),
                "etat": stage_word(one.stage),
            })
        })
        .collect()
}
