//! Gets the public keys of issuers, by URL or from files: before they are old, and once where a token names a key that is not held.

use super::key_files::{KeyFileError, KeyFiles};
use crate::clock::Clock;
use crate::domain::Instant;
use crate::identity::{KEY_SET_BYTES_MAX, KeyRing, KeySetError};
use crate::net::{Body, Net, NetError, Request, shown};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use url::{Host, Url};

/// How long a key set, or a discovery document, may take to come.
const FETCH_TIMEOUT_MS: u64 = 5_000;
/// How often it is looked whose keys are due.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long before their age keys are asked for, in seconds: until the next look, and while a discovery document and a set come.
const LEAD_S: i64 = 15;
/// What stands behind an issuer (`OpenID` Connect Discovery 1.0, 4).
const DISCOVERY: &str = ".well-known/openid-configuration";

/// Where the keys of an issuer are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// At this URL.
    Set(Url),
    /// Where the discovery document of the issuer says.
    Discovery,
    /// In files of this machine.
    Files(KeyFiles),
}

/// Why keys were not fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFetchError {
    /// An address that is not asked.
    #[error("{0} is not asked for keys: they come by https, or by http from this very machine (127.0.0.1)")]
    Address(String),
    /// What went wrong on the way.
    #[error(transparent)]
    Net(#[from] NetError),
    /// A set that cannot be used.
    #[error("{url} gives no keys: {source}")]
    Set {
        /// Where.
        url: String,
        /// Why.
        source: KeySetError,
    },
    /// No discovery document.
    #[error("{0} is no OpenID configuration with `issuer` and `jwks_uri`")]
    Discovery(String),
    /// The document of another issuer.
    #[error("{0} is the configuration of another issuer: `issuer` must be written there as in the settings")]
    OtherIssuer(String),
    /// Files that give no keys.
    #[error(transparent)]
    Files(#[from] KeyFileError),
    /// A look at files that came to no end: a defect.
    #[error("the files were not read: {0}")]
    Unread(String),
}

/// What a discovery document says, as far as it is needed.
#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    jwks_uri: String,
}

struct Kept {
    ring: Arc<KeyRing>,
    place: KeyPlace,
    /// Whoever fetches holds it: the others wait, and find what came. What was wrong with files the last time: they are read
    /// often, and one line for each mistake is enough.
    turn: Mutex<Option<KeyFetchError>>,
}

/// Fetches the keys of issuers, each within its pace.
pub struct KeyKeeper {
    net: Net,
    clock: Clock,
    kept: Vec<Kept>,
}

impl KeyKeeper {
    /// A keeper of these rings. `net` should try once and follow no redirect: the pace is that of each ring.
    ///
    /// # Errors
    /// An address that is not asked for keys.
    pub fn new(net: Net, clock: Clock, rings: Vec<(Arc<KeyRing>, KeyPlace)>) -> Result<Self, KeyFetchError> {
        let kept = rings.into_iter().map(|(ring, place)| {
            match &place {
                KeyPlace::Set(url) => admissible(url)?,
                KeyPlace::Discovery => admissible(&discovery(ring.issuer())?)?,
                KeyPlace::Files(_) => {}
            }
            Ok(Kept { ring, place, turn: Mutex::default() })
        });
        Ok(KeyKeeper { net, clock, kept: kept.collect::<Result<_, KeyFetchError>>()? })
    }

    /// Fetches the keys that are due, of all issuers at once: early enough for those that come to be there when those that are held
    /// reach their age.
    pub async fn refresh_due(&self) {
        let now = self.clock.now() + TimeDelta::seconds(LEAD_S);
        let due = self.kept.iter().filter(|kept| kept.ring.is_due(now));
        join_all(due.map(|kept| self.renew(kept))).await;
    }

