//! An issuer of tokens that the gateway trusts, as far as its settings say and no further.

use super::jws::Parts;
use super::keys::{IssuerKeys, KeySetError};
use super::pem::PemKey;
use super::ring::{HeldKeys, KeyPace, KeyRing};
use super::token::{Asserted, TokenError, is_token_id};
use super::verified::Verified;
use super::viewer::{Role, Viewer};
use crate::domain::place::ContratCode;
use crate::domain::siren::{Siren, Siret};
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest life of a token accepted where the settings say nothing.
pub const LIFETIME_S_DEFAULT: u64 = 86_400;

/// The algorithms that an issuer may be listed with. No symmetric one: whoever verifies could sign.
const ALGORITHMS: [(&str, Algorithm); 9] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];

/// Where an issuer's tokens say what: a JSON Pointer (`/realm_access/roles`) or the name of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimPlaces {
    /// The role.
    pub role: String,
    /// The organisation, by SIREN or SIRET.
    pub organisation: String,
    /// The contrats de ville.
    pub contrats: String,
}

/// What an issuer is trusted with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerSettings {
    /// Its exact name, the claim `iss`.
    pub issuer: String,
    /// The audience that its tokens must name.
    pub audience: String,
    /// The algorithms that it signs with.
    pub algorithms: Vec<String>,
    /// Where its tokens say what.
    pub places: ClaimPlaces,
    /// Its own words for roles; without any, its words are ours.
    pub role_words: BTreeMap<String, Role>,
    /// The roles that it may assert.
    pub roles: Vec<Role>,
    /// The organisations that it may assert.
    pub sirens: Vec<Siren>,
    /// The contrats de ville that it may assert.
    pub contrats: Vec<ContratCode>,
    /// Its own words for territories, each with its contrats; without any, its words are codes of contrats.
    pub contrat_words: BTreeMap<String, Vec<ContratCode>>,
    /// Longest life of its tokens, in seconds.
    pub lifetime_s_max: u64,
    /// Must its tokens have `nbf`? Where not, a token without it must have `iat`.
    pub nbf_required: bool,
}

