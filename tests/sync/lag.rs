//! A process that loads and ends does not hold in memory what it loaded last.

use crate::office::{Asked, Office, counts, manifest};
use axum::response::{IntoResponse, Response};

const CSV: &str = "kind = \"delimited\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.csv\"";

fn file(body: &'static str) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |_| ([("content-type", "text/csv")], body).into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_loaded_last_reaches_the_portfolio_when_somebody_catches_up() {
    let office = Office::open(&manifest(CSV), file("id;titre;montant\n1;Square;100\n2;Halle;200\n")).await;
    office.gateway().lag();
    assert_eq!(counts(&office.sync().await), [2, 2, 0, 0, 0, 0, 0]);
    assert!(office.sums().is_empty(), "committed, and not in memory");
    assert_eq!(office.gateway().ledger().project_sources().await.unwrap(), 1);
    office.answer(file("id;titre;montant\n1;Square;100\n2;Halle;250\n3;Port;7\n"));
    assert_eq!(counts(&office.sync().await), [3, 1, 1, 1, 0, 0, 0], "the next read knows what the ledger holds");
    assert_eq!(office.sums(), [("Halle".to_owned(), Some(20_000), false), ("Square".to_owned(), Some(10_000), false)]);
    office.gateway().catch_up().await.unwrap();
    let sums: Vec<_> = office.sums().into_iter().map(|(title, ..)| title).collect();
    assert_eq!(sums, ["Halle", "Port", "Square"]);
    office.verify().await;
}
