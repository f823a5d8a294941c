//! What systems do wrong, each fault against each driver that reads by HTTP: the outcome is told, and nothing is lost
//! without a word. Of databases tells `sql.rs`.

use crate::contract::{Brought, limited, net, net_with, read_from};
use axum::http::StatusCode;
use passerelle::connector::driver::settings::{
    DelimitedSettings, DriverSettings, HttpJsonSettings, Limits, Paging, Sheet, SpreadsheetSettings,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// One way of reading, and a sound document of two records in its form.
pub struct Form {
    pub name: &'static str,
    pub content_type: &'static str,
    pub document: Vec<u8>,
    pub settings: fn(&str) -> DriverSettings,
}

pub fn forms() -> [Form; 4] {
    [
        Form {
            name: "http-json",
            content_type: "application/json",
            document: br#"[{"id":1,"nom":"a"},{"id":2,"nom":"b"}]"#.to_vec(),
            settings: json,
        },
        Form {
            name: "delimited",
            content_type: "text/csv",
            document: b"id;nom\n1;a\n2;\"b\"\n".to_vec(),
            settings: delimited,
        },
        Form {
            name: "spreadsheet",
            content_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            document: workbook(),
            settings: spreadsheet,
        },
        Form {
            name: "graphql",
            content_type: "application/json",
            document: br#"{"data":{"l":{"nodes":[{"id":"1","nom":"a"},{"id":"2","nom":"b"}],"pageInfo":{"hasNextPage":false,"endCursor":null},"totalCount":2}}}"#.to_vec(),
            settings: crate::graphql::settings,
        },
    ]
}

pub fn json(url: &str) -> DriverSettings {
    DriverSettings::HttpJson(HttpJsonSettings {
        base: None,
        url: url.to_owned(),
        also: Vec::new(),
        records: String::new(),
        member: None,
        paging: Paging::None,
        headers: BTreeMap::new(),
        auth: None,
        since: None,
        limits: Limits::DEFAULT,
    })
}

pub fn delimited(url: &str) -> DriverSettings {
    DriverSettings::Delimited(DelimitedSettings {
        base: None,
        path: url.to_owned(),
        member: None,
        delimiter: "auto".to_owned(),
        encoding: "auto".to_owned(),
        header_row: None,
        header_rows: 1,
        skip_rows: 0,
        totals_row: Vec::new(),
        join: None,
        auth: None,
        limits: Limits::DEFAULT,
    })
}

fn spreadsheet(url: &str) -> DriverSettings {
    DriverSettings::Spreadsheet(SpreadsheetSettings {
        base: None,
        path: url.to_owned(),
        sheet: Some(Sheet::Position(1)),
        header_row: None,
        header_rows: 1,
        totals_row: Vec::new(),
        join: None,
        auth: None,
        limits: Limits::DEFAULT,
    })
}

fn workbook() -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, (id, nom)) in [("id", "nom"), ("1", "a"), ("2", "b")].into_iter().enumerate() {
        sheet.write(row as u32, 0, id).expect("a cell");
        sheet.write(row as u32, 1, nom).expect("a cell");
    }
    workbook.save_to_buffer().expect("a workbook")
}

/// Answers the calls one after the other; the last answer is repeated. Counts the calls.
pub async fn scripted(answers: Vec<Vec<u8>>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/data", listener.local_addr().expect("a bound address"));
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let call = counted.fetch_add(1, Ordering::SeqCst);
            let answer = answers[call.min(answers.len() - 1)].clone();
            tokio::spawn(async move {
                let mut asked = vec![0; 4_096];
                let _ = connection.read(&mut asked).await;
                let _ = connection.write_all(&answer).await;
                let _ = connection.shutdown().await;
            });
        }
    });
    (url, calls)
}

/// An answer that states `length` bytes and holds `body`.
pub fn answer(status: StatusCode, headers: &str, (length, body): (usize, &[u8])) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

fn whole(form: &Form) -> Vec<u8> {
    sound(form.content_type, &form.document)
}

pub fn sound(content_type: &str, body: &[u8]) -> Vec<u8> {
    answer(StatusCode::OK, &format!("Content-Type: {content_type}\r\n"), (body.len(), body))
}

fn empty(status: StatusCode, headers: &str) -> Vec<u8> {
    answer(status, headers, (0, b""))
}

/// The connection is cut in the middle of the document.
fn cut(form: &Form) -> Vec<u8> {
    let headers = format!("Content-Type: {}\r\n", form.content_type);
    answer(StatusCode::OK, &headers, (form.document.len(), &form.document[..form.document.len() / 2]))
}

/// Half a document that says that it is whole.
fn half(form: &Form) -> Vec<u8> {
    sound(form.content_type, &form.document[..form.document.len() - 2])
}

