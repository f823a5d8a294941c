//! Taking what was looked up: never more of it than a full read would be let through with.

use super::apply::Applied;
use super::lacking::Needs;
use super::{Sync, SyncError, begun, reading};
use crate::acts::freshen::BREAK;
use crate::connector::node::Node;
use crate::connector::{Connector, Looked};
use crate::domain::Instant;
use crate::domain::chain::Digest;
use crate::domain::message::Message;
use crate::domain::record::RecordState;
use crate::domain::run::SyncRun;
use crate::domain::text::{RecordKey, SourceId};
use std::sync::Arc;

/// What a source answered that was asked for single records.
#[derive(Debug, Clone, Default)]
pub struct Answered {
    /// The records that it gave.
    pub looked: Vec<Looked>,
    /// The keys of those that it does not show.
    pub hidden: Vec<RecordKey>,
}

/// Why what was looked up was not taken, or not all of it: what was known stays, and is doubted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untaken {
    /// Stable code of the reason, kebab-case.
    pub code: &'static str,
    /// The reason.
    pub reason: Message,
}

impl Sync<'_> {
    /// Applies what was looked up at `at`, reshaped: what changed is appended, what did not is known to have been seen, and
    /// nothing is closed. What is not shown, or not taken, is not as it was known, whoever asks next: it stays as its last good version,
    /// stale, until it is read. Gives the reason where some of it was not taken: the source stands held, what it says would hold a
    /// read, or a record lacks what its known version had and the map rests on.
    ///
    /// # Errors
    /// What the ledger or the workroom says.
    pub async fn take(
        &self,
        connector: &Arc<Connector>,
        at: Instant,
        answered: Answered,
    ) -> Result<Option<Untaken>, SyncError> {
        if self.is_held(connector.id()) {
            return Ok(Some(held()));
        }
        let (whole, lacking) = self.whole(connector, answered.looked).await?;
        let untaken = (!lacking.is_empty()).then(|| incomplete(lacking.len()));
        let mut doubted = lacking;
        doubted.extend(answered.hidden);
        if whole.is_empty() && doubted.is_empty() {
            return Ok(None);
        }
        let refused = self.taken(connector, at, (whole.clone(), &doubted)).await?;
        if refused.as_ref().is_some_and(|refused| refused.code == BREAK) {
            // What says what it said breaks nothing.
            let (same, others) = self.unchanged(connector, whole).await?;
            doubted.extend(others.into_iter().map(|one| one.key));
            self.taken(connector, at, (same, &doubted)).await?;
        }
        Ok(refused.or(untaken))
    }

    /// Applies these records, and that those of other keys are not as they were known. Gives the reason where nothing of it is applied.
    async fn taken(
        &self,
        connector: &Arc<Connector>,
        at: Instant,
        (looked, doubted): (Vec<Looked>, &[RecordKey]),
    ) -> Result<Option<Untaken>, SyncError> {
        let started = begun(connector.id(), at);
        let keys = looked.iter().map(|one| one.key.clone()).chain(doubted.iter().cloned()).collect();
        let run = SyncRun { id: format!("{}+", started.id), full: false, keys, ..started };
        let records = looked.into_iter().map(|one| one.record).collect();
        let mut read = reading::looked_up(self, connector, &run, (records, doubted)).await?;
        let mut series = std::mem::take(&mut read.series);
        series.settle();
        if let Some(finding) = self.broken(connector, &run, &series).into_iter().find(|finding| finding.held) {
            tracing::warn!(source = %connector.id(), message = %finding.message.en, "what was looked up is not taken");
            return Ok(Some(Untaken { code: BREAK, reason: finding.message }));
        }
        Ok(match self.apply(connector, run, read).await? {
            // A full read that began later says the same of these records, or held them meanwhile.
            Applied::Moved if self.is_held(connector.id()) => Some(held()),
            Applied::Refused(reason) => Some(Untaken { code: BREAK, reason }),
            Applied::Moved | Applied::Run(_) => None,
        })
    }

    /// The records that say what the ledger holds of them, and the others.
    async fn unchanged(
        &self,
        connector: &Connector,
        looked: Vec<Looked>,
    ) -> Result<(Vec<Looked>, Vec<Looked>), SyncError> {
        let ledger = self.gateway.ledger();
        let version = ledger.head().await?.version;
        let keys: Vec<RecordKey> = looked.iter().map(|one| one.key.clone()).collect();
        let known = ledger.current_of(connector.id(), &keys, version).await?;
        let (mapping, keyed) = (connector.mapping_digest(), self.workroom.keyed());
        let is_same = |one: &Looked| {
            let node = &one.record.node;
            let raw = Digest::of(node.to_json().as_bytes());
            let fingerprint = keyed.fingerprint(connector.may_seal(node), &mapping, &raw);
            known.get(&one.key).is_some_and(|known| known.fingerprint == fingerprint)
        };
        Ok(looked.into_iter().partition(is_same))
    }

    /// Does the source stand held, in the picture as it is?
    pub(in crate::acts) fn is_held(&self, source: &SourceId) -> bool {
        let portfolio = self.gateway.current();
        portfolio.source_by_id(source.as_str()).is_some_and(|ix| portfolio.source(ix).held)
    }

    /// The records that have, of what the map rests on, all that their known good version has, and the keys of the others.
    async fn whole(
        &self,
        connector: &Connector,
        looked: Vec<Looked>,
    ) -> Result<(Vec<Looked>, Vec<RecordKey>), SyncError> {
        let ledger = self.gateway.ledger();
        let version = ledger.head().await?.version;
        let needs = Needs::of(connector);
        let mut whole = (Vec::new(), Vec::new());
        for one in looked {
            let Looked { key, record } = &one;
            let known = ledger.raw(connector.id(), key, version).await?;
            let known = known.filter(|known| known.state != RecordState::Closed);
            let known = known.and_then(|known| Node::parse_json(&known.raw).ok());
            if let Some(lost) = known.as_ref().and_then(|known| needs.lost(known, &record.node)) {
                tracing::warn!(source = %connector.id(), %key, ?lost, "what was looked up lacks a column that the map rests on");
                whole.1.push(one.key);
                continue;
            }
            whole.0.push(one);
        }
        Ok(whole)
    }
}

fn held() -> Untaken {
    Untaken {
        code: "held",
        reason: Message::new(
            "la dernière lecture de la source est retenue : ce qui y est consulté n'est pas appliqué tant que personne ne l'a admise",
            "the last read of the source is held: what is looked up in it is not applied until a person lets it through",
        ),
    }
}

fn incomplete(lacking: usize) -> Untaken {
    Untaken {
        code: "incomplete",
        reason: Message::new(
            format!(
                "{lacking} enregistrement(s) consulté(s) n'ont plus une colonne que leur version connue avait et dont dépendent les montants : ce qui est connu reste"
            ),
            format!(
                "{lacking} record(s) looked up lack a column that their known version had and on which the sums depend: what is known stays"
            ),
        ),
    }
}
