//! A list that is cut short in a way that looks whole: nothing of it is applied, nothing is closed.

use crate::office::{Asked, Office, counts, manifest};
use axum::response::{IntoResponse, Response};
use passerelle::domain::run::SyncOutcome;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const CSV: &str = "kind = \"delimited\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.csv\"";

fn rows(count: u32) -> String {
    let row = |id: u32| format!("{id};Projet {id};{}.50\n", 123_400 + id);
    format!("id;titre;montant\n{}", (1..=count).map(row).collect::<String>())
}

fn csv(body: &str) -> impl FnMut(&Asked) -> Response + Send + 'static {
    let body = body.to_owned();
    move |_| ([("content-type", "text/csv")], body.clone()).into_response()
}

/// A system that writes whatever it is told, byte by byte, and hangs up.
async fn hanging_up() -> (String, Arc<Mutex<Vec<u8>>>) {
    let answer: Arc<Mutex<Vec<u8>>> = Arc::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/liste.csv", listener.local_addr().unwrap());
    let told = Arc::clone(&answer);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut asked = [0; 4_096];
            let _ = connection.read(&mut asked).await;
            let answer = told.lock().unwrap().clone();
            let _ = connection.write_all(&answer).await;
            let _ = connection.shutdown().await;
        }
    });
    (url, answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_say_where_it_ends_is_held_where_it_ends_within_a_row() {
    let (url, answer) = hanging_up().await;
    let office = Office::open_without_base(&manifest(&format!("kind = \"delimited\"\npath = \"{url}\""))).await;
    let body = rows(20);
    for version in ["HTTP/1.0", "HTTP/1.1"] {
        let say = |body: &str| {
            let head = format!("{version} 200 OK\r\nContent-Type: text/csv\r\nConnection: close\r\n\r\n");
            *answer.lock().unwrap() = format!("{head}{body}").into_bytes();
        };
        say(&body);
        let whole = office.sync().await;
        assert_eq!(whole.outcome, SyncOutcome::Succeeded, "{whole:?}");
        let sums = office.sums();
        assert_eq!(sums.len(), 20);
        let row = body.find("17;Projet 17;1234").unwrap();
        say(&body[..row + "17;Projet 17;1234".len()]);
        let cut = office.sync().await;
        assert_eq!((cut.outcome, cut.counts.gone), (SyncOutcome::Held, 0), "{cut:?}");
        let message = cut.message.clone().unwrap();
        assert!(message.en.contains("does not say where it ends") && message.fr.contains("ne dit pas"), "{message:?}");
        assert_eq!((cut.counts.changed, cut.counts.rejected), (0, 1), "the row that broke off tells no sum: {cut:?}");
        assert_eq!(office.sums(), sums);
    }
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_ended_its_last_row_and_does_no_more_waits_for_a_person() {
    let body = rows(20);
    let office = Office::open(&manifest(CSV), csv(&body)).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    let sums = office.sums();
    office.answer(csv(&body[..body.len() - 5]));
    for _ in 0..2 {
        let cut = office.sync().await;
        assert_eq!(cut.outcome, SyncOutcome::Held, "{cut:?}");
        assert!(cut.message.unwrap().en.contains("no line end"));
        assert_eq!(office.sums(), sums);
    }
    office.answer(csv(&body));
    assert_eq!(counts(&office.sync().await), [20, 0, 0, 20, 0, 0, 0]);
    // The publisher ends its last row no more: once a person has said so, it is how the list is.
    office.answer(csv(body.trim_end()));
    let held = office.sync().await;
    assert_eq!(held.outcome, SyncOutcome::Held, "{held:?}");
    assert_eq!(office.accept(&held.id).await.outcome, SyncOutcome::Succeeded);
    for _ in 0..2 {
        let run = office.sync().await;
        assert_eq!((run.outcome, counts(&run)), (SyncOutcome::Succeeded, [20, 0, 0, 20, 0, 0, 0]), "{run:?}");
    }
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_never_ends_its_last_row_is_taken_and_a_row_that_lacks_fields_is_not() {
    let body = rows(20);
    let office = Office::open(&manifest(CSV), csv(body.trim_end())).await;
    for _ in 0..2 {
        assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    }
    office.answer(csv(body.strip_suffix(";123420.50\n").unwrap()));
    let torn = office.sync().await;
    assert_eq!((torn.outcome, torn.counts.rejected), (SyncOutcome::Held, 1), "{torn:?}");
    let office = Office::open(&manifest(CSV), csv(body.strip_suffix(";123420.50\n").unwrap())).await;
    let first = office.sync().await;
    assert_eq!(first.outcome, SyncOutcome::Held, "so it is at a first read: {first:?}");
    assert_eq!(office.accept(&first.id).await.outcome, SyncOutcome::Succeeded);
    let next = office.sync().await;
    assert_eq!((next.outcome, next.full), (SyncOutcome::Succeeded, true), "a list with a note at its end: {next:?}");
}

/// What nothing here can hold is a failing of its source: it is written down as one.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_too_long_fails_its_read_and_is_told() {
    let list = |title: &str| {
        let body = format!(
            "[{{\"id\": 1, \"titre\": \"Square\", \"montant\": 5}}, {{\"id\": 2, \"titre\": \"{title}\", \"montant\": 6}}]"
        );
        move |_: &Asked| ([("content-type", "application/json")], body.clone()).into_response()
    };
    let json = "kind = \"http-json\"\nbase = \"http://127.0.0.1/\"\nurl = \"liste\"";
    let office = Office::open(&manifest(json), list("Halle")).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    office.answer(list(&"Halle ".repeat(6_000_000)));
    let run = office.sync().await;
    assert_eq!(run.outcome, SyncOutcome::Failed, "{run:?}");
    let said = &run.message.as_ref().unwrap().en;
    assert!(said.contains("longer than 64 MiB") && said.contains("rank 2"), "{said}");
    office.answer(list("Halle"));
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    office.verify().await;
}
