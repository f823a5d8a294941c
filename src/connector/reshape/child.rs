//! The other side: a process of its own runs the program, in memory that is bounded, without an environment. Whatever a program does
//! to it (no end, no memory, no stack left) ends that process and no other.

use super::super::node::Node;
use super::program::Program;
use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Write};

/// Address space of the process, in bytes: what 16 MiB of JSON take in memory, and as much again for the program.
pub const MEMORY_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// What the process is told first.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Task {
    /// The program.
    pub(super) program: String,
    /// Time for one record, in milliseconds.
    pub(super) record_ms_max: u64,
}

/// Runs the program that the first line names over the records that follow, one a line; answers each by one line: the list of what
/// came out, or a text that says why nothing did. Before the first, `null` says that it is ready.
///
/// # Errors
/// Nobody writes or reads on the other side, or the limits cannot be set: nothing was run then.
pub fn serve(mut input: impl BufRead, mut output: impl Write) -> std::io::Result<()> {
    confine()?;
    let mut line = Vec::new();
    input.read_until(b'\n', &mut line)?;
    let task: Task = serde_json::from_slice(&line)?;
    let program = Program::compile(&task.program);
    writeln!(output, "{}", Node::Null.to_json())?;
    output.flush()?;
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let answer = match &program {
            Ok(program) => program.run(&line, task.record_ms_max).map_or_else(|why| Node::text(&*why), Node::List),
            Err(why) => Node::text(&**why),
        };
        writeln!(output, "{}", answer.to_json())?;
        output.flush()?;
    }
}

/// Bounds the memory, leaves no picture of it behind (records may be personal), and ends with whoever asked.
fn confine() -> std::io::Result<()> {
    let at_most = |most| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::As, at_most(MEMORY_BYTES_MAX))?;
    setrlimit(Resource::Core, at_most(0))?;
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    Ok(())
}
