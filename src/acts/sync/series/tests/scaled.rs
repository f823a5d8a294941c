//! Amounts that change without moving the total, or by one factor.

use super::*;

/// Forty grants of one year; some of them as `turned` leaves them.
fn grants(turned: impl Fn(usize, i64) -> i64) -> Vec<(SourceFindingKind, bool)> {
    let (mut before, mut now) = (Before::default(), read(&[]));
    let records: Vec<_> =
        (0..40).map(|rank| (rank, 100_000 + (i64::try_from(rank).expect("small") * 7_919) % 500_000)).collect();
    let granted = |cents| StatementFacts { stage: Some(Stage::Attribue), ..statement(cents) };
    for (rank, cents) in records {
        let part = before.partitions.entry("2025".into()).or_default();
        part.add(Cents::new(cents), false);
        part.stage(Some(Stage::Attribue), Cents::new(cents), false);
        now.know("2025");
        let says = turned(rank, cents);
        if says != cents {
            before.changed.insert(key(rank), Said::of("2025", &[granted(cents)], &[]));
            now.changed(&key(rank), "2025", &[granted(says)]);
        }
    }
    told(&before, &now)
}

#[test]
fn grants_that_are_exchanged_among_records_are_weighed_though_the_total_stands() {
    let amount = |rank: usize| 100_000 + (i64::try_from(rank).expect("small") * 7_919) % 500_000;
    let moved = |held| [(SourceFindingKind::TotalMoved, held)];
    assert_eq!(grants(|rank, _| amount(39 - rank)), moved(true), "a column that was sorted alone");
    assert_eq!(grants(|rank, cents| if rank < 28 { amount(27 - rank) } else { cents }), moved(false));
    assert_eq!(grants(|rank, cents| if rank < 8 { amount(7 - rank) } else { cents }), [], "a few may be put right");
    assert_eq!(grants(|_, cents| cents / 100 * 100), [], "cents that are dropped");
    assert_eq!(grants(|rank, cents| if rank % 2 == 0 { cents + 9_000 } else { cents - 9_000 }), [], "small revisions");
}

#[test]
fn known_amounts_that_change_by_one_factor_are_told_and_many_of_them_hold() {
    let scaled = |held| (SourceFindingKind::AmountsScaled, held);
    let thousandth =
        |count: usize| grants(move |rank, cents| if rank % 3 == 0 && rank / 3 < count { cents / 1_000 } else { cents });
    assert_eq!(thousandth(1), [], "a slip that was mended");
    assert_eq!(thousandth(2), [scaled(false)]);
    assert_eq!(thousandth(9), [scaled(false)]);
    assert_eq!(thousandth(14).last(), Some(&scaled(true)));
    assert!(grants(|_, cents| cents * 100).contains(&scaled(true)), "cents in the place of euros");
    assert!(!grants(|rank, cents| cents * i64::try_from(rank % 7 + 1).expect("small")).contains(&scaled(true)));
    let few = |count: usize| {
        let mut now = read(&[]);
        let mut before = stood(&[("2025", &[1_000_000; 4])]);
        (0..4).for_each(|_| now.know("2025"));
        for rank in 0..count {
            before.changed.insert(key(rank), said("2025", 1_000_000));
            now.changed(&key(rank), "2025", &[statement(1_000)]);
        }
        told(&before, &now)
    };
    assert_eq!(few(2), [scaled(false)]);
    assert_eq!(few(3), [scaled(true)], "most of a list that is short");
}

#[test]
fn a_new_part_far_from_all_others_is_told() {
    let year = |factor: i64| different(30).into_iter().map(move |(rank, title, cents)| (rank, title, cents * factor));
    let of = |known: &[(&str, &[i64])], factor: i64| told(&stood(known), &read(&year(factor).collect::<Vec<_>>()));
    let amounts = |factor: i64| year(factor).map(|(.., cents)| cents).collect::<Vec<_>>();
    let (euros, low) = (amounts(1_000), amounts(40));
    let scaled = [(SourceFindingKind::AmountsScaled, false)];
    assert_eq!(of(&[("2024", &euros)], 1), scaled, "thousands of euros");
    assert_eq!(of(&[("2024", &amounts(1))], 100), scaled, "cents");
    assert_eq!(of(&[("2024", &euros)], 200), []);
    assert_eq!(of(&[("2023", &euros), ("2024", &low)], 2), [], "a year was as low");
    assert_eq!(of(&[("2024", &euros[..9])], 1), [], "too few to tell");
    assert_eq!(of(&[("2025", &euros)], 1), [], "known amounts are weighed one by one");
}

#[test]
fn new_records_out_of_all_proportion_are_told_whatever_their_part() {
    let rows: Vec<(usize, String, i64)> =
        different(20).into_iter().map(|(k, t, cents)| (k, t, cents * 1_000)).collect();
    let before = stood(&[("2025", &rows.iter().map(|row| row.2).collect::<Vec<_>>())]);
    let with = |added: &[i64]| {
        let mut all = rows.clone();
        all.extend(added.iter().enumerate().map(|(rank, cents)| (100 + rank, format!("Neuf {rank}"), *cents)));
        let mut now = read(&all);
        rows.iter().for_each(|_| now.know("2025"));
        added.iter().for_each(|cents| now.add(&[statement(*cents)]));
        let scaled = |(kind, _): &(SourceFindingKind, bool)| *kind == SourceFindingKind::AmountsScaled;
        told(&before, &now).into_iter().filter(scaled).collect::<Vec<_>>()
    };
    let thousandth: Vec<i64> = (0..12).map(|rank| 1_000 + rank * 37).collect();
    let scaled = [(SourceFindingKind::AmountsScaled, false)];
    assert_eq!(with(&thousandth), scaled);
    assert_eq!(with(&thousandth[..3]), scaled, "few, and all of them");
    assert_eq!(with(&thousandth[..2]), []);
    assert_eq!(with(&[1_000, 1_037, 1_500_000]), [], "small grants beside an ordinary one");
    assert_eq!(with(&rows.iter().map(|row| row.2 / 2).collect::<Vec<_>>()), []);
}
