mod alone;
mod granted;
mod lines;
mod moved;
mod natures;
mod pasted;
mod scaled;
mod shared;

use super::*;
use crate::domain::Date;
use crate::domain::money::Cents;
use crate::domain::organisation::OrganisationId;
use crate::domain::vocabulary::{Form, Nature, Stage};
use proptest::prelude::*;

const LIMITS: SeriesLimits =
    SeriesLimits { repeat_limit_percent: 20, moved_limit_percent: 50, constant_limit_percent: 95 };

fn statement(cents: i64) -> StatementFacts {
    let funder = OrganisationId::parse("siren:200053742").expect("sound");
    StatementFacts { amount: Some(Cents::new(cents)), ..StatementFacts::bare(funder, Nature::Fonctionnement) }
}

/// What a record of a part of the source said: one sum.
fn said(partition: &str, cents: i64) -> Said {
    Said::of(partition, &[statement(cents)], &[])
}

fn key(rank: usize) -> RecordKey {
    RecordKey::parse(&format!("k{rank}")).expect("sound")
}

/// Records of one partition: key, title, cents.
fn read(records: &[(usize, String, i64)]) -> Series {
    let (id, title, amount): (Arc<str>, Arc<str>, Arc<str>) = ("Id".into(), "titre".into(), "montant".into());
    let mut series = Series::keyed_by(["id".to_owned()].into_iter(), &[]);
    for (rank, name, cents) in records {
        let node = Node::Object(
            vec![
                (Arc::clone(&id), Node::text(format!("k{rank}"))),
                (Arc::clone(&title), Node::text(name.clone())),
                (Arc::clone(&amount), Node::text(cents.to_string())),
            ]
            .into_iter()
            .collect(),
        );
        series.meet(&node, "2025", (&[statement(*cents)], None));
    }
    series
}

/// What stood before: amounts by partition.
fn stood(partitions: &[(&str, &[i64])]) -> Before {
    let mut before = Before::default();
    for (partition, amounts) in partitions {
        let into = before.partitions.entry((*partition).into()).or_default();
        amounts.iter().for_each(|cents| into.add(Cents::new(*cents), false));
    }
    before
}

fn told(before: &Before, now: &Series) -> Vec<(SourceFindingKind, bool)> {
    let source = SourceId::parse("desk").expect("sound");
    let terms =
        Terms { limits: &LIMITS, vanish_limit_bp: 2_000, at: Instant::UNIX_EPOCH, source: &source, twins: true };
    breaks(before, now, &terms).into_iter().map(|finding| (finding.kind, finding.held)).collect()
}

fn different(count: usize) -> Vec<(usize, String, i64)> {
    (0..count).map(|rank| (rank, format!("Action {rank}"), 1_000 + i64::try_from(rank).expect("small") * 37)).collect()
}

#[test]
fn a_list_loaded_twice_under_new_keys_is_held_and_twin_posts_are_not() {
    let mut twice = different(30);
    twice.extend(different(30).into_iter().map(|(rank, title, cents)| (rank + 1_000, title, cents)));
    assert_eq!(told(&Before::default(), &read(&twice)), [(SourceFindingKind::RecordsRepeated, true)]);
    // The same under three numbers, and five of them once more.
    let copies =
        (0..95).map(|rank| (rank, format!("Action {}", rank % 30), 5_000 + i64::try_from(rank % 30).expect("small")));
    assert_eq!(
        told(&Before::default(), &read(&copies.collect::<Vec<_>>())),
        [(SourceFindingKind::RecordsRepeated, true)]
    );
    // Three posts of one body, two of another, one of each of the others.
    let bodies = (0..30).flat_map(|body| vec![body; [1, 2, 1, 3, 1][body % 5]]).enumerate();
    let posts: Vec<_> = bodies.map(|(rank, body)| (rank, format!("Association {body}"), 716_400)).collect();
    assert!(told(&Before::default(), &read(&posts)).is_empty());
}

