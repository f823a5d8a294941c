//! JSON lists: the contract through each way of paging, and what systems do wrong.

use crate::contract::{Case, ROWS, hold, limited, net_with, read, read_from, rows};
use crate::server::{endless, serve, serve_body, serve_bytes};
use axum::Router;
use axum::extract::Query;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use passerelle::connector::driver::settings::{
    CursorPaging, DriverSettings, HttpJsonSettings, Limits, NextLinkPaging, OffsetPaging, PagePaging, Paging,
};
use passerelle::domain::marks::NextPage;
use std::collections::{BTreeMap, HashMap};

pub fn of(url: &str, records: &str, paging: Paging) -> DriverSettings {
    DriverSettings::HttpJson(HttpJsonSettings {
        base: None,
        url: url.to_owned(),
        also: Vec::new(),
        records: records.to_owned(),
        paging,
        headers: BTreeMap::from([("x-cle".to_owned(), "k".to_owned())]),
        auth: None,
        member: None,
        since: None,
        limits: Limits::DEFAULT,
    })
}

fn offset(size: u32, total: Option<&str>) -> Paging {
    let total = total.map(str::to_owned);
    Paging::Offset(OffsetPaging {
        offset_param: "offset".to_owned(),
        size_param: "limit".to_owned(),
        size,
        total,
        reach: None,
    })
}

fn page(size: u32) -> Paging {
    let size_param = Some("size".to_owned());
    Paging::Page(PagePaging { page_param: "page".to_owned(), first: 1, size_param, size, total: None })
}

pub fn cursor() -> Paging {
    let cursor_param = "after".to_owned();
    Paging::Cursor(CursorPaging { cursor_param, next: "/next".to_owned(), size_param: None, size: None, total: None })
}

fn next_link() -> Paging {
    Paging::NextLink(NextLinkPaging { next: "/links/next".to_owned(), total: Some("/total".to_owned()) })
}

type Params = Query<HashMap<String, String>>;

fn number(params: &Params, name: &str) -> Option<usize> {
    params.get(name).and_then(|text| text.parse().ok())
}

