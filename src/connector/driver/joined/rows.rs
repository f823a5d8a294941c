//! The rows of the second table, held until their records come.

use super::super::emitter::cut;
use super::super::error::ReadError;
use super::super::settings::JoinSettings;
use super::super::{BATCH_RECORDS_MAX, Batch, BrokenRecord, HEADER_AGAIN, JOINED_TWICE, RawRecord};
use crate::connector::convert::Raw;
use crate::connector::convert::identifier::key_text;
use crate::connector::node::Node;
use crate::domain::message::Message;
use crate::domain::rejection::Location;
use foldhash::{HashMap, HashSet};
use indexmap::IndexMap;
use rustc_hash::FxHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use tokio::sync::mpsc::Sender;

/// What stands in a record in the place of a row that cannot be read: no row, so that a map tells that one is missing.
const UNREADABLE: &str = "unreadable row";
/// Records held back at most, of which rows spell the key otherwise.
const WAITING_MAX: usize = 10_000;

/// The rows of the second table, by the key of their record, in their order.
pub(super) struct Rows {
    name: Arc<str>,
    groups: IndexMap<Box<str>, Group>,
    /// Which groups have keys that differ by their spelling alone.
    spellings: HashMap<Box<str>, Vec<usize>>,
    /// Records of which rows spell the key otherwise: whether these name another record is known once all have come.
    waiting: Vec<RawRecord>,
    /// Unreadable rows, by each key that may be theirs.
    doubtful: HashMap<Box<str>, Vec<usize>>,
    /// Of each unreadable row, whether some record took it into account.
    claimed: Vec<bool>,
    /// Rows that name no record.
    nameless: u64,
    /// Rows that came again, identical.
    twice: u64,
}

#[derive(Default)]
struct Group {
    rows: Vec<(Node, Location)>,
    /// Digests of the rows: most rows are found to be new without being compared.
    met: HashSet<u64>,
    attached: bool,
    /// The key, as it writes it, of a record that takes the rows into account as unreadable: they spell that key otherwise.
    meant: Option<Box<str>>,
}

impl Group {
    /// Where an identical row was read before.
    fn twin(&self, digest: u64, row: &Node) -> Option<&Location> {
        let met = self.met.contains(&digest);
        met.then(|| self.rows.iter().find(|(known, _)| known == row)).flatten().map(|(_, location)| location)
    }
}

impl Rows {
    pub(super) fn new(join: &JoinSettings) -> Self {
        Rows {
            name: join.name.as_str().into(),
            groups: IndexMap::new(),
            spellings: HashMap::default(),
            waiting: Vec::new(),
            doubtful: HashMap::default(),
            claimed: Vec::new(),
            nameless: 0,
            twice: 0,
        }
    }

    /// Keeps a row; one that names no record, or came before, comes back.
    pub(super) fn add(&mut self, row: RawRecord, join: &JoinSettings) -> Option<BrokenRecord> {
        let Some(key) = key(&row.node, &join.with) else {
            self.nameless += 1;
            let (name, with) = (&join.name, &join.with);
            let reason = Message::new(
                format!("{name} : la ligne ne dit pas, en « {with} », à quel enregistrement elle appartient"),
                format!("{name}: the row does not say, at « {with} », to which record it belongs"),
            );
            return Some(broken(&row.node, row.location, "joined-key-missing", reason));
        };
        let mut hasher = FxHasher::default();
        row.node.hash(&mut hasher);
        let digest = hasher.finish();
        if !self.groups.contains_key(&key) {
            self.spellings.entry(spelling(&key)).or_default().push(self.groups.len());
        }
        let group = self.groups.entry(key).or_default();
        if let Some(first) = group.twin(digest, &row.node) {
            let name = &join.name;
            let reason = Message::new(
                format!("{name} : la même ligne, à l'identique, est déjà venue à {first} : elle ne compte qu'une fois"),
                format!("{name}: the same row, identical, came before at {first}: it counts once"),
            );
            self.twice += 1;
            return Some(broken(&row.node, row.location, JOINED_TWICE, reason));
        }
        group.met.insert(digest);
        group.rows.push((row.node, row.location));
        None
    }

