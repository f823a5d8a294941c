//! The connectors run against the simulated systems: what they take, refuse and doubt is what the truth says.

use passerelle::connector::driver::{Ask, Driver as _, RawRecord, Reading};
use passerelle::connector::node::Node;
use passerelle::connector::reshape::Runner;
use passerelle::connector::{Connector, Mapped, load};
use passerelle::demo::{Region, serve, write_files};
use passerelle::domain::facts::{Facts, StatementFacts};
use passerelle::domain::money::Cents;
use passerelle::domain::vocabulary::Authority;
use passerelle::net::{Net, NetSettings};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What one source gave through its connector.
#[derive(Default)]
struct Read {
    accepted: BTreeMap<String, Facts>,
    rejected: BTreeSet<String>,
    duplicates: usize,
}

#[tokio::test(flavor = "multi_thread")]
async fn connectors_find_in_the_simulated_systems_what_the_truth_says() {
    let region = Region::generate(7, 1_500);
    let truth: Value = serde_json::from_str(&region.truth_json()).expect("the truth is JSON");
    let directory = tempfile::tempdir().expect("a directory");
    let running = serve(&region).await.expect("served");
    let mut bases = write_files(&region, directory.path()).await.expect("written");
    bases.extend(running.bases.clone());
    for source in list(&truth["sources"]) {
        let id = text(&source["source"]);
        let connector = load(&id);
        let read = read(&connector, &bases[&id]).await;
        let keys: BTreeSet<String> = read.accepted.keys().cloned().collect();
        assert_eq!(keys, keys_of(&truth, &id), "{id}: records accepted");
        assert_eq!(read.rejected, defective(&truth, &id, "rejected"), "{id}: records refused");
        let doubted = read.accepted.iter().filter(|(_, facts)| !facts.warnings.is_empty()).map(|(key, _)| key.clone());
        assert_eq!(doubted.collect::<BTreeSet<_>>(), defective(&truth, &id, "warned"), "{id}: records doubted");
        let own: Cents = read.accepted.values().map(|facts| own(&connector, facts)).sum();
        assert_eq!(own.to_string(), text(&source["own"]), "{id}: the sums of its own funder");
        assert_eq!(u64::try_from(read.duplicates).ok(), source["duplicates"].as_u64(), "{id}: duplicates");
    }
    running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reference_tables_are_taken_whole() {
    let region = Region::generate(7, 10);
    let directory = tempfile::tempdir().expect("a directory");
    let bases = write_files(&region, directory.path()).await.expect("written");
    for (id, count) in [
        ("departements", 5),
        ("epci", 39),
        ("communes", 161),
        ("contrats", 39),
        ("quartiers", 216),
        // One quartier of the NPNRU bears two names of QPV.
        ("npnru-quartiers", 47),
        ("dispositifs", 40),
        // For each of 39 EPCI one of the NPNRU, and five in each of three years.
        ("enveloppes", 624),
        ("enveloppes-transferts", 18),
    ] {
        let connector = load(id);
        let read = read(&connector, &bases[id]).await;
        assert!(read.rejected.is_empty() && read.duplicates == 0, "{id}: {:?}", read.rejected);
        assert_eq!(read.accepted.len(), count, "{id}");
        let sound = read.accepted.values().all(|facts| facts.reference.is_some() && facts.warnings.is_empty());
        assert!(sound, "{id}");
    }
}

/// The programming answers with what changed since an instant, page after page.
#[tokio::test(flavor = "multi_thread")]
async fn the_programming_is_asked_for_what_changed() {
    let region = Region::generate(7, 3_000);
    let running = serve(&region).await.expect("served");
    let connector = load("programmation");
    let since = connector.since.as_ref().expect("it has increments");
    let asked =
        since.asked("2025-12-15T00:10:00Z", "2025-12-15T00:20:00Z".parse().expect("an instant")).expect("a cursor");
    let all = keys(&connector, &running.bases["programmation"], Ask::default()).await;
    let some = keys(&connector, &running.bases["programmation"], Ask { since: Some(&asked), ..Ask::default() }).await;
    let expected: Vec<_> = all.iter().filter(|(_, changed)| changed.as_str() >= "2025-12-15T01").cloned().collect();
    assert!(
        some.len() > 250 && some.len() < all.len(),
        "more than a page, less than all: {} of {}",
        some.len(),
        all.len()
    );
    assert_eq!(some, expected);
}

/// The keys of the records that a source gives, and when each changed.
async fn keys(connector: &Connector, base: &str, ask: Ask<'_>) -> Vec<(String, String)> {
    let settings = NetSettings { private_hosts: BTreeSet::from(["127.0.0.1".to_owned()]), ..NetSettings::default() };
    let net = Net::new(settings).expect("a client");
    let (out, mut batches) = tokio::sync::mpsc::channel(4);
    let reading = Reading { net: &net, base: Some(base), place: None, ask };
    let driver = connector.driver();
    let read = async {
        let end = driver.records(&reading, &out).await;
        drop(out);
        end
    };
    let take = async {
        let mut found = Vec::new();
        while let Some(batch) = batches.recv().await {
            let of = |record: &RawRecord, name: &str| record.node.at(name).and_then(Node::scalar).map(str::to_owned);
            let pair = |record| of(record, "code_action").zip(of(record, "modifie_le"));
            found.extend(batch.records.iter().filter_map(pair));
        }
        found
    };
    let (end, found) = tokio::join!(read, take);
    assert!(end.expect("read").complete);
    found
}

/// The folder of a connector, whatever its family.
fn folder(id: &str) -> PathBuf {
    let families = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("connectors")).expect("a directory");
    let folders = families.map(|family| family.expect("an entry").path().join(id));
    folders
        .into_iter()
        .find(|folder| folder.join("connector.toml").exists())
        .unwrap_or_else(|| panic!("no connector {id}"))
}

