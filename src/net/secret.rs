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

/// Shortest secret that is cut out of records, in bytes: a shorter one may be a word like another.
const CUT_BYTES_MIN: usize = 8;

/// Cuts secrets out of texts.
#[derive(Debug, Clone, Default)]
pub struct Cutter(Vec<Secret>);

impl Cutter {
    /// One for the secrets among these that are long enough to be told from words.
    pub(super) fn of(secrets: impl Iterator<Item = Secret>) -> Self {
        let mut secrets: Vec<Secret> = secrets.filter(|secret| secret.expose().len() >= CUT_BYTES_MIN).collect();
        // One that holds another one goes first.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
        Cutter(secrets)
    }

    /// Is there nothing to cut?
    pub fn is_idle(&self) -> bool {
        self.0.is_empty()
    }

    /// The text with `***` in the place of every secret; `None` where it holds none.
    pub fn cut(&self, text: &str) -> Option<String> {
        let is_met = self.0.iter().any(|secret| text.contains(secret.expose()));
        is_met.then(|| self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose(), "***")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_cut_the_longest_first_and_words_are_left() {
        let cutter = Cutter::of(["12345678", "12345678-90", "Square"].map(Secret::new).into_iter());
        assert_eq!(cutter.cut("Square 12345678-90 and 12345678").as_deref(), Some("Square *** and ***"));
        assert_eq!(cutter.cut("Square 1234567"), None);
    }

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new("s3cr3t\n");
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
        assert_eq!(secret.expose(), "s3cr3t");
    }
}
