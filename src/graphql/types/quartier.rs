//! A quartier in the schema.

use super::{Commune, ContratDeVille, Epci};
use crate::graphql::vocabulary::QuartierKind;
use crate::view;
use async_graphql::Object;

/// A handle on a quartier.
pub struct Quartier(pub view::Quartier);

/// A perimeter of the politique de la ville. It may lie on several communes, in two EPCI and in two contracts.
#[Object]
impl Quartier {
    /// Code: QN… (2024), QP… (2015), or the one that its contract gives it.
    async fn code(&self) -> &str {
        self.0.code()
    }

    /// Name; the code where no source gives one.
    async fn name(&self) -> &str {
        self.0.name()
    }

    /// Kind of perimeter.
    async fn kind(&self) -> QuartierKind {
        self.0.kind().into()
    }

    /// Is it a quartier of the NPNRU? null: not verified.
    async fn npnru(&self) -> Option<bool> {
        self.0.npnru()
    }

    /// Communes that it lies on.
    async fn communes(&self) -> Vec<Commune> {
        self.0.communes().map(Commune).collect()
    }

    /// EPCI that it lies in.
    async fn epcis(&self) -> Vec<Epci> {
        self.0.epcis().map(Epci).collect()
    }

    /// Contracts that it belongs to.
    async fn contrats_de_ville(&self) -> Vec<ContratDeVille> {
        self.0.contrats().map(ContratDeVille).collect()
    }

    /// Quartiers of the former geography that it comes from.
    async fn predecessors(&self) -> Vec<Quartier> {
        self.0.predecessors().map(Quartier).collect()
    }

    /// Quartiers of the later geography that come from it.
    async fn successors(&self) -> Vec<Quartier> {
        self.0.successors().map(Quartier).collect()
    }
}
