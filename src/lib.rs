//! Passerelle: one schema over all the means, one answer before funding.

pub mod acts;
pub mod audit;
pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod connector;
pub mod database;
pub mod demo;
pub mod domain;
pub mod gateway;
pub mod graphql;
pub mod http;
pub mod identity;
pub mod ledger;
pub mod net;
pub mod portfolio;
pub mod view;
pub mod workroom;
