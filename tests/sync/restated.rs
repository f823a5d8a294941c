//! Numbers that change in known records: what only a number made one parts again when nobody states it any more, the source is told, and
//! a column that slipped is held.

use crate::office::{Asked, Office, manifest};
use axum::response::{IntoResponse, Response};
use passerelle::domain::act::Author;
use passerelle::domain::project::ProjectId;
use passerelle::domain::run::{SyncOutcome, SyncRun};
use passerelle::domain::text::{RecordKey, SourceId};
use passerelle::portfolio::{Portfolio, ProjectCase};
use std::fmt::Write as _;

const CSV: &str = "kind = \"delimited\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.csv\"";
const PROJECT: &str =
    "title = \"titre\"\nholder = { name = \"porteur\" }\nreferences = [{ scheme = \"dossier\", from = \"projet\" }]";
const TOLD: [&str; 1] = ["REFERENCES_CHANGED"];

fn ours() -> String {
    manifest(CSV).replace("title = \"titre\"", PROJECT)
}

/// Grants, each with its number.
fn list<'a>(rows: impl IntoIterator<Item = (&'a str, String)>) -> String {
    rows.into_iter().fold("id;titre;porteur;projet;montant\n".to_owned(), |mut all, (id, number)| {
        let _ = writeln!(all, "{id};Projet {id};Association {id};{number};{}", 1_000 + id.len());
        all
    })
}

fn few(rows: &[(&str, &str)]) -> String {
    list(rows.iter().map(|(id, number)| (*id, (*number).to_owned())))
}

/// Forty grants; that of each place bears the number of another place.
fn forty(number: impl Fn(usize) -> usize) -> String {
    let ids: Vec<String> = (0..40).map(|id| format!("g{id:02}")).collect();
    list(ids.iter().enumerate().map(|(at, id)| (id.as_str(), format!("D{:02}", number(at)))))
}

fn file(body: String) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |_| ([("content-type", "text/csv")], body.clone()).into_response()
}

async fn open(body: String) -> Office {
    let office = Office::open(&ours(), file(body)).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    office
}

async fn read(office: &Office, body: String) -> SyncRun {
    office.answer(file(body));
    let run = office.sync().await;
    office.verify().await;
    // The picture that was followed step by step is the one that is built from the ledger.
    let version = office.gateway().current().head().version;
    let built = Portfolio::build(&office.gateway().ledger().image(version).await.unwrap());
    assert!(built.changed_since(&office.gateway().current()).is_empty());
    run
}

/// What was told, and the records that it names.
fn told(run: &SyncRun) -> Vec<(&'static str, &str, bool)> {
    run.findings.iter().map(|one| (one.kind.as_str(), one.example.as_deref().unwrap_or("-"), one.held)).collect()
}

fn stands_in(portfolio: &Portfolio, key: &str) -> ProjectId {
    let has = |case: &ProjectCase| case.records.iter().any(|one| one.key.as_str() == key);
    portfolio.projects().find(|(_, case)| has(case)).unwrap_or_else(|| panic!("no record {key}")).1.id.clone()
}

fn project(office: &Office, key: &str) -> ProjectId {
    stands_in(&office.gateway().current(), key)
}

