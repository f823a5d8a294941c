//! One contract for every driver, and what the world does to it: real servers on loopback, real files, real databases.

#[path = "support/postgres.rs"]
mod postgres;

#[path = "drivers/auth.rs"]
mod auth;
#[path = "drivers/contract.rs"]
mod contract;
#[path = "drivers/delimited.rs"]
mod delimited;
#[path = "drivers/faults.rs"]
mod faults;
#[path = "drivers/graphql.rs"]
mod graphql;
#[path = "drivers/http_json.rs"]
mod http_json;
#[path = "drivers/joined.rs"]
mod joined;
#[path = "drivers/look_up.rs"]
mod look_up;
#[path = "drivers/net.rs"]
mod net;
#[path = "drivers/packed.rs"]
mod packed;
#[path = "drivers/server.rs"]
mod server;
#[path = "drivers/spreadsheet.rs"]
mod spreadsheet;
#[path = "drivers/sql.rs"]
mod sql;
#[path = "drivers/tls.rs"]
mod tls;
#[path = "drivers/top.rs"]
mod top;
#[path = "drivers/unworked.rs"]
mod unworked;
