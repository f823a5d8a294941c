//! Only what changed is asked for, between full reads: nothing is closed by it, nothing passed over, nothing surer.

use crate::office::{Asked, Office, counts, manifest};
use crate::postgres::Postgres;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use passerelle::connector::Connector;
use passerelle::domain::run::SyncOutcome;
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

const SINCE: &str = r#"since = { into = "depuis", from = "modifie", overlap = "PT5M", full-every = "PT6H" }"#;
const JSON: &str = "kind = \"http-json\"\nbase = \"http://127.0.0.1/\"\nurl = \"liste\"\nrecords = \"/rows\"";

pub(super) fn driver() -> String {
    format!("{JSON}\n{SINCE}")
}

/// The rows of a source, which filters them as real ones do: on or after what it is asked for.
type Rows = Arc<Mutex<Vec<Value>>>;

pub(super) fn row(id: u32, title: &str, changed: &str) -> Value {
    json!({"id": id, "titre": title, "montant": "100", "modifie": changed})
}

pub(super) fn three() -> Rows {
    Arc::new(Mutex::new(vec![
        row(1, "Square", "2026-03-01T07:00:00Z"),
        row(2, "Halle", "2026-03-01T09:30:00+02:00"),
        row(3, "Jardin", "2026-02-01T00:00:00Z"),
    ]))
}

fn filtered(rows: &Rows, since: Option<&str>) -> Vec<Value> {
    let instant = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
    let changed = |row: &Value| row["modifie"].as_str().and_then(instant);
    let since = since.map(|since| instant(since).expect("the source reads what it is asked for"));
    rows.lock().unwrap().iter().filter(|row| since.is_none() || changed(row) >= since).cloned().collect()
}

pub(super) fn served(rows: &Rows) -> impl FnMut(&Asked) -> Response + Send + 'static {
    let rows = Arc::clone(rows);
    move |asked| {
        let found = filtered(&rows, asked.query.get("depuis").map(String::as_str));
        axum::Json(json!({ "rows": found, "total": found.len() })).into_response()
    }
}

pub(super) fn change(rows: &Rows, row: Value) {
    let mut rows = rows.lock().unwrap();
    rows.retain(|one| one["id"] != row["id"]);
    rows.push(row);
}

/// Since when each request asked for changes.
fn since(office: &Office) -> Vec<Option<String>> {
    office.asked().into_iter().map(|mut asked| asked.query.remove("depuis")).collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_increment_brings_changes_and_closes_nothing() {
    let rows = three();
    let office = Office::open(&manifest(&driver()), served(&rows)).await;
    let full = office.sync().await;
    assert_eq!((counts(&full), full.full), ([3, 3, 0, 0, 0, 0, 0], true));
    change(&rows, row(1, "Square neuf", "2026-03-01T08:01:30Z"));
    change(&rows, row(4, "Place", "2026-03-01T08:01:30Z"));
    rows.lock().unwrap().retain(|row| row["id"] != 3);
    let run = office.sync().await;
    assert_eq!((counts(&run), run.full, run.is_increment()), ([3, 1, 1, 1, 0, 0, 0], false, true), "{run:?}");
    assert!(run.partitions.is_empty());
    // The greatest is an instant, not a text: half past nine in Paris's summer comes after seven in London.
    assert_eq!(since(&office), [None, some("2026-03-01T07:25:00Z")]);
    let records = office.records().await;
    assert_eq!(records["1"], ("Square neuf".to_owned(), 0));
    assert_eq!(records["3"], ("Jardin".to_owned(), 60), "it is gone, but only a full read may say so");
    assert_eq!(records["2"].1, 60, "what came again unchanged was read as a part");
    assert_eq!(office.age_s().await, 60, "the source is as old as its full read");
    let source = office.source().await;
    assert_eq!((source.last_success.unwrap().id, source.last_run.unwrap().id), (full.id, run.id));
    office.later(6 * 3_600);
    let run = office.sync().await;
    assert_eq!((counts(&run), run.full), ([3, 0, 0, 3, 0, 0, 1], true), "{run:?}");
    assert_eq!(since(&office), [None]);
    assert_eq!(office.age_s().await, 0);
    office.verify().await;
}

/// A record that the source shows late, at the very instant of the cursor or a little before it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_late_lies_within_the_overlap() {
    let rows = three();
    let office = Office::open(&manifest(&driver()), served(&rows)).await;
    office.sync().await;
    change(&rows, row(5, "Même instant", "2026-03-01T07:30:00Z"));
    change(&rows, row(6, "Validé plus tard", "2026-03-01T07:25:00Z"));
    assert_eq!(counts(&office.sync().await), [3, 2, 0, 1, 0, 0, 0]);
    assert_eq!(counts(&office.sync().await), [3, 0, 0, 3, 0, 0, 0]);
    assert_eq!(since(&office)[1..], [some("2026-03-01T07:25:00Z"), some("2026-03-01T07:25:00Z")]);
}

