//! A running `serve`, with an issuer of tokens of the test's own.

use super::program::Program;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

pub const ISSUER: &str = "https://identite.example.org/realms/essai";
pub const SUBJECT: &str = "porteuse-que-le-journal-ignore";
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Starts `serve` with these settings, on the state directory of this name.
pub fn spawn(program: &Program, state: &str, settings: &str) -> Child {
    let config = program.file("passerelle.toml", settings.as_bytes());
    Command::new(env!("CARGO_BIN_EXE_passerelle"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["serve", "--no-sync", "--listen", "127.0.0.1:0", "--config"])
        .arg(config)
        .arg("--state")
        .arg(program.path(state))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// A running `serve` with all that it said.
pub struct Served {
    child: Child,
    address: String,
    said: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
}

impl Served {
    /// On a state directory that no demo has a key in.
    pub fn start(program: &Program, settings: &str) -> Served {
        Served::over(program, "served", settings)
    }

    /// On the state directory of this name.
    pub fn over(program: &Program, state: &str, settings: &str) -> Served {
        let mut child = spawn(program, state, settings);
        let (said, (tell, told)) = (Arc::new(Mutex::new(String::new())), mpsc::channel());
        let (kept, stderr) = (Arc::clone(&said), child.stderr.take().unwrap());
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if line.contains("the gateway listens") {
                    let address = line.split("address=").nth(1).unwrap_or_default();
                    tell.send(address.split_whitespace().next().unwrap_or_default().to_owned()).unwrap();
                }
                let mut said = kept.lock().unwrap();
                said.push_str(&line);
                said.push('\n');
            }
        });
        let address = told.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{}", said.lock().unwrap()));
        Served { child, address, said, reader }
    }

    /// The host and port that it listens on.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The status of an answer to this value of `Authorization`; none when the connection is broken off unanswered.
    pub fn status(&self, authorization: &str) -> Option<u16> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut writer = stream.try_clone().unwrap();
        let asked = format!(
            "GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: {authorization}\r\n\r\n"
        );
        // Whoever is refused within the head is not heard to its end.
        let writing = std::thread::spawn(move || drop(writer.write_all(asked.as_bytes())));
        let mut head = [0; 12];
        let read = stream.read_exact(&mut head);
        drop(stream);
        writing.join().unwrap();
        read.ok().and_then(|()| std::str::from_utf8(&head).ok()?.strip_prefix("HTTP/1.1 ")?.parse().ok())
    }

    /// The body of an answer to anybody.
    pub fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        said.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    /// The data of the answer to an operation.
    pub fn ask(&self, token: &str, document: &str) -> Value {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let body = json!({ "query": document }).to_string();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        let answer: Value =
            serde_json::from_str(said.split_once("\r\n\r\n").unwrap().1).unwrap_or_else(|_| panic!("{said}"));
        assert!(answer.get("errors").is_none(), "{document}: {answer:#}");
        answer["data"].clone()
    }

    /// Ends it, and gives all that it said.
    pub fn end(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.reader.join().unwrap();
        self.said.lock().unwrap().clone()
    }
}

/// An issuer with a key of each kind, as files.
pub fn settings(program: &Program, algorithms: &str, pems: &[(&str, &str)]) -> String {
    let file = |(name, kid): &(&str, &str)| {
        format!("{{ file = {:?}, kid = {kid:?} }}", program.path(&format!("{name}.pub.pem")).to_str().unwrap())
    };
    let files: Vec<String> = pems.iter().map(file).collect();
    format!(
        "[log]\nfilter = \"debug\"\n[[auth.issuers]]\nissuer = \"{ISSUER}\"\naudience = \"essai\"\nalgorithms = [{algorithms}]\n\
         pem-files = [{}]\nroles = [\"REGION\"]\nsirens = [\"200053742\"]\n",
        files.join(", ")
    )
}

/// Writes a pair of keys of this kind; `NAME.pem` and `NAME.pub.pem`.
pub fn pair(program: &Program, name: &str, kind: &'static rcgen::SignatureAlgorithm) {
    let pair = rcgen::KeyPair::generate_for(kind).unwrap();
    program.file(&format!("{name}.pem"), pair.serialize_pem().as_bytes());
    program.file(&format!("{name}.pub.pem"), pair.public_key_pem().as_bytes());
}

/// A token made by `passerelle token --key`.
pub fn token(program: &Program, key: &str, more: &[&str]) -> String {
    let key = program.path(&format!("{key}.pem"));
    let usual = ["token", "--role", "REGION", "--siren", "200053742", "--subject", SUBJECT, "--key"];
    let mut all = usual.to_vec();
    all.extend([key.to_str().unwrap(), "--issuer", ISSUER, "--audience", "essai"]);
    all.extend(more);
    program.json(&all)["token"].as_str().unwrap().to_owned()
}
