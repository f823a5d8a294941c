//! What bodies say of projects and their plans.

use super::{appended, who_says, who_says_of};
use crate::acts::minutes::{Minutes, SmallGrants};
use crate::acts::opine::Opining;
use crate::acts::settle::Derogation;
use crate::domain::governance::{ActEntry, OpinionOf};
use crate::domain::organisation::OrganisationId;
use crate::graphql::error::{ApiError, Code};
use crate::graphql::scalar::Date;
use crate::graphql::types::{Acknowledgement, ActOfBody, Opinion};
use crate::graphql::vocabulary::Nature;
use crate::view;
use async_graphql::{Context, Enum, ID, InputObject, Object};

/// In which quality a body gives its opinion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum OpinionQuality {
    /// The pilot of a contrat de ville of the project.
    Pilot,
    /// A direction of the Région, competent in the project's theme.
    Direction,
    /// The Région's service that instructs the project.
    Service,
}

/// An opinion on what a rule is about.
#[derive(InputObject)]
pub struct OpinionInput {
    /// The project.
    project: ID,
    /// Code of the rule that the opinion is about.
    rule: String,
    /// Is it in favour?
    favourable: bool,
    /// In the body's own words, at most 1000 characters.
    text: Option<String>,
    /// Reference of the document that holds it, at most 200 characters.
    reference: Option<String>,
    /// Day on which it was given, not to come; the day of recording where left out.
    given_on: Option<Date>,
    /// In which quality; by default the pilot's, where the organisation is one, else that of a direction of the Région.
    quality: Option<OpinionQuality>,
}

/// The minutes (relevé de décisions) of a committee of a contrat de ville.
#[derive(InputObject)]
pub struct MinutesInput {
    /// The contract.
    contrat: ID,
    /// Day of the meeting: not to come.
    held_on: Date,
    /// Reference of the minutes, at most 200 characters.
    reference: String,
    /// Bodies that were present: what was before them is shared by them.
    present: Vec<ID>,
    /// Projects of the contract with the present versions of their plans, at most 500.
    plans: Vec<SharedPlanInput>,
}

/// A project and the version of its plan.
#[derive(InputObject)]
pub struct SharedPlanInput {
    /// The project.
    project: ID,
    /// The version of its plan.
    plan_version: String,
}

/// A derogation from a rule, given by the prefect.
#[derive(InputObject)]
pub struct DerogationInput {
    /// The project.
    project: ID,
    /// Code of the rule: one that a derogation lifts (OWN-SHARE).
    rule: String,
    /// Who gave it: the State in a département of the project, whose prefect did (`financeur:etat-59`).
    authority: ID,
    /// Its reference, at most 200 characters.
    reference: String,
    /// Day on which it was given: not to come.
    given_on: Date,
}

/// What bodies say of projects and their plans.
#[derive(Default)]
pub struct Acts;

/// What bodies say of projects and their plans.
#[expect(clippy::too_many_arguments, reason = "the arguments of a field are those of the schema")]
#[Object]
impl Acts {
    /// The caller's organisation has read this very plan (its version) and agrees that it shows all it knows. For those who
    /// have a line in the plan or are expected to, for the holder, for who answers for a funder; on a project in which the
    /// organisation has a part. That it answers for a funder gives it none: the pilot or the Région admits it (`admitFunder`).
    /// Refused (CONFLICT) when the plan changed meanwhile. Said again, it is the same acknowledgement.
    async fn acknowledge_plan(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The project.")] project: ID,
        #[graphql(desc = "The version of its plan: `fundingPlan { version }`.")] plan_version: String,
        #[graphql(desc = "The financeur that is spoken for, where the organisation is a member of several.")]
        on_behalf_of: Option<ID>,
    ) -> Result<Acknowledgement, ApiError> {
        let (registrar, caller) = who_says_of(context, [project.as_str()])?;
        let behalf = on_behalf_of.as_ref().map(body).transpose()?;
        let entry = registrar.acknowledge(&caller, (&project, &plan_version), behalf.as_ref()).await?;
        Acknowledgement::of(&seen(context, entry)?).ok_or_else(lost)
    }

    /// The opinion of the body that pilots the contract (an EPCI, sometimes a commune), or of a direction or the service of
    /// the Région, on what a rule is about.
    async fn record_opinion(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The opinion.")] input: OpinionInput,
    ) -> Result<Opinion, ApiError> {
        let (registrar, caller) = who_says_of(context, [input.project.as_str()])?;
        let asked = Opining {
            project: input.project.0,
            rule: input.rule,
            favourable: input.favourable,
            text: input.text,
            reference: input.reference,
            given_on: input.given_on.map(|day| day.0),
            quality: input.quality.map(Into::into),
        };
        let entry = registrar.opine(&caller, &asked).await?;
        Opinion::of(&seen(context, entry)?).ok_or_else(lost)
    }

