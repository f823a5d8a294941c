//! A finding on a source in the schema.

use crate::domain::source_finding;
use crate::graphql::scalar::DateTime;
use crate::graphql::vocabulary::{Language, SourceFindingKind};
use async_graphql::Object;

/// A finding on a source.
pub struct SourceFinding(pub source_finding::SourceFinding);

/// Something noticed about a source as a whole: its form, or its figures, are not what they were.
#[Object]
impl SourceFinding {
    /// What was noticed.
    async fn kind(&self) -> SourceFindingKind {
        self.0.kind.into()
    }

    /// The field of the source as a dotted path, `*` for the elements of a list; null where no single field is concerned.
    async fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// What else it is about: of a break in a series, the part of the source (a year, a file) or, where it is not divided, the
    /// source itself; null for a column.
    async fn about(&self) -> Option<&str> {
        self.0.about.as_deref()
    }

    /// When the read began that noticed it first.
    async fn since(&self) -> DateTime {
        DateTime(self.0.since)
    }

    /// A value of the source that shows it, never of a personal field. For those who see values that it rejected; null
    /// for other viewers, and where there is none.
    async fn example(&self) -> Option<&str> {
        self.0.example.as_deref()
    }

    /// What is to be known.
    async fn message(
        &self,
        #[graphql(desc = "Language of the message.", default_with = "Some(Language::Fr)")] lang: Option<Language>,
    ) -> &str {
        self.0.message.text(lang.unwrap_or(Language::Fr).into())
    }

    /// It holds the run that noticed it: nothing of that run is applied until a person lets it through.
    async fn held(&self) -> bool {
        self.0.held
    }
}
