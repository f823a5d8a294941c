//! Attesting a check.

use super::{appended, reader};
use crate::acts::attest::{AttestError, Attester};
use crate::graphql::error::{ApiError, Code};
use crate::graphql::types::Attestation;
use async_graphql::{Context, ID, Object};

/// Attesting a check.
#[derive(Default)]
pub struct Attestations;

/// Attesting a check.
#[Object]
impl Attestations {
    /// Freezes the check of a project as it stands now, signs it, and keeps it in the ledger. Refused when the project is not
    /// ready, unless a statement of gaps is asked for as such. For the Région.
    async fn issue_attestation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The project.")] project: ID,
        #[graphql(desc = "Attest what is missing, where the project is not ready.")] as_statement_of_gaps: Option<bool>,
    ) -> Result<Attestation, ApiError> {
        let refuse = || {
            let needed = "an attestation is for the Région to issue: a token of role REGION";
            ApiError::new(Code::Forbidden, needed)
        };
        let scope = reader(context)?.scope();
        let author = scope.viewer().author().filter(|_| scope.may_attest()).ok_or_else(refuse)?;
        super::note(reader(context)?, [project.as_str()]);
        let missing = || ApiError::internal(&std::io::Error::other("an operation was executed without an attester"));
        let attester = context.data_opt::<Attester>().ok_or_else(missing)?;
        let issued = attester.issue(&author, &project, as_statement_of_gaps.unwrap_or(false)).await?;
        let after = appended(context, issued.version)?;
        let then = after.at((issued.checked, issued.at)).await?;
        let gone = || ApiError::internal(&std::io::Error::other("the project of an attestation is gone"));
        let project = then.project(issued.project.as_str()).ok_or_else(gone)?;
        Ok(Attestation { check: project.check(None)?.ok_or_else(gone)?, issued })
    }
}

impl From<AttestError> for ApiError {
    fn from(error: AttestError) -> Self {
        match &error {
            AttestError::NoProject(_) => ApiError::new(Code::NotFound, error.to_string()),
            AttestError::NotReady(_) => ApiError::new(Code::Conflict, error.to_string()),
            AttestError::Signature(cause) => ApiError::internal(cause),
            AttestError::Ledger(cause) => ApiError::internal(cause),
        }
    }
}
