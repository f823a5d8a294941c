//! The messages of graphql-transport-ws, and the codes with which a socket is closed.

use crate::identity::members_once;
use axum::extract::ws::{CloseFrame, Message};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The subprotocol.
pub(super) const PROTOCOL: &str = "graphql-transport-ws";
/// Longest reason of a close frame, in bytes (RFC 6455: a control frame holds 125, two of them the code).
const REASON_BYTES_MAX: usize = 123;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Said {
    ConnectionInit { payload: Option<Map<String, Value>> },
    Ping {},
    Pong {},
    Subscribe { id: String, payload: Map<String, Value> },
    Complete { id: String },
}

impl Said {
    /// Reads a frame; `None` for one that says nothing (a ping or pong of the socket itself, its close).
    ///
    /// # Errors
    /// Something else than a message of the protocol.
    pub fn read(frame: &Message) -> Result<Option<Said>, End> {
        match frame {
            Message::Text(text) => {
                let said = serde_json::from_str(text).map_err(|error| End::malformed(&error))?;
                members_once(text.as_bytes()).map_err(|error| End::malformed(&error))?;
                Ok(Some(said))
            }
            Message::Binary(_) => Err(End::malformed("messages are texts")),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Ok(None),
        }
    }
}

/// Says that the client was admitted.
pub(super) fn acknowledged() -> Message {
    text(json!({"type": "connection_ack"}))
}

/// Answers a ping.
pub(super) fn pong() -> Message {
    text(json!({"type": "pong"}))
}

/// One answer.
pub(super) fn next(id: &str, payload: Value) -> Message {
    text(json!({"type": "next", "id": id, "payload": payload}))
}

/// The operation was not executed, or not to its end; nothing more comes.
pub(super) fn error(id: &str, payload: &Value) -> Message {
    text(json!({"type": "error", "id": id, "payload": payload["errors"]}))
}

/// Nothing more comes.
pub(super) fn complete(id: &str) -> Message {
    text(json!({"type": "complete", "id": id}))
}

fn text(value: Value) -> Message {
    Message::Text(value.to_string().into())
}

/// Why a socket is closed: a code that clients know, and a reason for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    code: u16,
    reason: String,
}

impl End {
    fn new(code: u16, reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        reason.truncate(reason.floor_char_boundary(REASON_BYTES_MAX));
        End { code, reason }
    }

    /// The gateway stops.
    pub fn going_away() -> Self {
        End::new(1001, "the gateway stops: connect again in a moment")
    }

    /// No room is left for this listener.
    pub fn busy() -> Self {
        End::new(1013, "too many listen already, or too many of yours: try again later")
    }

    /// No message of the protocol.
    pub fn malformed(why: &(impl ToString + ?Sized)) -> Self {
        End::new(4400, why.to_string())
    }

    /// An operation before the greeting.
    pub fn unauthorized() -> Self {
        End::new(4401, "say connection_init first")
    }

    /// The greeting brings another token than the header of the opening.
    pub fn two_tokens() -> Self {
        End::new(4401, "the header and connection_init bring two tokens: give one")
    }

    /// The greeting has a token where none is read.
    pub fn misplaced(name: &str) -> Self {
        let name = crate::domain::text::quoted(name);
        End::new(4403, format!("a token stands in {name:?}: send it as Authorization: \"Bearer ...\""))
    }

    /// The token is refused, or has expired.
    pub fn forbidden(why: &impl ToString) -> Self {
        End::new(4403, why.to_string())
    }

    /// No greeting in time.
    pub fn no_greeting() -> Self {
        End::new(4408, "connection_init did not come in time")
    }

    /// Two operations of one name.
    pub fn twice(id: &str) -> Self {
        End::new(4409, format!("an operation {id} is under way already"))
    }

    /// A second greeting.
    pub fn greeted_twice() -> Self {
        End::new(4429, "connection_init was said already")
    }

    /// The frame that says so.
    pub fn frame(self) -> Message {
        Message::Close(Some(CloseFrame { code: self.code, reason: self.reason.into() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_into_its_frame() {
        let long = End::malformed(&"é".repeat(100));
        assert!(long.reason.len() <= REASON_BYTES_MAX && long.reason.starts_with('é'));
    }
}
