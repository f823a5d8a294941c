//! Watching a gateway: whoever is slow misses no project, and holds no memory.

use crate::region;
use futures_util::{FutureExt, StreamExt};
use passerelle::domain::act::{Author, Decision, Score};
use passerelle::domain::project::ProjectId;
use passerelle::domain::vocabulary::Knowledge;
use passerelle::gateway::Gateway;
use passerelle::identity::Role;
use passerelle::ledger::{Ledger, NewEntry};
use passerelle::view::{Change, Door, PlanSecret, VerdictChange};
use serde_json::json;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// The matcher proposes that two projects are one.
pub async fn propose(gateway: &Gateway, from: &str, to: &str) {
    let id = |text: &str| ProjectId::parse(text).expect("sound");
    let score = Score { weights: "test".into(), total: 0, terms: Vec::new() };
    let turn = gateway.turn().await;
    let entry = NewEntry {
        base: gateway.current().head().version,
        kind: "match".to_owned(),
        author: Author::system("matcher"),
        reason: String::new(),
        at: region::now(),
        profile: None,
        run: None,
        decisions: vec![Decision::Proposed { from: id(from), to: id(to), score }],
        acts: Vec::new(),
    };
    turn.append_alone(entry).await.expect("appended");
}

fn ids(change: &Change) -> Vec<String> {
    change.projects(None).iter().map(|project| project.id().to_string()).collect()
}

#[tokio::test]
async fn a_slow_listener_is_told_everything_at_once() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let ledger = Ledger::open_file(&directory.path().join("ledger.sqlite")).await.expect("a ledger");
    region::fill(&ledger).await;
    let gateway = Arc::new(Gateway::open(ledger).await.expect("a gateway"));
    let door = Door::new(Arc::clone(&gateway), PlanSecret::from_bytes([1; 32]));
    let watch = door.watch(crate::app::everything(), region::now);
    let mut changes = pin!(watch.changes());
    assert!(changes.next().now_or_never().is_none(), "nothing was appended yet");

    propose(&gateway, region::PERSON, region::SUD).await;
    let first = changes.next().await.expect("a change");
    assert_eq!(ids(&first), [region::SUD, region::PERSON]);
    assert_eq!(first.head().version, gateway.current().head().version);

    for _ in 0..100 {
        propose(&gateway, region::NOWHERE, region::SUD).await;
    }
    let merged = changes.next().await.expect("a change");
    assert_eq!(merged.head().version.0, first.head().version.0 + 100, "the newest version");
    assert_eq!(ids(&merged), [region::SUD, region::NOWHERE], "and nobody who was not touched since");
    assert!(changes.next().now_or_never().is_none(), "once");

    // More than the gateway keeps apart: perhaps told of more projects than were touched since, never of fewer.
    for _ in 0..300 {
        propose(&gateway, region::NOWHERE, region::SUD).await;
    }
    let lagged = ids(&changes.next().await.expect("a change"));
    assert!([region::SUD, region::NOWHERE].iter().all(|id| lagged.iter().any(|told| told == id)), "{lagged:?}");
}

#[tokio::test]
async fn what_a_table_changes_is_told_of_the_projects_that_it_changes() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let ledger = Ledger::open_file(&directory.path().join("ledger.sqlite")).await.expect("a ledger");
    region::fill(&ledger).await;
    let path = directory.path().join("ledger.sqlite");
    let gateway = Arc::new(Gateway::open(ledger).await.expect("a gateway"));
    let door = Door::new(Arc::clone(&gateway), PlanSecret::from_bytes([1; 32]));
    let watch = door.watch(crate::app::everything(), region::now);
    let mut changes = pin!(watch.changes());
    // Another process moves the commune to another EPCI: no record of a project changes, two projects lie elsewhere.
    let other = Ledger::open_file(&path).await.expect("the same ledger");
    region::move_lille(&other).await;
    gateway.catch_up().await.expect("caught up");
    let change = changes.next().await.expect("a change");
    assert_eq!(ids(&change), [region::SUD, region::PERSON]);
}

/// The next turn of the project that nobody but the Region funds.
async fn turn(verdicts: &mut (impl futures_util::Stream<Item = VerdictChange> + Unpin)) -> [Knowledge; 2] {
    loop {
        let told = tokio::time::timeout(Duration::from_secs(30), verdicts.next()).await.expect("told in time");
        let told = told.expect("the gateway runs");
        if told.project.id().as_str() == region::PERSON {
            return [told.before.knowledge, told.after.knowledge];
        }
    }
}

