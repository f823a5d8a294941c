//! Whether the map fits what was read of a source of which nothing is known yet: a column that it cannot do without, and
//! that no record has. The wrong sheet, a header one row lower, a file of another form. Pure.

use super::columns::{Columns, WATCHED_DEPTH};
use super::drift::{paths, steps};
use crate::domain::Instant;
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use std::collections::HashSet;

/// The columns of which it is decided what counts, each behind those with which it is needed: of the table that was read, those that
/// it needs.
pub fn deciding(now: &Columns, deciding: Vec<(Vec<String>, Vec<String>)>) -> Vec<Vec<String>> {
    let mut there = HashSet::new();
    paths(&now.top, "", &mut there);
    let is_there = |field: &String| there.contains(&steps(field).collect::<Vec<_>>().join("."));
    let needed = deciding.into_iter().filter(|(with, _)| with.is_empty() || with.iter().any(is_there));
    needed.map(|(_, fields)| fields).collect()
}

/// What is missing among `needed`, each with the fields in which it may stand; every one holds the run.
pub fn misfits(now: &Columns, needed: &[Vec<String>], at: Instant) -> Vec<SourceFinding> {
    if now.top.objects == 0 || now.is_full() {
        return Vec::new();
    }
    let mut there = HashSet::new();
    paths(&now.top, "", &mut there);
    let is_watched = |field: &&String| steps(field).count() <= WATCHED_DEPTH;
    let is_there = |field: &String| there.contains(&steps(field).collect::<Vec<_>>().join("."));
    let missing = needed.iter().filter(|fields| {
        !fields.is_empty() && fields.iter().filter(is_watched).count() == fields.len() && !fields.iter().any(is_there)
    });
    // A column may be needed for several things, and is told once.
    let mut told = HashSet::new();
    missing.filter(|fields| told.insert(fields.first())).map(|fields| finding(fields, at)).collect()
}

fn finding(fields: &[String], at: Instant) -> SourceFinding {
    let names = fields.iter().map(|field| format!("« {field} »")).collect::<Vec<_>>().join(", ");
    SourceFinding {
        kind: SourceFindingKind::ColumnMissing,
        field: fields.first().cloned(),
        about: None,
        since: at,
        example: None,
        message: Message::new(
            format!(
                "aucun enregistrement lu n'a la colonne dont le manifeste ne peut se passer ({names}) : rien n'est appliqué ; voyez la ligne d'en-tête (header-row) et la feuille (sheet), ou le manifeste"
            ),
            format!(
                "no record read has the column that the manifest cannot do without ({names}): nothing is applied; see the header's row (header-row) and the sheet (sheet), or the manifest"
            ),
        ),
        was: None,
        held: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(records: &[&str], needed: &[&[&str]]) -> Vec<String> {
        let columns = Columns::of(&records.iter().map(|record| (*record).to_owned()).collect::<Vec<_>>());
        let needed: Vec<Vec<String>> =
            needed.iter().map(|fields| fields.iter().map(|field| (*field).to_owned()).collect()).collect();
        let found = misfits(&columns, &needed, Instant::UNIX_EPOCH);
        assert!(found.iter().all(|one| one.held));
        found.into_iter().filter_map(|one| one.field).collect()
    }

    #[test]
    fn what_decides_of_a_sum_is_needed_where_the_sum_is_there() {
        let columns = Columns::of(&[r#"{"id": 1, "Montant": 5}"#.to_owned()]);
        let fields = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let all = vec![
            (fields(&["demande"]), fields(&["statut"])),
            (fields(&["voté", "montant"]), fields(&["etat"])),
            (Vec::new(), fields(&["région"])),
        ];
        assert_eq!(deciding(&columns, all), [fields(&["etat"]), fields(&["région"])]);
    }

    #[test]
    fn a_column_is_missing_where_no_record_has_any_of_its_spellings() {
        let records = [r#"{"Numéro": "", "lieu": {"insee": "59350"}}"#, r#"{"lieu": null}"#];
        assert_eq!(missing(&records, &[&["id", "numero"], &["lieu.insee"]]), Vec::<String>::new());
        assert_eq!(missing(&records, &[&["id", "ref"], &["lieu.nom"], &[]]), ["id", "lieu.nom"]);
        assert_eq!(missing(&[], &[&["id"]]), Vec::<String>::new(), "nothing was read");
        assert_eq!(missing(&records, &[&["a.b.c.d.e.f"]]), Vec::<String>::new(), "nobody watches so deep");
    }
}
