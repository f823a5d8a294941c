//! Projets d'initiative citoyenne: JSON by offset, amounts in whole cents, holders who may be natural persons.

use super::{quartiers, stage_word};
use crate::demo::Region;
use crate::demo::organisations::Funder;
use crate::demo::system::System;
use crate::demo::truth::{Appearance, Project};
use crate::domain::vocabulary::Stage;
use serde_json::{Value, json};

/// One record.
pub fn record(region: &Region, project: &Project, appearance: &Appearance) -> Value {
    let geography = &region.geography;
    let mut told = project.told(appearance);
    let (own, _) = told.next().expect("a micro-project is funded by the Région");
    let commune = told.find(|(one, _)| matches!(one.funder, Funder::Commune(_)));
    let resident = project.holder.siret.is_none();
    let mail = format!("porteur{}@quartiers.example", &appearance.number[6..]);
    json!({
        "ref": appearance.number,
        "annee": project.year,
        "projet": appearance.title,
        "porteur": {
            "type": if resident { "HABITANT" } else { "ASSOCIATION" },
            "nom": project.holder.name,
            "courriel": mail,
            "siret": if resident { Value::Null } else { json!(project.holder.siret_text()) },
        },
        "quartier": quartiers(region, project, appearance).first(),
        "commune": geography.communes[project.commune].insee,
        "contrat": geography.contrats[project.contrat].code,
        "decision": {"etat": stage_word(own.stage), "date": decided_on(project, own.stage)},
        "aide_region_centimes": if own.stage == Stage::Refuse { Value::Null } else { json!(own.amount.get()) },
        "aide_commune": commune.map(|(one, amount)| json!({
            "siren": one.funder.siren(geography, &project.holder),
            "nom": one.funder.name(geography, &project.holder),
            "centimes": amount.map(|amount| amount.get()),
            "etat": stage_word(one.stage),
        })),
        "renouvelle": super::renewed(region, project, System::Pic),
    })
}

fn decided_on(project: &Project, stage: Stage) -> Option<String> {
    (stage.is_decided() || stage == Stage::Refuse)
        .then(|| format!("{}-05-{:02}", project.year, 1 + project.commune % 28))
}
