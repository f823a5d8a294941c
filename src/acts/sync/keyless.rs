//! Rows without a legible key. Each may be a known record that did not come, but not one that stood so already beside it: a list that ends
//! each night with the same odd row would otherwise never close anything.

use super::{Read, Sync, SyncError};
use crate::connector::Connector;
use crate::connector::driver::{HEADER_AGAIN, is_of_second_table};
use crate::domain::Instant;
use crate::domain::chain::{Digest, LedgerVersion};
use crate::domain::message::Message;
use crate::domain::source_finding::{SourceFinding, SourceFindingKind};
use crate::domain::text::SourceId;
use crate::workroom::Staged;
use foldhash::HashMap;

/// Rows without a legible key that the last read rejected just so.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stood {
    /// How many.
    pub rows: u64,
    /// When that read began.
    pub since: Option<Instant>,
    /// Rows of a second table that could not be taken apart: they are no records.
    pub others: u64,
}

impl Sync<'_> {
    /// The rows without a legible key of a read of everything that the last one rejected, word for word.
    pub(super) async fn stood(
        &self,
        connector: &Connector,
        read: &Read,
        version: LedgerVersion,
    ) -> Result<Stood, SyncError> {
        if !read.full || !read.spool.may_reject() {
            return Ok(Stood::default());
        }
        let before = self.gateway.ledger().keyless(connector.id(), version).await?;
        let since = before.first().map(|rejection| rejection.at);
        let mut left: HashMap<(String, Digest), u64> = HashMap::default();
        for rejection in before {
            *left.entry((rejection.code, Digest::of(rejection.raw.as_bytes()))).or_default() += 1;
        }
        let (mut rows, mut others) = (0, 0);
        for item in read.spool.read()? {
            let Staged::Rejection(row) = item? else { continue };
            if row.key.is_some() || row.code == HEADER_AGAIN || is_of_second_table(&row.code) {
                continue;
            }
            if connector.settings().second_table().is_some_and(|path| is_in(&row.location, path)) {
                others += 1;
            } else if let Some(count) =
                left.get_mut(&(row.code, Digest::of(row.raw.as_bytes()))).filter(|count| **count > 0)
            {
                *count -= 1;
                rows += 1;
            }
        }
        Ok(Stood { rows, since, others })
    }
}

/// Is this the location of a row of the table at `path`?
pub fn is_in(location: &str, path: &str) -> bool {
    let resource = location.rsplit_once(", line ").map_or(location, |(resource, _)| resource);
    let [name, table] = [resource, path].map(|one| one.rsplit('/').next().unwrap_or_default());
    !table.is_empty() && name == table
}

/// Known records that wait beside rows without a legible key: told, for nothing else tells why they stay.
pub fn finding((hidden, rows): (u64, u64), source: &SourceId, since: Instant) -> Option<SourceFinding> {
    let message = Message::new(
        format!(
            "{hidden} fiche(s) connue(s) ne sont pas revenues, et {rows} ligne(s) n'ont pas de clé lisible : chacune peut être l'une d'elles, et reste telle quelle, périmée, tant que ces lignes ne sont pas corrigées"
        ),
        format!(
            "{hidden} known record(s) did not come, and {rows} row(s) have no legible key: each may be one of them, and stays as it was, out of date, until these rows are mended"
        ),
    );
    (hidden > 0).then(|| SourceFinding {
        kind: SourceFindingKind::RecordsRejected,
        field: None,
        about: Some(source.as_str().to_owned()),
        since,
        example: None,
        message,
        was: None,
        held: false,
    })
}
