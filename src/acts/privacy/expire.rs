//! Retention: what was kept for as long as its source's manifest says is erased.

use super::{Erased, Privacy, PrivacyError, personal};
use crate::connector::Connector;
use crate::domain::Instant;
use crate::domain::act::Author;
use crate::domain::chain::LedgerVersion;
use crate::domain::erasure::{ErasureCause, Retention, Sealed};
use crate::domain::text::SourceId;
use crate::workroom::SEALED;
use futures_util::TryStreamExt as _;
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// How often what is kept for long enough is looked for.
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is kept of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Whose fields.
    pub of: Sealed,
    /// When the last row that holds them was observed.
    pub last_at: Instant,
    /// Until when they are kept; `None`: beyond the calendar.
    pub until: Option<Instant>,
}

impl Privacy {
    /// Whatever sealed fields are kept and not erased, in the ledger and in batches that wait for a person, with the day until
    /// which; that of a source without a connector for as long as where a manifest does not say.
    ///
    /// # Errors
    /// The ledger or the workroom.
    pub async fn kept(&self, connectors: &BTreeMap<SourceId, Arc<Connector>>) -> Result<Vec<Kept>, PrivacyError> {
        let erased = self.erased().await?;
        let mut last: BTreeMap<Sealed, Instant> = BTreeMap::new();
        let mut keep_to = |of: Sealed, at: Instant| {
            let last = last.entry(of).or_insert(at);
            *last = at.max(*last);
        };
        let mut rows = pin!(self.ledger().sealed_rows(SEALED).await?);
        while let Some(row) = rows.try_next().await? {
            keep_to(row.of, row.at);
        }
        self.waiting()
            .await?
            .into_iter()
            .filter(|row| row.raw.contains(SEALED))
            .for_each(|row| keep_to(row.of, row.at));
        let keep = |source: &SourceId| connectors.get(source).map_or(Retention::DEFAULT, |one| one.keep_personal());
        let kept = last.into_iter().filter(|(of, _)| !erased.contains_key(of));
        Ok(kept.map(|(of, last_at)| Kept { until: keep(&of.source).ends(last_at), of, last_at }).collect())
    }

    /// Erases what was kept for long enough.
    ///
    /// # Errors
    /// The ledger or the workroom.
    pub async fn expire(&self, connectors: &BTreeMap<SourceId, Arc<Connector>>) -> Result<Erased, PrivacyError> {
        let now = self.clock.now();
        let over = self.kept(connectors).await?.into_iter();
        let over: Vec<Sealed> =
            over.filter(|kept| kept.until.is_some_and(|until| until <= now)).map(|kept| kept.of).collect();
        if over.is_empty() {
            let (repeated, version) = (BTreeMap::new(), LedgerVersion(0));
            return Ok(Erased { records: 0, unheld: 0, in_clear: 0, repeated, keys: 0, version });
        }
        let sources: std::collections::BTreeSet<&str> = over.iter().map(|of| of.source.as_str()).collect();
        let reason =
            format!("kept for as long as the manifests say: {}", sources.into_iter().collect::<Vec<_>>().join(", "));
        let reason: String = reason.chars().take(super::REASON_CHARS_MAX).collect();
        self.erase((Author::system("retention"), &reason), ErasureCause::Retention, over).await
    }
}

/// Erases what was kept for long enough, now and every day.
pub async fn follow(privacy: Privacy, connectors: BTreeMap<SourceId, Arc<Connector>>) {
    if personal(&connectors).next().is_none() {
        return;
    }
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        match privacy.expire(&connectors).await {
            Ok(Erased { records: 0, .. }) => {}
            Ok(done) => tracing::info!(
                records = done.records,
                version = done.version.0,
                "personal fields erased: kept long enough"
            ),
            Err(error) => tracing::error!(%error, "personal fields that were kept long enough could not be erased"),
        }
    }
}
