//! What every driver keeps, whatever it reads: the doc of `Driver`, as a test.

use passerelle::connector::driver::settings::{DriverSettings, Limits};
use passerelle::connector::driver::{
    AnyDriver, Ask, BATCH_RECORDS_MAX, Batch, BrokenRecord, Driver, RawRecord, ReadEnd, ReadError, Reading,
};
use passerelle::connector::node::Node;
use passerelle::net::{Net, NetSettings};
use std::collections::BTreeSet;
use tokio::sync::mpsc;

/// Records of the list that the contract is held on: more than two batches.
pub const ROWS: usize = 2_500;

/// A source that holds the list: `ROWS` records with `id` from 0 on, `nom`, and `montant`.
pub struct Case {
    /// What is read, for messages.
    pub name: String,
    /// How it is read.
    pub settings: DriverSettings,
    /// Are its bytes bounded by `bytes-max`? Those of a database are not.
    pub bytes_bounded: bool,
}

/// What a read brought.
#[derive(Debug)]
pub struct Brought {
    pub batches: Vec<Batch>,
    pub end: Result<ReadEnd, ReadError>,
}

impl Brought {
    pub fn records(&self) -> Vec<&RawRecord> {
        self.batches.iter().flat_map(|batch| &batch.records).collect()
    }

    pub fn broken(&self) -> Vec<&BrokenRecord> {
        self.batches.iter().flat_map(|batch| &batch.broken).collect()
    }

    /// The records as JSON text, for comparing.
    pub fn json(&self) -> Vec<String> {
        self.records().iter().map(|record| record.node.to_json()).collect()
    }

    /// The lines on which records start.
    pub fn lines(&self) -> Vec<u64> {
        self.records().iter().filter_map(|record| record.location.line).collect()
    }

    /// The codes and lines of the broken ones.
    pub fn faults(&self) -> Vec<(&'static str, Option<u64>)> {
        self.broken().iter().map(|broken| (broken.code, broken.location.line)).collect()
    }

    pub fn complete(&self) -> bool {
        self.end.as_ref().expect("the read ended").complete
    }

    /// What is to be known of the read, in English.
    pub fn notes(&self) -> Vec<String> {
        self.end.as_ref().expect("the read ended").notes.iter().map(|note| note.en.clone()).collect()
    }

    /// The error, in English, once it is sure that it is told in French as well.
    pub fn error(&self) -> String {
        let message = self.end.as_ref().expect_err("the read failed").message();
        assert!(!message.fr.is_empty() && message.fr != message.en, "told in both languages: {message:?}");
        message.en
    }
}

/// A client that may reach this machine, and gives up soon.
pub fn net() -> Net {
    net_with(|_| ())
}

pub fn net_with(change: impl Fn(&mut NetSettings)) -> Net {
    let mut settings = NetSettings {
        private_hosts: BTreeSet::from(["127.0.0.1".to_owned()]),
        connect_timeout_ms: 2_000,
        read_timeout_ms: 2_000,
        backoff_ms: 1,
        ..NetSettings::default()
    };
    change(&mut settings);
    Net::new(settings).expect("a client")
}

pub async fn read(settings: &DriverSettings) -> Brought {
    read_from(settings, &net(), None).await
}

pub async fn read_from(settings: &DriverSettings, net: &Net, place: Option<&str>) -> Brought {
    read_by(AnyDriver::new(settings), net, place).await
}

pub async fn read_by(driver: AnyDriver, net: &Net, place: Option<&str>) -> Brought {
    let (out, mut batches) = mpsc::channel(1);
    let reading = Reading { net, base: None, place, ask: Ask::default() };
    let take = async {
        let mut taken = Vec::new();
        while let Some(batch) = batches.recv().await {
            taken.push(batch);
        }
        taken
    };
    let give = async {
        let end = driver.records(&reading, &out).await;
        drop(out);
        end
    };
    let (end, batches) = tokio::join!(give, take);
    Brought { batches, end }
}

