//! What is read back, and at which version.

use crate::fixture::{
    Fixture, at, changed, entry, key, profile, project, record, redirect, reference, rejection, run, source, state,
};
use futures_util::StreamExt as _;
use passerelle::domain::chain::{Digest, LedgerVersion};
use passerelle::domain::erasure::{ErasureCause, Sealed};
use passerelle::domain::image::LedgerImage;
use passerelle::domain::money::Cents;
use passerelle::domain::project::Reference;
use passerelle::domain::record::RecordState;
use passerelle::domain::run::SyncOutcome;
use passerelle::ledger::{NewEntry, NewRecord, NewRow, PageRequest, SealedIn};

const ALL: PageRequest = PageRequest { offset: 0, limit: 100 };

fn amounts(image: &LedgerImage) -> Vec<(String, Option<Cents>)> {
    image.records.iter().map(|one| (one.key.to_string(), one.facts.statements[0].amount)).collect()
}

pub async fn the_image_is_that_of_its_version(fixture: Fixture) {
    let first = record("a", 1, 1);
    fixture.append(entry(1), vec![NewRow::Record(first.clone()), NewRow::Record(record("b", 2, 1))]).await;
    let mut second = changed(first.clone(), "99.00");
    second.observed_at = at(2);
    let mut with_decision = entry(2);
    with_decision.decisions = vec![redirect(2, 1)];
    fixture.append(with_decision, vec![NewRow::Record(second)]).await;

    let ledger = &fixture.ledger;
    let before = ledger.image(LedgerVersion(1)).await.unwrap();
    let after = ledger.image(LedgerVersion(2)).await.unwrap();
    let euros = |text| Some(Cents::parse(text).unwrap());
    assert_eq!(amounts(&before), [("a".to_owned(), euros("1250.50")), ("b".to_owned(), euros("1250.50"))]);
    assert_eq!(amounts(&after), [("a".to_owned(), euros("99.00")), ("b".to_owned(), euros("1250.50"))]);
    assert_eq!((before.decisions, after.decisions), (vec![], vec![redirect(2, 1)]));

    let one = &after.records[0];
    assert_eq!((one.version, one.observed_at, one.first_seen), (LedgerVersion(2), at(2), at(1)));
    assert_eq!((&*one.partition, &one.project, one.state), ("2026", &Some(project(1)), RecordState::Open));
    assert_eq!(one.facts.statements[1].amount, None, "unknown stays unknown");
    assert_eq!(one.hash, Digest::of(br#"{"montant":"99.00"}"#));

    let raw = ledger.raw(&source("s"), &key("a"), LedgerVersion(1)).await.unwrap().unwrap();
    assert_eq!((raw.raw.as_str(), raw.hash), (r#"{"nom":"a é"}"#, before.records[0].hash));
    assert_eq!(ledger.raw(&source("s"), &key("z"), LedgerVersion(2)).await.unwrap(), None);
    assert_eq!(ledger.raw(&source("s"), &key("a"), LedgerVersion(0)).await.unwrap(), None);
    let history = ledger.history(&source("s"), &key("a")).await.unwrap();
    let seen: Vec<_> = history.iter().map(|one| (one.version.0, one.observed_at, one.hash)).collect();
    assert_eq!(seen, [(1, at(1), before.records[0].hash), (2, at(2), one.hash)]);

    let current = ledger.current(&source("s"), LedgerVersion(2)).await.unwrap();
    let found = &current[&key("a")];
    assert_eq!((found.fingerprint, found.observed_at, found.first_seen), ([7; 16], at(2), at(1)));
    assert_eq!((&*found.partition, &found.project, found.state), ("2026", &Some(project(1)), RecordState::Open));
    assert!(ledger.current(&source("other"), LedgerVersion(2)).await.unwrap().is_empty());
}

pub async fn a_closed_record_leaves_the_image_and_comes_back(fixture: Fixture) {
    let first = record("a", 1, 1);
    let open = |number: u64| {
        let ledger = fixture.ledger.clone();
        async move { ledger.record_count(LedgerVersion(number)).await.unwrap() }
    };
    fixture.append(entry(1), vec![NewRow::Record(first.clone()), NewRow::Record(record("b", 1, 1))]).await;
    fixture.append(entry(2), vec![state("a", RecordState::Closed, 2)]).await;
    let mut back = changed(first, "5.00");
    back.replaces = Some(RecordState::Closed);
    fixture.append(entry(3), vec![NewRow::Record(back)]).await;

    let mut keys = Vec::new();
    for version in 1..=3 {
        let image = fixture.ledger.image(LedgerVersion(version)).await.unwrap();
        keys.push(image.records.iter().map(|one| one.key.to_string()).collect::<String>());
    }
    assert_eq!(keys, ["ab", "b", "ab"], "a record that comes back stands where it first stood");
    assert_eq!((open(1).await, open(2).await, open(3).await), (2, 1, 2));
    let closed = fixture.ledger.current(&source("s"), LedgerVersion(2)).await.unwrap();
    assert_eq!((closed[&key("a")].state, closed[&key("a")].observed_at), (RecordState::Closed, at(2)));
    let raw = fixture.ledger.raw(&source("s"), &key("a"), LedgerVersion(2)).await.unwrap().unwrap();
    assert_eq!((raw.raw.as_str(), raw.state), (r#"{"nom":"a é"}"#, RecordState::Closed));
}

pub async fn a_bad_record_keeps_its_last_good_facts(fixture: Fixture) {
    fixture.append(entry(1), vec![NewRow::Record(record("a", 1, 1))]).await;
    fixture.append(entry(2), vec![state("a", RecordState::Bad, 2)]).await;
    let before = fixture.ledger.image(LedgerVersion(1)).await.unwrap();
    let after = fixture.ledger.image(LedgerVersion(2)).await.unwrap();
    assert_eq!((after.records.len(), after.records[0].state), (1, RecordState::Bad));
    assert_eq!((&after.records[0].facts, after.records[0].hash), (&before.records[0].facts, before.records[0].hash));
    assert_eq!(fixture.ledger.record_count(LedgerVersion(2)).await.unwrap(), 0);
}

pub async fn sources_tell_their_runs(fixture: Fixture) {
    let mut first = entry(1);
    first.profile = Some(profile("s"));
    first.run = Some(run("s-1", SyncOutcome::Succeeded, 1));
    fixture.append(first, vec![NewRow::Record(record("a", 1, 1))]).await;
    let mut other = entry(2);
    other.profile = Some(profile("r"));
    fixture.append(other, Vec::new()).await;
    let mut failed = entry(3);
    failed.run = Some(run("s-2", SyncOutcome::Failed, 3));
    let mut renamed = profile("s");
    renamed.title = "Autre titre".to_owned();
    failed.profile = Some(renamed.clone());
    fixture.append(failed, Vec::new()).await;

    let ledger = &fixture.ledger;
    let sources = ledger.image(LedgerVersion(3)).await.unwrap().sources;
    let ids: Vec<_> = sources.iter().map(|one| one.profile.id.to_string()).collect();
    assert_eq!(ids, ["s", "r"]);
    assert_eq!(sources[0].profile, renamed);
    assert_eq!(sources[0].last_run, Some(run("s-2", SyncOutcome::Failed, 3)));
    assert_eq!(sources[0].last_success, Some(run("s-1", SyncOutcome::Succeeded, 1)));
    assert_eq!(sources[0].partitions, [("2026".to_owned(), at(1))], "a failed run read no partition");
    assert_eq!((sources[0].records, sources[1].records), (1, 0));
    assert_eq!((&sources[1].last_run, &sources[1].partitions), (&None, &Vec::new()));
    let earlier = ledger.image(LedgerVersion(1)).await.unwrap().sources;
    assert_eq!((earlier.len(), &earlier[0].profile), (1, &profile("s")));
    assert_eq!(ledger.profile(&source("s"), LedgerVersion(2)).await.unwrap(), Some(profile("s")));
    assert_eq!(ledger.profile(&source("x"), LedgerVersion(2)).await.unwrap(), None);

    let runs = ledger.runs(&source("s"), LedgerVersion(3), ALL).await.unwrap();
    let ids: Vec<_> = runs.items.iter().map(|run| run.id.as_str()).collect();
    assert_eq!((runs.total, ids), (2, vec!["s-2", "s-1"]));
    assert_eq!(ledger.run(&source("s"), "s-2", LedgerVersion(2)).await.unwrap(), None);
    let found = ledger.run(&source("s"), "s-2", LedgerVersion(3)).await.unwrap();
    assert_eq!(found, Some(run("s-2", SyncOutcome::Failed, 3)));
}

pub async fn rejections_are_those_of_the_last_run_that_read(fixture: Fixture) {
    let with_run = |id: &str, outcome, seconds| {
        let mut entry = entry(seconds);
        entry.profile = Some(profile("s"));
        entry.run = Some(run(id, outcome, seconds));
        entry
    };
    let rows = vec![
        NewRow::Rejection(rejection("s-1", "line 2"), Vec::new()),
        NewRow::Rejection(rejection("s-1", "line 3"), Vec::new()),
    ];
    fixture.append(with_run("s-1", SyncOutcome::Succeeded, 1), rows).await;
    fixture.append(with_run("s-2", SyncOutcome::Failed, 2), Vec::new()).await;
    // What a held run could not take waits with it.
    fixture.append(with_run("s-3", SyncOutcome::Held, 3), Vec::new()).await;
    let rows = vec![NewRow::Rejection(rejection("s-4", "line 9"), Vec::new())];
    fixture.append(with_run("s-4", SyncOutcome::Succeeded, 4), rows).await;

    let mut seen = Vec::new();
    for version in 1..=4 {
        let page = fixture.ledger.rejections(&source("s"), LedgerVersion(version), ALL).await.unwrap();
        seen.push((page.total, page.items.iter().map(|one| one.location.clone()).collect::<Vec<_>>().join(" ")));
    }
    let two = (2, "line 2 line 3".to_owned());
    assert_eq!(seen, [two.clone(), two.clone(), two, (1, "line 9".to_owned())]);
    let page = PageRequest { offset: 1, limit: 1 };
    let page = fixture.ledger.rejections(&source("s"), LedgerVersion(2), page).await.unwrap();
    assert_eq!((page.items, page.total), (vec![rejection("s-1", "line 3")], 2));
    assert_eq!(fixture.ledger.image(LedgerVersion(3)).await.unwrap().sources[0].rejected, 2);
}

pub async fn references_lead_to_projects(fixture: Fixture) {
    let mut one = record("a", 9, 1);
    one.references = vec![reference("dauphin", "77"), reference("dauphin", "78")];
    let mut other = record("b", 3, 1);
    other.references = vec![reference("dauphin", "77"), reference("synergie", "78")];
    fixture.append(entry(1), vec![NewRow::Record(one)]).await;
    fixture.append(entry(2), vec![NewRow::Record(other)]).await;

    let asked = [reference("dauphin", "77"), reference("synergie", "78"), reference("synergie", "77")];
    let bearers = async |version| {
        let found = fixture.ledger.bearers(&asked, LedgerVersion(version)).await.unwrap();
        found.into_iter().map(|(one, member)| (one, member.project, member.born)).collect::<Vec<_>>()
    };
    assert_eq!(bearers(1).await, [(asked[0].clone(), project(9), 1)]);
    let both =
        [(asked[0].clone(), project(9), 1), (asked[0].clone(), project(3), 2), (asked[1].clone(), project(3), 2)];
    assert_eq!(bearers(2).await, both, "the oldest comes first");
    assert!(fixture.ledger.bearers(&[], LedgerVersion(2)).await.unwrap().is_empty());
}

pub async fn another_number_of_one_numbering_ends_the_one_before(fixture: Fixture) {
    let first =
        NewRecord { references: vec![reference("dauphin", "77"), reference("synergie", "78")], ..record("a", 9, 1) };
    let again = |references: Vec<Reference>, text: &str| {
        NewRow::Record(NewRecord { references, ..changed(first.clone(), text) })
    };
    fixture.append(entry(1), vec![NewRow::Record(first.clone())]).await;
    fixture.append(entry(2), vec![again(Vec::new(), "2.00")]).await;
    fixture.append(entry(3), vec![again(vec![reference("dauphin", "79")], "3.00")]).await;
    let asked = [(first.source.clone(), first.key.clone())];
    let borne = async |version| {
        let found = fixture.ledger.borne_by(&asked, LedgerVersion(version)).await.unwrap();
        found.into_iter().map(|(_, one)| format!("{} {}", one.scheme, one.value)).collect::<Vec<_>>()
    };
    assert_eq!(borne(1).await, ["dauphin 77", "synergie 78"]);
    assert_eq!(borne(2).await, ["dauphin 77", "synergie 78"], "a version that gives none says nothing of it");
    assert_eq!(borne(3).await, ["synergie 78", "dauphin 79"]);
    let gone = fixture.ledger.bearers(&[reference("dauphin", "77")], LedgerVersion(3)).await.unwrap();
    assert!(gone.is_empty(), "{gone:?}");
    assert_eq!(fixture.ledger.bearing(&first.source, LedgerVersion(3)).await.unwrap(), 1);
    let members = fixture.ledger.members(&[project(9), project(3)], LedgerVersion(3)).await.unwrap();
    assert_eq!(
        members.into_iter().map(|one| (one.born, one.key, one.project)).collect::<Vec<_>>(),
        [(1, first.key.clone(), project(9))]
    );
}

pub async fn statements_are_unfolded_for_sql(fixture: Fixture) {
    let first = record("a", 1, 1);
    fixture.append(entry(1), vec![NewRow::Record(first.clone())]).await;
    fixture.append(entry(2), vec![NewRow::Record(changed(first, "-99.05"))]).await;
    let rows = fixture
        .query(
            "SELECT version, funder, amount_cents, stage FROM statement
             WHERE source = 's' AND latest ORDER BY record_id, position",
        )
        .await;
    let read = |row: &sea_orm::QueryResult| {
        let (version, funder): (i64, String) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
        let (amount, stage): (Option<i64>, Option<String>) =
            (row.try_get_by_index(2).unwrap(), row.try_get_by_index(3).unwrap());
        (version, funder, amount, stage)
    };
    let rows: Vec<_> = rows.iter().map(read).collect();
    assert_eq!(
        rows,
        [
            (2, "siren:200053742".to_owned(), Some(-9_905), Some("ATTRIBUE".to_owned())),
            (2, "eu:FEDER".to_owned(), None, None),
        ]
    );
    let all = fixture.query("SELECT 1 FROM statement WHERE version = 1").await;
    assert_eq!(all.len(), 2);
}

pub async fn erasures_and_sealed_rows_are_read_in_order(fixture: Fixture) {
    let of = |record: &str| Sealed { source: source("s"), record: record.into() };
    let mut one = record("a", 1, 1);
    one.raw = r#"{"nom":"sealed:1:AAAA"}"#.to_owned();
    one.hash = Digest::of(one.raw.as_bytes());
    let mut refused = rejection("s-1", "line 2");
    refused.key = None;
    refused.raw = r#""sealed:1:BBBB""#.to_owned();
    let rows = vec![NewRow::Rejection(refused, Vec::new()), NewRow::Record(record("b", 1, 1)), NewRow::Record(one)];
    fixture.append(entry(1), rows).await;
    let mark = "sealed:1:";
    let rows: Vec<_> = fixture.ledger.sealed_rows(mark).await.unwrap().map(Result::unwrap).collect().await;
    let told: Vec<_> = rows.iter().map(|row| (&*row.of.record, row.held, row.version.0)).collect();
    assert_eq!(told, [("a", SealedIn::Records, 1), ("line 2", SealedIn::Rejections, 1)]);
    for (record, sealed) in
        [("a", Some(true)), ("b", Some(false)), ("line 2", Some(true)), ("line 3", None), ("k", None)]
    {
        assert_eq!(fixture.ledger.holds(&of(record), mark).await.unwrap(), sealed, "{record}");
    }

    assert_eq!(fixture.ledger.erasures(LedgerVersion(0)).await.unwrap(), []);
    let asked = NewEntry { kind: "erasure".to_owned(), reason: "n° 12".to_owned(), ..entry(2) };
    let cause = ErasureCause::Request;
    fixture.append(asked, vec![NewRow::Erasure(of("a"), cause), NewRow::Erasure(of("line 2"), cause)]).await;
    fixture.append(entry(3), vec![NewRow::Erasure(of("b"), ErasureCause::Retention)]).await;
    let all = fixture.ledger.erasures(LedgerVersion(0)).await.unwrap();
    assert_eq!(
        all.iter().map(|one| (&*one.of.record, one.version.0)).collect::<Vec<_>>(),
        [("a", 2), ("line 2", 2), ("b", 3)]
    );
    assert_eq!((&*all[0].reason, all[0].at, all[2].cause), ("n° 12", at(2), ErasureCause::Retention));
    assert_eq!(fixture.ledger.erasures(LedgerVersion(2)).await.unwrap(), all[2..]);
    assert_eq!(fixture.ledger.verify().await.unwrap().fault, None);
}
