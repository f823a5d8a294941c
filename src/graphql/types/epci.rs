//! An EPCI in the schema.

use super::{Commune, ContratDeVille, Envelope, Total, totals};
use crate::graphql::error::ApiError;
use crate::graphql::input::budget_year;
use crate::graphql::vocabulary::Dimension;
use crate::view;
use async_graphql::Object;

/// A handle on an EPCI.
pub struct Epci(pub view::Epci);

/// An établissement public de coopération intercommunale: communes together.
#[Object]
impl Epci {
    /// Its SIREN.
    async fn siren(&self) -> &str {
        self.0.siren()
    }

    /// Name; the SIREN where no source gives one.
    async fn name(&self) -> &str {
        self.0.name()
    }

    /// Its communes.
    async fn communes(&self) -> Vec<Commune> {
        self.0.communes().map(Commune).collect()
    }

    /// Contracts whose perimeter it or one of its communes is in.
    async fn contrats_de_ville(&self) -> Vec<ContratDeVille> {
        self.0.contrats().map(ContratDeVille).collect()
    }

    /// Target envelopes that are for it alone, in the order of their codes. Not for the public: empty.
    async fn envelopes(
        &self,
        #[graphql(desc = "Only those that cover this budget year.")] year: Option<i32>,
    ) -> Result<Vec<Envelope>, ApiError> {
        let year = year.map(budget_year).transpose()?;
        Ok(self.0.envelopes(year).into_iter().map(Envelope).collect())
    }

    /// What is decided (ATTRIBUE and later) for projects that lie in it.
    async fn totals(
        &self,
        #[graphql(desc = "Dimensions of the rows, at most 4.")] by: Vec<Dimension>,
    ) -> Result<Vec<Total>, ApiError> {
        totals(self.0.reader(), &self.0.commitments_filter(), by)
    }
}
