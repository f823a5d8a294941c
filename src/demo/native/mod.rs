//! The native forms: how each system writes the same projects down, in its own format and its own words.

mod dauphin;
pub mod dotations;
pub mod droit_commun;
pub mod feder;
mod ftu;
pub mod npnru;
mod nqe;
mod pic;
mod postes;
mod programmation;
pub mod references;

use super::Region;
use super::defect::Defect;
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
        System::Npnru | System::DroitCommun | System::Feder | System::Dotations => return Vec::new(),
    };
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
    let text = amount.to_string();
    let float: f64 = text.parse().expect("an amount is written in digits");
    Number::from_f64(float).map_or(Value::Null, Value::Number)
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
