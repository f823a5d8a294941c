//! What the matcher must say, and must never say.

use crate::domain::act::Decision;
use crate::domain::facts::{OrganisationFacts, StatementFacts};
use crate::domain::image::LedgerImage;
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::place::QuartierCode;
use crate::domain::project::{ProjectId, Reference};
use crate::domain::record::RecordVersion;
use crate::portfolio::Portfolio;
use crate::portfolio::fixture::*;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const HOLDERS: [(&str, &str); 3] = [
    ("siren:215903501", "Commune de Lille"),
    ("siren:200093201", "Métropole européenne de Lille"),
    ("text:region:LES AMIS DU SQUARE", "Les amis du square"),
];
const TITLES: [&str; 4] = [
    "Rénovation du square Trulin",
    "Rénov. du square Trulin",
    "Ateliers sociolinguistiques pour adultes",
    "Tournoi des voisins",
];

/// What a record says, by position in [`TITLES`] and [`HOLDERS`], with a year and the cents of one grant.
type Said = (usize, usize, u16, i64);

/// A record of a project of its own.
fn told(source: &str, number: u8, (title, holder, year, cents): Said) -> RecordVersion {
    let sum = StatementFacts { amount: Some(Cents::new(cents)), year: Some(year), ..grant(REGION) };
    let mut record = record(source, &format!("k{number}"), vec![sum]);
    record.project = Some(project(number));
    let facts = record.facts.project.as_mut().expect("about a project");
    facts.title = TITLES[title].to_owned();
    let (id, name) = HOLDERS[holder];
    facts.holder = OrganisationId::parse(id).ok();
    facts.year = Some(year);
    facts.places.quartiers = QuartierCode::parse("QN05901M").into_iter().collect();
    let id = OrganisationId::parse(id).expect("sound");
    record.facts.organisations.push(OrganisationFacts { id, name: name.to_owned(), siret: None });
    record
}

fn with_reference(mut record: RecordVersion, value: &str) -> RecordVersion {
    let facts = record.facts.project.as_mut().expect("about a project");
    facts.references.push(Reference { scheme: "dauphin".into(), value: value.into() });
    record
}

/// What the matcher says of `image`, appended to it, and how many decisions that made.
fn matched(image: &mut LedgerImage) -> usize {
    let said = Portfolio::build(image).matched(&image.records);
    let count = said.len();
    image.decisions.extend(said);
    count
}

/// The records of each project.
fn projects(image: &LedgerImage) -> BTreeSet<BTreeSet<String>> {
    let portfolio = Portfolio::build(image);
    let mut projects: BTreeMap<&ProjectId, BTreeSet<String>> = BTreeMap::new();
    for record in &image.records {
        if let Some(project) = portfolio.project_of(record) {
            projects.entry(project).or_default().insert(format!("{}/{}", record.source, record.key));
        }
    }
    projects.into_values().collect()
}

fn proposals(image: &LedgerImage) -> usize {
    Portfolio::build(image).proposals().len()
}

#[test]
fn one_operation_in_two_systems_becomes_one_and_says_why() {
    let mut image = image(vec![told("region", 1, (0, 0, 2024, 7_300)), told("metropole", 2, (1, 0, 2024, 7_300))]);
    assert_eq!(matched(&mut image), 1);
    assert_eq!(projects(&image).len(), 1);
    let Decision::Matched { from, to, score } = &image.decisions[0] else { panic!("{:?}", image.decisions) };
    assert_eq!((from, to), (&project(2), &project(1)), "the older stays");
    assert_eq!(score.terms.iter().map(|term| term.weight).sum::<i32>(), score.total);
    let level = |name: &str| score.terms.iter().find(|term| &*term.name == name).map(|term| term.level.to_string());
    assert_eq!(level("place").as_deref(), Some("same-quartier"));
    assert_eq!(level("sums").as_deref(), Some("one-rare"));
    assert_eq!(matched(&mut image), 0, "nothing new is said twice");
}

#[test]
fn what_only_looks_like_one_project_is_left_alone() {
    let first = || told("region", 1, (0, 0, 2024, 7_300));
    let mut renewed = told("metropole", 2, (0, 0, 2024, 7_300));
    renewed.facts.project.as_mut().expect("a project").renews =
        Some(Reference { scheme: "dauphin".into(), value: "A".into() });
    let mut micro = told("metropole", 2, (0, 0, 2024, 7_300));
    micro.facts.project.as_mut().expect("a project").fund =
        Some(Reference { scheme: "dauphin".into(), value: "A".into() });
    for (why, one, other) in [
        ("the next edition", first(), told("metropole", 2, (0, 0, 2025, 7_300))),
        ("two operations of one system", first(), told("region", 2, (0, 0, 2024, 7_300))),
        ("another legal person", first(), told("metropole", 2, (0, 1, 2024, 7_300))),
        (
            "two numbers of one numbering",
            with_reference(first(), "A"),
            with_reference(told("metropole", 2, (0, 0, 2024, 7_300)), "B"),
        ),
        ("the edition that it renews", with_reference(first(), "A"), renewed),
        ("the fund that gives on to it", with_reference(first(), "A"), micro),
    ] {
        let mut image = image(vec![one, other]);
        matched(&mut image);
        assert_eq!((projects(&image).len(), proposals(&image)), (2, 0), "{why}");
    }
}

