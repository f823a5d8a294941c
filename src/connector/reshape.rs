//! `[reshape]`: one jq program in front of the map, for a source too odd for it. One record in, zero, one or several
//! records out.
//!
//! A program runs on a thread of its own, without environment, clock, files or network. Between two results it is
//! stopped at its deadline; a program that gives no result and does not end cannot be stopped: its thread is abandoned
//! and the record reported. At most [`ABANDONED_MAX`] threads of one connector are ever abandoned; then the connector's
//! program is refused until one of them ends.

use super::driver::{Batch, BrokenRecord, RawRecord};
use super::node::Node;
use crate::domain::message::Message;
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Ctx, Vars, data, load, unwrap_valr};
use jaq_json::{Val, read};
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Time that a program has for one record, in milliseconds; a usual one takes 0.05.
pub const RECORD_MS_MAX: u64 = 2_000;
/// Records that a program may make of one.
pub const RESULTS_MAX: usize = 10_000;
/// Bytes of JSON that a program may make of one record.
pub const BYTES_MAX: usize = 16 * 1024 * 1024;
/// Threads of one connector that may be left behind by programs that do not end.
pub const ABANDONED_MAX: usize = 3;
/// Records handed to the thread ahead of its results.
const AHEAD_MAX: usize = 64;
/// Characters of a record kept as evidence when its reshaping fails.
const EVIDENCE_MAX: usize = 2_000;

/// A jq program of a connector.
#[derive(Debug)]
pub struct Reshaper {
    program: Arc<str>,
    record_ms_max: u64,
    keep_evidence: bool,
    abandoned: Mutex<Vec<JoinHandle<()>>>,
}

type Filter = jaq_core::Filter<data::JustLut<Val>>;
type Reshaped = Result<Vec<Node>, String>;

/// Compiles the program, and says what is wrong in it.
///
/// # Errors
/// What is wrong, in words.
pub fn check(program: &str) -> Result<(), String> {
    compiled(program).map(drop)
}

impl Reshaper {
    /// A program that was checked. `keep_evidence`: may the text of a record that fails be kept? It may not where
    /// records hold personal fields, for what failed cannot be sealed by its paths.
    pub fn new(program: &str, keep_evidence: bool) -> Self {
        Reshaper { program: program.into(), record_ms_max: RECORD_MS_MAX, keep_evidence, abandoned: Mutex::default() }
    }

    /// Reshapes every record of a batch, in order. A record that fails is reported broken; the others go on.
    /// Blocks the calling thread.
    pub fn reshape(&self, batch: Batch) -> Batch {
        let mut out = Batch { records: Vec::with_capacity(batch.records.len()), broken: batch.broken };
        let mut waiting: VecDeque<RawRecord> = batch.records.into();
        while !waiting.is_empty() {
            if self.abandoned() >= ABANDONED_MAX {
                waiting.drain(..).for_each(|record| out.broken.push(self.broken(&record, GIVEN_UP)));
            } else {
                self.run(&mut waiting, &mut out);
            }
        }
        out
    }

    /// Runs one thread until every record is done, or one does not end.
    fn run(&self, waiting: &mut VecDeque<RawRecord>, out: &mut Batch) {
        let Worker { work, results, thread } = self.worker();
        let mut handed = 0;
        while !waiting.is_empty() {
            while handed < waiting.len().min(AHEAD_MAX) && work.try_send(waiting[handed].node.to_json()).is_ok() {
                handed += 1;
            }
            // The thread stops itself at the deadline between results; twice that without a word is no end at all.
            let result = results.recv_timeout(Duration::from_millis(2 * self.record_ms_max));
            let Some(record) = waiting.pop_front() else { return };
            handed = handed.saturating_sub(1);
            match result {
                Ok(Ok(nodes)) => out.records.extend(nodes.into_iter().map(|node| RawRecord {
                    node,
                    location: record.location.clone(),
                    is_open: record.is_open,
                })),
                Ok(Err(why)) => out.broken.push(self.broken(&record, &why)),
                Err(_) => {
                    out.broken.push(self.broken(&record, NO_END));
                    self.abandoned.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
                    return;
                }
            }
        }
    }

