//! Two reads of one source that cross, and two held batches let through one after the other: the newer read has the last word.

use crate::office::{Asked, Office, manifest};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use passerelle::acts::sync::SyncError;
use passerelle::domain::run::SyncOutcome;
use std::sync::Arc;
use tokio::sync::Notify;

const CSV: &str = "kind = \"delimited\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.csv\"";
const HEAD: &str = "id;titre;montant\n";
const OTHERS: &str = "2;Halle;200\n3;Jardin;300\n4;Mail;400\n5;Quai;500\n";

fn list(amount: u32, others: &str) -> String {
    format!("{HEAD}1;Square;{amount}\n{others}")
}

fn square(office: &Office) -> Option<i64> {
    office.sums().into_iter().find(|(title, ..)| title == "Square").and_then(|(_, cents, _)| cents)
}

/// An answer whose body waits.
fn slow(etag: &'static str, body: String, until: Arc<Notify>) -> Response {
    let parts = futures_util::stream::once(async move {
        until.notified().await;
        Ok::<_, std::io::Error>(body)
    });
    ([("content-type", "text/csv"), ("etag", etag)], Body::from_stream(parts)).into_response()
}

fn quick(etag: &'static str, body: String) -> Response {
    ([("content-type", "text/csv"), ("etag", etag)], body).into_response()
}

async fn open() -> Office {
    let office = Office::open(&manifest(CSV), |_: &Asked| quick("\"0\"", list(100, OTHERS))).await;
    office.sync().await;
    office
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_held_batches_the_second_says_what_it_found_not_what_was_the_same() {
    let office = open().await;
    for amount in [150, 100] {
        office.answer(move |_| quick("\"h\"", list(amount, "2;Halle;200\n")));
        assert_eq!(office.sync().await.outcome, SyncOutcome::Held);
    }
    let held = office.held().await;
    office.accept(&held[0]).await;
    assert_eq!(square(&office), Some(15_000));
    let run = office.accept(&held[1]).await;
    assert_eq!((square(&office), run.counts.changed), (Some(10_000), 1), "{run:?}");
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_began_later_and_found_nothing_new_is_not_lost_to_one_that_is_applied_first() {
    let office = open().await;
    let (arrived, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (told, until, mut asked) = (Arc::clone(&arrived), Arc::clone(&done), 0);
    office.answer(move |_| {
        asked += 1;
        match asked {
            // The first one began with another amount, which the source took back since.
            1 => slow("\"1\"", list(150, OTHERS), Arc::clone(&told)),
            2 => {
                told.notify_one();
                slow("\"2\"", list(100, OTHERS), Arc::clone(&until))
            }
            _ => quick("\"2\"", list(100, OTHERS)),
        }
    });
    let first = async {
        let run = office.sync_full().await;
        done.notify_one();
        run
    };
    let second = async {
        // The first one asks first.
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        office.sync_full().await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!((first.outcome, first.counts.changed), (SyncOutcome::Succeeded, 1));
    assert_eq!((second.outcome, square(&office)), (SyncOutcome::Succeeded, Some(10_000)), "{second:?}");
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_read_does_not_bring_back_what_a_later_one_changed_nor_close_what_it_added() {
    let office = open().await;
    let until = Arc::new(Notify::new());
    let (wait, mut asked) = (Arc::clone(&until), 0);
    let now = format!("{OTHERS}6;Pont;600\n");
    office.answer(move |_| {
        asked += 1;
        match asked {
            1 => slow("\"0\"", list(150, "2;Halle;200\n3;Jardin;300\n4;Mail;400\n"), Arc::clone(&wait)),
            _ => quick("\"9\"", list(200, &now)),
        }
    });
    let slow_one = office.sync_full();
    let later = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let run = office.sync_full().await;
        until.notify_one();
        run
    };
    let (slow_one, _) = tokio::join!(slow_one, later);
    assert_eq!((slow_one.outcome, square(&office)), (SyncOutcome::Succeeded, Some(20_000)), "{slow_one:?}");
    assert_eq!(office.sums().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_a_later_full_read_went_beyond_is_not_let_through() {
    let office = open().await;
    let until = Arc::new(Notify::new());
    let (wait, mut asked) = (Arc::clone(&until), 0);
    office.answer(move |_| {
        asked += 1;
        match asked {
            1 => slow("\"1\"", list(100, "2;Halle;200\n"), Arc::clone(&wait)),
            _ => quick("\"9\"", list(200, OTHERS)),
        }
    });
    let later = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        office.answer(|_| quick("\"9\"", list(200, OTHERS)));
        let run = office.sync_full().await;
        office.answer(|_| quick("\"1\"", list(100, "2;Halle;200\n")));
        until.notify_one();
        run
    };
    let (held, _) = tokio::join!(office.sync_full(), later);
    // It was read anew, after the other one: held by what it is now, and let through as such.
    assert_eq!(held.outcome, SyncOutcome::Held, "{held:?}");
    office.later(60);
    office.answer(|_| quick("\"9\"", list(200, OTHERS)));
    office.sync_full().await;
    assert!(matches!(office.try_accept(&held.id).await, Err(SyncError::Workroom(_))), "a good read made it pointless");
    assert_eq!(square(&office), Some(20_000));
}
