//! The view: one portfolio seen through a scope at an instant. The only thing that the schema can read.
//!
//! A [`Reader`] is only had from a [`Scope`], through the [`Door`]. Handles carry their reader; figures come from
//! memory, and only raw records and rejections are read from the ledger, by version.

mod act;
mod assume;
mod awaited;
mod check;
mod conditions;
mod door;
mod envelope;
mod error;
mod geography;
mod history;
mod list;
mod matching;
mod notes;
mod organisation;
mod orientation;
mod past;
mod plan;
mod project;
mod reader;
mod record;
mod rejection;
mod seen;
mod since;
mod source;
mod told;
mod totals;
mod verdict;
mod watch;
mod watched;

pub use crate::audit::Entry as JournalEntry;
pub use crate::check::{ChangeKind, Condition, Lift, Reason, Standing};
pub use crate::portfolio::{CommitmentFilter, EnvelopeFilter, PlaceFilter, ProjectFilter, TotalRow};
pub use act::{ActKind, ActOfBody};
pub use assume::{ASSUMPTIONS_MAX, Assumption};
pub use awaited::{Awaited, Judgement};
pub use check::{Check, Finding, RuleOutcome, RuleVerdict};
pub use door::{Door, PlanSecret};
pub use envelope::{Envelope, EnvelopeList, EnvelopeTransfer};
pub use error::ViewError;
pub use geography::{Commune, Contrat, Crosswalk, Dispositif, Epci, Quartier};
pub use history::{AuthorKind, FieldDifference, History, HistoryChange, HistoryKind, StatementChange};
pub use list::{CommitmentList, ProjectList};
pub use matching::{Candidate, LinkedBy, Proposed};
pub use notes::Notes;
pub use organisation::{DeMinimis, Organisation};
pub use orientation::{Action, Asked, Credit, Line, Orientation};
pub use plan::{FundingPlan, NatureAmounts, PlanLine};
pub use project::{Commitment, Project, Statement};
pub use reader::{LateRecords, Reader};
pub use record::Record;
pub use source::Source;
pub use told::{LastTold, Told};
pub use verdict::{Verdict, VerdictChange, VerdictReason};
pub use watch::{Change, Watch};

#[cfg(doc)]
use crate::identity::Scope;
