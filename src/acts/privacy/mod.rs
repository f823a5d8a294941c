//! Personal data: what is kept, who is found in it, what is erased, by whom and why.
//!
//! The ledger says first that something is erased, the workroom then destroys the keys. Whatever stops in between, or is restored
//! from a copy of before, is made up for when the gateway is next opened.

mod expire;
mod find;
mod report;

pub use expire::{Kept, follow};
pub use find::{Found, Held, Search};
pub use report::{Report, SourceReport};

use super::CONFLICTS_MAX;
use crate::clock::Clock;
use crate::connector::Connector;
use crate::domain::act::{Author, Decision};
use crate::domain::chain::LedgerVersion;
use crate::domain::erasure::{Erasure, ErasureCause, Sealed};
use crate::domain::text::{RecordKey, SourceId, written};
use crate::gateway::Gateway;
use crate::ledger::{Ledger, LedgerError, NewEntry, NewRow};
use crate::workroom::{SEALED, Workroom, WorkroomError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Longest reason of an erasure, in characters.
const REASON_CHARS_MAX: usize = 1_000;

/// Why personal data could not be found or erased.
#[derive(Debug, thiserror::Error)]
pub enum PrivacyError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The workroom.
    #[error(transparent)]
    Workroom(#[from] WorkroomError),
    /// No such record: nothing is erased, for a mistake in a key must not pass for an erasure.
    #[error(
        "{} has no record « {} », nor a rejected one of this key or place: nothing was erased; `privacy find` tells the keys",
        .0.source, .0.record
    )]
    Unknown(Sealed),
    /// A record in which nothing was ever sealed: erasing destroys keys, and there is none. What stands in clear stays.
    #[error(
        "record « {} » of {} holds no sealed field: no key was ever made for it, what it says stands in clear in the ledger and would \
         stay there; nothing was erased. Name the personal fields of the source in `personal` of its manifest (docs/privacy.md)",
        .0.record, .0.source
    )]
    InClear(Sealed),
    /// An erasure says why.
    #[error("say why, in 1 to {REASON_CHARS_MAX} characters, without naming the person: the reason stays")]
    Reason,
    /// What is looked for is too short to find somebody by.
    #[error("look for at least three letters or digits")]
    Short,
}

/// Finds and erases the personal data of one gateway.
#[derive(Clone)]
pub struct Privacy {
    gateway: Arc<Gateway>,
    workroom: Arc<Workroom>,
    clock: Clock,
}

/// What an erasure did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// Records that were not erased before.
    pub records: usize,
    /// Of these, how many nothing is held of: what comes of them is erased as it comes.
    pub unheld: usize,
    /// Records of the list in which nothing is sealed: they stand in clear, and are not among `records`.
    pub in_clear: usize,
    /// Fields in clear that repeat what was sealed in the same record (a name in a title): they stay. Looked for on request alone.
    pub repeated: BTreeMap<Sealed, BTreeSet<String>>,
    /// Keys that were destroyed now.
    pub keys: u64,
    /// The version that says so; that of before where nothing was new.
    pub version: LedgerVersion,
}

/// In what form a record is held.
enum Form {
    /// Some of its fields are sealed, or were.
    Sealed,
    /// None ever was.
    InClear,
    /// Not at all.
    Unheld,
}

impl Privacy {
    /// On this gateway.
    pub fn new(gateway: Arc<Gateway>, workroom: Arc<Workroom>, clock: Clock) -> Self {
        Privacy { gateway, workroom, clock }
    }

    /// Erases the personal fields of records, past and future. What is erased already stays so, and its keys are looked at again.
    ///
    /// # Errors
    /// A record that is not there or in which nothing is sealed, a reason that says nothing, the ledger or the workroom.
    pub async fn erase(
        &self,
        (author, reason): (Author, &str),
        cause: ErasureCause,
        records: Vec<Sealed>,
    ) -> Result<Erased, PrivacyError> {
        for of in &records {
            match self.form(of).await? {
                Form::Unheld => return Err(PrivacyError::Unknown(of.clone())),
                Form::InClear => return Err(PrivacyError::InClear(of.clone())),
                Form::Sealed => {}
            }
        }
        let records = match cause {
            ErasureCause::Request => self.under_all_keys(records).await?,
            // Each key has been kept for a time of its own.
            ErasureCause::Retention => records,
        };
        self.erase_anew((author, reason), cause, records).await
    }

    /// The same records, also under the keys that their sources gave them before or since.
    async fn under_all_keys(&self, records: Vec<Sealed>) -> Result<Vec<Sealed>, PrivacyError> {
        let head = self.gateway.current().head().version;
        let mut pairs = Vec::new();
        for one in self.ledger().decided(head).await? {
            if let Decision::Renumbered { source, key, former, .. } = one.decision {
                let sealed = |key: &RecordKey| Sealed { source: source.clone(), record: key.as_str().into() };
                pairs.push([sealed(&key), sealed(&former)]);
            }
        }
        let mut all = records;
        let mut at = 0;
        while let Some(of) = all.get(at).cloned() {
            at += 1;
            let alike: Vec<Sealed> = pairs.iter().filter(|pair| pair.contains(&of)).flatten().cloned().collect();
            for other in alike {
                if !all.contains(&other) && matches!(self.form(&other).await?, Form::Sealed) {
                    all.push(other);
                }
            }
        }
        Ok(all)
    }

