//! A condition of a contrat de ville in the schema.

use crate::graphql::vocabulary::Language;
use crate::view;
use async_graphql::Object;

/// A condition of a contract.
pub struct ContractCondition(pub view::Condition);

/// One of the six conditions that the Region's framework makes of each contrat de ville.
#[Object]
impl ContractCondition {
    /// C1 to C6.
    async fn code(&self) -> &str {
        self.0.code
    }

    /// What it requires.
    async fn label(
        &self,
        #[graphql(desc = "Language of the label.", default_with = "Some(Language::Fr)")] lang: Option<Language>,
    ) -> &str {
        self.0.label.text(lang.unwrap_or(Language::Fr).into())
    }

    /// Met or not; null: unknown, which is never met.
    async fn met(&self) -> Option<bool> {
        self.0.met
    }

    /// On what that rests; null where nobody said anything.
    async fn evidence(
        &self,
        #[graphql(desc = "Language of the evidence.", default_with = "Some(Language::Fr)")] lang: Option<Language>,
    ) -> Option<&str> {
        self.0.evidence_in(lang.unwrap_or(Language::Fr).into())
    }
}