#[test]
fn a_year_that_says_what_the_year_before_said_is_told() {
    let years = |amount: &dyn Fn(usize) -> i64, days: [u32; 2]| {
        let names: [Arc<str>; 4] = ["titre", "exercice", "montant", "jour"].map(Into::into);
        let mut series = Series::keyed_by(["id".to_owned()].into_iter(), &[]);
        for ((year, day), rank) in [2025, 2026].into_iter().zip(days).flat_map(|of| (0..30).map(move |rank| (of, rank)))
        {
            let cents = if year == 2026 { amount(rank) } else { 100_000 };
            let decided_on = Date::from_ymd_opt(2025, 3, day);
            let cells = [format!("Action {rank}"), year.to_string(), cents.to_string(), format!("2025-03-{day}")];
            let cells = names.iter().cloned().zip(cells.map(Node::text));
            let of_year = StatementFacts { year: Some(year), decided_on, ..statement(cents) };
            series.meet(&Node::Object(cells.collect()), &year.to_string(), (&[of_year], None));
        }
        told(&Before::default(), &series)
    };
    let repeated = [(SourceFindingKind::RecordsRepeated, false)];
    assert_eq!(years(&|_| 100_000, [14, 14]), repeated);
    assert_eq!(years(&|rank| if rank == 0 { 1 } else { 100_000 }, [14, 14]), repeated);
    assert!(years(&|rank| if rank < 2 { 1 } else { 100_000 }, [14, 14]).is_empty(), "some are others");
    assert!(years(&|_| 100_000, [14, 15]).is_empty(), "renewals");
}

#[test]
fn a_part_of_a_list_that_is_loaded_several_times_is_told_and_twins_are_not() {
    let loaded = |again: usize, times: usize| {
        let mut rows = different(60);
        for copy in 1..times {
            let copies = different(again).into_iter();
            rows.extend(copies.map(|(rank, title, cents)| (rank + copy * 1_000, title, cents)));
        }
        told(&Before::default(), &read(&rows))
    };
    let repeated = [(SourceFindingKind::RecordsRepeated, false)];
    assert_eq!(loaded(40, 2), repeated, "80 of 100");
    assert_eq!(loaded(15, 3), repeated, "45 of 90");
    assert_eq!(loaded(58, 2), [(SourceFindingKind::RecordsRepeated, true)], "116 of 118");
    assert!(loaded(10, 2).is_empty(), "20 of 70: units that are doubled");
    // Adultes-relais: three in four have a twin, by two, by three, by five.
    let bodies = (0..60).flat_map(|body| vec![body; [1, 2, 3, 5, 1, 3][body % 6]]).enumerate();
    let posts: Vec<_> = bodies.map(|(rank, body)| (rank, format!("Association {body}"), 716_400)).collect();
    assert!(told(&Before::default(), &read(&posts)).is_empty());
}

#[test]
fn rows_that_came_twice_are_told_and_many_of_them_hold() {
    let with = |again: usize| {
        let mut series = read(&different(100));
        (0..again).for_each(|_| series.meet_again());
        told(&Before::default(), &series)
    };
    assert!(with(0).is_empty() && with(1).is_empty());
    assert_eq!(with(3), [(SourceFindingKind::RecordsRepeated, false)]);
    assert_eq!(with(25), [(SourceFindingKind::RecordsRepeated, false)], "the limit itself: 25 of 125");
    assert_eq!(with(26), [(SourceFindingKind::RecordsRepeated, true)]);
}

#[test]
fn a_constant_where_amounts_differed_is_held_and_the_units_of_a_scheme_are_not() {
    let varied: Vec<i64> = different(40).iter().map(|one| one.2).collect();
    let constant: Vec<_> = different(40).into_iter().map(|(rank, title, _)| (rank, title, 716_400)).collect();
    let held = [(SourceFindingKind::AmountConstant, true)];
    assert_eq!(told(&stood(&[("2025", &varied)]), &read(&constant)), held);
    assert_eq!(told(&stood(&[("2024", &varied)]), &read(&constant))[..1], held, "a new year too");
    assert!(told(&Before::default(), &read(&constant)).is_empty(), "a first load compares with nothing");
    assert!(told(&stood(&[("2024", &[702_000; 40])]), &read(&constant)).is_empty(), "the unit of another year");
    // 22 555.73 for a post of 2023, 7 164 for all of 2025: the unit of another scheme.
    assert_eq!(told(&stood(&[("2023", &[2_255_573; 40])]), &read(&constant)), held);
    assert!(told(&stood(&[("2025", &[716_400; 40])]), &read(&constant)).is_empty());
}

