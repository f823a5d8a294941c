//! Investment grants of the State: the fourteen columns of the published list, and the year that it needs as soon
//! as it holds more than one.

use super::euros;
use crate::demo::Region;
use crate::demo::defect::Defect;
use crate::demo::system::System;
use crate::demo::truth::{Appearance, Project};

/// The columns of the file.
pub const COLUMNS: [&str; 15] = [
    "id_projet",
    "id_dep",
    "id_terr",
    "nom_terr",
    "pop19",
    "dotation",
    "echelon",
    "categorie",
    "description",
    "cout_total",
    "montant_sub",
    "pct_sub",
    "lat",
    "long",
    "annee",
];

/// The file, in UTF-8 with commas.
pub fn file(region: &Region) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |row: &[String]| writer.write_record(row).expect("memory takes every row of fifteen columns");
    write(&COLUMNS.map(str::to_owned));
    for (project, appearance) in region.records(System::Dotations) {
        let row = row(region, project, appearance);
        if appearance.has(Defect::DuplicateKey) {
            write(&row);
        }
        write(&row);
    }
    writer.into_inner().expect("memory is always flushed")
}

fn row(region: &Region, project: &Project, appearance: &Appearance) -> [String; 15] {
    let geography = &region.geography;
    let commune = &geography.communes[project.commune];
    let (own, _) = project.told(appearance).next().expect("the list holds the grants of the State");
    let intercommunal = geography.epcis[commune.epci].name == project.holder.name;
    let (code, name, level) = if intercommunal {
        let epci = &geography.epcis[commune.epci];
        (epci.siren, epci.name, "epci")
    } else {
        (commune.insee, commune.name, "commune")
    };
    let spelt = |code: &str| {
        let lost = appearance.has(Defect::LostZero) && code.len() < 9;
        if lost { code.trim_start_matches('0').to_owned() } else { code.to_owned() }
    };
    let unreadable = appearance.has(Defect::UnreadableAmount);
    let amount = if unreadable { "en instruction".to_owned() } else { euros(own.amount) };
    let rate = own.amount.get() * 10_000 / project.budget.get().max(1);
    [
        appearance.number.clone(),
        spelt(geography.departements[commune.departement].code),
        spelt(code),
        name.to_owned(),
        String::new(),
        own.dispositif.unwrap_or_default().to_owned(),
        level.to_owned(),
        "7 - Construction, habitat, urbanisme et transport".to_owned(),
        appearance.title.clone(),
        euros(project.budget),
        amount,
        format!("0.{rate:04}"),
        String::new(),
        String::new(),
        project.year.to_string(),
    ]
}
