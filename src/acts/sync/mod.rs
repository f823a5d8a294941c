//! The act of reading a source: fetch, decide, append.
//!
//! What is read is mapped and staged outside the ledger; then, in the writer's turn, it is decided what becomes of it, and
//! one short transaction appends it. Failed and held runs append too, or the past could not know that a source was down.

mod announce;
mod apply;
mod columns;
mod copied;
mod division;
mod drift;
mod erased;
mod findings;
mod fit;
mod guards;
mod held;
mod holders;
mod identity;
mod keyless;
mod lacking;
mod legible;
mod looked;
mod manner;
mod met;
mod month_first;
mod notes;
mod open_row;
mod parting;
mod persons;
mod pieces;
mod piecewise;
mod placing;
mod postal;
mod reading;
mod rejected;
mod renumbered;
mod restated;
mod rows;
mod series;
mod standing;
mod strays;
mod survey;
mod unread;
mod vanished;
mod way;

use super::CONFLICTS_MAX;
use crate::clock::Clock;
use crate::connector::Connector;
use crate::domain::Instant;
use crate::domain::act::{Author, Decision};
use crate::domain::chain::instant_text;
use crate::domain::marks::Marks;
use crate::domain::message::Message;
use crate::domain::run::{Counts, SyncOutcome, SyncRun};
use crate::domain::text::SourceId;
use crate::gateway::Gateway;
use crate::ledger::{LedgerError, NewEntry};
use crate::net::Net;
use crate::workroom::{Spool, Workroom, WorkroomError};
use apply::Applied;
use findings::Noticed;
pub use looked::{Answered, Untaken};
use reading::Kept;
use std::sync::Arc;
use way::{Way, What};

/// What a sync works with.
pub struct Sync<'a> {
    /// The state of the gateway.
    pub gateway: &'a Gateway,
    /// The mutable side.
    pub workroom: &'a Workroom,
    /// The HTTP client.
    pub net: &'a Net,
    /// The clock.
    pub clock: &'a Clock,
    /// Who acts.
    pub author: Author,
}

/// Which source is read, and where.
pub struct Target<'a> {
    /// Its connector.
    pub connector: &'a Arc<Connector>,
    /// What stands in for the manifest's base, from the settings.
    pub base: Option<&'a str>,
    /// Read exactly this instead (`--from`).
    pub place: Option<&'a str>,
    /// Read everything, whatever is known of it (`--full`).
    pub full: bool,
}

/// Why a sync could not even be recorded.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The workroom.
    #[error(transparent)]
    Workroom(#[from] WorkroomError),
    /// The batch belongs to another source.
    #[error("run {run} read {found}, not {asked}: name its own source")]
    OtherSource {
        /// The run.
        run: String,
        /// Its source.
        found: SourceId,
        /// The source asked for.
        asked: SourceId,
    },
    /// The ledger moved since the batch was read, and the batch does not hold all that it found.
    #[error("run {run} rests on records that have changed since it was read: read the source again")]
    Moved {
        /// The held run.
        run: String,
    },
    /// The reading stopped in the middle of its own work.
    #[error("the reading of {0} stopped short: see the log")]
    Stopped(SourceId),
}

/// A source that was read, before anything is decided.
struct Read {
    /// What was read.
    spool: Spool,
    /// When the read began: nothing of it is newer.
    observed_at: Instant,
    /// Records that the manifest itself leaves out.
    skipped: u64,
    /// Everything was asked for.
    full: bool,
    /// The source was read to its end.
    complete: bool,
    /// It was read once before, and the ledger moved meanwhile.
    is_repeated: bool,
    /// Somebody named another place than that of the settings, where perhaps not all of the source is.
    is_elsewhere: bool,
    /// What is to be told about the read.
    notes: Vec<Message>,
    /// What it leaves to the next read.
    marks: Option<Marks>,
    /// Every body is still the one that was known: nothing came.
    is_known: bool,
    /// The columns that were met, of each file and part of the source.
    pieces: pieces::Pieces,
    /// The figures that were met.
    series: series::Series,
    /// What was noticed of the source as a whole.
    noticed: Noticed,
}

