//! Errors of the schema: one place where a fault gets its code. The client's fault and ours are told apart;
//! ours is logged once, under an identifier that the client gets too.

use crate::acts::refusal::Refusal;
use crate::domain::message::Message;
use crate::view::ViewError;
use async_graphql::ErrorExtensions as _;

/// The stable code of an error, in `extensions.code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// An argument makes no sense; the message says which and what to give.
    BadInput,
    /// Not for this viewer.
    Forbidden,
    /// What is asked does not exist at that instant.
    NotFound,
    /// What stands by now speaks against it: read again, decide again.
    Conflict,
    /// Our fault.
    Internal,
}

impl Code {
    fn word(self) -> &'static str {
        match self {
            Code::BadInput => "BAD_INPUT",
            Code::Forbidden => "FORBIDDEN",
            Code::NotFound => "NOT_FOUND",
            Code::Conflict => "CONFLICT",
            Code::Internal => "INTERNAL",
        }
    }
}

/// An error that a resolver gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    code: Code,
    message: String,
    french: Option<String>,
    id: Option<String>,
}

impl ApiError {
    /// The client's fault.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        ApiError { code, message: message.into(), french: None, id: None }
    }

    /// The client's fault, told in both languages: in English in `message`, in French in `extensions.messageFr`.
    fn told(code: Code, message: &Message) -> Self {
        ApiError { code, message: message.en.clone(), french: Some(message.fr.clone()), id: None }
    }

    /// Our fault: logged here, once; the client gets the identifier and no detail.
    pub fn internal(cause: &dyn std::error::Error) -> Self {
        let id = format!("{:016x}", rand::random::<u64>());
        tracing::error!(id, error = %cause, "a query failed");
        let message = format!("the gateway failed to answer this field; it is noted under {id}");
        ApiError { code: Code::Internal, message, french: None, id: Some(id) }
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        async_graphql::Error::new(error.message).extend_with(|_, extensions| {
            extensions.set("code", error.code.word());
            if let Some(french) = error.french {
                extensions.set("messageFr", french);
            }
            if let Some(id) = error.id {
                extensions.set("id", id);
            }
        })
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match &refusal {
            Refusal::BadInput(message) => ApiError::told(Code::BadInput, message),
            Refusal::Forbidden(message) => ApiError::told(Code::Forbidden, message),
            Refusal::NotFound(message) => ApiError::told(Code::NotFound, message),
            Refusal::Conflict(message) => ApiError::told(Code::Conflict, message),
            Refusal::Ledger(cause) => ApiError::internal(cause),
        }
    }
}

impl From<ViewError> for ApiError {
    fn from(error: ViewError) -> Self {
        match &error {
            ViewError::Future { .. } | ViewError::TooFresh { .. } => ApiError::new(Code::BadInput, error.to_string()),
            ViewError::BeforeFirst { .. } | ViewError::UnknownVersion { .. } => {
                ApiError::new(Code::NotFound, error.to_string())
            }
            ViewError::BadInput(message) => ApiError::told(Code::BadInput, message),
            ViewError::Forbidden(_) => ApiError::new(Code::Forbidden, error.to_string()),
            ViewError::NoJournal => ApiError::new(Code::NotFound, error.to_string()),
            ViewError::Ledger(cause) => ApiError::internal(cause),
            ViewError::Journal(cause) => ApiError::internal(cause),
        }
    }
}
