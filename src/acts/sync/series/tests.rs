use super::moved::movement;
use super::*;
use crate::domain::organisation::OrganisationId;
use crate::domain::vocabulary::Nature;
use proptest::prelude::*;

const LIMITS: SeriesLimits =
    SeriesLimits { repeat_limit_percent: 20, moved_limit_percent: 50, constant_limit_percent: 95 };

fn statement(cents: i64) -> StatementFacts {
    let funder = OrganisationId::parse("siren:200053742").expect("sound");
    StatementFacts { amount: Some(Cents::new(cents)), ..StatementFacts::bare(funder, Nature::Fonctionnement) }
}

fn key(rank: usize) -> RecordKey {
    RecordKey::parse(&format!("k{rank}")).expect("sound")
}

/// Records of one partition: key, title, cents.
fn read(records: &[(usize, String, i64)]) -> Series {
    let (id, title, amount): (Arc<str>, Arc<str>, Arc<str>) = ("Id".into(), "titre".into(), "montant".into());
    let mut series = Series::keyed_by(["id".to_owned()].into_iter());
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
        series.meet(&node, "2025", &[statement(*cents)]);
    }
    series
}

/// What stood before: amounts by partition.
fn stood(partitions: &[(&str, &[i64])]) -> Before {
    let mut before = Before::default();
    for (partition, amounts) in partitions {
        let into = before.partitions.entry((*partition).into()).or_default();
        amounts.iter().for_each(|cents| into.add(Cents::new(*cents)));
    }
    before
}

fn told(before: &Before, now: &Series) -> Vec<(SourceFindingKind, bool)> {
    let source = SourceId::parse("desk").expect("sound");
    let terms = Terms { limits: &LIMITS, at: Instant::UNIX_EPOCH, source: &source, twins: true };
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
    // Three posts of one body, two of another, one of each of the others.
    let posts: Vec<_> = (0..60).map(|rank| (rank, format!("Association {}", rank / 3 * 2 % 41), 716_400)).collect();
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
    assert_eq!(told(&stood(&[("2024", &varied)]), &read(&constant)), held, "a new year too");
    assert!(told(&Before::default(), &read(&constant)).is_empty(), "a first load compares with nothing");
    assert!(told(&stood(&[("2024", &[702_000; 40])]), &read(&constant)).is_empty(), "the unit of another year");
    // 22 555.73 for a post of 2023, 7 164 for all of 2025: the unit of another scheme.
    assert_eq!(told(&stood(&[("2023", &[2_255_573; 40])]), &read(&constant)), held);
    assert!(told(&stood(&[("2025", &[716_400; 40])]), &read(&constant)).is_empty());
}

fn all_changed(factor_percent: i64) -> (Before, Series) {
    let records = different(40);
    let amounts: Vec<i64> = records.iter().map(|one| one.2).collect();
    let mut before = stood(&[("2025", &amounts)]);
    let moved: Vec<_> =
        records.iter().map(|(rank, title, cents)| (*rank, title.clone(), cents * factor_percent / 100)).collect();
    let mut now = read(&moved);
    for ((rank, _, was), (_, _, is)) in records.iter().zip(&moved) {
        now.changed(&key(*rank), &[statement(*is)]);
        before.changed.insert(key(*rank), ("2025".into(), Stages::from([(None, Some(i128::from(*was)))])));
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
    assert_eq!(moved(10_000), [(SourceFindingKind::TotalMoved, true)], "euros where there were cents");
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
fn amounts_and_lines_that_go_move_the_total_and_stages_that_go_on_do_not() {
    use Stage::{Attribue, Refuse, Sollicite};
    let stages =
        |all: &[(Stage, Option<i128>)]| all.iter().map(|(stage, sum)| (Some(*stage), *sum)).collect::<Stages>();
    let of = |was: &[(Stage, Option<i128>)], is: &[(Stage, Option<i128>)]| movement(&stages(was), &stages(is));
    let asked = [(Sollicite, Some(100))];
    assert_eq!(of(&asked, &[(Sollicite, None)]), -100, "the amount is empty now");
    assert_eq!(of(&asked, &[]), -100, "no line is left");
    assert_eq!(of(&asked, &[(Sollicite, Some(30))]), -70);
    assert_eq!(of(&[(Sollicite, Some(100)), (Attribue, Some(50))], &[(Attribue, Some(20))]), -130, "a line went");
    assert_eq!(of(&asked, &[(Attribue, Some(40))]), 0, "less was voted than was asked");
    assert_eq!(of(&asked, &[(Refuse, None)]), 0, "nothing was");
    assert_eq!(of(&[(Sollicite, Some(100)), (Attribue, Some(50))], &[(Attribue, Some(150))]), 0);
}

#[test]
fn one_amount_among_many_may_carry_the_total_off_and_one_among_few_tells_nothing() {
    let moved = |count: usize, factor: i64| {
        let records = different(count);
        let amounts: Vec<i64> = records.iter().map(|one| one.2).collect();
        let mut before = stood(&[("2025", &amounts)]);
        let mut now = read(&records);
        now.changed(&key(0), &[statement(records[0].2 * factor)]);
        let was = Stages::from([(None, Some(i128::from(records[0].2)))]);
        before.changed.insert(key(0), ("2025".into(), was));
        told(&before, &now)
    };
    assert_eq!(moved(40, 1_000), [(SourceFindingKind::TotalMoved, true)]);
    assert_eq!(moved(12, 1_000), [(SourceFindingKind::TotalMoved, false)]);
    assert!(moved(4, 1_000).is_empty() && moved(40, 2).is_empty());
}

#[test]
fn renewals_that_are_alike_but_for_the_year_are_no_twins() {
    let title: Arc<str> = "titre".into();
    let mut series = Series::keyed_by(["id".to_owned(), "an".to_owned()].into_iter());
    let mut undivided = Series::keyed_by(["id".to_owned(), "an".to_owned()].into_iter());
    for year in [2025_u16, 2026] {
        for rank in 0..40 {
            let node = Node::Object(vec![(Arc::clone(&title), Node::text(format!("Action {rank}")))]);
            series.meet(&node, &year.to_string(), &[statement(7_000)]);
            undivided.meet(&node, "", &[StatementFacts { year: Some(year), ..statement(7_000) }]);
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
            now.changed(&key, &[statement(cents * 100)]);
            let stages = Stages::from([(None, Some(i128::from(*cents)))]);
            before.changed.insert(key, (year.as_str().into(), stages));
        }
    }
    assert_eq!(told(&before, &now), [(SourceFindingKind::TotalMoved, true)], "every amount times a hundred");
}
