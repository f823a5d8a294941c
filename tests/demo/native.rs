//! Readers of the simulated systems, each in the system's own form: pages, tables, workbooks, an API.

use crate::{list, number};
use passerelle::demo::programme::Programme;
use passerelle::demo::system::System;
use passerelle::demo::{Region, serve};
use serde_json::Value;
use std::collections::BTreeMap;

/// Every record of every served system, read page after page.
pub async fn downloaded(region: &Region) -> BTreeMap<&'static str, Vec<Value>> {
    let running = serve(region).await.expect("served");
    let mut all = BTreeMap::new();
    for system in System::ALL.into_iter().filter(|system| *system != System::Npnru) {
        let base = &running.bases[system.source()];
        let records = match system {
            System::Nqe => by_page(base).await,
            System::Pic => by_offset(base).await,
            System::Ftu => by_link(base).await,
            System::Programmation => by_cursor(base).await,
            System::Postes => {
                let relays = json(&format!("{base}adultes-relais.json")).await;
                assert!(!list(&relays).is_empty());
                let posts = json(&format!("{base}postes-fonjep.json")).await;
                list(&posts).iter().chain(list(&relays)).cloned().collect()
            }
            System::Dauphin => list(&json(&format!("{base}demandes.json")).await["demandes"]).clone(),
            System::DroitCommun => {
                table(&bytes(&format!("{base}subventions.csv")).await, b';', encoding_rs::WINDOWS_1252)
            }
            System::Dotations => table(&bytes(&format!("{base}dotations.csv")).await, b',', encoding_rs::UTF_8),
            System::DroitCommunOds => by_explore(base).await,
            System::Feder => workbook(bytes(&format!("{base}liste_operations.xlsx")).await, 0),
            System::FsePlus => workbook(bytes(&format!("{base}liste_operations_conventionnees.xlsx")).await, 0),
            System::Anru => {
                let mut rows = workbook(bytes(&format!("{base}tableau_operations.xlsx")).await, 2);
                assert_eq!(rows.pop().expect("a row of totals")["N° opération"], "Total");
                rows
            }
            System::Partner => grants_by_graphql(base).await,
            System::Demarche => dossiers_by_graphql(base).await,
            System::Irev => utf_8(&format!("{base}contributions.csv"), b';').await,
            System::Union(Programme::Horizon) => utf_8(&format!("{base}project.csv"), b';').await,
            System::Union(Programme::Life) => utf_8(&format!("{base}beneficiaries.csv"), b';').await,
            System::Union(Programme::Neb) => utf_8(&format!("{base}projects.csv"), b',').await,
            System::Union(Programme::InterregFwvl) => utf_8(&format!("{base}projects.csv"), b';').await,
            System::Union(Programme::Eui) => {
                list(&json(&format!("{base}projects?page=1&size=1000")).await["projects"]).clone()
            }
            System::Union(_) => workbook(bytes(&format!("{base}export.xlsx")).await, 0),
            System::Npnru => Vec::new(),
        };
        all.insert(system.source(), records);
    }
    running.shutdown().await;
    all
}

async fn by_page(base: &str) -> Vec<Value> {
    let mut records = Vec::new();
    for page in 1.. {
        let answer = json(&format!("{base}api/v1/dossiers?page={page}&taille=150")).await;
        let part = list(&answer["dossiers"]);
        records.extend(part.iter().cloned());
        if part.len() < 150 {
            assert_eq!(records.len(), number(&answer["total"]));
            break;
        }
    }
    records
}

async fn by_offset(base: &str) -> Vec<Value> {
    let mut records: Vec<Value> = Vec::new();
    loop {
        let answer = json(&format!("{base}projets?debut={}&nombre=70", records.len())).await;
        records.extend(list(&answer["projets"]).iter().cloned());
        if records.len() >= number(&answer["compte"]["total"]) {
            return records;
        }
    }
}

async fn grants_by_graphql(base: &str) -> Vec<Value> {
    const ASKED: &str = "query Tout($first: Int, $after: String) {
        subventions(first: $first, after: $after) {
            totalCount
            pageInfo { hasNextPage endCursor }
            nodes { numero annee intitule etat section montant beneficiaire { nom siret } commune quartiers dossierDauphin }
        }
    }";
    let (records, last) = by_graphql(base, ASKED, "/data/subventions").await;
    assert_eq!(records.len(), number(&last["totalCount"]));
    records
}

