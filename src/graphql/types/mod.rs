//! One file per type: a handle on a view, and its resolvers.

mod commitment;
mod commune;
mod contrat;
mod dispositif;
mod epci;
mod funding_plan;
mod ledger;
mod link;
mod organisation;
mod project;
mod quartier;
mod record;
mod rejection;
mod source;
mod source_finding;
mod statement;
mod sync_run;
mod total;

pub use commitment::Commitment;
pub use commune::Commune;
pub use contrat::ContratDeVille;
pub use dispositif::Dispositif;
pub use epci::Epci;
pub use funding_plan::FundingPlan;
pub use ledger::Ledger;
pub use link::{MatchCandidate, ProjectLink};
pub use organisation::Organisation;
pub use project::Project;
pub use quartier::Quartier;
pub use record::Record;
pub use rejection::Rejection;
pub use source::Source;
pub use source_finding::SourceFinding;
pub use statement::Statement;
pub use sync_run::SyncRun;
pub(super) use total::{Total, totals};

/// A count in the schema, whose integers have 31 bits; a larger one stays at the bound.
fn int(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
