//! The program as its user meets it: commands, exit codes, what they print, what they leave behind.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

#[path = "../support/skipped.rs"]
mod skipped;

mod announced;
mod bad_input;
mod balance;
mod breaks;
mod commands;
mod crash;
mod held;
mod joined;
mod known;
mod privacy;
mod program;
mod provider;
mod refused;
mod rotation;
mod served;
mod tokens;
mod webhooks;
