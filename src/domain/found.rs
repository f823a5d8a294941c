//! What an attestation found beside what it signs: the votes of the Region, the sums that were kept from others, the records behind it.

use super::Date;
use super::money::Cents;
use super::organisation::OrganisationId;
use super::text::{RecordKey, SourceId};
use super::vocabulary::Nature;
use serde::{Deserialize, Serialize};

/// A vote of the Region that an attestation found, and that may have been before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VoteOn {
    /// None but of earlier days or of days to come.
    Neither,
    /// One of which no day was told.
    Undated,
    /// One of that very day.
    OfTheDay,
}

/// What an attestation found of the Region's own money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenVote", into = "WrittenVote")]
pub struct VoteFound {
    /// Its votes.
    pub voted: VoteOn,
    /// What the plan holds of it, so that a later vote of more is known to be of another plan; `None`: it was not kept, or not known.
    pub plan: Option<RegionsShare>,
}

/// What a plan holds of the Region, by nature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionsShare {
    /// In investment.
    pub investissement: Cents,
    /// In operation.
    pub fonctionnement: Cents,
    /// Without its nature.
    pub non_precise: Cents,
}

impl RegionsShare {
    /// The same with one sum more.
    #[must_use]
    pub fn with(self, nature: Option<Nature>, amount: Cents) -> Self {
        let mut all = self;
        let part = match nature {
            Some(Nature::Investissement) => &mut all.investissement,
            Some(Nature::Fonctionnement) => &mut all.fonctionnement,
            None => &mut all.non_precise,
        };
        *part = [*part, amount].into_iter().sum();
        all
    }

    /// Is it at most that, in each nature?
    pub fn is_within(&self, other: &RegionsShare) -> bool {
        self.investissement <= other.investissement
            && self.fonctionnement <= other.fonctionnement
            && self.non_precise <= other.non_precise
    }
}

/// The same as it is written: attestations of before kept the votes alone.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WrittenVote {
    Alone(VoteOn),
    Whole { voted: VoteOn, plan: RegionsShare },
}

impl From<WrittenVote> for VoteFound {
    fn from(written: WrittenVote) -> Self {
        match written {
            WrittenVote::Alone(voted) => VoteFound { voted, plan: None },
            WrittenVote::Whole { voted, plan } => VoteFound { voted, plan: Some(plan) },
        }
    }
}

impl From<VoteFound> for WrittenVote {
    fn from(VoteFound { voted, plan }: VoteFound) -> Self {
        plan.map_or(WrittenVote::Alone(voted), |plan| WrittenVote::Whole { voted, plan })
    }
}

/// A funder that kept a sum from others when something was signed, and the day on which it meant to tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptThen {
    /// The funder.
    pub by: OrganisationId,
    /// The first day on which the sum is public.
    pub until: Date,
}

/// A record on which something rested when it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordThen {
    /// Its source.
    pub source: SourceId,
    /// Its key there.
    pub key: RecordKey,
}
