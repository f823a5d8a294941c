//! A small world for tests: sources, records, and a portfolio written out so that two can be compared.

use super::*;
use crate::domain::Instant;
use crate::domain::chain::{Digest, LedgerVersion};
use crate::domain::facts::{Facts, Places, ProjectFacts, ReferenceFacts, StatementFacts, Warning};
use crate::domain::image::{Head, LedgerImage, SourceImage};
use crate::domain::message::Message;
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::project::ProjectId;
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::run::{Counts, SyncOutcome, SyncRun};
use crate::domain::source::{Scope, SourceProfile, Standing};
use crate::domain::text::{RecordKey, SourceId};
use crate::domain::vocabulary::{Family, Form, Nature, Stage, TaxBasis};
use std::fmt::Write as _;

pub(crate) use super::plan::REGION;
pub(crate) const METROPOLE: &str = "siren:200093201";
pub(crate) const ETAT: &str = "financeur:etat-59";
pub(crate) const MAX_AGE_S: u64 = 1_000;

/// An instant some seconds after a fixed one.
pub(crate) fn at(seconds: i64) -> Instant {
    Instant::from_timestamp(1_700_000_000 + seconds, 0).expect("in range")
}

pub(crate) fn moment(seconds: i64) -> Moment {
    Moment { now: at(seconds), max_age_s: None }
}

pub(crate) fn project(number: u8) -> ProjectId {
    ProjectId::from_bytes([number; 8])
}

pub(crate) fn scope(funder: &str) -> Scope {
    Scope {
        funder: OrganisationId::parse(funder).expect("sound"),
        natures: Vec::new(),
        dispositifs: Vec::new(),
        departements: Vec::new(),
        threshold_cents: None,
    }
}

/// A source read at second 0, whose undivided partition was read then.
pub(crate) fn source(id: &str, standing: Standing, funders: &[&str]) -> SourceImage {
    let run = SyncRun {
        id: format!("{id}/0"),
        source: SourceId::parse(id).expect("sound"),
        started_at: at(0),
        ended_at: Some(at(1)),
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
            id: SourceId::parse(id).expect("sound"),
            family: Some(Family::PolitiqueDeLaVille),
            title: id.to_uppercase(),
            standing,
            speaks_for: funders.iter().map(|funder| scope(funder)).collect(),
            max_age_s: MAX_AGE_S,
            vanish_limit_bp: 2_000,
            tells_embargoes: false,
            holds_signed_plans: id == "application",
        },
        last_run: Some(run.clone()),
        last_success: Some(run),
        partitions: vec![(String::new(), at(0))],
        looked_up: Vec::new(),
        held: false,
        records: 0,
        rejected: 0,
        unread: Vec::new(),
    }
}

/// A grant of 100 euros of investment, voted.
pub(crate) fn grant(funder: &str) -> StatementFacts {
    StatementFacts {
        funder: OrganisationId::parse(funder).expect("sound"),
        nature: Some(Nature::Investissement),
        form: Form::Subvention,
        stage: Some(Stage::Attribue),
        amount: Some(Cents::new(10_000)),
        tax_basis: TaxBasis::NonPrecise,
        dispositif: None,
        scheme: None,
        family: None,
        year: None,
        decided_on: None,
        reference: None,
        nothing: false,
        de_minimis: None,
        part: None,
        decision: None,
        not_public_until: None,
        granted_more: false,
        asked_apart: false,
    }
}

pub(crate) fn asked(funder: &str, cents: i64) -> StatementFacts {
    StatementFacts { stage: Some(Stage::Sollicite), amount: Some(Cents::new(cents)), ..grant(funder) }
}

pub(crate) fn record(source: &str, key: &str, statements: Vec<StatementFacts>) -> RecordVersion {
    let facts = Facts {
        project: Some(ProjectFacts { title: format!("Titre {key}"), ..ProjectFacts::default() }),
        statements,
        ..Facts::default()
    };
    RecordVersion {
        source: SourceId::parse(source).expect("sound"),
        key: RecordKey::parse(key).expect("sound"),
        partition: "".into(),
        project: Some(project(1)),
        version: LedgerVersion(1),
        observed_at: at(0),
        good_at: at(0),
        first_seen: at(0),
        state: RecordState::Open,
        hash: Digest::of(key.as_bytes()),
        facts,
    }
}

pub(crate) fn reference(facts: ReferenceFacts) -> RecordVersion {
    let key = Digest::of(format!("{facts:?}").as_bytes()).to_string();
    let record = record("tables", &key, Vec::new());
    RecordVersion { project: None, facts: Facts { reference: Some(facts), ..Facts::default() }, ..record }
}

pub(crate) fn with_places(mut record: RecordVersion, places: Places) -> RecordVersion {
    record.facts.project.get_or_insert_default().places = places;
    record
}

pub(crate) fn disputed(mut record: RecordVersion) -> RecordVersion {
    let message = Message::new("clé en double", "duplicate key");
    record.facts.warnings.push(Warning { code: "duplicate-key".into(), field: None, message });
    record
}

/// The Region's own system and its publication, the Métropole's own system, and an application that reports.
pub(crate) fn sources() -> Vec<SourceImage> {
    vec![
        source("region", Standing::SystemOfRecord, &[REGION]),
        source("region-list", Standing::Publication, &[REGION]),
        source("metropole", Standing::SystemOfRecord, &[METROPOLE]),
        source("application", Standing::SystemOfRecord, &[]),
    ]
}

