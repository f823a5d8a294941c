//! The composition root: settings become a ledger, a workroom, connectors and a gateway.

use super::{Settings, outward, rules};
use crate::acts::privacy::{self, Privacy, PrivacyError};
use crate::check::Rulebook;
use crate::clock::Clock;
use crate::config::{Config, ConfigError, SecretPlace};
use crate::connector::Connector;
use crate::connector::load::{self, LoadError, Loaded};
use crate::domain::chain::instant_text;
use crate::domain::text::SourceId;
use crate::gateway::Gateway;
use crate::identity::Signer;
use crate::ledger::Ledger;
use crate::net::Net;
use crate::portfolio::CLOCKS_DIFFER_S;
use crate::workroom::Workroom;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Why something could not be put together.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Connectors inside the binary, for those who have no directory of their own.
static EMBEDDED: include_dir::Dir<'static> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/connectors");

/// The connectors of this gateway, by source.
pub type Connectors = BTreeMap<SourceId, Arc<Connector>>;

/// A gateway ready to act.
pub struct Composed {
    /// The settings.
    pub config: Config,
    /// The state of the gateway.
    pub gateway: Arc<Gateway>,
    /// The mutable side.
    pub workroom: Arc<Workroom>,
    /// The connectors.
    pub connectors: Connectors,
    /// How many manifests of sources that are not disabled cannot be used; why was told on standard error.
    pub unusable: usize,
    /// The rules of the check.
    pub rulebook: &'static Rulebook,
    /// The HTTP client.
    pub net: Arc<Net>,
    /// The clock.
    pub clock: Clock,
}

impl Composed {
    /// What finds and erases personal data.
    pub fn privacy(&self) -> Privacy {
        Privacy::new(Arc::clone(&self.gateway), Arc::clone(&self.workroom), self.clock.clone())
    }
}

/// The settings, with what the command line says in their place. The state directory's own `passerelle.toml` (written
/// by `demo`) is taken where no file is named.
///
/// # Errors
/// What the settings say when they cannot be read.
pub fn config(settings: &Settings) -> Result<Config, ConfigError> {
    let beside = settings.state.as_ref().map(|state| state.join("passerelle.toml")).filter(|path| path.is_file());
    let mut config = Config::read(settings.config.as_deref().or(beside.as_deref()))?;
    if let Some(state) = &settings.state {
        config.state.clone_from(state);
    }
    if let Some(connectors) = &settings.connectors {
        config.connectors = Some(connectors.clone());
    }
    if let Some(rules) = &settings.rules {
        config.rules = Some(rules.clone());
    }
    Ok(config)
}

/// The ledger of the settings, its migrations run.
///
/// # Errors
/// What the system or the database says.
pub async fn ledger(config: &Config) -> Result<Ledger, Failure> {
    if config.ledger.is_none() {
        super::private::directory(&config.state)?;
        super::private::file(&config.state.join("ledger.sqlite"))?;
    }
    let password = config.ledger_password.as_ref().map(SecretPlace::read).transpose();
    let password = password.map_err(|error| format!("ledger-password: {error}"))?;
    let ledger = Ledger::open_with(&config.ledger_url(), password.as_deref().map(str::trim)).await?;
    OPENED.lock().unwrap_or_else(PoisonError::into_inner).push(ledger.clone());
    Ok(ledger)
}

/// The ledgers that this process opened.
static OPENED: Mutex<Vec<Ledger>> = Mutex::new(Vec::new());

/// Closes what was opened, before the process ends: what stands in a log of SQLite goes into its file, so that a copy of the file is
/// whole.
pub async fn close() {
    let opened = std::mem::take(&mut *OPENED.lock().unwrap_or_else(PoisonError::into_inner));
    for ledger in opened {
        ledger.close().await;
    }
}

/// The ledger of the settings, for reading: refused when there is none yet, rather than made empty.
///
/// # Errors
/// What the system or the database says.
pub async fn existing_ledger(config: &Config) -> Result<Ledger, Failure> {
    ledger_must_be_there(config)?;
    ledger(config).await
}

