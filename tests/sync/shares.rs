//! Sums granted to several, each on a row of its own beside a share: what one row states the others tell.

use crate::office::{Asked, Office, manifest};
use axum::response::{IntoResponse, Response};
use passerelle::domain::run::{SyncOutcome, SyncRun};

fn shared() -> String {
    let driver = "kind = \"delimited\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.csv\"";
    let part = "amount = \"montant\"\npart = { share = { from = \"part\", as = \"share\" }, of = \"decision\" }";
    let holder = "title = \"titre\"\nholder = { name = \"nom\" }";
    manifest(driver)
        .replace("key = \"id\"", "key = [\"decision\", \"nom\"]")
        .replace("title = \"titre\"", holder)
        .replace("amount = \"montant\"", part)
}

/// Rows of decisions, each with its number, its beneficiaries and their share.
fn list(decisions: &[(&str, u32)], shares: &[&str]) -> impl FnMut(&Asked) -> Response + Send + 'static {
    let mut all = "decision;nom;titre;montant;part\n".to_owned();
    for (series, count) in decisions {
        for rank in 1..=*count {
            for (who, share) in shares.iter().enumerate() {
                all += &format!("{series}{rank};Association {rank}-{who};Projet {rank};{};{share}\n", 1_000 + rank);
            }
        }
    }
    move |_| ([("content-type", "text/csv")], all.clone()).into_response()
}

fn told(run: &SyncRun) -> Vec<(&str, bool)> {
    run.findings.iter().map(|one| (one.kind.as_str(), one.held)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_that_become_shares_of_nothing_known_are_stated_no_longer() {
    let office = Office::open(&shared(), list(&[("D", 30)], &["1"])).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    let sums = office.sums();
    office.answer(list(&[("D", 30)], &["0.5"]));
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run), office.sums()), (SyncOutcome::Held, vec![("TOTAL_MOVED", true)], sums));
    let said = &run.message.as_ref().expect("a reason").en;
    assert!(said.contains("30 of them state a share"), "{said}");
    // Beside the rows of the others the share is told.
    office.answer(list(&[("D", 30)], &["0.6", "0.4"]));
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, Vec::new()), "{run:?}");
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_two_beneficiaries_in_equal_parts_are_no_copies_and_a_file_loaded_twice_is_one() {
    let office = Office::open(&shared(), list(&[("D", 30)], &["0.5", "0.5"])).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, Vec::new()), "{run:?}");
    let office = Office::open(&shared(), list(&[("D", 30), ("E", 30)], &["0.5", "0.5"])).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Held, vec![("RECORDS_REPEATED", true)]), "{run:?}");
}