#[test]
fn a_constant_in_most_places_is_told_and_a_list_in_which_most_have_one_unit_is_not() {
    let varied: Vec<i64> = different(40).iter().map(|one| one.2).collect();
    let most = |count: usize, unit: i64| -> Vec<_> {
        let pasted =
            |(rank, title, cents): (usize, String, i64)| (rank, title, if rank < count { unit } else { cents });
        different(40).into_iter().map(pasted).collect()
    };
    let told_only = [(SourceFindingKind::AmountConstant, false)];
    assert_eq!(told(&stood(&[("2025", &varied)]), &read(&most(32, 716_400))), told_only);
    assert_eq!(told(&stood(&[("2025", &varied)]), &read(&most(37, 716_400))), told_only);
    assert!(told(&stood(&[("2025", &varied)]), &read(&most(27, 716_400))).is_empty());
    // Most have the unit of the year, as most had that of the year before.
    let units: Vec<i64> = most(30, 702_000).iter().map(|one| one.2).collect();
    assert!(told(&stood(&[("2024", &units)]), &read(&most(36, 716_400))).is_empty());
    let units: Vec<i64> = most(36, 702_000).iter().map(|one| one.2).collect();
    assert!(told(&stood(&[("2024", &units)]), &read(&most(30, 716_400))).is_empty());
}

fn all_changed(factor_percent: i64) -> (Before, Series) {
    let records = different(40);
    let amounts: Vec<i64> = records.iter().map(|one| one.2).collect();
    let mut before = stood(&[("2025", &amounts)]);
    let moved: Vec<_> =
        records.iter().map(|(rank, title, cents)| (*rank, title.clone(), cents * factor_percent / 100)).collect();
    let mut now = read(&moved);
    for ((rank, _, was), (_, _, is)) in records.iter().zip(&moved) {
        now.changed(&key(*rank), "2025", &[statement(*is)]);
        before.changed.insert(key(*rank), said("2025", *was));
    }
    (before, now)
}

#[test]
fn amounts_that_move_the_total_are_told_from_half_of_the_limit_and_held_beyond_it() {
    let moved = |percent| {
        let (before, now) = all_changed(percent);
        told(&before, &now)
    };
    assert!(moved(110).is_empty() && moved(80).is_empty());
    assert_eq!(moved(130), [(SourceFindingKind::TotalMoved, false)]);
    assert_eq!(moved(49), [(SourceFindingKind::TotalMoved, true)]);
    let both = [(SourceFindingKind::TotalMoved, true), (SourceFindingKind::AmountsScaled, true)];
    assert_eq!(moved(10_000), both, "euros where there were cents");
}

#[test]
fn records_that_are_added_move_nothing() {
    let few = different(30);
    let amounts: Vec<i64> = few.iter().map(|one| one.2).collect();
    assert!(told(&stood(&[("2025", &amounts)]), &read(&different(300))).is_empty());
}

proptest! {
    #[test]
    fn a_load_like_the_one_before_breaks_nothing(cents in prop::collection::vec(1_i64..1_000_000, 0..80)) {
        let records: Vec<_> = cents.iter().enumerate().map(|(rank, cents)| (rank, format!("Action {rank}"), *cents)).collect();
        let before = stood(&[("2025", &cents)]);
        prop_assert!(told(&before, &read(&records)).is_empty());
    }
}

#[test]
fn a_key_that_tells_records_not_apart_holds_the_run_and_a_few_that_came_before_do_not() {
    let clashing = |good: usize, clashes: usize| {
        let mut now = read(&different(good));
        (0..clashes).for_each(|_| now.clash());
        told(&Before::default(), &now)
    };
    assert_eq!(clashing(11, 18), [(SourceFindingKind::RecordsRepeated, true)]);
    assert_eq!(clashing(95, 5), [(SourceFindingKind::RecordsRepeated, false)]);
    assert_eq!(clashing(38, 1), []);
    assert_eq!(clashing(4, 4), [(SourceFindingKind::RecordsRepeated, false)], "too few to tell a list by");
}

