//! The ledger in the schema.

use super::int;
use crate::domain::image::Head;
use crate::graphql::scalar::DateTime;
use async_graphql::Object;

/// The ledger at the version that is read.
pub struct Ledger(pub Head);

/// The append-only store of every version of every record: at the version that is read.
#[Object]
impl Ledger {
    /// Number of the version: one more at each append.
    async fn version(&self) -> i32 {
        int(self.0.version.0)
    }

    /// When this version was appended.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }

    /// Head of the hash chain (SHA-256, hexadecimal): covers this version and every one before.
    async fn head(&self) -> String {
        self.0.head.to_string()
    }
}
