//! Contributions to the centre of resources: one row a year.

use super::{euros, stage_word, table};
use crate::demo::Region;
use crate::demo::appearance::signed_on;
use crate::demo::organisations::REGION_SIREN;
use crate::demo::system::System;
use crate::domain::vocabulary::Stage;

/// The columns of the file.
pub const COLUMNS: [&str; 11] = [
    "exercice",
    "libelle",
    "beneficiaire",
    "financeur",
    "siren_financeur",
    "section",
    "etat",
    "montant",
    "date_deliberation",
    "cadre",
    "budget_annuel",
];

/// The file, with decimal commas.
pub fn file(region: &Region) -> Vec<u8> {
    let comma = |amount| euros(amount).replace('.', ",");
    let rows = region.records(System::Irev).map(|(project, appearance)| {
        let (own, amount) = project.told(appearance).next().expect("the Région contributes");
        let state = match own.stage {
            Stage::Sollicite => "Appelée",
            Stage::Attribue => "Votée",
            stage => stage_word(stage),
        };
        let decided = if own.stage == Stage::Attribue { signed_on(project) } else { String::new() };
        [
            appearance.number.clone(),
            appearance.title.clone(),
            project.holder.name.clone(),
            "Région Hauts-de-France".to_owned(),
            REGION_SIREN.to_owned(),
            "Fonctionnement".to_owned(),
            state.to_owned(),
            amount.map(comma).unwrap_or_default(),
            decided,
            "CPER 2021-2027".to_owned(),
            comma(project.budget),
        ]
    });
    table(COLUMNS, b';', rows)
}
