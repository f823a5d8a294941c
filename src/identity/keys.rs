//! The public keys of an issuer (JWK Set, RFC 7517, or PEM): which of them may verify what.

use super::pem::{self, PemKey};
use super::token::TokenError;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::Value;
use std::collections::HashSet;

/// Longest key set read.
pub const KEY_SET_BYTES_MAX: usize = 256 * 1024;

/// What only a private or a secret key has (RFC 7518, 6.2.2, 6.3.2, 6.4.1; RFC 8037): the factors of an RSA key give it away too.
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why a set of keys cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// Not a JWK Set.
    #[error("it is no JWK Set (RFC 7517) of at most 256 KiB: it needs a list `keys`")]
    Form,
    /// A private key, which its owner alone should hold.
    #[error("it holds a private key: give the public keys alone, and replace that key")]
    Private,
    /// Two keys under one identifier.
    #[error("two keys have the identifier « {0} »: give each its own")]
    Twice(String),
    /// No public key in PEM.
    #[error("it is no public key in PEM, RSA, P-256, P-384 or Ed25519: `openssl pkey -in KEY -pubout` writes one")]
    Pem,
    /// Nothing to verify with.
    #[error("no key in it fits the algorithms listed: keys of kty RSA, EC or OKP with `use` sig are taken, never oct")]
    None,
}

struct IssuerKey {
    kid: Option<String>,
    algorithms: Vec<Algorithm>,
    public: DecodingKey,
}

/// Keys of one issuer, each with the algorithms that it may be used with.
pub(super) struct IssuerKeys(Vec<IssuerKey>);

impl IssuerKeys {
    /// Reads the keys that fit `algorithms` out of a JWK Set; keys for encryption and of other kinds are passed over.
    ///
    /// # Errors
    /// Another text, a private key, one identifier for two keys, no key that fits.
    pub fn parse(json: &str, algorithms: &[Algorithm]) -> Result<Self, KeySetError> {
        let set: Value = match json.len() {
            0..=KEY_SET_BYTES_MAX => serde_json::from_str(json).map_err(|_| KeySetError::Form)?,
            _ => return Err(KeySetError::Form),
        };
        let listed = set.get("keys").and_then(Value::as_array).ok_or(KeySetError::Form)?;
        let (mut keys, mut kids) = (Vec::new(), HashSet::new());
        for one in listed {
            // A symmetric key is passed over: it is of a kind that is never taken.
            let is_symmetric = one.get("kty").is_some_and(|kind| kind == "oct");
            if !is_symmetric && PRIVATE_MEMBERS.iter().any(|name| one.get(*name).is_some()) {
                return Err(KeySetError::Private);
            }
            if let Some(kid) = one.get("kid").and_then(Value::as_str)
                && !kids.insert(kid)
            {
                return Err(KeySetError::Twice(kid.to_owned()));
            }
            let Ok(jwk) = serde_json::from_value::<Jwk>(one.clone()) else { continue };
            let algorithms: Vec<Algorithm> = algorithms.iter().copied().filter(|one| fits(&jwk, *one)).collect();
            match DecodingKey::from_jwk(&jwk) {
                Ok(public) if !algorithms.is_empty() => {
                    keys.push(IssuerKey { kid: jwk.common.key_id, algorithms, public });
                }
                _ => {}
            }
        }
        if keys.is_empty() { Err(KeySetError::None) } else { Ok(IssuerKeys(keys)) }
    }

    /// The keys that fit `algorithms`, from public keys in PEM.
    ///
    /// # Errors
    /// Another text, one identifier for two keys, no key that fits.
    pub fn of_pems(pems: &[PemKey], algorithms: &[Algorithm]) -> Result<Self, KeySetError> {
        let (mut keys, mut kids) = (Vec::new(), HashSet::new());
        for one in pems {
            if let Some(kid) = &one.kid
                && !kids.insert(kid)
            {
                return Err(KeySetError::Twice(kid.clone()));
            }
            let (public, made_for) = pem::public_key(&one.pem)?;
            let algorithms: Vec<_> = algorithms.iter().copied().filter(|one| made_for.contains(one)).collect();
            if !algorithms.is_empty() {
                keys.push(IssuerKey { kid: one.kid.clone(), algorithms, public });
            }
        }
        if keys.is_empty() { Err(KeySetError::None) } else { Ok(IssuerKeys(keys)) }
    }

    /// Verifies a signature with the key named, or with the only one that fits where none is named.
    ///
    /// # Errors
    /// No such key, or a signature that does not fit.
    pub fn verify(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
        (message, signature): (&str, &str),
    ) -> Result<(), TokenError> {
        let mut fitting = self.0.iter().filter(|key| key.algorithms.contains(&algorithm));
        let key = match kid {
            Some(kid) => fitting.find(|key| key.kid.as_deref() == Some(kid)),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        };
        let key = key.ok_or(TokenError::UnknownKey)?;
        match crypto::verify(signature, message.as_bytes(), &key.public, algorithm) {
            Ok(true) => Ok(()),
            _ => Err(TokenError::Signature),
        }
    }
}

/// Whether a key may be used with an algorithm: by its kind, its curve, and what it says of its own use.
pub(super) fn fits(jwk: &Jwk, algorithm: Algorithm) -> bool {
    use Algorithm as A;
    let kind = match (&jwk.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), A::RS256 | A::RS384 | A::RS512 | A::PS256 | A::PS384 | A::PS512) => true,
        (AlgorithmParameters::EllipticCurve(key), A::ES256) => key.curve == EllipticCurve::P256,
        (AlgorithmParameters::EllipticCurve(key), A::ES384) => key.curve == EllipticCurve::P384,
        (AlgorithmParameters::OctetKeyPair(key), A::EdDSA) => key.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    let common = &jwk.common;
    kind && matches!(common.public_key_use, None | Some(PublicKeyUse::Signature))
        && common.key_operations.as_ref().is_none_or(|listed| listed.contains(&KeyOperations::Verify))
        && common.key_algorithm.is_none_or(|own| own == algorithm.into())
}
