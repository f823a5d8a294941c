//! The world of the cases: territory and schemes, the systems that speak, and one record of one of them.

use passerelle::domain::Instant;
use passerelle::domain::chain::{Digest, LedgerVersion};
use passerelle::domain::facts::{Facts, ReferenceFacts};
use passerelle::domain::image::SourceImage;
use passerelle::domain::record::{RecordState, RecordVersion};
use passerelle::domain::run::{Counts, SyncOutcome, SyncRun};
use passerelle::domain::source::{Scope, SourceProfile, Standing};
use passerelle::domain::validity::Validity;
use serde::Deserialize;
use std::path::Path;

/// The project of every case.
pub const PROJECT: &str = "p0101010101010101";
const REGION: &str = "siren:200053742";
const METROPOLE: &str = "siren:200093201";

pub fn sources(now: Instant, late: &[String]) -> Vec<SourceImage> {
    let speakers: [(&str, &[&str]); 8] = [
        ("region", &[REGION]),
        ("metropole", &[METROPOLE]),
        ("commune", &["siren:215903501"]),
        ("etat", &["financeur:etat-59"]),
        (
            "europe",
            &[
                "eu:FEDER",
                "eu:FSE+",
                "eu:FTJ",
                "eu:LIFE",
                "eu:HORIZON",
                "eu:NEB",
                "eu:EUI",
                "eu:INTERREG-EUROPE",
                "eu:INTERREG-NWE",
                "eu:INTERREG-NSR",
                "eu:INTERREG-FWVL",
            ],
        ),
        ("anru", &["siren:453678252"]),
        ("dossier", &[]),
        ("dossier-deux", &[]),
    ];
    let mut all: Vec<SourceImage> = speakers
        .into_iter()
        .map(|(id, funders)| source(id, funders, read_at(now, late.iter().any(|one| one == id))))
        .collect();
    // A second system of the Region's own, to contradict the first.
    all.push(source("region-deux", &[REGION], now - chrono::TimeDelta::days(1)));
    let mut declarations = source("declaration", &[], now);
    declarations.profile.standing = Standing::Declarations;
    (declarations.last_run, declarations.last_success) = (None, None);
    declarations.partitions.clear();
    all.push(declarations);
    all
}

/// When a source was read, in time or not.
pub fn read_at(now: Instant, late: bool) -> Instant {
    now - chrono::TimeDelta::days(if late { 90 } else { 1 })
}

fn source(id: &str, funders: &[&str], read_at: Instant) -> SourceImage {
    let scope = |funder: &&str| Scope {
        funder: funder.parse().expect("an organisation"),
        natures: Vec::new(),
        dispositifs: Vec::new(),
        departements: Vec::new(),
        threshold_cents: None,
    };
    let run = SyncRun {
        id: format!("{id}/1"),
        source: id.parse().expect("a source"),
        started_at: read_at,
        ended_at: Some(read_at),
        outcome: SyncOutcome::Succeeded,
        counts: Counts::default(),
        full: true,
        partitions: vec![String::new()],
        message: None,
        batch: None,
        accepts: None,
        keys: Vec::new(),
        marks: None,
        findings: Vec::new(),
    };
    SourceImage {
        profile: SourceProfile {
            id: id.parse().expect("a source"),
            family: None,
            title: format!("Système {id}"),
            standing: Standing::SystemOfRecord,
            speaks_for: funders.iter().map(scope).collect(),
            max_age_s: 30 * 86_400,
            vanish_limit_bp: 2_000,
            tells_embargoes: false,
            holds_signed_plans: id.starts_with("dossier"),
        },
        last_run: Some(run.clone()),
        last_success: Some(run),
        partitions: vec![(String::new(), read_at)],
        looked_up: Vec::new(),
        held: false,
        records: 0,
        rejected: 0,
        unread: Vec::new(),
    }
}

/// The reference tables of the cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    table: Vec<ReferenceFacts>,
    dated: Vec<Dated>,
}

/// An entry that holds for a while.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dated {
    validity: Validity,
    entry: ReferenceFacts,
}

pub fn tables() -> Vec<RecordVersion> {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check/tables.toml")).expect("tables");
    let Tables { table, dated } = toml::from_str(&text).expect("reference tables");
    let undated = table.into_iter().map(|entry| Dated { validity: Validity::default(), entry });
    let all = undated.chain(dated).enumerate().map(|(at, Dated { validity, entry })| {
        record(("tables", &format!("t{at}")), Facts { reference: Some(entry), validity, ..Facts::default() })
    });
    all.collect()
}

pub fn record((source, key): (&str, &str), facts: Facts) -> RecordVersion {
    let at = "2025-01-01T00:00:00Z".parse().expect("an instant");
    RecordVersion {
        source: source.parse().expect("a source"),
        key: key.parse().expect("a key"),
        partition: "".into(),
        project: facts.reference.is_none().then(|| PROJECT.parse().expect("sound")),
        version: LedgerVersion(1),
        observed_at: at,
        good_at: at,
        first_seen: at,
        state: RecordState::Open,
        hash: Digest::of(key.as_bytes()),
        facts,
    }
}