    /// Erases what a list of erasures names, in a state that was since restored from a copy. What nothing is held of is remembered:
    /// its source may give it again.
    ///
    /// # Errors
    /// A reason that says nothing, the ledger or the workroom.
    pub async fn erase_anew(
        &self,
        (author, reason): (Author, &str),
        cause: ErasureCause,
        records: Vec<Sealed>,
    ) -> Result<Erased, PrivacyError> {
        let reason = written(reason, REASON_CHARS_MAX).ok_or(PrivacyError::Reason)?;
        let erased = self.erased().await?;
        let (mut unheld, mut in_clear) = (BTreeSet::new(), BTreeSet::new());
        for of in &records {
            match self.form(of).await? {
                Form::Unheld if !erased.contains_key(of) => drop(unheld.insert(of.clone())),
                Form::InClear => drop(in_clear.insert(of.clone())),
                Form::Unheld | Form::Sealed => {}
            }
        }
        let records: Vec<Sealed> = records.into_iter().filter(|of| !in_clear.contains(of)).collect();
        // Before the keys go: nobody can tell it after.
        let repeated = match cause {
            ErasureCause::Request => self.repeated(&records.iter().collect()).await?,
            ErasureCause::Retention => BTreeMap::new(),
        };
        let mut again = 0;
        let (fresh, version) = loop {
            let turn = self.gateway.turn().await;
            turn.catch_up().await?;
            let erased = self.erased().await?;
            let fresh: BTreeSet<&Sealed> = records.iter().filter(|of| !erased.contains_key(*of)).collect();
            let base = self.gateway.current().head().version;
            if fresh.is_empty() {
                break (0, base);
            }
            let entry = NewEntry {
                base,
                kind: "erasure".to_owned(),
                author: author.clone(),
                reason: reason.to_owned(),
                at: self.clock.now(),
                profile: None,
                run: None,
                decisions: Vec::new(),
                acts: Vec::new(),
            };
            let count = fresh.len();
            let rows = fresh.into_iter().map(|of| Ok::<_, LedgerError>(NewRow::Erasure(of.clone(), cause)));
            match turn.append(entry, rows.collect::<Vec<_>>()).await {
                Err(LedgerError::Conflict { .. }) if again < CONFLICTS_MAX => again += 1,
                other => break (count, other?.version),
            }
        };
        // By name first: a workroom beside a ledger that was restored from a copy has noted a later version than this one's.
        let now = self.clock.now();
        let named: Vec<_> = records.into_iter().map(|of| (of, now)).collect();
        let mut keys = self.workroom.erase(&named, LedgerVersion(0)).await?;
        keys += carry_out::<PrivacyError>(self.ledger(), &self.workroom).await?;
        Ok(Erased { records: fresh, unheld: unheld.len(), in_clear: in_clear.len(), repeated, keys, version })
    }

    /// In what form it is held. What waits for a person has a key in the workroom before the ledger holds it; a workroom that was lost
    /// has none of what the ledger holds sealed.
    async fn form(&self, of: &Sealed) -> Result<Form, PrivacyError> {
        let held = self.ledger().holds(of, SEALED).await?;
        let opens = self.workroom.key_opens(of).await?;
        Ok(match (held, opens) {
            (Some(true), _) | (_, Some(true)) | (None, Some(false)) => Form::Sealed,
            (Some(false), _) => Form::InClear,
            (None, None) => Form::Unheld,
        })
    }

    fn ledger(&self) -> &Ledger {
        self.gateway.ledger()
    }

    /// What was erased, by what it was sealed under; of several, the first.
    async fn erased(&self) -> Result<BTreeMap<Sealed, Erasure>, LedgerError> {
        let all = self.ledger().erasures(LedgerVersion(0)).await?;
        Ok(all.into_iter().rev().map(|erasure| (erasure.of.clone(), erasure)).collect())
    }
}

/// Destroys the keys of whatever the ledger says was erased and this workroom has not: after a stop half-way, and in a workroom
/// that was restored from a copy. Before anything else is done with a workroom. Tells how many keys it destroyed.
///
/// # Errors
/// The ledger or the workroom.
pub async fn carry_out<E: From<LedgerError> + From<WorkroomError>>(
    ledger: &Ledger,
    workroom: &Workroom,
) -> Result<u64, E> {
    let done = workroom.erased_up_to().await?;
    let erasures = ledger.erasures(done).await?;
    let Some(last) = erasures.iter().map(|one| one.version).max() else { return Ok(0) };
    let erased: Vec<_> = erasures.into_iter().map(|one| (one.of, one.at)).collect();
    Ok(workroom.erase(&erased, last).await?)
}

/// The connectors whose records may hold personal fields.
fn personal(connectors: &BTreeMap<SourceId, Arc<Connector>>) -> impl Iterator<Item = (&SourceId, &Arc<Connector>)> {
    connectors.iter().filter(|(_, connector)| !connector.personal().is_empty())
}
