//! The first records of a source, as read, as mapped and as rejected. Nothing is stored, nothing personal is shown.

use super::driver::{Batch, BrokenRecord, Driver as _, ReadEnd, ReadError, Reading};
use super::{Connector, Mapped, Pseudonymiser};
use crate::domain::chain::Digest;
use crate::domain::rejection::Location;
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
    /// How the read ended; `None`: it was stopped once enough was read.
    pub end: Option<ReadEnd>,
}

/// Pseudonyms for samples and previews: always the same, and of no use anywhere else.
pub fn sample_pseudonym(text: &str) -> String {
    Digest::of(format!("sample of a connector:{text}").as_bytes()).to_string()[..16].to_owned()
}

/// Reads and maps the first `count` records. A reshaping program blocks the task while it runs.
///
/// # Errors
/// The source cannot be read.
pub async fn preview(connector: &Connector, reading: &Reading<'_>, count: usize) -> Result<Preview, ReadError> {
    let driver = connector.driver();
    let (out, batches) = channel(BATCHES_AHEAD);
    let read = async {
        let end = driver.records(reading, &out).await;
        drop(out);
        end
    };
    let (end, mut preview) = tokio::join!(read, gather(connector, batches, count));
    match end {
        Ok(end) => preview.end = Some(end),
        Err(ReadError::Stopped) => {}
        Err(error) => return Err(error),
    }
    Ok(preview)
}

async fn gather(connector: &Connector, mut batches: Receiver<Batch>, count: usize) -> Preview {
    let mut preview = Preview::default();
    while let Some(batch) = batches.recv().await {
        let batch = connector.reshape(batch);
        for record in batch.records {
            let mapped = connector.map(&record, &sample_pseudonym as &dyn Pseudonymiser);
            let mut node = record.node;
            node.seal(connector.personal(), &mut |_| SEALED.to_owned());
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
