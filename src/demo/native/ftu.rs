//! Fonds de travaux urbains: JSON by next link, amounts as texts, a plan of those who share the cost.

use super::{euros, french, last_day, quartiers, stage_word};
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
    let commune = &geography.communes[project.commune];
    let (own, _) = project.told(appearance).next().expect("the fund pays a part of its projects");
    let written = |amount| if appearance.has(Defect::FrenchAmount) { french(amount) } else { euros(amount) };
    let asked = if own.stage == Stage::Sollicite { own.amount } else { own.asked.unwrap_or(own.amount) };
    let shared = project.numbers.shared[3] && project.appearance(System::Dotations).is_some();
    json!({
        "id": appearance.number,
        "convention": project.numbers.convention,
        "libelle": appearance.title,
        "maitre_ouvrage": {"nom": project.holder.name, "siret": appearance.beneficiary(project)},
        "code_insee": commune.insee,
        "epci": geography.epcis[commune.epci].siren,
        "contrat_ville": geography.contrats[project.contrat].code,
        "qpv": quartiers(region, project, appearance).join(", "),
        "objectif": project.objective.as_str(),
        "exercice": project.year,
        "etat": stage_word(own.stage),
        "cout_ht": euros(project.budget),
        "subvention_demandee": euros(asked),
        "subvention_ftu": (own.stage != Stage::Sollicite).then(|| written(own.amount)),
        "dossier_dotation": if shared { json!(project.numbers.dotation) } else { Value::Null },
        "debut": project.starts_on.to_string(),
        "fin": last_day(project, appearance),
        "plan": plan(region, project, appearance),
    })
}

fn plan(region: &Region, project: &Project, appearance: &Appearance) -> Vec<Value> {
    let others = project.told(appearance).filter(|(one, _)| one.funder != Funder::Region);
    others
        .map(|(one, amount)| {
            json!({
                "type": one.funder.word(),
                "siren": one.funder.siren(&region.geography, &project.holder),
                "financeur": one.funder.name(&region.geography, &project.holder),
                "dispositif": one.dispositif,
                "montant": amount.map(euros),
                "acquis": one.stage.is_decided(),
            })
        })
        .collect()
}
