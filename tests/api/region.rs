//! A small region, written by hand: every figure asserted by the tests is added up here, by hand.
//!
//! Version 1: reference tables. Version 2: the Region's list (r1, r2, r3, one rejected record). Version 3: an
//! application (a1, about the same project as r1). Version 4: the Region's list again: r1 is contracted.

use chrono::TimeDelta;
use passerelle::domain::Instant;
use passerelle::domain::act::Author;
use passerelle::domain::chain::{Digest, LedgerVersion};
use passerelle::domain::facts::Facts;
use passerelle::domain::message::Message;
use passerelle::domain::project::{ProjectId, Reference};
use passerelle::domain::record::RecordState;
use passerelle::domain::rejection::{Location, Rejection};
use passerelle::domain::run::{Counts, SyncOutcome, SyncRun};
use passerelle::domain::source::SourceProfile;
use passerelle::domain::source_finding::{SourceFinding, SourceFindingKind};
use passerelle::domain::text::{RecordKey, SourceId};
use passerelle::ledger::{Ledger, NewEntry, NewRecord, NewRow, StateChange};
use serde_json::{Value, json};

/// The project of r1 and a1, in Secteur Sud.
pub const SUD: &str = "p0000000000000001";
/// The project of r2, by a natural person.
pub const PERSON: &str = "p0000000000000002";
/// The project of r3, nowhere.
pub const NOWHERE: &str = "p0000000000000003";

/// The instant at which the region is looked at.
pub fn now() -> Instant {
    day(10)
}

/// The days of the region.
pub fn day(number: i64) -> Instant {
    let start: Instant = "2026-03-01T08:00:00Z".parse().expect("an instant");
    start + TimeDelta::days(number)
}

/// What one read of a source brings.
pub struct Load {
    pub source: Value,
    pub day: i64,
    /// Key, project, facts.
    pub records: Vec<(&'static str, Option<&'static str>, Value)>,
    pub unchanged: u64,
    pub rejected: Vec<Rejection>,
}

/// Fills the ledger.
pub async fn fill(ledger: &Ledger) {
    for load in [references(), region(), application(), region_again()] {
        append(ledger, load).await;
    }
}

/// The tables of reference.
pub fn references() -> Load {
    let table = |table: Value| json!({"reference": table});
    Load {
        source: json!({"id": "reference", "family": null, "title": "Géographie", "standing": "publication",
            "speaks_for": [], "max_age_s": 31_536_000, "vanish_limit_bp": 2_000}),
        day: 0,
        records: vec![
            ("d59", None, table(json!({"table": "departement", "code": "59", "name": "Nord"}))),
            (
                "epci",
                None,
                table(json!({"table": "epci", "siren": "200093201", "name": "Métropole européenne de Lille"})),
            ),
            ("lille", None, table(json!({"table": "commune", "code": "59350", "name": "Lille", "epci": "200093201"}))),
            (
                "contrat",
                None,
                table(json!({"table": "contrat", "code": "CN05911M", "name": "Contrat de ville de la MEL",
                    "pilot": "siren:200093201", "epcis": ["200093201"], "communes": []})),
            ),
            (
                "sud",
                None,
                table(json!({"table": "quartier", "code": "QN05972M", "name": "Secteur Sud", "kind": "QPV",
                    "npnru": true, "communes": ["59350"], "epcis": [], "contrats": [], "predecessors": ["QP059001"]})),
            ),
            (
                "ftu",
                None,
                table(json!({"table": "dispositif", "code": "FTU", "name": "Fonds de travaux urbains",
                    "family": "POLITIQUE_DE_LA_VILLE", "natures": ["INVESTISSEMENT"]})),
            ),
        ],
        unchanged: 0,
        rejected: Vec::new(),
    }
}

/// One more version: Lille is said to lie in another EPCI.
pub async fn move_lille(ledger: &Ledger) {
    let commune = json!({"reference": {"table": "commune", "code": "59350", "name": "Lille", "epci": "200070993"}});
    let load = references();
    append(ledger, Load { day: 6, records: vec![("lille", None, commune)], unchanged: 5, ..load }).await;
}

/// One more version: a record of the Region's list stands otherwise.
pub async fn turn(ledger: &Ledger, key: &str, state: RecordState, day_number: i64) {
    turn_of(ledger, ("region", key), state, day_number).await;
}

/// One more version: a record of a source stands otherwise.
pub async fn turn_of(ledger: &Ledger, (source, key): (&str, &str), state: RecordState, day_number: i64) {
    let head = ledger.head().await.expect("a head");
    let entry = NewEntry {
        base: head.version,
        kind: "sync".to_owned(),
        author: Author::system("test"),
        reason: String::new(),
        at: day(day_number),
        profile: None,
        run: None,
        decisions: Vec::new(),
        acts: Vec::new(),
    };
    let change = StateChange {
        source: SourceId::parse(source).expect("sound"),
        key: RecordKey::parse(key).expect("sound"),
        state,
        observed_at: day(day_number),
    };
    let rows = [Ok::<_, std::convert::Infallible>(NewRow::State(change))];
    ledger.append(entry, rows).await.expect("appended");
}

