//! What somebody with SQL may try, and that it is found.

use crate::fixture::{Fixture, entry, profile, record, redirect, reference, rejection, run, source, state};
use passerelle::domain::chain::{Digest, FieldHasher, LedgerVersion, Link};
use passerelle::domain::erasure::{ErasureCause, Sealed};
use passerelle::domain::governance::{Act, ActId};
use passerelle::domain::record::RecordState;
use passerelle::domain::run::SyncOutcome;
use passerelle::ledger::{NewEntry, NewRow};

/// Every table of the ledger, in the order in which they are hashed: a new column that nobody hashes would make this test fail.
const TABLES: [(&str, &str); 13] = [
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
    ("erasure", "id"),
    ("unread_reference", "id"),
    ("salt", "id"),
];

/// Three versions with at least one row in every table.
async fn filled(fixture: &Fixture) {
    for number in 1..=3 {
        let mut one = entry(i64::from(number));
        one.reason = "as agreed".to_owned();
        one.profile = Some(profile("s"));
        one.run = Some(run(&format!("s-{number}"), SyncOutcome::Succeeded, 1));
        one.decisions = vec![redirect(9, 8)];
        one.acts = vec![Act::TakenBack { act: ActId(1), reason: "a mistake".into() }];
        let mut new = record(&format!("k{number}"), 1, 1);
        new.references = vec![reference("dauphin", "77")];
        let of = Sealed { source: source("s"), record: format!("k{number}").into() };
        let erasure = NewRow::Erasure(of, ErasureCause::Request);
        let mut rows = vec![
            NewRow::Record(new),
            NewRow::Rejection(rejection("s-1", "line 2"), vec![reference("dauphin", "78")]),
            erasure,
        ];
        if number == 3 {
            rows.push(NewRow::Record(record("k4", 1, 1)));
            rows.push(state("k1", RecordState::Closed, 3));
        }
        fixture.append(one, rows).await;
    }
}

pub async fn a_sound_ledger_verifies(fixture: Fixture) {
    let report = fixture.ledger.verify().await.unwrap();
    assert_eq!((report.entries, report.rows, report.fault), (0, 0, None));
    filled(&fixture).await;
    let report = fixture.ledger.verify().await.unwrap();
    assert_eq!((report.entries, report.fault), (3, None));
    assert_eq!(report.head, fixture.ledger.head().await.unwrap());
    assert!(report.rows > 20);
}

/// The head is public. Who knows all of an entry but an amount must not find it by trying amounts.
pub async fn equal_entries_have_different_heads(fixture: Fixture) {
    let directory = tempfile::tempdir().unwrap();
    let other = Fixture::sqlite(directory.path()).await;
    let rows = || vec![NewRow::Record(record("a", 1, 1))];
    let heads = (fixture.append(entry(1), rows()).await, other.append(entry(1), rows()).await);
    assert_eq!((heads.0.version, heads.0.at), (heads.1.version, heads.1.at));
    assert_ne!(heads.0.head, heads.1.head);
}

/// Entries that an earlier build appended have no salt: their digests stand, and the chain goes on from them.
pub async fn an_entry_of_before_has_no_salt(fixture: Fixture) {
    fixture.append(entry(1), Vec::new()).await;
    disarm(&fixture).await;
    fixture.execute("DELETE FROM salt").await.unwrap();
    let mut content = FieldHasher::new();
    for (table, _) in &TABLES[1..10] {
        content.field(table.as_bytes()).field(&0_u64.to_be_bytes()).field(&FieldHasher::new().finish().0);
    }
    let content = content.finish();
    let stored: String = fixture.query("SELECT author FROM entry").await[0].try_get_by_index(0).unwrap();
    let link = Link {
        previous: Digest::default(),
        version: LedgerVersion(1),
        at: entry(1).at,
        kind: &entry(1).kind,
        author: &stored,
        reason: "",
        content,
    };
    let bytes = |digest: Digest| if fixture.is_sqlite() { format!("x'{digest}'") } else { format!("'\\x{digest}'") };
    let sql = format!("UPDATE entry SET content = {}, head = {}", bytes(content), bytes(link.head()));
    fixture.execute(&sql).await.unwrap();
    fixture.append(entry(2), vec![NewRow::Record(record("a", 1, 2))]).await;
    let report = fixture.ledger.verify().await.unwrap();
    assert_eq!((report.entries, report.fault), (2, None));
}

