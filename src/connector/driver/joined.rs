//! Two tables read as one: the rows of the second, held in memory, are attached to the records of the first.

mod rows;

use super::error::ReadError;
use super::place::{self, as_url};
use super::settings::JoinSettings;
use super::{Ask, BATCH_RECORDS_MAX, Batch, Driver, ReadEnd, Reading};
use rows::Rows;
use std::path::Path;
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

    /// The same with its first driver changed.
    pub fn with_first(self, change: impl FnOnce(D) -> D) -> Self {
        Joined { first: change(self.first), ..self }
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
                rows.attach(&mut batch.records, &self.join)?;
                if batch != Batch::default() {
                    out.send(batch).await.map_err(|_| ReadError::Stopped)?;
                }
            }
            let mut waited = rows.waited(&self.join)?;
            while !waited.is_empty() {
                let rest = waited.split_off(waited.len().min(BATCH_RECORDS_MAX));
                let batch = Batch { records: std::mem::replace(&mut waited, rest), broken: Vec::new() };
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
            end.unattached = rows.unattached();
            end.notes.splice(0..0, rows.notes(&self.join));
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
                broken.iter().for_each(|row| rows.add_unreadable(row, &self.join));
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
}
