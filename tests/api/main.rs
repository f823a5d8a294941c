//! The public API, spoken over HTTP to a real server with its own ledger.

#[path = "../support/postgres.rs"]
mod cluster;
#[path = "../support/skipped.rs"]
mod skipped;

mod access;
mod acts;
mod app;
mod as_of;
mod assume;
mod attestation;
mod audit;
mod budget;
mod conditions;
mod connections;
mod de_minimis;
mod declarations;
mod desk;
mod eligibility;
mod embargo;
mod endpoint;
mod envelopes;
mod explorer;
mod faults;
mod figures;
mod freshen;
mod history;
mod issuer_keys;
mod journal;
mod limits;
mod links;
mod lists;
mod minutes;
mod operations;
mod paging;
mod postgres;
mod queries;
mod receivers;
mod refresh;
mod refusals;
mod region;
mod regrants;
mod resent;
mod since;
mod socket;
mod story;
mod subscriptions;
mod tokens;
mod verdict;
mod watching;
mod webhooks;
