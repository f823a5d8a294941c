//! A public key in PEM, as `openssl pkey -pubout` writes it.

use super::keys::KeySetError;
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};

/// Longest PEM text read.
const PEM_BYTES_MAX: usize = 32 * 1024;
/// Bytes of an uncompressed point of P-256.
const P256_BYTES: usize = 65;
/// Bytes of an uncompressed point of P-384.
const P384_BYTES: usize = 97;
/// Bytes of a key for Ed25519.
const ED25519_BYTES: usize = 32;

/// A public key of an issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PemKey {
    /// The text.
    pub pem: String,
    /// The identifier by which tokens name it.
    pub kid: Option<String>,
}

/// The key, with the algorithms that its kind and curve are made for.
///
/// # Errors
/// A private key, several keys, a certificate, any other text.
pub(super) fn public_key(pem: &str) -> Result<(DecodingKey, &'static [Algorithm]), KeySetError> {
    use Algorithm as A;
    if pem.contains("PRIVATE KEY") {
        return Err(KeySetError::Private);
    }
    let is_one = pem.matches("-----BEGIN").count() == 1;
    let is_public = ["-----BEGIN PUBLIC KEY-----", "-----BEGIN RSA PUBLIC KEY-----"];
    if pem.len() > PEM_BYTES_MAX || !is_one || !is_public.iter().any(|head| pem.contains(head)) {
        return Err(KeySetError::Pem);
    }
    let bytes = pem.as_bytes();
    let key = DecodingKey::from_rsa_pem(bytes)
        .or_else(|_| DecodingKey::from_ec_pem(bytes))
        .or_else(|_| DecodingKey::from_ed_pem(bytes))
        .map_err(|_| KeySetError::Pem)?;
    let length = key.try_get_as_bytes().map_err(|_| KeySetError::Pem)?.len();
    let algorithms: &[A] = match (key.family(), length) {
        (AlgorithmFamily::Rsa, _) => &[A::RS256, A::RS384, A::RS512, A::PS256, A::PS384, A::PS512],
        (AlgorithmFamily::Ec, P256_BYTES) => &[A::ES256],
        (AlgorithmFamily::Ec, P384_BYTES) => &[A::ES384],
        (AlgorithmFamily::Ed, ED25519_BYTES) => &[A::EdDSA],
        _ => return Err(KeySetError::Pem),
    };
    Ok((key, algorithms))
}
