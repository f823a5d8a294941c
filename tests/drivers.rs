//! One contract for every driver, against real servers on loopback and real files.

#[path = "support/postgres.rs"]
mod postgres;

#[test]
fn cluster() {
    if let Some(cluster) = postgres::Postgres::start() {
        println!("{}", cluster.database("essai"));
    }
}
