//! A source and what it may speak for.

use super::facts::StatementFacts;
use super::organisation::OrganisationId;
use super::place::DepartementCode;
use super::text::{DispositifCode, SourceId};
use super::vocabulary::{Authority, Family, Nature};
use serde::{Deserialize, Serialize};

/// What the ledger knows of a source: its manifest's lasting part, registered anew whenever it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceProfile {
    /// Its identifier.
    pub id: SourceId,
    /// Family of its commitments where neither the data nor the dispositif tells another.
    /// `None` for a source of reference data.
    pub family: Option<Family>,
    /// Title, in French.
    pub title: String,
    /// Is it the funder's own system, or a publication made from it?
    pub standing: Standing,
    /// For whom it speaks.
    pub speaks_for: Vec<Scope>,
    /// Oldest successful read with which its statements still count as read in time, in seconds.
    pub max_age_s: u64,
    /// Share of the records that may vanish in one full read before the run is held, in basis points.
    pub vanish_limit_bp: u32,
    /// Do its records say until when a funder keeps a sum from others (embargo)? What it rejects may then hold such a sum.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tells_embargoes: bool,
    /// Are its records files that their holder signed (applications, demands) with the plan of their means? What such a file says of the
    /// holder's own share is the holder's word. A funder's own list that only names who carries a project is none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub holds_signed_plans: bool,
}

/// Whether a source is where the funder itself records, or a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The funder's own system.
    SystemOfRecord,
    /// What funders declare through the gateway itself: every record is its funder's own word.
    Declarations,
    /// A list published from it.
    Publication,
}

/// One scope of authority: the source has the funder's own word for what lies inside it.
/// An empty list does not restrict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// The funder.
    pub funder: OrganisationId,
    /// Natures covered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub natures: Vec<Nature>,
    /// Dispositifs covered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dispositifs: Vec<DispositifCode>,
    /// Départements covered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departements: Vec<DepartementCode>,
    /// Sums below this are not in the source (SCDL: 23 000 EUR), in cents. Its silence proves nothing anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold_cents: Option<i64>,
}

impl SourceProfile {
    /// Whether the source has the funder's own word for this statement. `departements` are the project's:
    /// a scope limited to some départements covers a project only when all of it lies inside.
    pub fn authority(&self, statement: &StatementFacts, departements: &[DepartementCode]) -> Authority {
        if self.standing == Standing::Declarations {
            return Authority::Own;
        }
        let own = self.speaks_for.iter().any(|scope| {
            scope.covers(statement.into())
                && (scope.departements.is_empty()
                    || !departements.is_empty() && departements.iter().all(|one| scope.departements.contains(one)))
        });
        if own { Authority::Own } else { Authority::Reported }
    }

    /// Whether the source speaks for some of what `funder` puts in `nature` (unstated: in any nature).
    pub fn may_speak_for(&self, funder: &OrganisationId, nature: Option<Nature>) -> bool {
        self.speaks_for.iter().any(|scope| {
            scope.funder == *funder
                && (scope.natures.is_empty() || nature.is_none_or(|nature| scope.natures.contains(&nature)))
        })
    }
}

/// Whose a sum is, of which nature, by which dispositif: what tells whose word it is, wherever its project lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SumOf<'a> {
    /// The funder.
    pub funder: &'a OrganisationId,
    /// The nature, where it is stated.
    pub nature: Option<Nature>,
    /// The dispositif, where it is stated.
    pub dispositif: Option<&'a DispositifCode>,
}

impl<'a> From<&'a StatementFacts> for SumOf<'a> {
    fn from(statement: &'a StatementFacts) -> Self {
        SumOf { funder: &statement.funder, nature: statement.nature, dispositif: statement.dispositif.as_ref() }
    }
}

impl Scope {
    /// Does it cover such a sum, the départements of its project aside?
    pub fn covers(&self, sum: SumOf<'_>) -> bool {
        self.funder == *sum.funder
            && covers(&self.natures, sum.nature.as_ref())
            && covers(&self.dispositifs, sum.dispositif)
    }
}

/// A limited scope covers only what is stated and listed: the unstated is never guessed to be inside.
fn covers<T: PartialEq>(listed: &[T], stated: Option<&T>) -> bool {
    listed.is_empty() || stated.is_some_and(|value| listed.contains(value))
}
