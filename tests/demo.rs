//! The simulated region, read from outside: the same bytes for the same seed, endpoints that page correctly, and
//! figures that agree with the truth.

use passerelle::demo::defect::{Defect, DefectRates};
use passerelle::demo::programme::Programme;
use passerelle::demo::system::System;
use passerelle::demo::{Region, serve, write_files};
use passerelle::domain::money::Cents;
use passerelle::domain::organisation::OrganisationId;
use passerelle::domain::siren::Siret;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const SEED: u64 = 42;

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let (one, again, other) = (Region::generate(SEED, 300), Region::generate(SEED, 300), Region::generate(43, 300));
    let files = [written(&one).await, written(&again).await, written(&other).await];
    let served = [downloaded(&one).await, downloaded(&again).await, downloaded(&other).await];
    assert_eq!(files[0].len(), 9, "seven tables, the database, the truth");
    for (name, bytes) in &files[0] {
        assert!(files[1][name] == *bytes, "{name} must not change from one run to the next");
    }
    assert!(served[0] == served[1], "what is served must not change from one run to the next");
    assert_ne!(files[0]["truth.json"], files[2]["truth.json"]);
    for (source, records) in &served[0] {
        assert_ne!(records, &served[2][source], "{source} must differ with the seed");
    }
}

#[test]
fn a_larger_region_begins_with_the_smaller_one() {
    let (small, large) = (truth(&Region::generate(SEED, 100)), truth(&Region::generate(SEED, 400)));
    let (small, large) = (list(&small["projects"]), list(&large["projects"]));
    assert!(small.len() > 90);
    assert_eq!(small[..], large[..small.len()]);
}

#[tokio::test]
async fn every_page_is_served_once_and_in_order() {
    let region = Region::generate(SEED, 1_500);
    let served = downloaded(&region).await;
    for system in System::ALL.into_iter().filter(|system| *system != System::Npnru) {
        let mut numbers = Vec::new();
        for (_, appearance) in region.records(system) {
            numbers.push(appearance.number.clone());
            if appearance.defect == Some(Defect::DuplicateKey) {
                numbers.push(appearance.number.clone());
            }
        }
        let field = number_field(system);
        let read: Vec<String> = served[system.source()].iter().map(|record| text(&record[field])).collect();
        assert!(!numbers.is_empty() && read == numbers, "{}: {} records read", system.source(), read.len());
    }
}

#[tokio::test]
async fn one_record_is_found_by_its_number() {
    let region = Region::generate(SEED, 200);
    let running = serve(&region).await.expect("served");
    for (system, path, field) in [
        (System::Nqe, "api/v1/dossiers/", "dossiers"),
        (System::Ftu, "v2/operations/", "operations"),
        (System::Programmation, "actions/", "actions"),
    ] {
        let (_, appearance) = region.records(system).nth(5).expect("the region has six of them");
        let base = &running.bases[system.source()];
        let answer = json(&format!("{base}{path}{}", appearance.number.replace('/', "%2F"))).await;
        assert_eq!(list(&answer[field]).len(), 1, "{}", appearance.number);
        assert_eq!(text(&answer[field][0][number_field(system)]), appearance.number);
        assert!(list(&json(&format!("{base}{path}INCONNU")).await[field]).is_empty());
    }
    running.shutdown().await;
}

