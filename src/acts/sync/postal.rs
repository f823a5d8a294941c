//! Postal codes in a column of INSEE codes: each reads as the code of another commune, and the sums would lie there. One code
//! tells nothing; a list does: three in four postal codes of towns end in a zero, one INSEE code in ten. Pure.

use crate::domain::Instant;
use crate::domain::facts::Facts;
use crate::domain::message::Message;
use crate::domain::place::CommuneCode;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::text::SourceId;
use std::collections::BTreeSet;

/// Fewer different codes than this tell nothing.
const CODES_MIN: usize = 10;
/// Codes that are kept apart: those of all communes of a département, and more.
const CODES_MAX: usize = 2_000;
/// Per cent of the codes that end in a zero, from which they are no INSEE codes.
const ZEROS_PERCENT: usize = 60;

/// The codes of communes met in one read.
#[derive(Debug, Default)]
pub struct Communes(BTreeSet<CommuneCode>);

impl Communes {
    /// Takes a record's own communes into account.
    pub fn meet(&mut self, facts: &Facts) {
        let codes = facts.project.iter().flat_map(|project| &project.places.communes);
        for code in codes {
            if self.0.len() < CODES_MAX && !self.0.contains(code) {
                self.0.insert(code.clone());
            }
        }
    }

    /// What holds the run, where the codes look like postal codes.
    pub fn finding(&self, source: &SourceId, at: Instant) -> Option<SourceFinding> {
        let (codes, zeros) = (self.0.len(), self.0.iter().filter(|code| code.as_str().ends_with('0')).count());
        if codes < CODES_MIN || zeros * 100 < codes * ZEROS_PERCENT {
            return None;
        }
        let example: Vec<&str> = self.0.iter().take(3).map(CommuneCode::as_str).collect();
        Some(SourceFinding {
            kind: SourceFindingKind::CodesUnlikely,
            field: None,
            about: Some(source.as_str().to_owned()),
            since: at,
            example: Some(example.join(", ")),
            message: Message::new(
                format!(
                    "{zeros} des {codes} codes de communes se terminent par un zéro : ce sont sans doute des codes postaux, \
                     qui désignent d'autres communes que les codes INSEE ; rien n'est appliqué"
                ),
                format!(
                    "{zeros} of the {codes} codes of communes end in a zero: they are postal codes, it seems, which name other \
                     communes than INSEE codes do; nothing is applied"
                ),
            ),
            was: None,
            held: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(codes: &[&str]) -> bool {
        let communes = Communes(codes.iter().map(|code| CommuneCode::parse(code).unwrap()).collect());
        communes.finding(&SourceId::parse("nqe").unwrap(), Instant::UNIX_EPOCH).is_some_and(|one| one.held)
    }

    #[test]
    fn postal_codes_of_towns_are_not_taken_for_insee_codes() {
        let towns = ["59100", "59200", "59150", "59170", "59120", "59140", "62300", "62800", "02100", "60100"];
        assert!(told(&towns));
        let same = ["59512", "59599", "59650", "59163", "59360", "59183", "62498", "62510", "02691", "60175"];
        assert!(!told(&same), "the INSEE codes of the same towns");
        assert!(!told(&towns[..9]), "too few to tell");
    }
}
