//! Target envelopes: what a funder means to put into a territory, under a dispositif, in a year; and transfers between them.
//! Guidance of the funder's own, apart from commitments: an envelope is no means of any project.

use super::Date;
use super::money::Cents;
use super::organisation::OrganisationId;
use super::siren::Siren;
use super::text::{DispositifCode, EnvelopeCode};
use super::vocabulary::Nature;
use serde::{Deserialize, Serialize};

/// A target envelope. What it does not name (EPCI, dispositif, nature) it does not restrict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeFacts {
    /// Its code, by which transfers name it.
    pub code: EnvelopeCode,
    /// Whose money it is.
    pub funder: OrganisationId,
    /// The EPCI that it is for; `None`: wherever the funder puts money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epci: Option<Siren>,
    /// The dispositif that it is for; `None`: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispositif: Option<DispositifCode>,
    /// Its first budget year.
    pub year: u16,
    /// Its last budget year, where it covers several; never before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_year: Option<u16>,
    /// The nature that it is for; `None`: both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nature: Option<Nature>,
    /// The target in cents, never negative; `None`: not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Cents>,
    /// Envelopes of one group may give to each other (fongibilité); `None`: of no group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fungible: Option<Box<str>>,
}

impl EnvelopeFacts {
    /// Its first and last budget years.
    pub fn years(&self) -> (u16, u16) {
        (self.year, self.until_year.unwrap_or(self.year))
    }
}

/// A transfer from one envelope to another, as its source states it; whether it may be is for the portfolio to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeTransferFacts {
    /// The envelope that gives.
    pub from: EnvelopeCode,
    /// The envelope that receives.
    pub to: EnvelopeCode,
    /// How much, in cents; `None`: not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Cents>,
    /// The day of the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_on: Option<Date>,
    /// Its reference (a deliberation).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Box<str>>,
}
