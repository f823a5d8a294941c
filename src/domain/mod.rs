//! The words of the product, as types: money, identifiers, what a record says.
//!
//! Pure: no I/O, no async, no clock, no environment, no floating point. Serde's derives are allowed
//! (they describe data); a JSON value is not. Every identifier has one door, `parse`.

pub mod act;
pub mod chain;
pub mod clearance;
pub mod declaration;
pub mod difference;
pub mod envelope;
pub mod erasure;
pub mod facts;
pub mod found;
pub mod governance;
pub mod image;
pub mod marks;
pub mod message;
pub mod money;
pub mod organisation;
pub mod place;
pub mod project;
pub mod reading;
pub mod record;
pub mod rejection;
pub mod run;
pub mod siren;
pub mod source;
pub mod source_finding;
pub mod tax;
pub mod text;
pub mod validity;
pub mod vocabulary;

/// An instant in universal time, to the microsecond in the ledger.
pub type Instant = chrono::DateTime<chrono::Utc>;
/// A calendar date.
pub type Date = chrono::NaiveDate;

/// Why a text is no value of its type: what was read, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("« {text} » is no {expected}")]
pub struct ParseError {
    /// The text that was refused.
    pub text: String,
    /// The type that was expected, in words, with an example.
    pub expected: &'static str,
}

impl ParseError {
    pub(crate) fn new(text: &str, expected: &'static str) -> Self {
        ParseError { text: text::shown(text, 120), expected }
    }
}

/// Gives a text newtype its serde form: written as its text, read through `parse`. What is no text inside is formatted for it.
macro_rules! text_serde {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        crate::domain::text_serde!($type, read);
    };
    ($type:ty, formatted) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        crate::domain::text_serde!($type, read);
    };
    ($type:ty, read) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
        impl std::str::FromStr for $type {
            type Err = crate::domain::ParseError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
    };
}
pub(crate) use text_serde;
