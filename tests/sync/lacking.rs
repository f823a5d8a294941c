//! What a source leaves out: the list of lines, the day of an embargo, the column by which it is decided what counts. Neither a part of the
//! source nor the whole of it makes anything surer by saying less.

use crate::office::{Asked, Office, counts, manifest};
use axum::response::{IntoResponse, Response};
use passerelle::domain::run::{SyncOutcome, SyncRun};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const CSV: &str = "kind = \"delimited\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.csv\"";
const SINCE: &str = "kind = \"http-json\"\nbase = \"http://127.0.0.1/\"\nurl = \"liste\"\n\
    since = { into = \"depuis\", from = \"modifie\", overlap = \"PT1S\", full-every = \"PT6H\" }";
const PLAN: &str = r#"
[[map.statement]]
each = "plan"
when = { field = "type", in = ["AUTRE"] }
funder = { siren = "siren" }
form = { value = "SUBVENTION" }
stage = { value = "SOLLICITE" }
amount = "part"
not-public-until = "secret"
"#;

type Rows = Arc<Mutex<Vec<Value>>>;

/// All rows, or those that changed since what is asked for.
fn served(rows: &Rows) -> impl FnMut(&Asked) -> Response + Send + 'static {
    let rows = Arc::clone(rows);
    move |asked| {
        let since = asked.query.get("depuis").map(String::as_str).unwrap_or_default();
        let rows = rows.lock().unwrap();
        let found: Vec<_> = rows.iter().filter(|row| row["modifie"].as_str().unwrap_or_default() >= since).collect();
        axum::Json(json!(found)).into_response()
    }
}

fn row(id: u32, changed: &str) -> Value {
    let line = json!({"siren": "225900018", "type": "AUTRE", "part": "50", "secret": "2030-01-01"});
    json!({"id": id, "titre": format!("Action {id}"), "montant": "100", "modifie": changed, "plan": [line]})
}

fn three() -> Rows {
    let rows = ["2026-03-01T07:00:00Z", "2026-03-01T07:30:00Z", "2026-03-01T07:45:00Z"];
    Arc::new(Mutex::new((1..).zip(rows).map(|(id, changed)| row(id, changed)).collect()))
}

/// Changes the first `count` rows, just now.
fn change(rows: &Rows, count: usize, change: impl Fn(&mut Value)) {
    for row in rows.lock().unwrap().iter_mut().take(count) {
        change(row);
        row["modifie"] = json!("2026-03-01T08:01:30Z");
    }
}

fn lose(row: &mut Value, field: &str) {
    let holder = if field == "plan" { row } else { &mut row["plan"][0] };
    holder.as_object_mut().unwrap().remove(field);
}

