//! What an attestation holds: a check and its plan, frozen, with the ledger version and the head of its chain. No natural
//! person, no raw record. The same ledger version, instant and rulebook give the same content.

use super::attested_sum::{AttestedSum, sums};
use super::case::Case;
use super::outcome::{Finding, Verdict};
use super::sharing::SharedBy;
use super::verdict::Check;
use crate::domain::chain::{Digest, LedgerVersion};
use crate::domain::governance::{Act, OpinionOf, PlanVersion};
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationKind;
use crate::domain::project::ProjectId;
use crate::domain::vocabulary::{Authority, CellState, Knowledge, Language, Nature, Severity, Stage, TaxBasis};
use crate::portfolio::{NatureAmounts, OrganisationIx, PlanKey, PlanLine};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// The form of the content; another form is another name.
pub const FORM: &str = "passerelle-attestation/2";
/// The form of before: without the sums of the lines, nor the tax basis of the budget.
pub const FORM_WITHOUT_SUMS: &str = "passerelle-attestation/1";

/// The content of an attestation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Attested {
    /// [`FORM`], or one of before.
    pub form: String,
    /// The project.
    pub project: AttestedProject,
    /// What the ledger was.
    pub ledger: AttestedLedger,
    /// When ages were measured and rules held (RFC 3339).
    pub checked_at: String,
    /// What names the state of the rules.
    pub rulebook: String,
    /// May the Region vote?
    pub ready: bool,
    /// Are all means known and shared?
    pub knowledge: Knowledge,
    /// When the first of the readings that it rests on grew too old (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// The plan.
    pub plan: AttestedPlan,
    /// What a committee had to look at.
    pub findings: Vec<AttestedFinding>,
    /// What would not hold, and was lifted; left out where nothing was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lifted: Vec<AttestedLift>,
}

/// The project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AttestedProject {
    /// Its identifier.
    pub id: ProjectId,
    /// Its title; left out where a natural person carries the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who carries it; left out where it is a natural person or nobody says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
}

/// The ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AttestedLedger {
    /// Its version.
    pub version: LedgerVersion,
    /// The head of its hash chain.
    pub head: Digest,
}

/// The plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AttestedPlan {
    /// Its version.
    pub version: PlanVersion,
    /// Total cost by nature: it is not public, and stands here as digests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<AttestedBudget>,
    /// One line for each funder and nature.
    pub lines: Vec<AttestedLine>,
}

/// Digests of amounts; what nobody states is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AttestedBudget {
    /// In investment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub investissement: Option<Digest>,
    /// In operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fonctionnement: Option<Digest>,
    /// Without its nature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub non_precise: Option<Digest>,
    /// Tax basis of them; left out where nobody says it, and by attestations of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_basis: Option<TaxBasis>,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AttestedLine {
    /// The funder; a natural person is no more than that.
    pub funder: String,
    /// Its name.
    pub name: String,
    /// Nature; left out where no source says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nature: Option<Nature>,
    /// What is known of it.
    pub state: CellState,
    /// What the funder says, in cents, where all of it is voted and so public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cents: Option<i64>,
    /// Where the amount is not public yet: SHA-256 of its salt and of the cents, in hexadecimal. Whoever is told salt and
    /// amount can verify it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The sums that it is made of, as the version of the plan has them; left out where none counts, and by attestations of before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sums: Vec<AttestedSum>,
    /// How it is shared; left out where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<String>,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AttestedFinding {
    /// The code of the rule.
    pub rule: String,
    /// How grave it is.
    pub severity: Severity,
    /// `BROKEN`, or `UNKNOWN` where a fact is missing; left out by attestations of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// What the rule asks, in French: the sentence itself may hold amounts that are not public.
    pub title: String,
    /// The text that it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal: Option<String>,
}

/// A rule that would not hold, and that an act lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AttestedLift {
    /// The code of the rule.
    pub rule: String,
    /// What the rule asks, in French.
    pub title: String,
    /// `DEROGATION`, or the opinion and in which quality it was given: `OPINION-DIRECTION`.
    pub by: String,
    /// The act, as the ledger numbers it.
    pub act: String,
    /// The day on which it was given, ISO 8601.
    pub on: String,
}

