//! Figures for those who watch over the gateway. Every set of labels is closed: known at start, or
//! named by manifests and settings; no recorder is global, so that two gateways may live in one process.

use crate::acts::webhook::LetterCounts;
use crate::net::{Circuit, HostState};
use crate::view::Reader;
use metrics::{Counter, Histogram, Key, Label, Level, Metadata, Recorder as _};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use std::time::Duration;

/// Bounds of the histogram of durations, in seconds.
const DURATION_BUCKETS_S: &[f64] = &[0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];
const METADATA: Metadata<'static> = Metadata::new("passerelle", Level::INFO, None);

/// The states of a host, with their words.
const CIRCUITS: [(Circuit, &str); 3] =
    [(Circuit::Closed, "closed"), (Circuit::Open, "open"), (Circuit::HalfOpen, "half-open")];

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Answered in full.
    Answered,
    /// Answered, with errors beside the data.
    Partial,
    /// Not executed: the client's fault.
    Refused,
    /// Our fault, or too slow.
    Failed,
}

impl Outcome {
    const ALL: [Outcome; 4] = [Outcome::Answered, Outcome::Partial, Outcome::Refused, Outcome::Failed];

    fn word(self) -> &'static str {
        match self {
            Outcome::Answered => "answered",
            Outcome::Partial => "partial",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
        }
    }
}

/// The gateway's own figures.
pub(super) struct Metrics {
    recorder: PrometheusRecorder,
    operations: [Counter; 4],
    durations: Histogram,
}

impl Metrics {
    /// Figures at nothing.
    pub fn new() -> Self {
        let builder =
            PrometheusBuilder::new().set_buckets(DURATION_BUCKETS_S).expect("the list of bounds is not empty");
        let recorder = builder.build_recorder();
        recorder.describe_counter("passerelle_operations_total".into(), None, "GraphQL operations by outcome".into());
        recorder.describe_histogram("passerelle_operation_seconds".into(), None, "Time to answer an operation".into());
        recorder.describe_gauge(
            "passerelle_ledger_version".into(),
            None,
            "Version of the ledger that is served".into(),
        );
        recorder.describe_gauge(
            "passerelle_listeners".into(),
            None,
            "WebSockets and streams of events that are open".into(),
        );
        recorder.describe_gauge(
            "passerelle_source_age_seconds".into(),
            None,
            "Seconds since the last successful read of a source; absent before the first".into(),
        );
        recorder.describe_gauge(
            "passerelle_source_records".into(),
            None,
            "Open records of a source; absent where their number is not public".into(),
        );
        recorder.describe_gauge(
            "passerelle_source_reachable".into(),
            None,
            "1 when the last read of a source came through".into(),
        );
        recorder.describe_gauge(
            "passerelle_hosts".into(),
            None,
            "Hosts in each state: called, left alone, or tried by one call".into(),
        );
        recorder.describe_counter(
            "passerelle_host_failures_total".into(),
            None,
            "Calls of hosts that failed, answers that could not be read included".into(),
        );
        recorder.describe_gauge(
            "passerelle_webhook_messages".into(),
            None,
            "Messages to a receiver: pending, delivered, or dead".into(),
        );
        recorder.describe_gauge(
            "passerelle_webhook_failed_attempts".into(),
            None,
            "Attempts at messages to a receiver that failed, since they were last made due by hand".into(),
        );
        let operations = Outcome::ALL.map(|outcome| {
            let labels = vec![Label::new("outcome", outcome.word())];
            recorder.register_counter(&Key::from_parts("passerelle_operations_total", labels), &METADATA)
        });
        let durations = recorder.register_histogram(&Key::from_name("passerelle_operation_seconds"), &METADATA);
        Metrics { recorder, operations, durations }
    }

    /// Counts one operation.
    pub fn operation(&self, outcome: Outcome, took: Duration) {
        self.operations[outcome as usize].increment(1);
        self.durations.record(took.as_secs_f64());
    }

    /// Notes how many listeners there are.
    pub fn listeners(&self, count: usize) {
        self.recorder.register_gauge(&Key::from_name("passerelle_listeners"), &METADATA).set(count as f64);
    }

    /// Notes how many messages to receivers of webhooks were given up, over all of them. These figures are for anybody: what is sent to
    /// whom, and when, would tell when a verdict turns that is not for them.
    pub fn letters(&self, counts: &[LetterCounts]) {
        let dead: u64 = counts.iter().map(|counts| counts.dead).sum();
        let name = "passerelle_webhook_messages_dead";
        self.recorder.register_gauge(&Key::from_parts(name, Vec::new()), &METADATA).set(dead as f64);
    }

    /// Everything in the text form of Prometheus, with the state of the sources as `reader` sees it and that of the
    /// hosts that were called.
    pub fn render(&self, reader: &Reader, hosts: &[HostState]) -> String {
        let gauge = |name: &'static str, labels: Vec<Label>, value: f64| {
            self.recorder.register_gauge(&Key::from_parts(name, labels), &METADATA).set(value);
        };
        gauge("passerelle_ledger_version", Vec::new(), reader.head().version.0 as f64);
        for source in reader.sources() {
            let labels = || vec![Label::new("source", source.profile().id.to_string())];
            // These figures are for anybody: how much is declared, or meant to be put, is not.
            if let Some(volume) = source.volume() {
                gauge("passerelle_source_records", labels(), volume as f64);
            }
            gauge("passerelle_source_reachable", labels(), if source.is_reachable() { 1.0 } else { 0.0 });
            if let Some(age_s) = source.age_s() {
                gauge("passerelle_source_age_seconds", labels(), age_s as f64);
            }
        }
        // Anybody reads this: which systems are called, and where they stand, is told in the log alone.
        for (circuit, word) in CIRCUITS {
            let so_many = hosts.iter().filter(|host| host.circuit == circuit).count();
            gauge("passerelle_hosts", vec![Label::new("state", word)], so_many as f64);
        }
        let failures = hosts.iter().map(|host| host.failures_total).sum();
        self.recorder.register_counter(&Key::from_name("passerelle_host_failures_total"), &METADATA).absolute(failures);
        let handle = self.recorder.handle();
        handle.run_upkeep();
        handle.render()
    }
}
