//! The table of salts: entries of before have none, and the digests that they were given.

use super::m0001_tables::{dialect, postgres_triggers, sqlite_triggers};
use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend};

/// Makes it.
pub struct Salts;

impl MigrationName for Salts {
    fn name(&self) -> &'static str {
        "m0004_salts"
    }
}

const TABLE: &str = "CREATE TABLE salt (id BIGINT_KEY, version BIGINT NOT NULL, salt BYTES NOT NULL)";

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Salts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let sqlite = connection.get_database_backend() == DbBackend::Sqlite;
        let mut statements = vec![dialect(TABLE, sqlite), "CREATE INDEX salt_version ON salt (version, id)".to_owned()];
        statements.extend(if sqlite { sqlite_triggers("salt", "id") } else { postgres_triggers("salt") });
        for statement in &statements {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
