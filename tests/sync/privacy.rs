//! Retention: personal fields are kept as long as the manifest says, from the last version of their record, and no longer.

use super::office::{Office, start};
use axum::Json;
use axum::response::IntoResponse as _;
use passerelle::acts::privacy::Erased;
use passerelle::domain::act::Author;
use passerelle::domain::erasure::{ErasureCause, Sealed};
use passerelle::domain::run::SyncOutcome;
use passerelle::domain::source_finding::SourceFindingKind;
use passerelle::domain::text::SourceId;
use serde_json::{Value, json};

const MANIFEST: &str = r#"
id = "desk"
family = "POLITIQUE_DE_LA_VILLE"
title = "Projets d'initiative citoyenne"
standing = "system-of-record"
personal = ["porteur.nom"]
keep-personal = "P90D"

[driver]
kind = "http-json"
url = "projets"

[map]
key = "id"

[map.project]
title = "intitule"
holder = { name = "porteur.nom", person-when = { field = "porteur.type", in = ["HABITANT"] } }

[[map.statement]]
funder = { value = "siren:200053742" }
form = { value = "SUBVENTION" }
amount = "montant"
"#;

const DAY_S: i64 = 86_400;

fn inhabitant(id: u32, amount: u32) -> Value {
    json!({ "id": id, "intitule": "Fête", "porteur": { "type": "HABITANT", "nom": "Jeanne Dupont" }, "montant": amount })
}

#[tokio::test]
async fn personal_fields_are_kept_from_the_last_version_of_their_record_and_no_longer() {
    let answer = |records: Value| move |_: &_| Json(records.clone()).into_response();
    let office = Office::open(MANIFEST, answer(json!([inhabitant(1, 500), inhabitant(2, 300)]))).await;
    office.sync().await;
    let connectors = office.connectors();
    let privacy = office.privacy();
    let kept = privacy.kept(&connectors).await.unwrap();
    let until = start() + chrono::TimeDelta::seconds(60) + chrono::TimeDelta::days(90);
    assert_eq!(kept.iter().map(|one| one.until).collect::<Vec<_>>(), [Some(until); 2]);

    office.later(80 * DAY_S);
    office.answer(answer(json!([inhabitant(1, 500), inhabitant(2, 350)])));
    office.sync().await;
    office.later(11 * DAY_S);
    let report = privacy.report(&connectors).await.unwrap();
    assert_eq!((report.sources[0].due, report.sources[0].records), (1, 2), "the second one changed since");
    let Erased { records, keys, version, .. } = privacy.expire(&connectors).await.unwrap();
    assert_eq!((records, keys), (1, 1));
    let erasures = privacy.report(&connectors).await.unwrap().erasures;
    let [one] = &erasures[..] else { panic!("{erasures:?}") };
    assert_eq!((&*one.of.record, one.cause, one.version), ("1", ErasureCause::Retention, version));
    assert_eq!(one.author.to_string(), "SYSTEM:retention");
    let search = privacy.find("jeanne dupont").await.unwrap();
    assert_eq!(search.found.iter().map(|one| &*one.of.record).collect::<Vec<_>>(), ["2"]);
    assert_eq!((search.erased, search.unreadable, search.found[0].rows), (1, 0, 2));

    // Read again, unchanged or changed, it stays erased and is not erased twice.
    office.answer(answer(json!([inhabitant(1, 501), inhabitant(2, 350)])));
    office.sync().await;
    office.later(200 * DAY_S);
    assert_eq!(privacy.expire(&connectors).await.unwrap().records, 1);
    assert_eq!(privacy.expire(&connectors).await.unwrap().records, 0);
    assert!(privacy.find("jeanne").await.unwrap().found.is_empty());
    let report = privacy.report(&connectors).await.unwrap();
    let source = &report.sources[0];
    assert_eq!((source.records, source.due, source.erased_by_retention, source.keys), (0, 0, 2, 0));
}

