//! What an increment refuses is told beside what the whole list did, for as long as it stands so.

use crate::increments::{change, driver, row, served, three};
use crate::office::{Office, counts, manifest};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn what_an_increment_refuses_is_kept_and_hides_nothing() {
    let rows = three();
    let bad = |id, changed: &str| json!({"id": id, "titre": "x", "montant": "beaucoup", "modifie": changed});
    change(&rows, bad(9, "2026-02-01T00:00:00Z"));
    let office = Office::open(&manifest(&driver()), served(&rows)).await;
    assert_eq!(counts(&office.sync().await), [4, 3, 0, 0, 0, 1, 0]);
    change(&rows, bad(1, "2026-03-01T08:01:00Z"));
    let run = office.sync().await;
    assert_eq!(counts(&run), [2, 0, 0, 1, 0, 1, 0], "{run:?}");
    let told = async || (office.source().await.rejected, office.rejections().await.len());
    assert_eq!(told().await, (2, 2), "those of the whole, and of what was read since");
    assert_eq!(office.source().await.records, 2, "the record that went bad counts no more");
    // Rejected once more, it is told once; read well, it is told no more, whichever read rejected it.
    change(&rows, bad(1, "2026-03-01T08:02:00Z"));
    office.sync().await;
    assert_eq!(told().await, (2, 2));
    change(&rows, row(1, "Square", "2026-03-01T08:03:00Z"));
    office.sync().await;
    assert_eq!(told().await, (1, 1));
    change(&rows, row(9, "Parc", "2026-03-01T08:03:30Z"));
    assert_eq!(counts(&office.sync().await)[1], 1, "it was never known");
    assert_eq!(told().await, (0, 0));
    office.verify().await;
}
