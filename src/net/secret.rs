//! A secret: read by the settings, sent to one origin, shown to nobody.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

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

/// Secrets made on the way that are remembered at most; the oldest go first.
const GIVEN_MAX: usize = 256;

/// A secret in every form in which it is sent, or in which a URL may show it; itself first.
#[derive(Debug, Clone)]
struct Forms(Vec<Secret>);

impl Forms {
    fn of(secret: &Secret) -> Forms {
        let plain = secret.expose();
        // As it stands in a form or in the query of a URL.
        let form: String = url::form_urlencoded::byte_serialize(plain.as_bytes()).collect();
        let percent = form.replace('+', "%20");
        let in_path = url::Url::parse("http://a/").ok().map(|mut url| {
            url.set_path(plain);
            url.path().trim_start_matches('/').to_owned()
        });
        let mut forms = vec![secret.clone()];
        for text in [Some(form), Some(percent), in_path].into_iter().flatten() {
            for text in [with_small_digits(&text), text] {
                let is_new = text.len() >= plain.len() && forms.iter().all(|known| known.expose() != text);
                if is_new {
                    forms.push(Secret::new(&text));
                }
            }
        }
        Forms(forms)
    }

    fn plain(&self) -> &Secret {
        // There is always the secret itself.
        &self.0[0]
    }
}

/// The same with the digits after each `%` in small letters: both are read alike.
fn with_small_digits(text: &str) -> String {
    let mut left = 0;
    let mut small = |letter: char| {
        left = if letter == '%' { 2 } else { i32::max(left - 1, -1) };
        if left >= 0 { letter.to_ascii_lowercase() } else { letter }
    };
    text.chars().map(&mut small).collect()
}

/// What was made of secrets, or given for them, while sources were asked: tokens, the values of headers. A token that was given up
/// stays among them.
#[derive(Debug, Clone, Default)]
pub(super) struct Given(Arc<RwLock<Vec<Forms>>>);

impl Given {
    /// Remembers one.
    pub(super) fn note(&self, text: &str) {
        let secret = Secret::new(text);
        let mut given = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if given.iter().rev().all(|known| *known.plain() != secret) {
            if given.len() == GIVEN_MAX {
                given.remove(0);
            }
            given.push(Forms::of(&secret));
        }
    }

    fn all(&self) -> RwLockReadGuard<'_, Vec<Forms>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Cuts secrets out of texts: those of the settings, and what is given for them while the source is read.
#[derive(Debug, Clone, Default)]
pub struct Cutter {
    own: Vec<Forms>,
    given: Given,
}

impl Cutter {
    /// One for the secrets among these that are long enough to be told from words.
    pub(super) fn of(secrets: impl Iterator<Item = Secret>, given: Given) -> Self {
        let long = secrets.filter(|secret| secret.expose().len() >= CUT_BYTES_MIN);
        Cutter { own: long.map(|secret| Forms::of(&secret)).collect(), given }
    }

    /// Whether there is nothing to cut, so that texts need not be looked at.
    pub fn is_idle(&self) -> bool {
        self.own.is_empty() && self.given.all().is_empty()
    }

    /// The text with `***` in the place of every secret; `None` where it holds none.
    pub fn cut(&self, text: &str) -> Option<String> {
        if text.len() < CUT_BYTES_MIN {
            return None;
        }
        let given = self.given.all();
        let long = given.iter().filter(|forms| forms.plain().expose().len() >= CUT_BYTES_MIN);
        let forms = self.own.iter().chain(long).flat_map(|forms| &forms.0);
        let mut met: Vec<&Secret> = forms.filter(|secret| text.contains(secret.expose())).collect();
        // One that holds another one goes first.
        met.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
        (!met.is_empty()).then(|| met.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose(), "***")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_cut_the_longest_first_and_words_are_left() {
        let given = Given::default();
        let cutter =
            Cutter::of(["12345678", "12345678-90", "Square", "clé & co"].map(Secret::new).into_iter(), given.clone());
        assert_eq!(cutter.cut("Square 12345678-90 and 12345678").as_deref(), Some("Square *** and ***"));
        assert_eq!(cutter.cut("Square 1234567"), None);
        assert_eq!(cutter.cut("?k=cl%C3%A9+%26+co&j=cl%C3%A9%20%26%20co").as_deref(), Some("?k=***&j=***"));
        assert_eq!(cutter.cut("token-of-today"), None);
        assert_eq!(cutter.cut("/p/cl%c3%a9%20&%20co/2").as_deref(), Some("/p/***/2"), "as the path of a URL shows it");
        given.note("token-of-today");
        assert_eq!(cutter.cut("token-of-today").as_deref(), Some("***"), "a token that was fetched while it reads");
        given.note("bW9pOlN1cDM+/w==");
        assert_eq!(cutter.cut("Basic%20bW9pOlN1cDM%2b%2fw%3d%3d").as_deref(), Some("Basic%20***"));
    }

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new("s3cr3t\n");
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
        assert_eq!(secret.expose(), "s3cr3t");
    }
}
