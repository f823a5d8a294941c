//! What an append does, and what it refuses.

use crate::fixture::{Fixture, at, changed, entry, record, source, state};
use passerelle::domain::chain::{Digest, LedgerVersion};
use passerelle::domain::record::RecordState;
use passerelle::ledger::{LedgerError, NewRow, PageRequest};
use std::convert::Infallible;
use std::io;

const ALL: PageRequest = PageRequest { offset: 0, limit: 100 };

pub async fn versions_follow_each_other(fixture: Fixture) {
    let ledger = &fixture.ledger;
    assert_eq!(ledger.head().await.unwrap().version, LedgerVersion(0));
    assert_eq!(ledger.version_at(at(0)).await.unwrap(), None);
    assert!(ledger.image(LedgerVersion(0)).await.unwrap().records.is_empty());

    let one = fixture.append(entry(10), vec![NewRow::Record(record("a", 1, 10))]).await;
    let two = fixture.append(entry(20), Vec::new()).await;
    assert_eq!((one.version, two.version), (LedgerVersion(1), LedgerVersion(2)));
    assert_ne!(one.head, two.head);
    assert_ne!(one.head, Digest::default());
    assert_eq!(ledger.head().await.unwrap(), two);
    assert_eq!(ledger.head_at(one.version).await.unwrap(), one);
    assert!(matches!(ledger.head_at(LedgerVersion(3)).await, Err(LedgerError::NoVersion { .. })));
    assert_eq!(ledger.version_at(at(9)).await.unwrap(), None);
    assert_eq!(ledger.version_at(at(10)).await.unwrap(), Some(one.version));
    assert_eq!(ledger.version_at(at(19)).await.unwrap(), Some(one.version));
    assert_eq!(ledger.version_at(at(99)).await.unwrap(), Some(two.version));

    let log = ledger.log(ALL).await.unwrap();
    assert_eq!(log.total, 2);
    let versions: Vec<_> = log.items.iter().map(|item| (item.head.version.0, item.records)).collect();
    assert_eq!(versions, [(2, 0), (1, 1)]);
    assert_eq!(log.items[0].head, two);
    let second = ledger.log(PageRequest { offset: 1, limit: 1 }).await.unwrap();
    assert_eq!((second.items.len(), second.items[0].head), (1, one));
}

/// Two who read the same head and decide: one comes first, the other must decide anew.
pub async fn a_moved_head_is_a_conflict(fixture: Fixture) {
    let append = || fixture.ledger.append(entry(1), [Ok::<_, Infallible>(NewRow::Record(record("a", 1, 1)))]);
    let (one, other) = tokio::join!(append(), append());
    let lost = [one, other].into_iter().find_map(Result::err).expect("one of the two is refused");
    assert!(
        matches!(lost, LedgerError::Conflict { expected: LedgerVersion(0), found: LedgerVersion(1) }),
        "{lost} instead of a conflict"
    );
    assert_eq!(fixture.ledger.image(LedgerVersion(1)).await.unwrap().records.len(), 1);
    assert_eq!(fixture.ledger.head().await.unwrap().version, LedgerVersion(1));
}

/// A database undoes a whole append by itself where it has no room, as this trigger makes it do.
pub async fn what_is_told_as_appended_stands_though_the_database_was_full(fixture: Fixture) {
    if !fixture.is_sqlite() {
        return;
    }
    let before = fixture.append(entry(1), vec![NewRow::Record(record("a", 1, 1))]).await;
    let full =
        "CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END";
    fixture.execute(full).await.unwrap();
    for number in 0..20 {
        let row = NewRow::Record(record(&format!("k{number}"), 1, 2));
        let refused = fixture.try_append(entry(2), vec![row]).await.expect_err("there is no room");
        assert!(refused.to_string().contains("full"), "{refused}");
        assert_eq!(fixture.ledger.head().await.unwrap(), before, "whoever reads sees what stands");
    }
    fixture.execute("DROP TRIGGER full").await.expect("nobody holds the turn of writing");
    for number in 0..10 {
        let head = fixture.append(entry(3), vec![NewRow::Record(record(&format!("k{number}"), 1, 3))]).await;
        let stands = fixture.query("SELECT MAX(version) FROM entry").await[0].try_get_by_index::<i64>(0).unwrap();
        assert_eq!(stands.unsigned_abs(), head.version.0, "for everybody");
    }
    assert_eq!(fixture.ledger.verify().await.unwrap().fault, None);
}

pub async fn a_failing_row_appends_nothing(fixture: Fixture) {
    let rows = (0..1_000).map(|number| match number {
        999 => Err(io::Error::other("the spool is cut short")),
        _ => Ok(NewRow::Record(record(&format!("k{number}"), 1, 1))),
    });
    let refused = fixture.ledger.append(entry(1), rows).await.unwrap_err();
    assert!(matches!(refused, LedgerError::Rows(_)), "{refused}");
    assert_eq!(fixture.ledger.head().await.unwrap().version, LedgerVersion(0));
    let count = fixture.query("SELECT COUNT(*) FROM record_version").await;
    assert_eq!(count[0].try_get_by_index::<i64>(0).unwrap(), 0);
    fixture.append(entry(2), vec![NewRow::Record(record("k1", 1, 2))]).await;
    assert_eq!(fixture.ledger.verify().await.unwrap().fault, None);
}

pub async fn time_never_goes_back(fixture: Fixture) {
    let one = fixture.append(entry(10), Vec::new()).await;
    let two = fixture.append(entry(5), Vec::new()).await;
    assert_eq!(two.at, one.at);
    assert_eq!(fixture.ledger.version_at(at(10)).await.unwrap(), Some(two.version));
}

pub async fn many_rows_are_written_in_chunks(fixture: Fixture) {
    const ROWS: u64 = 3_001;
    let rows = |change: bool| {
        (0..ROWS).map(move |number| {
            let first = record(&format!("k{number}"), number % 100, 1);
            NewRow::Record(if change { changed(first, "3.00") } else { first })
        })
    };
    fixture.append(entry(1), rows(false).collect()).await;
    let head = fixture.append(entry(2), rows(true).take(600).collect()).await;
    let image = fixture.ledger.image(head.version).await.unwrap();
    assert_eq!(image.records.len() as u64, ROWS);
    let keys = image.records.iter().map(|record| record.key.to_string());
    assert!(keys.eq((0..ROWS).map(|number| format!("k{number}"))), "records come in the order of their first append");
    let newer = image.records.iter().filter(|record| record.version == head.version).count();
    assert_eq!(newer, 600);
    assert_eq!(fixture.ledger.current(&source("s"), head.version).await.unwrap().len() as u64, ROWS);
    let report = fixture.ledger.verify().await.unwrap();
    // Each append adds its salt; one that changes the number of open records, one row that tells it.
    assert_eq!((report.fault, report.entries, report.rows), (None, 2, ROWS + 600 + 1 + 2));
}

pub async fn a_state_changes_only_where_a_record_is(fixture: Fixture) {
    let refused = fixture.try_append(entry(1), vec![state("a", RecordState::Closed, 1)]).await.unwrap_err();
    assert!(matches!(refused, LedgerError::Refused(_)), "{refused}");
    fixture.append(entry(1), vec![NewRow::Record(record("a", 1, 1))]).await;
    let twice = vec![state("a", RecordState::Closed, 2), state("a", RecordState::Bad, 2)];
    let refused = fixture.try_append(entry(2), twice).await.unwrap_err();
    assert!(matches!(refused, LedgerError::Refused(_)), "{refused}");
    assert_eq!(fixture.ledger.head().await.unwrap().version, LedgerVersion(1));
}
