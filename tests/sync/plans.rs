//! Plans that are nested in a record, and days of embargo that some records have: what can be read worse makes nothing surer.

use crate::office::{Asked, Office, manifest};
use axum::response::{IntoResponse, Response};
use passerelle::domain::run::SyncOutcome;

const JSON: &str = "kind = \"http-json\"\nbase = \"http://127.0.0.1/\"\nurl = \"liste\"";

fn with_plan() -> String {
    manifest(JSON)
        + r#"
not-public-until = "secret"
[[map.statement]]
each = "plan.lignes"
funder = { siren = "siren", name = "nom" }
form = { value = "SUBVENTION" }
stage = { value = "SOLLICITE" }
amount = "part"
"#
}

fn list(body: String) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |_| body.clone().into_response()
}

fn record(id: u32, more: &str) -> String {
    format!(r#"{{"id":"{id}","titre":"Action {id}","montant":"100"{more}}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_cannot_be_read_leaves_a_line_of_nobody() {
    let sound = r#", "plan": {"lignes": [{"siren": "225900018", "part": "50"}]}"#;
    let office = Office::open(&with_plan(), list(format!("[{}]", record(1, sound)))).await;
    office.sync().await;
    assert_eq!(office.sums().iter().map(|(_, cents, _)| *cents).collect::<Vec<_>>(), [Some(5_000), Some(10_000)]);
    for plan in [
        r#"{"lignes": "Département 50"}"#,
        r#"{"lignes": {"siren": "225900018"}}"#,
        r#"{"lignes": ["Département 50"]}"#,
        r#"{"lignes": [["225900018", "50"]]}"#,
        r#"{"lignes": [null]}"#,
        r#"{"lignes": [{}]}"#,
        r#"[{"lignes": []}]"#,
        r#""Département 50""#,
    ] {
        let office =
            Office::open(&with_plan(), list(format!("[{}]", record(1, &format!(r#", "plan": {plan}"#))))).await;
        assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded, "{plan}");
        let sums: Vec<_> = office.sums().into_iter().map(|(_, cents, _)| cents).collect();
        assert_eq!(sums, [None, Some(10_000)], "{plan}");
        assert_eq!(office.warned("lines-unreadable"), ["1"], "{plan}");
    }
    for plan in ["null", "{}", r#"{"lignes": null}"#, r#"{"lignes": []}"#, r#"{"lignes": [{"siren": "", "part": ""}]}"#]
    {
        let office =
            Office::open(&with_plan(), list(format!("[{}]", record(1, &format!(r#", "plan": {plan}"#))))).await;
        office.sync().await;
        assert_eq!((office.sums().len(), office.warned("lines-unreadable").len()), (1, 0), "{plan}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_protected_some_records_holds_the_read_that_shows_it_of_none() {
    let some = format!("[{},{}]", record(1, r#", "secret": "2030-01-01""#), record(2, ""));
    let none = format!("[{},{}]", record(1, ""), record(2, ""));
    let office = Office::open(&with_plan(), list(some)).await;
    office.sync().await;
    office.answer(list(none.clone()));
    let held = office.sync().await;
    assert_eq!(held.outcome, SyncOutcome::Held, "{held:?}");
    assert!(held.message.as_ref().is_some_and(|message| message.en.contains("secret")), "{held:?}");
    office.accept(&held.id).await;
    office.answer(list(none + " "));
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded, "a person answered for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_some_records_had_hold_the_read_that_has_no_place_for_them() {
    let lines = r#", "plan": {"lignes": [{"siren": "225900018", "part": "50"}]}"#;
    let office = Office::open(&with_plan(), list(format!("[{},{}]", record(1, lines), record(2, "")))).await;
    office.sync().await;
    office.answer(list(format!("[{},{}]", record(1, ""), record(2, ""))));
    assert_eq!(office.sync().await.outcome, SyncOutcome::Held);
}
