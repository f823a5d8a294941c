//! Why a source could not be read: what, where, what to do, in both languages.

use crate::domain::message::Message;
use crate::net::NetError;

/// Why a source could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// On the way out.
    #[error(transparent)]
    Net(#[from] NetError),
    /// A file of this machine.
    #[error("{path} cannot be read ({detail}): check the path and the rights")]
    File {
        /// Its path as given.
        path: String,
        /// What the system said.
        detail: String,
    },
    /// No file where some were expected.
    #[error("no file matches {pattern}: check the path, and the base in the manifest or in the settings")]
    NoFile {
        /// The path or glob.
        pattern: String,
    },
    /// More bytes than allowed.
    #[error("{resource} holds more than {bytes_max} bytes: raise bytes-max in the manifest if that is expected")]
    TooLarge {
        /// The resource.
        resource: String,
        /// The limit.
        bytes_max: u64,
    },
    /// Longer than allowed.
    #[error("reading took more than {seconds_max} s: raise seconds-max in the manifest if that is expected")]
    TooLong {
        /// The limit.
        seconds_max: u64,
    },
    /// Not in the form that the driver reads.
    #[error("{resource}: {}", what.en)]
    Form {
        /// The resource.
        resource: String,
        /// What is wrong and what to do.
        what: Message,
    },
    /// The source answers with an error, in its own words: they may hold whatever its records hold.
    #[error("{resource}: the source answers with an error (« {said} »): nothing of its answer is taken")]
    Refused {
        /// The resource.
        resource: String,
        /// The beginning of what it says.
        said: String,
    },
    /// A setting of the manifest that no source could meet.
    #[error("[driver] {setting}: {}", what.en)]
    Setting {
        /// The word of the manifest.
        setting: &'static str,
        /// What is wrong and what to do.
        what: Message,
    },
    /// Nobody takes the records any more.
    #[error("the read was stopped")]
    Stopped,
}

impl ReadError {
    /// The error in both languages.
    pub fn message(&self) -> Message {
        let fr = match self {
            ReadError::Net(error) => error.in_french(),
            ReadError::File { path, detail } => {
                format!("{path} ne peut être lu ({detail}) : vérifiez le chemin et les droits")
            }
            ReadError::NoFile { pattern } => {
                format!(
                    "aucun fichier ne répond à {pattern} : vérifiez le chemin, et la base du manifeste ou des réglages"
                )
            }
            ReadError::TooLarge { resource, bytes_max } => {
                format!("{resource} dépasse {bytes_max} octets : relevez bytes-max dans le manifeste si c'est attendu")
            }
            ReadError::TooLong { seconds_max } => format!(
                "la lecture a pris plus de {seconds_max} s : relevez seconds-max dans le manifeste si c'est attendu"
            ),
            ReadError::Form { resource, what } => format!("{resource} : {}", what.fr),
            ReadError::Refused { resource, said } => {
                format!("{resource} : la source répond par une erreur (« {said} ») : rien n'est repris de sa réponse")
            }
            ReadError::Setting { setting, what } => format!("[driver] {setting} : {}", what.fr),
            ReadError::Stopped => "la lecture a été arrêtée".to_owned(),
        };
        Message::new(fr, self.to_string())
    }

    /// The same without the source's own words: what a source says of natural persons is not kept in the reason of a failure.
    #[must_use]
    pub fn without_words(self) -> Self {
        match self {
            ReadError::Refused { resource, .. } => ReadError::Refused { resource, said: "…".to_owned() },
            other => other,
        }
    }

    pub(super) fn form(resource: &str, fr: impl Into<String>, en: impl Into<String>) -> Self {
        ReadError::Form { resource: resource.to_owned(), what: Message::new(fr, en) }
    }

    pub(in crate::connector) fn setting(setting: &'static str, fr: impl Into<String>, en: impl Into<String>) -> Self {
        ReadError::Setting { setting, what: Message::new(fr, en) }
    }

    pub(super) fn file(path: &str, error: &std::io::Error) -> Self {
        ReadError::File { path: path.to_owned(), detail: error.to_string() }
    }
}
