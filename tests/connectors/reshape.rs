//! A jq program runs in a process of its own: what it does to that process it does to no other.

use super::runner;
use passerelle::connector::driver::{Batch, RawRecord};
use passerelle::connector::node::Node;
use passerelle::connector::reshape::{LOST_MAX, Reshaper, Runner};
use passerelle::domain::rejection::Location;
use std::time::{Duration, Instant};

fn batch(records: &[&str]) -> Batch {
    let records = records.iter().enumerate().map(|(index, text)| RawRecord {
        node: Node::parse_json(text).expect("JSON"),
        location: Location { index: Some(index as u64), ..Default::default() },
        is_open: false,
    });
    Batch { records: records.collect(), broken: Vec::new() }
}

/// What comes out, and why the others do not.
fn reshaped(program: &str, records: &[&str]) -> (Vec<String>, Vec<String>) {
    let out = Reshaper::new(program, true).run_by(runner()).reshape(batch(records));
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
fn texts_of_every_kind_go_there_and_back() {
    let text = r#"{"a":"l\u00e9\n\"x\"\u2028\u0000"}"#;
    let (records, broken) = reshaped(".", &[text]);
    assert_eq!(Node::parse_json(&records[0]), Node::parse_json(text), "{broken:?}");
}

#[test]
fn what_gives_without_end_is_stopped() {
    let (_, broken) = reshaped("repeat({})", &["{}"]);
    assert!(broken[0].contains("more than"), "{broken:?}");
}

/// Each of these ends its process; the records around it are reshaped all the same.
#[test]
fn a_program_that_takes_all_there_is_ends_alone() {
    for (greedy, told) in [
        ("def f: f; f", "does not end"),
        ("[range(0; 1e12)]", "broke down"),
        ("reduce range(0; 60) as $i (.; .x = ((.x // \"a\") + (.x // \"a\")))", "broke down"),
        ("reduce range(0; 100000) as $i (.; .x = [.x])", "broke down"),
    ] {
        let program = format!("if .wait then ({greedy}) else . end");
        let begun = Instant::now();
        let (records, broken) = reshaped(&program, &[r#"{"n":1}"#, r#"{"wait":true}"#, r#"{"n":2}"#]);
        assert_eq!(records, [r#"{"n":1}"#, r#"{"n":2}"#], "{greedy}: {broken:?}");
        // On a slow machine, the time is up before the memory.
        assert!(
            broken.len() == 1 && (broken[0].contains(told) || broken[0].contains("does not end")),
            "{greedy}: {broken:?}"
        );
        assert!(begun.elapsed() < Duration::from_secs(30), "{greedy}: {:?}", begun.elapsed());
    }
}

#[test]
fn a_program_that_breaks_down_each_time_is_given_up() {
    let records: Vec<String> = (0..20).map(|n| format!("{{\"n\":{n}}}")).collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let (out, broken) = reshaped("[range(0; 1e12)]", &records);
    assert!(out.is_empty());
    assert_eq!(broken.len(), records.len());
    assert!(broken[LOST_MAX..].iter().all(|why| why.contains("too many runs")), "{broken:?}");
}

#[test]
fn a_record_as_large_as_may_be_is_reshaped() {
    let lines =
        (0..20_000).map(|n| format!("{{\"numero\":\"{n}\",\"montant\":{n}.25,\"titre\":\"{}\"}}", "x".repeat(80)));
    let record = format!("{{\"lignes\":[{}]}}", lines.collect::<Vec<_>>().join(","));
    let (records, broken) = reshaped("{lignes: [.lignes[] | {montant, numero}]} | {n: (.lignes | length)}", &[&record]);
    assert_eq!(records, [r#"{"n":20000}"#], "{broken:?}");
}

#[test]
fn nothing_of_a_personal_record_is_kept_as_evidence() {
    let reshaper = Reshaper::new("error(\"x\")", false).run_by(runner());
    assert_eq!(reshaper.reshape(batch(&[r#"{"nom":"Jeanne"}"#])).broken[0].raw, "");
}

#[test]
fn a_process_that_cannot_be_started_is_told() {
    for path in ["/nowhere/passerelle", "/bin/true"] {
        let out = Reshaper::new(".", true).run_by(Runner::new(path)).reshape(batch(&["{}", "{}"]));
        assert!(out.records.is_empty() && out.broken.len() == 2, "{path}");
        assert!(out.broken[0].reason.en.contains("cannot be started"), "{path}: {:?}", out.broken[0].reason);
    }
}
