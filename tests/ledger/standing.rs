//! How a source stands since it was last read whole, and whose rejections are told.

use crate::fixture::{Fixture, at, entry, key, profile, rejection, run, source};
use passerelle::domain::chain::{Digest, LedgerVersion};
use passerelle::domain::marks::{Marks, Validator};
use passerelle::domain::run::{Counts, SyncOutcome, SyncRun};
use passerelle::ledger::{NewRow, PageRequest, Standing};

const SAME: Counts = Counts { read: 3, added: 0, changed: 0, unchanged: 3, skipped: 0, rejected: 0, gone: 0 };

fn marks(cursor: &str) -> Marks {
    let validator = Validator { place: "ab".to_owned(), etag: Some("W/\"{é}\"".to_owned()), modified: None };
    Marks { validators: vec![validator], cursor: Some(cursor.to_owned()), ..Marks::of_increment(Digest::of(b"m")) }
}

fn full(id: &str, seconds: i64, marks: Option<Marks>) -> SyncRun {
    let marks = marks.map(|marks| Marks { increment: false, ..marks });
    SyncRun { marks, ..run(id, SyncOutcome::Succeeded, seconds) }
}

fn increment(id: &str, outcome: SyncOutcome, seconds: i64) -> SyncRun {
    SyncRun { full: false, partitions: Vec::new(), marks: Some(marks(id)), counts: SAME, ..run(id, outcome, seconds) }
}

async fn appended(fixture: &Fixture, run: SyncRun, rows: Vec<NewRow>) -> Option<Standing> {
    let mut entry = entry((run.started_at - at(0)).num_seconds());
    entry.profile = Some(profile("s"));
    entry.run = Some(run);
    let head = fixture.append(entry, rows).await;
    fixture.ledger.standing(&source("s"), head.version).await.unwrap()
}

pub async fn a_source_stands_by_its_last_full_read(fixture: Fixture) {
    assert_eq!(fixture.ledger.standing(&source("s"), LedgerVersion(0)).await.unwrap(), None);
    let failed = run("s-1", SyncOutcome::Failed, 1);
    assert_eq!(appended(&fixture, failed, Vec::new()).await, None);
    let first = full("s-2", 2, Some(marks("a")));
    let stands = appended(&fixture, first.clone(), Vec::new()).await.unwrap();
    let clear = Standing { marks: first.marks.clone(), last_full: first, is_touched: false, is_troubled: false };
    assert_eq!(stands, clear);

    let later = increment("b", SyncOutcome::Succeeded, 3);
    let stands = appended(&fixture, later.clone(), Vec::new()).await.unwrap();
    let marked = Standing { marks: later.marks, ..clear };
    assert_eq!(stands, marked, "the cursor is that of the increment, the full read is the same");
    let image = fixture.ledger.image(LedgerVersion(3)).await.unwrap().sources.remove(0);
    assert_eq!((image.last_run.unwrap().id, image.last_success.unwrap().id), ("b".to_owned(), "s-2".to_owned()));

    let stands = appended(&fixture, increment("c", SyncOutcome::Failed, 4), Vec::new()).await.unwrap();
    assert_eq!(stands, marked, "an increment that failed leaves nothing");
    let look_up = SyncRun { full: false, keys: vec![key("a")], ..run("s-5+", SyncOutcome::Succeeded, 5) };
    let stands = appended(&fixture, look_up, Vec::new()).await.unwrap();
    assert_eq!(stands, Standing { is_touched: true, ..marked.clone() });
    let stands = appended(&fixture, increment("d", SyncOutcome::Held, 6), Vec::new()).await.unwrap();
    assert_eq!(stands, Standing { is_touched: true, is_troubled: true, ..marked });

    let last = full("s-7", 7, None);
    let stands = appended(&fixture, last.clone(), Vec::new()).await.unwrap();
    assert_eq!(stands, Standing { last_full: last, marks: None, is_touched: false, is_troubled: false });
    let stands = appended(&fixture, run("s-8", SyncOutcome::Failed, 8), Vec::new()).await.unwrap();
    assert!(stands.is_troubled && !stands.is_touched);
    assert!(fixture.ledger.verify().await.unwrap().fault.is_none());
}

pub async fn what_was_not_read_again_keeps_its_rejections(fixture: Fixture) {
    appended(&fixture, full("s-1", 1, None), vec![NewRow::Rejection(rejection("s-1", "line 2"), Vec::new())]).await;
    let same = Marks { same_as: Some("s-1".to_owned()), ..marks("a") };
    appended(&fixture, full("s-2", 2, Some(same)), Vec::new()).await;
    let rows = vec![NewRow::Rejection(rejection("b", "line 9"), Vec::new())];
    appended(&fixture, increment("b", SyncOutcome::Succeeded, 3), rows).await;
    for (version, location) in [(1, "line 2"), (2, "line 2"), (3, "line 9")] {
        let page = PageRequest { offset: 0, limit: 10 };
        let found = fixture.ledger.rejections(&source("s"), LedgerVersion(version), page).await.unwrap();
        assert_eq!((found.total, &*found.items[0].location), (1, location), "what an increment said last: {version}");
        let image = fixture.ledger.image(LedgerVersion(version)).await.unwrap();
        assert_eq!(image.sources[0].rejected, 1, "{version}");
    }
}
