//! What the simulated region leaves on disk: the database of urban renewal, and the reference tables.

use super::Region;
use super::native::{enveloppes, npnru, references};
use sea_orm::{ConnectionTrait, Database, TransactionTrait};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Name of the database of urban renewal.
const DATABASE: &str = "region-npnru.sqlite";

/// The sources that read a reference table: the source, and the name of its file.
const REFERENCE_SOURCES: [&str; 9] = [
    "departements",
    "epci",
    "communes",
    "contrats",
    "quartiers",
    "npnru-quartiers",
    "dispositifs",
    "enveloppes",
    "enveloppes-transferts",
];

/// Why the region could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file or a directory.
    #[error("cannot write {}: {error}; check that the directory can be written to", path.display())]
    File {
        /// Where.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The database.
    #[error("cannot fill the database {}: {error}; remove it and start again", path.display())]
    Database {
        /// Where.
        path: PathBuf,
        /// What the database says.
        error: sea_orm::DbErr,
    },
}

/// Writes the files of the region in a directory, which is made where needed. Gives the place of each source that
/// reads one of them: a directory, or the address of a database.
///
/// # Errors
/// A file or a database that cannot be written.
pub async fn write_files(region: &Region, directory: &Path) -> Result<BTreeMap<String, String>, WriteError> {
    let refuse = |path: &Path| {
        let path = path.to_owned();
        move |error| WriteError::File { path, error }
    };
    std::fs::create_dir_all(directory).map_err(refuse(directory))?;
    let directory = &std::fs::canonicalize(directory).map_err(refuse(directory))?;
    for (name, text) in references::files(region).into_iter().chain(enveloppes::files(region)) {
        let path = directory.join(name);
        std::fs::write(&path, text).map_err(refuse(&path))?;
    }
    let truth = directory.join("truth.json");
    std::fs::write(&truth, region.truth_json()).map_err(refuse(&truth))?;
    let database = directory.join(DATABASE);
    if database.exists() {
        std::fs::remove_file(&database).map_err(refuse(&database))?;
    }
    let address = format!("sqlite://{}", database.display());
    fill(region, &address).await.map_err(|error| WriteError::Database { path: database, error })?;
    let mut places: BTreeMap<String, String> =
        REFERENCE_SOURCES.iter().map(|source| ((*source).to_owned(), directory.display().to_string())).collect();
    places.insert("region-npnru".to_owned(), address);
    Ok(places)
}

async fn fill(region: &Region, address: &str) -> Result<(), sea_orm::DbErr> {
    let database = Database::connect(format!("{address}?mode=rwc")).await?;
    let transaction = database.begin().await?;
    transaction.execute_unprepared(npnru::TABLES).await?;
    for insert in npnru::inserts(region) {
        transaction.execute_unprepared(&insert).await?;
    }
    transaction.commit().await?;
    database.close().await
}
