//! The act of looking single records up live: fetch by key, decide, append what changed.
//!
//! The keys that one operation wants are batched by source; a record that several operations want at once is asked
//! for once. What a source does not show is not closed, for only a full read can tell that a record is gone; but it is not known any more
//! either, and stays stale until it is read.

use super::sync::{Answered, Sync, SyncError, Untaken};
use crate::clock::Clock;
use crate::connector::driver::{Ask, RawRecord, Reading};
use crate::connector::{Connector, Looked};
use crate::domain::Instant;
use crate::domain::act::Author;
use crate::domain::message::Message;
use crate::domain::record::RecordState;
use crate::domain::text::{RecordKey, SourceId};
use crate::gateway::Gateway;
use crate::ledger::LedgerError;
use crate::net::{Net, NetError};
use crate::workroom::Workroom;
use dataloader::BatchFn;
use dataloader::cached::Loader;
use futures_util::future::join_all;
use moka::future::Cache;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long a whole look-up may take.
pub const LOOK_UP_TIME_MAX: Duration = Duration::from_secs(5);
/// How long an answer, or a failure, serves others who ask for the same record: a source in trouble is not asked
/// by everyone at once.
const ANSWER_KEPT: Duration = Duration::from_secs(2);
/// How long the reason is known why an answer was not taken: longer than the answer serves.
const UNTAKEN_KEPT: Duration = Duration::from_secs(60);
/// The code of a source that could not be read: the reason is the source's, and may name its address.
pub const UNREADABLE: &str = "unreadable";
/// The code of an answer that a read would be held for: the reason may weigh sums.
pub const BREAK: &str = "break";
/// Answers kept at once.
const ANSWERS_KEPT_MAX: u64 = 10_000;

/// Records of one source that are wanted fresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The source.
    pub source: SourceId,
    /// Their keys.
    pub keys: Vec<RecordKey>,
}

/// A source that did not give all that was wanted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// The source.
    pub source: SourceId,
    /// Stable code of the reason, kebab-case.
    pub code: &'static str,
    /// The reason.
    pub reason: Message,
}

/// Where a source is looked up.
#[derive(Debug, Clone)]
pub struct LookedUpSource {
    /// Its connector.
    pub connector: Arc<Connector>,
    /// What stands in for the manifest's base, from the settings.
    pub base: Option<String>,
}

/// What a look-up gave about one key, and when it was asked.
#[derive(Debug, Clone)]
struct Answer {
    at: Instant,
    record: Result<Option<Arc<RawRecord>>, Message>,
}

/// What was answered, each with when it was asked.
#[derive(Debug, Default)]
struct Told {
    looked: Vec<(Instant, Looked)>,
    /// The source does not show these.
    hidden: Vec<(Instant, RecordKey)>,
}

/// Looks records up.
pub struct Freshener {
    gateway: Arc<Gateway>,
    workroom: Arc<Workroom>,
    net: Arc<Net>,
    clock: Clock,
    sources: BTreeMap<SourceId, LookedUpSource>,
    answers: Cache<(SourceId, RecordKey), Answer>,
    /// Why what was answered lately was not taken: told to others who ask, and not appended again.
    untaken: Cache<(SourceId, RecordKey), Untaken>,
    /// One at a time appends what was looked up in a source: who comes second finds that it was seen.
    turns: BTreeMap<SourceId, Mutex<()>>,
}

impl Freshener {
    /// Over these sources; those left out (disabled ones) are never asked.
    pub fn new(
        (gateway, workroom): (Arc<Gateway>, Arc<Workroom>),
        net: Arc<Net>,
        clock: Clock,
        sources: BTreeMap<SourceId, LookedUpSource>,
    ) -> Self {
        let answers = Cache::builder().max_capacity(ANSWERS_KEPT_MAX).time_to_live(ANSWER_KEPT).build();
        let turns = sources.keys().map(|id| (id.clone(), Mutex::default())).collect();
        let untaken = Cache::builder().max_capacity(ANSWERS_KEPT_MAX).time_to_live(UNTAKEN_KEPT).build();
        Freshener { gateway, workroom, net, clock, sources, answers, untaken, turns }
    }

    /// Looks up what is `wanted`, all sources at once, and appends what changed in the name of `author`. Gives the
    /// sources that did not give it all; their records stay as old as they were.
    pub async fn freshen(&self, author: &Author, wanted: Vec<Wanted>) -> Vec<Unanswered> {
        let each = wanted.into_iter().map(|wanted| self.one_source(author, wanted));
        join_all(each).await.into_iter().flatten().collect()
    }

