//! What is told to whom a sum is kept from: the same, whatever the sum is, and never more than is so.

use super::properties::any_image;
use super::{Case, Check, Rulebook, explain};
use crate::domain::Date;
use crate::domain::act::Author;
use crate::domain::chain::LedgerVersion;
use crate::domain::clearance::Clearance;
use crate::domain::facts::StatementFacts;
use crate::domain::governance::{Act, ActEntry, ActId};
use crate::domain::image::LedgerImage;
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::source::Standing;
use crate::domain::vocabulary::{CellState, Form, Knowledge, Language, Nature, Stage};
use crate::portfolio::fixture::*;
use crate::portfolio::{PlanKey, Portfolio, ProjectIx};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const KEY: PlanKey<'static> = PlanKey(b"key");
/// Somebody who sees the project whole, and of whom nothing is said.
const READER: &str = "siren:453678252";

/// The day of the checks, and the one until which sums are kept.
fn days() -> (Date, Date) {
    (moment(10).now.date_naive(), Date::from_ymd_opt(2024, 6, 1).expect("a day"))
}

/// The project as the reader sees it.
fn seen(image: &LedgerImage) -> Option<Portfolio> {
    let mut image = image.clone();
    let reader = OrganisationId::parse(READER).expect("sound");
    let (id, author) = (ActId(900), Author::system("test"));
    let act = Act::Admitted { project: project(1), funder: reader.clone(), reason: "oui".into() };
    image.acts.push(ActEntry { id, version: LedgerVersion(1), at: at(0), author, act });
    let whole = Portfolio::build_naming(&image, Rulebook::of_the_product().organisations());
    let clearance = Clearance::Part { bodies: [reader].into(), contrats: Box::default(), expected: Box::default() };
    whole.projects().next()?;
    whole.seen(&clearance, (&whole, days().0))
}

/// Everything that the reader is told of the project.
fn told(image: &LedgerImage) -> Option<String> {
    let seen = seen(image)?;
    let (case, check) = checked(&seen);
    let outcomes: Vec<String> =
        check.outcomes(&case).map(|one| format!("{} {:?}", one.sheet.code, one.outcome)).collect();
    let sums = &case.facts().commitments;
    Some(format!(
        "{}\n{:?}\n{sums:?}\n{check:?}\n{outcomes:#?}\n{}",
        picture(&seen),
        case.plan,
        explain(&case, &check, Language::En)
    ))
}

fn checked(seen: &Portfolio) -> (Case<'_>, Check) {
    let rules = (Rulebook::of_the_product(), KEY);
    let case = Case::of(seen, ProjectIx::first(), rules, moment(10));
    let Some(behind) = seen.unveiled(ProjectIx::first()) else {
        let check = Check::of(&case);
        return (case, check);
    };
    let case = case.beside(&Case::of(&behind, ProjectIx::first(), rules, moment(10)));
    let check = Check::of_veiled(&case);
    (case, check)
}

/// What the Métropole says itself, of its record or of another one.
fn kept(cents: i64) -> StatementFacts {
    StatementFacts {
        amount: Some(Cents::new(cents)),
        year: Some(2024),
        not_public_until: Some(days().1),
        ..grant(METROPOLE)
    }
}

fn open(cents: i64) -> StatementFacts {
    StatementFacts { not_public_until: None, ..kept(cents) }
}

fn stage(stage: Stage, one: StatementFacts) -> StatementFacts {
    StatementFacts { stage: Some(stage), ..one }
}

fn named(reference: &str, one: StatementFacts) -> StatementFacts {
    StatementFacts { reference: Some(reference.into()), ..one }
}

fn own_funds(one: StatementFacts) -> StatementFacts {
    StatementFacts { form: Form::Autofinancement, ..one }
}

/// A project: what the Métropole keeps, what it says elsewhere, what a dossier says of it, and whether it holds the project.
struct Situation {
    name: &'static str,
    kept: Vec<StatementFacts>,
    listed: Vec<StatementFacts>,
    filed: Vec<StatementFacts>,
    is_holder: bool,
}