fn told(run: &SyncRun) -> &str {
    run.message.as_ref().map_or("", |message| &message.en)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_increment_that_leaves_out_what_its_records_had_waits_and_so_does_the_whole_in_that_form() {
    for field in ["plan", "secret", "type"] {
        let rows = three();
        let office = Office::open(&(manifest(SINCE) + PLAN), served(&rows)).await;
        assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
        let before = office.sums();
        // One of them is enough, beside one that is as it should be.
        change(&rows, 2, |row| {
            if row["id"] == 1 {
                lose(row, field)
            }
        });
        let run = office.sync().await;
        assert_eq!((run.outcome, run.is_increment()), (SyncOutcome::Held, true), "{field}: {run:?}");
        assert!(told(&run).contains(field), "{field}: {run:?}");
        change(&rows, 3, |row| {
            if row["plan"][0].get(field).is_some() || row.get(field).is_some() {
                lose(row, field);
            }
        });
        let run = office.sync().await;
        assert_eq!((run.outcome, run.full), (SyncOutcome::Held, true), "{field}: {run:?}");
        assert_eq!(office.sums(), before, "{field}");
        office.verify().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_increment_that_says_less_of_one_record_is_followed_by_a_full_read_that_tells() {
    let rows = three();
    let office = Office::open(&(manifest(SINCE) + PLAN), served(&rows)).await;
    office.sync().await;
    change(&rows, 1, |row| row["plan"] = json!([]));
    let run = office.sync().await;
    assert_eq!((run.outcome, run.is_increment(), counts(&run)[2]), (SyncOutcome::Succeeded, true, 1), "{run:?}");
    change(&rows, 1, |row| lose(row, "plan"));
    assert_eq!(office.sync().await.outcome, SyncOutcome::Held);
    let run = office.sync().await;
    assert_eq!((run.outcome, run.full, counts(&run)[2]), (SyncOutcome::Succeeded, true, 1), "{run:?}");
}

/// The source says of a known record that it is deleted, or a draft again, which the manifest leaves out.
#[tokio::test(flavor = "multi_thread")]
async fn a_known_record_that_an_increment_leaves_out_is_no_longer_as_it_is_known() {
    let skipping = "key = \"id\"\nskip-when = { field = \"supprime\", in = [\"true\"] }";
    let rows = three();
    let office = Office::open(&manifest(SINCE).replace("key = \"id\"", skipping), served(&rows)).await;
    office.sync().await;
    change(&rows, 1, |row| row["supprime"] = json!(true));
    // One that nobody knew says nothing.
    let mut unknown = row(9, "2026-03-01T08:01:30Z");
    unknown["supprime"] = json!(true);
    rows.lock().unwrap().push(unknown);
    let run = office.sync().await;
    assert_eq!((counts(&run), run.is_increment()), ([3, 0, 0, 1, 2, 0, 0], true), "{run:?}");
    assert_eq!(office.stale(), ["1"]);
    let run = office.sync_full().await;
    assert_eq!((counts(&run), office.stale().len()), ([4, 0, 0, 2, 2, 0, 1], 0), "{run:?}");
    office.verify().await;
}

fn file(body: String) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |_| ([("content-type", "text/csv")], body.clone()).into_response()
}

/// Twenty rows of which ten are drafts, with this name of the column that says so.
fn drafts(column: &str) -> String {
    let row = |id: u32| {
        format!("{id};Action {id};{};{}\n", 100 + id, if id.is_multiple_of(2) { "BROUILLON" } else { "VOTE" })
    };
    format!("id;titre;montant;{column}\n") + &(1..=20).map(row).collect::<String>()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_without_the_column_that_decides_what_counts_waits() {
    let skipping =
        manifest(CSV).replace("key = \"id\"", "key = \"id\"\nskip-when = { field = \"statut\", in = [\"BROUILLON\"] }");
    let refusing = format!(
        "{}[[map.refuse]]\nwhen = {{ field = \"statut\", in = [\"BROUILLON\"] }}\ncode = \"draft\"\nfr = \"brouillon\"\nen = \"a draft\"\n",
        manifest(CSV)
    );
    let only = manifest(CSV) + "when = { field = \"statut\", in = [\"VOTE\"] }\n";
    for manifest in [&skipping, &refusing, &only] {
        let office = Office::open(manifest, file(drafts("statut"))).await;
        assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded, "{manifest}");
        let before = office.sums();
        office.answer(file(drafts("statut du dossier")));
        let run = office.sync().await;
        assert_eq!(run.outcome, SyncOutcome::Held, "{manifest}: {run:?}");
        assert!(told(&run).contains("« statut »"), "{run:?}");
        assert_eq!(office.sums(), before);
        office.answer(file(drafts("Statut")));
        assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded, "another spelling");
        // Of a table that nobody knows yet the column is missing all the same.
        let office = Office::open(manifest, file(drafts("etat"))).await;
        let run = office.sync().await;
        assert_eq!(run.outcome, SyncOutcome::Held, "{manifest}: {run:?}");
        assert!(told(&run).contains("« statut »"), "{run:?}");
    }
    // What counts where the column is not there was meant to.
    let but = manifest(CSV) + "when = { field = \"statut\", not-in = [\"BROUILLON\"] }\n";
    let office = Office::open(&but, file(drafts("etat"))).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_few_records_have_may_be_absent_and_may_not_vanish() {
    let json = "kind = \"http-json\"\nbase = \"http://127.0.0.1/\"\nurl = \"liste\"";
    let only = manifest(json) + "when = { field = \"refus\", present = false }\n";
    let list = |with: bool| {
        let rows = (1..=3).map(|id| match id {
            1 if with => json!({"id": id, "titre": "A", "montant": "5", "refus": "2026-01-01"}),
            _ => json!({"id": id, "titre": "A", "montant": "5"}),
        });
        let rows: Vec<_> = rows.collect();
        move |_: &Asked| axum::Json(json!(rows)).into_response()
    };
    let office = Office::open(&only, list(false)).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded, "no record had it, or may have");
    office.answer(list(true));
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    office.answer(list(false));
    let run = office.sync().await;
    assert_eq!(run.outcome, SyncOutcome::Held, "{run:?}");
    assert!(told(&run).contains("decides which count (« refus »)"), "{run:?}");
}
