//! A token taken apart, strictly, before anything in it is believed.

use super::once::members_once;
use super::token::{TOKEN_BYTES_MAX, TokenError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// Members of a header that bring or fetch a key, or change what is signed: never needed, so never taken.
const HEADER_REFUSED: [&str; 7] = ["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"];
/// Types of a token, where the header says one.
const TYPES: [&str; 2] = ["JWT", "at+jwt"];

/// The parts of a token whose form is sound. Nothing is verified yet.
pub(super) struct Parts<'a> {
    /// What is signed.
    pub message: &'a str,
    /// The signature, in base64url.
    pub signature: &'a str,
    /// The algorithm that the header names.
    pub algorithm: String,
    /// The key that the header names.
    pub kid: Option<String>,
    /// What is claimed.
    pub claims: Map<String, Value>,
}

impl<'a> Parts<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// Too long, not three parts of base64url, a member that comes twice, a header that names its own key.
    pub fn read(token: &'a str) -> Result<Self, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(TokenError::Malformed)?;
        let (header, claims) = (object(header)?, object(claims)?);
        if HEADER_REFUSED.iter().any(|name| header.contains_key(*name)) {
            return Err(TokenError::Header);
        }
        match header.get("typ") {
            None => {}
            Some(Value::String(kind)) if TYPES.iter().any(|known| known.eq_ignore_ascii_case(kind)) => {}
            Some(_) => return Err(TokenError::Header),
        }
        let algorithm = header.get("alg").and_then(Value::as_str).ok_or(TokenError::Malformed)?.to_owned();
        let kid = match header.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.clone()),
            Some(_) => return Err(TokenError::Malformed),
        };
        Ok(Parts { message, signature, algorithm, kid, claims })
    }
}

fn object(part: &str) -> Result<Map<String, Value>, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)?;
    members_once(&bytes).map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenError::Malformed)
}
