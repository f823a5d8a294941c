//! What a record says of its project.

use super::field::Scope;
use super::notes::{Refusal, plain_warning, warning};
use super::organisation::OrganisationRule;
use super::reader::Reader;
use super::rule::Rule;
use crate::connector::convert::Doubt;
use crate::connector::convert::placeholder::{STANDS_FOR_NOTHING, stands_for_nothing};
use crate::connector::node::Node;
use crate::domain::Date;
use crate::domain::facts::{Budget, Places, ProjectFacts, QuartierShare};
use crate::domain::money::{BasisPoints, Cents};
use crate::domain::place::{CommuneCode, ContratCode, DepartementCode, QuartierCode};
use crate::domain::project::Reference;
use crate::domain::siren::Siren;
use crate::domain::text::{ActionCode, is_unseen, number_spelled};
use crate::domain::vocabulary::{Objective, TaxBasis};

use super::field::Field;

const PERIOD_INVERTED: Doubt = Doubt {
    code: "period-inverted",
    fr: "la fin précède le début ; les deux dates sont gardées telles quelles",
    en: "the end comes before the beginning; both dates are kept as they are",
};
const SHARES_ABOVE_WHOLE: Doubt = Doubt {
    code: "shares-above-whole",
    fr: "les parts dépassent 100 % ; elles sont laissées de côté",
    en: "the shares exceed 100 %; they are left out",
};
/// Something else stands where a list is expected.
pub const NO_LIST: Doubt =
    Doubt { code: "list-expected", fr: "une liste est attendue ici", en: "a list is expected here" };

/// The compiled `[map.project]`.
#[derive(Debug)]
pub struct ProjectRules {
    /// Title.
    pub title: Option<Rule<String>>,
    /// Holder.
    pub holder: Option<OrganisationRule>,
    /// Objectives.
    pub objectives: Option<Rule<Objective>>,
    /// Action.
    pub action: Option<Rule<ActionCode>>,
    /// Shared references.
    pub references: Vec<ReferenceNumber>,
    /// Places.
    pub places: PlaceRules,
    /// First day.
    pub starts_on: Option<Rule<Date>>,
    /// Last day.
    pub ends_on: Option<Rule<Date>>,
    /// Budget year.
    pub year: Option<Rule<u16>>,
    /// The edition renewed.
    pub renews: Option<ReferenceNumber>,
    /// The fund that gives on to it.
    pub fund: Option<ReferenceNumber>,
    /// Total cost.
    pub budget: Option<BudgetRules>,
}

/// A reference of a stated numbering.
#[derive(Debug)]
pub struct ReferenceNumber {
    /// Whose numbering.
    pub scheme: Box<str>,
    /// The number.
    pub value: Rule<String>,
}

/// Rules of places.
#[derive(Debug)]
pub struct PlaceRules {
    /// Quartiers.
    pub quartiers: Option<Rule<QuartierCode>>,
    /// Communes.
    pub communes: Option<Rule<CommuneCode>>,
    /// EPCI.
    pub epcis: Option<Rule<Siren>>,
    /// Contrats de ville.
    pub contrats: Option<Rule<ContratCode>>,
    /// Départements.
    pub departements: Option<Rule<DepartementCode>>,
    /// Stated shares.
    pub shares: Option<SharesRules>,
}

/// Rules of stated shares.
#[derive(Debug)]
pub struct SharesRules {
    /// The list.
    pub each: Field,
    /// The quartier of an element.
    pub quartier: Rule<QuartierCode>,
    /// Its share.
    pub share: Rule<BasisPoints>,
}

/// Rules of the total cost.
#[derive(Debug)]
pub struct BudgetRules {
    /// In investment.
    pub investissement: Option<Rule<Cents>>,
    /// In operation.
    pub fonctionnement: Option<Rule<Cents>>,
    /// Without its nature.
    pub non_precise: Option<Rule<Cents>>,
    /// Tax basis.
    pub tax_basis: Option<Rule<TaxBasis>>,
}

