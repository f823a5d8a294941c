//! The State's portal of subsidies: JSON with a deeply nested plan de financement, asked and voted, and an older
//! version of the plan that does not count any more.

use super::number;
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
    let departement = geography.communes[project.commune].departement;
    let siret = appearance.beneficiary(project);
    let lines = lines(region, project, appearance);
    let former: Vec<Value> = lines.iter().flat_map(|(_, lines)| lines).take(1).cloned().collect();
    let posts = lines.into_iter().map(|(title, lines)| json!({"titre": title, "lignes": lines}));
    json!({
        "reference": appearance.number,
        "intituleProjet": appearance.title,
        "exerciceBudgetaire": project.year,
        "virtualStatusLabel": "A justifier",
        "departement": geography.departements[departement].code,
        "contratVille": geography.contrats[project.contrat].code,
        "demandeur": {
            "denomination": project.holder.name,
            "SIRET": {"complet": siret, "SIREN": siret.get(..9)},
        },
        "planFinancement": [
            {"current": false, "recette": {"postes": [{"sousPostes": [{"titre": "Ancien plan", "lignes": former}]}]}},
            {"current": true, "recette": {"postes": [{"sousPostes": posts.collect::<Vec<_>>()}]}},
        ],
    })
}

/// The lines of the plan under the two headings of the form.
fn lines(region: &Region, project: &Project, appearance: &Appearance) -> Vec<(&'static str, Vec<Value>)> {
    let mut grants = Vec::new();
    let mut own = Vec::new();
    let mut unreadable = appearance.has(Defect::UnreadableAmount);
    for (one, amount) in project.told(appearance) {
        let voted = System::Dauphin.figure(one).0.is_decided();
        let word =
            if amount.is_none() && std::mem::take(&mut unreadable) { json!("à compléter") } else { Value::Null };
        let figure = amount.map_or(word, number);
        let asked = if voted { number(one.asked.or(one.voted).unwrap_or(one.amount)) } else { figure.clone() };
        let line = json!({
            "montant": {"ht": asked},
            "financement": {
                "montantVote": {"ht": if voted { figure } else { Value::Null }},
                "financeur": {
                    "typeFinanceur": one.funder.word(),
                    "titre": one.funder.name(&region.geography, &project.holder),
                    "siren": one.funder.siren(&region.geography, &project.holder),
                },
            },
        });
        if one.funder == Funder::Holder { own.push(line) } else { grants.push(line) }
    }
    debug_assert!(project.told(appearance).all(|(one, _)| one.stage != Stage::Refuse));
    vec![("74 - Subventions", grants), ("75 - Fonds propres", own)]
}