    async fn one_source(&self, author: &Author, wanted: Wanted) -> Option<Unanswered> {
        let Wanted { source, keys } = wanted;
        let unanswered = |code, reason| Some(Unanswered { source: source.clone(), code, reason });
        let found = self.sources.get(&source);
        let Some((place, size)) = found.and_then(|place| Some((place, place.connector.keys_at_once()?))) else {
            return unanswered("no-look-up", no_look_up());
        };
        let asked = self.ask(&source, place, (keys.clone(), size));
        let Ok(answers) = tokio::time::timeout(LOOK_UP_TIME_MAX, asked).await else {
            return unanswered("too-slow", too_slow());
        };
        let (mut told, mut failed) = (Told::default(), None);
        for (key, answer) in answers {
            match answer.record {
                Ok(Some(record)) => told.looked.push((answer.at, Looked { key, record: (*record).clone() })),
                Ok(None) => told.hidden.push((answer.at, key)),
                Err(reason) => failed = Some(reason),
            }
        }
        let missing = told.hidden.len();
        let untaken = match self.append(author, place, told).await {
            Ok(untaken) => untaken,
            Err(error) => {
                tracing::error!(%source, %error, "what was looked up could not be appended");
                return unanswered("not-recorded", not_recorded());
            }
        };
        match (untaken, failed, missing) {
            (Some(Untaken { code, reason }), ..) => unanswered(code, reason),
            (None, Some(reason), _) => unanswered(UNREADABLE, reason),
            (None, None, 0) => match self.bad(&source, &keys).await.map(|bad| bad.len()) {
                Ok(0) => None,
                Ok(bad) => unanswered("rejected", rejected(bad)),
                Err(error) => {
                    tracing::error!(%source, %error, "what was looked up could not be read back");
                    unanswered("rejected", rejected(keys.len()))
                }
            },
            (None, None, missing) => unanswered("not-shown", not_shown(missing)),
        }
    }

    /// Those of these records that the source now gives in a form that is rejected, or does not show, whoever looked them up.
    async fn bad(&self, source: &SourceId, keys: &[RecordKey]) -> Result<BTreeSet<RecordKey>, LedgerError> {
        let version = self.gateway.current().head().version;
        let current = self.gateway.ledger().current_of(source, keys, version).await?;
        let bad = current.into_iter().filter(|(_, one)| one.state == RecordState::Bad);
        Ok(bad.map(|(key, _)| key).collect())
    }

    /// The answers about `keys`: one loader for this operation and source, what is under way for others shared.
    async fn ask(
        &self,
        source: &SourceId,
        place: &LookedUpSource,
        (keys, size): (Vec<RecordKey>, usize),
    ) -> Vec<(RecordKey, Answer)> {
        let batch = Batch { place: place.clone(), net: self.net.of(source.as_str()), clock: self.clock.clone() };
        let loader = Loader::new(batch).with_max_batch_size(size);
        let each = keys.into_iter().map(|key| {
            let (loader, clock) = (loader.clone(), self.clock.clone());
            async move {
                let load = async {
                    let unknown = |_| Answer { at: clock.now(), record: Ok(None) };
                    loader.try_load(key.clone()).await.unwrap_or_else(unknown)
                };
                let answer = self.answers.get_with((source.clone(), key.clone()), load).await;
                (key, answer)
            }
        });
        join_all(each).await
    }

    /// Appends what was looked up, but for what somebody else appended meanwhile.
    async fn append(
        &self,
        author: &Author,
        place: &LookedUpSource,
        Told { mut looked, mut hidden }: Told,
    ) -> Result<Option<Untaken>, SyncError> {
        let source = place.connector.id();
        let _turn = match self.turns.get(source) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        };
        let portfolio = self.gateway.current();
        let keys: Vec<RecordKey> =
            looked.iter().map(|(_, one)| &one.key).chain(hidden.iter().map(|(_, key)| key)).cloned().collect();
        let is_newer = |key: &RecordKey, at: Instant| portfolio.looked_up_at(source, key).is_none_or(|seen| seen < at);
        looked.retain(|(at, one)| is_newer(&one.key, *at));
        hidden.retain(|(at, key)| is_newer(key, *at));
        let sync = Sync {
            gateway: &self.gateway,
            workroom: &self.workroom,
            net: &self.net,
            clock: &self.clock,
            author: author.clone(),
        };
        // Nothing of it is newer than the oldest answer.
        let all = looked.iter().map(|(at, _)| *at).chain(hidden.iter().map(|(at, _)| *at));
        let Some(at) = all.min() else {
            let held = sync.take(&place.connector, self.clock.now(), Answered::default()).await?;
            return if held.is_some() { Ok(held) } else { self.untaken_before(source, &keys).await };
        };
        let looked = looked.into_iter().map(|(_, one)| one).collect();
        let answered = Answered { looked, hidden: hidden.into_iter().map(|(_, key)| key).collect() };
        let untaken = sync.take(&place.connector, at, answered).await?;
        for key in keys {
            match &untaken {
                Some(untaken) => self.untaken.insert((source.clone(), key), untaken.clone()).await,
                None => self.untaken.invalidate(&(source.clone(), key)).await,
            }
        }
        Ok(untaken)
    }
}

