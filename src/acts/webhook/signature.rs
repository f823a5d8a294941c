//! Signatures after Standard Webhooks: HMAC-SHA256 of `id.timestamp.body`, one for each secret.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What a secret begins with.
const PREFIX: &str = "whsec_";
/// Bytes of a secret.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Why a text is no secret. It is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Another beginning.
    #[error("the secret does not begin with whsec_: make one by `echo whsec_$(openssl rand -base64 32)`")]
    Prefix,
    /// Not base64.
    #[error("what follows whsec_ in the secret is no base64")]
    Base64,
    /// Too short or too long.
    #[error("the secret has {0} bytes: 24 to 64 are expected")]
    Length(usize),
    /// No secret at all.
    #[error("no secret is named")]
    None,
}

/// The secrets of one receiver, shown to nobody: each signs, so that one may take the place of another.
#[derive(Clone)]
pub struct Secrets(Vec<hmac::Key>);

impl Secrets {
    /// Reads each secret: `whsec_` and base64 of 24 to 64 bytes.
    ///
    /// # Errors
    /// A text that is no secret; none at all.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Secrets, SecretError> {
        let keys = texts.into_iter().map(key).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(SecretError::None) } else { Ok(Secrets(keys)) }
    }

    /// The header `webhook-signature` of a message sent at `timestamp`, in seconds since 1970.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let signed = |key: &hmac::Key| {
            let mut context = hmac::Context::with_key(key);
            context.update(format!("{id}.{timestamp}.").as_bytes());
            context.update(body);
            format!("v1,{}", STANDARD.encode(context.sign()))
        };
        self.0.iter().map(signed).collect::<Vec<_>>().join(" ")
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

fn key(text: &str) -> Result<hmac::Key, SecretError> {
    let coded = text.trim().strip_prefix(PREFIX).ok_or(SecretError::Prefix)?;
    let bytes = STANDARD.decode(coded).map_err(|_| SecretError::Base64)?;
    if !BYTES.contains(&bytes.len()) {
        return Err(SecretError::Length(bytes.len()));
    }
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_vector_of_the_specification_holds() {
        let secrets = Secrets::parse([SECRET]).expect("a secret");
        let signature = secrets.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn the_example_of_the_documents_holds() {
        let page = include_str!("../../../docs/webhooks.md");
        let cell = |name: &str| {
            let row = page.lines().find_map(|line| line.strip_prefix(&format!("| {name} | `"))).expect("a row");
            row.strip_suffix("` |").expect("a cell")
        };
        let timestamp = cell("timestamp").parse().expect("seconds");
        let secrets = Secrets::parse([cell("secret")]).expect("a secret");
        assert_eq!(secrets.sign(cell("id"), timestamp, cell("body").as_bytes()), cell("signature"));
    }

    #[test]
    fn what_is_no_secret_is_refused_and_none_is_shown() {
        assert_eq!(Secrets::parse(["hello"]).err(), Some(SecretError::Prefix));
        assert_eq!(Secrets::parse(["whsec_%"]).err(), Some(SecretError::Base64));
        assert_eq!(Secrets::parse(["whsec_AAAA"]).err(), Some(SecretError::Length(3)));
        assert_eq!(Secrets::parse([]).err(), Some(SecretError::None));
        let two = Secrets::parse([SECRET, SECRET]).expect("secrets");
        assert_eq!(format!("{two:?}"), "2 secrets");
    }
}
