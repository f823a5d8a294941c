//! The table of references that rejected records bear.

use super::m0001_tables::{dialect, postgres_triggers, sqlite_triggers};
use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend};

/// Makes it.
pub struct Unread;

impl MigrationName for Unread {
    fn name(&self) -> &'static str {
        "m0003_unread"
    }
}

const TABLE: &str = "CREATE TABLE unread_reference (id BIGINT_KEY, version BIGINT NOT NULL, source TEXT NOT NULL,
     run TEXT NOT NULL, key TEXT, scheme TEXT NOT NULL, value TEXT NOT NULL)";

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Unread {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let sqlite = connection.get_database_backend() == DbBackend::Sqlite;
        let table = "unread_reference";
        let mut statements = vec![
            dialect(TABLE, sqlite),
            format!("CREATE INDEX {table}_version ON {table} (version, id)"),
            format!("CREATE INDEX {table}_source ON {table} (source, version)"),
        ];
        statements.extend(if sqlite { sqlite_triggers(table, "id") } else { postgres_triggers(table) });
        for statement in &statements {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
