//! Verbs: each prefetches, decides purely, then appends.

pub mod freshen;
pub mod sync;
