//! The rule above all: the check is never surer than the facts. What it calls known and shared is asked again here of the
//! records themselves, by another road than the portfolio.

mod oracle;

use self::oracle::reasons_against;
use super::{Case, Check, Rulebook};
use crate::domain::Date;
use crate::domain::act::Author;
use crate::domain::chain::LedgerVersion;
use crate::domain::facts::{Budget, StatementFacts};
use crate::domain::governance::{Act, ActEntry, ActId, PlanContent, PlanVersion};
use crate::domain::image::{LedgerImage, SourceImage};
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::run::SyncOutcome;
use crate::domain::source::{SourceProfile, Standing};
use crate::domain::text::DispositifCode;
use crate::domain::vocabulary::{Form, Knowledge, Nature, Stage};
use crate::portfolio::fixture::*;
use crate::portfolio::{Moment, PlanKey, Portfolio, ProjectIx};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

const KEY: PlanKey<'static> = PlanKey(b"key");
const FUNDERS: [&str; 3] = [REGION, METROPOLE, ETAT];

/// What may be said of one sum beside its amount: the year, the form, the reference, and a day, which may be one to come.
#[derive(Debug, Clone, Copy)]
struct Marks {
    year: Option<u16>,
    form: Form,
    reference: Option<&'static str>,
    decided_on: Option<Date>,
}

fn marks() -> impl Strategy<Value = Marks> {
    let days = vec![day(2023, 3), day(2023, 9), day(2099, 1)];
    let forms = vec![Form::Subvention, Form::Subvention, Form::Subvention, Form::Subvention, Form::Pret];
    let (year, form) = (weighted(0.2, select(vec![2022_u16, 2023])), select(forms));
    let (reference, decided_on) = (weighted(0.1, select(vec!["A", "B"])), weighted(0.2, select(days)));
    (year, form, reference, decided_on).prop_map(|(year, form, reference, decided_on)| Marks {
        year,
        form,
        reference,
        decided_on,
    })
}

fn day(year: i32, month: u32) -> Date {
    Date::from_ymd_opt(year, month, 1).expect("a day")
}

/// Mostly what a sound source says, so that much is known; and everything that may be wrong with it.
fn statement() -> impl Strategy<Value = StatementFacts> {
    let stages =
        vec![Stage::Attribue, Stage::Propose, Stage::Engage, Stage::Sollicite, Stage::Refuse, Stage::Abandonne];
    let what = (select(FUNDERS.to_vec()), weighted(0.9, select(Nature::ALL)), weighted(0.9, select(stages)));
    let how = (weighted(0.9, 0_i64..3), prop::bool::weighted(0.1), weighted(0.2, Just("NPNRU-REGION")));
    (what, how, marks()).prop_map(|((funder, nature, stage), (cents, nothing, dispositif), marks)| StatementFacts {
        // Whether a refusal that leaves its nature open refuses a sum that tells it, records alone do not say: left out.
        nature: nature.or((stage == Some(Stage::Refuse)).then_some(Nature::Investissement)),
        stage,
        amount: cents.map(|cents| Cents::new(cents * 10_000)),
        nothing,
        dispositif: dispositif.and_then(|code| DispositifCode::parse(code).ok()),
        form: marks.form,
        year: marks.year,
        reference: marks.reference.map(Into::into),
        decided_on: marks.decided_on,
        ..grant(funder)
    })
}

/// The project of one exercice, of which requests and refusals are most of what is said: of one funder and nature, so that they
/// meet.
fn any_request() -> impl Strategy<Value = RecordVersion> {
    let stage = select(vec![Stage::Sollicite, Stage::Sollicite, Stage::Refuse, Stage::Refuse, Stage::Attribue]);
    let said =
        (stage, weighted(0.8, 1_i64..4), prop::bool::weighted(0.15), weighted(0.2, Just("NPNRU-REGION")), marks());
    let said = said.prop_map(|(stage, cents, nothing, dispositif, marks)| StatementFacts {
        stage: Some(stage),
        amount: cents.map(|cents| Cents::new(cents * 10_000)),
        nothing,
        dispositif: dispositif.and_then(|code| DispositifCode::parse(code).ok()),
        form: marks.form,
        year: marks.year,
        reference: marks.reference.map(Into::into),
        decided_on: marks.decided_on,
        ..grant(METROPOLE)
    });
    let source = select(vec!["metropole", "application", "application", "declarations"]);
    (source, 0_u8..4, vec(said, 1..3)).prop_map(|(source, key, mut said)| {
        // A system of applications refuses nothing, one of a funder holds no application.
        let asks = source == "application";
        for one in &mut said {
            one.nothing &= !asks;
            let stage = if asks { Stage::Sollicite } else { Stage::Refuse };
            one.stage =
                one.stage.filter(|one| (*one == Stage::Attribue) || (*one == Stage::Sollicite) == asks).or(Some(stage));
        }
        record(source, &format!("{source}-{key}"), said)
    })
}

