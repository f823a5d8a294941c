//! What bodies declare of their own means.

use super::{appended, who_says, who_says_of};
use crate::acts::amend::bulk_id;
use crate::acts::declare::{Declaring, Part, Taken, Target};
use crate::domain::declaration::{Declared, DeclaredSum};
use crate::domain::organisation::OrganisationId;
use crate::domain::text::{DispositifCode, number_spelled, written_line};
use crate::domain::{ParseError, vocabulary};
use crate::graphql::error::{ApiError, Code};
use crate::graphql::scalar::{Date, Decimal};
use crate::graphql::types::{Declaration, Project};
use crate::graphql::vocabulary::{Form, Nature, Objective, Stage, TaxBasis};
use crate::view::Reader;
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};

/// A sum that the caller's organisation puts into a project.
#[derive(InputObject)]
pub struct DeclareCommitmentInput {
    /// The project.
    project: ID,
    /// Section of the budget.
    nature: Nature,
    /// Form of the means.
    #[graphql(default_with = "Some(Form::Subvention)")]
    form: Option<Form>,
    /// Where the sum stands. Not SOLLICITE: that is the applicant's word.
    stage: Stage,
    /// Amount, above zero: where there is none, say declareNothing.
    amount: Decimal,
    /// Is the amount before tax or with tax?
    #[graphql(default_with = "Some(TaxBasis::NonPrecise)")]
    tax_basis: Option<TaxBasis>,
    /// Budget year.
    year: Option<i32>,
    /// Code of the funding scheme.
    dispositif: Option<String>,
    /// Reference of the grant: tells apart several grants of one funder. One that no source states, of the amount that one of them states under
    /// another, is in doubt beside it: declare both, each under its own. At most 200 characters. Kept in capitals where it
    /// holds a digit, and without signs that nobody sees: so it meets what the funder's own systems write.
    reference: Option<String>,
    /// Embargo: the amount is kept from others before this day (from 0 h UTC of it, everybody who sees the project sees it).
    /// Others see that something stands there; until then the plan is KNOWN_NOT_SHARED at best.
    not_public_until: Option<Date>,
    /// In the funder's own words, at most 1000 characters. Name nobody: it stays in the ledger.
    comment: Option<String>,
    /// The caller's own name for this request: the same request again is answered as the first time, and declares nothing
    /// more. At most 200 characters.
    idempotency_key: Option<String>,
    /// The financeur that is spoken for (financeur:…), of which the caller's organisation is a member; by default the
    /// organisation itself.
    on_behalf_of: Option<ID>,
}

/// The caller's organisation puts nothing of this nature: into one project, or into those that a contract has by now.
#[derive(InputObject)]
pub struct DeclareNothingInput {
    /// One project; or name a contract.
    project: Option<ID>,
    /// A contrat de ville: one declaration for each project that it has at this moment and on which the organisation is
    /// expected, but those into which its own word already puts a sum of that nature: the answer names them (`leftOut`).
    /// Projects added later are not covered.
    contrat: Option<ID>,
    /// In bulk: only projects filed under this objective.
    objective: Option<Objective>,
    /// Budget year of the project (exercice); in bulk, only projects of this one. A project of several years is not covered
    /// by one of them.
    year: Option<i32>,
    /// Section of the budget.
    nature: Nature,
    /// In the funder's own words, at most 1000 characters. Name nobody: it stays in the ledger.
    comment: Option<String>,
    /// The caller's own name for this request: the same request again is answered as the first time, and declares nothing
    /// more. At most 200 characters.
    idempotency_key: Option<String>,
    /// The financeur that is spoken for (financeur:…), of which the caller's organisation is a member; by default the
    /// organisation itself.
    on_behalf_of: Option<ID>,
}

/// What changes in a declared sum. What is left out stays as it is; null takes it away where it may be absent.
#[derive(InputObject)]
pub struct AmendDeclarationInput {
    /// Section of the budget.
    nature: Option<Nature>,
    /// Form of the means.
    form: Option<Form>,
    /// Where the sum stands.
    stage: Option<Stage>,
    /// Amount, above zero.
    amount: Option<Decimal>,
    /// Is the amount before tax or with tax?
    tax_basis: Option<TaxBasis>,
    /// Budget year.
    year: MaybeUndefined<i32>,
    /// Code of the funding scheme.
    dispositif: MaybeUndefined<String>,
    /// Reference of the grant.
    reference: MaybeUndefined<String>,
    /// The amount is kept from others before this day; null: from nobody any more.
    not_public_until: MaybeUndefined<Date>,
    /// Why, in at most 1000 characters: it stays in the ledger.
    reason: String,
}