    /// Threads left behind that still run.
    fn abandoned(&self) -> usize {
        let mut threads = self.abandoned.lock().unwrap_or_else(PoisonError::into_inner);
        threads.retain(|thread| !thread.is_finished());
        threads.len()
    }

    fn worker(&self) -> Worker {
        let (work, records) = sync_channel::<String>(AHEAD_MAX);
        let (answers, results) = sync_channel::<Reshaped>(AHEAD_MAX);
        let (program, ms_max) = (Arc::clone(&self.program), self.record_ms_max);
        let thread = std::thread::spawn(move || {
            let filter = match compiled(&program) {
                Ok(filter) => filter,
                Err(why) => return drop(answers.send(Err(why))),
            };
            for record in records {
                if answers.send(one(&filter, &record, ms_max)).is_err() {
                    return;
                }
            }
        });
        Worker { work, results, thread }
    }

    fn broken(&self, record: &RawRecord, why: &str) -> BrokenRecord {
        let raw = if self.keep_evidence { record.node.to_json() } else { String::new() };
        BrokenRecord {
            raw: raw.chars().take(EVIDENCE_MAX).collect(),
            location: record.location.clone(),
            code: "reshape-failed",
            reason: Message::new(
                format!("le programme jq du manifeste a échoué : {why}"),
                format!("the manifest's jq program failed: {why}"),
            ),
            cells: None,
            legible: None,
        }
    }
}

const NO_END: &str = "it does not end (le programme ne se termine pas)";
const GIVEN_UP: &str = "too many runs of it did not end (trop d'exécutions sans fin)";

/// A thread that runs the program, and the two ends of it.
struct Worker {
    work: SyncSender<String>,
    results: Receiver<Reshaped>,
    thread: JoinHandle<()>,
}

/// Definitions of jq that rest on what a program may not reach here (process, clock) or on parts left out of the
/// build (regular expressions, floating-point mathematics, encodings).
const OUT_OF_REACH: &[&str] = &[
    "stderr",
    "debug",
    "halt",
    "halt_error",
    "logb",
    "significand",
    "pow10",
    "drem",
    "nexttoward",
    "scalb",
    "gamma",
    "test",
    "scan_",
    "match",
    "capture",
    "splits",
    "sub",
    "gsub",
    "scan",
    "todate",
    "fromdate",
    "@sh",
    "@html",
    "@htmld",
    "@uri",
    "@urid",
    "@base64",
    "@base64d",
];

fn compiled(program: &str) -> Result<Filter, String> {
    let standard =
        jaq_std::defs().filter(|def| !(OUT_OF_REACH.contains(&def.name) || def.name == "split" && def.args.len() > 1));
    let defs = jaq_core::defs().chain(standard).chain(jaq_json::defs());
    let funs = jaq_core::funs().chain(jaq_std::base_funs()).chain(jaq_json::funs());
    let arena = Arena::default();
    let modules = Loader::new(defs).load(&arena, File { code: program, path: () }).map_err(|errors| {
        let (_, error) = errors.into_iter().next().expect("a failure has a cause");
        match error {
            load::Error::Io(causes) => format!("a module cannot be read here: {}", causes[0].1),
            load::Error::Lex(causes) => at(program, causes[0].1, &format!("expected {}", causes[0].0.as_str())),
            load::Error::Parse(causes) => at(program, causes[0].1, &format!("expected {}", causes[0].0.as_str())),
        }
    })?;
    jaq_core::Compiler::default().with_funs(funs).compile(modules).map_err(|errors| {
        let (name, what) = errors.into_iter().flat_map(|(_, causes)| causes).next().expect("a failure has a cause");
        format!("undefined {} {name}", what.as_str())
    })
}

/// `what`, and the text of the program where it stands.
fn at(program: &str, rest: &str, what: &str) -> String {
    let line = program
        .len()
        .checked_sub(rest.len())
        .map_or(1, |end| program.get(..end).map_or(1, |before| before.matches('\n').count() + 1));
    let near: String = rest.chars().take(30).collect();
    if rest.is_empty() {
        format!("{what} at the end of the program")
    } else {
        format!("{what} near « {near} » (line {line} of the program)")
    }
}

