//! A funding scheme in the schema.

use super::{Envelope, Total, totals};
use crate::graphql::error::ApiError;
use crate::graphql::input::budget_year;
use crate::graphql::vocabulary::{Dimension, Family, Nature};
use crate::view;
use async_graphql::Object;

/// A handle on a dispositif.
pub struct Dispositif(pub view::Dispositif);

/// A funding scheme (FTU, PIC, NQE, FEDER...).
#[Object]
impl Dispositif {
    /// Its code.
    async fn code(&self) -> &str {
        self.0.code()
    }

    /// Name; the code where no source gives one.
    async fn name(&self) -> &str {
        self.0.name()
    }

    /// Family of credits; PARTENAIRES where no source tells.
    async fn family(&self) -> Family {
        self.0.family().into()
    }

    /// Natures that it may fund, as its reference table says; empty where it does not.
    async fn natures(&self) -> Vec<Nature> {
        self.0.natures().iter().map(|nature| (*nature).into()).collect()
    }

    /// Target envelopes that are for it alone, in the order of their codes. Not for the public: empty.
    async fn envelopes(
        &self,
        #[graphql(desc = "Only those that cover this budget year.")] year: Option<i32>,
    ) -> Result<Vec<Envelope>, ApiError> {
        let year = year.map(budget_year).transpose()?;
        Ok(self.0.envelopes(year).into_iter().map(Envelope).collect())
    }

    /// What is decided (ATTRIBUE and later) under it.
    async fn totals(
        &self,
        #[graphql(desc = "Dimensions of the rows, at most 4.")] by: Vec<Dimension>,
    ) -> Result<Vec<Total>, ApiError> {
        totals(self.0.reader(), &self.0.commitments_filter(), by)
    }
}
