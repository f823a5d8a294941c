//! A PostgreSQL cluster of one's own, in a temporary directory, for the tests that need a real one.
//! Without the binaries a test says "skipped: no PostgreSQL"; with PASSERELLE_TEST_ALL=1 it fails instead.
#![allow(dead_code, reason = "each test crate uses its own part of this fixture")]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Account that runs the cluster when the tests run as root, which the server refuses.
const SERVICE_ACCOUNT: &str = "postgres";

/// A running cluster; stopped and removed when dropped.
pub struct Postgres {
    directory: tempfile::TempDir,
    bin: PathBuf,
    port: u16,
    as_service: bool,
}

impl Postgres {
    /// Starts a cluster, or says why the test is skipped.
    pub fn start() -> Option<Postgres> {
        let Some(bin) = binaries() else {
            assert!(!skips_are_failures(), "no PostgreSQL, and PASSERELLE_TEST_ALL=1 asks for every test");
            println!("skipped: no PostgreSQL");
            return None;
        };
        let as_service = output(Command::new("id").arg("-u")).trim() == "0";
        // A short path: the name of a Unix socket has at most 107 bytes.
        let directory = tempfile::Builder::new().prefix("pg").tempdir_in("/tmp").expect("a temporary directory");
        if as_service {
            output(Command::new("chown").arg(SERVICE_ACCOUNT).arg(directory.path()));
        }
        let cluster = Postgres { directory, bin, port: free_port(), as_service };
        let data = cluster.data();
        output(
            cluster
                .command("initdb")
                .args(["-N", "-A", "trust", "-E", "UTF8", "--locale=C", "-U", "postgres"])
                .arg("-D")
                .arg(&data),
        );
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={} -c fsync=off",
            cluster.port,
            cluster.directory.path().display()
        );
        let log = cluster.directory.path().join("log");
        output(
            cluster
                .command("pg_ctl")
                .args(["start", "-w", "-s", "-o", &options])
                .arg("-D")
                .arg(&data)
                .arg("-l")
                .arg(&log),
        );
        Some(cluster)
    }

    /// URL of a new, empty database called `name`.
    pub fn database(&self, name: &str) -> String {
        output(self.command("createdb").args([
            "-h",
            "127.0.0.1",
            "-p",
            &self.port.to_string(),
            "-U",
            "postgres",
            name,
        ]));
        self.url(name)
    }

    /// URL of the database called `name`.
    pub fn url(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// Stops the server at once, as a power cut would.
    pub fn halt(&self) {
        output(self.command("pg_ctl").args(["stop", "-w", "-s", "-m", "immediate"]).arg("-D").arg(self.data()));
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let mut command = if self.as_service {
            let mut command = Command::new("runuser");
            command.args(["-u", SERVICE_ACCOUNT, "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.directory.path());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if !self.data().join("postmaster.pid").exists() {
            return;
        }
        let stopped =
            self.command("pg_ctl").args(["stop", "-w", "-s", "-m", "immediate"]).arg("-D").arg(self.data()).status();
        if !stopped.is_ok_and(|status| status.success()) {
            eprintln!("the cluster in {} did not stop", self.directory.path().display());
        }
    }
}

/// The newest installed server's directory of programs.
fn binaries() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path.join("bin")))
        })
        .filter(|(_, bin)| bin.join("pg_ctl").is_file() && bin.join("initdb").is_file())
        .collect();
    found.sort();
    found.pop().map(|(_, bin)| bin)
}

/// A port that was free a moment ago; the server would say so if another took it meanwhile.
fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("a bound address").port()
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment what they may skip")]
fn skips_are_failures() -> bool {
    std::env::var("PASSERELLE_TEST_ALL").is_ok_and(|value| value == "1")
}

/// Runs a command that must succeed, and gives what it printed. What a server left behind keeps open is not awaited.
fn output(command: &mut Command) -> String {
    let log = tempfile::NamedTempFile::new().expect("a temporary file");
    let write = || log.reopen().expect("the temporary file");
    let status = command.stdout(write()).stderr(write()).status().expect("a command of the system");
    let text = read(log.path());
    assert!(status.success(), "{command:?}: {text}");
    text
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
