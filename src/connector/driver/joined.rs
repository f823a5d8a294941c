//! Two tables read as one: the rows of the second, held in memory, are attached to the records of the first.

use super::emitter::cut;
use super::error::ReadError;
use super::place::{self, as_url};
use super::settings::JoinSettings;
use super::{Ask, BATCH_RECORDS_MAX, Batch, BrokenRecord, Driver, RawRecord, ReadEnd, Reading};
use crate::connector::node::Node;
use crate::domain::message::Message;
use crate::domain::rejection::Location;
use indexmap::IndexMap;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc::{Sender, channel};

/// Batches under way between a table and the joining.
const BATCHES_AHEAD: usize = 2;

/// Reads two tables by two drivers of one kind.
#[derive(Debug, Clone)]
pub struct Joined<D> {
    first: D,
    second: D,
    join: JoinSettings,
}

impl<D> Joined<D> {
    /// The records are those of `first`; the rows of `second` are attached to them.
    pub fn new(first: D, second: D, join: JoinSettings) -> Self {
        Joined { first, second, join }
    }
}

impl<D: Driver + Sync> Driver for Joined<D> {
    async fn records(&self, reading: &Reading<'_>, out: &Sender<Batch>) -> Result<ReadEnd, ReadError> {
        if let Some(named) = reading.place {
            // What a person named is missed under that name, not under that of its neighbour.
            place::place(named)?;
        }
        let place = reading.place.map(|place| beside(place, &self.join.path));
        let beside = Reading { place: place.as_deref(), ..*reading };
        let (mut rows, mut second) = self.gather(&beside, out).await?;
        // Nothing is gained by a first table that is known where the second one is new.
        let known = second.is_known;
        let whole = Reading { ask: Ask::default(), ..*reading };
        let (gathered, mut batches) = channel(BATCHES_AHEAD);
        let read = async {
            let end = self.first.records(if known { reading } else { &whole }, &gathered).await;
            drop(gathered);
            end
        };
        let hand_on = async move {
            while let Some(mut batch) = batches.recv().await {
                if second.is_known {
                    (rows, second) = self.gather(&Reading { ask: Ask::default(), ..beside }, out).await?;
                }
                for record in &mut batch.records {
                    rows.attach(record, &self.join)?;
                }
                out.send(batch).await.map_err(|_| ReadError::Stopped)?;
            }
            Ok::<_, ReadError>((rows, second))
        };
        let (first, handed) = tokio::join!(read, hand_on);
        let (mut rows, mut second) = handed?;
        let mut end = first?;
        if end.is_known {
            return Ok(end);
        }
        if second.is_known {
            // The first table is new, and empty.
            (rows, second) = self.gather(&Reading { ask: Ask::default(), ..beside }, out).await?;
        }
        // Of a list cut short nobody knows which rows stand alone.
        if end.complete {
            rows.give_back(&self.join, out).await?;
        }
        end.complete &= second.complete;
        end.last_row = end.last_row.max(second.last_row);
        end.notes.extend(second.notes);
        end.resources.extend(second.resources);
        end.resources.dedup();
        if end.validators.is_empty() || second.validators.is_empty() {
            end.validators.clear();
        } else {
            end.validators.extend(second.validators);
        }
        Ok(end)
    }
}

impl<D: Driver + Sync> Joined<D> {
    /// Reads the second table whole. Its rows that cannot be read are handed on at once.
    async fn gather(&self, reading: &Reading<'_>, out: &Sender<Batch>) -> Result<(Rows, ReadEnd), ReadError> {
        let (gathered, mut batches) = channel(BATCHES_AHEAD);
        let read = async {
            let end = self.second.records(reading, &gathered).await;
            drop(gathered);
            end
        };
        let take = async move {
            let mut rows = Rows::new(&self.join);
            while let Some(batch) = batches.recv().await {
                let mut broken = batch.broken;
                broken.extend(batch.records.into_iter().filter_map(|row| rows.add(row, &self.join)));
                if !broken.is_empty() {
                    let batch = Batch { records: Vec::new(), broken };
                    out.send(batch).await.map_err(|_| ReadError::Stopped)?;
                }
            }
            Ok::<Rows, ReadError>(rows)
        };
        let (end, rows) = tokio::join!(read, take);
        Ok((rows?, end?))
    }
}

