//! What changed in a project, in the schema.

use super::{Organisation, Source, int};
use crate::domain::facts::StatementFacts;
use crate::domain::money::BasisPoints;
use crate::graphql::scalar::{Date, DateTime, Decimal};
use crate::graphql::vocabulary::{AuthorKind, Family, Form, Nature, ProjectChangeKind, Stage, TaxBasis};
use crate::view;
use async_graphql::{ID, Object, SimpleObject};

/// A handle on a change.
pub struct ProjectChange(pub view::HistoryChange);

/// One change of a project: of a record that stood in it, or of what makes it one project.
#[Object]
impl ProjectChange {
    /// The ledger version that brought it.
    async fn version(&self) -> i32 {
        int(self.0.version().0)
    }

    /// When it was appended.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at())
    }

    /// What happened.
    async fn kind(&self) -> ProjectChangeKind {
        self.0.kind().into()
    }

    /// Who is behind it.
    async fn author(&self) -> AuthorKind {
        self.0.author().into()
    }

    /// The source that said it; null for the act of a person, of the matcher or of the gateway.
    async fn source(&self) -> Option<Source> {
        self.0.source().map(Source)
    }

    /// The record concerned; null where none is.
    async fn record(&self) -> Option<ChangedRecord> {
        let key = self.0.key()?.to_owned();
        Some(ChangedRecord { source: self.0.record_source().map(Source)?, key })
    }

    /// Where projects were joined or parted: the identifier that gave way or was left, then the one that leads on.
    async fn projects(&self) -> Vec<ID> {
        self.0.projects().map(|id| ID(id.to_string())).collect()
    }

    /// The reason given, for the Région; null where none was given, or where it is withheld.
    async fn reason(&self) -> Option<&str> {
        self.0.reason()
    }

    /// Something stands in `reason` that is not for this viewer.
    async fn withheld(&self) -> bool {
        self.0.is_withheld()
    }

    /// What the record says of the project itself, where it differs from what it said before.
    async fn fields(&self) -> Vec<FieldChange> {
        let change = |one: &view::FieldDifference| FieldChange {
            field: one.field,
            before: one.before.clone(),
            after: one.after.clone(),
        };
        self.0.fields().iter().map(change).collect()
    }

    /// What the record says of sums, where it differs. A record that was closed says nothing any more; one that went bad
    /// still says what it last said.
    async fn statements(&self) -> Vec<StatementChange> {
        self.0.statements().map(StatementChange).collect()
    }
}

/// A record, named: it may stand in another project, or be gone.
#[derive(SimpleObject)]
pub struct ChangedRecord {
    /// Its source.
    source: Source,
    /// Its key there.
    key: String,
}

/// A field of what a record says of its project.
#[derive(SimpleObject)]
pub struct FieldChange {
    /// The field: title, holder (an id), objectives, action, references, renews and fund (references), quartiers, communes, epcis,
    /// contratsDeVille, departements (codes), shares (of the quartiers that share it), year, startsOn, endsOn,
    /// budget.investissement, budget.fonctionnement, budget.nonPrecise (euros), budget.taxBasis.
    field: &'static str,
    /// Before; null: the record did not say it.
    before: Option<String>,
    /// After; null: the record does not say it.
    after: Option<String>,
}

/// A handle on a changed statement.
pub struct StatementChange(pub view::StatementChange);

/// What a record said and says of one sum. The two are brought together by funder, form, nature, dispositif, year, reference
/// and stage, then by less, and never across funders.
#[Object]
impl StatementChange {
    /// The funder.
    async fn funder(&self) -> Option<Organisation> {
        self.0.funder().map(Organisation)
    }

    /// Before; null: the record did not state it, or its figures are withheld.
    async fn before(&self) -> Option<StatedFigures> {
        self.0.before().filter(|_| !self.0.is_withheld()).map(StatedFigures::of)
    }

    /// After; null: the record does not state it any more, or its figures are withheld.
    async fn after(&self) -> Option<StatedFigures> {
        self.0.after().filter(|_| !self.0.is_withheld()).map(StatedFigures::of)
    }

    /// Something stands here, its figures are not public yet.
    async fn withheld(&self) -> bool {
        self.0.is_withheld()
    }
}

/// What a record states of one sum, at one version.
#[derive(SimpleObject)]
pub struct StatedFigures {
    /// Section of the budget; null when not stated.
    nature: Option<Nature>,
    /// Form of the means.
    form: Form,
    /// Stage; null when the source does not tell.
    stage: Option<Stage>,
    /// Amount in euros; null: unknown, which is never zero.
    amount: Option<Decimal>,
    /// Tax basis of the amount.
    tax_basis: TaxBasis,
    /// Code of the dispositif; null when not stated.
    dispositif: Option<String>,
    /// The scheme as the source writes it, without its case and signs, where no code of it is known; else null.
    scheme: Option<String>,
    /// Budget year; null when not stated.
    year: Option<i32>,
    /// Day of the decision; null when not stated.
    decided_on: Option<Date>,
    /// Reference of the grant itself; null when not stated.
    reference: Option<String>,
    /// Family, where the record tells it.
    family: Option<Family>,
    /// It was granted as de minimis aid, or as something else; null when not stated.
    de_minimis: Option<bool>,
    /// Granted to several: the share of this beneficiary, 0 to 1; null when it is granted to one, or when the share cannot be read.
    share: Option<f64>,
    /// The funder keeps the figure from others before this day; null: it does not.
    not_public_until: Option<Date>,
    /// The funder says that it puts nothing.
    nothing: bool,
}

impl StatedFigures {
    fn of(said: &StatementFacts) -> Self {
        let share = said.part.as_ref().and_then(|part| part.share);
        StatedFigures {
            nature: said.nature.map(Into::into),
            form: said.form.into(),
            stage: said.stage.map(Into::into),
            amount: said.amount.map(Decimal),
            tax_basis: said.tax_basis.into(),
            dispositif: said.dispositif.as_ref().map(ToString::to_string),
            scheme: said.scheme.as_deref().map(str::to_owned),
            year: said.year.map(i32::from),
            decided_on: said.decided_on.map(Date),
            reference: said.reference.as_ref().map(ToString::to_string),
            family: said.family.map(Into::into),
            de_minimis: said.de_minimis,
            share: share.map(|share| f64::from(share.get()) / f64::from(BasisPoints::WHOLE.get())),
            not_public_until: said.not_public_until.map(Date),
            nothing: said.nothing,
        }
    }
}
