//! Public keys of issuers in files: read at start, and again as long as the gateway runs.

use crate::domain::Instant;
use crate::identity::{KEY_SET_BYTES_MAX, KeyPace, KeyRing, KeySetError, PemKey};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// How old what was read may be, and how long a token that names an unknown key waits for another look, in seconds: less than a tick
/// of the keeper, so that each tick looks.
const LOOK_EVERY_S: u64 = 4;

/// Where the keys of an issuer are on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFiles {
    /// A JWK Set.
    Set(PathBuf),
    /// A public key in PEM each, with the identifier by which tokens name it.
    Pems(Vec<(PathBuf, Option<String>)>),
}

/// Why files give no keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// A file that cannot be read.
    #[error("{}: {detail}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// A file that gives no keys.
    #[error("{}: {source}", path.display())]
    Set {
        /// The file; the first of several.
        path: PathBuf,
        /// Why.
        source: KeySetError,
    },
}

impl KeyFiles {
    /// When they are read again: what was good once serves for as long as nothing better is there.
    pub const PACE: KeyPace = KeyPace { max_age_s: LOOK_EVERY_S, retry_s: LOOK_EVERY_S, stale_max_s: u64::MAX };

    /// Reads them and offers them to a ring; true when they are others than before.
    ///
    /// # Errors
    /// A file that cannot be read, or gives no keys: what the ring held stays.
    pub fn offer(&self, ring: &KeyRing, at: Instant) -> Result<bool, KeyFileError> {
        let wrong = |path: &Path| {
            let path = path.to_owned();
            move |source| KeyFileError::Set { path, source }
        };
        match self {
            KeyFiles::Set(path) => ring.offer(&read(path)?, at).map_err(wrong(path)),
            KeyFiles::Pems(files) => {
                let pem = |(path, kid): &(PathBuf, Option<String>)| Ok(PemKey { pem: read(path)?, kid: kid.clone() });
                let pems = files.iter().map(pem).collect::<Result<Vec<_>, KeyFileError>>()?;
                ring.offer_pems(&pems, at).map_err(wrong(files.first().map_or(Path::new(""), |(path, _)| path)))
            }
        }
    }
}

/// No more of a file than a set of keys may have: what is cut short there is no set.
fn read(path: &Path) -> Result<String, KeyFileError> {
    let told = |error: std::io::Error| KeyFileError::Unreadable { path: path.to_owned(), detail: error.to_string() };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(told)?;
    file.take(KEY_SET_BYTES_MAX as u64 + 1).read_to_string(&mut text).map_err(told)?;
    Ok(text)
}
