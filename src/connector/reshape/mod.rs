//! `[reshape]`: one jq program in front of the map, for a source too odd for it. One record in, zero, one or several
//! records out.
//!
//! A program runs in a process of its own ([`child`]): this binary again, under a hidden command, without environment, with bounded
//! memory. A batch goes there record by record and comes back answer by answer. A process that does not answer in time is killed, one
//! that ends by itself (no memory, no stack) has ended for itself alone: the record that it was at is reported, and the next ones are
//! given to another process; after [`LOST_MAX`] of them the rest of the batch is refused.

pub mod child;
mod process;
mod program;

use super::driver::{Batch, BrokenRecord, RawRecord};
use crate::domain::message::Message;
pub use process::Runner;
use process::{Lost, Process};
use program::Program;
use std::collections::VecDeque;
use std::time::Duration;

/// The hidden command under which the binary runs a program.
pub const COMMAND: &str = "reshape-records";
/// Time that a program has for one record, in milliseconds; a usual one takes 0.05.
pub const RECORD_MS_MAX: u64 = 2_000;
/// Records that a program may make of one.
pub const RESULTS_MAX: usize = 10_000;
/// Bytes of JSON that a program may make of one record.
pub const BYTES_MAX: usize = 16 * 1024 * 1024;
/// Processes that one batch may cost.
pub const LOST_MAX: usize = 3;
/// Characters of a record kept as evidence when its reshaping fails.
const EVIDENCE_MAX: usize = 2_000;

/// A jq program of a connector.
#[derive(Debug)]
pub struct Reshaper {
    program: Box<str>,
    runner: Runner,
    record_ms_max: u64,
    keep_evidence: bool,
}

/// Compiles the program, and says what is wrong in it.
///
/// # Errors
/// What is wrong, in words.
pub fn check(program: &str) -> Result<(), String> {
    Program::compile(program).map(drop)
}

impl Reshaper {
    /// A program that was checked. `keep_evidence`: may the text of a record that fails be kept? It may not where
    /// records hold personal fields, for what failed cannot be sealed by its paths.
    pub fn new(program: &str, keep_evidence: bool) -> Self {
        Reshaper { program: program.into(), runner: Runner::default(), record_ms_max: RECORD_MS_MAX, keep_evidence }
    }

    /// The same, run by another binary than this one.
    #[must_use]
    pub fn run_by(self, runner: Runner) -> Self {
        Reshaper { runner, ..self }
    }

    /// The same, with so many milliseconds for one record.
    #[must_use]
    pub fn within(self, record_ms_max: u64) -> Self {
        Reshaper { record_ms_max, ..self }
    }

    /// Reshapes every record of a batch, in order. A record that fails is reported broken; the others go on.
    /// Blocks the calling thread.
    pub fn reshape(&self, batch: Batch) -> Batch {
        let mut out = Batch { records: Vec::with_capacity(batch.records.len()), broken: batch.broken };
        let mut waiting: VecDeque<RawRecord> = batch.records.into();
        for _ in 0..LOST_MAX {
            if waiting.is_empty() {
                return out;
            }
            self.run(&mut waiting, &mut out);
        }
        waiting.drain(..).for_each(|record| out.broken.push(self.broken(&record, GIVEN_UP)));
        out
    }

    /// Runs one process until every record is done, or until it is lost.
    fn run(&self, waiting: &mut VecDeque<RawRecord>, out: &mut Batch) {
        let texts = waiting.iter().map(|record| record.node.to_json()).collect();
        let wait = Duration::from_millis(2 * self.record_ms_max);
        let process = match Process::start(&self.runner, (&self.program, self.record_ms_max), texts) {
            Ok(process) => process,
            Err(error) => {
                let why = format!("its process cannot be started (son processus ne démarre pas) : {error}");
                waiting.drain(..).for_each(|record| out.broken.push(self.broken(&record, &why)));
                return;
            }
        };
        while let Some(record) = waiting.pop_front() {
            // The program is stopped at the deadline between results; twice that without a word is no end at all.
            match process.answer(wait) {
                Ok(Ok(nodes)) => out.records.extend(nodes.into_iter().map(|node| RawRecord {
                    node,
                    location: record.location.clone(),
                    is_open: record.is_open,
                })),
                Ok(Err(why)) => out.broken.push(self.broken(&record, &why)),
                Err(lost) => {
                    let why = match lost {
                        Lost::Silent => NO_END,
                        Lost::Ended => ENDED,
                    };
                    out.broken.push(self.broken(&record, why));
                    return;
                }
            }
        }
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
const ENDED: &str =
    "its process broke down: more than 1 GiB of memory, or nested too deep (mémoire ou imbrication sans limite)";
const GIVEN_UP: &str = "too many runs of it did not end (trop d'exécutions sans fin)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_environment_nor_modules_are_within_reach() {
        for program in ["env", "$ENV", "now", "input", "include \"x\"; .", "{a: }", "foo(1)"] {
            assert!(check(program).is_err(), "{program}");
        }
        assert_eq!(check("map(.a) | add"), Ok(()));
    }
}
