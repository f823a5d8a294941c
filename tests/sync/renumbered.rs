//! Rows whose key changes in their source: what people said of a record holds of it under its new key, and where nobody can tell whether
//! it is the same one, a person is asked before what was said is lost.

use crate::office::{Asked, Office, manifest};
use axum::response::{IntoResponse, Response};
use passerelle::domain::act::Author;
use passerelle::domain::project::ProjectId;
use passerelle::domain::run::{SyncOutcome, SyncRun};
use passerelle::domain::text::{RecordKey, SourceId};
use std::fmt::Write as _;

const CSV: &str = "kind = \"delimited\"\nbase = \"http://127.0.0.1/\"\npath = \"liste.csv\"";
const PROJECT: &str = "title = \"titre\"\nholder = { name = \"porteur\" }\nreferences = [{ scheme = \"cofinancement\", from = \"projet\" }]";

/// Rows that nobody speaks of, then these.
fn list(rows: &[&str]) -> String {
    let mut all = "id;titre;porteur;projet;montant\n".to_owned();
    for id in 1..=20 {
        let _ = writeln!(all, "x{id};Projet {id};Association {id};;{}", 1_000 + id);
    }
    rows.iter().for_each(|row| all.push_str(&format!("{row}\n")));
    all
}

fn file(body: String) -> impl FnMut(&Asked) -> Response + Send + 'static {
    move |_| ([("content-type", "text/csv")], body.clone()).into_response()
}

async fn open(rows: &[&str]) -> Office {
    let office = Office::open(&manifest(CSV).replace("title = \"titre\"", PROJECT), file(list(rows))).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    office
}

async fn read(office: &Office, rows: &[&str]) -> SyncRun {
    office.answer(file(list(rows)));
    office.sync().await
}

/// The project in which a record stands.
fn project(office: &Office, key: &str) -> ProjectId {
    let portfolio = office.gateway().current();
    let mut projects = portfolio.projects();
    let has = |keys: &passerelle::portfolio::ProjectCase| keys.records.iter().any(|one| one.key.as_str() == key);
    projects.find(|(_, case)| has(case)).unwrap_or_else(|| panic!("no record {key}")).1.id.clone()
}

async fn link(office: &Office, keys: [&str; 2]) -> ProjectId {
    let projects = keys.map(|key| project(office, key).to_string());
    office.linker().link(&Author::system("region"), &projects, "la même action").await.unwrap().project
}

async fn separate(office: &Office, key: &str) -> ProjectId {
    let (source, key) = (SourceId::parse("desk").unwrap(), RecordKey::parse(key).unwrap());
    office.linker().unlink(&Author::system("region"), (&source, &key), "deux actions").await.unwrap().project
}