async fn dossiers_by_graphql(base: &str) -> Vec<Value> {
    const ASKED: &str = "query Tout($first: Int, $after: String) {
        demarche(number: 0) {
            dossiers(first: $first, after: $after) {
                pageInfo { hasNextPage endCursor }
                nodes {
                    number state dateDepot dateTraitement
                    demandeur { __typename ... on PersonneMorale { siret } ... on PersonnePhysique { nom } }
                    champs { label stringValue } annotations { label stringValue }
                }
            }
        }
    }";
    by_graphql(base, ASKED, "/data/demarche/dossiers").await.0
}

/// The nodes of the connection at `place`, page after page, and its last page.
async fn by_graphql(base: &str, asked: &str, place: &str) -> (Vec<Value>, Value) {
    let mut records: Vec<Value> = Vec::new();
    let mut after = Value::Null;
    loop {
        let answer = graphql(base, asked, &serde_json::json!({"first": 30, "after": after})).await;
        assert!(answer.get("errors").is_none(), "{answer}");
        let page = answer.pointer(place).expect("the connection");
        records.extend(list(&page["nodes"]).iter().cloned());
        if page["pageInfo"]["hasNextPage"] == false {
            return (records, page.clone());
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Posts a query to one of the GraphQL APIs.
pub async fn graphql(base: &str, query: &str, variables: &Value) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let asked = serde_json::json!({"query": query, "variables": variables}).to_string();
    let call = client.post(format!("{base}graphql")).header("content-type", "application/json").body(asked);
    let answer = call.send().await.expect("an answer").bytes().await.expect("a body");
    serde_json::from_slice(&answer).expect("JSON")
}

async fn by_explore(base: &str) -> Vec<Value> {
    let path = "api/explore/v2.1/catalog/datasets/subventions/records";
    let mut records: Vec<Value> = Vec::new();
    loop {
        let answer = json(&format!("{base}{path}?offset={}&limit=30", records.len())).await;
        records.extend(list(&answer["results"]).iter().cloned());
        if records.len() >= number(&answer["total_count"]) {
            return records;
        }
    }
}

async fn utf_8(address: &str, delimiter: u8) -> Vec<Value> {
    table(&bytes(address).await, delimiter, encoding_rs::UTF_8)
}

async fn by_link(base: &str) -> Vec<Value> {
    let mut records = Vec::new();
    let mut next = Some(format!("{base}v2/operations"));
    while let Some(address) = next {
        let answer = json(&address).await;
        records.extend(list(&answer["operations"]).iter().cloned());
        next = answer["liens"]["suivant"].as_str().map(str::to_owned);
    }
    records
}

async fn by_cursor(base: &str) -> Vec<Value> {
    let mut records = Vec::new();
    let mut cursor = String::new();
    loop {
        let answer = json(&format!("{base}actions?limite=90{cursor}")).await;
        records.extend(list(&answer["actions"]).iter().cloned());
        match answer["suite"].as_str() {
            Some(next) => cursor = format!("&curseur={next}"),
            None => return records,
        }
    }
}

async fn bytes(address: &str) -> Vec<u8> {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = client.get(address).send().await.expect("an answer");
    assert!(answer.status().is_success(), "{address}: {}", answer.status());
    answer.bytes().await.expect("a body").to_vec()
}

pub async fn json(address: &str) -> Value {
    serde_json::from_slice(&bytes(address).await).expect("JSON")
}

fn table(bytes: &[u8], delimiter: u8, encoding: &'static encoding_rs::Encoding) -> Vec<Value> {
    let (text, _, broken) = encoding.decode(bytes);
    assert!(!broken, "the file is in {}", encoding.name());
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let row = |row: csv::StringRecord| {
        Value::Object(header.iter().zip(row.iter()).map(|(name, cell)| (name.to_owned(), cell.into())).collect())
    };
    reader.records().map(|record| row(record.expect("a row"))).collect()
}

fn workbook(bytes: Vec<u8>, titles: usize) -> Vec<Value> {
    use calamine::{Data, Reader as _, Xlsx};
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).expect("a workbook");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("a range");
    let mut rows = range.rows().skip(titles);
    let header: Vec<String> = rows.next().expect("a header").iter().map(ToString::to_string).collect();
    let cell = |cell: &Data| match cell {
        Data::DateTime(day) => Value::from(day.as_f64().to_string()),
        other => Value::from(other.to_string()),
    };
    rows.map(|row| Value::Object(header.iter().cloned().zip(row.iter().map(cell)).collect())).collect()
}
