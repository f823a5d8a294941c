//! Acts: who appended what to the ledger, and the decisions that an append may carry.

use super::project::ProjectId;
use super::text::{RecordKey, SourceId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who acts: `timer`, `cli`, `matcher`, or a person known by a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Author {
    /// Who made the token, by the claim `iss`: two issuers may know two persons by one subject. None: no token, or an act of before
    /// issuers were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The subject of the token, or the name of the part of the gateway that acts by itself.
    pub subject: String,
    /// The organisation spoken for, by SIREN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<super::siren::Siren>,
    /// The role held when acting.
    pub role: String,
    /// The identifier of the token (`jti`), where its issuer gave it one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl Author {
    /// A part of the gateway itself.
    pub fn system(subject: &str) -> Self {
        let (subject, role) = (subject.to_owned(), "SYSTEM".to_owned());
        Author { issuer: None, subject, organisation: None, role, token: None }
    }
}

impl fmt::Display for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.role, self.subject)?;
        self.organisation.iter().try_for_each(|siren| write!(f, ":{siren}"))?;
        self.issuer.iter().try_for_each(|issuer| write!(f, " ({issuer})"))
    }
}

/// A decision about identity, kept in the ledger; a build of the portfolio only applies decisions, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub enum Decision {
    /// Two projects are one for certain, since they carry one reference: the newer identifier redirects to the older.
    Redirect {
        /// The newer project, which gives way.
        from: ProjectId,
        /// The older project, which stays.
        to: ProjectId,
        /// Why: the reference that both carry.
        reason: String,
    },
    /// What made `from` redirect to `to` for certain ended: their records carry no reference in common any more. `from` stands for itself.
    Unredirected {
        /// The project that gave way.
        from: ProjectId,
        /// The project that it was known in.
        to: ProjectId,
        /// Why: the reference that was given up.
        reason: String,
    },
    /// A record was given its project by a reference that it does not share with it any more: it stands in `to` from now on. Nothing is
    /// kept apart by it, as a person's [`Decision::Separated`] does: what the record carries joins as ever.
    Parted {
        /// Source of the record.
        source: SourceId,
        /// Its key there.
        key: RecordKey,
        /// The project that it leaves.
        from: ProjectId,
        /// The project that holds it from now on.
        to: ProjectId,
        /// Why: the reference that was given up.
        reason: String,
    },
    /// The matcher holds two projects for one.
    Matched {
        /// The newer project, which gives way.
        from: ProjectId,
        /// The older project, which stays.
        to: ProjectId,
        /// The score and its terms.
        score: Score,
    },
    /// The matcher thinks that two projects may be one, and leaves it to people.
    Proposed {
        /// The newer project.
        from: ProjectId,
        /// The older project.
        to: ProjectId,
        /// The score and its terms.
        score: Score,
    },
    /// The matcher takes back what it said of two projects: the records do not bear it any more.
    Withdrawn {
        /// The newer project.
        from: ProjectId,
        /// The older project.
        to: ProjectId,
    },
    /// A person says that two projects are one.
    Linked {
        /// The newer project, which gives way.
        from: ProjectId,
        /// The older project, which stays.
        to: ProjectId,
        /// The person's reason.
        reason: String,
    },
    /// A person says that a record is not of the project that it stands in: it stands in `to` from now on.
    Separated {
        /// Source of the record.
        source: SourceId,
        /// Its key there.
        key: RecordKey,
        /// The project that it leaves.
        from: ProjectId,
        /// The project that holds it from now on.
        to: ProjectId,
        /// The person's reason.
        reason: String,
    },
    /// A person says that two projects, which the matcher may propose to be one, are two.
    KeptApart {
        /// The newer project.
        from: ProjectId,
        /// The older project.
        to: ProjectId,
        /// The person's reason.
        reason: String,
    },
    /// A source gives a record under another key, alike in all else: it stands where it stood under the former one, and what people
    /// said of it there holds.
    Renumbered {
        /// Source of the record.
        source: SourceId,
        /// Its key there from now on.
        key: RecordKey,
        /// The key that its source gives no more.
        former: RecordKey,
        /// The project that the record was first given, under either key.
        from: ProjectId,
        /// The project that it stands in: another one than `from` where a person separated it.
        to: ProjectId,
    },
}

impl Decision {
    /// Does it make records one project, or take them apart? What is only proposed, or kept apart as it stood, does neither: what the one
    /// project says bears on the other in nothing.
    pub fn joins_or_parts(&self) -> bool {
        !matches!(self, Decision::Proposed { .. } | Decision::KeptApart { .. })
    }

    /// The two projects that it is about, the newer (or the one that is left) first.
    pub fn projects(&self) -> [&ProjectId; 2] {
        match self {
            Decision::Redirect { from, to, .. }
            | Decision::Unredirected { from, to, .. }
            | Decision::Parted { from, to, .. }
            | Decision::Matched { from, to, .. }
            | Decision::Proposed { from, to, .. }
            | Decision::Withdrawn { from, to }
            | Decision::Linked { from, to, .. }
            | Decision::Separated { from, to, .. }
            | Decision::KeptApart { from, to, .. }
            | Decision::Renumbered { from, to, .. } => [from, to],
        }
    }
}

/// How likely two projects are one, in thousandths of a bit: the logarithm to the base of two of the odds, as the sum of
/// what is expected before anything is compared and of one weight for each comparison (Fellegi and Sunter, 1969).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// The edition of the weights.
    pub weights: Box<str>,
    /// The sum, in thousandths of a bit: 10 000 are odds of about a thousand to one.
    pub total: i32,
    /// What it is the sum of.
    pub terms: Vec<Term>,
}

/// One comparison and what it weighs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// What was compared: `holder`, `title`, `place`, `time`, `sums`, `budget`; `prior` for what is expected before.
    pub name: Box<str>,
    /// How it came out: `same-siren`, `apart`…
    pub level: Box<str>,
    /// In thousandths of a bit; above zero speaks for one project.
    pub weight: i32,
}
