//! Two territories, each with a project that the Region voted and one that is only asked for. Whatever is not public carries
//! a mark that stands nowhere else, so that it can be sought in any answer.

use crate::region::{Load, append, day};
use passerelle::domain::message::Message;
use passerelle::domain::rejection::Rejection;
use passerelle::domain::text::SourceId;
use passerelle::ledger::Ledger;
use serde_json::{Value, json};

/// The Métropole, which pilots the contract here.
pub const HERE: &str = "200093201";
/// The Communauté d'agglomération, which pilots the contract elsewhere.
pub const ELSEWHERE: &str = "246200364";
pub const REGION: &str = "200053742";
pub const CONTRATS: [&str; 2] = ["CN05911M", "CN06201M"];
/// The voted project and the one that is asked for: here, then elsewhere.
pub const PROJECTS: [[&str; 2]; 2] =
    [["p0000000000000011", "p0000000000000012"], ["p0000000000000021", "p0000000000000022"]];
/// What only those who have a part see, here and elsewhere: sums asked, reported, the budget, titles and keys.
pub const PRIVATE: [&[&str]; 2] = [
    &[
        "70011.01",
        "70012.02",
        "70013.03",
        "70014.04",
        "Intention-ici",
        "cle-prive-ici",
        "cle-intention-ici",
        "avis-ici",
    ],
    &[
        "80011.01",
        "80012.02",
        "80013.03",
        "80014.04",
        "Intention-ailleurs",
        "cle-prive-ailleurs",
        "cle-intention-ailleurs",
        "avis-ailleurs",
    ],
];
/// Sums that their funder, ANRU, voted and keeps from others until 2030, here and elsewhere.
pub const KEPT: [&str; 2] = ["66611.06", "77722.07"];
pub const ANRU: &str = "453678252";
/// The targets of the Region's envelopes here and elsewhere: for everybody but the public.
pub const TARGETS: [&str; 2] = ["55501.01", "55502.02"];
/// What anybody sees.
pub const PUBLIC: [&str; 4] = ["1000.10", "2000.20", "Square-ici", "Square-ailleurs"];
/// In the raw records of the Region's own system.
pub const RAW_OF_REGION: [&str; 2] = ["brut-cle-vote-ici", "brut-cle-vote-ailleurs"];
/// In the raw records of the applications, a system of nobody who asks.
pub const RAW_OF_OTHERS: [&str; 2] = ["brut-cle-prive-ici", "brut-cle-intention-ailleurs"];
/// In what the Region's system gave and was rejected.
pub const REJECTED: &str = "rejet-de-la-region";
/// A natural person: for nobody.
pub const PERSON: &str = "Jeanne Inconnue";

/// Fills a ledger.
pub async fn fill(ledger: &Ledger) {
    append(ledger, tables()).await;
    append(ledger, voted()).await;
    append(ledger, asked()).await;
    append(ledger, of_anru(None)).await;
    append(ledger, of_anru(Some("2030-01-01"))).await;
}

/// Appends one load after the other.
pub async fn append_all(ledger: &Ledger, loads: impl IntoIterator<Item = Load>) {
    for load in loads {
        append(ledger, load).await;
    }
}

/// The votes of ANRU: told at first, kept from others since.
fn of_anru(until: Option<&str>) -> Load {
    let funder = format!("siren:{ANRU}");
    let vote = |at: usize, quartier, reference| {
        let mut sum = sum(&funder, ("ATTRIBUE", "FONCTIONNEMENT"), KEPT[at]);
        if let Some(until) = until {
            sum["not_public_until"] = json!(until);
        }
        facts(project("Square", quartier, reference), vec![sum])
    };
    Load {
        source: source("anru", "system-of-record", &[&funder]),
        day: if until.is_some() { 5 } else { 4 },
        records: vec![
            ("cle-anru-ici", Some(PROJECTS[0][0]), vote(0, "QN05972M", "1")),
            ("cle-anru-ailleurs", Some(PROJECTS[1][0]), vote(1, "QN06201M", "2")),
        ],
        unchanged: 0,
        rejected: Vec::new(),
    }
}

/// One more read of the applications: the sum that is asked elsewhere is another.
pub async fn ask_more_elsewhere(ledger: &Ledger) {
    let mut load = asked();
    load.day = 7;
    load.unchanged = 3;
    load.records.retain(|(key, ..)| *key == "cle-intention-ailleurs");
    let sum = load.records[0].2.pointer_mut("/statements/0/amount").expect("a sum");
    *sum = json!("80099.99");
    append(ledger, load).await;
}

pub fn source(id: &str, standing: &str, funders: &[&str]) -> Value {
    let speaks_for: Vec<Value> = funders.iter().map(|id| json!({"funder": id})).collect();
    json!({"id": id, "family": "POLITIQUE_DE_LA_VILLE", "title": id, "standing": standing, "speaks_for": speaks_for,
        "max_age_s": 1_728_000, "vanish_limit_bp": 2_000})
}