#[test]
fn one_amount_among_many_may_carry_the_total_off_and_one_among_few_tells_nothing() {
    let moved = |count: usize, factor: i64| {
        let records = different(count);
        let amounts: Vec<i64> = records.iter().map(|one| one.2).collect();
        let mut before = stood(&[("2025", &amounts)]);
        let mut now = read(&records);
        now.changed(&key(0), "2025", &[statement(records[0].2 * factor)]);
        before.changed.insert(key(0), said("2025", records[0].2));
        told(&before, &now)
    };
    assert_eq!(moved(40, 1_000), [(SourceFindingKind::TotalMoved, true)]);
    assert_eq!(moved(12, 1_000), [(SourceFindingKind::TotalMoved, true)]);
    assert_eq!(moved(10, 5), [(SourceFindingKind::TotalMoved, false)]);
    assert!(moved(4, 1_000).is_empty() && moved(40, 2).is_empty());
}

#[test]
fn renewals_that_are_alike_but_for_the_year_are_no_twins() {
    let title: Arc<str> = "titre".into();
    let mut series = Series::keyed_by(["id".to_owned(), "an".to_owned()].into_iter(), &[]);
    let mut undivided = Series::keyed_by(["id".to_owned(), "an".to_owned()].into_iter(), &[]);
    for year in [2025_u16, 2026] {
        for rank in 0..40 {
            let node = Node::Object(vec![(Arc::clone(&title), Node::text(format!("Action {rank}")))]);
            series.meet(&node, &year.to_string(), (&[statement(7_000)], None));
            undivided.meet(&node, "", (&[StatementFacts { year: Some(year), ..statement(7_000) }], None));
        }
    }
    let before = Before::default();
    for series in [series, undivided] {
        assert!(told(&before, &series).iter().all(|(kind, _)| *kind != SourceFindingKind::RecordsRepeated));
    }
}

#[test]
fn many_small_parts_are_weighed_together() {
    let years: Vec<String> = (2010..2025).map(|year| year.to_string()).collect();
    let amounts: Vec<i64> = (0..8).map(|rank| 100_000 + rank * 1_000).collect();
    let parts: Vec<(&str, &[i64])> = years.iter().map(|year| (year.as_str(), &*amounts)).collect();
    let mut before = stood(&parts);
    let mut now = Series::default();
    for (part, year) in years.iter().enumerate() {
        for (rank, cents) in amounts.iter().enumerate() {
            let key = key(part * 100 + rank);
            now.changed(&key, year, &[statement(cents * 100)]);
            before.changed.insert(key, said(year, *cents));
        }
    }
    let both = [(SourceFindingKind::TotalMoved, true), (SourceFindingKind::AmountsScaled, true)];
    assert_eq!(told(&before, &now), both, "every amount times a hundred");
}

