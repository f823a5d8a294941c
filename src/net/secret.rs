//! A secret: read by the settings, sent to one origin, shown to nobody.

use std::sync::Arc;

/// A key, a password or a token. It is never shown: neither in logs nor in errors.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes a secret; blanks and line ends around it are those of the file that held it.
    pub fn new(text: &str) -> Secret {
        Secret(text.trim().into())
    }

    /// The secret itself, for the one place that sends it.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl std::fmt::Display for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Why a secret that the settings name is not there, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
}

/// A secret, or why it is not there: one that is missing stops its own source only.
pub type Held = Result<Secret, Absent>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new("s3cr3t\n");
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
        assert_eq!(secret.expose(), "s3cr3t");
    }
}
