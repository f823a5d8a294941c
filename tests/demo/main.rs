//! The simulated region, read from outside: the same bytes for the same seed, endpoints that page correctly, and
//! figures that agree with the truth.

mod native;

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

use native::{downloaded, graphql, json};

const SEED: u64 = 42;

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let (one, again, other) = (Region::generate(SEED, 300), Region::generate(SEED, 300), Region::generate(43, 300));
    let files = [written(&one).await, written(&again).await, written(&other).await];
    let served = [downloaded(&one).await, downloaded(&again).await, downloaded(&other).await];
    assert_eq!(files[0].len(), 11, "nine tables, the database, the truth");
    for (name, bytes) in &files[0] {
        assert!(files[1][name] == *bytes, "{name} must not change from one run to the next");
    }
    assert!(served[0] == served[1], "what is served must not change from one run to the next");
    assert_ne!(files[0]["truth.json"], files[2]["truth.json"]);
    assert_ne!(files[0]["enveloppes.csv"], files[2]["enveloppes.csv"]);
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
        // Two lists, one after the other.
        if system == System::Postes {
            numbers.sort_by_key(|number| !number.starts_with('D'));
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
async fn one_dossier_of_the_desk_is_found_by_its_number_and_an_unknown_one_is_an_error() {
    let region = Region::generate(SEED, 2_000);
    let running = serve(&region).await.expect("served");
    let base = &running.bases["demarche-numerique"];
    let (project, appearance) = region.records(System::Demarche).nth(3).expect("the desk has four dossiers");
    let asked =
        "query Un($number: Int!) { dossier(number: $number) { number demandeur { ... on PersonneMorale { siret } } } }";
    let number: i64 = appearance.number.parse().expect("digits");
    let answer = graphql(base, asked, &serde_json::json!({ "number": number })).await;
    assert_eq!(answer["data"]["dossier"]["number"], number);
    assert_eq!(text(&answer["data"]["dossier"]["demandeur"]["siret"]), project.holder.siret_text());
    let answer = graphql(base, asked, &serde_json::json!({ "number": 1 })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "not_found", "{answer}");
    let other = "query Autre { demarche(number: 7) { dossiers { nodes { number } } } }";
    assert!(graphql(base, other, &Value::Null).await["errors"].is_array());
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
        "demarche-numerique",
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
        "demarche-numerique" => {
            let noted =
                list(&record["annotations"]).iter().find(|one| one["label"] == "Montant définitif de la subvention");
            read(&noted.expect("an accepted dossier has its sum")["stringValue"])
        }
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
        System::Demarche => "number",
        System::Dauphin => "reference",
    }
}

fn truth(region: &Region) -> Value {
    serde_json::from_str(&region.truth_json()).expect("the truth is JSON")
}

pub(crate) fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub(crate) fn number(value: &Value) -> usize {
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

#[tokio::test]
async fn the_api_of_the_departement_answers_what_is_asked_and_refuses_the_rest() {
    let region = Region::generate(SEED, 300);
    let running = serve(&region).await.expect("served");
    let base = &running.bases[System::Partner.source()];
    let nothing = serde_json::json!({});
    let two =
        graphql(base, "{ s: subventions(first: 2) { nodes { n: numero } pageInfo { endCursor } } }", &nothing).await;
    let nodes = list(&two["data"]["s"]["nodes"]);
    assert_eq!(nodes.len(), 2, "{two}");
    assert_eq!(nodes[0].as_object().expect("a node").keys().collect::<Vec<_>>(), ["n"], "only what was asked");
    let end = &two["data"]["s"]["pageInfo"]["endCursor"];
    let next = "query($after: String) { subventions(first: 1, after: $after) { nodes { numero } } }";
    let third = graphql(base, next, &serde_json::json!({"after": end})).await;
    assert_ne!(third["data"]["subventions"]["nodes"][0]["numero"], nodes[1]["n"], "{third}");
    for wrong in
        ["{ subventions { nodes { secret } } }", "subventions(", r#"{ subventions(after: "?") { totalCount } }"#]
    {
        let answer = graphql(base, wrong, &nothing).await;
        assert!(!list(&answer["errors"]).is_empty() && answer["data"].is_null(), "{wrong}: {answer}");
    }
    running.shutdown().await;
}
