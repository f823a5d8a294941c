//! The rule above all: the check is never surer than the facts. What it calls known and shared is asked again here of the
//! records themselves, by another road than the portfolio.

use super::{Case, Check, Rulebook};
use crate::domain::Instant;
use crate::domain::act::Author;
use crate::domain::chain::LedgerVersion;
use crate::domain::facts::StatementFacts;
use crate::domain::governance::{Act, ActEntry, ActId, PlanContent, PlanVersion};
use crate::domain::image::{LedgerImage, SourceImage};
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::record::{RecordState, RecordVersion};
use crate::domain::run::SyncOutcome;
use crate::domain::source::{SourceProfile, Standing};
use crate::domain::text::DispositifCode;
use crate::domain::vocabulary::{Authority, Form, Knowledge, Nature, Stage};
use crate::portfolio::fixture::*;
use crate::portfolio::{Moment, PlanKey, Portfolio, ProjectIx};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

const KEY: PlanKey<'static> = PlanKey(b"key");
const FUNDERS: [&str; 3] = [REGION, METROPOLE, ETAT];

/// Mostly what a sound source says, so that much is known; and everything that may be wrong with it.
fn statement() -> impl Strategy<Value = StatementFacts> {
    let stages =
        vec![Stage::Attribue, Stage::Propose, Stage::Engage, Stage::Sollicite, Stage::Refuse, Stage::Abandonne];
    let what = (select(FUNDERS.to_vec()), weighted(0.9, select(Nature::ALL)), weighted(0.9, select(stages)));
    let how = (weighted(0.9, 0_i64..3), prop::bool::weighted(0.1), weighted(0.2, Just("NPNRU-REGION")));
    (what, how).prop_map(|((funder, nature, stage), (cents, nothing, dispositif))| StatementFacts {
        // Whether a refusal that leaves its nature open refuses a sum that tells it, records alone do not say: left out.
        nature: nature.or((stage == Some(Stage::Refuse)).then_some(Nature::Investissement)),
        stage,
        amount: cents.map(|cents| Cents::new(cents * 10_000)),
        nothing,
        dispositif: dispositif.and_then(|code| DispositifCode::parse(code).ok()),
        form: Form::Subvention,
        ..grant(funder)
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

fn any_image() -> impl Strategy<Value = LedgerImage> {
    (vec(any_record(), 0..6), vec(reading(), 4..=4)).prop_map(|(records, readings)| {
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
    let present = Case::of(&portfolio, ProjectIx::first(), (book, KEY), moment(10)).plan.version.clone();
    let other = PlanVersion::parse(&"0".repeat(64)).expect("sixty-four digits");
    let mut image = image.clone();
    for (funder, present_one) in FUNDERS.iter().zip(who).filter_map(|(funder, one)| Some((funder, one?))) {
        let act = Act::Acknowledged {
            project: project(1),
            plan: if present_one { present.clone() } else { other.clone() },
            content: PlanContent::default(),
            by: OrganisationId::parse(funder).expect("sound"),
        };
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

/// Why nobody may call this project known and shared; asked of the records alone.
fn reasons_against(image: &LedgerImage, now: Instant, plan: &PlanVersion) -> Vec<String> {
    let profile = |record: &RecordVersion| image.sources.iter().find(|one| one.profile.id == record.source);
    let said: Vec<(&RecordVersion, &StatementFacts)> =
        image.records.iter().flat_map(|record| record.facts.statements.iter().map(move |one| (record, one))).collect();
    let mut against = Vec::new();
    if said.is_empty() {
        against.push("nobody says anything".to_owned());
    }
    let in_time = |source: &SourceImage| {
        let read = source.partitions.iter().map(|(_, at)| *at).max();
        let age_s = read.map(|read| (now - read).num_seconds());
        !source.held && age_s.is_some_and(|age_s| (-300..=i64::try_from(MAX_AGE_S).expect("small")).contains(&age_s))
    };
    for (record, one) in &said {
        let (funder, nature) = (&one.funder, one.nature);
        if matches!(one.stage, Some(Stage::Abandonne)) && !one.nothing {
            continue;
        }
        let cell = format!("{funder} {nature:?}");
        let none = |word: &StatementFacts| word.nothing || word.stage == Some(Stage::Refuse);
        // Of one cell; or, where one of both leaves its nature open, perhaps of one sum: not when the funder's own figures
        // differ. Over what others report, its own word is the last one.
        let reported = profile(record).is_some_and(|source| source.profile.authority(one, &[]) == Authority::Reported);
        // A request and what was voted are stages of one sum, whatever their figures.
        let asked = one.stage == Some(Stage::Sollicite);
        let same_sum = reported || asked || one.amount.is_none_or(|amount| amount == Cents::ZERO);
        let covers = |word: &StatementFacts| {
            let open = nature.is_none() || word.nature.is_none();
            let figure = same_sum || one.amount == word.amount;
            word.funder == *funder && (word.nature == nature || open && figure)
        };
        let refused = said.iter().any(|(_, word)| none(word) && covers(word));
        if nature.is_none() && !refused && !said.iter().any(|(_, word)| word.nature.is_some() && covers(word)) {
            against.push(format!("{cell}: nature left open"));
        }
        for source in image.sources.iter().filter(|source| source.profile.may_speak_for(funder, nature)) {
            if !in_time(source) {
                against.push(format!("{cell}: {} was not read in time", source.profile.id));
            }
        }
        let own = said.iter().any(|(other, word)| {
            let source = profile(other).expect("a source for each record");
            let declared = source.profile.standing == Standing::Declarations;
            let complete = word.amount.is_some() && word.stage.is_some_and(|stage| stage.at_least(Stage::Propose));
            covers(word)
                && (none(word) || nature.is_none() || word.nature == nature || word.nature.is_none() && !reported)
                && source.profile.authority(word, &[]) == Authority::Own
                && other.state == RecordState::Open
                && (declared || in_time(source))
                && (none(word) || complete)
        });
        if !own {
            against.push(format!("{cell}: no own word that stands ({})", record.key));
        }
        let shared = image.acts.iter().any(|entry| {
            matches!(&entry.act, Act::Acknowledged { plan: version, by, .. } if version == plan && by == funder)
        });
        let puts = one.amount.is_some_and(|amount| amount > Cents::ZERO) && !one.nothing && !refused;
        if puts && funder.as_str() != REGION && !shared {
            against.push(format!("{cell}: has not shared this version"));
        }
        let npnru = one.dispositif.as_ref().is_some_and(|code| code.as_str() == "NPNRU-REGION");
        if npnru && !refused && one.stage.is_none_or(|stage| stage.rank().is_some()) && !one.nothing {
            against.push("ANRU is expected and silent".to_owned());
        }
    }
    against
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
