//! A run of a source in the schema.

use super::int;
use crate::domain::run;
use crate::graphql::scalar::DateTime;
use crate::graphql::vocabulary::{Language, SyncOutcome};
use async_graphql::{ID, Object};

/// A run.
pub struct SyncRun(pub run::SyncRun);

/// One read of one source, failed and held ones too. read = added + changed + unchanged + skipped + rejected; gone is
/// beside.
#[Object]
impl SyncRun {
    /// Identifier: the source and the instant of its start.
    async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }

    /// When reading began: nothing read is older than this.
    async fn started_at(&self) -> DateTime {
        DateTime(self.0.started_at)
    }

    /// When it ended.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }

    /// How it ended.
    async fn outcome(&self) -> SyncOutcome {
        self.0.outcome.into()
    }

    /// The source was read whole. False where only what had changed was asked for, or where the read was cut short: that
    /// closes nothing, and makes no source fresh.
    async fn full(&self) -> bool {
        self.0.full
    }

    /// The run whose records the source says that it still holds unchanged: it sent none again. Null where records
    /// were read.
    async fn same_as(&self) -> Option<ID> {
        self.0.same_as().map(|run| ID(run.to_owned()))
    }

    /// Records read.
    async fn read(&self) -> i32 {
        int(self.0.counts.read)
    }

    /// New keys, and keys that came back.
    async fn added(&self) -> i32 {
        int(self.0.counts.added)
    }

    /// Known keys with another content.
    async fn changed(&self) -> i32 {
        int(self.0.counts.changed)
    }

    /// Known keys with the same content.
    async fn unchanged(&self) -> i32 {
        int(self.0.counts.unchanged)
    }

    /// Older than what the ledger holds, or left out by the connector's own filter.
    async fn skipped(&self) -> i32 {
        int(self.0.counts.skipped)
    }

    /// Rejected, kept with their reason.
    async fn rejected(&self) -> i32 {
        int(self.0.counts.rejected)
    }

    /// Vanished from what was read as a whole.
    async fn gone(&self) -> i32 {
        int(self.0.counts.gone)
    }

    /// Why it failed or was held, or what to know; null when there is nothing to say. In general terms for others than whoever
    /// the source speaks for, the Région, auditors and administrators.
    async fn message(
        &self,
        #[graphql(desc = "Language of the message.", default_with = "Some(Language::Fr)")] lang: Option<Language>,
    ) -> Option<&str> {
        self.0.message_in(lang.unwrap_or(Language::Fr).into())
    }
}
