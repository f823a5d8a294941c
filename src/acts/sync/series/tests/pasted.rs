//! One amount nearly everywhere, in parts of several schemes.

use super::*;

/// The list of a new part in which every amount is the same.
fn pasted(partition: &str, cents: i64) -> Series {
    let mut series = Series::keyed_by(["id".to_owned()].into_iter(), &[]);
    for rank in 0..40 {
        let node = Node::Object(vec![("titre".into(), Node::text(format!("Action {rank}")))]);
        series.meet(&node, partition, (&[statement(cents)], None));
    }
    series
}

fn of(known: &[(&str, i64)], (partition, cents): (&str, i64)) -> Option<bool> {
    let amounts: Vec<(&str, [i64; 40])> = known.iter().map(|(name, unit)| (*name, [*unit; 40])).collect();
    let parts: Vec<(&str, &[i64])> = amounts.iter().map(|(name, amounts)| (*name, &amounts[..])).collect();
    let found = told(&stood(&parts), &pasted(partition, cents));
    let found = found.into_iter().find(|(kind, _)| *kind == SourceFindingKind::AmountConstant);
    found.map(|(_, held)| held)
}

#[test]
fn a_constant_is_compared_with_those_of_its_own_series() {
    let both = [("ADULTES-RELAIS 2022", 2_125_400), ("FONJEP 2022", 716_400)];
    assert_eq!(of(&both, ("ADULTES-RELAIS 2023", 2_255_573)), None, "a unit that was raised");
    assert_eq!(of(&both, ("FONJEP 2023", 716_400)), None);
    assert_eq!(of(&both, ("ADULTES-RELAIS 2025", 716_400)), Some(true), "the unit of the other scheme");
    assert_eq!(of(&both, ("CITE-EDUCATIVE 2023", 5_000_000)), Some(false), "the first list of a scheme");
    assert_eq!(of(&both, ("CITE-EDUCATIVE 2023", 716_400)), None);
    assert_eq!(of(&both[1..], ("ADULTES-RELAIS 2022", 2_125_400)), Some(false));
    assert_eq!(of(&both[..1], ("FONJEP 2022", 716_400)), Some(false), "in whichever order they come");
    let years = [("2022", 2_125_400), ("2023", 716_400)];
    assert_eq!(of(&years, ("2024", 716_400)), None);
    assert_eq!(of(&years, ("2024", 2_125_400)), None, "of any year, not of the last alone");
    assert_eq!(of(&years, ("2024", 9_000_000)), Some(false), "constants differ in this source");
    assert_eq!(of(&years[..1], ("2024", 716_400)), Some(true));
}

#[test]
fn a_constant_in_many_parts_of_few_amounts_is_weighed_over_all_of_them() {
    let years: Vec<String> = (2015..2025).map(|year| year.to_string()).collect();
    let of = |was: &dyn Fn(i64) -> i64, is: &dyn Fn(i64) -> i64, changed: usize, new: &[&str]| {
        let amounts: Vec<Vec<i64>> = (0..10).map(|year| (0..19).map(|rank| was(year * 19 + rank)).collect()).collect();
        let parts: Vec<(&str, &[i64])> = years.iter().zip(&amounts).map(|(name, all)| (&**name, &**all)).collect();
        let mut now = read(&[]);
        for (year, (name, known)) in parts.iter().enumerate() {
            for (rank, cents) in (0..).zip(known.iter()) {
                let cents = if year < changed { is(rank) } else { *cents };
                now.meet(&Node::Object(Vec::new()), name, (&[statement(cents)], None));
            }
        }
        for (name, rank) in new.iter().flat_map(|name| (0..19).map(move |rank| (name, rank))) {
            now.meet(&Node::Object(Vec::new()), name, (&[statement(is(rank))], None));
        }
        let found = told(&stood(&parts), &now);
        let found = found.into_iter().filter(|(kind, _)| *kind == SourceFindingKind::AmountConstant);
        found.map(|(_, held)| held).collect::<Vec<_>>()
    };
    let varied = |rank: i64| 2_800_000 + rank * 137;
    let nothing: [bool; 0] = [];
    assert_eq!(of(&varied, &|_| 3_100_000, 10, &[]), [true]);
    assert_eq!(of(&varied, &|_| 3_100_000, 2, &[]), [true], "those that did not change weigh nothing");
    assert_eq!(of(&varied, &|_| 3_100_000, 1, &[]), nothing, "nineteen are too few to tell");
    assert_eq!(of(&varied, &|rank| if rank < 15 { 3_100_000 } else { rank }, 10, &[]), [false]);
    assert_eq!(of(&varied, &|rank| varied(rank) + 1, 10, &[]), nothing);
    assert_eq!(of(&|_| 2_125_400, &|_| 2_255_573, 10, &[]), nothing, "a unit that was raised");
    assert_eq!(of(&|_| 2_125_400, &|_| 716_400, 10, &[]), [true]);
    assert_eq!(of(&varied, &|_| 3_100_000, 0, &["2025", "2026"]), [false], "new parts may be of another scheme");
    assert_eq!(of(&|_| 2_125_400, &|_| 2_255_573, 0, &["2025", "2026"]), nothing);
}
