//! What became of the columns of a source since the records that the ledger holds: told on the run, and a reason to hold
//! it where the map cannot do without what vanished. Pure.

use crate::connector::node::Node;
use crate::domain::message::Message;
use crate::domain::text::compact;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Columns that are watched at most.
const COLUMNS_MAX: usize = 2_000;
/// Columns that a message names at most.
const NAMED_MAX: usize = 5;
/// Kinds of values, one bit each, with their words.
const KINDS: [(u8, &str, &str); 5] = [
    (1, "nombre", "number"),
    (2, "texte", "text"),
    (4, "oui ou non", "yes or no"),
    (8, "liste", "list"),
    (16, "objet", "object"),
];

/// The columns of some records: in how many each stood, and what it held.
#[derive(Debug, Default)]
pub struct Columns {
    records: u64,
    columns: Vec<Column>,
    places: HashMap<Arc<str>, usize>,
}

#[derive(Debug)]
struct Column {
    name: Arc<str>,
    times: u64,
    kinds: u8,
}

/// What the comparison found.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Drift {
    /// Columns that vanished, appeared or changed their type.
    pub told: Option<Message>,
    /// Something that the map needs vanished.
    pub hold: Option<Message>,
}

impl Columns {
    /// The columns of stored records.
    pub fn of(raws: &[String]) -> Self {
        let mut columns = Columns::default();
        raws.iter().filter_map(|raw| Node::parse_json(raw).ok()).for_each(|node| columns.meet(&node));
        columns
    }

    /// Takes one record into account. It is asked of every record: those of one table share their names.
    pub fn meet(&mut self, record: &Node) {
        let Node::Object(entries) = record else { return };
        self.records += 1;
        for (position, (name, value)) in entries.iter().enumerate() {
            let known = self.columns.get(position).is_some_and(|column| Arc::ptr_eq(&column.name, name));
            let place = if known { Some(position) } else { self.place(name) };
            if let Some(place) = place {
                let column = &mut self.columns[place];
                column.times += 1;
                column.kinds |= kind(value);
            }
        }
    }

    fn place(&mut self, name: &Arc<str>) -> Option<usize> {
        if let Some(place) = self.places.get(name) {
            return Some(*place);
        }
        if self.columns.len() == COLUMNS_MAX {
            return None;
        }
        self.columns.push(Column { name: Arc::clone(name), times: 0, kinds: 0 });
        self.places.insert(Arc::clone(name), self.columns.len() - 1);
        Some(self.columns.len() - 1)
    }

    fn get(&self, name: &str) -> Option<&Column> {
        self.places.get(name).map(|place| &self.columns[*place])
    }

    /// Those that stood in every record.
    fn everywhere(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.times == self.records)
    }
}

/// Compares what was just read with what the ledger holds. `needed`: what the map cannot do without, each with the
/// fields in which it may stand. `sealed`: fields whose stored form is not the one that was read.
pub fn compare(before: &Columns, now: &Columns, (needed, sealed): (&[Vec<String>], &[Box<str>])) -> Drift {
    if before.records == 0 || now.records == 0 {
        return Drift::default();
    }
    let vanished: Vec<&str> =
        before.everywhere().filter(|column| now.get(&column.name).is_none()).map(|column| &*column.name).collect();
    let appeared: Vec<&str> = now
        .columns
        .iter()
        .filter(|column| before.get(&column.name).is_none() && column.times * 2 >= now.records)
        .map(|column| &*column.name)
        .collect();
    let is_sealed = |name: &str| sealed.iter().any(|path| path.split('.').next() == Some(name));
    let changed = before.columns.iter().filter_map(|column| {
        let later = now.get(&column.name)?;
        let (was, is) = (word(column.kinds)?, word(later.kinds)?);
        (was != is && !is_sealed(&column.name)).then(|| (&*column.name, was, is))
    });
    let (mut fr, mut en) = (Vec::new(), Vec::new());
    if !vanished.is_empty() {
        fr.push(format!("colonnes disparues : {}", listed(&vanished)));
        en.push(format!("columns that vanished: {}", listed(&vanished)));
    }
    if !appeared.is_empty() {
        fr.push(format!("colonnes apparues : {}", listed(&appeared)));
        en.push(format!("columns that appeared: {}", listed(&appeared)));
    }
    for (name, was, is) in changed.take(NAMED_MAX) {
        fr.push(format!("« {name} » était {} et devient {}", was.0, is.0));
        en.push(format!("« {name} » was {} and is now {}", was.1, is.1));
    }
    let told = (!fr.is_empty()).then(|| {
        Message::new(
            format!("la forme de la source a changé ; {}", fr.join(" ; ")),
            format!("the form of the source has changed; {}", en.join("; ")),
        )
    });
    Drift { told, hold: lost(&vanished, now, needed) }
}