type Faulty = fn(&Form) -> Vec<u8>;

#[tokio::test]
async fn a_fault_that_passes_is_got_over() {
    let faults: [(&str, Faulty); 4] = [
        ("cut", cut),
        ("500", |_| empty(StatusCode::INTERNAL_SERVER_ERROR, "")),
        ("429", |_| empty(StatusCode::TOO_MANY_REQUESTS, "Retry-After: 0\r\n")),
        ("no answer at all", |_| Vec::new()),
    ];
    for form in forms() {
        for (fault, faulty) in faults {
            let (url, calls) = scripted(vec![faulty(&form), whole(&form)]).await;
            let brought = read_from(&(form.settings)(&url), &net(), None).await;
            let name = format!("{} after {fault}: {:?}", form.name, brought.end);
            assert!(brought.complete() && brought.records().len() == 2 && brought.broken().is_empty(), "{name}");
            assert_eq!(calls.load(Ordering::SeqCst), 2, "{name}");
        }
    }
}

#[tokio::test]
async fn a_fault_that_stays_is_told() {
    let part: Faulty = |form| {
        let headers = format!("Content-Type: {}\r\nContent-Range: bytes 0-100/9999\r\n", form.content_type);
        answer(StatusCode::PARTIAL_CONTENT, &headers, (form.document.len(), &form.document))
    };
    let faults: [(&str, Faulty, &str); 6] = [
        ("a part that nobody asked for", part, "answered 206"),
        ("cut", cut, "broke off"),
        ("500", |_| empty(StatusCode::INTERNAL_SERVER_ERROR, ""), "answered 500"),
        ("429", |_| empty(StatusCode::TOO_MANY_REQUESTS, "Retry-After: 86400\r\n"), "answered 429"),
        ("a page for people", |_| sound("text/html", b"<html>log in</html>"), "text/html"),
        ("a loop", |_| empty(StatusCode::FOUND, "Location: /data\r\n"), "redirect"),
    ];
    for form in forms() {
        for (fault, faulty, told) in faults {
            let (url, _) = scripted(vec![faulty(&form)]).await;
            let brought = read_from(&(form.settings)(&url), &net(), None).await;
            let error = brought.error();
            assert!(error.contains(told) && error.contains("127.0.0.1"), "{} with {fault}: {error}", form.name);
            assert!(brought.batches.is_empty(), "{} with {fault}", form.name);
        }
    }
}

#[tokio::test]
async fn half_a_document_is_never_taken_for_a_whole_one() {
    for form in forms() {
        let (url, calls) = scripted(vec![half(&form)]).await;
        let brought: Brought = read_from(&(form.settings)(&url), &net(), None).await;
        assert!(brought.end.as_ref().map_or(true, |end| !end.complete), "{}: {:?}", form.name, brought.end);
        assert_eq!(calls.load(Ordering::SeqCst), 1, "{}: reading again would bring the same", form.name);
    }
}

#[tokio::test]
async fn a_slow_drip_is_bounded() {
    for form in forms() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/data", listener.local_addr().expect("a bound address"));
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {}\r\n\r\n", form.content_type);
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let _ = connection.write_all(head.as_bytes()).await;
                let mut ticks = tokio::time::interval(std::time::Duration::from_millis(20));
                while connection.write_all(b" ").await.is_ok() {
                    ticks.tick().await;
                }
            }
        });
        let settings = limited(&(form.settings)(&url), |limits| limits.seconds_max = 1);
        let error = read_from(&settings, &net(), None).await.error();
        assert!(error.contains("seconds"), "{}: {error}", form.name);
    }
}

#[tokio::test]
async fn a_host_that_answers_nonsense_is_left_alone_for_a_while() {
    for form in forms() {
        let nonsense: [(&str, Vec<u8>, bool); 2] = [
            ("500", empty(StatusCode::INTERNAL_SERVER_ERROR, ""), true),
            ("unreadable", sound(form.content_type, b"\x00"), form.name != "delimited"),
        ];
        for (fault, answer, counts) in nonsense {
            let (url, calls) = scripted(vec![answer]).await;
            let net = net_with(|settings| {
                settings.attempts_max = 1;
                settings.circuit_failures_max = 2;
            });
            for _ in 0..2 {
                assert!(read_from(&(form.settings)(&url), &net, None).await.end.is_err(), "{} {fault}", form.name);
            }
            let third = read_from(&(form.settings)(&url), &net, None).await.error();
            if counts {
                assert!(third.contains("2 times in a row") && third.contains("tried again in"), "{fault}: {third}");
                assert_eq!(calls.load(Ordering::SeqCst), 2, "{} {fault}", form.name);
            }
        }
    }
}

