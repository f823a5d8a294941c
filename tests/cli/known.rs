//! A source that did not change is not read again by the program, unless its user says so.

use crate::program::{Program, counts, grant};
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::get;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Serves a SCDL file with its ETag, to those who do not have it; counts how often it was sent.
async fn served(lines: &[String]) -> (String, Arc<AtomicUsize>) {
    let body = format!("{}\n{}\n", crate::program::SCDL, lines.join("\n"));
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let answer = move |headers: HeaderMap| {
        std::future::ready(if headers.get("if-none-match").is_some_and(|known| known == "\"1\"") {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            counted.fetch_add(1, Ordering::SeqCst);
            ([("content-type", "text/csv"), ("etag", "\"1\"")], body.clone()).into_response()
        })
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(get(answer))).await });
    (base, sent)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_change_is_not_sent_again_unless_everything_is_asked_for() {
    let lines = [grant("A", "2025-01-05", "30000"), grant("B", "2025-01-05", "beaucoup")];
    let (base, sent) = served(&lines).await;
    let program = Program::new();
    std::fs::create_dir_all(program.path("state")).unwrap();
    let settings =
        format!("[net]\nprivate-hosts = [\"127.0.0.1\"]\n[sources.region-droit-commun]\nbase = \"{base}\"\n");
    std::fs::write(program.path("state/passerelle.toml"), settings).unwrap();
    let sync = |more: &[&str]| {
        let arguments: Vec<&str> = ["sync", "region-droit-commun"].iter().chain(more).copied().collect();
        tokio::task::block_in_place(|| program.json(&arguments))[0].clone()
    };
    let first = sync(&[]);
    assert_eq!((counts(&first), sent.load(Ordering::SeqCst)), ([2, 1, 0, 0, 0, 1, 0], 1), "{first}");
    let rejections = program.json(&["rejections", "region-droit-commun"]);
    assert_eq!(rejections.as_array().unwrap().len(), 1, "{rejections}");

    let again = sync(&[]);
    assert_eq!((counts(&again), sent.load(Ordering::SeqCst)), ([2, 0, 0, 1, 0, 1, 0], 1), "{again}");
    assert_eq!((&again["outcome"], &again["marks"]["same_as"]), (&"SUCCEEDED".into(), &first["id"]), "{again}");
    assert!(again["message"]["fr"].as_str().unwrap().contains("n'avoir pas changé"), "{again}");
    assert_eq!(program.json(&["rejections", "region-droit-commun"]), rejections);
    let source = &program.json(&["sources"])[0];
    assert_eq!((&source["lastSuccess"]["id"], &source["rejected"]), (&again["id"], &1.into()), "{source}");

    let full = sync(&["--full"]);
    assert_eq!((counts(&full), sent.load(Ordering::SeqCst)), ([2, 0, 0, 1, 0, 1, 0], 2), "{full}");
    assert!(full["marks"]["same_as"].is_null(), "{full}");
    let verified = program.run(&["ledger", "verify"]);
    assert!(verified.status.success(), "{verified:?}");
}
