//! `passerelle token`: a token signed by the key of the state directory, or by a private key of one's own.

use super::compose::Failure;
use super::output::say;
use super::{EXIT_OK, Ended, Settings, compose, output};
use crate::clock::Clock;
use crate::domain::place::ContratCode;
use crate::domain::siren::Siren;
use crate::identity::{Grant, Role, TokenKey, TokenSettings, TokenSigner, Verifier};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Arguments of `token`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The role granted.
    #[arg(long, value_parser = role)]
    role: Role,
    /// The organisation spoken for, by SIREN; for REGION that of the Région without it.
    #[arg(long, value_parser = |text: &str| Siren::parse(text))]
    siren: Option<Siren>,
    /// A contrat de ville that the bearer acts in, by code; may be given several times.
    #[arg(long, value_name = "ID", value_parser = |text: &str| ContratCode::parse(text))]
    contrat: Vec<ContratCode>,
    /// Who bears the token.
    #[arg(long, default_value = "demo")]
    subject: String,
    /// How long the token lives: 90s, 15m, 8h.
    #[arg(long = "for", value_name = "DURATION", default_value = "8h", value_parser = seconds)]
    lifetime_s: u64,
    /// File of a private key in PEM (PKCS #8, Ed25519, P-256 or RSA) that signs instead of the demonstration's key, to try
    /// settings of `[[auth.issuers]]`.
    #[arg(long, value_name = "FILE", requires_all = ["issuer", "audience"])]
    key: Option<PathBuf>,
    /// The claim `iss`, with --key.
    #[arg(long, value_name = "URL", requires = "key")]
    issuer: Option<String>,
    /// The claim `aud`, with --key.
    #[arg(long, requires = "key")]
    audience: Option<String>,
    /// The identifier of the key in the header, with --key.
    #[arg(long, requires = "key")]
    kid: Option<String>,
}

/// Runs the command.
pub fn run(settings: &Settings, arguments: &Arguments) -> Ended {
    match (arguments.role, arguments.siren) {
        (Role::Partner, None) => {
            return Err("a token of role PARTNER speaks for an organisation: name it with --siren".into());
        }
        (Role::Committee, None) if arguments.contrat.is_empty() => {
            return Err(
                "a token of role COMMITTEE is of contracts: name them with --contrat; with --siren as well, it \
                        records their minutes"
                    .into(),
            );
        }
        _ => {}
    }
    let organisation = match (arguments.role, arguments.siren) {
        (Role::Region, None) => Some(Siren::REGION),
        (Role::Region, Some(other)) if other != Siren::REGION => {
            return Err(
                format!("a token of role REGION speaks for the Région ({}), not for {other}", Siren::REGION).into()
            );
        }
        (_, siren) => siren,
    };
    let grant = Grant {
        role: arguments.role,
        subject: arguments.subject.clone(),
        organisation,
        contrats: arguments.contrat.clone(),
        lifetime_s: arguments.lifetime_s,
    };
    let token = match &arguments.key {
        Some(path) => by_own_key(path, arguments, &grant)?,
        None => by_the_state(settings, &grant)?,
    };
    if settings.json {
        output::json(
            &json!({ "token": token, "role": arguments.role.as_str(), "expiresInSeconds": arguments.lifetime_s }),
        )?;
    } else {
        say!("{token}");
    }
    Ok(EXIT_OK)
}

fn by_own_key(path: &Path, arguments: &Arguments, grant: &Grant) -> Result<String, Failure> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let pem = std::fs::read_to_string(path).map_err(|error| told(&error))?;
    let issuer = arguments.issuer.clone().unwrap_or_default();
    let audience = arguments.audience.clone().unwrap_or_default();
    let signer = TokenSigner::from_pem(&pem, TokenSettings { issuer, audience }, arguments.kid.clone());
    let signer = signer.map_err(|error| told(&error))?;
    Ok(signer.mint(grant, Clock::system().now()).map_err(|error| told(&error))?)
}

fn by_the_state(settings: &Settings, grant: &Grant) -> Result<String, Failure> {
    let config = compose::config(settings)?;
    let path = config.auth.key_file.clone().unwrap_or_else(|| config.state.join("token.key"));
    let key = TokenKey::from_bytes(&compose::token_key(&path)?)
        .ok_or_else(|| format!("{} holds too short a key", path.display()))?;
    let verifier = Verifier::new(key, TokenSettings { issuer: config.auth.issuer, audience: config.auth.audience });
    Ok(verifier.mint(grant, Clock::system().now())?)
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(&text.to_uppercase()).map_err(|error| error.to_string())
}

fn seconds(text: &str) -> Result<u64, String> {
    let refuse = || format!("« {text} » is no duration: expected a number and s, m or h, for example 15m");
    let (number, unit) = text.split_at(text.len().saturating_sub(1));
    let number: u64 = number.parse().map_err(|_| refuse())?;
    match unit {
        "s" => Some(number),
        "m" => number.checked_mul(60),
        "h" => number.checked_mul(3_600),
        _ => None,
    }
    .ok_or_else(refuse)
}
