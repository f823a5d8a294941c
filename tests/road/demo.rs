//! The program running `passerelle demo` over a state directory of its own.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A running demo; it stops with the test.
pub struct Demo {
    child: Child,
    // Kept open: a program whose reader goes away ends.
    _printed: BufReader<ChildStdout>,
    url: String,
    state: tempfile::TempDir,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Demo {
    pub fn start(arguments: &[&str]) -> Self {
        let state = tempfile::tempdir().unwrap();
        let mut child = program()
            .args(["demo", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .arg("--state")
            .arg(state.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut printed = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("GraphQL ") {
            line.clear();
            assert_ne!(printed.read_line(&mut line).unwrap(), 0, "the demo says where it listens");
        }
        let url = line.split_whitespace().last().unwrap().to_owned();
        Demo { child, _printed: printed, url, state }
    }

    /// A token of the demo, as the README makes one.
    pub fn token(&self, role: &str) -> String {
        self.token_of(role, None)
    }

    /// The same, of a body.
    pub fn token_of(&self, role: &str, siren: Option<&str>) -> String {
        let body = siren.into_iter().flat_map(|siren| ["--siren", siren]);
        let arguments = ["token", "--role", role].into_iter().chain(body);
        let output = program().args(arguments).arg("--state").arg(self.state.path()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Asks as somebody who sees everything.
    pub async fn see(&self, query: &str, variables: Value) -> Value {
        self.query(query, variables, Some(&self.token("AUDITOR"))).await
    }

    pub async fn query(&self, query: &str, variables: Value, token: Option<&str>) -> Value {
        let mut request = reqwest::Client::new()
            .post(&self.url)
            .header("content-type", "application/json")
            .body(json!({ "query": query, "variables": variables }).to_string());
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let text = request.send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert!(answer["errors"].is_null(), "{query}: {}", answer["errors"]);
        answer["data"].clone()
    }

    /// The URL of `path`.
    pub fn url(&self, path: &str) -> String {
        self.url.replace("/graphql", path)
    }

    pub fn truth(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.state.path().join("truth.json")).unwrap()).unwrap()
    }
}

/// The program, as it was built for this test.
pub fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_passerelle"));
    program.current_dir(env!("CARGO_MANIFEST_DIR"));
    program
}
