//! What can go wrong on the way out. A URL is shown without its query, its fragment and its user: they may be secrets.

use super::address::Refused;
use super::secret::Cutter;
use url::Url;

/// Characters of a content type, or of a coding, that are told.
const TYPE_CHARACTERS_MAX: usize = 100;

/// Why a system could not be read over HTTP: what, where, what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// The client itself cannot be made.
    #[error("no HTTP client can be made ({detail}): check the root certificates of this machine")]
    Unusable {
        /// What the system said.
        detail: String,
    },
    /// No connection, or one that broke before an answer.
    #[error("{url} cannot be reached ({detail}): check the address, and whether the system is up")]
    Unreachable {
        /// Where.
        url: String,
        /// What the system said.
        detail: String,
    },
    /// Too slow.
    #[error(
        "{url} did not answer in time: try again later, or raise read-timeout-ms in the settings, or seconds-max in the manifest"
    )]
    Timeout {
        /// Where.
        url: String,
    },
    /// An answer that is no success.
    #[error("{url} answered {status}: {}", advice_en(*status))]
    Status {
        /// Where.
        url: String,
        /// The status.
        status: u16,
    },
    /// More bytes than allowed.
    #[error("{url} sends more than {bytes_max} bytes: raise bytes-max in the manifest if that is expected")]
    TooLarge {
        /// Where.
        url: String,
        /// The limit.
        bytes_max: u64,
    },
    /// The body broke off, or is not what its headers say.
    #[error("{url} broke off within its answer ({detail}): nothing of it is kept; try again later")]
    CutShort {
        /// Where.
        url: String,
        /// What the system said.
        detail: String,
    },
    /// Another kind of content than expected.
    #[error("{url} answers « {found} » where {expected} is expected: check the address (a page to log in?)")]
    WrongContentType {
        /// Where.
        url: String,
        /// What it says that it is.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A body in a coding that was not asked for.
    #[error("{url} sends its answer compressed as « {found} », and gzip alone was asked for: see its owner")]
    Encoding {
        /// Where.
        url: String,
        /// The coding that it states.
        found: String,
    },
    /// An address that is not read.
    #[error("{url} is not read: {reason}")]
    RefusedAddress {
        /// Where.
        url: String,
        /// Why.
        reason: Refused,
    },
    /// A redirect that is not followed.
    #[error("the redirect of {url} is not followed: {reason}")]
    RefusedRedirect {
        /// Where it started.
        url: String,
        /// Why.
        reason: Refused,
    },
    /// A host that failed too often to be called now.
    #[error("{host} failed {failures} times in a row and is left alone: it is tried again in {wait_s} s")]
    CircuitOpen {
        /// The host and its port.
        host: String,
        /// How often it failed.
        failures: u32,
        /// When it is tried again.
        wait_s: u64,
    },
    /// A secret that is not there.
    #[error("the secret « {name} » cannot be used: {en}")]
    NoSecret {
        /// Its name in the manifest.
        name: String,
        /// Why, in French.
        fr: String,
        /// Why, in English.
        en: String,
    },
    /// A setting of the way out that cannot be used.
    #[error("{en}")]
    Setting {
        /// What, in French.
        fr: String,
        /// What, in English.
        en: String,
    },
    /// The token server gave no token.
    #[error("no OAuth2 token is given: {cause}")]
    NoToken {
        /// What went wrong there.
        cause: Box<NetError>,
    },
    /// The token server answered something else.
    #[error("{url} answers no OAuth2 bearer token that an HTTP header can carry: check token-url in the manifest")]
    NotAToken {
        /// Where.
        url: String,
    },
    /// A file of this machine that a body should be written to.
    #[error("cannot write what {url} sends to a temporary file ({detail}): check the free space of the disk")]
    Disk {
        /// Where it came from.
        url: String,
        /// What the system said.
        detail: String,
    },
}