/// Why an issuer cannot be trusted with its settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// A needed setting is empty.
    #[error("`{0}` is missing or empty")]
    Missing(&'static str),
    /// An algorithm that is not taken.
    #[error("`algorithms`: « {0} » is not taken here: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 or EdDSA")]
    Algorithm(String),
    /// The public needs no token.
    #[error("`roles`: PUBLIC is whoever comes without a token: leave it out")]
    Public,
    /// A word for a role that the issuer may not assert.
    #[error("`role-words`: « {0} » stands for a role that is not listed in `roles`")]
    Word(String),
    /// A word for a contrat de ville that the issuer may not assert.
    #[error("`contrat-words`: « {0} » stands for {1}, which is not listed in `contrats`")]
    Territory(String, ContratCode),
    /// Keys that cannot be used.
    #[error("its keys: {0}")]
    Keys(#[from] KeySetError),
    /// Two issuers under one name.
    #[error("the issuer « {0} » is named twice")]
    Twice(String),
}

/// An issuer with its keys.
pub struct Issuer {
    settings: IssuerSettings,
    algorithms: Vec<Algorithm>,
    keys: Arc<KeyRing>,
}

impl Issuer {
    /// An issuer whose public keys are those of a JWK Set.
    ///
    /// # Errors
    /// A setting that is missing or contradicts another one, keys that cannot be used.
    pub fn new(settings: IssuerSettings, jwks: &str) -> Result<Self, IssuerError> {
        let algorithms = settings.sound()?;
        let keys = KeyRing::fixed(&settings.issuer, IssuerKeys::parse(jwks, &algorithms)?);
        Ok(Issuer { settings, algorithms, keys: Arc::new(keys) })
    }

    /// An issuer whose public keys were given in PEM.
    ///
    /// # Errors
    /// As for [`Issuer::new`].
    pub fn with_pems(settings: IssuerSettings, pems: &[PemKey]) -> Result<Self, IssuerError> {
        let algorithms = settings.sound()?;
        let keys = KeyRing::fixed(&settings.issuer, IssuerKeys::of_pems(pems, &algorithms)?);
        Ok(Issuer { settings, algorithms, keys: Arc::new(keys) })
    }

    /// An issuer whose public keys are fetched and offered to its ring; before that, no token of it is taken.
    ///
    /// # Errors
    /// A setting that is missing or contradicts another one.
    pub fn fetched(settings: IssuerSettings, pace: KeyPace) -> Result<Self, IssuerError> {
        let algorithms = settings.sound()?;
        let keys = KeyRing::empty(&settings.issuer, Some(pace), algorithms.clone());
        Ok(Issuer { settings, algorithms, keys: Arc::new(keys) })
    }

    /// Its keys.
    pub fn keys(&self) -> &Arc<KeyRing> {
        &self.keys
    }

    /// Its exact name.
    pub fn name(&self) -> &str {
        &self.settings.issuer
    }

    /// Verifies with these keys a token that claims to be of this issuer. Its dates are the caller's to hold against the clock.
    pub(super) fn verify(&self, parts: &Parts<'_>, held: &HeldKeys) -> Result<Verified, TokenError> {
        let named = ALGORITHMS.iter().find(|(name, _)| *name == parts.algorithm).map(|(_, algorithm)| *algorithm);
        let algorithm = named.filter(|one| self.algorithms.contains(one)).ok_or(TokenError::Signature)?;
        held.keys.verify(algorithm, parts.kid.as_deref(), (parts.message, parts.signature))?;
        let claims = &parts.claims;
        if text(claims, "iss")? != self.settings.issuer || !self.is_for_us(claims)? {
            return Err(TokenError::Destination);
        }
        let subject = text(claims, "sub")?;
        let (expires_s, not_before_s) = (seconds(claims, "exp")?, self.not_before_s(claims)?);
        if expires_s.saturating_sub(not_before_s) > self.settings.lifetime_s_max {
            return Err(TokenError::LongLived);
        }
        let viewer = self.viewer(claims, subject)?;
        Ok(Verified { viewer, not_before_s, expires_s, under: None })
    }

    /// The begin of a token's life: the later of when it is valid and when it was made, where it says both.
    fn not_before_s(&self, claims: &Map<String, Value>) -> Result<u64, TokenError> {
        let stated = |name| if claims.contains_key(name) { seconds(claims, name).map(Some) } else { Ok(None) };
        match (stated("nbf")?, stated("iat")?) {
            (Some(valid), made) => Ok(valid.max(made.unwrap_or(0))),
            (None, Some(made)) if !self.settings.nbf_required => Ok(made),
            (None, _) => Err(TokenError::Malformed),
        }
    }

    fn is_for_us(&self, claims: &Map<String, Value>) -> Result<bool, TokenError> {
        let named = texts(claims.get("aud"))?;
        Ok(named.contains(&self.settings.audience.as_str()))
    }

    /// The viewer that is asserted; anything beyond what is listed refuses the token as a whole.
    fn viewer(&self, claims: &Map<String, Value>, subject: &str) -> Result<Viewer, TokenError> {
        let (settings, places) = (&self.settings, &self.settings.places);
        let role = self.role(at(claims, &places.role))?;
        let organisation = match texts(at(claims, &places.organisation))?.as_slice() {
            [] => None,
            [one] => Some(siren(one)?),
            _ => return Err(TokenError::Malformed),
        };
        match organisation {
            // Whoever may assert the role may assert the one body that bears it.
            Some(Siren::REGION) if role == Role::Region => {}
            Some(siren) if !settings.sirens.contains(&siren) => {
                return Err(TokenError::Unlisted(Asserted::Organisation));
            }
            None if role == Role::Partner => return Err(TokenError::NoOrganisation),
            _ => {}
        }
        let contrats = self.contrats(at(claims, &places.contrats))?;
        if contrats.iter().any(|code| !settings.contrats.contains(code)) {
            return Err(TokenError::Unlisted(Asserted::Contrat));
        }
        if role == Role::Committee && organisation.is_none() && contrats.is_empty() {
            return Err(TokenError::NoCommittee);
        }
        Ok(Viewer::verified(role, (&settings.issuer, subject), (organisation, &contrats))?.by_token(token_id(claims)?))
    }

    /// The contracts that a token names. Where words are mapped, others say nothing about this gateway.
    fn contrats(&self, claim: Option<&Value>) -> Result<Vec<ContratCode>, TokenError> {
        let words = &self.settings.contrat_words;
        let named = texts(claim)?.into_iter();
        if words.is_empty() {
            return named
                .map(|code| ContratCode::parse(code).map_err(|_| TokenError::NoCode(Asserted::Contrat)))
                .collect();
        }
        let mut contrats: Vec<ContratCode> = named.filter_map(|word| words.get(word)).flatten().cloned().collect();
        contrats.sort_unstable();
        contrats.dedup();
        Ok(contrats)
    }

    /// The one role that a token's words stand for. Where words are mapped, others in a list say nothing about this gateway.
    fn role(&self, claim: Option<&Value>) -> Result<Role, TokenError> {
        let words = &self.settings.role_words;
        let mut found = None;
        for word in texts(claim)? {
            let role = if words.is_empty() {
                Role::parse(word).map_err(|_| TokenError::Unlisted(Asserted::Role))?
            } else {
                let Some(role) = words.get(word) else { continue };
                *role
            };
            if found.is_some_and(|other| other != role) {
                return Err(TokenError::Unlisted(Asserted::Role));
            }
            found = Some(role);
        }
        found.filter(|role| self.settings.roles.contains(role)).ok_or(TokenError::Unlisted(Asserted::Role))
    }
}

impl IssuerSettings {
    /// The algorithms, where the settings are whole and do not contradict each other.
    fn sound(&self) -> Result<Vec<Algorithm>, IssuerError> {
        let needed = [
            ("issuer", self.issuer.is_empty()),
            ("audience", self.audience.is_empty()),
            ("algorithms", self.algorithms.is_empty()),
            ("roles", self.roles.is_empty()),
            ("role-claim", self.places.role.is_empty()),
        ];
        if let Some((name, _)) = needed.into_iter().find(|(_, empty)| *empty) {
            return Err(IssuerError::Missing(name));
        }
        if self.roles.contains(&Role::Public) {
            return Err(IssuerError::Public);
        }
        if let Some((word, _)) = self.role_words.iter().find(|(_, role)| !self.roles.contains(role)) {
            return Err(IssuerError::Word(word.clone()));
        }
        let mut territories =
            self.contrat_words.iter().flat_map(|(word, codes)| codes.iter().map(move |code| (word, code)));
        if let Some((word, code)) = territories.find(|(_, code)| !self.contrats.contains(code)) {
            return Err(IssuerError::Territory(word.clone(), code.clone()));
        }
        let algorithm = |name: &String| {
            let known = ALGORITHMS.iter().find(|(known, _)| known == name);
            known.map(|(_, algorithm)| *algorithm).ok_or_else(|| IssuerError::Algorithm(name.clone()))
        };
        self.algorithms.iter().map(algorithm).collect()
    }
}

fn at<'a>(claims: &'a Map<String, Value>, place: &str) -> Option<&'a Value> {
    let Some(path) = place.strip_prefix('/') else { return claims.get(place) };
    let (name, below) = path.split_at(path.find('/').unwrap_or(path.len()));
    claims.get(&name.replace("~1", "/").replace("~0", "~"))?.pointer(below)
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<&'a str, TokenError> {
    let text = claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.ok_or(TokenError::Malformed)
}

