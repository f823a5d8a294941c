//! Signatures of the gateway itself (compact JWS, RFC 7515): made with keys of its own, verified by anybody with the public
//! ones (JWK Set, RFC 7517), offline.

use super::keys::fits;
use super::low_s;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde::{Deserialize, Serialize};

/// What a signature is over: the type in the header, so that no other text of ours can pass for it.
pub const ATTESTATION: &str = "passerelle-attestation+jws";
/// Longest text that is verified.
pub const SIGNED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Why a key cannot be used, or a signature does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A private key of another form.
    #[error(
        "the key is no PKCS #8 private key in PEM for Ed25519 or P-256: make one with `openssl genpkey -algorithm ed25519`"
    )]
    Key,
    /// No key at all.
    #[error("there is no key to sign with: name one in `[attestation] keys`")]
    NoKey,
    /// Public keys of another form.
    #[error("the public keys are no JWK Set (RFC 7517): {0}")]
    Keys(String),
    /// Not of the form of a signed text.
    #[error("this is no signed text of this gateway: {0}")]
    Malformed(&'static str),
    /// A key that is not among the public ones.
    #[error("it is signed with key {0}, which is not among the public keys: ask the gateway for those of that time")]
    UnknownKey(String),
    /// The signature does not fit the text.
    #[error("the signature does not fit: the text was changed, or another key made it")]
    Wrong,
}

/// The algorithms that the gateway signs with.
const ALGORITHMS: [Algorithm; 2] = [Algorithm::EdDSA, Algorithm::ES256];

/// The header of what the gateway signs: these members, each once, and no other, critical or not.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    typ: String,
    alg: Algorithm,
    kid: String,
}

struct Key {
    kid: String,
    algorithm: Algorithm,
    private: EncodingKey,
    public: Jwk,
}

/// Signs with the first key; the others were signed with before, and stay public.
pub struct Signer {
    keys: Vec<Key>,
}

impl Signer {
    /// A signer with private keys in PEM (PKCS #8), Ed25519 or P-256, the one to sign with first.
    ///
    /// # Errors
    /// No key, or one of another form.
    pub fn from_pems<'a>(pems: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, SignatureError> {
        let keys = pems.into_iter().map(Key::from_pem).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(SignatureError::NoKey) } else { Ok(Signer { keys }) }
    }

    /// A new private key, in PEM: Ed25519.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn new_pem() -> Result<String, SignatureError> {
        use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
        let pair = aws_lc_rs::signature::Ed25519KeyPair::generate().map_err(|_| SignatureError::Key)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| SignatureError::Key)?;
        let body = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
        Ok(format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"))
    }

    /// Signs a text: header, text and signature in base64url, joined by points.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn sign(&self, kind: &str, text: &[u8]) -> Result<String, SignatureError> {
        let key = self.keys.first().ok_or(SignatureError::NoKey)?;
        let header = Head { typ: kind.to_owned(), alg: key.algorithm, kid: key.kid.clone() };
        let header = serde_json::to_vec(&header).map_err(|_| SignatureError::Key)?;
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(text));
        let signature =
            crypto::sign(message.as_bytes(), &key.private, key.algorithm).map_err(|_| SignatureError::Key)?;
        let signature = match key.algorithm {
            Algorithm::ES256 => low_s::lowered(&signature).ok_or(SignatureError::Key)?,
            _ => signature,
        };
        Ok(format!("{message}.{signature}"))
    }

    /// The public keys, as a JWK Set.
    pub fn public_keys(&self) -> PublicKeys {
        PublicKeys(JwkSet { keys: self.keys.iter().map(|key| key.public.clone()).collect() })
    }
}

impl Key {
    fn from_pem(pem: &[u8]) -> Result<Self, SignatureError> {
        let ed = EncodingKey::from_ed_pem(pem).map(|key| (key, Algorithm::EdDSA));
        let either = ed.or_else(|_| EncodingKey::from_ec_pem(pem).map(|key| (key, Algorithm::ES256)));
        let (private, algorithm) = either.map_err(|_| SignatureError::Key)?;
        let mut public = Jwk::from_encoding_key(&private, algorithm).map_err(|_| SignatureError::Key)?;
        let kid = public.thumbprint(ThumbprintHash::SHA256).map_err(|_| SignatureError::Key)?;
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Key { kid, algorithm, private, public })
    }
}

/// Public keys: with them anybody verifies, offline.
#[derive(Debug, Clone)]
pub struct PublicKeys(JwkSet);

/// A signed text whose signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The identifier of the key: its thumbprint (RFC 7638).
    pub kid: String,
    /// The text.
    pub text: Vec<u8>,
}

