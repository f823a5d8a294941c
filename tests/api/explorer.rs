//! The explorer: served whole from the binary, and opened in a real browser where there is one.

use crate::app::TestApp;
use crate::skipped::skipped;

#[tokio::test]
async fn the_page_and_its_files_are_served() {
    let app = TestApp::start().await;
    let page = app.send(app.client().get(app.url("/graphiql"))).await;
    assert_eq!((page.status, page.content_type.as_str()), (200, "text/html; charset=utf-8"));
    for (file, kind) in [("graphiql.min.js", "javascript"), ("graphiql.min.css", "css"), ("page.js", "javascript")] {
        let answer = app.send(app.client().get(app.url(&format!("/graphiql/{file}")))).await;
        assert_eq!(answer.status, 200, "{file}");
        assert!(answer.content_type.contains(kind), "{file}: {}", answer.content_type);
    }
    assert_eq!(app.send(app.client().get(app.url("/graphiql/..%2f..%2fCargo.toml"))).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_without_internet_opens_it() {
    let find = || {
        ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| {
            std::process::Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
        })
    };
    let Some(browser) = find() else { return skipped("no chromium") };
    let app = TestApp::start().await;
    let profile = tempfile::tempdir().expect("a temporary directory");
    let mut command = std::process::Command::new(browser);
    // Every name but the loopback resolves to nothing, so that a file from elsewhere would be missed.
    command
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--virtual-time-budget=15000", "--dump-dom"])
        .arg(app.url("/graphiql"));
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("ran").expect("the browser starts");
    let page = String::from_utf8_lossy(&output.stdout);
    assert!(page.contains("graphiql-container"), "the explorer did not start:\n{page}");
    assert!(page.contains("graphiql-execute-button"), "no button to ask with:\n{page}");
    // The page has asked for the schema, and was answered.
    let figures = app.send(app.client().get(app.url("/metrics"))).await.body.to_string();
    assert!(!figures.contains("outcome=\\\"answered\\\"} 0"), "{figures}");
    assert!(figures.contains("outcome=\\\"refused\\\"} 0"), "{figures}");
}
