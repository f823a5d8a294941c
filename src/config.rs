//! The settings, read once at start: defaults, then the file, then a few variables of the environment.
//! The only reader of the environment. Secrets are named here, never written here.

mod journal;
mod limits;
mod webhooks;

pub use journal::JournalConfig;
pub use limits::LimitsConfig;
pub use webhooks::{SecretPlaces, WebhookConfig};

use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// All settings of the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Config {
    /// Address that the gateway listens on.
    pub listen: SocketAddr,
    /// Directory of the embedded ledger and of the workroom.
    pub state: PathBuf,
    /// URL of the ledger's database; without it, SQLite in the state directory.
    pub ledger: Option<String>,
    /// Where the password of the user that this URL names is; without it, the URL's own.
    pub ledger_password: Option<SecretPlace>,
    /// The journal of reads.
    pub journal: JournalConfig,
    /// Directory of the connectors; without it `./connectors` where it exists, else those inside the binary.
    pub connectors: Option<PathBuf>,
    /// Directory of the rules of the check; without it those inside the binary.
    pub rules: Option<PathBuf>,
    /// Logs.
    pub log: LogConfig,
    /// Calls to existing systems.
    pub net: NetConfig,
    /// Tokens.
    pub auth: AuthConfig,
    /// What each asker may ask for in a while.
    pub limits: LimitsConfig,
    /// Attestations.
    pub attestation: AttestationConfig,
    /// Who is told of changed verdicts.
    pub webhooks: Vec<WebhookConfig>,
    /// SIREN of the legal persons that may speak for each group of legal persons: `"financeur:etat-59" = ["…"]`.
    pub financeurs: BTreeMap<String, Vec<String>>,
    /// Settings of single sources, by identifier.
    pub sources: BTreeMap<String, SourceConfig>,
}

/// How logs are written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LogConfig {
    /// For people or for machines.
    pub format: LogFormat,
    /// Filter in the manner of `info,passerelle=debug`.
    pub filter: String,
}

/// Form of the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Lines for people.
    Human,
    /// One JSON object a line.
    Json,
}

/// What calls to existing systems may do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct NetConfig {
    /// Hosts that a source may be read from; empty: the hosts named by manifests and by `[sources.ID] base`.
    pub hosts: Vec<String>,
    /// Hosts that may resolve to loopback or private addresses.
    pub private_hosts: Vec<String>,
    /// PEM files of authorities trusted beside those of this machine.
    pub ca_files: Vec<PathBuf>,
    /// URL of the proxy that calls go through.
    pub proxy: Option<String>,
    /// User of the proxy.
    pub proxy_user: Option<String>,
    /// Where the password of that user is.
    pub proxy_password: Option<SecretPlace>,
    /// Hosts that are called without the proxy.
    pub direct_hosts: Vec<String>,
    /// Time to open a connection, in milliseconds.
    pub connect_timeout_ms: Option<u64>,
    /// Silence after which an answer is given up, in milliseconds.
    pub read_timeout_ms: Option<u64>,
    /// Attempts at one request, the first included.
    pub attempts_max: Option<u32>,
    /// Attempts beyond the first that may be spent in a row, all systems together.
    pub retry_budget: Option<u32>,
    /// Failures in a row after which a host is left alone.
    pub circuit_failures_max: Option<u32>,
    /// How long a host is left alone, in milliseconds.
    pub circuit_pause_ms: Option<u64>,
}

/// Where a secret is: `{ env = "VARIABLE" }` or `{ file = "PATH" }`. Never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretPlace {
    /// In a variable of the environment.
    Env(String),
    /// In a file.
    File(PathBuf),
}

/// Why a secret is not where the settings say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The variable is not set, or is empty.
    #[error("the environment variable {0} is not set")]
    Variable(String),
    /// The file cannot be read.
    #[error("the file {} cannot be read ({detail})", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// The file holds nothing.
    #[error("the file {} is empty", .0.display())]
    Empty(PathBuf),
}

impl SecretError {
    /// The same in French.
    pub fn in_french(&self) -> String {
        match self {
            SecretError::Variable(name) => format!("la variable d'environnement {name} n'est pas définie"),
            SecretError::File { path, detail } => format!("le fichier {} ne peut être lu ({detail})", path.display()),
            SecretError::Empty(path) => format!("le fichier {} est vide", path.display()),
        }
    }
}