/// While the second page is waited for, a record of the first one changes; the page then brings one that changed even
/// later. The next increment begins before both, however long the page took.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_changes_between_two_pages_is_not_passed_over() {
    let rows = three();
    let seconds = Arc::new(AtomicI64::new(0));
    let (told, given) = (Arc::clone(&seconds), Arc::clone(&rows));
    let answering = move |asked: &Asked| {
        let found = filtered(&given, asked.query.get("depuis").map(String::as_str));
        let (page, next) = match asked.query.get("suite") {
            None => (&found[..2], json!("2")),
            Some(_) => (&found[2..], Value::Null),
        };
        let answer = axum::Json(json!({ "rows": page, "suite": next })).into_response();
        if !next.is_null() && told.load(Ordering::SeqCst) == 60 {
            told.fetch_add(1_800, Ordering::SeqCst);
            let mut rows = given.lock().unwrap();
            rows[0] = row(1, "Square neuf", "2026-03-01T08:02:00Z");
            rows[2] = row(3, "Jardin neuf", "2026-03-01T08:30:00Z");
        }
        answer
    };
    let paged =
        format!("{JSON}\npaging = {{ kind = \"cursor\", cursor-param = \"suite\", next = \"/suite\" }}\n{SINCE}");
    let office = Office::open_by(Arc::clone(&seconds), &manifest(&paged), answering).await;
    office.sync().await;
    assert_eq!(office.records().await["1"].0, "Square", "the page was read before the change");
    let run = office.sync().await;
    assert_eq!(office.records().await["1"].0, "Square neuf", "{run:?}");
    assert!(run.is_increment());
    let asked = since(&office);
    assert_eq!(asked[2], some("2026-03-01T07:55:00Z"), "half an hour of reading and the overlap: {asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_value_cannot_be_read_the_cursor_stays() {
    let rows = three();
    let office = Office::open(&manifest(&driver()), served(&rows)).await;
    change(&rows, row(4, "Sans date", "bientôt"));
    let run = office.sync().await;
    assert!(run.message.as_ref().unwrap().fr.contains("1 enregistrement(s) ne disent pas"), "{run:?}");
    assert!(!office.sync().await.is_increment(), "nobody knows since when to ask");
    change(&rows, row(4, "Avec date", "2026-03-01T07:00:00Z"));
    assert!(!office.sync().await.is_increment());
    office.asked();
    // A broken date within an increment; the source gives it as one that changed.
    let with_bad = |asked: &Asked| {
        assert_eq!(asked.query["depuis"], "2026-03-01T07:25:00Z");
        axum::Json(json!({ "rows": [row(1, "A", "2026-03-01T08:03:00Z"), row(2, "B", "2199-12-31T00:00:00Z")] }))
            .into_response()
    };
    office.answer(with_bad);
    for _ in 0..2 {
        let run = office.sync().await;
        assert_eq!((run.is_increment(), run.outcome), (true, SyncOutcome::Succeeded), "{run:?}");
    }
    assert_eq!(since(&office).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_increment_cut_short_applies_what_it_read_and_keeps_its_cursor() {
    let rows = three();
    let paged = format!(
        "{JSON}\npaging = {{ kind = \"page\", page-param = \"page\", size = 10, total = \"/total\" }}\n{SINCE}"
    );
    let office = Office::open(&manifest(&paged), served(&rows)).await;
    office.sync().await;
    office.asked();
    let short = |asked: &Asked| match asked.query["page"].as_str() {
        "1" => axum::Json(json!({ "rows": [row(1, "Neuf", "2026-03-01T08:01:00Z")], "total": 9 })).into_response(),
        _ => axum::Json(json!({ "rows": [], "total": 9 })).into_response(),
    };
    office.answer(short);
    let run = office.sync().await;
    assert_eq!((run.outcome, counts(&run)), (SyncOutcome::Succeeded, [1, 0, 1, 0, 0, 0, 0]), "{run:?}");
    assert!(run.message.unwrap().en.contains("states 9 records and gave 1"));
    assert_eq!(office.records().await.len(), 3);
    office.answer(served(&rows));
    office.sync().await;
    assert_eq!(since(&office), vec![some("2026-03-01T07:25:00Z"); 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_read_when_it_must_be() {
    let rows = three();
    let mut office = Office::open(&manifest(&driver()), served(&rows)).await;
    office.sync().await;
    assert!(office.sync().await.is_increment());
    assert!(office.sync_full().await.full, "a person asks");
    assert!(office.sync().await.is_increment());
    office.rewrite(&manifest(&driver()).replace("\"100\"", "\"x\"").replace("title = \"Guichet\"", "title = \"Desk\""));
    assert!(office.sync().await.full, "the manifest changed");
    office.answer(|_| StatusCode::NOT_IMPLEMENTED.into_response());
    let failed = office.sync().await;
    assert_eq!((failed.outcome, failed.full), (SyncOutcome::Failed, false));
    office.answer(served(&rows));
    assert!(office.sync().await.is_increment(), "an increment that failed is tried again");
    office.answer(|_| StatusCode::NOT_IMPLEMENTED.into_response());
    assert_eq!(office.sync_full().await.outcome, SyncOutcome::Failed);
    office.answer(served(&rows));
    assert!(office.sync().await.full, "a full read failed since");
    let held = rows.lock().unwrap().split_off(1);
    assert_eq!(office.sync_full().await.outcome, SyncOutcome::Held);
    assert!(!office.sync().await.is_increment(), "a full read is held");
    rows.lock().unwrap().extend(held);
    assert!(office.sync().await.full);
    assert!(office.sync().await.is_increment());
}

/// The amount is called otherwise from now on: an increment waits like a full read, and what it says is no ground.
#[tokio::test(flavor = "multi_thread")]
async fn an_increment_whose_form_changed_waits() {
    let rows = three();
    let office = Office::open(&manifest(&driver()), served(&rows)).await;
    office.sync().await;
    let other = json!({"id": 1, "titre": "Square", "total": "100", "modifie": "2026-03-01T08:01:00Z"});
    change(&rows, other.clone());
    office.answer(move |_| axum::Json(json!({ "rows": [other] })).into_response());
    let run = office.sync().await;
    assert_eq!((run.outcome, run.is_increment()), (SyncOutcome::Held, true), "{run:?}");
    let run = office.accept(&run.id).await;
    assert_eq!((run.outcome, run.full, run.is_increment()), (SyncOutcome::Succeeded, false, true), "{run:?}");
    assert_eq!((counts(&run)[0], office.records().await.len()), (1, 3), "a person lets it through, and closes nothing");
    assert_eq!(office.age_s().await, 120);
    office.answer(served(&rows));
    let run = office.sync().await;
    assert!(run.full, "{run:?}");
}

/// What an increment brought stands in the ledger, and not in the body that is still the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_not_known_any_more_once_an_increment_brought_something() {
    let rows = three();
    let (stale, fresh) = (json!({ "rows": *rows.lock().unwrap() }), Arc::clone(&rows));
    let answering = move |asked: &Asked| match (asked.query.get("depuis"), asked.unless.as_deref()) {
        (Some(since), _) => axum::Json(json!({ "rows": filtered(&fresh, Some(since)) })).into_response(),
        (None, Some("\"a\"")) => StatusCode::NOT_MODIFIED.into_response(),
        (None, _) => ([("etag", "\"a\"")], axum::Json(stale.clone())).into_response(),
    };
    let office = Office::open(&manifest(&driver()), answering).await;
    office.sync().await;
    assert!(office.sync().await.is_increment());
    office.later(6 * 3_600);
    assert!(office.sync().await.same_as().is_some(), "nothing was brought");
    change(&rows, row(1, "Square neuf", "2026-03-01T14:00:00Z"));
    assert_eq!(counts(&office.sync().await)[2], 1);
    office.later(6 * 3_600);
    let run = office.sync().await;
    assert_eq!((run.same_as(), counts(&run)[2]), (None, 1), "the list as it is given says otherwise: {run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graphql_variable_receives_the_cursor() {
    let driver = format!(
        r#"kind = "graphql"
base = "http://127.0.0.1/"
url = "graphql"
query = "query($after: String, $depuis: DateTime) {{ liste(after: $after, depuis: $depuis) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ id }} }} }}"
records = "/data/liste"
{SINCE}"#
    );
    let rows = three();
    let given = Arc::clone(&rows);
    let office = Office::open(&manifest(&driver), move |asked| {
        let posted: Value = serde_json::from_str(&asked.body).unwrap();
        let found = filtered(&given, posted["variables"]["depuis"].as_str());
        let list = json!({"nodes": found, "pageInfo": {"hasNextPage": false, "endCursor": null}});
        axum::Json(json!({"data": {"liste": list}})).into_response()
    })
    .await;
    assert_eq!(counts(&office.sync().await), [3, 3, 0, 0, 0, 0, 0]);
    change(&rows, row(1, "Square neuf", "2026-03-01T08:01:00Z"));
    let run = office.sync().await;
    assert_eq!((counts(&run), run.is_increment()), ([2, 0, 1, 1, 0, 0, 0], true));
    let variables: Vec<Value> = office
        .asked()
        .iter()
        .map(|asked| serde_json::from_str::<Value>(&asked.body).unwrap()["variables"]["depuis"].clone())
        .collect();
    assert_eq!(variables, [Value::Null, json!("2026-03-01T07:25:00Z")]);
}

const TABLE: &str = "CREATE TABLE dossier (id INTEGER, titre TEXT, montant TEXT, modifie TEXT);
    INSERT INTO dossier VALUES (1, 'Square', '100', '2026-03-01T07:00:00Z'), (2, 'Halle', '100', '2026-02-01T00:00:00Z')";
const CHANGE: &str = "UPDATE dossier SET titre = 'Square neuf', modifie = '2026-03-01T08:01:00Z' WHERE id = 1;
    DELETE FROM dossier WHERE id = 2";

fn sql(url: &str) -> String {
    format!(
        r#"kind = "sql"
url = "{url}"
query = "SELECT id, titre, montant, modifie FROM dossier WHERE :depuis IS NULL OR modifie >= :depuis -- :depuis"
{SINCE}"#
    )
}

/// Reads the table whole, lets `changed` change it, and reads the increment.
async fn an_increment_of_a_table(driver: String, changed: impl AsyncFnOnce()) {
    let office = Office::open_without_base(&manifest(&driver)).await;
    let run = office.sync().await;
    assert_eq!(counts(&run), [2, 2, 0, 0, 0, 0, 0], "{run:?}");
    changed().await;
    let run = office.sync().await;
    assert_eq!((counts(&run), run.is_increment()), ([1, 0, 1, 0, 0, 0, 0], true), "{run:?}");
    assert_eq!(office.records().await.len(), 2, "a full read closes");
    let run = office.sync_full().await;
    assert_eq!((run.outcome, counts(&run)[0]), (SyncOutcome::Held, 1), "half of it vanished: {run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_of_an_sqlite_query_receives_the_cursor() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("dossiers.sqlite");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    connection.execute(TABLE).await.unwrap();
    let driver = sql(&format!("sqlite:{}", path.display()));
    an_increment_of_a_table(driver, async || {
        connection.execute(CHANGE).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_of_a_postgresql_query_receives_the_cursor() {
    let Some(cluster) = Postgres::start() else { return };
    let url = cluster.database("dossiers");
    let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
    let table = TABLE.replace("modifie TEXT", "modifie TIMESTAMPTZ");
    connection.execute(AssertSqlSafe(table)).await.unwrap();
    an_increment_of_a_table(sql(&url), async || {
        connection.execute(CHANGE).await.unwrap();
    })
    .await;
}

#[test]
fn what_cannot_hold_is_told_with_its_place() {
    let faults = |driver: &str| {
        let error = Connector::parse("connector.toml", "desk", &manifest(driver)).expect_err("faults");
        let told =
            |fault: &passerelle::connector::manifest::problem::Fault| (fault.line, fault.column, fault.what.clone());
        error.faults.iter().map(told).collect::<Vec<_>>()
    };
    let [(line, column, what)] = faults(&driver().replace("PT6H", "P2D")).try_into().unwrap();
    assert_eq!((line, column), (15, 77), "{what}");
    assert!(what.contains("`full-every` is longer than `max-age`"), "{what}");
    let first = |driver: &str| faults(driver).remove(0).2;
    assert!(first(&driver().replace("overlap", "as = \"date\", overlap")).contains("at least 24 h"));
    assert!(first(&driver().replace("overlap = \"PT5M\", ", "")).contains("missing field `overlap`"));
    assert!(first(&driver().replace("overlap", "depth = 1, overlap")).contains("unknown field `depth`"));
    assert!(first(&sql("sqlite:x").replace(":depuis IS NULL OR", "")).contains(":depuis IS NULL"));
    let csv = driver().replace("http-json", "delimited").replace("url =", "path =").replace("records = \"/rows\"", "");
    assert!(first(&csv).contains("unknown field `since`"));
    let sealed = manifest(&driver()).replace("max-age", "personal = [\"modifie\"]\nmax-age");
    let error = Connector::parse("connector.toml", "desk", &sealed).expect_err("a fault");
    assert!(error.to_string().contains("personal"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_lies_ahead_of_the_clock_passes_over_nothing() {
    let rows = three();
    let office = Office::open(&manifest(&driver()), served(&rows)).await;
    office.sync().await;
    // Typed, and not recorded: nineteen hours ahead.
    change(&rows, row(2, "Halle", "2026-03-02T03:00:00Z"));
    let run = office.sync().await;
    assert_eq!(counts(&run), [1, 0, 1, 0, 0, 0, 0], "{run:?}");
    assert!(run.message.as_ref().is_some_and(|message| message.en.contains("later than the read")), "{run:?}");
    change(&rows, row(3, "Jardin neuf", "2026-03-01T08:02:30Z"));
    let run = office.sync().await;
    assert_eq!(office.records().await["3"].0, "Jardin neuf", "{run:?}");
    let asked = some("2026-03-01T07:25:00Z");
    assert_eq!(since(&office), [None, asked.clone(), asked], "the cursor stays where it was");
}
