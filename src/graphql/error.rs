//! Errors of the schema: one place where a fault gets its code. The client's fault and ours are told apart;
//! ours is logged once, under an identifier that the client gets too.

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
    /// Our fault.
    Internal,
}

impl Code {
    fn word(self) -> &'static str {
        match self {
            Code::BadInput => "BAD_INPUT",
            Code::Forbidden => "FORBIDDEN",
            Code::NotFound => "NOT_FOUND",
            Code::Internal => "INTERNAL",
        }
    }
}

/// An error that a resolver gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    code: Code,
    message: String,
    id: Option<String>,
}

impl ApiError {
    /// The client's fault.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        ApiError { code, message: message.into(), id: None }
    }

    /// Our fault: logged here, once; the client gets the identifier and no detail.
    pub fn internal(cause: &dyn std::error::Error) -> Self {
        let id = format!("{:016x}", rand::random::<u64>());
        tracing::error!(id, error = %cause, "a query failed");
        let message = format!("the gateway failed to answer this field; it is noted under {id}");
        ApiError { code: Code::Internal, message, id: Some(id) }
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        async_graphql::Error::new(error.message).extend_with(|_, extensions| {
            extensions.set("code", error.code.word());
            if let Some(id) = error.id {
                extensions.set("id", id);
            }
        })
    }
}

impl From<ViewError> for ApiError {
    fn from(error: ViewError) -> Self {
        match &error {
            ViewError::Future { .. } | ViewError::TooFresh { .. } => ApiError::new(Code::BadInput, error.to_string()),
            ViewError::BeforeFirst { .. } | ViewError::UnknownVersion { .. } => {
                ApiError::new(Code::NotFound, error.to_string())
            }
            ViewError::Forbidden(_) => ApiError::new(Code::Forbidden, error.to_string()),
            ViewError::Ledger(cause) => ApiError::internal(cause),
        }
    }
}
