//! References that are to identify one project and do not: what stands for nothing, and what too many holders bear, joins nothing.

use crate::office::{Asked, Office, manifest};
use axum::response::{IntoResponse, Response};
use passerelle::domain::run::{SyncOutcome, SyncRun};
use std::fmt::Write as _;

const CSV: &str = "kind = \"delimited\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.csv\"";
const PROJECT: &str = "title = \"titre\"\nholder = { name = \"porteur\" }\nreferences = [{ scheme = \"cofinancement\", from = \"projet\" }]";

fn file(body: String) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |_| ([("content-type", "text/csv")], body.clone()).into_response()
}

/// Grants of these holders, all under one number.
fn list(number: &str, holders: std::ops::RangeInclusive<u32>) -> String {
    holders.fold("id;titre;porteur;projet;montant\n".to_owned(), |mut all, id| {
        let _ = writeln!(all, "{id};Projet {id};Association {id};{number};{}", 1_000 + id);
        all
    })
}

async fn open(body: String) -> Office {
    Office::open(&manifest(CSV).replace("title = \"titre\"", PROJECT), file(body)).await
}

fn projects(office: &Office) -> usize {
    office.gateway().current().projects().count()
}

fn told(run: &SyncRun) -> Vec<(&'static str, Option<&str>, Option<&str>)> {
    run.findings
        .iter()
        .map(|finding| (finding.kind.as_str(), finding.about.as_deref(), finding.example.as_deref()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_for_nothing_is_no_project() {
    for nothing in ["Néant", "Non", "N/A", "0", "-", "sans objet", "NC", "en cours", "à venir"] {
        let office = open(list(nothing, 1..=3)).await;
        let run = office.sync().await;
        assert_eq!((run.outcome, told(&run).len(), projects(&office)), (SyncOutcome::Succeeded, 0, 3), "{nothing}");
        assert_eq!(office.warned("reference-says-nothing").len(), 3, "{nothing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_few_holders_is_one_project_in_whatever_case() {
    let office = open(list("Conv-12a", 1..=3) + "4;Projet 4;Association 1;CONV-12A;5000\n").await;
    let run = office.sync().await;
    assert_eq!((told(&run), projects(&office)), (Vec::new(), 1), "{run:?}");
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_many_holders_joins_nothing_and_is_told() {
    const TOLD: (&str, Option<&str>, Option<&str>) = ("REFERENCE_COMMON", Some("cofinancement"), Some("CP DU 12 MARS"));
    let office = open(list("CP du 12 mars", 1..=42)).await;
    let run = office.sync().await;
    assert_eq!((run.outcome, told(&run), projects(&office)), (SyncOutcome::Succeeded, vec![TOLD], 42), "{run:?}");
    // What is known of it is known of the next ones, be they few.
    office.answer(file(list("CP du 12 mars", 1..=43)));
    let run = office.sync().await;
    assert_eq!((run.counts.added, told(&run), projects(&office)), (1, vec![TOLD], 43), "{run:?}");
    let sums: i64 = office.sums().iter().filter_map(|(_, cents, _)| *cents).sum();
    assert_eq!(sums, (1..=43).map(|id| 100 * (1_000 + id)).sum::<i64>(), "no sum is lost");
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holders_that_the_ledger_knows_count_with_those_that_come() {
    let office = open(list("CP du 12 mars", 1..=25)).await;
    assert_eq!((told(&office.sync().await), projects(&office)), (Vec::new(), 1));
    office.answer(file(list("CP du 12 mars", 1..=27)));
    let run = office.sync().await;
    assert_eq!(
        (told(&run).len(), projects(&office)),
        (1, 3),
        "what was joined stays, and no other one follows: {run:?}"
    );
    office.verify().await;
}