/// What bodies declare of their own means.
#[derive(Default)]
pub struct Declarations;

/// What bodies declare of their own means.
#[Object]
impl Declarations {
    /// An own statement by the caller's organisation. Amount zero is refused: say declareNothing. For partners and the
    /// Région, each for itself.
    async fn declare_commitment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The sum.")] input: DeclareCommitmentInput,
    ) -> Result<Declaration, ApiError> {
        let (registrar, caller) = who_says_of(context, [input.project.as_str()])?;
        let taken = registrar.declare(&caller, input.try_into()?).await?;
        Ok(declaration(&appended(context, taken.version)?, &taken))
    }

    /// The caller's organisation commits nothing of that nature to that project (or, in bulk, to the projects that a contrat
    /// has by now, of an objective and a year, and on which it is expected).
    async fn declare_nothing(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Where, and of which nature.")] input: DeclareNothingInput,
    ) -> Result<Declaration, ApiError> {
        let (registrar, caller) = who_says_of(context, input.project.iter().map(|id| id.as_str()))?;
        let taken = registrar.declare(&caller, input.try_into()?).await?;
        Ok(declaration(&appended(context, taken.version)?, &taken))
    }

    /// Another word in the place of a sum that the caller's organisation declared. What it said before stays in the ledger.
    async fn amend_declaration(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Identifier of the declaration.")] id: ID,
        #[graphql(desc = "What changes, and why.")] input: AmendDeclarationInput,
    ) -> Result<Declaration, ApiError> {
        let (registrar, caller) = who_says(context)?;
        let reason = input.reason.clone();
        let change = change(input)?;
        let taken = registrar.amend(&caller, &id, (change, &reason)).await?;
        Ok(declaration(&appended(context, taken.version)?, &taken))
    }

    /// Takes back what the caller's organisation declared: a sum, nothing, or all that stands of a bulk declaration. What it
    /// said stays in the ledger.
    async fn withdraw_declaration(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Identifier of the declaration.")] id: ID,
        #[graphql(desc = "Why, in at most 1000 characters: it stays in the ledger.")] reason: String,
    ) -> Result<Declaration, ApiError> {
        let (registrar, caller) = who_says(context)?;
        let taken = registrar.withdraw(&caller, &id, &reason).await?;
        Ok(declaration(&appended(context, taken.version)?, &taken))
    }
}

/// What was declared, seen through the picture after it.
fn declaration(reader: &Reader, taken: &Taken) -> Declaration {
    let single = |part: &Part| Declaration {
        id: ID(part.key.to_string()),
        project: reader.project(part.project.as_str()).map(Project),
        ledger_version: version(taken),
        expected: part.expected,
        parts: Vec::new(),
        left_out: Vec::new(),
    };
    let left_out = taken.left_out.iter().filter_map(|id| reader.project(id.as_str())).map(Project);
    match taken.parts.as_slice() {
        [one] if !taken.in_bulk => single(one),
        parts => Declaration {
            id: ID(bulk_id(taken.version)),
            project: None,
            ledger_version: version(taken),
            expected: parts.iter().all(|part| part.expected),
            parts: parts.iter().map(single).collect(),
            left_out: left_out.collect(),
        },
    }
}

fn version(taken: &Taken) -> i32 {
    i32::try_from(taken.version.0).unwrap_or(i32::MAX)
}

impl TryFrom<DeclareCommitmentInput> for Declaring {
    type Error = ApiError;

