//! A ledger with nothing in it, and short words to fill it.

use passerelle::domain::Instant;
use passerelle::domain::act::{Author, Decision};
use passerelle::domain::chain::{Digest, LedgerVersion};
use passerelle::domain::image::Head;
use passerelle::domain::marks::Marks;
use passerelle::domain::message::Message;
use passerelle::domain::project::{ProjectId, Reference};
use passerelle::domain::record::RecordState;
use passerelle::domain::rejection::Rejection;
use passerelle::domain::run::{Counts, SyncOutcome, SyncRun};
use passerelle::domain::source::{SourceProfile, Standing};
use passerelle::domain::source_finding::{SourceFinding, SourceFindingKind};
use passerelle::domain::text::{RecordKey, SourceId};
use passerelle::ledger::{Ledger, LedgerError, NewEntry, NewRecord, NewRow, StateChange};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, DbErr, QueryResult};
use std::convert::Infallible;
use std::path::Path;

/// A ledger, and its database as somebody with SQL reaches it.
pub struct Fixture {
    pub ledger: Ledger,
    pub sql: DatabaseConnection,
}

impl Fixture {
    pub async fn sqlite(directory: &Path) -> Self {
        let path = directory.join("a ledger?.sqlite");
        let ledger = Ledger::open_file(&path).await.unwrap();
        let mut options = ConnectOptions::new("sqlite:");
        options.map_sqlx_sqlite_opts(move |options| options.filename(&path)).max_connections(1).sqlx_logging(false);
        Fixture { ledger, sql: Database::connect(options).await.unwrap() }
    }

    pub async fn postgres(url: &str) -> Self {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        Fixture { ledger: Ledger::open(url).await.unwrap(), sql: Database::connect(options).await.unwrap() }
    }

    /// Appends at the head.
    pub async fn append(&self, entry: NewEntry, rows: Vec<NewRow>) -> Head {
        self.try_append(entry, rows).await.unwrap()
    }

    pub async fn try_append(&self, mut entry: NewEntry, rows: Vec<NewRow>) -> Result<Head, LedgerError> {
        entry.base = self.ledger.head().await?.version;
        self.ledger.append(entry, rows.into_iter().map(Ok::<_, Infallible>)).await
    }

    pub async fn execute(&self, sql: &str) -> Result<u64, DbErr> {
        self.sql.execute_unprepared(sql).await.map(|done| done.rows_affected())
    }

    pub async fn query(&self, sql: &str) -> Vec<QueryResult> {
        let backend = self.sql.get_database_backend();
        self.sql.query_all_raw(sea_orm::Statement::from_string(backend, sql)).await.unwrap()
    }

    pub fn is_sqlite(&self) -> bool {
        self.sql.get_database_backend() == DbBackend::Sqlite
    }
}

/// Some seconds after the beginning of the tests' time.
pub fn at(seconds: i64) -> Instant {
    Instant::from_timestamp_micros(1_790_000_000_000_000 + seconds * 1_000_000 + 7).unwrap()
}

pub fn source(id: &str) -> SourceId {
    SourceId::parse(id).unwrap()
}

pub fn key(text: &str) -> RecordKey {
    RecordKey::parse(text).unwrap()
}

pub fn project(number: u64) -> ProjectId {
    ProjectId::from_bytes(number.to_be_bytes())
}

pub fn entry(seconds: i64) -> NewEntry {
    NewEntry {
        base: LedgerVersion(0),
        kind: "sync".to_owned(),
        author: Author::system("timer"),
        reason: String::new(),
        at: at(seconds),
        profile: None,
        run: None,
        decisions: Vec::new(),
        acts: Vec::new(),
    }
}

pub fn redirect(from: u64, to: u64) -> Decision {
    Decision::Redirect { from: project(from), to: project(to), reason: "one convention".to_owned() }
}

/// An open record of source `s`, the first of its key.
pub fn record(name: &str, belongs_to: u64, seconds: i64) -> NewRecord {
    let raw = format!(r#"{{"nom":"{name} é"}}"#);
    NewRecord {
        source: source("s"),
        key: key(name),
        partition: "2026".to_owned(),
        project: Some(project(belongs_to)),
        observed_at: at(seconds),
        first_seen: at(seconds),
        fingerprint: [7; 16],
        facts: facts(name, "1250.50"),
        hash: Digest::of(raw.as_bytes()),
        raw,
        references: Vec::new(),
        replaces: None,
    }
}

pub fn facts(title: &str, amount: &str) -> String {
    format!(
        r#"{{"project":{{"title":"{title}"}},"statements":[{{"funder":"siren:200053742","form":"SUBVENTION","stage":"ATTRIBUE","amount":"{amount}","tax_basis":"NON_PRECISE","year":2026}},{{"funder":"eu:FEDER","form":"SUBVENTION","tax_basis":"HT"}}]}}"#
    )
}

pub fn changed(mut record: NewRecord, amount: &str) -> NewRecord {
    record.facts = facts(record.key.as_str(), amount);
    record.raw = format!(r#"{{"montant":"{amount}"}}"#);
    record.hash = Digest::of(record.raw.as_bytes());
    record.replaces = Some(RecordState::Open);
    record
}

pub fn state(name: &str, state: RecordState, seconds: i64) -> NewRow {
    NewRow::State(StateChange { source: source("s"), key: key(name), state, observed_at: at(seconds) })
}

pub fn reference(scheme: &str, value: &str) -> Reference {
    Reference { scheme: scheme.into(), value: value.into() }
}

pub fn profile(id: &str) -> SourceProfile {
    SourceProfile {
        id: source(id),
        family: None,
        title: format!("Système {id}"),
        standing: Standing::SystemOfRecord,
        speaks_for: Vec::new(),
        max_age_s: 86_400,
        vanish_limit_bp: 2_000,
        tells_embargoes: false,
        holds_signed_plans: false,
    }
}

pub fn run(id: &str, outcome: SyncOutcome, seconds: i64) -> SyncRun {
    SyncRun {
        id: id.to_owned(),
        source: source("s"),
        started_at: at(seconds),
        ended_at: Some(at(seconds + 1)),
        outcome,
        counts: Counts { read: 6, added: 1, changed: 1, unchanged: 1, skipped: 2, rejected: 1, gone: 4 },
        full: true,
        partitions: vec!["2026".to_owned()],
        message: Some(Message::new("à savoir", "to know")),
        batch: Some("ab".to_owned()),
        accepts: Some("earlier".to_owned()),
        keys: Vec::new(),
        marks: Some(Marks { increment: false, cursor: Some("a".to_owned()), ..Marks::of_increment(Digest::of(b"m")) }),
        findings: vec![finding(seconds)],
    }
}

pub fn finding(seconds: i64) -> SourceFinding {
    SourceFinding {
        kind: SourceFindingKind::ColumnRetyped,
        field: Some("plan.*.montant".to_owned()),
        about: None,
        since: at(seconds),
        example: Some("douze".to_owned()),
        message: Message::new("un texte", "a text"),
        was: Some("number".to_owned()),
        held: false,
    }
}

pub fn rejection(run: &str, location: &str) -> Rejection {
    Rejection {
        source: source("s"),
        run: run.to_owned(),
        key: Some("k".to_owned()),
        raw: r#"{"montant":"douze"}"#.to_owned(),
        location: location.to_owned(),
        field: Some("montant".to_owned()),
        code: "amount-unreadable".to_owned(),
        reason: Message::new("« douze » n'est pas un montant", "« douze » is no amount"),
        at: at(1),
    }
}
