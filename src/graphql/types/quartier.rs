//! A quartier in the schema.

use super::{Commune, ContratDeVille, Epci, Total, totals};
use crate::domain::money::BasisPoints;
use crate::graphql::error::ApiError;
use crate::graphql::scalar::Date;
use crate::graphql::vocabulary::{Dimension, QuartierKind};
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

    /// First day on which the perimeter holds; null: not stated.
    async fn valid_from(&self) -> Option<Date> {
        self.0.validity().from.map(Date)
    }

    /// First day on which it holds no more; null: not stated, it holds until something else is said.
    async fn valid_to(&self) -> Option<Date> {
        self.0.validity().to.map(Date)
    }

    /// How it passed into later quartiers, or came of former ones, with the shares that a table states.
    async fn crosswalks(&self) -> Vec<QuartierCrosswalk> {
        self.0.crosswalks().map(QuartierCrosswalk).collect()
    }

    /// Quartiers of the former geography that it comes from.
    async fn predecessors(&self) -> Vec<Quartier> {
        self.0.predecessors().map(Quartier).collect()
    }

    /// Quartiers of the later geography that come from it.
    async fn successors(&self) -> Vec<Quartier> {
        self.0.successors().map(Quartier).collect()
    }

    /// What is decided (ATTRIBUE and later) for projects that lie in it. By QUARTIER, what projects put that lie in several quartiers,
    /// without stated shares, stands apart: it is no sum of this one alone.
    async fn totals(
        &self,
        #[graphql(desc = "Dimensions of the rows, at most 4.")] by: Vec<Dimension>,
        #[graphql(
            default = false,
            desc = "Of its earlier and later perimeters too, each sum once, under the code that its project is in: ask by QUARTIER to tell them apart."
        )]
        with_perimeters: bool,
    ) -> Result<Vec<Total>, ApiError> {
        totals(self.0.reader(), &self.0.commitments_filter(with_perimeters), by)
    }
}

/// What became of a quartier of a former geography.
pub struct QuartierCrosswalk(pub view::Crosswalk);

/// What became of a quartier of a former geography, as a table says it; many to many. No sum is split by it.
#[Object]
impl QuartierCrosswalk {
    /// The quartier of the former geography.
    async fn from(&self) -> Quartier {
        Quartier(self.0.from.clone())
    }

    /// The quartier of the later geography that holds it or a part of it.
    async fn to(&self) -> Quartier {
        Quartier(self.0.to.clone())
    }

    /// The part of the former that lies in the later, 0 to 1; null: not stated.
    async fn share(&self) -> Option<f64> {
        self.0.share.map(part)
    }

    /// How sure that is, 0 to 1; null: not stated.
    async fn confidence(&self) -> Option<f64> {
        self.0.confidence.map(part)
    }

    /// First day on which the link holds; null: not stated.
    async fn valid_from(&self) -> Option<Date> {
        self.0.validity.from.map(Date)
    }
}

fn part(share: BasisPoints) -> f64 {
    f64::from(share.get()) / 10_000.0
}
