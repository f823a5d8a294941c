//! The native forms: how each system writes the same projects down, in its own format and its own words.

pub mod anru;
mod dauphin;
pub mod demarche;
pub mod dotations;
pub mod droit_commun;
pub mod enveloppes;
pub mod feder;
mod ftu;
pub mod irev;
pub mod keep;
pub mod npnru;
mod nqe;
pub mod partner;
mod pic;
mod postes;
mod programmation;
pub mod references;
pub mod union;

use super::Region;
use super::defect::Defect;
use super::programme::Programme;
use super::system::System;
use super::truth::{Appearance, Project};
use crate::domain::money::Cents;
use crate::domain::vocabulary::Stage;
use serde_json::{Number, Value};

/// A last day that no project has.
const FAR_DAY: &str = "2199-12-31";

/// The records of a system that answers in JSON with their numbers, in its order; a duplicate stands twice. Empty
/// for the others.
pub fn json_records(region: &Region, system: System) -> Vec<(String, Value)> {
    let form: fn(&Region, &Project, &Appearance) -> Value = match system {
        System::Nqe => nqe::record,
        System::Pic => pic::record,
        System::Ftu => ftu::record,
        System::Programmation => programmation::record,
        System::Postes => postes::record,
        System::Dauphin => dauphin::record,
        System::DroitCommunOds => droit_commun::record,
        System::Union(Programme::Eui) => union::eui,
        _ => return Vec::new(),
    };
    listed(region, system, form)
}

/// The records of a system with their numbers, each as `form` writes it; a duplicate stands twice.
fn listed<T: Clone>(
    region: &Region,
    system: System,
    form: impl Fn(&Region, &Project, &Appearance) -> T,
) -> Vec<(String, T)> {
    let mut list = Vec::new();
    for (project, appearance) in region.records(system) {
        let record = form(region, project, appearance);
        if appearance.has(Defect::DuplicateKey) {
            list.push((appearance.number.clone(), record.clone()));
        }
        list.push((appearance.number.clone(), record));
    }
    list
}

/// Euros with two decimals and a point.
fn euros(amount: Cents) -> String {
    amount.to_string()
}

/// Euros as a JSON number: `1234.5`. An amount of the region has few enough digits to be written exactly.
fn number(amount: Cents) -> Value {
    Number::from_f64(decimal(amount)).map_or(Value::Null, Value::Number)
}

/// Euros as the only kind of number that a workbook has.
fn decimal(amount: Cents) -> f64 {
    amount.to_string().parse().expect("an amount is written in digits")
}

/// Euros as people write them in French: `12 345,67 €`, with the narrow space that does not break.
fn french(amount: Cents) -> String {
    let text = amount.to_string();
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let mut grouped = String::new();
    for (rank, digit) in whole.chars().enumerate() {
        if rank > 0 && (whole.len() - rank).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    format!("{grouped},{cents} €")
}

/// A table of text, its header first.
fn table<const N: usize>(header: [&str; N], delimiter: u8, rows: impl Iterator<Item = [String; N]>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    writer.write_record(header).expect("memory takes every row");
    for row in rows {
        writer.write_record(&row).expect("memory takes every row of the same width");
    }
    writer.into_inner().expect("memory is always flushed")
}

/// The codes of the project's quartiers, none where the record forgets them.
fn quartiers(region: &Region, project: &Project, appearance: &Appearance) -> Vec<String> {
    if appearance.has(Defect::MissingQuartier) {
        return Vec::new();
    }
    project.quartiers.iter().map(|rank| region.geography.quartiers[*rank].code.clone()).collect()
}

/// The last day as the record writes it.
fn last_day(project: &Project, appearance: &Appearance) -> String {
    if appearance.has(Defect::FarDate) { FAR_DAY.to_owned() } else { project.ends_on.to_string() }
}

/// The number of the edition that this one renews, in the same system.
fn renewed(region: &Region, project: &Project, system: System) -> Option<String> {
    let earlier = &region.projects[project.renews?];
    Some(earlier.appearance(system)?.number.clone())
}

/// The word of the simulated systems for a stage.
const fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Envisage => "ENVISAGE",
        Stage::Sollicite => "DEMANDE",
        Stage::Propose => "RETENU",
        Stage::Attribue => "VOTE",
        Stage::Engage => "CONVENTIONNE",
        Stage::Verse => "PAYE",
        Stage::Solde => "SOLDE",
        Stage::Refuse => "REFUSE",
        Stage::Abandonne => "ABANDONNE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_in_three_ways() {
        let amount = Cents::new(123_456_789);
        assert_eq!(euros(amount), "1234567.89");
        assert_eq!(number(amount).to_string(), "1234567.89");
        assert_eq!(french(amount), "1\u{202f}234\u{202f}567,89 €");
        assert_eq!(french(Cents::new(90_000)), "900,00 €");
        assert_eq!(number(Cents::new(90_000)).to_string(), "900.0");
    }
}