fn any_record() -> impl Strategy<Value = RecordVersion> {
    // The State has no system here: its word is reported only.
    let rank = select(vec!["region", "region", "metropole", "metropole", "application", "declarations"]);
    (rank, 0_u8..4, vec(statement(), 0..3), prop::bool::weighted(0.05), prop::bool::weighted(0.05)).prop_map(
        |(source, key, statements, bad, twice)| {
            let mut one = record(source, &format!("{source}-{key}"), statements);
            one.state = if bad { RecordState::Bad } else { RecordState::Open };
            if source == "declarations" {
                one.facts.project = None;
            }
            if twice { disputed(one) } else { one }
        },
    )
}

/// How a source may fail: read at some second, held or failed since, or never read.
#[derive(Debug, Clone, Copy)]
struct Reading {
    at_s: Option<i64>,
    last: SyncOutcome,
    /// A batch was held before the last run, and waits.
    waits: bool,
}

fn reading() -> impl Strategy<Value = Reading> {
    let at_s = weighted(0.95, select(vec![0_i64, 0, 0, 0, -900, -3_000, 2_000]));
    let last = select(vec![
        SyncOutcome::Succeeded,
        SyncOutcome::Succeeded,
        SyncOutcome::Succeeded,
        SyncOutcome::Failed,
        SyncOutcome::Held,
    ]);
    (at_s, last, weighted(0.1, Just(()))).prop_map(|(at_s, last, waits)| Reading { at_s, last, waits: waits.is_some() })
}

fn damaged(mut source: SourceImage, reading: Reading) -> SourceImage {
    let run = |outcome, at_s| {
        let run = source.last_run.clone();
        run.map(|run| crate::domain::run::SyncRun { outcome, started_at: at(at_s), ..run })
    };
    let (last_run, last_success) = match reading.at_s {
        None => (run(SyncOutcome::Failed, 0), None),
        Some(at_s) => (run(reading.last, at_s + 1), run(SyncOutcome::Succeeded, at_s)),
    };
    source.partitions = reading.at_s.map(|at_s| (String::new(), at(at_s))).into_iter().collect();
    source.last_run = last_run;
    source.last_success = last_success;
    source.held = source.last_run.as_ref().is_some_and(|run| run.outcome == SyncOutcome::Held) || reading.waits;
    source
}

fn declarations() -> SourceImage {
    let sound = source("declarations", Standing::Declarations, &[]);
    SourceImage {
        profile: SourceProfile { max_age_s: u64::MAX, ..sound.profile },
        last_run: None,
        last_success: None,
        partitions: Vec::new(),
        ..sound
    }
}

pub(super) fn any_image() -> impl Strategy<Value = LedgerImage> {
    image_of(any_record().boxed(), reading().boxed())
}

/// The same of requests and what a funder says of them, each source read in time.
fn any_requests() -> impl Strategy<Value = LedgerImage> {
    let read = Reading { at_s: Some(0), last: SyncOutcome::Succeeded, waits: false };
    image_of(any_request().boxed(), Just(read).boxed())
}

fn image_of(
    records: BoxedStrategy<RecordVersion>,
    readings: BoxedStrategy<Reading>,
) -> impl Strategy<Value = LedgerImage> {
    (vec(records, 0..6), vec(readings, 4..=4)).prop_map(|(records, readings)| {
        let mut kept: Vec<RecordVersion> = Vec::new();
        for mut record in records {
            if !kept.iter().any(|known| (&known.source, &known.key) == (&record.source, &record.key)) {
                // A record was observed when its source was read, at the earliest reading of all.
                record.observed_at = at(-3_000);
                record.first_seen = at(-3_000);
                kept.push(record);
            }
        }
        let mut image = image(kept);
        image.sources =
            image.sources.into_iter().zip(readings).map(|(source, reading)| damaged(source, reading)).collect();
        image.sources.push(declarations());
        image
    })
}

/// The same ledger, in which these bodies acknowledged the present version of the plan, or another.
fn acknowledged(image: &LedgerImage, who: [Option<bool>; 3]) -> LedgerImage {
    let book = Rulebook::of_the_product();
    let portfolio = Portfolio::build_naming(image, book.organisations());
    if portfolio.projects().len() == 0 {
        return image.clone();
    }
    let plan = Case::of(&portfolio, ProjectIx::first(), (book, KEY), moment(10)).plan;
    let present = (plan.version.clone(), (*plan.content).clone());
    let nothing = Budget { investissement: None, fonctionnement: None, non_precise: None, tax_basis: None };
    let other = PlanContent { entries: Vec::new(), budget: Some(nothing) };
    let other = (PlanVersion::parse(&"0".repeat(64)).expect("sixty-four digits"), other);
    let mut image = image.clone();
    for (funder, present_one) in FUNDERS.iter().zip(who).filter_map(|(funder, one)| Some((funder, one?))) {
        let (plan, content) = if present_one { present.clone() } else { other.clone() };
        let act =
            Act::Acknowledged { project: project(1), plan, content, by: OrganisationId::parse(funder).expect("sound") };
        let id = ActId(image.acts.len() as u64 + 1);
        let author = Author::system("test");
        image.acts.push(ActEntry { id, version: LedgerVersion(1), at: at(1), author, act });
    }
    image
}