pub async fn every_changed_column_is_found(fixture: Fixture) {
    filled(&fixture).await;
    disarm(&fixture).await;
    let mut changed = 0;
    for (table, id) in TABLES {
        for column in columns(&fixture, table).await {
            if column == id && table == "entry" {
                continue; // Changing the number of an entry is the missing entry of another test.
            }
            let row = "version = 2";
            keep(&fixture, table).await;
            // Numbers grow by one; texts and bytes change in their last byte; nothing becomes something.
            let sql = format!("UPDATE {table} SET {column} = {} WHERE {row}", altered(&fixture, table, &column).await);
            assert_eq!(fixture.execute(&sql).await.unwrap(), 1, "{sql}");
            let fault = fixture.ledger.verify().await.unwrap().fault;
            let fault = fault.unwrap_or_else(|| panic!("{table}.{column} was changed and nobody noticed"));
            // A row that moved to another version is missing in its own.
            assert_eq!(fault.version, LedgerVersion(2), "{table}.{column}: {}", fault.message.en);
            put_back(&fixture, table).await;
            changed += 1;
        }
    }
    assert!(changed > 60, "only {changed} columns");
    assert_eq!(fixture.ledger.verify().await.unwrap().fault, None, "everything was put back");
}

pub async fn missing_and_added_rows_are_found(fixture: Fixture) {
    filled(&fixture).await;
    disarm(&fixture).await;
    for (table, id) in TABLES {
        keep(&fixture, table).await;
        fixture.execute(&format!("DELETE FROM {table} WHERE version = 2")).await.unwrap();
        let fault = fixture.ledger.verify().await.unwrap().fault;
        assert_eq!(fault.expect(table).version, LedgerVersion(2), "{table}: a missing row");
        put_back(&fixture, table).await;
        if table == "entry" {
            continue;
        }
        for (version, found) in [(2, 2), (0, 4), (7, 4)] {
            keep(&fixture, table).await;
            let columns = columns(&fixture, table).await;
            let others = columns.iter().filter(|one| *one != id && *one != "version").cloned().collect::<Vec<_>>();
            let list = others.join(", ");
            let sql = format!(
                "INSERT INTO {table} ({id}, version, {list}) SELECT {id} + 1000, {version}, {list} FROM {table} WHERE version = 2"
            );
            fixture.execute(&sql).await.unwrap();
            let fault = fixture.ledger.verify().await.unwrap().fault;
            assert_eq!(fault.expect(table).version, LedgerVersion(found), "{table}: a row added to version {version}");
            put_back(&fixture, table).await;
        }
    }
    assert_eq!(fixture.ledger.verify().await.unwrap().fault, None, "everything was put back");
}

pub async fn no_row_can_be_changed_or_deleted(fixture: Fixture) {
    filled(&fixture).await;
    for (table, id) in TABLES {
        let list = columns(&fixture, table).await.join(", ");
        let mut attempts = vec![
            format!("UPDATE {table} SET version = version"),
            format!("DELETE FROM {table}"),
            format!("DELETE FROM {table} WHERE version = 2"),
        ];
        attempts.push(match fixture.is_sqlite() {
            true => format!("INSERT OR REPLACE INTO {table} ({list}) SELECT {list} FROM {table} WHERE version = 2"),
            false => format!("TRUNCATE {table}"),
        });
        if !fixture.is_sqlite() {
            attempts.push(format!(
                "INSERT INTO {table} ({list}) SELECT {list} FROM {table} WHERE version = 2
                 ON CONFLICT ({id}) DO UPDATE SET version = 5"
            ));
        }
        for sql in attempts {
            let refused = fixture.execute(&sql).await.expect_err(&sql);
            assert!(refused.to_string().contains("append-only"), "{sql}: {refused}");
        }
    }
    assert_eq!(fixture.ledger.verify().await.unwrap().fault, None);
}

