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
