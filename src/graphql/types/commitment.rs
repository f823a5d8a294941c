//! A commitment in the schema.

use super::{Dispositif, Organisation, Project, Statement};
use crate::domain::{self};
use crate::graphql::scalar::{Date, Decimal};
use crate::graphql::vocabulary::{Authority, Family, Form, Nature, Stage, TaxBasis};
use crate::view;
use async_graphql::{ID, Object, SimpleObject};

/// A handle on a commitment.
pub struct Commitment(pub view::Commitment);

/// One figure of a commitment at one stage.
#[derive(SimpleObject)]
pub struct StageAmount {
    /// The stage.
    stage: Stage,
    /// The figure that has the last word at this stage; null: unknown, which is never zero.
    amount: Option<Decimal>,
    /// Day of the decision; null when not stated.
    decided_on: Option<Date>,
}

/// The statements about the same sum, reconciled into one: a euro seen in three systems counts once.
#[Object]
impl Commitment {
    /// Identifier, the same as long as its oldest statement stands. In a project that is shown only as far as it is public it is another one,
    /// which names no sum of the whole.
    async fn id(&self) -> ID {
        ID(self.0.id())
    }

    /// The project that the means go to.
    async fn project(&self) -> Project {
        Project(self.0.project())
    }

    /// Who puts the means.
    async fn funder(&self) -> Organisation {
        Organisation(self.0.funder())
    }

    /// Family of credits: that of the dispositif where one is known.
    async fn family(&self) -> Family {
        self.0.family().into()
    }

    /// Funding scheme; null when not stated.
    async fn dispositif(&self) -> Option<Dispositif> {
        self.0.dispositif().map(Dispositif)
    }

    /// Section of the budget; null: no source says it.
    async fn nature(&self) -> Option<Nature> {
        self.0.nature().map(Into::into)
    }

    /// What the means are made of.
    async fn form(&self) -> Form {
        self.0.form().into()
    }

    /// Of the decided sum (latest of ATTRIBUE, ENGAGE, or SOLDE's final figure); before any decision, the latest asked.
    /// VERSE never replaces it. Null: not stated.
    async fn stage(&self) -> Option<Stage> {
        self.0.stage().map(Into::into)
    }

    /// The sum at `stage`, in euros; null: unknown (never zero), or given up.
    async fn amount(&self) -> Option<Decimal> {
        self.0.amount().map(Decimal)
    }

    /// One figure per stage that was stated, in the order of stages; they are never merged.
    async fn amounts(&self) -> Vec<StageAmount> {
        let figure = |(stage, amount, decided_on): (domain::vocabulary::Stage, _, Option<domain::Date>)| StageAmount {
            stage: stage.into(),
            amount: Option::map(amount, Decimal),
            decided_on: decided_on.map(Date),
        };
        self.0.figures().into_iter().map(figure).collect()
    }

    /// Something stands here, its figures are not public yet.
    async fn withheld(&self) -> bool {
        self.0.is_withheld()
    }

    /// OWN when the funder itself states the sum; REPORTED when only others do.
    async fn authority(&self) -> Authority {
        self.0.authority().into()
    }

    /// False when it was refused or given up, when it may be the same sum as another commitment of the project and nothing
    /// says of which, or when it states others again: then it is shown, and not counted in plans and totals.
    async fn counted(&self) -> bool {
        self.0.counts()
    }

    /// It states again what other commitments of the project count, equal to the cent: their total, or the parts of a whole
    /// (tranches of several years beside the grant).
    async fn restated(&self) -> bool {
        self.0.is_restated()
    }

    /// A fund (PIC, FTU), which `Project.fund` names, gives it on out of what it was given: it counts in the plan of this project, and in
    /// totals where the fund stands (`Total.regranted` tells it here).
    async fn regranted(&self) -> bool {
        self.0.is_regranted()
    }

    /// Two own statements of one stage give different amounts, or its record is in doubt: see `statements`. Or a withheld amount may tell.
    async fn disputed(&self) -> bool {
        self.0.is_disputed()
    }

    /// Tax basis of the amount.
    async fn tax_basis(&self) -> TaxBasis {
        self.0.tax_basis().into()
    }

    /// Budget year (exercice); null when not stated.
    async fn year(&self) -> Option<i32> {
        self.0.year().map(i32::from)
    }

    /// Day of the decision of the sum; null when not stated.
    async fn decided_on(&self) -> Option<Date> {
        self.0.decided_on().map(Date)
    }

    /// Every statement about this sum; the own one, if any, first.
    async fn statements(&self) -> Vec<Statement> {
        self.0.statements().map(Statement).collect()
    }
}
