//! The root of all questions.

use super::connection::{
    AuditConnection, CommitmentConnection, EnvelopeConnection, MatchProposalConnection, ProjectConnection,
};
use super::error::{ApiError, Code};
use super::input::{CommitmentFilter, EnvelopeFilter, ProjectFilter};
use super::page::{PageArguments, page_length};
use super::scalar::{Date, DateTime};
use super::types::{
    Action, ContratDeVille, Dispositif, Eligibility, Epci, Ledger, MatchCandidate, Organisation, Project, Quartier,
    Source, Total, totals,
};
use super::vocabulary::{Dimension, Family, Nature};
use crate::domain::chain::LedgerVersion;
use crate::view::{self, Reader};
use async_graphql::{Context, ID, Object};

/// The root: reads what the request's reader sees; beneath `asOf`, what that earlier reader sees.
#[derive(Default)]
pub struct Query(Option<Reader>);

impl Query {
    fn reader<'a>(&'a self, context: &'a Context<'_>) -> Result<&'a Reader, ApiError> {
        self.0
            .as_ref()
            .or_else(|| context.data_opt::<Reader>())
            .ok_or_else(|| ApiError::internal(&std::io::Error::other("an operation was executed without a reader")))
    }
}

/// All questions. Everything beneath is read at one version of the ledger, stated in extensions.ledgerVersion.
#[expect(clippy::too_many_arguments, reason = "the arguments of a field are those of the public contract")]
#[Object]
impl Query {
    /// The whole schema again, as it was known at an earlier instant or ledger version (one of the two): ages and
    /// plans are those of then; rights are today's.
    async fn as_of(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "An instant in the past: the last version appended by then.")] instant: Option<DateTime>,
        #[graphql(desc = "A version of the ledger.")] version: Option<i32>,
    ) -> Result<Query, ApiError> {
        let reader = self.reader(context)?;
        let earlier = match (instant, version) {
            (Some(instant), None) => reader.at_instant(instant.0).await?,
            (None, Some(version)) => {
                let version = u64::try_from(version).map_err(|_| {
                    ApiError::new(Code::BadInput, format!("version {version} is none: versions begin at 1"))
                })?;
                reader.at_version(LedgerVersion(version)).await?
            }
            _ => return Err(ApiError::new(Code::BadInput, "give either `instant` or `version`, exactly one")),
        };
        Ok(Query(Some(earlier)))
    }

    /// The ledger at the version that is read.
    async fn ledger(&self, context: &Context<'_>) -> Result<Ledger, ApiError> {
        Ok(Ledger(self.reader(context)?.head()))
    }

    /// One project; null where the identifier is of none. An identifier that gave way to an older one still leads there.
    async fn project(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its identifier.")] id: ID,
    ) -> Result<Option<Project>, ApiError> {
        Ok(self.reader(context)?.project(&id).map(Project))
    }

    /// Projects, in the order of their identifiers.
    async fn projects(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which ones; all by default.")] filter: Option<ProjectFilter>,
        #[graphql(desc = "So many from the beginning, or after `after`; 50 by default, 200 at most.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "So many from the end, or before `before`.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<ProjectConnection, ApiError> {
        let mut filter = filter.unwrap_or_default();
        let judgement = filter.judgement()?;
        let list = self.reader(context)?.projects_judged(&filter.try_into()?, &judgement).await?;
        ProjectConnection::of(&list, &PageArguments { first, after, last, before })
    }

    /// Commitments, in the order of their projects. Unlike totals, of every stage unless the filter says.
    async fn commitments(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which ones; all by default.")] filter: Option<CommitmentFilter>,
        #[graphql(desc = "So many from the beginning, or after `after`; 50 by default, 200 at most.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "So many from the end, or before `before`.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<CommitmentConnection, ApiError> {
        let list = self.reader(context)?.commitments(&filter.unwrap_or_default().try_into()?);
        CommitmentConnection::of(&list, &PageArguments { first, after, last, before })
    }

    /// Sums of commitments, each euro once. Without stage, stageAtLeast or by STAGE: what is decided (ATTRIBUE and
    /// later). An empty `by` gives one row.
    async fn totals(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which commitments; all by default.")] filter: Option<CommitmentFilter>,
        #[graphql(desc = "Dimensions of the rows, at most 4.")] by: Vec<Dimension>,
    ) -> Result<Vec<Total>, ApiError> {
        totals(self.reader(context)?, &filter.unwrap_or_default().try_into()?, by)
    }

    /// Target envelopes of funders, with what is consumed of them, in the order of their codes: the balance between
    /// territories and dispositifs. Not for the public: empty.
    async fn envelopes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which ones; all by default.")] filter: Option<EnvelopeFilter>,
        #[graphql(desc = "So many from the beginning, or after `after`; 50 by default, 200 at most.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
    ) -> Result<EnvelopeConnection, ApiError> {
        let list = self.reader(context)?.envelopes(&filter.unwrap_or_default().try_into()?);
        EnvelopeConnection::of(&list, &PageArguments { first, after, last: None, before: None })
    }

    /// Projects that may be one with this one, the likeliest first, with the terms of each score; null where the identifier
    /// is of none. For the Région. A link is made by linkProjects, and refused by keepApart.
    async fn match_candidates(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Identifier of the project.")] project: ID,
        #[graphql(desc = "So many; 10 by default, 200 at most.")] first: Option<i32>,
    ) -> Result<Option<Vec<MatchCandidate>>, ApiError> {
        const LENGTH_DEFAULT: usize = 10;
        let length = first.map_or(Ok(LENGTH_DEFAULT), |first| page_length("first", first))?;
        let found = self.reader(context)?.candidates(&project)?;
        Ok(found.map(|found| found.into_iter().take(length).map(MatchCandidate).collect()))
    }

    /// Every pair of projects that may be one and of which nobody decided, the likeliest first: likely duplicates between systems, whose
    /// sums stand twice until somebody decides. For the Région and auditors. Decided by linkProjects or keepApart.
    async fn match_proposals(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "So many from the beginning, or after `after`; 50 by default, 200 at most.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
    ) -> Result<MatchProposalConnection, ApiError> {
        MatchProposalConnection::of(self.reader(context)?, &PageArguments { first, after, last: None, before: None })
    }

    /// Who was shown this project beyond what is public of it, the newest read first: of what was asked, never of the answer. For
    /// auditors, who stand in it themselves.
    async fn audit_trail(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Identifier of the project; those that it had before are its own.")] project: ID,
        #[graphql(desc = "So many; 50 by default, 200 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
    ) -> Result<AuditConnection, ApiError> {
        AuditConnection::of(self.reader(context)?, &project, (first, after)).await
    }

    /// The actions of the dividing lines, in the order of the rulebook.
    async fn actions(&self, context: &Context<'_>) -> Result<Vec<Action>, ApiError> {
        Ok(self.reader(context)?.actions().into_iter().map(Action).collect())
    }

    /// Orientation before any money: which credits may come to such a project, which are to be asked first, which are excluded
    /// and why, whose opinion is needed.
    async fn eligibility(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Code of the action (see actions).")] action: String,
        #[graphql(
            desc = "Who would carry it: a SIREN, the id of an organisation, or of whom only the kind is known: HABITANTS, ASSOCIATION, COLLECTIVITE, ETABLISSEMENT_PUBLIC, ENTREPRISE."
        )]
        holder: ID,
        #[graphql(desc = "Code of a quartier, a contrat de ville or a commune, or the SIREN of an EPCI.")]
        place: String,
        #[graphql(desc = "Section of the budget.")] nature: Nature,
        #[graphql(desc = "First day, where it is known.")] starts_on: Option<Date>,
        #[graphql(desc = "Last day, where it is known.")] ends_on: Option<Date>,
    ) -> Result<Eligibility, ApiError> {
        let days = (starts_on.map(|day| day.0), ends_on.map(|day| day.0));
        let asked = view::Asked { action, holder: holder.0, place, nature: nature.into(), days };
        Ok(Eligibility(self.reader(context)?.orientation(&asked)?))
    }

    /// One quartier, by its code of 2024 (QN…), of 2015 (QP…), or that of its contract; null where nobody knows it.
    async fn quartier(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its code.")] code: String,
    ) -> Result<Option<Quartier>, ApiError> {
        Ok(self.reader(context)?.quartier(&code).map(Quartier))
    }

    /// One contrat de ville; null where nobody knows it.
    async fn contrat_de_ville(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its code.")] id: ID,
    ) -> Result<Option<ContratDeVille>, ApiError> {
        Ok(self.reader(context)?.contrat(&id).map(ContratDeVille))
    }

    /// All contrats de ville, in the order of their codes.
    async fn contrats_de_ville(&self, context: &Context<'_>) -> Result<Vec<ContratDeVille>, ApiError> {
        Ok(self.reader(context)?.contrats().into_iter().map(ContratDeVille).collect())
    }

    /// One EPCI; null where nobody knows it.
    async fn epci(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its SIREN.")] siren: String,
    ) -> Result<Option<Epci>, ApiError> {
        Ok(self.reader(context)?.epci(&siren).map(Epci))
    }

    /// One organisation, by its id or its SIREN (one of the two); null where no record names it.
    async fn organisation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its id: siren:…, siret:…, eu:…, financeur:…, or opaque.")] id: Option<ID>,
        #[graphql(desc = "Its SIREN: nine digits.")] siren: Option<String>,
    ) -> Option<Result<Organisation, ApiError>> {
        let id = match (id, siren) {
            (Some(id), None) => Ok(id.0),
            (None, Some(siren)) => Ok(format!("siren:{siren}")),
            _ => Err(ApiError::new(Code::BadInput, "give either `id` or `siren`, exactly one")),
        };
        let found = id.and_then(|id| Ok(self.reader(context)?.organisation(&id)));
        found.transpose().map(|found| found.map(Organisation))
    }

    /// Funding schemes, in the order of their codes.
    async fn dispositifs(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only those of this family.")] family: Option<Family>,
    ) -> Result<Vec<Dispositif>, ApiError> {
        Ok(self.reader(context)?.dispositifs(family.map(Into::into)).into_iter().map(Dispositif).collect())
    }

    /// One source; null where none has this id.
    async fn source(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<Source>, ApiError> {
        Ok(self.reader(context)?.source(&id).map(Source))
    }

    /// All sources, in the order of their ids.
    async fn sources(&self, context: &Context<'_>) -> Result<Vec<Source>, ApiError> {
        Ok(self.reader(context)?.sources().into_iter().map(Source).collect())
    }
}
