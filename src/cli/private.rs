//! Files and directories for their owner alone: the ledger tells what is not public to whoever may read its file.

use super::compose::Failure;
use std::fs::{DirBuilder, OpenOptions};
use std::path::Path;

/// Makes a directory that only its owner enters, where there is none.
///
/// # Errors
/// What the system says.
pub fn directory(path: &Path) -> Result<(), Failure> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| format!("cannot make the directory {}: {error}", path.display()).into())
}

/// Makes an empty file that only its owner reads, where there is none: SQLite takes it for a new database, and gives its log
/// the same rights.
///
/// # Errors
/// What the system says.
pub fn file(path: &Path) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let made = if path.exists() { Ok(()) } else { options.open(path).map(drop) };
    made.map_err(|error| format!("cannot make {}: {error}", path.display()).into())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::audit::Journal;
    use crate::config::Config;
    use std::os::unix::fs::PermissionsExt as _;

    #[tokio::test]
    async fn the_state_is_for_its_owner_alone() {
        let above = tempfile::tempdir().expect("a directory");
        let config = Config { state: above.path().join("state"), ..Config::default() };
        let ledger = super::super::compose::ledger(&config).await.expect("a ledger");
        file(&config.journal()).expect("made");
        let journal = Journal::open(&config.journal()).await.expect("a journal");
        let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&config.state), 0o700);
        let files: Vec<_> =
            std::fs::read_dir(&config.state).expect("read").map(|one| one.expect("one").path()).collect();
        assert!(files.len() >= 4, "{files:?}");
        assert!(files.iter().all(|path| mode(path) == 0o600), "{files:?}");
        drop((ledger, journal));
    }
}
