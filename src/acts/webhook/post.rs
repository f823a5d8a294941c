//! The post: writes messages into the outbox, and sends those that are due.

use super::Secrets;
use super::schedule;
use crate::clock::Clock;
use crate::domain::Instant;
use crate::net::{Net, NetError, Request};
use crate::workroom::{Letter, LetterCounts, LetterState, Outcome, Told, Workroom, WorkroomError};
use chrono::TimeDelta;
use reqwest::header::{HeaderName, HeaderValue};
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// Time that an attempt may take: a receiver answers first, and works after.
const ATTEMPT_MS: u64 = 20_000;
/// A receiver that is gone for good.
const GONE: u16 = 410;

/// A receiver.
#[derive(Debug, Clone)]
pub struct Hook {
    /// Its name.
    pub name: String,
    /// Where it is called.
    pub url: Url,
    /// What messages to it are signed with.
    pub secrets: Secrets,
}

/// What a receiver said to one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It took the message.
    Taken,
    /// It wants no message any more.
    Gone(NetError),
    /// It did not take it; it may ask for a wait.
    NotTaken(NetError, Option<Duration>),
}

/// The outbox of a gateway and its way out.
#[derive(Debug, Clone)]
pub struct Post {
    workroom: Workroom,
    net: Net,
    clock: Clock,
}

impl Post {
    /// A post over the outbox of `workroom`. `net` should follow no redirect and leave no host alone: the pace is kept here.
    pub fn new(workroom: Workroom, net: Net, clock: Clock) -> Post {
        Post { workroom, net, clock }
    }

    /// The instant.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// What `hook` was told last, by attestation.
    ///
    /// # Errors
    /// The workroom does not answer.
    pub async fn told(&self, hook: &Hook) -> Result<BTreeMap<String, Told>, WorkroomError> {
        self.workroom.told(&hook.name).await
    }

    /// Notes what is told of an attestation and writes the message that tells it, where there is one, due at once; gives its identifier.
    ///
    /// # Errors
    /// The workroom does not answer.
    pub async fn tell(
        &self,
        (hook, attestation): (&Hook, &str),
        told: &Told,
        body: Option<&str>,
    ) -> Result<Option<String>, WorkroomError> {
        let letter = body.map(|body| (body, self.now()));
        self.workroom.tell((&hook.name, attestation), told, letter).await
    }

    /// The messages to `hook`, counted.
    ///
    /// # Errors
    /// The workroom does not answer.
    pub async fn counts(&self, hook: &Hook) -> Result<LetterCounts, WorkroomError> {
        self.workroom.letter_counts(&hook.name).await
    }

    /// The message to `hook` that is due the longest.
    ///
    /// # Errors
    /// The workroom does not answer.
    pub async fn due(&self, hook: &Hook) -> Result<Option<Letter>, WorkroomError> {
        self.workroom.due_letter(&hook.name, self.now()).await
    }

    /// Writes a message that waits anew.
    ///
    /// # Errors
    /// The workroom does not answer.
    pub async fn rewrite(&self, letter: Letter, body: String) -> Result<Letter, WorkroomError> {
        self.workroom.rewrite_letter(letter, body).await
    }

    /// Drops a message that is not to be sent any more, and what was told of its attestation.
    ///
    /// # Errors
    /// The workroom does not answer.
    pub async fn withdraw(&self, hook: &Hook, letter: &Letter, attestation: Option<&str>) -> Result<(), WorkroomError> {
        self.workroom.drop_letter(&hook.name, &letter.id, attestation).await
    }

    /// Drops the other messages that wait and are about the same attestation.
    ///
    /// # Errors
    /// The workroom does not answer.
    pub async fn alone(&self, hook: &Hook, letter: &Letter, attestation: &str) -> Result<(), WorkroomError> {
        self.workroom.drop_others(&hook.name, letter, attestation).await
    }

    /// Sends a message to `hook`, and tells whether it may be called again: not once it answered 410.
    ///
    /// # Errors
    /// The workroom does not answer.
    pub async fn deliver(&self, hook: &Hook, letter: &Letter) -> Result<bool, WorkroomError> {
        let answer = self.send(hook, &letter.id, &letter.body).await;
        let outcome = self.outcome(letter, &answer);
        self.workroom.attempted(&letter.id, &outcome).await?;
        match &answer {
            Answer::Taken => tracing::info!(hook = hook.name, id = letter.id, "a receiver took a message"),
            Answer::NotTaken(error, _) => {
                tracing::warn!(hook = hook.name, id = letter.id, %error, "a receiver did not take a message");
            }
            Answer::Gone(error) => {
                tracing::error!(hook = hook.name, %error, "a receiver is gone: it is not called until the next start");
                self.workroom.stopped(&hook.name, &told(error)).await?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// One attempt, signed at this instant.
    pub async fn send(&self, hook: &Hook, id: &str, body: &str) -> Answer {
        let timestamp = self.now().timestamp();
        let signature = hook.secrets.sign(id, timestamp, body.as_bytes());
        let headers =
            [("webhook-id", id), ("webhook-timestamp", &timestamp.to_string()), ("webhook-signature", &signature)];
        let headers = headers
            .into_iter()
            .filter_map(|(name, value)| Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?)));
        let request = Request::get(hook.url.clone(), 0, ATTEMPT_MS).with_json(body.to_owned());
        match self.net.send_once(&request.with_headers(headers.collect())).await {
            Ok(()) => Answer::Taken,
            Err((error @ NetError::Status { status: GONE, .. }, _)) => Answer::Gone(error),
            Err((error, asked)) => Answer::NotTaken(error, asked),
        }
    }

    fn outcome(&self, letter: &Letter, answer: &Answer) -> Outcome {
        let now = self.now();
        let (error, asked) = match answer {
            Answer::Taken => return Outcome { state: LetterState::Delivered, next_at: now, error: None },
            Answer::Gone(error) => (error, None),
            Answer::NotTaken(error, asked) => (error, *asked),
        };
        let wait = schedule::wait(letter.failed.saturating_add(1), asked, rand::random_range(0..=100));
        let state = if wait.is_some() { LetterState::Pending } else { LetterState::Dead };
        let wait = TimeDelta::from_std(wait.unwrap_or_default()).unwrap_or_default();
        Outcome { state, next_at: now + wait, error: Some(told(error)) }
    }
}

/// What a receiver did not do, in words for whoever looks after receivers.
fn told(error: &NetError) -> String {
    match error {
        NetError::Timeout { url } => {
            format!("{url} did not answer within {} s: a receiver answers first, and works after", ATTEMPT_MS / 1_000)
        }
        NetError::Status { url, status: GONE } => {
            format!("{url} answered 410, it is gone: nothing is sent to it until the gateway starts again")
        }
        other => other.to_string(),
    }
}
