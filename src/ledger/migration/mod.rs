//! The migrations of the ledger, run when it is opened. A migration adds; it never changes a row.

mod m0001_tables;
mod m0002_erasures;
mod m0003_unread;
mod m0004_salts;
mod m0005_bearing;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Every migration, oldest first.
pub(super) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_tables::Tables),
            Box::new(m0002_erasures::Erasures),
            Box::new(m0003_unread::Unread),
            Box::new(m0004_salts::Salts),
            Box::new(m0005_bearing::Bearing),
        ]
    }
}
