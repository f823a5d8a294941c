//! A rejected record in the schema.

use crate::domain::rejection;
use crate::graphql::scalar::{DateTime, Json};
use crate::graphql::vocabulary::Language;
use async_graphql::Object;

/// A rejected record.
pub struct Rejection(pub rejection::Rejection);

/// A record that could not be taken, kept so that its owner can mend it.
#[Object]
impl Rejection {
    /// The record as received, personal fields sealed; `***` in the place of values that are not for this viewer.
    async fn record(&self) -> Option<Json> {
        Some(Json::from_text(&self.0.raw))
    }

    /// Where it was: file or address, then line, page, index.
    async fn location(&self) -> &str {
        &self.0.location
    }

    /// The field at fault, as the source calls it; null when it is the whole record.
    async fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// Stable code of the reason.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Why, and what is expected instead.
    async fn reason(
        &self,
        #[graphql(desc = "Language of the reason.", default_with = "Some(Language::Fr)")] lang: Option<Language>,
    ) -> &str {
        self.0.reason.text(lang.unwrap_or(Language::Fr).into())
    }

    /// When it was met.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
}