#[test]
fn between_two_that_fit_nobody_chooses_but_a_person() {
    // Two operations of one system, alike but for their sums, and one record elsewhere that states none.
    let mut unclear = told("metropole", 3, (0, 0, 2024, 7_300));
    unclear.facts.statements.clear();
    let mut image =
        image(vec![told("region", 1, (0, 0, 2024, 7_300)), told("region", 2, (0, 0, 2024, 9_100)), unclear]);
    matched(&mut image);
    assert_eq!((projects(&image).len(), proposals(&image)), (3, 2));
    image.decisions.push(Decision::Linked { from: project(3), to: project(2), reason: "vu".to_owned() });
    matched(&mut image);
    assert_eq!(projects(&image).len(), 2);
    assert_eq!(matched(&mut image), 0);
}

#[test]
fn a_person_wins_over_any_score() {
    let records = || vec![told("region", 1, (0, 0, 2024, 7_300)), told("metropole", 2, (0, 0, 2024, 7_300))];
    let mut image = image(records());
    matched(&mut image);
    let [one, other] = [&image.records[0], &image.records[1]];
    let separated = Decision::Separated {
        source: other.source.clone(),
        key: other.key.clone(),
        from: one.project.clone().expect("given"),
        to: other.project.clone().expect("given"),
        reason: "deux squares".to_owned(),
    };
    image.decisions.push(separated);
    assert_eq!((projects(&image).len(), matched(&mut image)), (2, 0), "neither linked nor proposed again");
    image.decisions.push(Decision::Linked { from: project(2), to: project(1), reason: "un seul".to_owned() });
    matched(&mut image);
    assert_eq!(projects(&image).len(), 1);
}

#[test]
fn what_the_records_do_not_bear_any_more_is_taken_back() {
    let mut image = image(vec![told("region", 1, (0, 0, 2024, 7_300)), told("metropole", 2, (0, 0, 2024, 7_300))]);
    matched(&mut image);
    image.records[1] = told("metropole", 2, (3, 1, 2024, 50));
    assert_eq!(matched(&mut image), 1);
    assert!(matches!(image.decisions.last(), Some(Decision::Withdrawn { .. })));
    assert_eq!(projects(&image).len(), 2);
}

fn any_told() -> impl Strategy<Value = Vec<RecordVersion>> {
    let source = prop::sample::select(vec!["region", "region-list", "metropole", "application"]);
    let said = (0..4_usize, 0..3_usize, 2024_u16..2026, prop::sample::select(vec![7_300_i64, 9_100, 12_000, 12_500]));
    vec((source, said), 1..12).prop_map(|all| {
        let numbered = (1_u8..).zip(all);
        numbered.map(|(number, (source, said))| told(source, number, said)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_in_which_sources_are_read_changes_no_project(records in any_told(), turn in 0..12_usize) {
        let mut one = image(records.clone());
        matched(&mut one);
        let mut turned = records;
        let by = turn % turned.len();
        turned.rotate_left(by);
        let mut other = image(turned);
        matched(&mut other);
        prop_assert_eq!(projects(&one), projects(&other));
        prop_assert_eq!(matched(&mut one), 0);
    }

    #[test]
    fn record_after_record_or_all_at_once_is_the_same(records in any_told()) {
        let mut growing = image(Vec::new());
        for record in &records {
            growing.records.push(record.clone());
            matched(&mut growing);
        }
        let mut whole = image(records);
        matched(&mut whole);
        prop_assert_eq!(projects(&growing), projects(&whole));
    }

    #[test]
    fn no_project_holds_two_operations_of_one_system_or_two_exercises(records in any_told()) {
        let mut image = image(records);
        matched(&mut image);
        let portfolio = Portfolio::build(&image);
        let mut seen = BTreeSet::new();
        let mut years = BTreeMap::new();
        for record in &image.records {
            let project = portfolio.project_of(record).expect("of a project");
            prop_assert!(seen.insert((project.clone(), record.source.clone())));
            let year = record.facts.project.as_ref().and_then(|facts| facts.year);
            prop_assert_eq!(*years.entry(project.clone()).or_insert(year), year);
        }
    }

    #[test]
    fn a_record_taken_out_and_put_back_changes_nothing(records in any_told(), at in any::<prop::sample::Index>()) {
        let mut before = image(records);
        matched(&mut before);
        let portfolio = Portfolio::build(&before);
        let record = at.get(&before.records);
        let from = portfolio.project_of(record).expect("of a project").clone();
        let open: Vec<&RecordVersion> = before.records.iter().collect();
        let Some(own) = portfolio.own_identifier(record, &open) else { return Ok(()) };
        let (source, key, own) = (record.source.clone(), record.key.clone(), own.clone());
        let mut apart = before.clone();
        apart.decisions.push(Decision::Separated { source, key, from: from.clone(), to: own.clone(), reason: String::new() });
        prop_assert_eq!(projects(&apart).len(), projects(&before).len() + 1);
        let mut again = apart;
        again.decisions.push(Decision::Linked { from: own, to: from, reason: String::new() });
        prop_assert_eq!(projects(&again), projects(&before));
    }
}
