//! The portfolio: the consolidated picture of the ledger at one version. Pure, immutable, in memory, indexed.
//!
//! [`Portfolio::build`] makes it from a whole image, [`Portfolio::apply`] from the portfolio before and what an
//! append changed; both give the same picture. A commitment is the statements about one sum; plans and totals count
//! commitments, never statements.

mod abridged;
mod acts;
mod aid;
mod assuming;
mod atlas;
mod balance;
mod beyond;
mod build;
mod case;
mod certain;
mod changed;
mod codes;
mod columns;
mod consolidate;
mod course;
mod declared;
mod directory;
mod editions;
#[cfg(test)]
mod envelope_cases;
mod envelope_sums;
mod envelopes;
mod expected_on;
mod filter;
#[cfg(test)]
pub(crate) mod fixture;
mod freshness;
mod headline;
mod imagined;
mod index;
mod labels;
mod left_over;
mod lexicon;
mod lineage;
mod lookup;
pub mod matching;
mod named;
mod nothing;
mod numbering;
mod otherwise;
mod own_words;
mod parts;
mod peoples_word;
mod places;
mod plan;
mod plan_cell;
mod plan_sums;
mod plan_version;
mod portrait;
mod postings;
#[cfg(test)]
mod properties;
mod reconcile;
mod redirects;
mod regrants;
mod reports;
mod said;
mod seen;
mod seen_parts;
mod shares;
mod spoken;
mod stated;
mod sum;
#[cfg(test)]
mod suppositions;
mod survey;
mod totals;
mod untold;
mod veil;

pub use aid::{DeMinimis, Period};
pub use assuming::Assumed;
pub use atlas::{Commune, Contrat, Crosswalk, Departement, Dispositif, Epci, Quartier};
pub use balance::{Balance, EnvelopeFilter, EnvelopeIx};
pub use beyond::payments_may_exceed_the_grant;
pub use case::{
    Commitment, CommitmentId, DisagreementField, Doubts, OpenLevels, ProjectCase, ProjectDisagreement, ProjectPlaces,
    RecordEntry, StageFigure, Statement,
};
pub use certain::Certain;
pub(crate) use consolidate::UNEXPECTED_BODY;
pub use course::{Course, Past};
pub use directory::Organisation;
pub use envelopes::{Envelope, Origin, Transfer};
pub use filter::{CommitmentFilter, PlaceFilter, ProjectFilter};
pub use freshness::{CLOCKS_DIFFER_S, Moment, source_read_at, source_read_for};
pub use index::{
    CommitmentIx, CommuneIx, ContratIx, DepartementIx, DispositifIx, EpciIx, OrganisationIx, ProjectIx, QuartierIx,
    SourceIx,
};
pub use labels::{DimensionValue, LOCATED, SEVERAL};
pub use lineage::{Given, Lineage};
pub use lookup::PlaceKey;
pub use otherwise::{Days, Otherwise};
pub(crate) use parts::borne_out;
pub use plan::{ExpectedCell, NatureAmounts, Plan, REGION, Ratio};
pub use plan_cell::PlanLine;
pub use plan_sums::{Bounds, Means};
pub use plan_version::PlanKey;
pub use regrants::GivenOn;
pub use reports::TwoReports;
pub(crate) use reports::agree;
pub use said::version_of_no_plan;
pub use seen::Sight;
pub use stated::StatedSum;
pub use sum::TotalRow;
pub use veil::{Embargoes, KeptSum};

use crate::domain::image::Head;
use std::sync::{Arc, OnceLock};

/// The consolidated picture of the ledger at one version.
#[derive(Debug, Clone)]
pub struct Portfolio {
    head: Head,
    lexicon: lexicon::Lexicon,
    redirects: Arc<redirects::Redirects>,
    acts: acts::Acts,
    /// In the order of identifiers.
    cases: Vec<Arc<ProjectCase>>,
    /// Names given by records that belong to no project.
    loose: Arc<[directory::LooseMention]>,
    directory: directory::Directory,
    columns: columns::Columns,
    whereabouts: postings::Whereabouts,
    /// Which edition renews which.
    editions: named::Named,
    regrants: regrants::Regrants,
    /// In a picture of one project: the aids that its holder has in others.
    elsewhere: Arc<[(OrganisationIx, aid::Aid)]>,
    /// What commitments make of each envelope; worked out when first asked for.
    consumed: OnceLock<Arc<[envelope_sums::Consumed]>>,
}
