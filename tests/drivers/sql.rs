//! Databases: the contract in SQLite and PostgreSQL, the kinds of values, and what a query may not do.

use crate::contract::{Case, hold, limited, net, net_with, read, read_from, rows};
use crate::postgres::Postgres;
use passerelle::connector::Connector;
use passerelle::connector::driver::settings::{DriverSettings, Limits, SqlSettings};
use passerelle::connector::driver::{Ask, ReadError, Reading};
use passerelle::domain::text::RecordKey;
use sea_orm::{ConnectionTrait, Database};

fn of(url: &str, query: &str) -> DriverSettings {
    let (url, query) = (url.to_owned(), query.to_owned());
    DriverSettings::Sql(SqlSettings { base: None, url, query, since: None, limits: Limits::DEFAULT })
}

/// Reads what is missing of a page as zeros: an engine that is asked nothing else gives a row with another amount.
#[tokio::test]
async fn a_file_of_sqlite_that_was_cut_or_damaged_is_no_list() {
    let database = sqlite(&list()).await;
    let whole = std::fs::read(&database.path).expect("a file");
    for cut in [1, 100, 1_000, 4_095, 4_096, 5_000] {
        std::fs::write(&database.path, &whole[..whole.len() - cut]).expect("written");
        let refused = hold_back(&database.path).await;
        assert!(refused.contains("cut or damaged") || refused.contains("malformed"), "{cut}: {refused}");
    }
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 2_000].fill(0xA5);
    std::fs::write(&database.path, &damaged).expect("written");
    let refused = hold_back(&database.path).await;
    assert!(refused.contains("cut or damaged") || refused.contains("malformed"), "{refused}");
    std::fs::write(&database.path, &whole).expect("written");
    assert_eq!(read(&of(&database.path, LIST)).await.records().len(), rows().count());
}

async fn hold_back(path: &str) -> String {
    read(&of(path, LIST)).await.error()
}

/// Runs statements on a database that may be written.
async fn execute(url: &str, statements: &str) {
    let database = Database::connect(url).await.expect("a database");
    database.execute_unprepared(statements).await.expect("accepted");
    database.close().await.expect("closed");
}

fn list() -> String {
    let values: Vec<String> = rows().map(|(id, nom, montant)| format!("({id}, '{nom}', {montant})")).collect();
    format!(
        "CREATE TABLE projet (id INTEGER, nom TEXT, montant NUMERIC(12, 2)); INSERT INTO projet VALUES {}",
        values.join(",")
    )
}

struct Sqlite {
    _directory: tempfile::TempDir,
    path: String,
}

async fn sqlite(statements: &str) -> Sqlite {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("region.sqlite").to_string_lossy().into_owned();
    execute(&format!("sqlite://{path}?mode=rwc"), statements).await;
    Sqlite { _directory: directory, path }
}

const LIST: &str = "SELECT id, nom, montant FROM projet ORDER BY id; -- la liste";

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_in_sqlite() {
    let database = sqlite(&list()).await;
    let settings = of(&format!("sqlite://{}", database.path), LIST);
    hold(&Case { name: "sql, SQLite".to_owned(), settings, bytes_bounded: false }).await;
}

