//! How much of a source is asked for: everything, everything unless it is still what was read, or what changed.

use super::{CONFLICTS_MAX, Sync, SyncError, Target, persons};
use crate::connector::Connector;
use crate::connector::since::Since;
use crate::domain::Instant;
use crate::domain::chain::Digest;
use crate::domain::marks::{LastRow, ListEnd, Marks, NextPage, Validator};
use crate::domain::message::Message;
use crate::domain::run::{Counts, SyncOutcome, SyncRun};
use crate::ledger::{LedgerError, Standing};
use chrono::TimeDelta;

/// How a source is read this time.
pub struct Way {
    /// Digest of the manifest and the place.
    pub under: Digest,
    /// What the source is known up to, if it is.
    pub cursor: Option<String>,
    /// How the last row of the list ended when it was last applied, where that is known.
    pub last_row: Option<LastRow>,
    /// What the first page of the list said of the next one when it was last applied, where that is known.
    pub next_page: Option<NextPage>,
    /// How the list ended when it was last applied, where its pages are asked for by number.
    pub list_end: Option<ListEnd>,
    /// What is asked for.
    pub what: What,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Everything.
    Whole,
    /// Everything, unless every body is still the one that this run applied.
    Unless(Box<SyncRun>),
    /// What changed since this value of the source's own.
    Since(String),
}

impl Way {
    /// The bodies that are known already.
    pub fn unless(&self) -> &[Validator] {
        match &self.what {
            What::Unless(before) => before.marks.as_ref().map_or(&[], |marks| &marks.validators),
            _ => &[],
        }
    }

    /// Since when changes are asked for.
    pub fn since(&self) -> Option<&str> {
        if let What::Since(value) = &self.what { Some(value) } else { None }
    }

    /// The run that begins.
    pub fn begun(&self, run: SyncRun) -> SyncRun {
        match self.what {
            What::Since(_) => SyncRun { full: false, marks: Some(Marks::of_increment(self.under)), ..run },
            _ => run,
        }
    }
}

/// Chooses the way. Pure: what a person asked for, how the source stands, the time.
fn chosen(connector: &Connector, (under, standing): (Digest, Option<Standing>), now: Instant) -> Way {
    let marks = standing.as_ref().and_then(|standing| standing.marks.as_ref()).filter(|marks| marks.under == under);
    let cursor = marks.and_then(|marks| marks.cursor.clone());
    let what = standing.and_then(|standing| {
        let age = now - standing.last_full.started_at;
        // A full read of the future says that the clock was set: nobody knows how old it is.
        let is_due = |since: &Since| age < TimeDelta::zero() || age > since.full_every;
        if let (Some(since), Some(cursor), false) = (&connector.since, &cursor, standing.is_troubled)
            && !is_due(since)
            && let Some(value) = since.asked(cursor, now)
        {
            return Some(What::Since(value));
        }
        let last = standing.last_full.marks.as_ref().filter(|marks| marks.under == under)?;
        // What was brought since would be taken for what the body says.
        let usable = !last.validators.is_empty() && !standing.is_touched;
        usable.then(|| What::Unless(Box::new(standing.last_full.clone())))
    });
    Way { under, cursor, last_row: None, next_page: None, list_end: None, what: what.unwrap_or(What::Whole) }
}

impl Sync<'_> {
    /// How the source is read this time. A person who asks for everything, or for another place, gets it.
    pub(super) async fn way(&self, target: &Target<'_>, now: Instant) -> Result<Way, LedgerError> {
        let under = target.connector.reading_digest(target.base);
        let ledger = self.gateway.ledger();
        let (source, version) = (target.connector.id(), ledger.head().await?.version);
        let standing = ledger.standing(source, version).await?;
        // How a list ends is the publisher's habit, whatever the manifest makes of it.
        let left = ledger.marks(source, version).await?;
        let left = left.map(|left| (left.last_row, left.next_page, left.list_end));
        let (last_row, next_page, list_end) = left.unwrap_or_default();
        let way = Way { last_row, next_page, list_end, ..chosen(target.connector, (under, standing), now) };
        Ok(if target.full || target.place.is_some() { Way { what: What::Whole, ..way } } else { way })
    }

    /// Appends that the source still holds what `before` read: the same counts, nothing closed. `None` where something
    /// else was appended meanwhile.
    pub(super) async fn still(
        &self,
        connector: &Connector,
        run: &SyncRun,
        (before, way): (&SyncRun, &Way),
    ) -> Result<Option<SyncRun>, SyncError> {
        for _ in 0..CONFLICTS_MAX {
            let turn = self.gateway.turn().await;
            turn.catch_up().await?;
            let version = self.gateway.current().head().version;
            let standing = self.gateway.ledger().standing(connector.id(), version).await?;
            if !standing.is_some_and(|standing| standing.last_full.id == before.id && !standing.is_touched) {
                return Ok(None);
            }
            let mut run = SyncRun { ended_at: Some(self.clock.now()), ..same(run, before, way) };
            run.findings = persons::told_again(connector, std::mem::take(&mut run.findings));
            let entry = self.entry(connector, &run, Vec::new()).await?;
            match turn.append_alone(entry).await {
                Err(LedgerError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => {
                    self.forget_older(&run).await?;
                    return Ok(Some(run));
                }
            }
        }
        Err(self.conflict().await?)
    }
}

/// A full run that read the same again: what is told of the source is what was told of it then. What was noticed since was in a body
/// that was not applied.
fn same(run: &SyncRun, before: &SyncRun, way: &Way) -> SyncRun {
    let Counts { read, added, changed, unchanged, skipped, rejected, .. } = before.counts;
    let reader = before.same_as().unwrap_or(&before.id).to_owned();
    SyncRun {
        outcome: SyncOutcome::Succeeded,
        counts: Counts { read, unchanged: added + changed + unchanged, skipped, rejected, ..Counts::default() },
        full: true,
        partitions: before.partitions.clone(),
        message: Some(Message::new(
            format!("la source dit n'avoir pas changé depuis la lecture {reader}"),
            format!("the source says that it has not changed since run {reader}"),
        )),
        marks: Some(Marks {
            increment: false,
            elsewhere: false,
            under: way.under,
            validators: way.unless().to_vec(),
            cursor: way.cursor.clone(),
            same_as: Some(reader),
            last_row: way.last_row,
            next_page: way.next_page,
            list_end: way.list_end,
        }),
        findings: before.findings.clone(),
        ..run.clone()
    }
}