    /// Notes a row that cannot be read under each key that may be its own.
    pub(super) fn add_unreadable(&mut self, row: &BrokenRecord, join: &JoinSettings) {
        if row.code == HEADER_AGAIN {
            return;
        }
        let rank = self.claimed.len();
        self.claimed.push(false);
        for text in row.cells.iter().flat_map(|cells| cells.may_be(&join.with)) {
            if let Some(key) = key_of(text) {
                let rows = self.doubtful.entry(key).or_default();
                if rows.last() != Some(&rank) {
                    rows.push(rank);
                }
            }
        }
    }

    /// Attaches to each record the rows that name it: an empty list where there are none. A record whose key stands otherwise in some
    /// rows waits.
    pub(super) fn attach(&mut self, records: &mut Vec<RawRecord>, join: &JoinSettings) -> Result<(), ReadError> {
        for mut record in std::mem::take(records) {
            let key = key(&record.node, &join.key);
            if let Some(key) = key.as_deref().filter(|key| self.is_spelled_otherwise(key)) {
                if let Some(group) = self.groups.get_mut(key) {
                    group.attached = true;
                }
                if self.waiting.len() < WAITING_MAX {
                    self.waiting.push(record);
                    continue;
                }
            }
            self.attach_to(&mut record, key)?;
            records.push(record);
        }
        Ok(())
    }

    /// The records that waited, once all of them have come. Rows that spell a key otherwise and name no record to the letter are as
    /// unreadable: whose they are is likely, not certain.
    pub(super) fn waited(&mut self, join: &JoinSettings) -> Result<Vec<RawRecord>, ReadError> {
        let mut records = std::mem::take(&mut self.waiting);
        for record in &mut records {
            let key = key(&record.node, &join.key);
            self.attach_to(record, key)?;
        }
        Ok(records)
    }

    /// Do rows stand under another spelling of the key?
    fn is_spelled_otherwise(&self, key: &str) -> bool {
        let spelled = self.spellings.get(&spelling(key)).map_or(&[][..], Vec::as_slice);
        spelled.iter().any(|rank| self.groups.get_index(*rank).is_some_and(|(other, _)| **other != *key))
    }

    fn attach_to(&mut self, record: &mut RawRecord, key: Option<Box<str>>) -> Result<(), ReadError> {
        let mut rows = Vec::new();
        if let Some(key) = key {
            if let Some(group) = self.groups.get_mut(&key) {
                group.attached = true;
                rows.extend(group.rows.iter().map(|(row, _)| row.clone()));
            }
            for rank in self.doubtful.get(&key).into_iter().flatten() {
                self.claimed[*rank] = true;
                rows.push(Node::text(UNREADABLE));
            }
            for rank in self.spellings.get(&spelling(&key)).into_iter().flatten() {
                if let Some((_, group)) = self.groups.get_index_mut(*rank).filter(|(_, group)| !group.attached) {
                    rows.extend(group.rows.iter().map(|_| Node::text(UNREADABLE)));
                    group.meant.get_or_insert_with(|| key.clone());
                }
            }
        }
        let Node::Object(values) = &mut record.node else { return Ok(()) };
        if values.iter().any(|(name, _)| *name == self.name) {
            let name = &self.name;
            return Err(ReadError::form(
                &record.location.resource,
                format!("la table a déjà une colonne « {name} » : choisissez un autre nom pour as dans [driver.join]"),
                format!("the table has a column « {name} » already: choose another name for as in [driver.join]"),
            ));
        }
        values.push((Arc::clone(&self.name), Node::List(rows)));
        Ok(())
    }

    /// Rows of which nobody knows whose they are, once every record has come.
    pub(super) fn unattached(&self) -> u64 {
        let alone = self.groups.values().filter(|group| !group.attached && group.meant.is_none());
        let unclaimed = self.claimed.iter().filter(|claimed| !**claimed).count();
        self.nameless + (unclaimed + alone.map(|group| group.rows.len()).sum::<usize>()) as u64
    }

