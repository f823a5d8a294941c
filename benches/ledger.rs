//! What the ledger and the spool cost per record: `cargo bench --bench ledger [-- RECORDS [write]]`,
//! `write` for the first load alone.

use passerelle::domain::Instant;
use passerelle::domain::act::Author;
use passerelle::domain::chain::{Digest, LedgerVersion};
use passerelle::domain::project::{ProjectId, Reference};
use passerelle::domain::record::RecordState;
use passerelle::domain::text::{RecordKey, SourceId};
use passerelle::ledger::{Ledger, NewEntry, NewRecord, NewRow};
use passerelle::workroom::{Change, RecordHead, Staged, StagedRecord, Workroom};
use std::convert::Infallible;
use std::time::Instant as Stopwatch;

const RECORDS: u64 = 100_000;
const CHANGED: u64 = 1_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let records = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(RECORDS);
    let directory = tempfile::tempdir().expect("a temporary directory");
    let workroom = Workroom::open(directory.path()).await.expect("a workroom");
    let ledger = Ledger::open_file(&directory.path().join("ledger.sqlite")).await.expect("a ledger");

    let spool = timed("spool: write", records, || {
        let mut writer = workroom.spool("bench").expect("a spool");
        (0..records).for_each(|number| writer.push(&staged(number)).expect("room on the disk"));
        writer.finish().expect("room on the disk")
    });
    let count = timed("spool: read", records, || spool.read().expect("a spool").count());
    assert_eq!(count as u64, records);

    let watch = Stopwatch::now();
    let rows = (0..records).map(|number| Ok::<_, Infallible>(NewRow::Record(record(number, 0, None))));
    ledger.append(entry(0), rows).await.expect("an append");
    tell("append: first load", records, watch);

    if std::env::args().any(|word| word == "write") {
        return;
    }
    let watch = Stopwatch::now();
    let rows = (0..CHANGED).map(|number| {
        let number = number * (records / CHANGED).max(1);
        Ok::<_, Infallible>(NewRow::Record(record(number, 1, Some(RecordState::Open))))
    });
    ledger.append(entry(1), rows).await.expect("an append");
    tell("append: changes", CHANGED, watch);

    let watch = Stopwatch::now();
    let image = ledger.image(LedgerVersion(2)).await.expect("an image");
    tell("image", image.records.len() as u64, watch);
    let watch = Stopwatch::now();
    let delta = ledger.delta(LedgerVersion(1), LedgerVersion(2)).await.expect("a delta");
    tell("delta", delta.records.len() as u64, watch);
    let watch = Stopwatch::now();
    let current = ledger.current(&source(), LedgerVersion(2)).await.expect("the current records");
    tell("current", current.len() as u64, watch);
    let watch = Stopwatch::now();
    let report = ledger.verify().await.expect("a verification");
    assert_eq!(report.fault, None);
    tell("verify", report.rows, watch);
    let bytes = std::fs::metadata(directory.path().join("ledger.sqlite")).expect("the ledger").len();
    println!("{:24} {:>9} bytes a record", "file", bytes / records);
}

fn timed<T>(what: &str, records: u64, work: impl FnOnce() -> T) -> T {
    let watch = Stopwatch::now();
    let made = work();
    tell(what, records, watch);
    made
}

fn tell(what: &str, records: u64, watch: Stopwatch) {
    let elapsed = watch.elapsed();
    let each = elapsed.as_secs_f64() * 1e6 / records.max(1) as f64;
    println!("{what:24} {records:>9} records {:>9.1} ms {each:>8.2} microseconds each", elapsed.as_secs_f64() * 1e3);
}

fn source() -> SourceId {
    SourceId::parse("scdl-bench").expect("a source")
}

fn at(version: u64) -> Instant {
    Instant::from_timestamp_micros(1_790_000_000_000_000 + i64::try_from(version).expect("small")).expect("an instant")
}

fn entry(version: u64) -> NewEntry {
    NewEntry {
        base: LedgerVersion(version),
        kind: "sync".to_owned(),
        author: Author::system("bench"),
        reason: String::new(),
        at: at(version),
        profile: None,
        run: None,
        decisions: Vec::new(),
        acts: Vec::new(),
    }
}

/// Keys come in no order, as decision numbers do.
fn key(number: u64) -> RecordKey {
    let scattered = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
    RecordKey::parse(&format!("{scattered:010x}-{number}")).expect("a key")
}

fn facts(number: u64, version: u64) -> String {
    format!(
        r#"{{"project":{{"title":"Jardin partagé du quartier {number}","holder":"siren:200053742","places":{{"communes":["59350"]}},"year":2026}},"statements":[{{"funder":"siren:200053742","form":"SUBVENTION","stage":"ATTRIBUE","amount":"{}.{version:02}","tax_basis":"NON_PRECISE","dispositif":"NQE","year":2026,"decided_on":"2026-03-12","reference":"2026-{number}"}}],"organisations":[{{"id":"siren:200053742","name":"Région Hauts-de-France"}}]}}"#,
        1_000 + number % 90_000
    )
}

fn raw(number: u64, version: u64) -> String {
    format!(
        r#"{{"nomAttribuant":"Région Hauts-de-France","idAttribuant":"20005374200017","dateConvention":"2026-03-12","referenceDecision":"2026-{number}","nomBeneficiaire":"Association du quartier {number}","idBeneficiaire":"38047555800058","objet":"Jardin partagé du quartier {number}","montant":"{}.{version:02}","nature":"aide en numéraire","conditionsVersement":"unique","datesPeriodeVersement":"2026-04-01","notificationUE":"non","pourcentageSubvention":"1"}}"#,
        1_000 + number % 90_000
    )
}

fn record(number: u64, version: u64, replaces: Option<RecordState>) -> NewRecord {
    NewRecord {
        source: source(),
        key: key(number),
        partition: "2026".to_owned(),
        project: Some(ProjectId::from_bytes((number / 5).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes())),
        observed_at: at(version),
        first_seen: at(0),
        fingerprint: [7; 16],
        facts: facts(number, version),
        hash: Digest::of(raw(number, version).as_bytes()),
        raw: raw(number, version),
        references: Vec::new(),
        replaces,
    }
}

fn staged(number: u64) -> Staged {
    let head = RecordHead {
        key: key(number),
        partition: "2026".to_owned(),
        change: Change::Added,
        observed_at: at(0),
        fingerprint: [7; 16],
        references: vec![Reference { scheme: "dauphin".into(), value: format!("{number}").into() }],
    };
    Staged::Record(StagedRecord { head, hash: [0; 32], facts: facts(number, 0), raw: raw(number, 0) })
}