/// The value of an optional rule.
pub fn one<T: Clone>(rule: &Option<Rule<T>>, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Option<T>, Refusal> {
    rule.as_ref().map_or(Ok(None), |rule| rule.one(scope, reader))
}

/// The values of an optional rule.
pub fn many<T: Clone + PartialEq>(
    rule: &Option<Rule<T>>,
    scope: Scope<'_>,
    reader: &mut Reader<'_>,
) -> Result<Vec<T>, Refusal> {
    rule.as_ref().map_or(Ok(Vec::new()), |rule| rule.many(scope, reader))
}

impl ProjectRules {
    /// What `scope` says of the project.
    ///
    /// # Errors
    /// A required value that is absent or unreadable.
    pub fn read(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<ProjectFacts, Refusal> {
        let mut references = Vec::new();
        for reference in &self.references {
            references.extend(reference.read(scope, reader)?);
        }
        let starts_on = one(&self.starts_on, scope, reader)?;
        let ends_on = one(&self.ends_on, scope, reader)?;
        if starts_on.zip(ends_on).is_some_and(|(start, end)| end < start) {
            let field = self.ends_on.as_ref().and_then(|rule| rule.fields.first());
            reader.warn(plain_warning(&PERIOD_INVERTED, field));
        }
        Ok(ProjectFacts {
            title: one(&self.title, scope, reader)?.unwrap_or_default(),
            holder: self.holder.as_ref().map_or(Ok(None), |rule| rule.read(scope, reader))?,
            objectives: many(&self.objectives, scope, reader)?,
            action: one(&self.action, scope, reader)?,
            references,
            places: self.places.read(scope, reader)?,
            starts_on,
            ends_on,
            year: one(&self.year, scope, reader)?,
            renews: first(self.renews.as_ref(), scope, reader)?,
            fund: first(self.fund.as_ref(), scope, reader)?,
            budget: self.budget.as_ref().map_or(Ok(None), |rules| rules.read(scope, reader))?,
        })
    }
}

fn first(
    number: Option<&ReferenceNumber>,
    scope: Scope<'_>,
    reader: &mut Reader<'_>,
) -> Result<Option<Reference>, Refusal> {
    let read = number.map_or(Ok(Vec::new()), |number| number.read(scope, reader))?;
    Ok(read.into_iter().next())
}

impl ReferenceNumber {
    pub(super) fn read(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Vec<Reference>, Refusal> {
        let values = self.value.many(scope, reader)?;
        let mut references: Vec<Reference> = Vec::with_capacity(values.len());
        for value in values {
            if stands_for_nothing(&value) || value.chars().all(is_unseen) {
                if let Some(field) = self.value.fields.first() {
                    reader.warn(warning(&STANDS_FOR_NOTHING, field, &value));
                }
                continue;
            }
            let reference = self.number(&value);
            if !references.contains(&reference) {
                references.push(reference);
            }
        }
        Ok(references)
    }

    /// The reference in the one spelling by which records meet: in capitals. An identifier that the gateway gave keeps its own spelling.
    fn number(&self, value: &str) -> Reference {
        let spelled = |value: String| Reference { scheme: self.scheme.clone(), value: value.into() };
        let number = number_spelled(value).to_uppercase();
        let given_back = spelled(number.to_lowercase());
        if given_back.given_back().is_some() { given_back } else { spelled(number) }
    }
}

impl PlaceRules {
    fn read(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Places, Refusal> {
        Ok(Places {
            quartiers: many(&self.quartiers, scope, reader)?,
            communes: many(&self.communes, scope, reader)?,
            epcis: many(&self.epcis, scope, reader)?,
            contrats: many(&self.contrats, scope, reader)?,
            departements: many(&self.departements, scope, reader)?,
            shares: self.shares.as_ref().map_or(Ok(Vec::new()), |rules| rules.read(scope, reader))?,
        })
    }
}

impl SharesRules {
    fn read(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Vec<QuartierShare>, Refusal> {
        let mut shares: Vec<QuartierShare> = Vec::new();
        for element in elements(&self.each, scope, reader) {
            let scope = scope.within(element);
            let quartier = self.quartier.one(scope, reader)?;
            if let Some((quartier, share)) = quartier.zip(self.share.one(scope, reader)?) {
                shares.push(QuartierShare { quartier, share });
            }
        }
        let total: u64 = shares.iter().map(|share| u64::from(share.share.get())).sum();
        if total > u64::from(BasisPoints::WHOLE.get()) {
            reader.warn(plain_warning(&SHARES_ABOVE_WHOLE, Some(&self.each)));
            shares.clear();
        }
        Ok(shares)
    }
}

impl BudgetRules {
    fn read(&self, scope: Scope<'_>, reader: &mut Reader<'_>) -> Result<Option<Budget>, Refusal> {
        let budget = Budget {
            investissement: one(&self.investissement, scope, reader)?,
            fonctionnement: one(&self.fonctionnement, scope, reader)?,
            non_precise: one(&self.non_precise, scope, reader)?,
            tax_basis: None,
        };
        if budget == Budget::default() {
            return Ok(None);
        }
        Ok(Some(Budget { tax_basis: one(&self.tax_basis, scope, reader)?, ..budget }))
    }
}

/// The elements of the list in `field`; none when it is absent.
pub fn elements<'n>(field: &Field, scope: Scope<'n>, reader: &mut Reader<'_>) -> &'n [Node] {
    match field.find(scope) {
        Some(Node::List(items)) => items,
        None | Some(Node::Null) => &[],
        Some(other) => {
            if !other.is_blank() {
                reader.warn(warning(&NO_LIST, field, other.scalar().unwrap_or_default()));
            }
            &[]
        }
    }
}