impl SecretPlace {
    /// Reads the secret.
    ///
    /// # Errors
    /// It is not there.
    pub fn read(&self) -> Result<String, SecretError> {
        match self {
            SecretPlace::Env(name) => variable(name).ok_or_else(|| SecretError::Variable(name.clone())),
            SecretPlace::File(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| SecretError::File { path: path.clone(), detail: error.to_string() })?;
                if text.trim().is_empty() { Err(SecretError::Empty(path.clone())) } else { Ok(text) }
            }
        }
    }
}

/// How tokens are verified.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct AuthConfig {
    /// Expected issuer.
    pub issuer: String,
    /// Expected audience.
    pub audience: String,
    /// File that holds the key of HS256 tokens, 32 bytes in hexadecimal: for the demonstration alone, `serve` refuses it.
    pub key_file: Option<PathBuf>,
    /// The issuers whose tokens `serve` takes. Without any, nobody but the public is served.
    pub issuers: Vec<IssuerConfig>,
}

/// An issuer of tokens: who it is, and what it may assert.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct IssuerConfig {
    /// Its exact name, the claim `iss`.
    pub issuer: String,
    /// The audience that its tokens must name.
    pub audience: String,
    /// The algorithms that it signs with, among RS, PS (256, 384, 512), ES (256, 384) and `EdDSA`.
    pub algorithms: Vec<String>,
    /// File of its public keys, a JWK Set. One of this, `jwks-url`, `oidc` and `pem-files`.
    #[serde(default)]
    pub jwks_file: Option<PathBuf>,
    /// URL of its public keys, a JWK Set, fetched again and again.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// The URL of its public keys stands in its `OpenID` configuration.
    #[serde(default)]
    pub oidc: bool,
    /// Files of its public keys, one in PEM each.
    #[serde(default)]
    pub pem_files: Vec<PemFile>,
    /// Age at which fetched keys are fetched again, in seconds; without it, one hour.
    #[serde(default)]
    pub keys_max_age_s: Option<u64>,
    /// Time between two attempts at fetching them, in seconds; without it, one minute.
    #[serde(default)]
    pub keys_retry_s: Option<u64>,
    /// Age beyond which fetched keys are not used any more, in seconds; without it, six hours.
    #[serde(default)]
    pub keys_stale_max_s: Option<u64>,
    /// Must its tokens have `nbf`? Without it, yes.
    #[serde(default)]
    pub nbf_required: Option<bool>,
    /// The roles that it may assert.
    pub roles: Vec<String>,
    /// The organisations that it may assert, by SIREN.
    #[serde(default)]
    pub sirens: Vec<String>,
    /// The contrats de ville that it may assert, by code.
    #[serde(default)]
    pub contrats: Vec<String>,
    /// Its own words for roles: `{ "passerelle-partner" = "PARTNER" }`; without any, its words are ours.
    #[serde(default)]
    pub role_words: BTreeMap<String, String>,
    /// Its own words for territories, each with its contrats: `{ "/territoires/mel" = ["CN05911M"] }`; without any, its words
    /// are codes of contrats.
    #[serde(default)]
    pub contrat_words: BTreeMap<String, Vec<String>>,
    /// Where its tokens say the role: a member or a JSON Pointer; without it, `role`.
    pub role_claim: Option<String>,
    /// Where they say the SIREN or SIRET of the organisation; without it, `org`.
    pub organisation_claim: Option<String>,
    /// Where they say the contrats de ville; without it, `contrats`.
    pub contrats_claim: Option<String>,
    /// Longest life of its tokens, in seconds; without it, one day.
    pub lifetime_s_max: Option<u64>,
}

/// A public key in PEM.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PemFile {
    /// The file.
    pub file: PathBuf,
    /// The identifier by which tokens name the key.
    #[serde(default)]
    pub kid: Option<String>,
}

/// How attestations are signed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct AttestationConfig {
    /// Private keys (PKCS #8 in PEM, Ed25519 or P-256): the first signs, the others were signed with before and stay public.
    /// Without any, one is made at random in the state directory.
    pub keys: Vec<SecretPlace>,
}