    /// The minutes of a committee: those present have shared the plans that were before it. By the pilot of the contract, or by
    /// the Région where no source says who that is. Every plan must be at the version named (else CONFLICT, with the present
    /// one), and hold no sum that came after the meeting (CONFLICT): one declared or decided later; one that a budget year alone
    /// dates, further off than the next one, that no source had shown by then; one that nothing dates, first met more than a year
    /// later. A sum of a budget year up to the next one is taken to have been on the table, whenever it was first read.
    async fn record_minutes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The minutes.")] input: MinutesInput,
    ) -> Result<ActOfBody, ApiError> {
        let (registrar, caller) = who_says_of(context, input.plans.iter().map(|plan| plan.project.as_str()))?;
        let asked = Minutes {
            contrat: input.contrat.0,
            held_on: input.held_on.0,
            reference: input.reference,
            present: input.present.iter().map(body).collect::<Result<_, _>>()?,
            plans: input.plans.into_iter().map(|plan| (plan.project.0, plan.plan_version)).collect(),
        };
        seen(context, registrar.record_minutes(&caller, &asked).await?).map(ActOfBody)
    }

    /// The small grants (PIC, NQE) of a contract and year are shared as a list: in the plans of all its projects that have one, as
    /// they stand, what is granted under that scheme; their other sums are shared by those who put them. By the pilot of the
    /// contract or the Région.
    async fn share_small_grants(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Code of the contrat de ville.")] contrat: ID,
        #[graphql(desc = "Code of the funding scheme: PIC or NQE.")] dispositif: String,
        #[graphql(desc = "Budget year.")] year: i32,
        #[graphql(desc = "Reference of the list, at most 200 characters.")] reference: String,
    ) -> Result<ActOfBody, ApiError> {
        let (registrar, caller) = who_says(context)?;
        let year = u16::try_from(year).map_err(|_| ApiError::new(Code::BadInput, format!("{year} is no year")))?;
        let asked = SmallGrants { contrat: contrat.0, dispositif, year, reference };
        seen(context, registrar.share_small_grants(&caller, &asked).await?).map(ActOfBody)
    }

    /// Records a derogation from a rule, given by the prefect. By the pilot of a contract of the project or the Région. Refused
    /// (BAD_INPUT) for a rule that no derogation lifts.
    async fn record_derogation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The derogation.")] input: DerogationInput,
    ) -> Result<ActOfBody, ApiError> {
        let (registrar, caller) = who_says_of(context, [input.project.as_str()])?;
        let asked = Derogation {
            project: input.project.0,
            rule: input.rule,
            authority: input.authority.0,
            reference: input.reference,
            given_on: input.given_on.0,
        };
        seen(context, registrar.record_derogation(&caller, &asked).await?).map(ActOfBody)
    }

    /// Says which action of the dividing lines a project is; the last word counts. For the Région.
    async fn classify_project(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The project.")] project: ID,
        #[graphql(desc = "Code of the action, for example EMP-1.")] action: String,
        #[graphql(desc = "Why, in at most 1000 characters: it stays in the ledger.")] reason: String,
    ) -> Result<ActOfBody, ApiError> {
        let (registrar, caller) = who_says_of(context, [project.as_str()])?;
        seen(context, registrar.classify(&caller, &project, (&action, &reason)).await?).map(ActOfBody)
    }

    /// Says which nature a sum has whose deciding record leaves it open. By its funder or the Région.
    async fn state_nature(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Identifier of the commitment.")] commitment: ID,
        #[graphql(desc = "The nature.")] nature: Nature,
        #[graphql(desc = "Why, in at most 1000 characters: it stays in the ledger.")] reason: String,
    ) -> Result<ActOfBody, ApiError> {
        let (registrar, caller) = who_says_of(context, commitment.split('-').take(1))?;
        seen(context, registrar.state_nature(&caller, &commitment, (nature.into(), &reason)).await?).map(ActOfBody)
    }

    /// Admits that a body which nobody expected puts something into a project: its declarations count from now on. By the pilot
    /// of a contract of the project or the Région.
    async fn admit_funder(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The project.")] project: ID,
        #[graphql(desc = "The body (siren:…, financeur:…, eu:…).")] funder: ID,
        #[graphql(desc = "Why, in at most 1000 characters: it stays in the ledger.")] reason: String,
    ) -> Result<ActOfBody, ApiError> {
        let (registrar, caller) = who_says_of(context, [project.as_str()])?;
        let funder = body(&funder)?;
        seen(context, registrar.admit(&caller, &project, (&funder, &reason)).await?).map(ActOfBody)
    }

    /// Takes back an act of the caller's own organisation. What it said stays in the ledger.
    async fn take_back(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Identifier of the act: `Project.acts`.")] act: ID,
        #[graphql(desc = "Why, in at most 1000 characters: it stays in the ledger.")] reason: String,
    ) -> Result<ActOfBody, ApiError> {
        let (registrar, caller) = who_says(context)?;
        seen(context, registrar.take_back(&caller, &act, &reason).await?).map(ActOfBody)
    }
}

/// The act, seen through the picture after it.
fn seen(context: &Context<'_>, entry: ActEntry) -> Result<view::ActOfBody, ApiError> {
    Ok(appended(context, entry.version)?.act(entry))
}

fn lost() -> ApiError {
    ApiError::internal(&std::io::Error::other("the project of an act is gone"))
}

fn body(id: &ID) -> Result<OrganisationId, ApiError> {
    OrganisationId::parse(id).map_err(|error| ApiError::new(Code::BadInput, error.to_string()))
}

impl From<OpinionQuality> for OpinionOf {
    fn from(quality: OpinionQuality) -> Self {
        match quality {
            OpinionQuality::Pilot => OpinionOf::Pilot,
            OpinionQuality::Direction => OpinionOf::Direction,
            OpinionQuality::Service => OpinionOf::Service,
        }
    }
}
