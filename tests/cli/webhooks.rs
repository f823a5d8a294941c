//! Webhooks as the program sends them: its settings, its state directory, a receiver that refuses at first, and a restart.

use super::program::{Program, grant};
use super::served::{PATIENCE, Served, pair, settings, token};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A message as it came.
struct Came {
    headers: BTreeMap<String, String>,
    body: String,
}

impl Came {
    fn read(stream: &std::net::TcpStream) -> Came {
        let mut reader = BufReader::new(stream);
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
            }
        }
        let mut body = vec![0; headers["content-length"].parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        Came { headers, body: String::from_utf8(body).unwrap() }
    }

    /// Its id and its content, once its signature is that of the secret.
    fn verified(&self) -> (String, Value) {
        let [id, timestamp, signature] =
            ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| self.headers[name].clone());
        let key = STANDARD.decode(SECRET.trim_start_matches("whsec_")).unwrap();
        let signed = format!("{id}.{timestamp}.{}", self.body);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes());
        assert_eq!(signature, format!("v1,{}", STANDARD.encode(tag.as_ref())));
        (id, serde_json::from_str(&self.body).unwrap())
    }
}

/// A receiver: its URL, the status that it answers, and what comes.
fn receiver() -> (String, Arc<AtomicU16>, mpsc::Receiver<Came>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (status, (tell, told)) = (Arc::new(AtomicU16::new(204)), mpsc::channel());
    let answered = Arc::clone(&status);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let came = Came::read(&stream);
            let status = answered.load(Ordering::SeqCst);
            let head = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            // Whoever went meanwhile is not told.
            let _ = stream.write_all(head.as_bytes());
            if tell.send(came).is_err() {
                break;
            }
        }
    });
    (url, status, told)
}

/// What `webhooks list` says of the receiver, once `holds`.
fn listed(program: &Program, config: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let until = Instant::now() + PATIENCE;
    loop {
        let listed = program.json(&["webhooks", "--config", config, "list"])[0].clone();
        if holds(&listed) {
            return listed;
        }
        assert!(Instant::now() < until, "{listed}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_verdict_that_changed_is_told_by_serve_and_again_after_a_refusal_and_a_restart() {
    let program = Program::new();
    pair(&program, "ed", &rcgen::PKCS_ED25519);
    let (url, status, came) = receiver();
    let secret = program.file("secret", SECRET.as_bytes());
    let hook = format!(
        "[net]\nprivate-hosts = [\"127.0.0.1\"]\n[[webhooks]]\nname = \"region\"\nurl = \"{url}\"\nrole = \"REGION\"\nsecret = {{ file = {:?} }}\n",
        secret.to_str().unwrap()
    );
    let settings = settings(&program, r#""EdDSA""#, &[("ed", "1")]) + &hook;
    let config = program.file("passerelle.toml", settings.as_bytes());
    let config = config.to_str().unwrap();

    let tried = program.run(&["webhooks", "--config", config, "test", "region"]);
    assert_eq!(tried.status.code(), Some(0), "{tried:?}");
    let (_, tried) = came.recv_timeout(PATIENCE).unwrap().verified();
    assert_eq!(tried["type"], "webhook.test");

    program.sync(&program.scdl("first.csv", &[grant("D1", "2026-01-15", "1000.00")]));
    let region = token(&program, "ed", &["--kid", "1"]);
    let served = Served::over(&program, "state", &settings);
    let project = served.ask(&region, "{ projects { nodes { id } } }")["projects"]["nodes"][0]["id"].clone();
    let attest = "mutation { issueAttestation(project: PROJECT, asStatementOfGaps: true) { check { ready } } }";
    served.ask(&region, &attest.replace("PROJECT", &project.to_string()));
    assert_eq!(listed(&program, config, |_| true)["pending"], 0, "it is as attested");

    // The source says another amount; the receiver refuses to hear of it.
    status.store(503, Ordering::SeqCst);
    program.sync(&program.scdl("second.csv", &[grant("D1", "2026-01-15", "1500.00")]));
    let (first, told) = came.recv_timeout(PATIENCE).unwrap().verified();
    assert_eq!((&told["type"], &told["data"]["project"]), (&"verdict.changed".into(), &project), "{told:#}");
    assert_eq!(told["data"]["asAttested"], false);
    let changes = told["data"]["changes"].as_array().unwrap();
    let change = changes.iter().find(|change| change["code"] == "LINE_AMOUNT").unwrap_or_else(|| panic!("{told:#}"));
    assert_eq!(change["funder"]["id"], "siren:200053742");
    assert_eq!(change["source"], "region-droit-commun");
    let refused = listed(&program, config, |hook| hook["lastError"].is_string());
    assert_eq!((&refused["pending"], &refused["delivered"]), (&1.into(), &0.into()), "{refused}");

    // It is killed; what was not taken is still to be told.
    served.end();
    while came.try_recv().is_ok() {}
    status.store(204, Ordering::SeqCst);
    let due = program.run(&["webhooks", "--config", config, "retry", "region"]);
    assert_eq!(due.status.code(), Some(0), "{due:?}");
    let served = Served::over(&program, "state", &settings);
    let (second, again) = came.recv_timeout(PATIENCE).unwrap().verified();
    assert_eq!((second, &again["data"]), (first, &told["data"]), "the same message under the same id");
    let taken = listed(&program, config, |hook| hook["delivered"] == 1);
    assert_eq!((&taken["pending"], &taken["dead"]), (&0.into(), &0.into()), "{taken}");
    assert!(came.try_recv().is_err(), "told once");
    served.end();
}