    fn try_from(input: DeclareCommitmentInput) -> Result<Self, ApiError> {
        let form = input.form.map_or(vocabulary::Form::Subvention, Into::into);
        let tax_basis = input.tax_basis.map_or(vocabulary::TaxBasis::NonPrecise, Into::into);
        let sum = DeclaredSum {
            nature: input.nature.into(),
            form,
            stage: input.stage.into(),
            amount: input.amount.0,
            tax_basis,
            year: input.year.map(year).transpose()?,
            dispositif: input.dispositif.as_deref().map(dispositif).transpose()?,
            reference: input.reference.as_deref().map(reference).transpose()?.flatten(),
            not_public_until: input.not_public_until.map(|day| day.0),
        };
        Ok(Declaring {
            target: Target::Project(input.project.0),
            declared: Declared::Commitment(sum),
            comment: input.comment,
            on_behalf_of: input.on_behalf_of.as_ref().map(body).transpose()?,
            idempotency_key: input.idempotency_key,
        })
    }
}

impl TryFrom<DeclareNothingInput> for Declaring {
    type Error = ApiError;

    fn try_from(input: DeclareNothingInput) -> Result<Self, ApiError> {
        let year = input.year.map(year).transpose()?;
        let target = match (input.project, input.contrat, input.objective) {
            (Some(project), None, None) => Target::Project(project.0),
            (None, Some(contrat), objective) => {
                Target::Contrat { contrat: contrat.0, objective: objective.map(Into::into), year }
            }
            _ => {
                let needed = "give either `project` alone, or `contrat` (with `objective` and `year` if you like)";
                return Err(ApiError::new(Code::BadInput, needed));
            }
        };
        Ok(Declaring {
            target,
            declared: Declared::Nothing { nature: input.nature.into(), year },
            comment: input.comment,
            on_behalf_of: input.on_behalf_of.as_ref().map(body).transpose()?,
            idempotency_key: input.idempotency_key,
        })
    }
}

/// What an amendment makes of a declared sum.
fn change(input: AmendDeclarationInput) -> Result<impl Fn(DeclaredSum) -> DeclaredSum + Send + Sync, ApiError> {
    let new_year = changed(input.year, year)?;
    let new_dispositif = changed(input.dispositif, |code| dispositif(&code))?;
    let new_reference = changed(input.reference, |text| reference(&text))?.map(Option::flatten);
    let new_embargo = changed(input.not_public_until, |day| Ok(day.0))?;
    Ok(move |sum: DeclaredSum| DeclaredSum {
        nature: input.nature.map_or(sum.nature, Into::into),
        form: input.form.map_or(sum.form, Into::into),
        stage: input.stage.map_or(sum.stage, Into::into),
        amount: input.amount.map_or(sum.amount, |amount| amount.0),
        tax_basis: input.tax_basis.map_or(sum.tax_basis, Into::into),
        year: new_year.unwrap_or(sum.year),
        dispositif: new_dispositif.clone().unwrap_or(sum.dispositif),
        reference: new_reference.clone().unwrap_or(sum.reference),
        not_public_until: new_embargo.unwrap_or(sum.not_public_until),
    })
}

/// `None`: stays; `Some(None)`: is taken away.
fn changed<T, U>(
    given: MaybeUndefined<T>,
    meant: impl FnOnce(T) -> Result<U, ApiError>,
) -> Result<Option<Option<U>>, ApiError> {
    match given {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Ok(Some(None)),
        MaybeUndefined::Value(value) => meant(value).map(|value| Some(Some(value))),
    }
}

fn year(year: i32) -> Result<u16, ApiError> {
    u16::try_from(year).map_err(|_| ApiError::new(Code::BadInput, format!("{year} is no year")))
}

fn dispositif(code: &str) -> Result<DispositifCode, ApiError> {
    DispositifCode::parse(code).map_err(unreadable)
}

/// A reference, trimmed; an empty one is none.
fn reference(text: &str) -> Result<Option<Box<str>>, ApiError> {
    let most = crate::acts::registrar::REFERENCE_MAX;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let unsound = || {
        format!(
            "`reference` is longer than {most} characters, or not in one line, or one of them controls or turns the writing"
        )
    };
    let text = written_line(text, most).ok_or_else(|| ApiError::new(Code::BadInput, unsound()))?;
    let number = number_spelled(text);
    Ok((!number.is_empty()).then(|| number.into()))
}

fn body(id: &ID) -> Result<OrganisationId, ApiError> {
    OrganisationId::parse(id).map_err(unreadable)
}

fn unreadable(error: ParseError) -> ApiError {
    ApiError::new(Code::BadInput, error.to_string())
}