fn one(filter: &Filter, record: &str, ms_max: u64) -> Reshaped {
    let deadline = Instant::now() + Duration::from_millis(ms_max);
    let input = read::parse_single(record.as_bytes()).map_err(|error| error.to_string())?;
    let context = Ctx::<data::JustLut<Val>>::new(&filter.lut, Vars::new([]));
    let (mut nodes, mut bytes) = (Vec::new(), 0);
    for result in filter.id.run((context, input)).map(unwrap_valr) {
        let text = result.map_err(|error| error.to_string())?.to_string();
        bytes += text.len();
        if bytes > BYTES_MAX || nodes.len() >= RESULTS_MAX {
            return Err(format!("it gives more than {RESULTS_MAX} records or {BYTES_MAX} bytes for one record"));
        }
        let node = Node::parse_json(&text).map_err(|error| format!("its result is no JSON: {error}"))?;
        if !matches!(node, Node::Object(_)) {
            return Err("its result is no object".to_owned());
        }
        nodes.push(node);
        if Instant::now() > deadline {
            return Err(format!("it takes more than {ms_max} ms for one record"));
        }
    }
    Ok(nodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(records: &[&str]) -> Batch {
        let records = records.iter().enumerate().map(|(index, text)| RawRecord {
            node: Node::parse_json(text).unwrap(),
            location: crate::domain::rejection::Location { index: Some(index as u64), ..Default::default() },
            is_open: false,
        });
        Batch { records: records.collect(), broken: Vec::new() }
    }

    fn reshaped(program: &str, records: &[&str]) -> (Vec<String>, Vec<String>) {
        let out = Reshaper { record_ms_max: 200, ..Reshaper::new(program, true) }.reshape(batch(records));
        let written = out.records.iter().map(|record| record.node.to_json()).collect();
        (written, out.broken.iter().map(|broken| broken.reason.en.clone()).collect())
    }

    #[test]
    fn zero_one_or_several_records_come_out_in_order_with_their_digits() {
        let program = ".lignes[]? | {montant, n: (.n // 0)}";
        let (records, broken) = reshaped(
            program,
            &[r#"{"lignes":[{"montant":1.10},{"montant":12345678901234567890.01,"n":2}]}"#, "{}", r#"{"lignes":[{}]}"#],
        );
        let expected =
            [r#"{"montant":1.10,"n":0}"#, r#"{"montant":12345678901234567890.01,"n":2}"#, r#"{"montant":null,"n":0}"#];
        assert_eq!(records, expected);
        assert!(broken.is_empty(), "{broken:?}");
    }

    #[test]
    fn a_failing_record_does_not_stop_the_others() {
        let (records, broken) = reshaped("{a: (.a | tonumber)}", &[r#"{"a":"x"}"#, r#"{"a":"2"}"#]);
        assert_eq!(records, [r#"{"a":2}"#]);
        assert_eq!(broken.len(), 1);
    }

    #[test]
    fn what_gives_without_end_is_stopped() {
        let (_, broken) = reshaped("repeat({})", &["{}"]);
        assert!(broken[0].contains("more than"), "{broken:?}");
    }

    #[test]
    fn what_never_ends_is_abandoned_and_the_next_records_are_tried_anew() {
        let program = "if .wait then (def f: f; f) else . end";
        let (records, broken) = reshaped(program, &[r#"{"n":1}"#, r#"{"wait":true}"#, r#"{"n":2}"#]);
        assert_eq!(records, [r#"{"n":1}"#, r#"{"n":2}"#]);
        assert_eq!(broken.len(), 1);
    }

    #[test]
    fn neither_environment_nor_modules_are_within_reach() {
        for program in ["env", "$ENV", "now", "input", "include \"x\"; .", "{a: }", "foo(1)"] {
            assert!(check(program).is_err(), "{program}");
        }
        assert_eq!(check("map(.a) | add"), Ok(()));
    }

    #[test]
    fn nothing_of_a_personal_record_is_kept_as_evidence() {
        let out = Reshaper::new("error(\"x\")", false).reshape(batch(&[r#"{"nom":"Jeanne"}"#]));
        assert_eq!(out.broken[0].raw, "");
    }
}
