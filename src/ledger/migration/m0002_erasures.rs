//! The table of erasures.

use super::m0001_tables::{dialect, postgres_triggers, sqlite_triggers};
use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend};

/// Makes it.
pub struct Erasures;

impl MigrationName for Erasures {
    fn name(&self) -> &'static str {
        "m0002_erasures"
    }
}

const TABLE: &str = "CREATE TABLE erasure (id BIGINT_KEY, version BIGINT NOT NULL, source TEXT NOT NULL,
     record TEXT NOT NULL, cause TEXT NOT NULL CHECK (cause IN ('request', 'retention')))";

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Erasures {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let sqlite = connection.get_database_backend() == DbBackend::Sqlite;
        let mut statements = vec![
            dialect(TABLE, sqlite),
            "CREATE INDEX erasure_version ON erasure (version, id)".to_owned(),
            "CREATE INDEX erasure_record ON erasure (source, record)".to_owned(),
        ];
        statements.extend(if sqlite { sqlite_triggers("erasure", "id") } else { postgres_triggers("erasure") });
        for statement in &statements {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