pub(crate) fn image(records: Vec<RecordVersion>) -> LedgerImage {
    LedgerImage {
        head: Head { version: LedgerVersion(1), at: at(0), head: Digest::of(b"") },
        records,
        sources: sources(),
        decisions: Vec::new(),
        acts: Vec::new(),
    }
}

pub(crate) fn portfolio(records: Vec<RecordVersion>) -> Portfolio {
    Portfolio::build(&image(records))
}

/// The one project of a portfolio and its commitments.
pub(crate) fn commitments(portfolio: &Portfolio) -> &[Commitment] {
    &portfolio.project(ProjectIx::at(0)).commitments
}

pub(crate) fn plan_at(portfolio: &Portfolio, moment: Moment) -> Plan {
    portfolio.plan(ProjectIx::at(0), moment, (PlanKey(b"key"), &[]))
}

fn otherwise(portfolio: &Portfolio, case: &ProjectCase) -> String {
    let otherwise = case.otherwise.as_deref().cloned().unwrap_or_default();
    let mut holders: Vec<String> = otherwise.holders.iter().map(|ix| portfolio.identity(*ix).to_string()).collect();
    holders.sort_unstable();
    format!("{holders:?} {:?} {:?}", otherwise.budgets, otherwise.days)
}

/// Everything that can be seen of a portfolio, with identifiers in the place of indexes.
pub(crate) fn picture(portfolio: &Portfolio) -> String {
    let mut out = String::new();
    let organisation = |ix: OrganisationIx| format!("{:?}", portfolio.organisation(ix));
    for (ix, case) in portfolio.projects() {
        let _ = writeln!(out, "# {} {:?} {:?}", case.id, case.title, case.holder.map(organisation));
        let _ = writeln!(out, "{:?} {:?} {:?}", case.objectives, case.budget, case.disagreements);
        let _ = writeln!(out, "{}", otherwise(portfolio, case));
        let days = (case.starts_on, case.ends_on, case.year);
        let linked = (&case.renews, &case.fund);
        let _ = writeln!(out, "{days:?} {:?} {:?} {linked:?} {:?}", case.action, case.references, case.sought);
        let places = &case.places;
        let mut codes: Vec<String> = Vec::new();
        codes.extend(places.quartiers.iter().map(|ix| portfolio.quartier(*ix).code.to_string()));
        codes.extend(places.communes.iter().map(|ix| portfolio.commune(*ix).code.to_string()));
        codes.extend(places.epcis.iter().map(|ix| portfolio.epci(*ix).siren.to_string()));
        codes.extend(places.contrats.iter().map(|ix| portfolio.contrat(*ix).code.to_string()));
        codes.extend(places.departements.iter().map(|ix| portfolio.departement(*ix).code.to_string()));
        codes.sort_unstable();
        let _ = writeln!(out, "{codes:?} {:?} {}", places.open, places.shares.len());
        for record in &case.records {
            let (source, read_at) = (&portfolio.source(record.source).profile.id, portfolio.read_at(record));
            let _ = writeln!(out, "  record {source} {} {:?} {read_at}", record.key, record.state);
        }
        for (at, commitment) in portfolio.commitments_of(ix).zip(&case.commitments) {
            assert_eq!(portfolio.commitment(at), (ix, commitment));
            let _ = writeln!(
                out,
                "  {} {} {:?} {:?} {} {:?} {:?} {:?} {} {:?}",
                commitment.id,
                organisation(commitment.funder),
                commitment.family,
                commitment.nature,
                commitment.form,
                commitment.stage,
                commitment.amount,
                commitment.year,
                commitment.authority,
                commitment.doubts
            );
            for statement in case.statements(commitment) {
                let key = &case.record(statement).key;
                let _ = writeln!(out, "    {key} {} {:?} {:?}", statement.authority, statement.stage, statement.amount);
            }
            let _ = writeln!(out, "    {:?}", case.figures(commitment));
        }
        let plan = portfolio.plan(ix, moment(500), (PlanKey(b"key"), &[]));
        let _ = writeln!(out, "  {} {:?} {:?} {:?}", plan.version, plan.committed, plan.balance, plan.coverage);
        for line in plan.lines {
            let (funder, state) = (organisation(line.funder), line.state);
            let _ = writeln!(
                out,
                "  {funder} {:?} {state} {:?} {:?} {:?}",
                line.nature, line.amount, line.reported, line.read_at
            );
        }
    }
    for dimension in crate::domain::vocabulary::Dimension::ALL {
        let by = [*dimension, crate::domain::vocabulary::Dimension::Stage];
        let _ = writeln!(out, "{:#?}", portfolio.totals(&CommitmentFilter::default(), &by));
    }
    for ix in portfolio.envelopes_where(&EnvelopeFilter::default()) {
        let _ = writeln!(out, "{:?} {:?}", portfolio.envelope(ix), portfolio.balance(ix, moment(500)));
        let _ = writeln!(out, "{:?}", portfolio.envelope_warnings(ix, moment(500)));
    }
    for funder in [REGION, METROPOLE, ETAT] {
        let found = portfolio.organisation_by_id(funder);
        let projects = found.map(|ix| portfolio.projects_of(PlaceKey::Organisation(ix))).unwrap_or_default();
        let _ = writeln!(out, "{funder} {projects:?}");
    }
    out
}