/// The identifier of the token, which stands beside each act and each read of its bearer.
fn token_id(claims: &Map<String, Value>) -> Result<Option<&str>, TokenError> {
    if !claims.contains_key("jti") {
        return Ok(None);
    }
    let id = text(claims, "jti")?;
    if is_token_id(id) { Ok(Some(id)) } else { Err(TokenError::Malformed) }
}

/// One text or a list of texts; nothing where the claim is absent.
fn texts(claim: Option<&Value>) -> Result<Vec<&str>, TokenError> {
    match claim {
        None => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one]),
        Some(Value::Array(list)) => list.iter().map(|one| one.as_str().ok_or(TokenError::Malformed)).collect(),
        Some(_) => Err(TokenError::Malformed),
    }
}

/// Integers only: a date written as a text must not count as no date (CVE-2026-25537).
fn seconds(claims: &Map<String, Value>, name: &str) -> Result<u64, TokenError> {
    claims.get(name).and_then(Value::as_u64).ok_or(TokenError::Malformed)
}

fn siren(text: &str) -> Result<Siren, TokenError> {
    let cut = Siret::parse(text).map(|siret| siret.siren());
    cut.or_else(|_| Siren::parse(text)).map_err(|_| TokenError::NoCode(Asserted::Organisation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_goes_into_objects_and_lists() {
        let claims = serde_json::json!({"orgs": ["225900018"], "a/b": {"c~d": [{"e": 1}]}, "/plain": 2});
        let claims = claims.as_object().expect("an object");
        assert_eq!(at(claims, "/orgs/0"), Some(&"225900018".into()));
        assert_eq!(at(claims, "/a~1b/c~0d/0/e"), Some(&1.into()));
        assert_eq!(at(claims, "orgs"), Some(&serde_json::json!(["225900018"])));
        assert_eq!((at(claims, "/orgs/1"), at(claims, "/orgs/00"), at(claims, "/none/0")), (None, None, None));
    }
}
