//! Tokens: signed statements of who the bearer is (JWT, RFC 7519).

use super::issuer::{Issuer, IssuerError};
use super::jws::Parts;
use super::ring::KeyRing;
use super::verified::{Under, Verified, VerifiedTokens};
use super::viewer::{Role, Viewer};
use crate::domain::Instant;
use crate::domain::place::ContratCode;
use crate::domain::siren::Siren;
use crate::domain::text::is_deceptive;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// Longest token read.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// Longest identifier of a token (`jti`).
pub(super) const TOKEN_ID_BYTES_MAX: usize = 200;
/// How far two machines' clocks may stand apart.
pub const LEEWAY_S: u64 = 30;
/// Longest life of a token that this gateway makes: one day.
pub const TOKEN_LIFETIME_S_MAX: u64 = 86_400;

/// Why a token is refused. Says what to do, and nothing of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Too long to be ours.
    #[error("the token is longer than 8 KiB: ask for a new one")]
    TooLong,
    /// No token at all, or one with another form.
    #[error("the token is not a JWT with exp, nbf, iss, aud, sub and role of the right types: ask for a new one")]
    Malformed,
    /// Signed by somebody else, or with an algorithm that is not accepted.
    #[error("the token is not signed by this gateway's issuer: ask for a new one")]
    Signature,
    /// Made by or for somebody else.
    #[error("the token was made by another issuer or for another audience: ask for one made for this gateway")]
    Destination,
    /// Its time is over.
    #[error("the token has expired: ask for a new one")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet: wait, or look at your clock")]
    NotYetValid,
    /// A header that brings its own key, must be understood in another way, or is of another type.
    #[error(
        "the header of the token has a member that is not taken (jku, jwk, x5u, x5c, crit) or another typ than JWT or at+jwt"
    )]
    Header,
    /// A key that the issuer does not have, or several that could be meant.
    #[error("the token is not signed with a key known of its issuer, or does not say which one: ask for a new one")]
    UnknownKey,
    /// The keys of its issuer were never fetched, or too long ago.
    #[error("the keys of the token's issuer could not be fetched for too long: try again later, or tell who runs it")]
    NoKeys,
    /// A life longer than its issuer may give.
    #[error("the token lives longer than its issuer may give here: ask for a shorter one")]
    LongLived,
    /// Something that its issuer may not assert.
    #[error("the issuer of the token may not assert this {0} here: the settings of the gateway do not list it")]
    Unlisted(Asserted),
    /// What is asserted is written in no form of ours.
    #[error(
        "what the token says of the {0} is no code: an organisation has its SIREN or SIRET, with a right check digit, a contrat de ville its code (CN05911M)"
    )]
    NoCode(Asserted),
    /// Nobody is spoken for.
    #[error("a token of a partner speaks for an organisation: it needs its SIREN")]
    NoOrganisation,
    /// A committee of nothing.
    #[error("a token of a committee names the contrats de ville that it is of, or the organisation that bears it")]
    NoCommittee,
    /// The role of the Région, without the Région.
    #[error("a token of role REGION speaks for the Région: it carries the SIREN of the Région, and no other")]
    NotTheRegion,
    /// Tokens of identity providers are made by them.
    #[error("this gateway makes no tokens: its issuers do")]
    NotOurs,
    /// A lifetime that may not be given.
    #[error("a token lives from 1 second to 1 day: ask for less")]
    Lifetime,
}

/// What an issuer asserts of a bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asserted {
    /// The role.
    Role,
    /// The organisation spoken for.
    Organisation,
    /// A contrat de ville.
    Contrat,
}

impl std::fmt::Display for Asserted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Asserted::Role => "role",
            Asserted::Organisation => "organisation",
            Asserted::Contrat => "contrat de ville",
        })
    }
}

/// The secret with which tokens are signed and verified (HS256). Never shown, never logged.
#[derive(Clone)]
pub struct TokenKey(Vec<u8>);

impl TokenKey {
    /// Least length of a key, in bytes: that of the digest (RFC 7518, 3.2).
    pub const BYTES_MIN: usize = 32;

    /// A key of at least thirty-two bytes; `None` for a shorter one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() >= Self::BYTES_MIN).then(|| TokenKey(bytes.to_vec()))
    }
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey(…)")
    }
}

/// Who makes the tokens, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSettings {
    /// Expected issuer.
    pub issuer: String,
    /// Expected audience.
    pub audience: String,
}