/// A long append lifts the costliest trigger for itself: nobody else may find it lifted, before or after.
pub async fn a_long_append_leaves_every_trigger_where_it_was(fixture: Fixture) {
    let before = triggers(&fixture).await;
    let replace = "INSERT OR REPLACE INTO record_version SELECT * FROM record_version WHERE id = 1";
    for last in [Err(std::io::Error::other("cut short")), Ok(NewRow::Record(record("last", 1, 1)))] {
        let fails = last.is_err();
        let long = (0..6_000).map(|number| Ok(NewRow::Record(record(&format!("k{number}"), 1, 1))));
        let base = fixture.ledger.head().await.unwrap().version;
        let appended = fixture.ledger.append(NewEntry { base, ..entry(1) }, long.chain([last])).await;
        assert_eq!(appended.is_err(), fails);
        assert_eq!(triggers(&fixture).await, before);
    }
    if fixture.is_sqlite() {
        let refused = fixture.execute(replace).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
    let report = fixture.ledger.verify().await.unwrap();
    assert_eq!((report.entries, report.fault), (1, None));
}

async fn triggers(fixture: &Fixture) -> Vec<String> {
    let sql = match fixture.is_sqlite() {
        true => "SELECT name || sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
        false => "SELECT CAST(tgname AS TEXT) FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname",
    };
    fixture.query(sql).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// What somebody with all rights does first.
async fn disarm(fixture: &Fixture) {
    let sql = match fixture.is_sqlite() {
        true => "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'",
        false => {
            "SELECT 'DROP TRIGGER ' || tgname || ' ON ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"
        }
    };
    for row in fixture.query(sql).await {
        fixture.execute(&row.try_get_by_index::<String>(0).unwrap()).await.unwrap();
    }
}

async fn keep(fixture: &Fixture, table: &str) {
    fixture.execute(&format!("CREATE TABLE kept AS SELECT * FROM {table}")).await.unwrap();
}

async fn put_back(fixture: &Fixture, table: &str) {
    fixture.execute(&format!("DELETE FROM {table}")).await.unwrap();
    fixture.execute(&format!("INSERT INTO {table} SELECT * FROM kept")).await.unwrap();
    fixture.execute("DROP TABLE kept").await.unwrap();
}

async fn columns(fixture: &Fixture, table: &str) -> Vec<String> {
    let sql = match fixture.is_sqlite() {
        true => format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
        false => format!(
            "SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_name = '{table}'
             ORDER BY ordinal_position"
        ),
    };
    fixture.query(&sql).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// An expression that changes one byte of a column, whatever its type.
async fn altered(fixture: &Fixture, table: &str, column: &str) -> String {
    match column {
        "state" => return "'bad'".to_owned(),
        "cause" => return "'retention'".to_owned(),
        _ => {}
    }
    let sql = match fixture.is_sqlite() {
        true => format!("SELECT type FROM pragma_table_info('{table}') WHERE name = '{column}'"),
        false => format!(
            "SELECT CAST(data_type AS TEXT) FROM information_schema.columns
             WHERE table_name = '{table}' AND column_name = '{column}'"
        ),
    };
    let kind: String = fixture.query(&sql).await[0].try_get_by_index(0).unwrap();
    match kind.to_lowercase().as_str() {
        "integer" if column == "id" => format!("{column} + 1000"),
        "bigint" if column == "id" => format!("{column} + 1000"),
        "integer" | "bigint" => format!("{column} + 1"),
        "text" => format!("substr({column}, 1, length({column}) - 1) || '~'"),
        // Digests are random: one of them may end in the very byte.
        "blob" => format!(
            "CAST(substr({column}, 1, length({column}) - 1)
                  || CASE WHEN substr({column}, -1) = x'7e' THEN x'7f' ELSE x'7e' END AS BLOB)"
        ),
        "bytea" => format!("set_byte({column}, 3, (get_byte({column}, 3) + 1) % 256)"),
        other => panic!("{table}.{column} has the unexpected type {other}"),
    }
}
