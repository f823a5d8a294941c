//! Acts: who appended what to the ledger, and the decisions that an append may carry.

use super::project::ProjectId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who acts: `timer`, `cli`, `matcher`, or a person known by a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Author {
    /// The subject of the token, or the name of the part of the gateway that acts by itself.
    pub subject: String,
    /// The organisation spoken for, by SIREN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<super::siren::Siren>,
    /// The role held when acting.
    pub role: String,
}

impl Author {
    /// A part of the gateway itself.
    pub fn system(subject: &str) -> Self {
        Author { subject: subject.to_owned(), organisation: None, role: "SYSTEM".to_owned() }
    }
}

impl fmt::Display for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.role, self.subject)?;
        self.organisation.iter().try_for_each(|siren| write!(f, ":{siren}"))
    }
}

/// A decision about identity, kept in the ledger; a build of the portfolio only applies decisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub enum Decision {
    /// Two projects are one: the newer identifier redirects to the older.
    Redirect {
        /// The newer project, which gives way.
        from: ProjectId,
        /// The older project, which stays.
        to: ProjectId,
        /// Why: the reference that both carry, or a person's reason.
        reason: String,
    },
}