/// One more version: a read of the Region's list is held, and changes no record.
pub async fn hold(ledger: &Ledger, day_number: i64) {
    let head = ledger.head().await.expect("a head");
    let (source, at) = (SourceId::parse("region").expect("sound"), day(day_number));
    let run = SyncRun {
        id: format!("region-{day_number}"),
        source,
        started_at: at,
        ended_at: Some(at),
        outcome: SyncOutcome::Held,
        counts: Counts::default(),
        full: true,
        partitions: vec![String::new()],
        message: None,
        batch: Some("batch".to_owned()),
        accepts: None,
        keys: Vec::new(),
        marks: None,
        findings: Vec::new(),
    };
    let entry = NewEntry {
        base: head.version,
        kind: "sync".to_owned(),
        author: Author::system("test"),
        reason: String::new(),
        at,
        profile: None,
        run: Some(run),
        decisions: Vec::new(),
        acts: Vec::new(),
    };
    ledger.append(entry, std::iter::empty::<Result<NewRow, std::convert::Infallible>>()).await.expect("appended");
}

/// One more version: the Region's list holds r1 again.
pub async fn back(ledger: &Ledger, day: i64) {
    append(ledger, Load { day, ..region_again() }).await;
}

/// The Region's list.
pub fn region_source() -> Value {
    json!({"id": "region", "family": "DROIT_COMMUN", "title": "Subventions de la Région", "standing": "system-of-record",
        "speaks_for": [{"funder": "siren:200053742"}], "max_age_s": 1_728_000, "vanish_limit_bp": 2_000})
}

fn square(stage: &str) -> Value {
    json!({
        "project": {"title": "Rénovation du square Trulin", "holder": "siren:215903501",
            "objectives": ["CADRE_DE_VIE"], "places": {"quartiers": ["QN05972M"]},
            "references": [{"scheme": "convention-region", "value": "2026-17"}],
            "budget": {"investissement": "500000.00", "tax_basis": "HT"}},
        "statements": [{"funder": "siren:200053742", "nature": "INVESTISSEMENT", "form": "SUBVENTION", "stage": stage,
            "amount": "200000.00", "tax_basis": "HT", "dispositif": "FTU", "year": 2026, "decided_on": "2026-02-12"}],
        "organisations": [{"id": "siren:215903501", "name": "Commune de Lille"},
            {"id": "siren:200053742", "name": "Région Hauts-de-France"}],
    })
}

fn region() -> Load {
    let nobody = json!({
        "project": {"title": "Aide à la création", "holder": "person:0011aabb",
            "places": {"communes": ["59350"]}},
        "statements": [{"funder": "siren:200053742", "nature": "FONCTIONNEMENT", "form": "SUBVENTION",
            "stage": "ATTRIBUE", "amount": "1500.50", "tax_basis": "NON_PRECISE", "year": 2025}],
        "organisations": [{"id": "person:0011aabb", "name": "Jeanne Dupont"}],
    });
    let nowhere = json!({
        "project": {"title": "Prêt sans lieu", "holder": "siren:783707003"},
        "statements": [
            {"funder": "siren:200053742", "form": "PRET", "stage": "ATTRIBUE", "amount": "40000.00",
                "tax_basis": "NON_PRECISE", "year": 2026},
            {"funder": "siren:200053742", "nature": "INVESTISSEMENT", "form": "SUBVENTION", "stage": "SOLLICITE",
                "tax_basis": "NON_PRECISE", "year": 2026}],
    });
    Load {
        source: region_source(),
        day: 2,
        records: vec![
            ("r1", Some(SUD), square("ATTRIBUE")),
            ("r2", Some(PERSON), nobody),
            ("r3", Some(NOWHERE), nowhere),
        ],
        unchanged: 0,
        rejected: vec![unreadable(2)],
    }
}

fn retyped(since: Instant) -> SourceFinding {
    SourceFinding {
        kind: SourceFindingKind::ColumnRetyped,
        field: Some("montant".to_owned()),
        about: None,
        since,
        example: Some("douze".to_owned()),
        message: Message::new("« montant » devient un texte", "« montant » is now a text"),
        was: Some("number".to_owned()),
        held: false,
    }
}

fn scaled(since: Instant) -> SourceFinding {
    let message = Message::new("500 000,00 EUR au lieu de 5 000,00", "EUR 500,000.00 in the place of 5,000.00");
    let kind = SourceFindingKind::AmountsScaled;
    SourceFinding { kind, field: None, example: None, message, was: None, ..retyped(since) }
}

/// A record whose amount cannot be read.
pub fn unreadable(number: i64) -> Rejection {
    Rejection {
        source: SourceId::parse("region").expect("sound"),
        run: format!("region-{number}"),
        key: Some("r9".to_owned()),
        raw: json!({"dossier": "r9", "montant": "douze"}).to_string(),
        location: "subventions.csv, line 7".to_owned(),
        field: Some("montant".to_owned()),
        code: "amount-unreadable".to_owned(),
        reason: Message::new("« douze » n'est pas un montant", "« douze » is no amount"),
        at: day(number),
    }
}

