//! The journal of reads: who was shown what that is not public. Appended, chained by hash, never changed, apart from the ledger.
//!
//! An answer is given after its read was written and flushed; reads that come together are written together. One that cannot be
//! written is not answered.

mod error;
mod open;
mod read;
mod verify;
mod write;

pub use error::JournalError;
pub use read::{Entry, Trail};
pub use verify::Soundness;

use crate::domain::reading::Reading;
use sea_orm::DatabaseConnection;
use tokio::sync::{mpsc, oneshot};

/// The journal of one gateway. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Journal {
    db: DatabaseConnection,
    writer: mpsc::Sender<Waiting>,
}

/// A read that waits to be written, and who waits for that.
type Waiting = (Reading, oneshot::Sender<Result<(), JournalError>>);

impl Journal {
    /// Writes one read; it is on the disk when this ends.
    ///
    /// # Errors
    /// It could not be written.
    pub async fn record(&self, reading: Reading) -> Result<(), JournalError> {
        let (written, wait) = oneshot::channel();
        self.writer.send((reading, written)).await.map_err(|_| JournalError::Stopped)?;
        wait.await.map_err(|_| JournalError::Stopped)?
    }
}
