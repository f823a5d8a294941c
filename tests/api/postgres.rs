//! What people do and ask, over a ledger in PostgreSQL: the scenarios of this program are run again by itself, each gateway with
//! a database of its own on one cluster.

use crate::app::{POSTGRES, TestApp};
use crate::cluster::Postgres;
use std::process::Command;

/// What rests on SQL: acts, history, the past, links, what changed, attestations, lists.
const AGAIN: [&str; 10] = [
    "acts::",
    "as_of::",
    "attestation::",
    "declarations::",
    "embargo::",
    "history::",
    "links::",
    "lists::",
    "story::",
    "verdict::",
];

#[test]
fn acts_history_and_the_past_are_the_same_over_postgresql() {
    let Some(cluster) = Postgres::start() else { return };
    let server = cluster.url("");
    let program = std::env::current_exe().expect("this program");
    let mut again = Command::new(program);
    again.args(AGAIN).args(["--test-threads", "2"]).env(POSTGRES, server.trim_end_matches('/'));
    let output = again.output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    for module in AGAIN {
        let ran = told.lines().filter(|line| line.starts_with(&format!("test {module}")) && line.ends_with("... ok"));
        assert!(ran.count() > 0, "nothing of {module} ran:\n{told}");
    }
}

/// What the picture holds is still answered, and whoever watches is told that nothing can be said or noted.
#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_the_gateway_is_not_ready() {
    let Some(cluster) = Postgres::start() else { return };
    let app = TestApp::start_in(cluster.database("halted")).await;
    let ready = || app.send(app.client().get(app.url("/health/ready")));
    assert_eq!(ready().await.status, 200);
    cluster.halt();
    let told = ready().await;
    assert_eq!((told.status, &told.body["status"]), (503, &"ledger-unreachable".into()), "{:#}", told.body);
    let answer = app.ask("{ ledger { version } }").await;
    assert_eq!(answer.data()["ledger"]["version"], told.body["ledgerVersion"]);
}
