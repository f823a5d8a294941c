//! Finding connectors: folders on disk, or files carried inside the binary.

use super::Connector;
use super::manifest::problem::ManifestError;
use std::path::Path;

/// The name of a manifest in its folder.
pub const MANIFEST_FILE: &str = "connector.toml";

/// Why a connector cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Its manifest is wrong.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A file or folder cannot be read.
    #[error("{path}: {cause}; check that it is there and readable")]
    Unreadable {
        /// The file or folder.
        path: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A manifest is no UTF-8.
    #[error("{path}: a manifest is written in UTF-8; save it again in that encoding")]
    Encoding {
        /// The file.
        path: String,
    },
    /// Two folders have one id.
    #[error("{first} and {second} have the same id; rename one of the folders and its id")]
    Twice {
        /// The first manifest.
        first: String,
        /// The second manifest.
        second: String,
    },
    /// A folder without a single connector.
    #[error("{path}: no connector is there; a connector is the file FAMILY/ID/connector.toml below this folder")]
    Nothing {
        /// The folder.
        path: String,
    },
}

impl LoadError {
    /// The folders of the manifests that cannot be used: each has the name of its source. Empty where more than single manifests
    /// cannot be read.
    pub fn folders(&self) -> Vec<String> {
        let files = match self {
            LoadError::Manifest(error) => vec![&error.file],
            LoadError::Unreadable { path, .. } | LoadError::Encoding { path } => vec![path],
            LoadError::Twice { first, second } => vec![first, second],
            LoadError::Nothing { .. } => Vec::new(),
        };
        let manifests =
            files.into_iter().map(Path::new).filter(|path| path.file_name().is_some_and(|name| name == MANIFEST_FILE));
        let folders = manifests.filter_map(|path| path.parent()?.file_name());
        folders.map(|name| name.to_string_lossy().into_owned()).collect()
    }
}

/// What was found: the connectors that can run, in the order of their ids, and why the others cannot.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Connectors that can run.
    pub connectors: Vec<Connector>,
    /// What is wrong with the others; they do not stop those that can run.
    pub errors: Vec<LoadError>,
}

/// Loads the connector in the folder `directory`.
///
/// # Errors
/// An unreadable folder, a wrong manifest.
pub fn load(directory: &Path) -> Result<Connector, LoadError> {
    let file = directory.join(MANIFEST_FILE);
    let path = file.display().to_string();
    let bytes = std::fs::read(&file).map_err(|cause| LoadError::Unreadable { path: path.clone(), cause })?;
    from_bytes(&path, &bytes)
}

/// Loads every connector below `root`, which holds `<family>/<id>/connector.toml`.
pub fn load_all(root: &Path) -> Loaded {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    match folders(root) {
        Ok(folders) => {
            for folder in folders {
                match load(&folder) {
                    Ok(connector) => found.push((folder.join(MANIFEST_FILE).display().to_string(), connector)),
                    Err(error) => errors.push(error),
                }
            }
        }
        Err(error) => errors.push(error),
    }
    if found.is_empty() && errors.is_empty() {
        errors.push(LoadError::Nothing { path: root.display().to_string() });
    }
    ordered(found, errors)
}

/// Loads every connector of a list of files `(path, content)`, such as those carried inside the binary. Files that are
/// no manifest are passed over.
pub fn load_files<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Loaded {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for (path, bytes) in files {
        if Path::new(path).file_name().is_some_and(|name| name == MANIFEST_FILE) {
            match from_bytes(path, bytes) {
                Ok(connector) => found.push((path.to_owned(), connector)),
                Err(error) => errors.push(error),
            }
        }
    }
    ordered(found, errors)
}

/// The folders of connectors below `root`, `<family>/<id>`, in the order of their paths. What looks like one, and has no manifest or leads
/// nowhere, is one too, that cannot be loaded: a misspelt manifest is not passed over.
///
/// # Errors
/// An unreadable folder.
pub fn folders(root: &Path) -> Result<Vec<std::path::PathBuf>, LoadError> {
    let mut folders = Vec::new();
    for family in directories(root)? {
        if is_connector(&family) {
            folders.push(family);
        } else {
            folders.extend(directories(&family)?.into_iter().filter(|folder| is_connector(folder)));
        }
    }
    Ok(folders)
}

/// Does it hold what a connector's folder holds, or lead nowhere?
fn is_connector(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return true };
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().to_lowercase()));
    let is_of_one = |name: &str| {
        let is_answer = matches!(name, "expected.json" | "rejected.json");
        is_answer || name.starts_with("sample.") || Path::new(name).extension().is_some_and(|end| end == "toml")
    };
    names.into_iter().any(|name| !name.starts_with('.') && is_of_one(&name))
}

fn directories(directory: &Path) -> Result<Vec<std::path::PathBuf>, LoadError> {
    let unreadable = |cause| LoadError::Unreadable { path: directory.display().to_string(), cause };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        // A link whose target is gone may be that of a connector.
        if !is_hidden && (path.is_dir() || path.is_symlink() && !path.exists()) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn from_bytes(path: &str, bytes: &[u8]) -> Result<Connector, LoadError> {
    let text = std::str::from_utf8(bytes).map_err(|_| LoadError::Encoding { path: path.to_owned() })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let folder = Path::new(path).parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    Ok(Connector::parse(path, &folder.unwrap_or_default(), text)?)
}

fn ordered(mut found: Vec<(String, Connector)>, mut errors: Vec<LoadError>) -> Loaded {
    found.sort_by(|one, other| one.1.id().cmp(other.1.id()));
    let mut connectors: Vec<(String, Connector)> = Vec::with_capacity(found.len());
    for (path, connector) in found {
        match connectors.last() {
            Some((first, known)) if known.id() == connector.id() => {
                errors.push(LoadError::Twice { first: first.clone(), second: path });
            }
            _ => connectors.push((path, connector)),
        }
    }
    Loaded { connectors: connectors.into_iter().map(|(_, connector)| connector).collect(), errors }
}
