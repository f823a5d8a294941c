//! The herald: looks, with the eyes of each receiver, for attested verdicts that are no longer what was told, and has them
//! told. Each receiver has a turn of its own, so that a slow one delays no other.

use crate::acts::webhook::{Hook, LetterCounts, Post, Told};
use crate::domain::Instant;
use crate::domain::chain::{Digest, LedgerVersion};
use crate::domain::reading::{Operation, Reading, Shown};
use crate::identity::Scope;
use crate::view::{self, Door, LastTold, Reader, VerdictReason};
use chrono::{SecondsFormat, TimeDelta};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// How often a receiver has its turn.
const TURN_EVERY: Duration = Duration::from_secs(2);
/// How often verdicts are looked at that nothing was appended about: they may have grown too old.
const JUDGED_EVERY: TimeDelta = TimeDelta::seconds(10);

/// Why a turn was not finished. The next one begins where this one stood.
pub type TurnError = Box<dyn std::error::Error + Send + Sync>;

/// One receiver, and where it stands.
struct Kept {
    hook: Hook,
    scope: Scope,
    turn: Mutex<Turn>,
}

#[derive(Default)]
struct Turn {
    /// What was looked at last, and when.
    looked: Option<(LedgerVersion, Instant)>,
    /// It answered 410.
    is_gone: bool,
}

/// Tells receivers of attested verdicts that are no longer what they were.
pub struct Herald {
    door: Door,
    post: Post,
    kept: Vec<Kept>,
}

impl Herald {
    /// A herald to these receivers, each of which is told what its scope sees and nothing else.
    pub fn new(door: Door, post: Post, receivers: Vec<(Hook, Scope)>) -> Herald {
        let kept = receivers.into_iter().map(|(hook, scope)| Kept { hook, scope, turn: Mutex::default() });
        Herald { door, post, kept: kept.collect() }
    }

    /// Looks and delivers for as long as the gateway runs.
    pub async fn follow(self: Arc<Self>) {
        join_all(self.kept.iter().map(|kept| async {
            let mut ticks = tokio::time::interval(TURN_EVERY);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                self.told_turn(kept).await;
            }
        }))
        .await;
    }

    /// One turn of every receiver.
    pub async fn turn(&self) {
        join_all(self.kept.iter().map(|kept| self.told_turn(kept))).await;
    }

    /// The messages to each receiver, counted; those that cannot be counted are left out.
    pub(super) async fn counts(&self) -> Vec<LetterCounts> {
        let mut all = Vec::new();
        for kept in &self.kept {
            match self.post.counts(&kept.hook).await {
                Ok(counts) => all.push(counts),
                Err(error) => tracing::error!(hook = kept.hook.name, %error, "messages cannot be counted"),
            }
        }
        all
    }

    async fn told_turn(&self, kept: &Kept) {
        if let Err(error) = self.turn_of(kept).await {
            tracing::error!(hook = kept.hook.name, %error, "a turn of a receiver was not finished");
        }
    }

    async fn turn_of(&self, kept: &Kept) -> Result<(), TurnError> {
        // Held over the delivery: one message to one receiver at a time.
        let mut turn = kept.turn.lock().await;
        let reader = self.door.open(kept.scope.clone(), self.post.now());
        let (version, now) = (reader.head().version, reader.now());
        if turn.looked.is_none_or(|(seen, at)| seen != version || now - at >= JUDGED_EVERY) {
            self.look(kept, &reader).await?;
            turn.looked = Some((version, now));
        }
        if !turn.is_gone {
            turn.is_gone = !self.post.deliver_due(&kept.hook).await?;
        }
        Ok(())
    }

    /// Writes what is new for a receiver. What was written stands, though a later one should fail.
    async fn look(&self, kept: &Kept, reader: &Reader) -> Result<(), TurnError> {
        let last = self.post.told(&kept.hook).await?.into_iter().map(|(attestation, told)| (attestation, noted(told)));
        let last: BTreeMap<String, LastTold> = last.collect();
        let version = reader.head().version.0;
        for told in reader.turned(&last).await? {
            let LastTold { verdict, plan, as_attested } = told.noted();
            let body = told.is_news.then(|| message(reader, &told).to_string());
            if body.is_some() {
                self.journal(kept, (reader, &told)).await?;
            }
            let attestation = told.attestation.to_string();
            let told = Told { verdict, plan, as_attested, version };
            self.post.tell((&kept.hook, &attestation), &told, body.as_deref()).await?;
        }
        Ok(())
    }
}

