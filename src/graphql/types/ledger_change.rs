//! A change of the ledger in the schema.

use super::{Project, int};
use crate::domain::image::Head;
use crate::graphql::scalar::DateTime;
use crate::view;
use async_graphql::Object;

/// A change of the ledger and the projects of it that a subscription asked for.
pub struct LedgerChange {
    head: Head,
    projects: Vec<view::Project>,
}

impl LedgerChange {
    /// The change that made the version of `head`, and these of its projects.
    pub fn new(head: Head, projects: Vec<view::Project>) -> Self {
        LedgerChange { head, projects }
    }
}

/// What was appended to the ledger: its version and the projects touched, read at that version.
#[Object]
impl LedgerChange {
    /// The version after the append; everything beneath is read at it.
    async fn version(&self) -> i32 {
        int(self.head.version.0)
    }

    /// When it was appended.
    async fn at(&self) -> DateTime {
        DateTime(self.head.at)
    }

    /// Projects that the append speaks of, or whose records, places or sums it changed; where records moved from one
    /// project to another, both. At most 50 in one message: more come in further messages of the same version.
    async fn projects(&self) -> Vec<Project> {
        self.projects.iter().cloned().map(Project).collect()
    }
}