/// Renamed, a personal column would be kept in clear for good: the run waits for a person, and what waits is sealed as well.
#[tokio::test]
async fn a_personal_column_that_is_renamed_is_neither_applied_nor_kept_in_clear() {
    let answer = |records: Value| move |_: &_| Json(records.clone()).into_response();
    let renamed = |id: u32| {
        json!({ "id": id, "intitule": "Fête", "porteur": { "type": "HABITANT", "Nom usuel": "Jeanne Dupont" },
            "Contact": "Jeanne Dupont", "montant": 500 })
    };
    let office = Office::open(MANIFEST, answer(json!([inhabitant(1, 500), inhabitant(2, 300)]))).await;
    office.sync().await;
    office.answer(answer(json!([renamed(1), renamed(2)])));
    let run = office.sync().await;
    assert_eq!(run.outcome, SyncOutcome::Held, "{run:?}");
    assert!(run.message.as_ref().unwrap().en.contains("the manifest calls personal"), "{run:?}");
    assert!(run.findings.iter().any(|finding| finding.held && finding.field.as_deref() == Some("porteur.nom")));
    assert!(!office.holds("Jeanne Dupont") && !office.holds("Nom usuel"), "the batch that waits is sealed");
    let found = office.privacy().find("jeanne dupont").await.unwrap().found;
    assert_eq!(found.iter().map(|one| one.rows).collect::<Vec<_>>(), [2, 2], "in the ledger and in the batch");

    // Let through, it is sealed in the ledger; and so is what comes after it, which nothing holds any more.
    assert_eq!(office.accept(&run.id).await.outcome, SyncOutcome::Succeeded);
    office.answer(answer(json!([renamed(1), renamed(2), renamed(3)])));
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    assert!(!office.holds("Jeanne Dupont") && !office.holds("Nom usuel"));
    office
        .privacy()
        .erase((Author::system("cli"), "n° 1"), ErasureCause::Request, sealed(&["1", "2", "3"]))
        .await
        .unwrap();
    assert!(office.privacy().find("jeanne").await.unwrap().found.is_empty());
    office.verify().await;
}