impl Situation {
    fn image(self) -> LedgerImage {
        let mut dossier = record("application", "d", self.filed);
        if self.is_holder {
            dossier.facts.project.get_or_insert_default().holder = OrganisationId::parse(METROPOLE).ok();
        }
        let mut records =
            vec![dossier, record("region", "r", vec![grant(REGION)]), record("metropole", "m", self.kept)];
        if !self.listed.is_empty() {
            records.push(record("metropole-list", "l", self.listed));
        }
        let mut image = image(records);
        image.sources.push(source("metropole-list", Standing::Publication, &[METROPOLE]));
        image
    }
}

/// Situations in which a sum is kept, of this many cents.
fn situations(cents: i64) -> Vec<Situation> {
    let situation = |name, kept, (listed, filed): (Vec<StatementFacts>, Vec<StatementFacts>)| Situation {
        name,
        kept,
        listed,
        filed,
        is_holder: false,
    };
    let asked = |cents| stage(Stage::Sollicite, open(cents));
    let no_nature = |one| StatementFacts { nature: None, ..one };
    let operating = StatementFacts { nature: Some(Nature::Fonctionnement), ..open(100) };
    let held = |one: Situation| Situation { is_holder: true, ..one };
    vec![
        situation("alone", vec![kept(cents)], (vec![], vec![])),
        situation("asked once", vec![kept(cents)], (vec![], vec![asked(5_000)])),
        situation("said beside", vec![named("G", kept(cents))], (vec![named("G", open(5_000))], vec![])),
        situation(
            "two requests",
            vec![kept(cents)],
            (vec![], vec![named("a", asked(3_000)), named("b", asked(2_000))]),
        ),
        situation("paid", vec![named("G", kept(cents))], (vec![named("G", stage(Stage::Verse, open(5_000)))], vec![])),
        situation("refused", vec![stage(Stage::Refuse, kept(cents))], (vec![], vec![asked(5_000)])),
        situation(
            "refused, of no nature",
            vec![no_nature(stage(Stage::Refuse, kept(cents)))],
            (vec![], vec![asked(5_000)]),
        ),
        situation(
            "refused beside a vote",
            vec![stage(Stage::Refuse, kept(cents)), operating],
            (vec![], vec![named("a", asked(5_000)), named("b", asked(2_000))]),
        ),
        situation("given up", vec![kept(cents), stage(Stage::Abandonne, open(5_000))], (vec![], vec![])),
        situation("two parts", vec![named("y", kept(cents)), named("z", kept(1_000))], (vec![], vec![asked(6_000)])),
        situation("kept twice", vec![kept(cents)], (vec![kept(5_000)], vec![])),
        situation(
            "of another year",
            vec![kept(cents)],
            (vec![StatementFacts { year: Some(2023), ..open(5_000) }], vec![]),
        ),
        situation("contracted", vec![stage(Stage::Engage, kept(cents))], (vec![open(5_000)], vec![])),
        situation("of no nature", vec![no_nature(kept(cents))], (vec![], vec![asked(5_000)])),
        held(situation("holder's own funds", vec![own_funds(kept(cents))], (vec![], vec![own_funds(open(5_000))]))),
        held(situation("a grant, or own funds", vec![kept(cents)], (vec![], vec![own_funds(open(5_000))]))),
    ]
}

#[test]
fn what_is_told_is_the_same_whatever_the_hidden_amount_is() {
    let all = |cents| situations(cents).into_iter().map(|one| (one.name, told(&one.image()).expect("a project")));
    let other = [4_999, 5_001, 0, -5_000, 1_000, 100_000];
    for (name, equal) in all(5_000) {
        for cents in other {
            let (_, one) = all(cents).find(|(known, _)| *known == name).expect("the same situations");
            assert_eq!(equal, one, "{name}: {cents}");
        }
    }
}

