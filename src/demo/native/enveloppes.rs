//! Target envelopes of the Région and transfers between them, as its accounts would export them: invented, by a chance of their
//! own, so that no other record of a seed changes with them.

use super::references::table;
use crate::demo::Region;
use crate::demo::chance::Chance;

/// Separates the chance of envelopes from that of projects.
const ENVELOPES: u64 = 0x5eed_0000_0000_e417;
/// Exercices.
const YEARS: [u16; 3] = [2024, 2025, 2026];
/// Dispositif, section, least and greatest target in euros.
const LINES: [(&str, &str, i64, i64); 5] = [
    ("FTU", "I", 20_000, 600_000),
    ("PIC", "F", 2_000, 40_000),
    ("NQE", "F", 2_000, 60_000),
    ("PROGRAMMATION", "F", 10_000, 300_000),
    ("PROGRAMMATION", "I", 10_000, 200_000),
];

/// Both tables: name of the file, and its text.
pub fn files(region: &Region) -> Vec<(&'static str, String)> {
    let (mut envelopes, mut transfers) = (Vec::new(), Vec::new());
    for (rank, epci) in region.geography.epcis.iter().enumerate() {
        let mut chance = Chance::new(region.seed ^ ENVELOPES, rank as u64);
        let mut enter = |code: String, (from, until): (u16, &str), line: (&str, &str), amount: i64, group: String| {
            let year = from.to_string();
            let [dispositif, section] = [line.0, line.1].map(str::to_owned);
            envelopes.push([
                code,
                year,
                until.to_owned(),
                epci.siren.to_owned(),
                dispositif,
                section,
                french(amount),
                group,
            ]);
        };
        let total = chance.euros(200_000, 6_000_000);
        enter(format!("ENV-{}-NPNRU", epci.siren), (2024, "2026"), ("NPNRU-REGION", "I"), total, String::new());
        for year in YEARS {
            let codes =
                LINES.map(|(dispositif, section, ..)| format!("ENV-{}-{year}-{dispositif}-{section}", epci.siren));
            let targets = LINES.map(|(_, _, least, most)| chance.euros(least, most));
            for ((code, target), (dispositif, section, ..)) in codes.iter().zip(targets).zip(LINES) {
                enter(code.clone(), (year, ""), (dispositif, section), target, format!("QUARTIERS-{year}-{section}"));
            }
            if chance.percent(20) {
                // From PIC to NQE, in the same section. One in ten gives more than it has.
                let amount = if chance.percent(10) { targets[1] + 1 } else { targets[1] / 4 };
                let number = (transfers.len() + 1).to_string();
                let [from, to] = [codes[1].clone(), codes[2].clone()];
                let reference = format!("{year}-CP-{:03}", chance.below(900) + 100);
                transfers.push([number, from, to, french(amount), format!("15/06/{year}"), reference]);
            }
        }
    }
    let columns =
        ["code", "exercice", "jusqu_a", "siren_epci", "dispositif", "section", "montant_cible", "groupe_fongible"];
    let of_transfers = ["numero", "de", "vers", "montant", "date_deliberation", "deliberation"];
    vec![
        ("enveloppes.csv", table((b';', columns), envelopes.into_iter())),
        ("enveloppes-transferts.csv", table((b';', of_transfers), transfers.into_iter())),
    ]
}

/// Whole euros as a French export writes them: digits by three.
fn french(euros: i64) -> String {
    let mut rest = euros;
    let mut groups = Vec::new();
    while rest >= 1_000 {
        groups.push(format!("{:03}", rest % 1_000));
        rest /= 1_000;
    }
    groups.push(rest.to_string());
    groups.reverse();
    format!("{},00", groups.join(" "))
}
