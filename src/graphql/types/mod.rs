//! One file per type: a handle on a view, and its resolvers.

mod act;
mod assumption;
mod attestation;
mod audit;
mod awaited;
mod check;
mod commitment;
mod commune;
mod condition;
mod contrat;
mod declaration;
mod dispositif;
mod eligibility;
mod envelope;
mod epci;
mod funding_plan;
mod history;
mod ledger;
mod ledger_change;
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
mod verdict;

pub use act::{Acknowledgement, ActOfBody, Opinion};
pub use assumption::AssumptionInput;
pub use attestation::Attestation;
pub use audit::AuditEntry;
pub use awaited::AwaitedAnswer;
pub use check::Check;
pub use commitment::Commitment;
pub use commune::Commune;
pub use condition::ContractCondition;
pub use contrat::ContratDeVille;
pub use declaration::Declaration;
pub use dispositif::Dispositif;
pub use eligibility::{Action, Eligibility};
pub use envelope::Envelope;
pub use epci::Epci;
pub use funding_plan::FundingPlan;
pub use history::ProjectChange;
pub use ledger::Ledger;
pub use ledger_change::LedgerChange;
pub use link::{MatchCandidate, MatchProposal, ProjectLink};
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
pub use verdict::{VerdictChange, VerdictReason};

/// A count in the schema, whose integers have 31 bits; a larger one stays at the bound.
fn int(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
