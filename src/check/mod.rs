//! The co-financing check: are all means of a project, by every partner, known and shared?
//!
//! Pure: a case (a project of a portfolio at an instant), a rulebook, and what comes of both. Never surer than the facts: a
//! rule whose facts are missing is unknown, never met. Sentences are made only when somebody reads them.

mod attested;
mod attested_sum;
mod case;
mod changes;
mod conditions;
mod dated;
mod dating;
mod eligibility;
mod expected;
mod explain;
mod meeting;
mod mistake;
mod naming;
mod opening;
mod outcome;
#[cfg(test)]
mod properties;
mod reading;
mod rule;
mod rulebook;
mod sharing;
mod since;
mod terms;
#[cfg(test)]
mod veiled;
mod verdict;

pub use attested::{Attested, AttestedLine, Disclosure, FORM, FORM_WITHOUT_SUMS, attested, digest_of};
pub use attested_sum::AttestedSum;
pub use case::{Agreed, Case};
pub use changes::{Change, ChangeKind, changes};
pub use conditions::{
    AttestedVote, Condition, Refuted, attested_votes, conditions, is_regions_own, is_stated_condition,
    is_vote_of_the_plan, vote_found,
};
pub use eligibility::{Credit, Imagined, Orientation, Reason, Standing, actions, orientation};
pub use expected::{expected_on, is_expected, is_listed};
pub use explain::explain;
pub use meeting::{Meeting, Otherwise, Stood, came_later, stood_otherwise};
pub use mistake::RulebookError;
pub use outcome::{Finding, Outcome, Verdict, Word};
pub use rule::{DE_MINIMIS_PERIOD, kind_of_holder, kinds_of_holders};
pub use rulebook::{Lift, RULE_FILES, Rulebook, Sheet};
pub use sharing::SharedBy;
pub use since::{Course, LineSince, since};
pub use verdict::{Check, knowledge};