/// The words of a finding's verdict.
const BROKEN: &str = "BROKEN";
const UNKNOWN: &str = "UNKNOWN";

/// Where an amount stands in an attestation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On a line of the plan, from 0.
    Line(usize),
    /// In this part of the budget, by its name in the attestation.
    Budget(&'static str),
}

/// An amount that the attestation holds as a digest only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// Where it stands.
    pub place: Place,
    /// The salt.
    pub salt: Digest,
    /// The amount.
    pub amount: Cents,
}

impl Disclosure {
    /// The line, where it stands on one.
    pub fn line(&self) -> Option<usize> {
        match self.place {
            Place::Line(line) => Some(line),
            Place::Budget(_) => None,
        }
    }

    /// The part of the budget, where it is one.
    pub fn budget(&self) -> Option<&'static str> {
        match self.place {
            Place::Line(_) => None,
            Place::Budget(part) => Some(part),
        }
    }
}

/// The content for a check, and the amounts that stand in it as digests.
pub fn attested(case: &Case<'_>, check: &Check, key: PlanKey<'_>) -> (Attested, Vec<Disclosure>) {
    let head = case.portfolio.head();
    let mut disclosures = Vec::new();
    let lines = (0..case.plan.lines.len()).map(|at| line(case, at, key, &mut disclosures)).collect();
    let budget = case.plan.budget.map(|amounts| budget(case, amounts, key, &mut disclosures));
    let findings = check.findings(case).map(|finding| AttestedFinding {
        rule: finding.sheet.code.as_str().to_owned(),
        severity: finding.severity(),
        verdict: Some(if finding.outcome.verdict == Verdict::Unknown { UNKNOWN } else { BROKEN }.to_owned()),
        title: finding.sheet.title.text(Language::Fr).to_owned(),
        legal: finding.sheet.legal.as_deref().map(str::to_owned),
    });
    let lifted = check.outcomes(case).filter_map(|finding| lift(case, &finding));
    let content = Attested {
        form: FORM.to_owned(),
        project: project(case),
        ledger: AttestedLedger { version: head.version, head: head.head },
        checked_at: case.moment.now.to_rfc3339(),
        rulebook: case.rulebook.edition.to_string(),
        ready: check.ready,
        knowledge: check.knowledge,
        valid_until: check.valid_until.map(|at| at.to_rfc3339()),
        plan: AttestedPlan { version: case.plan.version.clone(), budget, lines },
        findings: findings.collect(),
        lifted: lifted.collect(),
    };
    (content, disclosures)
}

/// What lifted a rule that would not hold: part of why the project is ready, and never a body's own words.
fn lift(case: &Case<'_>, finding: &Finding<'_>) -> Option<AttestedLift> {
    let Verdict::Lifted { by: act, .. } = finding.outcome.verdict else { return None };
    let entry = case.portfolio.act(act)?;
    let by = match &entry.act {
        Act::Opinion { quality: OpinionOf::Pilot, .. } => "OPINION-PILOT",
        Act::Opinion { quality: OpinionOf::Direction, .. } => "OPINION-DIRECTION",
        Act::Opinion { quality: OpinionOf::Service, .. } => "OPINION-SERVICE",
        Act::Derogation { .. } => "DEROGATION",
        _ => return None,
    };
    Some(AttestedLift {
        rule: finding.sheet.code.as_str().to_owned(),
        title: finding.sheet.title.text(Language::Fr).to_owned(),
        by: by.to_owned(),
        act: act.to_string(),
        on: entry.said_on().to_string(),
    })
}

/// The digest that stands in the place of an amount.
pub fn digest_of(salt: &Digest, amount: Cents) -> Digest {
    let mut bytes = salt.0.to_vec();
    bytes.extend(amount.get().to_string().as_bytes());
    Digest::of(&bytes)
}

