//! The journal of reads in the schema.

use super::{Organisation, int};
use crate::graphql::scalar::DateTime;
use crate::graphql::vocabulary::ShownKind;
use crate::view::{JournalEntry, Reader};
use async_graphql::{Context, ID, Object};

/// An entry of the journal.
pub struct AuditEntry(pub JournalEntry);

/// One read: who was shown what that is not public. Of the answer itself nothing is kept.
#[Object]
impl AuditEntry {
    /// Its number in the journal, from 1.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// When it was answered.
    async fn at(&self) -> DateTime {
        DateTime(self.0.reading.at)
    }

    /// Who made the token that was read with (`iss`): it alone says who the subject is. Null: noted before issuers were kept.
    async fn issuer(&self) -> Option<&str> {
        self.0.reading.reader.issuer.as_deref()
    }

    /// Who read: the subject of the token.
    async fn subject(&self) -> &str {
        &self.0.reading.reader.subject
    }

    /// The role of the token.
    async fn role(&self) -> &str {
        &self.0.reading.reader.role
    }

    /// The organisation of the token, by SIREN; null where it names none.
    async fn siren(&self) -> Option<String> {
        self.0.reading.reader.organisation.map(|siren| siren.to_string())
    }

    /// The same as an organisation; null where no record names it.
    async fn organisation(&self, context: &Context<'_>) -> Option<Organisation> {
        let siren = self.0.reading.reader.organisation?;
        context.data_opt::<Reader>()?.organisation(&format!("siren:{siren}")).map(Organisation)
    }

    /// The identifier of the token (`jti`); null where it has none.
    async fn token(&self) -> Option<&str> {
        self.0.reading.reader.token.as_deref()
    }

    /// The name that the asker gave to the operation; null where it gave none.
    async fn operation(&self) -> Option<&str> {
        self.0.reading.operation.name.as_deref()
    }

    /// The fields at the root of the operation.
    async fn fields(&self) -> &[String] {
        &self.0.reading.operation.fields
    }

    /// SHA-256 of the text of the operation, without variables.
    async fn document(&self) -> String {
        self.0.reading.operation.document.to_string()
    }

    /// The newest ledger version that was read.
    async fn version(&self) -> i32 {
        int(self.0.reading.version.0)
    }

    /// How many projects were shown by it beyond what is public of them.
    async fn projects(&self) -> i32 {
        int(self.0.reading.shown.projects.len() as u64)
    }

    /// What else was shown that is for few.
    async fn kinds(&self) -> Vec<ShownKind> {
        self.0.reading.shown.kinds.iter().map(|kind| (*kind).into()).collect()
    }
}
