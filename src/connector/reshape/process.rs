//! One process that runs a program over some records, and what it answers.

use super::super::node::Node;
use super::child::Task;
use super::{BYTES_MAX, COMMAND};
use std::io::{BufRead as _, BufReader, BufWriter, Error, ErrorKind, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// Time that a process has to start, in milliseconds.
const START_MS_MAX: u64 = 20_000;
/// Bytes of an answer: the results, and what stands between them.
const ANSWER_BYTES_MAX: u64 = 2 * BYTES_MAX as u64;
/// All of its environment: the allocator would else reserve as much as the process may have before it is bounded.
const ARENA: (&str, &str) = ("MIMALLOC_ARENA_RESERVE", "64M");
/// Answers that are read ahead.
const AHEAD_MAX: usize = 64;

/// The binary that runs programs: this one, unless it is a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner(PathBuf);

impl Runner {
    /// The binary at `path`, which must be this gateway's.
    pub fn new(path: impl Into<PathBuf>) -> Runner {
        Runner(path.into())
    }
}

impl Default for Runner {
    fn default() -> Runner {
        // The path may be another binary by now, where a new version was put in its place; the name of the process never is.
        if cfg!(target_os = "linux") {
            return Runner::new("/proc/self/exe");
        }
        Runner(std::env::current_exe().unwrap_or_else(|_| PathBuf::from("passerelle")))
    }
}

/// What a program made of one record, or why it made nothing.
type Answer = Result<Vec<Node>, String>;

/// A process that gives no answer any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// It runs and says nothing.
    Silent,
    /// It has ended.
    Ended,
}

/// A running process; killed when dropped.
pub(super) struct Process {
    child: Child,
    answers: Receiver<Node>,
}

impl Process {
    /// Starts a process, which is given the program, its time for one record in milliseconds, and the records.
    pub(super) fn start(
        runner: &Runner,
        (program, record_ms_max): (&str, u64),
        records: Vec<String>,
    ) -> Result<Process, Error> {
        let mut child = Command::new(&runner.0)
            .arg(COMMAND)
            .env_clear()
            .env(ARENA.0, ARENA.1)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let task = serde_json::to_string(&Task { program: program.to_owned(), record_ms_max })?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (sender, answers) = sync_channel(AHEAD_MAX);
        let process = Process { child, answers };
        let (stdin, stdout) = pipes.ok_or(ErrorKind::BrokenPipe)?;
        // Both end with the process: their pipes break.
        std::thread::Builder::new().spawn(move || written(stdin, &task, &records))?;
        std::thread::Builder::new().spawn(move || heard(stdout, &sender))?;
        match process.answers.recv_timeout(Duration::from_millis(START_MS_MAX)) {
            Ok(Node::Null) => Ok(process),
            _ => Err(ErrorKind::BrokenPipe.into()),
        }
    }

    /// The answer to the next record.
    pub(super) fn answer(&self, wait: Duration) -> Result<Answer, Lost> {
        match self.answers.recv_timeout(wait) {
            Ok(Node::List(nodes)) => Ok(Ok(nodes)),
            Ok(Node::Text(why)) => Ok(Err(String::from(&*why))),
            Ok(_) | Err(RecvTimeoutError::Disconnected) => Err(Lost::Ended),
            Err(RecvTimeoutError::Timeout) => Err(Lost::Silent),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended cannot be killed, and needs not.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Hands the task and the records over; a process that takes no more is told by its silence.
fn written(stdin: ChildStdin, task: &str, records: &[String]) {
    let mut out = BufWriter::new(stdin);
    let lines = std::iter::once(task).chain(records.iter().map(String::as_str));
    let write = || lines.into_iter().try_for_each(|line| writeln!(out, "{line}"));
    if write().is_ok() {
        let _ = out.flush();
    }
}

/// Hands on each answer, until there is none, or one that is no answer.
fn heard(stdout: ChildStdout, answers: &SyncSender<Node>) {
    let mut from = BufReader::new(stdout);
    loop {
        let mut line = Vec::new();
        let read = from.by_ref().take(ANSWER_BYTES_MAX).read_until(b'\n', &mut line);
        let text = read.ok().and_then(|_| std::str::from_utf8(line.strip_suffix(b"\n")?).ok());
        let Some(node) = text.and_then(|text| Node::parse_json(text).ok()) else { return };
        if answers.send(node).is_err() {
            return;
        }
    }
}
