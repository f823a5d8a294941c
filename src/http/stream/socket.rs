//! One WebSocket: a greeting with a token, then operations side by side, until somebody goes or the token expires.

use super::Listener;
use super::message::{self, End, PROTOCOL, Said};
use crate::http::budget::{Payer, Peer};
use crate::http::error::HttpError;
use crate::http::graphql::By;
use crate::http::request::from_parameters;
use crate::http::rooms::Room;
use crate::http::{BODY_BYTES_MAX, BODY_WAIT_MAX, Service, auth};
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::StreamExt;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, interval_at, timeout};

/// Operations under way at once on one socket.
const OPERATIONS_OF_A_SOCKET_MAX: usize = 20;
/// Answers of all operations of a socket that wait to be sent: behind these, an operation waits, and changes are merged.
const ANSWERS_WAITING_MAX: usize = 4;

/// Opens a socket.
///
/// # Errors
/// Another subprotocol, more than one Authorization header, or too many listeners.
pub(in crate::http) fn open(
    service: Arc<Service>,
    (headers, peer): (&HeaderMap, Peer),
    upgrade: WebSocketUpgrade,
) -> Result<Response, HttpError> {
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(BODY_BYTES_MAX).max_frame_size(BODY_BYTES_MAX);
    if upgrade.selected_protocol().is_none() {
        return Err(HttpError::malformed(format!("offer the WebSocket subprotocol {PROTOCOL}")));
    }
    let authorization = auth::authorization(headers)?;
    // Browsers say only in the greeting who they are: until then they are strangers.
    let known = auth::bearer_of(authorization, &service);
    let room = match &known {
        Some(viewer) => service.rooms.take(&Payer::of(viewer, peer)),
        None => service.rooms.wait(peer),
    };
    let room = room.ok_or(HttpError::Busy)?;
    let header = (authorization.map(str::to_owned), peer);
    Ok(upgrade.on_upgrade(move |socket| serve(socket, service, header, room)))
}

async fn serve(mut socket: WebSocket, service: Arc<Service>, header: (Option<String>, Peer), mut room: Room) {
    let end = match greet(&mut socket, &service, (header, &mut room)).await {
        Ok(Some(listener)) => Conversation::new(listener).hold(&mut socket).await.err(),
        Ok(None) => None,
        Err(end) => Some(end),
    };
    if let Some(end) = end {
        // A client that is gone already hears nothing.
        let _ = timeout(BODY_WAIT_MAX, farewell(&mut socket, end)).await;
    }
    drop(room);
}

/// Says why, and reads on until the client has closed too: a connection that is dropped with something unread is reset, and
/// the client would never read the reason.
async fn farewell(socket: &mut WebSocket, end: End) {
    if socket.send(end.frame()).await.is_ok() {
        while let Some(Ok(_)) = socket.recv().await {}
    }
}

/// Waits for the greeting; `None` when the client went.
async fn greet(
    socket: &mut WebSocket,
    service: &Arc<Service>,
    ((header, peer), room): ((Option<String>, Peer), &mut Room),
) -> Result<Option<Listener>, End> {
    let deadline = Instant::now() + BODY_WAIT_MAX;
    loop {
        let frame = tokio::time::timeout_at(deadline, socket.recv()).await.map_err(|_| End::no_greeting())?;
        let Some(Ok(frame)) = frame else { return Ok(None) };
        match Said::read(&frame)? {
            Some(Said::ConnectionInit { payload }) => {
                let said = authorization(payload)?;
                // Which of two would be the one who asks? The room was taken for the first.
                if said.is_some() && header.is_some() && said != header {
                    return Err(End::two_tokens());
                }
                let authorization = said.or(header);
                let admitted = Listener::admit(Arc::clone(service), (authorization, peer)).await;
                let listener = admitted.map_err(|error| End::forbidden(&error))?;
                service.rooms.settle(room, &listener.payer).ok_or_else(End::busy)?;
                return Ok(send(socket, message::acknowledged()).await.then_some(listener));
            }
            Some(Said::Ping {}) => {
                if !send(socket, message::pong()).await {
                    return Ok(None);
                }
            }
            Some(Said::Subscribe { .. }) => return Err(End::unauthorized()),
            Some(Said::Pong {} | Said::Complete { .. }) | None => {}
        }
    }
}

/// The token in the payload of the greeting: browsers cannot set a header on a WebSocket.
fn authorization(payload: Option<Map<String, Value>>) -> Result<Option<String>, End> {
    let mut payload = payload.unwrap_or_default();
    match (payload.remove("Authorization"), payload.remove("authorization")) {
        // Whoever brings a token under another name would be answered as the public, and believe it saw all.
        (None | Some(Value::Null), None | Some(Value::Null)) => {
            match payload.iter().find(|(name, said)| holds_token(name, said)) {
                Some((name, _)) => Err(End::misplaced(name)),
                None => Ok(None),
            }
        }
        (Some(Value::String(value)), None | Some(Value::Null)) | (None, Some(Value::String(value))) => Ok(Some(value)),
        _ => Err(End::forbidden(&HttpError::Authorization)),
    }
}

/// Does a token stand here, or within: by its form, or by the name of its member, whatever form it has?
fn holds_token(name: &str, said: &Value) -> bool {
    match said {
        Value::String(text) => is_token(text) || is_called_token(name) && !text.trim().is_empty(),
        Value::Number(_) => is_called_token(name),
        Value::Array(all) => all.iter().any(|one| holds_token(name, one)),
        Value::Object(all) => all.iter().any(|(inner, one)| {
            // `{"token": {"value": "…"}}`
            let name = if is_called_token(inner) { inner } else { name };
            holds_token(name, one)
        }),
        Value::Null | Value::Bool(_) => false,
    }
}