fn load(id: &str) -> Connector {
    let connector = load::load(&folder(id)).unwrap_or_else(|error| panic!("{id}: {error}"));
    connector.run_by(&Runner::new(env!("CARGO_BIN_EXE_passerelle")))
}

async fn read(connector: &Connector, base: &str) -> Read {
    let settings = NetSettings { private_hosts: BTreeSet::from(["127.0.0.1".to_owned()]), ..NetSettings::default() };
    let net = Net::new(settings).expect("a client");
    let driver = connector.driver();
    let (out, mut batches) = tokio::sync::mpsc::channel(4);
    let base = base.to_owned();
    let reading = tokio::spawn(async move {
        driver.records(&Reading { net: &net, base: Some(&base), place: None, ask: Ask::default() }, &out).await
    });
    let mut read = Read::default();
    while let Some(batch) = batches.recv().await {
        let batch = tokio::task::block_in_place(|| connector.reshape(batch));
        assert!(batch.broken.is_empty(), "{}: {:?}", connector.id(), batch.broken);
        for record in &batch.records {
            match connector.map(record, &|text: &str| format!("{:08x}", text.len())) {
                Mapped::Accepted { key, facts, .. } => {
                    let before = read.accepted.insert(key.to_string(), *facts);
                    read.duplicates += usize::from(before.is_some());
                }
                Mapped::Rejected { key, .. } => {
                    read.rejected.insert(key.expect("every simulated record has a key"));
                }
                Mapped::Skipped { reason, .. } => panic!("{}: {}", connector.id(), reason.en),
            }
        }
    }
    let end =
        reading.await.expect("the read does not panic").unwrap_or_else(|error| panic!("{}: {error}", connector.id()));
    assert!(end.complete, "{}: {:?}", connector.id(), end.notes);
    read
}

/// The sums that the source itself decides in one record: the last stage stated of each of its own grants.
fn own(connector: &Connector, facts: &Facts) -> Cents {
    let decided = |one: &&StatementFacts| {
        one.stage.is_some_and(|stage| stage.is_decided()) && connector.profile.authority(one, &[]) == Authority::Own
    };
    let mut last: BTreeMap<_, &StatementFacts> = BTreeMap::new();
    for one in facts.statements.iter().filter(decided) {
        let grant =
            last.entry((one.funder.to_string(), one.dispositif.as_ref().map(ToString::to_string))).or_insert(one);
        if one.stage.and_then(|stage| stage.rank()) > grant.stage.and_then(|stage| stage.rank()) {
            *grant = one;
        }
    }
    last.values().filter_map(|one| one.amount).sum()
}

fn keys_of(truth: &Value, source: &str) -> BTreeSet<String> {
    let records = list(&truth["projects"]).iter().flat_map(|project| list(&project["records"]));
    records.filter(|record| record["source"] == source).map(|record| text(&record["key"])).collect()
}

fn defective(truth: &Value, source: &str, effect: &str) -> BTreeSet<String> {
    let defects = list(&truth["defects"]).iter();
    let concerned = defects.filter(|defect| defect["source"] == source && defect["effect"] == effect);
    concerned.map(|defect| text(&defect["key"])).collect()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