/// A list whose second page always fails is no list, whatever its first page gives.
#[tokio::test]
async fn a_host_whose_later_pages_fail_is_left_alone_for_a_while() {
    let first = sound("application/json", br#"{"rows":[{"id":1}],"next":"2"}"#);
    let failing = [empty(StatusCode::INTERNAL_SERVER_ERROR, ""), sound("application/json", b"<html>")];
    for second in failing {
        let (url, calls) = scripted(std::iter::repeat_n([first.clone(), second], 4).flatten().collect()).await;
        let net = net_with(|settings| {
            settings.attempts_max = 1;
            settings.circuit_failures_max = 2;
        });
        for read in 0..4 {
            let of_read = net.of("guichet").expect("a way out");
            let settings = crate::http_json::of(&url, "/rows", crate::http_json::cursor());
            let error = read_from(&settings, &of_read, None).await.error();
            assert_eq!(error.contains("left alone"), read >= 2, "{error}");
        }
        assert_eq!(calls.load(Ordering::SeqCst), 4);
    }
}

#[tokio::test]
async fn what_is_too_deep_or_has_no_end_is_refused_in_bounds() {
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    let (url, _) = scripted(vec![sound("application/json", &deep)]).await;
    assert!(!read_from(&json(&url), &net(), None).await.error().is_empty());
    let line = [&b"id;nom\n1;"[..], &b"x".repeat(3_000_000)].concat();
    let (url, _) = scripted(vec![sound("text/csv", &line)]).await;
    let brought = read_from(&delimited(&url), &net(), None).await;
    assert!(!brought.complete());
    assert_eq!(brought.faults(), [("row-too-long", Some(2))]);
}

/// What can be read and is not what was asked for is no answer either: neither a host that sends pages for people under the name of
/// a table nor an API that answers every question with an error is struck by each of its sources in turn.
#[tokio::test]
async fn what_is_not_the_list_that_was_asked_for_counts_like_what_cannot_be_read() {
    let page: &[u8] = b"\n<!DOCTYPE html><html><p>Maintenance; retour;bient\xc3\xb4t</p></html>";
    let answers: [(&str, &[&[u8]]); 3] = [
        ("http-json", &[br#"{"data":{"x":1}}"#, b"null", b"7"]),
        ("delimited", &[page, b"<HTML>;\n1;2\n"]),
        (
            "graphql",
            &[br#"{"errors":[{"message":"non"}]}"#, br#"{"data":{}}"#, b"null", br#"{"data":{"l":{"nodes":[]}}}"#],
        ),
    ];
    for (name, bodies) in answers {
        let form = forms().into_iter().find(|form| form.name == name).expect("a form");
        for body in bodies {
            let (url, calls) = scripted(vec![sound(form.content_type, body)]).await;
            let net = net_with(|settings| {
                settings.attempts_max = 1;
                settings.circuit_failures_max = 2;
            });
            for _ in 0..4 {
                assert!(read_from(&(form.settings)(&url), &net, None).await.end.is_err(), "{name}");
            }
            let told = String::from_utf8_lossy(body);
            assert_eq!(calls.load(Ordering::SeqCst), 2, "{name}: {told}");
        }
    }
}

/// A body that says neither its length nor its end: only a text whose last row is ended is taken for whole.
#[tokio::test]
async fn the_end_of_a_connection_is_no_end_of_a_list() {
    let text = "id;nom\n1;a\n2;bcd";
    for (head, is_told) in [
        ("HTTP/1.0 200 OK\r\n".to_owned(), false),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\n".to_owned(), false),
        (format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n", text.len()), true),
        (format!("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n", text.len()), true),
    ] {
        let answer = |text: &str| format!("{head}Content-Type: text/csv\r\n\r\n{text}").into_bytes();
        let (url, _) = scripted(vec![answer(text)]).await;
        let brought = read_from(&delimited(&url), &net(), None).await;
        let faults: &[_] = if is_told { &[] } else { &[("cut-short", Some(3))] };
        assert_eq!((brought.complete(), brought.faults()), (is_told, faults.to_vec()), "{head}");
        if !is_told {
            let (url, _) = scripted(vec![answer("id;nom\n1;a\n2;b\n")]).await;
            assert!(read_from(&delimited(&url), &net(), None).await.complete(), "{head}");
            let (url, _) = scripted(vec![answer("id;no")]).await;
            assert!(!read_from(&delimited(&url), &net(), None).await.complete(), "{head}: a header that may be half");
        }
    }
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{text}\r\n0\r\n\r\n",
        text.len()
    );
    let (url, _) = scripted(vec![chunked.into_bytes()]).await;
    assert!(read_from(&delimited(&url), &net(), None).await.complete());
}
