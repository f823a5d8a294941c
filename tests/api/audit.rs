//! GraphQL over HTTP, judged by the reference implementation: `npm ci` in tests/audit brings it.

use crate::app::TestApp;
use crate::skipped::skipped;
use std::path::PathBuf;

#[tokio::test(flavor = "multi_thread")]
async fn every_audit_of_graphql_http_passes() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/audit");
    if !folder.join("node_modules/graphql-http").exists() {
        return skipped("no packages in tests/audit: run `npm ci` there");
    }
    let app = TestApp::start().await;
    let command = tokio::task::spawn_blocking({
        let url = app.url("/graphql");
        move || std::process::Command::new("node").arg("graphql-http.mjs").arg(url).current_dir(folder).output()
    });
    let output = command.await.expect("the audit runs").expect("node is there");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("61 of 61 passed"), "{text}");
}
