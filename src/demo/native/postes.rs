//! Posts paid by the State: the flat JSON list that the ANCT publishes, with its oddities.

use crate::demo::Region;
use crate::demo::appearance::is_relay;
use crate::demo::defect::Defect;
use crate::demo::truth::{Appearance, Project};
use serde_json::{Value, json};

/// INSEE code of the region.
const REGION_INSEE: &str = "32";
/// From this year on the list writes the year as a text, as the real one came to do.
const YEAR_AS_TEXT_FROM: u16 = 2026;

/// One record.
pub fn record(region: &Region, project: &Project, appearance: &Appearance) -> Value {
    let geography = &region.geography;
    let (post, _) = project.told(appearance).next().expect("a post is paid");
    let departement = geography.communes[project.commune].departement;
    let unreadable = appearance.has(Defect::UnreadableAmount);
    let text = project.year >= YEAR_AS_TEXT_FROM;
    json!({
        "id_poste": appearance.number,
        // The list of the FONJEP repeats the name in its place.
        "code_tiers": if is_relay(project) { project.holder.siret_text().to_owned() } else { project.holder.name.clone() },
        "raison_sociale": project.holder.name,
        "montant": if unreadable { json!("7164 x 2") } else { amount(post.amount.get()) },
        "annee": if text { json!(project.year.to_string()) } else { json!(project.year) },
        "code_cv": geography.contrats[project.contrat].code,
        "insee_dep": geography.departements[departement].code,
        "insee_reg": REGION_INSEE,
    })
}

/// Whole euros as an integer, as the list writes nearly all of them.
fn amount(cents: i64) -> Value {
    if cents % 100 == 0 { json!(cents / 100) } else { super::number(crate::domain::money::Cents::new(cents)) }
}
