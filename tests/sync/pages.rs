//! A list that moves while its pages are read closes nothing: what moved up may have been passed over.

use crate::office::{Asked, Office, manifest};
use axum::response::{IntoResponse, Response};
use passerelle::domain::run::{SyncOutcome, SyncRun};
use serde_json::json;

const PAGED: &str = "kind = \"http-json\"\nbase = \"http://127.0.0.1/\"\nurl = \"liste\"\nrecords = \"/rows\"\n\
    paging = { kind = \"offset\", offset-param = \"offset\", size-param = \"limit\", size = 10, total = \"/total\" }";

/// A desk of thirty grants that changes once its first page was given: one is put before all others, or the first is taken out.
fn desk(moves: Option<bool>) -> impl FnMut(&Asked) -> Response + Send + 'static {
    let mut ids: Vec<u32> = (1..=30).collect();
    let mut is_first = true;
    // A desk that counts no more than it says: its total is the one of its first page.
    move |asked| {
        let offset: usize = asked.query["offset"].parse().unwrap();
        if !std::mem::take(&mut is_first) {
            match moves.filter(|_| offset == 10) {
                Some(true) => ids.insert(0, 999),
                Some(false) => drop(ids.remove(0)),
                None => {}
            }
        }
        let rows: Vec<_> = ids.iter().skip(offset).take(10).collect();
        let rows: Vec<_> = rows
            .into_iter()
            .map(|id| json!({"id": id, "titre": format!("Action {id}"), "montant": 1_000 + id}))
            .collect();
        let total = if moves == Some(true) { 30 } else { ids.len() };
        axum::Json(json!({"rows": rows, "total": total})).into_response()
    }
}

async fn next(office: &Office, moves: Option<bool>) -> SyncRun {
    office.later(3_600);
    office.answer(desk(moves));
    office.sync().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_moves_between_two_pages_is_not_whole() {
    let office = Office::open(&manifest(PAGED), desk(None)).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, run.counts.added), (SyncOutcome::Succeeded, 30), "{run:?}");
    for (moves, told) in [(true, "came again on another page"), (false, "30 records, then 29")] {
        let run = next(&office, Some(moves)).await;
        assert_eq!((run.outcome, run.counts.gone), (SyncOutcome::Held, 0), "{run:?}");
        assert!(run.message.as_ref().is_some_and(|message| message.en.contains(told)), "{run:?}");
        assert_eq!(office.records().await.len(), 30, "nothing is closed");
    }
    let run = next(&office, None).await;
    assert_eq!((run.outcome, run.counts.unchanged), (SyncOutcome::Succeeded, 30), "{run:?}");
}