/// The records from `from` on, `size` at most, as a JSON list.
fn slice(from: usize, size: usize) -> String {
    let record = |(id, nom, montant)| format!(r#"{{"id":{id},"nom":"{nom}","montant":{montant}}}"#);
    format!("[{}]", rows().skip(from).take(size).map(record).collect::<Vec<_>>().join(","))
}

fn json(text: String) -> Response {
    ([(CONTENT_TYPE, "application/json; charset=utf-8")], text).into_response()
}

/// A system that pages in every way.
async fn system() -> String {
    let by_offset = |params: Params| async move {
        let (from, size) = (number(&params, "offset").expect("an offset"), number(&params, "limit").expect("a limit"));
        json(format!(r#"{{"total":{ROWS},"data":{}}}"#, slice(from, size)))
    };
    let by_page = |params: Params| async move {
        // This one caps its pages below what is asked for.
        let from = (number(&params, "page").expect("a page") - 1) * 700;
        if from < ROWS { json(slice(from, 700)) } else { StatusCode::NOT_FOUND.into_response() }
    };
    let by_cursor = |params: Params| async move {
        let from = number(&params, "after").unwrap_or(0);
        let next = if from + 600 < ROWS { (from + 600).to_string() } else { "null".to_owned() };
        json(format!(r#"{{"next":{next},"data":{}}}"#, slice(from, 600)))
    };
    let by_link = |params: Params, headers: HeaderMap| async move {
        assert_eq!(headers["x-cle"], "k", "the manifest's headers go with every page");
        let from = number(&params, "from").unwrap_or(0);
        let next = if from + 900 < ROWS { format!("\"link?from={}\"", from + 900) } else { "\"\"".to_owned() };
        json(format!(r#"{{"total":"{ROWS}","links":{{"next":{next}}},"data":{}}}"#, slice(from, 900)))
    };
    let router = Router::new()
        .route("/whole", get(|| async { json(slice(0, ROWS)) }))
        .route("/offset", get(by_offset))
        .route("/page", get(by_page))
        .route("/cursor", get(by_cursor))
        .route("/link", get(by_link));
    serve(router).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds() {
    let root = system().await;
    let url = |path: &str| format!("{root}/{path}");
    let file = tempfile::Builder::new().suffix(".json").tempfile().expect("a temporary file");
    std::fs::write(file.path(), format!("\u{feff}{{\"data\":{}}}", slice(0, ROWS))).expect("written");
    let cases = [
        ("whole document", of(&url("whole"), "", Paging::None)),
        ("offset", of(&url("offset"), "/data", offset(800, Some("/total")))),
        ("offset without total", of(&url("offset"), "/data", offset(800, None))),
        ("page, capped by the system", of(&url("page"), "", page(1_000))),
        ("cursor", of(&url("cursor"), "/data", cursor())),
        ("next link", of(&url("link"), "/data", next_link())),
        ("local file", of(&file.path().to_string_lossy(), "/data", Paging::None)),
    ];
    for (name, settings) in cases {
        hold(&Case { name: format!("http-json, {name}"), settings, bytes_bounded: true }).await;
    }
}

#[tokio::test]
async fn a_record_knows_its_page() {
    let root = system().await;
    let brought = read(&of(&format!("{root}/offset?key=secret"), "/data", offset(800, Some("/total")))).await;
    let location = brought.records()[1_601].location.to_string();
    assert_eq!(location, format!("{root}/offset, page 3, index 1"));
}

#[tokio::test]
async fn a_list_without_end_is_told() {
    let same = serve_body("application/json", r#"{"next":"abc","data":[{"id":1}]}"#).await;
    let same_link =
        serve_body("application/json", r#"{"links":{"next":"/data?p=2"},"total":9,"data":[{"id":1}]}"#).await;
    for settings in [
        of(&same, "/data", cursor()),
        of(&same_link, "/data", next_link()),
        of(&same, "/data", offset(1, None)),
        of(&same, "/data", page(1)),
    ] {
        let error = read(&settings).await.error();
        assert!(error.contains("endless paging"), "{error}");
    }
    let growing = |params: Params| async move { json(slice(number(&params, "offset").unwrap_or(0) % ROWS, 1)) };
    let root = serve(Router::new().route("/", get(growing))).await;
    let brought = read(&limited(&of(&root, "", offset(1, None)), |limits| limits.pages_max = 7)).await;
    assert!(!brought.complete());
    assert_eq!(brought.records().len(), 7);
}

#[tokio::test]
async fn less_than_the_total_stated_is_held() {
    let short = |params: Params| async move {
        let data = if number(&params, "offset") == Some(0) { r#"[{"id":1},{"id":2}]"# } else { "[]" };
        json(format!(r#"{{"total":3,"data":{data}}}"#))
    };
    let root = serve(Router::new().route("/", get(short))).await;
    let brought = read(&of(&root, "/data", offset(2, Some("/total")))).await;
    assert!(!brought.complete());
    let note = &brought.end.as_ref().expect("an end").notes[0];
    assert!(note.en.contains("states 3 records and gave 2") && note.fr.contains("annonce 3"), "{note:?}");
    let error = read(&of(&root, "/data", offset(2, Some("/meta/total")))).await.error();
    assert!(error.contains("« /meta/total »"), "{error}");
}

/// Many systems stop counting at a round number, and their last page is full then: one page more tells.
#[tokio::test]
async fn a_total_that_full_pages_reach_is_the_end_only_if_nothing_follows() {
    let from = |params: &Params| {
        number(params, "offset").unwrap_or_else(|| (number(params, "page").expect("a number") - 1) * 10)
    };
    // A list of `ROWS` that counts to twenty; one of twenty, that says so, or another thing, or nothing at all beyond its end.
    let capped =
        move |params: Params| async move { json(format!(r#"{{"total":20,"data":{}}}"#, slice(from(&params), 10))) };
    let beyond = move |refusal: Option<StatusCode>, text: &'static str| {
        move |params: Params| async move {
            match (from(&params), refusal) {
                (0 | 10, _) => json(format!(r#"{{"total":20,"data":{}}}"#, slice(from(&params), 10))),
                (_, Some(status)) => status.into_response(),
                (_, None) => json(text.to_owned()),
            }
        }
    };
    let router = Router::new()
        .route("/capped", get(capped))
        .route("/empty", get(beyond(None, r#"{"total":20,"data":[]}"#)))
        .route("/zero", get(beyond(None, r#"{"total":0,"data":[]}"#)))
        .route("/bare", get(beyond(None, r#"{"data":[]}"#)))
        .route("/none", get(beyond(Some(StatusCode::NOT_FOUND), "")))
        .route("/refused", get(beyond(Some(StatusCode::BAD_REQUEST), "")));
    let root = serve(router).await;
    let counted = |paging: Paging| match paging {
        Paging::Page(page) => Paging::Page(PagePaging { total: Some("/total".to_owned()), ..page }),
        other => other,
    };
    for paging in [offset(10, Some("/total")), counted(page(10))] {
        for (path, whole) in
            [("capped", false), ("empty", true), ("zero", true), ("bare", true), ("none", true), ("refused", false)]
        {
            let brought = read(&of(&format!("{root}/{path}"), "/data", paging.clone())).await;
            assert_eq!(brought.complete(), whole, "{path}: {:?}", brought.end.as_ref().map(|end| &end.notes));
        }
    }
}

/// A system that gives no page beyond its reach may count no further either.
#[tokio::test]
async fn a_total_that_is_all_within_reach_is_the_end_only_if_the_last_page_is_not_full() {
    let counting = |count: usize| {
        move |params: Params| async move {
            let from = number(&params, "offset").expect("an offset");
            json(format!(r#"{{"total":{},"data":{}}}"#, count.min(20), slice(from, 10.min(count - from))))
        }
    };
    let router = Router::new()
        .route("/more", get(counting(23)))
        .route("/equal", get(counting(20)))
        .route("/less", get(counting(19)));
    let root = serve(router).await;
    let Paging::Offset(plain) = offset(10, Some("/total")) else { panic!("by offset") };
    let within = Paging::Offset(OffsetPaging { reach: Some(20), ..plain });
    for (path, whole) in [("more", false), ("equal", false), ("less", true)] {
        let brought = read(&of(&format!("{root}/{path}"), "/data", within.clone())).await;
        assert_eq!(brought.complete(), whole, "{path}: {:?}", brought.end.as_ref().map(|end| &end.notes));
        assert!(whole || brought.notes()[0].contains("may count no further"), "{path}");
    }
}

/// What the pages say of the next one is kept for the next read: a last page that says nothing may be any.
#[tokio::test]
async fn how_a_list_that_names_its_pages_ends_is_told() {
    let pages = |last: &'static str| {
        move |params: Params| async move {
            match number(&params, "after") {
                None => json(format!(r#"{{"next":5,"data":{}}}"#, slice(0, 5))),
                Some(_) => json(format!(r#"{{{last}"data":{}}}"#, slice(5, 5))),
            }
        }
    };
    let root = serve(Router::new().route("/told", get(pages(r#""next":null,"#))).route("/left", get(pages("")))).await;
    for (path, said) in [("told", NextPage::Said), ("left", NextPage::LeftOut)] {
        let brought = read(&of(&format!("{root}/{path}"), "/data", cursor())).await;
        assert_eq!(brought.end.expect("an end").next_page, Some(said), "{path}");
    }
}

#[tokio::test]
async fn a_last_page_given_again_ends_the_list() {
    let clamped =
        |params: Params| async move { json(slice((number(&params, "page").unwrap_or(1).min(3) - 1) * 1_000, 1_000)) };
    let root = serve(Router::new().route("/", get(clamped))).await;
    let brought = read(&of(&root, "", page(1_000))).await;
    assert!(brought.complete());
    assert_eq!(brought.records().len(), ROWS);
}

#[tokio::test]
async fn what_is_no_list_of_records_is_an_error() {
    for (content_type, body, told) in [
        ("application/json", r#"{"data":[{"id":1},{"id""#, "cut short"),
        ("application/json", r#"{"data":[{"id":1}} "#, "unreadable JSON"),
        ("application/json", r#"{"data":{"id":1}}"#, "no list at « /data »"),
        ("application/json", r#"{"erreur":"maintenance"}"#, "no list at « /data »"),
        ("application/json", "", "cut short"),
        ("text/html; charset=utf-8", "<html>", "« text/html »"),
    ] {
        let error = read(&of(&serve_body(content_type, body).await, "/data", Paging::None)).await.error();
        assert!(error.contains(told), "{body}: {error}");
    }
    let error = read(&of(&serve_body("application/json", &b"[\"\xe9\"]"[..]).await, "", Paging::None)).await.error();
    assert!(error.contains("UTF-8"), "{error}");
    let cut = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n[{\"id\":1}]".to_vec();
    let error = read(&of(&serve_bytes(cut).await, "", Paging::None)).await.error();
    assert!(error.contains("broke off"), "{error}");
}

#[tokio::test]
async fn a_failing_page_fails_the_read() {
    // A refusal after a full page is no end: only after a short page may there be nothing more.
    let failing = |params: Params| async move {
        match number(&params, "page") {
            Some(1) => json(slice(0, 10)),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    };
    let failing_for_good = |params: Params| async move {
        match number(&params, "page") {
            Some(1) => json(slice(0, 5)),
            _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    };
    let root = serve(Router::new().route("/a", get(failing)).route("/b", get(failing_for_good))).await;
    let error = read(&of(&format!("{root}/a"), "", page(10))).await.error();
    assert!(error.contains("answered 404"), "{error}");
    let error = read(&of(&format!("{root}/b"), "", page(10))).await.error();
    assert!(error.contains("answered 500"), "{error}");
}

#[tokio::test]
async fn a_page_may_not_lead_elsewhere() {
    let away = r#"{"total":2,"links":{"next":"http://169.254.169.254/x"},"data":[{"id":1}]}"#;
    let error = read(&of(&serve_body("application/json", away).await, "/data", next_link())).await.error();
    assert!(error.contains("another system"), "{error}");
    let moved = || async { Redirect::temporary("http://169.254.169.254/latest") };
    let root = serve(Router::new().route("/", get(moved))).await;
    let error = read(&of(&root, "", Paging::None)).await.error();
    assert!(error.contains("redirect") && error.contains("metadata"), "{error}");
}

#[tokio::test]
async fn a_body_without_end_and_a_silent_one_are_bounded() {
    let root = serve(Router::new().route("/", get(|| async { endless("application/json", "[[[[[[[[") }))).await;
    let settings = limited(&of(&root, "", Paging::None), |limits| limits.bytes_max = 1_000_000);
    let error = read(&settings).await.error();
    assert!(error.contains("1000000 bytes"), "{error}");
    let silent = crate::server::serve_then_silence(Vec::new()).await;
    let impatient = net_with(|settings| settings.read_timeout_ms = 50);
    let error = read_from(&of(&silent, "", Paging::None), &impatient, None).await.error();
    assert!(error.contains("in time"), "{error}");
}

#[tokio::test]
async fn real_files_are_read_whole() {
    let Some(data) = crate::net::real_data() else { return };
    // Counted with Python's json module.
    let files = [
        ("politique_ville/anct_postes_fonjep_2020.json", "", 1_455),
        ("politique_ville/anct_postes_fonjep_2020_v1.json", "", 1_496),
        ("politique_ville/anct_adultes_relais_2022.json", "", 5_623),
        ("qpv/anct_qpv2024_par_commune_centroides.geojson", "/features", 824),
    ];
    for (file, records, count) in files {
        let brought = read(&of(&format!("{data}/{file}"), records, Paging::None)).await;
        assert!(brought.complete(), "{file}");
        assert_eq!(brought.records().len(), count, "{file}");
    }
}

/// A source that is published as several lists is all of them: one that fails is the source that fails.
#[tokio::test(flavor = "multi_thread")]
async fn further_lists_are_read_after_the_first() {
    let list = |text: &'static str| get(move || async move { json(text.to_owned()) });
    let router = Router::new().route("/a.json", list(r#"[{"id":1}]"#)).route("/b.json", list(r#"[{"id":2},{"id":3}]"#));
    let root = serve(router).await;
    let settings = |also: &[&str]| {
        let DriverSettings::HttpJson(plain) = of("a.json", "", Paging::None) else { panic!("JSON") };
        let also = also.iter().map(|one| (*one).to_owned()).collect();
        DriverSettings::HttpJson(HttpJsonSettings { base: Some(format!("{root}/")), also, ..plain })
    };
    let brought = read(&settings(&["b.json"])).await;
    assert!(brought.complete());
    assert_eq!(brought.json(), [r#"{"id":1}"#, r#"{"id":2}"#, r#"{"id":3}"#]);
    let end = brought.end.as_ref().expect("an end");
    assert_eq!(end.resources.len(), 2);
    assert!(end.validators.is_empty(), "no one answer tells that both are as they were");
    let error = read(&settings(&["b.json", "c.json"])).await.error();
    assert!(error.contains("404"), "{error}");
    let brought = read(&limited(&settings(&["b.json"]), |limits| limits.rows_max = 2)).await;
    assert!(!brought.complete(), "cut short within the second list");
}

/// Is a read of these files whole?
async fn saved(paging: Paging, files: &[&str]) -> bool {
    let directory = tempfile::tempdir().expect("a directory");
    for (rank, text) in files.iter().enumerate() {
        std::fs::write(directory.path().join(format!("page-{rank}.json")), text).expect("written");
    }
    let pages = directory.path().join("*.json").display().to_string();
    let brought = read(&of(&pages, "/rows", paging)).await;
    assert_eq!(brought.records().len(), files.iter().map(|text| text.matches("id").count()).sum::<usize>());
    brought.complete()
}

#[tokio::test]
async fn a_saved_page_is_not_taken_for_the_list() {
    let first = r#"{"total": 3, "next": "c1", "rows": [{"id": 1}, {"id": 2}]}"#;
    let last = r#"{"total": 3, "next": null, "rows": [{"id": 3}]}"#;
    for paging in [offset(2, Some("/total")), cursor()] {
        assert!(!saved(paging.clone(), &[first]).await, "{paging:?}");
        assert!(saved(paging.clone(), &[first, last]).await, "{paging:?}");
        assert!(saved(paging.clone(), &[r#"{"rows": [{"id": 1}]}"#]).await, "a list that somebody made: {paging:?}");
    }
    assert!(saved(offset(2, None), &[first]).await, "nothing says how long it is");
}
