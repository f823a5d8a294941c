//! Verbs: each prefetches, decides purely, then appends.

pub mod freshen;
pub mod link;
pub mod matching;
pub mod sync;
