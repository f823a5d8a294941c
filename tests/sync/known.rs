//! Bodies that are known already are not sent again, and it is never taken for granted that they are the same.

use crate::office::{Asked, Office, counts, manifest};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use passerelle::domain::run::SyncOutcome;
use std::sync::Arc;
use std::sync::Mutex;

const CSV: &str = "kind = \"delimited\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.csv\"";
const SHEET: &str = "kind = \"spreadsheet\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.xlsx\"";
const JSON: &str = "kind = \"http-json\"\nbase = \"http://127.0.0.1/\"\nurl = \"liste\"";

/// Three records, one of which states no amount that could be read.
const BODY: &str = "id;titre;montant\n1;Square;100\n2;Halle;200\n3;Jardin;beaucoup\n";

/// A file as servers give files: with its ETag, and nothing to those who have it.
fn file(etag: &'static str, body: &'static str) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |asked| {
        if asked.unless.as_deref() == Some(etag) {
            return (StatusCode::NOT_MODIFIED, [("etag", etag)]).into_response();
        }
        ([("content-type", "text/csv"), ("etag", etag)], body).into_response()
    }
}

async fn unless(office: &Office) -> Vec<Option<String>> {
    office.asked().into_iter().map(|asked| asked.unless).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_still_the_same_is_a_full_read() {
    let office = Office::open(&manifest(CSV), file("W/\"a\"", BODY)).await;
    let first = office.sync().await;
    assert_eq!(counts(&first), [3, 2, 0, 0, 0, 1, 0], "{first:?}");
    let rejections = office.rejections().await;
    assert_eq!(rejections, ["amount-unreadable"]);
    assert_eq!(unless(&office).await, [None]);
    for _ in 0..2 {
        office.later(3_600);
        let run = office.sync().await;
        assert_eq!(unless(&office).await, [Some("W/\"a\"".to_owned())]);
        assert_eq!((run.outcome, run.full), (SyncOutcome::Succeeded, true), "{run:?}");
        assert_eq!(counts(&run), [3, 0, 0, 2, 0, 1, 0], "{run:?}");
        assert_eq!(run.same_as(), Some(&*first.id), "the run that read the body, not the one before");
        assert_eq!((run.partitions, office.age_s().await), (first.partitions.clone(), 0), "it is as fresh as a read");
        assert!(office.records().await.values().all(|(_, age)| *age == 0));
        assert_eq!((office.rejections().await, office.source().await.rejected), (rejections.clone(), 1));
    }
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_body_is_read() {
    let office = Office::open(&manifest(CSV), file("\"a\"", BODY)).await;
    office.sync().await;
    office.answer(file("\"b\"", "id;titre;montant\n1;Square;100\n2;Halle;250\n3;Jardin;10\n"));
    let run = office.sync().await;
    assert_eq!((counts(&run), run.same_as()), ([3, 1, 1, 1, 0, 0, 0], None), "{run:?}");
    assert!(office.rejections().await.is_empty());
    office.sync().await;
    assert_eq!(unless(&office).await, [None, Some("\"a\"".to_owned()), Some("\"b\"".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_and_workbooks_are_known_as_well_and_pages_are_not() {
    let json = r#"[{"id":1,"titre":"Square","montant":"100"}]"#;
    let known = |kind: &'static str, body: Vec<u8>| {
        move |asked: &Asked| match asked.unless.as_deref() {
            Some("\"a\"") => StatusCode::NOT_MODIFIED.into_response(),
            _ => ([("content-type", kind), ("etag", "\"a\"")], body.clone()).into_response(),
        }
    };
    let office = Office::open(&manifest(JSON), known("application/json", json.into())).await;
    office.sync().await;
    assert!(office.sync().await.same_as().is_some());

    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, (name, value)) in [("id", "1"), ("titre", "Square"), ("montant", "100")].iter().enumerate() {
        let column = u16::try_from(column).unwrap();
        sheet.write_string(0, column, *name).unwrap();
        sheet.write_string(1, column, *value).unwrap();
    }
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let office = Office::open(&manifest(SHEET), known(xlsx, book.save_to_buffer().unwrap())).await;
    assert_eq!(counts(&office.sync().await), [1, 1, 0, 0, 0, 0, 0]);
    assert!(office.sync().await.same_as().is_some());

    let paged = format!("{JSON}\npaging = {{ kind = \"next-link\", next = \"/0/suite\" }}");
    let office = Office::open(&manifest(&paged), known("application/json", json.into())).await;
    office.sync().await;
    assert_eq!(office.sync().await.same_as(), None);
    assert_eq!(unless(&office).await, [None, None], "one page says nothing of the others");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_asks_for_and_what_is_mapped_anew_is_read() {
    let mut office = Office::open(&manifest(CSV), file("\"a\"", BODY)).await;
    office.sync().await;
    let run = office.sync_full().await;
    assert_eq!((counts(&run), run.same_as()), ([3, 0, 0, 2, 0, 1, 0], None));
    let renamed = manifest(CSV).replace("title = \"titre\"", "title = { value = \"Sans titre\" }");
    office.rewrite(&renamed);
    let run = office.sync().await;
    assert_eq!((counts(&run), run.same_as()), ([3, 0, 2, 0, 0, 1, 0], None), "every record is mapped anew");
    assert_eq!(unless(&office).await, [None, None, None]);
    assert!(office.sync().await.same_as().is_some(), "and known from then on");
}

/// What held a run is of a body that was not applied: the one that stands again says nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_of_a_source_is_told_of_the_body_that_stands() {
    let list = |amount: fn(u32) -> u32| {
        let row = |rank: u32| format!("{rank};Action {rank};{}\n", amount(1_000 + rank * 37));
        &*format!("id;titre;montant\n{}", (1..=30).map(row).collect::<String>()).leak()
    };
    let office = Office::open(&manifest(CSV), file("\"a\"", list(|amount| amount))).await;
    office.sync().await;
    office.answer(file("\"b\"", list(|amount| amount * 13 / 10)));
    let told = office.sync().await.findings;
    assert_eq!(told.iter().map(|one| (one.kind.as_str(), one.held)).collect::<Vec<_>>(), [("TOTAL_MOVED", false)]);
    office.answer(file("\"c\"", list(|amount| amount * 13)));
    let held = office.sync().await;
    assert!(held.outcome == SyncOutcome::Held && held.findings.iter().any(|one| one.held), "{held:?}");
    office.answer(file("\"b\"", ""));
    let run = office.sync().await;
    assert!(run.same_as().is_some(), "{run:?}");
    assert_eq!(run.findings, told, "as when it was applied");
    assert!(!office.source().await.held);
}

/// A held run is nobody's ground: the condition names what was applied, and the body that a person let through is
/// read once more.
#[tokio::test(flavor = "multi_thread")]
async fn a_held_body_is_not_known() {
    let office = Office::open(&manifest(CSV), file("\"a\"", BODY)).await;
    office.sync().await;
    office.answer(file("\"b\"", "id;titre;montant\n1;Square;100\n"));
    let held = office.sync().await;
    assert_eq!((held.outcome, held.marks), (SyncOutcome::Held, None));
    assert_eq!(office.sync().await.outcome, SyncOutcome::Held, "it is read again, and held again");
    assert_eq!(unless(&office).await, [None, Some("\"a\"".into()), Some("\"a\"".into())]);
    office.answer(file("\"a\"", BODY));
    assert!(office.sync().await.same_as().is_some(), "the source came back to what it was");
    assert_eq!(office.source().await.last_run.unwrap().outcome, SyncOutcome::Succeeded);
    office.answer(file("\"b\"", "id;titre;montant\n1;Square;100\n"));
    let held = office.sync().await;
    assert_eq!(office.accept(&held.id).await.outcome, SyncOutcome::Succeeded);
    office.asked();
    assert_eq!(counts(&office.sync().await), [1, 0, 0, 1, 0, 0, 0]);
    assert_eq!(unless(&office).await, [None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nothing_changed_must_have_been_asked_for() {
    let unasked = |_: &Asked| StatusCode::NOT_MODIFIED.into_response();
    let office = Office::open(&manifest(CSV), unasked).await;
    let run = office.sync().await;
    assert_eq!(run.outcome, SyncOutcome::Failed, "{run:?}");
    assert!(run.message.unwrap().en.contains("304"), "it says so");
    office.answer(file("\"a\"", BODY));
    office.sync().await;
    office.answer(|_| (StatusCode::NOT_MODIFIED, [("etag", "\"z\"")]).into_response());
    assert_eq!(office.sync().await.outcome, SyncOutcome::Failed, "it speaks of another body");
    office.answer(file("\"a\"", BODY));
    assert!(office.sync().await.same_as().is_some(), "a failure forgets nothing");
}

/// A cache that alters tags on its way, and a server that refuses the condition itself: what they say to it is asked once more without.
#[tokio::test(flavor = "multi_thread")]
async fn a_condition_that_is_answered_as_none_is_asked_without() {
    for status in [StatusCode::NOT_MODIFIED, StatusCode::PRECONDITION_FAILED] {
        let office = Office::open(&manifest(CSV), file("\"a\"", BODY)).await;
        office.sync().await;
        office.asked();
        office.answer(move |asked| match &asked.unless {
            Some(_) => (status, [("etag", "\"z\"")]).into_response(),
            None => ([("content-type", "text/csv"), ("etag", "\"z\"")], BODY).into_response(),
        });
        for known in ["\"a\"", "\"z\""] {
            let run = office.sync().await;
            let is_same = known == "\"z\"" && status == StatusCode::NOT_MODIFIED;
            assert_eq!((run.outcome, run.same_as().is_some()), (SyncOutcome::Succeeded, is_same), "{status}: {run:?}");
            let mut asked = vec![Some(known.to_owned())];
            asked.extend((!is_same).then_some(None));
            assert_eq!(unless(&office).await, asked, "{status}");
        }
    }
}

/// The address of « the latest file » leads to another file, which knows nothing of the first one's date.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_is_known_of_the_place_that_gave_it() {
    let target = Arc::new(Mutex::new("/2025.csv"));
    let told = Arc::clone(&target);
    let answering = move |asked: &Asked| match asked.path.as_str() {
        "/liste.csv" => Redirect::temporary(*told.lock().unwrap()).into_response(),
        _ if asked.unless_since.is_some() => StatusCode::NOT_MODIFIED.into_response(),
        _ => {
            let dated = [
                ("content-type", "text/csv"),
                ("last-modified", "Sun, 01 Mar 2026 06:00:00 GMT"),
                ("date", "Sun, 01 Mar 2026 08:00:00 GMT"),
            ];
            (dated, BODY).into_response()
        }
    };
    let office = Office::open(&manifest(CSV), answering).await;
    office.sync().await;
    assert!(office.sync().await.same_as().is_some());
    *target.lock().unwrap() = "/2026.csv";
    assert_eq!(office.sync().await.same_as(), None);
    let asked: Vec<(String, bool)> =
        office.asked().into_iter().map(|asked| (asked.path, asked.unless_since.is_some())).collect();
    let path = |path: &str, known| (path.to_owned(), known);
    let expected = [
        path("/liste.csv", false),
        path("/2025.csv", false),
        path("/liste.csv", false),
        path("/2025.csv", true),
        path("/liste.csv", false),
        path("/2026.csv", false),
    ];
    assert_eq!(asked, expected);
}

/// The date of a list that is given to those who say who they are does not tell whose list it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_date_is_no_ground_where_the_source_asks_who_reads() {
    let dated = |asked: &Asked| match (&asked.unless, &asked.unless_since) {
        (None, None) => {
            let dates = [("last-modified", "Sun, 01 Mar 2026 06:00:00 GMT"), ("date", "Sun, 01 Mar 2026 08:00:00 GMT")];
            (dates, [("content-type", "text/csv")], BODY).into_response()
        }
        _ => StatusCode::NOT_MODIFIED.into_response(),
    };
    let private = format!("{CSV}\nauth = {{ kind = \"api-key\", header = \"x-cle\", secret = \"cle\" }}");
    let mut office = Office::open(&manifest(&private), dated).await;
    office.sync().await;
    assert_eq!(counts(&office.sync().await), [3, 0, 0, 2, 0, 1, 0]);
    assert!(office.asked().iter().all(|asked| asked.unless_since.is_none()));
    office.rewrite(&manifest(CSV));
    office.sync().await;
    assert!(office.sync().await.same_as().is_some(), "it is, where everybody is given the same");
}

/// Two tables are the same when both are; else both are read.
#[tokio::test(flavor = "multi_thread")]
async fn two_tables_are_known_together() {
    let driver = format!("{CSV}\njoin = {{ path = \"lignes.csv\", key = \"id\", with = \"projet\", as = \"lignes\" }}");
    let etags = Arc::new(Mutex::new(("\"a\"", "\"x\"")));
    let told = Arc::clone(&etags);
    let answering = move |asked: &Asked| {
        let (first, second) = *told.lock().unwrap();
        let (etag, body) = match asked.path.as_str() {
            "/liste.csv" => (first, BODY),
            _ => (second, "projet;nom\n1;a\n"),
        };
        file(etag, body)(asked)
    };
    let office = Office::open(&manifest(&driver), answering).await;
    let first = office.sync().await;
    assert_eq!(counts(&first), [3, 2, 0, 0, 0, 1, 0]);
    assert_eq!(office.sync().await.same_as(), Some(&*first.id));
    for etags_now in [("\"b\"", "\"x\""), ("\"b\"", "\"y\"")] {
        *etags.lock().unwrap() = etags_now;
        let run = office.sync().await;
        assert_eq!((counts(&run), run.same_as()), ([3, 0, 0, 2, 0, 1, 0], None), "{etags_now:?}");
        assert!(office.sync().await.same_as().is_some(), "{etags_now:?}");
    }
}
