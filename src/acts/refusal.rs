//! Why an act of a body is refused, in both languages, with what to do.

use crate::domain::message::Message;
use crate::ledger::LedgerError;

/// Why an act is refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// What is asked makes no sense as it is.
    #[error("{}", .0.en)]
    BadInput(Message),
    /// Not for this body to say.
    #[error("{}", .0.en)]
    Forbidden(Message),
    /// What is spoken of is not there.
    #[error("{}", .0.en)]
    NotFound(Message),
    /// What stands already speaks against it.
    #[error("{}", .0.en)]
    Conflict(Message),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Refusal {
    /// What is asked makes no sense as it is.
    pub fn bad_input(fr: impl Into<String>, en: impl Into<String>) -> Self {
        Refusal::BadInput(Message::new(fr, en))
    }

    /// Not for this body to say.
    pub fn forbidden(fr: impl Into<String>, en: impl Into<String>) -> Self {
        Refusal::Forbidden(Message::new(fr, en))
    }

    /// What is spoken of is not there.
    pub fn not_found(fr: impl Into<String>, en: impl Into<String>) -> Self {
        Refusal::NotFound(Message::new(fr, en))
    }

    /// What stands already speaks against it.
    pub fn conflict(fr: impl Into<String>, en: impl Into<String>) -> Self {
        Refusal::Conflict(Message::new(fr, en))
    }

    /// The message, where the fault is not ours.
    pub fn message(&self) -> Option<&Message> {
        match self {
            Refusal::BadInput(message)
            | Refusal::Forbidden(message)
            | Refusal::NotFound(message)
            | Refusal::Conflict(message) => Some(message),
            Refusal::Ledger(_) => None,
        }
    }
}
