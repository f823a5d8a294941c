//! Rows that nothing is known of and that are rejected, all at once: of a first read, of a new year, of one file among several. What could
//! not be taken is no less missing for being new.

use crate::office::{Asked, Office, manifest};
use axum::response::{IntoResponse, Response};
use passerelle::domain::run::{SyncOutcome, SyncRun};

const CSV: &str = "kind = \"delimited\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.csv\"";
const YEARLY: &str =
    "key = [\"id\", { from = \"annee\", as = \"year\" }]\npartition = { from = \"annee\", as = \"year\" }";

fn file(body: String) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |_| ([("content-type", "text/csv")], body.clone()).into_response()
}

/// Sixty grants of a year, the amounts of the first ones with three decimals: thousands, or euros.
fn year(year: u32, bad: u32) -> String {
    let amount = |id: u32| if id <= bad { "12.345".to_owned() } else { (1_000 + id).to_string() };
    (1..=60).map(|id| format!("{id};Projet {id} de {year};{year};{}\n", amount(id))).collect()
}

fn list(years: &[String]) -> String {
    format!("id;titre;annee;montant\n{}", years.concat())
}

/// What it is about, whether it holds, of all that is told.
fn told(run: &SyncRun) -> Vec<(&str, Option<&str>, bool)> {
    run.findings.iter().map(|one| (one.kind.as_str(), one.about.as_deref(), one.held)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_read_of_which_most_is_rejected_waits_and_a_person_may_let_it_through() {
    let rejected = |held| [("RECORDS_REJECTED", Some("desk"), held)];
    let office = Office::open(&manifest(CSV), file(list(&[year(2024, 59)]))).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run), office.sums().len()), (SyncOutcome::Held, rejected(true).to_vec(), 0));
    let said = run.message.as_ref().expect("a reason");
    assert!(said.fr.contains("59 des 60") && said.en.contains("59 of the 60"), "{said:?}");
    let accepted = office.accept(&run.id).await;
    assert_eq!((accepted.outcome, office.sums().len()), (SyncOutcome::Succeeded, 1), "{accepted:?}");
    let run = office.sync_full().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, rejected(false).to_vec()), "{run:?}");
    office.answer(file(list(&[year(2024, 0)])));
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run), office.sums().len()), (SyncOutcome::Succeeded, Vec::new(), 60));
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_read_of_which_a_part_is_rejected_is_told_as_long_as_it_is_so() {
    let office = Office::open(&manifest(CSV), file(list(&[year(2024, 20)]))).await;
    for _ in 0..2 {
        let run = office.sync_full().await;
        assert_eq!(
            (run.outcome, told(&run)),
            (SyncOutcome::Succeeded, vec![("RECORDS_REJECTED", Some("desk"), false)]),
            "{run:?}"
        );
    }
    office.answer(file(list(&[year(2024, 2)])));
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, Vec::new()), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_year_of_which_most_is_rejected_waits_beside_those_that_are_known() {
    let yearly = manifest(CSV).replace("key = \"id\"", YEARLY);
    let office = Office::open(&yearly, file(list(&[year(2024, 0)]))).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    let sums = office.sums();
    for years in [vec![year(2025, 59)], vec![year(2024, 0), year(2025, 59)]] {
        office.answer(file(list(&years)));
        let run = office.sync().await;
        assert_eq!((run.outcome, office.sums()), (SyncOutcome::Held, sums.clone()), "{run:?}");
        assert!(told(&run).contains(&("RECORDS_REJECTED", Some("2025"), true)), "{run:?}");
    }
    office.answer(file(list(&[year(2024, 0), year(2025, 10)])));
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, vec![("RECORDS_REJECTED", Some("2025"), false)]));
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_come_twice_are_not_rejected_for_what_they_say() {
    let twice = list(&[year(2024, 0), year(2024, 0).lines().take(8).map(|row| format!("{row}\n")).collect()]);
    let office = Office::open(&manifest(CSV), file(twice)).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, run.counts.rejected), (SyncOutcome::Succeeded, 8), "{run:?}");
    assert_eq!(told(&run), [("RECORDS_REPEATED", Some("desk"), false)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_file_of_which_most_is_rejected_waits_beside_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let driver = format!("kind = \"delimited\"\npath = {:?}", folder.path().join("*.csv").to_str().unwrap());
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    write("a.csv", list(&[year(2024, 0)]));
    let office = Office::open_without_base(&manifest(&driver).replace("key = \"id\"", YEARLY)).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    write("b.csv", list(&[year(2025, 59)]));
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Held, vec![("RECORDS_REJECTED", Some("b.csv"), true)]));
    let accepted = office.accept(&run.id).await;
    assert_eq!(accepted.outcome, SyncOutcome::Succeeded, "{accepted:?}");
    let run = office.sync_full().await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, vec![("RECORDS_REJECTED", Some("b.csv"), false)]));
}
