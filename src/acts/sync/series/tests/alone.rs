//! Rows of a second table that stand alone.

use super::*;

/// Thirty plans of two lines, of which `lost` lost one, beside so many rows that stand alone.
fn plans_that_lost(lost: usize, alone: u64) -> Vec<(SourceFindingKind, bool)> {
    let (mut before, mut now) = (Before::default(), read(&[]));
    for rank in 0..30 {
        *before.lines.entry("2025".into()).or_default() += 2;
        now.know("2025");
        if rank < lost {
            before.changed.insert(key(rank), Said::of("2025", &[statement(1_000), statement(5)], &[]));
            now.changed(&key(rank), "2025", &[statement(1_000)]);
        }
    }
    now.alone = alone;
    told(&before, &now)
}

#[test]
fn rows_that_stand_alone_are_told_and_those_that_known_records_lack_hold() {
    let alone = |held| [(SourceFindingKind::RowsUnattached, held)];
    assert_eq!(plans_that_lost(0, 0), []);
    assert_eq!(plans_that_lost(0, 5_000), alone(false), "many lists have some every day");
    assert_eq!(plans_that_lost(12, 12), alone(false), "the limit itself: 12 of 60");
    assert_eq!(plans_that_lost(13, 13), alone(true));
    assert_eq!(plans_that_lost(13, 3), alone(false), "lines that the source dropped itself");
    assert_eq!(plans_that_lost(13, 0), []);
}