impl NetError {
    /// Stable code for machines.
    pub fn code(&self) -> &'static str {
        match self {
            NetError::Unusable { .. } | NetError::Disk { .. } => "UPSTREAM_CLIENT",
            NetError::Unreachable { .. } => "UPSTREAM_UNREACHABLE",
            NetError::Timeout { .. } => "UPSTREAM_TIMEOUT",
            NetError::Status { .. } => "UPSTREAM_STATUS",
            NetError::TooLarge { .. } => "UPSTREAM_TOO_LARGE",
            NetError::CutShort { .. } => "UPSTREAM_CUT_SHORT",
            NetError::WrongContentType { .. } => "UPSTREAM_CONTENT_TYPE",
            NetError::Encoding { .. } => "UPSTREAM_ENCODING",
            NetError::CircuitOpen { .. } => "UPSTREAM_CIRCUIT_OPEN",
            NetError::NoSecret { .. } | NetError::Setting { .. } => "UPSTREAM_SETTING",
            NetError::NoToken { .. } | NetError::NotAToken { .. } => "UPSTREAM_TOKEN",
            NetError::RefusedAddress { .. } => "UPSTREAM_ADDRESS_REFUSED",
            NetError::RefusedRedirect { .. } => "UPSTREAM_REDIRECT_REFUSED",
        }
    }

    /// The same sentence in French; `Display` is the English one.
    pub fn in_french(&self) -> String {
        match self {
            NetError::Unusable { detail } => {
                format!("aucun client HTTP possible ({detail}) : vérifiez les certificats racine de la machine")
            }
            NetError::Unreachable { url, detail } => {
                format!("{url} est injoignable ({detail}) : vérifiez l'adresse, et que le système est en service")
            }
            NetError::Timeout { url } => {
                format!(
                    "{url} n'a pas répondu à temps : réessayez plus tard, ou relevez read-timeout-ms dans les réglages, ou seconds-max dans le manifeste"
                )
            }
            NetError::Status { url, status } => format!("{url} a répondu {status} : {}", advice_fr(*status)),
            NetError::TooLarge { url, bytes_max } => {
                format!(
                    "{url} envoie plus de {bytes_max} octets : relevez bytes-max dans le manifeste si c'est attendu"
                )
            }
            NetError::CutShort { url, detail } => {
                format!("{url} s'est interrompu ({detail}) : rien n'en est gardé ; réessayez plus tard")
            }
            NetError::WrongContentType { url, found, expected } => {
                format!("{url} répond « {found} » au lieu de {expected} : vérifiez l'adresse (une page de connexion ?)")
            }
            NetError::Encoding { url, found } => {
                format!(
                    "{url} envoie sa réponse compressée en « {found} », alors que seul gzip est demandé : voyez son responsable"
                )
            }
            NetError::RefusedAddress { url, reason } => format!("{url} n'est pas lu : {}", reason.in_french()),
            NetError::RefusedRedirect { url, reason } => {
                format!("la redirection de {url} n'est pas suivie : {}", reason.in_french())
            }
            NetError::CircuitOpen { host, failures, wait_s } => {
                format!("{host} a échoué {failures} fois de suite et n'est plus appelé : nouvel essai dans {wait_s} s")
            }
            NetError::NoSecret { name, fr, .. } => format!("le secret « {name} » est inutilisable : {fr}"),
            NetError::Setting { fr, .. } => fr.clone(),
            NetError::NoToken { cause } => format!("aucun jeton OAuth2 n'est donné : {}", cause.in_french()),
            NetError::NotAToken { url } => {
                format!(
                    "{url} ne répond pas de jeton OAuth2 (bearer) qu'un en-tête HTTP puisse porter : vérifiez token-url dans le manifeste"
                )
            }
            NetError::Disk { url, detail } => format!(
                "ce que {url} envoie ne peut être écrit dans un fichier temporaire ({detail}) : vérifiez l'espace libre"
            ),
        }
    }

    /// The same with `***` in the place of every secret: a path, a redirect or a header may repeat one. What the other side says is
    /// cut short after that.
    pub(super) fn without(mut self, cutter: &Cutter) -> NetError {
        for text in self.texts() {
            if let Some(cut) = cutter.cut(text) {
                *text = cut;
            }
        }
        match self {
            NetError::WrongContentType { url, found, expected } => {
                NetError::WrongContentType { url, found: found.chars().take(TYPE_CHARACTERS_MAX).collect(), expected }
            }
            NetError::Encoding { url, found } => {
                NetError::Encoding { url, found: found.chars().take(TYPE_CHARACTERS_MAX).collect() }
            }
            NetError::NoToken { cause } => NetError::NoToken { cause: Box::new(cause.without(cutter)) },
            other => other,
        }
    }

    /// What it repeats of the other side.
    fn texts(&mut self) -> Vec<&mut String> {
        match self {
            NetError::Unreachable { url, detail }
            | NetError::CutShort { url, detail }
            | NetError::Disk { url, detail } => vec![url, detail],
            NetError::WrongContentType { url, found, .. } | NetError::Encoding { url, found } => vec![url, found],
            NetError::Timeout { url }
            | NetError::Status { url, .. }
            | NetError::TooLarge { url, .. }
            | NetError::RefusedAddress { url, .. }
            | NetError::RefusedRedirect { url, .. }
            | NetError::NotAToken { url } => vec![url],
            NetError::CircuitOpen { host, .. } => vec![host],
            NetError::Unusable { .. }
            | NetError::NoSecret { .. }
            | NetError::Setting { .. }
            | NetError::NoToken { .. } => Vec::new(),
        }
    }

    /// Could the same call succeed a moment later?
    pub(super) fn is_worth_a_retry(&self) -> bool {
        match self {
            NetError::Unreachable { .. } | NetError::CutShort { .. } => true,
            NetError::Status { status, .. } => matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
            _ => false,
        }
    }

    /// Does it say that the host fails, or that it stands? `None`: neither.
    pub(super) fn is_failing(&self) -> Option<bool> {
        match self {
            NetError::Unreachable { .. }
            | NetError::Timeout { .. }
            | NetError::CutShort { .. }
            | NetError::Encoding { .. }
            | NetError::WrongContentType { .. } => Some(true),
            NetError::Status { status, .. } => Some(matches!(status, 408 | 500..)),
            NetError::TooLarge { .. } => Some(false),
            _ => None,
        }
    }

    pub(super) fn no_secret(name: &str, fr: &str, en: &str) -> NetError {
        NetError::NoSecret { name: name.to_owned(), fr: fr.to_owned(), en: en.to_owned() }
    }

    /// An answer that nothing changed, where nothing was said to be known.
    pub(super) fn not_modified(url: &Url) -> NetError {
        NetError::Status { url: shown(url), status: 304 }
    }

    pub(super) fn setting(fr: &str, en: &str) -> NetError {
        NetError::Setting { fr: fr.to_owned(), en: en.to_owned() }
    }

    /// What a failed sending says.
    pub(super) fn of_send(error: &reqwest::Error, url: &Url, asked: &Url) -> NetError {
        if let Some(refused) = find::<Refused>(error) {
            return refused.at(url, asked);
        }
        if error.is_timeout() {
            return NetError::Timeout { url: shown(url) };
        }
        NetError::Unreachable { url: shown(url), detail: causes(error) }
    }

    pub(super) fn refused(url: &Url, reason: Refused) -> NetError {
        NetError::RefusedAddress { url: shown(url), reason }
    }

    pub(super) fn redirect(url: &Url, reason: Refused) -> NetError {
        NetError::RefusedRedirect { url: shown(url), reason }
    }
}

