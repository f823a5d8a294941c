//! Sums of which rows come to state a share.

use super::*;
use crate::domain::facts::PartFacts;
use crate::domain::money::BasisPoints;

fn share(rank: usize, cents: i64, points: u32) -> StatementFacts {
    let part = PartFacts { of: Some(format!("D{rank}").into()), share: Some(BasisPoints::new(points)) };
    StatementFacts { part: Some(part), ..statement(cents) }
}

/// Forty grants, of which so many state this share by now, beside rows of these shares of the same amount.
fn turned(count: usize, points: u32, beside: &[u32]) -> Vec<(SourceFindingKind, bool)> {
    let records = different(40);
    let amounts: Vec<i64> = records.iter().map(|(.., cents)| *cents).collect();
    let mut before = stood(&[("2025", &amounts)]);
    let mut now = read(&records);
    for (rank, _, cents) in records.into_iter().take(count) {
        let says = [share(rank, cents, points)];
        let node = Node::Object(vec![("titre".into(), Node::text(format!("Part {rank}")))]);
        now.meet(&node, "2025", (&says, None));
        now.changed(&key(rank), "2025", &says);
        before.changed.insert(key(rank), said("2025", cents));
        for points in beside {
            let node = Node::Object(vec![("titre".into(), Node::text(format!("Part {rank} {points}")))]);
            now.meet(&node, "2025", (&[share(rank, cents, *points)], None));
        }
    }
    now.settle();
    told(&before, &now)
}

#[test]
fn a_sum_that_becomes_a_share_is_stated_no_longer_unless_the_rows_of_its_decision_tell_what_it_is() {
    assert_eq!(turned(40, 5_000, &[]), [(SourceFindingKind::TotalMoved, true)], "alone");
    assert_eq!(turned(40, 5_000, &[5_000]), [(SourceFindingKind::TotalMoved, true)], "the whole, or the part already");
    assert_eq!(turned(40, 6_000, &[3_000]), [(SourceFindingKind::TotalMoved, true)], "they make no whole");
    assert_eq!(turned(40, 6_000, &[4_000]), []);
    assert_eq!(turned(18, 5_000, &[]), [(SourceFindingKind::TotalMoved, false)]);
    assert_eq!(turned(2, 5_000, &[]), []);
}
