//! Cooperation across borders in the manner of keep.eu: projects, and their partners with the budget of each. In a
//! workbook of two sheets, or in two files for the programme that also has micro-projects.

use super::union::{comma, nuts, share, vat};
use super::{decimal, table};
use crate::demo::Region;
use crate::demo::appearance::signed_on;
use crate::demo::organisations::Funder;
use crate::demo::programme::Programme;
use crate::demo::system::System;
use crate::demo::truth::{Appearance, Project};
use crate::domain::money::Cents;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

const PROJECTS: [&str; 7] =
    ["Project ID", "Project name", "Status", "Approval date", "Start date", "End date", "Total budget"];
const PARTNERS: [&str; 8] =
    ["Project ID", "Partner number", "Partner name", "Role", "NUTS 3", "VAT number", "EU funding", "Own contribution"];
/// Columns of the projects where micro-projects stand among them.
const WITH_MICRO: [&str; 13] = [
    "Project ID",
    "Project name",
    "Status",
    "Approval date",
    "Start date",
    "End date",
    "Total budget",
    "Type",
    "Holder",
    "Holder NUTS 3",
    "Holder VAT number",
    "EU funding",
    "Own contribution",
];

/// The workbook of one programme.
///
/// # Errors
/// What the writer of workbooks refuses: a sheet of more than a million rows.
pub fn workbook(region: &Region, programme: Programme) -> Result<Vec<u8>, XlsxError> {
    let records: Vec<_> = region.records(System::Union(programme)).collect();
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2026, 1, 1)?));
    let sheet = workbook.add_worksheet();
    sheet.set_name("Search results, projects")?;
    write(sheet, 0, &PROJECTS.map(str::to_owned))?;
    for (row, (project, appearance)) in (1u32..).zip(&records) {
        write(sheet, row, &head(project, appearance))?;
        sheet.write_number(row, 6, decimal(project.budget))?;
    }
    let sheet = workbook.add_worksheet();
    sheet.set_name("Search results, partners")?;
    write(sheet, 0, &PARTNERS.map(str::to_owned))?;
    for (row, (project, appearance)) in (1u32..).zip(&records) {
        write(sheet, row, &partner(region, project, appearance))?;
        sheet.write_number(row, 6, decimal(share(project, appearance)))?;
        if let Some(own) = own(project, appearance) {
            sheet.write_number(row, 7, decimal(own))?;
        }
    }
    workbook.save_to_buffer()
}

/// The projects of the programme that also has micro-projects.
pub fn projects(region: &Region) -> Vec<u8> {
    let rows = region.records(System::Union(Programme::InterregFwvl)).map(|(project, appearance)| {
        let [id, name, status, approved, start, end] = head(project, appearance);
        let micro = project.is_micro();
        let of_micro = |text: String| if micro { text } else { String::new() };
        [
            id,
            name,
            status,
            approved,
            start,
            end,
            comma(project.budget),
            if micro { "Micro-projet" } else { "Projet" }.to_owned(),
            of_micro(project.holder.name.clone()),
            of_micro(nuts(region, project).to_owned()),
            of_micro(vat(project)),
            of_micro(comma(share(project, appearance))),
            String::new(),
        ]
    });
    table(WITH_MICRO, b';', rows)
}

/// Their partners; a micro-project has none.
pub fn partners(region: &Region) -> Vec<u8> {
    let records = region.records(System::Union(Programme::InterregFwvl)).filter(|(project, _)| !project.is_micro());
    let rows = records.map(|(project, appearance)| {
        let [id, rank, name, role, nuts, vat] = partner(region, project, appearance);
        let own = own(project, appearance).map(comma).unwrap_or_default();
        [id, rank, name, role, nuts, vat, comma(share(project, appearance)), own]
    });
    table(PARTNERS, b';', rows)
}

fn head(project: &Project, appearance: &Appearance) -> [String; 6] {
    [
        appearance.number.clone(),
        appearance.title.clone(),
        "Ongoing".to_owned(),
        signed_on(project),
        project.starts_on.to_string(),
        project.ends_on.to_string(),
    ]
}

fn partner(region: &Region, project: &Project, appearance: &Appearance) -> [String; 6] {
    [
        appearance.number.clone(),
        "1".to_owned(),
        project.holder.name.clone(),
        "Lead partner".to_owned(),
        nuts(region, project).to_owned(),
        vat(project),
    ]
}

/// What the holder brings itself.
fn own(project: &Project, appearance: &Appearance) -> Option<Cents> {
    project.told(appearance).find(|(one, _)| one.funder == Funder::Holder).and_then(|(_, amount)| amount)
}

fn write(sheet: &mut Worksheet, row: u32, cells: &[String]) -> Result<(), XlsxError> {
    for (column, cell) in (0u16..).zip(cells) {
        sheet.write_string(row, column, cell)?;
    }
    Ok(())
}
