//! Which sources there are, before any of them is read: what one speaks for is awaited from the moment that it is a source.

use super::{CONFLICTS_MAX, Sync, SyncError};
use crate::connector::Connector;
use crate::domain::image::SourceImage;
use crate::domain::source::SourceProfile;
use crate::ledger::{LedgerError, NewEntry};

impl Sync<'_> {
    /// Makes a source known that was never read: what it speaks for stands from now on, and that nobody has read it. Until its first
    /// run ends, what it may say would otherwise be missed by nobody.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn announce(&self, connector: &Connector) -> Result<(), SyncError> {
        let profile = &connector.profile;
        let reason = format!("{} is a source from now on; it was not read yet", profile.id);
        self.stand_as(profile, (reason, |_| true)).await
    }

    /// Takes back that a source was announced which was never read and which the settings disable: nothing is awaited from it.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn dismiss(&self, connector: &Connector) -> Result<(), SyncError> {
        let profile = SourceProfile { speaks_for: Vec::new(), ..connector.profile.clone() };
        let reason = format!("{} is disabled, and was never read: it speaks for nobody", profile.id);
        self.stand_as(&profile, (reason, |known| known.is_some_and(|known| !known.speaks_for.is_empty()))).await
    }

    /// What stands of a source as long as it was never read; `is_due` of what stands of it says whether anything is to be said. The
    /// first run that reads it says what it is.
    async fn stand_as(
        &self,
        profile: &SourceProfile,
        (reason, is_due): (String, impl Fn(Option<&SourceProfile>) -> bool),
    ) -> Result<(), SyncError> {
        for _ in 0..CONFLICTS_MAX {
            let turn = self.gateway.turn().await;
            turn.catch_up().await?;
            let portfolio = self.gateway.current();
            let source = portfolio.source_by_id(profile.id.as_str()).map(|ix| portfolio.source(ix));
            let known = source.map(|source| &source.profile);
            if source.is_some_and(was_read) || known == Some(profile) || !is_due(known) {
                return Ok(());
            }
            let entry = NewEntry {
                base: portfolio.head().version,
                kind: "source".to_owned(),
                author: self.author.clone(),
                reason: reason.clone(),
                at: self.clock.now(),
                profile: Some(profile.clone()),
                run: None,
                decisions: Vec::new(),
                acts: Vec::new(),
            };
            match turn.append_alone(entry).await {
                Err(LedgerError::Conflict { .. }) => {}
                other => return Ok(other.map(drop)?),
            }
        }
        Err(self.conflict().await?)
    }
}

/// Was anything of it ever applied?
fn was_read(source: &SourceImage) -> bool {
    source.last_success.is_some() || !source.partitions.is_empty() || source.records > 0
}