/// Refuses settings by which an empty ledger would be made.
///
/// # Errors
/// There is no ledger yet.
pub fn ledger_must_be_there(config: &Config) -> Result<(), Failure> {
    let file = config.state.join("ledger.sqlite");
    if config.ledger.is_some() || file.is_file() {
        return Ok(());
    }
    if let Err(error) = std::fs::metadata(&file)
        && error.kind() == std::io::ErrorKind::PermissionDenied
    {
        return Err(format!("{}: {error}: run this as the account that serves", file.display()).into());
    }
    Err(format!("no ledger at {}: name its directory with --state, or run a sync first", file.display()).into())
}

/// The connectors: of the directory in the settings, else of `./connectors`, else those inside the binary. What is wrong
/// in a manifest is told with file, line and column, on standard error.
pub fn connectors(config: &Config) -> Connectors {
    let loaded = loaded(config);
    for error in &loaded.errors {
        // One wrong manifest does not stop the other sources.
        eprintln!("{error}");
    }
    by_source(loaded)
}

/// The connectors of a gateway that is to be served: a source that it cannot read, and that nobody disabled, would speak for nobody, and
/// a check would pass without it.
///
/// # Errors
/// A manifest that cannot be used, of a source that is not disabled: each with file, line and column; no connectors where the settings
/// name a directory of them; settings of a source that there is not.
pub fn sound_connectors(config: &Config) -> Result<Connectors, Failure> {
    let loaded = loaded(config);
    let mut stopping = String::new();
    for error in &loaded.errors {
        if is_disabled(config, error) {
            eprintln!("{error}\n  its source is disabled in the settings, and is not missed");
        } else {
            stopping.push_str(&format!("\n{error}"));
        }
    }
    if !stopping.is_empty() {
        return Err(format!(
            "not every connector can be used, and what the source says would be missing from every check:{stopping}\nmend it, or say in \
             the settings that the source does not count: [sources.ID] disabled = true"
        )
        .into());
    }
    known(config, &loaded)?;
    Ok(by_source(loaded))
}

/// Is what is wrong the manifest of a source that is disabled?
fn is_disabled(config: &Config, error: &LoadError) -> bool {
    let folders = error.folders();
    let disabled = |id: &String| config.sources.get(id).is_some_and(|source| source.disabled);
    !folders.is_empty() && folders.iter().all(disabled)
}

fn by_source(loaded: Loaded) -> Connectors {
    loaded.connectors.into_iter().map(|connector| (connector.id().clone(), Arc::new(connector))).collect()
}

fn loaded(config: &Config) -> Loaded {
    match directory(config) {
        Some(directory) => load::load_all(&directory),
        None => {
            let files = embedded();
            load::load_files(files.iter().map(|(path, bytes)| (path.as_str(), *bytes)))
        }
    }
}

/// The directory of connectors beside where the command runs.
pub const CONNECTORS: &str = "connectors";

/// The directory of the connectors, where there is one.
pub fn directory(config: &Config) -> Option<PathBuf> {
    let beside = || Some(PathBuf::from(CONNECTORS)).filter(|path| path.is_dir());
    config.connectors.clone().or_else(beside)
}

