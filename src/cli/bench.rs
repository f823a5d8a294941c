//! `passerelle bench`: the figures of the road, measured on this machine. Ratios and CPU time, never a verdict.

use super::compose::{self, Composed, Failure};
use super::output::say;
use super::{EXIT_OK, Ended, Settings, demo, output, sync};
use crate::check::{Case, Check};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::siren::Siren;
use crate::domain::text::SourceId;
use crate::domain::vocabulary::Dimension;
use crate::graphql;
use crate::identity::{
    ClaimPlaces, Grant, Issuer, IssuerSettings, Role, Scope, Signer, TokenSettings, TokenSigner, Verifier, Viewer,
};
use crate::portfolio::{CommitmentFilter, Moment, PlanKey, Portfolio};
use crate::view::{Door, PlanSecret};
use async_graphql::{Request, Variables};
use clap::Args;
use serde_json::json;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Projects of the demo region for one statement asked, roughly: a project has five statements.
const STATEMENTS_PER_PROJECT: usize = 5;
/// How often the ledger is asked whether the load is committed.
const WATCH: Duration = Duration::from_millis(10);
/// Times that a short operation is repeated.
const REPEATS: u32 = 2_000;
/// Times that totals are repeated.
const TOTALS_REPEATS: u32 = 200;
/// Times that a token is looked at.
const AUTHORISE_REPEATS: u32 = 20_000;
/// One project, five fields, its commitments, five fields each.
const PROJECT: &str = "query Project($id: ID!) { project(id: $id) { id title objectives holder { name } commitments { id stage amount year nature } } }";

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Statements of the demo region; 0 leaves the region out.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    statements: usize,
    /// Records of the flat CSV.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    records: usize,
}

