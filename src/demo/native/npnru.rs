//! Urban renewal grants of the Région: a database, one row an operation and one row a sum.

use super::{last_day, quartiers, stage_word};
use crate::demo::Region;
use crate::demo::system::System;
use crate::demo::truth::{Appearance, Project};

/// Rows inserted by one statement.
const ROWS_PER_INSERT: usize = 200;

/// The tables of the database.
pub const TABLES: &str = "\
CREATE TABLE operation (code TEXT PRIMARY KEY, convention TEXT NOT NULL, libelle TEXT NOT NULL, maitre_ouvrage TEXT, \
siret_mo TEXT, code_insee TEXT, qpv TEXT, contrat TEXT, objectif TEXT, exercice INTEGER, etat TEXT, cout_ht_centimes INTEGER, \
debut TEXT, fin TEXT, numero_synergie TEXT, dossier_dotation TEXT);
CREATE TABLE financement (operation TEXT NOT NULL REFERENCES operation (code), financeur TEXT NOT NULL, siren TEXT, nom TEXT, \
centimes INTEGER, PRIMARY KEY (operation, financeur));";

/// The statements that fill the tables, in order.
pub fn inserts(region: &Region) -> Vec<String> {
    let mut operations = Vec::new();
    let mut sums = Vec::new();
    for (project, appearance) in region.records(System::Npnru) {
        operations.push(operation(region, project, appearance));
        sums.extend(funding(region, project, appearance));
    }
    let grouped = |table: &'static str, rows: Vec<String>| {
        let chunks: Vec<String> = rows
            .chunks(ROWS_PER_INSERT)
            .map(|rows| format!("INSERT INTO {table} VALUES {};", rows.join(", ")))
            .collect();
        chunks
    };
    let mut all = grouped("operation", operations);
    all.extend(grouped("financement", sums));
    all
}

fn operation(region: &Region, project: &Project, appearance: &Appearance) -> String {
    let geography = &region.geography;
    let (own, _) = project.told(appearance).next().expect("the Région funds its operations");
    let held = |system, shared: bool| shared && project.appearance(system).is_some();
    let synergie = held(System::Feder, project.numbers.shared[2]).then_some(project.numbers.synergie.as_str());
    let dotation = held(System::Dotations, project.numbers.shared[3]).then_some(project.numbers.dotation.as_str());
    let texts = [
        quoted(&appearance.number),
        quoted(&project.numbers.convention),
        quoted(&appearance.title),
        quoted(&project.holder.name),
        quoted(&appearance.beneficiary(project)),
        quoted(geography.communes[project.commune].insee),
        quoted(&quartiers(region, project, appearance).join("|")),
        quoted(geography.contrats[project.contrat].code),
        quoted(project.objective.as_str()),
        project.year.to_string(),
        quoted(stage_word(own.stage)),
        project.budget.get().to_string(),
        quoted(&project.starts_on.to_string()),
        quoted(&last_day(project, appearance)),
        synergie.map_or("NULL".to_owned(), quoted),
        dotation.map_or("NULL".to_owned(), quoted),
    ];
    format!("({})", texts.join(", "))
}

fn funding(region: &Region, project: &Project, appearance: &Appearance) -> Vec<String> {
    let rows = project.told(appearance).map(|(one, amount)| {
        let siren = one.funder.siren(&region.geography, &project.holder);
        format!(
            "({}, {}, {}, {}, {})",
            quoted(&appearance.number),
            quoted(one.funder.word()),
            siren.map_or("NULL".to_owned(), |siren| quoted(&siren)),
            quoted(&one.funder.name(&region.geography, &project.holder)),
            amount.map_or("NULL".to_owned(), |amount| amount.get().to_string())
        )
    });
    rows.collect()
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
