//! How long a portfolio of 100,000 commitments takes: built, changed by one append, summed by two dimensions, and one
//! project's plan.

use criterion::{Criterion, criterion_group, criterion_main};
use passerelle::domain::Instant;
use passerelle::domain::chain::{Digest, LedgerVersion};
use passerelle::domain::facts::{Facts, OrganisationFacts, Places, ProjectFacts, StatementFacts};
use passerelle::domain::image::{Head, LedgerDelta, LedgerImage, SourceImage};
use passerelle::domain::money::Cents;
use passerelle::domain::organisation::OrganisationId;
use passerelle::domain::place::{CommuneCode, QuartierCode};
use passerelle::domain::project::ProjectId;
use passerelle::domain::record::{RecordState, RecordVersion};
use passerelle::domain::source::{Scope, SourceProfile, Standing};
use passerelle::domain::text::{DispositifCode, RecordKey, SourceId};
use passerelle::domain::vocabulary::{Dimension, Form, Nature, Objective, Stage, TaxBasis};
use passerelle::portfolio::{CommitmentFilter, Moment, PlanKey, Portfolio};
use std::hint::black_box;

const PROJECTS: u64 = 20_000;
const COMMITMENTS_EACH: u64 = 5;
const SOURCES: u64 = 8;

fn at(seconds: i64) -> Instant {
    Instant::from_timestamp(1_700_000_000 + seconds, 0).expect("in range")
}

fn funder(number: u64) -> OrganisationId {
    OrganisationId::parse(&format!("financeur:f{number}")).expect("sound")
}

fn source(number: u64) -> SourceImage {
    let scope = |funder| Scope {
        funder,
        natures: Vec::new(),
        dispositifs: Vec::new(),
        departements: Vec::new(),
        threshold_cents: None,
    };
    SourceImage {
        profile: SourceProfile {
            id: SourceId::parse(&format!("source-{number}")).expect("sound"),
            family: None,
            title: format!("Source {number}"),
            standing: Standing::SystemOfRecord,
            speaks_for: vec![scope(funder(number))],
            max_age_s: 86_400,
            vanish_limit_bp: 2_000,
            tells_embargoes: false,
            holds_signed_plans: false,
        },
        last_run: None,
        last_success: None,
        partitions: vec![(String::new(), at(0))],
        looked_up: Vec::new(),
        held: false,
        records: 0,
        rejected: 0,
        unread: Vec::new(),
    }
}

/// One record, one statement: the shape of a flat list.
fn record(project: u64, rank: u64) -> RecordVersion {
    let number = project * COMMITMENTS_EACH + rank;
    let statement = StatementFacts {
        funder: funder(number % SOURCES),
        nature: [Some(Nature::Investissement), Some(Nature::Fonctionnement), None][number as usize % 3],
        form: if number.is_multiple_of(9) { Form::Pret } else { Form::Subvention },
        stage: Some(if number.is_multiple_of(4) { Stage::Sollicite } else { Stage::Attribue }),
        amount: Some(Cents::new(i64::try_from(number * 1_237 % 9_000_000).expect("small"))),
        tax_basis: TaxBasis::NonPrecise,
        dispositif: DispositifCode::parse(&format!("D{}", number % 40)).ok(),
        scheme: None,
        family: None,
        year: Some(2024 + (number % 7) as u16),
        decided_on: None,
        reference: None,
        nothing: false,
        de_minimis: None,
        part: None,
        decision: None,
        not_public_until: None,
        granted_more: false,
        asked_apart: false,
    };
    let code = format!("QN059{:02}M", project % 90 + 1);
    let places = Places {
        quartiers: QuartierCode::parse(&code).into_iter().collect(),
        communes: CommuneCode::parse(&format!("59{:03}", project % 600)).into_iter().collect(),
        ..Places::default()
    };
    let holder = OrganisationId::parse(&format!("text:source-1:ASSOCIATION {}", project % 4_000)).expect("sound");
    RecordVersion {
        source: SourceId::parse(&format!("source-{}", number % SOURCES)).expect("sound"),
        key: RecordKey::parse(&format!("2024-{number:08}")).expect("sound"),
        partition: "".into(),
        project: Some(ProjectId::from_bytes(project.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes())),
        version: LedgerVersion(1),
        observed_at: at(0),
        good_at: at(0),
        first_seen: at(0),
        state: RecordState::Open,
        hash: Digest::of(&number.to_be_bytes()),
        facts: Facts {
            project: Some(ProjectFacts {
                title: format!("Rénovation des espaces publics du secteur {project}"),
                holder: Some(holder.clone()),
                objectives: vec![Objective::ALL[project as usize % Objective::ALL.len()]],
                places,
                ..ProjectFacts::default()
            }),
            statements: vec![statement],
            organisations: vec![OrganisationFacts {
                id: holder,
                name: format!("Association {}", project % 4_000),
                siret: None,
            }],
            ..Facts::default()
        },
    }
}

fn image() -> LedgerImage {
    let ranks = |project| (0..COMMITMENTS_EACH).map(move |rank| record(project, rank));
    LedgerImage {
        head: Head { version: LedgerVersion(1), at: at(0), head: Digest::of(b"") },
        records: (0..PROJECTS).flat_map(ranks).collect(),
        sources: (0..SOURCES).map(source).collect(),
        decisions: Vec::new(),
        acts: Vec::new(),
    }
}

fn portfolio(criterion: &mut Criterion) {
    let image = image();
    let built = Portfolio::build(&image);
    let commitments = built.commitment_count();
    println!("{} bytes per commitment ({commitments} commitments)", built.memory_estimate() / commitments);
    let everything = CommitmentFilter::default();
    let mut group = criterion.benchmark_group("portfolio of 100,000 commitments");
    group.sample_size(10).bench_function("build", |bench| bench.iter(|| Portfolio::build(black_box(&image))));
    let project = image.records[0].project.clone();
    let delta = LedgerDelta {
        head: image.head,
        touched: project.clone().into_iter().collect(),
        projects: project.clone().into_iter().collect(),
        records: image.records.iter().filter(|record| record.project == project).cloned().collect(),
        sources: image.sources.clone(),
        decisions: Vec::new(),
        acts: Vec::new(),
        references_changed: false,
    };
    group.bench_function("apply one project", |bench| bench.iter(|| built.apply(black_box(&delta))));
    group.sample_size(100);
    for by in [[Dimension::Family, Dimension::Year], [Dimension::Funder, Dimension::Quartier]] {
        let name = format!("totals by {} and {}", by[0], by[1]);
        group.bench_function(name, |bench| bench.iter(|| built.totals(black_box(&everything), &by)));
    }
    let first = built.projects().next().expect("there are projects").0;
    let moment = Moment { now: at(10), max_age_s: None };
    group.bench_function("plan of one project", |bench| {
        bench.iter(|| built.plan(black_box(first), moment, (PlanKey(b"key"), &[])));
    });
    group.finish();
}

criterion_group!(benches, portfolio);
criterion_main!(benches);