impl Freshener {
    /// Why an answer that serves several was not taken, where one of its records is not as it was known.
    async fn untaken_before(&self, source: &SourceId, keys: &[RecordKey]) -> Result<Option<Untaken>, SyncError> {
        for key in self.bad(source, keys).await? {
            if let Some(untaken) = self.untaken.get(&(source.clone(), key)).await {
                return Ok(Some(untaken));
            }
        }
        Ok(None)
    }
}

/// Asks one source for some keys.
struct Batch {
    place: LookedUpSource,
    net: Result<Net, NetError>,
    clock: Clock,
}

impl BatchFn<RecordKey, Answer> for Batch {
    /// Keys are joined by commas: one that holds a comma is asked for alone.
    async fn load(&mut self, keys: &[RecordKey]) -> HashMap<RecordKey, Answer> {
        let (alone, together): (Vec<RecordKey>, Vec<RecordKey>) =
            keys.iter().cloned().partition(|key| key.as_str().contains(','));
        let groups = alone.into_iter().map(|key| vec![key]).chain([together]).filter(|keys| !keys.is_empty());
        join_all(groups.map(|keys| self.request(keys))).await.into_iter().flatten().collect()
    }
}

impl Batch {
    async fn request(&self, keys: Vec<RecordKey>) -> HashMap<RecordKey, Answer> {
        let at = self.clock.now();
        let connector = Arc::clone(&self.place.connector);
        let looked_up = match &self.net {
            Ok(net) => {
                let reading = Reading { net, base: self.place.base.as_deref(), place: None, ask: Ask::default() };
                let timeout_ms = u64::try_from(LOOK_UP_TIME_MAX.as_millis()).unwrap_or(u64::MAX);
                connector.look_up(&reading, &keys, timeout_ms).await
            }
            Err(error) => Err(error.clone().into()),
        };
        let records = match looked_up {
            Ok(records) => records,
            Err(error) => {
                let cutter = self.net.as_ref().map(Net::cutter).unwrap_or_default();
                let cut = |text: String| cutter.cut(&text).unwrap_or(text);
                let Message { fr, en } = connector.discreet(error).message();
                let reason = Message { fr: cut(fr), en: cut(en) };
                tracing::warn!(source = %connector.id(), error = %reason.en, "a look-up failed");
                let failed = Answer { at, record: Err(reason) };
                return keys.into_iter().map(|key| (key, failed.clone())).collect();
            }
        };
        let asked = keys.clone();
        let recognised = tokio::task::spawn_blocking(move || connector.recognise(records, &asked)).await;
        let mut answers: HashMap<RecordKey, Answer> =
            keys.into_iter().map(|key| (key, Answer { at, record: Ok(None) })).collect();
        for looked in recognised.unwrap_or_default() {
            let answer = answers.entry(looked.key).or_insert(Answer { at, record: Ok(None) });
            answer.record = match answer.record.clone() {
                Ok(None) => Ok(Some(Arc::new(looked.record))),
                Ok(Some(first)) if first.node == looked.record.node => Ok(Some(first)),
                // Which of them is meant nobody can tell.
                Ok(Some(_)) => Err(ambiguous()),
                Err(reason) => Err(reason),
            };
        }
        answers
    }
}

fn no_look_up() -> Message {
    Message::new(
        "la source ne se consulte pas enregistrement par enregistrement : ses données ont l'âge de sa dernière lecture",
        "the source cannot be looked up record by record: its data are as old as its last read",
    )
}

fn too_slow() -> Message {
    let seconds = LOOK_UP_TIME_MAX.as_secs();
    Message::new(
        format!("la source n'a pas répondu en {seconds} s"),
        format!("the source did not answer within {seconds} s"),
    )
}

fn not_recorded() -> Message {
    Message::new(
        "la réponse n'a pu être inscrite au registre : elle n'est pas montrée",
        "the answer could not be recorded in the ledger: it is not shown",
    )
}

/// What is rejected, and why, is told to those who see rejections.
fn rejected(bad: usize) -> Message {
    Message::new(
        format!(
            "{bad} enregistrement(s) consulté(s) sont illisibles et rejetés : leur dernière bonne version reste, sans être à jour"
        ),
        format!(
            "{bad} record(s) looked up cannot be read and are rejected: their last good version stays, not up to date"
        ),
    )
}

fn ambiguous() -> Message {
    Message::new(
        "la source donne plusieurs enregistrements différents sous une même clé : aucun n'est pris",
        "the source gives several different records under one key: none of them is taken",
    )
}

fn not_shown(missing: usize) -> Message {
    Message::new(
        format!(
            "la source ne montre pas {missing} enregistrement(s) connu(s) : seule une lecture entière dira s'ils ont disparu"
        ),
        format!("the source does not show {missing} known record(s): only a full read tells whether they are gone"),
    )
}
