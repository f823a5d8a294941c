//! Tokens signed with a private key of one's own, so that settings can be tried. Nothing in the gateway itself makes them.

use super::token::{Claims, Grant, TOKEN_BYTES_MAX, TokenError, TokenSettings};
use crate::domain::Instant;
use jsonwebtoken::{Algorithm, EncodingKey, Header};

/// Why no token can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MintError {
    /// Another text than a private key.
    #[error("it is no private key in PEM (PKCS #8) for Ed25519, P-256 or RSA of 2048 bits and more")]
    Key,
    /// What the token would say.
    #[error(transparent)]
    Token(#[from] TokenError),
}

/// Signs tokens as an issuer would.
pub struct TokenSigner {
    key: EncodingKey,
    header: Header,
    settings: TokenSettings,
}

impl TokenSigner {
    /// A signer with a private key in PEM: `EdDSA`, `ES256` or `RS256`, by the key. `kid` names it in the header.
    ///
    /// # Errors
    /// Another text, or a key of another kind.
    pub fn from_pem(pem: &str, settings: TokenSettings, kid: Option<String>) -> Result<Self, MintError> {
        let bytes = pem.as_bytes();
        let ed = EncodingKey::from_ed_pem(bytes).map(|key| (key, Algorithm::EdDSA));
        let ec = ed.or_else(|_| EncodingKey::from_ec_pem(bytes).map(|key| (key, Algorithm::ES256)));
        let any = ec.or_else(|_| EncodingKey::from_rsa_pem(bytes).map(|key| (key, Algorithm::RS256)));
        let (key, algorithm) = any.map_err(|_| MintError::Key)?;
        let mut header = Header::new(algorithm);
        header.kid = kid;
        Ok(TokenSigner { key, header, settings })
    }

    /// A token for `grant`, valid from `now`.
    ///
    /// # Errors
    /// A lifetime that may not be given, a key that cannot sign, a subject that makes the token too long.
    pub fn mint(&self, grant: &Grant, now: Instant) -> Result<String, MintError> {
        let claims = Claims::of(grant, &self.settings, now)?;
        let token = jsonwebtoken::encode(&self.header, &claims, &self.key).map_err(|_| MintError::Key)?;
        if token.len() > TOKEN_BYTES_MAX { Err(TokenError::TooLong.into()) } else { Ok(token) }
    }
}

impl std::fmt::Debug for TokenSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenSigner").finish_non_exhaustive()
    }
}