    /// What to know of the second table.
    pub(super) fn notes(&self, join: &JoinSettings) -> Vec<Message> {
        let (name, lost, twice) = (&join.name, self.unattached(), self.twice);
        let mut notes = Vec::new();
        if lost > 0 {
            notes.push(Message::new(
                format!("{name} : {lost} ligne(s) dont nul ne sait à quel enregistrement elles appartiennent, ou qui en nomment un qui n'est pas là ; il manque peut-être à l'un d'eux ce qu'elles disent"),
                format!("{name}: {lost} row(s) of which nobody knows to which record they belong, or that name one that is not there; some record may lack what they say"),
            ));
        }
        if twice > 0 {
            notes.push(Message::new(
                format!(
                    "{name} : {twice} ligne(s) sont venues deux fois à l'identique ; chacune ne compte qu'une fois"
                ),
                format!("{name}: {twice} row(s) came twice, identical; each counts once"),
            ));
        }
        notes
    }

    /// Hands on, as broken, the rows whose record does not exist: their sums must not vanish without a word.
    pub(super) async fn give_back(self, join: &JoinSettings, out: &Sender<Batch>) -> Result<(), ReadError> {
        let alone = self.groups.into_iter().filter(|(_, group)| !group.attached);
        let mut batch = Batch::default();
        for (key, group) in alone {
            for (row, location) in group.rows {
                let reason = alone_because(&key, group.meant.as_deref(), join);
                batch.broken.push(broken(&row, location, "joined-row-alone", reason));
                if batch.broken.len() == BATCH_RECORDS_MAX {
                    out.send(std::mem::take(&mut batch)).await.map_err(|_| ReadError::Stopped)?;
                }
            }
        }
        if batch != Batch::default() {
            out.send(batch).await.map_err(|_| ReadError::Stopped)?;
        }
        Ok(())
    }
}

/// Why a row is attached to no record.
fn alone_because(key: &str, meant: Option<&str>, join: &JoinSettings) -> Message {
    let (name, field) = (&join.name, &join.key);
    match meant {
        Some(meant) => Message::new(
            format!(
                "{name} : aucun enregistrement dont « {field} » soit « {key} » ; « {meant} » n'en diffère que par l'écriture, et garde une ligne de montant inconnu"
            ),
            format!(
                "{name}: no record whose « {field} » is « {key} »; « {meant} » differs in its spelling alone, and keeps a line of unknown amount"
            ),
        ),
        None => Message::new(
            format!("{name} : aucun enregistrement dont « {field} » soit « {key} », la ligne reste seule"),
            format!("{name}: no record whose « {field} » is « {key} », the row stands alone"),
        ),
    }
}

fn broken(row: &Node, location: Location, code: &'static str, reason: Message) -> BrokenRecord {
    BrokenRecord { raw: cut(&row.to_json()), location, code, reason, cells: None, legible: None }
}

fn key(node: &Node, field: &str) -> Option<Box<str>> {
    key_of(node.at(field)?.scalar()?)
}

/// The text of a key, as a key of the map is read.
fn key_of(text: &str) -> Option<Box<str>> {
    let text = key_text(Raw::new(text)).ok()?.value;
    Some(text).filter(|key| !key.is_empty()).map(Box::from)
}

/// What keys have in common that differ by case, blanks or leading zeros alone: they may mean one record, or two.
fn spelling(key: &str) -> Box<str> {
    let text: String = key.split_whitespace().flat_map(str::chars).flat_map(char::to_lowercase).collect();
    text.trim_start_matches('0').into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_without_the_decimals_of_a_spreadsheet() {
        let row = Node::parse_json(r#"{"a":" 12.0 ","b":"x.0","c":"","d":7}"#).expect("JSON");
        let text = |field| key(&row, field).map(String::from);
        assert_eq!(
            [text("a"), text("b"), text("c"), text("d")],
            [Some("12".into()), Some("x.0".into()), None, Some("7".into())]
        );
    }
}
