//! A commune in the schema.

use super::Epci;
use crate::view;
use async_graphql::Object;

/// A handle on a commune.
pub struct Commune(pub view::Commune);

/// A commune.
#[Object]
impl Commune {
    /// INSEE code (not a postal code).
    async fn code(&self) -> &str {
        self.0.code()
    }

    /// Name; the code where no source gives one.
    async fn name(&self) -> &str {
        self.0.name()
    }

    /// Code of its département.
    async fn departement(&self) -> &str {
        self.0.departement()
    }

    /// Its EPCI; null where no source says it.
    async fn epci(&self) -> Option<Epci> {
        self.0.epci().map(Epci)
    }
}
