//! The report for a data-protection officer: what personal data is held, since when, until when, what was erased.

use super::{Privacy, PrivacyError, personal};
use crate::connector::Connector;
use crate::domain::Instant;
use crate::domain::erasure::{Erasure, ErasureCause, Retention};
use crate::domain::text::SourceId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Source by source: those whose manifest names personal fields, and those of which some are held still.
    pub sources: Vec<SourceReport>,
    /// Every erasure, oldest first.
    pub erasures: Vec<Erasure>,
    /// Whether the workroom carried all of them out.
    pub carried_out: bool,
}

/// What is held of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceReport {
    /// The source.
    pub source: SourceId,
    /// Paths of its personal fields, by its manifest; none: it has no manifest any more.
    pub fields: Vec<String>,
    /// How long they are kept.
    pub keep: Retention,
    /// Records of which some are held, sealed: rejected ones and those of waiting batches too.
    pub records: u64,
    /// When the oldest of these was last observed.
    pub oldest: Option<Instant>,
    /// When the next of these is kept long enough.
    pub next_end: Option<Instant>,
    /// How many of them are kept long enough already.
    pub due: u64,
    /// Batches that wait for a person, which may hold some of these, sealed with the same keys.
    pub batches_held: u64,
    /// Records erased because somebody asked.
    pub erased_on_request: u64,
    /// Records erased because they were kept long enough.
    pub erased_by_retention: u64,
    /// Keys that open something. More than `records` where a run was read and not applied.
    pub keys: u64,
}

impl Privacy {
    /// What is held, by these connectors.
    ///
    /// # Errors
    /// The ledger or the workroom.
    pub async fn report(&self, connectors: &BTreeMap<SourceId, Arc<Connector>>) -> Result<Report, PrivacyError> {
        let now = self.clock.now();
        let erasures = self.ledger().erasures(crate::domain::chain::LedgerVersion(0)).await?;
        let kept = self.kept(connectors).await?;
        let keys = self.workroom.key_counts().await?;
        let batches = self.workroom.held().await?;
        let named = personal(connectors).map(|(source, _)| source.clone());
        let mut all: BTreeSet<SourceId> = named.chain(kept.iter().map(|one| one.of.source.clone())).collect();
        all.extend(erasures.iter().map(|one| one.of.source.clone()));
        all.extend(keys.iter().map(|one| one.source.clone()));
        let sources = all.into_iter().map(|source| {
            let connector = connectors.get(&source);
            let here: Vec<_> = kept.iter().filter(|one| one.of.source == source).collect();
            let over = |until: &Option<Instant>| until.is_some_and(|until| until <= now);
            let erased = |cause| {
                let of: BTreeSet<_> = erasures
                    .iter()
                    .filter(|one| one.cause == cause && one.of.source == source)
                    .map(|one| &one.of)
                    .collect();
                of.len() as u64
            };
            SourceReport {
                fields: connector
                    .map_or_else(Vec::new, |one| one.personal().iter().map(|path| path.to_string()).collect()),
                keep: connector.map_or(Retention::DEFAULT, |one| one.keep_personal()),
                records: here.len() as u64,
                oldest: here.iter().map(|one| one.last_at).min(),
                next_end: here.iter().filter_map(|one| one.until).min(),
                due: here.iter().filter(|one| over(&one.until)).count() as u64,
                batches_held: batches.iter().filter(|batch| batch.source == source).count() as u64,
                erased_on_request: erased(ErasureCause::Request),
                erased_by_retention: erased(ErasureCause::Retention),
                keys: keys.iter().find(|one| one.source == source).map_or(0, |one| one.kept),
                source,
            }
        });
        let last = erasures.iter().map(|one| one.version).max().unwrap_or_default();
        let carried_out = self.workroom.erased_up_to().await? >= last;
        Ok(Report { sources: sources.collect(), erasures, carried_out })
    }
}
