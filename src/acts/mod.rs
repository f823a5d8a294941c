//! Verbs: each prefetches, decides purely, then appends.

pub mod sync;