/// A need that a vanished column met and that no column meets any more.
fn lost(vanished: &[&str], now: &Columns, needed: &[Vec<String>]) -> Option<Message> {
    // A dotted field stands in the column that it begins with; spellings of one header are one column.
    let names = |field: &String| [compact(field), compact(field.split('.').next().unwrap_or_default())];
    let there: HashSet<String> = now.columns.iter().map(|column| compact(&column.name)).collect();
    let gone: HashSet<String> = vanished.iter().map(|name| compact(name)).collect();
    let unmet = needed.iter().find(|fields| {
        let any = |set: &HashSet<String>| fields.iter().flat_map(names).any(|name| set.contains(&name));
        any(&gone) && !any(&there)
    })?;
    let fields = listed(&unmet.iter().map(String::as_str).collect::<Vec<_>>());
    Some(Message::new(
        format!(
            "la colonne nécessaire a disparu de la source ({fields}) : rien n'est appliqué ; voyez son propriétaire, ou le manifeste"
        ),
        format!(
            "the column that the map needs vanished from the source ({fields}): nothing is applied; see its owner, or the manifest"
        ),
    ))
}

fn kind(value: &Node) -> u8 {
    match value {
        _ if value.is_blank() => 0,
        Node::Null => 0,
        Node::Number(_) => 1,
        Node::Text(_) => 2,
        Node::Bool(_) => 4,
        Node::List(_) => 8,
        Node::Object(_) => 16,
    }
}

/// The one kind that a column holds; nothing for an empty or a mixed one.
fn word(kinds: u8) -> Option<(&'static str, &'static str)> {
    KINDS.iter().find(|(bit, ..)| *bit == kinds).map(|(_, fr, en)| (*fr, *en))
}

fn listed(names: &[&str]) -> String {
    let more = if names.len() > NAMED_MAX { "…" } else { "" };
    names.iter().take(NAMED_MAX).map(|name| format!("« {name} »")).collect::<Vec<_>>().join(", ") + more
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(records: &[&str]) -> Columns {
        Columns::of(&records.iter().map(|record| (*record).to_owned()).collect::<Vec<_>>())
    }

    fn drift(before: &[&str], now: &[&str]) -> (String, bool) {
        let needed = [vec!["id".to_owned()], vec!["montant".to_owned(), "montant voté".to_owned()]];
        let found = compare(&columns(before), &columns(now), (&needed, &["nom".into()]));
        (found.told.map(|told| told.en).unwrap_or_default(), found.hold.is_some())
    }

    #[test]
    fn what_vanished_appeared_or_changed_its_type_is_told() {
        let before = [
            r#"{"id": "1", "montant": 5, "annee": 2022, "nom": "x"}"#,
            r#"{"id": "2", "montant": 6, "annee": 2023, "nom": "y", "rare": 1}"#,
        ];
        assert_eq!(drift(&before, &before), (String::new(), false));
        let (told, held) = drift(&before, &[r#"{"id": "1", "montant": 5, "annee": "2022", "nom": 7, "qpv": "x"}"#]);
        assert!(told.contains("appeared: « qpv »") && told.contains("« annee » was number and is now text"), "{told}");
        assert!(!told.contains("rare") && !told.contains("nom") && !held, "{told}");
        assert_eq!(drift(&[], &before), (String::new(), false), "a first load drifts from nothing");
        assert_eq!(drift(&before, &[]), (String::new(), false), "an empty one is held for being empty");
    }

    #[test]
    fn only_a_need_that_nothing_meets_any_more_holds() {
        let before = [r#"{"id": "1", "montant": 5, "objet": "x"}"#];
        assert!(drift(&before, &[r#"{"id": "1", "objet": "x"}"#]).1, "the amount vanished");
        assert!(drift(&before, &[r#"{"montant": 5, "objet": "x"}"#]).1, "the key vanished");
        assert!(!drift(&before, &[r#"{"id": "1", "montant": 5}"#]).1, "the title is not needed");
        assert!(
            !drift(&before, &[r#"{"ID": "1", "Montant voté": 5}"#]).1,
            "another spelling, another column of the rule"
        );
    }
}
