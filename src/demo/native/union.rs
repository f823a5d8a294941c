//! Programmes of the Union: CORDIS in two files, LIFE and the New European Bauhaus in one, the Urban Initiative in JSON.

use super::{euros, number, table};
use crate::demo::Region;
use crate::demo::appearance::signed_on;
use crate::demo::programme::Programme;
use crate::demo::system::System;
use crate::demo::truth::{Appearance, Project};
use crate::domain::money::Cents;
use serde_json::{Value, json};

/// A partner elsewhere, whose share is none of the region's.
const ELSEWHERE_CENTS: i64 = 12_345_600;

/// Projects of CORDIS, in part of its columns.
pub const PROJECT_COLUMNS: [&str; 8] =
    ["id", "acronym", "status", "title", "startDate", "endDate", "totalCost", "ecSignatureDate"];
const PARTICIPANT_COLUMNS: [&str; 8] =
    ["projectID", "organisationID", "vatNumber", "name", "country", "nutsCode", "role", "ecContribution"];

/// `project.csv` of CORDIS, with decimal commas.
pub fn horizon_projects(region: &Region) -> Vec<u8> {
    let rows = region.records(System::Union(Programme::Horizon)).map(|(project, appearance)| {
        [
            appearance.number.clone(),
            "DEMO".to_owned(),
            "SIGNED".to_owned(),
            appearance.title.clone(),
            project.starts_on.to_string(),
            project.ends_on.to_string(),
            comma(project.budget),
            signed_on(project),
        ]
    });
    table(PROJECT_COLUMNS, b';', rows)
}

/// `organization.csv` of CORDIS: the holder here, and one partner elsewhere.
pub fn horizon_participants(region: &Region) -> Vec<u8> {
    let rows = region.records(System::Union(Programme::Horizon)).flat_map(|(project, appearance)| {
        let id = &appearance.number;
        let here = [
            id.clone(),
            format!("1{id}"),
            vat(project),
            project.holder.name.clone(),
            "FR".to_owned(),
            nuts(region, project).to_owned(),
            "coordinator".to_owned(),
            comma(share(project, appearance)),
        ];
        let elsewhere = comma(Cents::new(ELSEWHERE_CENTS));
        let there = [id, &format!("2{id}"), "", "Universiteit van elders", "BE", "BE234", "participant", &elsewhere];
        [here, there.map(str::to_owned)]
    });
    table(PARTICIPANT_COLUMNS, b';', rows)
}

/// The list of LIFE.
pub fn life(region: &Region) -> Vec<u8> {
    const COLUMNS: [&str; 13] = [
        "reference",
        "title",
        "coordinator",
        "coordinator_siren",
        "beneficiary",
        "siren",
        "nuts",
        "start",
        "end",
        "total_eligible_budget",
        "beneficiary_eu_contribution",
        "status",
        "signed_on",
    ];
    let rows = region.records(System::Union(Programme::Life)).map(|(project, appearance)| {
        let siren = project.holder.siren_text();
        [
            appearance.number.as_str(),
            &appearance.title,
            &project.holder.name,
            siren,
            &project.holder.name,
            siren,
            nuts(region, project),
            &project.starts_on.to_string(),
            &project.ends_on.to_string(),
            &euros(project.budget),
            &euros(share(project, appearance)),
            "Ongoing",
            &signed_on(project),
        ]
        .map(str::to_owned)
    });
    table(COLUMNS, b';', rows)
}

/// The list of the New European Bauhaus.
pub fn neb(region: &Region) -> Vec<u8> {
    const COLUMNS: [&str; 14] = [
        "id",
        "title",
        "beneficiary",
        "siren",
        "nuts",
        "channel",
        "cordis_id",
        "pic",
        "total_cost",
        "eu_contribution",
        "status",
        "decided_on",
        "start",
        "end",
    ];
    let rows = region.records(System::Union(Programme::Neb)).map(|(project, appearance)| {
        [
            appearance.number.as_str(),
            &appearance.title,
            &project.holder.name,
            project.holder.siren_text(),
            nuts(region, project),
            "NEB",
            "",
            "",
            &euros(project.budget),
            &euros(share(project, appearance)),
            "signed",
            &signed_on(project),
            &project.starts_on.to_string(),
            &project.ends_on.to_string(),
        ]
        .map(str::to_owned)
    });
    table(COLUMNS, b',', rows)
}

/// One project of the European Urban Initiative.
pub fn eui(region: &Region, project: &Project, appearance: &Appearance) -> Value {
    let holder = json!({"name": project.holder.name, "siren": project.holder.siren_text()});
    json!({
        "id": appearance.number,
        "title": appearance.title,
        "status": "contracted",
        "approved_on": signed_on(project),
        "start": project.starts_on.to_string(),
        "end": project.ends_on.to_string(),
        "total_budget": number(project.budget),
        "urban_authority": holder,
        "partners": [
            {
                "name": project.holder.name,
                "siren": project.holder.siren_text(),
                "nuts": nuts(region, project),
                "erdf": number(share(project, appearance)),
            },
            {"name": "Stad elders", "siren": null, "nuts": "BE234", "erdf": number(Cents::new(ELSEWHERE_CENTS))},
        ],
    })
}

/// What the programme gives to the project's holder.
pub fn share(project: &Project, appearance: &Appearance) -> Cents {
    project.told(appearance).next().and_then(|(_, amount)| amount).unwrap_or_default()
}

/// The code of the département in the European nomenclature of territories.
pub fn nuts(region: &Region, project: &Project) -> &'static str {
    let geography = &region.geography;
    match geography.departements[geography.communes[project.commune].departement].code {
        "59" => "FRE11",
        "62" => "FRE12",
        "02" => "FRE21",
        "60" => "FRE22",
        _ => "FRE23",
    }
}

/// A French VAT number; its key is not the real one.
pub fn vat(project: &Project) -> String {
    format!("FR00{}", project.holder.siren_text())
}

/// Euros with a decimal comma.
pub fn comma(amount: Cents) -> String {
    euros(amount).replace('.', ",")
}
