//! A jq program: compiled without anything that reaches outside of it, run over one record at a time.

use super::super::node::Node;
use super::{BYTES_MAX, RESULTS_MAX};
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Ctx, Vars, data, load, unwrap_valr};
use jaq_json::{Val, read};
use std::time::{Duration, Instant};

/// A program that can run.
pub(super) struct Program(Filter);

type Filter = jaq_core::Filter<data::JustLut<Val>>;

impl Program {
    /// Compiles `text`, or says what is wrong in it.
    pub(super) fn compile(text: &str) -> Result<Program, String> {
        compiled(text).map(Program)
    }

    /// What the program makes of one record. Between two results it is stopped after `ms_max`; a program that gives none and does
    /// not end, or takes all memory, ends with the process that runs it.
    pub(super) fn run(&self, record: &[u8], ms_max: u64) -> Result<Vec<Node>, String> {
        one(&self.0, record, ms_max)
    }
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

fn one(filter: &Filter, record: &[u8], ms_max: u64) -> Result<Vec<Node>, String> {
    let deadline = Instant::now() + Duration::from_millis(ms_max);
    let input = read::parse_single(record).map_err(|error| error.to_string())?;
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