/// Does the name of a member say that a token is in it? Not that it is one against forged requests, of which kind it is, or how long it
/// lasts.
fn is_called_token(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let ends = ["token", "authorization", "bearer", "jwt", "token_value", "tokenvalue"];
    ends.iter().any(|end| name.ends_with(end)) && !["csrf", "xsrf"].iter().any(|word| name.contains(word))
}

/// The form of a JSON Web Token (the header of each begins with `{"`), with the word before it or without.
fn is_token(text: &str) -> bool {
    let text = text.trim();
    let bearer = text.get(..7).is_some_and(|word| word.eq_ignore_ascii_case("bearer "));
    bearer || text.starts_with("eyJ") && text.matches('.').count() == 2
}

/// Sends in bounded time; false when the client does not take it.
async fn send(socket: &mut WebSocket, message: Message) -> bool {
    matches!(timeout(BODY_WAIT_MAX, socket.send(message)).await, Ok(Ok(())))
}

/// An answer to the operation of this number; `None`: no more come.
type Answer = (u64, String, Option<Value>);

/// The operations under way on one socket.
struct Conversation {
    listener: Listener,
    tasks: JoinSet<()>,
    /// By the client's name; the number tells an operation from an earlier one of the same name.
    running: HashMap<String, (u64, AbortHandle)>,
    begun: u64,
    say: mpsc::Sender<Answer>,
    answers: mpsc::Receiver<Answer>,
}

impl Conversation {
    fn new(listener: Listener) -> Self {
        let (say, answers) = mpsc::channel(ANSWERS_WAITING_MAX);
        Conversation { listener, tasks: JoinSet::new(), running: HashMap::new(), begun: 0, say, answers }
    }

    /// Holds it until the client goes.
    ///
    /// # Errors
    /// Why the socket is to be closed.
    async fn hold(mut self, socket: &mut WebSocket) -> Result<(), End> {
        let every = self.listener.service.limits.alive_every;
        let mut ticks = interval_at(Instant::now() + every, every);
        let mut heard = true;
        loop {
            let reply = tokio::select! {
                frame = socket.recv() => match frame {
                    None | Some(Err(_) | Ok(Message::Close(_))) => return Ok(()),
                    Some(Ok(frame)) => {
                        heard = true;
                        self.hear(Said::read(&frame)?)?
                    }
                },
                Some(answer) = self.answers.recv() => {
                    self.listener.still().map_err(|error| End::forbidden(&error))?;
                    self.told(answer)
                }
                _ = ticks.tick() => {
                    self.listener.still().map_err(|error| End::forbidden(&error))?;
                    // Not even the pong of the ping before: nobody is there.
                    if !std::mem::take(&mut heard) {
                        return Ok(());
                    }
                    Some(Message::Ping(Vec::new().into()))
                }
                () = self.listener.expired() => {
                    self.listener.still().map_err(|error| End::forbidden(&error))?;
                    None
                }
                () = self.listener.stopped() => return Err(End::going_away()),
            };
            while self.tasks.try_join_next().is_some() {}
            if let Some(reply) = reply
                && !send(socket, reply).await
            {
                return Ok(());
            }
        }
    }

    fn hear(&mut self, said: Option<Said>) -> Result<Option<Message>, End> {
        match said {
            Some(Said::ConnectionInit { .. }) => Err(End::greeted_twice()),
            Some(Said::Ping {}) => Ok(Some(message::pong())),
            Some(Said::Pong {}) | None => Ok(None),
            Some(Said::Complete { id }) => {
                if let Some((_, task)) = self.running.remove(&id) {
                    task.abort();
                }
                Ok(None)
            }
            Some(Said::Subscribe { id, payload }) => self.begin(id, payload),
        }
    }

    fn begin(&mut self, id: String, payload: Map<String, Value>) -> Result<Option<Message>, End> {
        self.listener.still().map_err(|error| End::forbidden(&error))?;
        if self.running.contains_key(&id) {
            return Err(End::twice(&id));
        }
        let asked = from_parameters(payload).map_err(|error| End::malformed(&error))?;
        if self.running.len() >= OPERATIONS_OF_A_SOCKET_MAX {
            let (limit, most) = ("operations on one socket", OPERATIONS_OF_A_SOCKET_MAX);
            let told = format!("{most} operations are under way on this socket: end one, or open another socket");
            let extensions = json!({"code": "LIMIT_EXCEEDED", "limit": limit, "most": most});
            let errors = json!({"errors": [{"message": told, "extensions": extensions}]});
            return Ok(Some(message::error(&id, &errors)));
        }
        self.begun += 1;
        let number = self.begun;
        let mut answers = self.listener.answers(asked, By::Post);
        let (say, name) = (self.say.clone(), id.clone());
        let task = self.tasks.spawn(async move {
            while let Some(payload) = answers.next().await {
                if say.send((number, name.clone(), Some(payload))).await.is_err() {
                    return;
                }
            }
            // Nobody there to hear it is no error.
            let _ = say.send((number, name, None)).await;
        });
        self.running.insert(id, (number, task));
        Ok(None)
    }

    /// The message for an answer; none when the client does not want it any more.
    fn told(&mut self, (number, id, payload): Answer) -> Option<Message> {
        self.running.get(&id).filter(|(running, _)| *running == number)?;
        let Some(payload) = payload else {
            self.running.remove(&id);
            return Some(message::complete(&id));
        };
        if payload.get("data").is_some() {
            return Some(message::next(&id, payload));
        }
        if let Some((_, task)) = self.running.remove(&id) {
            task.abort();
        }
        Some(message::error(&id, &payload))
    }
}
