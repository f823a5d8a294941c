//! What bodies say about projects and their plans: acknowledgements, opinions, minutes, derogations, classifications,
//! admissions. Kept in the ledger with author and instant; never edited, taken back by a later act.

use super::act::Author;
use super::chain::LedgerVersion;
use super::facts::Budget;
use super::money::Cents;
use super::organisation::OrganisationId;
use super::place::ContratCode;
use super::project::ProjectId;
use super::text::{ActionCode, DispositifCode, RecordKey, SourceId, text_newtype};
use super::vocabulary::{Form, Knowledge, Nature, TaxBasis};
use super::{Date, Instant, ParseError, text_serde};
use serde::{Deserialize, Serialize};
use std::fmt;

pub use super::found::{KeptThen, RecordThen, RegionsShare, VoteFound, VoteOn};

text_newtype! {
    /// The code of a rule of the rulebook (`EMP-1`, `PLAN-BALANCE`).
    RuleCode, "rule code (upper case letters, digits, hyphens, for example PLAN-BALANCE)",
    |text| !text.is_empty() && text.len() <= 64 && text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
}

text_newtype! {
    /// The version of a funding plan: a keyed hash, sixty-four hexadecimal digits.
    PlanVersion, "plan version (sixty-four hexadecimal digits)",
    |text| text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The identifier of an act, given by the ledger: `a` and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActId(pub u64);

impl ActId {
    /// Reads the written form.
    ///
    /// # Errors
    /// Any other form.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let number = text.strip_prefix('a').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let number = number.and_then(|digits| digits.parse().ok());
        number.map(ActId).ok_or_else(|| ParseError::new(text, "act id (a and a number)"))
    }
}

impl fmt::Display for ActId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a{}", self.0)
    }
}
text_serde!(ActId, formatted);

/// In which quality a body gives its opinion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OpinionOf {
    /// The body that pilots the contract: an EPCI, sometimes a commune.
    Pilot,
    /// A direction of the Region, competent in the project's theme.
    Direction,
    /// The Region's service that instructs the project (Cohésion Sociale et Urbaine).
    Service,
}

/// What partners agree on when they acknowledge a plan: one sum, without what reading again or paying changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanEntry {
    /// The funder.
    pub funder: OrganisationId,
    /// Nature; `None`: no source says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nature: Option<Nature>,
    /// Form of the means.
    pub form: Form,
    /// Budget year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Amount; `None`: unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Cents>,
    /// Tax basis of the amount.
    pub tax_basis: TaxBasis,
    /// Voted, or later?
    pub decided: bool,
}

/// All that the version of a plan is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlanContent {
    /// The sums that count, in order.
    pub entries: Vec<PlanEntry>,
    /// The budget, where one is stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
}

/// A project and the version of its plan that was before those who agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedPlan {
    /// The project.
    pub project: ProjectId,
    /// The version of its plan.
    pub plan: PlanVersion,
    /// What that version was made of: tells later what changed since. `None`: it was not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<PlanContent>,
}

