//! What a funder is taken to declare, to see what would be missing then.

use crate::domain::declaration::{Declared, DeclaredSum};
use crate::domain::organisation::OrganisationId;
use crate::domain::text::DispositifCode;
use crate::domain::vocabulary;
use crate::graphql::error::{ApiError, Code};
use crate::graphql::scalar::Decimal;
use crate::graphql::vocabulary::{Form, Nature, Stage};
use crate::view::Assumption;
use async_graphql::{ID, InputObject};

/// That a funder declares a sum, or that it puts nothing: in the place of what it declared otherwise, or the same.
#[derive(InputObject)]
pub struct AssumptionInput {
    /// The funder: siren:…, eu:FEDER, financeur:…, or a SIREN.
    funder: ID,
    /// Section of the budget.
    nature: Nature,
    /// Amount, above zero; left out where nothing is put.
    amount: Option<Decimal>,
    /// Where the sum stands; left out where nothing is put. Not SOLLICITE: that is the applicant's word.
    stage: Option<Stage>,
    /// It puts nothing of this nature: without amount and stage.
    #[graphql(default = false)]
    nothing: bool,
    /// Form of the means.
    #[graphql(default_with = "Some(Form::Subvention)")]
    form: Option<Form>,
    /// Budget year.
    year: Option<i32>,
    /// Code of the funding scheme.
    dispositif: Option<String>,
    /// It acknowledges the plan that results, too.
    #[graphql(default = false)]
    acknowledged: bool,
}

impl TryFrom<AssumptionInput> for Assumption {
    type Error = ApiError;

    fn try_from(input: AssumptionInput) -> Result<Self, ApiError> {
        let bad = |message: String| ApiError::new(Code::BadInput, message);
        let unreadable = |error: crate::domain::ParseError| bad(format!("`dispositif`: {error}"));
        let text = input.funder.as_str();
        let funder = if text.len() == 9 && text.bytes().all(|one| one.is_ascii_digit()) {
            OrganisationId::parse(&format!("siren:{text}"))
        } else {
            OrganisationId::parse(text)
        };
        let funder = funder.map_err(|error| bad(format!("`funder`: {error}")))?;
        let nature = input.nature.into();
        let year = input.year.map(|year| u16::try_from(year).map_err(|_| bad(format!("{year} is no year"))));
        let year = year.transpose()?;
        let declared = match (input.nothing, input.amount, input.stage) {
            (true, None, None) => Declared::Nothing { nature, year },
            (false, Some(amount), Some(stage)) => Declared::Commitment(DeclaredSum {
                nature,
                form: input.form.map_or(vocabulary::Form::Subvention, Into::into),
                stage: stage.into(),
                amount: amount.0,
                tax_basis: vocabulary::TaxBasis::NonPrecise,
                year,
                dispositif: input.dispositif.as_deref().map(DispositifCode::parse).transpose().map_err(unreadable)?,
                reference: None,
                not_public_until: None,
            }),
            _ => return Err(bad("give `amount` and `stage` together, or `nothing: true` without them".to_owned())),
        };
        Ok(Assumption { funder, declared, acknowledged: input.acknowledged })
    }
}
