//! What a record bears is looked up by its key.

use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::sea_orm::ConnectionTrait as _;

/// Makes the index.
pub struct Bearing;

impl MigrationName for Bearing {
    fn name(&self) -> &'static str {
        "m0005_bearing"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Bearing {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = "CREATE INDEX record_reference_key ON record_reference (source, key)";
        manager.get_connection().execute_unprepared(index).await.map(drop)
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