impl PublicKeys {
    /// Reads a JWK Set.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(json: &str) -> Result<Self, SignatureError> {
        serde_json::from_str(json).map(PublicKeys).map_err(|error| SignatureError::Keys(error.to_string()))
    }

    /// The identifiers of the keys.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.0.keys.iter().filter_map(|key| key.common.key_id.as_deref())
    }

    /// The JWK Set as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// Verifies a signed text of this kind. Only the algorithms that the gateway signs with, only with the key that the header
    /// names, and only where that key is for that algorithm.
    ///
    /// # Errors
    /// Another form or kind, a key that is not here, a signature that does not fit.
    pub fn verify(&self, kind: &str, signed: &str) -> Result<Signed, SignatureError> {
        // Some editors put a mark of byte order before what they save.
        let signed = signed.trim_start_matches('\u{feff}').trim();
        if signed.len() > SIGNED_BYTES_MAX {
            return Err(SignatureError::Malformed("it is longer than 4 MiB"));
        }
        let parts: Vec<&str> = signed.split('.').collect();
        let [header, text, signature] = parts.as_slice() else {
            return Err(SignatureError::Malformed("it has not three parts joined by points"));
        };
        let bytes =
            |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| SignatureError::Malformed("a part is not base64url"));
        let unread = |_| SignatureError::Malformed("its header is not that of a signature");
        let header: Head = serde_json::from_slice(&bytes(header)?).map_err(unread)?;
        if header.typ != kind {
            return Err(SignatureError::Malformed("it is of another kind"));
        }
        let kid = header.kid;
        let key = self.0.find(&kid).ok_or_else(|| SignatureError::UnknownKey(kid.clone()))?;
        let expected = ALGORITHMS.into_iter().find(|one| fits(key, *one));
        let expected = expected.ok_or_else(|| SignatureError::UnknownKey(kid.clone()))?;
        // Of the two signatures of one text that P-256 lets anybody make out of each other, one counts.
        if header.alg != expected || expected == Algorithm::ES256 && !low_s::is_low(signature) {
            return Err(SignatureError::Wrong);
        }
        let public = DecodingKey::from_jwk(key).map_err(|_| SignatureError::UnknownKey(kid.clone()))?;
        let (message, _) = signed.rsplit_once('.').ok_or(SignatureError::Wrong)?;
        match crypto::verify(signature, message.as_bytes(), &public, expected) {
            Ok(true) => Ok(Signed { kid, text: bytes(text)? }),
            _ => Err(SignatureError::Wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> (Signer, String) {
        let pem = Signer::new_pem().expect("a key");
        (Signer::from_pems([pem.as_bytes()]).expect("sound"), pem)
    }

    #[test]
    fn what_is_signed_verifies_and_a_changed_byte_does_not() {
        let (signer, _) = signer();
        let signed = signer.sign(ATTESTATION, br#"{"ready":false}"#).expect("signed");
        let keys = PublicKeys::parse(&signer.public_keys().to_json()).expect("a key set");
        assert_eq!(keys.verify(ATTESTATION, &signed).expect("sound").text, br#"{"ready":false}"#);
        for at in 0..signed.len() {
            let mut bytes = signed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            if changed != signed {
                assert!(keys.verify(ATTESTATION, &changed).is_err(), "byte {at} may be changed");
            }
        }
    }

    #[test]
    fn of_the_two_signatures_that_one_key_of_p_256_has_for_a_text_one_counts() {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key");
        let signer = Signer::from_pems([pair.serialize_pem().as_bytes()]).expect("sound");
        let keys = signer.public_keys();
        for _ in 0..8 {
            let signed = signer.sign(ATTESTATION, b"{}").expect("signed");
            assert!(keys.verify(ATTESTATION, &signed).is_ok());
            let (message, signature) = signed.rsplit_once('.').expect("three parts");
            let twin = format!("{message}.{}", low_s::other(signature).expect("64 bytes"));
            assert_ne!(twin, signed);
            assert_eq!(keys.verify(ATTESTATION, &twin), Err(SignatureError::Wrong));
        }
    }

    #[test]
    fn a_header_holds_what_the_gateway_writes_and_a_public_key_need_not_name_its_algorithm() {
        let (signer, _) = signer();
        let kid = signer.keys[0].kid.clone();
        let signed = |header: String| {
            let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("{}"));
            let signature =
                crypto::sign(message.as_bytes(), &signer.keys[0].private, Algorithm::EdDSA).expect("signed");
            format!("{message}.{signature}")
        };
        let head = |more: &str| format!(r#"{{"typ":"{ATTESTATION}","alg":"EdDSA","kid":"{kid}"{more}}}"#);
        let nameless = signer.public_keys().to_json().replace(r#","alg":"EdDSA""#, "").replace(r#""alg":"EdDSA","#, "");
        assert!(!nameless.contains("alg"), "{nameless}");
        let keys = PublicKeys::parse(&nameless).expect("a key set");
        assert!(keys.verify(ATTESTATION, &signed(head(""))).is_ok());
        for more in [
            r#","crit":["b64"],"b64":false"#,
            r#","jku":"https://example.org""#,
            r#","kid":"another""#,
            r#","cty":"x""#,
        ] {
            let refused = keys.verify(ATTESTATION, &signed(head(more)));
            assert!(matches!(refused, Err(SignatureError::Malformed(_))), "{more}: {refused:?}");
        }
    }

    #[test]
    fn a_key_that_was_replaced_still_verifies_and_a_stranger_does_not() {
        let (old, old_pem) = signer();
        let signed = old.sign(ATTESTATION, b"{}").expect("signed");
        let new_pem = Signer::new_pem().expect("a key");
        let rotated = Signer::from_pems([new_pem.as_bytes(), old_pem.as_bytes()]).expect("sound");
        assert!(rotated.public_keys().verify(ATTESTATION, &signed).is_ok());
        let stranger = Signer::from_pems([new_pem.as_bytes()]).expect("sound");
        let refused = stranger.public_keys().verify(ATTESTATION, &signed);
        assert!(matches!(refused, Err(SignatureError::UnknownKey(_))), "{refused:?}");
        assert!(rotated.public_keys().verify("JWT", &signed).is_err(), "another kind");
    }

    #[test]
    fn no_other_algorithm_is_taken() {
        let (signer, _) = signer();
        let keys = signer.public_keys();
        let kid = signer.keys[0].kid.clone();
        for alg in ["none", "HS256", "RS256", "ES256"] {
            let header = format!(r#"{{"alg":"{alg}","kid":"{kid}","typ":"{ATTESTATION}"}}"#);
            let forged = format!("{}.{}.", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("{}"));
            assert!(keys.verify(ATTESTATION, &forged).is_err(), "{alg}");
        }
    }
}
