//! Verbs: each prefetches, decides purely, then appends.

pub mod amend;
pub mod attest;
pub mod caller;
pub mod condition;
pub mod declare;
mod declared;
pub mod freshen;
pub mod link;
pub mod matching;
pub mod refusal;
pub mod registrar;
pub mod sync;

/// How often an act that met another process's append is decided anew.
const CONFLICTS_MAX: u32 = 8;