/// What a new token grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The bearer.
    pub subject: String,
    /// The organisation spoken for.
    pub organisation: Option<Siren>,
    /// The contrats de ville that the bearer acts in, for a committee.
    pub contrats: Vec<ContratCode>,
    /// How long the token lives, in seconds.
    pub lifetime_s: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: String,
    sub: String,
    // Integers only: a date written as a text must not count as no date (CVE-2026-25537).
    exp: u64,
    nbf: u64,
    role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    org: Option<Siren>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    contrats: Vec<ContratCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
}

impl Claims {
    /// What is claimed for `grant`, from `now` on.
    ///
    /// # Errors
    /// A lifetime of nothing or above [`TOKEN_LIFETIME_S_MAX`].
    pub fn of(grant: &Grant, settings: &TokenSettings, now: Instant) -> Result<Self, TokenError> {
        if grant.lifetime_s == 0 || grant.lifetime_s > TOKEN_LIFETIME_S_MAX {
            return Err(TokenError::Lifetime);
        }
        let now_s = u64::try_from(now.timestamp()).map_err(|_| TokenError::NotYetValid)?;
        Ok(Claims {
            iss: settings.issuer.clone(),
            aud: settings.audience.clone(),
            sub: grant.subject.clone(),
            exp: now_s + grant.lifetime_s,
            nbf: now_s,
            role: grant.role,
            org: grant.organisation,
            contrats: grant.contrats.clone(),
            jti: Some(format!("{:032x}", rand::random::<u128>())),
        })
    }
}

/// Verifies tokens, and makes them for the demonstration and the command line.
pub struct Verifier {
    trusted: Trusted,
    verified: VerifiedTokens,
}

/// Whose signatures hold: never a shared secret and issuers at once.
enum Trusted {
    Shared(Box<Shared>),
    Issuers(Vec<Issuer>),
}

/// The demonstration's own key.
struct Shared {
    settings: TokenSettings,
    validation: Validation,
    key: TokenKey,
    decoding: DecodingKey,
}

impl Verifier {
    /// A verifier of HS256 tokens signed with `key`.
    pub fn new(key: TokenKey, settings: TokenSettings) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.algorithms = vec![Algorithm::HS256];
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&[&settings.audience]);
        // The library would ask the machine's clock: dates are checked here, against the caller's instant.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let decoding = DecodingKey::from_secret(&key.0);
        let shared = Shared { settings, validation, key, decoding };
        Verifier { trusted: Trusted::Shared(Box::new(shared)), verified: VerifiedTokens::default() }
    }

    /// A verifier of the tokens of these issuers.
    ///
    /// # Errors
    /// Two issuers of one name.
    pub fn of_issuers(issuers: Vec<Issuer>) -> Result<Self, IssuerError> {
        let mut names = std::collections::HashSet::new();
        if let Some(twice) = issuers.iter().find(|one| !names.insert(one.name())) {
            return Err(IssuerError::Twice(twice.name().to_owned()));
        }
        Ok(Verifier { trusted: Trusted::Issuers(issuers), verified: VerifiedTokens::default() })
    }

    /// The viewer whom `token` stands for at `now`.
    ///
    /// # Errors
    /// A token that is too long, malformed, signed otherwise, for somebody else, or out of its time.
    pub fn verify(&self, token: &str, now: Instant) -> Result<Viewer, TokenError> {
        self.verify_until(token, now).map(|(viewer, _)| viewer)
    }

    /// The same, with the instant at which the token expires: clocks that stand apart let a request in for [`LEEWAY_S`] more, and
    /// keep nothing open.
    ///
    /// # Errors
    /// As for [`Verifier::verify`].
    pub fn verify_until(&self, token: &str, now: Instant) -> Result<(Viewer, Instant), TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::TooLong);
        }
        let known = match self.verified.get(token) {
            Some(known) if self.stands(&known, now)? => Some(known),
            _ => None,
        };
        let is_known = known.is_some();
        let verified = match known {
            Some(known) => known,
            None => self.first_seen(token, now)?,
        };
        let now_s = u64::try_from(now.timestamp()).map_err(|_| TokenError::NotYetValid)?;
        if verified.not_before_s > now_s.saturating_add(LEEWAY_S) {
            return Err(TokenError::NotYetValid);
        }
        if verified.expires_s.saturating_add(LEEWAY_S) <= now_s {
            return Err(TokenError::Expired);
        }
        let viewer = verified.viewer.clone();
        let expires = i64::try_from(verified.expires_s).ok().and_then(|at| Instant::from_timestamp(at, 0));
        if !is_known {
            self.verified.keep(token, verified, now_s.saturating_sub(LEEWAY_S));
        }
        Ok((viewer, expires.unwrap_or(Instant::MAX_UTC)))
    }

    /// Makes a token for `grant`, valid from `now`.
    ///
    /// # Errors
    /// A lifetime of nothing or above [`TOKEN_LIFETIME_S_MAX`]; a subject that makes the token too long.
    pub fn mint(&self, grant: &Grant, now: Instant) -> Result<String, TokenError> {
        let Trusted::Shared(shared) = &self.trusted else { return Err(TokenError::NotOurs) };
        let claims = Claims::of(grant, &shared.settings, now)?;
        let key = EncodingKey::from_secret(&shared.key.0);
        let token =
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(|_| TokenError::Malformed)?;
        if token.len() > TOKEN_BYTES_MAX { Err(TokenError::TooLong) } else { Ok(token) }
    }

    /// The keys that a refused token may lack, where they are fetched: nothing that it claims is believed.
    pub fn keys_claimed(&self, token: &str) -> Option<&Arc<KeyRing>> {
        let Trusted::Issuers(issuers) = &self.trusted else { return None };
        let parts = Parts::read(token).ok()?;
        let (_, issuer) = claimed(issuers, &parts).ok()?;
        Some(issuer.keys()).filter(|keys| keys.is_fetched())
    }

    /// Is what was verified earlier still under the keys held now?
    fn stands(&self, known: &Verified, now: Instant) -> Result<bool, TokenError> {
        match (&self.trusted, known.under) {
            (Trusted::Issuers(issuers), Some(under)) => {
                let held = issuers.get(under.issuer).map(|issuer| issuer.keys().usable(now)).transpose()?;
                Ok(held.is_some_and(|held| held.generation == under.generation))
            }
            (Trusted::Shared(_), None) => Ok(true),
            _ => Ok(false),
        }
    }

    fn first_seen(&self, token: &str, now: Instant) -> Result<Verified, TokenError> {
        let parts = Parts::read(token)?;
        match &self.trusted {
            Trusted::Shared(shared) => shared.decode(token),
            Trusted::Issuers(issuers) => {
                let (position, issuer) = claimed(issuers, &parts)?;
                let held = issuer.keys().usable(now)?;
                let verified = issuer.verify(&parts, &held)?;
                Ok(Verified { under: Some(Under { issuer: position, generation: held.generation }), ..verified })
            }
        }
    }
}

