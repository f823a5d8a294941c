//! Keyed hashes: without the secret nobody can try values out against a stored hash.

use crate::domain::chain::Digest;
use aws_lc_rs::hmac;
use std::fmt;

/// Room for what is hashed, in bytes: most of it is shorter.
const TAGGED_BYTES: usize = 128;

/// Makes the fingerprints by which an unchanged record is found, and pseudonyms. Cheap to clone.
#[derive(Clone)]
pub struct KeyedHash(hmac::Key);

impl KeyedHash {
    /// A keyed hash with `secret`.
    pub(super) fn new(secret: &[u8]) -> Self {
        KeyedHash(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The fingerprint of the raw record with digest `raw`, before sealing, as mapped by the manifest with digest
    /// `mapping`: another mapping makes every record count as changed. Of one of which nothing is sealed it is the same in every workroom:
    /// its content stands in the ledger as it was read, and whoever reads the same finds it unchanged.
    pub fn fingerprint(&self, is_sealed: bool, mapping: &Digest, raw: &Digest) -> [u8; 16] {
        if is_sealed {
            return self.tag(b"fingerprint", &[&mapping.0, &raw.0]);
        }
        let digest = Digest::of(&[mapping.0, raw.0].concat());
        digest.0[..16].try_into().expect("a digest has thirty-two bytes")
    }

    /// A pseudonym: the same text always gives the same sixteen hexadecimal digits.
    pub fn pseudonym(&self, text: &str) -> String {
        hex::encode(&self.tag(b"pseudonym", &[text.as_bytes()])[..8])
    }

    /// The key under which plan versions are hashed: the same for the life of the workroom.
    pub fn plan_key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        key[..16].copy_from_slice(&self.tag(b"plan", &[b"first half"]));
        key[16..].copy_from_slice(&self.tag(b"plan", &[b"second half"]));
        key
    }

    /// What stands for the key of a record in the table of sealing keys.
    pub(super) fn record(&self, source: &str, key: &str) -> [u8; 16] {
        self.tag(b"record", &[source.as_bytes(), key.as_bytes()])
    }

    /// Each part is preceded by its length, so that no two different sequences of parts hash alike.
    fn tag(&self, purpose: &[u8], parts: &[&[u8]]) -> [u8; 16] {
        let mut text = Vec::with_capacity(TAGGED_BYTES);
        for part in std::iter::once(&purpose).chain(parts) {
            text.extend_from_slice(&(part.len() as u64).to_be_bytes());
            text.extend_from_slice(part);
        }
        let tag = hmac::sign(&self.0, &text);
        tag.as_ref()[..16].try_into().expect("a SHA-256 tag has thirty-two bytes")
    }
}

impl fmt::Debug for KeyedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyedHash")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_depends_on_secret_mapping_and_content() {
        let (one, other) = (KeyedHash::new(&[1; 32]), KeyedHash::new(&[2; 32]));
        let (mapping, later) = (Digest::of(b"mapping"), Digest::of(b"later mapping"));
        let (raw, another) = (Digest::of(b"{}"), Digest::of(b"{ }"));
        let fingerprint = one.fingerprint(true, &mapping, &raw);
        assert_eq!(fingerprint, one.clone().fingerprint(true, &mapping, &raw));
        for different in [
            one.fingerprint(true, &later, &raw),
            one.fingerprint(true, &mapping, &another),
            other.fingerprint(true, &mapping, &raw),
            one.fingerprint(false, &mapping, &raw),
        ] {
            assert_ne!(fingerprint, different);
        }
        let open = one.fingerprint(false, &mapping, &raw);
        assert_eq!(open, other.fingerprint(false, &mapping, &raw), "what stands there in clear has one");
        assert!(open != one.fingerprint(false, &later, &raw) && open != one.fingerprint(false, &mapping, &another));
    }

    #[test]
    fn a_pseudonym_is_short_and_lasting() {
        let keyed = KeyedHash::new(&[1; 32]);
        assert_eq!(keyed.pseudonym("Zoé Ünal"), keyed.pseudonym("Zoé Ünal"));
        assert_ne!(keyed.pseudonym("Zoé Ünal"), keyed.pseudonym("Zoé Unal"));
        assert_eq!(keyed.pseudonym("").len(), 16);
    }
}