impl Sync<'_> {
    /// Reads a source, whole or what changed in it, and appends what it says. A source that cannot be read makes a
    /// failed run, which is returned like any other: the other sources go on.
    ///
    /// # Errors
    /// What the ledger or the workroom says.
    pub async fn run(&self, target: Target<'_>) -> Result<SyncRun, SyncError> {
        self.run_at(target, self.clock.now()).await
    }

    /// The same; the run is said to have begun `at`, which is now or earlier.
    ///
    /// # Errors
    /// What the ledger or the workroom says.
    pub async fn run_at(&self, target: Target<'_>, at: Instant) -> Result<SyncRun, SyncError> {
        let way = self.way(&target, at).await?;
        if let Some(run) = self.run_by(&target, (&way, at), Kept::Seen).await? {
            return Ok(run);
        }
        // The ledger moved meanwhile: this time all is kept, so that nothing rests on how it stands now.
        let whole = Way { what: What::Whole, ..way };
        self.run_by(&target, (&whole, self.clock.now()), Kept::Whole)
            .await?
            .ok_or_else(|| SyncError::Stopped(target.connector.id().clone()))
    }

    /// Reads a source in this way; `None` where it is still what was known, and that is no longer what the ledger holds.
    async fn run_by(
        &self,
        target: &Target<'_>,
        (way, at): (&Way, Instant),
        kept: Kept,
    ) -> Result<Option<SyncRun>, SyncError> {
        let connector = target.connector;
        let run = way.begun(begun(connector.id(), at));
        let read = match reading::read(self, (target, way), &run, kept).await {
            // A record that nothing here can hold is a failing of its source.
            Err(SyncError::Workroom(WorkroomError::TooLong { rank, bytes_max })) => {
                Err(notes::too_long(rank, bytes_max))
            }
            read => read?,
        };
        let read = match read {
            Ok(read) => read,
            Err(message) => {
                tracing::warn!(source = %run.source, run = %run.id, reason = %message.en, "the source could not be read");
                let failed = SyncRun { outcome: SyncOutcome::Failed, message: Some(message), ..run };
                return self.record(connector, failed).await.map(Some);
            }
        };
        if read.is_known {
            let What::Unless(before) = &way.what else { return Ok(None) };
            return self.still(connector, &run, (before, way)).await;
        }
        let read = self.compared(connector, &run, read).await?;
        let (is_repeated, is_elsewhere) = (kept == Kept::Whole, target.place.is_some());
        match self.apply(connector, run, Read { is_repeated, is_elsewhere, ..read }).await? {
            Applied::Run(run) => Ok(Some(*run)),
            Applied::Moved | Applied::Refused(_) => Ok(None),
        }
    }

    /// Compares what was read with what the ledger holds of the source.
    async fn compared(&self, connector: &Connector, run: &SyncRun, mut read: Read) -> Result<Read, SyncError> {
        let mut noticed =
            self.noticed(connector, (run, std::mem::take(&mut read.pieces), std::mem::take(&mut read.series))).await?;
        if run.is_increment() {
            noticed.fresh.extend(self.lacking(connector, run, &read.spool).await?);
        }
        read.notes.splice(0..0, drift::sentence(&noticed.fresh.iter().collect::<Vec<_>>()));
        Ok(Read { noticed, ..read })
    }

    /// Applies exactly the batch that `held` held.
    ///
    /// # Errors
    /// A run that holds nothing, a batch that was altered or belongs to another source; what the ledger says.
    pub async fn accept(&self, connector: &Connector, held: &str) -> Result<SyncRun, SyncError> {
        let (batch, spool) = self.workroom.accept(held).await?;
        if batch.source != *connector.id() {
            return Err(SyncError::OtherSource {
                run: held.to_owned(),
                found: batch.source,
                asked: connector.id().clone(),
            });
        }
        let version = self.gateway.ledger().head().await?.version;
        let before = self.gateway.ledger().run(connector.id(), held, version).await?;
        let before = before.ok_or_else(|| WorkroomError::NotHeld(held.to_owned()))?;
        // It was observed when the held run began, however late it is let through.
        let run = SyncRun {
            accepts: Some(held.to_owned()),
            findings: persons::accepted(connector, before.findings),
            marks: before.marks.clone(),
            started_at: before.started_at,
            ..begun(connector.id(), self.clock.now())
        };
        // A person answers for the batch: only what was not read as a whole still closes nothing.
        let read = Read {
            spool,
            observed_at: before.started_at,
            skipped: before.counts.skipped,
            full: before.full,
            complete: true,
            is_repeated: false,
            is_elsewhere: false,
            notes: Vec::new(),
            marks: before.marks,
            is_known: false,
            pieces: pieces::Pieces::default(),
            series: series::Series::default(),
            noticed: Noticed::default(),
        };
        let Applied::Run(run) = self.apply(connector, run, read).await? else {
            return Err(SyncError::Moved { run: held.to_owned() });
        };
        self.workroom.release(held).await?;
        Ok(*run)
    }

    /// Appends a run that brings no record.
    async fn record(&self, connector: &Connector, run: SyncRun) -> Result<SyncRun, SyncError> {
        for _ in 0..CONFLICTS_MAX {
            let turn = self.gateway.turn().await;
            turn.catch_up().await?;
            let run = SyncRun { ended_at: Some(self.clock.now()), ..run.clone() };
            // A source that was not read is told of as before.
            let findings = if run.outcome == SyncOutcome::Failed { self.told(connector) } else { run.findings.clone() };
            let run = SyncRun { findings, ..run };
            let entry = self.entry(connector, &run, Vec::new()).await?;
            match turn.append_alone(entry).await {
                Err(LedgerError::Conflict { .. }) => {}
                other => return Ok(other.map(|_| run)?),
            }
        }
        Err(self.conflict().await?)
    }

    /// Another process appended each time that this one was about to.
    async fn conflict(&self) -> Result<SyncError, SyncError> {
        let expected = self.gateway.current().head().version;
        let found = self.gateway.ledger().head().await?.version;
        Ok(LedgerError::Conflict { expected, found }.into())
    }

    async fn entry(
        &self,
        connector: &Connector,
        run: &SyncRun,
        decisions: Vec<Decision>,
    ) -> Result<NewEntry, LedgerError> {
        let base = self.gateway.current().head().version;
        let known = self.gateway.ledger().profile(connector.id(), base).await?;
        let profile = &connector.profile;
        Ok(NewEntry {
            base,
            kind: "sync".to_owned(),
            author: self.author.clone(),
            reason: run.message.as_ref().map_or_else(String::new, |message| message.en.clone()),
            at: run.ended_at.unwrap_or_else(|| self.clock.now()),
            profile: (known.as_ref() != Some(profile)).then(|| profile.clone()),
            run: Some(run.clone()),
            decisions,
            acts: Vec::new(),
        })
    }
}

/// A run of `source` that began `at` and is under way.
pub(super) fn begun(source: &SourceId, at: Instant) -> SyncRun {
    SyncRun {
        id: format!("{source}@{}", instant_text(at)),
        source: source.clone(),
        started_at: at,
        ended_at: None,
        outcome: SyncOutcome::Running,
        counts: Counts::default(),
        full: true,
        partitions: Vec::new(),
        message: None::<Message>,
        batch: None,
        accepts: None,
        keys: Vec::new(),
        marks: None,
        findings: Vec::new(),
    }
}