pub fn limited(settings: &DriverSettings, change: impl Fn(&mut Limits)) -> DriverSettings {
    let mut settings = settings.clone();
    change(match &mut settings {
        DriverSettings::HttpJson(settings) => &mut settings.limits,
        DriverSettings::Delimited(settings) => &mut settings.limits,
        DriverSettings::Spreadsheet(settings) => &mut settings.limits,
        DriverSettings::Sql(settings) => &mut settings.limits,
        DriverSettings::Graphql(settings) => &mut settings.limits,
    });
    settings
}

/// Holds one driver against the contract.
pub async fn hold(case: &Case) {
    the_whole_list_in_order(case).await;
    a_limit_of_records_cuts_short(case).await;
    limits_of_bytes_and_time_fail(case).await;
    a_taker_that_leaves_stops_the_read(case).await;
    a_place_that_is_not_there_is_told(case).await;
}

async fn the_whole_list_in_order(case: &Case) {
    let brought = read(&case.settings).await;
    let name = &case.name;
    let end = brought.end.as_ref().unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(end.complete, "{name}: {:?}", end.notes);
    assert!(brought.broken().is_empty(), "{name}");
    let ids: Vec<String> = brought.records().iter().map(|record| field(&record.node, "id")).collect();
    let expected: Vec<String> = (0..ROWS).map(|id| id.to_string()).collect();
    assert_eq!(ids, expected, "{name}");
    let last = &brought.records()[ROWS - 1].node;
    assert_eq!(field(last, "nom"), format!("Projet n° {}", ROWS - 1), "{name}");
    assert_eq!(field(last, "montant"), "2499.25", "{name}: digits are kept");
    for batch in &brought.batches {
        let size = batch.records.len() + batch.broken.len();
        assert!((1..=BATCH_RECORDS_MAX).contains(&size), "{name}: a batch of {size}");
    }
    let places: BTreeSet<String> = brought.records().iter().map(|record| record.location.to_string()).collect();
    assert_eq!(places.len(), ROWS, "{name}: no two records have one location");
    for record in brought.records() {
        assert!(end.resources.iter().any(|resource| **resource == *record.location.resource), "{name}: {end:?}");
    }
}

async fn a_limit_of_records_cuts_short(case: &Case) {
    let brought = read(&limited(&case.settings, |limits| limits.rows_max = 1_200)).await;
    assert!(!brought.complete(), "{}", case.name);
    assert_eq!(brought.records().len(), 1_200, "{}", case.name);
    let notes = &brought.end.as_ref().expect("the read ended").notes;
    assert!(notes.iter().any(|note| note.en.contains("rows-max")), "{}: {notes:?}", case.name);
}

async fn limits_of_bytes_and_time_fail(case: &Case) {
    if case.bytes_bounded {
        let error = read(&limited(&case.settings, |limits| limits.bytes_max = 1_000)).await.error();
        assert!(error.contains("1000 bytes"), "{}: {error}", case.name);
    }
    let brought = read(&limited(&case.settings, |limits| limits.seconds_max = 0)).await;
    assert!(brought.error().contains("seconds"), "{}: {:?}", case.name, brought.end);
}

async fn a_taker_that_leaves_stops_the_read(case: &Case) {
    let (net, driver) = (net(), AnyDriver::new(&case.settings));
    let (out, mut batches) = mpsc::channel(1);
    let reading = Reading { net: &net, base: None, place: None, ask: Ask::default() };
    let take = async move {
        batches.recv().await;
        drop(batches);
    };
    let (end, ()) = tokio::join!(driver.records(&reading, &out), take);
    assert_eq!(end, Err(ReadError::Stopped), "{}", case.name);
}

async fn a_place_that_is_not_there_is_told(case: &Case) {
    let error = read_from(&case.settings, &net(), Some("/nowhere/at-all.dat")).await.error();
    assert!(error.contains("at-all.dat"), "{}: {error}", case.name);
}

pub fn field(node: &Node, name: &str) -> String {
    node.get(name).and_then(Node::scalar).unwrap_or_else(|| panic!("{name} in {}", node.to_json())).to_owned()
}

/// The list as rows of text: id, nom, montant.
pub fn rows() -> impl Iterator<Item = (usize, String, String)> {
    (0..ROWS).map(|id| (id, format!("Projet n° {id}"), format!("{id}.25")))
}