/// The rows of the second table, by the key of their record, in their order.
struct Rows {
    name: Arc<str>,
    groups: IndexMap<Box<str>, Group>,
}

#[derive(Default)]
struct Group {
    rows: Vec<(Node, Location)>,
    attached: bool,
}

impl Rows {
    fn new(join: &JoinSettings) -> Self {
        Rows { name: join.name.as_str().into(), groups: IndexMap::new() }
    }

    /// Keeps a row; one that names no record comes back.
    fn add(&mut self, row: RawRecord, join: &JoinSettings) -> Option<BrokenRecord> {
        let Some(key) = key(&row.node, &join.with) else {
            let (name, with) = (&join.name, &join.with);
            let reason = Message::new(
                format!("{name} : la ligne ne dit pas, en « {with} », à quel enregistrement elle appartient"),
                format!("{name}: the row does not say, at « {with} », to which record it belongs"),
            );
            return Some(broken(&row.node, row.location, "joined-key-missing", reason));
        };
        self.groups.entry(key).or_default().rows.push((row.node, row.location));
        None
    }

    /// Attaches to a record the rows that name it: an empty list where there are none.
    fn attach(&mut self, record: &mut RawRecord, join: &JoinSettings) -> Result<(), ReadError> {
        let found = key(&record.node, &join.key).and_then(|key| self.groups.get_mut(&key));
        let rows = found.map(|group| {
            group.attached = true;
            group.rows.iter().map(|(row, _)| row.clone()).collect()
        });
        let Node::Object(values) = &mut record.node else { return Ok(()) };
        if values.iter().any(|(name, _)| *name == self.name) {
            let name = &self.name;
            return Err(ReadError::form(
                &record.location.resource,
                format!("la table a déjà une colonne « {name} » : choisissez un autre nom pour as dans [driver.join]"),
                format!("the table has a column « {name} » already: choose another name for as in [driver.join]"),
            ));
        }
        values.push((Arc::clone(&self.name), Node::List(rows.unwrap_or_default())));
        Ok(())
    }

    /// Hands on, as broken, the rows whose record does not exist: their sums must not vanish without a word.
    async fn give_back(self, join: &JoinSettings, out: &Sender<Batch>) -> Result<(), ReadError> {
        let alone = self.groups.into_iter().filter(|(_, group)| !group.attached);
        let mut batch = Batch::default();
        for (key, group) in alone {
            for (row, location) in group.rows {
                let (name, field) = (&join.name, &join.key);
                let reason = Message::new(
                    format!("{name} : aucun enregistrement dont « {field} » soit « {key} », la ligne reste seule"),
                    format!("{name}: no record whose « {field} » is « {key} », the row stands alone"),
                );
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

fn broken(row: &Node, location: Location, code: &'static str, reason: Message) -> BrokenRecord {
    BrokenRecord { raw: cut(&row.to_json()), location, code, reason, legible: None }
}

/// The text of a key. A spreadsheet turns `101095387` into `101095387.0`: both are one key.
fn key(node: &Node, field: &str) -> Option<Box<str>> {
    let text = node.at(field)?.scalar()?.trim();
    let whole = text.strip_suffix(".0").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    Some(whole.unwrap_or(text)).filter(|key| !key.is_empty()).map(Box::from)
}

/// The place of the second table when a person names the first: beside it, or the same workbook.
fn beside(place: &str, path: &str) -> String {
    let Some(name) = path.rsplit('/').next().filter(|name| !name.is_empty()) else { return place.to_owned() };
    match as_url(place).and_then(|url| url.join(name).ok()) {
        Some(url) => url.into(),
        None => Path::new(place).with_file_name(name).to_string_lossy().into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_table_is_looked_for_beside_the_first() {
        assert_eq!(beside("/srv/in/project.csv", "csv/organization.csv"), "/srv/in/organization.csv");
        assert_eq!(
            beside("https://h.example/a/project.csv", "organization.csv"),
            "https://h.example/a/organization.csv"
        );
        assert_eq!(beside("/srv/in/keep.xlsx", ""), "/srv/in/keep.xlsx");
    }

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
