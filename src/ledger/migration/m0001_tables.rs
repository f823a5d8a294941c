//! The first tables, their indexes, the triggers that refuse every change, and the views for people with SQL.

use crate::ledger::guard::{no_replace, refusal};
use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend};

/// Makes everything.
pub struct Tables;

impl MigrationName for Tables {
    fn name(&self) -> &'static str {
        "m0001_tables"
    }
}

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Tables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let sqlite = connection.get_database_backend() == DbBackend::Sqlite;
        let mut statements: Vec<String> = TABLES.iter().map(|sql| dialect(sql, sqlite)).collect();
        statements.extend(INDEXES.iter().map(|index| format!("CREATE INDEX {index}")));
        if !sqlite {
            statements.push(POSTGRES_REFUSAL.to_owned());
        }
        for (table, id) in GUARDED {
            statements.extend(if sqlite { sqlite_triggers(table, id) } else { postgres_triggers(table) });
        }
        statements.push(if sqlite { SQLITE_STATEMENT } else { POSTGRES_STATEMENT }.to_owned());
        for statement in &statements {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// A half-made ledger is worse than none.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Instants are microseconds since 1970 in universal time; digests are SHA-256.
const TABLES: [&str; 10] = [
    "CREATE TABLE entry (version BIGINT_KEY, at_us BIGINT NOT NULL, kind TEXT NOT NULL, author TEXT NOT NULL,
     reason TEXT NOT NULL, content BYTES NOT NULL, previous BYTES NOT NULL, head BYTES NOT NULL)",
    "CREATE TABLE source_version (id BIGINT_KEY, version BIGINT NOT NULL, source TEXT NOT NULL, profile TEXT NOT NULL)",
    "CREATE TABLE record_version (id BIGINT_KEY, version BIGINT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
     partition TEXT NOT NULL, project TEXT, state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'bad')),
     observed_at_us BIGINT NOT NULL, first_seen_us BIGINT NOT NULL, hash BYTES NOT NULL, fingerprint BYTES NOT NULL,
     facts TEXT NOT NULL, raw TEXT NOT NULL)",
    "CREATE TABLE record_reference (id BIGINT_KEY, version BIGINT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
     scheme TEXT NOT NULL, value TEXT NOT NULL, project TEXT NOT NULL)",
    "CREATE TABLE rejection (id BIGINT_KEY, version BIGINT NOT NULL, source TEXT NOT NULL, run TEXT NOT NULL, key TEXT,
     location TEXT NOT NULL, field TEXT, code TEXT NOT NULL, reason_fr TEXT NOT NULL, reason_en TEXT NOT NULL,
     at_us BIGINT NOT NULL, raw TEXT NOT NULL)",
    "CREATE TABLE decision (id BIGINT_KEY, version BIGINT NOT NULL, body TEXT NOT NULL)",
    "CREATE TABLE act (id BIGINT_KEY, version BIGINT NOT NULL, body TEXT NOT NULL)",
    "CREATE TABLE sync_run (id BIGINT_KEY, version BIGINT NOT NULL, run TEXT NOT NULL, source TEXT NOT NULL,
     started_at_us BIGINT NOT NULL, ended_at_us BIGINT, outcome TEXT NOT NULL, records_read BIGINT NOT NULL,
     records_added BIGINT NOT NULL, records_changed BIGINT NOT NULL, records_unchanged BIGINT NOT NULL,
     records_skipped BIGINT NOT NULL, records_rejected BIGINT NOT NULL, records_gone BIGINT NOT NULL,
     full_read BIGINT NOT NULL, partitions TEXT NOT NULL, message_fr TEXT, message_en TEXT, batch TEXT, accepts TEXT,
     keys TEXT NOT NULL, marks TEXT, findings TEXT NOT NULL)",
    "CREATE TABLE partition_read (id BIGINT_KEY, version BIGINT NOT NULL, source TEXT NOT NULL, partition TEXT NOT NULL,
     started_at_us BIGINT NOT NULL)",
    "CREATE TABLE record_count (id BIGINT_KEY, version BIGINT NOT NULL, source TEXT NOT NULL, records_open BIGINT NOT NULL)",
];

