//! Signatures of P-256 in their lower form. Whoever holds a signature (r, s) can write (r, n - s), which verifies too: a file could
//! be changed and still pass. Only the one whose s is at most n / 2 is made and taken.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The order n of the group of P-256 (FIPS 186-5, SP 800-186).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];
/// Half of it, rounded down.
const HALF: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d,
    0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];

/// Is the s of this signature (r and s, 64 bytes in base64url) in its lower form?
pub(super) fn is_low(signature: &str) -> bool {
    parts(signature).is_some_and(|(_, s)| s <= HALF)
}

/// The signature in its lower form. `None`: it is not one of 64 bytes.
pub(super) fn lowered(signature: &str) -> Option<String> {
    if is_low(signature) { Some(signature.to_owned()) } else { other(signature) }
}

/// The other signature of the same text that verifies. `None`: this is not one of 64 bytes.
pub(super) fn other(signature: &str) -> Option<String> {
    let (r, s) = parts(signature)?;
    Some(URL_SAFE_NO_PAD.encode([r, order_less(s)].concat()))
}

fn parts(signature: &str) -> Option<([u8; 32], [u8; 32])> {
    let bytes = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let (r, s) = bytes.split_at_checked(32)?;
    Some((r.try_into().ok()?, s.try_into().ok()?))
}

/// n - s, for s below n.
fn order_less(s: [u8; 32]) -> [u8; 32] {
    let (mut left, mut borrowed) = ([0; 32], false);
    for at in (0..32).rev() {
        let (one, first) = ORDER[at].overflowing_sub(s[at]);
        let (rest, second) = one.overflowing_sub(u8::from(borrowed));
        (left[at], borrowed) = (rest, first || second);
    }
    left
}
