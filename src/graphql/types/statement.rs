//! A statement in the schema.

use super::{Organisation, Record, Source};
use crate::graphql::scalar::{Date, DateTime, Decimal};
use crate::graphql::vocabulary::{Authority, Nature, Stage};
use crate::view;
use async_graphql::Object;

/// A handle on a statement.
pub struct Statement(pub view::Statement);

/// What one record of one source says of one sum.
#[Object]
impl Statement {
    /// The source that says it.
    async fn source(&self) -> Source {
        Source(self.0.source())
    }

    /// The funder that it speaks of.
    async fn funder(&self) -> Organisation {
        Organisation(self.0.funder())
    }

    /// Whose word it is.
    async fn authority(&self) -> Authority {
        self.0.authority().into()
    }

    /// Section of the budget; null when not stated.
    async fn nature(&self) -> Option<Nature> {
        self.0.nature().map(Into::into)
    }

    /// Stage; null when the source does not tell.
    async fn stage(&self) -> Option<Stage> {
        self.0.stage().map(Into::into)
    }

    /// Amount in euros; null: unknown, which is never zero.
    async fn amount(&self) -> Option<Decimal> {
        self.0.amount().map(Decimal)
    }

    /// Something stands here, its figures are not public yet.
    async fn withheld(&self) -> bool {
        self.0.is_withheld()
    }

    /// The day from which everybody who sees the project sees the amount, as the funder says; null where it says nothing of
    /// the kind.
    async fn not_public_until(&self) -> Option<Date> {
        self.0.not_public_until().map(Date)
    }

    /// When the source was last read and still said so.
    async fn read_at(&self) -> DateTime {
        DateTime(self.0.read_at())
    }

    /// The record that holds it.
    async fn record(&self) -> Record {
        Record(self.0.record())
    }
}