#[test]
fn a_sum_alone_is_known_and_what_it_may_answer_or_contradict_is_not() {
    for one in situations(5_000) {
        let (name, image) = (one.name, one.image());
        let seen = seen(&image).expect("seen");
        let (case, check) = checked(&seen);
        let line = case.plan.lines.iter().find(|line| case.identity(line.funder).as_str() == METROPOLE);
        let known = ["alone", "contracted"].contains(&name);
        let state = line.expect("a line").state;
        if known {
            assert_eq!((state, check.knowledge), (CellState::Known, Knowledge::KnownNotShared), "{name}");
        } else if !["of another year", "two parts"].contains(&name) {
            assert_eq!((state, check.knowledge), (CellState::Reported, Knowledge::Incomplete), "{name}");
            let sentence = |code: &str| {
                let mut found = check.findings(&case).filter(|one| one.sheet.code.as_str() == code);
                found.next().map(|one| one.sentence(&case, Language::En)).unwrap_or_default()
            };
            let reported = sentence("MEANS-REPORTED");
            assert!(reported.contains("not weighed for this reader"), "{name}: {reported}");
        }
        assert!(!check.ready, "{name}");
    }
}

/// The same ledger, in which a funder keeps what its own system says, with these amounts and days in the place of its own.
fn keeping(image: &LedgerImage, (source, funder): (&str, &str), instead: &[(i64, Option<Date>)]) -> LedgerImage {
    let mut image = image.clone();
    let mut instead = instead.iter().cycle();
    for record in image.records.iter_mut().filter(|one| one.source.as_str() == source) {
        for one in record.facts.statements.iter_mut().filter(|one| one.funder.as_str() == funder && !one.nothing) {
            one.not_public_until = Some(days().1);
            if let Some((cents, day)) = instead.next() {
                (one.amount, one.decided_on) = (Some(Cents::new(*cents)), *day);
            }
        }
    }
    image
}

/// One who says something in one system, and one who publishes a list besides.
const KEEPING: [(&str, &str); 2] = [("metropole", METROPOLE), ("region", REGION)];

fn amounts() -> impl Strategy<Value = Vec<(i64, Option<Date>)>> {
    let past = Date::from_ymd_opt(2023, 3, 1);
    vec((select(vec![1_i64, 2, 3, 5, 7, 100, 10_000]), select(vec![None, past])), 1..4)
}

proptest! {
    // The same cases each time: what another seed finds becomes a case of its own.
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_129),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_hidden_amount_is_found_by_what_is_told(
        image in any_image(),
        by in select(KEEPING.to_vec()),
        (one, other) in (amounts(), amounts()),
    ) {
        prop_assert_eq!(told(&keeping(&image, by, &one)), told(&keeping(&image, by, &other)));
    }

    #[test]
    fn nothing_is_told_surer_than_it_is(image in any_image(), by in select(KEEPING.to_vec()), amounts in amounts()) {
        let kept = keeping(&image, by, &amounts);
        let Some(seen) = seen(&kept) else { return Ok(()) };
        let whole = Portfolio::build_naming(&kept, Rulebook::of_the_product().organisations());
        let case = Case::of(&whole, ProjectIx::first(), (Rulebook::of_the_product(), KEY), moment(10));
        let (told, check) = checked(&seen);
        let is_sure = |state: CellState| matches!(state, CellState::Known | CellState::Nothing);
        for line in told.plan.lines.iter().filter(|line| is_sure(line.state)) {
            let key = (told.identity(line.funder), line.nature);
            let same = case.plan.lines.iter().find(|one| (case.identity(one.funder), one.nature) == key);
            prop_assert!(same.is_none_or(|one| is_sure(one.state)), "{line:?} {same:?} {:#?}", case.facts().commitments);
        }
        prop_assert!(!check.ready || super::Check::of(&case).ready);
    }
}
