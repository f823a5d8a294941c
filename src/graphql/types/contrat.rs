//! A contrat de ville in the schema.

use super::{ContractCondition, Organisation, Quartier, Total, totals};
use crate::graphql::connection::ProjectConnection;
use crate::graphql::error::ApiError;
use crate::graphql::page::PageArguments;
use crate::graphql::scalar::Date;
use crate::graphql::vocabulary::Dimension;
use crate::view;
use async_graphql::{ID, Object};

/// A handle on a contrat de ville.
pub struct ContratDeVille(pub view::Contrat);

/// A contrat de ville, 2024-2030. Its pilot is an EPCI, for some a commune.
#[Object]
impl ContratDeVille {
    /// Code: CN05911M, CV001.
    async fn id(&self) -> ID {
        ID(self.0.code().to_owned())
    }

    /// Name; the code where no source gives one.
    async fn name(&self) -> &str {
        self.0.name()
    }

    /// The body that pilots it: an EPCI, sometimes a commune.
    async fn pilot(&self) -> Organisation {
        Organisation(self.0.pilot())
    }

    /// Whoever signed it, as far as a source says; empty: no source does. A partner that signed sees its projects whole.
    async fn signatories(&self) -> Vec<Organisation> {
        self.0.signatories().map(Organisation).collect()
    }

    /// First day on which it holds; null: not stated.
    async fn valid_from(&self) -> Option<Date> {
        self.0.validity().from.map(Date)
    }

    /// First day on which it holds no more; null: not stated.
    async fn valid_to(&self) -> Option<Date> {
        self.0.validity().to.map(Date)
    }

    /// Its quartiers.
    async fn quartiers(&self) -> Vec<Quartier> {
        self.0.quartiers().map(Quartier).collect()
    }

    /// Projects that lie in it, in the order of their identifiers.
    async fn projects(
        &self,
        #[graphql(desc = "So many; 50 by default, 200 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
    ) -> Result<ProjectConnection, ApiError> {
        ProjectConnection::of(&self.0.projects(), &PageArguments { first, after, ..PageArguments::default() })
    }

    /// What the Region's framework requires of it, C1 to C6, each met, not met or unknown, with its evidence. For whoever sees
    /// everything that happens in it; to others none is told.
    async fn conditions(&self) -> Result<Vec<ContractCondition>, ApiError> {
        Ok(self.0.conditions().await?.into_iter().map(ContractCondition).collect())
    }

    /// What is decided (ATTRIBUE and later) for its projects.
    async fn totals(
        &self,
        #[graphql(desc = "Dimensions of the rows, at most 4.")] by: Vec<Dimension>,
    ) -> Result<Vec<Total>, ApiError> {
        totals(self.0.reader(), &self.0.commitments_filter(), by)
    }
}