/// Plans of which the Région puts a tenth, and what they say after its own line of each became another one.
fn plans(turned: impl Fn(StatementFacts) -> StatementFacts) -> (Before, Series) {
    let speaks_for: Vec<Scope> = vec![serde_json::from_str(r#"{"funder": "siren:200053742"}"#).expect("a scope")];
    let state = OrganisationId::parse("financeur:etat-59").expect("sound");
    let (mut before, mut now) = (Before::default(), Series::keyed_by(["id".to_owned()].into_iter(), &speaks_for));
    for (rank, title, cents) in different(40) {
        let own = StatementFacts { stage: Some(Stage::Attribue), ..statement(cents) };
        let others = StatementFacts { funder: state.clone(), ..statement(9 * cents) };
        let part = before.partitions.entry("2025".into()).or_default();
        part.add(Cents::new(cents), true);
        part.add(Cents::new(9 * cents), false);
        *before.records.entry("2025".into()).or_default() += 1;
        before.changed.insert(key(rank), Said::of("2025", &[own.clone(), others.clone()], &speaks_for));
        let statements = [turned(own), others];
        let node = Node::Object(vec![("titre".into(), Node::text(title))]);
        now.meet(&node, "2025", (&statements, None));
        now.know("2025");
        now.changed(&key(rank), "2025", &statements);
    }
    (before, now)
}

#[test]
fn the_sums_that_the_source_speaks_for_are_weighed_apart() {
    let own = |turned: fn(StatementFacts) -> StatementFacts| told_of(plans(turned));
    let moved = (SourceFindingKind::TotalMoved, true);
    assert!(own(|one| one).is_empty());
    assert_eq!(
        own(|one| StatementFacts { amount: Some(Cents::ZERO), ..one })[..],
        [(SourceFindingKind::AmountConstant, true), moved]
    );
    assert_eq!(own(|one| StatementFacts { amount: None, ..one }), [moved]);
    let scaled = |one: StatementFacts, percent| {
        let amount = one.amount.map(|amount| Cents::new(amount.get() * percent / 100));
        StatementFacts { amount, ..one }
    };
    assert_eq!(told_of(plans(|one| scaled(one, 40))), [moved]);
    assert_eq!(told_of(plans(|one| scaled(one, 60))), [(SourceFindingKind::TotalMoved, false)]);
    assert!(told_of(plans(|one| scaled(one, 80))).is_empty());
    let constant = own(|one| StatementFacts { amount: Some(Cents::new(1_721)), ..one });
    assert_eq!(constant, [(SourceFindingKind::AmountConstant, true)], "the total is the same");
    let refused = own(|one| StatementFacts { stage: Some(Stage::Refuse), amount: None, ..one });
    assert_eq!(refused, [moved, (SourceFindingKind::SumsRefused, false)]);
}

fn told_of((before, now): (Before, Series)) -> Vec<(SourceFindingKind, bool)> {
    told(&before, &now)
}

#[test]
fn sums_that_the_source_speaks_for_no_more_are_held_though_their_amounts_stand() {
    let amounts: Vec<i64> = different(30).into_iter().map(|(.., cents)| cents).collect();
    let (natures, dispositifs, departements) = (Vec::new(), Vec::new(), Vec::new());
    let funder = OrganisationId::parse("siren:200053742").expect("sound");
    let scope = Scope { funder, natures, dispositifs, departements, threshold_cents: None };
    let mut before = Before::default();
    let into = before.partitions.entry("2025".into()).or_default();
    amounts.iter().for_each(|cents| into.add(Cents::new(*cents), true));
    let mut now = read(&[]);
    for (rank, cents) in amounts.iter().enumerate() {
        before.changed.insert(key(rank), Said::of("2025", &[statement(*cents)], std::slice::from_ref(&scope)));
        now.changed(&key(rank), "2025", &[statement(*cents)]);
    }
    assert_eq!(told(&before, &now), [(SourceFindingKind::TotalMoved, true)], "reported by now");
    for (rank, cents) in amounts.iter().enumerate() {
        now.changed.insert(key(rank), Said::of("2025", &[statement(*cents)], std::slice::from_ref(&scope)));
    }
    assert!(told(&before, &now).is_empty(), "still its own");
}

#[test]
fn what_most_known_records_say_otherwise_is_told_and_holds_nothing() {
    let commune = OrganisationId::parse("siren:215901398").expect("sound");
    let nobody = OrganisationId::parse("text:desk:REGION").expect("sound");
    let told_of = |(before, now): (Before, Series)| {
        let found = told(&before, &now);
        found.into_iter().filter(|(_, held)| !held).map(|(kind, _)| kind).collect::<Vec<_>>()
    };
    let of = |funder: &OrganisationId| told_of(plans(|one| StatementFacts { funder: funder.clone(), ..one }));
    assert_eq!(of(&commune), [SourceFindingKind::FunderChanged]);
    assert_eq!(of(&nobody), [SourceFindingKind::FunderUnidentified]);
    let in_kind = told_of(plans(|one| StatementFacts { form: Form::EnNature, ..one }));
    assert_eq!(in_kind, [SourceFindingKind::FormChanged], "of one line of each plan");
    let (mut before, mut now) = plans(|one| one);
    for rank in 0..40 {
        now.changed(&key(rank), if rank < 25 { "2026" } else { "2025" }, &[statement(1_000)]);
        before.changed.insert(key(rank), said("2025", 1_000));
    }
    assert_eq!(told_of((before, now)), [SourceFindingKind::PartitionChanged]);
    let (mut before, mut now) = plans(|one| one);
    for rank in 0..15 {
        now.changed(&key(rank), "2026", &[statement(1_000)]);
        before.changed.insert(key(rank), said("2025", 1_000));
    }
    assert!(told_of((before, now)).is_empty(), "some may");
}
