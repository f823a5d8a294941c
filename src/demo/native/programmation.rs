//! The yearly programming of the contracts: JSON by cursor, with the whole plan de financement of each action.

use super::{euros, quartiers, renewed, stage_word};
use crate::demo::Region;
use crate::demo::defect::Defect;
use crate::demo::system::System;
use crate::demo::truth::{Appearance, Commitment, Project};
use crate::domain::money::Cents;
use crate::domain::vocabulary::{Form, Nature, Stage};
use serde_json::{Value, json};

/// One record.
pub fn record(region: &Region, project: &Project, appearance: &Appearance) -> Value {
    let geography = &region.geography;
    let shared = project.numbers.shared[0];
    let codes = quartiers(region, project, appearance);
    json!({
        "code_action": appearance.number,
        "modifie_le": modified(project, appearance),
        "annee": project.year,
        "intitule": appearance.title,
        "contrat": geography.contrats[project.contrat].code,
        "commune": geography.communes[project.commune].insee,
        "objectif": project.objective.as_str(),
        "porteur": {"nom": project.holder.name, "siret": appearance.beneficiary(project)},
        "quartiers": codes,
        "repartition": shares(&codes),
        "periode": format!("{}/{}", project.starts_on, project.ends_on),
        "budget": {"fonctionnement": euros(project.budget), "investissement": null},
        "renouvelle": renewed(region, project, System::Programmation),
        "dossier_dauphin": if shared { json!(project.numbers.dauphin) } else { Value::Null },
        "plan_financement": plan(region, project, appearance),
    })
}

/// When the record last changed: one day of the December before its year, by its serial number.
fn modified(project: &Project, appearance: &Appearance) -> String {
    let digits = appearance.number.rsplit('-').next().unwrap_or_default();
    let serial: u32 = digits.parse().unwrap_or_default();
    let (day, hour, minute) = (1 + serial % 28, 8 + serial % 10, serial % 60);
    format!("{}-12-{day:02}T{hour:02}:{minute:02}:00+01:00", project.year - 1)
}

/// Two quartiers share the action six to four; the programming states it.
fn shares(codes: &[String]) -> Vec<Value> {
    let parts: &[u32] = if codes.len() == 2 { &[60, 40] } else { &[] };
    codes.iter().zip(parts).map(|(code, part)| json!({"code": code, "part": part})).collect()
}

fn plan(region: &Region, project: &Project, appearance: &Appearance) -> Vec<Value> {
    let mut unreadable = appearance.has(Defect::UnreadableAmount);
    let mut written = |amount: Option<Cents>, stage: Stage| match amount {
        Some(amount) => json!(euros(amount)),
        None if stage != Stage::Refuse && std::mem::take(&mut unreadable) => json!("montant à confirmer"),
        None => Value::Null,
    };
    project
        .told(appearance)
        .map(|(one, amount)| {
            let stage = System::Programmation.figure(one).0;
            json!({
                "financeur": one.funder.word(),
                "departement": geography_code(region, project),
                "siren": one.funder.siren(&region.geography, &project.holder),
                "libelle": one.funder.name(&region.geography, &project.holder),
                "dispositif": one.dispositif,
                "section": section(one),
                "forme": if one.form == Form::Autofinancement { "FONDS_PROPRES" } else { "SUBVENTION" },
                "etape": stage_word(stage),
                "montant": written(amount, stage),
            })
        })
        .collect()
}

fn geography_code<'a>(region: &'a Region, project: &Project) -> &'a str {
    let geography = &region.geography;
    geography.departements[geography.communes[project.commune].departement].code
}

const fn section(commitment: &Commitment) -> &'static str {
    match commitment.nature {
        Nature::Investissement => "I",
        Nature::Fonctionnement => "F",
    }
}