fn check_at(image: &LedgerImage, moment: Moment) -> Option<(Check, PlanVersion)> {
    let book = Rulebook::of_the_product();
    let portfolio = Portfolio::build_naming(image, book.organisations());
    let (project, _) = portfolio.projects().next()?;
    let case = Case::of(&portfolio, project, (book, KEY), moment);
    Some((Check::of(&case), case.plan.version.clone()))
}

proptest! {
    // The same cases each time: what another seed finds becomes a case of its own.
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_123),
        ..ProptestConfig::default()
    })]

    #[test]
    fn it_is_never_surer_than_the_records(image in any_image(), who in any::<[Option<bool>; 3]>()) {
        let image = acknowledged(&image, who);
        if let Some((check, plan)) = check_at(&image, moment(10)) {
            if check.knowledge == Knowledge::KnownAndShared {
                let against = reasons_against(&image, moment(10).now, &plan);
                prop_assert!(against.is_empty(), "{against:#?}");
            }
            prop_assert!(!check.ready || check.knowledge == Knowledge::KnownAndShared);
        }
    }

    #[test]
    fn what_a_funder_refuses_or_denies_is_no_more_than_it_names(image in any_requests()) {
        let image = acknowledged(&image, [Some(true); 3]);
        if let Some((check, plan)) = check_at(&image, moment(10)) && check.knowledge == Knowledge::KnownAndShared {
            let against = reasons_against(&image, moment(10).now, &plan);
            prop_assert!(against.is_empty(), "{against:#?}");
        }
    }

    #[test]
    fn a_source_that_fails_makes_nobody_surer(image in any_image(), at in 0_usize..4, how in reading()) {
        let image = acknowledged(&image, [Some(true); 3]);
        let sure = |check: &Check| match check.knowledge {
            Knowledge::KnownAndShared => 3,
            Knowledge::KnownNotShared => 2,
            Knowledge::Incomplete | Knowledge::Unverifiable => 0,
        };
        let mut worse = image.clone();
        let before = worse.sources[at].clone();
        let older = Reading { at_s: how.at_s.filter(|_| !before.partitions.is_empty()).map(|_| -3_000), last: SyncOutcome::Failed, waits: how.waits };
        worse.sources[at] = damaged(before, older);
        if let (Some((now, _)), Some((then, _))) = (check_at(&image, moment(10)), check_at(&worse, moment(10))) {
            prop_assert!(sure(&then) <= sure(&now), "{:?} became {:?}", now.knowledge, then.knowledge);
            prop_assert!(now.ready || !then.ready);
        }
    }

    #[test]
    fn what_it_rests_on_grows_too_old(image in any_image()) {
        let image = acknowledged(&image, [Some(true); 3]);
        let Some((check, _)) = check_at(&image, moment(10)) else { return Ok(()) };
        let sure = matches!(check.knowledge, Knowledge::KnownAndShared | Knowledge::KnownNotShared);
        if let (true, Some(until)) = (sure, check.valid_until) {
            let at = |now| check_at(&image, Moment { now, max_age_s: None }).map(|(check, _)| check.knowledge);
            prop_assert_eq!(at(until), Some(check.knowledge));
            prop_assert_eq!(at(until + chrono::TimeDelta::seconds(1)), Some(Knowledge::Unverifiable));
        }
    }
}

#[test]
fn a_project_can_be_known_and_shared() {
    let mut image =
        image(vec![record("region", "r", vec![grant(REGION)]), record("metropole", "m", vec![grant(METROPOLE)])]);
    image.sources.push(declarations());
    let (before, _) = check_at(&image, moment(10)).expect("a project");
    assert_eq!((before.knowledge, before.ready), (Knowledge::KnownNotShared, false));
    let (after, _) = check_at(&acknowledged(&image, [None, Some(true), None]), moment(10)).expect("a project");
    assert_eq!((after.knowledge, after.ready), (Knowledge::KnownAndShared, true));
    let (other, _) = check_at(&acknowledged(&image, [None, Some(false), None]), moment(10)).expect("a project");
    assert_eq!(other.knowledge, Knowledge::KnownNotShared, "another version of the plan was acknowledged");
}