impl Herald {
    /// A message is a read of its receiver: it stands in the journal before it is written.
    async fn journal(&self, kept: &Kept, (reader, told): (&Reader, &view::Told)) -> Result<(), TurnError> {
        let (Some(journal), Some(author)) = (self.door.journal(), kept.scope.viewer().author()) else { return Ok(()) };
        let name = Some("verdict.changed".to_owned());
        let document = Digest::of(kept.hook.name.as_bytes());
        let shown = Shown { projects: [told.project.id().clone()].into(), ..Shown::default() };
        let (at, version) = (reader.now(), reader.head().version);
        let operation = Operation { name, fields: vec!["webhook".to_owned()], document };
        Ok(journal.record(Reading { at, reader: author, operation, version, shown }).await?)
    }
}

fn noted(told: Told) -> LastTold {
    LastTold { verdict: told.verdict, plan: told.plan, as_attested: told.as_attested }
}

fn instant(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The body of a message: what `verdictChanged` tells, and no title: a title may name somebody.
fn message(reader: &Reader, told: &view::Told) -> Value {
    let since = told.reasons.iter().filter_map(VerdictReason::since).min();
    json!({
        "type": "verdict.changed",
        "timestamp": instant(reader.now()),
        "data": {
            "project": told.project.id().to_string(),
            "attestation": told.attestation.to_string(),
            "ledgerVersion": reader.head().version.0,
            "since": since.map(instant),
            "asAttested": told.as_attested,
            "attested": verdict(&told.attested),
            "now": verdict(&told.now),
            "changes": told.reasons.iter().map(change).collect::<Vec<_>>(),
        },
    })
}

fn verdict(verdict: &view::Verdict) -> Value {
    let plan = verdict.plan.to_string();
    json!({"ready": verdict.ready, "knowledge": verdict.knowledge.as_str(), "planVersion": plan})
}

fn change(reason: &VerdictReason) -> Value {
    let funder = reason.funder().map(|funder| json!({"id": funder.id(), "name": funder.name()}));
    json!({
        "code": code(reason.kind()),
        "funder": funder,
        "nature": reason.nature().map(|nature| nature.as_str()),
        "rule": reason.rule(),
        "source": reason.source().map(|source| source.profile().id.to_string()),
        "since": reason.since().map(instant),
        "fr": reason.message().fr,
        "en": reason.message().en,
    })
}

/// The word of `verdictChanged` for a kind of change.
fn code(kind: view::ChangeKind) -> &'static str {
    match kind {
        view::ChangeKind::LineAppeared => "LINE_APPEARED",
        view::ChangeKind::LineGone => "LINE_GONE",
        view::ChangeKind::LineState => "LINE_STATE",
        view::ChangeKind::LineAmount => "LINE_AMOUNT",
        view::ChangeKind::LineTerms => "LINE_TERMS",
        view::ChangeKind::ShareLapsed => "SHARE_LAPSED",
        view::ChangeKind::Shared => "SHARED",
        view::ChangeKind::Budget => "BUDGET",
        view::ChangeKind::FindingAppeared => "FINDING_APPEARED",
        view::ChangeKind::FindingChanged => "FINDING_CHANGED",
        view::ChangeKind::FindingGone => "FINDING_GONE",
        view::ChangeKind::ProjectGone => "PROJECT_GONE",
        view::ChangeKind::Rules => "RULES",
    }
}
