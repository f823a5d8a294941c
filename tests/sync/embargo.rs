//! A source that says until when its funder keeps a sum from others.

use crate::office::{Asked, Office, manifest};
use axum::response::{IntoResponse, Response};
use passerelle::domain::run::SyncOutcome;

const CSV: &str = "kind = \"delimited\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.csv\"";

fn file(body: &'static str) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |_| ([("content-type", "text/csv")], body).into_response()
}

/// Without the column that tells them, every embargo would be lifted at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_without_the_column_of_embargoes_is_held() {
    let told = format!("{}not-public-until = \"embargo\"\n", manifest(CSV));
    let office = Office::open(&told, file("id;titre;montant;embargo\n1;Square;100;2026-09-01\n2;Halle;200;\n")).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    office.answer(file("id;titre;montant\n1;Square;100\n2;Halle;200\n"));
    let run = office.sync().await;
    assert_eq!(run.outcome, SyncOutcome::Held, "{run:?}");
    assert!(run.message.as_ref().is_some_and(|said| said.fr.contains("« embargo »")), "{run:?}");
    office.answer(file("id;titre;montant;embargo\n1;Square;100;\n2;Halle;200;\n"));
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded, "the funder lifted it");
}
