//! Operations of the NPNRU: the table of a convention, two lines of title above its header, euros excluding taxes.

use super::{decimal, quartiers};
use crate::demo::Region;
use crate::demo::organisations::Funder;
use crate::demo::system::System;
use crate::demo::truth::{Appearance, Project};
use crate::domain::vocabulary::{Nature, Stage};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

/// The columns of the table.
pub const COLUMNS: [&str; 20] = [
    "N° opération",
    "N° de cofinancement",
    "Intitulé de l'opération",
    "Famille",
    "Maître d'ouvrage",
    "SIRET du maître d'ouvrage",
    "Code INSEE",
    "QPV",
    "Section",
    "Année",
    "Début",
    "Fin",
    "État",
    "Subvention ANRU",
    "Prêt Action Logement",
    "Région",
    "EPCI",
    "SIREN EPCI",
    "Commune",
    "SIREN commune",
];
/// Row of the header, from 0.
pub const HEADER_ROW: u32 = 2;

/// The workbook.
///
/// # Errors
/// What the writer of workbooks refuses: a sheet of more than a million rows.
pub fn file(region: &Region) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2026, 1, 1)?));
    let sheet = workbook.add_worksheet();
    sheet.set_name("Opérations")?;
    sheet.write_string(0, 0, "Conventions pluriannuelles de renouvellement urbain")?;
    sheet.write_string(1, 0, "Tableau des opérations, en euros hors taxes")?;
    for (column, name) in (0u16..).zip(COLUMNS) {
        sheet.write_string(HEADER_ROW, column, name)?;
    }
    let mut row = HEADER_ROW + 1;
    for (project, appearance) in region.records(System::Anru) {
        write_row(sheet, row, (region, project, appearance))?;
        row += 1;
    }
    sheet.write_string(row, 0, "Total")?;
    workbook.save_to_buffer()
}

fn write_row(
    sheet: &mut Worksheet,
    row: u32,
    (region, project, appearance): (&Region, &Project, &Appearance),
) -> Result<(), XlsxError> {
    let (first, _) = project.told(appearance).next().expect("an operation has funders");
    let shared = if project.numbers.shared[1] { project.numbers.convention.as_str() } else { "" };
    let section = if first.nature == Nature::Investissement { "Investissement" } else { "Fonctionnement" };
    let texts = [
        (0, appearance.number.clone()),
        (1, shared.to_owned()),
        (2, appearance.title.clone()),
        (3, "Aménagement d'ensemble".to_owned()),
        (4, project.holder.name.clone()),
        (5, project.holder.siret_text().to_owned()),
        (6, region.geography.communes[project.commune].insee.to_owned()),
        (7, quartiers(region, project, appearance).join("|")),
        (8, section.to_owned()),
        (9, project.year.to_string()),
        (10, project.starts_on.to_string()),
        (11, project.ends_on.to_string()),
        (12, state(first.stage).to_owned()),
    ];
    for (column, text) in texts {
        sheet.write_string(row, column, text)?;
    }
    for (one, amount) in project.told(appearance) {
        let column = match one.funder {
            Funder::Anru => 13,
            Funder::ActionLogement => 14,
            Funder::Region => 15,
            Funder::Epci(_) => 16,
            _ => 18,
        };
        if let Some(amount) = amount {
            sheet.write_number(row, column, decimal(amount))?;
        }
        if let (16 | 18, Some(siren)) = (column, one.funder.siren(&region.geography, &project.holder)) {
            sheet.write_string(row, column + 1, siren)?;
        }
    }
    Ok(())
}

const fn state(stage: Stage) -> &'static str {
    match stage {
        Stage::Envisage | Stage::Sollicite => "Demandée",
        Stage::Propose => "Programmée",
        Stage::Attribue => "Validée",
        Stage::Engage => "Engagée",
        Stage::Verse => "Payée",
        Stage::Solde => "Soldée",
        Stage::Refuse => "Refusée",
        Stage::Abandonne => "Abandonnée",
    }
}