fn projects(office: &Office) -> Vec<ProjectId> {
    office.gateway().current().projects().map(|(_, case)| case.id.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_number_that_is_mended_joins_nothing_any_more() {
    let office = open(few(&[("a", "D1"), ("b", "D2"), ("c", "D3")])).await;
    let before = (projects(&office), office.sums());
    let run = read(&office, few(&[("a", "D1"), ("b", "D1"), ("c", "D3")])).await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, vec![(TOLD[0], "b: D2 > D1", false)]));
    assert!(run.findings[0].message.en.contains("1 known project(s) become one with another"), "{run:?}");
    assert_eq!(project(&office, "a"), project(&office, "b"));
    let wrong = office.gateway().current().head().version;
    let run = read(&office, few(&[("a", "D1"), ("b", "D2"), ("c", "D3")])).await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, vec![(TOLD[0], "b: D1 > D2", false)]));
    assert!(run.findings[0].message.fr.contains("1 projet(s) se séparent"), "{run:?}");
    assert_eq!((projects(&office), office.sums()), before);
    // The past stays what it was.
    let past = office.gateway().at(wrong).await.unwrap().unwrap();
    assert_eq!(stands_in(&past, "a"), stands_in(&past, "b"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_came_under_a_wrong_number_leaves_for_a_project_of_its_own() {
    let office = open(few(&[("a", "D1"), ("b", "D1"), ("c", "D1")])).await;
    let first = project(&office, "a");
    assert_eq!(projects(&office), std::slice::from_ref(&first));
    read(&office, few(&[("a", "D1"), ("b", "D2"), ("c", "D1")])).await;
    let own = project(&office, "b");
    assert_eq!((project(&office, "a"), project(&office, "c")), (first.clone(), first.clone()));
    assert_ne!(own, first);
    // What bears its number joins it there, and it is joined by what it bears later.
    read(&office, few(&[("a", "D1"), ("b", "D2"), ("c", "D1"), ("d", "D2")])).await;
    assert_eq!(project(&office, "d"), own);
    read(&office, few(&[("a", "D1"), ("b", "D1"), ("c", "D1"), ("d", "D2")])).await;
    assert_eq!(project(&office, "b"), first);
    assert_ne!(project(&office, "d"), first, "which nothing makes one with it any more");
    read(&office, few(&[("a", "D1"), ("b", "D2"), ("c", "D1"), ("d", "D2")])).await;
    assert_eq!((project(&office, "b"), project(&office, "d")), (own.clone(), own.clone()));
    // The first record of all leaves: what it was first given stays its own.
    read(&office, few(&[("a", "D9"), ("b", "D2"), ("c", "D1"), ("d", "D2")])).await;
    assert_eq!((project(&office, "a"), project(&office, "b")), (first.clone(), own.clone()));
    assert!(![first, own].contains(&project(&office, "c")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_slipped_is_held_and_neither_chains_projects_nor_stays() {
    for slipped in [(|at| (at + 1) % 40) as fn(usize) -> usize, |at| if at < 10 { (at + 1) % 10 } else { at }] {
        let office = open(forty(|at| at)).await;
        let before = (projects(&office), office.sums());
        assert_eq!(before.0.len(), 40);
        let run = read(&office, forty(slipped)).await;
        assert_eq!(run.outcome, SyncOutcome::Held);
        assert!(told(&run).iter().all(|(kind, _, held)| *kind == TOLD[0] && *held) && run.findings.len() == 1);
        assert!(run.findings[0].example.as_ref().unwrap().starts_with("g00: D00 > D01, g01: D01 > D02"), "{run:?}");
        assert_eq!((projects(&office), office.sums()), before);
        let run = office.accept(&run.id).await;
        assert_eq!((run.outcome, told(&run)[0].2), (SyncOutcome::Succeeded, false));
        assert_eq!(
            (projects(&office), office.sums()),
            before,
            "each bears what another one bore, and none of them both"
        );
        let run = read(&office, forty(|at| at)).await;
        assert_eq!(run.outcome, SyncOutcome::Held);
        office.accept(&run.id).await;
        assert_eq!((projects(&office), office.sums()), before);
        assert_eq!(told(&read(&office, forty(|at| at)).await).len(), 1, "it stays told for a while, and holds nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_filled_down_would_make_known_projects_one_and_is_held() {
    let office = open(forty(|at| at)).await;
    let run = read(&office, forty(|at| if at < 5 { 0 } else { at })).await;
    assert_eq!(run.outcome, SyncOutcome::Held);
    assert!(run.message.as_ref().unwrap().en.contains("4 known project(s) become one"), "{run:?}");
    let run = read(&office, forty(|at| if at < 4 { 0 } else { at })).await;
    assert_eq!((run.outcome, projects(&office).len()), (SyncOutcome::Succeeded, 37));
    assert_eq!(read(&office, forty(|at| at)).await.outcome, SyncOutcome::Succeeded);
    assert_eq!(projects(&office).len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ordinary_is_not_told() {
    let office = open(few(&[("a", "D1"), ("b", ""), ("c", "D3"), ("d", "D4")])).await;
    let (first, fourth) = (project(&office, "a"), project(&office, "d"));
    // One had no number and gets that of another; a number is left out; a new record joins.
    let run = read(&office, few(&[("a", "D1"), ("b", "D1"), ("c", ""), ("d", "D4"), ("e", "D3")])).await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, Vec::new()));
    assert_eq!((project(&office, "b"), project(&office, "e")), (first.clone(), project(&office, "c")));
    // A number that is left out bears on; one that comes back is the same.
    let run = read(&office, few(&[("a", "D1"), ("b", ""), ("c", "D3"), ("d", ""), ("e", "D3")])).await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, Vec::new()));
    assert_eq!((project(&office, "b"), project(&office, "d")), (first.clone(), fourth.clone()));
    // A record that is gone bears on too.
    let run = read(&office, few(&[("a", "D1"), ("b", ""), ("e", "D3"), ("f", "D4")])).await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, Vec::new()));
    assert_eq!((project(&office, "b"), project(&office, "f")), (first, fourth));
    // All numbers of a list written otherwise touch nobody else's: told, and no reason to wait.
    let office = open(forty(|at| at)).await;
    let before = projects(&office);
    let run = read(&office, forty(|at| at).replace(";D", ";2026-D")).await;
    assert_eq!((run.outcome, told(&run).len(), projects(&office)), (SyncOutcome::Succeeded, 1, before));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_said_stays_said() {
    let office = open(few(&[("a", "D1"), ("b", "D2"), ("c", "D3"), ("d", "D3")])).await;
    let (author, linker) = (Author::system("region"), office.linker());
    let pair = ["a", "b"].map(|key| project(&office, key).to_string());
    let linked = linker.link(&author, &pair, "la même action").await.unwrap().project;
    let key = RecordKey::parse("d").unwrap();
    let apart =
        linker.unlink(&author, (&SourceId::parse("desk").unwrap(), &key), "deux actions").await.unwrap().project;
    let numbers =
        [["D1", "D2", "D3", "D3"], ["D1", "D3", "D3", "D1"], ["D9", "D2", "D1", "D3"], ["D1", "D1", "D3", "D2"]];
    for [a, b, c, d] in numbers {
        read(&office, few(&[("a", a), ("b", b), ("c", c), ("d", d)])).await;
        assert_eq!((project(&office, "a"), project(&office, "b")), (linked.clone(), linked.clone()), "{a} {b} {c} {d}");
        assert_eq!(project(&office, "d"), apart, "{a} {b} {c} {d}");
    }
    read(&office, few(&[("a", "D1"), ("b", "D2"), ("c", "D3"), ("d", "D3")])).await;
    assert_ne!(project(&office, "c"), linked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_left_stands_where_it_stands_under_each_of_its_keys() {
    let office = open(few(&[("a", "D1"), ("b", "D1"), ("c", "")])).await;
    let first = project(&office, "a");
    read(&office, few(&[("a", "D1"), ("b", "D2"), ("c", "")])).await;
    let own = project(&office, "b");
    let body = few(&[("a", "D1"), ("b", "D2"), ("c", "")]);
    let run = read(&office, body.replace("\nb;", "\nb2;")).await;
    assert_eq!((run.outcome, project(&office, "b2")), (SyncOutcome::Succeeded, own.clone()));
    assert!(run.findings.iter().any(|one| one.kind.as_str() == "RECORDS_RENUMBERED"), "{run:?}");
    // It bears another number under its new key, and the one that it bore under the former one joins nothing any more.
    read(&office, body.replace("\nb;", "\nb2;").replace("D2", "D1")).await;
    assert_eq!(project(&office, "b2"), first);
    read(&office, body.replace("\nb;", "\nb2;").replace("D2", "D5") + "e;Projet e;Association e;D2;5\n").await;
    assert_eq!(project(&office, "b2"), own);
    assert_ne!(project(&office, "e"), own);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_source_was_joined_with_by_a_wrong_number_parts_from_it() {
    let office = open(few(&[("a", "D1"), ("b", "D2")])).await;
    let (first, second) = (project(&office, "a"), project(&office, "b"));
    let theirs = ours().replace("id = \"desk\"", "id = \"caf\"").replace("siren:200053742", "siren:534089529");
    // The partner's grant comes under a wrong number, which it mends.
    let partner = few(&[("z", "D1"), ("y", "D8")]);
    office.answer(file(partner.clone()));
    office.sync_other("caf", &theirs).await;
    assert_eq!(project(&office, "z"), first);
    office.answer(file(partner.replace("D1", "D2")));
    let run = office.sync_other("caf", &theirs).await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, vec![(TOLD[0], "z: D1 > D2", false)]));
    assert_eq!((project(&office, "a"), project(&office, "b")), (first.clone(), second.clone()));
    assert_eq!(project(&office, "z"), second);
    // Ours slips, and is mended: the partner's grant is where its number is.
    read(&office, few(&[("a", "D2"), ("b", "D1")])).await;
    assert_eq!(project(&office, "z"), project(&office, "a"));
    assert_ne!(project(&office, "z"), project(&office, "b"));
    read(&office, few(&[("a", "D1"), ("b", "D2")])).await;
    assert_eq!((project(&office, "a"), project(&office, "b"), project(&office, "z")), (first, second.clone(), second));
    assert_eq!(projects(&office).len(), 3);
}

/// The rows of one dossier bear its number together, and go on together when the source writes its numbers otherwise.
#[tokio::test]
async fn dossiers_of_several_rows_may_be_numbered_anew() {
    let pairs = |year: &str| {
        let ids: Vec<String> = (0..40).map(|id| format!("g{id:02}")).collect();
        list(ids.iter().enumerate().map(|(at, id)| (id.as_str(), format!("{year}D{:02}", at / 2))))
    };
    let office = open(pairs("")).await;
    let run = read(&office, pairs("2026-")).await;
    assert_eq!(run.outcome, SyncOutcome::Succeeded, "{run:?}");
    assert_eq!(run.findings.iter().map(|one| one.kind.as_str()).collect::<Vec<_>>(), TOLD);
    assert_eq!(office.gateway().current().projects().len(), 20);
}