/// Each index, and the question that it answers.
const INDEXES: [&str; 19] = [
    "entry_at ON entry (at_us)",
    "source_version_version ON source_version (version, id)",
    "source_version_source ON source_version (source, version)",
    "record_version_version ON record_version (version, id)",
    "record_version_key ON record_version (source, key, id)",
    "record_version_project ON record_version (project, id)",
    "record_reference_version ON record_reference (version, id)",
    "record_reference_value ON record_reference (value, scheme)",
    "rejection_version ON rejection (version, id)",
    "rejection_run ON rejection (run, id)",
    "decision_version ON decision (version, id)",
    "act_version ON act (version, id)",
    "sync_run_version ON sync_run (version, id)",
    "sync_run_source ON sync_run (source, version)",
    "sync_run_outcome ON sync_run (source, outcome, version)",
    "partition_read_version ON partition_read (version, id)",
    "partition_read_source ON partition_read (source, partition, version, started_at_us)",
    "record_count_version ON record_count (version, id)",
    "record_count_source ON record_count (source, version)",
];

/// Every table, with its numbering column.
const GUARDED: [(&str, &str); 10] = [
    ("entry", "version"),
    ("source_version", "id"),
    ("record_version", "id"),
    ("record_reference", "id"),
    ("rejection", "id"),
    ("decision", "id"),
    ("act", "id"),
    ("sync_run", "id"),
    ("partition_read", "id"),
    ("record_count", "id"),
];

pub(super) fn dialect(sql: &str, sqlite: bool) -> String {
    let (key, bytes) = if sqlite { ("INTEGER PRIMARY KEY NOT NULL", "BLOB") } else { ("BIGINT PRIMARY KEY", "BYTEA") };
    let sql = sql.replace("BIGINT_KEY", key).replace(" BYTES ", &format!(" {bytes} "));
    if sqlite { sql.replace("BIGINT", "INTEGER") + " STRICT" } else { sql }
}

pub(super) fn sqlite_triggers(table: &str, id: &str) -> Vec<String> {
    let refuse = refusal(table);
    vec![
        format!("CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}"),
        format!("CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}"),
        no_replace(table, id),
    ]
}

const POSTGRES_REFUSAL: &str = "CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the ledger is append-only: table %', TG_TABLE_NAME; END $$";

pub(super) fn postgres_triggers(table: &str) -> Vec<String> {
    vec![format!(
        "CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
         FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
    )]
}

/// One row per sum that a record version states. `latest` tells the version that stands today.
const SQLITE_STATEMENT: &str = "CREATE VIEW statement AS
SELECT r.id AS record_id, s.key AS position, r.version, r.source, r.key, r.partition, r.project, r.state,
  NOT EXISTS (SELECT 1 FROM record_version n WHERE n.source = r.source AND n.key = r.key AND n.id > r.id) AS latest,
  json_extract(s.value, '$.funder') AS funder, json_extract(s.value, '$.nature') AS nature,
  json_extract(s.value, '$.form') AS form, json_extract(s.value, '$.stage') AS stage,
  CAST(replace(json_extract(s.value, '$.amount'), '.', '') AS INTEGER) AS amount_cents,
  json_extract(s.value, '$.tax_basis') AS tax_basis, json_extract(s.value, '$.dispositif') AS dispositif,
  json_extract(s.value, '$.family') AS family, json_extract(s.value, '$.year') AS year,
  json_extract(s.value, '$.decided_on') AS decided_on, json_extract(s.value, '$.reference') AS reference,
  COALESCE(json_extract(s.value, '$.nothing'), 0) <> 0 AS says_nothing, r.observed_at_us, r.hash
FROM record_version r, json_each(r.facts, '$.statements') s";

const POSTGRES_STATEMENT: &str = "CREATE VIEW statement AS
SELECT r.id AS record_id, s.position - 1 AS position, r.version, r.source, r.key, r.partition, r.project, r.state,
  NOT EXISTS (SELECT 1 FROM record_version n WHERE n.source = r.source AND n.key = r.key AND n.id > r.id) AS latest,
  s.value ->> 'funder' AS funder, s.value ->> 'nature' AS nature, s.value ->> 'form' AS form, s.value ->> 'stage' AS stage,
  CAST(replace(s.value ->> 'amount', '.', '') AS BIGINT) AS amount_cents,
  s.value ->> 'tax_basis' AS tax_basis, s.value ->> 'dispositif' AS dispositif, s.value ->> 'family' AS family,
  CAST(s.value ->> 'year' AS BIGINT) AS year, s.value ->> 'decided_on' AS decided_on, s.value ->> 'reference' AS reference,
  COALESCE(CAST(s.value ->> 'nothing' AS BOOLEAN), FALSE) AS says_nothing, r.observed_at_us, r.hash
FROM record_version r
CROSS JOIN LATERAL jsonb_array_elements(CAST(r.facts AS JSONB) -> 'statements') WITH ORDINALITY AS s (value, position)";
