//! Identifiers of commitments.

use super::case::{CommitmentId, Statement};
use super::headline::Bench;
use super::lexicon::Lexicon;
use crate::domain::chain::FieldHasher;

/// Made from the oldest statement: it stays the same when other systems come to speak of the sum.
pub(super) fn commitment_id(lexicon: &Lexicon, bench: &Bench<'_>, (record, ordinal): (u32, u16)) -> CommitmentId {
    identifier(lexicon, bench, record, &[&ordinal.to_be_bytes()])
}

/// That of a sum of a project that is shown as far as it is public. It is that of no sum of the whole, and follows from what is public of its
/// oldest statement, and its place among those of which the same is: that others stand before it in its record is not told.
pub(super) fn public_id(lexicon: &Lexicon, bench: &Bench<'_>, sums: &[Statement], oldest: (u32, u16)) -> CommitmentId {
    let (record, ordinal) = oldest;
    let kind = |one: &Statement| (one.funder, one.form, one.nature, one.dispositif, one.year, one.reference);
    let Some(first) = sums.iter().find(|one| (one.record, one.ordinal) == oldest) else {
        return identifier(lexicon, bench, record, &[b"public"]);
    };
    let is_before = |one: &&Statement| one.record == record && one.ordinal < ordinal && kind(one) == kind(first);
    let place = sums.iter().filter(is_before).count().to_string();
    let dispositif = first.dispositif.map(|ix| lexicon.atlas.dispositifs[ix.get()].code.as_str());
    let reference = first.reference.map(|ix| &*lexicon.texts[ix.get()]);
    let told = format!("{} {:?} {:?} {:?}", first.form, first.nature, first.year, dispositif);
    let funder = lexicon.organisations[first.funder.get()].as_str();
    let fields = ["public", funder, &told, reference.unwrap_or_default(), &place].map(str::as_bytes);
    identifier(lexicon, bench, record, &fields)
}

fn identifier(lexicon: &Lexicon, bench: &Bench<'_>, record: u32, fields: &[&[u8]]) -> CommitmentId {
    let record = &bench.records[record as usize];
    let mut hasher = FieldHasher::new();
    hasher.field(lexicon.profile(record.source).id.as_str().as_bytes()).field(record.key.as_str().as_bytes());
    for field in fields {
        hasher.field(field);
    }
    let digest = hasher.finish().0;
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    CommitmentId(u64::from_be_bytes(first))
}
