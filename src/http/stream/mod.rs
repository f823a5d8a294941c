//! Answers that come as they happen: over WebSocket (graphql-transport-ws) or as server-sent events. The same tokens, the
//! same guard and the same turns as for one answer over HTTP.

mod events;
mod message;
mod socket;
mod turn;

pub(super) use events::open as open_events;
pub(super) use socket::open as open_socket;
pub(super) use turn::InTurn;

use super::auth::Admitted;
use super::budget::{Payer, Peer};
use super::error::HttpError;
use super::graphql::{By, Performed, perform};
use super::journal::operation_of;
use super::order::Order;
use super::request::Asked;
use super::rooms::Room;
use super::{Service, auth, guard, respond};
use crate::domain::Instant;
use crate::domain::chain::LedgerVersion;
use crate::graphql::Appended;
use crate::identity::{Scope, TokenError};
use async_graphql::Request;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant as Moment};
use turn::Turns;

/// Least and most that is slept before the time left to a token is worked out anew.
const EXPIRY_STEP_MIN: Duration = Duration::from_millis(5);
const EXPIRY_STEP_MAX: Duration = Duration::from_secs(60);

/// Somebody who listens, for as long as their token holds.
struct Listener {
    service: Arc<Service>,
    authorization: Option<String>,
    /// When the token expires; no leeway keeps a listener.
    until: Option<Instant>,
    scope: Scope,
    payer: Payer,
}

impl Listener {
    /// Whoever `authorization` stands for; the public without any.
    async fn admit(service: Arc<Service>, (authorization, peer): (Option<String>, Peer)) -> Result<Self, HttpError> {
        let Admitted { viewer, until } = auth::admit(authorization.as_deref(), &service).await?;
        let payer = Payer::of(&viewer, peer);
        let listener = Listener { scope: Scope::of(viewer), service, authorization, until, payer };
        listener.in_time()?;
        Ok(listener)
    }

    /// A room for as long as it listens.
    ///
    /// # Errors
    /// No room is left for it.
    fn room(&self) -> Result<Room, HttpError> {
        self.service.rooms.take(&self.payer).ok_or(HttpError::Busy)
    }

    /// Does the token hold still?
    fn still(&self) -> Result<(), HttpError> {
        let service = &self.service;
        self.in_time()?;
        auth::bearer(self.authorization.as_deref(), service.verifier.as_ref(), service.clock.now()).map(drop)
    }

    fn in_time(&self) -> Result<(), HttpError> {
        let is_over = self.until.is_some_and(|until| until <= self.service.clock.now());
        if is_over { Err(auth::refused(TokenError::Expired)) } else { Ok(()) }
    }

    /// Ends when the token expires, at once and not at the next look at it.
    async fn expired(&self) {
        let Some(until) = self.until else { return std::future::pending().await };
        while let Ok(left) = (until - self.service.clock.now()).to_std()
            && !left.is_zero()
        {
            // In steps, for the machine's clock may be set meanwhile; never none, where it is held still.
            tokio::time::sleep(left.clamp(EXPIRY_STEP_MIN, EXPIRY_STEP_MAX)).await;
        }
    }

    /// Ends when the gateway is about to stop.
    async fn stopped(&self) {
        let mut stop = self.service.stop.clone();
        if stop.wait_for(|stop| *stop).await.is_err() {
            // Nobody will ever say so.
            std::future::pending::<()>().await;
        }
    }

    /// The answers to an operation, each as JSON; one without `data` was not executed. What is subscribed to is watched from
    /// this very call on.
    fn answers(&self, asked: Asked, by: By) -> BoxStream<'static, Value> {
        let (document, cost) = match guard::admit(&asked.query, &asked.variables) {
            Ok(admitted) => admitted,
            Err(refusal) => {
                let version = self.service.public_reader().head().version;
                let refused = respond::refusal_payload(&refusal, version);
                return stream::once(async move { refused }).boxed();
            }
        };
        match guard::operation_type(&document, asked.operation_name.as_deref()) {
            // Whoever subscribes pays once, as for one answer.
            Some(OperationType::Subscription) => match self.service.charge(&self.payer, cost) {
                Ok(()) => self.told(asked, document),
                Err(error) => stream::once(async move { error.body() }).boxed(),
            },
            _ => {
                let asker = (self.scope.clone(), self.payer.clone());
                stream::once(performed(Arc::clone(&self.service), asker, asked, by)).boxed()
            }
        }
    }

    fn told(&self, asked: Asked, document: ExecutableDocument) -> BoxStream<'static, Value> {
        let service = Arc::clone(&self.service);
        let clock = service.clock.clone();
        let (door, teller) = service.noted(&self.scope, operation_of(&asked, &document));
        let watch = door.watch(self.scope.clone(), move || clock.now());
        let watch = watch.judging_every(service.limits.verdicts_every);
        let order = Arc::new(Order::of(&document, asked.operation_name.as_deref()));
        let appended = Appended::default();
        let turns = Turns { turns: Arc::clone(&service.turns), time: service.limits.operation_time };
        let mut request = Request::new(asked.query).variables(asked.variables);
        request = request.data(watch).data(appended.clone()).data(turns);
        request.operation_name = asked.operation_name;
        request.set_parsed_query(document);
        let told = service.told.execute_stream(request);
        let version = move || LedgerVersion(appended.version());
        let answers = told.then(move |mut response| {
            order.put(&mut response.data);
            let (version, teller) = (version(), teller.clone());
            async move {
                match teller.tell(version).await {
                    Ok(()) => respond::payload(response, (version, &[])).1,
                    Err(error) => error.body(),
                }
            }
        });
        answers.boxed()
    }
}

/// A query or a mutation: one answer.
async fn performed(service: Arc<Service>, (scope, payer): (Scope, Payer), asked: Asked, by: By) -> Value {
    let start = Moment::now();
    let (outcome, payload) = match perform(&service, (scope, &payer), asked, by).await {
        Ok(Performed::Executed(response, version, late)) => respond::payload(*response, (version, &late)),
        Ok(Performed::Refused(refusal, version)) => {
            (super::metrics::Outcome::Refused, respond::refusal_payload(&refusal, version))
        }
        Err(error) => (super::metrics::Outcome::Failed, error.body()),
    };
    service.metrics.operation(outcome, start.elapsed());
    payload
}