#[tokio::test]
async fn the_sums_of_the_native_forms_are_those_of_the_truth() {
    let region = Region::generate(SEED, 2_000);
    let truth = truth(&region);
    let served = downloaded(&region).await;
    let sources: BTreeMap<&str, &Value> =
        list(&truth["sources"]).iter().map(|one| (one["source"].as_str().expect("a name"), one)).collect();
    for source in [
        "nqe",
        "pic",
        "ftu",
        "programmation",
        "region-droit-commun",
        "region-droit-commun-ods",
        "feder",
        "fse-plus",
        "anct-postes",
        "etat-dotations",
    ] {
        let mut seen = BTreeSet::new();
        let (mut sum, mut refused, mut duplicates) = (Cents::ZERO, 0, 0);
        for record in &served[source] {
            match (seen.insert(record.to_string()), own(source, record)) {
                (false, _) => duplicates += 1,
                (true, Own::Decided(amount)) => sum = sum + amount,
                (true, Own::Unreadable) => refused += 1,
                (true, Own::None) => {}
            }
        }
        let expected = sources[source];
        assert_eq!(sum.to_string(), text(&expected["own"]), "{source}");
        assert_eq!(duplicates, number(&expected["duplicates"]), "{source}");
        assert_eq!(seen.len(), number(&expected["records"]), "{source}");
        if source != "nqe" && source != "programmation" {
            assert_eq!(refused, number(&expected["rejected"]), "{source}");
        }
    }
}

#[test]
fn identifiers_are_sound_but_for_the_stated_defects() {
    let region = Region::generate(SEED, 2_000);
    let truth = truth(&region);
    for project in list(&truth["projects"]) {
        assert!(!list(&project["commitments"]).is_empty(), "{project}");
        for commitment in list(&project["commitments"]) {
            let funder = text(&commitment["funder"]);
            assert!(OrganisationId::parse(&funder).is_ok() && !funder.starts_with("person:"), "{funder}");
        }
    }
    let mut wrong = 0;
    for project in &region.projects {
        for appearance in &project.appearances {
            let siret = appearance.beneficiary(project);
            let stated = appearance.defect == Some(Defect::ImpossibleSiret);
            assert_eq!(siret.is_empty() || Siret::parse(&siret).is_ok(), !stated, "{} {siret}", appearance.key);
            wrong += usize::from(stated);
        }
    }
    assert!(wrong > 5, "the defect must occur: {wrong}");
}

#[test]
fn the_region_has_the_size_and_the_defects_that_it_promises() {
    let region = Region::generate(SEED, 2_000);
    let told: usize = region.projects.iter().flat_map(|project| &project.appearances).map(|one| one.told.len()).sum();
    // Sums asked and later voted are stated twice, which makes about ten thousand statements.
    assert!((7_000..9_000).contains(&told), "{told} sums told");
    let truth = truth(&region);
    let kinds: BTreeSet<String> = list(&truth["defects"]).iter().map(|defect| text(&defect["kind"])).collect();
    assert_eq!(kinds.len(), Defect::ALL.len(), "{kinds:?}");
    let keys: Vec<String> = list(&truth["projects"])
        .iter()
        .flat_map(|project| list(&project["records"]))
        .map(|record| format!("{} {}", text(&record["source"]), text(&record["key"])))
        .collect();
    assert_eq!(keys.len(), keys.iter().collect::<BTreeSet<_>>().len(), "a record belongs to one project");
    let several = region.projects.iter().filter(|project| project.appearances.len() > 1).count();
    assert!(several > 500, "{several} projects stand in several systems");
    assert!(region.projects.iter().filter(|project| project.renews.is_some()).count() > 200);
    let clean = Region::with_defects(SEED, 500, &DefectRates::NONE);
    assert!(clean.projects.iter().flat_map(|project| &project.appearances).all(|one| one.defect.is_none()));
}

/// What one record says of the sums that its own source decides.
enum Own {
    None,
    Decided(Cents),
    Unreadable,
}

/// Reads amounts as the simulation writes them: digits and a point, or French.
fn read(value: &Value) -> Own {
    let plain = text(value).replace(['\u{202f}', '\u{a0}', '€', ' '], "").replace(',', ".");
    match (plain.is_empty(), Cents::parse(&plain)) {
        (true, _) => Own::None,
        (_, Ok(amount)) => Own::Decided(amount),
        (_, Err(_)) => Own::Unreadable,
    }
}

