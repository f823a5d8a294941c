//! A project in the schema.

use super::{
    ActOfBody, AssumptionInput, Check, Commitment, ContratDeVille, Epci, FundingPlan, Organisation, ProjectLink,
    Quartier, Record, VerdictReason,
};
use crate::graphql::connection::ProjectChangeConnection;
use crate::graphql::error::ApiError;
use crate::graphql::page::PageArguments;
use crate::graphql::scalar::{Date, Duration};
use crate::graphql::vocabulary::Objective;
use crate::view;
use async_graphql::{ID, Object};

/// A handle on a project.
pub struct Project(pub view::Project);

/// One real operation, consolidated over all systems. In operation, one edition (exercice) is a project; in
/// investment, one operation over all its years.
#[Object]
impl Project {
    /// Identifier: given once, never recomputed.
    async fn id(&self) -> ID {
        ID(self.0.id().to_string())
    }

    /// Title, as the most authoritative record writes it; empty when none gives any.
    async fn title(&self) -> &str {
        self.0.title()
    }

    /// Who carries the project; null when no record says it. A natural person appears masked.
    async fn holder(&self) -> Option<Organisation> {
        self.0.holder().map(Organisation)
    }

    /// Objectives under which its records file it.
    async fn objectives(&self) -> Vec<Objective> {
        self.0.objectives().iter().map(|objective| (*objective).into()).collect()
    }

    /// Quartiers, as its records state them.
    async fn quartiers(&self) -> Vec<Quartier> {
        self.0.quartiers().map(Quartier).collect()
    }

    /// Contrats de ville: those stated, and those that follow with certainty from its places.
    async fn contrats_de_ville(&self) -> Vec<ContratDeVille> {
        self.0.contrats().map(ContratDeVille).collect()
    }

    /// EPCI: those stated, and those that follow with certainty from its places.
    async fn epcis(&self) -> Vec<Epci> {
        self.0.epcis().map(Epci).collect()
    }

    /// Budget year (exercice) of an edition in operation; null when not stated.
    async fn year(&self) -> Option<i32> {
        self.0.year().map(i32::from)
    }

    /// The edition that this one renews, as its record names it; null when none is named, or when it is not one project that
    /// this viewer sees.
    async fn renews(&self) -> Option<Project> {
        self.0.renews().map(Project)
    }

    /// The editions that renew this one: the next exercice, as its record names this one.
    async fn renewed_by(&self) -> Vec<Project> {
        self.0.renewed_by().map(Project).collect()
    }

    /// The fund (PIC, FTU) that gives on to this micro-project, as its record names it; null when none is named, or when it is not one
    /// project that this viewer sees.
    async fn fund(&self) -> Option<Project> {
        self.0.fund().map(Project)
    }

    /// The micro-projects that this fund gives on to, as their records name it.
    async fn gives_on_to(&self) -> Vec<Project> {
        self.0.gives_on_to().map(Project).collect()
    }

    /// First day; null when not stated.
    async fn starts_on(&self) -> Option<Date> {
        self.0.starts_on().map(Date)
    }

    /// Last day; null when not stated.
    async fn ends_on(&self) -> Option<Date> {
        self.0.ends_on().map(Date)
    }

    /// Its commitments, of every stage; for whoever does not see it whole, what funders themselves voted and what came after.
    async fn commitments(&self) -> Vec<Commitment> {
        self.0.commitments().map(Commitment).collect()
    }

    /// Who spoke, and how far sums meet the budget. Null: not for this viewer.
    async fn funding_plan(
        &self,
        #[graphql(
            desc = "Records of the project that were read longer ago than this are looked up live before the operation runs, 200 records at most; a line that rests on one which could not be read in time is STALE, and its source is named in `extensions.sources` with age and reason. At least PT60S, for authenticated viewers only; not under `asOf`, where it only tightens what is STALE. By default each source's own limit."
        )]
        max_age: Option<Duration>,
    ) -> Option<Result<FundingPlan, ApiError>> {
        let plan = self.0.plan(max_age.map(|age| age.seconds)).map_err(ApiError::from).transpose()?;
        Some(plan.map(FundingPlan))
    }

    /// The co-financing check: are all means, by every partner, in investment and in operation, known and shared? Under `asOf`,
    /// with the ages and rules of then. Null: not for this viewer (partners see it on the projects of their contracts and on
    /// those that they hold or fund, committees on those of their contracts, the Région and auditors on all).
    async fn check(
        &self,
        #[graphql(desc = "As for fundingPlan: records read longer ago are looked up live before the operation runs.")]
        max_age: Option<Duration>,
        #[graphql(
            desc = "What would be, if funders declared this (20 assumptions at most): computed on what this viewer sees, written nowhere."
        )]
        assume: Option<Vec<AssumptionInput>>,
    ) -> Option<Result<Check, ApiError>> {
        let assumed = assume.unwrap_or_default().into_iter().map(TryInto::try_into).collect::<Result<Vec<_>, _>>();
        let age_s = max_age.map(|age| age.seconds);
        let check = assumed.and_then(|assumed| self.0.check_assuming(age_s, &assumed).map_err(ApiError::from));
        check.map(|check| check.map(Check)).transpose()
    }

    /// What changed since the check was last attested, from whom, since when; empty where it still says what was attested. Where the facts
    /// of then no longer come to what was attested, the first is `RULES`. Null: nobody attested it, or not for this viewer.
    async fn since_attestation(&self) -> Result<Option<Vec<VerdictReason>>, ApiError> {
        let found = self.0.since_attestation().await?;
        Ok(found.map(|found| found.into_iter().map(VerdictReason).collect()))
    }

    /// What bodies said of it, the oldest first: who acknowledged its plan, gave an opinion, recorded minutes. What was taken
    /// back is left out. Null: not for this viewer, as for check.
    async fn acts(&self) -> Option<Vec<ActOfBody>> {
        self.0.is_whole().then(|| self.0.acts().map(ActOfBody).collect())
    }

    /// What made it of several projects, beyond references that its records share, each term by term. Null: not for this
    /// viewer (links are for the Région).
    async fn links(&self) -> Option<Vec<ProjectLink>> {
        let links = self.0.links()?;
        Some(links.iter().map(|link| ProjectLink::of(&link.from, &link.to, &link.by)).collect())
    }

    /// What changed in this project, the newest first: in the records that stand in it, in those that stood in it while they
    /// did, and in what makes it one project. Beneath `asOf`, nothing later than that version. Null: not for this viewer, as
    /// for check.
    async fn history(
        &self,
        #[graphql(desc = "So many from the newest, or after `after`; 50 by default, 200 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
    ) -> Result<Option<ProjectChangeConnection>, ApiError> {
        let Some(history) = self.0.history().await? else { return Ok(None) };
        let page = PageArguments { first, after, ..PageArguments::default() };
        ProjectChangeConnection::of(&history, &page).await.map(Some)
    }

    /// The records of all systems that are about this project, the oldest first; for whoever does not see it whole, those that
    /// its public sums stand in.
    async fn records(&self) -> Vec<Record> {
        self.0.records().map(Record).collect()
    }
}
