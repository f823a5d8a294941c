//! The issuers of the settings, with their keys.

use super::compose::Failure;
use super::outward;
use crate::clock::Clock;
use crate::config::{AuthConfig, Config, IssuerConfig};
use crate::domain::ParseError;
use crate::domain::place::ContratCode;
use crate::domain::siren::Siren;
use crate::http::{KeyFiles, KeyKeeper, KeyPlace};
use crate::identity::{ClaimPlaces, Issuer, IssuerSettings, KeyPace, KeyRing, LIFETIME_S_DEFAULT, Role, Verifier};
use std::sync::Arc;

/// Whose tokens are taken, and who fetches their keys.
#[derive(Debug, Default)]
pub struct Trusted {
    /// Verifies them; none: only the public is served.
    pub verifier: Option<Verifier>,
    /// Fetches the keys, or reads them again; none: there is no issuer.
    pub keeper: Option<Arc<KeyKeeper>>,
}

/// Whom `serve` trusts; nobody where the settings name no issuer, and only the public is served.
///
/// # Errors
/// The demonstration's key, or an issuer with a mistake, named.
pub fn trusted(config: &Config) -> Result<Trusted, Failure> {
    let auth: &AuthConfig = &config.auth;
    if auth.key_file.is_some() {
        return Err(
            "[auth] key-file is for `passerelle demo` alone, because whoever verifies with it could sign: name \
                    your identity provider under [[auth.issuers]] instead (docs/tokens.md)"
                .into(),
        );
    }
    if auth.issuers.is_empty() {
        return Ok(Trusted::default());
    }
    let (mut issuers, mut rings): (_, Vec<(Arc<KeyRing>, KeyPlace)>) = (Vec::new(), Vec::new());
    for one in &auth.issuers {
        let named = |error: Failure| -> Failure { format!("[[auth.issuers]] « {} »: {error}", one.issuer).into() };
        let (issuer, place) = issuer(one).map_err(named)?;
        rings.push((Arc::clone(issuer.keys()), place));
        issuers.push(issuer);
    }
    let keeper = KeyKeeper::new(outward::keys_net(config)?, Clock::system(), rings);
    let keeper = Arc::new(keeper.map_err(|error| format!("[[auth.issuers]]: {error}"))?);
    Ok(Trusted { verifier: Some(Verifier::of_issuers(issuers)?), keeper: Some(keeper) })
}

fn issuer(config: &IssuerConfig) -> Result<(Issuer, KeyPlace), Failure> {
    let (settings, place) = (settings(config)?, stated(config)?);
    let KeyPlace::Files(files) = &place else { return Ok((Issuer::fetched(settings, pace(config)?)?, place)) };
    let issuer = Issuer::fetched(settings, KeyFiles::PACE)?;
    // Files that are wrong from the first are a mistake in the settings; later the last good ones serve.
    files.offer(issuer.keys(), Clock::system().now()).map_err(|error| format!("its keys: {error}"))?;
    Ok((issuer, place))
}

/// Where the settings say that the keys of an issuer are.
fn stated(config: &IssuerConfig) -> Result<KeyPlace, Failure> {
    let mut all = Vec::new();
    all.extend(config.jwks_file.clone().map(|path| KeyPlace::Files(KeyFiles::Set(path))));
    if !config.pem_files.is_empty() {
        let pems = config.pem_files.iter().map(|one| (one.file.clone(), one.kid.clone()));
        all.push(KeyPlace::Files(KeyFiles::Pems(pems.collect())));
    }
    all.extend(config.oidc.then_some(KeyPlace::Discovery));
    if let Some(url) = &config.jwks_url {
        all.push(KeyPlace::Set(url::Url::parse(url).map_err(|error| format!("jwks-url: {error}"))?));
    }
    match (all.pop(), all.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err("name its keys by exactly one of jwks-url, oidc = true, jwks-file and pem-files".into()),
    }
}

fn pace(config: &IssuerConfig) -> Result<KeyPace, Failure> {
    let usual = KeyPace::default();
    let pace = KeyPace {
        max_age_s: config.keys_max_age_s.unwrap_or(usual.max_age_s),
        retry_s: config.keys_retry_s.unwrap_or(usual.retry_s),
        stale_max_s: config.keys_stale_max_s.unwrap_or(usual.stale_max_s),
    };
    if pace.retry_s == 0 || pace.max_age_s < pace.retry_s || pace.stale_max_s < pace.max_age_s {
        return Err("keys-retry-s is at least 1, keys-max-age-s at least that, keys-stale-max-s at least that".into());
    }
    Ok(pace)
}

fn settings(config: &IssuerConfig) -> Result<IssuerSettings, ParseError> {
    let place = |own: &Option<String>, usual: &str| own.clone().unwrap_or_else(|| usual.to_owned());
    let territory = |(word, codes): (&String, &Vec<String>)| Ok((word.clone(), parsed(codes, ContratCode::parse)?));
    let word = |(word, role): (&String, &String)| Ok((word.clone(), Role::parse(role)?));
    Ok(IssuerSettings {
        issuer: config.issuer.clone(),
        audience: config.audience.clone(),
        algorithms: config.algorithms.clone(),
        places: ClaimPlaces {
            role: place(&config.role_claim, "role"),
            organisation: place(&config.organisation_claim, "org"),
            contrats: place(&config.contrats_claim, "contrats"),
        },
        role_words: config.role_words.iter().map(word).collect::<Result<_, ParseError>>()?,
        roles: parsed(&config.roles, Role::parse)?,
        sirens: parsed(&config.sirens, Siren::parse)?,
        contrats: parsed(&config.contrats, ContratCode::parse)?,
        contrat_words: config.contrat_words.iter().map(territory).collect::<Result<_, ParseError>>()?,
        lifetime_s_max: config.lifetime_s_max.unwrap_or(LIFETIME_S_DEFAULT),
        nbf_required: config.nbf_required.unwrap_or(true),
    })
}

fn parsed<T>(words: &[String], parse: impl Fn(&str) -> Result<T, ParseError>) -> Result<Vec<T>, ParseError> {
    words.iter().map(|word| parse(word)).collect()
}