fn application() -> Load {
    let plan = json!({
        "project": {"title": "Square Trulin", "holder": "siren:215903501",
            "references": [{"scheme": "convention-region", "value": "2026-17"}]},
        "statements": [
            {"funder": "siren:200053742", "nature": "INVESTISSEMENT", "form": "SUBVENTION", "stage": "SOLLICITE",
                "amount": "250000.00", "tax_basis": "HT", "dispositif": "FTU", "year": 2026},
            {"funder": "siren:215903501", "nature": "INVESTISSEMENT", "form": "AUTOFINANCEMENT", "stage": "ATTRIBUE",
                "amount": "300000.00", "tax_basis": "HT", "year": 2026}],
    });
    Load {
        source: json!({"id": "dossiers", "family": null, "title": "Dossiers de demande", "standing": "publication",
            "speaks_for": [], "max_age_s": 864_000, "vanish_limit_bp": 2_000}),
        day: 3,
        records: vec![("a1", Some(SUD), plan)],
        unchanged: 0,
        rejected: Vec::new(),
    }
}

fn region_again() -> Load {
    Load {
        source: region_source(),
        day: 5,
        records: vec![("r1", Some(SUD), square("ENGAGE"))],
        unchanged: 2,
        rejected: vec![unreadable(5)],
    }
}

/// What a record says, which stands in this line of its list.
fn placed(key: &str, facts: &Value, line: u64) -> (RecordKey, Facts) {
    let facts: Facts = serde_json::from_value(facts.clone()).unwrap_or_else(|error| panic!("{key}: {error}"));
    let location = Location { resource: "liste.csv".into(), line: Some(line), ..Location::default() };
    (RecordKey::parse(key).expect("sound"), Facts { location: Some(Box::new(location)), ..facts })
}

/// The number of its project that a rejected record bears.
fn about(rejection: &Rejection) -> Vec<Reference> {
    let raw: Value = serde_json::from_str(&rejection.raw).expect("a record");
    let number = raw["convention"].as_str().into_iter();
    number.map(|number| Reference { scheme: "convention-region".into(), value: number.into() }).collect()
}

fn rejected_row(rejection: Rejection) -> NewRow {
    let references = about(&rejection);
    NewRow::Rejection(rejection, references)
}

/// Appends what a read brings.
pub async fn append(ledger: &Ledger, load: Load) {
    let head = ledger.head().await.expect("a head");
    let profile: SourceProfile = serde_json::from_value(load.source).expect("a profile");
    let at = day(load.day);
    let known = ledger.current(&profile.id, head.version).await.expect("the current records");
    let rows: Vec<NewRow> = load
        .records
        .iter()
        .zip(2..)
        .map(|((key, project, facts), line)| {
            let (key, facts) = placed(key, facts, line);
            let before = known.get(&key);
            let raw = json!({"dossier": key, "jour": load.day, "brut": format!("brut-{key}")}).to_string();
            NewRow::Record(NewRecord {
                source: profile.id.clone(),
                partition: String::new(),
                project: project.map(|id| ProjectId::parse(id).expect("sound")),
                observed_at: at,
                first_seen: before.map_or(at, |before| before.first_seen),
                fingerprint: [u8::try_from(load.day).expect("a day"); 16],
                hash: Digest::of(raw.as_bytes()),
                raw,
                references: facts.project.iter().flat_map(|project| project.references.clone()).collect(),
                facts: serde_json::to_string(&facts).expect("facts"),
                replaces: before.map(|_| RecordState::Open),
                key,
            })
        })
        .chain(load.rejected.iter().cloned().map(rejected_row))
        .collect();
    let (read, rejected) = (load.records.len() as u64, load.rejected.len() as u64);
    let changed =
        load.records.iter().filter(|(key, ..)| known.keys().any(|known| known.as_str() == *key)).count() as u64;
    let run = SyncRun {
        id: format!("{}-{}", profile.id, load.day),
        source: profile.id.clone(),
        started_at: at,
        ended_at: Some(at),
        outcome: SyncOutcome::Succeeded,
        counts: Counts {
            read: read + load.unchanged + rejected,
            added: read - changed,
            changed,
            unchanged: load.unchanged,
            rejected,
            ..Counts::default()
        },
        full: true,
        partitions: vec![String::new()],
        message: None,
        batch: None,
        accepts: None,
        keys: Vec::new(),
        marks: None,
        findings: if rejected > 0 { vec![retyped(at), scaled(at)] } else { Vec::new() },
    };
    let entry = NewEntry {
        base: head.version,
        kind: "sync".to_owned(),
        author: Author::system("test"),
        reason: String::new(),
        at,
        profile: Some(profile),
        run: Some(run),
        decisions: Vec::new(),
        acts: Vec::new(),
    };
    let head = ledger.append(entry, rows.into_iter().map(Ok::<_, std::convert::Infallible>)).await.expect("appended");
    assert!(head.version > LedgerVersion(0));
}