/// Settings of one source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SourceConfig {
    /// URL or directory that stands in for the manifest's `base`.
    pub base: Option<String>,
    /// Never read this source; its connector may be one that cannot be used.
    pub disabled: bool,
    /// Where the secrets are that its manifest names.
    pub secrets: BTreeMap<String, SecretPlace>,
    /// PEM file of the certificate that it is called with.
    pub certificate: Option<PathBuf>,
    /// PEM file of that certificate's key.
    pub key: Option<PathBuf>,
    /// Time to open a connection, in milliseconds; without it, that of `[net]`.
    pub connect_timeout_ms: Option<u64>,
    /// Silence after which an answer is given up, in milliseconds; without it, that of `[net]`.
    pub read_timeout_ms: Option<u64>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            state: PathBuf::from("passerelle-state"),
            ledger: None,
            ledger_password: None,
            journal: JournalConfig::default(),
            connectors: None,
            rules: None,
            log: LogConfig::default(),
            net: NetConfig::default(),
            auth: AuthConfig::default(),
            limits: LimitsConfig::default(),
            attestation: AttestationConfig::default(),
            webhooks: Vec::new(),
            financeurs: BTreeMap::new(),
            sources: BTreeMap::new(),
        }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        LogConfig { format: LogFormat::Human, filter: "info,sqlx=warn,sea_orm_migration=warn".to_owned() }
    }
}

impl Default for AuthConfig {
    fn default() -> Self {
        let (issuer, audience) = ("passerelle-demo".to_owned(), "passerelle".to_owned());
        AuthConfig { issuer, audience, key_file: None, issuers: Vec::new() }
    }
}

/// Why the settings could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the settings {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not what is expected; the text names line, column and the words allowed.
    #[error("{}: {source}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Where and what.
        source: Box<toml::de::Error>,
    },
}

impl Config {
    /// Reads the settings from `path`, or takes the defaults; then the environment.
    ///
    /// # Errors
    /// An unreadable file, an unknown word, a value of the wrong kind: with line and column.
    pub fn read(path: Option<&Path>) -> Result<Config, ConfigError> {
        let mut config = match path {
            None => Config::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
                let wrong = |source| ConfigError::Wrong { path: path.to_owned(), source: Box::new(source) };
                toml::from_str(&text).map_err(wrong)?
            }
        };
        if let Some(filter) = variable("PASSERELLE_LOG") {
            config.log.filter = filter;
        }
        if let Some(url) = variable("PASSERELLE_LEDGER") {
            config.ledger = Some(url);
        }
        Ok(config)
    }

    /// URL of the ledger's database.
    pub fn ledger_url(&self) -> String {
        self.ledger
            .clone()
            .unwrap_or_else(|| format!("sqlite://{}?mode=rwc", self.state.join("ledger.sqlite").display()))
    }

    /// File of the journal of reads.
    pub fn journal(&self) -> PathBuf {
        self.journal.file.clone().unwrap_or_else(|| self.state.join("journal.sqlite"))
    }

    /// Directory of the workroom.
    pub fn workroom(&self) -> PathBuf {
        self.state.join("workroom")
    }
}

#[expect(clippy::disallowed_methods, reason = "this file is the one place that reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_read_and_says_where_secrets_are() {
        let config = Config::read(Some(Path::new("passerelle.example.toml"))).expect("the example");
        assert_eq!(config.net.attempts_max, Some(3));
        let text =
            "[sources.a]\nsecrets.cle = { env = \"PASSERELLE_TEST_NOT_SET\" }\nsecrets.autre = { file = \"/nowhere\" }";
        let config: Config = toml::from_str(text).expect("settings");
        let told = |name: &str| config.sources["a"].secrets[name].read().expect_err("absent").to_string();
        assert_eq!(told("cle"), "the environment variable PASSERELLE_TEST_NOT_SET is not set");
        assert!(told("autre").contains("/nowhere"));
    }

    #[test]
    fn a_typo_is_told_with_its_place_and_the_words_allowed() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("passerelle.toml");
        std::fs::write(&path, "listen = \"127.0.0.1:0\"\nledgr = \"x\"\n").expect("written");
        let error = Config::read(Some(&path)).expect_err("an unknown word").to_string();
        assert!(error.contains("line 2") && error.contains("`ledgr`") && error.contains("`ledger`"), "{error}");
    }
}