fn embedded() -> Vec<(String, &'static [u8])> {
    fn collect(directory: &'static include_dir::Dir<'static>, files: &mut Vec<(String, &'static [u8])>) {
        files.extend(directory.files().map(|file| (file.path().display().to_string(), file.contents())));
        directory.dirs().for_each(|inner| collect(inner, files));
    }
    let mut files = Vec::new();
    collect(&EMBEDDED, &mut files);
    files
}

/// Puts everything together. `typed`: a place named on the command line.
///
/// # Errors
/// What any part says.
pub async fn compose(config: Config, typed: Option<&str>) -> Result<Composed, Failure> {
    let loaded = loaded(&config);
    // One wrong manifest does not stop the other sources.
    loaded.errors.iter().for_each(|error| eprintln!("{error}"));
    if loaded.errors.iter().all(|error| !error.folders().is_empty()) {
        known(&config, &loaded)?;
    }
    let unusable = loaded.errors.iter().filter(|error| !is_disabled(&config, error)).count();
    Ok(Composed { unusable, ..compose_with(config, by_source(loaded), typed).await? })
}

/// Refuses settings of a source that there is not: the one that is meant would be read and awaited as if nothing were said of it.
/// One whose manifest cannot be used is there.
fn known(config: &Config, loaded: &Loaded) -> Result<(), Failure> {
    let mut all: Vec<String> = loaded.connectors.iter().map(|connector| connector.id().to_string()).collect();
    all.extend(loaded.errors.iter().flat_map(LoadError::folders));
    let Some(unknown) = config.sources.keys().find(|id| !all.contains(id)) else { return Ok(()) };
    Err(format!("[sources.{unknown}] in the settings names no connector; there are {}", all.join(", ")).into())
}

/// Puts everything together with these connectors.
///
/// # Errors
/// What any part says.
pub async fn compose_with(config: Config, connectors: Connectors, typed: Option<&str>) -> Result<Composed, Failure> {
    // Whatever the settings may have wrong comes before the ledger is opened, and perhaps made.
    let rulebook = rules::rulebook(&config)?;
    let net = Arc::new(outward::net(&config, &connectors, typed)?);
    let ledger = ledger(&config).await?;
    let workroom = Arc::new(Workroom::open(&config.workroom()).await?);
    let keys = privacy::carry_out::<PrivacyError>(&ledger, &workroom).await?;
    if keys > 0 {
        tracing::warn!(keys, "this workroom held keys of what the ledger says was erased: destroyed now");
    }
    let gateway = Arc::new(Gateway::open_naming(ledger, rulebook.organisations()).await?);
    let clock = Clock::system();
    let head = gateway.current().head().at;
    if (head - clock.now()).num_seconds() > CLOCKS_DIFFER_S {
        // Whatever is said until then bears that instant, and no reading is trusted: somebody has to know.
        eprintln!(
            "passerelle: the last entry of the ledger is of {}, ahead of this clock: an entry was made by a clock that was ahead, or this \
             one is behind; set it right, or go back to a copy of the ledger from before that entry",
            instant_text(head)
        );
    }
    Ok(Composed { config, gateway, workroom, connectors, unusable: 0, rulebook, net, clock })
}

/// Who signs attestations: with the keys of the settings, else with one of the state directory, made at random when it is
/// not there yet.
///
/// # Errors
/// A key that cannot be read or used; what the system says.
pub fn signer(config: &Config) -> Result<Signer, Failure> {
    let path = own_attestation_key(config);
    if config.attestation.keys.is_empty() && !path.exists() {
        write_secret(&path, &Signer::new_pem()?)?;
    }
    signer_there(config)
}

/// The same of keys that are there: makes none, for one that is away for a moment is not lost.
///
/// # Errors
/// A key that cannot be read or used.
pub fn signer_there(config: &Config) -> Result<Signer, Failure> {
    if !config.attestation.keys.is_empty() {
        let told = |error: &dyn std::fmt::Display| format!("[attestation] keys: {error}");
        let pems = config.attestation.keys.iter().map(SecretPlace::read).collect::<Result<Vec<String>, _>>();
        let pems = pems.map_err(|error| told(&error))?;
        return Ok(Signer::from_pems(pems.iter().map(String::as_bytes)).map_err(|error| told(&error))?);
    }
    let path = own_attestation_key(config);
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let pem = std::fs::read_to_string(&path).map_err(|error| told(&error))?;
    Ok(Signer::from_pems([pem.as_bytes()]).map_err(|error| told(&error))?)
}

fn own_attestation_key(config: &Config) -> std::path::PathBuf {
    config.state.join("attestation.pem")
}

/// The key of the state directory's tokens: read, or made at random when it is not there yet.
///
/// # Errors
/// What the system says.
pub fn token_key(path: &Path) -> Result<Vec<u8>, Failure> {
    if let Ok(text) = std::fs::read_to_string(path) {
        return Ok(hex::decode(text.trim()).map_err(|error| format!("{}: {error}", path.display()))?);
    }
    let mut key = [0; 32];
    aws_lc_rs::rand::fill(&mut key).map_err(|_| "the system gives no random bytes")?;
    write_secret(path, &hex::encode(key))?;
    Ok(key.to_vec())
}

/// Writes a new file that its owner alone may read.
fn write_secret(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(parent) = path.parent() {
        super::private::directory(parent)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(path)?, text.as_bytes())?;
    Ok(())
}