/// What a body says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub enum Act {
    /// An organisation has read this very plan, and agrees that it shows all it knows.
    Acknowledged {
        /// The project.
        project: ProjectId,
        /// The version of the plan.
        plan: PlanVersion,
        /// What that version was made of: tells later what changed since.
        content: PlanContent,
        /// The organisation.
        by: OrganisationId,
    },
    /// The opinion of a body on what a rule is about.
    Opinion {
        /// The project.
        project: ProjectId,
        /// The rule.
        rule: RuleCode,
        /// The organisation.
        by: OrganisationId,
        /// In which quality it speaks.
        quality: OpinionOf,
        /// Is it in favour?
        favourable: bool,
        /// In its own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Box<str>>,
        /// Reference of the document that holds it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<Box<str>>,
        /// Day on which it was given; `None`: the day of the act.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        given_on: Option<Date>,
        /// The action that the project was then; `None`: none was stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        action: Option<ActionCode>,
    },
    /// The minutes (relevé de décisions) of a committee of a contrat de ville, recorded by its pilot.
    Minutes {
        /// The contract.
        contrat: ContratCode,
        /// Day of the meeting.
        held_on: Date,
        /// Reference of the minutes.
        reference: Box<str>,
        /// Bodies present: what was before them is shared by them.
        present: Vec<OrganisationId>,
        /// Projects with the versions of their plans.
        plans: Vec<SharedPlan>,
    },
    /// Small grants of one funding scheme, shared as a list by contract: what is granted under the scheme is shared, no other sum.
    SmallGrants {
        /// The contract.
        contrat: ContratCode,
        /// The funding scheme.
        dispositif: DispositifCode,
        /// Budget year.
        year: u16,
        /// Reference of the list.
        reference: Box<str>,
        /// Projects with the versions of their plans.
        plans: Vec<SharedPlan>,
    },
    /// A derogation from a rule, given outside the gateway by the prefect.
    Derogation {
        /// The project.
        project: ProjectId,
        /// The rule.
        rule: RuleCode,
        /// Who gave it: the State in the département whose prefect did, by its identity.
        authority: Box<str>,
        /// Its reference.
        reference: Box<str>,
        /// Day on which it was given.
        given_on: Date,
    },
    /// A person says which action of the dividing lines a project is.
    Classified {
        /// The project.
        project: ProjectId,
        /// The action.
        action: ActionCode,
        /// Why.
        reason: Box<str>,
    },
    /// A person says which nature a sum has whose record leaves it open.
    NatureStated {
        /// The project.
        project: ProjectId,
        /// Source of the record.
        source: SourceId,
        /// Its key there.
        key: RecordKey,
        /// The place of the statement in its record, from 0.
        ordinal: u16,
        /// The nature.
        nature: Nature,
        /// Why.
        reason: Box<str>,
    },
    /// The pilot or the Region admits that a body which nobody expected puts something into a project.
    Admitted {
        /// The project.
        project: ProjectId,
        /// The body.
        funder: OrganisationId,
        /// Why.
        reason: Box<str>,
    },
    /// The Region says whether a contrat de ville meets a condition of the framework.
    Condition {
        /// The contract.
        contrat: ContratCode,
        /// `C1` to `C5`.
        code: Box<str>,
        /// Is it met?
        met: bool,
        /// On what that rests.
        evidence: Box<str>,
    },
    /// The check of a project was attested, and signed.
    Attested {
        /// The project.
        project: ProjectId,
        /// The version of its plan.
        plan: PlanVersion,
        /// What that version was made of: tells later whether it is another. `None`: it was not kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<PlanContent>,
        /// The answer to "may the Region vote?".
        ready: bool,
        /// Were all means known and shared?
        knowledge: Knowledge,
        /// The ledger version that was checked.
        checked: LedgerVersion,
        /// The instant at which ages were measured and rules held.
        checked_at: Instant,
        /// What names the state of the rules.
        rulebook: Box<str>,
        /// Until when it holds at most; `None`: it was not kept, or it rests on no reading.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        valid_until: Option<Instant>,
        /// What it found of the Region's money: votes that may have been before it, and its share of the plan; `None`: it was not kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vote: Option<VoteFound>,
        /// The sums that it weighs and that their funders kept from others: whatever becomes of them, it is given to nobody else
        /// before their day.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kept: Vec<KeptThen>,
        /// The records that stood in the project then: to whom one of them is closed since, what it came to is not told.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        rests_on: Vec<RecordThen>,
        /// Does it tell that the matcher proposes to make the project one with another?
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        tells_links: bool,
        /// The signed text (compact JWS).
        jws: Box<str>,
    },
    /// The same hand takes back an earlier act.
    TakenBack {
        /// The act.
        act: ActId,
        /// Why.
        reason: Box<str>,
    },
}

impl Act {
    /// The projects that it is about.
    pub fn projects(&self) -> Vec<&ProjectId> {
        match self {
            Act::Acknowledged { project, .. }
            | Act::Opinion { project, .. }
            | Act::Derogation { project, .. }
            | Act::Classified { project, .. }
            | Act::NatureStated { project, .. }
            | Act::Admitted { project, .. }
            | Act::Attested { project, .. } => vec![project],
            Act::Minutes { plans, .. } | Act::SmallGrants { plans, .. } => {
                plans.iter().map(|one| &one.project).collect()
            }
            Act::Condition { .. } | Act::TakenBack { .. } => Vec::new(),
        }
    }

    /// The contract that it is about, beside those of its projects.
    pub fn contrat(&self) -> Option<&ContratCode> {
        match self {
            Act::Minutes { contrat, .. } | Act::SmallGrants { contrat, .. } | Act::Condition { contrat, .. } => {
                Some(contrat)
            }
            _ => None,
        }
    }
}

/// An act as it stands in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActEntry {
    /// Its identifier.
    pub id: ActId,
    /// The ledger version that appended it.
    pub version: LedgerVersion,
    /// When.
    pub at: Instant,
    /// Who.
    pub author: Author,
    /// What.
    pub act: Act,
}

impl ActEntry {
    /// The day on which what it says was said: that of an opinion or a derogation where it is told, else that of its recording.
    pub fn said_on(&self) -> Date {
        match &self.act {
            Act::Opinion { given_on: Some(day), .. } | Act::Derogation { given_on: day, .. } => *day,
            _ => self.at.date_naive(),
        }
    }
}