/// Only picks whose keys are tried: the issuer holds the claim against its name once the signature holds.
fn claimed<'a>(issuers: &'a [Issuer], parts: &Parts<'_>) -> Result<(usize, &'a Issuer), TokenError> {
    let claimed = parts.claims.get("iss").and_then(Value::as_str).ok_or(TokenError::Malformed)?;
    issuers.iter().enumerate().find(|(_, one)| one.name() == claimed).ok_or(TokenError::Destination)
}

impl Shared {
    fn decode(&self, token: &str) -> Result<Verified, TokenError> {
        let decoded = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation);
        let claims = decoded.map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => {
                TokenError::Signature
            }
            ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => TokenError::Destination,
            _ => TokenError::Malformed,
        })?;
        let claims = claims.claims;
        if claims.jti.as_ref().is_some_and(|id| !is_token_id(id)) {
            return Err(TokenError::Malformed);
        }
        Ok(Verified {
            viewer: Viewer::verified(
                claims.role,
                (&self.settings.issuer, &claims.sub),
                (claims.org, &claims.contrats),
            )?
            .by_token(claims.jti.as_deref()),
            not_before_s: claims.nbf,
            expires_s: claims.exp,
            under: None,
        })
    }
}

/// May this stand beside each act and each read of the bearer of a token?
pub(super) fn is_token_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= TOKEN_ID_BYTES_MAX && !id.chars().any(is_deceptive)
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};
    use serde_json::json;

    fn now() -> Instant {
        DateTime::from_timestamp(1_790_000_000, 0).expect("in range")
    }

    fn verifier() -> Verifier {
        let settings = TokenSettings { issuer: "here".to_owned(), audience: "passerelle".to_owned() };
        Verifier::new(TokenKey::from_bytes(&[7; 32]).expect("long enough"), settings)
    }

    fn admin() -> Grant {
        let (subject, contrats) = ("alice".to_owned(), Vec::new());
        Grant { role: Role::Admin, subject, organisation: None, contrats, lifetime_s: 600 }
    }

    fn signed(claims: &Value) -> String {
        let key = EncodingKey::from_secret(&[7; 32]);
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).expect("encodes")
    }

    fn sound() -> Value {
        let at = now().timestamp();
        json!({"iss": "here", "aud": "passerelle", "sub": "bob", "role": "ADMIN", "nbf": at, "exp": at + 60})
    }

    #[test]
    fn a_minted_token_is_verified_until_it_expires() {
        let verifier = verifier();
        let token = verifier.mint(&admin(), now()).expect("minted");
        for after_s in [0, 600, 629] {
            let viewer = verifier.verify(&token, now() + TimeDelta::seconds(after_s)).expect("valid");
            assert!(viewer.is_admin() && viewer.is_authenticated());
        }
        assert_eq!(verifier.verify(&token, now() + TimeDelta::seconds(630)), Err(TokenError::Expired));
        assert_eq!(verifier.verify(&token, now() - TimeDelta::seconds(31)), Err(TokenError::NotYetValid));
    }

    #[test]
    fn a_token_says_for_whom_and_where_it_acts() {
        let organisation = Some(Siren::parse("200093201").expect("sound"));
        let contrats = vec![ContratCode::parse("CN05911M").expect("sound")];
        let grant = Grant { role: Role::Committee, organisation, contrats: contrats.clone(), ..admin() };
        let token = verifier().mint(&grant, now()).expect("minted");
        let viewer = verifier().verify(&token, now()).expect("valid");
        assert_eq!((viewer.role(), viewer.organisation()), (Role::Committee, organisation));
        assert_eq!(viewer.contrats(), contrats);
    }

    #[test]
    fn every_claim_is_needed_and_has_one_type() {
        let verifier = verifier();
        assert!(verifier.verify(&signed(&sound()), now()).is_ok());
        for name in ["iss", "aud", "sub", "role", "nbf", "exp"] {
            let mut claims = sound();
            claims.as_object_mut().expect("an object").shift_remove(name);
            assert_eq!(verifier.verify(&signed(&claims), now()), Err(TokenError::Malformed), "without {name}");
        }
        for (name, wrong) in [
            ("exp", json!("9999999999")),
            ("exp", json!(9_999_999_999.5)),
            ("nbf", json!("0")),
            ("exp", json!(-1)),
            ("role", json!("ROOT")),
            ("org", json!("123456789")),
            ("contrats", json!(["Lille"])),
        ] {
            let mut claims = sound();
            claims[name] = wrong.clone();
            assert_eq!(verifier.verify(&signed(&claims), now()), Err(TokenError::Malformed), "{name}: {wrong}");
        }
        for (name, wrong) in [("iss", "elsewhere"), ("aud", "other")] {
            let mut claims = sound();
            claims[name] = json!(wrong);
            assert_eq!(verifier.verify(&signed(&claims), now()), Err(TokenError::Destination), "{name}: {wrong}");
        }
    }

    #[test]
    fn another_key_another_algorithm_and_none_are_refused() {
        use base64::Engine as _;
        let verifier = verifier();
        let other = EncodingKey::from_secret(&[8; 32]);
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &sound(), &other).expect("encodes");
        assert_eq!(verifier.verify(&token, now()), Err(TokenError::Signature));
        let key = EncodingKey::from_secret(&[7; 32]);
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS512), &sound(), &key).expect("encodes");
        assert_eq!(verifier.verify(&token, now()), Err(TokenError::Signature));
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let part = |value: &Value| engine.encode(value.to_string());
        let none = format!("{}.{}.", part(&json!({"alg": "none", "typ": "JWT"})), part(&sound()));
        assert!(verifier.verify(&none, now()).is_err());
        assert_eq!(verifier.verify(&"a".repeat(TOKEN_BYTES_MAX + 1), now()), Err(TokenError::TooLong));
        assert_eq!(verifier.verify("", now()), Err(TokenError::Malformed));
        for name in ["sub", "jti"] {
            for forged in
                ["bob\n2 eve", "bob\u{1b}[2K", "bob\u{9b}2K", "bob\u{202e}eve", "\u{2066}bob", "bob\u{200f}", "\u{61c}"]
            {
                let mut claims = sound();
                claims[name] = json!(forged);
                assert_eq!(verifier.verify(&signed(&claims), now()), Err(TokenError::Malformed), "{name} {forged:?}");
            }
        }
    }

    #[test]
    fn a_key_is_long_and_a_life_short() {
        assert!(TokenKey::from_bytes(&[0; 31]).is_none());
        for lifetime_s in [0, TOKEN_LIFETIME_S_MAX + 1] {
            let grant = Grant { lifetime_s, ..admin() };
            assert_eq!(verifier().mint(&grant, now()), Err(TokenError::Lifetime));
        }
    }
}
