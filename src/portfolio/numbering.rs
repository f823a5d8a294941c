//! Identifiers of commitments.

use super::case::{CommitmentId, Statement};
use super::headline::Bench;
use super::lexicon::Lexicon;
use crate::domain::chain::FieldHasher;

/// Where a statement stands among those of its record that are seen: that others stand before it is not told.
pub(super) fn place(sums: &[Statement], (record, ordinal): (u32, u16)) -> (u32, u16) {
    let before = sums.iter().filter(|one| one.record == record && one.ordinal < ordinal).count();
    (record, u16::try_from(before).unwrap_or(u16::MAX))
}

/// Made from the oldest statement: it stays the same when other systems come to speak of the sum.
pub(super) fn commitment_id(lexicon: &Lexicon, bench: &Bench<'_>, (record, ordinal): (u32, u16)) -> CommitmentId {
    let record = &bench.records[record as usize];
    let mut hasher = FieldHasher::new();
    hasher
        .field(lexicon.profile(record.source).id.as_str().as_bytes())
        .field(record.key.as_str().as_bytes())
        .field(&ordinal.to_be_bytes());
    let digest = hasher.finish().0;
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    CommitmentId(u64::from_be_bytes(first))
}
