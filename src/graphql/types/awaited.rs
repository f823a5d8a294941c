//! What is awaited from a body, in the schema.

use super::{Organisation, Project};
use crate::graphql::scalar::{DateTime, Decimal};
use crate::graphql::vocabulary::{CellState, Nature};
use crate::view;
use async_graphql::Object;

/// A handle on a cell that awaits its funder.
pub struct AwaitedAnswer(pub view::Awaited);

/// One cell of a plan on which a funder has to speak, to confirm what others say, to complete its word, or to acknowledge the plan.
#[Object]
impl AwaitedAnswer {
    /// The project.
    async fn project(&self) -> Project {
        Project(self.0.project().clone())
    }

    /// On whose share: its own, or that of a funder for which it answers (as the Région does for FEDER).
    async fn funder(&self) -> Organisation {
        Organisation(self.0.funder())
    }

    /// True where all means of the project are known, and what is awaited is that it acknowledges the plan.
    async fn to_acknowledge(&self) -> bool {
        self.0.is_to_acknowledge()
    }

    /// Section of the budget; null: no source says it.
    async fn nature(&self) -> Option<Nature> {
        self.0.nature().map(Into::into)
    }

    /// SILENT: expected, and nobody said anything. REPORTED: others say it, it is only asked, or its own word is not complete. KNOWN
    /// where it is to acknowledge the plan.
    async fn state(&self) -> CellState {
        self.0.state().into()
    }

    /// What others say of it, in euros; null: they do not say.
    async fn reported(&self) -> Option<Decimal> {
        self.0.reported().map(Decimal)
    }

    /// Since when its answer is missing: since what records and people say leaves the share SILENT or REPORTED, as the manifests, tables and
    /// rules of the asked instant read it. Where it is to acknowledge: since when the plan stands in its present version with all means
    /// known, or what had shared it was taken back. null where that is not known for certain: a sum of the project was granted to several
    /// beneficiaries, or a funder keeps, or kept, figures of it from the viewer.
    async fn since(&self) -> Option<DateTime> {
        self.0.since().map(DateTime)
    }
}