/// A row of a decision that is kept, in a project that a committee does not see, settles one in a project that it sees: whether the hidden
/// amount fits is no change for it.
#[tokio::test]
async fn a_change_of_what_is_kept_is_told_to_nobody_whose_picture_it_does_not_change() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("ledger.sqlite");
    let ledger = Ledger::open_file(&path).await.expect("a ledger");
    let row = |contrat: &str, cents: u32, share: u32, until: Option<&str>| {
        json!({
            "project": {"title": "Fête", "places": {"contrats": [contrat]}},
            "statements": [{"funder": "siren:200053742", "nature": "FONCTIONNEMENT", "form": "SUBVENTION",
                "stage": "ATTRIBUE", "amount": format!("{cents}.00"), "tax_basis": "NON_PRECISE", "year": 2026,
                "part": {"of": "2026.1", "share": share}, "not_public_until": until}],
        })
    };
    let load = |day: i64, kept: u32| {
        let seen = ("s1", Some(region::SUD), row("CN05911M", 1_000, 3_000, None));
        let hidden = ("s2", Some(region::NOWHERE), row("CN06202M", kept, 7_000, Some("2031-01-01")));
        let (source, rejected) = (region::region_source(), Vec::new());
        region::Load { source, day, records: vec![seen, hidden], unchanged: 0, rejected }
    };
    region::append(&ledger, region::references()).await;
    region::append(&ledger, load(2, 1_000)).await;
    let gateway = Arc::new(Gateway::open(ledger).await.expect("a gateway"));
    let door = Door::new(Arc::clone(&gateway), PlanSecret::from_bytes([1; 32]));
    let committee = crate::app::scope_of(Role::Committee, &["CN05911M"]);
    let watch = |scope| door.watch(scope, region::now);
    let (theirs, all) = (watch(committee).changes(), watch(crate::app::everything()).changes());
    let (mut theirs, mut all) = (pin!(theirs), pin!(all));
    let other = Ledger::open_file(&path).await.expect("the same ledger");
    for (day, kept) in [(3, 777), (4, 778), (5, 1_000)] {
        let mut changed = load(day, kept);
        changed.records.remove(0);
        region::append(&other, changed).await;
        gateway.catch_up().await.expect("caught up");
        assert!(!ids(&all.next().await.expect("a change")).is_empty(), "the auditor");
        let told = theirs.next().now_or_never().flatten().map(|change| ids(&change)).unwrap_or_default();
        assert_eq!(told, [] as [&str; 0], "{kept}");
    }
}

#[tokio::test]
async fn a_verdict_turns_with_what_is_held_read_again_and_grown_old_each_time() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("ledger.sqlite");
    let ledger = Ledger::open_file(&path).await.expect("a ledger");
    region::fill(&ledger).await;
    let gateway = Arc::new(Gateway::open(ledger).await.expect("a gateway"));
    let door = Door::new(Arc::clone(&gateway), PlanSecret::from_bytes([1; 32]));
    let days = Arc::new(AtomicI64::new(10));
    let told_by = Arc::clone(&days);
    let now = move || region::day(told_by.load(Ordering::SeqCst));
    let watch = door.watch(crate::app::everything(), now).judging_every(Duration::from_millis(5));
    let mut verdicts = pin!(watch.verdicts(None).expect("an auditor sees checks"));
    let other = Ledger::open_file(&path).await.expect("the same ledger");
    let (known, late) = (Knowledge::KnownAndShared, Knowledge::Unverifiable);

    region::hold(&other, 10).await;
    gateway.catch_up().await.expect("caught up");
    assert_eq!(turn(&mut verdicts).await, [known, late], "a read is held, and no record changed");
    region::back(&other, 11).await;
    days.store(11, Ordering::SeqCst);
    gateway.catch_up().await.expect("caught up");
    assert_eq!(turn(&mut verdicts).await, [late, known], "read again");
    // The Region's list may be twenty days old.
    for read in [40, 70] {
        days.store(read - 1, Ordering::SeqCst);
        assert_eq!(turn(&mut verdicts).await, [known, late], "grown old before day {read}");
        region::back(&other, read).await;
        days.store(read, Ordering::SeqCst);
        gateway.catch_up().await.expect("caught up");
        assert_eq!(turn(&mut verdicts).await, [late, known], "read again on day {read}");
    }
}