    /// Keeps the keys fresh for as long as the gateway runs.
    pub async fn follow(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.refresh_due().await;
        }
    }

    /// Fetches the keys of `ring` because a token names one that is not held: within its pace, and once for all who ask
    /// meanwhile. Whoever asked may go: the fetch is not broken off with it.
    pub(super) async fn ask(self: &Arc<Self>, ring: &Arc<KeyRing>) {
        let Some(position) = self.kept.iter().position(|kept| Arc::ptr_eq(&kept.ring, ring)) else { return };
        let keeper = Arc::clone(self);
        let asked = tokio::spawn(async move { keeper.renew(&keeper.kept[position]).await });
        if let Err(failure) = asked.await {
            tracing::error!(%failure, "the keys of an issuer could not be asked for");
        }
    }

    /// One attempt, told in one line where something is new or wrong.
    async fn renew(&self, kept: &Kept) {
        let before = kept.ring.attempt_count();
        let mut told = kept.turn.lock().await;
        let now = self.clock.now();
        if kept.ring.attempt_count() != before || !kept.ring.begin(now) {
            return;
        }
        let issuer = kept.ring.issuer();
        match self.offered(kept, now).await {
            Ok(is_new) => {
                *told = None;
                if is_new {
                    tracing::info!(issuer, "the keys of an issuer are new");
                } else {
                    tracing::debug!(issuer, "the keys of an issuer are as before");
                }
            }
            Err(error) if matches!(kept.place, KeyPlace::Files(_)) => {
                if told.as_ref() != Some(&error) {
                    tracing::warn!(issuer, %error, "the keys of an issuer could not be read again: the last good ones serve");
                }
                *told = Some(error);
            }
            Err(error) => {
                tracing::warn!(issuer, %error, "the keys of an issuer were not fetched: the last ones serve while they may");
            }
        }
    }

    /// Gets the keys and offers them to their ring; true when they are new.
    async fn offered(&self, kept: &Kept, now: Instant) -> Result<bool, KeyFetchError> {
        let url = match &kept.place {
            KeyPlace::Files(files) => {
                let (files, ring) = (files.clone(), Arc::clone(&kept.ring));
                let read = tokio::task::spawn_blocking(move || files.offer(&ring, now)).await;
                return Ok(read.map_err(|failure| KeyFetchError::Unread(failure.to_string()))??);
            }
            KeyPlace::Set(url) => url.clone(),
            KeyPlace::Discovery => self.discovered(kept.ring.issuer()).await?,
        };
        let unusable = |source| KeyFetchError::Set { url: shown(&url), source };
        let text = String::from_utf8(self.text(&url).await?).map_err(|_| unusable(KeySetError::Form))?;
        kept.ring.offer(&text, now).map_err(unusable)
    }

    /// The address of the keys, as the issuer's own document gives it.
    async fn discovered(&self, issuer: &str) -> Result<Url, KeyFetchError> {
        let url = discovery(issuer)?;
        let bytes = self.text(&url).await?;
        let none = || KeyFetchError::Discovery(shown(&url));
        let found: Discovered = serde_json::from_slice(&bytes).map_err(|_| none())?;
        if found.issuer != issuer {
            return Err(KeyFetchError::OtherIssuer(shown(&url)));
        }
        let keys = Url::parse(&found.jwks_uri).map_err(|_| none())?;
        admissible(&keys)?;
        Ok(keys)
    }

    async fn text(&self, url: &Url) -> Result<Vec<u8>, KeyFetchError> {
        let request = Request::get(url.clone(), KEY_SET_BYTES_MAX as u64, FETCH_TIMEOUT_MS);
        Ok(self.net.fetch(&request, Body::bytes).await?)
    }
}

impl std::fmt::Debug for KeyKeeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyKeeper").finish_non_exhaustive()
    }
}

fn discovery(issuer: &str) -> Result<Url, KeyFetchError> {
    let text = format!("{}/{DISCOVERY}", issuer.strip_suffix('/').unwrap_or(issuer));
    let address = || KeyFetchError::Address(issuer.to_owned());
    let url = Url::parse(&text).map_err(|_| address())?;
    // An issuer has no query and no fragment: what is appended would fall into it.
    if url.query().is_some() || url.fragment().is_some() { Err(address()) } else { Ok(url) }
}

/// Whoever can change a key set on the way can be anybody.
fn admissible(url: &Url) -> Result<(), KeyFetchError> {
    let is_here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_here => Ok(()),
        _ => Err(KeyFetchError::Address(shown(url))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_by_https_or_from_this_machine() {
        let check = |text: &str| admissible(&Url::parse(text).expect("a URL")).is_ok();
        assert!(
            check("https://identite.example.org/keys") && check("http://127.0.0.1:9/keys") && check("http://[::1]/")
        );
        assert!(!check("http://identite.example.org/keys") && !check("http://10.0.0.1/keys") && !check("file:///keys"));
        assert!(!check("http://localhost.evil.example/keys"));
    }

    #[test]
    fn a_discovery_document_stands_behind_its_issuer() {
        let at = |issuer| discovery(issuer).map(|url| url.to_string()).ok();
        let expected = Some("https://a.example/realms/b/.well-known/openid-configuration".to_owned());
        assert_eq!(at("https://a.example/realms/b"), expected);
        assert_eq!(at("https://a.example/realms/b/"), expected);
        assert_eq!([at("no url"), at("https://a.example/?x="), at("https://a.example/#")], [None, None, None]);
    }
}