/// What the manifest calls personal and no record had before is told by its name alone: what is appended stays for ever.
#[tokio::test]
async fn a_personal_column_that_appears_is_told_without_what_stands_in_it() {
    let manifest = MANIFEST.replace(r#"["porteur.nom"]"#, r#"["porteur.nom", "porteur.courriel"]"#);
    let with = |column: &str, value: &str| {
        let mut record = inhabitant(1, 500);
        record["porteur"][column] = json!(value);
        json!([record, inhabitant(2, 300)])
    };
    let answer = |records: Value| move |_: &_| Json(records.clone()).into_response();
    for (column, value) in [("courriel", "jeanne@example.org"), ("Courriel", "jeanne@example.org")] {
        let office = Office::open(&manifest, answer(json!([inhabitant(1, 500), inhabitant(2, 300)]))).await;
        office.sync().await;
        office.answer(answer(with(column, value)));
        let run = office.sync().await;
        let told = run.findings.iter().find(|finding| finding.kind == SourceFindingKind::ColumnAppeared);
        let told = told.unwrap_or_else(|| panic!("{column} is told: {run:?}"));
        assert_eq!((told.field.as_deref(), told.example.as_deref()), (Some(&*format!("porteur.{column}")), None));
        assert!(!office.holds(value), "{column}");
    }
}

const LIST: &str = r#"
id = "desk"
family = "POLITIQUE_DE_LA_VILLE"
title = "Bourses aux habitants"
standing = "system-of-record"
personal = ["nom", "prenom"]

[driver]
kind = "delimited"
path = "liste.csv"
delimiter = ";"

[map]
key = "num"

[map.project]
title = "objet"
holder = { name = "nom", person-when = { field = "type", not-in = ["ASSOCIATION"] } }

[[map.statement]]
funder = { value = "siren:200053742" }
form = { value = "SUBVENTION" }
amount = "montant"
"#;

/// Without its header line, the first row of a list names its columns.
#[tokio::test]
async fn a_list_without_its_header_tells_and_keeps_nobody_in_clear() {
    let rows = |from: u32| -> String {
        (from..=30).map(|id| format!("C{id};Bourse {id};HABITANT;Nom{id:02}x;Nom{id:02}x;{};x;x\n", 500 + id)).collect()
    };
    let answer = |list: String| move |_: &_| list.clone().into_response();
    let office = Office::open(LIST, answer(format!("num;objet;type;nom;prenom;montant;Zone;Zone\n{}", rows(1)))).await;
    let run = office.sync().await;
    assert_eq!(run.outcome, SyncOutcome::Succeeded, "{run:?}");
    let note = run.message.unwrap().en;
    assert!(note.contains("names of columns stand twice") && !note.contains("Zone"), "{note}");
    office.answer(answer(rows(1)));
    let run = office.sync().await;
    assert_eq!(run.outcome, SyncOutcome::Held, "{run:?}");
    let appeared: Vec<_> =
        run.findings.iter().filter(|finding| finding.kind == SourceFindingKind::ColumnAppeared).collect();
    assert!(matches!(&appeared[..], [one] if one.field.is_none() && one.message.en.starts_with("8 column(s)")));
    let told = serde_json::to_string(&(run.message, &run.findings)).unwrap();
    assert!(!told.contains("Nom01x"), "{told}");
    assert!(!office.holds("Nom01x") && !office.holds("Nom02x"));
    let found = office.privacy().find("nom02x").await.unwrap().found;
    assert_eq!(found.len(), 2, "the record, and the row that waits: {found:?}");

    // With its header, and other names for the persons.
    office.answer(answer(format!("num;objet;type;Nom de famille;Petit nom;montant;Zone;Zone\n{}", rows(1))));
    let run = office.sync().await;
    assert_eq!(run.outcome, SyncOutcome::Held, "{run:?}");
    assert_eq!(office.accept(&run.id).await.outcome, SyncOutcome::Succeeded);
    assert!(!office.holds("Nom02x") && !office.holds("Petit nom"));
    office.verify().await;
}

/// The word that tells a legal person is wrong where the name itself says that it is a natural one's.
#[tokio::test]
async fn a_name_that_says_itself_that_it_is_a_persons_is_in_clear_for_no_word_of_the_list() {
    let list = "num;objet;type;nom;prenom;montant\nC1;Bourse;ASSOCIATION;Mme Zorglub Ana;;500\n\
                C2;Bourse;ASSOCIATION;Les Amis du Quartier;;400\n";
    let office = Office::open(LIST, move |_: &_| list.into_response()).await;
    assert_eq!(office.sync().await.outcome, SyncOutcome::Succeeded);
    assert!(!office.holds("Zorglub"), "neither in the raw form nor in the facts");
    let current = office.gateway().current();
    let holders: Vec<_> = current
        .projects()
        .map(|(_, case)| current.organisation(case.holder.expect("a holder")).name.to_owned())
        .collect();
    assert_eq!(holders.iter().filter(|name| name.contains("Amis du Quartier")).count(), 1, "{holders:?}");
}

/// What stands in the list of erasures and not in a state restored from a copy comes again from its source, erased.
#[tokio::test]
async fn a_list_of_erasures_holds_for_what_is_not_there_yet() {
    let answer = |records: Value| move |_: &_| Json(records.clone()).into_response();
    let office = Office::open(MANIFEST, answer(json!([inhabitant(1, 500), inhabitant(2, 300)]))).await;
    office.sync().await;
    let by = || (Author::system("cli"), "restored");
    let privacy = office.privacy();
    assert!(privacy.erase(by(), ErasureCause::Request, sealed(&["2", "3"])).await.is_err(), "a mistake erases nothing");
    let erased = privacy.erase_anew(by(), ErasureCause::Request, sealed(&["2", "3"])).await.unwrap();
    assert_eq!((erased.records, erased.unheld, erased.keys), (2, 1, 1));
    let again = privacy.erase_anew(by(), ErasureCause::Request, sealed(&["2", "3"])).await.unwrap();
    assert_eq!((again.records, again.unheld, again.keys), (0, 0, 0));
    office.answer(answer(json!([inhabitant(1, 500), inhabitant(2, 350), inhabitant(3, 100)])));
    office.sync().await;
    let found = privacy.find("jeanne").await.unwrap().found;
    assert_eq!(found.iter().map(|one| &*one.of.record).collect::<Vec<_>>(), ["1"]);
    office.verify().await;
}

fn sealed(records: &[&str]) -> Vec<Sealed> {
    let source = SourceId::parse("desk").unwrap();
    records.iter().map(|record| Sealed { source: source.clone(), record: (*record).into() }).collect()
}

/// Whoever stands in a batch that nobody let through is kept no longer than anybody else.
#[tokio::test]
async fn who_waits_in_a_held_batch_is_erased_in_time_too() {
    let answer = |records: Value| move |_: &_| Json(records.clone()).into_response();
    let known: Vec<Value> = (1..30).map(|id| inhabitant(id, 500 + id)).collect();
    let office = Office::open(MANIFEST, answer(json!(known))).await;
    office.sync().await;
    let (connectors, privacy) = (office.connectors(), office.privacy());
    office.later(10 * DAY_S);
    office.answer(answer(json!([inhabitant(1, 502), inhabitant(99, 300)])));
    assert_eq!(office.sync().await.outcome, SyncOutcome::Held);
    office.later(85 * DAY_S);
    assert_eq!(privacy.expire(&connectors).await.unwrap().records, 28, "1 and 99 were seen ten days later");
    let search = privacy.find("jeanne").await.unwrap();
    assert_eq!(search.found.iter().map(|one| &*one.of.record).collect::<Vec<_>>(), ["1", "99"]);
    office.later(10 * DAY_S);
    let report = privacy.report(&connectors).await.unwrap();
    assert_eq!((report.sources[0].records, report.sources[0].due, report.sources[0].keys), (2, 2, 2));
    assert_eq!(privacy.expire(&connectors).await.unwrap().records, 2);
    assert!(privacy.find("jeanne").await.unwrap().found.is_empty());
    assert_eq!(privacy.report(&connectors).await.unwrap().sources[0].keys, 0);
    office.verify().await;
}
