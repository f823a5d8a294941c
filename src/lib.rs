//! Passerelle: one schema over all the means, one answer before funding.

pub mod clock;
pub mod config;
pub mod connector;
pub mod domain;
pub mod ledger;
pub mod workroom;
pub mod http;
pub mod identity;
pub mod net;
pub mod portfolio;
