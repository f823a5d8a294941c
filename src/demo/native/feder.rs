//! Operations of the regional programme 2021-2027, and of the national one of the Social Fund: a workbook with the twenty-three columns of the French list.

use super::decimal;
use crate::demo::Region;
use crate::demo::appearance::signed_on;
use crate::demo::defect::Defect;
use crate::demo::organisations::Funder;
use crate::demo::system::System;
use crate::demo::truth::{Appearance, Project};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

/// The twenty-three columns.
pub const COLUMNS: [&str; 23] = [
    "Numéro Opération",
    "NUMCCI",
    "Libellé Programme",
    "Intitulé du projet",
    "Objectifs et réalisations escomptés et effectifs",
    "Nom du bénéficiaire",
    "Code postal du bénéficiaire",
    "Date de début",
    "Date de fin de l'opération",
    "Code postal de l'opération",
    "Zone",
    "Département de l'opération",
    "Région de l'opération",
    "Pays",
    "Type d'intervention",
    "Fonds",
    "Objectif spécifique",
    "Objectif spécifique (Code et libellé)",
    "Objectif stratégique",
    "Total des dépenses éligibles",
    "Taux de cofinancement",
    "Montant UE",
    "Date première convention",
];
/// Number of the regional programme, as published.
const CCI: &str = "2021FR16FFPR010";
const REGIONAL: &str = "Programme régional Hauts-de-France FEDER-FSE+-FTJ 2021-2027";
const NATIONAL: &str = "Programme national FSE+ Emploi Inclusion Jeunesse Compétences";
/// The creation date written in the workbook: fixed, so that the same region gives the same bytes.
const CREATED: (u16, u8, u8) = (2026, 1, 1);

/// The workbook of one programme.
///
/// # Errors
/// What the writer of workbooks refuses: a sheet of more than a million rows.
pub fn file(region: &Region, system: System) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(CREATED.0, CREATED.1, CREATED.2)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = workbook.add_worksheet();
    sheet.set_name("Liste des opérations")?;
    for (column, name) in (0u16..).zip(COLUMNS) {
        sheet.write_string(0, column, name)?;
    }
    let day = Format::new().set_num_format("dd/mm/yyyy");
    for (row, (project, appearance)) in (1u32..).zip(region.records(system)) {
        write_row(sheet, row, (region, project, appearance), &day)?;
    }
    workbook.save_to_buffer()
}

fn write_row(
    sheet: &mut Worksheet,
    row: u32,
    (region, project, appearance): (&Region, &Project, &Appearance),
    day: &Format,
) -> Result<(), XlsxError> {
    let geography = &region.geography;
    let commune = &geography.communes[project.commune];
    let (own, _) = project.told(appearance).next().expect("the list holds the sums of the Union");
    let social = own.funder == Funder::FsePlus;
    let texts = [
        (0, appearance.number.as_str()),
        (1, if social { "" } else { CCI }),
        (2, if social { NATIONAL } else { REGIONAL }),
        (3, appearance.title.as_str()),
        (4, project.action),
        (5, project.holder.name.as_str()),
        (6, commune.postcode),
        (9, commune.postcode),
        (10, "Région en transition"),
        (11, geography.departements[commune.departement].name),
        (12, "Hauts-de-France"),
        (13, "France"),
        (14, if social { "134" } else { "041" }),
        (15, if social { "FSE+" } else { "FEDER" }),
        (16, if social { "4.1" } else { "5.1" }),
        (17, if social { "OS 4.1 Accès à l'emploi" } else { "OS 5.1 Développement urbain intégré" }),
        (18, if social { "Une Europe plus sociale" } else { "Une Europe plus proche des citoyens" }),
    ];
    for (column, text) in texts {
        sheet.write_string(row, column, text)?;
    }
    for (column, date) in
        [(7, project.starts_on.to_string()), (8, project.ends_on.to_string()), (22, signed_on(project))]
    {
        sheet.write_datetime_with_format(row, column, ExcelDateTime::parse_from_str(&date)?, day)?;
    }
    let total = project.budget.get();
    sheet.write_number(row, 19, decimal(project.budget))?;
    sheet.write_string(row, 20, format!("{} %", own.amount.get() * 100 / total.max(1)))?;
    if appearance.has(Defect::UnreadableAmount) {
        sheet.write_string(row, 21, "à déterminer")?;
    } else {
        sheet.write_number(row, 21, decimal(own.amount))?;
    }
    Ok(())
}
