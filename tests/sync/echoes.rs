//! A source that repeats the secret that it was given: nothing of it is kept.

use crate::office::{Office, counts, manifest};
use axum::response::IntoResponse;
use passerelle::domain::run::SyncOutcome;

/// What the settings of the office give to the source.
const SECRET: &str = "une-cle-secrete";

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_records_is_cut_out_before_anything_is_kept() {
    let body = format!(
        r#"[{{"id":"1","titre":"Square","montant":"100","demande":{{"cle":"{SECRET}","url":["https://a/?cle={SECRET}&x=1"]}}}},
            {{"id":"2","titre":"Halle","montant":"beaucoup de {SECRET}"}},
            {{"id":"3","titre":"Jardin","montant":"300"}}, "{SECRET}"]"#
    );
    let json = "kind = \"http-json\"\nbase = \"http://127.0.0.1/\"\nurl = \"liste\"";
    let office = Office::open(&manifest(json), move |_| body.clone().into_response()).await;
    let first = office.sync().await;
    assert_eq!((first.outcome, counts(&first)), (SyncOutcome::Succeeded, [4, 2, 0, 0, 0, 2, 0]), "{first:?}");
    let told = first.message.expect("a note");
    assert!(told.en.contains("repeats in 3 record(s) a secret") && !format!("{told:?}").contains(SECRET), "{told:?}");
    assert!(!office.holds(SECRET), "neither in the ledger nor in the workroom");
    assert!(office.holds("https://a/?cle=***&x=1") && office.holds("beaucoup de ***"), "what stands beside it is kept");
    office.later(3_600);
    let again = office.sync().await;
    assert_eq!(counts(&again), [4, 0, 0, 2, 0, 2, 0], "the same record is the same: {again:?}");
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_the_name_of_a_member_is_cut_out_too() {
    let body = format!(r#"[{{"id":"1","titre":"Square","montant":"100","cles":{{"{SECRET}":{{"du":"jour"}}}}}}]"#);
    let json = "kind = \"http-json\"\nbase = \"http://127.0.0.1/\"\nurl = \"liste\"";
    let office = Office::open(&manifest(json), move |_| body.clone().into_response()).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    assert!(!office.holds(SECRET) && office.holds("***"));
}

/// What a source was sent and says in its error, in a link, in a header: neither in the run nor in the ledger.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_an_error_a_link_or_a_header_is_not_kept() {
    let pair = "bW9pOnVuZS1jbGUtc2VjcmV0ZQ==";
    let graphql = "kind = \"graphql\"\nbase = \"http://127.0.0.1/\"\nurl = \"api\"\nrecords = \"/data/l\"\n\
                   query = \"query($after: String) { l(after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }\"\n\
                   auth = { kind = \"basic\", user = \"moi\", secret = \"cle\" }";
    let said = format!(r#"{{"errors":[{{"message":"refusé : Basic {pair}"}}]}}"#);
    let office = Office::open(&manifest(graphql), move |_| said.clone().into_response()).await;
    let run = office.sync().await;
    let told = format!("{:?}", run.message);
    assert!(run.outcome == SyncOutcome::Failed && told.contains("refusé : Basic ***"), "{told}");
    assert!(!office.holds(pair));

    let json = "kind = \"http-json\"\nbase = \"http://127.0.0.1/\"\nurl = \"liste\"\nrecords = \"/data\"\n\
                paging = { kind = \"next-link\", next = \"/next\" }";
    let page =
        |next: &str| format!(r#"{{"data":[{{"id":"{}","titre":"A","montant":"x"}}],"next":{next}}}"#, next.len());
    let office = Office::open(&manifest(json), move |asked| {
        let is_first = asked.path == "/liste";
        page(if is_first { "\"/p/une-cle-secrete/2\"" } else { "null" }).into_response()
    })
    .await;
    let run = office.sync().await;
    assert_eq!(run.counts.rejected, 2, "{run:?}");
    assert!(office.holds("/p/") && !office.holds(SECRET), "the place of a record that is rejected");
    office.answer(move |asked| match asked.path.as_str() {
        "/liste" => axum::response::Redirect::temporary(&format!("/ailleurs/{SECRET}")).into_response(),
        _ => axum::http::StatusCode::NOT_FOUND.into_response(),
    });
    let run = office.sync_full().await;
    let told = format!("{:?}", run.message);
    assert!(told.contains("/ailleurs/***") && !told.contains(SECRET), "{told}");

    let long = "y".repeat(3_000);
    office.answer(move |_| ([("content-type", format!("X/Bearer%20{SECRET}-{long}"))], "").into_response());
    let told = format!("{:?}", office.sync_full().await.message);
    assert!(told.contains("X/Bearer%20***") && told.len() < 1_000, "{told}");
    assert!(!office.holds(SECRET));
}

/// A row of a database that holds a cell of bytes: its owner finds it again, and what was known of it stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_with_a_cell_that_is_no_value_keeps_the_others_and_its_key() {
    use sea_orm::ConnectionTrait as _;
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", directory.path().join("base.sqlite").display());
    let database = sea_orm::Database::connect(format!("{url}?mode=rwc")).await.unwrap();
    let all = "CREATE TABLE t (id TEXT, titre TEXT, montant, nom TEXT); \
               INSERT INTO t VALUES ('1', 'Square', '100', 'a'), ('2', 'Halle', '200', 'b')";
    database.execute_unprepared(all).await.unwrap();
    let sql = format!("kind = \"sql\"\nurl = \"{url}\"\nquery = \"SELECT * FROM t ORDER BY id\"");
    let office = Office::open_without_base(&manifest(&sql)).await;
    assert_eq!(counts(&office.sync().await), [2, 2, 0, 0, 0, 0, 0]);
    let bad = "UPDATE t SET montant = X'00ff' WHERE id = '2'; INSERT INTO t VALUES (X'01', 'Rue', '1', 'c')";
    database.execute_unprepared(bad).await.unwrap();
    let run = office.sync().await;
    assert_eq!((run.outcome, counts(&run)), (SyncOutcome::Succeeded, [3, 0, 0, 1, 0, 2, 0]), "{run:?}");
    let found = office.rejected().await;
    let two = &found[0];
    assert_eq!((two.key.as_deref(), two.field.as_deref(), &*two.code), (Some("2"), Some("montant"), "binary-value"));
    assert_eq!(two.raw, r#"{"id":"2","titre":"Halle","montant":"\\x00ff","nom":"b"}"#);
    assert_eq!((found[1].key.as_deref(), found[1].field.as_deref()), (None, Some("id")), "a key of bytes is none");
    assert_eq!(office.sums().len(), 2, "the last good version stays");
}
