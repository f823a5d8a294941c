//! A record in the schema.

use super::Source;
use crate::domain::facts::Warning;
use crate::graphql::error::ApiError;
use crate::graphql::scalar::{DateTime, Json};
use crate::graphql::vocabulary::Language;
use crate::view;
use async_graphql::Object;

/// A handle on a record.
pub struct Record(pub view::Record);

/// What a source holds about one thing, kept verbatim.
#[Object]
impl Record {
    /// Where it comes from.
    async fn source(&self) -> Source {
        Source(self.0.source())
    }

    /// Its key in the source.
    async fn key(&self) -> &str {
        self.0.key()
    }

    /// SHA-256 of the form that is kept (personal fields sealed), hexadecimal, for whoever sees `raw`; for others who see the project whole
    /// a keyed digest, which changes when that form does and tells nothing of it; null for everybody else.
    async fn hash(&self) -> Option<String> {
        self.0.hash().map(|hash| hash.to_string())
    }

    /// What was normalised, doubted or left out when it was read; null for whoever does not see the project whole.
    async fn warnings(&self) -> Option<Vec<RecordWarning>> {
        let warnings = self.0.warnings()?;
        Some(warnings.iter().cloned().map(RecordWarning).collect())
    }

    /// When its key was first read.
    async fn first_seen(&self) -> DateTime {
        DateTime(self.0.first_seen())
    }

    /// When the source was last read and still held it.
    async fn last_seen(&self) -> DateTime {
        DateTime(self.0.read_at())
    }

    /// The source now gives it in a form that is rejected: what stands here is its last good version.
    async fn stale(&self) -> bool {
        self.0.is_bad()
    }

    /// Where it stood in its source (file, table or address; then line, page, index) when it was first read with what it says now: rows
    /// that came above it since may have moved it. For who sees every project, and for the organisation that its source speaks for; null
    /// for other viewers, and for what was declared or read before this was kept.
    async fn location(&self) -> Option<Result<String, ApiError>> {
        let location = self.0.location().await.map_err(ApiError::from).transpose();
        location.map(|location| location.map(|location| location.to_string()))
    }

    /// As received, personal fields sealed. For the organisation that its source speaks for, and for auditors; null for other
    /// viewers. A number with more digits than
    /// a double can hold is rounded here; `hash` covers the exact form.
    async fn raw(&self) -> Option<Result<Json, ApiError>> {
        let raw = self.0.raw().await.map_err(ApiError::from).transpose();
        raw.map(|text| text.map(|text| Json::from_text(&text)))
    }
}

/// A warning of a record.
pub struct RecordWarning(Warning);

/// What was normalised, doubted or left out of a record that was taken nevertheless.
#[Object]
impl RecordWarning {
    /// Stable code (siret-unverified, amount-rounded, date-unreadable): connectors/README.md.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The field of the source; null where it is about none.
    async fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// The sentence.
    async fn message(
        &self,
        #[graphql(desc = "Language of the message.", default_with = "Some(Language::Fr)")] lang: Option<Language>,
    ) -> &str {
        self.0.message.text(lang.unwrap_or(Language::Fr).into())
    }
}
