//! The public API, spoken over HTTP to a real server with its own ledger.

mod acts;
mod app;
mod as_of;
mod attestation;
mod audit;
mod declarations;
mod endpoint;
mod explorer;
mod figures;
mod freshen;
mod history;
mod limits;
mod links;
mod operations;
mod paging;
mod queries;
mod region;
mod socket;
mod story;
mod subscriptions;
mod tokens;
mod watching;