/// A URL as it may be shown: without query, fragment, user and password.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Both fail only for a URL that cannot hold a user, which then holds none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

/// The innermost cause: the outer ones repeat the URL, query included.
pub(super) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    // A cause that is the client's own error would show the URL.
    match innermost.downcast_ref::<reqwest::Error>() {
        Some(_) => "the client gave up".to_owned(),
        None => innermost.to_string(),
    }
}

fn find<T: std::error::Error + Copy + 'static>(error: &(dyn std::error::Error + 'static)) -> Option<T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(*found);
        }
        next = error.source();
    }
    None
}

fn advice_en(status: u16) -> &'static str {
    match status {
        202 => "it is still preparing its answer; try again later",
        304 => "it says that nothing changed since a read that it was not told of; see its owner",
        401 | 403 => "check the secret that the settings give, or its rights",
        404 | 410 => "check the address in the manifest or in the settings",
        429 => "it asks to be read less often",
        500.. => "the system is at fault; try again later",
        _ => "check the address and the parameters in the manifest",
    }
}

fn advice_fr(status: u16) -> &'static str {
    match status {
        202 => "il prépare encore sa réponse ; réessayez plus tard",
        304 => "il dit n'avoir pas changé depuis une lecture qui ne lui a pas été dite ; voyez son responsable",
        401 | 403 => "vérifiez le secret donné par les réglages, ou ses droits",
        404 | 410 => "vérifiez l'adresse dans le manifeste ou les réglages",
        429 => "il demande à être lu moins souvent",
        500.. => "le système est en défaut ; réessayez plus tard",
        _ => "vérifiez l'adresse et les paramètres du manifeste",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let url = Url::parse("https://me:pass@example.org/a?key=secret#frag").expect("a URL");
        assert_eq!(shown(&url), "https://example.org/a");
    }
}