#[tokio::test]
async fn values_of_sqlite_keep_their_kind() {
    let database = sqlite(
        "CREATE TABLE t (a INTEGER, b REAL, c TEXT, d BOOLEAN, e DATE, f); \
         INSERT INTO t VALUES (9007199254740993, 0.1, ' é ', 1, '2026-11-22', NULL); \
         INSERT INTO t VALUES (1, 1e21, '', 0, 'x', X'00ff');",
    )
    .await;
    let brought = read(&of(&database.path, "SELECT *, count(*) OVER () AS a FROM t")).await;
    assert_eq!(
        brought.json(),
        [r#"{"a":9007199254740993,"b":0.1,"c":" é ","d":true,"e":"2026-11-22","f":null,"a (2)":2}"#]
    );
    assert_eq!(brought.broken()[0].code, "binary-value");
    assert_eq!(brought.broken()[0].location.to_string(), "region.sqlite, index 1");
    let kept = r#"{"a":1,"b":1000000000000000000000,"c":"","d":false,"e":"x","f":"\\x00ff","a (2)":2}"#;
    assert_eq!(brought.broken()[0].raw, kept, "the rest of the row is kept, and the cell as it can be shown");
    let large = read(&of(&database.path, "SELECT 1 AS id, randomblob(1000000) AS f, CAST(X'e9' AS TEXT) AS g")).await;
    assert!(large.broken()[0].raw.len() < 300 && large.broken()[0].raw.contains(r#""g":"\\xe9""#), "{large:?}");
    assert!(brought.complete());
    let endless = read(&of(&database.path, "SELECT 9e999 AS b, -9e999 AS c")).await;
    assert_eq!(endless.json(), [r#"{"b":"inf","c":"-inf"}"#], "no number, and no fault of the text");
}

#[tokio::test]
async fn a_query_only_reads() {
    let database = sqlite(&list()).await;
    for query in ["DELETE FROM projet", "SELECT 1; DELETE FROM projet", "PRAGMA query_only = OFF"] {
        let error = read(&of(&database.path, query)).await.error();
        assert!(error.contains("[driver] query"), "{query}: {error}");
    }
    // A word that looks like a reading one gets as far as the engine, which refuses it.
    let error = read(&of(&database.path, "WITH x AS (SELECT 1) DELETE FROM projet")).await.error();
    assert!(error.contains("readonly"), "{error}");
    let error = read(&of(&database.path, "SELECT * FROM nulle_part")).await.error();
    assert!(error.contains("nulle_part"), "{error}");
    let error = read(&of("/nowhere/region.sqlite", LIST)).await.error();
    assert!(error.contains("/nowhere/region.sqlite"), "{error}");
    assert_eq!(read(&of(&database.path, "SELECT * FROM projet WHERE 0")).await.json(), [""; 0]);
}

/// A connector over the list, whose rows are looked up by `column`; the query takes a cursor too.
fn looking_up(query: &str, column: &str) -> Connector {
    let manifest = format!(
        "id = \"cas\"\nfamily = \"PARTENAIRES\"\ntitle = \"Un cas\"\nstanding = \"publication\"\n\
         [driver]\nkind = \"sql\"\nbase = \"sqlite:aucune\"\nquery = \"\"\"{query}\"\"\"\n\
         since = {{ into = \"since\", from = \"nom\", as = \"date\", overlap = \"P1D\", full-every = \"PT1H\" }}\n\
         [lookup]\ncolumn = \"{column}\"\nkeys-max = 9\n[map]\nkey = \"id\"\n[map.project]\ntitle = \"nom\"\n\
         [[map.statement]]\nfunder = {{ value = \"eu:FEDER\" }}\nform = {{ value = \"SUBVENTION\" }}\namount = \"montant\"\n"
    );
    Connector::parse("connector.toml", "cas", &manifest).expect("a sound manifest")
}

async fn looked_up(connector: &Connector, base: &str, keys: &[&str]) -> Result<Vec<String>, ReadError> {
    let net = net();
    let reading = Reading { net: &net, base: Some(base), place: None, ask: Ask::default() };
    let keys: Vec<RecordKey> = keys.iter().map(|key| RecordKey::parse(key).expect("a key")).collect();
    let records = connector.look_up(&reading, &keys, 1_500).await?;
    let mut found: Vec<String> =
        connector.recognise(records, &keys).into_iter().map(|one| one.key.as_str().to_owned()).collect();
    found.sort_unstable();
    Ok(found)
}

async fn rows_are_looked_up_by_key(url: &str) {
    let query = "SELECT id, nom, montant FROM projet WHERE :since IS NULL OR id > 0 ORDER BY id -- :since";
    let connector = looking_up(query, "id");
    let injected = "1) OR (1=1";
    let found = looked_up(&connector, url, &["2", "1", "999999", injected, "'"]).await.expect("an answer");
    assert_eq!(found, ["1", "2"]);
    assert!(looked_up(&connector, url, &["999999"]).await.expect("an answer").is_empty());
    let error = looked_up(&looking_up(query, "nulle"), url, &["1"]).await.expect_err("no such column").message();
    assert!(error.en.contains("nulle"), "{error:?}");
}

#[tokio::test]
async fn rows_of_sqlite_are_looked_up_by_key() {
    let database = sqlite(&list()).await;
    rows_are_looked_up_by_key(&format!("sqlite://{}", database.path)).await;
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, 'x' AS nom, 1 AS montant FROM n WHERE :since IS NULL";
    let url = format!("sqlite://{}", database.path);
    let error = looked_up(&looking_up(endless, "id"), &url, &["-1"]).await.expect_err("without end").message();
    assert!(error.en.contains(" s"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_without_end_is_stopped() {
    let database = sqlite(&list()).await;
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
    let settings = limited(&of(&database.path, endless), |limits| limits.seconds_max = 1);
    let error = read(&settings).await.error();
    assert!(error.contains("more than 1 s"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_in_postgres() {
    let Some(cluster) = Postgres::start() else { return };
    let url = cluster.database("region");
    execute(&url, &list()).await;
    hold(&Case { name: "sql, PostgreSQL".to_owned(), settings: of(&url, LIST), bytes_bounded: false }).await;
    values_of_postgres_keep_their_kind(&url).await;
    rows_are_looked_up_by_key(&url).await;
    a_query_in_postgres_only_reads(&url).await;
    a_database_where_the_settings_do_not_name_it_is_not_reached(&url).await;
    a_connection_that_is_cut_is_no_whole_list(&url).await;
    a_server_that_ends_the_session_is_no_whole_list(&url).await;
}

/// Passes on what the server at `address` answers, so many bytes of it, and then hangs up.
async fn cut_after(address: &str, bytes: u64) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let address = address.to_owned();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = tokio::net::TcpStream::connect(&address).await.expect("the server");
            let ((mut from, mut to), (answers, mut asks)) = (client.into_split(), server.into_split());
            tokio::spawn(async move { tokio::io::copy(&mut from, &mut asks).await });
            let mut answers = tokio::io::AsyncReadExt::take(answers, bytes);
            // Whoever is cut off is no failure of the one who cuts.
            let _ = tokio::io::copy(&mut answers, &mut to).await;
        }
    });
    port
}

/// A list of which much goes over the line.
const LONG: &str = "SELECT i AS id, repeat('x', 100) AS nom FROM generate_series(1, 200000) AS i";

async fn a_connection_that_is_cut_is_no_whole_list(url: &str) {
    let whole = read(&of(url, LONG)).await;
    assert_eq!((whole.complete(), whole.records().len()), (true, 200_000));
    let address = url.split('@').nth(1).and_then(|rest| rest.split('/').next()).expect("host and port");
    for bytes in [100, 3_000_000] {
        let port = cut_after(address, bytes).await;
        let by_way = url.replace(address, &format!("127.0.0.1:{port}"));
        let brought = read(&of(&by_way, LONG)).await;
        assert!(brought.records().len() < 200_000, "{bytes}");
        let error = brought.error();
        assert!(error.contains("broke off"), "cut after {bytes} bytes: {error}");
        assert_eq!(brought.records().is_empty(), bytes == 100, "what came before the cut was handed on");
    }
}

async fn a_server_that_ends_the_session_is_no_whole_list(url: &str) {
    let suicide = "SELECT i AS id, CASE WHEN i = 150000 THEN pg_terminate_backend(pg_backend_pid()) END AS fin \
                   FROM generate_series(1, 200000) AS i";
    let brought = read(&of(url, suicide)).await;
    assert!(brought.records().len() < 200_000);
    assert!(!brought.error().is_empty());
}

async fn values_of_postgres_keep_their_kind(url: &str) {
    let query = "SELECT 12345678901234567890.120::numeric AS n, 9007199254740993::int8 AS i, true AS b, \
                 NULL::int AS v, DATE '2026-11-22' AS d, TIMESTAMPTZ '2026-11-22 10:00:00+01' AS t, \
                 0.1::float8 AS f, 1e21::float8 AS g, 'NaN'::numeric AS x, '{\"a\":[1.50]}'::jsonb AS j, ' é '::varchar AS c";
    let brought = read(&of(url, query)).await;
    assert_eq!(
        brought.json(),
        [concat!(
            r#"{"n":12345678901234567890.120,"i":9007199254740993,"b":true,"v":null,"d":"2026-11-22","#,
            r#""t":"2026-11-22T09:00:00Z","f":0.1,"g":1000000000000000000000,"x":"NaN","j":{"a":[1.50]},"c":" é "}"#
        )]
    );
    let brought = read(&of(url, "SELECT '\\x00'::bytea AS octets")).await;
    assert_eq!((brought.broken()[0].code, &*brought.broken()[0].raw), ("binary-value", r#"{"octets":"\\x00"}"#));
    assert!(brought.records().is_empty());
}

/// A database is reached by the rules that hold for all hosts.
async fn a_database_where_the_settings_do_not_name_it_is_not_reached(url: &str) {
    let closed = net_with(|settings| settings.private_hosts.clear());
    let elsewhere = net_with(|settings| {
        settings.private_hosts.clear();
        settings.hosts = passerelle::net::Hosts::Only(std::collections::BTreeSet::from(["a.example".to_owned()]));
    });
    for net in [&closed, &elsewhere] {
        let error = read_from(&of(url, LIST), net, None).await.error();
        assert!(error.contains("is not read") && error.contains("hosts"), "{error}");
    }
    let by_name = url.replace("127.0.0.1", "localhost");
    assert!(!read_from(&of(&by_name, LIST), &closed, None).await.error().is_empty());
    let socket = format!("{url}?host=/tmp");
    assert!(read_from(&of(&socket, LIST), &net(), None).await.error().contains("socket"));
}

async fn a_query_in_postgres_only_reads(url: &str) {
    let error = read(&of(url, "WITH x AS (DELETE FROM projet RETURNING id) SELECT * FROM x")).await.error();
    assert!(error.contains("refused"), "{error}");
    // A quote that this check reads otherwise than the server does not let a second statement through.
    let error = read(&of(url, "SELECT E'\\''; DELETE FROM projet; --'")).await.error();
    assert!(error.contains("multiple commands"), "{error}");
    let slow = limited(&of(url, "SELECT pg_sleep(60)"), |limits| limits.seconds_max = 1);
    let error = read(&slow).await.error();
    assert!(error.contains("more than 1 s") || error.contains("timeout"), "{error}");
    let gone = url.replace("/region", "/ailleurs");
    let error = read(&of(&gone, LIST)).await.error();
    assert!(error.contains("ailleurs"), "{error}");
}
