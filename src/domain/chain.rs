//! The hash chain of the ledger: pure arithmetic, so that anyone can verify it with SHA-256 alone.

use super::{Instant, ParseError, text_serde};
use aws_lc_rs::digest::{Context, SHA256, digest};
use std::fmt;

/// A version of the ledger: 1 for the first append, then one more for each. 0 is the empty ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct LedgerVersion(pub u64);

impl fmt::Display for LedgerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A SHA-256 digest, written in lower case hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Digest(bytes_of(digest(&SHA256, bytes)))
    }

    /// Reads sixty-four hexadecimal digits.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let refuse = || ParseError::new(text, "SHA-256 digest (sixty-four hexadecimal digits)");
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| refuse())?;
        Ok(Digest(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
text_serde!(Digest, formatted);

/// A running digest over a sequence of fields. Each field is preceded by its length, so that no two different
/// sequences of fields hash alike.
#[derive(Clone)]
pub struct FieldHasher {
    context: Context,
    /// Short fields that wait: a call of the digest for each of them would cost more than hashing them.
    waiting: Vec<u8>,
}

/// Bytes that wait for the digest at most.
const WAITING_MAX: usize = 1_024;

impl Default for FieldHasher {
    fn default() -> Self {
        FieldHasher { context: Context::new(&SHA256), waiting: Vec::new() }
    }
}

impl FieldHasher {
    /// An empty sequence.
    pub fn new() -> Self {
        FieldHasher::default()
    }

    /// Adds one field.
    pub fn field(&mut self, bytes: &[u8]) -> &mut Self {
        self.waiting.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        if self.waiting.len() + bytes.len() <= WAITING_MAX {
            self.waiting.extend_from_slice(bytes);
            return self;
        }
        self.context.update(&self.waiting);
        self.waiting.clear();
        self.context.update(bytes);
        self
    }

    /// The digest of the fields so far.
    pub fn finish(mut self) -> Digest {
        self.context.update(&self.waiting);
        Digest(bytes_of(self.context.finish()))
    }
}

fn bytes_of(digest: aws_lc_rs::digest::Digest) -> [u8; 32] {
    digest.as_ref().try_into().expect("a SHA-256 digest has thirty-two bytes")
}

/// The instant in the one written form that is hashed: RFC 3339, UTC, microseconds.
pub fn instant_text(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// What the chain covers of one entry.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// The head before.
    pub previous: Digest,
    /// The version that the entry makes.
    pub version: LedgerVersion,
    /// When it is appended.
    pub at: Instant,
    /// Its kind.
    pub kind: &'a str,
    /// Its author, as written.
    pub author: &'a str,
    /// Its reason, as written; empty when none is given.
    pub reason: &'a str,
    /// The digest of its rows.
    pub content: Digest,
}

impl Link<'_> {
    /// The head of the chain after the entry: what covers it and all before it.
    pub fn head(&self) -> Digest {
        let mut hasher = FieldHasher::new();
        hasher
            .field(&self.previous.0)
            .field(&self.version.0.to_be_bytes())
            .field(instant_text(self.at).as_bytes())
            .field(self.kind.as_bytes())
            .field(self.author.as_bytes())
            .field(self.reason.as_bytes())
            .field(&self.content.0);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_run_into_each_other() {
        let mut one = FieldHasher::new();
        one.field(b"ab").field(b"c");
        let mut other = FieldHasher::new();
        other.field(b"a").field(b"bc");
        assert_ne!(one.finish(), other.finish());
    }

    #[test]
    fn a_field_is_hashed_with_its_length_however_long_it_is() {
        let fields: Vec<Vec<u8>> =
            [0, 7, 1_000, WAITING_MAX - 8, WAITING_MAX, 5_000, 1].map(|long| vec![7; long]).into();
        let (mut hasher, mut whole) = (FieldHasher::new(), Vec::new());
        for field in &fields {
            hasher.field(field);
            whole.extend((field.len() as u64).to_be_bytes());
            whole.extend(field);
            assert_eq!(hasher.clone().finish(), Digest::of(&whole));
        }
    }

    #[test]
    fn a_digest_is_read_back() {
        let digest = Digest::of(b"");
        assert_eq!(digest.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(Digest::parse(&digest.to_string()), Ok(digest));
        assert!(Digest::parse("e3").is_err());
    }
}