pub fn tables() -> Load {
    let table = |table: Value| json!({"reference": table});
    let territory = |(siren, name): (&str, &str), (commune, quartier, contrat): (&str, &str, &str)| {
        [
            table(json!({"table": "epci", "siren": siren, "name": name})),
            table(json!({"table": "commune", "code": commune, "name": commune, "epci": siren})),
            table(json!({"table": "contrat", "code": contrat, "name": contrat, "pilot": format!("siren:{siren}"),
                "epcis": [siren], "communes": []})),
            table(json!({"table": "quartier", "code": quartier, "name": quartier, "kind": "QPV", "npnru": null,
                "communes": [commune], "epcis": [], "contrats": [], "predecessors": []})),
        ]
    };
    let here = territory((HERE, "Métropole"), ("59350", "QN05972M", CONTRATS[0]));
    let elsewhere = territory((ELSEWHERE, "Agglomération"), ("62498", "QN06201M", CONTRATS[1]));
    let envelope = |at: usize, epci: &str| {
        table(json!({"table": "envelope", "code": format!("enveloppe-{at}"), "funder": region_id(), "epci": epci,
            "year": 2026, "amount": TARGETS[at]}))
    };
    let envelopes = [envelope(0, HERE), envelope(1, ELSEWHERE)];
    let keys = ["e1", "c1", "cv1", "q1", "e2", "c2", "cv2", "q2", "env1", "env2"];
    let tables = here.into_iter().chain(elsewhere).chain(envelopes);
    let records = keys.into_iter().zip(tables).map(|(key, table)| (key, None, table));
    Load {
        source: source("tables", "publication", &[]),
        day: 0,
        records: records.collect(),
        unchanged: 0,
        rejected: Vec::new(),
    }
}

pub fn sum(funder: &str, (stage, nature): (&str, &str), amount: &str) -> Value {
    json!({"funder": funder, "nature": nature, "form": "SUBVENTION", "stage": stage, "amount": amount,
        "tax_basis": "NON_PRECISE", "year": 2026})
}

pub fn project(title: &str, quartier: &str, reference: &str) -> Value {
    json!({"title": title, "holder": "person:0011aabb", "objectives": ["CADRE_DE_VIE"],
        "places": {"quartiers": [quartier]}, "references": [{"scheme": "convention-region", "value": reference}]})
}

pub fn facts(project: Value, statements: Vec<Value>) -> Value {
    json!({"project": project, "statements": statements,
        "organisations": [{"id": "person:0011aabb", "name": PERSON}, {"id": format!("siren:{REGION}"), "name": "Région"}]})
}

pub fn region_id() -> String {
    format!("siren:{REGION}")
}

fn voted() -> Load {
    let vote = |title, quartier, reference, amount| {
        facts(project(title, quartier, reference), vec![sum(&region_id(), ("ATTRIBUE", "INVESTISSEMENT"), amount)])
    };
    Load {
        source: source("region", "system-of-record", &[&region_id()]),
        day: 2,
        records: vec![
            ("cle-vote-ici", Some(PROJECTS[0][0]), vote("Square-ici", "QN05972M", "1", "1000.10")),
            ("cle-vote-ailleurs", Some(PROJECTS[1][0]), vote("Square-ailleurs", "QN06201M", "2", "2000.20")),
        ],
        unchanged: 0,
        rejected: vec![Rejection {
            source: SourceId::parse("region").expect("sound"),
            run: "region-2".to_owned(),
            key: Some("r9".to_owned()),
            raw: json!({"montant": REJECTED}).to_string(),
            location: "liste.csv, line 7".to_owned(),
            field: Some("montant".to_owned()),
            code: "amount-unreadable".to_owned(),
            reason: Message::new(format!("« {REJECTED} » n'est pas un montant"), "no amount"),
            at: day(2),
        }],
    }
}

fn asked() -> Load {
    // What is asked of the Region and of the État on the voted project, its budget; what is asked on the other one.
    let plan = |quartier: &str, reference: &str, sums: [&str; 3]| {
        let mut about = project("Square", quartier, reference);
        about["budget"] = json!({"investissement": sums[2], "tax_basis": "HT"});
        let asked = |funder: &str, amount| sum(funder, ("SOLLICITE", "FONCTIONNEMENT"), amount);
        facts(about, vec![asked(&region_id(), sums[0]), asked("financeur:etat-59", sums[1])])
    };
    let intention = |title: &str, quartier: &str, reference: &str, amount: &str| {
        facts(project(title, quartier, reference), vec![sum(&region_id(), ("SOLLICITE", "INVESTISSEMENT"), amount)])
    };
    let [here, elsewhere] = PRIVATE;
    Load {
        source: source("dossiers", "publication", &[]),
        day: 3,
        records: vec![
            ("cle-prive-ici", Some(PROJECTS[0][0]), plan("QN05972M", "1", [here[0], here[1], here[2]])),
            ("cle-intention-ici", Some(PROJECTS[0][1]), intention(here[4], "QN05972M", "3", here[3])),
            (
                "cle-prive-ailleurs",
                Some(PROJECTS[1][0]),
                plan("QN06201M", "2", [elsewhere[0], elsewhere[1], elsewhere[2]]),
            ),
            ("cle-intention-ailleurs", Some(PROJECTS[1][1]), intention(elsewhere[4], "QN06201M", "4", elsewhere[3])),
        ],
        unchanged: 0,
        rejected: Vec::new(),
    }
}
