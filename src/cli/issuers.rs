//! The issuers of the settings, with their keys.

use super::compose::Failure;
use crate::config::{AuthConfig, IssuerConfig};
use crate::domain::ParseError;
use crate::domain::place::ContratCode;
use crate::domain::siren::Siren;
use crate::identity::{ClaimPlaces, Issuer, IssuerSettings, LIFETIME_S_DEFAULT, Role, Verifier};

/// The verifier of `serve`; none where the settings name no issuer, and only the public is served.
///
/// # Errors
/// The demonstration's key, or an issuer with a mistake, named.
pub fn verifier(auth: &AuthConfig) -> Result<Option<Verifier>, Failure> {
    if auth.key_file.is_some() {
        return Err(
            "[auth] key-file is for `passerelle demo` alone, because whoever verifies with it could sign: name \
                    your identity provider under [[auth.issuers]] instead (docs/tokens.md)"
                .into(),
        );
    }
    if auth.issuers.is_empty() {
        return Ok(None);
    }
    let issuers = auth
        .issuers
        .iter()
        .map(|one| issuer(one).map_err(|error| format!("[[auth.issuers]] « {} »: {error}", one.issuer).into()));
    Ok(Some(Verifier::of_issuers(issuers.collect::<Result<_, Failure>>()?)?))
}

fn issuer(config: &IssuerConfig) -> Result<Issuer, Failure> {
    let place = |own: &Option<String>, usual: &str| own.clone().unwrap_or_else(|| usual.to_owned());
    let word = |(word, role): (&String, &String)| Ok((word.clone(), Role::parse(role)?));
    let settings = IssuerSettings {
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
        lifetime_s_max: config.lifetime_s_max.unwrap_or(LIFETIME_S_DEFAULT),
    };
    let path = config.jwks_file.display();
    let keys = std::fs::read_to_string(&config.jwks_file).map_err(|error| format!("jwks-file {path}: {error}"))?;
    Ok(Issuer::new(settings, &keys)?)
}

fn parsed<T>(words: &[String], parse: impl Fn(&str) -> Result<T, ParseError>) -> Result<Vec<T>, ParseError> {
    words.iter().map(|word| parse(word)).collect()
}