/// Runs the command.
pub async fn run(settings: &Settings, arguments: Arguments) -> Ended {
    let directory = std::env::temp_dir().join(format!("passerelle-bench-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let measured = measure(settings, &arguments, &directory).await;
    std::fs::remove_dir_all(&directory)?;
    let figures = measured?;
    if settings.json {
        output::json(&figures)?;
    } else {
        for (name, value) in figures.as_object().into_iter().flatten() {
            say!("{name:<44} {value}");
        }
    }
    Ok(EXIT_OK)
}

async fn measure(settings: &Settings, arguments: &Arguments, directory: &Path) -> Result<serde_json::Value, Failure> {
    let flat = load_flat(settings, arguments.records, &directory.join("flat")).await?;
    let mut figures = figures(json!({
        "flat.records": arguments.records,
        "flat.to_the_commit": flat.committed.figures(arguments.records),
        "flat.with_the_portfolio": flat.applied.figures(arguments.records),
        "authorise_us": authorise()?.as_secs_f64() * 1e6,
    }));
    if arguments.statements > 0 {
        let region = measure_region(settings, arguments.statements, directory.join("region")).await?;
        figures.extend(region);
    }
    Ok(figures.into())
}

/// Figures by name.
type Figures = serde_json::Map<String, serde_json::Value>;

fn figures(value: serde_json::Value) -> Figures {
    match value {
        serde_json::Value::Object(figures) => figures,
        _ => Figures::new(),
    }
}

async fn measure_region(settings: &Settings, statements: usize, state: PathBuf) -> Result<Figures, Failure> {
    let config = Config { state, ..compose::config(settings)? };
    let (composed, running) = demo::prepare(config, 1, statements / STATEMENTS_PER_PROJECT).await?;
    for connector in sync::enabled(&composed) {
        sync::read(&composed, connector, (None, false)).await?;
    }
    running.shutdown().await;
    let ledger = composed.gateway.ledger();
    let version = ledger.head().await?.version;
    let begun = Instant::now();
    let image = ledger.image(version).await?;
    let loaded = begun.elapsed();
    let records = image.records.len();
    let begun = Instant::now();
    let portfolio = Portfolio::build_naming(&image, composed.rulebook.organisations());
    let built = begun.elapsed();
    let begun = Instant::now();
    let decisions = portfolio.matched(&image.records).len();
    let matched = begun.elapsed();
    drop(image);
    let (with_five, project) = one_project(&composed, &portfolio).await?;
    let commitments = portfolio.commitment_count();
    let filter = CommitmentFilter::default();
    let totals = each(TOTALS_REPEATS, || {
        std::hint::black_box(portfolio.totals(&filter, &[Dimension::Family, Dimension::Year]));
    });
    let (one_check, all_checks) = checks(&composed, &portfolio);
    Ok(figures(json!({
        "check.one_us": one_check.as_secs_f64() * 1e6,
        "check.all_ms": all_checks.as_millis(),
        "region.records": records,
        "region.statements": portfolio.projects().map(|(_, case)| case.statement_count()).sum::<usize>(),
        "region.projects": portfolio.projects().len(),
        "region.commitments": commitments,
        "portfolio.read_from_ledger_ms": loaded.as_millis(),
        "portfolio.build_ms": built.as_millis(),
        "portfolio.bytes_per_commitment": portfolio.memory_estimate() / commitments.max(1),
        "matching.decisions": decisions,
        "matching.ms": matched.as_millis(),
        "project.commitments": with_five,
        "project.execution_us": project.as_secs_f64() * 1e6,
        "totals.two_dimensions_us": totals.as_secs_f64() * 1e6,
    })))
}

/// The check of one project with everything that its rules concern, on average, and of all: sentences are not made.
fn checks(composed: &Composed, portfolio: &Portfolio) -> (Duration, Duration) {
    let (book, secret) = (composed.rulebook, composed.workroom.keyed().plan_key());
    let moment = Moment { now: composed.clock.now(), max_age_s: None };
    let begun = Instant::now();
    for (project, _) in portfolio.projects() {
        let case = Case::of(portfolio, project, (book, PlanKey(&secret)), moment);
        std::hint::black_box(Check::of(&case));
    }
    let all = begun.elapsed();
    let count = u32::try_from(portfolio.projects().len()).unwrap_or(u32::MAX);
    (all / count.max(1), all)
}

/// What it costs to know who bears a token that was seen before, of an issuer with a key for Ed25519.
fn authorise() -> Result<Duration, Failure> {
    let (pem, now) = (Signer::new_pem()?, Clock::system().now());
    let keys = Signer::from_pems([pem.as_bytes()])?.public_keys().to_json();
    let (issuer, audience) = ("https://issuer.example".to_owned(), "passerelle".to_owned());
    let settings = IssuerSettings {
        issuer: issuer.clone(),
        audience: audience.clone(),
        algorithms: vec!["EdDSA".to_owned()],
        places: ClaimPlaces {
            role: "role".to_owned(),
            organisation: "org".to_owned(),
            contrats: "contrats".to_owned(),
        },
        role_words: std::collections::BTreeMap::new(),
        contrat_words: std::collections::BTreeMap::new(),
        roles: vec![Role::Region],
        sirens: Vec::new(),
        contrats: Vec::new(),
        lifetime_s_max: 3_600,
        nbf_required: true,
    };
    let verifier = Verifier::of_issuers(vec![Issuer::new(settings, &keys)?])?;
    let signer = TokenSigner::from_pem(&pem, TokenSettings { issuer, audience }, None)?;
    let (subject, contrats) = ("bench".to_owned(), Vec::new());
    let grant = Grant { role: Role::Region, subject, organisation: Some(Siren::REGION), contrats, lifetime_s: 3_600 };
    let token = signer.mint(&grant, now)?;
    verifier.verify(&token, now)?;
    Ok(each(AUTHORISE_REPEATS, || {
        std::hint::black_box(verifier.verify(std::hint::black_box(&token), now).is_ok());
    }))
}

/// What the first load of a flat CSV cost since it began, at two moments: when the ledger had it, and when the
/// portfolio stood on it too.
struct Flat {
    committed: Spent,
    applied: Spent,
}

/// Time and memory.
struct Spent {
    wall: Duration,
    /// Processor time of the whole process.
    cpu: Option<Duration>,
    /// The most memory that the process ever had, in MB.
    peak_mb: Option<u64>,
}

impl Spent {
    fn since(begun: Instant, cpu: Option<Duration>) -> Self {
        Spent {
            wall: begun.elapsed(),
            cpu: cpu.zip(cpu_time()).map(|(before, after)| after.saturating_sub(before)),
            peak_mb: peak_mb(),
        }
    }

    fn figures(&self, records: usize) -> serde_json::Value {
        let rate = |time: Duration| (records as f64 / time.as_secs_f64()) as u64;
        json!({
            "records_per_second": rate(self.wall),
            "records_per_second_of_cpu": self.cpu.filter(|cpu| !cpu.is_zero()).map(rate),
            "peak_mb": self.peak_mb,
        })
    }
}

/// First load of a flat CSV, one statement a row, from the file to the committed ledger and to the portfolio.
async fn load_flat(settings: &Settings, records: usize, state: &Path) -> Result<Flat, Failure> {
    let file = state.join("flat.csv");
    std::fs::create_dir_all(state)?;
    write_flat(&file, records)?;
    let composed = compose::compose(Config { state: state.to_owned(), ..compose::config(settings)? }, None).await?;
    let id = SourceId::parse("region-droit-commun")?;
    let connector = composed.connectors.get(&id).ok_or("the connector region-droit-commun is needed")?;
    let ledger = composed.gateway.ledger();
    let before = ledger.head().await?.version;
    let (begun, cpu) = (Instant::now(), cpu_time());
    let place = file.display().to_string();
    // The sync goes on to the portfolio after its commit: the commit is seen from outside, as another process would.
    let committed = async {
        while ledger.head().await?.version == before {
            tokio::time::sleep(WATCH).await;
        }
        Ok::<_, Failure>(Spent::since(begun, cpu))
    };
    let reading = async { Ok::<_, Failure>(sync::read(&composed, connector, (Some(&place), false)).await?) };
    let (run, committed) = tokio::try_join!(reading, committed)?;
    if run.counts.added != records as u64 {
        return Err(format!("of {records} records, {} were taken: {:?}", run.counts.added, run).into());
    }
    Ok(Flat { committed, applied: Spent::since(begun, cpu) })
}

fn write_flat(file: &Path, records: usize) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
    writeln!(
        out,
        "nomAttribuant,idAttribuant,dateConvention,referenceDecision,nomBeneficiaire,idBeneficiaire,rnaBeneficiaire,objet,montant,nature,conditionsVersement,datesPeriodeVersement,idRAE,notificationUE,pourcentageSubvention,dispositifAide"
    )?;
    for rank in 0..records {
        let (month, day, cents) = (rank % 12 + 1, rank % 28 + 1, rank % 100);
        writeln!(
            out,
            "Région Hauts-de-France,20005374200017,2025-{month:02}-{day:02},2025.{rank:07},Association {rank},38047555800058,,Action {rank} en faveur des habitants,{}.{cents:02},aide en numéraire,unique,,,non,1,SPORTS",
            23_000 + rank % 90_000
        )?;
    }
    out.flush()
}

/// The first project with five commitments, and the time of its query within the schema's execution, its document
/// parsed before.
async fn one_project(composed: &Composed, portfolio: &Portfolio) -> Result<(usize, Duration), Failure> {
    let found = portfolio.projects().find(|(ix, _)| portfolio.commitments_of(*ix).len() == 5);
    let (ix, case) = found.ok_or("no project of the region has five commitments")?;
    let schema = graphql::schema();
    let door = Door::new(Arc::clone(&composed.gateway), PlanSecret::from_bytes(composed.workroom.keyed().plan_key()));
    let reader = door.open(Scope::of(Viewer::public()), composed.clock.now());
    let document = async_graphql::parser::parse_query(PROJECT)?;
    let id = case.id.to_string();
    let mut spent = Duration::ZERO;
    for _ in 0..REPEATS {
        let mut request =
            Request::new(PROJECT).variables(Variables::from_json(json!({ "id": id }))).data(reader.clone());
        request.set_parsed_query(document.clone());
        let begun = Instant::now();
        let response = schema.execute(request).await;
        spent += begun.elapsed();
        if !response.errors.is_empty() {
            return Err(format!("the project cannot be queried: {:?}", response.errors).into());
        }
    }
    Ok((portfolio.commitments_of(ix).len(), spent / REPEATS))
}

fn each(times: u32, mut work: impl FnMut()) -> Duration {
    let begun = Instant::now();
    (0..times).for_each(|_| work());
    begun.elapsed() / times
}

/// Processor time of this process, where the system tells it in /proc: user and system, in ticks of 10 ms.
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

/// The most memory that this process ever had, where the system tells it in /proc.
fn peak_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = peak.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024 / 1_000_000)
}
