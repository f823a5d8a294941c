//! What of a source is asked for again, against real local servers, with the time in the test's hand.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

#[path = "../support/postgres.rs"]
mod postgres;

mod cut;
mod echoes;
mod embargo;
mod files;
mod increments;
mod known;
mod lacking;
mod lag;
mod lost;
mod office;
mod pages;
mod parts;
mod plans;
mod privacy;
mod races;
mod references;
mod refused;
mod rejected;
mod renumbered;
mod restated;
mod samples;
mod series;
mod shares;
mod sheets;