/// What is told of keys, with the records that it names.
fn told(run: &SyncRun) -> Vec<(&'static str, &str, bool)> {
    let told = run.findings.iter().map(|one| (one.kind.as_str(), one.example.as_deref().unwrap_or("-"), one.held));
    told.filter(|(kind, ..)| ["RECORDS_RENUMBERED", "RECORDS_REPLACED", "RECORDS_GONE"].contains(kind)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_linked_record_stays_linked_under_its_new_key_and_the_identifiers_stay() {
    let office = open(&["a;Jardin;Les Amis;;500", "b;Le jardin;Amis;;700"]).await;
    let linked = link(&office, ["a", "b"]).await;
    let before = office.gateway().current();
    let case = before.project(before.project_by_id(&linked).unwrap());
    let first_seen = case.records.iter().find(|one| one.key.as_str() == "b").unwrap().first_seen;
    let run = read(&office, &["a;Jardin;Les Amis;;500", "b2;Le jardin;Amis;;700"]).await;
    assert_eq!((run.outcome, run.counts.added, run.counts.gone), (SyncOutcome::Succeeded, 1, 1));
    assert_eq!(told(&run), [("RECORDS_RENUMBERED", "b > b2", false)]);
    assert_eq!((project(&office, "a"), project(&office, "b2")), (linked.clone(), linked.clone()));
    let portfolio = office.gateway().current();
    let case = portfolio.project(portfolio.project_by_id(&linked).unwrap());
    assert_eq!(case.records.iter().find(|one| one.key.as_str() == "b2").unwrap().first_seen, first_seen);
    // It says something else later, under the new key; then the source takes the renumbering back.
    assert_eq!(read(&office, &["a;Jardin;Les Amis;;500", "b2;Le jardin;Amis;;750"]).await.counts.changed, 1);
    let run = read(&office, &["a;Jardin;Les Amis;;500", "b;Le jardin;Amis;;750"]).await;
    assert_eq!(told(&run), [("RECORDS_RENUMBERED", "b2 > b", false)]);
    assert_eq!((project(&office, "a"), project(&office, "b")), (linked.clone(), linked));
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_separated_record_stays_apart_under_each_of_its_keys() {
    let office = open(&["a;Jardin;Les Amis;D1;500", "b;Potager;Amis;D1;700"]).await;
    let (first, own) = (project(&office, "a"), separate(&office, "b").await);
    assert_ne!(first, own);
    for (key, amount) in [("b2", 700), ("b3", 700), ("b3", 800), ("b2", 800), ("b4", 800)] {
        let run = read(&office, &["a;Jardin;Les Amis;D1;500", &format!("{key};Potager;Amis;D1;{amount}")]).await;
        assert_eq!(run.outcome, SyncOutcome::Succeeded, "{run:?}");
        assert_eq!((project(&office, "a"), project(&office, key)), (first.clone(), own.clone()), "{key}");
    }
    // And a person who links them again is heard, whatever the key is by then.
    assert_eq!(link(&office, ["a", "b4"]).await, first);
    let run = read(&office, &["a;Jardin;Les Amis;D1;500", "b5;Potager;Amis;D1;800"]).await;
    assert_eq!((run.outcome, project(&office, "b5")), (SyncOutcome::Succeeded, first));
    // The picture that was followed step by step is the one that is built from the ledger.
    let version = office.gateway().current().head().version;
    let built = passerelle::portfolio::Portfolio::build(&office.gateway().ledger().image(version).await.unwrap());
    assert!(built.changed_since(&office.gateway().current()).is_empty());
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_renumbered_as_a_whole_waits_and_loses_nothing_when_it_is_let_through() {
    let office = open(&["a;Jardin;Les Amis;;500", "b;Potager;Amis;;700"]).await;
    let linked = link(&office, ["a", "b"]).await;
    let before = office.sums();
    office.answer(file(list(&["c;Jardin;Les Amis;;500", "d;Potager;Amis;;700"]).replace("\nx", "\ny")));
    let run = office.sync().await;
    assert_eq!(run.outcome, SyncOutcome::Held);
    let said = run.message.as_ref().unwrap();
    assert!(said.en.contains("22 of the 22") && said.en.contains("22 of them come under another key"), "{}", said.en);
    assert!(said.fr.contains("22 d'entre eux"), "{}", said.fr);
    assert!(told(&run).iter().all(|(kind, _, held)| *kind == "RECORDS_RENUMBERED" && *held), "{run:?}");
    let run = office.accept(&run.id).await;
    assert_eq!((run.outcome, told(&run).len(), told(&run)[0].2), (SyncOutcome::Succeeded, 1, false));
    assert_eq!((project(&office, "c"), project(&office, "d")), (linked.clone(), linked));
    assert_eq!(office.sums(), before);
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_the_same_record_waits_where_people_spoke_of_it() {
    let office = open(&["a;Jardin;Les Amis;;500", "b;Potager;Amis;;700"]).await;
    link(&office, ["a", "b"]).await;
    // Another key and another amount: it may be the same one.
    let run = read(&office, &["a;Jardin;Les Amis;;500", "b2;Potager;Amis;;900"]).await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Held, vec![("RECORDS_REPLACED", "b", true)]));
    assert!(run.message.as_ref().is_some_and(|said| said.en.contains("what was said of them would be lost")));
    // It is not: a grant that leaves is told, and leaves.
    let run = read(&office, &["a;Jardin;Les Amis;;500", "c;Fanfare;Autres;;900"]).await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, vec![("RECORDS_GONE", "b", false)]));
    assert_ne!(project(&office, "a"), project(&office, "c"));
    // Nobody spoke of the others.
    let run = read(&office, &["a;Jardin;Les Amis;;500", "c2;Fanfare;Autres;;950"]).await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, vec![("RECORDS_GONE", "b", false)]), "as before");
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twins_nobody_knows_which_is_which_and_none_joins_what_one_was_taken_from() {
    let twins = ["a;Jardin;Les Amis;D1;500", "b;Potager;Amis;D1;700", "c;Potager;Amis;D1;700"];
    let office = open(&twins).await;
    let first = project(&office, "a");
    separate(&office, "b").await;
    let run = read(&office, &[twins[0], "b2;Potager;Amis;D1;700", "c2;Potager;Amis;D1;700"]).await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Held, vec![("RECORDS_REPLACED", "b", true)]));
    let run = office.accept(&run.id).await;
    assert_eq!((run.outcome, run.counts.gone), (SyncOutcome::Succeeded, 2));
    let [one, other] = ["b2", "c2"].map(|key| project(&office, key));
    assert!(one != first && other != first && one != other);
    // Nor does a third one that comes later, nor one under a key of before.
    let run =
        read(&office, &[twins[0], "b2;Potager;Amis;D1;700", "c2;Potager;Amis;D1;700", "d;Potager;Amis;D1;700"]).await;
    assert_eq!(run.outcome, SyncOutcome::Succeeded);
    assert_ne!(project(&office, "d"), first);
    // What differs is joined by its reference as ever.
    let run = read(&office, &[twins[0], "b2;Potager;Amis;D1;700", "e;Serre;Amis;D1;70"]).await;
    assert_eq!((run.outcome, project(&office, "e")), (SyncOutcome::Succeeded, first));
    office.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_of_a_project_is_no_key() {
    let office = open(&["a;Jardin;Les Amis;D1;500"]).await;
    let first = project(&office, "a");
    let run = read(&office, &["b;Jardin;Les Amis;D2;500"]).await;
    assert_eq!((run.outcome, told(&run)), (SyncOutcome::Succeeded, Vec::new()));
    assert_ne!(project(&office, "b"), first);
}
