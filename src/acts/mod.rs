//! Verbs: each prefetches, decides purely, then appends.

pub mod acknowledge;
pub mod amend;
pub mod attest;
pub mod caller;
pub mod condition;
pub mod declare;
mod declared;
pub mod freshen;
pub mod link;
pub mod matching;
pub mod minutes;
pub mod opine;
pub mod privacy;
pub mod refresh;
pub mod refusal;
pub mod registrar;
pub mod settle;
mod standing_in;
mod stood;
pub mod sync;
pub mod webhook;

/// How often an act that met another process's append is decided anew.
const CONFLICTS_MAX: u32 = 8;
