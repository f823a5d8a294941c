//! A record that its source gives under another key, and that was erased under the former one, is erased under the new one as it comes:
//! what the source gives of it later is not kept, whatever its key.

use super::SyncError;
use super::renumbered::Successions;
use crate::domain::chain::LedgerVersion;
use crate::domain::erasure::{ErasureCause, Sealed};
use crate::domain::text::SourceId;
use crate::ledger::Ledger;
use std::collections::BTreeMap;

/// What is erased with an append, and why.
pub type Erased = Vec<(Sealed, ErasureCause)>;

/// The records of a source that come under a new key, and were erased under the former one.
///
/// # Errors
/// The ledger does not answer.
pub async fn erased(ledger: &Ledger, source: &SourceId, found: &Successions) -> Result<Erased, SyncError> {
    if found.count() == 0 {
        return Ok(Erased::new());
    }
    let all = ledger.erasures(LedgerVersion(0)).await?.into_iter().filter(|one| one.of.source == *source);
    let causes: BTreeMap<Box<str>, ErasureCause> = all.map(|one| (one.of.record, one.cause)).collect();
    let again = found.all().filter(|(key, _)| !causes.contains_key(key.as_str())).filter_map(|(key, former)| {
        let cause = causes.get(former.as_str())?;
        Some((Sealed { source: source.clone(), record: key.as_str().into() }, *cause))
    });
    Ok(again.collect())
}