fn own(source: &str, record: &Value) -> Own {
    let decided = |state: &Value| matches!(state.as_str(), Some("VOTE" | "CONVENTIONNE" | "SOLDE"));
    match source {
        "nqe" if record["etat"] == "SOLDE" => read(&record["montant_solde"]),
        "nqe" if decided(&record["etat"]) => read(&record["montant_vote"]),
        "pic" if decided(&record["decision"]["etat"]) => {
            Own::Decided(Cents::new(record["aide_region_centimes"].as_i64().expect("whole cents")))
        }
        "ftu" if decided(&record["etat"]) => read(&record["subvention_ftu"]),
        "programmation" => {
            let own = list(&record["plan_financement"]).iter().find(|line| line["dispositif"] == "PROGRAMMATION");
            own.filter(|line| decided(&line["etape"])).map_or(Own::None, |line| read(&line["montant"]))
        }
        "region-droit-commun" | "region-droit-commun-ods" => read(&record["montant"]),
        "feder" | "fse-plus" => read(&record["Montant UE"]),
        "anct-postes" => read(&record["montant"]),
        "etat-dotations" => read(&record["montant_sub"]),
        _ => Own::None,
    }
}

const fn number_field(system: System) -> &'static str {
    match system {
        System::Nqe => "numero",
        System::Pic => "ref",
        System::Ftu => "id",
        System::Programmation => "code_action",
        System::Npnru => "code",
        System::DroitCommun => "referenceDecision",
        System::DroitCommunOds => "referencedecision",
        System::Feder | System::FsePlus => "Numéro Opération",
        System::Anru => "N° opération",
        System::Irev => "exercice",
        System::Partner => "numero",
        System::Union(Programme::Horizon | Programme::Eui | Programme::Neb) => "id",
        System::Union(Programme::Life) => "reference",
        System::Union(_) => "Project ID",
        System::Postes => "id_poste",
        System::Dotations => "id_projet",
        System::Dauphin => "reference",
    }
}

fn truth(region: &Region) -> Value {
    serde_json::from_str(&region.truth_json()).expect("the truth is JSON")
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("a count")).expect("a small count")
}

/// The files of a region, by name.
async fn written(region: &Region) -> BTreeMap<String, Vec<u8>> {
    let directory = tempfile::tempdir().expect("a directory");
    let places = write_files(region, directory.path()).await.expect("written");
    assert!(places["region-npnru"].starts_with("sqlite://"));
    let entries =
        std::fs::read_dir(directory.path()).expect("a directory").map(|entry| entry.expect("an entry").path());
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    entries.map(|path| (name(&path), std::fs::read(&path).expect("a file"))).collect()
}

/// Every record of every served system, read page after page.
async fn downloaded(region: &Region) -> BTreeMap<&'static str, Vec<Value>> {
    let running = serve(region).await.expect("served");
    let mut all = BTreeMap::new();
    for system in System::ALL.into_iter().filter(|system| *system != System::Npnru) {
        let base = &running.bases[system.source()];
        let records = match system {
            System::Nqe => by_page(base).await,
            System::Pic => by_offset(base).await,
            System::Ftu => by_link(base).await,
            System::Programmation => by_cursor(base).await,
            System::Postes => list(&json(&format!("{base}postes-fonjep.json")).await).clone(),
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
            System::Partner => by_graphql(base).await,
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

async fn by_graphql(base: &str) -> Vec<Value> {
    let mut records: Vec<Value> = Vec::new();
    let mut after = Value::Null;
    loop {
        let asked =
            serde_json::json!({"query": "{ subventions(…) { … } }", "variables": {"first": 30, "after": after}});
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let call = client.post(format!("{base}graphql")).header("content-type", "application/json");
        let answer = call.body(asked.to_string()).send().await.expect("an answer").bytes().await.expect("a body");
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        let list_of = &answer["data"]["subventions"];
        records.extend(list(&list_of["nodes"]).iter().cloned());
        if list_of["pageInfo"]["hasNextPage"] == false {
            assert_eq!(records.len(), number(&list_of["totalCount"]));
            return records;
        }
        after = list_of["pageInfo"]["endCursor"].clone();
    }
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

async fn json(address: &str) -> Value {
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
