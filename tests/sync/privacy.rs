//! Retention: personal fields are kept as long as the manifest says, from the last version of their record, and no longer.

use super::office::{Office, start};
use axum::Json;
use axum::response::IntoResponse as _;
use passerelle::acts::privacy::Erased;
use passerelle::domain::erasure::ErasureCause;
use passerelle::domain::run::SyncOutcome;
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
    let Erased { records, keys, version } = privacy.expire(&connectors).await.unwrap();
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