fn project(case: &Case<'_>) -> AttestedProject {
    let facts = case.facts();
    let person = facts.holder.is_some_and(|holder| is_person(case, holder));
    let holder = facts.holder.filter(|_| !person).map(|holder| case.identity(holder).as_str().to_owned());
    let title = Some(facts.title.to_string()).filter(|title| !person && !title.is_empty());
    AttestedProject { id: facts.id.clone(), title, holder }
}

fn is_person(case: &Case<'_>, organisation: OrganisationIx) -> bool {
    // Of whom only a text is known may be anybody.
    matches!(case.identity(organisation).kind(), OrganisationKind::Person | OrganisationKind::Text)
}

fn line(case: &Case<'_>, at: usize, key: PlanKey<'_>, disclosures: &mut Vec<Disclosure>) -> AttestedLine {
    let line = &case.plan.lines[at];
    let person = is_person(case, line.funder);
    let public = is_public(case, line);
    let amount = line.amount.or(line.reported);
    let digest = amount.filter(|_| !public).map(|amount| {
        let salt = salt(case, (case.identity(line.funder).as_str(), line.nature.map_or("", Nature::as_str)), key);
        disclosures.push(Disclosure { place: Place::Line(at), salt, amount });
        digest_of(&salt, amount)
    });
    let (funder, name) = if person {
        ("person".to_owned(), "Personne physique".to_owned())
    } else {
        let body = case.portfolio.organisation(line.funder);
        (body.id.as_str().to_owned(), body.name.to_owned())
    };
    AttestedLine {
        funder,
        name,
        nature: line.nature,
        state: line.state,
        cents: amount.filter(|_| public).map(Cents::get),
        digest,
        sums: sums(case, (line, public)),
        shared: case.shared[at].map(|shared| how(shared).to_owned()),
    }
}

/// What is voted is public; what is proposed, asked or only reported is not, nor what its funder keeps from others.
fn is_public(case: &Case<'_>, line: &PlanLine) -> bool {
    let decided = |ix: &crate::portfolio::CommitmentIx| {
        let one = case.portfolio.commitment(*ix).1;
        // What only others say of it is not public, were it the holder's signed plan.
        one.is_outside() || (one.stage.is_some_and(Stage::is_decided) && one.authority == Authority::Own)
    };
    matches!(line.state, CellState::Known | CellState::Nothing)
        && line.not_public_until.is_none()
        && line.commitments.iter().all(decided)
}

/// Made from the secret of plan versions, so that the same check gives the same digests and nobody else can try amounts.
fn salt(case: &Case<'_>, (whose, which): (&str, &str), key: PlanKey<'_>) -> Digest {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.0).expect("HMAC takes a key of any length");
    let parts = [case.facts().id.as_str(), case.plan.version.as_str(), whose, which];
    for part in std::iter::once("attestation-salt").chain(parts) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    Digest(mac.finalize().into_bytes().into())
}

fn how(shared: SharedBy) -> &'static str {
    match shared {
        SharedBy::Nothing => "NOTHING",
        SharedBy::Holder => "HOLDER",
        SharedBy::Region => "REGION",
        SharedBy::Acknowledged(_) => "ACKNOWLEDGED",
        SharedBy::Minutes(_) => "MINUTES",
        SharedBy::List(_) => "LIST",
        SharedBy::Answered(_) => "ANSWERED",
        SharedBy::Law => "LAW",
    }
}

/// The parts of the total cost, each as the digest of its amount.
fn budget(
    case: &Case<'_>,
    amounts: NatureAmounts,
    key: PlanKey<'_>,
    disclosures: &mut Vec<Disclosure>,
) -> AttestedBudget {
    let mut part = |name: &'static str, amount: Option<Cents>| {
        amount.map(|amount| {
            let salt = salt(case, ("budget", name), key);
            disclosures.push(Disclosure { place: Place::Budget(name), salt, amount });
            digest_of(&salt, amount)
        })
    };
    AttestedBudget {
        investissement: part("investissement", amounts.investissement),
        fonctionnement: part("fonctionnement", amounts.fonctionnement),
        non_precise: part("nonPrecise", amounts.non_precise),
        tax_basis: case.plan.content.budget.and_then(|budget| budget.tax_basis),
    }
}
