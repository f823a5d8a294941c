//! What is required of a contrat de ville.

use super::{appended, who_says};
use crate::acts::condition::Stated;
use crate::graphql::error::ApiError;
use crate::graphql::types::ContratDeVille;
use async_graphql::{Context, ID, InputObject, Object};

/// What is required of a contrat de ville.
#[derive(Default)]
pub struct Conditions;

/// Whether a contract meets one of the conditions C1 to C5. C6 follows from attestations and is stated by nobody.
#[derive(InputObject)]
pub struct ConditionInput {
    /// Code of the contract.
    contrat: ID,
    /// C1 to C5.
    code: String,
    /// Is it met?
    met: bool,
    /// On what that rests: a document, a meeting, at most 1000 characters.
    evidence: String,
}

/// What is required of a contrat de ville.
#[Object]
impl Conditions {
    /// Says whether a contract meets a condition of the framework, with its evidence. For the Région. A later word stands before
    /// an earlier one; both stay in the ledger.
    async fn record_condition(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The condition.")] input: ConditionInput,
    ) -> Result<ContratDeVille, ApiError> {
        let (registrar, caller) = who_says(context)?;
        let stated = Stated { contrat: &input.contrat, code: &input.code, met: input.met, evidence: &input.evidence };
        let entry = registrar.state_condition(&caller, &stated).await?;
        let contrat = appended(context, entry.version)?.contrat(&input.contrat);
        contrat
            .map(ContratDeVille)
            .ok_or_else(|| ApiError::internal(&std::io::Error::other("the contract of an act is gone")))
    }
}
