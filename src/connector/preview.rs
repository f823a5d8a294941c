//! The first records of a source, as read, as mapped and as rejected. Nothing is stored, nothing personal and no secret is shown.

use super::driver::{Batch, BrokenRecord, Driver as _, ReadEnd, ReadError, Reading};
use super::echoes::Echoes;
use super::{Connector, Mapped, Pseudonymiser};
use crate::domain::chain::Digest;
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::rejection::Location;
use crate::domain::vocabulary::{Form, Stage};
use std::collections::BTreeMap;
use tokio::sync::mpsc::{Receiver, channel};

/// Batches under way between the driver and the reader.
const BATCHES_AHEAD: usize = 2;
/// What stands in place of a personal field.
const SEALED: &str = "[donnée personnelle]";

/// One record, as read and as mapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previewed {
    /// Where it was read.
    pub location: Location,
    /// As read: JSON text, personal fields masked.
    pub read: String,
    /// As mapped, rejected or left out.
    pub mapped: Mapped,
}

/// The first records of a source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// Records, in the order of the source.
    pub records: Vec<Previewed>,
    /// What could not be read as a record.
    pub broken: Vec<BrokenRecord>,
    /// How the read ended, its notes aside; `None`: it was stopped once enough was read.
    pub end: Option<ReadEnd>,
    /// What is to be told of the read.
    pub notes: Vec<Message>,
}

/// What the sums of one stage and form come to: held against the owner's own figure, it tells a wrong column at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The stage; `None` where the source does not tell.
    pub stage: Option<Stage>,
    /// The form of the means.
    pub form: Form,
    /// Sums with an amount.
    pub count: usize,
    /// Their total.
    pub total: Cents,
    /// Sums without an amount.
    pub unknown: usize,
}

impl Preview {
    /// The sums of the accepted records, stage by stage.
    pub fn tallies(&self) -> Vec<Tally> {
        let mut tallies = BTreeMap::new();
        let accepted = self.records.iter().filter_map(|one| match &one.mapped {
            Mapped::Accepted { facts, .. } => Some(&facts.statements),
            Mapped::Rejected { .. } | Mapped::Skipped { .. } => None,
        });
        for sum in accepted.flatten() {
            let empty = Tally { stage: sum.stage, form: sum.form, count: 0, total: Cents::ZERO, unknown: 0 };
            let tally = tallies.entry((sum.stage, sum.form)).or_insert(empty);
            match sum.amount {
                Some(amount) => (tally.count, tally.total) = (tally.count + 1, tally.total + amount),
                None => tally.unknown += 1,
            }
        }
        tallies.into_values().collect()
    }
}

/// Pseudonyms for samples and previews: always the same, and of no use anywhere else.
pub fn sample_pseudonym(text: &str) -> String {
    Digest::of(format!("sample of a connector:{text}").as_bytes()).to_string()[..16].to_owned()
}

/// Reads and maps the first `count` records. A reshaping program blocks the task while it runs.
///
/// # Errors
/// Why the source cannot be read.
pub async fn preview(connector: &Connector, reading: &Reading<'_>, count: usize) -> Result<Preview, Message> {
    let driver = connector.driver();
    let (out, batches) = channel(BATCHES_AHEAD);
    let read = async {
        let end = driver.records(reading, &out).await;
        drop(out);
        end
    };
    let mut echoes = Echoes::new(reading.net.cutter());
    let (end, mut preview) = tokio::join!(read, gather(connector, batches, (&mut echoes, count)));
    match end {
        Ok(mut end) => {
            preview.notes = end.notes.drain(..).map(|note| echoes.cut_message(note)).collect();
            preview.end = Some(end);
        }
        Err(ReadError::Stopped) => {}
        Err(error) => return Err(echoes.cut_message(connector.discreet(error).message())),
    }
    preview.notes.extend(echoes.note());
    Ok(preview)
}

async fn gather(connector: &Connector, mut batches: Receiver<Batch>, (echoes, count): (&mut Echoes, usize)) -> Preview {
    let mut preview = Preview::default();
    while let Some(mut batch) = batches.recv().await {
        echoes.cut(&mut batch);
        let batch = connector.reshape(batch);
        for record in batch.records {
            let mapped = connector.map(&record, &sample_pseudonym as &dyn Pseudonymiser);
            let mut node = record.node;
            connector.seal(&mut node, &mut |_| SEALED.to_owned());
            preview.records.push(Previewed { location: record.location, read: node.to_json(), mapped });
        }
        preview.broken.extend(batch.broken.into_iter().map(|broken| masked(connector, broken)));
        if preview.records.len() + preview.broken.len() >= count {
            break;
        }
    }
    preview.records.truncate(count);
    preview
}

/// What could not be read cannot be masked field by field.
fn masked(connector: &Connector, broken: BrokenRecord) -> BrokenRecord {
    if connector.personal().is_empty() {
        broken
    } else {
        BrokenRecord { raw: SEALED.to_owned(), cells: None, legible: None, ..broken }
    }
}
