//! Webhooks: what is to be told waits in the workroom until its receiver took it, signed after Standard Webhooks.

mod post;
mod schedule;
mod signature;

pub use crate::workroom::{Letter, LetterCounts, Told};
pub use post::{Answer, Hook, Post};
pub use schedule::{ATTEMPTS_MAX, RETRY_AFTER_MAX};
pub use signature::{SecretError, Secrets};
